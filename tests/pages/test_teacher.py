"""A teacher's switches, read from an address that anybody may have written."""

from __future__ import annotations

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st

from pages._shared.teacher import Switches, read_switches


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streamlit, "session_state", {})


def read(page: str = "page", **asked: str) -> Switches:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streamlit, "query_params", asked)
        return read_switches(page, "s")


@pytest.mark.parametrize(
    ("hide", "controls", "answers"),
    [
        ("controls", True, False),
        ("answers", False, True),
        ("controls answers", True, True),
        ("answers  controls", True, True),
        ("", False, False),
        ("Controls", False, False),
        ("controls,answers", False, False),
        ("everything controls <b>", True, False),
    ],
)
def test_what_is_hidden(hide: str, controls: bool, answers: bool) -> None:
    assert read(hide=hide) == Switches(hide_controls=controls, hide_answers=answers)


@pytest.mark.parametrize(
    ("text", "start"),
    [("1", 1), ("12", 12), ("99", 99), ("01", 1), ("0", None), ("", None), ("100", None),
     ("-1", None), ("+1", None), ("1.0", None), ("one", None), (" 1", None), ("٣", None),
     ("²", None), ("9" * 5000, None)],
)  # fmt: skip
def test_where_it_starts(text: str, start: int | None) -> None:
    assert read(**{"try": text}) == Switches(start=start)


def test_without_any_everything_is_shown() -> None:
    assert read() == Switches()
    assert Switches() == Switches(False, False, None, False)


def test_a_link_may_bring_a_state_along() -> None:
    assert read(s="1.AAAA", **{"try": "2"}) == Switches(start=2, with_state=True)


def test_a_session_keeps_what_it_came_with_and_each_page_has_its_own() -> None:
    """Streamlit drops the address's parameters when a page is left by the menu."""
    came = read(hide="controls", **{"try": "3"})
    assert read() == came
    assert read("another page") == Switches()
    assert read() == came


def test_another_link_in_the_same_session_counts() -> None:
    read(hide="controls", **{"try": "3"})
    assert read(hide="answers") == Switches(hide_answers=True)
    assert read(**{"try": "1"}) == Switches(start=1)


@given(hide=st.text(max_size=40), start=st.text(max_size=6))
def test_whatever_an_address_says_is_read(hide: str, start: str) -> None:
    switches = read(hide=hide, **{"try": start})
    assert switches.start is None or 1 <= switches.start <= 99
    assert not switches.hide_controls or "controls" in hide
    assert not switches.hide_answers or "answers" in hide
