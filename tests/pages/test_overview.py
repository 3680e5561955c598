"""The first page: its live attention and its map."""

from __future__ import annotations

import json

import numpy as np

from core.attention import scaled_dot_product_attention
from pages._shared.catalog import PAGES
from pages._shared.lab_map import MAP
from pages._shared.overview_state import START, STORE, OverviewState
from tests.pages.app import board, component, matrices, open_in, open_page, said

FILE = "streamlit_app.py"


def test_weights_and_output_are_what_core_computes() -> None:
    app = open_page(FILE).run()
    shown = matrices(app)
    attention = scaled_dot_product_attention(START["query"], START["key"], START["value"])
    for name in ("query", "key", "value"):
        np.testing.assert_array_equal(shown[name], START[name])
    np.testing.assert_array_equal(shown["weights"], attention.weights)
    np.testing.assert_array_equal(shown["output"], attention.output)
    assert said(app).startswith("“it” reads “animal” (0.92)")


def test_weights_by_hand() -> None:
    # Scores of (2, 1) with the keys are 5, 0 and 1; divided by root 2: 3.54, 0, 0.71.
    exponentials = np.exp(np.array([[5.0, 0.0, 1.0]]) / np.sqrt(2))
    weights = exponentials / exponentials.sum()
    np.testing.assert_allclose(matrices(open_page(FILE).run())["weights"], weights)


def test_an_edit_of_this_session_is_kept_and_reset_knows_the_start() -> None:
    app = open_in(STORE, OverviewState(**{**START, "query": np.array([[-2.0, 1.0]])}))
    assert matrices(app)["query"].tolist() == [[-2.0, 1.0]]
    assert matrices(app)["weights"][0].argmax() == 1
    query = next(item for item in board(app)["items"] if item["id"] == "query")
    assert query["base"] == START["query"].tolist()


def test_only_the_three_inputs_can_be_edited() -> None:
    items = board(open_page(FILE).run())["items"]
    assert {item["id"] for item in items if item["editable"]} == {"query", "key", "value"}


def test_the_map_is_there_and_names_every_page_with_its_question() -> None:
    """What it shows of a page is up to `test_lab_map`."""
    assert component(open_page(FILE).run(), "lab_map") is not None
    for page in PAGES:
        assert json.dumps(page.title) in MAP.script
        assert json.dumps(page.question) in MAP.script
