"""Every experiment of every page keeps its promises, and a broken promise is noticed."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pages._shared.catalog import PAGES, Page
from pages._shared.lesson import Answer, Choices, Experiment, Number, Option
from tests.experiments import (
    Played,
    Report,
    complaints,
    module_of,
    page_complaints,
    play,
    sentences,
)
from tests.pages import lesson_app

TRAINED = "Trained models"
WITH_EXPERIMENTS = [page for page in PAGES if module_of(page) is not None]


def slow_if_trained(page: Page, *values: object, name: str) -> Any:  # noqa: ANN401
    marks = [pytest.mark.slow] if page.section == TRAINED else []
    return pytest.param(page, *values, marks=marks, id=name)


@pytest.mark.parametrize(
    ("page", "name"),
    [
        slow_if_trained(page, experiment.name, name=f"{page.title}: {experiment.name}")
        for page in WITH_EXPERIMENTS
        for experiment in module_of(page).EXPERIMENTS  # type: ignore[union-attr]
    ],
)
def test_an_experiment_keeps_its_promises(page: Page, name: str) -> None:
    module = module_of(page)
    assert module is not None
    experiment = next(one for one in module.EXPERIMENTS if one.name == name)
    assert not complaints(play(page, experiment, module))


@pytest.mark.parametrize("page", WITH_EXPERIMENTS, ids=lambda page: page.title)
def test_the_experiments_of_a_page_are_few_and_unlike(page: Page) -> None:
    module = module_of(page)
    assert module is not None
    assert not page_complaints(module.EXPERIMENTS)


# --- the checks themselves, on a small page --------------------------------------------------

MODULE: Any = SimpleNamespace(
    EXPERIMENTS=lesson_app.EXPERIMENTS, see=lesson_app.see, start_state=lesson_app.start_state
)
SHARPER, SUM, LARGEST = lesson_app.EXPERIMENTS


def played(experiment: Experiment[Any, Any]) -> Played:
    return play(lesson_app.PAGE, experiment, MODULE)


def choices(**more: object) -> Choices:
    (first, *others) = SHARPER.ask.options
    return Choices((replace(first, **more), *others))


def test_good_experiments_have_no_complaints() -> None:
    assert not page_complaints(MODULE.EXPERIMENTS)
    for experiment in MODULE.EXPERIMENTS:
        assert not complaints(played(experiment)), experiment.name


@pytest.mark.parametrize(
    ("broken", "complaint"),
    [
        (replace(SHARPER, stated=0), "the set-up gives 1, not 0"),
        (replace(SHARPER, stated=7), "7 cannot be predicted"),
        (replace(SHARPER, spoiled=lambda state: state), "the spoiled set-up gives the same"),
        (replace(SHARPER, change=lambda state: state), "the set-up gives 2, not 1"),
        (
            replace(SHARPER, answer=lambda _a, _b: Answer(1, "One sentence of 0.5.")),
            "its explanation is not two sentences",
        ),
        (replace(SHARPER, ask=choices(why_not=" ")), "“It falls” has no reason why not"),
        (replace(SHARPER, ask=choices(text="It grows")), "no two alike"),
        (replace(SHARPER, ask=choices(text="It {falls}")), "has something left in it"),
        (replace(SHARPER, ask=choices(why_not="It is nan.")), "has something left in it"),
        (replace(SHARPER, question="What is {x:.2f}?"), "has something left in it"),
        (replace(SHARPER, question="One. Two. Three?"), "not one or two sentences"),
        (replace(SHARPER, question="What then:"), "does not ask or tell"),
        (replace(SUM, ask=replace(SUM.ask, too_high="")), "has no reason"),
        (replace(SUM, ask=replace(SUM.ask, within=9.0)), "every number is right"),
        (replace(SUM, ask=replace(SUM.ask, within=0.001)), "as it is written"),
        (replace(LARGEST, stated=(1, 1)), "the set-up gives (0, 0), not (1, 1)"),
        (
            replace(LARGEST, ask=replace(LARGEST.ask, called=lambda _place, _seen: " ")),
            "the right place has no name",
        ),
        (
            replace(LARGEST, ask=replace(LARGEST.ask, why_not=lambda _given, _right: "")),
            "once spoiled, has no reason",
        ),
    ],
)
def test_a_broken_promise_is_noticed(broken: Experiment[Any, Any], complaint: str) -> None:
    found = complaints(played(broken))
    assert any(complaint in one for one in found), found


@pytest.mark.parametrize(
    ("experiments", "complaint"),
    [
        ((SHARPER, SUM), "2 experiments, not 3 to 5"),
        ((SHARPER, SUM, LARGEST) * 2, "6 experiments, not 3 to 5"),
        ((SHARPER, SUM, replace(LARGEST, name="sum")), "two have the same name"),
        ((SHARPER, SUM, replace(LARGEST, title=SUM.title)), "two have the same title"),
        ((SHARPER, SUM, replace(LARGEST, name="The largest")), "a name is not one word"),
    ],
)
def test_a_page_with_a_broken_promise_is_noticed(
    experiments: tuple[Experiment[Any, Any], ...], complaint: str
) -> None:
    assert any(complaint in found for found in page_complaints(experiments))


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("It is 0.69, the most that two can have. Every row sums to one.", 2),
        ("“One.” And two!", 2),
        ("Only one", 1),
        ("One. And a rest", 2),
        ("Weights of 1.5 and .5?", 1),
        ("", 1),
        ("One (in brackets.) Two.", 2),
    ],
)
def test_sentences_are_counted(text: str, count: int) -> None:
    assert sentences(text) == count


def test_the_list_names_what_a_page_asks_and_answers() -> None:
    lines: list[str] = []
    report = Report(lines.append)
    assert isinstance(SUM.ask, Number)
    in_nats = replace(SUM, name="nats", title="In nats", ask=replace(SUM.ask, unit="nats"))
    module = SimpleNamespace(
        **vars(MODULE)
        | {"EXPERIMENTS": (SHARPER, LARGEST, replace(SHARPER, name="other"), SUM, in_nats)}
    )
    report.page(lesson_app.PAGE, module)  # type: ignore[arg-type]
    text = "\n".join(lines)
    for part in (
        SHARPER.question,
        "- It stays as it is",
        "Answer: It grows",
        "from 0.67 to 0.99",
        "Spoiled: It stays as it is",
        "a place: a cell of Weights",
        "a number from 0 to 3, within 0.05",
        "a number from 0 to 3 nats, within 0.05",
        "Answer: “cat” reading “cat”",
    ):
        assert part in text
    assert report.wrong == ["Lesson: two have the same title"]


def test_a_page_without_experiments_has_none() -> None:
    assert module_of(replace(PAGES[0], file="pages/nowhere.py")) is None


def test_the_small_page_is_answered_by_hand() -> None:
    # Scores of “cat” are (2, 0, 0) / root 2; at a temperature of 0.25 four times that.
    for factor, weight in ((1, 0.67), (4, 0.99)):
        largest = np.exp(factor * np.sqrt(2)) / (np.exp(factor * np.sqrt(2)) + 2)
        assert f"{largest:.2f}" == f"{weight:.2f}"
    assert played(SHARPER).answer.value == 1
    assert isinstance(SUM.ask, Number)
    assert isinstance(SHARPER.ask.options[0], Option)
