"""Chart specs: valid with data, untouched by drawing, and showing what they are given."""

from __future__ import annotations

import copy
import json

import altair as alt
import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.attention import scaled_dot_product_attention
from core.presets import cat_sat_mat
from pages._shared import geometry_charts
from pages._shared.charts import Spec

TOKENS = ("the", "cat", "sat", "on", "mat")
SPECS = {
    "arrows": geometry_charts.arrows_spec(5.0),
    "average": geometry_charts.average_spec(2.0),
}


@pytest.fixture
def geometry() -> pd.DataFrame:
    toy = cat_sat_mat()
    attention = scaled_dot_product_attention(toy.query, toy.key, toy.value)
    weights, output = attention.weights[2], attention.output[2]
    return geometry_charts.geometry_frame(toy.query[2], toy.key, toy.value, weights, output, TOKENS)


def fields(part: object) -> set[str]:
    """Collect every field that an encoding of the spec reads."""
    if isinstance(part, dict):
        own = {part["field"]} if isinstance(part.get("field"), str) else set()
        return own.union(*(fields(inner) for inner in part.values()))
    return set().union(*(fields(inner) for inner in part)) if isinstance(part, list) else set()


def calculated(part: object) -> set[str]:
    """Collect every field that the spec's own transforms make."""
    if isinstance(part, dict):
        own = {part["as"]} if "calculate" in part else set()
        return own.union(*(calculated(inner) for inner in part.values()))
    return set().union(*(calculated(inner) for inner in part)) if isinstance(part, list) else set()


def values_of_marks(part: object) -> list[object]:
    """Collect the "data" and "datasets" entries that a spec carries."""
    if isinstance(part, dict):
        own = [part[name] for name in ("data", "datasets") if name in part]
        return own + [found for inner in part.values() for found in values_of_marks(inner)]
    if isinstance(part, list):
        return [found for inner in part for found in values_of_marks(inner)]
    return []


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_with_data_is_valid_vega_lite(spec: Spec, geometry: pd.DataFrame) -> None:
    filled = {**spec, "data": {"values": json.loads(geometry.to_json(orient="records"))}}
    alt.Chart.from_dict(filled, validate=True)


@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_a_spec_carries_no_data_of_its_own(spec: Spec) -> None:
    assert values_of_marks(spec) == []


def test_every_field_that_is_drawn_is_in_the_data(geometry: pd.DataFrame) -> None:
    for name, spec in SPECS.items():
        missing = fields(spec) - calculated(spec) - set(geometry.columns)
        assert not missing, name


def test_specs_are_built_once_and_not_changed_by_drawing(geometry: pd.DataFrame) -> None:

    def script() -> None:
        import streamlit as st

        frame, specs = st.session_state["frame"], st.session_state["specs"]
        for spec in specs:
            st.vega_lite_chart(frame, spec, alt="words")

    specs = [geometry_charts.arrows_spec(5.0), geometry_charts.average_spec(2.0)]
    before = copy.deepcopy(specs)
    app = AppTest.from_function(script)
    app.session_state["frame"], app.session_state["specs"] = geometry, specs
    app.run().run()
    assert not app.exception
    assert len(app.get("vega_lite_chart")) == 2
    assert specs == before
    assert geometry_charts.arrows_spec(5.0) is specs[0]


def test_text_and_rules_follow_the_theme() -> None:
    """Vega's own default is black, which nobody can read on a dark ground."""

    def marks(part: object) -> list[dict[str, object]]:
        if isinstance(part, dict):
            own = [part["mark"]] if isinstance(part.get("mark"), dict) else []
            return own + [mark for inner in part.values() for mark in marks(inner)]
        if isinstance(part, list):
            return [mark for inner in part for mark in marks(inner)]
        return []

    for spec in SPECS.values():
        found = marks(spec)
        assert found
        texts = [mark for mark in found if mark["type"] == "text"]
        assert all(mark.get("color") == "currentColor" for mark in texts)


def test_geometry_has_every_key_every_value_and_the_closed_hull(geometry: pd.DataFrame) -> None:
    toy = cat_sat_mat()
    keys = geometry[geometry["kind"] == "key"]
    np.testing.assert_array_equal(keys[["x", "y"]], toy.key)
    values = geometry[geometry["kind"] == "value"]
    np.testing.assert_array_equal(values[["x", "y"]], toy.value)
    assert values["label"].tolist() == list(TOKENS)
    hull = geometry[geometry["kind"] == "hull"]
    np.testing.assert_array_equal(hull[["x", "y"]].iloc[0], hull[["x", "y"]].iloc[-1])
    assert len(hull) == 5  # four corners; "the" at (0, 0) lies inside
    # (0, 1) points up, which is no turn; (1, 0) to the right, a quarter turn clockwise.
    up = geometry[geometry["kind"] == "query"].iloc[0]
    assert up["angle"] == pytest.approx(np.degrees(np.arctan2(up["x"], up["y"])))
    query, key, value = np.array([0.0, 1.0]), np.array([[1.0, 0.0]]), np.zeros((1, 2))
    frame = geometry_charts.geometry_frame(query, key, value, np.ones(1), np.zeros(2), ("a",))
    assert frame["angle"].iloc[:2].tolist() == [0.0, 90.0]


def test_geometry_of_values_on_a_line_and_on_a_point() -> None:
    for value in (np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]]), np.ones((3, 2))):
        weights, mean = np.full(3, 1 / 3), value.mean(axis=0)
        frame = geometry_charts.geometry_frame(
            np.ones(2), np.ones((3, 2)), value, weights, mean, ("a", "b", "c")
        )
        assert np.isfinite(frame[["x", "y"]]).all(axis=None)
