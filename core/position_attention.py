"""Attention among words that have positions, and what the order of the words does to it.

Query, key and value are the words' vectors themselves: no learned projections, so that positions
are all that stands between the words and their weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from core.attention import Attention, scaled_dot_product_attention
from core.position_bias import (
    alibi_bias,
    alibi_slopes,
    relative_bias,
    relative_bucket,
    relative_positions,
)
from core.positional import FloatArray, Layout, sinusoidal_encoding
from core.rotary import rotary_caches, rotate

Kind = Literal["None", "Sinusoidal", "Learned", "Rotary", "ALiBi", "T5 bias"]

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
ADDED: Final = frozenset({"Sinusoidal", "Learned"})
BIASED: Final = frozenset({"ALiBi", "T5 bias"})
MAX_DISTANCE: Final = 32


@dataclass(frozen=True, eq=False)
class Positions:
    """How words get their positions.

    Attributes
    ----------
    kind : {"None", "Sinusoidal", "Learned", "Rotary", "ALiBi", "T5 bias"}
    first : int, >= 0
        Position of the first word; the others follow it one by one.
    causal : bool
        Whether a word may read only itself and what stands before it.
    base : float
        Of the sinusoids, and of rotary.
    layout : {"interleaved", "halves"}
        Of the sinusoids, and of rotary.
    rotary_dim : int
        How many numbers of a word rotary turns.
    table : ndarray, (position, d_model)
        The learned positions, from position 0.
    n_heads, head : int
        How many heads share out ALiBi's slopes; which one this is, from 0.
    bucket_bias : ndarray, (n_buckets,)
        T5's bias of each bucket, in this head.
    """

    kind: Kind
    first: int
    causal: bool
    base: float
    layout: Layout
    rotary_dim: int
    table: FloatArray
    n_heads: int
    head: int
    bucket_bias: FloatArray


@dataclass(frozen=True, eq=False)
class Read:
    """One attention among words with positions.

    Attributes
    ----------
    query, key, value : ndarray of float64, (n, d_model)
        The words with what was added to them, or turned; key and query are the same.
    bias : ndarray of float64, (n, n), or None
        What is added to the scaled scores.
    attention : Attention
    """

    query: FloatArray
    key: FloatArray
    value: FloatArray
    bias: FloatArray | None
    attention: Attention


@dataclass(frozen=True, eq=False)
class OrderEffect:
    """What another order of the same words did.

    Attributes
    ----------
    weights : ndarray of float64, (n, n)
        Weights in the new order minus those of the same two words in the old one.
    output : ndarray of float64, (n, d_value)
        The same of the outputs.
    """

    weights: NDArray[np.floating[Any]]
    output: NDArray[np.floating[Any]]

    @property
    def largest(self) -> float:
        """The largest difference of any weight or output."""
        return float(max(np.abs(self.weights).max(), np.abs(self.output).max()))

    @property
    def place(self) -> tuple[int, int]:
        """The query and the key of the weight that changed most."""
        row, column = divmod(int(np.abs(self.weights).argmax()), self.weights.shape[1])
        return row, column


def read_words(content: FloatArray, positions: Positions) -> Read:
    """Let every word read all words.

    Parameters
    ----------
    content : ndarray of float64, (n, d_model)
        The words in their order, without positions.
    positions : Positions

    Returns
    -------
    Read

    Raises
    ------
    ValueError
        If a learned table has no row for a position.
    """
    value = content + added_to(len(content), content.shape[1], positions)
    query = turned(value, positions)
    bias = bias_of(len(content), positions)
    attention = scaled_dot_product_attention(
        query, query, value, bias=bias, causal=positions.causal
    )
    return Read(query, query, value, bias, attention)


def places_of(n: int, positions: Positions) -> NDArray[np.int64]:
    """Return the positions of `n` words."""
    return positions.first + np.arange(n)


def added_to(n: int, d_model: int, positions: Positions) -> FloatArray:
    """Return what is added to each of `n` words, (n, d_model); zeros where nothing is.

    Raises
    ------
    ValueError
        If a learned table has no row for a position.
    """
    places = places_of(n, positions)
    if positions.kind == "Sinusoidal":
        return sinusoidal_encoding(places, d_model, base=positions.base, layout=positions.layout)
    if positions.kind == "Learned":
        if places[-1] >= len(positions.table):
            msg = (
                f"The table has positions 0 to {len(positions.table) - 1}; there is none for "
                f"{places[-1]}."
            )
            raise ValueError(msg)
        return positions.table[places]
    return np.zeros((n, d_model))


def turned(vectors: FloatArray, positions: Positions) -> FloatArray:
    """Return queries or keys, (n, d_model), turned if the positions are rotary."""
    if positions.kind != "Rotary":
        return vectors
    caches = rotary_caches(
        places_of(len(vectors), positions), positions.rotary_dim, base=positions.base
    )
    return rotate(vectors, *caches, layout=positions.layout).astype(np.float64, copy=False)


def bias_of(n: int, positions: Positions) -> FloatArray | None:
    """Return the bias of one head on the scores of `n` words, (n, n), or None."""
    if positions.kind not in BIASED:
        return None
    places = places_of(n, positions)
    relative = relative_positions(places, places)
    if positions.kind == "ALiBi":
        slope = alibi_slopes(positions.n_heads)[[positions.head]]
        return alibi_bias(relative, slope).reshape(n, n)
    buckets = relative_bucket(
        relative,
        bidirectional=not positions.causal,
        n_buckets=len(positions.bucket_bias),
        max_distance=MAX_DISTANCE,
    )
    return relative_bias(buckets, positions.bucket_bias[np.newaxis]).reshape(n, n)


def order_effect(content: FloatArray, order: Sequence[int], positions: Positions) -> OrderEffect:
    """Put words into another order and compare each word, and each pair of words, with itself.

    Parameters
    ----------
    content : ndarray of float64, (n, d_model)
        The words in the old order.
    order : sequence of int
        Which of them stands in each place of the new order.
    positions : Positions
        The same for both: they belong to places, not to words.

    Returns
    -------
    OrderEffect
        In the new order. Where only the order changed, all of it is 0, to rounding.
    """
    moved = np.asarray(order)
    old = read_words(content, positions).attention
    new = read_words(content[moved], positions).attention
    return OrderEffect(
        weights=new.weights - old.weights[np.ix_(moved, moved)],
        output=new.output - old.output[moved],
    )
