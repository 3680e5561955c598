"""Undo, redo, reset, and the link that holds the page: one inline component for every page.

The component also keeps the address of the page up to date, in the browser and without an entry in
its history, so that a reload, a bookmark or a mailed address shows what is on the screen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Any, Final

import streamlit as st

from core.packing import PackingError
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.page_store import LONGEST_LINK, PARAMETER, PageStore
from pages._shared.teacher import ANSWERS, CONTROLS, HIDE, START, Switches, read_switches

TOOLS: Final = light_component(
    "tools_bar",
    html="<div class='tools'></div>",
    css=(FRONTEND / "tools_bar.css").read_text("utf-8"),
    constants={"PARAMETERS": {"state": PARAMETER, "hide": HIDE, "start": START}},
)


def open_state(store: PageStore[Any]) -> Switches:
    """Read the page's address: the state and a teacher's switches; say what cannot be read.

    Call it once a page, outside of any fragment and before anything shows the state.
    """
    switches = read_switches(store.name, PARAMETER)
    wrong = store.open_link()
    if wrong:
        # It may quote the address: as HTML with everything escaped, not as Markdown.
        st.html(f"<p class='notice' role='alert'>{escape(wrong)} The page starts as usual.</p>")
    hidden = {
        (True, False): "Its controls are hidden.",
        (False, True): "It keeps the answers of “Try it” back.",
        (True, True): "Its controls are hidden, and it keeps the answers of “Try it” back.",
    }.get((switches.hide_controls and _has_controls(store), switches.hide_answers))
    if hidden:
        st.caption(f"This page was opened with a link made for a class. {hidden}")
    return switches


def draw_tools(
    store: PageStore[Any],
    switches: Switches,
    experiments: Sequence[str],
    news: Mapping[str, object],
) -> None:
    """Draw the bar, in the page's outer fragment: what it does may change controls too.

    Parameters
    ----------
    store : PageStore
        The page's state.
    switches : Switches
        What the page's address hides; it goes on doing so.
    experiments : sequence of str
        Titles, to choose one that a link starts on.
    news : mapping
        From `tools_news`. What is edited is drawn by an inner fragment, without the bar; there a
        component that is drawn anyway brings the news along (see ``component_library.js``).
    """
    key = f"{store.name}.tools"
    hidden = {CONTROLS: switches.hide_controls, ANSWERS: switches.hide_answers}
    TOOLS.draw(
        key=key,
        data={
            "news": news,
            "hidden": [name for name, hide in hidden.items() if hide],
            "offered": [CONTROLS, ANSWERS] if _has_controls(store) else [ANSWERS],
            "start": switches.start or 0,
            "experiments": list(experiments),
        },
        on_act_change=lambda: _act(key, store),
    )


def tools_news(store: PageStore[Any], *, note: str, link_note: str) -> dict[str, object]:
    """Return what the bar says of the state of a page.

    Parameters
    ----------
    store : PageStore
    note : str
        A sentence on what is on the page.
    link_note : str
        What the link leaves out, if anything.
    """
    link, problem = _link_of(store)
    store.note_link(link)
    return {
        "page": store.name,
        "serial": store.serial,
        "link": link,
        "problem": problem,
        "note": note,
        "linkNote": link_note,
        "canUndo": store.can_undo,
        "canRedo": store.can_redo,
        "changed": bool(link or problem),
    }


def _has_controls(store: PageStore[Any]) -> bool:
    """Whether a page has widgets that show its state: there may be a board alone."""
    return bool(store.widgets(store.current, store.loads))


def _link_of(store: PageStore[Any]) -> tuple[str, str]:
    """Return the packed state, or nothing and why."""
    try:
        link = store.link()
    except PackingError:
        link = ""
    else:
        if len(link) <= LONGEST_LINK:
            return link, ""
    return "", "Too much was changed to fit into a link. The files below hold everything."


def _act(key: str, store: PageStore[Any]) -> None:
    actions: dict[str, Callable[[], None]] = {
        "undo": store.undo,
        "redo": store.redo,
        "reset": store.reset,
    }
    action = actions.get(str(st.session_state[key].get("act")))
    if action is not None:
        action()
