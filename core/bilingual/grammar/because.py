"""Reasons: a pronoun after "because" must find its noun, to become il or elle."""

from __future__ import annotations

from core.bilingual.grammar.being import say_being
from core.bilingual.grammar.clauses import say_clause
from core.bilingual.grammar.plans import (
    BecausePlan,
    BePlan,
    Feeling,
    NounPlan,
    PhrasePlan,
    PronounPlan,
    Quality,
    VerbPlan,
)
from core.bilingual.grammar.pointing import say_weather
from core.bilingual.grammar.spoken import Both, Part, Phrase, Sheet
from core.bilingual.grammar.surface import Word
from core.bilingual.lexicon.nouns import Noun
from core.bilingual.lexicon.verbs import IL, ILS


def say_because(sheet: Sheet, plan: BecausePlan) -> Both:
    """Say "the animal did not cross the street because it was too tired", without a full stop.

    Raises
    ------
    ValueError
        If the clause is not a verb with one noun as its object.
    KeyError
        If the adjective does not go with what it is said of.
    """
    does = plan.clause.does
    if not isinstance(does, VerbPlan) or not isinstance(does.object, NounPlan):
        raise ValueError("A reason of this kind needs a verb with a noun as its object.")
    clause = say_clause(sheet, plan.clause)
    noun, plural = does.object.noun, does.object.plural
    if plan.of_doer:
        referent = pronoun_for(sheet, plan.clause.subject, clause.subject)
        key = clause.subject.key
    else:
        word = "they" if plural else "it"
        referent = _pronoun(sheet, word, plural, noun.feminine, noun)
        key = noun.english
    quality = Quality((plan.adjective,), plan.degree)
    being = BePlan(quality, "past" if plan.past else "present")
    spoken = say_being(sheet, being, referent)
    sheet.note(plan.adjective, key)
    because, parce_que = _because(sheet)
    english = [*clause.english, *because, *referent.english, *spoken.lead, *spoken.rest]
    return english, [*clause.french, *parce_que, *referent.french(), *spoken.french]


def say_feeling(
    sheet: Sheet, subject: PhrasePlan, phrase: Phrase, what: Quality | Feeling, tense: str
) -> Both:
    """Say "because she was hungry" of the subject of a clause that has been said."""
    because, parce_que = _because(sheet)
    who = pronoun_for(sheet, subject, phrase)
    spoken = say_being(sheet, BePlan(what, tense), who)
    english = [*because, *who.english, *spoken.lead, *spoken.rest]
    return english, [*parce_que, *who.french(), *spoken.french]


def say_because_of_weather(sheet: Sheet, weather: str, *, past: bool) -> Both:
    """Say "because it was raining"."""
    because, parce_que = _because(sheet)
    spoken, it = say_weather(sheet, weather, past=past)
    return [*because, *it, *spoken.lead, *spoken.rest], parce_que + spoken.french


def pronoun_for(sheet: Sheet, plan: PhrasePlan, phrase: Phrase) -> Phrase:
    """Return the pronoun that stands for a subject in a later clause."""
    if isinstance(plan, PronounPlan):
        idea = sheet.idea()
        french = [Part([], [Word(phrase.parts[0].body[0].text, idea)])]
        return Phrase([Word(plan.pronoun, idea)], french, phrase.person, phrase.feminine)
    noun = plan.noun if isinstance(plan, NounPlan) else None
    if phrase.plural:
        english = "they"
    elif noun is not None and "person" not in noun.tags:
        english = "it"
    else:
        english = "she" if phrase.feminine else "he"
    return _pronoun(sheet, english, phrase.plural, phrase.feminine, noun)


def _pronoun(sheet: Sheet, english: str, plural: bool, feminine: bool, noun: Noun | None) -> Phrase:
    idea = sheet.idea()
    french = ("elle" if feminine else "il") + ("s" if plural else "")
    person = ILS if plural else IL
    words = [Part([], [Word(french, idea)])]
    return Phrase([Word(english, idea)], words, person, feminine, noun=noun)


def _because(sheet: Sheet) -> Both:
    idea = sheet.idea()
    return [Word("because", idea)], [Word("parce", idea), Word("que", idea)]
