"""The lesson on a page: what is set up, changed, kept and sent, without a browser."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from pages._shared.lesson_card import LESSON
from pages._shared.lesson_messages import READY
from pages._shared.lesson_state import LEFT, PUT_BACK
from tests.pages.app import trigger
from tests.pages.lesson_app import AS_IT_IS, EXPERIMENTS, HIDE, NAME, START, State, start_state

APP = Path(__file__).with_name("lesson_app.py")
PAGE_STATE = f"{NAME}.state"
LESSON_STATE = f"{NAME}.try.lesson"


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=30)


def card(app: AppTest) -> Element:
    """Return the lesson's element."""
    element: Element
    (element,) = (one for one in app.get("bidi_component") if f"{NAME}.try" in one.proto.id)
    return element


def sent(app: AppTest) -> dict[str, Any]:
    """Return what the lesson was drawn from."""
    (data,) = json.loads(card(app).proto.json)
    return dict(data)


def say(app: AppTest, message: object) -> AppTest:
    """Send what a browser would, and run."""
    return trigger(app, LESSON.name, "act", message)


def act(app: AppTest, what: str, value: object = None) -> AppTest:
    return say(app, {"act": what, "round": sent(app)["round"], "value": value})


def open_(app: AppTest, name: str) -> AppTest:
    return say(app, {"act": "open", "name": name})


def page_state(app: AppTest) -> State:
    state: State = app.session_state[PAGE_STATE]
    return state


def test_at_first_the_list_alone_is_sent(app: AppTest) -> None:
    data = sent(app.run())
    assert [one["title"] for one in data["experiments"]] == [one.title for one in EXPERIMENTS]
    assert data["opened"] == -1
    assert "question" not in data


def test_one_choice_sets_the_page_up(app: AppTest) -> None:
    app.run().slider[0].set_value(2.0).run()
    assert page_state(app).temperature == 2.0
    open_(app, "sharper")
    assert not app.exception
    assert page_state(app).temperature == 1.0
    assert app.slider[0].value == 1.0
    data = sent(app)
    assert (data["opened"], data["ready"], data["result"]) == (0, READY, None)
    assert data["question"] == EXPERIMENTS[0].question


def test_a_prediction_changes_the_page_and_is_answered(app: AppTest) -> None:
    act(open_(app.run(), "sharper"), "predict", 0)
    assert not app.exception
    assert app.slider[0].value == 0.25
    result = sent(app)["result"]
    assert result["kind"] == "wrong"
    assert "from 0.67 to 0.99" in result["lines"][2][1]
    assert sent(app)["experiments"][0]["mark"] == "tried"
    assert app.session_state["progress"] == {f"{NAME}.py": frozenset({"sharper"})}


def test_a_prediction_stands_while_the_reader_plays_on(app: AppTest) -> None:
    act(open_(app.run(), "sharper"), "predict", 1)
    before = sent(app)["result"]
    app.slider[0].set_value(1.5).run()
    assert page_state(app).temperature == 1.5
    assert sent(app)["result"] == before
    say(app, {"act": "predict", "round": sent(app)["round"], "value": 0})
    assert sent(app)["result"] == before
    assert page_state(app).temperature == 1.5


def test_the_answer_is_for_the_page_as_it_is(app: AppTest) -> None:
    open_(app.run(), "sharper")
    app.session_state[PAGE_STATE] = replace(page_state(app), query=np.zeros((3, 2)))
    act(app, "predict", 1)
    lines = sent(app)["result"]["lines"]
    assert lines[:2] == [
        ["You predicted", "It grows."],
        ["", "It grows only where the scores differ; here they do not."],
    ]
    assert lines[-1][1].startswith("You had changed the page")


def test_set_up_again_asks_anew_and_the_tick_stays(app: AppTest) -> None:
    act(open_(app.run(), "sharper"), "predict", 1)
    act(app, "again")
    data = sent(app)
    assert data["result"] is None
    assert data["earlier"].startswith("Before, you predicted: It grows.")
    assert data["experiments"][0]["mark"] == "tried"
    assert page_state(app).temperature == 1.0


def own_page(app: AppTest) -> AppTest:
    """Give the reader a page of their own: another temperature, and a cell of Q edited."""
    app.run().slider[0].set_value(2.0).run()
    query = page_state(app).query + 1
    app.session_state[PAGE_STATE] = replace(page_state(app), query=query)
    return app.run()


