"""Ink of any size, such as an uploaded picture's, put onto a pad of a few cells to write on."""

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
    pad = np.zeros((PAD_SIDE, PAD_SIDE), np.bool_)
    if not ink.any():
        return pad
    rows, columns = (np.flatnonzero(ink.any(axis=axis)) for axis in (1, 0))
    cropped = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scale = (PAD_SIDE - 2 * _MARGIN) / max(cropped.shape)
    height, width = (max(round(side * scale), 1) for side in cropped.shape)
    coverage = Image.fromarray(cropped.astype(np.float32))
    scaled = np.asarray(coverage.resize((width, height), Image.Resampling.BOX))
    enough = min(_ENOUGH, float(np.median(scaled[scaled > 0])) / 2)
    top, left = (PAD_SIDE - height) // 2, (PAD_SIDE - width) // 2
    pad[top : top + height, left : left + width] = scaled >= enough
    return pad
