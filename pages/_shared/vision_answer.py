"""The view of what a Vision Transformer answers: saliency or classes, also without a part of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._shared import imagenet, vision, vision_controls, vision_panels, vision_words
from pages._shared.class_bars import (
    change_sentence,
    class_picture,
    likely_sentence,
    most_likely,
)
from pages._shared.drawing import draw
from pages._shared.text_classify import say
from pages._shared.vision import Float32Array
from pages._shared.vision_controls import draw_maps
from pages._shared.vision_scene import Scene, interventions
from pages._shared.vision_state import NAME

News = Callable[[], Mapping[str, object]]

_TAKEN: Final = (
    "A dropped head's output is set to zero; a hidden patch is painted in the mean colour."
)
_WAITING: Final = "Choose a patch in the photo; it is hidden and the model asked again."


def draw_answer(scene: Scene, row: DeltaGenerator | None, news: News) -> str:
    """Draw what the model answers, also with something taken away; return how to read it.

    `news`, ``LAB.news``, is asked for once the control has had its say.
    """
    scene = vision_controls.choose_test(scene, row)
    shows = _draw_classes if scene.info.n_classes else _draw_saliency
    return shows(scene, news(), controls=row is not None)


def _draw_saliency(scene: Scene, news: Mapping[str, object], *, controls: bool) -> str:
    changes, without = interventions(scene)
    before, after = scene.look.attention.saliency, None
    if without:
        after = vision.saliency_with(scene.picture, scene.n_patches, changes)
    panels = vision_panels.saliency_panels(before, after, without)
    by_head = vision_controls.drops_head(scene)
    draw_maps(
        scene,
        panels,
        news=news,
        asks="" if by_head or scene.patch < 0 else f"Chosen: {scene.asks}",
        hint="Point at a spot for its number."
        if by_head or not controls
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
        f"suggests what matters; taking it away tests it. {_TAKEN}"
    )


def _draw_classes(scene: Scene, news: Mapping[str, object], *, controls: bool) -> str:
    """Draw the likeliest classes beside what the answer is read from reads in the last layer."""
    before = scene.look.attention.probabilities
    changes, without = interventions(scene)
    after = None
    if without:
        after = vision.probabilities_with(
            scene.picture, scene.n_patches, changes, scene.state.model
        )
    by_head = vision_controls.drops_head(scene)
    left, right = st.columns([7, 13], gap="medium")
    with left:
        _draw_likeliest(before, after, without)
        if after is None and vision_controls.waits_for_patch(scene):
            st.info(_WAITING)
    last = scene.look.attention.n_layers - 1
    with right:
        draw_maps(
            scene,
            vision_panels.attention_panels(scene.look.attention, last, -1)[-1:],
            news=news,
            asks="" if by_head or scene.patch < 0 else f"Chosen: {scene.asks}",
            hint="Point at a patch for its weight."
            if by_head or not controls
            else "Point at a patch for its weight. Choose one to hide it, with “Take away” above.",
            class_token=False,
            clickable=not by_head,
        )
    return (
        f"The task that this model was trained for: which of {before.size:,} classes of ImageNet "
        "it is. It has no way to say that it is none of them. The map shows what the last layer "
        "reads for the answer; whether the answer needs it, only taking it away tells. "
        f"{_TAKEN}"
    )


def _draw_likeliest(before: Float32Array, after: Float32Array | None, without: str) -> None:
    """Draw the likeliest classes, with something taken away beside those before."""
    names = imagenet.class_names()
    found = most_likely(before if after is None else after, names)
    said = [likely_sentence(found)]
    if after is not None:
        said = [f"Without {without}: {change_sentence(before, after, names)}", *said]
    marks, size = class_picture(found, None if after is None else before)
    draw(marks, size, name="Classes", text=" ".join(said), key=f"{NAME}.classes")
    say(said)
