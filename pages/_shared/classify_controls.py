"""The controls of the image classification page: each keeps what it says in the page's state."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape
from typing import Any

import streamlit as st

from core.digit_changes import AS_IT_IS, CHANGES
from pages._shared.classify_scene import DIGITS, MODELS, NAME, VIEWS_OF, Scene, see
from pages._shared.classify_state import STORE
from pages._shared.digit_choice import choose_digit
from pages._shared.digit_training_runs import name_of_used
from pages._shared.digit_value import DigitChoice
from pages._shared.digits import own_model
from pages._shared.picture_choice import choose_picture
from pages._shared.vision_picture import COARSE, Picture
from pages._shared.vision_subjects import ANY_CLASS


def keep(**changes: Any) -> None:
    """Keep what the reader's own action says."""
    STORE.keep(replace(STORE.current, **changes))


def keep_step(**changes: Any) -> None:
    """Keep a choice of several in one value: each is a step of its own to undo."""
    STORE.keep(replace(STORE.current, **changes), joins=False)


def put(**changes: Any) -> None:
    """Put in place what the reader chose elsewhere than in the control that shows it."""
    STORE.install(replace(STORE.current, **changes))


def choose_model_and_view() -> None:
    """Draw the choice of a model and, beside it, of what is asked of it."""
    with st.container(horizontal=True, gap="medium"):
        model = _segments("Model", MODELS, f"{NAME}.model") or MODELS[0]
        # Each model has views of its own, so each has a control of its own.
        views = VIEWS_OF[model]
        view = _segments("Show", views, f"{NAME}.view.{model}") or views[0]
        if model == DIGITS:
            _choose_own_model()
    now = STORE.current
    if model != now.model:
        # A class that is explained belongs to one model.
        keep(model=model, view=view, target=ANY_CLASS)
    elif view != now.shown_view:  # else the state may name a view that this model lacks
        keep(view=view)


def _choose_own_model() -> None:
    """Draw the choice between the model that comes with the lab and the one trained here."""
    if own_model() is None:
        return
    own = st.toggle(
        "The model trained here",
        key=f"{NAME}.own_model",
        persist_state="session",
        help=f"{name_of_used()}. Off: the model that comes with the lab.",
    )
    keep(own_model=own)


def choose_change() -> None:
    """Draw the choice of what is done to the digit."""
    change = _segments("The digit", CHANGES, f"{NAME}.change")
    keep(change=change or AS_IT_IS)


def choose_target(names: Mapping[int, str], any_class: str) -> None:
    """Draw the choice of the class that is explained.

    Parameters
    ----------
    names : mapping of int to str
        The classes that can be chosen.
    any_class : str
        What the class that is named is called, whichever that is.
    """
    options = (ANY_CLASS, *names)
    key = f"{NAME}.target.{STORE.current.model}"
    if st.session_state.get(key) not in options:
        st.session_state[key] = ANY_CLASS
    picked = st.selectbox(
        "Explain",
        options,
        format_func=lambda index: names.get(index, any_class),
        key=key,
        persist_state="session",
        width=320,
    )
    target = STORE.current.target
    if picked is not None and picked != (target if target in options else ANY_CLASS):
        keep(target=picked)


def draw_digit_choice(scene: Scene, news: Mapping[str, object]) -> None:
    """Draw the ways to a digit: the pad, those held out, an upload."""
    key = f"{NAME}.digit"

    def take(choice: DigitChoice) -> None:
        keep(digit=choice)  # the pad takes an upload as it is kept, and strokes must not start anew

    choose_digit(
        scene.state.digit,
        take,
        key=key,
        version=STORE.version(),
        model=scene.digit_model,
        image=scene.image,
        news=news,
    )


def draw_photo_choice(state_photo: str) -> None:
    """Draw the ways to a photo: samples, an upload, the camera."""
    choose_picture(state_photo, lambda name: put(photo=name))


def draw_photo(picture: Picture) -> None:
    """Draw a photo as it is."""
    source = f"data:image/jpeg;base64,{picture.jpegs[COARSE]}"
    st.html(f"<img src='{source}' alt='{escape(picture.alt, quote=True)}' class='photo'>")


def scene_now() -> Scene:
    """Return what the state shows, after the controls had their say."""
    return see(STORE.current)


def _segments(label: str, options: Sequence[str], key: str) -> str | None:
    chosen: str | None = st.segmented_control(
        label, tuple(options), required=True, key=key, persist_state="session", wrap=True
    )
    return chosen
