"""A map of weights: what Python sends, and what it takes from the browser."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages._shared.attention_map import attention_map, read_paint
from pages._shared.matrix import Choice
from pages._shared.packed_weights import pack_cells, unpack_cells
from tests.pages.app import component, trigger

SHAPE = (2, 3)
PATTERN = np.array([[True, False, True], [False, False, True]])


def script() -> None:
    import numpy as np
    import streamlit as st

    from pages._shared.attention_map import attention_map

    def take(what: object) -> None:
        st.session_state["taken"] = what

    attention_map(
        np.array([[0.2, 0.3, 0.5], [np.nan, 1.0, 0.0]]),
        ("it", "was"),
        ("a", "b", "<i>"),
        key="map",
        version="7",
        title="Head",
        text="It reads.",
        chosen=(0, 2),
        on_choose=take,
        marks=np.array([[True, False, False], [False, True, False]]),
        marks_name="gold",
        paint=take,
    )


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(script).run()
    assert not app.exception
    return app


def test_what_is_sent(app: AppTest) -> None:
    sent = component(app, "attention_map")
    numbers = np.frombuffer(base64.b64decode(sent["weights"]["values"]), "<f4")
    np.testing.assert_array_equal(numbers, np.float32([0.2, 0.3, 0.5, np.nan, 1.0, 0.0]))
    assert (sent["queries"], sent["keys"]) == (["it", "was"], ["a", "b", "<i>"])
    assert (sent["chosen"], sent["version"], sent["group"]) == ([0, 2], "7", "lab")
    assert (sent["scale"], sent["limit"]) == ("sequential", 1.0)
    ((name, kind, cells),) = sent["layers"]
    assert (name, kind) == ("gold", "mark")
    np.testing.assert_array_equal(unpack_cells(cells, SHAPE), np.eye(2, 3, dtype=bool))
    assert not unpack_cells(sent["painted"], SHAPE).any()
    assert "NaN" not in json.dumps(sent)


def test_a_choice_and_a_pattern_are_reported(app: AppTest) -> None:
    choice = {"version": "7", "matrix": "weights", "row": 1, "column": 0}
    trigger(app, "attention_map", "choice", choice)
    assert app.session_state["taken"] == Choice(matrix="weights", row=1, column=0)
    trigger(app, "attention_map", "paint", {"version": "7", "cells": pack_cells(PATTERN)})
    np.testing.assert_array_equal(app.session_state["taken"], PATTERN)


@pytest.mark.parametrize(
    "message",
    [
        None,
        [],
        {"version": "6", "matrix": "weights", "row": 1, "column": 1},
        {"version": "7", "matrix": "scores", "row": 1, "column": 1},
        {"version": "7", "matrix": "weights", "row": 2, "column": 1},
        {"version": "7", "matrix": "weights", "row": 1, "column": -1},
        {"version": "7", "matrix": "weights", "row": True, "column": 1},
        {"version": "7", "matrix": "weights", "row": 1.0, "column": 1},
        {"version": "7", "matrix": "weights", "row": 1, "column": "NaN"},
    ],
)
def test_what_is_no_cell_of_this_version_is_dropped(app: AppTest, message: object) -> None:
    trigger(app, "attention_map", "choice", message)
    assert "taken" not in app.session_state
    assert not app.exception


@pytest.mark.parametrize(
    "message",
    [
        None,
        "paint",
        {"version": "7"},
        {"version": "6", "cells": pack_cells(PATTERN)},
        {"version": "7", "cells": pack_cells(np.ones((3, 3), bool))},  # a byte too many
        {"version": "7", "cells": "A" * 10_000_000},
        {"version": "7", "cells": ""},
        {"version": "7", "cells": "oA=="[:3]},
        {"version": "7", "cells": "oA=a"},
        {"version": "7", "cells": "o\n=="},
        {"version": "7", "cells": "éé=="},
        {"version": "7", "cells": PATTERN.astype(int).tolist()},
        {"version": "7", "cells": [float("nan")] * 6},
        {"version": "7", "cells": True},
    ],
)
def test_what_is_no_pattern_of_this_map_is_dropped(app: AppTest, message: object) -> None:
    assert read_paint(message, "7", SHAPE) is None
    trigger(app, "attention_map", "paint", message)
    assert "taken" not in app.session_state
    assert not app.exception


def test_two_hundred_and_twenty_words_are_a_message_of_140_kb() -> None:
    def large() -> None:
        import numpy as np

        from pages._shared.attention_map import attention_map

        names = ["unimaginably"] * 220
        weights = np.full((220, 220), 1 / 220)
        cells = np.eye(220, dtype=bool)
        attention_map(
            weights, names, names, key="map", version="1", title="", text="",
            marks=cells, paint=lambda cells: None, painted=cells,
        )  # fmt: skip

    app = AppTest.from_function(large).run()
    assert not app.exception
    assert len(json.dumps(component(app, "attention_map"))) < 155_000


@pytest.mark.parametrize("wrong", ["marks", "changed", "painted"])
def test_a_matrix_of_another_shape_is_a_mistake(wrong: str) -> None:
    with pytest.raises(ValueError, match="2 queries by 3 keys got a matrix of"):
        attention_map(
            np.zeros(SHAPE), ("a", "b"), ("a", "b", "c"), key="k", version="1", title="",
            text="", **{wrong: np.zeros((3, 2), bool)},
        )  # fmt: skip
