"""What a teacher's link may say beside the state: what to hide, and where to start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

HIDE: Final = "hide"
START: Final = "try"
CONTROLS: Final = "controls"
ANSWERS: Final = "answers"


@dataclass(frozen=True)
class Switches:
    """A teacher's switches.

    Attributes
    ----------
    hide_controls, hide_answers : bool
    start : int or None
        The experiment to open, from 1.
    with_state : bool
        Whether the link sets the page up itself, so that the experiment need not.
    """

    hide_controls: bool = False
    hide_answers: bool = False
    start: int | None = None
    with_state: bool = False


def read_switches(name: str, state_parameter: str) -> Switches:
    """Return the switches in the page's address, or those that this session came with.

    Parameters
    ----------
    name : str
        Prefix of the page's keys in the session.
    state_parameter : str
        Name of the parameter that holds a state.
    """
    asked = st.query_params
    key = f"{name}.switches"
    if key not in st.session_state or HIDE in asked or START in asked:
        hidden = asked.get(HIDE, "").split()
        number = asked.get(START, "")
        start = int(number) if number.isascii() and number.isdigit() and len(number) < 3 else None
        st.session_state[key] = Switches(
            hide_controls=CONTROLS in hidden,
            hide_answers=ANSWERS in hidden,
            start=start or None,
            with_state=state_parameter in asked,
        )
    switches: Switches = st.session_state[key]
    return switches
