"""The answers of the scaled dot-product page's experiments on rows of weights, with their changes.

A reader may have changed anything by the time a prediction stands: other numbers, other words,
another softmax. Each answer is read from what was computed then. Where a question no longer fits,
a ValueError says why in one sentence.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.dot_product_state import BOUNDS, DotProductState, Scene
from pages._shared.experiments.dot_product_reading import (
    LEAST_WEIGHT,
    SEEN,
    open_weight,
    place_of,
    told_apart,
    weights_of,
)
from pages._shared.lesson import Answer, DoesNotFitError, Value
from pages._shared.words import number

ADDED: Final = 4.0

# Each side stays on one line.
FORMULA: Final = " = ".join(
    side.replace(" ", "\N{NO-BREAK SPACE}") for side in ("q · (k + c)", "q · k + q · c")
)

# Indices of the options, in the questions that have them.
NEITHER, CAT_MORE, SAT_MORE = range(3)
STAY, BREAK = 0, 3


# --- the same score both ways ----------------------------------------------------------------


def copy_queries(state: DotProductState) -> DotProductState:
    """Make K a copy of Q."""
    return _edited(state, key=state.board.toy.query)


def same_score(before: Scene, after: Scene) -> Answer:
    """Find which of two words reads the other more, where the score is the same both ways."""
    del before
    cat, sat = place_of(after, "cat"), place_of(after, "sat")
    there, back = open_weight(after, cat, sat), open_weight(after, sat, cat)
    if max(there, back) < LEAST_WEIGHT:
        msg = "Both weights are too small to compare."
        raise DoesNotFitError(msg)
    score = number(after.computed.attention.scores[cat, sat])
    if np.isclose(there, back, rtol=2e-3, atol=0):
        return Answer(
            NEITHER,
            f"The score is {score} both ways, and here both rows sum to about the same. So both "
            f"weights are about {number(there)}.",
        )
    one, other = told_apart(there, back)
    larger_sum = "cat" if there < back else "sat"
    return Answer(
        CAT_MORE if there > back else SAT_MORE,
        f"The score is {score} both ways, so both weights have the same power of e above the line. "
        f"Below it stands the sum of such powers over the row, larger for “{larger_sum}”: “cat” "
        f"reads “sat” with "
        f"{one}, “sat” reads “cat” with {other}.",
    )


# --- the causal mask -------------------------------------------------------------------------


def hide_what_follows(state: DotProductState) -> DotProductState:
    """Switch the causal mask on."""
    return replace(state, settings=replace(state.settings, mask="Causal"))


def largest_gain(before: Scene, after: Scene) -> Answer:
    """Find the cell whose weight grows most when a mask is switched on."""
    if before.computed.mask is not None:
        msg = "There was a mask before."
        raise DoesNotFitError(msg)
    tokens = after.state.board.toy.tokens
    old, new = (
        np.stack([weights_of(scene, row) for row in range(len(tokens))])
        for scene in (before, after)
    )
    gains = new - old
    second, first = np.sort(gains, axis=None)[-2:]
    if first - max(second, 0.0) < SEEN:
        msg = "No cell gains more than all others."
        raise DoesNotFitError(msg)
    row, column = (int(index) for index in np.unravel_index(gains.argmax(), gains.shape))
    was, now = told_apart(old[row, column], new[row, column])
    left = old[row][np.isfinite(after.computed.attention.logits[row])].sum()
    reader, source = tokens[row], tokens[column]
    return Answer(
        (row, column),
        f"Blocked scores are −∞ before the softmax, so the row of “{reader}” still sums to 1: "
        f"“{source}” gets {now}, up from {was}. Zeros put in after the softmax would leave "
        f"“{source}” at {was} and the row with a sum of {number(left)}.",
    )


def cell_called(cell: Value, scene: Scene) -> str:
    """Name a cell of the weights by its words."""
    row, column = _row_and_column(cell)
    tokens = scene.state.board.toy.tokens
    return f"“{tokens[row]}” reading “{tokens[column]}”"


def not_the_gain(given: Value, right: Value) -> str:
    """Say why another cell gains more under a causal mask."""
    del right
    row, column = _row_and_column(given)
    if column > row:
        return "This key stands after its query: the mask blocks it, and its weight becomes 0."
    return (
        "Another cell gains more. What a row loses goes to its open cells, so most is gained in a "
        "row that loses much and has few cells left."
    )


# --- the same number for all keys ------------------------------------------------------------


def shift_keys(state: DotProductState) -> DotProductState:
    """Add the same number to the first column of K."""
    key = state.board.toy.key.copy()
    key[:, 0] += ADDED
    return _edited(state, key=key)


def weights_when_shifted(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the weights when every key moves by the same vector."""
    n_token = len(after.state.board.toy.tokens)
    old = np.stack([weights_of(before, row, empty=True) for row in range(n_token)])
    try:
        new = np.stack([weights_of(after, row, empty=True) for row in range(n_token)])
    except ValueError:
        return Answer(BREAK, _why_broken(after))
    change = float(np.abs(new - old).max())
    if change > SEEN:
        msg = f"In {after.state.settings.precision} the numbers are too coarse for this question."
        raise DoesNotFitError(msg)
    moves = ADDED * before.computed.query[:, 0].astype(np.float64)
    row = int(np.abs(moves).argmax())
    return Answer(
        STAY,
        f"{FORMULA}, so all scores of a row change alike: those of "
        f"“{after.state.board.toy.tokens[row]}” by {number(moves[row])}. Softmax sees only the "
        f"differences within a row, and the largest change of a weight is {number(change, 3)}.",
    )


def _why_broken(scene: Scene) -> str:
    settings = scene.state.settings
    logits = scene.computed.attention.logits.astype(np.float64)
    inside = logits[np.isfinite(logits)] / settings.temperature
    return (
        "On paper nothing changes: all scores of a row change alike. But this softmax takes e to "
        f"the power of every number from {number(inside.min())} to {number(inside.max())} as it "
        f"stands, and {settings.precision} cannot hold what comes out."
    )


# --- cells and edits -------------------------------------------------------------------------


def _edited(state: DotProductState, key: NDArray[np.float64]) -> DotProductState:
    """Return the state with other keys, if a reader could have entered them."""
    if key.min() < BOUNDS[0] or key.max() > BOUNDS[1]:
        msg = f"A number would leave the range from {BOUNDS[0]:g} to {BOUNDS[1]:g}."
        raise DoesNotFitError(msg)
    return replace(state, board=state.board.edited({"key": key}))


def _row_and_column(cell: Value) -> tuple[int, int]:
    if not isinstance(cell, tuple):
        msg = f"{cell} is no row and column"
        raise TypeError(msg)
    return cell
