"""The controls that load an example, with its seed where it takes one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st

MOST_SEED: Final = 9999


def choose_preset(
    name: str,
    presets: Sequence[str],
    *,
    takes_seed: bool,
    seed: int,
    loads: int,
    on_load: Callable[[str, int], None],
    width: int = 190,
    seed_width: int = 120,
) -> None:
    """Draw the list of examples and, beside it, the seed.

    Parameters
    ----------
    name : str
        Prefix of the widgets' keys.
    presets : sequence of str
    takes_seed : bool
        Whether the example that is on the page was drawn with a seed.
    seed : int
        With which; it also goes along where none is shown.
    loads : int
        Part of the key of what a reader types into.
    on_load : callable
        Called before the rerun with the example that was chosen and the seed.
    width, seed_width : int
        In pixels.
    """

    def load() -> None:
        typed = st.session_state.get(f"{name}.seed.{loads}", seed)
        on_load(st.session_state[f"{name}.preset"], int(typed))

    st.selectbox(
        "Start from",
        tuple(presets),
        key=f"{name}.preset",
        width=width,
        persist_state="session",
        on_change=load,
    )
    if takes_seed:
        st.number_input(
            "Seed",
            0,
            MOST_SEED,
            key=f"{name}.seed.{loads}",
            width=seed_width,
            persist_state="session",
            on_change=load,
        )
