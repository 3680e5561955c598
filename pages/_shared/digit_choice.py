"""Choosing a digit: write one, take one of those held out of training, or upload a picture.

What is written or uploaded becomes ink on the pad. A file that cannot be used leaves the digit
before it where it is.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any, Final

import numpy as np
import streamlit as st

from core.digit_ink import ink_of_picture
from core.digits import N_HELD_OUT, as_picture, load_digits
from core.images import PictureError, decode_picture, encode_png
from core.pad_ink import fit_to_pad
from pages._shared.digit_pad import DIGIT_PAD, digit_pad
from pages._shared.digit_value import (
    DigitChoice,
    Image,
    at_random,
    examples,
    image_of,
    name_of,
    next_digit,
    on_paper,
    written,
)
from pages._shared.digits import DigitModel
from pages._shared.picture_choice import FILE_TYPES, PHOTO_STRIP

WRITE: Final = "Write"
EXAMPLES: Final = "Held-out digits"
UPLOAD: Final = "Upload"
SOURCES: Final = (WRITE, EXAMPLES, UPLOAD)
# What a page that offers the choice has to load.
COMPONENTS: Final = (DIGIT_PAD, PHOTO_STRIP)
_ZOOM: Final = 7


def widgets(key: str, choice: DigitChoice) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a choice."""
    return {f"{key}.source": WRITE if choice.held_out is None else EXAMPLES}


def choose_digit(
    choice: DigitChoice,
    on_choose: Callable[[DigitChoice], None],
    *,
    key: str,
    version: str,
    model: DigitModel,
    image: Image | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the choice of a digit.

    Parameters
    ----------
    choice : DigitChoice
        As it is now.
    on_choose : callable
        Called before the rerun with another one, to be kept: all that shows it shows it already.
    key, version : str
        Prefix of the widgets' keys; the version of the page. With a new one the pad takes the ink
        from the choice, whatever was written meanwhile.
    model : DigitModel
        Whose mistakes are looked for, and whose patches are drawn.
    image : ndarray of uint8, (8, 8), optional
        What the model gets, where that is not the digit as it is but turned, say.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    source = st.segmented_control(
        "Digit",
        SOURCES,
        required=True,
        key=f"{key}.source",
        persist_state="session",
        label_visibility="collapsed",
        on_change=_forget_problem,
        args=(key,),
    )
    if source == EXAMPLES:
        _draw_examples(choice, on_choose, key=key, model=model, news=news)
        return
    if source == UPLOAD:
        _draw_upload(on_choose, key=key)
    digit_pad(
        choice.cells,
        image_of(choice) if image is None else image,
        key=f"{key}.pad",
        version=version,
        text=_about_ink(choice),
        on_draw=lambda ink: on_choose(written(ink)),
        patch_size=model.model.patch_size,
        news=news,
    )


def wrong_held_out(model: DigitModel) -> tuple[int, ...]:
    """Return which of the held-out digits a model gets wrong, computed once for each model."""
    return _wrong(model.name, model.model)


@st.cache_resource(max_entries=16, show_spinner=False)
def _wrong(name: str, _model: Any) -> tuple[int, ...]:
    from core.vit_answers import answers

    digits = load_digits()
    named = answers(_model, as_picture(digits.images[digits.held_out]))
    return tuple(np.flatnonzero(named != digits.labels[digits.held_out]).tolist())


# ---- the three ways


def _about_ink(choice: DigitChoice) -> str:
    if choice.held_out is not None:
        return f"It is {name_of(choice)}, until you write."
    if any(choice.ink):
        return "Cropped to the ink, scaled, and made as thick as the digits it was trained on."
    return "An empty picture: nothing is written yet."


def _draw_examples(
    choice: DigitChoice,
    on_choose: Callable[[DigitChoice], None],
    *,
    key: str,
    model: DigitModel,
    news: Mapping[str, object] | None,
) -> None:
    strip = f"{key}.strip"

    def report() -> None:
        file = st.session_state[strip].get("photo")
        if file in map(str, examples()):
            on_choose(replace(choice, held_out=int(file)))

    chosen = choice.held_out if choice.held_out in examples() else None
    PHOTO_STRIP.draw(
        key=strip,
        data={
            "photos": _thumbnails(),
            "chosen": None if chosen is None else str(chosen),
            "label": "Held-out digits",
            "news": news,
        },
        on_photo_change=report,
    )
    wrong = wrong_held_out(model)
    with st.container(horizontal=True):
        st.button(
            "Another at random",
            icon=":material/casino:",
            key=f"{key}.random",
            on_click=lambda: on_choose(next_digit(choice, at_random())),
        )
        st.button(
            f"One that the model gets wrong ({len(wrong)} of {N_HELD_OUT})",
            icon=":material/error:",
            key=f"{key}.wrong",
            disabled=not wrong,
            on_click=lambda: on_choose(next_digit(choice, wrong)),
        )


def _draw_upload(on_choose: Callable[[DigitChoice], None], *, key: str) -> None:
    st.file_uploader(
        "A picture of one digit, dark on light or light on dark, up to 20 MB. It becomes "
        "32 × 32 cells of ink on the pad, which are part of the page's link.",
        type=FILE_TYPES,
        max_upload_size=20,
        key=f"{key}.upload",
        on_change=_take_file,
        args=(key, on_choose),
    )
    problem = st.session_state.get(f"{key}.problem")
    if problem:
        st.error(f"{problem} The digit before it stays.", icon=":material/broken_image:")


def _take_file(key: str, on_choose: Callable[[DigitChoice], None]) -> None:
    """Put an uploaded digit on the pad, or say in a sentence why not."""
    file = st.session_state[f"{key}.upload"]
    if file is None:  # taken out of the widget: the digit that it gave stays
        return
    try:
        ink = fit_to_pad(ink_of_picture(decode_picture(file.getvalue())))
    except PictureError as error:
        st.session_state[f"{key}.problem"] = str(error)
        return
    _forget_problem(key)
    on_choose(written(ink))


def _forget_problem(key: str) -> None:
    st.session_state[f"{key}.problem"] = None


@cache
def _thumbnails() -> list[dict[str, str]]:
    return [
        {
            "file": str(place),
            "title": name_of(DigitChoice(place)).capitalize(),
            "source": f"data:image/png;base64,{_png(image_of(DigitChoice(place)))}",
        }
        for place in examples()
    ]


def _png(image: Image) -> str:
    return base64.b64encode(encode_png(on_paper(image, _ZOOM))).decode("ascii")
