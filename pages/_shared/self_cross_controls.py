"""The controls of the page on self- and cross-attention: example, kind, words and sizes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import streamlit as st

from core.sequence_examples import EXAMPLES, MOST_NUMBERS, SEEDED
from pages._shared.preset_controls import choose_preset
from pages._shared.self_cross import CROSS, DECODER, KINDS, NAME, SIDES, TRAINED, SelfCrossState
from pages._shared.toy_state import read_tokens
from pages._shared.trained_sequences_view import choose_trained


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

    def load(preset: str, seed: int) -> None:
        loaded = SelfCrossState.load(preset, seed, state.kind)
        on_load(replace(loaded, draw=state.draw))

    trained = st.session_state.get(f"{NAME}.kind") == TRAINED
    state = replace(state, trained=replace(state.trained, on=trained))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if not trained:
            choose_preset(
                NAME,
                tuple(EXAMPLES),
                takes_seed=state.preset in SEEDED,
                seed=state.seed,
                loads=loads,
                on_load=load,
                width=230,
            )
        kind = st.segmented_control(
            "Kind",
            (*KINDS, TRAINED),
            required=True,
            key=f"{NAME}.kind",
            persist_state="session",
            wrap=True,
            help="Who gives the queries, and who the keys and values.",
        )
    if trained:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            return replace(state, trained=choose_trained(state.trained, loads))
    changed = state.with_kind(kind or CROSS)
    sides = SIDES if changed.kind in (CROSS, DECODER) else SIDES[:1]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        for side in sides:
            st.text_input(
                f"{side.capitalize()}, 2 to 8 words",
                key=f"{NAME}.{side}.{loads}",
                width=230,
                persist_state="session",
                help="Rename, add or remove words. In the examples made by hand new words are "
                "zeros.",
            )
        d_model = _size("d_model", loads, "Numbers in an embedding")
        d_head = _size("d_head", loads, "Numbers in a query and key")
        d_value = changed.d_value
        if changed.kind != DECODER:
            d_value = _size("d_value", loads, "Numbers in a value and output")
    changed, problems = with_typed_words(changed, loads, sides)
    for problem in problems:
        st.warning(
            f"{problem} The matrices still show the words before.", icon=":material/edit_note:"
        )
    return changed.with_sizes(d_model, d_head, d_value)


def with_typed_words(
    state: SelfCrossState, loads: int, sides: Sequence[str] = SIDES
) -> tuple[SelfCrossState, list[str]]:
    """Return the state with the words that stand in the fields, and what is wrong with some.

    What was just typed may come together with what is done next, before the fields are drawn.
    """
    problems = []
    for side in sides:
        text = st.session_state.get(f"{NAME}.{side}.{loads}")
        if text is None:  # a field that is not drawn
            continue
        try:
            state = state.with_words(side, read_tokens(text))
        except ValueError as error:
            problems.append(str(error))
    return state, problems


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
