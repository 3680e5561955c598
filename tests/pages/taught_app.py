"""A page with nothing but the classes that a reader teaches, for the tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import streamlit as st

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from pages._shared.light_component import load_components
from pages._shared.picture_choice import find_picture
from pages._shared.taught import find_taught
from pages._shared.taught_view import COMPONENTS, draw_name, draw_teach

IDS: Final = "ids"
PHOTO: Final = "photo"


def keep(ids: tuple[str, ...]) -> None:
    """Keep what is taught, as a page's state does."""
    st.session_state[IDS] = ids


load_components(*COMPONENTS)
photo = st.text_input("Photo", "cows.jpg", key=PHOTO)
draw_teach(
    st.session_state.get(IDS, ()), keep, controls=st.toggle("Controls", True, key="controls")
)
draw_name(find_taught(st.session_state.get(IDS, ())), find_picture(photo))
