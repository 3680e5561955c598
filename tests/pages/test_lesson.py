"""Lessons without a page: grading, their steps, and what browsers are told and believed."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from typing import Any, Never

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages._shared.lesson import (
    Answer,
    Ask,
    Choices,
    DoesNotFitError,
    Experiment,
    Number,
    Option,
    Place,
    Value,
)
from pages._shared.lesson_grading import note, predict, set_up_page
from pages._shared.lesson_messages import (
    KEPT_BACK,
    MOVED,
    READY,
    WAS_KEPT_BACK,
    Wish,
    describe_lesson,
    read_wish,
)
from pages._shared.lesson_state import (
    DOES_NOT_FIT,
    NOT_SET_UP,
    Lesson,
    Result,
)
from pages._shared.predictions import check_given, missing, name_place

CHOICES = Choices((Option("less", "not less"), Option("more", "not more"), Option("same", "no")))
NUMBER = Number(-1.0, 4.0, 0.05, "too low", "too high", unit="nats")
PLACE = Place(
    "a cell",
    lambda at, seen: f"cell {at} of {seen}",
    lambda given, right: f"not {given}: {right}",
)
ASKS: dict[str, tuple[Ask, Value]] = {
    "choices": (CHOICES, 1),
    "number": (NUMBER, 0.693),
    "place": (PLACE, (2, 1)),
}

# The state of this page is a number; it shows its square.
State = float


def doubled(ask: Ask = CHOICES, **more: object) -> Experiment[State, float]:
    """Return an experiment that doubles the number and asks what the square does."""

    def answer(before: float, after: float) -> Answer:
        return Answer(int(after > before) + 2 * int(after == before), f"{before:g} to {after:g}.")

    parts: dict[str, Any] = {
        "name": "doubled",
        "title": "Doubled",
        "question": "What does the square do?",
        "ask": ask,
        "set_up": lambda _state: 3.0,
        "answer": answer,
        "stated": 1,
        "spoiled": lambda _state: 0.0,
        "change": lambda state: 2 * state,
    }
    return Experiment(**(parts | more))


def constant(ask: Ask, value: object, **more: object) -> Experiment[State, float]:
    """Return an experiment whose answer is always the same."""
    return doubled(ask, answer=lambda _before, _after: Answer(value, "So it is."), **more)


def see(state: State) -> float:
    return state**2


def opened(experiment: Experiment[State, float], set_up: State | None = 3.0) -> Lesson[State]:
    return Lesson[State]().ask(experiment.name, set_up, 1.0)


def play(
    experiment: Experiment[State, float], given: Value | None, present: State = 3.0
) -> Lesson[State]:
    return predict(opened(experiment), experiment, given, present, see)


def result_of(lesson: Lesson[State]) -> Result:
    assert lesson.result is not None
    return lesson.result


def sent(
    lesson: Lesson[State],
    experiment: Experiment[State, float],
    *,
    hide_answers: bool = False,
    chosen: str = "",
    anew: bool = False,
) -> dict[str, Any]:
    data = describe_lesson(
        lesson,
        [experiment],
        tried=frozenset(),
        hide_answers=hide_answers,
        chosen=chosen,
        anew=anew,
    )
    round_trip: dict[str, Any] = json.loads(json.dumps(data, allow_nan=False))
    return round_trip


# --- grading ---------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [0, 1, 2])
def test_a_choice_is_right_or_has_its_reason(chosen: int) -> None:
    grade = CHOICES.grade(chosen, 1)
    assert grade.right == (chosen == 1)
    assert grade.reason == ("" if chosen == 1 else CHOICES.options[chosen].why_not)


@pytest.mark.parametrize(
    ("given_number", "right", "reason"),
    [(1.0, True, ""), (1.05, True, ""), (0.95, True, ""), (1.06, False, "too high"),
     (0.94, False, "too low"), (-1, False, "too low"), (4, False, "too high")],
)  # fmt: skip
def test_a_number_may_be_a_little_off(given_number: float, right: bool, reason: str) -> None:
    grade = NUMBER.grade(given_number, 1.0)
    assert (grade.right, grade.reason) == (right, reason)


def test_numbers_are_named_with_unit_and_a_true_minus() -> None:
    assert NUMBER.name(-0.5) == "−0.50 nats"
    assert Number(0, 9, 1, "", "", digits=0).name(4) == "4"


def test_a_place_may_be_near() -> None:
    near = replace(PLACE, near=lambda given, right: abs(given[0] - right[0]) <= 1)
    assert PLACE.grade((2, 1), (2, 1)).right
    assert PLACE.grade((1, 1), (2, 1)).reason == "not (1, 1): (2, 1)"
    assert near.grade((1, 1), (2, 1)).right
    assert not near.grade((0, 1), (2, 1)).right


# --- what counts as a prediction -------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [("choices", 0), ("choices", 2), ("number", -1), ("number", 4.0), ("number", 0.5),
     ("place", (0, 3)), ("place", 17)],
)  # fmt: skip
def test_predictions_are_taken(kind: str, value: object) -> None:
    assert check_given(value, ASKS[kind][0])


HUGE = 10**400
NONSENSE = [None, "1", "", True, [1], {}, {"value": 1}, math.nan, math.inf, -math.inf, HUGE, 1j]


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        *(("choices", value) for value in [*NONSENSE, -1, 3, 0.0, 1.5, (0, 0)]),
        *(("number", value) for value in [*NONSENSE, -1.001, 4.001, (0, 0)]),
        *(("place", value) for value in [*(x for x in NONSENSE if x is not HUGE), 0.5, (1,),
                                         (1, 2, 3), (1.0, 2), ("a", 1), (True, 0)]),
    ],
    ids=lambda value: str(value)[:20],
)  # fmt: skip
def test_nonsense_is_no_prediction(kind: str, value: object) -> None:
    assert not check_given(value, ASKS[kind][0])


@given(st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.lists(st.integers())))
def test_whatever_passes_for_a_choice_or_a_number_can_be_graded(value: object) -> None:
    for ask, right in (ASKS["choices"], ASKS["number"]):
        if check_given(value, ask):
            assert ask.name(value)
            assert isinstance(ask.grade(value, right).right, bool)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("choices", "Choose one of the answers first."),
        ("number", "Write a number. Between −1 and 4 nats."),
        ("place", "Choose a cell first."),
    ],
)
def test_what_is_missing_is_said_kindly(kind: str, text: str) -> None:
    assert missing(ASKS[kind][0]) == text


# --- predicting ------------------------------------------------------------------------------


def test_a_right_prediction() -> None:
    assert result_of(play(doubled(), 1)) == Result("more", "more", "9 to 36.", right=True)


def test_a_wrong_prediction_gets_its_reason_and_the_answer() -> None:
    assert result_of(play(doubled(), 0)) == Result("less", "more", "9 to 36.", reason="not less")


def test_being_shown_is_no_prediction() -> None:
    assert result_of(play(doubled(), None)) == Result("", "more", "9 to 36.")


def test_the_answer_is_for_what_is_on_the_page() -> None:
    result = result_of(play(doubled(), 1, present=0.0))
    assert result == Result("more", "same", "0 to 0.", reason="not more", moved=True)


def test_a_change_that_the_answer_does_not_show_is_not_mentioned() -> None:
    # Both −3 and 3 have the square 9: as when the reader only chooses a cell.
    assert not result_of(play(doubled(), 1, present=-3.0)).moved


def test_a_change_that_only_the_numbers_show_is_mentioned() -> None:
    result = result_of(play(doubled(), 1, present=4.0))
    assert result.right
    assert result.moved


def test_a_set_up_without_an_answer_counts_as_another_page() -> None:
    def answer(before: float, _after: float) -> Answer:
        return Answer(1, f"{1 / (before - 9):.2f}.")

    assert result_of(play(doubled(answer=answer), 1, present=4.0)).moved


@pytest.mark.parametrize(
    "value",
    [3, -1, 1.0, True, None, "1", (0, 1), math.nan],
)
def test_an_answer_that_is_none_of_the_options_does_not_fit(value: object) -> None:
    lesson = play(constant(CHOICES, value), 1)
    assert (lesson.result, lesson.problem, lesson.stuck) == (None, DOES_NOT_FIT, True)


@pytest.mark.parametrize("value", [math.nan, math.inf, None, "1", (0, 1)])
def test_an_answer_that_is_no_number_does_not_fit(value: object) -> None:
    assert play(constant(NUMBER, value), 1.0).problem == DOES_NOT_FIT


def test_an_answer_outside_of_the_range_still_is_one() -> None:
    assert result_of(play(constant(NUMBER, 5.5), 4.0)).answer == "5.50 nats"


def test_answers_may_be_numpy_numbers() -> None:
    assert result_of(play(constant(CHOICES, np.argmax([0, 1])), 1)).right
    assert result_of(play(constant(NUMBER, np.float32(1.0)), 1)).right
    assert result_of(play(constant(PLACE, tuple(np.array([2, 1]))), (2, 1))).right


def fail(*_args: object) -> Never:
    raise ZeroDivisionError("of a page that nobody thought of")


@pytest.mark.parametrize(
    "broken",
    [
        doubled(answer=fail),
        doubled(change=fail),
        constant(replace(PLACE, called=fail), (0, 0)),
        constant(replace(PLACE, why_not=fail), (0, 0)),
    ],
)
def test_what_fails_is_said_in_one_line_and_logged(
    broken: Experiment[State, float], caplog: pytest.LogCaptureFixture
) -> None:
    lesson = play(broken, 1)
    assert (lesson.result, lesson.problem, lesson.stuck) == (None, DOES_NOT_FIT, True)
    assert "ZeroDivisionError" in caplog.text


def test_seeing_may_fail_too() -> None:
    lesson = predict(opened(doubled()), doubled(), 1, 3.0, fail)
    assert (lesson.problem, lesson.stuck) == (DOES_NOT_FIT, True)


def test_a_set_up_that_fails_is_none(caplog: pytest.LogCaptureFixture) -> None:
    assert set_up_page(doubled(set_up=fail), 1.0) is None
    assert "ZeroDivisionError" in caplog.text
    lesson = opened(doubled(), None)
    assert (lesson.problem, lesson.stuck, lesson.opened) == (NOT_SET_UP, True, "doubled")
    # What is on the page can still be predicted for; nothing was set up, so nothing was changed.
    assert not result_of(predict(lesson, doubled(), 1, 5.0, see)).moved


def test_a_prediction_noted_is_not_compared() -> None:
    experiment = doubled(answer=fail)
    assert result_of(note(opened(experiment), experiment, 1, 3.0, see)) == Result("more")
    broken = constant(replace(PLACE, called=fail), (0, 0))
    assert note(opened(broken), broken, (0, 0), 3.0, see).problem == DOES_NOT_FIT


def test_a_place_without_a_name_is_none() -> None:
    assert name_place(constant(PLACE, (0, 0)), (1, 2), lambda: 9.0) == "cell (1, 2) of 9.0"
    assert name_place(constant(PLACE, (0, 0)), None, fail) == ""
    assert name_place(constant(replace(PLACE, called=fail), (0, 0)), (1, 2), lambda: 9.0) == ""


def test_places_are_named_on_the_page_as_it_is_before_the_change() -> None:
    result = result_of(play(constant(PLACE, (0, 0)), (1, 2)))
    assert (result.given, result.answer) == ("cell (1, 2) of 9.0", "cell (0, 0) of 9.0")
    noted = note(opened(doubled(PLACE)), doubled(PLACE), (1, 2), 2.0, see)
    assert result_of(noted).given == "cell (1, 2) of 4.0"


# --- the steps of a lesson -------------------------------------------------------------------


def test_every_step_begins_a_round_but_a_problem_does_not() -> None:
    first = opened(doubled())
    second = first.told("Choose one.")
    third = predict(second, doubled(), 1, 3.0, see)
    fourth = third.closed()
    assert [lesson.round for lesson in (first, second, third, fourth)] == [1, 1, 2, 3]
    assert [lesson.turn for lesson in (first, second, third, fourth)] == [1, 2, 3, 4]
    assert third.problem == ""
    assert fourth.opened == ""


def test_the_page_that_was_there_first_is_remembered_from_set_up_to_set_up() -> None:
    first = Lesson[State]().ask("doubled", 3.0, 1.0)
    assert (first.own, first.left, first.edited) == (1.0, 3.0, False)
    changed = first.changed(6.0, edited=True)
    assert (changed.own, changed.left, changed.edited) == (1.0, 6.0, True)
    second = changed.ask("tripled", 5.0, 7.0)
    assert (second.own, second.left, second.edited) == (1.0, 5.0, False)
    closed = second.closed("What became of it.")
    assert (closed.own, closed.left, closed.said) == (None, None, "What became of it.")
    third = closed.ask("doubled", 3.0, 8.0)
    assert (third.own, third.said) == (8.0, "")


def test_an_edit_is_not_forgotten_where_a_set_up_fails() -> None:
    assert Lesson[State]().ask("doubled", None, 1.0).left == 1.0
    lesson = Lesson[State]().ask("doubled", 3.0, 1.0).changed(6.0, edited=True)
    failed = lesson.ask("tripled", None, 7.0)
    assert (failed.own, failed.left, failed.edited) == (1.0, 6.0, True)


def test_once_an_edit_was_changed_it_counts_for_good() -> None:
    lesson = Lesson[State]().ask("doubled", 3.0, 1.0).changed(6.0, edited=True)
    assert lesson.changed(12.0, edited=False).edited


def test_a_result_is_remembered_when_the_experiment_is_opened_again() -> None:
    again = play(doubled(), 0).ask("doubled", 3.0, 6.0)
    assert again.result is None
    assert again.earlier["doubled"].given == "less"
    assert sent(again, doubled())["earlier"] == "Before, you predicted: less. That was not so."
    hidden = sent(again, doubled(), hide_answers=True)
    assert hidden["earlier"] == "Before, you predicted: less."


# --- what the browser is told ----------------------------------------------------------------

SECRET = "the answer is "


def secretive(kind: str) -> Experiment[State, float]:
    """Return an experiment in which everything that gives the answer away says so."""
    asks: dict[str, Ask] = {
        "choices": Choices(tuple(Option(name, SECRET + name) for name in "abc")),
        "number": Number(0.0, 9.0, 0.1, SECRET + "low", SECRET + "high"),
        "place": Place("a cell", lambda at, _: f"cell {at}", lambda _given, _right: SECRET + "why"),
    }
    values: dict[str, Value] = {"choices": 1, "number": 7.25, "place": (4, 5)}
    return doubled(
        asks[kind],
        answer=lambda _before, _after: Answer(values[kind], SECRET + "told."),
        stated=values[kind],
    )


GIVEN: dict[str, Value] = {"choices": 0, "number": 1.5, "place": (1, 1)}


@pytest.mark.parametrize("kind", ["choices", "number", "place"])
def test_no_answer_leaves_before_a_prediction(kind: str) -> None:
    experiment = secretive(kind)
    closed, open_ = Lesson[State](), opened(experiment)
    for lesson in (closed, open_, open_.told(missing(experiment.ask))):
        text = json.dumps(sent(lesson, experiment))
        for giveaway in (SECRET, "7.25", "(4, 5)", "stated", "why_not"):
            assert giveaway not in text
    told = json.dumps(sent(predict(open_, experiment, GIVEN[kind], 3.0, see), experiment))
    assert told.count(SECRET) == 2


@pytest.mark.parametrize("kind", ["choices", "number", "place"])
def test_a_link_that_hides_answers_sends_none_whatever_the_session_knows(kind: str) -> None:
    experiment = secretive(kind)
    for lesson in (
        predict(opened(experiment), experiment, GIVEN[kind], 3.0, see),
        note(opened(experiment), experiment, GIVEN[kind], 3.0, see),
    ):
        data = sent(lesson, experiment, hide_answers=True)
        assert SECRET not in json.dumps(data)
        assert data["result"]["kind"] == "noted"
        given = experiment.ask.name(GIVEN[kind], 9.0)
        assert data["result"]["lines"] == [["You predicted", f"{given}."], ["", KEPT_BACK]]
        assert not data["can_show"]
    shown = predict(opened(experiment), experiment, None, 3.0, see)
    assert sent(shown, experiment, hide_answers=True)["result"] is None


def test_right_and_wrong_and_shown_in_words() -> None:
    def lines(given_value: int | None, present: State = 3.0) -> tuple[str, list[list[str]]]:
        result = sent(play(doubled(), given_value, present), doubled())["result"]
        return result["heading"], result["lines"]

    assert lines(1) == ("Right", [["You predicted", "more."], ["", "9 to 36."]])
    assert lines(0) == (
        "Not so",
        [["You predicted", "less."], ["", "not less"], ["Answer", "more. 9 to 36."]],
    )
    assert lines(None) == ("The answer", [["", "more. 9 to 36."]])
    assert lines(1, present=4.0)[1][-1] == ["", MOVED]
    near = constant(NUMBER, 1.0)
    result = sent(play(near, 1.04), near)["result"]
    assert result["heading"] == "Right"
    assert result["lines"] == [
        ["You predicted", "1.04 nats."],
        ["Answer", "1.00 nats. So it is."],
    ]


def test_an_answer_that_was_kept_back_can_be_had_by_trying_again() -> None:
    lesson = note(opened(doubled()), doubled(), 1, 3.0, see)
    assert sent(lesson, doubled())["result"]["lines"][-1] == ["", WAS_KEPT_BACK]
    again = lesson.ask("doubled", 3.0, 3.0)
    assert sent(again, doubled())["earlier"] == "Before, you predicted: more."


def test_the_list_says_what_was_tried_and_what_was_shown() -> None:
    def mark(lesson: Lesson[State], *tried: str) -> str:
        data = describe_lesson(lesson, [doubled()], tried=frozenset(tried))
        text: str = data["experiments"][0]["mark"]
        return text

    assert mark(Lesson()) == ""
    assert mark(play(doubled(), None)) == "shown"
    assert mark(play(doubled(), None), "doubled") == "tried"


def test_each_kind_of_question_is_described() -> None:
    def ask(one: Ask, *, chosen: str = "", anew: bool = False) -> object:
        experiment = constant(one, 0)
        return sent(opened(experiment), experiment, chosen=chosen, anew=anew)["ask"]

    assert ask(CHOICES) == {"kind": "choices", "options": ["less", "more", "same"]}
    assert ask(NUMBER) == {
        "kind": "number",
        "low": -1.0,
        "high": 4.0,
        "unit": "nats",
        "range": "Between −1 and 4 nats.",
    }
    assert ask(PLACE, chosen="here", anew=True) == {
        "kind": "place",
        "what": "a cell",
        "chosen": "here",
        "anew": True,
    }


def test_what_was_set_up_is_said_until_the_prediction_stands() -> None:
    assert sent(opened(doubled()), doubled())["ready"] == READY
    assert sent(opened(doubled(), None), doubled())["ready"] == ""
    assert sent(play(doubled(), 1), doubled())["ready"] == ""


def test_where_the_answer_shows_is_sent() -> None:
    assert sent(opened(doubled()), doubled())["shown_in"] == ""
    experiment = doubled(shown_in="Weights")
    assert sent(opened(experiment), experiment)["shown_in"] == "Weights"


def test_an_experiment_that_is_gone_is_not_open() -> None:
    lesson = replace(opened(doubled()), opened="gone")
    assert sent(lesson, doubled())["opened"] == -1
    assert sent(Lesson[State]().closed("Put back."), doubled())["said"] == "Put back."
    assert read_wish({"act": "predict", "round": 1, "value": 1}, lesson, [doubled()]) is None


# --- what the browser is believed ------------------------------------------------------------


def wish(message: object, lesson: Lesson[State] | None = None) -> Wish | None:
    return read_wish(message, opened(doubled()) if lesson is None else lesson, [doubled()])


def test_wishes_are_read() -> None:
    assert wish({"act": "open", "name": "doubled"}) == Wish("open", "doubled")
    assert wish({"act": "predict", "round": 1, "value": 2}) == Wish("predict", "doubled", 2)
    for act in ("show", "again", "close"):
        read = wish({"act": act, "round": 1})
        assert read is not None
        assert (read.act, read.name) == (act, "doubled")


@pytest.mark.parametrize(
    "message",
    [
        None,
        "open",
        ["open"],
        7,
        {},
        {"act": None},
        {"act": ["open"]},
        {"act": "open"},
        {"act": "open", "name": "gone"},
        {"act": "open", "name": ["doubled"]},
        {"act": "open", "name": {}},
        {"act": "erase", "round": 1},
        {"act": "predict", "value": 1},
        {"act": "predict", "round": 0, "value": 1},
        {"act": "predict", "round": 2, "value": 1},
        {"act": "predict", "round": "1", "value": 1},
        {"act": "predict", "round": True, "value": 1},
        {"act": "predict", "round": 1.0, "value": 1},
        {"act": "predict", "round": math.nan, "value": 1},
        {"act": "close", "round": None},
    ],
)
def test_nonsense_is_no_wish(message: object) -> None:
    assert wish(message) is None


@pytest.mark.parametrize("act", ["predict", "show", "again", "close"])
def test_nothing_can_be_done_where_nothing_is_open(act: str) -> None:
    assert wish({"act": act, "round": 0, "value": 1}, Lesson()) is None


@pytest.mark.parametrize("act", ["predict", "show"])
def test_a_prediction_stands(act: str) -> None:
    done = play(doubled(), 0)
    assert wish({"act": act, "round": done.round, "value": 1}, done) is None


def test_why_a_question_does_not_fit_is_said() -> None:
    def answer(_before: float, _after: float) -> Answer:
        raise DoesNotFitError("There is nothing to compare.")

    lesson = play(doubled(answer=answer), 1)
    assert lesson.problem == f"{DOES_NOT_FIT} There is nothing to compare."
    assert lesson.stuck
