"""The view of induction heads, driven without a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core import induction_model, induction_training
from core.packing import Schema
from pages._shared import induction_choice
from pages._shared.attention_map import ATTENTION_MAP
from pages._shared.drawing import DRAWINGS
from pages._shared.head_grid import HEAD_GRID
from pages._shared.induction_choice import (
    InductionChoice,
    induction_codec,
    letters_in,
    typing_notice,
    widgets,
)
from pages._shared.induction_curves import GUESSING
from pages._shared.induction_runs import TRAINER
from pages._shared.induction_scene import see_induction
from pages._shared.induction_words import (
    foretold_table,
    map_text,
    sequence_text,
    whole_text,
)
from pages._shared.induction_work import induction_work, row_of, take_induction
from pages._shared.training import TRAINING
from tests.pages.app import captions, component, components, html, trigger
from tests.pages.programs import run_programs

APP = Path(__file__).with_name("induction_app.py")
INDUCES = InductionChoice()
PREVIOUS = (0, 2)
"""The head of the lab's model that reads the token before."""


def opened(choice: InductionChoice = INDUCES, *, hidden: bool = False) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.session_state["choice"], app.session_state["hidden"] = choice, hidden
    return checked(app.run())


def checked(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def chosen(app: AppTest) -> InductionChoice:
    choice: InductionChoice = app.session_state["choice"]
    return choice


def drawn(app: AppTest, name: str) -> list[dict[str, Any]]:
    return [data for of, data in components(app) if of == name]


def act(app: AppTest, what: str) -> Mapping[str, Any]:
    seen = component(app, TRAINING.name)["serial"]
    checked(trigger(app, TRAINING.name, "act", {"act": what, "serial": seen}))
    return component(app, TRAINING.name)


def test_the_limits_are_the_model_s() -> None:
    assert induction_choice.MOST_LETTERS == induction_model.MOST_LETTERS
    assert induction_choice.N_STEPS == induction_training.N_STEPS
    assert min(induction_training.TRAINED_LETTERS) == induction_choice.FEWEST_LETTERS
    assert induction_training.GUESSING == GUESSING
    assert induction_choice.MOST_TYPED == induction_model.N_POSITIONS


def test_it_opens_on_the_trained_model_and_says_what_it_shows() -> None:
    app = opened()
    first, second = drawn(app, HEAD_GRID.name)
    assert (first["shape"][:2], second["shape"][:2]) == ([1, 4], [1, 1])
    assert second["chosen"] == [0, 0]
    assert component(app, ATTENTION_MAP.name)["title"] == "Head 1 of layer 2"
    said = " ".join(html(app))
    assert "Without head 1 of layer 2" in said
    assert "11 of the 24 letters" in said
    assert "100% of the 52 letters raise their own logit" in captions(app)
    assert len(drawn(app, DRAWINGS.name)) == 2
    scene = see_induction(INDUCES)
    before, after = scene.measured(), scene.measured(frozenset({(1, 0)}))
    assert f"at a loss of {before.second:.2f} nats" in said
    assert f"at a loss of {after.second:.2f}." in said


def test_the_buttons_lead_through_the_training() -> None:
    app = opened()
    checked(app.button(key="induction.cliff").click().run())
    cliff = see_induction(INDUCES).training.replay.cliff
    assert chosen(app).step == cliff
    assert app.select_slider(key="induction.step").value == cliff
    assert f"Step {cliff}, measured" in " ".join(html(app))
    checked(app.button(key="induction.first").click().run())
    assert chosen(app).step == 0
    checked(app.select_slider(key="induction.step").set_value(260).run())
    assert chosen(app).step == 260


def test_a_dropped_head_takes_the_ability_along() -> None:
    scene = see_induction(replace(INDUCES, layer=0, head=2).with_dropped(PREVIOUS, on=True))
    said = whole_text(scene)
    assert "Without head 3 of layer 1, 8% of them are foretold" in said
    assert "it found its token by what layer 1 wrote" in said
    copied = scene.can_be_copied
    assert scene.probabilities(scene.plain)[copied].mean() > 0.9
    assert scene.probabilities(scene.shown)[copied].mean() < 0.3
    assert "with all heads 0.9" in sequence_text(scene)
    app = opened(scene.choice)
    first, second = drawn(app, HEAD_GRID.name)
    assert first["dropped"] == [[0, 2]]
    assert second["dropped"] == []
    assert not scene.choice.with_dropped(PREVIOUS, on=False).dropped


def test_bold_are_the_letters_that_the_sentence_counts() -> None:
    scene = see_induction(INDUCES)
    best = scene.shown.log_probabilities.argmax(axis=1)
    assert (best == scene.answers)[~scene.can_be_copied].any(), "one was guessed by chance"
    table = foretold_table(scene)
    assert f"{table.count('<b>')} of them are foretold" in sequence_text(scene)
    assert table.count("<u ") == scene.can_be_copied.sum()
    assert table.count("<td") == 5 * len(scene.letters), "every letter once, in narrow tables"
    assert table.count("<table") == 3


def test_a_choice_in_a_picture_is_heard() -> None:
    app = opened()
    version = component(app, ATTENTION_MAP.name)["version"]
    cell = {"matrix": "weights", "row": 20, "column": 9, "version": version}
    checked(trigger(app, ATTENTION_MAP.name, "choice", cell))
    assert (chosen(app).query, chosen(app).key) == (20, 9)
    scene = see_induction(replace(INDUCES, query=20, key=9))
    assert scene.cell == (20, 9)
    assert "“" in map_text(scene)
    # What may not be read stands for its row.
    assert see_induction(replace(INDUCES, query=3, key=9)).cell[0] == 3


def test_letters_of_one_s_own() -> None:
    app = opened(replace(INDUCES, types=True, typed="A1b A"))
    assert "the rest is left out" in " ".join(html(app))
    assert component(app, ATTENTION_MAP.name)["queries"] == ["•", "A", "b"]
    checked(app.text_input(key="induction.typed").set_value("xyxyxy").run())
    assert chosen(app).letters == "xyxyxy"
    assert "3 of the 6" in sequence_text(see_induction(chosen(app)))
    checked(app.text_input(key="induction.typed").set_value("<b>").run())
    assert chosen(app).typed == "<b>"
    assert "Type two letters at least" in " ".join(html(app))
    assert chosen(app).letters == InductionChoice(types=False).letters
    assert letters_in("é1A" * 60) == "A" * 40
    assert "at most" in typing_notice("A" * 41)
    assert typing_notice("AA") == ""
    assert "nothing comes after" in sequence_text(
        see_induction(replace(INDUCES, types=True, typed="AB"))
    )


def test_what_is_typed_survives_a_press_that_overtakes_it() -> None:
    app = opened(replace(INDUCES, types=True))
    app.text_input(key="induction.typed").set_value("abcabc")
    app.number_input(key="induction.train_seed").set_value(7)
    checked(app.button(key="induction.first").click().run())
    assert (chosen(app).typed, chosen(app).train_seed, chosen(app).step) == ("abcabc", 7, 0)


def test_a_link_carries_the_choice_but_not_the_reader_s_training() -> None:
    schema = Schema(version=1, fields={"induction": induction_codec()})
    choice = InductionChoice(
        step=240,
        own=True,
        n=17,
        seed=4,
        types=True,
        typed="Élan A",
        layer=0,
        head=3,
        query=5,
        key=2,
        dropped=frozenset({(0, 2), (1, 3)}),
        train_seed=9,
        train_heads=4,
    )
    link = schema.write({"induction": choice})
    assert schema.read(link)["induction"] == replace(choice, own=False)
    assert schema.read(schema.write({"induction": INDUCES}))["induction"] == INDUCES
    assert len(link) < 60
    assert set(widgets("k", INDUCES)) == {
        f"k.{name}" for name in ("n", "seed", "types", "typed", "train_seed", "train_heads")
    }


def test_without_controls_nothing_can_be_changed() -> None:
    app = opened(hidden=True)
    assert not app.button
    assert not app.select_slider
    assert not any(one["can_drop"] for one in drawn(app, HEAD_GRID.name))


def test_a_model_can_be_trained_and_looked_at() -> None:
    app = opened(replace(INDUCES, train_heads=2, dropped=frozenset({PREVIOUS})))
    assert component(app, TRAINING.name)["total"] == induction_training.N_STEPS
    act(app, "start")
    while act(app, "tick")["done"] < 2:
        pass
    assert not act(app, "stop")["running"]
    kept = app.session_state[f"{TRAINER.key}.trained"]
    assert kept.run.run.weights.heads == (4, 2)
    assert len(drawn(app, DRAWINGS.name)) == 4
    checked(app.button(key="induction.look").click().run())
    assert chosen(app).own
    assert not chosen(app).dropped
    assert [one["shape"][1] for one in drawn(app, HEAD_GRID.name)] == [4, 2]
    assert "The lab" in str(app.get("button_group")[0].options)


def test_the_programs_print_the_weights_on_the_screen() -> None:
    scene = see_induction(replace(INDUCES, query=16))
    work, row = induction_work(scene), row_of(scene)
    assert row.row[row.key_token] == scene.map[scene.cell]
    weight = f"{float(row.row[row.key_token]):.4f}"
    assert any(weight in line for line in work.lines())
    assert work.numpy is not None
    assert work.torch is not None
    for done in run_programs([work.numpy(), work.torch()]):
        strongest = float(done.printed.splitlines()[0].rpartition(" ")[2])
        assert strongest == pytest.approx(scene.map[scene.cell], abs=2e-6)
        assert not done.warned
    assert len(work.functions()) >= 5


def test_what_can_be_taken_along() -> None:
    arrays = take_induction(INDUCES)
    assert arrays["induction_weights_layer_1"].values.shape == (4, 24, 24)
    assert arrays["induction_log_probabilities"].values.shape == (24, 52)
    assert arrays["induction_losses"].values.shape == (61, 2)
    assert arrays["induction_prefix"].values.shape == (61, 5)


@pytest.mark.parametrize("step", [0, 1, 207, 600])
def test_the_nearest_state_is_shown(step: int) -> None:
    scene = see_induction(replace(INDUCES, step=step))
    steps = np.array(scene.training.replay.steps)
    assert abs(scene.step - step) == np.abs(steps - step).min()
