"""Attention with grouped heads under the names of the ONNX operator.

The semantics are those of ONNX `Attention`, opset 23, with its text as corrected in ONNX 1.23:
https://onnx.ai/onnx/operators/onnx__Attention.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.attention import Attention
from core.heads import Cache, attend_in_groups, merge_heads, split_heads

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Grouped:
    """What `grouped_attention` returns.

    Attributes
    ----------
    output : ndarray, (..., n_head, n_query, d_value) or (..., n_query, n_head * d_value)
        With as many axes as the inputs had.
    present : Cache
        The past, and the new keys and values after it.
    attention : Attention
        Every stage, head by head.
    """

    output: FloatArray
    present: Cache
    attention: Attention


def grouped_attention(
    query: ArrayLike,
    key: ArrayLike,
    value: ArrayLike,
    *,
    attn_mask: ArrayLike | None = None,
    past_key: ArrayLike | None = None,
    past_value: ArrayLike | None = None,
    q_num_heads: int | None = None,
    kv_num_heads: int | None = None,
    is_causal: bool = False,
    scale: float | None = None,
    softcap: float = 0.0,
) -> Grouped:
    """Attend as the ONNX `Attention` operator does (opset 23), under the operator's own names.

    Parameters
    ----------
    query : array_like, (batch, n_head, n_query, d_head) or (batch, n_query, n_head * d_head)
    key : array_like, (batch, n_kv_head, n_key, d_head) or (batch, n_key, n_kv_head * d_head)
    value : array_like, (batch, n_kv_head, n_key, d_value) or (batch, n_key, n_kv_head * d_value)
        All three with the same number of axes.
    attn_mask : array_like of bool or real numbers, optional
        Broadcastable to (batch, n_head, n_query, n_past + n_key). Bool: True = may attend; numbers
        are added to the scaled and softcapped scores.
    past_key, past_value : array_like, (batch, n_kv_head, n_past, d_head) and (..., d_value)
        Both or neither; always with four axes.
    q_num_heads, kv_num_heads : int, optional
        Needed with three axes; with four the shapes say it.
    is_causal : bool
        Query i attends to key j where ``j <= i + n_past``.
    scale : float, optional
        1 / sqrt(d_head) unless given.
    softcap : float, >= 0
        0 is none.

    Returns
    -------
    Grouped

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    arrays = [np.asarray(array) for array in (query, key, value)]
    q, k, v = _by_head(arrays, q_num_heads, kv_num_heads)
    if (past_key is None) != (past_value is None):
        msg = "past_key and past_value go together: give both or neither."
        raise ValueError(msg)
    past = None
    if past_key is not None and past_value is not None:
        past = Cache(np.asarray(past_key), np.asarray(past_value))
    extra = None if attn_mask is None else np.asarray(attn_mask)
    is_bool = extra is not None and extra.dtype == np.bool_
    attention, present = attend_in_groups(
        q,
        k,
        v,
        past,
        mask=extra if is_bool else None,
        bias=None if is_bool else extra,
        causal=is_causal,
        scale=scale,
        softcap=softcap or None,
    )
    output = merge_heads(attention.output) if arrays[0].ndim == 3 else attention.output
    return Grouped(output, present, attention)


def _by_head(
    arrays: Sequence[NDArray[Any]], n_head: int | None, n_kv_head: int | None
) -> Iterator[NDArray[Any]]:
    """Return query, key and value with an axis for the heads."""
    axes = {array.ndim for array in arrays}
    shapes = ", ".join(str(array.shape) for array in arrays)
    if axes not in ({3}, {4}):
        msg = f"query, key and value must all have three axes or all four; got {shapes}."
        raise ValueError(msg)
    if axes == {3} and (n_head is None or n_kv_head is None):
        msg = f"Shapes {shapes} do not show the heads: give q_num_heads and kv_num_heads."
        raise ValueError(msg)
    heads = (n_head, n_kv_head, n_kv_head)
    for array, n in zip(arrays, heads, strict=True):
        if array.ndim == 4 and n not in (None, array.shape[1]):
            msg = f"{n} heads were named, but the shapes {shapes} have {array.shape[1]}."
            raise ValueError(msg)
        yield array if n is None or array.ndim == 4 else split_heads(array, n)
