"""Reading safetensors: what comes back, and what is said when a file is not right."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.weights import WeightsError, file_sha256, read_weights


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "small.safetensors"
    half = torch.tensor([[0.1, -2.5]], dtype=torch.float16)
    save_file({"half": half, "counts": torch.tensor([1, 300])}, path)
    return path


def test_halves_are_widened_and_integers_kept(file: Path) -> None:
    tensors = read_weights(file)
    assert tensors["half"].dtype == torch.float32
    assert tensors["half"].tolist() == [[0.0999755859375, -2.5]]
    assert tensors["counts"].dtype == torch.int64
    assert tensors["counts"].tolist() == [1, 300]


def test_halves_may_be_kept_and_names_left_out(file: Path) -> None:
    tensors = read_weights(file, required=["half", "counts"], leave_out={"counts"}, widen=False)
    assert set(tensors) == {"half"}
    assert tensors["half"].dtype == torch.float16


def test_a_matching_hash_and_all_names_pass(file: Path) -> None:
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    assert file_sha256(file) == sha256
    assert set(read_weights(file, sha256=sha256, required=["half"])) == {"half", "counts"}


def test_another_hash_is_refused(file: Path) -> None:
    with pytest.raises(WeightsError, match="not the expected ones"):
        read_weights(file, sha256="0" * 64)


def test_a_missing_name_is_named(file: Path) -> None:
    with pytest.raises(WeightsError, match="lack 2 of the tensors expected, 'absent' the first"):
        read_weights(file, required=["half", "absent", "gone"])


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no weights at .*nowhere.safetensors"):
        read_weights(tmp_path / "nowhere.safetensors")


@pytest.mark.parametrize("damage", ["cut short", "empty", "text", "pickle"])
def test_a_damaged_file_is_refused(file: Path, damage: str) -> None:
    content = {
        "cut short": file.read_bytes()[:-3],
        "empty": b"",
        "text": b"version https://example.org/spec/v1\n" * 4,
        "pickle": b"\x80\x04}\x94.",
    }[damage]
    file.write_bytes(content)
    with pytest.raises(WeightsError, match="cannot be read"):
        read_weights(file)
