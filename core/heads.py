"""Heads as an axis: splitting, merging, shared keys and values, and the past that is kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.attention import Attention, scaled_dot_product_attention
from core.masks import causal_mask, combine_masks

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True, eq=False)
class Cache:
    """The keys and values of the tokens so far, so that they are not computed again.

    Attributes
    ----------
    key : ndarray, (..., n_kv_head, n_token, d_head)
    value : ndarray, (..., n_kv_head, n_token, d_value)
    """

    key: FloatArray
    value: FloatArray


def split_heads(x: ArrayLike, n_head: int) -> NDArray[Any]:
    """Cut the last axis into heads: (..., n, n_head * d) -> (..., n_head, n, d).

    Raises
    ------
    ValueError
        If `x` has fewer than two axes or `n_head` does not divide the last one.
    """
    array = np.asarray(x)
    if array.ndim < 2 or n_head < 1 or array.shape[-1] % n_head:
        msg = (
            f"{n_head} heads cannot share an array of shape {array.shape}: it needs two axes or "
            "more, and the last must be a multiple of the number of heads, which is at least 1."
        )
        raise ValueError(msg)
    *leading, n_token, width = array.shape
    heads = array.reshape(*leading, n_token, n_head, width // n_head)
    return np.moveaxis(heads, -2, -3)


def merge_heads(x: ArrayLike) -> NDArray[Any]:
    """Put the heads side by side, the inverse of `split_heads`.

    (..., n_head, n, d) -> (..., n, n_head * d).

    Raises
    ------
    ValueError
        If `x` has fewer than three axes.
    """
    array = np.asarray(x)
    if array.ndim < 3:
        msg = f"merge_heads needs axes (head, token, dimension) or more, got {array.shape}."
        raise ValueError(msg)
    *leading, n_head, n_token, d = array.shape
    return np.moveaxis(array, -3, -2).reshape(*leading, n_token, n_head * d)


def attend_in_groups(
    query: FloatArray,
    key: FloatArray,
    value: FloatArray,
    past: Cache | None = None,
    *,
    mask: ArrayLike | None = None,
    bias: ArrayLike | None = None,
    causal: bool = False,
    scale: float | None = None,
    softcap: float | None = None,
) -> tuple[Attention, Cache]:
    """Attend with heads that may share keys and values.

    Parameters
    ----------
    query : ndarray, (..., n_head, n_query, d_head)
    key : ndarray, (..., n_kv_head, n_new_key, d_head)
    value : ndarray, (..., n_kv_head, n_new_key, d_value)
        `n_kv_head` divides `n_head`; each serves ``n_head / n_kv_head`` query heads in a row.
    past : Cache, optional
        Goes before `key` and `value`.
    mask, bias, scale, softcap
        As in `scaled_dot_product_attention`, over (..., n_head, n_query, n_past + n_new_key).
    causal : bool
        Query i sees key j where ``j <= i + n_past``.

    Returns
    -------
    Attention
        Of every query head.
    Cache
        The past with the new keys and values.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    present = _append(past, Cache(key, value))
    n_past = present.key.shape[-2] - key.shape[-2]
    if causal:
        n_query, n_key = query.shape[-2], present.key.shape[-2]
        seen = causal_mask(n_past + n_query, n_key)[n_past:]  # (n_query, n_key)
        mask = seen if mask is None else combine_masks(mask, seen)
    n_head, n_kv_head = query.shape[-3], key.shape[-3]
    if n_kv_head == 0 or n_head % n_kv_head or value.shape[-3] != n_kv_head:
        msg = (
            f"{n_head} query heads cannot share {n_kv_head} key heads and {value.shape[-3]} value "
            "heads: keys and values need equally many, and a number that divides the queries'."
        )
        raise ValueError(msg)
    attention = scaled_dot_product_attention(
        query,
        np.repeat(present.key, n_head // n_kv_head, axis=-3),
        np.repeat(present.value, n_head // n_kv_head, axis=-3),
        mask=mask,
        bias=bias,
        scale=scale,
        softcap=softcap,
    )
    return attention, present


def _append(past: Cache | None, new: Cache) -> Cache:
    """Return the past with the new keys and values after it."""
    if past is None:
        return new
    for name in ("key", "value"):
        old, fresh = getattr(past, name).shape, getattr(new, name).shape
        if old[:-2] != fresh[:-2] or old[-1] != fresh[-1]:
            msg = (
                f"the past {name} has shape {old} and the new one {fresh}; only the tokens, their "
                "last axis but one, may differ in number."
            )
            raise ValueError(msg)
    return Cache(
        np.concatenate([past.key, new.key], axis=-2),
        np.concatenate([past.value, new.value], axis=-2),
    )
