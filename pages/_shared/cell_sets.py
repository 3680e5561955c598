"""Sets of cells as a link carries them."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

Cell = tuple[int, int]


def as_bits(cells: Collection[Cell]) -> NDArray[np.bool_] | None:
    """Return cells as the smallest matrix that holds them; None for no cells."""
    if not cells:
        return None
    rows, columns = np.array(sorted(cells)).T
    matrix = np.zeros((rows.max() + 1, columns.max() + 1), np.bool_)
    matrix[rows, columns] = True
    return matrix


def as_cells(matrix: NDArray[np.bool_] | None) -> frozenset[Cell]:
    """Return the cells that are True."""
    if matrix is None:
        return frozenset()
    return frozenset((int(row), int(column)) for row, column in np.argwhere(matrix))
