"""Prototypes as files: what is written comes back, and a hostile file ends in a sentence."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.prototype_files import (
    FEATURES,
    MOST_BYTES,
    PrototypeFileError,
    read_centre,
    read_prototypes,
    to_npz,
    to_safetensors,
)
from core.prototypes import CENTRE_PATH, Prototypes, clean_name, unit_length
from core.vit_model import WEIGHTS_SHA256

WIDTH = 8
WRITERS = (to_safetensors, to_npz)
Writer = Callable[[Prototypes], bytes]


def prototypes_of(names: tuple[str, ...], seed: int = 0) -> Prototypes:
    random = np.random.default_rng(seed)
    return Prototypes(
        names=names,
        directions=unit_length(random.normal(size=(len(names), WIDTH)).astype(np.float32)),
        centre=random.normal(size=WIDTH).astype(np.float32),
        counts=tuple(range(3, 3 + len(names))),
        least=0.4371,
    )


GOOD = prototypes_of(("Cats", "Dogs"))


def arrays() -> dict[str, NDArray[Any]]:
    return safetensors.numpy.load(to_safetensors(GOOD))


def about(**changes: object) -> NDArray[np.uint8]:
    told = json.loads(arrays()["about"].tobytes()) | changes
    kept = {name: value for name, value in told.items() if value is not ...}
    return np.frombuffer(json.dumps(kept).encode(), np.uint8)


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def npy(array: NDArray[Any]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def npy_claiming(shape: tuple[int, ...], dtype: str = "<f4") -> bytes:
    """Return the header of a .npy file of a shape, with nothing behind it."""
    file = io.BytesIO()
    header = {"descr": dtype, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    return file.getvalue()


# --- there and back --------------------------------------------------------------------------


@pytest.mark.parametrize("write", WRITERS)
@settings(max_examples=25, deadline=None)
@given(
    names=st.lists(
        st.text(min_size=1).map(clean_name).filter(bool),
        min_size=2,
        max_size=5,
        unique_by=str.casefold,
    ),
    seed=st.integers(0, 1000),
)
def test_what_is_written_comes_back(write: Writer, names: list[str], seed: int) -> None:
    written = prototypes_of(tuple(names), seed)
    found = read_prototypes(write(written), d_model=WIDTH)
    assert (found.names, found.counts, found.least) == (
        written.names,
        written.counts,
        written.least,
    )
    np.testing.assert_array_equal(found.directions, written.directions)
    np.testing.assert_array_equal(found.centre, written.centre)


def test_numpy_reads_the_npz_without_pickles() -> None:
    with np.load(io.BytesIO(to_npz(GOOD)), allow_pickle=False) as file:
        np.testing.assert_array_equal(file["directions"], GOOD.directions)
        assert json.loads(file["about"].tobytes())["names"] == ["Cats", "Dogs"]


def test_a_file_with_numpy_compression_is_read_too() -> None:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays())
    assert read_prototypes(file.getvalue(), d_model=WIDTH).names == GOOD.names


def test_the_features_are_named_after_the_weights() -> None:
    assert WEIGHTS_SHA256[:8] in FEATURES


def test_the_centre_of_the_lab_is_read() -> None:
    centre = read_centre(CENTRE_PATH.read_bytes())
    assert (centre.shape, centre.dtype) == ((384,), np.float32)
    assert np.isfinite(centre).all()


# --- hostile files ---------------------------------------------------------------------------


class Trap:
    """Unpickled, it would call a function."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        return pytest.fail, ("a pickle was read",)


