"""Explanations on a page: what is drawn, the runs behind them, and what is said of the tests."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from core.explain import attention_rollout, gradient_relevance
from core.faithfulness import DIRECTIONS, baseline
from core.readout import PrototypeReadout, SaliencyReadout
from core.sweeps import Areas, areas_of
from core.vision_attention import Interventions
from core.vit import forward
from core.vit_outputs import attention_gradients
from pages._shared import training
from pages._shared.explanation_charts import curve_spec, curves_frame, heights
from pages._shared.explanation_panels import explanation_arrays, explanation_panels
from pages._shared.explanation_runs import (
    N_RANDOM,
    N_STEPS,
    is_through,
    occluded,
    occlusion_trainer,
    trial_of,
    trial_trainer,
)
from pages._shared.explanation_words import (
    areas_table,
    shares_of,
    verdict_sentence,
    what_it_takes,
)
from pages._shared.explanations import (
    GRADIENT,
    NAMES,
    RAW,
    ROLLOUT,
    Subject,
    explain,
    layers_read,
    output_of,
    readers_of,
    whole_answer,
)
from pages._shared.head_ranking import limit_of
from pages._shared.training import Trainer
from tests.core.test_vit_outputs import small_model
from tests.pages.app import components
from tests.pages.explanation_app import KEY, model, subject

APP = Path(__file__).with_name("explanation_app.py")


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=60).run()


@pytest.fixture
def session() -> Iterator[dict[str, Any]]:
    kept: dict[str, Any] = {}
    with patch.object(st, "session_state", kept):
        yield kept


def run_through(trainer: Trainer[Any, Any], settings: object) -> Any:  # noqa: ANN401 (any sweep)
    """Press start and let the rounds follow one another."""
    act(trainer, "start", settings)
    while trainer.is_running:
        act(trainer, "tick", settings)
    assert trainer.trained is not None
    return trainer.trained.run.sweep


def act(trainer: Trainer[Any, Any], what: str, settings: object) -> None:
    serial = trainer.trained.serial if trainer.trained else 0
    trainer.act({"act": what, "serial": serial}, settings)


class TestMaps:
    def test_they_are_what_the_rules_say(self) -> None:
        one = subject()
        made = explain(model(), one.pixels, one.readout)
        found = attention_gradients(model(), one.pixels, one.readout)
        np.testing.assert_allclose(made.maps[RAW], found.weights[-1].mean(axis=0)[0, 1:], atol=1e-6)
        rolled = attention_rollout(found.weights[1:])
        np.testing.assert_allclose(made.maps[ROLLOUT], rolled[0, 1:], atol=1e-6)
        relevance = gradient_relevance(found.weights, found.gradients)
        np.testing.assert_allclose(made.maps[GRADIENT], relevance[0, 1:], atol=1e-6)
        assert made.n_layers == model().n_layers
        assert made.value == pytest.approx(forward(model(), one.pixels).probabilities.max())

    def test_saliency_is_followed_to_the_patches_of_its_region(self) -> None:
        small = small_model("class token")
        pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        region = np.zeros((24, 32), dtype=bool)
        region[8:16, 8:24] = True  # patches 5 and 6 of three rows of four
        readout = SaliencyReadout(region)
        found = attention_gradients(small, pixels, readout)
        relevance = gradient_relevance(found.weights, found.gradients) - np.eye(13)
        expected = relevance[[6, 7], 1:].mean(axis=0)
        made = explain(small, pixels, readout)
        np.testing.assert_allclose(made.maps[GRADIENT], expected, atol=1e-6)
        # The others are drawn as usual: for the class token.
        np.testing.assert_allclose(made.maps[RAW], found.weights[-1].mean(axis=0)[0, 1:], atol=1e-6)

    def test_a_taught_class_is_read_below_the_last_layer(self) -> None:
        small = small_model("class token")
        pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
        rng = np.random.default_rng(1)
        centre, direction = rng.normal(size=(2, 16)).astype(np.float32)
        made = explain(small, pixels, PrototypeReadout(centre, direction))
        assert made.n_layers == 2
        weights = forward(small, pixels).weights(1)
        np.testing.assert_allclose(made.maps[RAW], weights.mean(axis=0)[0, 1:], atol=1e-5)

    def test_layers_above_what_is_read_have_no_part(self) -> None:
        gradients = np.zeros((4, 2, 3, 3))
        gradients[2, 0, 1, 1] = -1.0
        assert layers_read(gradients) == 3
        assert layers_read(np.zeros((4, 2, 3, 3))) == 4

    def test_who_reads(self) -> None:
        def kind(n_prefix_tokens: int, *, has_class_token: bool, **parts: object) -> Any:  # noqa: ANN401
            backbone = SimpleNamespace(**parts)
            return SimpleNamespace(
                backbone=backbone, n_prefix_tokens=n_prefix_tokens, has_class_token=has_class_token
            )

        plain = kind(1, has_class_token=True)
        assert readers_of(plain, (2, 2)) == (0,)
        assert readers_of(kind(4, has_class_token=False), (1, 3)) == (4, 5, 6)
        distilled = kind(2, has_class_token=True, dist_token=1)
        assert readers_of(distilled, (2, 2)) == (0,)
        assert readers_of(distilled, (2, 2), subject().readout) == (0, 1)
        region = np.zeros((16, 24), dtype=bool)
        region[:8, 8:16] = True  # all of patch 1
        region[8:12, 16:] = True  # half of patch 5
        region[8:11, :8] = True  # less than half of patch 3
        assert readers_of(plain, (2, 3), SaliencyReadout(region)) == (2, 6)
        region[:] = False
        region[3, 3] = True
        assert readers_of(plain, (2, 3), SaliencyReadout(region)) == (1,)

    def test_shares(self) -> None:
        np.testing.assert_allclose(
            shares_of(np.array([3.0, -5.0, 1.0, np.nan])), [0.75, 0, 0.25, 0]
        )
        np.testing.assert_array_equal(shares_of(np.array([-1.0, 0.0])), [0, 0])

    def test_all_four_are_drawn_the_same_way(self, session: dict[str, Any]) -> None:
        one = subject()
        sweep = run_through(occlusion_trainer(KEY), one)
        panels = explanation_panels(one, sweep)
        assert [panel.label for panel in panels] == list(NAMES)
        for panel in panels:
            assert (panel.scale, panel.unit, panel.low) == ("glow", "times", 0.0)
            assert panel.values.shape == one.grid
            assert panel.values.mean() == pytest.approx(1.0)
            assert panel.high == pytest.approx(panel.values.max())
        assert len({panel.measure for panel in panels}) == 1
        arrays = explanation_arrays(one, sweep)
        drops = [
            output_of(one, frozenset()) - output_of(one, frozenset({patch})) for patch in range(16)
        ]
        np.testing.assert_allclose(arrays["explained_occlusion"].ravel(), drops, atol=1e-6)

    def test_without_occlusion_its_map_says_so(self, session: dict[str, Any]) -> None:
        one = subject()
        panel = explanation_panels(one, occluded(KEY, one))[-1]
        assert panel.note == "0 of 16 blocks"
        assert "not through yet" in panel.text
        assert set(explanation_arrays(one, occluded(KEY, one))) == {
            *("explained_raw_attention", "explained_rollout", "explained_gradient_attention"),
        }


class TestRuns:
    def test_occlusion_belongs_to_its_subject(self, session: dict[str, Any]) -> None:
        sweep = run_through(occlusion_trainer(KEY), subject())
        assert is_through(sweep)
        assert occluded(KEY, subject()) is sweep
        assert occluded(KEY, subject(1)).done == 0
        assert occluded(KEY, replace(subject(), readout_id="class 3")).done == 0

    def test_the_test_takes_occlusion_in_once_it_is_through(self, session: dict[str, Any]) -> None:
        one = subject()
        before = trial_of(KEY, one)
        assert [name for name, _ in before.trial.orders] == [RAW, ROLLOUT, GRADIENT]
        first = run_through(trial_trainer(KEY), before)
        run_through(occlusion_trainer(KEY), one)
        after = trial_of(KEY, one)
        assert [name for name, _ in after.trial.orders] == list(NAMES)
        # What both have measured already is not asked again.
        act(trial_trainer(KEY), "start", after)
        begun = trial_trainer(KEY).trained.run.sweep
        assert set(first.outputs) <= set(begun.outputs)
        assert begun.done < begun.total
        # But one that is through and asked for again begins anew.
        run_through(trial_trainer(KEY), after)
        act(trial_trainer(KEY), "start", after)
        assert trial_trainer(KEY).trained.run.sweep.done < begun.done

    def test_every_point_is_a_pass_of_the_model(self, session: dict[str, Any]) -> None:
        one = subject()
        test = trial_of(KEY, one)
        sweep = run_through(trial_trainer(KEY), test)
        assert sweep.trial.counts[-1] == 16
        assert len(sweep.trial.at_random) == N_RANDOM
        order = dict(test.trial.orders)[GRADIENT]
        count = sweep.trial.counts[3]
        for direction, hidden in (("deletion", order[:count]), ("insertion", order[count:])):
            changes = Interventions(hidden_patches=frozenset(hidden))
            seen = forward(model(), one.pixels, changes).probabilities
            index = int(one.readout_id.removeprefix("class "))
            assert sweep.curve(order, direction)[3] == pytest.approx(seen[index], abs=1e-5)

    def test_a_round_is_short(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # However slow the model: a round ends after the pass in which its time ran out.
        clock, passes = [0.0], []
        monkeypatch.setattr(training.time, "monotonic", lambda: clock[0])

        def slow(of: Subject, hidden: frozenset[int]) -> float:
            passes.append(hidden)
            clock[0] += 0.09
            return 0.5

        monkeypatch.setattr("pages._shared.explanation_runs.output_of", slow)
        with patch.object(st, "session_state", {}):
            trainer = occlusion_trainer(KEY)
            act(trainer, "start", subject())
            act(trainer, "tick", subject())
            assert len(passes) <= 3
            act(trainer, "stop", subject())
            assert not trainer.is_running
            assert occluded(KEY, subject()).done == len(passes)


class TestWords:
    def areas(self, direction: str, **named: float) -> Areas:
        return Areas.of(named, (0.4, 0.5, 0.6), direction)

    def test_one_that_wins_both(self) -> None:
        deletion = self.areas("deletion", **{RAW: 0.3, ROLLOUT: 0.45})
        insertion = self.areas("insertion", **{RAW: 0.8, ROLLOUT: 0.45})
        said = verdict_sentence(deletion, insertion, "Here")
        assert said.startswith("Here **Raw attention** was the most faithful in both tests")
        assert "0.300, random orders 0.500 ± 0.100" in said

    def test_none_that_beats_chance(self) -> None:
        deletion = self.areas("deletion", **{RAW: 0.45, ROLLOUT: 0.9})
        insertion = self.areas("insertion", **{RAW: 0.55, ROLLOUT: 0.1})
        said = verdict_sentence(deletion, insertion, "Over 3 of 8 pictures")
        assert said.startswith("Over 3 of 8 pictures no explanation was faithful")

    def test_tests_that_disagree(self) -> None:
        deletion = self.areas("deletion", **{RAW: 0.3, ROLLOUT: 0.45})
        insertion = self.areas("insertion", **{RAW: 0.5, ROLLOUT: 0.7})
        said = verdict_sentence(deletion, insertion, "Here")
        assert "by deletion **Raw attention**" in said
        assert "by insertion **Rollout**" in said
        insertion = self.areas("insertion", **{RAW: 0.5, ROLLOUT: 0.55})
        assert "by insertion none" in verdict_sentence(deletion, insertion, "Here")

    def test_the_table_has_every_area(self) -> None:
        deletion = self.areas("deletion", **{RAW: 0.3, ROLLOUT: 0.75})
        insertion = self.areas("insertion", **{RAW: 0.5, ROLLOUT: 0.7})
        table = areas_table(deletion, insertion, "Areas")
        for part in ("0.300 (beats chance)", "0.750 (worse than chance)", "0.700 (beats chance)"):
            assert part in table
        assert table.count("0.500 ± 0.100") == 2

    def test_what_a_run_takes_is_said_where_one_waits(self) -> None:
        one = subject()
        made = replace(explain(model(), one.pixels, one.readout), pass_seconds=0.1)
        assert what_it_takes(164, made).startswith("164 passes of the model: 16 s or more")
        assert what_it_takes(19, made) == ""

    def test_limits_of_the_ranking(self) -> None:
        assert limit_of((0.03, -0.041)) == 0.05
        assert limit_of(()) == 0.01
        assert limit_of((1.5,)) == 2.0


class TestCharts:
    def test_a_row_for_each_line_and_point(self, session: dict[str, Any]) -> None:
        sweep = run_through(trial_trainer(KEY), trial_of(KEY, subject()))
        for direction in DIRECTIONS:
            frame = curves_frame(sweep, direction)
            assert len(frame) == (3 + 1) * (N_STEPS + 1)
            at_random = frame[frame["name"] == "Random order"]
            assert (at_random["low"] <= at_random["output"]).all()
            assert (at_random["output"] <= at_random["high"]).all()
            chance = areas_of(sweep, direction).chance
            areas = np.trapezoid(at_random["output"], at_random["share"])
            assert areas == pytest.approx(chance.mean, abs=0.01)
            assert baseline(chance.areas) == chance

    def test_nothing_measured_is_an_empty_frame(self, session: dict[str, Any]) -> None:
        act(trial_trainer(KEY), "start", trial_of(KEY, subject()))
        assert curves_frame(trial_trainer(KEY).trained.run.sweep, "deletion").empty

    def test_a_spec_holds_no_data(self) -> None:
        spec = curve_spec("deletion", "probability", 0.0, 1.0)
        assert "data" not in spec
        assert "datasets" not in spec
        assert curve_spec("deletion", "probability", 0.0, 1.0) is spec

    def test_the_axis_ends_at_tenths_around_the_curves(self) -> None:
        for low, high, ends in ((0.04, 0.91, (0.0, 1.0)), (-0.32, 0.3, (-0.4, 0.3))):
            assert heights(pd.DataFrame({"low": [low, 0.1], "high": [0.2, high]})) == ends
        assert heights(pd.DataFrame({"low": [0.5], "high": [0.5]})) == (0.5, 0.6)


def html_of(app: AppTest) -> str:
    return " ".join(one.proto.body for one in app.get("html"))


def training_of(app: AppTest, key: str) -> dict[str, Any]:
    (data,) = (data for name, data in components(app) if data.get("key") == key)
    return data


def seed(app: AppTest, part: str, trainer: Trainer[Any, Any], settings: object) -> None:
    """Put what a run has measured into an app's session, as if the reader had let it run."""
    with patch.object(st, "session_state", app.session_state):
        run_through(trainer, settings)
    assert f"{KEY}.{part}.trained" in app.session_state


