"""The controls that load, rename and resize a toy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.presets import PRESETS, SEEDED
from pages._shared.preset_controls import choose_preset
from pages._shared.toy_state import ToyState, read_tokens

MAX_SIZE: Final = 8


def choose_toy(
    name: str, state: ToyState, loads: int, on_load: Callable[[ToyState], None]
) -> ToyState:
    """Draw preset, tokens and sizes, and return the toy that they lead to.

    Parameters
    ----------
    name : str
        Prefix of the widgets' keys.
    state : ToyState
        As it was.
    loads : int
        Part of the key of what a reader types into.
    on_load : callable
        Called before the rerun with the toy of a preset that was chosen.
    """
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        choose_preset(
            name,
            tuple(PRESETS),
            takes_seed=state.preset in SEEDED,
            seed=state.seed,
            loads=loads,
            on_load=lambda preset, seed: on_load(ToyState.load(preset, seed)),
        )
        text = st.text_input(
            "Tokens, 2 to 8 words",
            key=f"{name}.tokens.{loads}",
            width=260,
            persist_state="session",
            help="Rename, add or remove words. New words start with zeros.",
        )
        most_head, most_value = (max(MAX_SIZE, size) for size in state.largest_sizes)
        d_head = _size(f"{name}.d_head.{loads}", "d_head", most_head, "Length of a query and key")
        d_value = _size(
            f"{name}.d_value.{loads}", "d_value", most_value, "Length of a value and output"
        )
    try:
        tokens = read_tokens(text)
    except ValueError as error:
        st.warning(
            f"{error} The matrices still show the words before.", icon=":material/edit_note:"
        )
        tokens = state.toy.tokens
    return state.resized(tokens, d_head, d_value)


def _size(key: str, label: str, most: int, meaning: str) -> int:
    size = st.number_input(
        label,
        1,
        most,
        key=key,
        width=120,
        persist_state="session",
        help=f"{meaning}, 1 to {most}.",
    )
    return int(size)
