"""Which English word is each French word reading? A trained translator, open to the hand."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._shared import translation_maps
from pages._shared.action_bar import ACTION_BAR
from pages._shared.beam_tree import BEAM_TREE
from pages._shared.experiments.translation import EXPERIMENTS, picked
from pages._shared.lab import Lab
from pages._shared.page import close_page
from pages._shared.sentence_menus import SENTENCE_MENUS
from pages._shared.teacher import Switches
from pages._shared.translation_choice import BEAM, NAME, RECURRENT, TURN
from pages._shared.translation_compare import draw_against_recurrent, draw_turning
from pages._shared.translation_controls import choose_sentence, choose_view, warn_of_unknown
from pages._shared.translation_limits import draw_limits
from pages._shared.translation_scene import Scene, see
from pages._shared.translation_state import STORE, note_of
from pages._shared.translation_take import TAKEAWAY
from pages._shared.translation_views import draw_beam, draw_maps, draw_words
from pages._shared.translation_words import TRANSLATION_WORDS
from pages._shared.translation_work import work_of
from pages._shared.work import draw_work

LAB: Final = Lab("pages/translation.py", STORE, see, EXPERIMENTS, TAKEAWAY, picked, note_of)
ABOUT: Final = (
    r"$\text{weights} = \text{softmax}\left(q K^\top / \sqrt{32}\right)$: in *cross-attention* $q$ "
    "is the query of the French word about to be written, and $K$ the keys of the English words. "
    "The *encoder* reads the English sentence once, the *decoder* writes French word by word; each "
    "has 2 layers of 4 heads. **Choose** a word or a weight; **hide** a word and see what changes."
)


def draw_view(scene: Scene, *, with_controls: bool) -> None:
    """Draw what the reader chose to see of the translation."""
    view = scene.state.view
    if view == TURN:
        draw_turning(scene, LAB.news())
    elif view == RECURRENT:
        draw_against_recurrent(scene, LAB.news(), with_controls=with_controls)
    elif view == BEAM:
        draw_beam(scene, LAB.news(), with_controls=with_controls)
    else:
        draw_words(scene)
        draw_maps(scene, LAB.news(), with_controls=with_controls)


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    LAB.begin_live()
    draw_view(see(STORE.current), with_controls=not switches.hide_controls)
    draw_work(NAME, work_of(see(STORE.current)), opened=False)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a sentence and of a view, and what is seen in it."""
    LAB.start(switches)
    with st.container():
        if not switches.hide_controls:
            sentence = st.container()
            # Some views have a sentence of their own. Each choice is a step, however quick.
            STORE.keep(choose_view(STORE.current), joins=False)
            with sentence:
                STORE.keep(choose_sentence(STORE.current, STORE.loads), joins=False)
        goes_on = warn_of_unknown(STORE.current)
    LAB.draw_tools(switches)
    if goes_on:
        draw_live(switches)
    LAB.draw_lesson(switches)


class_switches = LAB.open(
    TRANSLATION_WORDS,
    ACTION_BAR,
    SENTENCE_MENUS,
    BEAM_TREE,
    *translation_maps.COMPONENTS,
    about=ABOUT,
)
draw_lab(class_switches)
LAB.draw_take()
draw_limits()
close_page(LAB.page)
