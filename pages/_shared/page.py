"""Opening and closing a page: configuration, menu, heading, and memory that stays in order."""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from itertools import groupby
from pathlib import Path
from typing import Final

import streamlit as st

from pages._shared.catalog import PAGES, Page, find_page, next_page
from pages._shared.light_component import LightComponent, load_components

_STYLE: Final = Path(__file__).parent / "frontend" / "page.css"
_FAVICON: Final = Path(__file__).parents[2] / "assets" / "favicon" / "favicon.png"


# One frame of a 60 Hz screen. Streamlit sends what a script drew in rounds of 5 ms, and a busy
# browser gathers what has come meanwhile.
_FRAME_SECONDS: Final = 0.016


@st.cache_resource(show_spinner=False)
def settle_memory(after: str) -> str:
    """Take everything alive so far out of the garbage collector's rounds.

    Streamlit runs a full collection after every rerun, before it answers; with pandas,
    Altair or torch imported that costs more than the page itself. What is imported stays
    for the life of the process, so there is nothing in it to find. The little that sessions
    hold at that moment is frozen along with it: cycles in it are never collected, once for
    each name.

    Parameters
    ----------
    after : str
        Name of the imports just made. Each name settles once in a process.

    Returns
    -------
    str
        `after`, unchanged.
    """
    gc.collect()
    gc.freeze()
    return after


def return_free_memory() -> None:
    """Have glibc hand back to the system what was freed.

    By default it keeps much of it, for each of the threads that scripts happen to run in. To be
    called after a lot was computed: one pass of the Vision Transformer over 1,024 patches allocates
    and frees more than 100 MB, of which 70 would stay.
    """
    if sys.platform == "linux":
        malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # musl has none
        if malloc_trim is not None:
            malloc_trim(0)


def open_page(file: str, *components: LightComponent, about: str = "") -> Page:
    """Draw what every page starts with and return its entry in the catalogue.

    Parameters
    ----------
    file : str
        The page's script, relative to ``streamlit_app.py``, as listed in the catalogue.
    *components : LightComponent
        What the page draws with: their scripts are sent once, together.
    about : str
        What the page is about, in Markdown, below its answer.
    """
    page = find_page(file)
    st.set_page_config(
        page_title=f"{page.title} · Attention Lab",
        page_icon=str(_FAVICON),
        layout="wide",
        initial_sidebar_state=240,
        menu_items={"Get help": None, "Report a bug": None, "About": None},
    )
    st.html(_STYLE)  # a CSS file: Streamlit wraps it in a style element
    _draw_menu()
    if components:
        load_components(*components)
    st.title(page.question, anchor=False)
    # One element, not two: every one on the page is drawn again at every edit.
    st.markdown(f"**{page.answer}**\n\n{about}")
    return page


def close_page(page: Page) -> None:
    """Draw what every page ends with: the way to the next one."""
    following = next_page(page)
    if following is not None:
        st.page_link(
            following.file, label=f"Next: {following.title}", icon=":material/arrow_forward:"
        )
    settle_memory(page.file)


def send_first() -> None:
    """Let what was drawn so far leave for the browser ahead of what follows.

    A browser shows whatever arrives together at the same moment, so the quick part of a page
    would wait for the slow part.
    """
    time.sleep(_FRAME_SECONDS)


def _draw_menu() -> None:
    with st.sidebar:
        st.markdown("### Attention Lab")
        for section, pages in groupby(PAGES, key=lambda page: page.section):
            st.caption(section)
            for page in pages:
                st.page_link(page.file, label=page.title, icon=page.icon)
