"""The trained translators as their page uses them: loaded once, what they computed kept a while.

A pass is kept by its words and its interventions, so that looking at another head or word runs
nothing again. Results are read-only and shared between sessions; a whole translation holds some
15 kB, and 150 kB at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import streamlit as st

from core.translation import Interventions, Translation
from core.vocabulary import Vocabulary, read_vocabularies
from pages._shared.page import settle_memory

if TYPE_CHECKING:
    from core.beam import Beam
    from core.recurrent_translator import RecurrentTranslator
    from core.translation import Part
    from core.translation_vectors import AdditiveVectors, AttentionVectors
    from core.translator_model import Translator
    from core.turning import Turning

Words = tuple[str, ...]

NOTHING: Final = Interventions()
# As many as the models have positions for; known here so that nothing heavy is loaded to open a
# link, and held to the models by the tests.
MOST_WORDS: Final = 39
N_LAYERS: Final = 2
N_HEADS: Final = 4
D_HEAD: Final = 32


@st.cache_resource(show_spinner=False)
def english_words() -> Vocabulary:
    """Return the English words that the translators know. Loads no model."""
    return read_vocabularies()[0]


@st.cache_resource(show_spinner="Loading the trained translator: once, for everyone…")
def load_model() -> Translator:
    """Import torch and load the Transformer; every session then uses the same one."""
    import torch

    from core.translator import load_translator

    # One thread is steadier than two on a shared machine, and leaves the others to other readers.
    torch.set_num_threads(1)
    model = load_translator()
    settle_memory("torch and the translator")
    return model


@st.cache_resource(show_spinner="Loading the recurrent translator: once, for everyone…")
def load_recurrent() -> RecurrentTranslator:
    """Import torch and load the recurrent translator."""
    import torch

    from core.recurrent_translator import load_recurrent_translator

    torch.set_num_threads(1)
    return load_recurrent_translator()


@st.cache_resource(max_entries=64, show_spinner=False)
def translate(words: Words, interventions: Interventions = NOTHING) -> Translation:
    """Return the Transformer's translation, word for word the most probable."""
    from core.translator import translate as run

    return run(load_model(), words, interventions)


@st.cache_resource(max_entries=16, show_spinner=False)
def translate_recurrent(words: Words, interventions: Interventions = NOTHING) -> Translation:
    """Return the recurrent translator's translation, word for word the most probable."""
    from core.recurrent_translator import translate_recurrent as run

    return run(load_recurrent(), words, interventions)


@st.cache_resource(max_entries=16, show_spinner=False)
def given(words: Words, french: Words, interventions: Interventions = NOTHING) -> Translation:
    """Return what the Transformer makes of a translation that is given, without its end."""
    from core.translator import teacher_forced

    return teacher_forced(load_model(), words, french, interventions)


@st.cache_resource(max_entries=16, show_spinner=False)
def beam_search(words: Words, width: int, interventions: Interventions = NOTHING) -> Beam:
    """Return the tree of what the Transformer tried, `width` beginnings side by side."""
    from core.translator import beam_search as run

    return run(load_model(), words, width, interventions)


def attention_vectors(translation: Translation, part: Part, layer: int) -> AttentionVectors:
    """Return the queries and keys behind the weights of one layer; computed anew."""
    from core.translator import attention_vectors as run

    return run(load_model(), translation, part, layer)


def additive_vectors(translation: Translation, step: int) -> AdditiveVectors:
    """Return what one step of the recurrent translator compared; computed anew."""
    from core.recurrent_translator import additive_vectors as run

    return run(load_recurrent(), translation, step)


@st.cache_resource(max_entries=8, show_spinner="Trying every head…")
def head_that_turns(first: Words, second: Words) -> Turning:
    """Return which head turns the translation of one sentence into that of the other."""
    from core.turning import head_that_turns as run

    return run(load_model(), first, second)
