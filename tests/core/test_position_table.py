"""The text encoder's positions: read without torch, as the model has them, and what is so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core import position_table
from core.position_likeness import by_distance, cosines_between, nearest_likeness
from core.position_table import D_MODEL, N_POSITIONS, read_positions, read_table
from core.positional import sinusoidal_encoding

FILE = Path(position_table.__file__).parents[1] / "assets/text_encoder/text_encoder.safetensors"
TENSOR = "embeddings.position_embeddings.weight"


def test_the_table_is_the_model_s() -> None:
    table = read_table()
    assert table.shape == (N_POSITIONS, D_MODEL)
    assert not table.flags.writeable
    np.testing.assert_array_equal(table, load_file(FILE)[TENSOR].float())


def test_cosines_are_torch_s() -> None:
    table = torch.from_numpy(read_table()[:40].copy()).double()
    expected = torch.cosine_similarity(table[:, None], table[None], dim=-1)
    np.testing.assert_allclose(cosines_between(table.numpy()), expected.numpy(), atol=1e-12)


def test_a_position_of_zeros_is_like_none() -> None:
    np.testing.assert_array_equal(
        cosines_between(np.array([[0.0, 0.0], [3.0, 4.0]])), np.diag([0, 1])
    )


def test_each_distance_has_its_least_mean_and_largest() -> None:
    alike = np.array([[1.0, 0.5, 0.1], [0.5, 1.0, 0.7], [0.1, 0.7, 1.0]])
    np.testing.assert_allclose(by_distance(alike), [[1, 0.5, 0.1], [1, 0.6, 0.1], [1, 0.7, 0.1]])
    np.testing.assert_array_equal(nearest_likeness(alike), [0.5, 0.7, 0.7])


def test_sinusoids_are_alike_by_distance_alone() -> None:
    low, _, high = by_distance(cosines_between(sinusoidal_encoding(np.arange(30), 64)))
    np.testing.assert_allclose(low, high, atol=1e-12)


def test_torch_is_not_needed() -> None:
    program = (
        "import sys; from core.position_likeness import cosines_between; "
        "from core.position_table import read_table; "
        "cosines_between(read_table()); assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=FILE.parents[2], check=True)


def test_a_missing_file_and_another_shape_are_said(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"none\.safetensors cannot be read.*Restore the file"):
        read_positions(tmp_path / "none.safetensors", TENSOR, (N_POSITIONS, D_MODEL))
    with pytest.raises(ValueError, match=r"Expected 2 positions of 384 numbers"):
        read_positions(FILE, TENSOR, (2, D_MODEL))
