"""How alike positions are: cosines between the rows of a table, and how they change with distance.

Sinusoids, tables learned on a page and those of trained models are compared by the same measures.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cosines_between(table: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the cosine of every position with every other, (position, position); 0 for zeros."""
    wide = table.astype(np.float64)
    length = np.linalg.norm(wide, axis=-1, keepdims=True)
    unit = wide / np.where(length == 0, 1, length)
    cosines: NDArray[np.float64] = unit @ unit.T
    return cosines


def by_distance(alike: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the least, mean and largest value at each distance, (3, distance).

    Parameters
    ----------
    alike : ndarray of float64, (position, position)
        Something about two positions; what lies at one distance is a diagonal.
    """
    diagonals = [np.diagonal(alike, distance) for distance in range(len(alike))]
    return np.array([[f(one) for one in diagonals] for f in (np.min, np.mean, np.max)])


def nearest_likeness(cosines: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each position's largest cosine with any other, (position,)."""
    others = cosines.copy()
    np.fill_diagonal(others, -np.inf)
    nearest: NDArray[np.float64] = others.max(axis=1)
    return nearest