def test_closing_puts_the_page_back_as_it_was_before_the_first_of_several(app: AppTest) -> None:
    own = page_state(own_page(app))
    act(open_(app, "sharper"), "predict", 1)
    open_(app, "sum")
    assert page_state(app).temperature == 1.0
    act(app, "predict", 1)
    act(app, "close")
    assert not app.exception
    assert sent(app)["opened"] == -1
    assert page_state(app) is own
    assert app.slider[0].value == 2.0
    assert sent(app)["said"] == PUT_BACK
    # The next one begins from the page as it is then.
    app.slider[0].set_value(1.5).run()
    own = page_state(app)
    act(open_(app, "sharper"), "close")
    assert page_state(app) is own


def test_closing_keeps_what_the_reader_made_of_the_set_up(app: AppTest) -> None:
    open_(own_page(app), "sharper")
    app.slider[0].set_value(0.5).run()
    edited = page_state(app)
    act(app, "close")
    assert page_state(app) is edited
    assert sent(app)["said"] == LEFT


def test_closing_keeps_what_was_made_before_the_prediction_or_after_it(app: AppTest) -> None:
    open_(own_page(app), "sharper")
    app.slider[0].set_value(0.5).run()
    act(app, "predict", 1)
    act(app, "close")
    assert page_state(app).temperature == 0.25
    assert sent(app)["said"] == LEFT
    act(open_(app, "sharper"), "predict", 1)
    app.slider[0].set_value(1.5).run()
    act(app, "close")
    assert page_state(app).temperature == 1.5


def test_choosing_a_cell_is_no_edit(app: AppTest) -> None:
    own = page_state(own_page(app))
    open_(app, "largest")
    app.session_state[PAGE_STATE] = replace(page_state(app), chosen=(1, 1))
    act(app, "predict", "“sat” reading “sat”")
    assert sent(app)["result"]["kind"] == "wrong"
    act(app, "close")
    assert page_state(app) is own


def test_what_was_edited_of_one_set_up_goes_with_it_when_another_is_opened(app: AppTest) -> None:
    own = page_state(own_page(app))
    open_(app, "sharper")
    app.slider[0].set_value(0.5).run()
    act(open_(app, "sum"), "close")
    assert page_state(app) is own
    open_(app, "sharper")
    app.slider[0].set_value(0.5).run()
    act(act(app, "again"), "close")
    assert page_state(app) is own


def test_a_page_that_was_put_back_already_is_left_without_a_word(app: AppTest) -> None:
    own = page_state(own_page(app))
    open_(app, "sharper")
    # As undo does.
    app.session_state[PAGE_STATE], app.session_state[f"{NAME}.temperature"] = replace(own), 2.0
    act(app, "close")
    assert page_state(app).temperature == 2.0
    assert sent(app)["said"] == ""


def test_a_link_that_starts_on_an_experiment_leaves_the_page_as_it_starts(app: AppTest) -> None:
    app.session_state[START] = 1
    act(app.run(), "predict", 1)
    assert page_state(app).temperature == 0.25
    act(app, "close")
    assert page_state(app).temperature == 1.0
    assert sent(app)["said"] == PUT_BACK


def test_being_shown_is_not_having_tried(app: AppTest) -> None:
    act(open_(app.run(), "sharper"), "show")
    data = sent(app)
    assert data["result"]["kind"] == "shown"
    assert data["experiments"][0]["mark"] == "shown"
    assert page_state(app).temperature == 0.25
    assert "progress" not in app.session_state


@pytest.mark.parametrize("value", [None, "1.0", -0.1, 3.1, [1], {}, True])
def test_what_is_no_prediction_is_not_taken(app: AppTest, value: object) -> None:
    act(open_(app.run(), "sum"), "predict", value)
    assert not app.exception
    assert sent(app)["problem"] == "Write a number. Between 0 and 3."
    assert not sent(app)["stuck"]
    assert "progress" not in app.session_state
    act(app, "predict", 1)
    assert sent(app)["result"]["kind"] == "right"
    assert sent(app)["problem"] == ""


def test_a_place_is_read_from_the_page_not_from_the_message(app: AppTest) -> None:
    open_(app.run(), "largest")
    app.session_state[PAGE_STATE] = replace(page_state(app), chosen=(1, 1))
    for other in (None, "", [1, 1], "“cat” reading “cat”", True, {"row": 1}):
        act(app, "predict", other)
        assert sent(app)["problem"] == "Choose a cell of Weights first."
        assert sent(app)["result"] is None
    act(app, "predict", "“sat” reading “sat”")
    result = sent(app)["result"]
    assert result["kind"] == "wrong"
    said = [text for _, text in result["lines"][:2]]
    assert said == ["“sat” reading “sat”.", "Its scores are closer together."]
    # Choosing a cell changes the page's state, but nothing that was asked about.
    assert not any("You had changed" in text for _, text in result["lines"])


