"""All heads as small pictures: what Python sends, and what it takes from the browser."""

from __future__ import annotations

import base64
import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages._shared.head_grid import read_head
from tests.pages.app import component, trigger

SHAPE = (2, 4)


def script() -> None:
    import numpy as np
    import streamlit as st

    from pages._shared.head_grid import head_grid

    def take(*what: object) -> None:
        st.session_state["taken"] = what

    weights = np.zeros((2, 4, 3, 5), np.float16)
    weights[1, 2] = 0.2
    weights[0, 3, 0] = np.nan
    head_grid(
        weights,
        key="heads",
        view="7",
        title="Encoder",
        text="Eight heads.",
        chosen=(1, 2),
        on_choose=take,
        captions={(1, 2): "even .20"},
        ranking=[(1, 2, 0.93751), (0, 0, 0.1)],
        dropped={(0, 3), (0, 1)},
        on_drop=take,
        marks={(1, 0)},
        limit=0.4,
    )


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(script).run()
    assert not app.exception
    return app


def test_what_is_sent(app: AppTest) -> None:
    sent = component(app, "head_grid")
    assert (sent["shape"], sent["whole"]) == ([2, 4, 3, 5], [3, 5])
    levels = np.frombuffer(base64.b64decode(sent["values"]), np.uint8).reshape(2, 4, 15)
    assert (levels[1, 2] == 127).all()  # half way to the limit, of a float16's 0.2
    assert levels.sum() == 127 * 15
    assert (sent["chosen"], sent["captions"]) == ([1, 2], [[1, 2, "even .20"]])
    assert sent["ranking"] == [[1, 2, 0.9375], [0, 0, 0.1]]
    assert (sent["dropped"], sent["marks"]) == ([[0, 1], [0, 3]], [[1, 0]])


def test_a_choice_and_a_drop_are_reported(app: AppTest) -> None:
    trigger(app, "head_grid", "choice", {"view": "7", "layer": 1, "head": 3})
    assert app.session_state["taken"] == ((1, 3),)
    trigger(app, "head_grid", "drop", {"view": "7", "layer": 0, "head": 0, "on": False})
    assert app.session_state["taken"] == ((0, 0), False)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "head",
        {},
        {"view": "6", "layer": 1, "head": 1},
        {"view": "7", "layer": 2, "head": 1},
        {"view": "7", "layer": 1, "head": 4},
        {"view": "7", "layer": -1, "head": 1},
        {"view": "7", "layer": True, "head": 1},
        {"view": "7", "layer": 1, "head": 1.0},
        {"view": "7", "layer": 1, "head": float("nan")},
        {"view": "7", "layer": 1},
    ],
)
@pytest.mark.parametrize("event", ["choice", "drop"])
def test_what_is_no_head_of_this_view_is_dropped(app: AppTest, event: str, message: object) -> None:
    assert read_head(message, "7", SHAPE) is None
    sent = message | {"on": True} if isinstance(message, dict) else message
    trigger(app, "head_grid", event, sent)
    assert "taken" not in app.session_state
    assert not app.exception


@pytest.mark.parametrize("on", [None, 1, "true"])
def test_a_drop_says_whether(app: AppTest, on: object) -> None:
    trigger(app, "head_grid", "drop", {"view": "7", "layer": 0, "head": 0, "on": on})
    assert "taken" not in app.session_state
    assert not app.exception


def test_seventy_two_maps_of_two_hundred_words_are_below_60_kb() -> None:
    def large() -> None:
        import numpy as np

        from pages._shared.head_grid import head_grid

        heads = [(layer, head) for layer in range(6) for head in range(12)]
        head_grid(
            np.full((6, 12, 200, 200), 1 / 200, np.float16), key="heads", view="1", title="",
            text="", chosen=None, on_choose=lambda head: None,
            captions=dict.fromkeys(heads, "previous word .98"),
        )  # fmt: skip

    app = AppTest.from_function(large).run()
    assert not app.exception
    sent = component(app, "head_grid")
    assert sent["shape"] == [6, 12, 24, 24]
    assert len(json.dumps(sent)) < 60_000
