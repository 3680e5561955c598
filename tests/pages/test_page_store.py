"""The state of a page in a session: kept, put in place, taken back, linked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
import streamlit
from hypothesis import given
from hypothesis import strategies as st

from core.packing import PackingError, Schema, integer
from pages._shared import page_store
from pages._shared.page_store import PageStore


@dataclass(frozen=True)
class Room:
    """A page of three numbers: one is only looked at, one never travels."""

    chairs: int = 4
    lamp: int = 0
    secret: int = 0


def unpack(values: Mapping[str, Any]) -> Room:
    if values["chairs"] == 13:
        raise PackingError("Thirteen chairs do not fit together.")
    return Room(values["chairs"], values["lamp"])


STORE = PageStore(
    name="room",
    start=Room,
    schema=Schema(version=3, fields={"chairs": integer(0, 99), "lamp": integer(0, 99)}),
    pack=lambda room: {"chairs": room.chairs, "lamp": room.lamp, "secret": room.secret},
    unpack=unpack,
    widgets=lambda room, loads: {"room.lamp": room.lamp, f"room.chairs.{loads}": room.chairs},
    looks=frozenset({"lamp"}),
)


class DrawnAnewError(Exception):
    """What `st.rerun` does: the script ends there."""


class Lab:
    """A session without a browser: what is kept, the address, the clock."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.session: dict[str, Any] = {}
        self.address: dict[str, str] = {}
        self.seconds = 100.0
        monkeypatch.setattr(streamlit, "session_state", self.session)
        monkeypatch.setattr(streamlit, "query_params", self.address)
        monkeypatch.setattr(streamlit, "rerun", self.rerun)
        monkeypatch.setattr(page_store.time, "monotonic", lambda: self.seconds)

    @staticmethod
    def rerun() -> None:
        raise DrawnAnewError

    def keep(self, **changes: int) -> None:
        """Change the room as a reader does who takes a second for it."""
        self.seconds += 1
        STORE.keep(replace(STORE.current, **changes))


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch) -> Lab:
    return Lab(monkeypatch)


def test_a_page_starts_with_its_widgets_filled(lab: Lab) -> None:
    assert STORE.current == Room()
    assert lab.session["room.lamp"] == 0
    assert lab.session["room.chairs.0"] == 4
    assert not STORE.can_undo
    assert not STORE.can_redo
    assert STORE.link() == ""


def test_changes_made_one_after_the_other_from_the_current_state_are_all_there(lab: Lab) -> None:
    lab.keep(chairs=5)
    lab.keep(secret=7)
    lab.keep(lamp=1)
    assert STORE.current == Room(5, 1, 7)
    assert STORE.current is STORE.current


def test_what_a_reader_does_leaves_the_widgets_alone(lab: Lab) -> None:
    _ = STORE.current
    lab.session["room.chairs.0"] = "as the widget has it"
    version = STORE.version(2)
    lab.keep(chairs=5)
    assert lab.session["room.chairs.0"] == "as the widget has it"
    assert STORE.version(2) == version
    assert STORE.loads == 0


def test_what_comes_from_elsewhere_fills_the_widgets_under_another_name(lab: Lab) -> None:
    versions = {STORE.version(part) for part in range(3)}
    STORE.install(Room(7, 2))
    assert STORE.current == Room(7, 2)
    assert STORE.loads == 1
    assert lab.session["room.lamp"] == 2
    assert lab.session["room.chairs.1"] == 7
    assert not versions & {STORE.version(part) for part in range(3)}


def test_versions_do_not_run_into_each_other(lab: Lab) -> None:
    del lab
    seen = set()
    for _ in range(12):
        seen |= {STORE.version(part) for part in range(12)}
        STORE.install(Room())
    assert len(seen) == 12 * 12


def test_undo_and_redo_put_states_in_place_with_their_widgets(lab: Lab) -> None:
    lab.keep(chairs=5)
    lab.keep(secret=1)
    STORE.install(Room(9))
    for expected in (Room(5, 0, 1), Room(5), Room()):
        assert STORE.can_undo
        loads = STORE.loads
        STORE.undo()
        assert STORE.current == expected
        assert STORE.loads == loads + 1
        assert lab.session[f"room.chairs.{STORE.loads}"] == expected.chairs
    assert not STORE.can_undo
    STORE.undo()
    assert STORE.current == Room()
    for expected in (Room(5), Room(5, 0, 1), Room(9)):
        assert STORE.can_redo
        STORE.redo()
        assert STORE.current == expected
    assert not STORE.can_redo
    STORE.redo()
    assert STORE.current == Room(9)


def test_a_new_step_ends_what_could_be_redone(lab: Lab) -> None:
    lab.keep(chairs=5)
    STORE.undo()
    lab.keep(chairs=6)
    assert not STORE.can_redo
    STORE.undo()
    assert STORE.current == Room()


def test_reset_can_be_taken_back(lab: Lab) -> None:
    lab.keep(chairs=5)
    STORE.reset()
    assert STORE.current == Room()
    assert STORE.link() == ""
    STORE.undo()
    assert STORE.current == Room(5)


def test_what_is_put_in_place_never_joins_a_drag(lab: Lab) -> None:
    lab.keep(chairs=5)
    STORE.reset()
    STORE.keep(Room(6))
    STORE.install(Room(7))
    for expected in (6, 4, 5, 4):
        STORE.undo()
        assert STORE.current == Room(expected)


def test_looking_is_no_step_but_stays_and_travels(lab: Lab) -> None:
    lab.keep(lamp=3)
    assert not STORE.can_undo
    assert STORE.read(STORE.link()) == Room(4, 3)
    lab.keep(chairs=5)
    lab.keep(lamp=8)
    STORE.undo()
    assert STORE.current == Room(4, 3)
    # Looking about does not end what can be redone.
    lab.keep(lamp=9)
    assert STORE.can_redo


