"""The small language model as its page uses it: loaded once, what it computed kept a while.

A pass is kept by its words and its interventions, so that looking at another head or word runs
nothing again. Results are read-only and shared between sessions; a pass over 63 words holds less
than half a megabyte.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.gpt_records import NO_CHANGES, GptInterventions, GptPass
from core.sampling import Sampling
from core.vocabulary import Vocabulary
from pages._shared.page import settle_memory

if TYPE_CHECKING:
    from core.gpt_model import Gpt
    from core.gpt_records import GptVectors, Written

Words = tuple[str, ...]
Float32Array = NDArray[np.float32]

# Those of the trained model; known here so that nothing heavy is loaded to open a link, and held
# to the model by the tests.
MOST_WORDS: Final = 63
N_LAYERS: Final = 4
N_HEADS: Final = 4
D_HEAD: Final = 32
_VOCABULARY: Final = Path(__file__).parents[2] / "assets" / "gpt" / "vocabulary.json"


@st.cache_resource(show_spinner=False)
def known_words() -> Vocabulary:
    """Return the words that the model knows. Loads no model, and no torch."""
    return Vocabulary(tuple(json.loads(_VOCABULARY.read_text("utf-8"))["words"]))


@st.cache_resource(show_spinner="Loading the trained language model: once, for everyone…")
def load_model() -> Gpt:
    """Import torch and load the model; every session then uses the same one."""
    import torch

    from core.gpt_model import load_gpt

    # One thread is steadier than two on a shared machine, and leaves the others to other readers.
    torch.set_num_threads(1)
    model = load_gpt()
    settle_memory("torch and the language model")
    return model


@st.cache_resource(max_entries=24, show_spinner=False)
def read(words: Words, interventions: GptInterventions = NO_CHANGES) -> GptPass:
    """Return the model's pass over a text."""
    model = load_model()
    from core.gpt import forward

    return forward(model, words, interventions)


@st.cache_resource(max_entries=8, show_spinner=False)
def vectors(words: Words, layer: int, interventions: GptInterventions = NO_CHANGES) -> GptVectors:
    """Return queries, keys and values of one layer."""
    model = load_model()
    from core.gpt import vectors as run

    found = run(model, words, layer, interventions)
    for array in (found.query, found.key, found.value):
        array.flags.writeable = False
    return found


@st.cache_resource(max_entries=4, show_spinner=False)
def states(words: Words) -> Float32Array:
    """Return the vector of every word after every layer, (layer + 1, position, d_model)."""
    model = load_model()
    from core.gpt_states import token_states

    found = token_states(model, words)
    found.flags.writeable = False
    return found


def write(
    words: Words, sampling: Sampling, n_most: int, interventions: GptInterventions
) -> Written:
    """Let the model write on."""
    model = load_model()
    from core.gpt import write as run

    return run(model, words, sampling, n_most, interventions)


@st.cache_resource(max_entries=24, show_spinner=False)
def stepped(words: Words, interventions: GptInterventions = NO_CHANGES) -> Float32Array:
    """Return the log-probabilities after some words, read one by one with the cache, (word,)."""
    model = load_model()
    from core.gpt import cache_of

    found: Float32Array = cache_of(model, words, interventions).log_probabilities
    found.flags.writeable = False
    return found
