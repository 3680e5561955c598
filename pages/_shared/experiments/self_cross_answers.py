"""What changes in the experiments on self- and cross-attention, and what the numbers say then."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from core.sequence_examples import MOST_WORDS
from core.sequences import FloatArray, reversed_order
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.self_cross import (
    CAUSAL,
    CROSS,
    DECODER,
    SELF,
    SelfCrossState,
)
from pages._shared.self_cross_scene import ROUNDING, Scene, measured
from pages._shared.words import number

ADDED: Final = "now"
TWICE: Final = "the"
GIVEN: Final = "chat"
# A row that changes by less could not be seen to.
SEEN: Final = 0.005


def _asked_side(state: SelfCrossState) -> str:
    """Return the side that is read: that of the keys."""
    return "source" if state.kind in (CROSS, DECODER) else "target"


def _rounding_of(result: FloatArray) -> float:
    """Return the largest difference that rounding can make of numbers of this size."""
    return ROUNDING * max(1.0, float(np.abs(result).max()))


def _gap(one: FloatArray, other: FloatArray) -> float:
    return float(np.abs(one - other).max())


# --- the source turned round ------------------------------------------------------------------

STAYS, FOLLOWS, CHANGES = 0, 1, 2


def turn_round(state: SelfCrossState) -> SelfCrossState:
    """Put the words that are read in the opposite order."""
    side = _asked_side(state)
    return state.permuted(side, reversed_order(len(getattr(state, side).words)))


def output_when_turned(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the output when the words that are read stand the other way round."""
    old, new, kind = before.result, after.result, before.state.kind
    gap, followed = _gap(new, old), _gap(new, old[::-1])
    tiny = _rounding_of(old)
    if kind in (CROSS, DECODER) and gap <= tiny:
        return Answer(
            STAYS,
            "The columns of the weights changed places, and every weight still meets the value of "
            f"its own word. A sum has no order: the largest difference is {measured(gap)}.",
        )
    if kind == SELF and followed <= tiny < gap:
        return Answer(
            FOLLOWS,
            "In self-attention the words that are read also ask, so the rows are turned round "
            f"with them. Word for word, the largest difference is {measured(followed)}.",
        )
    if kind == CAUSAL and gap >= SEEN and followed >= SEEN:
        return Answer(
            CHANGES,
            "With a causal mask the order decides which words stand before a word, and so what it "
            f"may read. Even word for word the output differs by up to {number(followed)}.",
        )
    msg = "Here the rows of the output are too much alike to say what became of them."
    raise DoesNotFitError(msg)


# --- a longer source --------------------------------------------------------------------------

KEYS_ONLY, WITH_OUTPUT, EVERYTHING = 0, 1, 2


def add_word(state: SelfCrossState) -> SelfCrossState:
    """Add a word at the end of the words that are read.

    Raises
    ------
    DoesNotFitError
        If there is no room for one more.
    """
    side = _asked_side(state)
    words = getattr(state, side).words
    if len(words) == MOST_WORDS:
        msg = f"There are {MOST_WORDS} words already, the most that the page takes."
        raise DoesNotFitError(msg)
    return state.with_words(side, (*words, ADDED))


def shapes_that_change(before: Scene, after: Scene) -> Answer:
    """Find which matrices get another shape when a word is added."""
    old, new = before.readings[-1], after.readings[-1]
    shapes = [
        {
            "Q": reading.query.shape,
            "K": reading.key.shape,
            "V": reading.value.shape,
            "weights": reading.attention.weights.shape,
            "output": reading.attention.output.shape,
        }
        for reading in (old, new)
    ]
    changed = {name for name in shapes[0] if shapes[0][name] != shapes[1][name]}
    was, now = (" × ".join(map(str, shape["weights"])) for shape in shapes)
    n_query, d_value = shapes[1]["output"]
    if changed == {"K", "V", "weights"}:
        return Answer(
            KEYS_ONLY,
            f"The weights go from {was} to {now}: one more column, because there is one more key. "
            f"Who asks decides the rows: the output still is {n_query} × {d_value}.",
        )
    return Answer(
        EVERYTHING,
        "Here the words that are read also ask: one word more is one query, one key and one value "
        f"more. The weights go from {was} to {now}, and the output now is {n_query} × {d_value}.",
    )


# --- the same word twice ----------------------------------------------------------------------

SAME, DIFFERENT = 0, 1


def write_twice(state: SelfCrossState) -> SelfCrossState:
    """Turn the last word but one into another “the”, embedding and all.

    Raises
    ------
    DoesNotFitError
        If there is not one “the” before it.
    """
    words, place = state.target.words, len(state.target.words) - 2
    if words.count(TWICE) != 1 or words.index(TWICE) >= place:
        msg = f"The question needs one “{TWICE}”, and two words or more after it."
        raise DoesNotFitError(msg)
    rows = state.target.rows.copy()
    rows[place] = rows[words.index(TWICE)]
    renamed = state.with_words("target", (*words[:place], TWICE, words[-1]))
    target = replace(renamed.target, rows=rows)
    return replace(renamed, target=target, version=renamed.version + 1)


def rows_of_the_twins(before: Scene, after: Scene) -> Answer:
    """Find whether the same word, written twice, gives the same output twice."""
    del before
    reading = after.shown
    if after.layer is not None:
        msg = "In a decoder layer rows are called by the words to be written."
        raise DoesNotFitError(msg)
    first, second = (place for place, word in enumerate(reading.rows) if word == TWICE)
    output = reading.attention.output
    gap = _gap(output[first], output[second])
    if gap <= _rounding_of(output) and not reading.causal:
        numbers = ", ".join(number(value) for value in output[first])
        return Answer(
            SAME,
            f"Both rows are ({numbers}); the difference is {measured(gap)}. Attention knows a word "
            "by its embedding alone: the same embedding makes the same query, the same weights "
            "and the same output, wherever it stands.",
        )
    if gap < SEEN:
        msg = "Here the two rows differ by less than can be seen."
        raise DoesNotFitError(msg)
    return Answer(
        DIFFERENT,
        "Under a causal mask the second has more words to read than the first. Their rows differ "
        f"by up to {number(gap)}, although their queries are the same.",
    )


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
    changed = changes > _rounding_of(before.result)
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
    changed = np.flatnonzero(changes > _rounding_of(before.result))
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
