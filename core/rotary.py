"""Rotary positions in NumPy: queries and keys are turned by an angle that grows with the position.

Turned by ``m w`` and ``n w``, a query at position m and a key at n keep a dot product that depends
on ``m - n`` alone. Su et al. 2021, *RoFormer*, https://arxiv.org/abs/2104.09864, with the semantics
of the ONNX `RotaryEmbedding` operator (opset 23).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.positional import FloatArray, Layout, check_layout, sinusoidal_angles


def rotary_caches(
    positions: ArrayLike, rotary_dim: int, *, base: float = 10000.0
) -> tuple[FloatArray, FloatArray]:
    """Return the cosines and the sines of every pair's angle at every position.

    Parameters
    ----------
    positions : array_like of real numbers, (...)
    rotary_dim : int, even, >= 2
        How many numbers of a head are turned, two by two.
    base : float, > 0
        Pair i turns by ``base**(-2 i / rotary_dim)`` radians a position.

    Returns
    -------
    cos, sin : ndarray of float64, (..., rotary_dim / 2)

    Raises
    ------
    ValueError
        If `rotary_dim` is odd or below 2, or `base` or a position is out of range.
    """
    if rotary_dim < 2 or rotary_dim % 2:
        msg = f"rotary_dim must be an even number from 2 on, got {rotary_dim}."
        raise ValueError(msg)
    angles = sinusoidal_angles(positions, rotary_dim, base=base)
    return np.cos(angles), np.sin(angles)


def rotate(
    vectors: ArrayLike, cos: ArrayLike, sin: ArrayLike, *, layout: Layout = "halves"
) -> NDArray[np.floating[Any]]:
    """Turn the pairs of every vector.

    Parameters
    ----------
    vectors : array_like of real numbers, (..., d_head)
    cos, sin : array_like of real numbers, broadcastable to (..., rotary_dim / 2)
        From `rotary_caches`. Numbers of a vector beyond rotary_dim stay as they are.
    layout : {"halves", "interleaved"}
        Number i forms a pair with number ``i + rotary_dim / 2``, or with its neighbour. Weights
        that were trained with one layout are of no use with the other.

    Returns
    -------
    ndarray, (..., d_head)
        Of the dtype of `vectors`, float64 for integers.

    Raises
    ------
    ValueError
        If the caches differ in shape or hold more pairs than a vector has.
    """
    x, c, s = (np.asarray(array) for array in (vectors, cos, sin))
    if c.shape != s.shape:
        msg = f"cos and sin must have the same shape, got {c.shape} and {s.shape}."
        raise ValueError(msg)
    rotary_dim = 2 * c.shape[-1]
    if rotary_dim > x.shape[-1]:
        msg = f"{c.shape[-1]} pairs do not fit into vectors of {x.shape[-1]} numbers."
        raise ValueError(msg)
    x = x if np.issubdtype(x.dtype, np.floating) else x.astype(np.float64)
    first, second = _pairs(rotary_dim, layout)
    one, other = x[..., first], x[..., second]  # (..., rotary_dim / 2)
    turned = np.array(np.broadcast_to(x, np.broadcast_shapes(x.shape, (*c.shape[:-1], 1))))
    turned[..., first] = one * c - other * s
    turned[..., second] = one * s + other * c
    return turned


def _pairs(rotary_dim: int, layout: Layout) -> tuple[slice, slice]:
    """Return where the first and the second numbers of all pairs stand."""
    if check_layout(layout) == "halves":
        return slice(0, rotary_dim // 2), slice(rotary_dim // 2, rotary_dim)
    return slice(0, rotary_dim, 2), slice(1, rotary_dim, 2)


def rotary_embedding(
    x: ArrayLike,
    cos_cache: ArrayLike,
    sin_cache: ArrayLike,
    position_ids: ArrayLike | None = None,
    *,
    interleaved: bool = False,
    rotary_embedding_dim: int = 0,
    num_heads: int = 0,
) -> NDArray[np.floating[Any]]:
    """Do what the ONNX operator `RotaryEmbedding` (opset 23) does, under its names.

    Parameters
    ----------
    x : array_like, (batch, head, position, d_head) or (batch, position, head * d_head)
        The second form needs `num_heads`.
    cos_cache, sin_cache : array_like
        (max_position, pairs) with `position_ids`, else (batch, position, pairs).
    position_ids : array_like of int, (batch, position), optional
        Which row of the caches each position takes.
    interleaved : bool
        Pairs of neighbours rather than of halves.
    rotary_embedding_dim : int
        How many numbers of a head are turned; 0 for all.
    num_heads : int
        Needed where `x` has three axes.

    Returns
    -------
    ndarray, of the shape of `x`

    Raises
    ------
    ValueError
        If shapes and options do not fit together.
    """
    values = np.asarray(x)
    heads = _by_head(values, num_heads)
    d_head = heads.shape[-1]
    pairs = (rotary_embedding_dim or d_head) // 2
    cos, sin = np.asarray(cos_cache), np.asarray(sin_cache)
    if cos.shape[-1] != pairs or sin.shape[-1] != pairs:
        msg = (
            f"{rotary_embedding_dim or d_head} numbers to turn make {pairs} pairs; the caches hold "
            f"{cos.shape[-1]} and {sin.shape[-1]}."
        )
        raise ValueError(msg)
    if position_ids is not None:
        ids = np.asarray(position_ids)
        cos, sin = cos[ids], sin[ids]  # (batch, position, pairs)
    layout: Layout = "interleaved" if interleaved else "halves"
    turned = rotate(heads, cos[:, np.newaxis], sin[:, np.newaxis], layout=layout)
    return turned if values.ndim == 4 else np.swapaxes(turned, 1, 2).reshape(values.shape)


def _by_head(values: NDArray[Any], num_heads: int) -> NDArray[Any]:
    """Return (batch, head, position, d_head)."""
    if values.ndim == 4:
        return values
    if values.ndim != 3 or num_heads < 1 or values.shape[-1] % num_heads:
        msg = (
            "x must have four axes, or three and num_heads that divide the last; got shape "
            f"{values.shape} and num_heads {num_heads}."
        )
        raise ValueError(msg)
    batch, n_position, width = values.shape
    apart = values.reshape(batch, n_position, num_heads, width // num_heads)
    return np.swapaxes(apart, 1, 2)
