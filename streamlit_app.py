"""What is attention? The first page: one live attention, the words, and the map of the lab."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.catalog import PAGES
from pages._shared.matrix import Axis, Matrix
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.overview_state import BOUNDS, NAME, READER, START, STORE, WORDS, see
from pages._shared.page import close_page, open_page
from pages._shared.teacher import Switches
from pages._shared.tools_bar import TOOLS, draw_tools, open_state
from pages._shared.words import table, what_it_reads

PARTS: Final = (
    ("Name", "Shape", "What it is for"),
    ("query, $Q$", "n_query × d_head", "what a token looks for"),
    ("key, $K$", "n_key × d_head", "what a token can be found by"),
    ("value, $V$", "n_key × d_value", "what a token hands over when it is read"),
    ("softmax", "row by row", "turns the scores $QK^\\top$ into weights: positive, summing to 1"),
    ("weights", "n_query × n_key", "how much of each value a query takes"),
    ("output", "n_query × d_value", "each query's average of the values"),
    ("head", "its own Q, K, V", "one such attention; a layer runs several, side by side"),
)
HOW_MUCH: Final = "how much of each value?"
WHERE_FROM: Final = "where do Q, K and V come from?"
KINDS: Final = (
    ("Kind", "The question behind it", "Its answer", "What follows"),
    ("soft", HOW_MUCH, "a share of every one", "smooth, so gradients can train it"),
    ("hard", HOW_MUCH, "all of one, none of the rest", "no useful gradient: needs sampling"),
    ("self", WHERE_FROM, "all from one sequence", "every token reads its own sequence"),
    ("cross", WHERE_FROM, "Q from one, K and V from another", "a translation reads its source"),
)


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw one query that reads three words."""
    draw_tools(STORE, switches)
    scene, shown = see(STORE.current), STORE.version()
    arrays, attention = scene.state.arrays(), scene.attention

    def take_edit(edited: Mapping[str, NDArray[Any]]) -> None:
        if STORE.version() == shown:
            STORE.keep(replace(STORE.current, **edited))

    reader, words = Axis("query", (READER,)), Axis("key", WORDS)
    d_head, d_value = Axis("d_head", ("1", "2")), Axis("d_value", ("1", "2"))

    def editable(name: str, title: str, rows: Axis, columns: Axis, note: str) -> Matrix:
        return Matrix(
            name,
            title,
            arrays[name],
            rows,
            columns,
            note=note,
            limit=5.0,
            base=START[name],
            bounds=BOUNDS,
        )

    weights = Matrix(
        "weights",
        "Weights",
        attention.weights,
        reader,
        words,
        note="softmax(scores / √2)",
        scale="sequential",
    )
    output = Matrix(
        "output", "Output", attention.output, reader, d_value, note="their average", limit=5.0
    )
    matrix_board(
        [
            [
                editable("query", "Query", reader, d_head, "what it looks for"),
                editable("key", "Keys", words, d_head, "how words are found"),
                editable("value", "Values", words, d_value, "what they say"),
            ],
            [weights, "→", output],
        ],
        key=f"{NAME}.board",
        version=shown,
        on_edit=take_edit,
    )
    st.markdown(what_it_reads(READER, WORDS, attention.weights[0]))


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw what a reader can try here."""
    STORE.settle()
    draw_live(switches)


page = open_page("streamlit_app.py", BOARD, TOOLS)
class_switches = open_state(STORE)
st.markdown(
    "Drag a number of the query sideways. Its products with every key are the scores; divided by "
    "√2, the root of their length, they become weights by softmax; the output is the average of "
    "the values with these weights."
)
draw_lab(class_switches)
st.caption("A toy with numbers chosen by hand. In a trained model they are learned.")

st.subheader("The parts", anchor=False)
st.markdown(table(PARTS))

st.subheader("The kinds", anchor=False)
st.markdown(table(KINDS))

st.subheader("The lab", anchor=False)
for section, pages in groupby(PAGES[1:], key=lambda entry: entry.section):
    st.caption(section)
    for entry in pages:
        st.page_link(entry.file, label=f"**{entry.title}**", icon=entry.icon)
        st.markdown(entry.question)
st.caption(
    "Everything is computed on this machine, while you watch, by functions that you can read in "
    "the folder core. Sources: Vaswani et al., Attention is all you need, 2017; Bahdanau et al., "
    "Neural machine translation by jointly learning to align and translate, 2015; Xu et al., "
    "Show, attend and tell, 2015 (soft and hard attention)."
)
close_page(page)
