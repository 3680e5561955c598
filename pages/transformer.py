"""How do attention layers make a Transformer? A whole one, running, with every block open."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._shared import block_view, digit_choice, size_view, stream_view
from pages._shared.action_bar import ACTION_BAR
from pages._shared.experiments.transformer import EXPERIMENTS
from pages._shared.lab import Lab
from pages._shared.page import close_page
from pages._shared.size_view import draw_sizes
from pages._shared.stream_view import draw_stream
from pages._shared.teacher import Switches
from pages._shared.transformer_choice import COMPARED, NAME, SIZES, STREAM
from pages._shared.transformer_compare import draw_compared
from pages._shared.transformer_controls import choose_model, choose_view
from pages._shared.transformer_drawing import TRANSFORMER_DRAWING
from pages._shared.transformer_limits import draw_limits
from pages._shared.transformer_scene import Scene, see
from pages._shared.transformer_state import STORE, keep, link_note
from pages._shared.transformer_views import draw_drawing
from pages._shared.transformer_work import TAKEAWAY

LAB: Final = Lab("pages/transformer.py", STORE, see, EXPERIMENTS, TAKEAWAY, link_note=link_note)
ABOUT: Final = (
    r"$x \leftarrow x + \text{attention}(x)$, then $x \leftarrow x + \text{feed-forward}(x)$, "
    "layer after layer: tokens become vectors, a *stream* that every block reads and adds to. At "
    "the end it is compared with every word of a table, and softmax makes probabilities of that. "
    "**Choose** a block of the drawing to open it; **switch** it off and see what the model says."
)


def draw_view(scene: Scene, *, with_controls: bool) -> None:
    """Draw what the reader chose to see of the model."""
    view = scene.state.view
    if view == SIZES:
        draw_sizes(
            scene.state.sizes,
            key=f"{NAME}.sizes",
            on_choose=lambda sizes: keep(sizes=sizes),
            news=LAB.news(),
            with_controls=with_controls,
        )
    elif view == COMPARED:
        draw_compared(scene, LAB.news(), with_controls=with_controls)
    elif view == STREAM:
        draw_stream(scene, LAB.news(), with_controls=with_controls)
    else:
        draw_drawing(scene, LAB.news(), with_controls=with_controls)


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    LAB.begin_live()
    draw_view(see(STORE.current), with_controls=not switches.hide_controls)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a view and of a model, and what is seen of it."""
    LAB.start(switches)
    with st.container():
        if not switches.hide_controls:
            choose_view()
            choose_model()
    LAB.draw_tools(switches)
    draw_live(switches)
    LAB.draw_lesson(switches)


class_switches = LAB.open(
    TRANSFORMER_DRAWING,
    ACTION_BAR,
    *dict.fromkeys(
        (
            *block_view.COMPONENTS,
            *stream_view.COMPONENTS,
            *size_view.COMPONENTS,
            *digit_choice.COMPONENTS,
        )
    ),
    about=ABOUT,
)
draw_lab(class_switches)
LAB.draw_take()
draw_limits()
close_page(LAB.page)
