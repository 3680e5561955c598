"""The controls of the multi-head page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from core.head_presets import HEAD_PRESETS, MAX_WORDS
from pages._shared.multi_head_counts import count_line
from pages._shared.multi_head_cut import (
    CACHE,
    CONTEXTS,
    COUNTS,
    HEADS,
    LONGEST_WORD,
    NAME,
    PARTS,
    PRECISIONS,
    SEEDED,
    SIZES,
    TRAINED,
    MultiHeadState,
)
from pages._shared.preset_controls import choose_preset
from pages._shared.toy_state import read_tokens
from pages._shared.trained_heads_view import choose_sentence

_PART: Final = f"{NAME}.part"


def choose(
    state: MultiHeadState, loads: int, on_load: Callable[[str, int], None]
) -> MultiHeadState:
    """Draw the controls and return the state that they lead to.

    Parameters
    ----------
    state : MultiHeadState
        As it was.
    loads : int
        Part of the key of what a reader types into.
    on_load : callable
        Called before the rerun with the preset that was chosen and the seed.
    """
    trained = st.session_state.get(_PART, state.part) == TRAINED
    state = replace(state, trained=replace(state.trained, on=trained))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if trained:
            state = replace(state, trained=choose_sentence(state.trained, loads))
        else:
            state = _choose_words(state, loads, on_load)
            state = _choose_heads(state, loads)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        state = _choose_part(state, loads)
    if not trained:
        st.caption(count_line(state))
    return state


def _choose_words(
    state: MultiHeadState, loads: int, on_load: Callable[[str, int], None]
) -> MultiHeadState:
    choose_preset(
        NAME,
        tuple(HEAD_PRESETS),
        takes_seed=state.preset in SEEDED,
        seed=state.seed,
        loads=loads,
        on_load=on_load,
        width=160,
        seed_width=100,
    )
    text = st.text_input(
        "Words, 2 to 6",
        key=f"{NAME}.words.{loads}",
        width=190,
        persist_state="session",
        help="Rename, add or remove words. A new word has nothing but its place.",
    )
    try:
        return state.said(read_tokens(text, MAX_WORDS, LONGEST_WORD))
    except ValueError as error:
        st.warning(
            f"{error} The matrices still show the words before.", icon=":material/edit_note:"
        )
        return state


def _choose_heads(state: MultiHeadState, loads: int) -> MultiHeadState:
    n_head = st.segmented_control(
        "Heads",
        HEADS,
        required=True,
        key=f"{NAME}.n_head",
        persist_state="session",
        help="Into how many heads the same 8 columns are cut.",
    )
    n_head = n_head or state.n_head
    key = f"{NAME}.n_kv_head.{loads}"  # what it offers differs from state to state
    asked = st.session_state.get(key, state.n_kv_head)
    # Other heads leave as many of them together as before.
    state = state.cut(n_head, asked if asked != state.n_kv_head and asked <= n_head else None)
    st.session_state[key] = state.n_kv_head
    st.segmented_control(
        f"Key/value heads: {state.sharing.lower()}",
        [n for n in HEADS if n <= n_head],
        required=True,
        key=key,
        persist_state="session",
        help="Multi-head: each head has keys and values of its own. Grouped: neighbouring heads "
        "share them. Multi-query: all heads share one set.",
    )
    return state


def _choose_part(state: MultiHeadState, loads: int) -> MultiHeadState:
    part = st.segmented_control(
        "Show", (*PARTS, TRAINED), required=True, key=_PART, persist_state="session", wrap=True
    )
    if part == TRAINED:
        return state
    state = replace(state, part=part or state.part)
    if part == CACHE:
        return _choose_word(state, loads)
    if part == COUNTS:
        return _choose_size(state)
    causal = st.toggle(
        "Causal",
        key=f"{NAME}.causal",
        persist_state="session",
        help="A word reads itself and what stands before it.",
    )
    mean = st.toggle(
        "Mean of the heads",
        key=f"{NAME}.mean",
        persist_state="session",
        help="The average of the maps, and how much of each head's weight lies elsewhere.",
    )
    return replace(state, causal=causal, mean=mean)


def _choose_word(state: MultiHeadState, loads: int) -> MultiHeadState:
    n_word = len(state.words)
    key = f"{NAME}.n_cached.{loads}"
    st.session_state[key] = min(int(st.session_state.get(key, state.n_cached)), n_word)
    n_cached = st.slider(
        "Words so far",
        1,
        n_word,
        key=key,
        width=260,
        persist_state="session",
        help="Each step computes one word; keys and values of those before are kept.",
    )
    return replace(state, n_cached=n_cached)


def _choose_size(state: MultiHeadState) -> MultiHeadState:
    size = st.selectbox("Model", SIZES, key=f"{NAME}.size", width=190, persist_state="session")
    context = st.selectbox(
        "Tokens",
        CONTEXTS,
        format_func=lambda n: f"{n:,}",
        key=f"{NAME}.context",
        width=120,
        persist_state="session",
    )
    precision = st.selectbox(
        "Numbers of", PRECISIONS, key=f"{NAME}.precision", width=110, persist_state="session"
    )
    return replace(state, size=size, context=context, precision=precision)
