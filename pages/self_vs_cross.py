"""Who asks, and who is asked? Two sentences, and everything that is computed between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.attention_lines import ATTENTION_LINES, attention_lines
from pages._shared.attention_map import ATTENTION_MAP
from pages._shared.experiments.self_vs_cross import EXPERIMENTS
from pages._shared.head_grid import HEAD_GRID
from pages._shared.lab import Lab
from pages._shared.matrix import Choice
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.page import close_page, send_first
from pages._shared.self_cross import NAME, SelfCrossState
from pages._shared.self_cross_board import is_narrow, rows_of
from pages._shared.self_cross_controls import choose_sequences, with_typed_words
from pages._shared.self_cross_drawing import WHO_ASKS, Move, draw_who_asks
from pages._shared.self_cross_scene import Scene, see
from pages._shared.self_cross_state import STORE, keep, note_of
from pages._shared.self_cross_work import TAKEAWAY, what_moved, work_of
from pages._shared.teacher import Switches
from pages._shared.trained_sequences_view import draw as draw_models
from pages._shared.trap_lab import TRAP_LAB, draw_traps
from pages._shared.traps.self_vs_cross import TRAPS
from pages._shared.work import draw_work

LAB: Final = Lab(
    "pages/self_vs_cross.py",
    STORE,
    see,
    EXPERIMENTS,
    TAKEAWAY,
    picked=lambda state: see(state).chosen,
    note=note_of,
)
# Choosing in one of these chooses a weight; in the others a row of Q, K, V or the output.
ATTENTION: Final = ("scores", "scaled", "masked", "weights")


def draw_board(scene: Scene) -> None:
    """Draw everything from the embeddings to the output as one board of matrices."""
    shown = STORE.version(scene.state.version)

    def take_edit(arrays: Mapping[str, NDArray[Any]]) -> None:
        keep(shown, lambda state: state.edited(arrays))

    def take_choice(choice: Choice) -> None:
        if choice.matrix in ATTENTION:
            keep(shown, lambda state: replace(state, query=choice.row, key=choice.column))
        elif choice.matrix in ("query", "output"):
            keep(shown, lambda state: replace(state, query=choice.row))
        elif choice.matrix in ("key", "value"):
            keep(shown, lambda state: replace(state, key=choice.row))

    query, key = scene.chosen
    matrix_board(
        rows_of(scene),
        key=f"{NAME}.board",
        version=shown,
        on_edit=take_edit,
        on_choose=take_choice,
        chosen={"query": query, "key": key},
        news=LAB.news(),
        beside=is_narrow(scene),
    )


def draw_lines(scene: Scene) -> None:
    """Draw the attention as lines, and say what another order of the words has changed."""
    if scene.moved is not None:
        sentence = escape(what_moved(scene, scene.moved))
        st.html(f"<div class='sum moved'><p class='said'>{sentence}</p></div>")
    shown, version = scene.shown, STORE.version(scene.state.version)

    def take_choice(choice: Choice) -> None:
        keep(version, lambda state: replace(state, query=choice.row, key=choice.column))

    attention_lines(
        shown.attention.weights,
        shown.rows,
        shown.asked,
        key=f"{NAME}.lines",
        version=version,
        chosen=scene.chosen,
        on_choose=take_choice,
    )


@st.fragment
def draw_live(_switches: Switches) -> None:
    """Draw what answers to an edit, and nothing else: this is what a drag redraws."""
    LAB.begin_live()
    scene = see(STORE.current)
    picture = st.container()
    draw_board(scene)
    send_first()
    with picture:
        draw_lines(scene)
    draw_work(NAME, work_of(scene))


@st.fragment
def draw_trained(switches: Switches) -> None:
    """Draw attention of a trained model, in place of the toy."""
    LAB.begin_live()
    draw_models(LAB.news(), controls=not switches.hide_controls)


def draw_drawing() -> None:
    """Draw who gives Q, K and V; words change places there, and a step is chosen."""
    scene = see(STORE.current)

    def take_move(move: Move) -> None:
        typed, _ = with_typed_words(STORE.current, STORE.loads)
        STORE.install(move.on(typed))

    version = STORE.version(scene.state.version)
    draw_who_asks(
        scene,
        key=f"{NAME}.who",
        version=version,
        on_move=take_move,
        on_step=lambda step: STORE.keep(STORE.current.with_step(step)),
    )


def load(example: SelfCrossState) -> None:
    """Put an example in place; what else is open stays so."""
    now = STORE.current
    STORE.install(replace(example, trap=now.trap, trained=now.trained))


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the controls and what they control."""
    LAB.start(switches)
    # In containers, so that a message that comes or goes does not move the board: it would be made
    # anew under the reader's hand.
    with st.container():
        if not switches.hide_controls:
            STORE.keep(choose_sequences(STORE.current, STORE.loads, on_load=load))
    if not (trained := STORE.current.trained.on):
        draw_drawing()
    LAB.draw_tools(switches)
    (draw_trained if trained else draw_live)(switches)
    LAB.draw_lesson(switches)
    draw_traps(LAB, TRAPS)


class_switches = LAB.open(
    BOARD,
    ATTENTION_LINES,
    ATTENTION_MAP,
    HEAD_GRID,
    WHO_ASKS,
    TRAP_LAB,
    about=(
        r"$Q = X_\text{target} W_Q$, $K = X_\text{source} W_K$, $V = X_\text{source} W_V$; in "
        r"self-attention both $X$ are one. **Drag** a word onto another, or choose two, to swap "
        "them; **drag** a number to change it; **choose** a weight for its arithmetic."
    ),
)
draw_lab(class_switches)
LAB.draw_take()
st.caption(
    "A toy but for “Trained models”: embeddings and matrices were chosen by hand or drawn, and no "
    "word is translated. Trained models have learned theirs, in many heads and layers. Without "
    "positions attention knows words by their embeddings alone, in whatever order they stand; only "
    "a causal mask brings order in. Sources: Vaswani et al. 2017, sections 3.1 and 3.2.3; residual "
    "connection: He et al. 2015."
)
close_page(LAB.page)
