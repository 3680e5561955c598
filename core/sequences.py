"""Two sequences and who reads whom: a decoder layer's two attentions, and words in another order.

A Transformer's decoder layer (Vaswani et al., *Attention is all you need*, 2017, section 3.1,
https://arxiv.org/abs/1706.03762) reads twice: its own sequence, causally, and then another one.
What was read is added to what was there (the residual connection of He et al., 2015,
https://arxiv.org/abs/1512.03385).

An *order* says of each place which place its word comes from: ``order[new] = old``. So
``array[list(order)]`` has the rows of `array` in that order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.multi_head import MultiHead, Projections, multi_head_attention

FloatArray = NDArray[np.floating[Any]]
Order = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class DecoderLayer:
    """The two attentions of a decoder layer, in order.

    Attributes
    ----------
    self_attention : MultiHead
        The target reads itself; no token reads a later one.
    after_self : ndarray, (..., n_target, d_model)
        The target plus what it read: what asks in `cross_attention`.
    cross_attention : MultiHead
        `after_self` reads the source, all of it.
    output : ndarray, (..., n_target, d_model)
        `after_self` plus what it read.
    """

    self_attention: MultiHead
    after_self: FloatArray
    cross_attention: MultiHead
    output: FloatArray


def decoder_layer(
    target: ArrayLike,
    source: ArrayLike,
    self_projections: Projections,
    cross_projections: Projections,
    *,
    n_head: int = 1,
) -> DecoderLayer:
    """Read one's own sequence up to each token, then another sequence.

    Left out of the layer of the paper: the two layer norms around these, and the feed-forward
    network (with a norm) that follows.

    Parameters
    ----------
    target : array_like of real numbers, (..., n_target, d_model)
        What the decoder was given: in training the sequence to be written, shifted right.
    source : array_like of real numbers, (..., n_source, d_source)
        What the encoder made of the other sequence.
    self_projections, cross_projections : Projections
        Both are to end in d_model numbers, to be added to the target.
    n_head : int, >= 1

    Returns
    -------
    DecoderLayer

    Raises
    ------
    ValueError
        If a shape does not fit.
    """
    x = np.asarray(target)
    own = multi_head_attention(x, None, self_projections, n_head=n_head, causal=True)
    after_self = _add(x, own.output, "self-attention")
    cross = multi_head_attention(after_self, source, cross_projections, n_head=n_head)
    return DecoderLayer(own, after_self, cross, _add(after_self, cross.output, "cross-attention"))


def shift_right(sequence: ArrayLike, start: ArrayLike) -> FloatArray:
    """Return what a decoder is given to write a sequence: a start, then all but the last token.

    Row i of what it computes then helps to write token i, which it has not been given.

    Parameters
    ----------
    sequence : array_like of real numbers, (n_token, d_model), n_token >= 1
    start : array_like of real numbers, (d_model,)

    Returns
    -------
    ndarray, (n_token, d_model)

    Raises
    ------
    ValueError
        If the shapes do not fit, or there is no token.
    """
    tokens, first = np.asarray(sequence), np.asarray(start)
    if tokens.ndim != 2 or not len(tokens) or first.shape != tokens.shape[1:]:
        msg = (
            f"Expected a sequence (n_token, d_model) and a start (d_model,), got {tokens.shape} "
            f"and {first.shape}."
        )
        raise ValueError(msg)
    shifted: FloatArray = np.concatenate([first[None], tokens[:-1]])
    return shifted


def _add(before: FloatArray, read: FloatArray, name: str) -> FloatArray:
    if read.shape != before.shape:
        msg = (
            f"What the {name} gives, of shape {read.shape}, is to be added to what asked, of shape "
            f"{before.shape}: give it a W_O or a d_value that makes both the same."
        )
        raise ValueError(msg)
    total: FloatArray = before + read
    return total


# --- words in another order ------------------------------------------------------------------


def swapped_order(n: int, one: int, other: int) -> Order:
    """Return the order of n words in which two have changed places.

    Raises
    ------
    ValueError
        If there is no such place.
    """
    if not (0 <= one < n and 0 <= other < n):
        msg = f"There are places 0 to {n - 1}; got {one} and {other}."
        raise ValueError(msg)
    order = list(range(n))
    order[one], order[other] = other, one
    return tuple(order)


def reversed_order(n: int) -> Order:
    """Return the order of n words from last to first."""
    return tuple(range(n - 1, -1, -1))


def shuffled_order(n: int, seed: int) -> Order:
    """Draw an order of n words, any but the one that they have (where n is 2 or more).

    Parameters
    ----------
    n : int, >= 0
    seed : int, >= 0
        The same seed gives the same order.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(n)
    while n > 1 and (order == np.arange(n)).all():
        order = rng.permutation(n)
    return tuple(order.tolist())


def inverse_order(order: Sequence[int]) -> Order:
    """Return the order that takes every word back to where it came from.

    Raises
    ------
    ValueError
        If `order` does not name every place once.
    """
    if sorted(order) != list(range(len(order))):
        msg = f"An order names every place from 0 to {len(order) - 1} once; got {tuple(order)}."
        raise ValueError(msg)
    return tuple(np.argsort(np.asarray(order, dtype=np.intp)).tolist())


def joined_order(first: Sequence[int], then: Sequence[int]) -> Order:
    """Return the order that two orders come to, one applied after the other."""
    return tuple(first[place] for place in then)


def change_by_word(
    before: FloatArray, now: FloatArray, rows: Sequence[int], columns: Sequence[int] | None = None
) -> FloatArray:
    """Compare two matrices word by word, wherever the words stand.

    Parameters
    ----------
    before : ndarray, (n_row, n_column)
        Computed with the words as they were.
    now : ndarray, (n_row, n_column)
        Computed with the words in another order.
    rows, columns : sequence of int
        The orders of the words that the rows, and the columns, belong to; columns stay in place
        unless given.

    Returns
    -------
    ndarray, (n_row, n_column)
        What `now` has more than `before`, laid out as `now`: all 0, up to rounding, if nothing
        but the order changed.
    """
    followed = before[list(rows)]
    if columns is not None:
        followed = followed[:, list(columns)]
    difference: FloatArray = now - followed
    return difference
