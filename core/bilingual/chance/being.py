"""Chance plans with "to be": qualities, places, jobs, feelings, ages."""

from __future__ import annotations

from random import Random

from core.bilingual.chance.completing import spaced
from core.bilingual.chance.phrases import (
    choose_noun,
    choose_place,
    choose_subject,
    in_negation,
    plan_noun,
)
from core.bilingual.chance.weights import Weights, pick
from core.bilingual.grammar.being import FEELINGS
from core.bilingual.grammar.plans import (
    Age,
    BePlan,
    ClausePlan,
    Comparison,
    Feeling,
    Job,
    NamePlan,
    NounPlan,
    PhrasePlan,
    PlacePlan,
    PronounPlan,
    Quality,
    RelativePlan,
    VerbPlan,
    Whereabouts,
)
from core.bilingual.lexicon.adjectives import ADJECTIVES, Adjective, adjectives_for
from core.bilingual.lexicon.fitting import opposed
from core.bilingual.lexicon.function_words import NAMES, NUMBERS
from core.bilingual.lexicon.nouns import nouns_with
from core.bilingual.lexicon.verbs import verbs_with

_KINDS: Weights = {
    "quality": 46, "comparison": 11, "where": 16, "job": 6, "feeling": 13, "age": 3, "that": 5,
}  # fmt: skip
_SORTS = (
    "person", "animal", "count", "drink", "thing", "clothes", "furniture", "opening", "place",
    "vehicle", "tree",
)  # fmt: skip
_SURFACES = {"on": "table chair bed mat sofa bench", "under": "table chair bed bench"}


def choose_being(rng: Random, *, question: bool = False) -> ClausePlan:
    """Choose a clause with "is", "was" or "will be"; a question is not denied."""
    kind = pick(rng, _KINDS)
    future = 0 if question else 8
    tense = pick(rng, {"present": 60, "past": 40 if question else 32, "future": future})
    negated = not question and rng.random() < 0.18
    if kind == "comparison":
        subject, comparison = _comparison(rng)
        return ClausePlan(subject, BePlan(comparison, tense, negated))
    if kind == "job":
        return _job(rng, tense, negated)
    if kind == "that":
        noun, relative = choose_that(rng)
        return ClausePlan(noun, BePlan(quality_of(rng, noun), "past", negated), relative)
    if kind == "age":
        who = choose_subject(rng, rng.choice(["person", "animal"]))
        return ClausePlan(who, BePlan(Age(rng.choice(list(NUMBERS))), tense))
    someone: PhrasePlan
    if kind == "where":
        someone, place = _whereabouts(rng)
        now = "present" if place.posture and tense == "future" else tense
        plan = BePlan(place, now, negated)
    elif kind == "feeling":
        someone, feeling = _feeling(rng)
        plan = BePlan(feeling, tense, negated)
    else:
        someone = _described(rng)
        someone = in_negation(someone) if negated else someone
        plan = BePlan(quality_of(rng, someone), tense, negated)
    return ClausePlan(in_negation(someone) if negated else someone, plan)


def _job(rng: Random, tense: str, negated: bool) -> ClausePlan:
    people: list[PhrasePlan] = [PronounPlan(word) for word in ("i", "you", "he", "she", "she")]
    people += [NamePlan(rng.choice(list(NAMES))) for _ in range(3)]
    who = rng.choice(people)
    return ClausePlan(who, BePlan(Job(rng.choice(nouns_with("job"))), tense, negated))


def _described(rng: Random) -> PhrasePlan:
    if rng.random() < 0.4:
        return choose_subject(rng, "person", pronouns=0.6)
    return choose_subject(rng, rng.choice(_SORTS))


def predicates(plan: PhrasePlan) -> list[Adjective]:
    """Return the adjectives that may be said of someone or something after "is"."""
    if not isinstance(plan, NounPlan):
        people = [each for each in ADJECTIVES if each.predicate and not each.before]
        return [each for each in people if {"person", "animal"} <= each.tags]
    known, said = adjectives_for(plan.noun), plan.adjectives
    coloured = any("colour" in each.tags for each in known if each.english in said)
    fitting = [each for each in known if each.predicate and each.english not in said]
    apt = [each for each in fitting if not any(opposed(each.english, word) for word in said)]
    return [each for each in apt if not (coloured and "colour" in each.tags)] or fitting


