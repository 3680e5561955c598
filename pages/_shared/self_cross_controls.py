"""The controls of the page on self- and cross-attention: example, kind, words and sizes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.sequence_examples import EXAMPLES, MOST_NUMBERS, SEEDED
from pages._shared.self_cross import CROSS, DECODER, KINDS, NAME, SelfCrossState
from pages._shared.toy_state import read_tokens


def choose_sequences(
    state: SelfCrossState, loads: int, on_load: Callable[[SelfCrossState], None]
) -> SelfCrossState:
    """Draw the controls, and return the state that they lead to.

    Parameters
    ----------
    state : SelfCrossState
        As it was.
    loads : int
        Part of the key of what a reader types into.
    on_load : callable
        Called before the rerun with the state of an example that was chosen.
    """

    def load() -> None:
        seed = int(st.session_state.get(f"{NAME}.seed.{loads}", state.seed))
        loaded = SelfCrossState.load(st.session_state[f"{NAME}.preset"], seed, state.kind)
        on_load(replace(loaded, draw=state.draw))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Start from",
            tuple(EXAMPLES),
            key=f"{NAME}.preset",
            width=230,
            persist_state="session",
            on_change=load,
        )
        if state.preset in SEEDED:
            st.number_input(
                "Seed",
                0,
                9999,
                key=f"{NAME}.seed.{loads}",
                width=120,
                persist_state="session",
                on_change=load,
            )
        kind = st.segmented_control(
            "Kind",
            tuple(KINDS),
            required=True,
            key=f"{NAME}.kind",
            persist_state="session",
            help="Who gives the queries, and who the keys and values.",
        )
    changed = state.with_kind(kind or CROSS)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for side in ("target", "source") if changed.kind in (CROSS, DECODER) else ("target",):
            changed = _choose_words(changed, side, loads)
        d_model = _size("d_model", loads, "Numbers in an embedding")
        d_head = _size("d_head", loads, "Numbers in a query and key")
        d_value = changed.d_value
        if changed.kind != DECODER:
            d_value = _size("d_value", loads, "Numbers in a value and output")
    return changed.with_sizes(d_model, d_head, d_value)


def _choose_words(state: SelfCrossState, side: str, loads: int) -> SelfCrossState:
    """Draw the field with the words of one side."""
    text = st.text_input(
        f"{side.capitalize()}, 2 to 8 words",
        key=f"{NAME}.{side}.{loads}",
        width=230,
        persist_state="session",
        help="Rename, add or remove words. In the examples made by hand new words are zeros.",
    )
    try:
        return state.with_words(side, read_tokens(text))
    except ValueError as error:
        st.warning(
            f"{error} The matrices still show the words before.", icon=":material/edit_note:"
        )
        return state


def _size(name: str, loads: int, meaning: str) -> int:
    size = st.number_input(
        name,
        1,
        MOST_NUMBERS,
        key=f"{NAME}.{name}.{loads}",
        width=110,
        persist_state="session",
        help=f"{meaning}, 1 to {MOST_NUMBERS}.",
    )
    return int(size)