class TestOnAPage:
    def test_maps_at_once_and_nothing_long_before_someone_asks(self, app: AppTest) -> None:
        assert not app.exception
        (maps,) = (data for name, data in components(app) if name == "patch_map")
        assert [panel["label"] for panel in maps["panels"]] == list(NAMES)
        for part, label in (
            ("occlusion", "Hide block by block"),
            ("test", "Test them on this picture"),
            ("set", "Test them on these pictures"),
            ("heads.heads", "Drop every head in turn"),
        ):
            data = training_of(app, f"{KEY}.{part}")
            assert (data["state"], data["done"], data["words"]["new"]) == ("new", 0, label)
            assert data["words"]["unit"] == "passes"

    def test_after_the_runs_the_page_says_who_was_faithful(self, app: AppTest) -> None:
        with patch.object(st, "session_state", app.session_state):
            run_through(occlusion_trainer(KEY), subject())
            run_through(trial_trainer(KEY), trial_of(KEY, subject()))
        app.run()
        assert not app.exception
        assert training_of(app, f"{KEY}.test")["state"] == "done"
        assert len(app.get("vega_lite_chart")) == 2
        assert "5 random orders, mean ± spread" in html_of(app)
        said = [one.value for one in app.markdown if one.value.startswith("Here ")]
        assert len(said) == 1

    def test_another_picture_shows_no_stale_result(self, app: AppTest) -> None:
        with patch.object(st, "session_state", app.session_state):
            run_through(trial_trainer(KEY), trial_of(KEY, subject()))
        app.run()
        assert app.get("vega_lite_chart")
        app.number_input(key="place").set_value(1).run()
        assert not app.exception
        assert not app.get("vega_lite_chart")
        assert training_of(app, f"{KEY}.test")["state"] == "other"

    def test_the_set_picture_by_picture(self, app: AppTest) -> None:
        from pages._shared.explanation_runs import set_trainer
        from pages._shared.explanation_sets import digit_set

        pictures = digit_set("digits", model, n_digits=3)
        with patch.object(st, "session_state", app.session_state):
            sweep = run_through(set_trainer(KEY), pictures)
        assert len(sweep.measured) == 3
        app.run()
        assert not app.exception
        said = [one.value for one in app.markdown if one.value.startswith("Over ")]
        assert len(said) == 1
        assert said[0].startswith("Over 3 of 3 pictures")

    def test_heads_are_ranked_and_a_choice_is_told(self, app: AppTest) -> None:
        from pages._shared.explanation_runs import HeadTest, head_trainer

        shape = (model().n_layers, model().n_heads)
        with patch.object(st, "session_state", app.session_state):
            sweep = run_through(head_trainer(f"{KEY}.heads"), HeadTest(subject(), shape))
        app.run()
        assert not app.exception
        (board,) = (data for name, data in components(app) if name == "matrix_board")
        assert board["items"][0]["id"] == "changes"
        one = subject()
        index = int(one.readout_id.removeprefix("class "))
        before = forward(model(), one.pixels).probabilities
        place = 5
        changes = Interventions(dropped_heads=frozenset({divmod(place, shape[1])}))
        after = forward(model(), one.pixels, changes)
        assert sweep.output_changes[place] == pytest.approx(
            after.probabilities[index] - before[index], abs=1e-5
        )
        expected = np.abs(whole_answer(after) - before).mean()
        assert sweep.whole_changes[place] == pytest.approx(expected, abs=1e-6)
        assert f"the strongest of {shape[0] * shape[1]} heads".capitalize() in html_of(app)
