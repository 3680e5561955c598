"""The trained text encoder as pages use it: its calls cached, its results read-only and shared.

What the model computed is kept by the text and the interventions, so that looking from another
layer, head or word never runs it again. The caches are small on purpose: one pass over 256 pieces
holds 29 MB, and the whole lab is to fit in little memory. Whoever needs an entry that is gone
waits for a pass of 10 to 60 ms.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.head_roles import RoleMasses, measure_roles
from core.text import MAX_PIECES, Tokens, tokenise, without_word
from core.text_attention import TextAttention, TextInterventions
from pages._shared.page import return_free_memory, settle_memory

if TYPE_CHECKING:
    from core.encoder_model import TextEncoder

# Those of the trained model; known here so that nothing heavy is loaded to open a link.
N_LAYERS: Final = 6
N_HEADS: Final = 12
MOST_PIECES: Final = MAX_PIECES
# A pass over more leaves megabytes that are worth handing back.
_MANY_PIECES: Final = 128

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Reading:
    """One pass of the model over a text, and the time that it took, in seconds."""

    attention: TextAttention
    seconds: float


@st.cache_resource(show_spinner="Loading the trained model: once, for everyone…")
def load_model() -> TextEncoder:
    """Import torch and load the model; every session then uses the same one."""
    import torch

    from core.encoder_model import load_encoder

    # One thread is steadier than two on a shared machine, and leaves the others to other readers.
    torch.set_num_threads(1)
    model = load_encoder()
    settle_memory("torch")
    return model


@lru_cache(maxsize=64)
def cut(text: str) -> Tokens:
    """Return a text cut into words and pieces."""
    return tokenise(text)


@st.cache_resource(max_entries=2, show_spinner=False)
def read(text: str) -> Reading:
    """Return the model's pass over a text, run at most once while it is remembered."""
    return _read(text, TextInterventions())


@st.cache_resource(max_entries=1, show_spinner=False)
def read_with(text: str, interventions: TextInterventions) -> Reading:
    """Return the model's pass over a text under interventions."""
    return _read(text, interventions)


@st.cache_resource(max_entries=32, show_spinner=False)
def embedding_with(text: str, interventions: TextInterventions) -> Float32Array:
    """Return the embedding that interventions lead to, (d_model,): all that most tests need."""
    return _read_only(_read(text, interventions).attention.embedding.copy())


@st.cache_resource(max_entries=1, show_spinner=False)
def word_weights(text: str, *, hide_special: bool) -> Float32Array:
    """Return the weights between words, (layer, head, word, word); see `core.text.by_word`."""
    return _read_only(read(text).attention.word_weights(hide_special=hide_special))


@st.cache_resource(max_entries=16, show_spinner=False)
def roles(text: str) -> RoleMasses:
    """Return how much of each role every head plays on a text."""
    return measure_roles(word_weights(text, hide_special=False), cut(text))


@st.cache_resource(max_entries=32, show_spinner=False)
def embed_sentences(sentences: tuple[str, ...]) -> Float32Array:
    """Return the embeddings of a few sentences, (sentence, d_model), each of length 1."""
    model = load_model()
    from core.encoder import embed

    return _read_only(embed(model, [cut(sentence) for sentence in sentences]))


@st.cache_resource(max_entries=16, show_spinner=False)
def without_each_word(text: str) -> Float32Array:
    """Return the embeddings of a text without each of its words, (word, d_model).

    It takes about as long as one pass for every word; `without_words` does a part of it.
    """
    return _read_only(without_words(text, 0, len(cut(text).words)))


def without_words(text: str, first: int, n_words: int) -> Float32Array:
    """Return the embeddings of a text without each of some of its words, (word, d_model)."""
    model = load_model()
    from core.encoder import embed

    tokens = cut(text)
    words = range(first, min(first + n_words, len(tokens.words)))
    return embed(model, [without_word(tokens, word) for word in words])


def _read(text: str, interventions: TextInterventions) -> Reading:
    model = load_model()
    from core.encoder import forward

    tokens = cut(text)
    start = time.perf_counter()
    attention = forward(model, tokens, interventions)
    seconds = time.perf_counter() - start
    if len(tokens) > _MANY_PIECES:
        return_free_memory()
    return Reading(attention, seconds)


def _read_only(array: Float32Array) -> Float32Array:
    array.flags.writeable = False
    return array