def test_what_the_set_up_left_chosen_is_told_from_what_the_reader_chose(app: AppTest) -> None:
    open_(app.run(), "largest")
    ask = sent(app)["ask"]
    assert (ask["chosen"], ask["anew"]) == ("“mat” reading “sat”", False)
    app.session_state[PAGE_STATE] = replace(page_state(app), chosen=(0, 2))
    ask = sent(app.run())["ask"]
    assert (ask["chosen"], ask["anew"]) == ("“cat” reading “mat”", True)


def test_what_the_set_up_left_chosen_can_be_chosen(app: AppTest) -> None:
    act(open_(app.run(), "largest"), "predict", "“mat” reading “sat”")
    assert sent(app)["result"]["lines"][0] == ["You predicted", "“mat” reading “sat”."]


def test_a_question_that_does_not_fit_says_so_and_can_be_set_up_again(app: AppTest) -> None:
    open_(app.run(), "sum")
    app.session_state[PAGE_STATE] = replace(page_state(app), query=np.full((3, 2), -np.inf))
    act(app, "predict", 1)
    assert not app.exception
    data = sent(app)
    assert data["problem"].startswith("This question does not fit")
    assert data["stuck"]
    assert "progress" not in app.session_state
    act(act(app, "again"), "predict", 1)
    assert sent(app)["result"]["kind"] == "right"


def test_a_link_that_hides_answers_notes_predictions(app: AppTest) -> None:
    app.session_state[HIDE] = True
    act(open_(app.run(), "sharper"), "predict", 1)
    data = sent(app)
    assert data["result"]["heading"] == "Your prediction is noted"
    assert data["result"]["lines"] == [
        ["You predicted", "It grows."],
        ["", "This link keeps the answers back."],
    ]
    # The change would give the answer away.
    assert page_state(app).temperature == 1.0
    assert data["experiments"][0]["mark"] == "tried"
    assert not data["can_show"]
    assert app.session_state[LESSON_STATE].result.because == ""


def test_a_link_that_hides_answers_does_not_show_them_to_who_asks(app: AppTest) -> None:
    app.session_state[HIDE] = True
    act(open_(app.run(), "sharper"), "show")
    assert sent(app)["result"] is None
    assert page_state(app).temperature == 1.0


def test_a_link_starts_on_an_experiment_once(app: AppTest) -> None:
    app.session_state[START] = 2
    app.run()
    assert not app.exception
    assert (sent(app)["opened"], sent(app)["ready"]) == (1, READY)
    act(app, "close").run()
    assert sent(app)["opened"] == -1


def test_a_link_that_brings_its_own_set_up_keeps_it(app: AppTest) -> None:
    app.session_state[PAGE_STATE] = replace(start_state(), temperature=2.0)
    app.session_state[START], app.session_state[AS_IT_IS] = 1, True
    app.run()
    assert (sent(app)["opened"], sent(app)["ready"]) == (0, READY)
    assert page_state(app).temperature == 2.0
    act(app, "predict", 1)
    # At a temperature of 2, e^0.71 = 2.03 against two ones: 0.50. Nobody changed that set-up.
    assert "from 0.50 to 0.99" in sent(app)["result"]["lines"][1][1]
    assert len(sent(app)["result"]["lines"]) == 2


@pytest.mark.parametrize("start", [0, 4, -1, None])
def test_an_experiment_that_there_is_not_is_not_started(app: AppTest, start: int | None) -> None:
    app.session_state[START] = start
    assert sent(app.run())["opened"] == -1
    assert not app.exception


@pytest.mark.parametrize(
    "message",
    [None, 3, "open", [], {}, {"act": "open", "name": "gone"}, {"act": "predict", "value": 1}],
)
def test_nonsense_from_a_browser_changes_nothing(app: AppTest, message: object) -> None:
    open_(app.run(), "sharper")
    before = app.session_state[LESSON_STATE]
    say(app, message)
    assert not app.exception
    assert app.session_state[LESSON_STATE] is before


def test_sessions_do_not_share_a_lesson(app: AppTest) -> None:
    act(open_(app.run(), "sharper"), "predict", 1)
    other = AppTest.from_file(str(APP), default_timeout=30).run()
    assert sent(other)["opened"] == -1
    assert all(one["mark"] == "" for one in sent(other)["experiments"])
