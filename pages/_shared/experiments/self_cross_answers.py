"""What changes when words are turned round, added or repeated, and what the numbers say then."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from core.sequence_examples import MOST_WORDS
from core.sequences import FloatArray, reversed_order
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.self_cross import CAUSAL, CROSS, DECODER, SELF, SelfCrossState
from pages._shared.self_cross_scene import ROUNDING, Scene, measured
from pages._shared.words import number

ADDED: Final = "now"
TWICE: Final = "the"
# A row that changes by less could not be seen to.
SEEN: Final = 0.005


def _asked_side(state: SelfCrossState) -> str:
    """Return the side that is read: that of the keys."""
    return "source" if state.kind in (CROSS, DECODER) else "target"


def rounding_of(result: FloatArray) -> float:
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
    tiny = rounding_of(old)
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
    if gap <= rounding_of(output) and not reading.causal:
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
