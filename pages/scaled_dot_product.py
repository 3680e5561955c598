"""How do Q, K and V become an output? Every cell can be dragged, and every stage is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.attention_lines import ATTENTION_LINES, attention_lines
from pages._shared.attention_settings import Computed, choose_settings
from pages._shared.dot_product_state import GEOMETRY, LINES, NAME, PICTURES, STORE, Scene, see
from pages._shared.dot_product_work import TAKEAWAY, rows_of, work_of
from pages._shared.experiments.scaled_dot_product import EXPERIMENTS
from pages._shared.lab import Lab
from pages._shared.matrix import Choice, nice_limit
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.page import close_page, send_first
from pages._shared.teacher import Switches
from pages._shared.toy_controls import choose_toy
from pages._shared.toy_state import ToyState
from pages._shared.trap_lab import TRAP_LAB, draw_traps
from pages._shared.traps.scaled_dot_product import TRAPS
from pages._shared.work import draw_work

LAB: Final = Lab(
    "pages/scaled_dot_product.py",
    STORE,
    see,
    EXPERIMENTS,
    TAKEAWAY,
    picked=lambda state: (state.board.query, state.board.key),
    note=lambda state: state.note,
)
# Up to here the chain has room beside Q, K and V.
NARROW: Final = 3
FEW_TOKENS: Final = 5


def keep(shown: str, change: Callable[[ToyState], ToyState]) -> None:
    """Keep a change of the board; done to a toy that was replaced meanwhile, it means nothing."""
    now = STORE.current
    if STORE.version(now.board.version) == shown:
        STORE.keep(replace(now, board=change(now.board)))


def draw_board(scene: Scene) -> None:
    """Draw the whole chain as one board of matrices."""
    state = scene.state.board
    shown = STORE.version(state.version)

    def take_edit(arrays: Mapping[str, NDArray[Any]]) -> None:
        keep(shown, lambda board: board.edited(arrays))

    def take_choice(choice: Choice) -> None:
        keep(shown, lambda board: board.chosen(choice))

    matrix_board(
        rows_of(scene),
        key=f"{NAME}.board",
        version=shown,
        on_edit=take_edit,
        on_choose=take_choice,
        chosen={"query": state.query, "key": state.key},
        news=LAB.news(),
        beside=max(state.sizes) <= NARROW and len(state.toy.tokens) <= FEW_TOKENS,
    )


def draw_lines(state: ToyState, computed: Computed) -> None:
    """Draw the attention as lines, and the chosen row's weights as bars."""
    tokens, shown = state.toy.tokens, STORE.version(state.version)

    def take_choice(choice: Choice) -> None:
        keep(shown, lambda board: board.chosen(choice))

    attention_lines(
        computed.attention.weights,
        tokens,
        tokens,
        key=f"{NAME}.lines",
        version=shown,
        chosen=(state.query, state.key),
        on_choose=take_choice,
    )


def draw_geometry(state: ToyState, computed: Computed) -> None:
    """Draw the chosen query among the keys, and its output among the values."""
    if computed.query.shape[1] != 2 or computed.value.shape[1] != 2:
        st.info("Arrows need a plane: set d_head and d_value to 2.", icon=":material/straighten:")
        return
    from pages._shared import geometry_charts  # Altair: here alone

    i, attention = state.query, computed.attention
    frame = geometry_charts.geometry_frame(
        computed.query[i],
        computed.key,
        computed.value,
        attention.weights[i],
        attention.output[i],
        state.toy.tokens,
    )
    arrows = geometry_charts.arrows_spec(nice_limit(computed.query, computed.key))
    average = geometry_charts.average_spec(nice_limit(computed.value))
    with st.container(horizontal=True):
        st.vega_lite_chart(
            frame, arrows, width="content", alt="The chosen query and the keys as arrows"
        )
        st.vega_lite_chart(
            frame, average, width="content", alt="The output inside the hull of the values"
        )


@st.fragment
def draw_live() -> None:
    """Draw what answers to an edit, and nothing else: this is what a drag redraws."""
    LAB.begin_live()
    scene = see(STORE.current)
    draw_board(scene)
    send_first()
    if scene.state.picture == GEOMETRY:
        draw_geometry(scene.state.board, scene.computed)
    else:
        draw_lines(scene.state.board, scene.computed)
    draw_work(NAME, work_of(scene))


def draw_controls() -> None:
    """Draw preset, tokens, sizes, switches and the choice of a picture."""
    state, loads = STORE.current, STORE.loads
    board = choose_toy(
        NAME, state.board, loads, lambda toy: STORE.install(replace(STORE.current, board=toy))
    )
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        settings = choose_settings(NAME, state.settings, len(board.toy.tokens), loads)
        picture = st.segmented_control(
            "Picture", PICTURES, required=True, key=f"{NAME}.picture", persist_state="session"
        )
    STORE.keep(replace(state, board=board, settings=settings, picture=picture or LINES))


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the controls and what they control."""
    LAB.start(switches)
    # In containers, so that a message that comes or goes does not move the board: it would be made
    # anew under the reader's hand.
    with st.container():
        if not switches.hide_controls:
            draw_controls()
    LAB.draw_tools(switches)
    draw_live()
    LAB.draw_lesson(switches)
    draw_traps(LAB, TRAPS)


class_switches = LAB.open(
    BOARD,
    ATTENTION_LINES,
    TRAP_LAB,
    about=(
        r"$\text{output} = \text{softmax}\left(Q K^\top / \sqrt{d_\text{head}}\right) V$. "
        "Rows ask, columns are asked. **Drag** a cell of Q, K or V sideways, or type into it; "
        "**point** at a cell or a line to follow it; **choose** a weight for its arithmetic."
    ),
)
draw_lab(class_switches)
LAB.draw_take()
st.caption(
    "A toy: the numbers were chosen or drawn. In a trained model Q, K and V are computed from the "
    "tokens by learned matrices. In the geometry, a key scores high "
    "where it is long and points the query's way; the output is an average, so it stays in the "
    "hull of the values (with nothing to read it is 0). Source: Vaswani et al. 2017, equation 1."
)
close_page(LAB.page)
