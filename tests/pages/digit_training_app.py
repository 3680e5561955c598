"""A page with nothing but the training on digits, for the tests."""

from __future__ import annotations

import sys
from pathlib import Path

import streamlit as st

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from core.digit_settings import DigitSettings
from pages._shared.digit_training_controls import choose_settings, widgets
from pages._shared.digit_training_runs import KEY
from pages._shared.digit_training_view import COMPONENTS, draw_digit_training
from pages._shared.light_component import load_components

START = DigitSettings(n_layers=1, n_heads=1, n_steps=60)


def note_use() -> None:
    """Count how often a model was put to use."""
    st.session_state["used"] = st.session_state.get("used", 0) + 1


settings: DigitSettings = st.session_state.setdefault("settings", START)
if "begun" not in st.session_state:
    st.session_state["begun"] = True
    for name, value in widgets(settings, KEY, 0).items():
        st.session_state[name] = value
st.set_page_config(layout="wide")
load_components(*COMPONENTS)
if not st.session_state.get("hidden"):
    settings = choose_settings(settings, KEY, 0)
    st.session_state["settings"] = settings
draw_digit_training(settings, dict, note_use)
