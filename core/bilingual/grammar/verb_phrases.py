"""Verb phrases: a verb with its pronouns, objects and places, in both languages."""

from __future__ import annotations

from core.bilingual.grammar.noun_phrases import say_phrase
from core.bilingual.grammar.plans import PlacePlan, VerbPlan
from core.bilingual.grammar.spoken import Both, Phrase, Sheet, Spoken, refusal
from core.bilingual.grammar.surface import Word
from core.bilingual.grammar.tenses import Around, english_verb, french_verb, verb_ideas
from core.bilingual.lexicon.function_words import (
    FREQUENCIES,
    MANNERS,
    OBJECT_PRONOUNS,
    PREPOSITIONS,
    PROPER_PLACES,
)

_REFLEXIVE = ("me", "te", "se", "nous", "se")


def say_verb(
    sheet: Sheet,
    plan: VerbPlan,
    subject: Phrase,
    *,
    question: bool = False,
    preceding: Phrase | None = None,
) -> Spoken:
    """Say a verb phrase in both languages.

    Parameters
    ----------
    sheet : Sheet
        Gathers ideas and combinations held out; changed.
    plan : VerbPlan
        What to say. A question is not denied.
    subject : Phrase
        The verb agrees with it.
    question : bool
        Whether English needs an auxiliary to move ("do").
    preceding : Phrase, optional
        A direct object that stands before the verb ("que"): the participle agrees with it.
    """
    ideas = verb_ideas(sheet)
    sheet.note(subject.key, plan.verb.name)
    needs_do = question or plan.negation == "not"
    lead, english = english_verb(plan, subject.person, ideas, needs_do=needs_do)
    refused = refusal(sheet, plan.negation)
    often_english, often_french = _one(sheet, plan.frequency, FREQUENCIES)
    clitic_english, before = _clitic(sheet, plan)
    if plan.verb.reflexive:
        before = [Word(_REFLEXIVE[subject.person], ideas.verb)]
    french = french_verb(
        plan,
        subject,
        ideas,
        Around(refused, before, often_french),
        needs_do=needs_do,
        agreement=_agreement(plan, preceding),
    )
    tail_english, tail_french = _say_tail(sheet, plan, subject, ideas.verb)
    never = refused.english if plan.negation == "never" else []
    lead += refused.english if plan.negation == "not" else []
    rest = [*never, *often_english, *english, *clitic_english, *tail_english]
    return Spoken(lead, rest, french + tail_french)


def say_place(sheet: Sheet, plan: PlacePlan) -> tuple[list[Word], list[Word], Phrase | None]:
    """Say where; return the English, the French, and the phrase if it is no proper name."""
    idea = sheet.idea()
    english = [Word(word, idea) for word in plan.preposition.split()]
    if isinstance(plan.where, str):
        place, named = PROPER_PLACES[plan.where], sheet.idea()
        french = place.out if plan.preposition == "from" else place.to
        words = [Word(french, idea), Word(place.french, named)]
        return [*english, Word(plan.where, named)], words, None
    where = say_phrase(sheet, plan.where)
    link = [Word(word, idea) for word in PREPOSITIONS[plan.preposition].split()]
    return english + where.english, where.french(link), where


def _one(sheet: Sheet, word: str, translations: dict[str, str]) -> Both:
    """Say one adverb, or nothing."""
    if not word:
        return [], []
    idea = sheet.idea()
    return [Word(word, idea)], [Word(translations[word], idea)]


def _is_dative(plan: VerbPlan) -> bool:
    return plan.verb.link == ("à",) or plan.object is not None


def _clitic(sheet: Sheet, plan: VerbPlan) -> Both:
    """Say an object pronoun, which French puts before the verb."""
    if not plan.pronoun:
        return [], []
    forms, idea = OBJECT_PRONOUNS[plan.pronoun], sheet.idea()
    french = forms.dative if _is_dative(plan) else forms.direct
    return [Word(plan.pronoun, idea)], [Word(french, idea)]


def _agreement(plan: VerbPlan, preceding: Phrase | None) -> tuple[bool, bool]:
    """Return gender and number of the direct object before the verb: (feminine, plural)."""
    if plan.pronoun and not _is_dative(plan):
        forms = OBJECT_PRONOUNS[plan.pronoun]
        return forms.feminine, forms.plural
    if preceding is not None:
        return preceding.feminine, preceding.plural
    return False, False


def _say_tail(sheet: Sheet, plan: VerbPlan, subject: Phrase, idea: frozenset[int]) -> Both:
    """Say what follows the verb: its objects, how, and where."""
    english, french = _say_objects(sheet, plan, idea)
    how_english, how_french = _one(sheet, plan.manner, MANNERS)
    english, french = english + how_english, french + how_french
    for place in plan.places:
        place_english, place_french, where = say_place(sheet, place)
        english, french = english + place_english, french + place_french
        if where is not None:
            sheet.note(plan.verb.name, where.key)
            if (subject.key, where.key) == ("cat", "mat"):
                sheet.note("cat", "mat")
    return english, french


def _say_objects(sheet: Sheet, plan: VerbPlan, idea: frozenset[int]) -> Both:
    """Say the object and the one to whom it goes, in the order of each language."""
    if plan.object is None:
        return [], []
    what = say_phrase(sheet, plan.object)
    sheet.note(plan.verb.name, what.key)
    link = [Word(word, idea) for word in plan.verb.link]
    french = what.french(link, negated=bool(plan.negation))
    if plan.recipient is None:
        return what.english, french
    to_whom, mark = say_phrase(sheet, plan.recipient), sheet.idea()
    french += to_whom.french([Word("à", mark)])
    if not plan.recipient_first:
        return [*what.english, Word("to", mark), *to_whom.english], french
    # English says nothing for "à" here, so it belongs with the receiver's own word.
    head = to_whom.english[-1]
    return [*to_whom.english[:-1], Word(head.text, head.ideas | mark), *what.english], french
