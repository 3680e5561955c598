"""The controls that load, rename and resize a toy."""

from __future__ import annotations

from functools import partial
from typing import Final

import streamlit as st

from core.presets import PRESETS, SEEDED, Toy
from pages._shared.toy_state import ToyState, load_state, read_tokens, save_state

MAX_SIZE: Final = 8


def choose_toy(name: str) -> ToyState:
    """Draw preset, tokens and sizes, and return the toy that they lead to.

    Parameters
    ----------
    name : str
        Under which the state is kept; prefix of the widgets' keys.
    """
    first = next(iter(PRESETS))
    state = load_state(name, ToyState.of(PRESETS[first](), query=2, key=1))
    _fill(name, state)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            "Start from",
            tuple(PRESETS),
            key=f"{name}.preset",
            width=190,
            persist_state="session",
            on_change=partial(_load, name),
        )
        if st.session_state[f"{name}.preset"] in SEEDED:
            st.number_input(
                "Seed",
                0,
                9999,
                0,
                key=f"{name}.seed",
                width=120,
                persist_state="session",
                on_change=partial(_load, name),
            )
        text = st.text_input(
            "Tokens, 2 to 8 words",
            key=f"{name}.tokens",
            width=260,
            persist_state="session",
            help="Rename, add or remove words. New words start with zeros.",
        )
        most_head, most_value = (max(MAX_SIZE, size) for size in state.largest_sizes)
        d_head = _size(name, "d_head", most_head, "Length of a query and of a key")
        d_value = _size(name, "d_value", most_value, "Length of a value and of an output")
    try:
        tokens = read_tokens(text)
    except ValueError as error:
        st.warning(
            f"{error} The matrices still show the words before.", icon=":material/edit_note:"
        )
        tokens = state.toy.tokens
    resized = state.resized(tokens, d_head, d_value)
    save_state(name, resized)
    return resized


def _size(name: str, label: str, most: int, meaning: str) -> int:
    return int(
        st.number_input(
            label,
            1,
            most,
            key=f"{name}.{label}",
            width=120,
            persist_state="session",
            help=f"{meaning}, 1 to {most}.",
        )
    )


def _fill(name: str, state: ToyState) -> None:
    """Give the widgets their first values; afterwards they keep their own."""
    st.session_state.setdefault(f"{name}.tokens", " ".join(state.toy.tokens))
    st.session_state.setdefault(f"{name}.d_head", state.toy.query.shape[1])
    st.session_state.setdefault(f"{name}.d_value", state.toy.value.shape[1])


def _load(name: str) -> None:
    """Replace the toy by the chosen preset, widgets included."""
    toy = _build(st.session_state[f"{name}.preset"], int(st.session_state.get(f"{name}.seed", 0)))
    version = load_state(name, ToyState.of(toy)).version + 1
    save_state(name, ToyState.of(toy, version=version))
    st.session_state[f"{name}.tokens"] = " ".join(toy.tokens)
    st.session_state[f"{name}.d_head"] = toy.query.shape[1]
    st.session_state[f"{name}.d_value"] = toy.value.shape[1]


def _build(preset: str, seed: int) -> Toy:
    return PRESETS[preset](seed=seed) if preset in SEEDED else PRESETS[preset]()
