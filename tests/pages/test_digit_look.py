"""What a digit model makes of a digit: its pass as drawn, tested, written out and taken."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.digit_settings import DigitSettings
from core.digit_vit import build_digit_vit, load_digit_vit, start_weights
from core.digits import as_picture
from core.packing import Schema
from core.vision_attention import Interventions
from core.vit import forward
from core.vit_parameters import named_parameters
from pages._shared import digit_drawing, digit_weights, digit_weights_scene
from pages._shared.digit_look_scene import (
    DROP_HEAD,
    HIDE_PATCH,
    NO_TEST,
    TESTS,
    DigitLook,
    LookChoice,
    interventions_of,
    look_again,
    look_codec,
    see_digit,
)
from pages._shared.digit_look_words import answer_sentence, effect_sentence
from pages._shared.digit_look_work import notebook_of, program, take_arrays, work_of
from pages._shared.digit_value import DigitChoice, image_of, name_of
from pages._shared.digit_weights_scene import WeightsChoice, weights_codec
from pages._shared.digits import DigitModel
from pages._shared.vision_words import AVERAGE
from tests.pages.app import component, components, html, trigger
from tests.pages.html_reader import read_html
from tests.pages.programs import code_in, imports_of, run_notebooks, run_programs

APP: Final = Path(__file__).parents[1] / "browser" / "digit_look_app.py"
SETTINGS: Final = {
    "mean": DigitSettings(class_token=False, n_layers=2),
    "bare": DigitSettings(class_token=False, positions=False, n_heads=1, patch_size=4),
    "fine": DigitSettings(patch_size=1, n_heads=2, n_layers=1, positions=False),
}
NAMES: Final = ("shipped", *SETTINGS)
READS: Final = re.compile(r"(.+) reads? (.+): ([\d.]+), ([\d.]+) times the uniform weight")


@cache
def model(name: str) -> DigitModel:
    if name == "shipped":
        return DigitModel(name, load_digit_vit())
    settings = SETTINGS[name]
    weights = start_weights(settings)
    # Untrained attention is nearly uniform: let it choose.
    weights = {key: 6 * value if "qkv.weight" in key else value for key, value in weights.items()}
    return DigitModel(name, build_digit_vit(settings, weights))


def look(name: str, **choice: Any) -> DigitLook:  # noqa: ANN401
    digit = DigitChoice(7)
    return see_digit(
        model(name), image_of(digit), LookChoice(**choice), name=name_of(digit), answer=3
    )


# --- what is shown ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_all_weights_are_those_of_the_pass(name: str) -> None:
    seen = look(name)
    backbone = model(name).model
    attention = forward(backbone, as_picture(seen.image), keep_weights=True)
    assert attention.kept_weights is not None
    extra = 0 if backbone.has_class_token else 1
    np.testing.assert_allclose(
        seen.weights[:, :, extra:], attention.kept_weights, rtol=0, atol=1e-5
    )
    # Who the answer is read from stands in the first row.
    for layer in range(attention.n_layers):
        np.testing.assert_allclose(
            seen.weights[layer, :, 0], attention.read_out_rows(layer), rtol=0, atol=1e-5
        )
    np.testing.assert_allclose(seen.weights.sum(axis=-1), 1, rtol=0, atol=1e-5)
    assert seen.weights.shape[2:] == (len(seen.queries), len(seen.keys))


def test_tokens_are_named_by_place() -> None:
    ours = look("shipped")
    assert ours.queries[:3] == ours.keys[:3] == ("class", "row 1, column 1", "row 1, column 2")
    assert ours.keys[-1] == "row 4, column 4"
    mean = look("mean")
    assert mean.queries[:2] == (AVERAGE, "row 1, column 1")
    assert (mean.keys[0], len(mean.keys)) == ("row 1, column 1", 16)
    assert len(look("fine").keys) == 65


@pytest.mark.parametrize("name", NAMES)
def test_a_cell_and_back(name: str) -> None:
    seen = look(name)
    for row in range(len(seen.queries)):
        for column in range(len(seen.keys)):
            assert replace(seen, choice=seen.at(row, column)).cell == (row, column)


def test_without_a_key_the_patch_read_most_is_chosen() -> None:
    seen = look("shipped", layer=0, head=1, query=5)
    row, column = seen.cell
    assert row == 6
    assert column == 1 + int(seen.weights[0, 1, 6, 1:].argmax())


def test_a_choice_beyond_a_model_is_brought_back() -> None:
    choice = look("bare", layer=9, head=7, query=40, key=-1).choice
    assert choice == LookChoice(layer=2, head=0, query=-1, key=None)
    kept = LookChoice(layer=1, head=3, query=15, key=-1, mean=True, test=DROP_HEAD)
    assert look("shipped", **vars(kept)).choice == kept


CHOICES: Final = st.builds(
    LookChoice,
    layer=st.integers(0, 11),
    head=st.integers(0, 11),
    mean=st.booleans(),
    query=st.integers(-1, 63),
    key=st.one_of(st.none(), st.integers(-1, 63)),
    test=st.sampled_from(TESTS),
)


@given(CHOICES)
def test_a_link_brings_a_choice_back(choice: LookChoice) -> None:
    schema = Schema(1, {"look": look_codec(), "weights": weights_codec()})
    values = {"look": choice, "weights": WeightsChoice("Layer 3", "MLP")}
    assert schema.read(schema.write(values)) == values


# --- tests -----------------------------------------------------------------------------------


def test_what_is_taken_away() -> None:
    assert interventions_of(look("shipped")) == (Interventions(), "")
    assert look_again(look("shipped")) is None
    one = look("shipped", layer=1, head=2, test=DROP_HEAD)
    assert interventions_of(one) == (
        Interventions(dropped_heads=frozenset({(1, 2)})),
        "head 3 of layer 2",
    )
    changes, words = interventions_of(look("shipped", layer=1, mean=True, test=DROP_HEAD))
    assert changes.dropped_heads == {(1, head) for head in range(4)}
    assert words == "all 4 heads of layer 2"
    changes, words = interventions_of(look("shipped", key=6, test=HIDE_PATCH))
    assert (changes.hidden_patches, words) == ({6}, "the patch in row 2, column 3")
    # The class token is no patch.
    assert interventions_of(look("shipped", key=-1, test=HIDE_PATCH)) == (Interventions(), "")


@pytest.mark.parametrize("name", NAMES)
def test_the_model_answers_again(name: str) -> None:
    seen = look(name, key=1, test=HIDE_PATCH)
    after = look_again(seen)
    assert after is not None
    direct = forward(
        seen.model.model, as_picture(seen.image), Interventions(hidden_patches=frozenset({1}))
    )
    np.testing.assert_array_equal(after.logits, direct.logits)
    assert not np.array_equal(after.logits, seen.attention.logits)


def test_answers_in_words() -> None:
    before = np.array([0.02, 0.0, 0.9, 0.08])
    after = np.array([0.5, 0.0, 0.1, 0.4])
    assert answer_sentence(before, None) == "The model says 2 (90%), then 3 (8.0%)."
    assert answer_sentence(before, 2).endswith("That is what was meant.")
    assert answer_sentence(before, 3).endswith("A 3 was meant.")
    assert answer_sentence(before, 8).endswith("An 8 was meant.")
    assert effect_sentence(before, after, "head 1 of layer 2") == (
        "Without head 1 of layer 2 the probability of 2 goes from 90% to 10%: it says 0 (50%)."
    )
    assert effect_sentence(before, before, "it").endswith("to 90%: it still says so.")


# --- drawings --------------------------------------------------------------------------------


def test_bars_are_as_long_as_they_are_likely() -> None:
    before, after = np.full(10, 0.05), np.zeros(10)
    before[4], after[1] = 0.55, 1.0
    marks, _ = digit_drawing.answer_marks(before, after, answer=4)
    wide = [mark.attributes["width"] for mark in marks if mark.tag == "rect"][2:]
    np.testing.assert_allclose(wide[::2], 238 * before, atol=0.05)
    np.testing.assert_allclose(wide[1::2], 238 * after, atol=0.05)
    bold = {mark.text for mark in marks if mark.attributes.get("font-weight") == 600}
    assert bold >= {"1", "100%"}
    assert "4" not in bold
    assert "0% · meant" in {mark.text for mark in marks}


def test_patches_stand_apart_and_a_hidden_one_is_of_the_mean_colour() -> None:
    image = np.zeros((8, 8), np.uint8)
    image[0, 0], image[7, 7] = 16, 4
    marks, size = digit_drawing.patch_marks(image, 4)
    pixels = [mark.attributes for mark in marks if "opacity" in mark.attributes]
    assert [(one["x"], one["y"], one["opacity"]) for one in pixels] == [
        (1, 1, 1),
        (1 + 7 * 25 + 6, 1 + 7 * 25 + 6, 0.25),
    ]
    assert len(marks) == 2 + 4
    assert size == (8 * 25 + 6 + 2,) * 2
    marks, _ = digit_drawing.patch_marks(image, 4, hidden=0, mean=0.3)
    shades = [mark.attributes["opacity"] for mark in marks if "opacity" in mark.attributes]
    assert shades == [0.3] * 16 + [0.25]


# --- the work --------------------------------------------------------------------------------

CASES: Final = (
    ("shipped", {"layer": 0, "head": 3, "query": 5, "key": 2}),
    ("shipped", {"layer": 2, "mean": True, "key": -1}),
    ("mean", {"layer": 1, "head": 2, "query": 4}),
    ("mean", {"layer": 0, "head": 1}),
    ("mean", {"layer": 1, "mean": True, "key": 3}),
    ("bare", {"layer": 2}),
    ("fine", {"layer": 0, "head": 1, "query": 40}),
)
# Too many numbers to be written out: they travel packed.
AVERAGE_OF_MANY: Final = DigitSettings(class_token=False, patch_size=1, n_layers=1)


def every_look() -> list[DigitLook]:
    many = DigitModel("many", build_digit_vit(AVERAGE_OF_MANY, start_weights(AVERAGE_OF_MANY)))
    last = see_digit(many, image_of(DigitChoice(7)), LookChoice(), name="one")
    return [*(look(name, **choice) for name, choice in CASES), last]


def test_the_arithmetic_ends_in_the_weight_on_the_map() -> None:
    for seen in every_look():
        work = work_of(seen)
        lines = [read_html(line).text for line in work.lines()]
        weight = f"{seen.shown[seen.cell]:.6f}"
        assert any(line.endswith(f"= {weight}") for line in lines), (lines, weight)
        assert seen.asks in work.heading


def test_programs_print_the_weights_on_the_map() -> None:
    looks = every_look()
    programs = [program(seen, library) for seen in looks for library in ("np", "torch")]
    for run, text, seen in zip(
        run_programs(programs), programs, [one for one in looks for _ in range(2)], strict=True
    ):
        library = "torch" if "import torch" in text else "numpy"
        assert imports_of(text) - {"base64"} == {library}
        assert not run.warned
        printed = [READS.fullmatch(line) for line in run.printed.splitlines()]
        row = seen.shown[seen.cell[0]]
        best = np.sort(row)[::-1][:3]
        assert all(printed)
        weights = [float(line[3]) for line in printed if line]
        np.testing.assert_allclose(weights[:3], best, rtol=0, atol=2e-6)
        times = [float(line[4]) for line in printed if line]
        np.testing.assert_allclose(times[:3], best * row.size, rtol=0, atol=0.006)


def test_notebooks_agree_with_pytorch() -> None:
    looks = every_look()
    notebooks = [code_in(notebook_of(seen, "# About")) for seen in looks]
    for run, seen in zip(run_notebooks(notebooks), looks, strict=True):
        assert not run.warned
        difference = re.search(r"largest difference: ([\d.e+-]+)", run.printed)
        assert difference is not None
        assert float(difference[1]) < 1e-6
        if not seen.choice.mean and seen.attention.has_class_token:
            assert f"{seen.shown[seen.cell]:.6f}" in run.printed


def test_what_is_taken_along() -> None:
    seen = look("mean", layer=1, head=2, test=DROP_HEAD)
    arrays = {name: getattr(one, "values", one) for name, one in take_arrays(seen).items()}
    np.testing.assert_array_equal(arrays["digit"], seen.image)
    np.testing.assert_array_equal(arrays["weights_layer_2"], seen.weights[1])
    np.testing.assert_array_equal(arrays["row"][0], seen.weights[1, 2, 0])
    np.testing.assert_allclose(arrays["probabilities"].sum(), 1, atol=1e-6)
    assert not np.array_equal(arrays["probabilities"], arrays["probabilities_again"])


# --- the weights it learned ------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_weight_is_drawn_once(name: str) -> None:
    parameters = named_parameters(model(name).model)
    shown = digit_weights_scene.all_shown(parameters, model(name).model.n_heads)
    drawn = [part for one in shown for part in one.names]
    assert sorted(drawn) == sorted(parameters)
    ours = np.sort(np.concatenate([one.values.ravel() for one in shown if one.names]))
    theirs = np.sort(np.concatenate([values.ravel() for values in parameters.values()]))
    np.testing.assert_array_equal(ours, theirs)


def test_likeness_of_positions() -> None:
    parameters = named_parameters(model("shipped").model)
    shown = digit_weights_scene.shown_of(
        WeightsChoice(digit_weights_scene.POSITIONS), parameters, 4
    )
    (alike,) = (one for one in shown if not one.names)
    one, other = parameters["positions"][3], parameters["positions"][9]
    cosine = one @ other / np.linalg.norm(one) / np.linalg.norm(other)
    np.testing.assert_allclose(alike.values[3, 9], cosine, rtol=0, atol=1e-6)
    assert alike.limit == 1.0


def test_parts_of_a_model_without_tokens_and_positions() -> None:
    parts = digit_weights_scene.parts_of(named_parameters(model("bare").model))
    assert parts == ("Patches", "Layer 1", "Layer 2", "Layer 3", "Answer")
    gone = WeightsChoice(digit_weights_scene.POSITIONS)
    parameters = named_parameters(model("bare").model)
    assert digit_weights_scene.part_of(gone, parameters) == "Patches"


def test_filters_are_small_pictures() -> None:
    filters = np.zeros((13, 1, 2, 2), np.float32)
    filters[12, 0, 1, 0] = -0.5
    filters[0, 0, 0, 0] = 1.0
    marks, size, text = digit_weights.filter_marks(filters)
    assert len(marks) == 13 * 5
    shades = [mark.attributes for mark in marks if mark.attributes.get("opacity", 0)]
    assert [one["opacity"] for one in shades] == [1, 0.5]
    assert shades[0]["fill"] != shades[1]["fill"]
    # The 13th begins a second row; its lower left pixel is 18 below that row's top.
    assert (shades[1]["x"], shades[1]["y"]) == (1, 1 + 44 + 18)
    assert size == (12 * 44 - 8 + 2, 2 * 44 - 8 + 2)
    assert text.startswith("13 filters of 2 × 2 pixels")


def test_taken_weights_are_all_weights() -> None:
    parameters = named_parameters(model("shipped").model)
    taken = digit_weights.take_weights(parameters)
    assert sum(table.values.size for table in taken.values()) == sum(
        values.size for values in parameters.values()
    )  # type: ignore[union-attr]


# --- on a page -------------------------------------------------------------------------------


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60).run()
    assert not app.exception
    return app


def seen_by(app: AppTest) -> str:
    """Return the sentence about the answer."""
    (body,) = (body for body in html(app) if body.startswith("<p class='sum'"))
    return read_html(body).text


def test_a_head_and_a_weight_are_chosen_and_tested(app: AppTest) -> None:
    grid = component(app, "head_grid")
    assert grid["shape"] == [3, 4, 17, 17]
    trigger(app, "head_grid", "choice", {"view": grid["view"], "layer": 0, "head": 1})
    shown = component(app, "attention_map")
    assert shown["title"] == "Head 2 of layer 1"
    values = np.frombuffer(base64.b64decode(shown["weights"]["values"]), "<f4").reshape(17, 17)
    first = see_digit(model("shipped"), image_of(DigitChoice()), LookChoice(), name="the first")
    np.testing.assert_allclose(values, first.weights[0, 1], rtol=0, atol=1e-6)
    choice = {"version": shown["version"], "matrix": "weights", "row": 4, "column": 9}
    trigger(app, "attention_map", "choice", choice)
    over = component(app, "patch_map")
    assert (over["patch"], over["chosen"], len(over["panels"])) == (3, 1, 5)
    before = seen_by(app)
    assert before.startswith("The model says")
    app.button_group(key="look.test").set_value(HIDE_PATCH).run()
    assert component(app, "patch_map")["mark"] == 8
    assert "Without the patch in row 3, column 1" in seen_by(app)
    app.button_group(key="look.test").set_value(DROP_HEAD).run()
    assert "Without head 2 of layer 1" in seen_by(app)
    assert component(app, "head_grid")["dropped"] == [[0, 1]]
    app.button_group(key="look.test").set_value(NO_TEST).run()
    assert seen_by(app) == before


def test_a_patch_and_the_mean_are_chosen_over_the_digit(app: AppTest) -> None:
    view = component(app, "patch_map")["view"]
    trigger(app, "patch_map", "choice", {"view": view, "panel": 4})
    assert component(app, "attention_map")["title"] == "Mean of 4 heads of layer 3"
    assert component(app, "head_grid")["marks"] == [[2, head] for head in range(4)]
    trigger(app, "patch_map", "choice", {"view": view, "patch": 10})
    over = component(app, "patch_map")
    assert over["token_label"] == "Asking: the patch in row 3, column 3"
    assert component(app, "attention_map")["chosen"][0] == 11
    trigger(app, "patch_map", "choice", {"view": view, "patch": -1})
    assert component(app, "patch_map")["token_label"] == "Asking: the class token"


@pytest.mark.parametrize("name", SETTINGS)
def test_other_models_are_looked_at_too(name: str, app: AppTest) -> None:
    app.session_state["model"] = model(name)
    app.run()
    assert not app.exception
    over = component(app, "patch_map")
    has_class = model(name).model.has_class_token
    asks = "the class token" if has_class else AVERAGE
    assert (over["token_label"], over["back"]) == (f"Asking: {asks}", asks)
    assert component(app, "attention_map")["queries"][0] == ("class" if has_class else AVERAGE)
    assert component(app, "digit_pad")["patch"] == SETTINGS[name].patch_size


def test_parts_are_chosen_and_counted(app: AppTest) -> None:
    total = sum(part.size for part in named_parameters(model("shipped").model).values())
    assert any(f"{total:,} numbers in all" in caption.value for caption in app.caption)
    app.button_group(key="weights.part").set_value("Layer 2").run()
    assert not app.exception
    titles = [one["title"] for one in component(app, "value_map")["maps"]]
    assert titles == ["W_Q", "W_K", "W_V", "W_O", "Vectors"]
    app.button_group(key="weights.group").set_value("MLP").run()
    titles = [one["title"] for one in component(app, "value_map")["maps"]]
    assert titles == ["W_1", "W_2", "b_1", "b_2"]
    # A model that has no such layer shows its first part.
    app.session_state["model"] = model("fine")
    app.run()
    assert not app.exception
    assert component(app, "value_map")["maps"][0]["title"] == "Patch filters"
    table = next(body for body in html(app) if "by matrix" in body)
    assert table.count("<tr>") == 1 + len(named_parameters(model("fine").model))
    assert len([one for one, _ in components(app) if one == "value_map"]) == 1