BRAIN_FLOAT = b'{"about":{"dtype":"BF16","shape":[1],"data_offsets":[0,2]}}'
HOSTILE: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "too large": (bytes(MOST_BYTES + 1), "less than 1 MB"),
    "noise": (np.random.default_rng(0).bytes(5000), "does not hold classes"),
    "a pickle": (pickle.dumps(Trap()), "does not hold classes"),
    "a pickle in an archive": (
        zipped(
            {"about.npy": npy(about()), "centre.npy": pickle.dumps(Trap()), "directions.npy": b""}
        ),
        "damaged",
    ),
    "an array of objects": (
        zipped(
            {
                "about.npy": npy(about()),
                "centre.npy": npy_claiming((1,), "|O") + pickle.dumps(Trap()),
                "directions.npy": npy(GOOD.directions),
            }
        ),
        "does not hold classes",
    ),
    "an archive of something else": (zipped({"evil.npy": b""}), "does not hold classes"),
    "an archive that goes up": (zipped({"../about.npy": b""}), "does not hold classes"),
    "a header of a huge array": (
        zipped(
            {
                "about.npy": npy(about()),
                "centre.npy": npy_claiming((10**12,)),
                "directions.npy": npy(GOOD.directions),
            }
        ),
        "does not hold classes",
    ),
    "a member that unpacks to much": (
        zipped({"about.npy": bytes(30_000_000), "centre.npy": b"", "directions.npy": b""}),
        "does not hold classes",
    ),
    "a huge safetensors header": (struct.pack("<Q", 10**15) + b"{", "does not hold classes"),
    "a type unknown to NumPy": (
        struct.pack("<Q", len(BRAIN_FLOAT)) + BRAIN_FLOAT + bytes(2),
        "does not hold classes",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_ends_in_a_sentence(name: str) -> None:
    data, said = HOSTILE[name]
    with pytest.raises(PrototypeFileError, match=said):
        read_prototypes(data, d_model=WIDTH)


def test_a_member_that_stands_in_an_archive_twice_is_refused() -> None:
    file = io.BytesIO(to_npz(GOOD))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("centre.npy", npy(GOOD.centre))
    with pytest.raises(PrototypeFileError, match="does not hold classes"):
        read_prototypes(file.getvalue(), d_model=WIDTH)


@pytest.mark.parametrize(
    "changes",
    [
        {"directions": GOOD.directions[:1]},
        {"directions": GOOD.directions.astype(np.float64)},
        {"directions": GOOD.directions * 2},
        {"directions": np.full((2, WIDTH), np.nan, np.float32)},
        {"centre": np.zeros(WIDTH + 1, np.float32)},
        {"centre": np.full(WIDTH, np.inf, np.float32)},
        {"centre": np.full(WIDTH, 1e30, np.float32)},
        {"about": np.zeros(3, np.uint8)},
        {"about": np.zeros((1, 3), np.uint8)},
        {"about": np.frombuffer(b"[" * 15_000, np.uint8)},
        {"about": np.zeros(30_000, np.uint8)},
        {"about": about(format="other")},
        {"about": about(names="Cats")},
        {"about": about(names=["Cats", 3])},
        {"about": about(names=["Cats", "Do\x00gs"])},
        {"about": about(names=["Cats", "\ud800"])},
        {"about": about(counts=[3])},
        {"about": about(counts=[3, 0])},
        {"about": about(counts=[3, True])},
        {"about": about(counts=[3, 10**9])},
        {"about": about(least=float("nan"))},
        {"about": about(least=-0.1)},
        {"about": about(least=2.0)},
        {"about": about(least=...)},
        {"extra": np.zeros(1, np.float32)},
    ],
)
@pytest.mark.parametrize("kind", ["safetensors", "npz"])
def test_what_no_page_has_saved_is_refused(changes: dict[str, NDArray[Any]], kind: str) -> None:
    parts = {name: np.ascontiguousarray(array) for name, array in {**arrays(), **changes}.items()}
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **parts)
    data = safetensors.numpy.save(parts) if kind == "safetensors" else file.getvalue()
    with pytest.raises(PrototypeFileError, match=r"does not hold classes|not of length 1"):
        read_prototypes(data, d_model=WIDTH)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({"version": 2}, "another version"),
        ({"features": "resnet"}, "another model"),
        ({"names": ["Cats", "cats"]}, "Two classes are called"),
        ({"names": ["Cats", ""]}, "no name"),
        ({"names": ["Cats"]}, "Choose 2 to 5"),
    ],
)
def test_why_a_file_does_not_fit_is_said(told: dict[str, object], said: str) -> None:
    data = safetensors.numpy.save({**arrays(), "about": about(**told)})
    with pytest.raises(PrototypeFileError, match=said):
        read_prototypes(data, d_model=WIDTH)


@pytest.mark.parametrize("write", WRITERS)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_never_ends_in_anything_else(write: Writer, data: st.DataObject) -> None:
    good = bytearray(write(GOOD))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(good[: data.draw(st.integers(0, len(good)))])
    for broken in (bytes(good), cut):
        try:
            found = read_prototypes(broken, d_model=WIDTH)
        except PrototypeFileError as error:
            assert str(error).endswith(".")
        else:  # a number in a float may differ
            assert np.isfinite(found.directions).all()
