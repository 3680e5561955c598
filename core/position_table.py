"""The table of positions that the lab's text encoder learned: a row for each of 512 positions.

Read without torch, from the one tensor that holds it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

N_POSITIONS: Final = 512
D_MODEL: Final = 384
_FILE: Final = Path(__file__).parents[1] / "assets" / "text_encoder" / "text_encoder.safetensors"
_TENSOR: Final = "embeddings.position_embeddings.weight"


def read_positions(file: Path, tensor: str, shape: tuple[int, int]) -> NDArray[np.float32]:
    """Read learned positions from a safetensors file, (position, d_model), read-only.

    Parameters
    ----------
    file : Path
    tensor : str
        Name of the table, in half precision; axes of length 1 before it are dropped.
    shape : (int, int)
        Positions and d_model, as they have to be.

    Raises
    ------
    ValueError
        If the file is missing or holds no such tensor.
    """
    try:
        with safe_open(file, framework="numpy") as weights:
            table = np.asarray(weights.get_tensor(tensor), dtype=np.float32)
    except (OSError, SafetensorError) as error:
        msg = f"The positions at {file.name} cannot be read: {error}. Restore the file."
        raise ValueError(msg) from error
    rows: NDArray[np.float32] = table.reshape(-1, table.shape[-1])
    if rows.shape != shape:
        msg = f"Expected {shape[0]} positions of {shape[1]} numbers, got shape {rows.shape}."
        raise ValueError(msg)
    rows.setflags(write=False)
    return rows


@cache
def read_table() -> NDArray[np.float32]:
    """Read the text encoder's table once, (512, 384): what it adds to the piece in each place.

    Raises
    ------
    ValueError
        If the file is missing or holds no such tensor.
    """
    return read_positions(_FILE, _TENSOR, (N_POSITIONS, D_MODEL))
