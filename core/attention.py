"""Scaled dot-product attention in NumPy: the centre of the lab.

``output = softmax(scale * query @ key^T) @ value``, equation 1 of Vaswani et al., *Attention is all
you need* (2017), https://arxiv.org/abs/1706.03762, with the options that models add to it, in the
order of the ONNX `Attention` operator (opsets 23 and 24, as corrected in April 2026):

    scores = query @ key^T
    logits = scores * scale           then softcap, then + bias, then mask (blocked cells -inf)
    weights = softmax(logits / temperature)
    output = weights @ value

Softcap stands before bias and mask because ``c tanh(-inf / c) = -c`` is finite: applied after them
it would let blocked cells in again. `core.torch_attention` is the same function on tensors.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.attention_inputs import (
    Window,
    allowed_cells,
    check_bias,
    check_options,
    check_shapes,
    scores_shape,
)
from core.masks import BoolArray
from core.softmax import float_dtype, softmax, working_dtype

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Attention:
    """Every stage of one attention, from scores to output.

    Attributes
    ----------
    scores : ndarray, (..., n_query, n_key)
        ``query @ key^T``, neither scaled nor masked. Leading axes: those of query and key.
    logits : ndarray, (..., n_query, n_key)
        What `softmax` is given: scaled, softcapped, biased; ``-inf`` in blocked cells. Leading
        axes: those of query, key, mask and bias.
    weights : ndarray, (..., n_query, n_key)
        In [0, 1]; every row sums to 1, or to 0 where nothing may be attended to. As `logits`.
    output : ndarray, (..., n_query, d_value)
        Leading axes: those of weights and value.
    """

    scores: FloatArray
    logits: FloatArray
    weights: FloatArray
    output: FloatArray


def scaled_dot_product_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    causal: bool = False,
    scale: float | None = None,
    temperature: float = 1.0,
    softcap: float | None = None,
    window: Window | None = None,
) -> Attention:
    """Let every query read the values, weighted by how well it matches the keys.

    Parameters
    ----------
    query : array_like of real numbers, (..., n_query, d_head)
    key : array_like of real numbers, (..., n_key, d_head)
    value : array_like of real numbers, (..., n_key, d_value)
        Leading axes broadcast. Nothing that is passed in is changed.
    mask : array_like of bool, broadcastable to (..., n_query, n_key), optional
        True = may attend. Makers are in `core.masks`.
    bias : array_like of real numbers, broadcastable to (..., n_query, n_key), optional
        Added to the scaled (and softcapped) scores. ``-inf`` blocks a cell.
    causal : bool
        Block every key after the query's own position; with n_query != n_key the diagonal starts
        top left, as in torch SDPA. For bottom right pass `core.masks.causal_mask` as `mask`.
    scale : float, optional
        Factor on the scores; 1 / sqrt(d_head) unless given.
    temperature : float, > 0
        Divides the logits inside softmax.
    softcap : float, > 0, optional
        Bounds the scaled scores softly: ``softcap * tanh(x / softcap)`` (Gemma 2, 2024).
    window : (left, right), optional
        How many keys before and after its own position (top left) a query may see; None in either
        place is no limit.

    Returns
    -------
    Attention
        All four arrays in the common dtype of query, key and value (float64 for integers),
        computed in at least float32.

    Raises
    ------
    ValueError
        If shapes do not fit, `mask` is not bool, `bias` is bool, or an option is out of range.

    Notes
    -----
    A cell is attended to only where `mask`, `causal`, `window` and `bias` all allow it. A query
    with nothing to attend to gets weights and output 0, as in torch SDPA and ONNX.

    Blocked means blocked: NaN or inf in a blocked key or value does not reach the output. (In
    torch SDPA a blocked value does, as 0 * NaN = NaN.) Where it is not blocked, it is seen.
    """
    q, k, v = (np.asarray(array) for array in (query, key, value))
    check_shapes(q.shape, k.shape, v.shape)
    check_options(scale, temperature, softcap)
    dtype = float_dtype(q, k, v)
    q, k, v = (array.astype(working_dtype(dtype), copy=False) for array in (q, k, v))

    allowed = allowed_cells(mask, causal, window, scores_shape(q.shape, k.shape))
    # NaN and inf travel to where they can be seen; warnings would say it twice.
    with np.errstate(invalid="ignore", over="ignore"):
        scores = q @ np.swapaxes(k, -1, -2)  # (..., n_query, n_key)
        scaled = scores * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
        logits = _block(_add_bias(_soften(scaled, softcap), bias), allowed)
        weights = softmax(logits, temperature=temperature)
        output = _read(weights, v, logits)
        return Attention(*(a.astype(dtype, copy=False) for a in (scores, logits, weights, output)))


def _soften(scaled: FloatArray, softcap: float | None) -> FloatArray:
    """Bound the scaled scores to (-softcap, softcap)."""
    return scaled if softcap is None else softcap * np.tanh(scaled / softcap)


def _add_bias(logits: FloatArray, bias: ArrayLike | None) -> FloatArray:
    """Add `bias` in the dtype of `logits`; -inf blocks even a NaN or +inf score."""
    if bias is None:
        return logits
    b = np.asarray(bias)
    check_bias(b.shape, logits.shape, is_bool=b.dtype == np.bool_)
    float_dtype(b)  # raises for anything but real numbers
    b = b.astype(logits.dtype, copy=False)
    return np.where(np.isneginf(b), b, logits + b)


def _block(logits: FloatArray, allowed: BoolArray | None) -> FloatArray:
    """Set cells that may not be attended to to -inf."""
    return logits if allowed is None else np.where(allowed, logits, -np.inf)


def _read(weights: FloatArray, value: FloatArray, logits: FloatArray) -> FloatArray:
    """Average the values with the weights, keeping NaN and inf from queries that may not see them.

    A plain product would spread them to every query, as 0 * NaN = NaN.
    """
    plain = weights @ value  # (..., n_query, d_value)
    finite = np.isfinite(value)
    if finite.all():
        return plain
    clean = weights @ np.where(finite, value, 0.0)
    visible = ~np.isneginf(logits)
    touched = visible.astype(value.dtype) @ (~finite).astype(value.dtype) > 0
    return np.where(touched, plain, clean)
