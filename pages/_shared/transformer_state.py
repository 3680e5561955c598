"""The link of the Transformer page, its widgets, and where its state is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from core.packing import PackingError, Schema, integer, one_of, optional
from core.text_codec import text
from pages._shared import block_choice, digit_choice, size_choice, stream_choice
from pages._shared.digit_value import digit_codec
from pages._shared.page_store import PageStore
from pages._shared.picture_choice import FIRST_PHOTO, is_sample, picture_widgets, sample_photos
from pages._shared.transformer_choice import (
    MOST_CHARACTERS,
    NAME,
    VIEWS,
    TransformerState,
    in_order,
    problem_of,
)
from pages._shared.transformer_models import (
    GPT,
    LAYOUTS,
    MODELS,
    MOST_LAYERS,
    TEXT_ENCODER,
    TRANSLATOR,
)

FIRST: Final = TransformerState()
_TYPED: Final = ("english", "text", "prompt")
_PLAIN: Final = ("model", "view", "block", "digit", "stream", "other", "sizes")
# The Vision Transformer has the most blocks that can be switched off.
_MOST_WRITERS: Final = 2 * MOST_LAYERS


def pack(state: TransformerState) -> dict[str, Any]:
    """Return the values that a link carries, and the name of a picture that it does not."""
    writers = LAYOUTS[state.model].writers
    typed = {name: getattr(state, name) for name in _TYPED}
    return {
        **{name: getattr(state, name) for name in _PLAIN},
        **{name: None if text == getattr(FIRST, name) else text for name, text in typed.items()},
        "off": sum(1 << number for number, place in enumerate(writers) if place in state.off),
        "photo": state.photo if is_sample(state.photo) else None,
        "own_picture": "" if is_sample(state.photo) else state.photo,
    }


def unpack(values: Mapping[str, Any]) -> TransformerState:
    """Return the state that a link carries; the first photo for a picture that it does not.

    Raises
    ------
    PackingError
        If a text is none, or too long for its model.
    """
    writers = LAYOUTS[values["model"]].writers
    off = {place for number, place in enumerate(writers) if values["off"] >> number & 1}
    typed = {name: values[name] for name in _TYPED if values[name] is not None}
    state = TransformerState(
        **{name: values[name] for name in _PLAIN},
        **typed,
        off=in_order(values["model"], off),
        photo=values["photo"] or FIRST_PHOTO,
    )
    texts = {TRANSLATOR: state.english, TEXT_ENCODER: state.text, GPT: state.prompt}
    if any(problem_of(model, written) for model, written in texts.items()):
        raise PackingError("The link does not fit together: its text cannot be read.")
    return state


def widgets(state: TransformerState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    return {
        f"{NAME}.model": state.model,
        f"{NAME}.view": state.view,
        f"{NAME}.other.{state.model}": state.beside,
        f"{NAME}.off": state.block.place in state.off,
        f"{NAME}.text.{state.model}.{loads}": state.written,
        **digit_choice.widgets(f"{NAME}.digit", state.digit),
        **stream_choice.widgets(f"{NAME}.stream", state.stream),
        **size_choice.widgets(f"{NAME}.sizes", state.sizes),
        **picture_widgets(state.photo),
    }


def link_note(state: TransformerState) -> str:
    """Say what the link of a state leaves out."""
    if is_sample(state.photo):
        return ""
    return "Your picture is not in it: others see a sample photo instead."


SCHEMA: Final = Schema(
    version=1,
    # What is seldom changed comes last: noughts at the end of a link cost nothing.
    fields={
        "model": one_of(MODELS),
        "view": one_of(VIEWS),
        "block": block_choice.block_codec(),
        "off": integer(0, 2**_MOST_WRITERS - 1),
        "stream": stream_choice.stream_codec(),
        "other": one_of(MODELS),
        **{name: optional(text(MOST_CHARACTERS)) for name in _TYPED},
        "photo": optional(one_of(tuple(photo.file for photo in sample_photos()))),
        "sizes": size_choice.sizes_codec(),
        "digit": digit_codec(),
    },
)
STORE: Final = PageStore(
    name=NAME,
    start=TransformerState,
    schema=SCHEMA,
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"block"}),
    choices=frozenset({"model", "view", "other", "stream"}),
)


def keep(**changes: Any) -> None:
    """Keep what the reader's own action says; a step of its own."""
    STORE.keep(replace(STORE.current, **changes), joins=False)
