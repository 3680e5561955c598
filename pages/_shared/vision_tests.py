"""The views of the Vision Transformer page that test: explanations, and every head in turn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from pages._shared import vision_controls
from pages._shared.explanation_panels import explanation_arrays
from pages._shared.explanation_runs import occluded
from pages._shared.explanation_view import draw_explanations
from pages._shared.explanation_work import explanation_work, ranking_work
from pages._shared.files import Tabular
from pages._shared.head_ranking import draw_head_ranking
from pages._shared.vision_picture import FINE
from pages._shared.vision_scene import Scene
from pages._shared.vision_state import DECIDED, NAME, NO_TEST
from pages._shared.vision_subjects import photo_subject, photo_under, photos_of
from pages._shared.work import Work

News = Callable[[], Mapping[str, object]]

TESTED: Final = f"{NAME}.explained"


def draw_decided(scene: Scene, news: News) -> str:
    """Draw four explanations of the answer and their tests; return how to read them."""
    model = scene.state.model
    draw_explanations(
        photo_subject(scene.picture, model),
        photo_under(scene.picture),
        key=TESTED,
        pictures=photos_of(model),
        news=news,
    )
    return (
        "Four answers to “which patches?”, made in four ways. None of them is true by itself: the "
        f"test says which the model bears out here.{_cut(scene)}"
    )


def draw_ranked(scene: Scene, news: News) -> str:
    """Draw what dropping each head does to the answer; return how to read it."""

    def choose(layer: int, head: int) -> None:
        vision_controls.keep(layer=layer + 1, head=head + 1, test=NO_TEST)
        st.session_state[f"{NAME}.layer"] = layer + 1
        st.session_state[f"{NAME}.head"] = head + 1

    subject = photo_subject(scene.picture, scene.state.model)
    draw_head_ranking(subject, key=f"{NAME}.ranked", on_choose=choose, news=news)
    attention = scene.look.attention
    return (
        f"Every one of {attention.n_layers * attention.n_heads} heads is dropped alone, its output "
        "set to zero, and the model asked again. Choose one, then see in Attention what it reads."
        f"{_cut(scene)}"
    )


def work_of(scene: Scene) -> Work:
    """Return the arithmetic and the source behind these views."""
    subject = photo_subject(scene.picture, scene.state.model)
    return explanation_work(subject, TESTED) if scene.view == DECIDED else ranking_work(subject)


def take_arrays(scene: Scene) -> dict[str, Tabular]:
    """Return the maps of the explanations."""
    subject = photo_subject(scene.picture, scene.state.model)
    return {**explanation_arrays(subject, occluded(TESTED, subject))}


def _cut(scene: Scene) -> str:
    if scene.state.n_patches != FINE:
        return ""
    return f" It is cut into about {scene.info.resolution(fine=False):,} patches for this."
