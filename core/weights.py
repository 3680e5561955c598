"""Read trained weights from safetensors files.

A safetensors file is a table of names and shapes followed by plain numbers: unlike a pickle, it
cannot run code when it is opened. Files here are stored in half precision to be small and are
computed with in single precision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file


class WeightsError(ValueError):
    """A weights file is missing, damaged or not the one expected; the text says which."""


def read_weights(
    path: Path, *, sha256: str | None = None, required: Iterable[str] = ()
) -> dict[str, torch.Tensor]:
    """Read a safetensors file, floating-point tensors widened to float32.

    Parameters
    ----------
    path : Path
        The file.
    sha256 : str, optional
        Expected SHA-256 of the whole file, in hexadecimal.
    required : iterable of str
        Names that must be in the file.

    Returns
    -------
    dict of str to torch.Tensor
        Integer tensors keep their type.

    Raises
    ------
    WeightsError
        If the file is missing, has another hash, is damaged, or lacks a required name.
    """
    if not path.is_file():
        raise WeightsError(
            f"There are no weights at {path}: the file belongs to the lab; restore it, or make it "
            "again with the script beside it."
        )
    if sha256 is not None and (found := file_sha256(path)) != sha256:
        raise WeightsError(
            f"The weights at {path} are not the expected ones: SHA-256 {found}, expected {sha256}."
            " Restore the file."
        )
    try:
        tensors = load_file(path)
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"The weights at {path} cannot be read: {error}.") from error
    missing = sorted(set(required) - set(tensors))
    if missing:
        raise WeightsError(
            f"The weights at {path} lack {len(missing)} of the tensors expected, "
            f"{missing[0]!r} the first of them: the file is for another model."
        )
    return {
        name: tensor.float() if tensor.is_floating_point() else tensor
        for name, tensor in tensors.items()
    }


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
