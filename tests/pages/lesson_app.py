"""A small page with a lesson, for the tests: three tokens, a temperature, one question a kind."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from core.attention import Attention, scaled_dot_product_attention
from pages._shared.catalog import Page
from pages._shared.lesson import Answer, Choices, Experiment, Number, Option, Place
from pages._shared.lesson_card import LESSON, draw_lesson, start_lesson
from pages._shared.light_component import load_components
from pages._shared.matrix import Axis, Choice, Matrix
from pages._shared.matrix_board import BOARD, matrix_board

NAME: Final = "lesson_app"
PAGE: Final = Page(f"{NAME}.py", "Lesson", "Does it sharpen?", "It does.", "Tests", "")
WORDS: Final = ("cat", "sat", "mat")
HIDE: Final = f"{NAME}.hide"
START: Final = f"{NAME}.start"
AS_IT_IS: Final = f"{NAME}.as_it_is"


@dataclass(frozen=True, eq=False)
class State:
    """What the page holds."""

    query: NDArray[np.float64]
    key: NDArray[np.float64]
    temperature: float = 1.0
    chosen: tuple[int, int] | None = None
    version: int = 0


def start_state() -> State:
    """Return what the page starts with."""
    return State(np.array([[2.0, 0.0], [0.0, 1.0], [1.0, 1.0]]), np.eye(3, 2))


def see(state: State) -> Attention:
    """Compute what the page shows."""
    return scaled_dot_product_attention(
        state.query, state.key, np.eye(3, 2), temperature=state.temperature
    )


def _sharper(before: Attention, after: Attention) -> Answer:
    old, new = before.weights[0].max(), after.weights[0].max()
    value = 2 if np.isclose(old, new) else int(new > old)
    return Answer(
        value,
        f"The largest weight of “cat” went from {old:.2f} to {new:.2f}. "
        "Dividing by a smaller number spreads the scores.",
    )


def _sum(before: Attention, _after: Attention) -> Answer:
    total = float(before.scores[1].sum())
    return Answer(total, f"The row adds up to {total:.2f}. Softmax has not seen it yet.")


def _largest(before: Attention, _after: Attention) -> Answer:
    row, column = np.unravel_index(before.weights.argmax(), before.weights.shape)
    return Answer(
        (int(row), int(column)),
        f"It is {before.weights.max():.2f}. Its query is long and points the way of its key.",
    )


EXPERIMENTS: Final = (
    Experiment[State, Attention](
        name="sharper",
        title="A colder softmax",
        question="The temperature goes from 1 to 0.25. What does the largest weight of “cat” do?",
        ask=Choices(
            (
                Option("It falls", "A smaller temperature stretches the scores apart."),
                Option("It grows", "It grows only where the scores differ; here they do not."),
                Option("It stays as it is", "Scores that differ are stretched apart."),
            )
        ),
        set_up=lambda state: replace(start_state(), version=state.version + 1),
        change=lambda state: replace(state, temperature=0.25),
        answer=_sharper,
        shown_in="Weights",
        stated=1,
        spoiled=lambda state: replace(state, query=np.zeros((3, 2))),
    ),
    Experiment[State, Attention](
        name="sum",
        title="What a row sums to",
        question="Add the scores in the row of “sat”. What is the sum?",
        ask=Number(0.0, 3.0, 0.05, "Its query meets one key.", "Its query meets one key only."),
        set_up=lambda state: replace(start_state(), version=state.version + 1),
        answer=_sum,
        stated=1.0,
        spoiled=lambda state: replace(state, query=np.zeros((3, 2))),
    ),
    Experiment[State, Attention](
        name="largest",
        title="The largest weight, and a title that is long enough for two lines",
        question="Which cell of Weights will be the largest when “cat” asks with (2, 0)?",
        ask=Place(
            what="a cell of Weights",
            called=lambda place, _seen: f"“{WORDS[place[0]]}” reading “{WORDS[place[1]]}”",
            why_not=lambda _given, _right: "Its scores are closer together.",
        ),
        # As on the page, a cell is chosen before the reader has done anything.
        set_up=lambda state: replace(start_state(), chosen=(2, 1), version=state.version + 1),
        answer=_largest,
        stated=(0, 0),
        spoiled=lambda state: replace(state, query=np.array([[0.0, 0.0], [0.0, 3.0], [0.0, 0.0]])),
        shown_in="Weights",
    ),
)


def current() -> State:
    """Return the page's state."""
    state: State = st.session_state.setdefault(f"{NAME}.state", start_state())
    return state


def alike(one: State, other: State) -> bool:
    """Whether two states differ at most in the cell that is chosen."""
    same = np.array_equal(one.query, other.query) and np.array_equal(one.key, other.key)
    return same and one.temperature == other.temperature


def install(state: State) -> None:
    """Put the page into a state."""
    st.session_state[f"{NAME}.state"] = state
    st.session_state[f"{NAME}.temperature"] = state.temperature


@st.fragment
def draw_live() -> None:
    """Draw the board: what an edit redraws."""
    state, seen = current(), see(current())

    def take_edit(arrays: Mapping[str, NDArray[Any]]) -> None:
        st.session_state[f"{NAME}.state"] = replace(current(), **arrays)

    def take_choice(choice: Choice) -> None:
        st.session_state[f"{NAME}.state"] = replace(current(), chosen=(choice.row, choice.column))

    words, keys = Axis("query", WORDS), Axis("key", WORDS)
    d_head = Axis("d_head", ("1", "2"))
    chosen = {} if state.chosen is None else {"query": state.chosen[0], "key": state.chosen[1]}
    editable = partial(Matrix, columns=d_head, limit=5.0, bounds=(-5.0, 5.0))
    matrix_board(
        [
            [
                editable("query", "Q", state.query, words, base=start_state().query),
                editable("key", "K", state.key, keys, base=start_state().key),
            ],
            [
                Matrix("scores", "Scores", seen.scores, words, keys, limit=5.0),
                "→",
                Matrix("weights", "Weights", seen.weights, words, keys, scale="sequential"),
            ],
        ],
        key=f"{NAME}.board",
        version=str(state.version),
        news=None,
        on_edit=take_edit,
        on_choose=take_choice,
        chosen=chosen,
    )
    st.markdown(f"The largest weight is {seen.weights.max():.2f}.")


@st.fragment
def draw_lab() -> None:
    """Draw the controls, what they control, and the lesson."""
    state = current()
    st.session_state.setdefault(f"{NAME}.temperature", state.temperature)
    temperature = st.slider("Temperature", 0.25, 2.0, step=0.25, key=f"{NAME}.temperature")
    if temperature != state.temperature:
        st.session_state[f"{NAME}.state"] = replace(state, temperature=temperature)
    draw_live()
    draw_lesson(
        PAGE,
        EXPERIMENTS,
        key=f"{NAME}.try",
        current=current,
        install=install,
        see=see,
        alike=alike,
        picked=lambda now: now.chosen,
        hide_answers=bool(st.session_state.get(HIDE)) or st.query_params.get("hide") == "answers",
    )


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="Lesson", layout="wide")
    st.title(PAGE.question, anchor=False)
    load_components(BOARD, LESSON)
    asked = st.query_params.get("try", "")
    start_lesson(
        EXPERIMENTS,
        key=f"{NAME}.try",
        current=current,
        install=install,
        start=st.session_state.get(START, int(asked) if asked.isdigit() else None),
        as_it_is=bool(st.session_state.get(AS_IT_IS)),
    )
    draw_lab()
    st.markdown("What follows the lesson. " * 150)


if __name__ == "__main__":
    main()
