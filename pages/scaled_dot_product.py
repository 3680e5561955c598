"""How do Q, K and V become an output? Every cell can be dragged, and every stage is shown."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.softmax import entropy
from pages._shared import arithmetic, chain, charts, geometry_charts
from pages._shared.attention_settings import Computed, Settings, choose_settings, compute
from pages._shared.matrix_board import Choice, matrix_board, nice_limit
from pages._shared.page import close_page, open_page
from pages._shared.torch_check import draw_torch_check
from pages._shared.toy_controls import choose_toy
from pages._shared.toy_state import ToyState, save_state
from pages._shared.words import literal, number, what_it_reads

STATE: Final = "scaled_dot_product"
VIEWS: Final = ("Lines and bars", "Geometry")


def draw_board(state: ToyState, settings: Settings, computed: Computed) -> None:
    """Draw the whole chain as one board of matrices."""

    def take_edit(arrays: Mapping[str, NDArray[Any]]) -> None:
        save_state(STATE, state.edited(arrays))

    def take_choice(choice: Choice) -> None:
        save_state(STATE, state.chosen(choice))

    tokens = state.toy.tokens
    rows = [
        chain.input_row(state.toy, state.base),
        chain.stage_row(computed.attention, computed.scaled, tokens, computed.scale),
        chain.result_row(
            computed.attention, tokens, settings.temperature, masked=computed.mask is not None
        ),
    ]
    if settings.mask == "Painted":
        rows[1] += chain.mask_row(state.painted, tokens)
    matrix_board(
        rows,
        key=f"{STATE}.board",
        version=state.version,
        on_edit=take_edit,
        on_choose=take_choice,
        chosen={"query": state.query, "key": state.key},
    )


def draw_picture(state: ToyState, computed: Computed) -> None:
    """Draw the attention as lines and bars, or as arrows in two dimensions."""
    tokens, weights = state.toy.tokens, computed.attention.weights
    view = st.segmented_control(
        "Picture",
        VIEWS,
        default=VIEWS[0],
        required=True,
        key=f"{STATE}.view",
        persist_state="session",
        label_visibility="collapsed",
    )
    said = what_it_reads(tokens[state.query], tokens, weights[state.query])
    if view == VIEWS[0]:
        frame = charts.links_frame(weights, tokens, tokens, state.query)
        st.vega_lite_chart(frame, charts.links_spec(len(tokens)), alt=said)
        st.caption(f"{literal(said)} Point at a line to see its query's row; else the chosen row.")
    elif computed.query.shape[1] != 2 or computed.value.shape[1] != 2:
        st.info("Arrows need a plane: set d_head and d_value to 2.", icon=":material/straighten:")
    else:
        draw_geometry(state, computed, said)


def draw_geometry(state: ToyState, computed: Computed, said: str) -> None:
    """Draw the chosen query among the keys, and its output among the values."""
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
        st.vega_lite_chart(frame, arrows, width="content", alt=said)
        st.vega_lite_chart(frame, average, width="content", alt=said)
    st.caption(
        f"{literal(said)} A key scores high where it is long and points the query's way. "
        "The output never leaves the hull of the values, because it is their average."
    )


def draw_arithmetic(state: ToyState, settings: Settings, computed: Computed) -> None:
    """Write out the chosen weight and its output in real numbers."""
    i, j, attention = state.query, state.key, computed.attention
    reader, source = (literal(state.toy.tokens[k]) for k in (i, j))
    st.subheader(f"The sum behind “{reader}” reading “{source}”", anchor=False)
    lines = (
        arithmetic.score_line(computed.query[i], computed.key[j], attention.scores[i, j]),
        arithmetic.scaled_line(
            attention.scores[i, j], computed.query.shape[1], settings.divided, computed.scaled[i, j]
        ),
        arithmetic.weight_line(
            attention.logits[i], j, settings.temperature, attention.weights[i, j]
        ),
        arithmetic.output_line(attention.weights[i], computed.value, attention.output[i]),
    )
    st.markdown("\n\n".join(f"$${line}$$" for line in lines))
    weights = attention.weights[i].astype(np.float64)
    if np.isfinite(weights).all() and weights.any():
        n_allowed = int(np.isfinite(attention.logits[i]).sum())
        st.caption(
            f"Entropy of this row: {number(float(entropy(weights)))} nats, of at most "
            f"ln {n_allowed} = {number(math.log(n_allowed))}. Choose another cell to see its sum."
        )


@st.fragment
def draw_lab() -> None:
    """Draw everything that answers to an edit; the rest of the page stays as it is."""
    state = choose_toy(STATE)
    settings = choose_settings(STATE, len(state.toy.tokens))
    computed = compute(state.toy, state.painted, settings)
    if state.untouched:
        st.caption(literal(state.toy.note))
    draw_board(state, settings, computed)
    st.caption(
        "Rows ask, columns are asked. Drag a cell of Q, K or V sideways, or type into it; "
        "point at any cell to follow it through the chain; choose a weight to see its sum below."
    )
    draw_picture(state, computed)
    draw_arithmetic(state, settings, computed)
    draw_torch_check(STATE, settings, computed)


page = open_page("pages/scaled_dot_product.py")
st.latex(r"\text{output} = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d_\text{head}}}\right) V")
draw_lab()
st.caption(
    "A toy: the numbers were chosen or drawn, not learned. "
    "Source: Vaswani et al., Attention is all you need, 2017, equation 1."
)
close_page(page)
