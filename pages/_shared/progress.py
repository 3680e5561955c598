"""What the reader has tried, for this session; the list of experiments and the overview show it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import streamlit as st

_KEY: Final = "progress"


def tried(page_file: str) -> frozenset[str]:
    """Return the names of the experiments of a page that the reader has made a prediction for.

    Parameters
    ----------
    page_file : str
        The page's script, as listed in the catalogue.
    """
    return _everything().get(page_file, frozenset())


def note_tried(page_file: str, name: str) -> None:
    """Remember that the reader made a prediction for an experiment of a page."""
    st.session_state[_KEY] = {**_everything(), page_file: tried(page_file) | {name}}


def _everything() -> Mapping[str, frozenset[str]]:
    kept: Mapping[str, frozenset[str]] = st.session_state.get(_KEY, {})
    return kept
