"""Softmax: scores in, weights that sum to 1 out.

Two versions stand side by side: the one to use, and the one that most tutorials print and that
overflows. Sources: Goodfellow, Bengio and Courville, *Deep Learning* (2016), section 4.1 (why the
maximum is subtracted); Shannon (1948) for the entropy.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def float_dtype(*arrays: NDArray[Any]) -> np.dtype[np.floating[Any]]:
    """Find the floating dtype in which results for these arrays are returned.

    Parameters
    ----------
    *arrays : ndarray
        Arrays of real numbers.

    Returns
    -------
    dtype
        NumPy's common type of the arrays; float64 where that is an integer type.

    Raises
    ------
    ValueError
        If the arrays hold something other than real numbers (bool, complex, text, objects).
    """
    dtype = np.result_type(*arrays)
    if np.issubdtype(dtype, np.integer):
        return np.dtype(np.float64)
    if not np.issubdtype(dtype, np.floating):
        msg = f"Expected arrays of real numbers (float or int), got dtype {dtype}."
        raise ValueError(msg)
    return dtype


def working_dtype(dtype: np.dtype[np.floating[Any]]) -> np.dtype[np.floating[Any]]:
    """Find the dtype to compute in: `dtype` itself, but never less than float32."""
    return np.result_type(dtype, np.float32)


def check_temperature(temperature: float) -> None:
    """Raise ValueError unless `temperature` is a finite number above 0."""
    if not (math.isfinite(temperature) and temperature > 0):
        msg = (
            f"temperature must be a finite number above 0, got {temperature}; "
            "small values sharpen the weights, large ones flatten them."
        )
        raise ValueError(msg)


def softmax(
    logits: ArrayLike, *, axis: int = -1, temperature: float = 1.0
) -> NDArray[np.floating[Any]]:
    """Turn each slice of `logits` into positive weights that sum to 1.

    ``weights = exp((x - max x) / T) / sum exp((x - max x) / T)``. Subtracting the maximum changes
    nothing on paper and keeps every exponent at or below 0, so nothing can overflow.

    Parameters
    ----------
    logits : array_like of real numbers, any shape
        ``-inf`` marks a cell that gets no weight.
    axis : int
        The axis along which weights sum to 1.
    temperature : float, > 0
        1 is plain softmax. Towards 0 the largest logit takes all; large values approach 1/n each.

    Returns
    -------
    ndarray, the shape of `logits`
        In [0, 1], in the dtype of `logits` (float64 for integers), computed in at least float32.
        A slice that is wholly ``-inf`` (or empty) has nothing to choose from: its weights are 0.
        A slice that holds NaN or ``+inf`` is NaN throughout, as in torch: no weights follow from
        it, and a guess would hide the mistake.

    Raises
    ------
    ValueError
        If `temperature` is not a finite number above 0, or `logits` are not real numbers.
    """
    check_temperature(temperature)
    x = np.asarray(logits)
    dtype = float_dtype(x)
    x = x.astype(working_dtype(dtype), copy=False)
    # A temperature below the smallest float of the dtype would round to 0 and divide 0 by 0.
    temperature = max(temperature, float(np.finfo(x.dtype).tiny))

    peak = np.max(x, axis=axis, keepdims=True, initial=-np.inf)
    peak = np.where(np.isneginf(peak), 0.0, peak)  # -inf - -inf would be NaN
    with np.errstate(invalid="ignore", over="ignore"):  # +inf - +inf is NaN, on purpose
        exponentials = np.exp((x - peak) / temperature)
    total = exponentials.sum(axis=axis, keepdims=True)
    # At least one exponential is exp(0) = 1, so a total of 0 means that every cell is blocked.
    weights = exponentials / np.where(total == 0, 1.0, total)
    return weights.astype(dtype, copy=False)


def naive_softmax(logits: ArrayLike, *, axis: int = -1) -> NDArray[np.floating[Any]]:
    """Compute softmax the way the formula reads, overflow included. A trap, kept to be seen.

    ``exp(x) / sum exp(x)`` in the dtype it is given, without subtracting the maximum. Many
    tutorials print it, and it works until it does not: ``exp(12)`` exceeds the largest float16
    (65504), ``exp(89)`` the largest float32, ``exp(710)`` the largest float64. Then the weights are
    ``inf / inf = NaN``. Very negative slices underflow to ``0 / 0 = NaN`` as well. The lab shows
    this beside `softmax`; nothing else should call it.

    Parameters
    ----------
    logits : array_like of real numbers, any shape
    axis : int
        The axis along which weights should sum to 1.

    Returns
    -------
    ndarray, the shape and dtype of `logits` (float64 for integers)
        NaN where the arithmetic broke down. NumPy's warnings are silenced: the NaN is the lesson.

    Raises
    ------
    ValueError
        If `logits` are not real numbers.
    """
    x = np.asarray(logits)
    x = x.astype(float_dtype(x), copy=False)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore", under="ignore"):
        exponentials = np.exp(x)
        # dtype is named because NumPy may otherwise add float16 up in float32.
        total = exponentials.sum(axis=axis, keepdims=True, dtype=x.dtype)
        return np.asarray(exponentials / total)


def entropy(weights: ArrayLike, *, axis: int = -1) -> NDArray[np.floating[Any]]:
    """Measure how spread out weights are, in nats: ``-sum w ln w``.

    Parameters
    ----------
    weights : array_like of real numbers, any shape
        Non-negative weights; each slice along `axis` sums to 1, or is wholly 0.
    axis : int
        The axis to sum over.

    Returns
    -------
    ndarray, the shape of `weights` without `axis`
        0 when one cell holds all the weight (and for a slice that is wholly 0), ``ln n`` when `n`
        cells share it equally. ``0 ln 0`` counts as 0, its limit. The dtype of `weights` (float64
        for integers), computed in at least float32. NaN weights give NaN.

    Raises
    ------
    ValueError
        If a weight is negative, or `weights` are not real numbers.
    """
    w = np.asarray(weights)
    dtype = float_dtype(w)
    w = w.astype(working_dtype(dtype), copy=False)
    if np.any(w < 0):
        msg = f"weights must not be negative, got a least weight of {np.nanmin(w)}."
        raise ValueError(msg)
    logarithms = np.log(np.where(w == 0, 1.0, w))  # ln 1 = 0 stands in for ln 0
    # 0.0 - x, not -x: a one-hot slice should read 0, not -0.
    return np.asarray(0.0 - (w * logarithms).sum(axis=axis)).astype(dtype, copy=False)
