"""What fits each slot of the menus: lists of words, made from the tables of the lexicon."""

from __future__ import annotations

from core.bilingual.lexicon.adjectives import adjectives_for
from core.bilingual.lexicon.fitting import PLACES_OF, attributes
from core.bilingual.lexicon.function_words import (
    NAMES,
    POSSESSIVES,
    PROPER_PLACES,
    SUBJECT_PRONOUNS,
    TIMES,
)
from core.bilingual.lexicon.nouns import NOUNS, Noun, nouns_with
from core.bilingual.lexicon.reasons import FAMILIES
from core.bilingual.lexicon.verbs import VERBS

_NONE = ("",)
_MANY = frozenset(["these", "those", "two", "three", "many", "some", "any", "all"])
_ONE = frozenset(["a", "this", "that", "every"])
_LOOSE = frozenset(["a", "many", "every", "all"])  # denied, they would say two things
_HEADINGS = ("act", "self", "move", "dwell", "deed", "own")
_ASKED = frozenset(["present", "past", "progressive", "future", "can"])


def subject_options() -> tuple[str, ...]:
    """Return people and animals, names and pronouns."""
    nouns = tuple(noun.english for noun in nouns_with("animal person"))
    return (*nouns, *NAMES, *SUBJECT_PRONOUNS)


def _owners(noun: Noun) -> tuple[str, ...]:
    return tuple(POSSESSIVES) if noun.may_be_owned else ()


def determiner_options(subject: str) -> tuple[str, ...]:
    """Return the determiners of a subject; none for names and pronouns."""
    if subject not in NOUNS:
        return _NONE
    words = ("the", "a", "this", "that", "these", "those", "two", "three", "many", "every", "all")
    return (*words[:2], *_owners(NOUNS[subject]), *words[2:])


def number_options(noun: str, determiner: str) -> tuple[str, ...]:
    """Return "one" and "many" where the determiner and the noun leave the choice."""
    if noun not in NOUNS:
        return _NONE
    if determiner in _MANY and not NOUNS[noun].mass:
        return ("many",)
    if determiner in _ONE or NOUNS[noun].mass:
        return ("one",)
    if determiner == "":
        return ("many",)
    return ("one",) if NOUNS[noun].same_plural else ("one", "many")


def adjective_options(noun: str, determiner: str) -> tuple[str, ...]:
    """Return the adjectives that fit between a determiner and a noun, after none."""
    if noun not in NOUNS:
        return _NONE
    words = (each.english for each in attributes(NOUNS[noun], determiner))
    return ("", *sorted(dict.fromkeys(words)))


def verb_options(subject: str) -> tuple[str, ...]:
    """Return the verbs that a subject does, by their keys."""
    tags = NOUNS[subject].tags if subject in NOUNS else frozenset(["person"])
    return tuple(
        sorted(
            verb.key
            for verb in VERBS.values()
            if verb.flags & set(_HEADINGS) and verb.subjects & tags
        )
    )


def tense_options(verb: str, subject: str, number: str) -> tuple[str, ...]:
    """Return the tenses that a verb has, and in which English tells now from then."""
    chosen = VERBS[verb]
    third = number == "one" or subject in NAMES or subject in {"he", "she"}
    past = ("past",) if third or chosen.base != chosen.past else ()
    if chosen.stative:
        return ("present", *past)
    tenses = ["present", *past, "future", "can", "must", "want", "wanted", "need"]
    if "brief" not in chosen.flags:
        tenses.insert(1, "progressive")
    if "long" in chosen.flags:
        tenses.append("like")
        tenses += [] if chosen.objects else ["was doing"]
    return tuple(tenses)


def negation_options(verb: str, tense: str, determiner: str) -> tuple[str, ...]:
    """Return "", "not" and "never" as far as they fit."""
    if determiner in _LOOSE:
        return _NONE
    never = tense in {"present", "past"} and not VERBS[verb].stative
    return ("", "not", "never") if never else ("", "not")


