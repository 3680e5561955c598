"""Weights as the browser reads them: compact, and exact enough for the digits that are shown."""

from __future__ import annotations

import base64
from typing import Any, Final, Literal, TypedDict

import numpy as np
from numpy.typing import NDArray

# Up to here numbers travel as they are; above, a level of 65,534 is far less than a digit shown.
_MOST_EXACT: Final = 64 * 64
_TOP_LEVEL: Final = 65_534
_NO_NUMBER: Final = 65_535
_TOP_SHADE: Final = 255

Pool = Literal["max", "mean"]


class PackedWeights(TypedDict):
    """A matrix of weights in a message; ``unpackWeights`` of component_library.js reads it.

    Attributes
    ----------
    shape : list of int
    encoding : {"float32", "levels"}
        Numbers, or uint16 levels from `low` to `top` with 65,535 for what is no number.
    low, top : float
    values : str
        Little-endian bytes in base64.
    """

    shape: list[int]
    encoding: Literal["float32", "levels"]
    low: float
    top: float
    values: str


def pack_weights(weights: NDArray[Any]) -> PackedWeights:
    """Pack a matrix of weights.

    Parameters
    ----------
    weights : NDArray, shape (n_query, n_key)
        What is not finite arrives as NaN where levels are sent; 0 always arrives as 0.
    """
    values = np.asarray(weights, dtype=np.float32)
    if values.size <= _MOST_EXACT:
        return PackedWeights(
            shape=list(values.shape),
            encoding="float32",
            low=0.0,
            top=1.0,
            values=to_base64(np.ascontiguousarray(values, dtype="<f4")),
        )
    finite = np.isfinite(values)
    top = float(np.abs(values[finite]).max(initial=0.0)) or 1.0
    low = -top if (values[finite] < 0).any() else 0.0
    shares = (np.where(finite, values, 0.0) - low) / (top - low)
    levels = np.rint(shares * _TOP_LEVEL).clip(0, _TOP_LEVEL)
    levels[~finite] = _NO_NUMBER
    return PackedWeights(
        shape=list(values.shape),
        encoding="levels",
        low=low,
        top=top,
        values=to_base64(levels.astype("<u2")),
    )


def to_thumbnails(
    weights: NDArray[Any], limit: float, side: int, pool: Pool = "max"
) -> NDArray[np.uint8]:
    """Return maps in at most `side` times `side` cells, as levels of colour.

    Parameters
    ----------
    weights : NDArray, shape (..., n_query, n_key)
        From 0 up; what is not finite counts as 0.
    limit : float
        The weight with the last colour.
    side : int
        Cells in each direction, at most. Words are put together in blocks that differ by one word
        at most.
    pool : {"max", "mean"}
        The weight that stands for a block. With the largest, a diagonal or a column one word
        wide is as dark as in the whole map, though wider; the mean keeps how much is read, and
        thin lines fade.

    Returns
    -------
    NDArray of uint8, shape (..., min(n_query, side), min(n_key, side))
        From 0 to 255.
    """
    values: NDArray[Any] = weights.astype(np.float32, copy=False)
    if not np.isfinite(values).all():  # a check costs a tenth of the copy
        values = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    for axis in (-2, -1):
        n_word = values.shape[axis]
        n_block = min(n_word, side)
        edges = np.arange(n_block) * n_word // max(n_block, 1)
        if pool == "max":
            values = np.maximum.reduceat(values, edges, axis=axis)
        else:
            sizes = np.diff([*edges, n_word]).astype(np.float32)
            total = np.add.reduceat(values, edges, axis=axis)
            values = total / (sizes[:, np.newaxis] if axis == -2 else sizes)
    levels: NDArray[np.uint8] = (
        np.rint(values / limit * _TOP_SHADE).clip(0, _TOP_SHADE).astype("u1")
    )
    return levels


def to_base64(array: NDArray[Any]) -> str:
    """Return the bytes of an array as text."""
    return base64.b64encode(array.tobytes()).decode("ascii")


def pack_cells(cells: NDArray[np.bool_]) -> str:
    """Return a bool matrix as base64, eight cells to a byte, row by row."""
    return to_base64(np.packbits(cells))


def unpack_cells(text: object, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Return the bool matrix that `pack_cells` would pack so, or None if there is none.

    `text` may be anything: its length is looked at before it is read.
    """
    n_cell = shape[0] * shape[1]
    n_byte = -(-n_cell // 8)
    if not isinstance(text, str) or len(text) != 4 * -(-n_byte // 3) or not text.isascii():
        return None
    try:
        packed = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    if len(packed) != n_byte:
        return None
    bits = np.unpackbits(np.frombuffer(packed, dtype=np.uint8), count=n_cell)
    return bits.astype(np.bool_).reshape(shape)
