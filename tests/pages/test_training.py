"""The furniture of live training: what a browser may ask for, and what a session keeps."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from unittest.mock import patch

import pytest
import streamlit as st

from pages._shared import training
from pages._shared.training import TRAINING, Trained, Trainer


@dataclass(frozen=True)
class Goal:
    n_steps: int = 10
    seed: int = 0


@dataclass(frozen=True)
class Walk:
    step: int = 0
    seed: int = 0


TRAINER: Trainer[Goal, Walk] = Trainer(
    "walk",
    begin=lambda goal: Walk(0, goal.seed),
    advance=lambda walk: replace(walk, step=walk.step + 3),
    done=lambda walk: walk.step,
    total=lambda goal: goal.n_steps,
)
GOAL = Goal()


@pytest.fixture(autouse=True)
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, object]]:
    """A session, and a clock on which every look takes a tenth of a round."""
    kept: dict[str, object] = {}
    clock = iter(range(10_000))
    monkeypatch.setattr(
        training.time, "monotonic", lambda: next(clock) * training.ROUND_SECONDS / 2
    )
    with patch.object(st, "session_state", kept):
        yield kept


def do(act: str, goal: Goal = GOAL, serial: int | None = None) -> Trained[Goal, Walk] | None:
    """Ask as the browser does that has seen what there is."""
    if serial is None:
        serial = TRAINER.trained.serial if TRAINER.trained else 0
    TRAINER.act({"act": act, "serial": serial}, goal)
    return TRAINER.trained


def shown(goal: Goal = GOAL) -> dict[str, object]:
    with patch.object(type(TRAINING), "draw") as draw:
        TRAINER.draw(goal)
    data: dict[str, object] = draw.call_args.kwargs["data"]
    return data


def test_nothing_is_trained_before_someone_asks() -> None:
    assert TRAINER.trained is None
    assert not TRAINER.is_running
    assert shown()["state"] == "new"
    assert (shown()["done"], shown()["total"]) == (0, 10)
    for act in ("tick", "stop"):
        assert do(act) is None


def test_rounds_follow_one_another_until_the_end() -> None:
    trained = do("start")
    assert trained is not None
    assert (trained.run, trained.running) == (Walk(0), True)
    steps = []
    while TRAINER.is_running:
        trained = do("tick")
        assert trained is not None
        steps.append(trained.run.step)
    assert steps == sorted(set(steps))
    assert len(steps) > 1, "not all of it in one round"
    assert steps[-1] == 12
    assert shown()["state"] == "done"
    assert do("tick") is trained


def test_stop_keeps_what_was_learned_and_start_goes_on() -> None:
    do("start")
    do("tick")
    stopped = do("stop")
    assert stopped is not None
    assert stopped.run.step > 0
    assert not stopped.running
    assert shown()["state"] == "begun"
    assert do("tick") is stopped, "a round that was on its way does nothing"
    going = do("start")
    assert going is not None
    assert going.running
    assert going.run is stopped.run


def test_what_is_sent_twice_counts_once() -> None:
    do("start")
    first = do("tick", serial=1)
    assert do("tick", serial=1) is first
    assert do("start", serial=0) is first
    assert do("over", serial=0) is first
    # But a stop always counts.
    stopped = do("stop", serial=0)
    assert stopped is not None
    assert not stopped.running


def test_other_settings_begin_anew_and_not_before_someone_asks() -> None:
    do("start")
    trained = do("tick")
    other = Goal(seed=7)
    assert shown(other)["state"] == "other"
    assert shown(other)["running"]
    # What runs goes on with what it was started with.
    further = do("tick", other)
    assert further is not None
    assert trained is not None
    assert further.run.step > trained.run.step
    assert further.settings == GOAL
    do("stop", other)
    anew = do("start", other)
    assert anew is not None
    assert (anew.run, anew.settings) == (Walk(0, 7), other)


def test_start_over_and_train_again_begin_at_nothing() -> None:
    do("start")
    do("tick")
    do("stop")
    over = do("over")
    assert over is not None
    assert (over.run, over.running) == (Walk(0), True)
    while TRAINER.is_running:
        do("tick")
    again = do("start")
    assert again is not None
    assert (again.run, again.running) == (Walk(0), True)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "start",
        {},
        {"act": "start"},
        {"act": "rm", "serial": 0},
        {"act": ["start"], "serial": 0},
        {"act": "start", "serial": "0"},
        {"act": "start", "serial": True},
        {"act": "start", "serial": 4},
    ],
)
def test_what_no_browser_of_ours_sends_is_left_aside(message: object) -> None:
    TRAINER.act(message, GOAL)
    assert TRAINER.trained is None


def test_a_long_way_to_the_screen_makes_rounds_longer_but_only_so_far(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    long = Goal(n_steps=10**9)
    spent = []
    for waited in (0.0, 2 * training.ROUND_SECONDS, 3600.0):
        clock = [1e6]
        monkeypatch.setattr(training.time, "monotonic", lambda clock=clock: clock[0])
        do("over", long)
        clock[0] += waited

        def advance(walk: Walk, clock: list[float] = clock) -> Walk:
            clock[0] += 0.001
            return replace(walk, step=walk.step + 1)

        before = clock[0]
        replace(TRAINER, advance=advance).act({"act": "tick", "serial": shown()["serial"]}, long)
        spent.append(clock[0] - before)
    assert spent == pytest.approx(
        [training.ROUND_SECONDS, 2 * training.ROUND_SECONDS, training.LONGEST_SECONDS], abs=0.003
    )
