"""A page with nothing but an ImageNet model, for the tests."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import streamlit as st

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from pages._shared.drawing import DRAWINGS
from pages._shared.imagenet_view import MODEL_NAMES, draw_imagenet
from pages._shared.light_component import load_components
from pages._shared.picture_choice import FIRST_PHOTO, find_picture

KEY: Final = "imagenet_app"

load_components(DRAWINGS)
st.slider("Something else", 0, 9, key="else")
chosen = draw_imagenet(find_picture(FIRST_PHOTO), MODEL_NAMES[0], key=KEY)
st.text(f"chosen: {chosen}")