def test_the_same_state_again_is_no_step(lab: Lab) -> None:
    lab.keep(chairs=5)
    lab.keep(chairs=5)
    STORE.install(Room(5))
    STORE.undo()
    assert STORE.current == Room()


def test_a_drag_is_one_step_and_two_drags_are_two(lab: Lab) -> None:
    lab.keep(chairs=5)
    for chairs in (6, 7, 8):
        lab.seconds += 0.1
        STORE.keep(Room(chairs))
    lab.keep(chairs=20)
    STORE.undo()
    assert STORE.current == Room(8)
    STORE.undo()
    assert STORE.current == Room()


@given(st.lists(st.integers(0, 99), min_size=20, max_size=120))
def test_twenty_steps_and_more_come_back_and_go_again(chairs: list[int]) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        lab = Lab(monkeypatch)
        states = [STORE.current]
        for number in chairs:
            lab.keep(chairs=number)
            if states[-1] != STORE.current:
                states.append(STORE.current)
        states = states[-101:]
        for expected in reversed(states[:-1]):
            STORE.undo()
            assert STORE.current == expected
        for expected in states[1:]:
            STORE.redo()
            assert STORE.current == expected


def test_a_link_holds_what_travels_and_nothing_else(lab: Lab) -> None:
    lab.keep(chairs=5, lamp=1, secret=77)
    other = replace(STORE.current, secret=78)
    link = STORE.link()
    assert STORE.read(link) == Room(5, 1)
    STORE.install(other)
    assert STORE.link() == link


def test_a_secret_alone_makes_a_link_of_a_page_that_is_not_as_it_starts(lab: Lab) -> None:
    """The address then says that the page was touched, though not how."""
    lab.keep(secret=1)
    assert STORE.read(STORE.link()) == Room()


def test_a_link_is_opened_once(lab: Lab) -> None:
    lab.address["s"] = STORE.schema.write({"chairs": 5, "lamp": 1})
    assert STORE.open_link() == ""
    assert STORE.current == Room(5, 1)
    assert lab.session["room.chairs.1"] == 5
    # The reader goes on while the address still says where they came from.
    lab.keep(chairs=6)
    assert STORE.open_link() == ""
    assert STORE.current == Room(6, 1)
    # Where the link led is a step like any other.
    STORE.undo()
    STORE.undo()
    assert STORE.current == Room()


def test_links_of_this_session_are_not_read_when_they_come_back(lab: Lab) -> None:
    lab.keep(chairs=5)
    link = STORE.link()
    STORE.note_link(link)
    lab.keep(chairs=6)
    lab.address["s"] = link  # "back", or a message that was under way
    assert STORE.open_link() == ""
    assert STORE.current == Room(6)


def test_the_link_of_what_is_shown_already_changes_nothing(lab: Lab) -> None:
    lab.keep(chairs=5, secret=3)
    lab.address["s"] = STORE.link()
    assert STORE.open_link() == ""
    assert STORE.current == Room(5, 0, 3)
    assert STORE.loads == 0


def test_another_link_in_a_session_is_a_step(lab: Lab) -> None:
    lab.keep(chairs=5)
    lab.address["s"] = STORE.schema.write({"chairs": 9, "lamp": 0})
    assert STORE.open_link() == ""
    assert STORE.current == Room(9)
    STORE.undo()
    assert STORE.current == Room(5)


@pytest.mark.parametrize(
    ("link", "said"),
    [
        ("", "damaged"),
        ("3.", "damaged"),
        ("hello", "damaged"),
        (Schema(4, STORE.schema.fields).write({"chairs": 5, "lamp": 0}), "version 4"),
        (Schema(3, {"tables": integer(0, 99)}).write({"tables": 5}), "another page"),
        (STORE.schema.write({"chairs": 13, "lamp": 0}), "do not fit together"),
        ("3." + "A" * 100_000, "too long"),
    ],
    ids=["empty", "nothing", "words", "version", "another page", "parts", "long"],
)
def test_a_bad_link_says_why_once_and_changes_nothing(lab: Lab, link: str, said: str) -> None:
    lab.keep(chairs=5)
    lab.address["s"] = link
    assert said in STORE.open_link()
    assert STORE.open_link() == ""
    assert STORE.current == Room(5)
    assert STORE.loads == 0
    with pytest.raises(PackingError):
        STORE.read(link)


def test_what_lies_outside_of_the_fragment_is_drawn_anew_once(lab: Lab) -> None:
    _ = STORE.current
    STORE.refresh()  # nothing is old yet
    lab.keep(chairs=5)
    STORE.refresh()  # the reader's own action shows itself
    for act in (STORE.undo, STORE.redo, STORE.reset, lambda: STORE.install(Room(1))):
        act()
        with pytest.raises(DrawnAnewError):
            STORE.refresh()
        STORE.refresh()


def test_a_page_drawn_as_a_whole_has_nothing_old_on_it(lab: Lab) -> None:
    del lab
    STORE.install(Room(1))
    STORE.settle()
    STORE.refresh()
    assert STORE.current == Room(1)


def test_two_pages_do_not_mix(lab: Lab) -> None:
    other = replace(STORE, name="other room")
    lab.keep(chairs=5)
    assert other.current == Room()
    other.install(Room(8))
    assert STORE.current == Room(5)
    assert not STORE.can_redo
    STORE.note_link("3.AAAA")
    lab.address["s"] = "3.AAAA"
    assert other.open_link() != ""
