"""The views of the image classification page in which photos are named and explained."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import streamlit as st

from pages._shared import classify_controls as controls
from pages._shared import imagenet, imagenet_view, taught_view
from pages._shared.classify_digits import EXPLAINED
from pages._shared.classify_scene import EXPLAINED_IMAGENET, EXPLAINED_TAUGHT, NAME, Scene
from pages._shared.classify_subjects import (
    imagenet_choices,
    taught_choices,
    taught_subject,
)
from pages._shared.explanation_view import draw_explanations
from pages._shared.picture_choice import credits_table
from pages._shared.taught_choice import draw_notice
from pages._shared.taught_photos import credits_table as starter_credits
from pages._shared.vision_subjects import photo_subject, photo_under, photos_of

News = Callable[[], Mapping[str, object]]

_KEY: Final = f"{NAME}.imagenet"


def draw_teach(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw the choice of classes and how well they are told apart; return how to read it."""
    del news  # what is taught is put in place, and that draws the whole page anew
    return taught_view.draw_teach(
        scene.state.taught, lambda ids: controls.put(taught=ids), controls=shown
    )


def draw_taught_name(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw a photo and how near it is to what was taught; return how to read it."""
    del news
    if shown:
        controls.draw_photo_choice(scene.state.photo)
    photo, answer = st.columns([2, 3], gap="medium")
    with photo:
        controls.draw_photo(scene.picture)
    with answer:
        return taught_view.draw_name(scene.taught, scene.picture)


def draw_taught_decided(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw the explanations of a cosine and their tests; return how to read them."""
    if shown:
        controls.draw_photo_choice(scene.state.photo)
        controls.choose_target(taught_choices(scene), "The nearest class")
        scene = controls.scene_now()
    subject = taught_subject(scene)
    if subject is None:
        draw_notice([scene.taught.problem])
        return EXPLAINED
    draw_explanations(subject, photo_under(scene.picture), key=EXPLAINED_TAUGHT, news=news)
    return EXPLAINED


def credits_tables() -> str:
    """Return, in HTML, who made the photos of the starter set and the samples."""
    return f"{starter_credits()}{credits_table()}"


def draw_imagenet_name(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw the ImageNet models and what the chosen one names; return how to read it."""
    del news  # a photo's choice draws the whole page anew
    state = scene.state
    if shown:
        controls.draw_photo_choice(state.photo)
    photo, answer = st.columns([2, 3], gap="medium")
    with photo:
        controls.draw_photo(scene.picture)
    with answer:
        chosen = imagenet_view.draw_imagenet(
            scene.picture, state.imagenet, key=_KEY, controls=shown, photo=state.photo
        )
    if shown:
        controls.keep(imagenet=chosen)
    return (
        "A thousand logits, one softmax: the likeliest class is named however unlikely it is, and "
        "whatever is in the picture."
    )


def draw_imagenet_decided(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw the explanations of an ImageNet class and their tests; return how to read them."""
    state = scene.state
    if state.imagenet not in {entry.name for entry in imagenet.fetched_models()}:
        st.info(
            "This needs an ImageNet model. Fetch one under “Name it”.",
            icon=":material/cloud_download:",
        )
        return EXPLAINED
    if problem := imagenet.problem_with(state.imagenet):
        st.warning(problem, icon=":material/cloud_off:")
        return EXPLAINED
    if shown:
        controls.draw_photo_choice(state.photo)
        controls.choose_target(imagenet_choices(scene), "The likeliest class")
        scene = controls.scene_now()
    subject = photo_subject(scene.picture, scene.state.imagenet, scene.state.target)
    draw_explanations(
        subject,
        photo_under(scene.picture),
        key=EXPLAINED_IMAGENET,
        pictures=photos_of(scene.state.imagenet),
        news=news,
    )
    return EXPLAINED
