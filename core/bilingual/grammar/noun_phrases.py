"""Noun phrases in both languages: determiners, adjectives, owners, and two joined by "and"."""

from __future__ import annotations

from core.bilingual.grammar.plans import NamePlan, NounPlan, PhrasePlan, PronounPlan
from core.bilingual.grammar.spoken import Both, Indefinite, Part, Phrase, Sheet
from core.bilingual.grammar.surface import Word, opens_with_vowel
from core.bilingual.lexicon.adjectives import adjective
from core.bilingual.lexicon.function_words import NAMES, NUMBERS, POSSESSIVES, SUBJECT_PRONOUNS
from core.bilingual.lexicon.nouns import Noun
from core.bilingual.lexicon.verbs import IL, ILS

_ONE_WORD = {"these": "ces", "those": "ces", "several": "plusieurs", "every": "chaque"}


def say_phrase(sheet: Sheet, plan: PhrasePlan) -> Phrase:
    """Say a noun phrase in both languages.

    Parameters
    ----------
    sheet : Sheet
        Gathers ideas and combinations held out; changed.
    plan : PhrasePlan
        What to name. A noun and an adjective must go together.

    Raises
    ------
    KeyError
        If an adjective does not go with the noun.
    """
    if isinstance(plan, NounPlan):
        return _say_noun(sheet, plan)
    idea = sheet.idea()
    if isinstance(plan, NamePlan):
        french, feminine = NAMES[plan.name]
        return Phrase([Word(plan.name, idea)], [Part([], [Word(french, idea)])], IL, feminine)
    if isinstance(plan, PronounPlan):
        french, person, feminine = SUBJECT_PRONOUNS[plan.pronoun]
        words = [Word(plan.pronoun, idea)]
        return Phrase(words, [Part([], [Word(french, idea)])], person, feminine)
    first, second = say_phrase(sheet, plan.first), say_phrase(sheet, plan.second)
    return Phrase(
        [*first.english, Word("and", idea), *second.english],
        first.parts + second.parts,
        ILS,
        first.feminine and second.feminine,  # mixed company is masculine
        joint=Word("et", idea),
    )


def _say_noun(sheet: Sheet, plan: NounPlan) -> Phrase:
    noun, idea = plan.noun, sheet.idea()
    english, body = _say_described(sheet, plan, idea)
    person = ILS if plan.plural else IL
    if plan.owner is not None:
        # "the boy's dog": "le" and "de" both stand for the 's.
        owner, mark = say_phrase(sheet, plan.owner), sheet.idea()
        english = [*owner.english, Word("'s", mark), *english]
        body += owner.french([Word("de", mark)])
        part = Part([Word(_the(noun, plan.plural), mark)], body)
        return Phrase(english, [part], person, noun.feminine, noun.english, noun)
    opened = body[0].ideas != idea
    shown, article, indefinite = _determine(sheet, plan, idea, body[0].text, opened)
    if shown and shown[-1].text == "a" and _takes_an(english[0].text):
        shown = [Word("an", shown[-1].ideas)]
    part = Part(article, body, indefinite)
    return Phrase([*shown, *english], [part], person, noun.feminine, noun.english, noun)


def _say_described(sheet: Sheet, plan: NounPlan, idea: frozenset[int]) -> Both:
    """Return a noun among its adjectives, which French puts before it or after it."""
    noun, plural = plan.noun, plan.plural
    english = [Word(noun.english_plural if plural else noun.english, idea)]
    head = Word(noun.french_plural if plural else noun.french, idea)
    before: list[Word] = []
    after: list[Word] = []
    for name in reversed(plan.adjectives):
        sheet.note(name, noun.english)
        described, quality = adjective(name, noun), sheet.idea()
        english.insert(0, Word(name, quality))
        form = described.agree(noun.feminine, plural)
        if not described.before:
            after.insert(0, Word(form, quality))
            continue
        next_word = before[0] if before else head
        if not (noun.feminine or plural) and opens_with_vowel(next_word.text):
            form = described.before_vowel
        before.insert(0, Word(form, quality))
    return english, [*before, head, *after]


def _takes_an(word: str) -> bool:
    return word[0] in "aeiou" and word != "useful"


def _the(noun: Noun, plural: bool) -> str:
    if plural:
        return "les"
    return "la" if noun.feminine else "le"


def _determine(
    sheet: Sheet, plan: NounPlan, idea: frozenset[int], next_french: str, opened: bool
) -> tuple[list[Word], list[Word], Indefinite]:
    """Return the English determiner, the French one, and whether it is indefinite.

    ``opened`` says that an adjective stands between the French determiner and the noun.
    """
    noun, name = plan.noun, plan.determiner
    own = idea if name in {"bare", "generic"} else sheet.idea()
    if name in {"some", "any", "no", "bare"}:
        shown = [] if name == "bare" else [Word(name, own)]
        return shown, _partitive(plan, own, opened), "some"
    if name == "all":
        every = sheet.idea()
        tous = Word("toutes" if noun.feminine else "tous", every)
        return [Word("all", every), Word("the", own)], [tous, Word("les", own)], ""
    if name in {"many", "how many"}:
        amount = "beaucoup" if name == "many" else "combien"
        shown = [Word(word, own) for word in name.split()]
        return shown, [Word(amount, own), Word("de", own)], ""
    if name == "a":
        return [Word("a", own)], [Word("une" if noun.feminine else "un", own)], "one"
    if name == "generic":
        return [], [Word(_the(noun, plan.plural), own)], ""
    french = _one_word(name, noun, plan.plural, opens_with_vowel(next_french))
    return [Word(name, own)], [Word(french, own)], ""


def _partitive(plan: NounPlan, own: frozenset[int], opened: bool) -> list[Word]:
    """Return "du", "de la", "des", or only "de": of many before an adjective, and of none."""
    if plan.noun.mass:
        return [Word("de", own), Word(_the(plan.noun, False), own)]
    plain = not plan.plural or plan.determiner == "no" or opened
    return [Word("de" if plain else "des", own)]


def _one_word(name: str, noun: Noun, plural: bool, vowel: bool) -> str:
    """Return the French of a determiner that is one word in both languages."""
    if name == "the":
        return _the(noun, plural)
    if name in {"this", "that"}:
        masculine = "cet" if vowel else "ce"
        return "cette" if noun.feminine else masculine
    if name in POSSESSIVES:
        masculine, feminine, several = POSSESSIVES[name]
        if plural:
            return several
        return feminine if noun.feminine and not vowel else masculine
    return NUMBERS.get(name) or _ONE_WORD[name]
