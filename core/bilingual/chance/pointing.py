"""Chance sentences that point: "there is ...", "this is ...", "it is raining"."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from core.bilingual.chance.being import choose_spot, choose_that
from core.bilingual.chance.phrases import choose_noun, choose_place
from core.bilingual.chance.weights import FOUND, Weights
from core.bilingual.grammar.clauses import say_time
from core.bilingual.grammar.pointing import (
    WEATHERS,
    Pointed,
    say_identity,
    say_there,
    say_weather,
)
from core.bilingual.grammar.spoken import Both, Sheet


def stated(pointed: Pointed) -> Both:
    """Return what was said as a statement: "there is ..."."""
    spoken, pointer = pointed
    return [*pointer, *spoken.lead, *spoken.rest], spoken.french


def some_there(rng: Random, sheet: Sheet, *, question: bool = False) -> Pointed:
    """Choose and say "there is a book on the table"."""
    weights = {"a": 6, "any": 4} if question else FOUND
    if rng.random() < 0.55:
        what = choose_noun(rng, "thing count clothes money drink", weights, described=0.25)
        place = choose_spot(rng)
    else:
        what = choose_noun(rng, "person animal", weights, described=0.25)
        place = choose_place(rng, "in in at near behind in_front_of under")
    return say_there(sheet, replace(what, owner=None), place, past=rng.random() < 0.25)


def some_identity(rng: Random, sheet: Sheet, *, question: bool = False) -> Pointed:
    """Choose and say "this is my book"."""
    relative = None
    past = rng.random() < 0.2
    if rng.random() < 0.2:
        noun, relative = choose_that(rng)
        noun = replace(noun, determiner="the")
    else:
        weights: Weights = {"a": 5, "my": 5, "the": 3, "bare": 1}
        sorts = "person animal count thing clothes vehicle place"
        noun = choose_noun(rng, sorts, weights, owned=0.25)
    negated = not question and rng.random() < 0.15
    pointer = rng.choice(["these", "those"] if noun.plural else ["this", "that", "it"])
    return say_identity(sheet, pointer, noun, relative, past=past, negated=negated)


def some_weather(rng: Random, sheet: Sheet) -> Both:
    """Choose and say "it is raining", and perhaps when."""
    past = rng.random() < 0.45
    english, french = stated(say_weather(sheet, rng.choice(list(WEATHERS)), past=past))
    if rng.random() < 0.5:
        time = rng.choice(["yesterday", "this morning"] if past else ["today", "tonight"])
        when_english, when_french = say_time(sheet, time)
        return english + when_english, french + when_french
    return english, french
