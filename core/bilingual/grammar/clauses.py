"""Whole clauses, statements or questions: a subject, what it does, and when."""

from __future__ import annotations

from dataclasses import dataclass

from core.bilingual.grammar.being import say_being
from core.bilingual.grammar.noun_phrases import say_phrase
from core.bilingual.grammar.plans import BePlan, ClausePlan, PhrasePlan, RelativePlan, VerbPlan
from core.bilingual.grammar.spoken import Both, Phrase, Sheet, Spoken
from core.bilingual.grammar.surface import Word
from core.bilingual.grammar.verb_phrases import say_verb
from core.bilingual.lexicon.function_words import TIMES


@dataclass(slots=True)
class Clause:
    """A clause, said."""

    english: list[Word]
    french: list[Word]
    subject: Phrase


def say_clause(sheet: Sheet, plan: ClausePlan) -> Clause:
    """Say a statement."""
    subject, english, french = say_subject(sheet, plan.subject, plan.relative)
    spoken = _say_doing(sheet, plan.does, subject)
    english = [*english, *spoken.lead, *spoken.rest]
    return Clause(*_with_time(sheet, plan, english, french + spoken.french), subject)


def say_question(sheet: Sheet, plan: ClausePlan, asking: frozenset[int]) -> Clause:
    """Say a question, which begins with an auxiliary in English, without the "est-ce que".

    The idea ``asking`` is that of "est-ce que": the auxiliary carries it too.
    """
    subject, english, french = say_subject(sheet, plan.subject, plan.relative)
    spoken = _say_doing(sheet, plan.does, subject, question=True)
    english = [*with_idea(spoken.lead, asking), *english, *spoken.rest]
    return Clause(*_with_time(sheet, plan, english, french + spoken.french), subject)


def est_ce_que(asking: frozenset[int]) -> list[Word]:
    """Return the French words that open a question."""
    return [Word("est-ce", asking), Word("que", asking)]


def with_idea(words: list[Word], idea: frozenset[int]) -> list[Word]:
    """Return the words with an idea given to the first of them."""
    return [Word(words[0].text, words[0].ideas | idea), *words[1:]]


def say_subject(
    sheet: Sheet, plan: PhrasePlan, relative: RelativePlan | None
) -> tuple[Phrase, list[Word], list[Word]]:
    """Say a noun phrase; return it, and its words with a relative clause if it has one."""
    phrase = say_phrase(sheet, plan)
    if relative is None:
        return phrase, list(phrase.english), phrase.french()
    link = sheet.idea()
    if relative.subject is None:
        spoken = say_verb(sheet, relative.does, phrase)
        english = [*phrase.english, Word("who", link), *spoken.lead, *spoken.rest]
        return phrase, english, [*phrase.french(), Word("qui", link), *spoken.french]
    doer = say_phrase(sheet, relative.subject)
    sheet.note(relative.does.verb.name, phrase.key)
    spoken = say_verb(sheet, relative.does, doer, preceding=phrase)
    english = [Word("that", link), *doer.english, *spoken.lead, *spoken.rest]
    french = [Word("que", link), *doer.french(), *spoken.french]
    return phrase, phrase.english + english, phrase.french() + french


def _say_doing(
    sheet: Sheet, does: VerbPlan | BePlan, subject: Phrase, *, question: bool = False
) -> Spoken:
    if isinstance(does, BePlan):
        return say_being(sheet, does, subject)
    return say_verb(sheet, does, subject, question=question)


def _with_time(sheet: Sheet, plan: ClausePlan, english: list[Word], french: list[Word]) -> Both:
    if not plan.time:
        return english, french
    when_english, when_french = say_time(sheet, plan.time)
    if plan.time_first:
        return when_english + english, when_french + french
    return english + when_english, french + when_french


def say_time(sheet: Sheet, time: str) -> Both:
    """Say when. "last week" and "la semaine dernière" cross; "la" belongs to the noun."""
    english: list[Word] = []
    french: list[Word] = []
    for words, translation in TIMES[time].parts:
        idea = sheet.idea()
        english += [Word(word, idea) for word in words.split()]
        french += [Word(word, idea) for word in translation.split()]
    if time.startswith(("last", "next")):
        french = [Word("la", french[1].ideas), french[1], french[0]]
    return english, french
