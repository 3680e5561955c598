"""What a digit model makes of a digit: its answer, all of its heads, and a row over the digit.

Everything comes as parameters, so that any page can draw it, each part in a place of its own. What
the reader chooses comes back as another `LookChoice`, to be kept.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from html import escape
from typing import Final

import numpy as np
import streamlit as st

from core.images import encode_jpeg
from pages._shared import digits
from pages._shared.attention_map import ATTENTION_MAP, attention_map
from pages._shared.digit_drawing import draw_answer_bars, patch_marks
from pages._shared.digit_look_scene import (
    HIDE_PATCH,
    NO_TEST,
    TESTS,
    DigitLook,
    LookChoice,
    interventions_of,
    look_again,
)
from pages._shared.digit_look_words import answer_sentence, effect_sentence
from pages._shared.digit_value import Image, on_paper
from pages._shared.drawing import DRAWINGS, draw
from pages._shared.head_grid import HEAD_GRID, head_grid
from pages._shared.matrix import Choice
from pages._shared.patch_map import MAPS, Photo, patch_map
from pages._shared.patch_map import Choice as MapChoice
from pages._shared.vision_panels import attention_panels
from pages._shared.vision_words import asker
from pages._shared.words import what_it_reads

# What a page with these views has to load.
COMPONENTS: Final = (HEAD_GRID, ATTENTION_MAP, MAPS, DRAWINGS)
_SHOWN_PIXEL: Final = 40

News = Mapping[str, object] | None
OnChoose = Callable[[LookChoice], None]


def widgets(key: str, choice: LookChoice) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a choice."""
    return {f"{key}.test": choice.test}


def draw_answer(look: DigitLook, *, key: str) -> None:
    """Draw the probabilities of the ten digits, with those under the chosen test, in words too."""
    after = look_again(look)
    before = look.attention.probabilities
    sentence = answer_sentence(before, look.answer)
    if after is not None:
        sentence = effect_sentence(before, after.probabilities, interventions_of(look)[1])
    draw_answer_bars(
        before,
        None if after is None else after.probabilities,
        look.answer,
        text=sentence,
        key=f"{key}.answer",
    )
    st.html(f"<p class='sum' role='status'>{escape(sentence)}</p>")


def draw_patches(look: DigitLook, *, key: str) -> None:
    """Draw the digit cut into its patches; a hidden one is painted in the mean colour."""
    hides = look.choice.test == HIDE_PATCH
    size = look.model.model.patch_size
    n_tokens, rows = look.attention.n_tokens, look.attention.grid[0]
    token = f"; the class token is number {n_tokens}" if look.attention.has_class_token else ""
    text = (
        f"{rows} × {rows} patches of {size} × {size} pixels: each becomes one token{token}. "
        "The stronger the colour, the more ink."
    )
    marks, measures = patch_marks(
        look.image,
        size,
        look.key_patch if hides else -1,
        look.model.model.pixel_mean[0],
    )
    draw(marks, measures, name="The digit in patches", text=text, key=f"{key}.patches")
    st.caption(text)


def draw_heads(
    look: DigitLook,
    *,
    key: str,
    version: str,
    on_choose: OnChoose,
    news: News,
    controls: bool = True,
) -> None:
    """Draw every head of every layer small, and the chosen one large.

    Parameters
    ----------
    look : DigitLook
    key, version : str
        Prefix of the components' keys; the page's version.
    on_choose : callable
        Called before the rerun with what is looked at then.
    news : mapping or None
        ``LAB.news()``.
    controls : bool
        Whether to draw what leaves the chosen head, or the patch that it reads, out of the model.
    """
    attention, choice = look.attention, look.choice
    view = f"{version}.{attention.n_layers}.{attention.n_heads}.{attention.n_tokens}"
    grid, large = st.columns([1, 1], gap="medium")
    with grid:
        head_grid(
            look.weights,
            key=f"{key}.grid",
            view=view,
            title="",
            text=f"Each row is a layer, with its {attention.n_heads} heads side by side. Choose "
            "one to see it large.",
            chosen=None if choice.mean else (choice.layer, choice.head),
            on_choose=lambda head: on_choose(
                replace(choice, layer=head[0], head=head[1], mean=False)
            ),
            dropped=interventions_of(look)[0].dropped_heads,
            marks=[(choice.layer, head) for head in range(attention.n_heads)]
            if choice.mean
            else [],
            marks_name="in the mean",
            news=news,
        )
        if controls:
            _choose_test(look, on_choose, key=key)
    with large:
        attention_map(
            look.shown,
            look.queries,
            look.keys,
            key=f"{key}.map",
            version=view,
            title=look.head_name,
            text=what_it_reads(look.queries[look.cell[0]], look.keys, look.shown[look.cell[0]]),
            chosen=look.cell,
            on_choose=lambda cell: _choose_cell(look, cell, on_choose),
        )


def _choose_cell(look: DigitLook, cell: Choice, on_choose: OnChoose) -> None:
    on_choose(look.at(cell.row, cell.column))


def _choose_test(look: DigitLook, on_choose: OnChoose, *, key: str) -> None:
    def report() -> None:
        on_choose(replace(look.choice, test=st.session_state[f"{key}.test"] or NO_TEST))

    st.segmented_control(
        "Take away",
        TESTS,
        required=True,
        key=f"{key}.test",
        persist_state="session",
        on_change=report,
        wrap=True,
        help="A head's output is set to zero before W_O, a patch painted in the mean colour; then "
        "the model answers again.",
    )
    if look.choice.test == HIDE_PATCH and look.key_patch < 0:
        st.caption("The class token is read here. Choose a patch on the map to hide that.")


def draw_over(
    look: DigitLook, *, key: str, version: str, on_choose: OnChoose, news: News = None
) -> None:
    """Draw what one token reads over the digit, in every head of the chosen layer."""
    attention, choice = look.attention, look.choice

    def take(chosen: MapChoice) -> None:
        if chosen.panel is not None:
            mean = chosen.panel == attention.n_heads
            on_choose(replace(choice, head=choice.head if mean else chosen.panel, mean=mean))
        elif chosen.patch is not None:
            on_choose(replace(choice, query=chosen.patch, key=None))

    hides = choice.test == HIDE_PATCH
    patch_map(
        photo_of(look.image, look.name),
        attention.grid,
        attention_panels(attention, choice.layer, choice.query),
        key=f"{key}.over",
        on_choose=take,
        view=f"{version}.{choice.layer}.{attention.n_tokens}",
        news=news,
        chosen=look.head,
        patch=choice.query,
        mark=look.key_patch if hides else -1,
        token_label=f"Asking: {look.asks}",
        tiles_label=f"Heads of layer {choice.layer + 1}",
        hint="Point at a patch for its weight. Choose it to see what it reads.",
        back_to=asker(attention, -1),
    )


def photo_of(image: Image, name: str) -> Photo:
    """Return a digit as what lies under maps: dark ink on paper."""
    return Photo(id=digits.digest(image), jpeg=_jpeg(image.tobytes()), alt=name.capitalize())


@lru_cache(maxsize=64)
def _jpeg(pixels: bytes) -> str:
    image = np.frombuffer(pixels, np.uint8).reshape(8, 8)
    return base64.b64encode(encode_jpeg(on_paper(image, _SHOWN_PIXEL), quality=92)).decode("ascii")
