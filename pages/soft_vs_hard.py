"""Why average when one could choose? Soft and hard attention side by side, and trained live."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared import soft_hard_charts
from pages._shared.drawing import DRAWINGS, draw
from pages._shared.experiments.soft_vs_hard import EXPERIMENTS
from pages._shared.lab import Lab
from pages._shared.matrix import Choice
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.page import close_page, send_first
from pages._shared.soft_hard_board import rows_of
from pages._shared.soft_hard_controls import draw_controls
from pages._shared.soft_hard_scene import HardState, Scene
from pages._shared.soft_hard_training import TRAINER, draw_training
from pages._shared.soft_hard_training_work import training_work
from pages._shared.soft_hard_words import gradient_here, how_far_off
from pages._shared.soft_vs_hard_state import GRADIENTS, NAME, STORE, TRAINING, see
from pages._shared.soft_vs_hard_work import TAKEAWAY, work_of
from pages._shared.teacher import Switches
from pages._shared.training import TRAINING as TRAINING_BAR
from pages._shared.training import load_torch
from pages._shared.work import draw_work

LAB: Final = Lab(
    "pages/soft_vs_hard.py",
    STORE,
    see,
    EXPERIMENTS,
    TAKEAWAY,
    note=lambda state: TASK if state.picture == TRAINING else state.note,
    link_note=lambda state: TRAINED_NOTE if TRAINER.trained is not None else "",
)
# Up to here the kinds have room beside query, keys and values.
FEW_KEYS: Final = 5
# Beside the pictures where there is room, below them where there is not.
PICTURE_WIDTH: Final = 340
WORK_WIDTH: Final = 580
TASK: Final = (
    "Find the key: a query names one of 16 keys, and the value beside it is the answer. Only the "
    "loss of the answer teaches where to read."
)
TRAINED_NOTE: Final = "What was trained stays here; the link has its settings."


def draw_board(scene: Scene) -> None:
    """Draw one query, the keys and the values, and what each kind of attention makes of them."""
    shown = STORE.version()

    # What was done to this board means nothing to a toy that was loaded in the meantime.
    def keep(change: Callable[[HardState], HardState]) -> None:
        if STORE.version() == shown:
            STORE.keep(change(STORE.current))

    def take_edit(arrays: Mapping[str, NDArray[Any]]) -> None:
        keep(lambda state: state.edited(arrays))

    def take_choice(choice: Choice) -> None:
        keep(lambda state: state.chosen(choice))

    matrix_board(
        rows_of(scene),
        key=f"{NAME}.board",
        version=shown,
        news=LAB.news(),
        on_edit=take_edit,
        on_choose=take_choice,
        chosen={"kind": scene.state.row, "key": scene.state.chosen_key},
        beside=len(scene.state.tokens) <= FEW_KEYS,
    )


def draw_picture(scene: Scene) -> None:
    """Draw the draws as they pile up, or the output against a score and its gradient."""
    if scene.state.picture == GRADIENTS:
        marks, size = soft_hard_charts.sweep_picture(scene)
        name, text = "The output against a score, and its gradient", gradient_here(scene)
    else:
        marks, size = soft_hard_charts.draws_picture(scene)
        name, text = "The draws, and the error as they grow", how_far_off(scene)
    draw(marks, size, name=name, text=f"{name}. {text}", key=f"{NAME}.picture.drawing")


@st.fragment
def draw_live() -> None:
    """Draw what answers to an edit, and nothing else: this is what a drag redraws."""
    LAB.begin_live()
    scene = see(STORE.current)
    draw_board(scene)
    send_first()
    with st.container(horizontal=True, gap="medium"):
        with st.container(width=PICTURE_WIDTH):
            draw_picture(scene)
        with st.container(width=WORK_WIDTH):
            draw_work(NAME, work_of(scene))


@st.fragment
def draw_rounds() -> None:
    """Draw the training: this is what a round of it redraws."""
    LAB.begin_live()
    state = STORE.current
    draw_training(state.training, LAB.news(), all_of_it=state.picture == TRAINING)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the controls and what they control."""
    LAB.start(switches)
    # In containers, so that a message that comes or goes does not move the board.
    with st.container():
        if not switches.hide_controls:
            draw_controls()
        if STORE.current.picture == GRADIENTS:
            load_torch()
    LAB.draw_tools(switches)
    with st.container():
        is_training = STORE.current.picture == TRAINING
        if not is_training:
            draw_live()
        if is_training or TRAINER.is_running:
            draw_rounds()
        if is_training:
            draw_work(f"{NAME}.training", training_work(STORE.current.training), opened=False)
    LAB.draw_lesson(switches)


class_switches = LAB.open(
    BOARD,
    DRAWINGS,
    TRAINING_BAR,
    about=(
        "One query, several keys. **Soft** attention averages all values; **hard** attention takes "
        "one: that of the largest score, or one that is drawn. **Drag** a number; **choose** a "
        "cell of the weights for its arithmetic, and for the score that *Gradients* sweeps."
    ),
)
draw_lab(class_switches)
LAB.draw_take()
st.caption(
    "A toy: numbers chosen by hand or drawn, and a task made up for training, in which a "
    "query names one of 16 keys and the value beside it is the answer. What is easy to train here "
    "is no rank order for other tasks. Sources: Xu et al. 2015 (soft and hard attention); Williams "
    "1992 (REINFORCE); Bengio, Léonard and Courville 2013 (straight-through); Jang, Gu and Poole "
    "2017 and Maddison, Mnih and Teh 2017 (Gumbel-softmax)."
)
close_page(LAB.page)
