"""Choosing which Vision Transformer the page looks into: the lab's own, or one that was fetched."""

from __future__ import annotations

from typing import Final

import streamlit as st

from pages._shared.vision_models import SALIENCY_INFO, model_info, models_here
from pages._shared.vision_state import NAME, STORE, with_model

_KEY: Final = f"{NAME}.model"
_WHERE: Final = "pages/image_classification.py"


def choose_model() -> None:
    """Draw the choice of a model, where there is one."""
    names = models_here()
    if len(names) > 1:
        st.selectbox(
            "Model",
            names,
            format_func=lambda name: f"Model: {model_info(name).title}",
            key=_KEY,
            persist_state="session",
            on_change=_take,
            label_visibility="collapsed",
            width=340,
        )
    say_missing()


def offer_models(*, shown: bool) -> None:
    """Draw the way to other models where none is here, unless a class is to have no controls."""
    if shown and len(models_here()) == 1:
        st.page_link(
            _WHERE, label="Other models: fetch one under ImageNet", icon=":material/download:"
        )


def say_missing() -> None:
    """Say why another model than the one asked for is shown, if that is so."""
    missing = STORE.current.missing
    if missing:
        st.warning(
            f"{missing} So the lab's own model is shown, “{SALIENCY_INFO.title}”. Others can be "
            "fetched under Image classification, ImageNet.",
            icon=":material/cloud_off:",
        )


def _take() -> None:
    STORE.install(with_model(STORE.current, st.session_state[_KEY]))