def form_options(tense: str, negation: str) -> tuple[str, ...]:
    """Return "statement" and "question": only what is not denied is asked."""
    return ("statement", "question") if tense in _ASKED and not negation else ("statement",)


def object_options(verb: str) -> tuple[str, ...]:
    """Return the nouns that a verb takes."""
    chosen = VERBS[verb]
    if not chosen.objects or "move" in chosen.flags:
        return _NONE
    nouns = nouns_with(" ".join(sorted(chosen.objects)))
    if "taste" in chosen.flags:
        nouns = tuple(noun for noun in nouns if not noun.same_plural)
    return tuple(noun.english for noun in nouns)


def object_determiner_options(verb: str, noun: str, negation: str, form: str) -> tuple[str, ...]:
    """Return the determiners of an object; "" is the kind as a whole ("eats cheese")."""
    if noun not in NOUNS:
        return _NONE
    chosen, taste = NOUNS[noun], "taste" in VERBS[verb].flags
    owners = _owners(chosen)
    some = "any" if negation or form == "question" else "some"
    if taste:
        return ("the", "", *owners, "this", "that")
    if chosen.mass:
        return ("the", "", some, *owners, "this", "that")
    words = ["the", "a", *owners, "this", "that", "these", "those", "two", "three"]
    if not chosen.same_plural:
        words += [some, ""]
    if not negation and form == "statement":
        words += ["many", "every", "all"]
    if negation:
        denied = {"two", "three", ""} | ({"a", "any"} if "person" in chosen.tags else set())
        words = [word for word in words if word not in denied]
    return tuple(words)


def preposition_options(verb: str) -> tuple[str, ...]:
    """Return the prepositions that go with a verb; "" where it needs no place."""
    chosen = VERBS[verb]
    if "move" in chosen.flags:
        return ("to", "from") if verb == "come" else ("to",)
    if "dwell" in chosen.flags:
        return ("in",)
    if "lie" in chosen.flags:
        return ("", "on", "under", "in", "near", "behind", "next to", "in front of")
    if "act" in chosen.flags and chosen.flags & {"long", "way"} and "air" not in chosen.flags:
        return ("", "in", "at", "with", "near", "in front of", "behind")
    if "deed" in chosen.flags and not chosen.stative:
        inside = chosen.objects & {"cross", "visit", "enter"}
        return _NONE if inside else ("", "in", "at", "with", "in front of")
    return _NONE


def place_options(preposition: str) -> tuple[str, ...]:
    """Return the nouns that a preposition takes, and towns and countries."""
    if not preposition:
        return _NONE
    nouns = tuple(noun.english for noun in nouns_with(PLACES_OF[preposition]))
    return nouns + (tuple(PROPER_PLACES) if preposition in {"in", "to", "from"} else ())


def time_options(verb: str, tense: str, negation: str) -> tuple[str, ...]:
    """Return the expressions of time that a tense allows."""
    if VERBS[verb].stative or negation == "never":
        return _NONE
    return ("", *(time.english for time in TIMES.values() if tense in time.tenses))


def reason_options(
    verb: str, doer: tuple[str, str], thing: tuple[str, str], tense: str
) -> tuple[str, ...]:
    """Return the adjectives that may follow "because it was too".

    Parameters
    ----------
    verb : str
        A key of ``VERBS``.
    doer, thing : tuple of str
        The subject and the object, each with its adjective, which is not said again.
    tense : str
        Only what is, was or could be has such a reason.
    """
    family = next((each for each in FAMILIES if each.verb == verb), None)
    if family is None or tense not in {"present", "past", "can", "want", "wanted"}:
        return _NONE
    words = [word for word in family.of_doer if _apt(word, *doer)]
    words += [word for word in family.of_thing if _apt(word, *thing)]
    return ("", *dict.fromkeys(words))


def _apt(word: str, noun: str, said: str) -> bool:
    known = adjectives_for(NOUNS.get(noun, NOUNS["man"]))
    return word != said and any(each.english == word and each.predicate for each in known)
