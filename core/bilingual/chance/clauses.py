"""Chance plans of clauses: who does what, in which tense, and when."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import cast

from core.bilingual.chance.completing import KINDS, choose_liked, complete, is_many, spaced
from core.bilingual.chance.phrases import choose_noun, choose_subject, in_negation
from core.bilingual.chance.weights import Weights, pick
from core.bilingual.grammar.plans import (
    ClausePlan,
    Negation,
    NounPlan,
    PhrasePlan,
    PronounPlan,
    RelativePlan,
    Tense,
    VerbPlan,
)
from core.bilingual.lexicon.function_words import FREQUENCIES, TIMES
from core.bilingual.lexicon.verbs import Verb, verbs_with

TENSES: Weights = {
    "past": 32, "present": 28, "progressive": 13, "was doing": 5, "future": 8, "can": 5, "must": 4,
    "want": 4, "wanted": 2, "like": 3, "need": 2,
}  # fmt: skip
SIMPLE: Weights = {"past": 55, "present": 45}
ASKABLE: Weights = {"past": 36, "present": 34, "progressive": 12, "future": 10, "can": 8}
_STATE: Weights = {"present": 60, "past": 40}


def tense_of(rng: Random, verb: Verb, weights: Weights) -> Tense:
    """Choose a tense that the verb has."""
    if verb.stative:
        return cast(Tense, pick(rng, _STATE))
    tense = pick(rng, weights)
    if tense == "progressive" and "brief" in verb.flags:
        tense = "present"
    if tense == "was doing" and ("long" not in verb.flags or verb.objects):
        tense = "past"
    if tense == "like" and "long" not in verb.flags:
        tense = "present"
    return cast(Tense, tense)


def _negation(rng: Random, verb: Verb, tense: Tense) -> Negation:
    negation = pick(rng, {"": 78, "not": 17, "never": 5})
    if negation == "never" and (tense not in SIMPLE or verb.stative):
        negation = "not"
    return cast(Negation, negation)


def choose_clause(
    rng: Random, *, weights: Weights = TENSES, question: bool = False, simple: bool = False
) -> ClausePlan:
    """Choose a clause with a verb.

    Parameters
    ----------
    rng : Random
        The source of chance; changed.
    weights : mapping of str to int
        How often each tense comes.
    question : bool
        No negation, and "any" for "some".
    simple : bool
        No time or place, for clauses that are joined.
    """
    kind = pick(rng, KINDS)
    verb, subject = _who(rng, kind)
    tense = tense_of(rng, verb, weights)
    negation: Negation = "" if question else _negation(rng, verb, tense)
    subject = in_negation(subject) if negation else subject
    plan = VerbPlan(verb, tense, negation)
    plan = complete(rng, kind, plan, subject, question=question, simple=simple)
    if not question:
        plan = _how_often(rng, plan)
    clause = ClausePlan(subject, plan)
    if not simple:
        clause = _relative(rng, timed(rng, clause, question=question))
    return _told_apart(clause)


def _who(rng: Random, kind: str) -> tuple[Verb, PhrasePlan]:
    """Choose a verb for a kind of clause, and its subject."""
    pool = verbs_with(kind.split(maxsplit=1)[0])
    if kind == "act place":
        pool = tuple(verb for verb in pool if verb.flags & {"long", "lie", "way", "abroad"})
        pool = tuple(verb for verb in pool if "air" not in verb.flags)
    elif kind == "self place":
        pool = tuple(verb for verb in pool if "lie" in verb.flags)
    elif kind == "deed":
        pool = tuple(v for v in pool if "taste" not in v.flags and not v.key.startswith("love"))
    verb = rng.choice(pool)
    tags = verb.subjects & {"person", "animal"} or verb.subjects
    if len(verb.subjects) > 1 and rng.random() < 0.15:
        tags = verb.subjects
    return verb, choose_subject(rng, spaced(tags))


def _how_often(rng: Random, plan: VerbPlan) -> VerbPlan:
    if plan.negation or plan.verb.stative or plan.tense not in SIMPLE:
        return plan
    counted = isinstance(plan.object, NounPlan) and plan.object.determiner in {"every", "all"}
    if counted or rng.random() >= 0.1:
        return plan
    return replace(plan, frequency=rng.choice(list(FREQUENCIES)))


def timed(rng: Random, clause: ClausePlan, *, question: bool = False) -> ClausePlan:
    """Perhaps say when it happens."""
    does = clause.does
    assert isinstance(does, VerbPlan)
    if rng.random() > 0.22 or does.frequency or does.verb.stative or does.negation == "never":
        return clause
    fitting = [time for time in TIMES.values() if does.tense in time.tenses]
    times = [time for time in fitting if not time.english.startswith("on ")]
    if not times:
        return clause
    if len(times) < len(fitting):  # one day of the week, or seven would crowd out the rest
        times.append(rng.choice([time for time in fitting if time not in times]))
    time = rng.choice(times)
    opens = time.may_open and not question and rng.random() < 0.45
    return replace(clause, time=time.english, time_first=opens)


def _relative(rng: Random, clause: ClausePlan) -> ClausePlan:
    subject = clause.subject
    if not isinstance(subject, NounPlan) or "person" not in subject.noun.tags:
        return clause
    known = subject.determiner in {"the", "a", "this", "that"}
    if not known or rng.random() > 0.1 or clause.time_first:
        return clause
    return replace(clause, relative=RelativePlan(_choose_relative(rng)))


def _choose_relative(rng: Random) -> VerbPlan:
    """Choose what is said of someone after "who"; "who read" could be now or then."""
    deeds = [verb for verb in verbs_with("deed") if "person" in verb.subjects]
    verb = rng.choice([verb for verb in deeds if verb.base != verb.past])
    tense = tense_of(rng, verb, SIMPLE)
    if "taste" in verb.flags:
        return VerbPlan(verb, tense, object=choose_liked(rng, verb))
    weights: Weights = {"the": 5, "a": 3, "my": 2}
    return VerbPlan(verb, tense, object=choose_noun(rng, spaced(verb.objects), weights, owned=0))


def _told_apart(clause: ClausePlan) -> ClausePlan:
    """Make "they read" the present: only a third person or a time can tell it from the past."""
    does, subject = clause.does, clause.subject
    assert isinstance(does, VerbPlan)
    alike = does.verb.base == does.verb.past and does.tense == "past" and does.negation != "not"
    spoken_to = isinstance(subject, PronounPlan) and subject.pronoun in {"i", "you"}
    if alike and (is_many(subject) or spoken_to) and not clause.time:
        return replace(clause, does=replace(does, tense="present"))
    return clause
