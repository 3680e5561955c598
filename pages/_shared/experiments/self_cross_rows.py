"""Which rows of the output change with the embedding of one word, and what the numbers say then."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from core.sequences import FloatArray
from pages._shared.experiments.self_cross_answers import rounding_of
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.self_cross import CROSS, SelfCrossState
from pages._shared.self_cross_scene import Scene, measured

GIVEN: Final = "chat"

# --- the last word ----------------------------------------------------------------------------

ONLY_LAST, ALL, ALL_BUT_LAST, NONE = 0, 1, 2, 3


def turn_last(state: SelfCrossState) -> SelfCrossState:
    """Give the last target word the opposite embedding."""
    return _negated(state, len(state.target.words) - 1)


def _negated(state: SelfCrossState, place: int) -> SelfCrossState:
    rows = state.target.rows.copy()
    rows[place] = 0.0 - rows[place]
    target = replace(state.target, rows=rows)
    return replace(state, target=target, version=state.version + 1)


def _rows_that_change(before: Scene, after: Scene) -> FloatArray:
    """Return by how much each row of the result changes."""
    changes: FloatArray = np.abs(after.result - before.result).max(axis=1)
    return changes


def rows_when_last_turns(before: Scene, after: Scene) -> Answer:
    """Find the rows that change with the last word."""
    changes = _rows_that_change(before, after)
    changed = changes > rounding_of(before.result)
    last, others = bool(changed[-1]), changed[:-1]
    name = before.state.target.words[-1]
    if not changed.any():
        if before.layer is None:
            msg = "Here nothing changes: the last word has nothing to turn over."
            raise DoesNotFitError(msg)
        return Answer(
            NONE,
            f"The decoder was given every word but the last: “{name}” is what it is to write next. "
            f"Nothing reads it, and the largest change is {measured(float(changes.max()))}.",
        )
    if last and not others.any():
        why = "stands before it, and may not read it"
        if before.state.kind == CROSS:
            why = "reads the source alone, never another target word"
        return Answer(
            ONLY_LAST,
            f"The row of “{name}” changes by up to {measured(float(changes[-1]))}. Every other row "
            f"{why}: their largest change is {measured(float(changes[:-1].max()))}.",
        )
    if last and others.all():
        return Answer(
            ALL,
            f"Without a mask every word reads “{name}”, with some weight at least. The smallest "
            f"change of a row is {measured(float(changes.min()))}.",
        )
    msg = "Here some rows change and others do not, in a way that the question does not name."
    raise DoesNotFitError(msg)


# --- the word to be written -------------------------------------------------------------------


def turn_given(state: SelfCrossState) -> SelfCrossState:
    """Give the second target word the opposite embedding.

    Raises
    ------
    DoesNotFitError
        If the target has other words than the question.
    """
    if state.target.words != ("le", "chat", "noir", "dort"):
        msg = "The question is about “le chat noir dort”, and the target has other words."
        raise DoesNotFitError(msg)
    return _negated(state, 1)


def first_row_to_change(before: Scene, after: Scene) -> Answer:
    """Find the first row of the result that another embedding changes."""
    changes = _rows_that_change(before, after)
    changed = np.flatnonzero(changes > rounding_of(before.result))
    if not len(changed):
        msg = "Here no row changes."
        raise DoesNotFitError(msg)
    row = int(changed[0])
    size, words = measured(float(changes[row])), before.state.target.words
    if before.layer is None:
        return Answer(
            row,
            "Here a row belongs to the word that asks, not to one that is to be written. The row "
            f"of “{words[row]}” is the first to change, by up to {size}.",
        )
    if row != words.index(GIVEN) + 1:
        msg = f"Here the row that was given “{GIVEN}” makes nothing of it."
        raise DoesNotFitError(msg)
    return Answer(
        row,
        f"The row “→ {GIVEN}” helps to write “{GIVEN}”, so it was given only what stands before: "
        f"it changes by {measured(float(changes[row - 1]))}. “{GIVEN}” is given to the next row, "
        f"“→ {words[row]}”, which changes by up to {size}.",
    )
