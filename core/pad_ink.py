"""Ink of any size, such as an uploaded picture's, put onto a pad of a few cells to write on.

Cropping, scaling and centring of ink are here for `core.digit_ink` too.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

BoolArray = NDArray[np.bool_]

PAD_SIDE: Final = 32
_MARGIN: Final = 2
# So much of a cell counts as ink; where lines are thinner, half of what is usual in this picture.
_ENOUGH: Final = 0.25


def fit_to_pad(ink: BoolArray) -> BoolArray:
    """Return ink cropped, scaled to a pad with its shape kept, and centred there.

    Parameters
    ----------
    ink : ndarray of bool, (height, width)
        True where there is ink; left as it is.

    Returns
    -------
    ndarray of bool, (32, 32)
        Empty where there is no ink. Its longer side fills 28 cells.

    Raises
    ------
    ValueError
        If `ink` is no such array.
    """
    if ink.dtype != np.bool_ or ink.ndim != 2:
        raise ValueError(f"Expected ink of bool, (height, width); got {ink.dtype} {ink.shape}.")
    if not ink.any():
        return np.zeros((PAD_SIDE, PAD_SIDE), np.bool_)
    cropped = cropped_ink(ink)
    scale = (PAD_SIDE - 2 * _MARGIN) / max(cropped.shape)
    height, width = (max(round(side * scale), 1) for side in cropped.shape)
    return centred_ink(scaled_ink(cropped, height, width), PAD_SIDE)


def cropped_ink(ink: BoolArray) -> BoolArray:
    """Return the part of a bitmap with ink, some cell of it, from its first row to its last."""
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def scaled_ink(ink: BoolArray, height: int, width: int) -> BoolArray:
    """Return a bitmap with ink at another size; lines stay, however thin they become."""
    coverage = Image.fromarray(ink.astype(np.float32))
    scaled = np.asarray(coverage.resize((width, height), Image.Resampling.BOX))
    usual = float(np.median(scaled[scaled > 0]))
    enough: BoolArray = scaled >= min(_ENOUGH, usual / 2)
    return enough


def centred_ink(ink: BoolArray, side: int) -> BoolArray:
    """Return a bitmap in the middle of an empty square that it fits into."""
    square = np.zeros((side, side), np.bool_)
    top, left = (side - ink.shape[0]) // 2, (side - ink.shape[1]) // 2
    square[top : top + ink.shape[0], left : left + ink.shape[1]] = ink
    return square
