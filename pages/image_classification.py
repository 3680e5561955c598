"""How does it name what it sees, and which patches decided? Three classifiers, and their tests."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._shared import (
    classify_controls,
    classify_digits,
    classify_photos,
    digit_choice,
    digit_look,
    digit_weights,
)
from pages._shared.classify_limits import draw_limits
from pages._shared.classify_scene import (
    DECIDED,
    DIGITS,
    HEADS,
    IMAGENET,
    LEARNED,
    NAME,
    NAMED,
    RANKED,
    TAUGHT,
    TEACH,
    TRAIN,
    Scene,
    see,
)
from pages._shared.classify_state import STORE, link_note
from pages._shared.classify_work import TAKEAWAY, work_of
from pages._shared.experiments.image_classification import EXPERIMENTS
from pages._shared.lab import Lab
from pages._shared.matrix_board import BOARD
from pages._shared.news import NEWS, draw_news
from pages._shared.page import close_page
from pages._shared.teacher import Switches
from pages._shared.training import TRAINING
from pages._shared.work import draw_work

FILE: Final = "pages/image_classification.py"
LAB: Final = Lab(FILE, STORE, see, EXPERIMENTS, TAKEAWAY, link_note=link_note)
COMPONENTS: Final = {
    one.name: one
    for one in (
        *digit_choice.COMPONENTS,
        *digit_look.COMPONENTS,
        *digit_weights.COMPONENTS,
        BOARD,
        NEWS,
        TRAINING,
    )
}
ABOUT: Final = (
    r"$\text{logits} = W x + b$ and $p = \text{softmax}(\text{logits})$, with $x$ what attention "
    "has gathered in the *class token* after the last layer, and a row of $W$, a direction, for "
    "each class. Classes that you teach have no $W$: there the *cosine* with the mean of your own "
    "pictures decides."
)
# By model and view; each draws, and returns how to read it.
DRAW: Final = {
    (DIGITS, NAMED): classify_digits.draw_name,
    (DIGITS, HEADS): classify_digits.draw_heads,
    (DIGITS, DECIDED): classify_digits.draw_decided,
    (DIGITS, RANKED): classify_digits.draw_ranked,
    (DIGITS, LEARNED): classify_digits.draw_learned,
    (DIGITS, TRAIN): classify_digits.draw_train,
    (TAUGHT, TEACH): classify_photos.draw_teach,
    (TAUGHT, NAMED): classify_photos.draw_taught_name,
    (TAUGHT, DECIDED): classify_photos.draw_taught_decided,
    (IMAGENET, NAMED): classify_photos.draw_imagenet_name,
    (IMAGENET, DECIDED): classify_photos.draw_imagenet_decided,
}


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    LAB.begin_live()
    shown = not switches.hide_controls
    if shown:
        classify_controls.choose_model_and_view()
    scene = see(STORE.current)
    reading = DRAW[scene.state.model, scene.view](scene, LAB.news, shown=shown)
    st.caption(reading)
    draw_the_work()
    # Teaching and naming draw nothing that brings them.
    draw_news(LAB.news(), key=f"{NAME}.news")


def draw_the_work() -> None:
    """Draw the arithmetic, the programs and the source, where the view has any."""
    scene: Scene = see(STORE.current)
    work = work_of(scene)
    if work is not None:
        draw_work(f"{NAME}.{scene.state.model}", work, opened=False)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a model and a picture, and what comes of the two."""
    LAB.start(switches)
    LAB.draw_tools(switches)
    draw_live(switches)
    LAB.draw_lesson(switches)


class_switches = LAB.open(*COMPONENTS.values(), about=ABOUT)
draw_lab(class_switches)
LAB.draw_take()
draw_limits(classify_photos.credits_tables())
close_page(LAB.page)
