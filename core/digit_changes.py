"""Pictures of digits turned, mirrored or cut up: what a model has to have learned, or cannot know.

Nothing tells a Vision Transformer that a digit keeps its name when it is shifted and loses it when
it is turned. Without positions it cannot even tell a picture from the same patches in disorder.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.digits import MOST_INK

AS_IT_IS: Final = "As it is"
UPSIDE_DOWN: Final = "Upside down"
MIRRORED: Final = "Mirrored"
NEGATIVE: Final = "Negative"
IN_DISORDER: Final = "Patches in disorder"
CHANGES: Final = (AS_IT_IS, UPSIDE_DOWN, MIRRORED, NEGATIVE, IN_DISORDER)

_SEED: Final = 5


def changed_digit(image: NDArray[np.uint8], change: str, patch_size: int) -> NDArray[np.uint8]:
    """Return a changed copy of a picture of a digit.

    Parameters
    ----------
    image : ndarray of uint8, (8, 8)
        Ink from 0 to 16.
    change : str
        One of `CHANGES`. Upside down is half a turn.
    patch_size : int
        Side of the patches that are put in disorder; always the same disorder.

    Returns
    -------
    ndarray of uint8, (8, 8)

    Raises
    ------
    ValueError
        If there is no such change.
    """
    if change == UPSIDE_DOWN:
        return image[::-1, ::-1].copy()
    if change == MIRRORED:
        return image[:, ::-1].copy()
    if change == NEGATIVE:
        return (MOST_INK - image).astype(np.uint8)
    if change == IN_DISORDER:
        n_patches = (image.shape[0] // patch_size) * (image.shape[1] // patch_size)
        order = np.random.default_rng(_SEED).permutation(n_patches)
        return shuffle_patches(image, order, patch_size)
    if change != AS_IT_IS:
        raise ValueError(f"There is no change {change!r}: expected one of {', '.join(CHANGES)}.")
    return image.copy()


def shuffle_patches(
    image: NDArray[np.uint8], order: NDArray[np.integer[Any]], patch_size: int
) -> NDArray[np.uint8]:
    """Put patch ``order[i]`` in the place of patch i; places are counted row by row.

    Parameters
    ----------
    image : ndarray of uint8, (height, width)
        Sides are multiples of `patch_size`.
    order : ndarray of int, (patch,)
    patch_size : int

    Returns
    -------
    ndarray of uint8, (height, width)
    """
    rows, columns = (side // patch_size for side in image.shape)
    patches = image.reshape(rows, patch_size, columns, patch_size).swapaxes(1, 2)
    ordered = patches.reshape(-1, patch_size, patch_size)[order]
    cut = ordered.reshape(rows, columns, patch_size, patch_size)
    whole: NDArray[np.uint8] = cut.swapaxes(1, 2).reshape(image.shape)
    return whole
