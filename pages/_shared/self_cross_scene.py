"""What the page on self- and cross-attention computes: who reads whom, in this order and before."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from core.attention import Attention, scaled_dot_product_attention
from core.multi_head import MultiHead, Projections, multi_head_attention
from core.sequences import DecoderLayer, FloatArray, change_by_word, decoder_layer, shift_right
from core.softmax import softmax
from pages._shared.self_cross import CAUSAL, CROSS, DECODER, SelfCrossState
from pages._shared.words import number

START: Final = "[start]"
# Adding up in another order may change the last digits of what is about 1; nothing else may.
ROUNDING: Final = 1e-9
_SHOWN: Final = 0.005  # what two decimals show
WITHIN, ONTO_SOURCE = "self", "cross"


@dataclass(frozen=True, eq=False)
class Reading:
    """One attention: who asks, who is asked, and every stage of it.

    Attributes
    ----------
    asking, asked : tuple of str
        The words that give the queries, and those that give keys and values.
    rows : tuple of str
        What the rows of Q, of the weights and of the output are called: the words that ask or,
        in a decoder layer, those that the rows help to write.
    part : {"self", "cross"}
        Whose matrices these are.
    target, source : ndarray, (n_query, d_model), (n_key, d_model)
        Their embeddings.
    matrices : Projections
    heads : MultiHead
        Of one head.
    causal : bool
    """

    asking: tuple[str, ...]
    asked: tuple[str, ...]
    rows: tuple[str, ...]
    part: str
    target: FloatArray
    source: FloatArray
    matrices: Projections
    heads: MultiHead
    causal: bool = False

    @property
    def query(self) -> FloatArray:
        """Q, (n_query, d_head)."""
        query: FloatArray = self.heads.query[0]
        return query

    @property
    def key(self) -> FloatArray:
        """K, (n_key, d_head)."""
        key: FloatArray = self.heads.key[0]
        return key

    @property
    def value(self) -> FloatArray:
        """V, (n_key, d_value)."""
        value: FloatArray = self.heads.value[0]
        return value

    @property
    def attention(self) -> Attention:
        """The stages of its only head, from scores to output."""
        stages = self.heads.attention
        return Attention(stages.scores[0], stages.logits[0], stages.weights[0], stages.output[0])

    @property
    def scaled(self) -> FloatArray:
        """The logits before any mask, (n_query, n_key)."""
        return self.attention.scores / math.sqrt(self.query.shape[1])


@dataclass(frozen=True, eq=False)
class Moved:
    """What another order of the words has changed, word by word.

    Attributes
    ----------
    target, source : bool
        Whose words stand in another order than they were written in.
    before : Reading
        The same attention with the words as they were written.
    change : ndarray, (n_query, d_value)
        What the output has more than before, laid out as it is now.
    """

    target: bool
    source: bool
    before: Reading
    change: FloatArray

    @property
    def largest(self) -> float:
        """The largest change of a number of the output."""
        return float(np.abs(self.change).max())

    @property
    def only_order(self) -> bool:
        """Whether nothing but the order changed, up to rounding."""
        scale = max(1.0, float(np.abs(self.before.attention.output).max()))
        return self.largest <= ROUNDING * scale


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page shows.

    Attributes
    ----------
    state : SelfCrossState
    readings : tuple of Reading
        One attention; of a decoder layer both, in order.
    layer : DecoderLayer or None
    moved : Moved or None
        None while the words of the attention shown stand as they were written.
    """

    state: SelfCrossState
    readings: tuple[Reading, ...]
    layer: DecoderLayer | None
    moved: Moved | None

    @property
    def shown(self) -> Reading:
        """The attention that is shown in full."""
        return self.readings[self.state.step if self.layer is not None else 0]

    @property
    def chosen(self) -> tuple[int, int]:
        """The chosen cell of its weights."""
        n_query, n_key = self.shown.attention.weights.shape
        return min(self.state.query, n_query - 1), min(self.state.key, n_key - 1)

    @property
    def result(self) -> FloatArray:
        """What comes out at the end: the output, or that of the whole decoder layer."""
        return self.shown.attention.output if self.layer is None else self.layer.output


def see(state: SelfCrossState) -> Scene:
    """Compute what the page shows in a state."""
    now = _compute(state)
    target = state.target.is_permuted
    source = state.source.is_permuted and now.shown.part == ONTO_SOURCE
    if not (target or source):
        return now
    written = replace(state, target=state.target.as_written(), source=state.source.as_written())
    before = _compute(written).shown
    change = change_by_word(before.attention.output, now.shown.attention.output, state.target.order)
    return replace(now, moved=Moved(target, source, before, change))


def _compute(state: SelfCrossState) -> Scene:
    x = state.target.rows[:, : state.d_model]
    if state.kind == DECODER:
        return _decoder_scene(state, x)
    words = state.target.words
    matrices = _projections(state, ONTO_SOURCE if state.kind == CROSS else WITHIN)
    if state.kind == CROSS:
        y = state.source.rows[:, : state.d_model]
        heads = multi_head_attention(x, y, matrices, n_head=1)
        reading = Reading(words, state.source.words, words, ONTO_SOURCE, x, y, matrices, heads)
    else:
        causal = state.kind == CAUSAL
        heads = multi_head_attention(x, None, matrices, n_head=1, causal=causal)
        reading = Reading(words, words, words, WITHIN, x, x, matrices, heads, causal)
    return Scene(state, (reading,), None, None)


def _decoder_scene(state: SelfCrossState, x: FloatArray) -> Scene:
    given = shift_right(x, state.start[: state.d_model])
    y = state.source.rows[:, : state.d_model]
    within, onto = (_projections(state, part) for part in (WITHIN, ONTO_SOURCE))
    layer = decoder_layer(given, y, within, onto)
    asking = (START, *state.target.words[:-1])
    rows = tuple(f"→ {word}" for word in state.target.words)
    first = Reading(
        asking, asking, rows, WITHIN, given, given, within, layer.self_attention, causal=True
    )
    second = Reading(
        asking,
        state.source.words,
        rows,
        ONTO_SOURCE,
        layer.after_self,
        y,
        onto,
        layer.cross_attention,
    )
    return Scene(state, (first, second), layer, None)


def _projections(state: SelfCrossState, part: str) -> Projections:
    """Return the matrices of one attention in their present sizes."""
    query, key, value = (
        getattr(state.matrices, f"{part}_{name}")[: state.d_model, :width]
        for name, width in (
            ("query", state.d_head),
            ("key", state.d_head),
            ("value", state.width),
        )
    )
    return Projections(query, key, value)


def measured(value: float) -> str:
    """Write a difference: two decimals if they show it, else its size."""
    if value == 0:
        return "exactly 0"
    return number(value) if value >= _SHOWN else np.format_float_scientific(value, 1, trim="-")


def functions_that_ran(state: SelfCrossState) -> tuple[Callable[..., Any], ...]:
    """Return the functions of `core` behind what is shown, the outermost first."""
    inside = (multi_head_attention, scaled_dot_product_attention, softmax)
    return (shift_right, decoder_layer, *inside) if state.kind == DECODER else inside
