"""The models of the Transformer page, each run on what the reader gave it; kept for a while.

Only the opened block's tensors are kept: those of all blocks of the Vision Transformer would be
some 100 MB. Results are read-only and shared between sessions.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.anatomy import Anatomy, NamedTensor, Place
from core.gpt_records import GptInterventions, GptPass
from core.text import Tokens, tokenise
from core.text_attention import TextInterventions
from core.translation import Interventions, Translation
from core.vision_attention import Interventions as VisionInterventions
from core.vision_attention import VisionAttention
from pages._shared import digits, encoder, gpt_runs, translation, vision
from pages._shared.transformer_given import Given, Words
from pages._shared.transformer_models import (
    DIGITS,
    GPT,
    TEXT_ENCODER,
    TRANSLATOR,
    VISION,
)

if TYPE_CHECKING:
    from types import ModuleType

    from core.stack_run import StackRun

Off = tuple[Place, ...]
# A text encoder's map of more pieces is no longer read; the page says what is left out.
MOST_PIECES: Final = 64


def network(model: str) -> Any:
    """Return a model, loaded once for everyone."""
    if model == TRANSLATOR:
        return translation.load_model()
    if model == TEXT_ENCODER:
        return encoder.load_model()
    if model == GPT:
        return gpt_runs.load_model()
    return digits.shipped_model().model if model == DIGITS else vision.load_model()


@st.cache_resource(max_entries=5, show_spinner=False)
def anatomy_of(model: str) -> Anatomy:
    """Return all blocks of a model."""
    one = network(model)
    found: Anatomy = _module(model).anatomy_of(one)
    return found


def open_block(given: Given, place: Place, off: Off = ()) -> tuple[NamedTensor, ...]:
    """Return everything that one block computed, the blocks `off` switched off."""
    return _open(given.model, given.name, place, off, given)


# A parameter with a leading underscore is not part of the cache's key. An attention of the Vision
# Transformer is 6 MB.
@st.cache_resource(max_entries=8, show_spinner=False)
def _open(
    model: str, name: str | Words, place: Place, off: Off, _given: Given
) -> tuple[NamedTensor, ...]:
    one = network(model)
    opened: tuple[NamedTensor, ...] = _module(model).open_block(
        one, material_of(_given, off), place, changes_of(model, off)
    )
    return opened


def stack_runs(given: Given, off: Off = ()) -> tuple[StackRun, ...]:
    """Return the stacks of a model, about to be run."""
    one, material = network(given.model), material_of(given, off)
    changes, module = changes_of(given.model, off), _module(given.model)
    if given.model == TRANSLATOR:
        both = (module.encoder_run, module.decoder_run)
        return tuple(run(one, material, changes) for run in both)
    return (module.run_of(one, material, changes),)


def stream_names(given: Given, off: Off = ()) -> dict[str, Words]:
    """Return for each stack the names of the vectors that go through it."""
    return {run.name: run.keys for run in stack_runs(given, off)}


def shares_of(given: Given, off: Off = ()) -> dict[Place, float]:
    """Return for each block the length of what it writes, of the stream's: means over tokens."""
    return _shares(given.model, given.name, off, given)


@st.cache_resource(max_entries=24, show_spinner=False)
def _shares(model: str, name: str | Words, off: Off, _given: Given) -> dict[Place, float]:
    network(model)  # loads torch, with a word about it
    from core.residual_stream import stream_of

    return {
        place: float((written / before).mean())
        for stream in map(stream_of, stack_runs(_given, off))
        for place, written, before in zip(stream.places, stream.written, stream.before, strict=True)
    }


def material_of(given: Given, off: Off = ()) -> Any:
    """Return what `core`'s anatomy of a model takes: a translation, tokens, a picture or words."""
    if given.model == TRANSLATOR:
        return translated(given.words, off)
    if given.model == TEXT_ENCODER:
        return tokens_of(str(given.name))
    return given.words if given.model == GPT else given.picture


def changes_of(model: str, off: Off) -> Any:
    """Return the interventions of a model that switch blocks off."""
    if model == TRANSLATOR:
        return Interventions(off=frozenset(off))
    blocks = frozenset((place.kind, place.layer) for place in off)
    if model == TEXT_ENCODER:
        return TextInterventions(off=blocks)
    return GptInterventions(off=blocks) if model == GPT else VisionInterventions(off=blocks)


def translated(words: Words, off: Off = ()) -> Translation:
    """Return what the translator writes with blocks switched off."""
    return translation.translate(words, changes_of(TRANSLATOR, off))


@lru_cache(maxsize=16)
def tokens_of(text: str) -> Tokens:
    """Return a text cut into pieces, as many of its words as the page shows."""
    return tokenise(text, max_pieces=MOST_PIECES)


def gpt_pass(words: Words, off: Off = ()) -> GptPass:
    """Return the small GPT's pass over a text."""
    return gpt_runs.read(words, changes_of(GPT, off))


@st.cache_resource(max_entries=16, show_spinner=False)
def embedding(text: str, off: Off = ()) -> NDArray[np.float32]:
    """Return the vector that the text encoder makes of a text, of length 1."""
    one = encoder.load_model()
    from core.encoder import forward

    return forward(one, tokens_of(text), changes_of(TEXT_ENCODER, off)).embedding


def seen(given: Given, off: Off = ()) -> VisionAttention:
    """Return the pass of one of the models that see."""
    return _see(given.model, given.name, off, given)


# A pass of the Vision Transformer is 10 MB: queries and keys of all layers.
@st.cache_resource(max_entries=4, show_spinner=False)
def _see(model: str, name: str | Words, off: Off, _given: Given) -> VisionAttention:
    one = network(model)
    from core.vit import forward

    return forward(one, _given.picture, changes_of(model, off))


def _module(model: str) -> ModuleType:
    """Return `core`'s anatomy of a kind of model; loads torch."""
    from core import anatomy_encoder, anatomy_gpt, anatomy_translator

    if model in (VISION, DIGITS):
        from core import anatomy_vit

        return anatomy_vit
    by_name = {TRANSLATOR: anatomy_translator, TEXT_ENCODER: anatomy_encoder, GPT: anatomy_gpt}
    return by_name[model]
