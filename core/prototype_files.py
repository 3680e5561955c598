"""Write prototypes to a file and read them back, as safetensors or NPZ; never a pickle.

Both hold the same three arrays: ``directions`` (class, d_model) and ``centre`` (d_model,), float32,
and ``about``, the UTF-8 bytes of a JSON object with the version, the names and the rest.

A file from outside is treated as hostile. Every size is checked before anything of that size is
made, and whatever goes wrong ends in one sentence for the reader.
"""

from __future__ import annotations

import io
import json
import math
import zipfile
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import safetensors.numpy
from numpy.lib import format as npy
from numpy.typing import NDArray

from core.prototypes import Prototypes, TeachingError, check_names, clean_name

VERSION: Final = 1
# The directions mean nothing for other features. The digits begin the SHA-256 of the weights.
FEATURES: Final = "saliency_vit e3a8d31b, class token after layer 11 of 12, normalised"
MOST_BYTES: Final = 1_000_000
_FORMAT: Final = "attention-lab prototypes"
_PARTS: Final = ("about", "centre", "directions")
_MOST_ABOUT: Final = 20_000
_MOST_PHOTOS: Final = 100_000
# How far from 1 a direction's length may be, and a cosine's bound from [0, 1].
_TOLERANCE: Final = 1e-3
# Normalised features are far smaller; far larger ones would overflow when they are compared.
_LARGEST: Final = 1e3
_DAMAGED: Final = "This file is damaged or cut short: save the classes again, or choose another."
_FOREIGN: Final = (
    "This file does not hold classes that were taught here: choose a .safetensors or .npz file "
    "that this page has saved."
)


class PrototypeFileError(ValueError):
    """A file cannot be read as prototypes; the text is one sentence for the reader."""


def to_safetensors(prototypes: Prototypes) -> bytes:
    """Return the prototypes as a safetensors file."""
    return safetensors.numpy.save(_arrays(prototypes))


