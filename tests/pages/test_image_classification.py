"""The image classification page without a browser: its views, its controls, and its work."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.digit_changes import CHANGES, IN_DISORDER, UPSIDE_DOWN, changed_digit
from core.imagenet_models import IMAGENET_MODELS
from pages._shared import classify_state, digits
from pages._shared.answer_arithmetic import AnswerCase, answer_cells, answer_lines, answer_program
from pages._shared.classify_scene import (
    DECIDED,
    DIGITS,
    HEADS,
    IMAGENET,
    LEARNED,
    MODELS,
    NAME,
    NAMED,
    RANKED,
    TAUGHT,
    TEACH,
    TRAIN,
    VIEWS_OF,
    ClassifyState,
    see,
)
from pages._shared.classify_state import STORE, link_note
from pages._shared.classify_subjects import digit_subject, taught_choices, taught_subject
from pages._shared.classify_work import digit_answer, work_of
from pages._shared.digit_value import DigitChoice
from pages._shared.explanations import output_of
from pages._shared.taught import name_picture
from tests.pages.app import component, components, open_in, open_page
from tests.pages.html_reader import read_html
from tests.pages.programs import imports_of, run_notebooks, run_programs

pytestmark = pytest.mark.slow

PAGE = "pages/image_classification.py"
EVERY_VIEW = [(model, view) for model in MODELS for view in VIEWS_OF[model]]
SHOWN_BY = {
    (DIGITS, NAMED): "drawing",
    (DIGITS, HEADS): "head_grid",
    (DIGITS, DECIDED): "patch_map",
    (DIGITS, RANKED): "training",
    (DIGITS, LEARNED): "value_map",
    (DIGITS, TRAIN): "training",
    (TAUGHT, TEACH): "lesson_card",
    (TAUGHT, NAMED): "drawing",
    (TAUGHT, DECIDED): "patch_map",
    (IMAGENET, NAMED): "photo_strip",
    (IMAGENET, DECIDED): "lesson_card",
}


def open_on(**changes: Any) -> AppTest:  # noqa: ANN401
    return open_in(STORE, ClassifyState(**changes))


def drawn(app: AppTest) -> set[str]:
    return {name for name, _ in components(app)}


@pytest.mark.parametrize(("model", "view"), EVERY_VIEW)
def test_every_view_opens_and_says_how_to_read_it(model: str, view: str) -> None:
    app = open_on(model=model, view=view)
    assert SHOWN_BY[model, view] in drawn(app)
    assert any(len(caption.value) > 80 for caption in app.main.caption)


def test_a_model_shows_its_own_first_view_for_one_that_it_lacks() -> None:
    assert ClassifyState(model=TAUGHT, view=TRAIN).shown_view == TEACH
    assert ClassifyState(model=IMAGENET, view=HEADS).shown_view == NAMED
    assert ClassifyState(model=DIGITS, view=TEACH).shown_view == NAMED


def test_the_controls_lead_to_the_state() -> None:
    app = open_page(PAGE).run()
    app.button_group(f"{NAME}.view.{DIGITS}").set_value(HEADS).run()
    assert app.session_state[f"{NAME}.page"].state.view == HEADS
    app.button_group(f"{NAME}.model").set_value(TAUGHT).run()
    state = app.session_state[f"{NAME}.page"].state
    assert (state.model, state.shown_view) == (TAUGHT, TEACH)
    app.button_group(f"{NAME}.model").set_value(DIGITS).run()
    assert app.session_state[f"{NAME}.page"].state.shown_view == HEADS
    assert not app.exception


@pytest.mark.parametrize("change", CHANGES)
def test_the_model_gets_the_digit_as_it_was_changed(change: str) -> None:
    scene = see(ClassifyState(change=change))
    plain = see(ClassifyState()).image
    np.testing.assert_array_equal(scene.image, changed_digit(plain, change, 2))
    expected = digits.look(digits.shipped_model(), scene.image).probabilities
    np.testing.assert_array_equal(scene.digit.attention.probabilities, expected)
    assert (change in (scene.digit_name, "As it is")) or change.lower() in scene.digit_name


def test_what_is_explained_is_the_digit_named_until_another_is_chosen() -> None:
    scene = see(ClassifyState(change=UPSIDE_DOWN))
    named = int(scene.digit.attention.probabilities.argmax())
    subject = digit_subject(scene)
    assert subject.name == f"the class “{named}”"
    assert output_of(subject, frozenset()) == pytest.approx(
        scene.digit.attention.probabilities[named], abs=1e-6
    )
    other = digit_subject(see(replace(scene.state, target=3)))
    assert other.name == "the class “3”"
    assert other != subject
    # A class of a thousand says nothing of digits.
    assert digit_subject(see(replace(scene.state, target=700))) == subject


def test_what_is_explained_of_taught_classes_is_a_cosine() -> None:
    scene = see(ClassifyState(model=TAUGHT, view=DECIDED))
    verdict, subject = name_picture(scene.taught, scene.picture), taught_subject(scene)
    assert verdict is not None
    assert subject is not None
    assert list(taught_choices(scene).values()) == ["Hoofed animals", "Windmills", "Buildings"]
    assert subject.name == "the class “Hoofed animals”"
    assert output_of(subject, frozenset()) == pytest.approx(verdict.similarities.max(), abs=1e-4)
    other = taught_subject(see(replace(scene.state, target=2)))
    assert other is not None
    assert output_of(other, frozenset()) == pytest.approx(verdict.similarities[2], abs=1e-4)
    nothing = see(replace(scene.state, taught=("Birds",)))
    assert taught_subject(nothing) is None
    assert taught_choices(nothing) == {}


def test_the_likeliest_class_stands_first_in_the_list_of_what_is_explained() -> None:
    app = open_on(view=DECIDED)
    (box,) = (one for one in app.selectbox if one.label == "Explain")
    assert box.options[:3] == ["The digit named", "0", "1"]
    box.set_value(4).run()
    assert app.session_state[f"{NAME}.page"].state.target == 4
    assert "the class “4”" in " ".join(read_html(one.value).text for one in app.html)


def test_a_head_that_is_chosen_in_the_ranking_is_dropped_in_the_view_of_the_heads() -> None:
    app = open_on(view=RANKED)
    assert component(app, "training")["total"] == 1 + 3 * 4


# ---- links


def test_a_link_says_what_it_leaves_out() -> None:
    assert link_note(ClassifyState()) == ""
    assert "Your picture" in link_note(ClassifyState(model=TAUGHT, photo="0" * 64))
    assert link_note(ClassifyState(model=DIGITS, photo="0" * 64)) == ""
    own = ClassifyState(model=TAUGHT, taught=("own.1",))
    assert "own classes" in link_note(own)
    both = link_note(replace(own, photo="0" * 64))
    assert "own classes" in both
    assert "Your picture" in both
    assert "that you trained" in link_note(ClassifyState(own_model=True))


def test_a_link_holds_ink_and_starter_classes_alone() -> None:
    ink = np.zeros((32, 32), bool)
    ink[3:20, 7] = True
    state = ClassifyState(
        digit=DigitChoice(None, np.packbits(ink).tobytes()),
        taught=("Birds", "own.1"),
        photo="0" * 64,
        own_model=True,
    )
    values = {name: STORE.pack(state)[name] for name in STORE.schema.fields}
    text = STORE.schema.write(values)
    assert len(text) < 400
    back = STORE.read(text)
    assert back.digit == state.digit
    assert back.taught == ("Birds",)
    assert back.photo == ClassifyState().photo
    assert not back.own_model


def test_every_field_of_the_state_is_in_the_link_or_named_as_left_out() -> None:
    fields = set(ClassifyState.__dataclass_fields__)
    assert fields - set(classify_state.SCHEMA.fields) == {"own_model"}


# ---- the work


@pytest.mark.parametrize(("model", "view"), EVERY_VIEW)
def test_every_view_has_its_work(model: str, view: str) -> None:
    work = work_of(see(ClassifyState(model=model, view=view)))
    if model == IMAGENET:  # nothing is fetched in tests
        assert work is None
        return
    assert work is not None
    lines = [read_html(line).text for line in work.lines()]
    assert lines
    assert all("nan" not in line for line in lines)
    assert all(callable(one) for one in work.functions())


def test_the_answer_is_worked_out_to_the_probability_on_the_screen() -> None:
    scene = see(ClassifyState(digit=DigitChoice(6)))
    case = digit_answer(scene)
    assert case.linear is not None
    by_hand = case.linear.directions @ case.linear.feature + case.linear.offsets
    np.testing.assert_allclose(by_hand, case.logits, atol=2e-5)
    lines = [read_html(line).text for line in answer_lines(case)]
    probability = scene.digit.attention.probabilities.max()
    assert lines[-1].endswith(f"= {probability:.4f}".rstrip("0").rstrip("."))


def test_programs_and_notebook_print_the_answer() -> None:
    digit = digit_answer(see(ClassifyState(digit=DigitChoice(6), change=IN_DISORDER)))
    generator = np.random.default_rng(0)
    many = AnswerCase(
        tuple(f"class {index}" for index in range(1000)),
        (3 * generator.normal(size=1000)).astype(np.float32),
    )
    for case in (digit, many):
        wide = np.exp(case.logits.astype(np.float64) - case.logits.max())
        probabilities = wide / wide.sum()
        likeliest = np.argsort(-probabilities)[:3]
        expected = [f"{case.names[index]}: {probabilities[index]:.4f}" for index in likeliest]
        programs = [answer_program(case, "np"), answer_program(case, "torch")]
        assert [imports_of(program) for program in programs] == [{"numpy"}, {"torch"}]
        for run in run_programs(programs):
            assert run.printed.splitlines() == expected
        code = [cell.source for cell in answer_cells(case, "# x") if type(cell).__name__ == "Code"]
        (run,) = run_notebooks([code])
        assert run.printed.splitlines()[-3:] == expected


def test_the_parameters_are_counted_to_the_last() -> None:
    scene = see(ClassifyState(view=LEARNED))
    work = work_of(scene)
    assert work is not None
    last = list(work.lines())[-1]
    total = sum(part.numel() for part in scene.digit_model.model.backbone.parameters())
    assert last.endswith(f"= {total:,}")
    for line in list(work.lines())[:-1]:
        terms, result = re.sub(r"^.*? = ", "", line).split(" = ")
        products = [np.prod([int(n) for n in term.split(" × ")]) for term in terms.split(" + ")]
        assert sum(products) == int(result.replace(",", ""))


def test_without_a_fetched_model_the_page_says_where_to_get_one() -> None:
    app = open_on(model=IMAGENET, view=DECIDED, imagenet=IMAGENET_MODELS[2].name)
    assert any("Fetch one" in one.value for one in app.info)