def quality_of(rng: Random, subject: PhrasePlan) -> Quality:
    """Choose one or two adjectives to say of someone or something."""
    choices = predicates(subject)
    first = rng.choice(choices)
    if rng.random() < 0.1 and len(choices) > 1:
        pair = rng.sample(choices, 2)
        if not opposed(pair[0].english, pair[1].english):
            return Quality(tuple(each.english for each in pair))
    if "colour" in first.tags or first.english == "delicious":
        return Quality((first.english,))
    return Quality((first.english,), pick(rng, {"": 66, "very": 24, "too": 10}))


def _comparison(rng: Random) -> tuple[NounPlan, Comparison]:
    """Choose two of a sort, and an adjective to compare them by."""
    found = rng.choice([each for each in ADJECTIVES if each.more and each.predicate])
    sorts = ["person", "animal", "place", "vehicle", "clothes", "furniture"]
    fitting = [sort for sort in sorts if _has_two(found, sort)]
    sort = rng.choice(fitting or ["thing"])
    alike = [noun for noun in nouns_with(sort) if found in adjectives_for(noun) and not noun.mass]
    noun, other = rng.sample(alike, 2)
    subject = plan_noun(rng, noun, {"the": 6, "my": 3, "this": 2}, described=0, owned=0)
    than: PhrasePlan = plan_noun(rng, other, {"the": 6, "my": 3}, described=0, owned=0)
    if sort == "person" and rng.random() < 0.25:
        than = NamePlan(rng.choice(list(NAMES)))
    return subject, Comparison(found.english, than)


def _has_two(found: Adjective, sort: str) -> bool:
    return sum(found in adjectives_for(noun) for noun in nouns_with(sort)) > 1


def _whereabouts(rng: Random) -> tuple[PhrasePlan, Whereabouts]:
    if rng.random() < 0.35:
        thing = choose_noun(rng, "thing count clothes")
        return thing, Whereabouts(choose_spot(rng))
    if rng.random() < 0.3:
        sitting = rng.choice(["sitting", "standing"]) == "sitting"
        where = "on near in_front_of behind" if sitting else "near in_front_of behind"
        who = choose_subject(rng, "person animal" if sitting else "person")
        return who, Whereabouts(choose_place(rng, where), "sitting" if sitting else "standing")
    subject = choose_subject(rng, "person animal vehicle")
    named = isinstance(subject, NounPlan)
    where = "in in at near behind in_front_of next_to with"
    if isinstance(subject, NounPlan) and "vehicle" in subject.noun.tags:
        where = "near behind in_front_of"
    return subject, Whereabouts(choose_place(rng, where, proper=0.0 if named else 0.3))


def choose_spot(rng: Random) -> PlacePlan:
    """Choose where a thing lies."""
    if rng.random() < 0.5:
        plan = choose_noun(rng, "holds", {"the": 6, "my": 4, "this": 1}, owned=0.1)
        return PlacePlan("in", plan)
    where = rng.choice(["on", "on", "under", "behind", "next_to", "near"]).replace("_", " ")
    pool = _SURFACES.get(where, "furniture door window")
    return PlacePlan(where, choose_noun(rng, pool, {"the": 7, "my": 3}))


def _feeling(rng: Random) -> tuple[PhrasePlan, Feeling]:
    feeling = rng.choice(list(FEELINGS))
    human = feeling in {"right", "wrong"}
    subject = choose_subject(rng, "person" if human else "person animal")
    if feeling == "afraid" and rng.random() < 0.75:
        feared = "animal thief king soldier teacher"
        return subject, Feeling(
            feeling, of=choose_noun(rng, feared, {"the": 5, "my": 2, "this": 2})
        )
    degree = "" if human else pick(rng, {"": 80, "very": 14, "too": 6})
    return subject, Feeling(feeling, degree)


def choose_that(rng: Random) -> tuple[NounPlan, RelativePlan]:
    """Choose a thing and who did what to it: "the letter that she wrote"."""
    verb = rng.choice([verb for verb in verbs_with("that") if verb.base != verb.past])
    tags = verb.objects
    if tags & {"text", "write", "thing"}:
        tags = (tags - {"money", "drink", "food", "person", "animal"}) | {"text"}
    noun = rng.choice([noun for noun in nouns_with(spaced(tags)) if not noun.mass])
    determiner, many = rng.choice(["the", "the", "these"]), rng.random() < 0.5
    doer = choose_subject(rng, "person", pronouns=0.55)
    plan = NounPlan(noun, determiner, many or determiner == "these")
    return plan, RelativePlan(VerbPlan(verb, "past"), doer)
