"""Training on digits in the page: settings, rounds, mistakes, and runs beside one another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.digit_settings import SHIPPED, DigitSettings
from pages._shared.classify_scene import NAMED, TRAIN, ClassifyState, see
from pages._shared.classify_state import STORE
from pages._shared.digit_training_controls import STEPS, widgets
from pages._shared.digit_training_drawing import curve_marks, curve_text, seen_marks
from pages._shared.digit_training_runs import KEY, MOST_RUNS, RUNS, USED
from pages._shared.digit_training_words import Row, compared, mistakes, name_of, table
from pages._shared.digits import OWN
from pages._shared.training import TRAINING
from tests.pages.app import component, components, open_in, session_of, trigger
from tests.pages.html_reader import read_html

SMALL: Final = DigitSettings(n_layers=1, n_heads=1, n_steps=60)
APP: Final = Path(__file__).with_name("digit_training_app.py")


def opened(settings: DigitSettings = SMALL, **session: object) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["settings"] = settings
    for name, value in session.items():
        app.session_state[name] = value
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def act(app: AppTest, what: str) -> dict[str, Any]:
    """Ask as the browser does that has seen what there is; return what it is shown then."""
    seen = component(app, TRAINING.name)["serial"]
    checked(trigger(app, TRAINING.name, "act", {"act": what, "serial": seen}))
    return component(app, TRAINING.name)


def train(app: AppTest) -> AppTest:
    act(app, "start")
    while act(app, "tick")["running"]:
        pass
    return app


def shown(app: AppTest) -> str:
    return " ".join(element.proto.body for element in app.get("html"))


def test_a_training_runs_to_its_end_and_stands_in_the_table() -> None:
    app = opened()
    assert component(app, TRAINING.name)["state"] == "new"
    assert component(app, TRAINING.name)["total"] == 60
    assert "Comes with the lab" in shown(app)
    assert "99.0%" in shown(app)  # computed from the weights on the spot
    assert not app.button
    train(app)
    assert component(app, TRAINING.name)["state"] == "done"
    (run,) = app.session_state[RUNS]
    assert run.run.step == 60
    assert run.seconds > 0
    assert run.counts.sum() == 500
    held_out = run.run.curve[-1].held_out
    assert run.counts.trace() == pytest.approx(500 * held_out)
    assert f"{held_out:.1%}" in shown(app)
    assert "1 head, 1 layer" in shown(app)
    (board,) = (data for name, data in components(app) if name == "matrix_board")
    (matrix,) = board["items"]
    assert np.array(matrix["values"]).shape == (10, 10)
    # Another pass over the page changes nothing.
    checked(app.run())
    assert app.session_state[RUNS] == (run,)


def test_stopping_keeps_what_was_learned_and_going_on_goes_on() -> None:
    app = opened(replace(SMALL, n_steps=400))
    act(app, "start")
    act(app, "tick")
    told = act(app, "stop")
    assert (told["running"], told["state"]) == (False, "begun")
    assert 0 < told["done"] < 400
    assert RUNS not in app.session_state  # not finished
    assert "stopped at step" in app.selectbox[0].options[0]
    assert act(app, "start")["running"]
    assert act(app, "tick")["done"] > told["done"]


def test_a_trained_model_can_be_used_elsewhere() -> None:
    app = train(opened())
    app.session_state["settings"] = SMALL
    app.toggle(key=f"{KEY}.positions").set_value(False).run()
    assert component(app, TRAINING.name)["state"] == "other"
    train(app)
    assert [one.run.settings.positions for one in app.session_state[RUNS]] == [True, False]
    assert "differs from “1 head, 1 layer” in the positions alone" in shown(app)
    box = app.selectbox[0]
    assert box.options == [
        "1 head, 1 layer (60 steps)",
        "No positions, 1 head, 1 layer (60 steps)",
    ]
    assert box.index == 1
    box.select_index(0).run()
    app.button(key=f"{KEY}.use").click().run()
    checked(app)
    assert app.session_state["used"] == 1
    own = app.session_state[OWN]
    assert (own.model.n_layers, own.model.n_heads) == (1, 1)
    assert own.model.backbone.pos_embed is not None
    assert app.session_state[USED].run.settings == SMALL


def test_the_same_settings_stand_in_the_table_once_and_old_runs_leave_it() -> None:
    app = train(opened(replace(SMALL, n_steps=2)))
    first = app.session_state[RUNS]
    act(app, "over")
    while act(app, "tick")["running"]:
        pass
    (again,) = app.session_state[RUNS]
    assert again is not first[0]
    assert again.run.curve == first[0].run.curve
    for seed in range(1, MOST_RUNS + 1):
        app.session_state["settings"] = replace(SMALL, n_steps=2, seed=seed)
        app.number_input(key=f"{KEY}.seed.0").set_value(seed).run()
        train(app)
    seeds = [one.run.settings.seed for one in app.session_state[RUNS]]
    assert seeds == list(range(1, MOST_RUNS + 1))
    # What the optimiser remembers would be twice as large as the model.
    assert not any(one.run.optimizer.mean for one in app.session_state[RUNS])


def test_shuffled_patches_are_shown_as_the_model_sees_them() -> None:
    plain = opened()
    assert "get to see" not in " ".join(one.value for one in plain.caption)
    app = opened(replace(SMALL, shuffle="new"))
    assert "as the model gets to see them" in " ".join(one.value for one in app.caption)


def test_every_switch_reaches_the_settings() -> None:
    app = opened()
    app.toggle(key=f"{KEY}.class_token").set_value(False)
    groups = {group.key: group for group in app.get("button_group")}
    for name, value in (("patch_size", 4), ("n_heads", 2), ("n_layers", 4), ("shuffle", "one")):
        groups[f"{KEY}.{name}"].set_value(value)
    app.select_slider(key=f"{KEY}.n_steps.0").set_value(STEPS[0])
    app.number_input(key=f"{KEY}.seed.0").set_value(8)
    checked(app.run())
    assert app.session_state["settings"] == DigitSettings(
        class_token=False, patch_size=4, n_heads=2, n_layers=4, shuffle="one", n_steps=100, seed=8
    )


def test_a_link_s_number_of_steps_is_offered_as_it_is() -> None:
    app = opened(replace(SMALL, n_steps=61))
    assert app.select_slider(key=f"{KEY}.n_steps.0").value == 61
    assert set(widgets(SMALL, KEY, 3)) >= {f"{KEY}.n_steps.3", f"{KEY}.seed.3"}


def test_without_controls_one_can_still_train() -> None:
    app = opened(hidden=True)
    assert not app.toggle
    train(app)
    assert len(app.session_state[RUNS]) == 1


def test_on_its_page_a_trained_model_becomes_the_one_that_is_looked_at() -> None:
    app = open_in(STORE, ClassifyState(view=TRAIN, training=SMALL))
    assert component(app, TRAINING.name)["total"] == 60
    train(app)
    app.button(key=f"{KEY}.use").click().run()
    checked(app)
    with session_of(app):
        assert STORE.current.own_model
        assert STORE.current.view == NAMED
        assert STORE.current.training == SMALL
        trained = see(STORE.current).digit_model.model
        assert (trained.n_layers, trained.n_heads) == (1, 1)


# ---- words and pictures


def row(settings: DigitSettings, n_right: int, seconds: float | None = 1.0) -> Row:
    return Row(name_of(settings), settings, settings.n_steps, n_right, 500, 1234, seconds)


def test_settings_are_called_by_what_is_unusual() -> None:
    assert name_of(DigitSettings()) == name_of(SHIPPED) == "Everything on"
    changed = replace(
        DigitSettings(positions=False, class_token=False, patch_size=4, n_heads=1, n_layers=2),
        shuffle="new",
        seed=5,
    )
    assert name_of(changed) == (
        "No positions, no class token, patches of 4 × 4, 1 head, 2 layers, shuffled, each anew, "
        "seed 5"
    )


def test_one_switch_is_compared_and_two_are_not() -> None:
    usual = DigitSettings()
    rows = [row(usual, 495), row(replace(usual, n_heads=1, seed=1), 470)]
    assert compared([]) == compared(rows) == compared(rows[:1]) == ""
    said = compared([*rows, row(replace(usual, positions=False), 375)])
    assert said == (
        "“No positions” differs from “Everything on” in the positions alone: 75.0% against 99.0%, "
        "120 pictures fewer right."
    )
    assert "1 picture more right" in compared([rows[0], row(replace(usual, seed=1), 496)])
    assert "the same number of pictures" in compared([rows[0], row(replace(usual, seed=1), 495)])


def test_the_table_says_what_was_not_measured_and_marks_the_best() -> None:
    html = table([row(SHIPPED, 495, None), row(DigitSettings(n_heads=1), 470)])
    read = read_html(html)
    assert "not measured here" in html
    assert html.count("<b>") == 1
    assert "<b>99.0%</b>" in html
    assert "1 head" in html
    assert read is not None


def test_mistakes_in_words() -> None:
    right = np.diag(np.full(10, 50))
    assert mistakes(right) == "All 500 held-out digits are named rightly."
    wrong = right.copy()
    wrong[6, 6], wrong[6, 4], wrong[1, 1], wrong[1, 7] = 48, 2, 49, 1
    assert mistakes(wrong) == (
        "497 of 500 held-out digits are named rightly, 3 wrongly; most often a 6 is called 4, "
        "2 times."
    )


def test_curves_run_from_left_to_right() -> None:
    from core.digit_training import Measured

    curve = [Measured(0, 2.3, 0.1, 0.1), Measured(50, 0.5, 0.9, 0.8)]
    marks, (width, height) = curve_marks(curve, 100)
    lines = [mark for mark in marks if mark.attributes.get("stroke-width") == 2.2]
    assert len(lines) == 3
    for line in lines:
        start, end = str(line.attributes["d"])[1:].split("L")
        assert float(start.split()[0]) < float(end.split()[0]) < width / 2 + 50
    assert height > width / 2
    assert "80.0% of the 500 held-out digits" in curve_text(curve)
    marks, (width, height) = seen_marks(np.eye(8)[None].repeat(3, axis=0))
    assert len(marks) == 3 * 8 + 3
    assert width > 3 * height
