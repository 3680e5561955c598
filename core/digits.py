"""Handwritten digits of 8 x 8 pixels, and pictures of one's own made like them.

The pictures are those of the UCI repository (Alpaydin and Kaynak 1998, Optical Recognition of
Handwritten Digits): bitmaps of 32 x 32, of which the ink in each block of 4 x 4 was counted. Where
they come from: ``assets/digits/README.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

_FILE: Final = Path(__file__).parents[1] / "assets" / "digits" / "digits.npz"
SIDE: Final = 8
MOST_INK: Final = 16
N_PICTURES: Final = 1797
N_HELD_OUT: Final = 500
_SPLIT_SEED: Final = 0


@dataclass(frozen=True, eq=False)
class Digits:
    """The pictures, and which of them are held out of every training; all arrays read-only.

    Attributes
    ----------
    images : ndarray of uint8, (picture, 8, 8)
        Ink, 0 to 16.
    labels : ndarray of uint8, (picture,)
        The digit that was meant.
    training, held_out : ndarray of int64
        Places of the 1,297 and the 500 pictures, in the order of a fixed draw. The thirteen
        writers are in both: which writer wrote which is not known.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    training: NDArray[np.int64]
    held_out: NDArray[np.int64]

    def __post_init__(self) -> None:
        for array in (self.images, self.labels, self.training, self.held_out):
            array.flags.writeable = False


@cache
def load_digits() -> Digits:
    """Read the pictures that come with the lab, once.

    Raises
    ------
    ValueError
        If the file is missing or damaged.
    """
    return read_digits(_FILE)


def read_digits(path: Path) -> Digits:
    """Read a file made by ``assets/digits/make_digits.py``; see `load_digits`."""
    try:
        with np.load(path, allow_pickle=False) as file:
            images, labels = file["images"], file["labels"]
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise ValueError(f"The digits at {path.name} cannot be read: restore the file.") from error
    if (
        (images.dtype, labels.dtype) != (np.uint8, np.uint8)
        or (images.shape, labels.shape) != ((N_PICTURES, SIDE, SIDE), (N_PICTURES,))
        or images.max() > MOST_INK
        or labels.max() > 9
    ):
        raise ValueError(
            f"Expected {N_PICTURES} pictures of 8 x 8 in {path.name}, ink 0 to 16, and their "
            "digits: restore the file."
        )
    order = np.random.default_rng(_SPLIT_SEED).permutation(N_PICTURES)
    return Digits(images, labels, training=order[N_HELD_OUT:], held_out=order[:N_HELD_OUT])


def as_picture(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Turn ink into what a Vision Transformer takes: 0 to 16 becomes 0 to 255.

    Parameters
    ----------
    image : ndarray of uint8, (..., 8, 8)
        Ink, 0 to 16; left as it is.

    Returns
    -------
    ndarray of uint8, (..., 8, 8, 1)
        With one channel. High is ink, so the picture is light on dark.

    Raises
    ------
    ValueError
        If it is no such array.
    """
    fits = image.dtype == np.uint8 and image.shape[-2:] == (SIDE, SIDE)
    if not fits or (image.size and image.max() > MOST_INK):
        raise ValueError(
            f"Expected a digit as uint8, (8, 8), ink 0 to 16; got {image.dtype} {image.shape}."
        )
    scaled: NDArray[np.uint8] = np.rint(image[..., None] * (255 / MOST_INK)).astype(np.uint8)
    return scaled
