"""What the experiments of the positional encoding page change, and how their answers are read."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.position_attention import places_of
from core.position_bias import alibi_slopes
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.position_state import MOST_FIRST
from pages._shared.position_toy import PositionState, Scene
from pages._shared.position_work import pictured_table
from pages._shared.words import number

# Less cannot be seen in two decimals.
SEEN: Final = 0.005
ROUNDING: Final = 1e-9
SHIFT: Final = 100
SAME, SOME_KEEP, ALL_CHANGE = range(3)
LESS, ALIKE, MORE = range(3)
FALLS, RISES, STAYS = range(3)


def as_typed(state: PositionState) -> PositionState:
    """Return a state with the words as they were typed."""
    return state.ordered(tuple(range(len(state.tokens))))


# --- turned round, without positions ---------------------------------------------------------


def turn_round(state: PositionState) -> PositionState:
    """Put the last word first."""
    return state.ordered(state.order[::-1])


def weights_when_turned(before: Scene, after: Scene) -> Answer:
    """Find which words read otherwise once the sentence is turned round."""
    old, new = (_by_typed_word(scene) for scene in (before, after))
    change = np.abs(new - old)
    largest, rows = float(change.max()), change.max(axis=1)
    if largest < ROUNDING:
        size = "nothing" if largest == 0 else f"{largest:.0e}, which is rounding"
        return Answer(
            SAME, f"Word by word, the weights differ by {size}. {_why_order_is_lost(after.state)}"
        )
    if largest < SEEN:
        msg = "Here the weights change by less than can be seen."
        raise DoesNotFitError(msg)
    why = _why_order_counts(after.state)
    still = [after.state.tokens[place] for place in np.flatnonzero(rows <= SEEN)]
    if still:
        return Answer(
            SOME_KEEP,
            f"The weights differ by up to {number(largest)}, but “{still[0]}” reads as before. "
            f"{why}",
        )
    return Answer(
        ALL_CHANGE,
        f"The weights differ by up to {number(largest)}, and by {number(rows.min())} or more in "
        f"every word's row. {why}",
    )


def _by_typed_word(scene: Scene) -> NDArray[np.floating]:
    """Return the weights with rows and columns as the words were typed."""
    places = np.argsort(scene.state.order)
    weights: NDArray[np.floating] = scene.read.attention.weights[np.ix_(places, places)]
    return weights


def _why_order_is_lost(state: PositionState) -> str:
    if state.kind == "None" and not state.causal:
        return "Scores compare what words are, and the order is in none of them."
    if state.kind == "ALiBi" and not state.causal:
        return "Turned round, any two words are as far apart as before, and ALiBi counts no more."
    return "What else enters the scores sets none of these words apart."


def _why_order_counts(state: PositionState) -> str:
    if state.kind == "None":
        return "There are no positions, but the causal mask hides what comes later."
    return f"The positions ({state.kind}) stay where they are while the words move."


# --- the same distance -----------------------------------------------------------------------


def similarity_elsewhere(before: Scene, after: Scene) -> Answer:
    """Compare the dot product of positions 10 and 12 with that of 3 and 5."""
    del before
    state = after.state
    if state.kind != "Sinusoidal":
        msg = "The question is about sinusoids."
        raise DoesNotFitError(msg)
    table = pictured_table(state.width, 13, state.base, state.layout)
    here, there = float(table[3] @ table[5]), float(table[10] @ table[12])
    if abs(there - here) < ROUNDING:
        return Answer(
            ALIKE,
            f"Both dot products are {number(here)}. Sine and cosine of one wave together give the "
            "cosine of the angle between the two positions, wherever they are.",
        )
    if abs(there - here) < SEEN:
        msg = "Here they differ by less than can be seen."
        raise DoesNotFitError(msg)
    return Answer(
        MORE if there > here else LESS,
        f"The dot products are {number(here)} and {number(there)}. At an odd width the last wave "
        "has no cosine, and a sine alone depends on the place.",
    )


# --- all positions shifted -------------------------------------------------------------------


def shift(state: PositionState) -> PositionState:
    """Begin the sentence a hundred positions later.

    Raises
    ------
    DoesNotFitError
        If it would begin beyond the page's last first position.
    """
    if state.first + SHIFT > MOST_FIRST:
        msg = f"The sentence cannot begin after position {MOST_FIRST:,}."
        raise DoesNotFitError(msg)
    return replace(state, first=state.first + SHIFT)


def weight_when_shifted(before: Scene, after: Scene) -> Answer:
    """Find what a weight becomes when all positions grow alike."""
    state = after.state
    if state.kind == "Learned":
        msg = "The learned table has no row for such positions."
        raise DoesNotFitError(msg)
    cell = state.query, state.key
    old, new = (float(scene.read.attention.weights[cell]) for scene in (before, after))
    places = places_of(len(state.tokens), state.positions)[[state.query, state.key]]
    reader, source = state.words[state.query], state.words[state.key]
    named = f"“{reader}” reading “{source}”"
    if abs(new - old) < ROUNDING:
        return Answer(
            STAYS,
            f"{named} keeps its weight, {number(new)}, although the two are now at positions "
            f"{places[0]} and {places[1]}. {_why_shift_is_not_seen(state)}",
        )
    if abs(new - old) < SEEN:
        msg = "Here the weight changes by less than can be seen."
        raise DoesNotFitError(msg)
    return Answer(
        RISES if new > old else FALLS,
        f"The weight of {named} goes from {number(old)} to {number(new)}. What is added to the "
        "words differs at every position, so their products with each other do too.",
    )


def _why_shift_is_not_seen(state: PositionState) -> str:
    if state.kind == "Rotary":
        return "Both were turned further by the same angle, and the angle between them stayed."
    if state.kind in ("ALiBi", "T5 bias"):
        return "The bias knows how far apart they are and nothing else."
    return "Nothing here depends on where the sentence begins."


# --- one speed for all waves -----------------------------------------------------------------


def base_one(state: PositionState) -> PositionState:
    """Make all waves equally fast."""
    return replace(state, base=1)


def cosine_of_the_ends(before: Scene, after: Scene) -> Answer:
    """Find how alike the first and the last pictured position are."""
    old, new = (_cosine_of_ends(scene.state) for scene in (before, after))
    state = after.state
    turns = (state.length - 1) / (2 * np.pi)
    return Answer(
        new,
        f"All waves turn by one radian a position, and {state.length - 1} positions are "
        f"{number(turns)} turns: the cosine is {number(new)}, where it was {number(old)} before. "
        "Slow waves are there to tell apart what the fast ones confuse.",
    )


def _cosine_of_ends(state: PositionState) -> float:
    if state.kind != "Sinusoidal" or state.width < 2:
        msg = "The question is about sinusoids of two numbers or more."
        raise DoesNotFitError(msg)
    first, *_, last = pictured_table(state.width, state.length, state.base, state.layout)
    return float(first @ last / (np.linalg.norm(first) * np.linalg.norm(last)))


# --- what far words keep ---------------------------------------------------------------------


def last_head(state: PositionState) -> PositionState:
    """Let the head with the gentlest slope of all read."""
    gentlest = int(alibi_slopes(state.n_heads).argmin()) + 1
    return replace(state, head=gentlest)


def weight_of_the_first_word(before: Scene, after: Scene) -> Answer:
    """Find how much the last word reads of the first."""
    state = after.state
    if state.kind != "ALiBi":
        msg = "The question is about ALiBi."
        raise DoesNotFitError(msg)
    old, new = (float(scene.read.attention.weights[-1, 0]) for scene in (before, after))
    slope = float(alibi_slopes(state.n_heads)[state.chosen_head])
    away = len(state.tokens) - 1
    return Answer(
        new,
        f"The slope is now {slope:.4g}: {away} places cost {number(away * slope, 3)}, and "
        f"e to the power of −{number(away * slope, 3)} is {number(float(np.exp(-away * slope)))}. "
        f"The first word gets {number(new)} instead of {number(old, 3)}; without positions it "
        f"would get {number(float(after.plain.attention.weights[-1, 0]))}.",
    )
