"""How does attention write the next word? A small language model, open to the hand."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st

from pages._shared import gpt_controls
from pages._shared.action_bar import ACTION_BAR
from pages._shared.attention_lines import ATTENTION_LINES
from pages._shared.attention_map import ATTENTION_MAP
from pages._shared.drawing import DRAWINGS
from pages._shared.experiments.gpt import EXPERIMENTS, picked
from pages._shared.gpt_both_view import draw_both
from pages._shared.gpt_cache import draw_cache
from pages._shared.gpt_choice import BOTH, CACHE, HEADS, INDUCTION, NAME
from pages._shared.gpt_heads import draw_heads
from pages._shared.gpt_limits import draw_limits
from pages._shared.gpt_next import GPT_NEXT
from pages._shared.gpt_next_view import draw_next
from pages._shared.gpt_scene import Scene, see
from pages._shared.gpt_state import INDUCTION_KEY, STORE
from pages._shared.gpt_take import TAKEAWAY
from pages._shared.gpt_work import work_of
from pages._shared.head_grid import HEAD_GRID
from pages._shared.induction_view import draw_induction
from pages._shared.lab import Lab
from pages._shared.page import close_page
from pages._shared.teacher import Switches
from pages._shared.training import TRAINING
from pages._shared.translation_words import TRANSLATION_WORDS
from pages._shared.value_map import VALUE_MAPS
from pages._shared.word_bars import WORD_BARS
from pages._shared.work import draw_work

LAB: Final = Lab("pages/gpt.py", STORE, see, EXPERIMENTS, TAKEAWAY, picked)
ABOUT: Final = (
    r"$p(\text{next word}) = \text{softmax}\left(W\,x_n + b\right)$, where $x_n$ is what 4 "
    "*layers* of 4 *heads* made of the last word: in each of them it read itself and the words "
    "before it, never one after it. That is the *causal mask*. $W$ has a row for every word that "
    "could come. **Write** on, **choose** a word to see what may come after it, **hide** one and "
    "see what changes."
)


def draw_view(scene: Scene, *, controls: bool) -> str:
    """Draw what the state chooses to see; return how to read it."""
    view = scene.state.view
    if view == HEADS:
        return draw_heads(scene, LAB.news, controls=controls)
    if view == CACHE:
        return draw_cache(scene, LAB.news, controls=controls)
    if view == BOTH:
        return draw_both(scene, LAB.news, controls=controls)
    if view == INDUCTION:
        draw_induction(
            scene.state.induction,
            key=INDUCTION_KEY,
            on_choose=gpt_controls.take_induction_choice,
            news=LAB.news(),
            with_controls=controls,
        )
        return ""
    return draw_next(scene, LAB.news, controls=controls)


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    LAB.begin_live()
    scene = see(STORE.current)
    if reading := draw_view(scene, controls=not switches.hide_controls):
        st.caption(reading)
    draw_work(NAME, work_of(replace(scene, state=STORE.current)), opened=False)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a beginning and what the model makes of it."""
    LAB.start(switches)
    with st.container():
        if not switches.hide_controls:
            text = st.container()
            gpt_controls.choose_view()
            with text:
                gpt_controls.choose_text()
        gpt_controls.warn_of_unknown()
    LAB.draw_tools(switches)
    draw_live(switches)
    LAB.draw_lesson(switches)


class_switches = LAB.open(
    TRANSLATION_WORDS,
    ACTION_BAR,
    GPT_NEXT,
    HEAD_GRID,
    ATTENTION_MAP,
    ATTENTION_LINES,
    VALUE_MAPS,
    WORD_BARS,
    DRAWINGS,
    TRAINING,
    about=ABOUT,
)
draw_lab(class_switches)
LAB.draw_take()
draw_limits()
close_page(LAB.page)
