"""Sentences that point: "there is ..." (il y a), "this is ..." (c'est), "it is raining"."""

from __future__ import annotations

from core.bilingual.grammar.clauses import say_subject
from core.bilingual.grammar.noun_phrases import say_phrase
from core.bilingual.grammar.plans import NounPlan, PlacePlan, RelativePlan
from core.bilingual.grammar.spoken import Sheet, Spoken, refusal
from core.bilingual.grammar.surface import Word
from core.bilingual.grammar.tenses import english_be
from core.bilingual.grammar.verb_phrases import say_place
from core.bilingual.lexicon.verbs import IL, ILS

WEATHERS = {  # French in the present and in the past
    "raining": ("pleut", "pleuvait"),
    "snowing": ("neige", "neigeait"),
    "cold": ("fait froid", "faisait froid"),
    "hot": ("fait chaud", "faisait chaud"),
    "late": ("est tard", "était tard"),
}
# What is said, and the English word that stands before "is" in a statement, after it in a question.
Pointed = tuple[Spoken, list[Word]]


def say_there(sheet: Sheet, what: NounPlan, place: PlacePlan, *, past: bool = False) -> Pointed:
    """Say "there is ..."; return it, and the word "there"."""
    here, idea = sheet.idea(), sheet.idea()
    phrase = say_phrase(sheet, what)
    english, french, _ = say_place(sheet, place)
    # "There is no cat": the one word "no" is "ne ... pas de".
    no = phrase.parts[0].article[0].ideas if what.determiner == "no" else None
    ne, pas = ([Word("ne", no)], [Word("pas", no)]) if no else ([], [])
    lead = [Word(english_be(phrase.person, past=past), idea)]
    finite = Word("avait" if past else "a", idea)
    start = [Word("il", here), *ne, Word("y", here), finite, *pas]
    spoken = Spoken(lead, phrase.english + english, start + phrase.french() + french)
    return spoken, [Word("there", here)]


def say_identity(
    sheet: Sheet,
    pointer: str,
    noun: NounPlan,
    relative: RelativePlan | None = None,
    *,
    past: bool = False,
    negated: bool = False,
) -> Pointed:
    """Say "this is ..." ("c'est ..."); return it, and the English pointer."""
    phrase, english, french = say_subject(sheet, noun, relative)
    shown, idea = sheet.idea(), sheet.idea()
    refused = refusal(sheet, "not" if negated else "")
    one, many = ("était", "étaient") if past else ("est", "sont")
    be = english_be(ILS if phrase.plural else IL, past=past)
    finite = Word(many if phrase.plural else one, idea)
    start = [Word("ce", shown), *refused.ne, finite, *refused.pas]
    spoken = Spoken([Word(be, idea), *refused.english], english, start + french)
    return spoken, [Word(pointer, shown)]


def say_weather(sheet: Sheet, weather: str, *, past: bool = False) -> Pointed:
    """Say "it is raining"; return it, and the English "it"."""
    dummy, idea, kind = sheet.idea(), sheet.idea(), sheet.idea()
    first, _, second = WEATHERS[weather][past].partition(" ")
    french = [Word(first, idea), Word(second, kind)] if second else [Word(first, idea | kind)]
    lead = [Word("was" if past else "is", idea)]
    return Spoken(lead, [Word(weather, kind)], [Word("il", dummy), *french]), [Word("it", dummy)]
