"""Make a picture of 8 x 8 from one's own writing, the way the pictures of `core.digits` were made.

Those went through NIST's programs (Garris and others 1994, NISTIR 5469). What can be read off the
pictures themselves: ink reaches from the first row to the last in every one; a 0 is 20 pixels
wide of 32, whoever wrote it, but a 1 that is only a stroke stays narrow; and strokes were thinned
or thickened, so that there is ink in three tenths of the square, of a 1 as of an 8.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.digits import SIDE
from core.images import PictureError
from core.pad_ink import centred_ink, cropped_ink, scaled_ink

BoolArray = NDArray[np.bool_]

INK_SHARE: Final = 0.305
"""Share of the square that is ink: the mean over the pictures; their standard deviation is 0.034"""
# Strokes are scaled and thickened on a bitmap three times as fine as UCI's of 32 x 32.
_FINE: Final = 3
_HEIGHT: Final = 32 * _FINE
_WIDTH: Final = 20 * _FINE
_MARGIN: Final = 32 * _FINE
# What is narrower than 2/3 of the box's shape is widened by this and no more, so that a stroke
# stays one; 0.42 times as wide as high fills the box. What is wide is treated alike.
_STRETCH: Final = 1.5
_FLATTEN: Final = 1.25
_MOST_STEPS: Final = 24
# Thicker strokes reach beyond the box and thinner ones fall short of it, so both steps take turns.
_ROUNDS: Final = 2
# Of 0 to 255: a picture with less between its darkest and its lightest is one plain colour.
_LEAST_CONTRAST: Final = 40
_MOST_INK_SHARE: Final = 0.6

_EMPTY: Final = (
    "No digit was found in this picture: choose one with a single digit, dark on a light ground or "
    "light on a dark one."
)


def image_of_ink(ink: BoolArray) -> NDArray[np.uint8]:
    """Make a picture of 8 x 8 from a bitmap of any size, like UCI's.

    Cropped to the ink; scaled to 32 rows and 20 columns, a narrow stroke to fewer, a flat one to
    fewer rows; thickened or thinned until there is as much ink as in UCI's pictures; then the ink
    of each block of 4 x 4 is counted.

    Parameters
    ----------
    ink : ndarray of bool, (height, width)
        True where there is ink; left as it is.

    Returns
    -------
    ndarray of uint8, (8, 8)
        0 to 16; all 0 where there is no ink.

    Raises
    ------
    ValueError
        If `ink` is no such array.
    """
    if ink.dtype != np.bool_ or ink.ndim != 2 or not ink.size:
        raise ValueError(
            f"Expected a bitmap of bool, (height, width); got {ink.dtype} {ink.shape}."
        )
    if not ink.any():
        return np.zeros((SIDE, SIDE), np.uint8)
    fitted = _first_fit(ink)
    fills = fitted.shape[0] == _HEIGHT, fitted.shape[1] == _WIDTH
    for _ in range(_ROUNDS):
        strokes = cropped_ink(_with_usual_ink(fitted))
        height = _HEIGHT if fills[0] else min(strokes.shape[0], _HEIGHT)
        width = _WIDTH if fills[1] else min(strokes.shape[1], _WIDTH)
        fitted = scaled_ink(strokes, height, width)
    square = centred_ink(fitted, _HEIGHT)
    bitmap = square.reshape(32, _FINE, 32, _FINE).mean(axis=(1, 3)) >= 0.5
    counts = bitmap.reshape(SIDE, 4, SIDE, 4).sum(axis=(1, 3))
    image: NDArray[np.uint8] = counts.astype(np.uint8)
    return image


def ink_of_picture(picture: NDArray[np.uint8]) -> BoolArray:
    """Tell ink from paper in a photo or a scan of one digit.

    The grey level that parts two kinds of pixel best (Otsu 1979); ink is the kind that is rarer
    along the edge.

    Parameters
    ----------
    picture : ndarray of uint8, (height, width, 3)
        As `core.images.decode_picture` returns it; left as it is.

    Returns
    -------
    ndarray of bool, (height, width)

    Raises
    ------
    PictureError
        If the picture is of one plain colour, or so full that nothing stands on a ground.
    """
    grey = picture.astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    low, high = np.percentile(grey, [0.1, 99.9])
    if high - low < _LEAST_CONTRAST:
        raise PictureError(_EMPTY)
    dark = grey <= otsu_threshold(np.clip(np.rint(grey), 0, 255).astype(np.uint8))
    edge = np.concatenate([dark[0], dark[-1], dark[:, 0], dark[:, -1]])
    ink: BoolArray = ~dark if edge.mean() > 0.5 else dark
    if not ink.any() or ink.mean() > _MOST_INK_SHARE:
        raise PictureError(_EMPTY)
    return ink


def otsu_threshold(grey: NDArray[np.uint8]) -> int:
    """Return the level that parts grey values best (Otsu 1979, doi:10.1109/TSMC.1979.4310076).

    Parameters
    ----------
    grey : ndarray of uint8

    Returns
    -------
    int
        Of the thresholds t with the largest variance between values up to t and values above it,
        the middle one.
    """
    share = np.bincount(grey.ravel(), minlength=256) / grey.size
    levels = np.arange(256)
    below, moment = np.cumsum(share), np.cumsum(share * levels)
    above = 1 - below
    parted = (below > 0) & (above > 1e-12)
    between = np.zeros(256)
    offset = moment[-1] * below - moment
    between[parted] = offset[parted] ** 2 / (below * above)[parted]
    best = np.flatnonzero(between >= between.max() * (1 - 1e-9))
    return int(best[len(best) // 2])


def _first_fit(ink: BoolArray) -> BoolArray:
    """Crop to the ink and scale it into the box of 20 x 32, three times as fine."""
    cropped = cropped_ink(ink)
    shape = cropped.shape[1] / cropped.shape[0]
    width = min(_WIDTH, max(round(_STRETCH * _HEIGHT * shape), 1))
    height = min(_HEIGHT, max(round(_FLATTEN * _HEIGHT / shape), 1))
    return scaled_ink(cropped, height, width)


def _with_usual_ink(ink: BoolArray) -> BoolArray:
    """Thicken or thin strokes, half a pixel of UCI's at a time, as near to the usual as it gets."""
    wanted = INK_SHARE * _HEIGHT**2
    now = np.pad(ink, _MARGIN)
    best = now
    grows = int(now.sum()) < wanted
    for _ in range(_MOST_STEPS):
        now = _spread(now) if grows else ~_spread(~now)
        if not now.any():
            break
        if abs(int(now.sum()) - wanted) >= abs(int(best.sum()) - wanted):
            break
        best = now
    return best


def _spread(ink: BoolArray) -> BoolArray:
    """Return ink and the pixels beside, above and below it."""
    spread = ink.copy()
    spread[1:] |= ink[:-1]
    spread[:-1] |= ink[1:]
    spread[:, 1:] |= ink[:, :-1]
    spread[:, :-1] |= ink[:, 1:]
    return spread
