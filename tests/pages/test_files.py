"""The files that a page hands out, read back with other tools than those that wrote them."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.typing import NDArray

from pages._shared.files import About, Table, Tabular, csv_zip, npz
from pages._shared.matrix import Axis, Matrix

ABOUT = About("Scaled dot-product", "cat, sat · seed 0", "http://localhost:8501/?s=abc")
QUERY, KEY = Axis("query", ("cat", "sat")), Axis("key", ("the", "cat", "mat"))
WEIGHTS = np.array([[0.1, 0.2, 0.7], [1 / 3, 1 / 3, 1 / 3]])
MATRIX = Matrix("weights", "Weights", WEIGHTS, QUERY, KEY)

Maker = Callable[[Mapping[str, Tabular], About], bytes]


def files(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def table(arrays_by_name: Mapping[str, Tabular], name: str) -> list[list[str]]:
    content = files(csv_zip(arrays_by_name, ABOUT))[name]
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def load(content: bytes) -> dict[str, NDArray[Any]]:
    with np.load(io.BytesIO(content), allow_pickle=False) as loaded:
        return dict(loaded)


# --- CSV -------------------------------------------------------------------------------------


def test_a_table_has_its_labels_and_exact_numbers() -> None:
    assert table({"weights": MATRIX}, "weights.csv") == [
        ["query \\ key", "the", "cat", "mat"],
        ["cat", "0.1", "0.2", "0.7"],
        ["sat", "0.3333333333333333", "0.3333333333333333", "0.3333333333333333"],
    ]


def test_pandas_reads_a_table_as_the_readme_says() -> None:
    content = files(csv_zip({"weights": MATRIX}, ABOUT))
    assert 'pd.read_csv("weights.csv", index_col=0)' in content["README.txt"].decode()
    frame = pd.read_csv(io.BytesIO(content["weights.csv"]), index_col=0)
    assert list(frame.index) == list(QUERY.labels)
    assert list(frame.columns) == list(KEY.labels)
    assert frame.index.name == "query \\ key"
    np.testing.assert_array_equal(frame.to_numpy(), WEIGHTS)


@given(
    arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.int64, np.uint8]),
        array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=3),
    )
)
def test_every_number_is_read_back_exactly(values: NDArray[Any]) -> None:
    rows = table({"a": values}, "a.csv")
    read = np.array([[np.float64(cell) for cell in row[1:]] for row in rows[1:]])
    np.testing.assert_array_equal(read, values.astype(np.float64))
    signs = np.signbit(read) == np.signbit(values)
    assert (signs | np.isnan(read)).all()


def test_spreadsheets_are_told_that_a_table_is_utf_8() -> None:
    assert files(csv_zip({"weights": MATRIX}, ABOUT))["weights.csv"].startswith(b"\xef\xbb\xbf")


def test_numbers_that_are_none_say_so_and_a_mask_is_0_and_1() -> None:
    odd = np.array([[np.nan, np.inf, -np.inf]])
    assert table({"a": odd}, "a.csv")[1][1:] == ["nan", "inf", "-inf"]
    assert table({"m": np.array([[True, False]])}, "m.csv")[1] == ["1", "1", "0"]


def test_ranks_other_than_two() -> None:
    assert table({"a": np.array([0.5, 2.0])}, "a.csv") == [
        ["axis 1", "value"],
        ["1", "0.5"],
        ["2", "2.0"],
    ]
    assert table({"a": np.array(0.5)}, "a.csv") == [["", "value"], ["", "0.5"]]
    heads = Axis("head", tuple("abcdefghijkl"))
    values = np.arange(72.0).reshape(12, 2, 3)
    whole = {"weights": Table(values, (heads, QUERY, KEY))}
    names = [name for name in files(csv_zip(whole, ABOUT)) if name.endswith(".csv")]
    assert names == [f"weights_head-{n:02}.csv" for n in range(1, 13)]
    assert table(whole, "weights_head-12.csv")[1] == ["cat", "66.0", "67.0", "68.0"]
    deep = Table(
        np.zeros((2, 1, 1, 1)), tuple(Axis(f"x {i}", ("a",) * (1 + (not i))) for i in range(4))
    )
    assert "d_x-0-2_x-1-1.csv" in files(csv_zip({"d": deep}, ABOUT))


WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@given(st.lists(WORDS, min_size=2, max_size=2))
def test_any_words_can_be_labels(words: list[str]) -> None:
    matrix = Matrix("m", "M", np.ones((2, 3)), Axis("query", tuple(words)), KEY)
    rows = table({"m": matrix}, "m.csv")
    assert [row[0].removeprefix("'") for row in rows[1:]] == [w.removeprefix("'") for w in words]


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-x", "'-x"),
        ("\t=1", "'\t=1"),
        ("-1", "-1"),
        ("+", "+"),
        ('<b>&"', '<b>&"'),
    ],
)
def test_no_label_is_a_formula(word: str, written: str) -> None:
    matrix = Matrix("m", "M", np.ones((1, 1)), Axis("query", (word,)), Axis("key", (word,)))
    rows = table({"m": matrix}, "m.csv")
    assert rows[0][1] == rows[1][0] == written


def test_half_a_surrogate_pair_stops_no_file() -> None:
    matrix = Matrix("m", "M", np.ones((1, 1)), Axis("query", ("a\ud800",)), Axis("key", ("b",)))
    assert table({"m": matrix}, "m.csv")[1][0] == "a?"


def test_the_readme_says_where_everything_comes_from() -> None:
    arrays_by_name = {"weights": MATRIX, "n": np.array(1)}
    readme = files(csv_zip(arrays_by_name, ABOUT))["README.txt"].decode()
    for line in (
        "Attention Lab: Scaled dot-product",
        "State: cat, sat · seed 0",
        "Link: http://localhost:8501/?s=abc",
        "weights.csv  2 × 3       query \\ key",
        "n.csv        one number",
    ):
        assert line in readme.splitlines()


# --- NPZ -------------------------------------------------------------------------------------


@given(
    arrays(
        st.sampled_from([np.float16, np.float32, np.float64, np.bool_, np.int32]),
        array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3),
    )
)
def test_npz_keeps_every_array_as_it_is(values: NDArray[Any]) -> None:
    read = load(npz({"a": values}, ABOUT))["a"]
    assert read.dtype == values.dtype
    np.testing.assert_array_equal(read, values)


def test_npz_tells_where_its_arrays_come_from() -> None:
    loaded = load(npz({"weights": MATRIX}, ABOUT))
    about = json.loads(str(loaded["about"]))
    assert about == {
        "page": "Scaled dot-product",
        "state": "cat, sat · seed 0",
        "link": "http://localhost:8501/?s=abc",
        "axes": {
            "weights": [
                {"name": "query", "labels": ["cat", "sat"]},
                {"name": "key", "labels": ["the", "cat", "mat"]},
            ]
        },
    }


def test_npz_takes_views_that_are_not_contiguous() -> None:
    view = np.arange(12.0).reshape(3, 4).T[::2]
    np.testing.assert_array_equal(load(npz({"a": view}, ABOUT))["a"], view)


# --- both ------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [csv_zip, npz])
def test_the_same_state_gives_the_same_bytes(make: Maker) -> None:
    first, second = (make({"a": WEIGHTS.copy(), "m": MATRIX}, ABOUT) for _ in range(2))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize("make", [csv_zip, npz])
@pytest.mark.parametrize(
    ("name", "array", "said"),
    [
        ("../up", WEIGHTS, "does not do as a file name"),
        ("", WEIGHTS, "does not do as a file name"),
        ("a b", WEIGHTS, "does not do as a file name"),
        ("a", np.array(["x"]), "should hold numbers"),
        ("a", np.array([None]), "should hold numbers"),
        (
            "a",
            Matrix("a", "A", np.zeros((3, 2)), QUERY, KEY),
            "shape (3, 2), but labels for (2, 3)",
        ),
        ("a", Table(WEIGHTS, (QUERY,)), "shape (2, 3), but labels for (2,)"),
    ],
)
def test_what_cannot_be_written_is_refused_in_words(
    make: Maker, name: str, array: Tabular, said: str
) -> None:
    with pytest.raises(ValueError, match="“") as caught:
        make({name: array}, ABOUT)
    assert said in str(caught.value)


def test_too_many_numbers_for_tables_go_into_npz() -> None:
    arrays_by_name = {"a": np.broadcast_to(np.float16(0), (1001, 1000))}
    with pytest.raises(ValueError, match="1,001,000 numbers"):
        csv_zip(arrays_by_name, ABOUT)
    assert load(npz(arrays_by_name, ABOUT))["a"].shape == (1001, 1000)


def test_about_is_no_name_for_an_array() -> None:
    with pytest.raises(ValueError, match="description"):
        npz({"about": WEIGHTS}, ABOUT)