def to_npz(prototypes: Prototypes) -> bytes:
    """Return the prototypes as an NPZ file, without pickles in it."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **_arrays(prototypes))
    return file.getvalue()


def read_prototypes(data: bytes, *, d_model: int) -> Prototypes:
    """Read prototypes from the bytes of a file of either kind.

    Parameters
    ----------
    data : bytes
        The file; a ZIP archive is taken for NPZ, anything else for safetensors.
    d_model : int
        Width of the features that they are to be compared with.

    Returns
    -------
    Prototypes

    Raises
    ------
    PrototypeFileError
        If the file is too large, damaged, of another kind or version, for another model, or says
        what no page could have saved.
    """
    if not data:
        raise PrototypeFileError("This file is empty: choose another.")
    if len(data) > MOST_BYTES:
        raise PrototypeFileError(
            f"This file has {len(data) / 1e6:.1f} MB; classes that were taught here take less than "
            f"{MOST_BYTES / 1e6:g} MB."
        )
    arrays = _read_npz(data) if data.startswith(b"PK") else _read_safetensors(data)
    if set(arrays) != set(_PARTS):
        raise PrototypeFileError(_FOREIGN)
    about = _read_about(arrays["about"])
    names = _checked_names(about)
    prototypes = Prototypes(
        names=names,
        directions=_checked_array(arrays["directions"], (len(names), d_model)),
        centre=_checked_array(arrays["centre"], (d_model,)),
        counts=_checked_counts(about, len(names)),
        least=_checked_least(about),
    )
    lengths = np.linalg.norm(prototypes.directions.astype(np.float64), axis=1)
    if np.abs(prototypes.centre).max() > _LARGEST:
        raise PrototypeFileError(_FOREIGN)
    if np.abs(lengths - 1).max() > _TOLERANCE:
        raise PrototypeFileError("A direction in this file is not of length 1. " + _FOREIGN)
    return prototypes


def _arrays(prototypes: Prototypes) -> dict[str, NDArray[Any]]:
    about = {
        "format": _FORMAT,
        "version": VERSION,
        "features": FEATURES,
        "names": list(prototypes.names),
        "counts": list(prototypes.counts),
        "least": prototypes.least,
    }
    text = json.dumps(about, ensure_ascii=False).encode("utf-8")
    return {
        "about": np.frombuffer(text, dtype=np.uint8),
        "centre": np.ascontiguousarray(prototypes.centre, dtype=np.float32),
        "directions": np.ascontiguousarray(prototypes.directions, dtype=np.float32),
    }


def _read_safetensors(data: bytes) -> dict[str, NDArray[Any]]:
    try:
        arrays: dict[str, NDArray[Any]] = safetensors.numpy.load(data)
    except Exception as error:  # beside its own error the reader raises what it meets inside
        raise PrototypeFileError(_FOREIGN) from error
    return arrays


def _read_npz(data: bytes) -> dict[str, NDArray[Any]]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            # Each once: a name may stand in an archive thousands of times.
            if sorted(member.filename for member in members) != [f"{part}.npy" for part in _PARTS]:
                raise PrototypeFileError(_FOREIGN)
            return {
                member.filename.removesuffix(".npy"): _read_member(archive, member)
                for member in members
            }
    except PrototypeFileError:
        raise
    except Exception as error:  # what is unpacked may be wrong in any way
        raise PrototypeFileError(_DAMAGED) from error


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> NDArray[Any]:
    """Read one array of an NPZ file; no more is unpacked than a file may have."""
    with archive.open(member) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise PrototypeFileError(_FOREIGN)
    body = io.BytesIO(data)
    if npy.read_magic(body) != (1, 0):
        raise PrototypeFileError(_FOREIGN)
    shape, fortran_order, dtype = npy.read_array_header_1_0(body)
    rest = data[body.tell() :]
    plain = dtype in (np.dtype("<f4"), np.dtype("u1")) and not fortran_order
    # The size that the header claims is compared before an array is made of it.
    if not plain or math.prod(shape) * dtype.itemsize != len(rest):
        raise PrototypeFileError(_FOREIGN)
    return np.frombuffer(rest, dtype=dtype).reshape(shape)


def _read_about(array: NDArray[Any]) -> Mapping[str, object]:
    if array.dtype != np.uint8 or array.ndim != 1 or array.size > _MOST_ABOUT:
        raise PrototypeFileError(_FOREIGN)
    try:
        about = json.loads(array.tobytes().decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise PrototypeFileError(_FOREIGN) from error
    if not isinstance(about, dict) or about.get("format") != _FORMAT:
        raise PrototypeFileError(_FOREIGN)
    if about.get("version") != VERSION:
        raise PrototypeFileError(
            "This file was saved by another version of the lab: teach the classes again."
        )
    if about.get("features") != FEATURES:
        raise PrototypeFileError(
            "These classes were taught on the features of another model: teach them again."
        )
    return about


def _checked_names(about: Mapping[str, object]) -> tuple[str, ...]:
    names = about.get("names")
    if not isinstance(names, list) or not all(
        isinstance(name, str) and name == clean_name(name) for name in names
    ):
        raise PrototypeFileError(_FOREIGN)
    try:
        check_names(names)
    except TeachingError as error:
        raise PrototypeFileError(f"The names in this file cannot be used. {error}") from error
    return tuple(names)


def _checked_counts(about: Mapping[str, object], n_classes: int) -> tuple[int, ...]:
    counts = about.get("counts")
    if not isinstance(counts, list) or len(counts) != n_classes:
        raise PrototypeFileError(_FOREIGN)
    if not all(type(count) is int and 0 < count <= _MOST_PHOTOS for count in counts):
        raise PrototypeFileError(_FOREIGN)
    return tuple(counts)


def _checked_least(about: Mapping[str, object]) -> float:
    least = about.get("least")
    if not isinstance(least, float) or not 0 <= least <= 1 + _TOLERANCE:
        raise PrototypeFileError(_FOREIGN)
    return least


def _checked_array(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[np.float32]:
    if array.dtype != np.float32 or array.shape != shape or not np.isfinite(array).all():
        raise PrototypeFileError(_FOREIGN)
    return array.copy()


def read_centre(data: bytes) -> NDArray[np.float32]:
    """Read the centre that comes with the lab from the bytes of its safetensors file."""
    centre: NDArray[np.float32] = safetensors.numpy.load(data)["centre"]
    return centre
