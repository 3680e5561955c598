"""The controls of the positional encoding page: words, encoding, and what that encoding needs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final, TypeVar

import streamlit as st

from core.position_attention import KINDS
from core.positional import LAYOUTS
from pages._shared.position_state import (
    BASES,
    LENGTHS,
    MOST_FIRST,
    MOST_HEADS,
    MOST_SEED,
    MOST_WIDTH,
    NAME,
    ROTARY_DIMS,
    STORE,
    WINDOWS,
)
from pages._shared.position_toy import PICTURES, TEXT_TABLE, PositionState
from pages._shared.toy_state import read_tokens

Choice = TypeVar("Choice", int, str)

_WAVED: Final = ("Sinusoidal", "Rotary")
_RELATIVE: Final = ("ALiBi", "T5 bias")
_LAYOUT_NAMES: Final = {"interleaved": "Interleaved", "halves": "Halves"}
_LAYOUT_HELP: Final = {
    "Sinusoidal": "Sine and cosine of a wave side by side, or all sines before all cosines.",
    "Rotary": "A number forms a pair with its neighbour, or with the one half a vector away.",
}


def draw_controls() -> None:
    """Draw the controls and keep what they say."""
    state, loads = STORE.current, STORE.loads
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        text = st.text_input(
            "Words, 2 to 8",
            key=f"{NAME}.tokens.{loads}",
            width=220,
            persist_state="session",
            help="A word has the same numbers wherever it stands.",
        )
        kind = st.segmented_control(
            "Positions",
            KINDS,
            required=True,
            key=f"{NAME}.kind",
            persist_state="session",
            wrap=True,
        )
        causal = st.toggle(
            "Causal mask",
            key=f"{NAME}.causal",
            persist_state="session",
            help="A word reads itself and what stands before it.",
        )
    state = replace(_with_words(state, text), kind=kind or KINDS[0], causal=causal)
    if state.kind != KINDS[0]:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            state = _with_options(state, loads)
    STORE.keep(state)


def _with_words(state: PositionState, text: str) -> PositionState:
    try:
        return state.typed(read_tokens(text))
    except ValueError as error:
        st.warning(f"{error} The page still shows the words before.", icon=":material/edit_note:")
        return state


def _with_options(state: PositionState, loads: int) -> PositionState:
    """Draw what the chosen encoding can be told."""
    changes: dict[str, Any] = {}
    if state.kind in _WAVED:
        changes |= _waves(state)
    if state.kind == "Rotary":
        changes["rotary_dim"] = _segments(
            "Numbers turned", "rotary_dim", ROTARY_DIMS, "How many of a word's 4 numbers."
        )
    if state.kind in (*_WAVED, *_RELATIVE):
        changes["first"] = _number(
            "First position", "first", loads, 0, MOST_FIRST, "Where the sentence begins."
        )
    if state.kind in _RELATIVE:
        changes |= _heads(state, loads)
    if state.kind == "Learned":
        seed = _number("Seed", "seed", loads, 0, MOST_SEED, "Draws the table before training.")
        state = state.seeded(seed)
    picture = _picture(state)
    # What this encoding shows for want of the picture chosen elsewhere is nobody's choice.
    if picture != state.shown_picture:
        changes["picture"] = picture
    if picture == TEXT_TABLE:
        changes["window"] = _segments(
            "Shown", "window", tuple(WINDOWS), "Positions of the text encoder's table."
        )
    if state.kind == "Sinusoidal":
        changes["width"] = _number(
            "Width", "width", loads, 1, MOST_WIDTH, "Numbers of a position, in the picture below."
        )
        changes["length"] = _number(
            "Length", "length", loads, *LENGTHS, "How many positions, in the picture below."
        )
    return replace(state, **changes)


def _waves(state: PositionState) -> dict[str, Any]:
    base = st.select_slider(
        "Base",
        BASES,
        format_func="{:,}".format,
        key=f"{NAME}.base",
        width=150,
        persist_state="session",
        help="The larger, the slower the slow waves. 10,000 in the papers.",
    )
    layout = st.segmented_control(
        "Layout",
        LAYOUTS,
        format_func=_LAYOUT_NAMES.__getitem__,
        required=True,
        key=f"{NAME}.layout",
        persist_state="session",
        help=_LAYOUT_HELP[state.kind],
    )
    return {"base": base, "layout": layout or LAYOUTS[0]}


def _heads(state: PositionState, loads: int) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    if state.kind == "ALiBi":
        changes["n_heads"] = _number(
            "Heads", "n_heads", loads, 1, MOST_HEADS, "They share out the slopes."
        )
        state = replace(state, **changes)
    key = f"{NAME}.head.{loads}"
    # There may be fewer heads by now.
    st.session_state[key] = min(int(st.session_state.get(key, 1)), state.heads)
    head = _number("Head", "head", loads, 1, state.heads, "The head that reads.")
    return changes if head == state.chosen_head + 1 else {**changes, "head": head}


def _picture(state: PositionState) -> str:
    offered = PICTURES[state.kind]
    if not offered:
        return ""
    picture = st.segmented_control(
        "Picture",
        offered,
        required=True,
        key=f"{NAME}.picture.{state.kind}",
        persist_state="session",
    )
    return picture or offered[0]


def _segments(label: str, name: str, options: tuple[Choice, ...], meaning: str) -> Choice:
    chosen = st.segmented_control(
        label,
        options,
        required=True,
        key=f"{NAME}.{name}",
        persist_state="session",
        help=meaning,
    )
    return chosen or options[-1]


def _number(label: str, name: str, loads: int, low: int, high: int, meaning: str) -> int:
    number = st.number_input(
        label,
        low,
        high,
        key=f"{NAME}.{name}.{loads}",
        width=115,
        persist_state="session",
        help=f"{meaning} {low} to {high}.",
    )
    return int(number)
