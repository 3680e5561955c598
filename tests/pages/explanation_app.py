"""A page with nothing but the explanations, for the tests: of a digit, and of a photo."""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import numpy as np
import streamlit as st

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from core.digits import as_picture, load_digits
from core.images import encode_png
from core.vision_attention import VisionAttention
from core.vit_model import VisionTransformer
from pages._shared.explanation_sets import class_subject, digit_set
from pages._shared.explanation_view import draw_explanations
from pages._shared.explanations import Subject
from pages._shared.head_ranking import draw_head_ranking
from pages._shared.light_component import load_components
from pages._shared.matrix_board import BOARD
from pages._shared.patch_map import MAPS, Photo
from pages._shared.training import TRAINING, load_torch

KEY = "tried"


@st.cache_resource
def model() -> VisionTransformer:
    load_torch()
    from core.digit_vit import load_digit_vit

    return load_digit_vit()


def subject(place: int = 0) -> Subject:
    """Return the likeliest class of a held-out digit."""
    pixels = picture(place)
    seen = look(pixels)
    likeliest = int(seen.logits.argmax())
    digest, grid = f"digit {place}", seen.grid
    return class_subject(digest, "digits", pixels, grid, likeliest, f"{likeliest}", model)


def look(pixels: np.ndarray) -> VisionAttention:
    from core.vit import forward

    return forward(model(), pixels)


def picture(place: int) -> np.ndarray:
    digits = load_digits()
    return as_picture(digits.images[digits.held_out[place]])


def photo(place: int) -> Photo:
    shown = 255 - picture(place)[:, :, :1].repeat(3, axis=2).repeat(24, axis=0).repeat(24, axis=1)
    code = base64.b64encode(encode_png(shown)).decode("ascii")
    return Photo(id=f"digit {place}", jpeg=code, alt="A handwritten digit")


def draw() -> None:
    """Draw the page."""
    load_components(MAPS, TRAINING, BOARD)
    place = int(st.number_input("Digit", 0, 20, key="place"))
    draw_explanations(
        subject(place), photo(place), key=KEY, pictures=digit_set("digits", model, n_digits=3)
    )
    draw_head_ranking(
        subject(place),
        key=f"{KEY}.heads",
        on_choose=lambda *head: st.session_state.update(head=head),
    )
    st.text(f"chosen: {st.session_state.get('head')}")


if __name__ == "__main__":
    draw()
