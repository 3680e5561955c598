"""What is attention? The first page: one live attention, the words, and the map of the lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.experiments.streamlit_app import EXPERIMENTS
from pages._shared.lab import Lab
from pages._shared.lab_map import MAP, draw_map
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.overview_state import NAME, STORE, see
from pages._shared.overview_work import TAKEAWAY, rows_of, work_of
from pages._shared.page import close_page
from pages._shared.progress import tried
from pages._shared.teacher import Switches
from pages._shared.words import table
from pages._shared.work import draw_work

LAB: Final = Lab("streamlit_app.py", STORE, see, EXPERIMENTS, TAKEAWAY, note=lambda state: NOTE)
NOTE: Final = (
    "A toy: its numbers were chosen by hand. In a trained model they are computed from the words, "
    "by learned matrices."
)
PARTS: Final = (
    ("Name", "Shape", "What it is for"),
    ("query, *Q*", "n_query × d_head", "what a token looks for"),
    ("key, *K*", "n_key × d_head", "what a token can be found by"),
    ("value, *V*", "n_key × d_value", "what a token hands over when it is read"),
    ("score", "n_query × n_key", "dot product of a query and a key, then divided by √d_head"),
    ("softmax", "—", "turns each row of scaled scores into weights: positive, summing to 1"),
    ("weights", "n_query × n_key", "how much of each value a query takes"),
    ("output", "n_query × d_value", "each query's average of the values"),
    ("head", "—", "one attention with its own Q, K and V; a layer runs several side by side"),
)
LEARNED: Final = (
    "In a trained model each token's vector x is multiplied by learned matrices: q = x W_Q, "
    "k = x W_K, v = x W_V. The shapes: n_query is the number of queries, and so on."
)
HOW_MUCH: Final = "how much of each value?"
WHERE_FROM: Final = "where do Q, K and V come from?"
KINDS: Final = (
    ("Kind", "The question behind it", "Its answer", "What follows"),
    ("soft", HOW_MUCH, "a share of every one", "smooth, so gradients can train it"),
    (
        "hard",
        HOW_MUCH,
        "all of one, none of the rest",
        "no useful gradient: training needs a detour",
    ),
    ("self", WHERE_FROM, "all from one sequence", "a sentence reads itself"),
    ("cross", WHERE_FROM, "Q from one, K and V from another", "a translation reads its source"),
)


@st.fragment
def draw_live() -> None:
    """Draw one query that reads three words."""
    LAB.begin_live()
    scene, shown = see(STORE.current), STORE.version()

    def take_edit(edited: Mapping[str, NDArray[Any]]) -> None:
        if STORE.version() == shown:
            STORE.keep(replace(STORE.current, **edited))

    matrix_board(
        rows_of(scene), key=f"{NAME}.board", version=shown, on_edit=take_edit, news=LAB.news()
    )
    draw_work(NAME, work_of(scene), opened=False)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw what a reader can try here."""
    LAB.start(switches)
    LAB.draw_tools(switches)
    draw_live()
    LAB.draw_lesson(switches)


class_switches = LAB.open(
    BOARD,
    MAP,
    about=(
        "Drag a number of the query sideways. The dot product of the query with each key is a "
        "score. Divided by √2 (keys have two numbers) and put through softmax, the scores become "
        "weights. The output is the average of the values with these weights."
    ),
)
draw_lab(class_switches)
LAB.draw_take()

st.header("The parts", anchor=False)
st.markdown(f"{table(PARTS)}\n\n{LEARNED}")

st.header("The kinds", anchor=False)
st.markdown(table(KINDS))

draw_map(tried)
st.caption(
    "Every number in a picture is computed as you watch, by the functions in the folder core."
)
close_page(LAB.page)
