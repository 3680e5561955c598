"""What do the heads of a trained encoder do, and how does it classify? A text, read live."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import Final

import streamlit as st

from pages._shared import text_controls, text_words
from pages._shared.attention_lines import ATTENTION_LINES
from pages._shared.attention_map import ATTENTION_MAP
from pages._shared.drawing import DRAWINGS
from pages._shared.experiments.text_classification import EXPERIMENTS
from pages._shared.head_grid import HEAD_GRID
from pages._shared.lab import Lab
from pages._shared.page import close_page
from pages._shared.teacher import Switches
from pages._shared.text_classify import draw_classify
from pages._shared.text_limits import draw_limits
from pages._shared.text_mask import draw_masked
from pages._shared.text_roles import draw_find, draw_roles
from pages._shared.text_scene import CLASSIFY, FIND, HEADS, NAME, ROLE, Scene, see
from pages._shared.text_state import STORE, link_note
from pages._shared.text_views import draw_heads
from pages._shared.text_work import TAKEAWAY, work_of
from pages._shared.word_bars import WORD_BARS
from pages._shared.work import draw_work

FILE: Final = "pages/text_classification.py"
LAB: Final = Lab(FILE, STORE, see, EXPERIMENTS, TAKEAWAY, link_note=link_note)
ABOUT: Final = (
    r"$\text{weights} = \text{softmax}\left(Q K^\top / \sqrt{32}\right)$ in each of 12 *heads* of "
    r"each of 6 *layers*; 32 is d_head. Tokens are the pieces of your words between two signs, "
    r"\[CLS\] and \[SEP\]. The mean of what comes out of the last layer is the text as one vector, "
    "its *embedding*."
)


def draw_view(scene: Scene, *, controls: bool) -> str:
    """Draw what the state chooses to see; return how to read it."""
    if scene.view == HEADS:
        return draw_heads(scene, LAB.news, controls=controls)
    if scene.view == ROLE:
        return draw_roles(scene, LAB.news)
    if scene.view == FIND:
        return draw_find(scene, LAB.news)
    if scene.view == CLASSIFY:
        return draw_classify(scene, LAB.news, controls=controls)
    return draw_masked(scene, LAB.news)


def draw_controls() -> None:
    """Draw the view and the one choice that belongs to it, in a row."""
    with st.container(horizontal=True, gap="medium"):
        text_controls.choose_view()
        view = STORE.current.view
        if view == HEADS:
            text_controls.choose_look()
        elif view == ROLE:
            text_controls.choose_role()
        elif view == FIND:
            text_controls.choose_pattern()
        else:
            text_controls.choose_task()


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    LAB.begin_live()
    if not switches.hide_controls:
        draw_controls()
    scene = see(STORE.current)
    for notice in text_words.notices(scene):
        st.html(f"<p class='text notice' role='status'>{escape(notice)}</p>")
    if scene.tokens.words:
        reading = draw_view(scene, controls=not switches.hide_controls)
        st.caption(f"{reading}\n\n{text_words.pass_sentence(scene)}".replace("[", r"\["))
        draw_work(NAME, work_of(replace(scene, state=STORE.current)), opened=False)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a text and what is seen in it."""
    LAB.start(switches)
    with st.container():
        if not switches.hide_controls:
            text_controls.choose_text()
    LAB.draw_tools(switches)
    draw_live(switches)
    LAB.draw_lesson(switches)


class_switches = LAB.open(
    HEAD_GRID, ATTENTION_MAP, ATTENTION_LINES, DRAWINGS, WORD_BARS, about=ABOUT
)
draw_lab(class_switches)
LAB.draw_take()
draw_limits()
close_page(LAB.page)
