"""What does a Vision Transformer look at in your picture? Maps of every head, and their tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._shared import (
    vision,
    vision_answer,
    vision_controls,
    vision_panels,
    vision_tests,
    vision_words,
)
from pages._shared.drawing import DRAWINGS
from pages._shared.experiments.vision_transformer import EXPERIMENTS, picked, see
from pages._shared.lab import Lab
from pages._shared.matrix_board import BOARD
from pages._shared.page import close_page
from pages._shared.patch_map import MAPS
from pages._shared.picture_choice import PHOTO_STRIP, choose_picture
from pages._shared.teacher import Switches
from pages._shared.training import TRAINING
from pages._shared.vision_choice import choose_model, offer_models, say_missing
from pages._shared.vision_controls import draw_maps
from pages._shared.vision_limits import draw_limits
from pages._shared.vision_scene import Scene, ensure_model
from pages._shared.vision_state import (
    ATTENTION,
    DECIDED,
    FEATURES,
    NAME,
    RANKED,
    ROLLOUT,
    SALIENCY,
    STORE,
    link_note,
)
from pages._shared.vision_work import TAKEAWAY, work_of
from pages._shared.work import draw_work

FILE: Final = "pages/vision_transformer.py"
LAB: Final = Lab(FILE, STORE, see, EXPERIMENTS, TAKEAWAY, picked, link_note=link_note)
ABOUT: Final = (
    r"$\text{weights} = \text{softmax}\left(q K^\top / \sqrt{64}\right)$, with $q$ the query of "
    "the token that asks and $K$ the keys of all tokens; 64 is d_head. Tokens are the patches and "
    "one *class token*, which stands for the whole picture. Each of 12 *layers* has 6 *heads*: "
    "attentions side by side, each with queries and keys of its own. (A model that you fetch has "
    "layers and heads in numbers of its own, and may have no class token.)"
)


def draw_attention(scene: Scene, row: DeltaGenerator | None) -> str:
    """Draw what one token reads in every head of a layer; return how to read it."""
    scene = vision_controls.choose_layer(scene, row)
    panels = vision_panels.attention_panels(scene.look.attention, scene.layer, scene.patch)
    draw_maps(
        scene,
        panels,
        news=LAB.news(),
        asks=f"Asking: {scene.asks}",
        hint="Point at a patch for its weight. Choose it to see what it reads.",
    )
    if row is not None:
        vision_controls.offer_tests(scene)
    who = "all patches, on average" if scene.averages else "the token that asks"
    reading = f"The brighter a patch, the more of it flows into {who}."
    if scene.info.n_classes:
        return reading
    return (
        f"{reading} In most photos early layers read widely or from one patch; late ones the "
        "subject, and some the background."
    )


def draw_rollout(scene: Scene, row: DeltaGenerator | None) -> str:
    """Draw attention followed through the layers, and its sink; return how to read it."""
    scene = vision_controls.choose_layer(scene, row, label="From layer", name="start_layer")
    start_layer = scene.state.start_layer - 1
    model = scene.state.model
    rolled = vision.rollout(scene.picture, scene.n_patches, start_layer, model=model)
    received = vision.received_in_layer(scene.picture, scene.n_patches, 0, model)
    attention = scene.look.attention
    draw_maps(
        scene,
        vision_panels.rollout_panels(attention, rolled, received, start_layer, scene.patch),
        news=LAB.news(),
        asks=f"Asking: {scene.asks}",
        hint="Point at a patch for its share. Dashed: the patch that layer 1 reads most.",
        mark=vision_words.sink_patch(attention, received),
    )
    return (
        f"Rollout multiplies the layers' weights, each taken as half attention (mean of "
        f"{attention.n_heads} heads) and half identity; every row sums to one. "
        f"{vision_words.sink_sentence(attention, received)} "
        "Start from layer 1 to see what a sink does to the rollout."
    )


def draw_features(scene: Scene, row: DeltaGenerator | None) -> str:
    """Draw the last layer's features as colours, or by likeness; return how to read them."""
    del row  # there are no controls here but the picture itself
    colours = vision.feature_colours(scene.picture, scene.n_patches, scene.state.model)
    panels = vision_panels.feature_panels(scene.look.attention, colours, scene.patch)
    draw_maps(
        scene,
        panels,
        news=LAB.news(),
        asks="" if scene.patch < 0 else f"Compared with {scene.asks}",
        hint="Choose a patch to see which others have features like its own.",
        first=len(panels) - 1,
        class_token=False,
    )
    return (
        "What attention has gathered by the last layer; patches of one thing often come to "
        "resemble each other."
        + ("" if scene.info.n_classes else " Part of this comes from the training for saliency.")
    )


def draw_answer(scene: Scene, row: DeltaGenerator | None) -> str:
    """Draw what the model answers, also with something taken away; return how to read it."""
    return vision_answer.draw_answer(scene, row, LAB.news)


DRAW: Final[Mapping[str, Callable[[Scene, DeltaGenerator | None], str]]] = {
    ATTENTION: draw_attention,
    ROLLOUT: draw_rollout,
    FEATURES: draw_features,
    SALIENCY: draw_answer,
    DECIDED: lambda scene, _row: vision_tests.draw_decided(scene, LAB.news),
    RANKED: lambda scene, _row: vision_tests.draw_ranked(scene, LAB.news),
}


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    ensure_model()
    LAB.begin_live()
    row = vision_controls.open_row(shown=not switches.hide_controls)
    scene = vision_controls.set_scene(row)
    reading = DRAW[scene.view](scene, row)
    if scene.view not in (DECIDED, RANKED):  # which say themselves how often the model runs
        run = vision_words.pass_sentence(scene.look, again=scene.view == SALIENCY)
        reading = f"{reading}\n\n{run}"
    st.caption(reading)
    draw_work(NAME, work_of(replace(scene, state=STORE.current)), opened=False)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a picture and what is seen in it."""
    ensure_model()
    LAB.start(switches)
    with st.container():
        if switches.hide_controls:
            say_missing()
        else:
            choose_picture(
                STORE.current.photo,
                lambda name: vision_controls.put(photo=name, point=None, panel=None),
            )
            choose_model()
    LAB.draw_tools(switches)
    draw_live(switches)
    offer_models(shown=not switches.hide_controls)
    LAB.draw_lesson(switches)


class_switches = LAB.open(MAPS, PHOTO_STRIP, DRAWINGS, BOARD, TRAINING, about=ABOUT)
draw_lab(class_switches)
LAB.draw_take()
draw_limits()
close_page(LAB.page)
