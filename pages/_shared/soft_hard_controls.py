"""The controls of the page on soft and hard attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import streamlit as st

from core.key_settings import GUMBEL_METHOD, METHODS, PLAIN, REINFORCE, SOFT_METHOD, KeySettings
from pages._shared.attention_settings import TEMPERATURES
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.preset_controls import choose_preset
from pages._shared.soft_hard_toys import RANDOM, TOYS
from pages._shared.soft_vs_hard_state import (
    MOST_REPEATS,
    MOST_SEED,
    N_DRAWS,
    NAME,
    PICTURES,
    RATES,
    STEPS,
    STORE,
    TAUS,
    TRAINING,
    HardState,
)
from pages._shared.toy_state import read_tokens

METHOD_NAMES: Final = {
    SOFT_METHOD: "Soft",
    GUMBEL_METHOD: "Straight-through Gumbel",
    REINFORCE: "REINFORCE with baseline",
    PLAIN: "REINFORCE without",
}
METHOD_COLOURS: Final = {
    SOFT_METHOD: ACCENT,
    GUMBEL_METHOD: "#2f9e77",
    REINFORCE: CONTRAST,
    PLAIN: "#c75b9b",
}
COLOUR_NAMES: Final = {
    SOFT_METHOD: "blue",
    GUMBEL_METHOD: "green",
    REINFORCE: "orange",
    PLAIN: "pink",
}
SHORT_NAMES: Final = {
    SOFT_METHOD: "soft",
    GUMBEL_METHOD: "Gumbel",
    REINFORCE: "baseline",
    PLAIN: "without",
}


def draw_controls() -> None:
    """Draw the choice of a picture and the controls of what it shows."""
    with _row():
        picture = st.segmented_control(
            "Show", PICTURES, required=True, key=f"{NAME}.picture", persist_state="session"
        )
        if picture == TRAINING:
            methods = _choose_methods()
        else:
            tokens = _choose_toy(STORE.current)
    state = replace(STORE.current, picture=picture or PICTURES[0])
    with _row():
        if picture == TRAINING:
            state = replace(state, training=_choose_training(methods, state.training))
        else:
            state = _choose_kinds(state.renamed(tokens))
    STORE.keep(state)


def _row() -> st.delta_generator.DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def _choose_toy(state: HardState) -> tuple[str, ...]:
    """Draw preset, seed and names; return the names."""
    loads = STORE.loads

    choose_preset(
        NAME,
        TOYS,
        takes_seed=state.preset == RANDOM,
        seed=state.seed,
        loads=loads,
        on_load=lambda preset, seed: STORE.install(STORE.current.loaded(preset, seed)),
    )
    text = st.text_input(
        "Keys, 2 to 8 words",
        key=f"{NAME}.tokens.{loads}",
        width=260,
        persist_state="session",
        help="Rename, add or remove keys. New ones start with zeros.",
    )
    try:
        return read_tokens(text)
    except ValueError as error:
        st.warning(f"{error} The board still shows the keys before.", icon=":material/edit_note:")
        return state.tokens


def _choose_kinds(state: HardState) -> HardState:
    """Draw what the kinds of attention depend on."""
    temperature = st.select_slider(
        "Temperature",
        TEMPERATURES,
        key=f"{NAME}.temperature",
        width=140,
        persist_state="session",
        help="Divides the scaled scores of every kind. Below 1 sharpens, above 1 flattens.",
    )
    tau = st.select_slider(
        "τ",
        TAUS,
        key=f"{NAME}.tau",
        width=140,
        persist_state="session",
        help=(
            "The temperature of Gumbel-softmax, after the noise. It sharpens the draw, but does "
            "not change which key is drawn."
        ),
    )
    n_draws = st.select_slider(
        "Draws",
        N_DRAWS,
        format_func=lambda n: f"{n:,}",
        key=f"{NAME}.n_draws",
        width=160,
        persist_state="session",
        help="How often a key is drawn with the soft weights. The sample is the first of them.",
    )
    draw_seed = st.number_input(
        "Seed of the draws",
        0,
        MOST_SEED,
        key=f"{NAME}.draw_seed.{STORE.loads}",
        width=150,
        persist_state="session",
        help="The same seed draws the same keys.",
    )
    return replace(
        state, temperature=temperature, tau=tau, n_draws=n_draws, draw_seed=int(draw_seed)
    )


def _choose_methods() -> Sequence[str]:
    methods = st.pills(
        "Methods",
        METHODS,
        selection_mode="multi",
        format_func=METHOD_NAMES.__getitem__,
        key=f"{NAME}.methods",
        persist_state="session",
        wrap=True,
        help="All start from the same weights and see the same sentences.",
    )
    if not methods:
        st.warning(
            "Choose at least one method. Until then those before are trained.",
            icon=":material/edit_note:",
        )
    return methods


def _choose_training(methods: Sequence[str], settings: KeySettings) -> KeySettings:
    """Draw how to train."""
    n_steps = st.select_slider(
        "Steps",
        STEPS,
        format_func=lambda n: f"{n:,}",
        key=f"{NAME}.n_steps",
        width=150,
        persist_state="session",
        help="Of 32 sentences each.",
    )
    learning_rate = st.select_slider(
        "Learning rate", RATES, key=f"{NAME}.learning_rate", width=130, persist_state="session"
    )
    n_repeat = st.select_slider(
        "Repeats",
        tuple(range(1, MOST_REPEATS + 1)),
        key=f"{NAME}.n_repeat",
        width=120,
        persist_state="session",
        help="Each with a seed of its own: the curves become bands from the least to the most.",
    )
    seed = st.number_input(
        "Seed",
        0,
        MOST_SEED,
        key=f"{NAME}.train_seed.{STORE.loads}",
        width=120,
        persist_state="session",
        help="Of the first repeat: its weights, sentences and draws. The others have the next.",
    )
    tau = st.select_slider(
        "τ of straight-through",
        TAUS,
        key=f"{NAME}.train_tau",
        width=170,
        persist_state="session",
    )
    return KeySettings(
        # In the order of the list, not in that of the reader's clicks.
        methods=tuple(method for method in METHODS if method in methods) or settings.methods,
        n_steps=n_steps,
        learning_rate=learning_rate,
        seed=int(seed),
        n_repeat=n_repeat,
        tau=tau,
    )
