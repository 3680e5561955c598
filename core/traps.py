"""Mistakes that teaching code is known for, computed so that they can be seen.

Nothing here is to be used for anything but showing what goes wrong. What is right stands in
`core.softmax`, `core.masks` and `core.attention`. Mistakes with positions are in
`core.position_traps`; what PyTorch itself makes of some of them is in `core.torch_traps`.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from core.attention import Attention, FloatArray
from core.masks import BoolArray, padding_mask, require_bool
from core.softmax import check_temperature, entropy, float_dtype, naive_softmax, working_dtype


def with_naive_softmax(
    attention: Attention, value: ArrayLike, *, temperature: float = 1.0
) -> Attention:
    """Compute the last two stages again as many tutorials do: without subtracting the maximum.

    Parameters
    ----------
    attention : Attention
        A computed attention; its logits are reused as they are, dtype included.
    value : array_like of real numbers, (..., n_key, d_value)
        The values that `attention` read.
    temperature : float, > 0
        Divides the logits.

    Returns
    -------
    Attention
        The same scores and logits; weights and output with every overflow left in (NaN).
        In float16 that happens from a logit of about 11.1, in float32 of about 88.7.

    Raises
    ------
    ValueError
        If `temperature` is not a finite number above 0.
    """
    check_temperature(temperature)
    dtype = attention.logits.dtype
    with np.errstate(over="ignore", invalid="ignore"):
        weights = naive_softmax((attention.logits / temperature).astype(dtype))
        output = (weights @ np.asarray(value)).astype(dtype)
    return replace(attention, weights=weights, output=output)


def fill_blocked(scores: ArrayLike, mask: ArrayLike, fill: float) -> FloatArray:
    """Write a number into blocked cells: ``scores[~mask] = fill``.

    The number is rounded to the dtype of the scores first, as any assignment does. Beyond the
    largest number of that dtype it becomes infinite: -1e9 in float16 (largest 65504) is ``-inf``.

    Parameters
    ----------
    scores : array_like of real numbers, (..., n_query, n_key)
    mask : array_like of bool, broadcastable to the shape of `scores`
        True = may attend.
    fill : float
        ``-inf`` is what blocks a cell; any other number leaves it in the running.

    Returns
    -------
    ndarray, the shape and dtype of `scores` (float64 for integers)

    Raises
    ------
    ValueError
        If `scores` are not real numbers or `mask` is not bool.
    """
    x = np.asarray(scores)
    x = x.astype(float_dtype(x), copy=False)
    with np.errstate(over="ignore"):
        number = np.asarray(fill).astype(x.dtype)
    return np.where(require_bool(mask), x, number)


def add_fill(scores: ArrayLike, mask: ArrayLike, fill: float) -> FloatArray:
    """Add a number to blocked cells and 0 to the others: ``scores + (1 - mask) * fill``.

    Everything is computed in the dtype of the scores. Where `fill` is infinite there, the cells
    that may be attended to get ``0 * inf = NaN``.

    Parameters
    ----------
    scores : array_like of real numbers, (..., n_query, n_key)
    mask : array_like of bool, broadcastable to the shape of `scores`
        True = may attend.
    fill : float

    Returns
    -------
    ndarray, the shape and dtype of `scores` (float64 for integers)

    Raises
    ------
    ValueError
        If `scores` are not real numbers or `mask` is not bool.
    """
    x = np.asarray(scores)
    x = x.astype(float_dtype(x), copy=False)
    with np.errstate(over="ignore", invalid="ignore"):
        blocked = (~require_bool(mask)).astype(x.dtype)
        return np.asarray(x + blocked * np.asarray(fill).astype(x.dtype))


def unguarded_softmax(logits: ArrayLike) -> FloatArray:
    """Compute softmax over the last axis with no thought of rows that are wholly blocked.

    The maximum is subtracted, so nothing overflows; but where the maximum is ``-inf`` itself,
    ``-inf - -inf`` makes the whole row NaN, as in `torch.softmax`.

    Parameters
    ----------
    logits : array_like of real numbers, (..., n_key)

    Returns
    -------
    ndarray, the shape and dtype of `logits` (float64 for integers)
        Computed in at least float32.

    Raises
    ------
    ValueError
        If `logits` are not real numbers.
    """
    x = np.asarray(logits)
    dtype = float_dtype(x)
    x = x.astype(working_dtype(dtype), copy=False)
    with np.errstate(invalid="ignore"):
        exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
        weights = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return np.asarray(weights.astype(dtype, copy=False))


def leaked_weight(weights: ArrayLike, mask: ArrayLike) -> FloatArray:
    """Add up what each query reads from keys that it may not attend to.

    Parameters
    ----------
    weights : array_like of real numbers, (..., n_query, n_key)
    mask : array_like of bool, broadcastable to the shape of `weights`
        True = may attend.

    Returns
    -------
    ndarray, (..., n_query)
        0 where the mask held, up to 1; NaN where a weight is.

    Raises
    ------
    ValueError
        If `weights` are not real numbers or `mask` is not bool.
    """
    w = np.asarray(weights)
    w = w.astype(float_dtype(w), copy=False)
    return np.asarray(np.where(require_bool(mask), 0.0, w).sum(axis=-1))


def padding_on_queries(length: int, n_query: int) -> BoolArray:
    """Put a padding mask on the wrong axis: rows in place of columns.

    Parameters
    ----------
    length : int, 0 to n_query
        The number of real tokens.
    n_query : int, >= 0

    Returns
    -------
    ndarray of bool, (n_query, 1)
        False in the rows of the padding, whose outputs nobody uses; the padding stays readable.
        What was meant is `core.masks.padding_mask`, (1, n_key).

    Raises
    ------
    ValueError
        If `length` is not a whole number from 0 to `n_query`.
    """
    return np.swapaxes(padding_mask(length, n_query), -1, -2)


def mean_entropy(weights: ArrayLike) -> float:
    """Return how spread out rows of weights are: the mean of their entropies, in nats.

    Parameters
    ----------
    weights : array_like of real numbers, (..., n_key)
        At least one row.
    """
    return float(entropy(np.asarray(weights, dtype=np.float64)).mean())
