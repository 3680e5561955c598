"""Why several small attentions instead of one? The same columns, cut into heads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.attention_map import ATTENTION_MAP
from pages._shared.experiments.multi_head import EXPERIMENTS
from pages._shared.head_grid import HEAD_GRID
from pages._shared.lab import Lab
from pages._shared.matrix import Choice
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.multi_head_board import rows_of
from pages._shared.multi_head_controls import choose
from pages._shared.multi_head_counts import real_line, real_table, toy_table
from pages._shared.multi_head_cut import CACHE, COUNTS, NAME, MultiHeadState
from pages._shared.multi_head_scene import Scene, see
from pages._shared.multi_head_state import STORE
from pages._shared.multi_head_work import TAKEAWAY, chosen_place, work_of
from pages._shared.page import close_page, send_first
from pages._shared.teacher import Switches
from pages._shared.trained_heads_view import draw as draw_heads
from pages._shared.trap_lab import TRAP_LAB, draw_traps
from pages._shared.traps.multi_head import TRAPS
from pages._shared.work import draw_work

LAB: Final = Lab(
    "pages/multi_head.py",
    STORE,
    see,
    EXPERIMENTS,
    TAKEAWAY,
    note=lambda state: state.note,
)


def draw_board(scene: Scene) -> None:
    """Draw the heads' maps and the product that the reader chose."""
    shown = STORE.version(scene.state.version)

    # What was done to this board means nothing to a toy that was loaded in the meantime.
    def keep(change: Callable[[MultiHeadState], MultiHeadState]) -> None:
        now = STORE.current
        if STORE.version(now.version) == shown:
            STORE.keep(change(now))

    def take_edit(arrays: Mapping[str, NDArray[Any]]) -> None:
        keep(lambda state: state.edited(arrays))

    def take_choice(choice: Choice) -> None:
        keep(lambda state: state.chosen(choice))

    def take_switch(matrix: str, on: bool) -> None:
        keep(lambda state: state.switched(matrix, on))

    head, reader, source = chosen_place(scene)
    is_cache = scene.state.part == CACHE
    matrix_board(
        rows_of(scene),
        key=f"{NAME}.board",
        version=shown,
        on_edit=take_edit,
        on_choose=take_choice,
        on_switch=take_switch,
        chosen={"head": head, "key": source} if is_cache else {"query": reader, "key": source},
        news=LAB.news(),
    )


def draw_counts(state: MultiHeadState) -> None:
    """Draw what heads and their cache cost, here and in a model of a known size."""
    from pages._shared.multi_head_charts import cache_frame, cache_spec  # Altair: here alone

    with st.container(horizontal=True, gap="large"):  # one below the other where it is narrow
        st.html(toy_table(state), width="content")
        st.html(real_table(state), width="content")
    st.vega_lite_chart(
        cache_frame(state),
        cache_spec(),
        alt="Size of the cache against the number of tokens; in numbers in the table",
    )
    st.caption(real_line(state))


@st.fragment
def draw_live() -> None:
    """Draw what answers to an edit, and nothing else: this is what a drag redraws."""
    LAB.begin_live()
    scene = see(STORE.current)
    if scene.state.part == COUNTS:
        draw_counts(scene.state)
        return
    draw_board(scene)
    send_first()
    draw_work(NAME, work_of(scene))


@st.fragment
def draw_trained(switches: Switches) -> None:
    """Draw the heads of the trained encoder, in place of the toy."""
    LAB.begin_live()
    draw_heads(LAB.news(), controls=not switches.hide_controls)


def load_preset(preset: str, seed: int) -> None:
    """Put a preset in place of what is there."""
    STORE.install(STORE.current.loaded(preset, seed))


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the controls and what they control."""
    LAB.start(switches)
    # In containers, so that a message that comes or goes does not move the board: it would be made
    # anew under the reader's hand.
    with st.container():
        if not switches.hide_controls:
            STORE.keep(choose(STORE.current, STORE.loads, load_preset))
    LAB.draw_tools(switches)
    if STORE.current.trained.on:
        draw_trained(switches)
    else:
        draw_live()
    LAB.draw_lesson(switches)
    draw_traps(LAB, TRAPS)


class_switches = LAB.open(
    BOARD,
    HEAD_GRID,
    ATTENTION_MAP,
    TRAP_LAB,
    about=(
        r"$\text{output} = [\text{head}_1, \dots, \text{head}_h]\, W_O$: each head is one "
        "attention with its own columns of W_Q, and of W_K and W_V unless heads share them. "
        "**Drag** a number of X or W, **drop** a head, **choose** a weight for its arithmetic."
    ),
)
draw_lab(class_switches)
LAB.draw_take()
st.caption(
    "A toy but for “72 trained heads”: its numbers were made by hand or drawn, and no head learnt "
    "its role. In trained models some heads do read the previous or the next word, but a map says "
    "what is read, not what for: drop the head to see what it does. Sources: Vaswani et al. 2017, "
    "section 3.2.2; Shazeer 2019 (multi-query); Ainslie et al. 2023 (grouped)."
)
close_page(LAB.page)
