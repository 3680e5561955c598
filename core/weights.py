"""Read trained weights from safetensors files.

A safetensors file is a table of names and shapes followed by plain numbers: unlike a pickle, it
cannot run code when it is opened. Files here are stored in half precision to be small and are
computed with in single precision.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open


class WeightsError(ValueError):
    """A weights file is missing, damaged or not the one expected; the text says which."""


def read_weights(
    path: Path,
    *,
    sha256: str | None = None,
    required: Iterable[str] = (),
    leave_out: Collection[str] = (),
    widen: bool = True,
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
    leave_out : collection of str
        Names that may be in the file and are not read.
    widen : bool
        Without it floating-point tensors keep their type too, for half of the memory.

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
        with safe_open(path, framework="pt") as file:
            names = set(file.keys())
            missing = sorted(set(required) - names)
            tensors = {name: file.get_tensor(name) for name in sorted(names - set(leave_out))}
    except (SafetensorError, OSError) as error:
        raise WeightsError(f"The weights at {path} cannot be read: {error}.") from error
    if missing:
        raise WeightsError(
            f"The weights at {path} lack {len(missing)} of the tensors expected, "
            f"{missing[0]!r} the first of them: the file is for another model."
        )
    # A tensor just read still lies in the file; a copy lets go of it.
    return {
        name: tensor.float() if widen and tensor.is_floating_point() else tensor.clone()
        for name, tensor in tensors.items()
    }


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
