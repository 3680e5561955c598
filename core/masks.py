"""Masks: who may attend to whom.

Everywhere in the lab a mask is boolean and **True means may attend**, as in
`torch.nn.functional.scaled_dot_product_attention` and the ONNX `Attention` operator
(`torch.nn.MultiheadAttention` means the opposite). Rows are queries, columns are keys, so every
mask here broadcasts against ``(..., n_query, n_key)``.
"""

from __future__ import annotations

import operator
from typing import Literal, SupportsIndex, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

BoolArray = NDArray[np.bool_]
Alignment = Literal["top_left", "bottom_right"]


def require_bool(mask: ArrayLike, *, name: str = "mask") -> BoolArray:
    """Return `mask` as an array, refusing anything but booleans.

    Parameters
    ----------
    mask : array_like of bool
    name : str
        What to call it in the error.

    Returns
    -------
    ndarray of bool

    Raises
    ------
    ValueError
        If `mask` is not boolean. A float mask (0 and -inf) and a 0/1 mask mean different things in
        different libraries; guessing would be wrong half of the time.
    """
    array = np.asarray(mask)
    if array.dtype != np.bool_:
        msg = (
            f"{name} must be boolean (True = may attend), got dtype {array.dtype} with shape "
            f"{array.shape}; turn a 0/1 mask into one with `{name} == 1`, and pass numbers that "
            "are to be added to the scores as bias."
        )
        raise ValueError(msg)
    return array


def causal_mask(n_query: int, n_key: int, *, alignment: Alignment = "top_left") -> BoolArray:
    """Let every query see the keys up to its own position, and none after it.

    Parameters
    ----------
    n_query, n_key : int, >= 0
    alignment : {"top_left", "bottom_right"}
        Where the diagonal lies when `n_query` and `n_key` differ. ``"top_left"``: query 0 stands at
        key 0 (torch SDPA's ``is_causal``, ONNX without a cache). ``"bottom_right"``: the last query
        stands at the last key, as when the queries continue cached keys (FlashAttention 2.1 and
        later). With more queries than keys the first rows are then wholly False.

    Returns
    -------
    ndarray of bool, (n_query, n_key)

    Raises
    ------
    ValueError
        If a size is negative or `alignment` is unknown.
    """
    return sliding_window_mask(n_query, n_key, left=None, right=0, alignment=alignment)


def sliding_window_mask(
    n_query: int,
    n_key: int,
    *,
    left: int | None,
    right: int | None,
    alignment: Alignment = "top_left",
) -> BoolArray:
    """Let every query see the keys near its own position.

    A query at position p sees the keys ``p - left`` to ``p + right``, both included (Beltagy et
    al., *Longformer*, 2020, section 3.1). ``left=None, right=0`` is the causal mask.

    Parameters
    ----------
    n_query, n_key : int, >= 0
    left, right : int >= 0, or None
        How many keys before and after its own position a query may see; None is no limit.
    alignment : {"top_left", "bottom_right"}
        Which key a query's position is: see `causal_mask`.

    Returns
    -------
    ndarray of bool, (n_query, n_key)

    Raises
    ------
    ValueError
        If a size or a limit is negative or `alignment` is unknown.
    """
    n_query, n_key = _count(n_query, "n_query"), _count(n_key, "n_key")
    # offset[i, j] = how far key j lies to the right of query i
    offset = np.arange(n_key) - np.arange(n_query)[:, np.newaxis]
    offset -= _diagonal(n_query, n_key, alignment)
    mask = np.ones((n_query, n_key), dtype=np.bool_)
    if left is not None:
        mask &= offset >= -_count(left, "left")
    if right is not None:
        mask &= offset <= _count(right, "right")
    return mask


def padding_mask(lengths: ArrayLike, n_key: int) -> BoolArray:
    """Hide the padding at the end of each sequence, on the key axis.

    Padding is something not to be read, so it is a matter of keys: the mask has one row that
    serves every query. A padding mask on the query axis (a well-known mistake) would block
    whole rows and leave the padding readable for all others.

    Parameters
    ----------
    lengths : array_like of int, shape (...)
        The number of real tokens of each sequence, 0 to `n_key`. One number, or one per sequence;
        give it the leading axes that the attention has. For scores of shape (batch, head, n_query,
        n_key) pass ``lengths[:, np.newaxis]``, shape (batch, 1).
    n_key : int, >= 0

    Returns
    -------
    ndarray of bool, (..., 1, n_key)
        (1, n_key) for one number, (batch, 1, n_key) for a vector.

    Raises
    ------
    ValueError
        If a length is not a whole number between 0 and `n_key`.
    """
    n_key = _count(n_key, "n_key")
    real = np.asarray(lengths)
    if not np.issubdtype(real.dtype, np.integer):
        msg = f"lengths must be whole numbers, got dtype {real.dtype}."
        raise ValueError(msg)
    if np.any((real < 0) | (real > n_key)):
        msg = f"lengths must lie between 0 and n_key = {n_key}, got {real.min()} to {real.max()}."
        raise ValueError(msg)
    return np.asarray(np.arange(n_key) < real[..., np.newaxis, np.newaxis])  # (..., 1, n_key)


def combine_masks(*masks: ArrayLike) -> BoolArray:
    """Allow a cell only where every mask allows it: a logical and, with broadcasting.

    Parameters
    ----------
    *masks : array_like of bool
        At least one. None of them is changed.

    Returns
    -------
    ndarray of bool, the shape that the masks broadcast to

    Raises
    ------
    ValueError
        If there is no mask, one of them is not boolean, or their shapes do not broadcast.
    """
    if not masks:
        msg = "combine_masks needs at least one mask."
        raise ValueError(msg)
    arrays = [require_bool(mask, name=f"mask {number}") for number, mask in enumerate(masks)]
    try:
        shape = np.broadcast_shapes(*(array.shape for array in arrays))
    except ValueError:
        shapes = " and ".join(str(array.shape) for array in arrays)
        msg = f"masks of shapes {shapes} cannot be combined: sizes must be equal or 1."
        raise ValueError(msg) from None
    combined = np.ones(shape, dtype=np.bool_)
    for array in arrays:
        combined &= array
    return combined


def _diagonal(n_query: int, n_key: int, alignment: str) -> int:
    """Return the key at which query 0 stands."""
    if alignment not in get_args(Alignment):
        msg = f'alignment must be "top_left" or "bottom_right", got {alignment!r}.'
        raise ValueError(msg)
    return n_key - n_query if alignment == "bottom_right" else 0


def _count(number: SupportsIndex, name: str) -> int:
    """Return `number` as an int, refusing what is negative or not whole."""
    try:
        count = operator.index(number)
    except TypeError:
        msg = f"{name} must be a whole number, got {number!r}."
        raise ValueError(msg) from None
    if count < 0:
        msg = f"{name} must not be negative, got {count}."
        raise ValueError(msg)
    return count
