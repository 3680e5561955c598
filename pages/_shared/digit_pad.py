"""The drawing pad: write a digit with mouse, finger, pen or keys, and see what a model gets of it.

One inline component. The reader's strokes are drawn in the browser at once and reported while they
are made; what the reader wrote is newer there than here, so only a new version overwrites it. What
is reported is checked here before anything uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core import digits
from core.pad_ink import PAD_SIDE
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.packed_weights import pack_cells, to_base64, unpack_cells
from pages._shared.palette import RAMPS

SIDE: Final = PAD_SIDE
MODEL_SIDE: Final = digits.SIDE

DIGIT_PAD: Final = light_component(
    "digit_pad",
    html=(FRONTEND / "digit_pad.html").read_text("utf-8"),
    css=(FRONTEND / "digit_pad.css").read_text("utf-8"),
    constants={
        "RAMPS": RAMPS,
        "SIDE": SIDE,
        "MODEL_SIDE": MODEL_SIDE,
        "MOST_INK": digits.MOST_INK,
    },
)


def digit_pad(
    ink: NDArray[np.bool_],
    image: NDArray[np.uint8],
    *,
    key: str,
    version: str,
    text: str,
    on_draw: Callable[[NDArray[np.bool_]], None],
    patch_size: int = 2,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the pad with the picture that the model gets beside it, and report what is written.

    Parameters
    ----------
    ink : NDArray of bool, shape (32, 32)
        What is written on it; True is ink.
    image : NDArray of uint8, shape (8, 8)
        What the model gets, from 0 to 16: drawn beside the pad.
    key : str
        Key of the component.
    version : str
        Name of what is shown. With a new one the pad takes `ink` from here, whatever was written
        meanwhile; what is reported of an old one is dropped.
    text : str
        A sentence below the picture that the model gets; also said by a screen reader.
    on_draw : callable
        Called before the rerun with the new ink, a bool array of shape (32, 32).
    patch_size : int
        Side of a patch of that picture: lines are drawn between them.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.

    Raises
    ------
    ValueError
        If ink or picture have another shape.
    """
    if ink.shape != (SIDE, SIDE) or image.shape != (MODEL_SIDE, MODEL_SIDE):
        msg = (
            f"The pad shows ink of {SIDE} by {SIDE} cells and a picture of {MODEL_SIDE} by "
            f"{MODEL_SIDE}; got {ink.shape} and {image.shape}."
        )
        raise ValueError(msg)

    def receive() -> None:
        drawn = read_ink(st.session_state[key].get("ink"), version)
        if drawn is not None:
            on_draw(drawn)

    DIGIT_PAD.draw(
        key=key,
        data={
            "ink": pack_cells(ink),
            "image": to_base64(np.ascontiguousarray(image, dtype=np.uint8)),
            "patch": patch_size,
            "text": text,
            "version": version,
            "news": news,
        },
        on_ink_change=receive,
    )


def read_ink(message: object, version: str) -> NDArray[np.bool_] | None:
    """Check what the browser reported; None for anything but ink on the pad as it is shown."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    return unpack_cells(message.get("cells"), (SIDE, SIDE))
