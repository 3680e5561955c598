"""The Python half of the matrix component: what it believes a browser, and what it sends."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pages._shared.board_messages import check_choice, check_edit, check_switch, describe
from pages._shared.matrix import Axis, Band, Choice, Matrix, Switch, nice_limit

ROWS, COLUMNS = Axis("query", ("a", "b")), Axis("key", ("x", "y", "z"))
NUMBERS = Matrix(
    "q", "Q", np.zeros((2, 3)), ROWS, COLUMNS, base=np.zeros((2, 3)), bounds=(-5.0, 5.0)
)
MASK = Matrix(
    "m", "M", np.ones((2, 3), bool), ROWS, COLUMNS, scale="mask", base=np.ones((2, 3), bool)
)
READ_ONLY = Matrix("w", "W", np.zeros((2, 3)), ROWS, COLUMNS)
MATRICES = {matrix.id: matrix for matrix in (NUMBERS, MASK, READ_ONLY)}
SHAPES = {name: matrix.values.shape for name, matrix in MATRICES.items()}
GOOD = [[1, 2, 3], [4.5, -1, 0]]
VERSION = "2.7"


def edit(values: object, version: object = VERSION) -> dict[str, Any]:
    return check_edit({"version": version, "values": values}, VERSION, MATRICES)


def test_a_good_edit_is_taken_over() -> None:
    edited = edit({"q": GOOD})
    assert list(edited) == ["q"]
    assert edited["q"].dtype == np.float64
    assert edited["q"].tolist() == GOOD


def test_numbers_are_held_within_bounds() -> None:
    assert edit({"q": [[1e300, -1e300, 5.0], [5.1, -5.1, 0]]})["q"].tolist() == [
        [5, -5, 5],
        [5, -5, 0],
    ]


def test_a_mask_becomes_bool() -> None:
    edited = edit({"m": [[0, 1, 2], [True, False, -1]]})["m"]
    assert edited.dtype == np.bool_
    assert edited.tolist() == [[False, True, True], [True, False, True]]


@pytest.mark.parametrize(
    "values",
    [
        {"q": [[1, 2, 3]]},
        {"q": [[1, 2], [3, 4], [5, 6]]},
        {"q": [[1, 2, 3], [4, 5]]},
        {"q": [1, 2, 3, 4, 5, 6]},
        {"q": []},
        {"q": None},
        {"q": 3},
        {"q": "123456"},
        {"q": {"0": [1, 2, 3]}},
        {"q": [["a", "b", "c"], ["d", "e", "f"]]},
        {"q": [[None, 1, 2], [3, 4, 5]]},
        {"q": [[float("nan"), 1, 2], [3, 4, 5]]},
        {"q": [[float("inf"), 1, 2], [3, 4, 5]]},
        {"q": [["NaN", 1, 2], [3, 4, 5]]},
        {"q": [[10**400, 1, 2], [3, 4, 5]]},
        {"q": [[[1], 2, 3], [4, 5, 6]]},
        {"q": [[{}, 2, 3], [4, 5, 6]]},
        {"q": [[1j, 2, 3], [4, 5, 6]]},
        {"m": [[float("nan"), 1, 1], [1, 1, 1]]},
        {"w": GOOD},
        {"unknown": GOOD},
        {None: GOOD},
        {},
    ],
)
def test_a_bad_table_is_left_out(values: object) -> None:
    assert edit(values) == {}


@pytest.mark.parametrize("values", [None, 3, "q", [GOOD], [("q", GOOD)]])
def test_values_that_are_no_mapping_are_left_out(values: object) -> None:
    assert edit(values) == {}


@pytest.mark.parametrize("version", ["2.6", "3.7", "2.70", "", None, 2.7, ["2.7"]], ids=repr)
def test_another_version_is_too_late(version: object) -> None:
    assert edit({"q": GOOD}, version) == {}


@pytest.mark.parametrize("message", [None, 3, "x", [], [["version", VERSION]]])
def test_a_message_that_is_no_mapping_says_nothing(message: object) -> None:
    assert check_edit(message, VERSION, MATRICES) == {}
    assert check_choice(message, VERSION, SHAPES) is None


def test_one_bad_matrix_does_not_spoil_a_good_one() -> None:
    assert list(edit({"q": GOOD, "m": [[1]], "w": GOOD})) == ["q"]


def test_an_edit_is_a_copy() -> None:
    before = NUMBERS.values.copy()
    edit({"q": GOOD})["q"][:] = 9
    np.testing.assert_array_equal(NUMBERS.values, before)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


@given(json_values, st.sampled_from(["q", "m", "w"]))
def test_whatever_a_browser_sends_is_an_edit_that_fits_or_nothing(table: object, name: str) -> None:
    for array in edit({name: table}).values():
        assert array.shape == (2, 3)
        assert np.isfinite(array).all()
        assert (np.abs(array.astype(float)) <= 5).all()
    check_edit(table, VERSION, MATRICES)
    check_choice(table, VERSION, SHAPES)
    assert check_choice(
        {"version": VERSION, "matrix": name, "row": table, "column": 0}, VERSION, SHAPES
    ) in (
        None,
        Choice(name, 0, 0),
        Choice(name, 1, 0),
    )


def test_a_good_choice() -> None:
    message = {"version": VERSION, "matrix": "w", "row": 1, "column": 2}
    assert check_choice(message, VERSION, SHAPES) == Choice(matrix="w", row=1, column=2)


@pytest.mark.parametrize(
    ("matrix", "row", "column"),
    [
        ("w", -1, 0),
        ("w", 0, -1),
        ("w", 2, 0),
        ("w", 0, 3),
        ("w", "0", 0),
        ("w", 0.0, 0),
        ("w", None, 0),
        ("w", 0, [0]),
        ("w", True, 0),
        ("w", 0, False),
        ("nowhere", 0, 0),
        (None, 0, 0),
        (["w"], 0, 0),
        ({}, 0, 0),
    ],
)
def test_a_cell_that_is_not_there_cannot_be_chosen(
    matrix: object, row: object, column: object
) -> None:
    assert (
        check_choice(
            {"version": VERSION, "matrix": matrix, "row": row, "column": column}, VERSION, SHAPES
        )
        is None
    )


@pytest.mark.parametrize(
    ("largest", "limit"),
    [(0, 1), (0.3, 1), (1, 1), (1.01, 2), (2, 2), (2.1, 5), (5.01, 10), (10, 10), (10.1, 20),
     (99, 100), (100, 100), (101, 200), (65504, 100_000)],
)  # fmt: skip
def test_limits_are_round(largest: float, limit: float) -> None:
    assert nice_limit(np.array([0.1, -largest])) == pytest.approx(limit)
    assert nice_limit(np.array([0.0]), np.array([[largest]])) == pytest.approx(limit)


def test_a_limit_ignores_what_is_not_finite() -> None:
    assert nice_limit(np.array([np.nan, np.inf, -np.inf, 3.0])) == 5.0
    assert nice_limit(np.array([np.nan])) == 1.0
    assert nice_limit(np.empty(0)) == 1.0
    assert nice_limit() == 1.0


@given(
    arrays(
        st.sampled_from([np.float16, np.float32, np.float64]),
        array_shapes(max_dims=2, max_side=4),
    )
)
def test_a_limit_holds_every_finite_number(array: np.ndarray) -> None:
    if array.dtype == np.float64:  # a power of ten above the largest float is none
        array = np.where(np.abs(array) < 1e300, array, np.sign(array))
    limit = nice_limit(array)
    finite = np.abs(array[np.isfinite(array)].astype(float))
    largest = finite.max(initial=0.0)
    assert largest <= limit
    assert limit <= max(1.0, 2.5 * largest) * (1 + 1e-12)
    assert f"{limit:.0e}"[0] in "125"


def test_what_is_sent_survives_strict_json_with_every_kind_of_number() -> None:
    values = np.array([[np.nan, np.inf, -np.inf], [0.1, -0.0, 1e-300]])
    sent = describe(Matrix("w", "W", values, ROWS, COLUMNS))
    assert json.loads(json.dumps(sent, allow_nan=False))["values"] == [
        ["nan", "inf", "-inf"],
        [0.1, -0.0, 1e-300],
    ]


def test_what_is_sent_says_what_can_be_edited() -> None:
    assert not describe(READ_ONLY)["editable"]
    sent = describe(NUMBERS)
    assert sent["editable"]
    assert sent["base"] == [[0.0] * 3] * 2
    assert tuple(sent["bounds"]) == (-5.0, 5.0)
    assert describe(MASK)["values"] == [[1, 1, 1], [1, 1, 1]]
    assert sent["corner"] == "query \\ key"


# --- bands and switches ----------------------------------------------------------------------

SWITCHED = Matrix("s", "S", np.zeros((2, 3)), ROWS, COLUMNS, switch=Switch("Drop", on=True))


def test_bands_and_switches_are_sent_where_there_are_any() -> None:
    banded = Axis("d", ("1", "2", "3"), (Band("head 1", 2, 0), Band("head 2", 1, 1)))
    sent = describe(
        Matrix("w", "W", np.zeros((2, 3)), ROWS, banded, small=True, band=Band("head 4", 1, 3))
    )
    assert json.loads(json.dumps(sent))["column_bands"] == [["head 1", 2, 0], ["head 2", 1, 1]]
    assert sent["row_bands"] == []
    assert (sent["small"], sent["band"]) == (True, 3)
    assert describe(SWITCHED)["switch"] == ("Drop", True)
    assert not {"row_bands", "column_bands", "small", "band", "switch"} & describe(NUMBERS).keys()


@pytest.mark.parametrize("on", [True, False])
def test_a_switch_that_was_pressed(on: bool) -> None:
    message = {"version": VERSION, "matrix": "s", "on": on}
    assert check_switch(message, VERSION, {"s": SWITCHED}) == ("s", on)


@pytest.mark.parametrize(
    ("version", "matrix", "on"),
    [
        ("2.6", "s", True),
        (VERSION, "w", True),
        (VERSION, "nowhere", True),
        (VERSION, ["s"], True),
        (VERSION, "s", 1),
        (VERSION, "s", None),
        (VERSION, "s", "true"),
    ],
)
def test_a_switch_that_is_not_there_cannot_be_pressed(
    version: object, matrix: object, on: object
) -> None:
    message = {"version": version, "matrix": matrix, "on": on}
    assert check_switch(message, VERSION, {**MATRICES, "s": SWITCHED}) is None
    assert check_switch(matrix, VERSION, {"s": SWITCHED}) is None
