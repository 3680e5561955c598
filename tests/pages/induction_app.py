"""A page with nothing but the view of induction heads, for the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from pages._shared.induction_choice import InductionChoice
from pages._shared.induction_scene import see_induction
from pages._shared.induction_view import COMPONENTS, draw_induction
from pages._shared.induction_work import induction_work
from pages._shared.light_component import load_components
from pages._shared.work import draw_work


def keep(choice: InductionChoice) -> None:
    """Keep another choice."""
    st.session_state["choice"] = choice


@st.fragment
def draw_live() -> None:
    """Draw the view as a page does."""
    choice: InductionChoice = st.session_state.setdefault("choice", InductionChoice())
    hidden = bool(st.session_state.get("hidden"))
    draw_induction(choice, key="induction", on_choose=keep, with_controls=not hidden)
    draw_work("induction", induction_work(see_induction(choice)), opened=False)


st.set_page_config(layout="wide")
load_components(*COMPONENTS)
draw_live()
