"""Chance plans of what a verb is completed with: objects, receivers, places, a manner."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from core.bilingual.chance.phrases import (
    choose_both,
    choose_noun,
    choose_object_pronoun,
    choose_place,
    plan_noun,
)
from core.bilingual.chance.weights import ASKED, OBJECT, OWNED, RECEIVER, REFUSED, Weights
from core.bilingual.grammar.plans import (
    NamePlan,
    NounPlan,
    PhrasePlan,
    PlacePlan,
    PronounPlan,
    VerbPlan,
)
from core.bilingual.lexicon.function_words import COUNTRIES, NAMES
from core.bilingual.lexicon.nouns import NOUNS, nouns_with
from core.bilingual.lexicon.verbs import Verb

# The kinds of clause that a verb can make, and how often each comes.
KINDS: Weights = {
    "act": 14, "act place": 10, "self": 8, "self place": 6, "deed": 36, "move": 6, "dwell": 3,
    "give": 8, "clitic": 9, "taste": 4, "own": 10,
}  # fmt: skip
_PREPOSITIONS = {
    "act": "in in at with near in_front_of behind",
    "lie": "on on under in near behind next_to in_front_of",
    "swim": "with near",
}


def spaced(words: frozenset[str]) -> str:
    """Return tags as one string, in an order that does not change."""
    return " ".join(sorted(words))


def kind_of(rng: Random, verb: Verb) -> str:
    """Choose one of the kinds of clause that a verb can make."""
    if "taste" in verb.flags:
        return "taste"
    kinds = [kind for kind in KINDS if kind.split()[0] in verb.flags]
    somewhere = verb.flags & {"long", "lie", "way", "abroad"} and "air" not in verb.flags
    if "place" in kinds[-1] and not somewhere:
        kinds = kinds[:1]
    return rng.choice(kinds)


def complete(
    rng: Random,
    kind: str,
    plan: VerbPlan,
    subject: PhrasePlan,
    *,
    question: bool = False,
    simple: bool = False,
) -> VerbPlan:
    """Give a verb its objects and places.

    Parameters
    ----------
    rng : Random
        The source of chance; changed.
    kind : str
        One of ``KINDS``.
    plan : VerbPlan
        The verb with its tense and negation.
    subject : PhrasePlan
        Who does it: "I" do not see "me".
    question : bool
        Whether "any" may stand for "some".
    simple : bool
        Whether to leave out what the verb does not need.
    """
    if kind in {"act", "self"}:
        return plan if simple else _manner(rng, plan, subject)
    if kind in {"act place", "self place", "move", "dwell"}:
        return replace(plan, places=(_where(rng, kind, plan.verb),))
    if kind == "clitic":
        return replace(plan, pronoun=choose_object_pronoun(rng, subject))
    if kind == "taste":
        return replace(plan, object=choose_liked(rng, plan.verb))
    plan = replace(plan, object=_object(rng, kind, plan, question=question))
    if kind == "give":
        return _given(rng, plan, subject)
    return plan if simple or kind != "deed" else _perhaps_somewhere(rng, plan)


def _object(rng: Random, kind: str, plan: VerbPlan, *, question: bool) -> PhrasePlan:
    """Choose the object of a deed, a gift, or what one has, wants or needs."""
    verb, plain = plan.verb, not plan.negation and not question
    if kind == "deed" and plain and rng.random() < 0.05:
        tags = spaced(verb.objects & {"person", "animal", "thing", "clothes", "count"})
        if tags:
            sort = rng.choice(tags.split())
            return choose_both(rng, sort, {"the": 5, "my": 2, "a": 4})
    if "person" in verb.objects and rng.random() < 0.12:
        return NamePlan(rng.choice(list(NAMES)))
    weights = REFUSED if plan.negation else (ASKED if question else OBJECT)
    return choose_noun(rng, spaced(verb.objects), OWNED if kind == "own" and plain else weights)


def _perhaps_somewhere(rng: Random, plan: VerbPlan) -> VerbPlan:
    """Perhaps say where a deed is done, if its object is a noun and no place."""
    if plan.verb.stative or plan.verb.objects & {"cross", "visit", "enter"}:
        return plan
    if not isinstance(plan.object, NounPlan) or rng.random() >= 0.22:
        return plan
    return replace(plan, places=(choose_place(rng, "in in at with in_front_of"),))


def _where(rng: Random, kind: str, verb: Verb) -> PlacePlan:
    if kind == "move":
        way = "from" if verb.key == "come" and rng.random() < 0.6 else "to"
        return choose_place(rng, way, proper=0.3)
    if kind == "dwell":
        return choose_place(rng, "in", proper=0.5)
    if "swim" in verb.flags and rng.random() < 0.5:
        return PlacePlan("in", NounPlan(NOUNS["river"]))
    if "abroad" in verb.flags:
        return PlacePlan("in", rng.choice(COUNTRIES))
    way = next((flag for flag in ("lie", "swim") if flag in verb.flags), "act")
    proper = 0.35 if "long" in verb.flags and "animal" not in verb.subjects else 0.0
    return choose_place(rng, _PREPOSITIONS[way], proper=proper)


def _given(rng: Random, plan: VerbPlan, subject: PhrasePlan) -> VerbPlan:
    """Choose to whom the object goes."""
    if rng.random() < 0.4:
        return replace(plan, pronoun=choose_object_pronoun(rng, subject))
    who: PhrasePlan
    if rng.random() < 0.25:
        who = NamePlan(rng.choice(list(NAMES)))
    else:
        who = choose_noun(rng, "person", RECEIVER, described=0.12, owned=0)
    return replace(plan, recipient=who, recipient_first=rng.random() < 0.45)


def choose_liked(rng: Random, verb: Verb) -> NounPlan:
    """Choose what is liked: a kind of thing ("cats", "cheese") more often than one of them."""
    pool = [noun for noun in nouns_with(spaced(verb.objects)) if not noun.same_plural]
    noun = rng.choice(pool)
    if rng.random() < 0.6:
        return NounPlan(noun, "generic", not noun.mass)
    return plan_noun(rng, noun, {"the": 5, "my": 3, "this": 2})


def _manner(rng: Random, plan: VerbPlan, subject: PhrasePlan) -> VerbPlan:
    flags = plan.verb.flags
    if rng.random() > 0.22 or plan.negation == "never" or not flags & {"long", "way"}:
        return plan
    choices = ["here", "there", "outside"] if "long" in flags else []
    if "way" in flags:
        choices += ["slowly", "quickly"] * 2
    if "long" in flags and is_many(subject):
        choices += ["together"] * 3
    return replace(plan, manner=rng.choice(choices))


def is_many(subject: PhrasePlan) -> bool:
    """Say whether a subject is more than one."""
    if isinstance(subject, PronounPlan):
        return subject.pronoun in {"we", "they"}
    if isinstance(subject, NounPlan):
        return subject.plural
    return not isinstance(subject, NamePlan)
