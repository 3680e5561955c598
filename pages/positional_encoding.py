"""Where did the word order go? Words are moved, and each encoding says what that changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.experiments.positional_encoding import EXPERIMENTS
from pages._shared.lab import Lab
from pages._shared.matrix import Choice
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.page import close_page, send_first
from pages._shared.position_board import rows_of
from pages._shared.position_controls import draw_controls
from pages._shared.position_learning import TASK, draw_learning, learned_version
from pages._shared.position_pictures import draw_live_picture, draw_still_picture
from pages._shared.position_state import NAME, STORE
from pages._shared.position_toy import TRAIN, PositionState, Scene, see
from pages._shared.position_words import formula_of, note_of, what_the_order_did
from pages._shared.position_work import TAKEAWAY, work_of
from pages._shared.teacher import Switches
from pages._shared.training import TRAINING, warm_up
from pages._shared.trap_lab import TRAP_LAB, draw_traps
from pages._shared.traps.positional_encoding import TRAPS
from pages._shared.value_map import VALUE_MAPS
from pages._shared.word_order import WORD_ORDER, word_order
from pages._shared.work import draw_work

LAB: Final = Lab(
    "pages/positional_encoding.py",
    STORE,
    see,
    EXPERIMENTS,
    TAKEAWAY,
    picked=lambda state: (state.query, state.key),
    note=note_of,
)
# Matrices whose cells are a query and a key.
PAIRS: Final = frozenset({"weights", "weights_without", "change", "change_without", "bias"})


def draw_words(scene: Scene) -> None:
    """Draw the words in their order, and what that order did."""
    state, shown = scene.state, STORE.version()

    def take_order(order: tuple[int, ...]) -> None:
        if STORE.version() == shown:
            STORE.keep(STORE.current.ordered(order), joins=False)

    word_order(
        state.tokens,
        state.order,
        key=f"{NAME}.order",
        version=shown,
        first=state.positions.first,
        said=what_the_order_did(scene),
        on_order=take_order,
    )


def draw_board(scene: Scene) -> None:
    """Draw words, positions, both maps of weights and the changes as one board."""
    state = scene.state
    # Other words, another order of them or other positions are other matrices.
    names = (state.kind, state.seed, learned_version(), *state.tokens, *state.order)
    shown = ".".join(map(str, (STORE.version(), *names)))

    def keep(change: Callable[[PositionState], PositionState]) -> None:
        now = STORE.current
        if (STORE.version(), now.tokens, now.order) == (version, state.tokens, state.order):
            STORE.keep(change(now))

    def take_edit(edited: Mapping[str, NDArray[Any]]) -> None:
        keep(lambda now: with_edits(now, edited))

    def take_choice(choice: Choice) -> None:
        if choice.matrix in PAIRS:
            keep(lambda now: replace(now, query=choice.row, key=choice.column))

    version = STORE.version()
    matrix_board(
        rows_of(scene),
        key=f"{NAME}.board",
        version=shown,
        on_edit=take_edit,
        on_choose=take_choice,
        chosen={"query": state.query, "key": state.key},
        news=LAB.news(),
    )


def with_edits(state: PositionState, edited: Mapping[str, NDArray[Any]]) -> PositionState:
    """Return the state with matrices as edited on the board."""
    changes: dict[str, NDArray[Any]] = {}
    if "content" in edited:
        changes["content"] = edited["content"][np.argsort(state.order)]  # as typed again
    if "position" in edited:
        table = edited["position"]
        changes["learned"] = np.concatenate([table, state.learned[len(table) :]])
    if "buckets" in edited:
        changes["buckets"] = edited["buckets"]
    return replace(state, **changes)  # type: ignore[arg-type]


@st.fragment
def draw_live() -> None:
    """Draw what answers to an edit and to a word that is moved."""
    LAB.begin_live()
    scene = see(STORE.current)
    draw_words(scene)
    draw_board(scene)
    send_first()
    draw_work(NAME, work_of(scene), opened=False)
    draw_live_picture(scene)


@st.fragment
def draw_training() -> None:
    """Draw the training, which draws itself anew round after round."""
    draw_learning()


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the controls and what they control."""
    LAB.start(switches)
    with st.container():
        if not switches.hide_controls:
            draw_controls()
    state = STORE.current
    st.markdown(formula_of(state))
    LAB.draw_tools(switches)
    draw_live()
    if state.shown_picture == TRAIN:
        warm_up()
        st.markdown(TASK)
        draw_training()
    else:
        draw_still_picture(state)
    LAB.draw_lesson(switches)
    draw_traps(LAB, TRAPS)


class_switches = LAB.open(
    BOARD,
    WORD_ORDER,
    VALUE_MAPS,
    TRAINING,
    TRAP_LAB,
    about=(
        "**Drag** a word to another place, or **shuffle** them, and compare what the words read "
        "without positions and with them. Each word's query, key and value are its own numbers; "
        "choose how positions come in. **Drag** a number to change it."
    ),
)
draw_lab(class_switches)
LAB.draw_take()
st.caption(
    "A toy: words have 4 numbers, chosen by hand or drawn by their letters, and there are no "
    "learned projections. T5's buckets were filled in by hand; T5 itself does not divide its "
    "scores by a root. Sources: Vaswani et al. 2017, section 3.5 (sinusoids); Su et al. 2021 "
    "(rotary); Press et al. 2022 (ALiBi); Raffel et al. 2020 (T5's bias). The trained tables "
    "are those of the text encoder and of the Vision Transformer that this lab ships."
)
close_page(LAB.page)
