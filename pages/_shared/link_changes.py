"""Numbers in a link: only those that are no longer an example's own."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.packing import PackingError

FloatArray = NDArray[np.float64]


def changes_of(array: FloatArray, base: FloatArray) -> FloatArray:
    """Return the numbers that differ from those of `base`, and NaN in place of the others."""
    return np.where(array == base, np.nan, array)


def with_changes(base: FloatArray, changes: FloatArray) -> FloatArray:
    """Return `base` with the numbers that changed; `base` itself if none did.

    Raises
    ------
    PackingError
        If they have another shape.
    """
    if changes.shape != base.shape:
        raise PackingError("The link does not fit together: a matrix has another size.")
    untouched = np.isnan(changes)
    return base if untouched.all() else np.where(untouched, base, changes)
