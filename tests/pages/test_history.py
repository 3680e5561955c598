"""Undo and redo against a list of states with a place in it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._shared.history import MOST_STEPS, TOGETHER_SECONDS, History, what_changed

CELL, OTHER = frozenset({("query", (3,))}), frozenset({("query", (4,))})


@dataclass
class Line:
    """The oracle: every state on one line, the place of the present one, what may be joined."""

    states: list[int] = field(default_factory=lambda: [0])
    at: int = 0
    latest: tuple[frozenset[object] | None, float] | None = None

    def step(self, state: int, changed: frozenset[object] | None, seconds: float) -> None:
        joined = (
            self.latest is not None
            and changed is not None
            and self.latest[0] == changed
            and seconds - self.latest[1] < TOGETHER_SECONDS
        )
        kept = self.states[: self.at] if joined else self.states[: self.at + 1]
        self.states = [*kept, state][-MOST_STEPS - 1 :]
        self.at = len(self.states) - 1
        self.latest = (changed, seconds)

    def move(self, by: int) -> None:
        if 0 <= self.at + by < len(self.states):
            self.at += by
            self.latest = None


actions = st.one_of(
    st.tuples(st.sampled_from([CELL, OTHER, None]), st.sampled_from([0.0, 0.5, 0.79, 0.8, 3.0])),
    st.sampled_from(["undo", "redo"]),
)


@given(st.lists(actions, max_size=60))
def test_any_sequence_of_steps_undo_and_redo(sequence: list[object]) -> None:
    history, present, clock, line = History[int](), 0, 0.0, Line()
    for state, action in enumerate(sequence, start=1):
        before = history, present
        if isinstance(action, tuple):
            changed, wait = action
            clock += wait
            history, present = history.stepped(present, changed, clock), state
            line.step(state, changed, clock)
        elif action == "undo":
            history, present = history.undone(present)
            line.move(-1)
        else:
            history, present = history.redone(present)
            line.move(+1)
        assert [*history.past, present, *history.future] == line.states
        assert len(history.past) == line.at
        if isinstance(action, tuple) or not (history.past or history.future):
            continue
        # What was taken back comes again, and the other way about.
        if (history, present) != before and action == "undo":
            assert history.redone(present)[1] == before[1]
        if (history, present) != before and action == "redo":
            assert history.undone(present)[1] == before[1]


def test_a_hundred_steps_and_more_are_kept_and_the_oldest_go() -> None:
    history = History[int]()
    for state in range(250):
        history = history.stepped(state, OTHER if state % 2 else CELL, float(state))
    present, walked = 250, []
    while history.past:
        history, present = history.undone(present)
        walked.append(present)
    assert MOST_STEPS >= 100
    assert walked == list(range(249, 249 - MOST_STEPS, -1))
    for expected in range(250 - MOST_STEPS + 1, 251):
        history, present = history.redone(present)
        assert present == expected
    assert not history.future


def test_a_drag_is_one_step_however_long_it_takes() -> None:
    history = History[int]().stepped(0, CELL, 10.0)
    for tick in range(1, 100):
        history = history.stepped(tick, CELL, 10.0 + 0.5 * tick)
    assert history.past == (0,)


@pytest.mark.parametrize(
    ("changed", "seconds", "n_steps"),
    [(CELL, 10.79, 1), (CELL, 10.8, 2), (OTHER, 10.0, 2), (CELL | OTHER, 10.0, 2)],
)
def test_only_the_same_change_in_quick_succession_joins(
    changed: frozenset[object], seconds: float, n_steps: int
) -> None:
    history = History[int]().stepped(0, CELL, 10.0).stepped(1, changed, seconds)
    assert len(history.past) == n_steps


def test_nothing_joins_across_an_undo_or_a_redo() -> None:
    once = History[int]().stepped(0, OTHER, 8.0).stepped(1, CELL, 10.0)
    undone, present = once.undone(2)
    assert undone.stepped(present, OTHER, 10.1).past == (0, 1)
    redone, present = undone.redone(present)
    assert redone.stepped(present, CELL, 10.1).past == (0, 1, 2)


def test_a_step_of_its_own_joins_nothing_and_nothing_joins_it() -> None:
    history = History[int]().stepped(0, CELL, 10.0).stepped(1, None, 10.1)
    history = history.stepped(2, None, 10.2).stepped(3, CELL, 10.3)
    assert history.past == (0, 1, 2, 3)


def test_a_step_forgets_what_was_undone() -> None:
    history, present = History[int]().stepped(0, CELL, 1.0).undone(1)
    assert history.future == (1,)
    assert history.stepped(present, OTHER, 2.0).future == ()


def test_with_nothing_to_undo_or_redo_nothing_changes() -> None:
    history = History[str]()
    assert history.undone("now") == (history, "now")
    assert history.redone("now") == (history, "now")


def test_what_changed_names_values_and_places() -> None:
    before = {
        "matrix": np.array([[1.0, np.nan], [3.0, 4.0]]),
        "mask": np.array([[True, False]]),
        "name": "a",
        "point": (1, 2),
        "empty": None,
    }
    assert what_changed(before, before) == frozenset()
    same = {**before, "matrix": before["matrix"].copy(), "mask": before["mask"].copy()}
    assert what_changed(before, same) == frozenset()
    after = {
        "matrix": np.array([[np.nan, np.nan], [3.0, 5.0]]),
        "mask": np.array([[True, True]]),
        "name": "b",
        "point": (1, 3),
        "empty": 0,
    }
    assert what_changed(before, after) == {
        ("matrix", (0, 3)),
        ("mask", (1,)),
        ("name", ()),
        ("point", ()),
        ("empty", ()),
    }


def test_an_array_of_another_shape_differs_as_a_whole() -> None:
    before, after = {"matrix": np.zeros((2, 3))}, {"matrix": np.zeros((3, 2))}
    assert what_changed(before, after) == {("matrix", ())}


@pytest.mark.parametrize("array", [np.ones((2, 2), dtype=bool), np.zeros((1, 1)), np.zeros((0, 2))])
def test_an_array_differs_from_none(array: np.ndarray) -> None:
    """A mask that is not painted yet is None."""
    assert what_changed({"mask": None}, {"mask": array}) == {("mask", ())}
    assert what_changed({"mask": array}, {"mask": None}) == {("mask", ())}
