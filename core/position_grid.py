"""A table of positions that a large model learned: the grid of the Vision Transformer in `assets`.

Read without torch, from the one tensor that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.position_table import read_positions

GRID: Final = 37
D_MODEL: Final = 384
_FILE: Final = Path(__file__).parents[1] / "assets" / "saliency_vit" / "saliency_vit.safetensors"
_TENSOR: Final = "backbone.pos_embed"


@dataclass(frozen=True, eq=False)
class PositionGrid:
    """The learned positions of a Vision Transformer.

    Attributes
    ----------
    class_token : ndarray of float32, (d_model,)
        What is added to the class token. It has no place in the picture.
    patches : ndarray of float32, (row, column, d_model)
        What is added to the patch in each place.
    """

    class_token: NDArray[np.float32]
    patches: NDArray[np.float32]

    def likeness(self, row: int, column: int) -> NDArray[np.float64]:
        """Return the cosine of one patch's position with every patch's.

        Parameters
        ----------
        row, column : int, from 0

        Returns
        -------
        ndarray of float64, (row, column)
            In [-1, 1]; 1 at the place itself.
        """
        unit = _unit(self.patches)
        likeness: NDArray[np.float64] = unit @ unit[row, column]
        return likeness

    def likeness_to_class_token(self) -> NDArray[np.float64]:
        """Return the cosine of the class token's position with every patch's, (row, column)."""
        likeness: NDArray[np.float64] = _unit(self.patches) @ _unit(self.class_token)
        return likeness


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = vectors.astype(np.float64)
    length: NDArray[np.float64] = np.linalg.norm(wide, axis=-1, keepdims=True)
    return wide / length


@cache
def read_grid() -> PositionGrid:
    """Read the grid of the lab's Vision Transformer, once: 37 x 37 places and the class token.

    Raises
    ------
    ValueError
        If the file is missing or holds no such tensor.
    """
    rows = read_positions(_FILE, _TENSOR, (1 + GRID * GRID, D_MODEL))
    return PositionGrid(rows[0], rows[1:].reshape(GRID, GRID, D_MODEL))
