"""A sentence built from menus: slots, the options that fit each, and the pair that they make."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import cast

from core.bilingual.grammar.because import say_because
from core.bilingual.grammar.clauses import est_ce_que, say_clause, say_question
from core.bilingual.grammar.plans import (
    BecausePlan,
    ClausePlan,
    NamePlan,
    Negation,
    NounPlan,
    PhrasePlan,
    PlacePlan,
    PronounPlan,
    Tense,
    VerbPlan,
)
from core.bilingual.grammar.spoken import Sheet
from core.bilingual.lexicon.function_words import NAMES, PROPER_PLACES, SUBJECT_PRONOUNS
from core.bilingual.lexicon.nouns import NOUNS
from core.bilingual.lexicon.reasons import FAMILIES
from core.bilingual.lexicon.verbs import VERBS
from core.bilingual.menu_options import (
    adjective_options,
    determiner_options,
    form_options,
    negation_options,
    number_options,
    object_determiner_options,
    object_options,
    place_options,
    preposition_options,
    reason_options,
    subject_options,
    tense_options,
    time_options,
    verb_options,
)
from core.bilingual.pair import SentencePair


@dataclass(frozen=True, slots=True)
class MenuChoices:
    """One option of each slot, as text; "" leaves a slot out.

    The slots stand in the order in which they are chosen: what fits one depends only on those
    before it.

    Attributes
    ----------
    subject : str
        A noun, a name or a pronoun, in English.
    determiner : str
        "the", "a", "my" ... of a noun.
    number : str
        "one" or "many" of a noun.
    adjective : str
        Of the subject.
    verb : str
        A key of ``VERBS``.
    tense, negation : str
        See `core.bilingual.grammar.plans.VerbPlan`.
    form : str
        "statement" or "question".
    object : str
        A noun.
    object_determiner, object_number, object_adjective : str
        As for the subject; the determiner "" says the kind as a whole ("eats cheese").
    preposition, place : str
        "on" and a noun, or "in" and a town or country. The place has "the".
    time : str
        A key of ``TIMES``.
    reason : str
        The adjective of "because it was too ...".
    """

    subject: str = "cat"
    determiner: str = "the"
    number: str = "one"
    adjective: str = ""
    verb: str = "sit"
    tense: str = "past"
    negation: str = ""
    form: str = "statement"
    object: str = ""
    object_determiner: str = ""
    object_number: str = ""
    object_adjective: str = ""
    preposition: str = "on"
    place: str = "mat"
    time: str = ""
    reason: str = ""


SLOTS: tuple[str, ...] = tuple(field.name for field in fields(MenuChoices))

_OPTIONS: dict[str, Callable[[MenuChoices], tuple[str, ...]]] = {
    "subject": lambda made: subject_options(),
    "determiner": lambda made: determiner_options(made.subject),
    "number": lambda made: number_options(made.subject, made.determiner),
    "adjective": lambda made: adjective_options(made.subject, made.determiner),
    "verb": lambda made: verb_options(made.subject),
    "tense": lambda made: tense_options(made.verb, made.subject, made.number),
    "negation": lambda made: negation_options(made.verb, made.tense, made.determiner),
    "form": lambda made: form_options(made.tense, made.negation),
    "object": lambda made: object_options(made.verb),
    "object_determiner": lambda made: object_determiner_options(
        made.verb, made.object, made.negation, made.form
    ),
    "object_number": lambda made: number_options(made.object, made.object_determiner),
    "object_adjective": lambda made: adjective_options(made.object, made.object_determiner),
    "preposition": lambda made: preposition_options(made.verb),
    "place": lambda made: place_options(made.preposition),
    "time": lambda made: time_options(made.verb, made.tense, made.negation),
    "reason": lambda made: (
        reason_options(
            made.verb,
            (made.subject, made.adjective),
            (made.object, made.object_adjective),
            made.tense,
        )
        if made.negation == "not" and made.form == "statement" and not made.time
        else ("",)
    ),
}


def options(choices: MenuChoices, slot: str) -> tuple[str, ...]:
    """Return what fits a slot, given the choices in the slots before it; never empty."""
    return _OPTIONS[slot](choices)


def settle(choices: MenuChoices) -> MenuChoices:
    """Return the choices with each one that does not fit replaced by the first that does."""
    for slot in SLOTS:
        fitting = options(choices, slot)
        if getattr(choices, slot) not in fitting:
            choices = replace(choices, **{slot: fitting[0]})
    return choices


def label(slot: str, option: str) -> str:
    """Return an option as a person reads it: "look for" for "look_for", a dash for none."""
    if slot == "verb":
        return VERBS[option].name
    return option or "\N{EN DASH}"


def say(choices: MenuChoices) -> SentencePair:
    """Say the sentence that the choices make, in both languages, with its alignment.

    Raises
    ------
    ValueError
        If a choice does not fit those before it; `settle` makes them fit.
    """
    for slot in SLOTS:
        if getattr(choices, slot) not in options(choices, slot):
            raise ValueError(
                f"{getattr(choices, slot)!r} does not fit the slot {slot!r} here; "
                f"what fits: {', '.join(map(repr, options(choices, slot)[:6]))} ..."
            )
    sheet, plan = Sheet(), _clause(choices)
    if choices.reason:
        past = choices.tense in {"past", "wanted"}
        doer = any(choices.reason in f.of_doer for f in FAMILIES if f.verb == choices.verb)
        words = say_because(sheet, BecausePlan(plan, doer, choices.reason, past=past))
        return sheet.finish(*words, ".", "menu")
    if choices.form == "question":
        asking = sheet.idea()
        asked = say_question(sheet, plan, asking)
        return sheet.finish(asked.english, est_ce_que(asking) + asked.french, "?", "menu")
    said = say_clause(sheet, plan)
    return sheet.finish(said.english, said.french, ".", "menu")


def _clause(made: MenuChoices) -> ClausePlan:
    places = (_place(made),) if made.preposition else ()
    what = None
    if made.object:
        determiner = made.object_determiner or _whole(made.verb)
        what = _noun(made.object, determiner, made.object_number, made.object_adjective)
    does = VerbPlan(
        VERBS[made.verb],
        cast(Tense, made.tense),
        cast(Negation, made.negation),
        object=what,
        places=places,
    )
    return ClausePlan(_subject(made), does, time=made.time)


def _whole(verb: str) -> str:
    """Return the determiner of a kind as a whole: "likes cheese" (le), "eats cheese" (du)."""
    return "generic" if "taste" in VERBS[verb].flags else "bare"


def _subject(made: MenuChoices) -> PhrasePlan:
    if made.subject in SUBJECT_PRONOUNS:
        return PronounPlan(made.subject)
    if made.subject in NAMES:
        return NamePlan(made.subject)
    return _noun(made.subject, made.determiner, made.number, made.adjective)


def _noun(noun: str, determiner: str, number: str, adjective: str) -> NounPlan:
    adjectives = (adjective,) if adjective else ()
    return NounPlan(NOUNS[noun], determiner, number == "many", adjectives)


def _place(made: MenuChoices) -> PlacePlan:
    if made.place in PROPER_PLACES:
        return PlacePlan(made.preposition, made.place)
    return PlacePlan(made.preposition, NounPlan(NOUNS[made.place]))
