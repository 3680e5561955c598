"""The views of the image classification page in which the digit model is looked at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from core.digit_changes import AS_IT_IS
from pages._shared import classify_controls as controls
from pages._shared import digit_look, digit_training_controls, digit_weights
from pages._shared.classify_scene import EXPLAINED_DIGIT, NAME, NAMED, Scene
from pages._shared.classify_state import STORE
from pages._shared.classify_subjects import digit_subject, digits_of
from pages._shared.digit_look_scene import LookChoice
from pages._shared.digit_training_view import draw_digit_training
from pages._shared.digits import N_DIGITS
from pages._shared.explanation_view import draw_explanations
from pages._shared.head_ranking import draw_head_ranking

# Asked for only when it is sent on: a control drawn meanwhile may have changed the state.
News = Callable[[], Mapping[str, object]]

KEY: Final = f"{NAME}.digit"
EXPLAINED: Final = (
    "Four answers to “which patches?”, made in four ways: what is read in the last layer; what is "
    "read through all layers; what is read times how much the answer would change with it; and "
    "what is lost when a part is hidden. None of them is true by itself: the test says which the "
    "model bears out here."
)


def draw_name(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw the ways to a digit beside what the model makes of it; return how to read it."""
    way, patches, answer = st.columns([9, 5, 8], gap="medium")
    if shown:
        with patches:  # first: what the pad shows beside the ink is what the model gets
            controls.choose_change()
        with way:
            controls.draw_digit_choice(controls.scene_now(), news())
        scene = controls.scene_now()
    look = scene.untouched  # what is taken away in Heads is there in this view
    with patches:
        digit_look.draw_patches(look, key=KEY)
    with answer:
        st.caption(f"Named: {scene.digit_name}.")
        digit_look.draw_answer(look, key=KEY)
    return _reading(scene)


def _reading(scene: Scene) -> str:
    model = scene.digit.model.model
    asked = "class token" if model.has_class_token else "mean of the patches"
    changed = (
        ""
        if scene.state.change == AS_IT_IS
        else " It was trained on digits as they are written: not turned, mirrored, in "
        "negative or in disorder."
    )
    return (
        f"{model.n_layers} layers of {model.n_heads} heads turn the patches into one vector of "
        f"{model.d_model} numbers, the {asked}; its product with a direction for each digit is a "
        "logit, and softmax makes ten probabilities that sum to 1, also where there is no digit."
        f"{changed}"
    )


def _say_which(scene: Scene) -> None:
    """Say which digit a view is about, where it cannot be chosen."""
    st.caption(f"The digit: {scene.digit_name}. Another one can be chosen in “{NAMED}”.")


def draw_heads(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw every head of the digit model, and one row over the digit; return how to read it."""

    def keep(choice: LookChoice) -> None:
        controls.keep_step(looked=choice)

    _say_which(scene)
    version = STORE.version()
    look = scene.digit
    digit_look.draw_heads(
        look, key=KEY, version=version, on_choose=keep, news=news(), controls=shown
    )
    over, answer = st.columns([5, 3], gap="medium")
    with over:
        digit_look.draw_over(look, key=KEY, version=version, on_choose=keep)
    with answer:
        digit_look.draw_answer(look, key=KEY)
    return (
        "Queries are rows, keys are columns: the class token first, then the patches row by row. "
        "A weight says how much is read; whether the answer needs it, only taking it away tells."
        if look.attention.has_class_token
        else "Queries are rows, keys are columns. The answer is read from the mean of all patches, "
        "so the first row is their average: no token of its own asks."
    )


def draw_decided(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw the explanations of a digit and their tests; return how to read them."""
    if shown:
        controls.choose_target({digit: str(digit) for digit in range(N_DIGITS)}, "The digit named")
        scene = controls.scene_now()
    _say_which(scene)
    subject = digit_subject(scene)
    draw_explanations(
        subject,
        digit_look.photo_of(scene.digit.image, scene.digit_name),
        key=EXPLAINED_DIGIT,
        pictures=digits_of(scene),
        news=news,
    )
    return EXPLAINED


def draw_ranked(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw what dropping each head does to a digit; return how to read it."""
    if shown:
        controls.choose_target({digit: str(digit) for digit in range(N_DIGITS)}, "The digit named")
        scene = controls.scene_now()

    _say_which(scene)

    def choose(layer: int, head: int) -> None:
        controls.keep_step(looked=replace(STORE.current.looked, layer=layer, head=head, mean=False))

    draw_head_ranking(digit_subject(scene), key=f"{NAME}.ranked", on_choose=choose, news=news)
    return (
        f"Every head of {scene.digit_model.model.n_layers} layers is dropped alone: its output is "
        "set to zero, and the model answers again. Choose one, then see it in Heads."
    )


def draw_learned(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw every number that the digit model learned; return how to read them."""
    del shown  # nothing here changes what is on the page
    digit_weights.draw_weights(
        scene.digit_model,
        scene.state.learned,
        key=f"{NAME}.learned",
        on_choose=lambda choice: controls.keep(learned=choice),
        news=news(),
    )
    return (
        "All that training found, and all that the model is: what a digit adds are only the "
        "tokens that run through these. Attention weights are made anew for every digit."
    )


def draw_train(scene: Scene, news: News, *, shown: bool) -> str:
    """Draw the switches of a training, the training, and every run; return how to read them."""
    settings = scene.state.training
    if shown:
        settings = digit_training_controls.choose_settings(settings, f"{NAME}.train", STORE.loads)
        controls.keep(training=settings)
    draw_digit_training(
        settings, news, lambda: controls.put(own_model=True, view=NAMED), STORE.refresh
    )
    return (
        "Trained from nothing, while you look, on 1,297 digits; measured on 500 that were held "
        "out. Take one thing away and train again: what does it cost?"
    )
