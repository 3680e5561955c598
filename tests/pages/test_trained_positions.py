"""The trained table of positions on its page: every window, and what is said is measured."""

from __future__ import annotations

import base64
import io
import re
import sys
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.position_likeness import cosines_between, nearest_likeness
from core.position_table import read_table
from core.positional import sinusoidal_encoding
from pages._shared.position_state import STORE, WINDOWS
from pages._shared.position_toy import TEXT_TABLE, PositionState
from pages._shared.trained_positions import APART, TRAINED_LENGTH, measure, whole_text
from tests.pages.app import ask, captions, components, open_in, spoken

LEARNED = replace(PositionState(), kind="Learned", picture=TEXT_TABLE)


def maps(app: AppTest) -> list[dict[str, Any]]:
    return [one for name, data in components(app) if name == "value_map" for one in data["maps"]]


def values(one: dict[str, Any]) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(one["values"]), "<f4").reshape(one["shape"])


@pytest.mark.parametrize("window", WINDOWS)
def test_table_and_likeness_are_those_of_the_window_beside_sinusoids(window: str) -> None:
    app = open_in(STORE, replace(LEARNED, window=window))
    first, last = WINDOWS[window]
    table, trained, waves = maps(app)
    rows = read_table()[first:last]
    np.testing.assert_array_equal(values(table), rows)
    np.testing.assert_allclose(values(trained), cosines_between(rows), atol=1e-6)
    sinusoids = sinusoidal_encoding(np.arange(first, last), 384)
    np.testing.assert_allclose(values(waves), cosines_between(sinusoids), atol=1e-6)
    assert [one["first_row"] for one in (table, trained, waves)] == [first] * 3
    assert len(spoken(app)) == 1
    assert "The trained one falls, but in waves: 0.8" in captions(app)


def test_what_is_said_of_the_whole_is_measured() -> None:
    table = read_table()
    cosines, lengths, found = cosines_between(table), np.linalg.norm(table, axis=1), measure()
    # The first, and the last of texts of the two lengths: nothing else is like none.
    assert found.apart == (0, TRAINED_LENGTH - 1, 511)
    assert nearest_likeness(cosines)[list(found.apart)].max() < APART
    np.testing.assert_allclose(found.first, (cosines[0, 1:].min(), cosines[0, 1:].max()))
    assert lengths[0] / lengths[1:TRAINED_LENGTH].mean() > 5
    assert found.length_seen < found.length_beyond
    assert min(found.near_seen, found.near_beyond) > 0.8
    text = whole_text(found)
    assert "Positions 0, 127 and 511 are the ones" in text
    assert re.search(r"5\.5 times as long", text)


def test_the_table_can_be_taken_along() -> None:
    app = open_in(STORE, replace(LEARNED, window="448 to 511"))
    reply = ask(app, {"id": "npz", "what": "npz", "address": ""})
    with np.load(io.BytesIO(base64.b64decode(reply["file"]["content"]))) as arrays:
        np.testing.assert_array_equal(arrays["trained_positions"], read_table()[448:])


def test_torch_is_not_loaded_for_it() -> None:
    before = "torch" in sys.modules
    app = open_in(STORE, LEARNED)
    assert not app.exception
    assert ("torch" in sys.modules) == before
