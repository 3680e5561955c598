"""Attention as lines: what Python sends, and what it takes from the browser."""

from __future__ import annotations

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages._shared.board_messages import check_choice
from pages._shared.matrix import Choice
from tests.pages.app import component, trigger


def script() -> None:
    import numpy as np
    import streamlit as st

    from pages._shared.attention_lines import attention_lines

    def take(choice: object) -> None:
        st.session_state["taken"] = choice

    weights = np.array([[0.2, 0.3, 0.5], [np.nan, np.inf, 0.0]], dtype=np.float16)
    names = ("it", "was"), ("a", "b", "c")
    attention_lines(weights, *names, key="lines", version="7", chosen=(0, 2), on_choose=take)


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(script).run()
    assert not app.exception
    return app


def test_what_is_sent(app: AppTest) -> None:
    sent = component(app, "attention_lines")
    # What is no number is drawn as nothing and said as what it is.
    np.testing.assert_allclose(sent["weights"], [[0.2, 0.3, 0.5], [0, 0, 0]], atol=2e-4)
    assert sent["numbers"] == [["0.20", "0.30", "0.50"], ["NaN", "∞", "0.00"]]
    assert (sent["queries"], sent["keys"]) == (["it", "was"], ["a", "b", "c"])
    assert (sent["chosen"], sent["version"], sent["group"]) == ([0, 2], "7", "lab")
    assert "NaN" not in json.dumps(sent["weights"])


def test_a_choice_is_reported(app: AppTest) -> None:
    trigger(
        app,
        "attention_lines",
        "choice",
        {"version": "7", "matrix": "weights", "row": 1, "column": 0},
    )
    assert app.session_state["taken"] == Choice(matrix="weights", row=1, column=0)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "choice",
        {},
        {"version": "7", "matrix": "scores", "row": 1, "column": 1},
        {"version": "6", "matrix": "weights", "row": 1, "column": 1},
        {"version": "7", "matrix": "weights", "row": 2, "column": 1},
        {"version": "7", "matrix": "weights", "row": 1, "column": 3},
        {"version": "7", "matrix": "weights", "row": -1, "column": 1},
        {"version": "7", "matrix": "weights", "row": True, "column": 1},
        {"version": "7", "matrix": "weights", "row": 1, "column": 1.0},
        {"version": "7", "matrix": "weights", "row": 1},
    ],
)
def test_what_is_no_weight_of_this_version_is_dropped(app: AppTest, message: object) -> None:
    assert check_choice(message, "7", {"weights": (2, 3)}) is None
    trigger(app, "attention_lines", "choice", message)
    assert "taken" not in app.session_state
    assert not app.exception


def test_many_words_are_sent_packed() -> None:
    def many() -> None:
        import numpy as np

        from pages._shared.attention_lines import attention_lines

        names = [f"word {index}" for index in range(200)]
        attention_lines(
            np.full((200, 200), 1 / 200), names, names, key="lines", version="1", chosen=(0, 0),
            on_choose=lambda choice: None,
        )  # fmt: skip

    app = AppTest.from_function(many).run()
    assert not app.exception
    sent = component(app, "attention_lines")
    assert sent["packed"]["shape"] == [200, 200]
    assert not {"weights", "numbers"} & set(sent)
    assert len(json.dumps(sent)) < 120_000


def test_sixteen_words_are_sent_with_all_their_numbers() -> None:
    from pages._shared.attention_lines import _in_message

    assert set(_in_message(np.zeros((16, 16)))) == {"weights", "numbers"}
    assert set(_in_message(np.zeros((2, 17)))) == {"packed"}
