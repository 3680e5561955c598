"""Drawing traps: a section of a page below its experiments, in a fragment of its own.

With none open the section is one element and nothing is computed. The trap that is open shows what
goes wrong beside what is right, from the page's own words and numbers where it can, with knobs by
which the reader makes it happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from pages._shared.lab import Lab
from pages._shared.lesson import Seen
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.matrix_board import matrix_board
from pages._shared.trap import (
    Trap,
    TrapChoice,
    describe_exhibit,
    describe_trap,
    open_exhibit,
    read_choice,
)

TRAP_LAB: Final = light_component(
    "trap_lab",
    html="<section class='traps' aria-labelledby='traps'></section>",
    css=(FRONTEND / "trap_lab.css").read_text("utf-8"),
    constants={"SKELETON": (FRONTEND / "trap_lab.html").read_text("utf-8")},
)


@st.fragment
def draw_traps(lab: Lab[Any, Seen], traps: Sequence[Trap[Seen]]) -> None:
    """Draw the traps of a page, in a fragment of its own, below its experiments.

    Parameters
    ----------
    lab : Lab
        The page. Its state is a dataclass with a field ``trap``.
    traps : sequence of Trap
    """
    lab.begin_live()
    store, key = lab.store, f"{lab.store.name}.traps"

    def receive() -> None:
        choice = read_choice(st.session_state[key].get("choose"), traps)
        if choice is not None:
            store.keep(replace(store.current, trap=choice))

    state = store.current
    choice: TrapChoice = state.trap
    # What is not open is not computed, nor what it would be about.
    exhibit = open_exhibit(traps, choice, lab.see(state)) if choice.name else None
    TRAP_LAB.draw(
        key=key,
        data={
            "page": store.name,
            "version": store.version(),
            "serial": store.serial,
            "news": lab.news(),
            "traps": [describe_trap(one) for one in traps],
            "choice": {"name": choice.name, "stops": choice.stops},
            "exhibit": None if exhibit is None else describe_exhibit(exhibit),
        },
        on_choose_change=receive,
        on_refresh_change=_draw_again,
    )
    if exhibit is not None:
        matrix_board(
            exhibit.rows,
            key=f"{key}.board",
            version=store.version(),
            news=lab.news(),
            name="The trap's matrices",
        )


def _draw_again() -> None:
    """Do nothing: that the fragment runs is what was asked for."""
