"""Chance sentences that give a reason, and what may be the reason of what."""

from __future__ import annotations

from random import Random
from typing import cast

from core.bilingual.chance.completing import complete, kind_of
from core.bilingual.chance.phrases import choose_noun, choose_subject
from core.bilingual.chance.weights import Weights, pick
from core.bilingual.grammar.because import say_because_of_weather, say_feeling
from core.bilingual.grammar.clauses import say_clause
from core.bilingual.grammar.plans import (
    BecausePlan,
    ClausePlan,
    Feeling,
    NamePlan,
    NounPlan,
    PhrasePlan,
    Quality,
    Tense,
    VerbPlan,
)
from core.bilingual.grammar.spoken import Both, Sheet
from core.bilingual.lexicon.adjectives import adjectives_for
from core.bilingual.lexicon.function_words import NAMES
from core.bilingual.lexicon.nouns import NOUNS, Noun, nouns_with
from core.bilingual.lexicon.reasons import FAMILIES, REASONS
from core.bilingual.lexicon.verbs import VERBS

_QUALITIES = frozenset(["happy", "sad", "tired", "sick"])  # the other reasons are feelings
_PRESENT: Weights = {"present": 5, "can": 3, "want": 2}
_PAST: Weights = {"past": 8, "wanted": 2}


def choose_because(rng: Random) -> BecausePlan:
    """Choose a sentence such as "the animal did not cross the street because it was too tired"."""
    family = rng.choice(FAMILIES + FAMILIES[:2])
    short: Weights = {"the": 9, "my": 4, "this": 3, "a": 1}
    doer: PhrasePlan = choose_noun(rng, family.doers, short, described=0.15, owned=0)
    if family.doers == "person" and rng.random() < 0.3:
        doer = NamePlan(rng.choice(list(NAMES)))
    of_doer = rng.random() < 0.5
    said = doer.adjectives if isinstance(doer, NounPlan) else ()
    who = doer.noun if isinstance(doer, NounPlan) else NOUNS["man"]
    reasons = [word for word in family.of_doer if _goes(word, who) and word not in said]
    of_doer = of_doer and bool(reasons)
    things = nouns_with(family.things)
    noun = rng.choice([each for each in things if any(_goes(w, each) for w in family.of_thing)])
    weights: Weights = {"the": 9, "my": 3, "this": 2}
    thing = choose_noun(rng, noun.english, weights, described=0, owned=0)
    if not of_doer:
        reasons = [word for word in family.of_thing if _goes(word, noun)]
    past = rng.random() < 0.72
    tense = cast(Tense, pick(rng, _PAST if past else _PRESENT))
    degree = pick(rng, {"too": 82, "very": 12, "": 6})
    does = VerbPlan(VERBS[family.verb], tense, "not", object=thing)
    return BecausePlan(ClausePlan(doer, does), of_doer, rng.choice(reasons), degree, past)


def _goes(word: str, noun: Noun) -> bool:
    return any(each.english == word and each.predicate for each in adjectives_for(noun))


def some_reason(rng: Random, sheet: Sheet) -> Both:
    """Choose and say what someone does, and why: "the boy is eating because he is hungry"."""
    verb = VERBS[rng.choice(list(REASONS))]
    tense = rng.choice(["past", "present"])
    steady = "brief" in verb.flags or verb.stative
    now: Tense = "progressive" if not steady and rng.random() < 0.35 else "present"
    does = VerbPlan(verb, "past" if tense == "past" else now)
    animals_too = "animal" in verb.subjects and rng.random() < 0.6
    subject = choose_subject(rng, "person animal" if animals_too else "person")
    does = complete(rng, kind_of(rng, verb), does, subject, simple=True)
    clause = say_clause(sheet, ClausePlan(subject, does))
    if rng.random() < 0.15:
        weather = rng.choice(["raining", "snowing", "late"])
        english, french = say_because_of_weather(sheet, weather, past=tense == "past")
    else:
        reason = rng.choice(REASONS[verb.key])
        degree = pick(rng, {"": 7, "very": 3})
        quality = reason in _QUALITIES
        what = Quality((reason,), degree) if quality else Feeling(reason, degree)
        english, french = say_feeling(sheet, subject, clause.subject, what, tense)
    return clause.english + english, clause.french + french
