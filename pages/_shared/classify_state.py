"""The link of the image classification page, its widgets, and where its state is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from typing import Any, Final

from core.codecs import Codec, Digit, FunctionCodec, Take
from core.digit_changes import CHANGES
from core.digit_settings import HEAD_COUNTS, LAYER_COUNTS, PATCH_SIZES, SHUFFLES, DigitSettings
from core.imagenet_models import IMAGENET_MODELS, N_CLASSES
from core.packing import Schema, integer, one_of, optional, switch, tuple_of
from pages._shared import (
    digit_choice,
    digit_look,
    digit_training_controls,
    digit_weights,
    imagenet_view,
    taught_view,
)
from pages._shared.classify_scene import (
    DIGITS,
    FIRST_PHOTO,
    IMAGENET,
    MODELS,
    NAME,
    TAUGHT,
    VIEWS,
    VIEWS_OF,
    ClassifyState,
)
from pages._shared.digit_look_scene import look_codec
from pages._shared.digit_value import digit_codec
from pages._shared.digit_weights_scene import weights_codec
from pages._shared.page_store import PageStore
from pages._shared.picture_choice import is_sample, picture_widgets, sample_photos
from pages._shared.taught_photos import STARTER_CLASSES, linked, starter_codec
from pages._shared.vision_subjects import ANY_CLASS

MOST_STEPS: Final = 5_000
MOST_SEED: Final = 999


def link_note(state: ClassifyState) -> str:
    """Say what the link of a state leaves out."""
    notes = []
    if state.model in (TAUGHT, IMAGENET) and not is_sample(state.photo):
        notes.append("Your picture is not in it: others see a sample photo instead.")
    if state.model == TAUGHT:
        notes.append(taught_view.link_note(state.taught))
    if state.model == DIGITS and state.own_model:
        notes.append("The model that you trained is not in it: others see the lab's own.")
    return " ".join(note for note in notes if note)


def pack(state: ClassifyState) -> dict[str, Any]:
    """Return the values that a link carries, and what it does not."""
    sample = is_sample(state.photo)
    values = {name: getattr(state, name) for name in SCHEMA.fields}
    return values | {
        "taught": linked(state.taught),
        "own_taught": tuple(name for name in state.taught if name not in STARTER_CLASSES),
        "photo": state.photo if sample else None,
        "own_picture": "" if sample else state.photo,
        "own_model": state.own_model,
    }


def unpack(values: Mapping[str, Any]) -> ClassifyState:
    """Return the state that a link carries; for a picture that it does not, the first photo."""
    return ClassifyState(**{**values, "photo": values["photo"] or FIRST_PHOTO})


def widgets(state: ClassifyState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    views = {
        f"{NAME}.view.{model}": state.shown_view if model == state.model else VIEWS_OF[model][0]
        for model in MODELS
    }
    return views | {
        f"{NAME}.model": state.model,
        f"{NAME}.change": state.change,
        f"{NAME}.own_model": state.own_model,
        **picture_widgets(state.photo),
        **{
            f"{NAME}.target.{model}": state.target if model == state.model else ANY_CLASS
            for model in MODELS
        },
        **digit_training_controls.widgets(state.training, f"{NAME}.train", loads),
        **digit_choice.widgets(f"{NAME}.digit", state.digit),
        **digit_look.widgets(f"{NAME}.digit", state.looked),
        **digit_weights.widgets(f"{NAME}.learned", state.learned),
        **imagenet_view.widgets(state.imagenet, f"{NAME}.imagenet"),
    }


def _settings_codec() -> Codec[DigitSettings]:
    """Return the codec of a training's settings, field by field in their order."""
    fields = tuple_of(
        switch(),
        switch(),
        one_of(PATCH_SIZES),
        one_of(HEAD_COUNTS),
        one_of(LAYER_COUNTS),
        one_of(SHUFFLES),
        integer(1, MOST_STEPS),
        integer(0, MOST_SEED),
    )

    def write(settings: DigitSettings) -> tuple[Digit, ...]:
        return fields.write(astuple(settings))

    def read(take: Take) -> DigitSettings:
        return DigitSettings(*fields.read(take))

    return FunctionCodec(write, read)


SCHEMA: Final = Schema(
    version=1,
    fields={
        "model": one_of(MODELS),
        "view": one_of(VIEWS),
        "digit": digit_codec(),
        "change": one_of(CHANGES),
        "looked": look_codec(),
        "learned": weights_codec(),
        "training": _settings_codec(),
        "photo": optional(one_of(tuple(photo.file for photo in sample_photos()))),
        "taught": starter_codec(),
        "imagenet": one_of(tuple(model.name for model in IMAGENET_MODELS)),
        "target": integer(ANY_CLASS, N_CLASSES - 1),
    },
)
STORE: Final = PageStore(
    name=NAME,
    start=ClassifyState,
    schema=SCHEMA,
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    # What is drawn or trained is the reader's own; the rest says which part of it is shown.
    choices=frozenset(SCHEMA.fields) - {"digit", "training", "photo", "taught"},
)
