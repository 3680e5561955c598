"""Chance plans of noun phrases and places, kept to what goes together."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from core.bilingual.chance.weights import (
    MASS,
    MASS_REFUSED,
    MASS_SUBJECT,
    PLACED,
    PRONOUNS,
    RECEIVER,
    SUBJECT,
    Weights,
    pick,
)
from core.bilingual.grammar.plans import (
    BothPlan,
    NamePlan,
    NounPlan,
    PhrasePlan,
    PlacePlan,
    PronounPlan,
)
from core.bilingual.lexicon.adjectives import Adjective
from core.bilingual.lexicon.fitting import DEFINITE_ONLY, PLACES_OF, attributes, opposed
from core.bilingual.lexicon.function_words import (
    NAMES,
    NUMBERS,
    OBJECT_PRONOUNS,
    POSSESSIVES,
    PROPER_PLACES,
)
from core.bilingual.lexicon.nouns import Noun, nouns_with

_PLURAL = frozenset(["these", "two", "some", "any", "many", "several", "bare", "all"])
_UNSURE_NUMBER = frozenset(["some", "any", "bare"])  # "some fish": one or many?
_FAMILIES: dict[str, tuple[str, ...]] = {
    "my": tuple(POSSESSIVES),
    "two": tuple(NUMBERS),
    "this": ("this", "that"),
    "these": ("these", "those"),
}


def choose_noun(
    rng: Random,
    tags: str,
    weights: Weights = SUBJECT,
    *,
    described: float = 0.33,
    owned: float = 0.05,
    singular: bool = False,
) -> NounPlan:
    """Choose a noun with any of some tags, its determiner, number and adjectives."""
    return plan_noun(
        rng,
        rng.choice(nouns_with(tags)),
        weights,
        described=described,
        owned=owned,
        singular=singular,
    )


def plan_noun(
    rng: Random,
    noun: Noun,
    weights: Weights = SUBJECT,
    *,
    described: float = 0.33,
    owned: float = 0.05,
    singular: bool = False,
) -> NounPlan:
    """Choose how to name a noun."""
    if noun.mass:
        kinds = MASS_REFUSED if "any" in weights else MASS
        name = pick(rng, kinds if "bare" in weights or "any" in weights else MASS_SUBJECT)
        plural = False
    else:
        name, plural = _determiner(rng, noun, weights, singular=singular)
    name = rng.choice(_FAMILIES[name]) if name in _FAMILIES else name
    adjectives = _choose_adjectives(rng, noun, name) if rng.random() < described else ()
    owner = None
    if name == "the" and not noun.mass and noun.may_be_owned and "person" not in noun.tags:
        owner = _choose_owner(rng) if rng.random() < owned else None
    if owner is not None:
        adjectives = tuple(word for word in adjectives if word not in DEFINITE_ONLY)
    return NounPlan(noun, name, plural, adjectives, owner)


def _determiner(rng: Random, noun: Noun, weights: Weights, *, singular: bool) -> tuple[str, bool]:
    """Choose a determiner that fits the noun, and whether it is of many."""
    name = pick(rng, weights)
    if "any" in weights and name in {"a", "any"} and "person" in noun.tags:
        name = "this"  # "does not kiss any student" would be right, but no one says it
    if singular and name in _PLURAL:
        name = "the"
    plural = name in _PLURAL or (name in {"the", "my"} and rng.random() < 0.3 and not singular)
    if name == "no":
        plural = rng.random() < 0.3
    if name == "my" and not noun.may_be_owned:
        name = "the"
    if "place" in noun.tags and name == "the" and rng.random() < 0.3:
        plural = False
    if noun.same_plural and name in _UNSURE_NUMBER:
        return "a", False
    if noun.same_plural and name in {"the", "my", "no"}:
        return name, False
    return name, plural


def _choose_owner(rng: Random) -> NounPlan | NamePlan:
    if rng.random() < 0.4:
        return NamePlan(rng.choice(list(NAMES)))
    return choose_noun(rng, "person", {"the": 3, "my": 2}, described=0.1, owned=0, singular=True)


def _choose_adjectives(rng: Random, noun: Noun, determiner: str) -> tuple[str, ...]:
    choices = attributes(noun, determiner)
    if not choices:
        return ()
    first = rng.choice(choices)
    if rng.random() < 0.12:
        second = rng.choice(choices)
        if second.before != first.before and not opposed(first.english, second.english):
            pair: list[Adjective] = sorted((first, second), key=lambda each: not each.before)
            return tuple(each.english for each in pair)
    return (first.english,)


def choose_subject(rng: Random, tags: str, *, pronouns: float = 0.4) -> PhrasePlan:
    """Choose who does it: a pronoun, a name, a noun, or two joined with "and"."""
    person, animal = "person" in tags, "animal" in tags.split()
    chance = rng.random()
    if person and chance < pronouns:
        return PronounPlan(pick(rng, PRONOUNS))
    if person and chance < pronouns + 0.07:
        return NamePlan(rng.choice(list(NAMES)))
    if (person or animal) and chance > 0.94:
        people = person and (not animal or rng.random() < 0.6)
        return choose_both(rng, "person" if people else "animal")
    return choose_noun(rng, tags)


def in_negation(subject: PhrasePlan) -> PhrasePlan:
    """Return a subject that may be denied something: "all the cats do not ..." says two things."""
    loose = {"every", "all", "a", "some", "many", "several"}
    if isinstance(subject, NounPlan) and subject.determiner in loose:
        unsure = subject.noun.same_plural and subject.plural
        return replace(subject, determiner="these" if unsure else "the")
    return subject


def choose_both(rng: Random, tags: str, weights: Weights | None = None) -> BothPlan:
    """Choose two different nouns, or two names, to join with "and"."""
    if tags == "person" and rng.random() < 0.35:
        first, second = rng.sample(list(NAMES), 2)
        return BothPlan(NamePlan(first), NamePlan(second))
    nouns = rng.sample(nouns_with(tags), 2)
    name = pick(rng, weights or {"the": 7, "my": 3})
    if any(noun.mass for noun in nouns) and name == "a":
        name = "the"
    name = rng.choice(_FAMILIES[name]) if name in _FAMILIES else name
    if name in POSSESSIVES and not all(noun.may_be_owned for noun in nouns):
        name = "the"
    one, other = (NounPlan(noun, name) for noun in nouns)
    return BothPlan(one, other)


def choose_object_pronoun(rng: Random, subject: PhrasePlan) -> str:
    """Choose an object pronoun that is not the subject itself."""
    same: dict[str, tuple[str, ...]] = {"i": ("me", "us"), "we": ("me", "us"), "you": ("you",)}
    barred = same.get(subject.pronoun, ()) if isinstance(subject, PronounPlan) else ()
    return rng.choice([word for word in OBJECT_PRONOUNS if word not in barred])


def choose_place(rng: Random, prepositions: str, *, proper: float = 0.0) -> PlacePlan:
    """Choose where, with one of some prepositions ("in_front_of" is written with "_")."""
    preposition = rng.choice(prepositions.split()).replace("_", " ")
    if preposition in {"in", "to", "from"} and rng.random() < proper:
        return PlacePlan(preposition, rng.choice(list(PROPER_PLACES)))
    if preposition == "with" and rng.random() < 0.25:
        return PlacePlan(preposition, NamePlan(rng.choice(list(NAMES))))
    only_the = preposition in {"at", "to", "from"}
    weights = {"the": 1} if only_the else (RECEIVER if preposition == "with" else PLACED)
    described = 0.12 if only_the else 0.2
    plan = choose_noun(rng, PLACES_OF[preposition], weights, described=described, singular=only_the)
    return PlacePlan(preposition, plan)
