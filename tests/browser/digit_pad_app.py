"""A small page with the drawing pad, for the tests; undo puts back what was written before."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from pages._shared.digit_pad import DIGIT_PAD, MODEL_SIDE, SIDE, digit_pad
from pages._shared.light_component import load_components

_EMPTY: Final = np.zeros((SIDE, SIDE), np.bool_)
_BLOCK: Final = SIDE // MODEL_SIDE


def example() -> NDArray[np.bool_]:
    """Return a 1: columns 15 to 17 of rows 5 to 27, counted from 1."""
    ink = _EMPTY.copy()
    ink[4:27, 14:17] = True
    return ink


def blocks(ink: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Count the ink in blocks of 4 x 4 cells."""
    parts = ink.reshape(MODEL_SIDE, _BLOCK, MODEL_SIDE, _BLOCK)
    return parts.sum(axis=(1, 3)).astype(np.uint8)


def keep(ink: NDArray[np.bool_]) -> None:
    """Keep what was written, and what stood there before."""
    st.session_state["before"] = st.session_state.get("ink", _EMPTY)
    st.session_state["ink"] = ink
    st.session_state["n_report"] = st.session_state.get("n_report", 0) + 1


def put(ink: NDArray[np.bool_]) -> None:
    """Put other ink in place."""
    st.session_state["ink"] = ink
    st.session_state["version"] = st.session_state.get("version", 0) + 1


def draw() -> None:
    """Draw pad and buttons."""
    ink = st.session_state.get("ink", _EMPTY)
    image = blocks(ink)
    digit_pad(
        ink,
        image,
        key="pad",
        version=str(st.session_state.get("version", 0)),
        text=f"{int(image.sum())} cells, at most {int(image.max())} in a block.",
        on_draw=keep,
    )
    st.button("Show a 1", on_click=put, args=(example(),))
    st.button("Take back", on_click=put, args=(st.session_state.get("before", _EMPTY),))
    st.caption(f"{int(ink.sum())} of ink, {st.session_state.get('n_report', 0)} reports")


def main() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    load_components(DIGIT_PAD)
    st.title("Pad", anchor=False)
    st.fragment(draw)()


if __name__ == "__main__":
    main()
