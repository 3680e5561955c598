"""Multi-head attention in NumPy: several small attentions side by side, and one matrix after them.

    head_h = attention(target W_Q[h], source W_K[h], source W_V[h])
    output = [head_1, head_2, ...] W_O

Section 3.2.2 of Vaswani et al., *Attention is all you need* (2017),
https://arxiv.org/abs/1706.03762. Heads may share keys and values: in groups (Ainslie et al., *GQA*,
2023, https://arxiv.org/abs/2305.13245) or all of them (Shazeer, *Fast Transformer Decoding*, 2019,
https://arxiv.org/abs/1911.02150). Every head is one `core.attention.scaled_dot_product_attention`;
what parameters and caches cost is counted in `core.head_counts`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.attention import Attention
from core.grouped_attention import grouped_attention
from core.heads import Cache, attend_in_groups, merge_heads, split_heads
from core.softmax import float_dtype, working_dtype

# One place to import all of it from.
__all__ = ["Cache", "MultiHead", "Projections", "grouped_attention", "merge_heads"]
__all__ += ["multi_head_attention", "split_heads"]

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Projections:
    """The matrices of a multi-head attention; a row of x becomes the row ``x @ matrix + bias``.

    (`torch.nn.Linear` keeps the transpose of such a matrix.) The columns of `query`, `key` and
    `value` belong to the heads in order, d_head (d_value) of them each; so do the rows of `output`.

    Attributes
    ----------
    query : ndarray, (d_model, n_head * d_head)
        W_Q.
    key : ndarray, (d_source, n_kv_head * d_head)
        W_K.
    value : ndarray, (d_source, n_kv_head * d_value)
        W_V.
    output : ndarray, (n_head * d_value, d_out), optional
        W_O; None leaves the heads side by side.
    query_bias, key_bias, value_bias, output_bias : ndarray, (columns of the matrix,), optional
    """

    query: FloatArray
    key: FloatArray
    value: FloatArray
    output: FloatArray | None = None
    query_bias: FloatArray | None = None
    key_bias: FloatArray | None = None
    value_bias: FloatArray | None = None
    output_bias: FloatArray | None = None


@dataclass(frozen=True, eq=False)
class MultiHead:
    """Every stage of a multi-head attention.

    Attributes
    ----------
    query : ndarray, (..., n_head, n_query, d_head)
    key : ndarray, (..., n_kv_head, n_key, d_head)
    value : ndarray, (..., n_kv_head, n_key, d_value)
        With those of the past first, where there is one.
    attention : Attention
        Of every head: weights (..., n_head, n_query, n_key), also of heads that are dropped.
    concatenated : ndarray, (..., n_query, n_head * d_value)
        The outputs of the heads side by side; 0 for heads that are dropped.
    output : ndarray, (..., n_query, d_out)
        ``concatenated @ W_O + bias``; `concatenated` where there is no W_O.
    """

    query: FloatArray
    key: FloatArray
    value: FloatArray
    attention: Attention
    concatenated: FloatArray
    output: FloatArray

    @property
    def present(self) -> Cache:
        """Keys and values so far: the `past` of the next step."""
        return Cache(self.key, self.value)


def multi_head_attention(
    target: ArrayLike,
    source: ArrayLike | None,
    projections: Projections,
    *,
    n_head: int,
    n_kv_head: int | None = None,
    mask: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    causal: bool = False,
    scale: float | None = None,
    softcap: float | None = None,
    past: Cache | None = None,
    dropped: Collection[int] = (),
) -> MultiHead:
    """Let every token of `target` read `source` with several heads at once.

    Parameters
    ----------
    target : array_like of real numbers, (..., n_query, d_model)
        Who asks.
    source : array_like of real numbers, (..., n_new_key, d_source), or None
        Who is asked; None is `target` itself: self-attention.
    projections : Projections
    n_head : int, >= 1
        Heads of the queries.
    n_kv_head : int, optional
        Heads of keys and values, a divisor of `n_head`; as many as `n_head` unless given. Query
        head h reads key/value head ``h // (n_head / n_kv_head)``.
    mask, bias : array_like, broadcastable to (..., n_head, n_query, n_key), optional
        As in `scaled_dot_product_attention`: bool, True = may attend; and numbers added to the
        scaled scores. A mask for each sequence of a batch needs an axis of 1 for the heads.
    causal : bool
        Query i sees the keys up to its own position, ``i + n_past``.
    scale : float, optional
        1 / sqrt(d_head) unless given: of a head's own width, not of d_model.
    softcap : float, > 0, optional
    past : Cache, optional
        Keys and values from before: (..., n_kv_head, n_past, d_head) and (..., d_value).
    dropped : collection of int
        Heads, from 0, whose output is put to 0 before W_O.

    Returns
    -------
    MultiHead
        All arrays in the common dtype of what was given, computed in at least float32.

    Raises
    ------
    ValueError
        If a shape does not fit, heads do not divide what they share, or there is no such head.
    """
    x = np.asarray(target)
    y = x if source is None else np.asarray(source)
    given = [array for array in _arrays(projections) if array is not None]
    dtype = float_dtype(x, y, *given)
    x, y = (array.astype(working_dtype(dtype), copy=False) for array in (x, y))
    p = projections
    with np.errstate(invalid="ignore", over="ignore"):  # NaN and inf are seen in the result
        query = split_heads(_project(x, p.query, p.query_bias, "W_Q"), n_head)
        n_shared = n_head if n_kv_head is None else n_kv_head
        key = split_heads(_project(y, p.key, p.key_bias, "W_K"), n_shared)
        value = split_heads(_project(y, p.value, p.value_bias, "W_V"), n_shared)
        attention, present = attend_in_groups(
            query,
            key,
            value,
            past,
            mask=mask,
            bias=bias,
            causal=causal,
            scale=scale,
            softcap=softcap,
        )
        heads = attention.output.copy()  # (..., n_head, n_query, d_value)
        heads[..., _require_heads(dropped, n_head), :, :] = 0.0
        concatenated = merge_heads(heads)
        output = _finish(concatenated, p)

    def cast(array: FloatArray) -> FloatArray:
        return array.astype(dtype, copy=False)

    stages = (getattr(attention, stage.name) for stage in fields(Attention))
    return MultiHead(
        cast(query),
        cast(present.key),
        cast(present.value),
        Attention(*map(cast, stages)),
        cast(concatenated),
        cast(output),
    )


def _arrays(projections: Projections) -> tuple[NDArray[Any] | None, ...]:
    return tuple(getattr(projections, field.name) for field in fields(Projections))


def _project(x: FloatArray, matrix: FloatArray, bias: FloatArray | None, name: str) -> FloatArray:
    """Return ``x @ matrix + bias``, or say which shapes do not fit."""
    if matrix.ndim != 2 or x.ndim < 2 or x.shape[-1] != matrix.shape[0]:
        msg = (
            f"{name} of shape {matrix.shape} does not fit what it projects, of shape {x.shape}: it "
            "needs two axes, and as many rows as that has numbers in a token."
        )
        raise ValueError(msg)
    if bias is not None and bias.shape != matrix.shape[1:]:
        msg = f"the bias of {name} has shape {bias.shape}; it needs {matrix.shape[1:]}."
        raise ValueError(msg)
    matrix = matrix.astype(x.dtype, copy=False)
    projected: FloatArray = x @ matrix if bias is None else x @ matrix + bias.astype(x.dtype)
    return projected


def _finish(concatenated: FloatArray, projections: Projections) -> FloatArray:
    """Mix the heads by W_O, if there is one."""
    if projections.output is not None:
        return _project(concatenated, projections.output, projections.output_bias, "W_O")
    if projections.output_bias is not None:
        msg = "There is an output bias but no W_O; give both or neither."
        raise ValueError(msg)
    return concatenated


def _require_heads(heads: Collection[int], n_head: int) -> list[int]:
    """Return the heads as a list, refusing those that there are not."""
    for head in heads:
        if not 0 <= head < n_head:
            msg = f"There is no head {head} to drop: {n_head} heads are counted from 0."
            raise ValueError(msg)
    return list(heads)
