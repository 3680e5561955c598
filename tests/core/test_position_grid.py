"""The trained grid: read without torch, and as the model that it belongs to has it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from core import position_grid
from core.position_grid import D_MODEL, GRID, read_grid

FILE = Path(position_grid.__file__).parents[1] / "assets/saliency_vit/saliency_vit.safetensors"


def test_the_grid_is_the_model_s_and_the_class_token_stands_apart() -> None:
    table = load_file(FILE)["backbone.pos_embed"][0].float()
    grid = read_grid()
    assert grid.patches.shape == (GRID, GRID, D_MODEL)
    np.testing.assert_array_equal(grid.class_token, table[0])
    np.testing.assert_array_equal(grid.patches[3, 5], table[1 + 3 * GRID + 5])


def test_likeness_is_torch_s_cosine() -> None:
    grid = read_grid()
    patches = torch.from_numpy(grid.patches.copy()).double()
    for row, column in ((0, 0), (18, 18), (36, 2)):
        expected = torch.cosine_similarity(patches, patches[row, column], dim=-1)
        likeness = grid.likeness(row, column)
        np.testing.assert_allclose(likeness, expected.numpy(), atol=1e-12)
        assert likeness[row, column] == pytest.approx(1)
    expected = torch.cosine_similarity(patches, torch.from_numpy(grid.class_token.copy()), dim=-1)
    np.testing.assert_allclose(grid.likeness_to_class_token(), expected.numpy(), atol=1e-12)


def test_neighbours_are_alike_and_the_class_token_is_like_none() -> None:
    grid = read_grid()
    likeness = grid.likeness(18, 18)
    assert likeness[18, 17] > 0.85
    assert likeness[18, 17] > likeness[18, 10] > likeness[0, 0]
    assert grid.likeness_to_class_token().max() < 0


def test_torch_is_not_needed() -> None:
    program = (
        "import sys; from core.position_grid import read_grid; read_grid().likeness(1, 2); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], cwd=FILE.parents[2], check=True)


def test_a_missing_file_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    read_grid.cache_clear()
    monkeypatch.setattr(position_grid, "_FILE", tmp_path / "none.safetensors")
    with pytest.raises(ValueError, match=r"none\.safetensors cannot be read.*Restore the file"):
        read_grid()
    read_grid.cache_clear()
