"""What does a Vision Transformer look at in your picture? Maps of every head, and their tests."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._shared import vision, vision_controls, vision_panels, vision_words
from pages._shared.experiments.vision_transformer import EXPERIMENTS, picked
from pages._shared.lab import Lab
from pages._shared.page import close_page
from pages._shared.patch_map import MAPS
from pages._shared.picture_choice import PHOTO_STRIP, choose_picture
from pages._shared.teacher import Switches
from pages._shared.vision_controls import draw_maps
from pages._shared.vision_limits import draw_limits
from pages._shared.vision_state import (
    ATTENTION,
    FEATURES,
    NAME,
    ROLLOUT,
    SALIENCY,
    STORE,
    Scene,
    interventions,
    link_note,
    see,
)
from pages._shared.vision_work import TAKEAWAY, work_of
from pages._shared.work import draw_work

FILE: Final = "pages/vision_transformer.py"
LAB: Final = Lab(FILE, STORE, see, EXPERIMENTS, TAKEAWAY, picked, link_note=link_note)
ABOUT: Final = (
    r"$\text{weights} = \text{softmax}\left(q K^\top / \sqrt{64}\right)$, with $q$ the query of "
    "the token that asks and $K$ the keys of all tokens; 64 is d_head. Tokens are the patches and "
    "one *class token*, which stands for the whole picture. Each of 12 *layers* has 6 *heads*: "
    "attentions side by side, each with queries and keys of its own."
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
    return (
        "The brighter a patch, the more of it flows into the token that asks. In most photos early "
        "layers read widely or from one patch; late ones the subject, and some the background."
    )


def draw_rollout(scene: Scene, row: DeltaGenerator | None) -> str:
    """Draw attention followed through the layers, and its sink; return how to read it."""
    scene = vision_controls.choose_layer(scene, row, label="From layer", name="start_layer")
    start_layer = scene.state.start_layer - 1
    rolled = vision.rollout(scene.picture, scene.n_patches, start_layer)
    received = vision.received_in_layer(scene.picture, scene.n_patches, 0)
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
    colours = vision.feature_colours(scene.picture, scene.n_patches)
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
        "What attention has gathered by the last layer: patches of one thing have come to "
        "resemble each other. Part of this comes from the training to find what is salient."
    )


def draw_saliency(scene: Scene, row: DeltaGenerator | None) -> str:
    """Draw the predicted saliency, also with something taken away; return how to read it."""
    scene = vision_controls.choose_test(scene, row)
    changes, without = interventions(scene)
    before, after = scene.look.attention.saliency, None
    if without:
        after = vision.saliency_with(scene.picture, scene.n_patches, changes)
    panels = vision_panels.saliency_panels(before, after, without)
    by_head = vision_controls.drops_head(scene)
    draw_maps(
        scene,
        panels,
        news=LAB.news(),
        asks="" if by_head or scene.patch < 0 else f"Chosen: {scene.asks}",
        hint="Point at a spot for its number."
        if by_head or row is None
        else "Point at a spot for its number. Choose a patch to hide it, with “Take away” above.",
        first=len(panels) - 1,
        class_token=False,
        clickable=not by_head,
    )
    if after is not None:
        st.markdown(vision_words.change_sentence(before, after, without))
    elif vision_controls.waits_for_patch(scene):
        st.info("Choose a patch in the photo; it is hidden and saliency predicted again.")
    return (
        "The task that this model was trained for: how likely each spot is to stand out. A map "
        "suggests what matters; taking it away tests it. A dropped head's output is set to zero; "
        "a hidden patch is painted in the mean colour."
    )


DRAW: Final = {
    ATTENTION: draw_attention,
    ROLLOUT: draw_rollout,
    FEATURES: draw_features,
    SALIENCY: draw_saliency,
}


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    LAB.begin_live()
    row = vision_controls.open_row(shown=not switches.hide_controls)
    scene = vision_controls.set_scene(row)
    reading = DRAW[scene.view](scene, row)
    run = vision_words.pass_sentence(scene.look, again=scene.view == SALIENCY)
    st.caption(f"{reading}\n\n{run}")
    draw_work(NAME, work_of(replace(scene, state=STORE.current)), opened=False)


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a picture and what is seen in it."""
    LAB.start(switches)
    with st.container():
        if not switches.hide_controls:
            choose_picture(
                STORE.current.photo,
                lambda name: vision_controls.put(photo=name, point=None, panel=None),
            )
    LAB.draw_tools(switches)
    draw_live(switches)
    LAB.draw_lesson(switches)


class_switches = LAB.open(MAPS, PHOTO_STRIP, about=ABOUT)
draw_lab(class_switches)
LAB.draw_take()
draw_limits()
close_page(LAB.page)
