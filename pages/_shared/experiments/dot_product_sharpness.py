"""How sharp the weights are: answers of two of the scaled dot-product page's experiments.

As in `dot_product_answers`, what no longer fits the question raises a ValueError that says why.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Final

import numpy as np

from core.softmax import entropy
from pages._shared.dot_product_state import LARGEST_SIZE, DotProductState, Scene, see
from pages._shared.experiments.dot_product_reading import (
    LEAST_WEIGHT,
    open_weight,
    place_of,
    weights_of,
)
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.words import number

COLDER: Final = 0.5

# --- a colder softmax ------------------------------------------------------------------------


def cool(state: DotProductState) -> DotProductState:
    """Set the temperature to one half."""
    return replace(state, settings=replace(state.settings, temperature=COLDER))


def ratio(before: Scene, after: Scene) -> Answer:
    """Find how many times as much as “mat” “sat” reads “cat”."""
    reader, cat, mat = (place_of(after, word) for word in ("sat", "cat", "mat"))
    old, new = (_ratio(scene, reader, cat, mat) for scene in (before, after))
    lead_before, lead_after = (_lead(scene, reader, cat, mat) for scene in (before, after))
    old_t, new_t = (scene.state.settings.temperature for scene in (before, after))
    lead = "the lead of “cat” over “mat” inside the softmax"
    if old_t == new_t:
        return Answer(
            new,
            f"The temperature was {new_t:g} already, so {lead} stays at {number(lead_after)}. The "
            f"ratio is e to the power of this lead, {number(new, 1)} as before.",
        )
    factor = old_t / new_t
    doubles, by, squares = "multiplies", f" by {factor:g}", f"raises it to the power {factor:g}"
    if factor == 2:
        doubles, by, squares = "doubles", "", "squares it"
    return Answer(
        new,
        f"Dividing by {new_t:g} instead of {old_t:g} {doubles} {lead}{by}, from "
        f"{number(lead_before)} to {number(lead_after)}. The ratio is e to the power of this lead, "
        f"and that {squares}: from {number(old, 1)} to {number(new, 1)}.",
    )


def _ratio(scene: Scene, reader: int, first: int, second: int) -> float:
    weights = [open_weight(scene, reader, key) for key in (first, second)]
    if min(weights) < LEAST_WEIGHT:
        msg = "One of the two weights is too small to compare."
        raise DoesNotFitError(msg)
    return weights[0] / weights[1]


def _lead(scene: Scene, reader: int, first: int, second: int) -> float:
    logits = scene.computed.attention.logits[reader].astype(np.float64)
    return float(logits[first] - logits[second]) / scene.state.settings.temperature


# --- longer queries and keys -----------------------------------------------------------------


def lengthen(state: DotProductState) -> DotProductState:
    """Give queries and keys all the numbers that they can have."""
    board = state.board
    return replace(
        state, board=board.resized(board.toy.tokens, LARGEST_SIZE, board.toy.value.shape[1])
    )


def entropy_when_longer(before: Scene, after: Scene) -> Answer:
    """Find the entropy of a row once d_head has grown."""
    short, long = before.computed.query.shape[1], after.computed.query.shape[1]
    if short == long:
        msg = f"There are {long} numbers a word already."
        raise DoesNotFitError(msg)
    if not (after.computed.query[:, short:].any() and after.computed.key[:, short:].any()):
        msg = "The numbers that joined are all 0."
        raise DoesNotFitError(msg)
    reader = place_of(after, "word3")
    nats_before, nats = _entropy(before, reader), _entropy(after, reader)
    divided = after.state.settings.divided
    settings = replace(after.state.settings, divided=not divided)
    other = _entropy(see(replace(after.state, settings=settings)), reader)
    spread_before, spread = _spread(before, reader), _spread(after, reader)
    root = math.sqrt(long)
    grows = (
        f"With {long} products in each sum instead of {short}, the scores of “word3” spread by "
        f"{number(spread)} instead of {number(spread_before)} (standard deviation)"
    )
    goes = f"the entropy goes from {number(nats_before)} to {number(nats)} nats"
    if divided:
        return Answer(
            nats,
            f"{grows}. Divided by √{long} = {root:g} they spread by {number(spread / root)}, and "
            f"{goes}; undivided it would be {number(other)}.",
        )
    return Answer(
        nats,
        f"{grows}, so {goes}. Divided by √{long} = {root:g} they would spread by "
        f"{number(spread / root)}, and the entropy would be {number(other)}.",
    )


def _entropy(scene: Scene, row: int) -> float:
    return float(entropy(weights_of(scene, row)))


def _spread(scene: Scene, row: int) -> float:
    """Return the standard deviation of a row's scores, blocked ones left out."""
    attention = scene.computed.attention
    return float(attention.scores[row][np.isfinite(attention.logits[row])].std(dtype=np.float64))
