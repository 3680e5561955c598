"""The switches of a training on digits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from core.digit_settings import HEAD_COUNTS, LAYER_COUNTS, PATCH_SIZES, SHUFFLES, DigitSettings
from pages._shared.digit_training_words import SHUFFLE_NAMES

STEPS: Final = (100, 200, 400, 800, 1_500, 3_000)
MOST_SEED: Final = 999


def widgets(settings: DigitSettings, key: str, loads: int) -> dict[str, object]:
    """Return the keys of the widgets and the values with which they show settings."""
    return {
        f"{key}.positions": settings.positions,
        f"{key}.class_token": settings.class_token,
        f"{key}.patch_size": settings.patch_size,
        f"{key}.n_heads": settings.n_heads,
        f"{key}.n_layers": settings.n_layers,
        f"{key}.shuffle": settings.shuffle,
        f"{key}.n_steps.{loads}": settings.n_steps,
        f"{key}.seed.{loads}": settings.seed,
    }


def choose_settings(settings: DigitSettings, key: str, loads: int) -> DigitSettings:
    """Draw the switches; return what they say.

    Parameters
    ----------
    settings : DigitSettings
        The page's own, which the widgets show: see `widgets`.
    key : str
        Prefix of their keys.
    loads : int
        ``STORE.loads``.
    """
    with _row():
        positions = st.toggle(
            "Positions",
            key=f"{key}.positions",
            persist_state="session",
            help="A vector of its own for each place, learned, added to the patch. Without them "
            "the model cannot tell where a patch was.",
        )
        class_token = st.toggle(
            "Class token",
            key=f"{key}.class_token",
            persist_state="session",
            help="A token that is no patch, from which the answer is read. Without it the answer "
            "is read from the mean of the patches.",
        )
        patch_size = _one_of(
            "Patches",
            PATCH_SIZES,
            f"{key}.patch_size",
            lambda size: f"{size} × {size}",
            "Pixels of a patch. 1 × 1 makes 64 tokens, and takes about four times as long as "
            "2 × 2; 4 × 4 makes four.",
        )
        n_heads = _one_of("Heads", HEAD_COUNTS, f"{key}.n_heads", str, "Together as wide as one.")
        n_layers = _one_of("Layers", LAYER_COUNTS, f"{key}.n_layers", str, None)
    with _row():
        shuffle = _one_of(
            "The patches",
            SHUFFLES,
            f"{key}.shuffle",
            SHUFFLE_NAMES.__getitem__,
            "In training and in the test. All alike: every picture has its patches moved to the "
            "same other places. Each anew: every picture to places of its own.",
        )
        n_steps = st.select_slider(
            "Steps",
            sorted({*STEPS, settings.n_steps}),
            format_func=lambda n: f"{n:,}",
            key=f"{key}.n_steps.{loads}",
            width=180,
            persist_state="session",
            help="Of 64 pictures each.",
        )
        seed = st.number_input(
            "Seed",
            0,
            MOST_SEED,
            key=f"{key}.seed.{loads}",
            width=120,
            persist_state="session",
            help="Of the first weights, the batches and the shuffles. Which pictures are held out "
            "stays the same.",
        )
    return DigitSettings(
        positions=positions,
        class_token=class_token,
        patch_size=patch_size or settings.patch_size,
        n_heads=n_heads or settings.n_heads,
        n_layers=n_layers or settings.n_layers,
        shuffle=shuffle or settings.shuffle,
        n_steps=n_steps,
        seed=int(seed),
    )


def _row() -> st.delta_generator.DeltaGenerator:
    return st.container(horizontal=True, vertical_alignment="bottom", gap="medium")


def _one_of(
    label: str,
    options: Sequence[Any],
    key: str,
    named: Callable[[Any], str],
    about: str | None,
) -> Any:
    return st.segmented_control(
        label,
        options,
        format_func=named,
        required=True,
        key=key,
        persist_state="session",
        wrap=True,
        help=about,
    )
