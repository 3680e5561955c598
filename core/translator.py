"""Translate with the trained Transformer: greedily, by beam search, or as it is told.

A translation is a function of the model, the words and the interventions. Nothing is left on the
model, so any number of sessions may use one at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.beam import Beam, search
from core.decoding import Written, to_translation, word_of, write
from core.translation import (
    N_MOST,
    Interventions,
    Part,
    Translation,
    check_interventions,
)
from core.translation_vectors import AttentionVectors
from core.translator_model import Translator, load_translator
from core.translator_pass import Encoded, decode, encode, no_cache, stepper
from core.vocabulary import START_ID

__all__ = [
    "Translator",
    "attention_vectors",
    "beam_search",
    "load_translator",
    "teacher_forced",
    "translate",
    "unknown_words",
]


@torch.no_grad()
def translate(
    model: Translator,
    english: Sequence[str],
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
    *,
    n_most: int = N_MOST,
) -> Translation:
    """Translate a sentence, writing the most probable word at each step.

    Parameters
    ----------
    model : Translator
        The model; not changed.
    english : sequence of str
        Lower-case words, punctuation words of their own: see `core.bilingual.tokenise_english`.
        Unknown words are read as one and the same unknown word.
    interventions : Interventions
        Words to hide, heads to drop, weights to force.
    n_most : int
        Stop after so many words even without an end.

    Returns
    -------
    Translation
        With the weights of every layer and head.

    Raises
    ------
    ValueError
        If there is no word or there are more than `Translator.max_words`, or an intervention
        names something that is not there.
    """
    _check(model, english, interventions, n_most)
    encoded = encode(model, english, interventions)
    written = write(stepper(model, encoded, interventions), no_cache(model), n_most)
    return _record(model, english, encoded, written, interventions)


@torch.no_grad()
def teacher_forced(
    model: Translator,
    english: Sequence[str],
    french: Sequence[str],
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
) -> Translation:
    """Run a given translation through the model, all steps at once, as in training.

    Parameters
    ----------
    model, english, interventions
        As in `translate`.
    french : sequence of str
        The words, without an end.

    Returns
    -------
    Translation
        Of the words given; their probabilities, and what would have been more probable.

    Raises
    ------
    ValueError
        As `translate`; also if a French word is not one that the model can write.
    """
    if strange := model.french.missing(french):
        raise ValueError(f"The model cannot write {french[strange[0]]!r}: it does not know it.")
    _check(model, english, interventions, len(french) + 1)
    encoded = encode(model, english, interventions)
    numbers = tuple(model.french.encode(french))
    inputs = (START_ID, *numbers[:-1])
    decoded = decode(model, encoded, inputs, no_cache(model), interventions)
    written = Written(
        numbers=numbers,
        log_probabilities=decoded.log_probabilities.numpy(),
        decoder_weights=decoded.decoder_weights.numpy(),
        cross_weights=decoded.cross_weights.numpy(),
    )
    return _record(model, english, encoded, written, interventions)


@torch.no_grad()
def beam_search(
    model: Translator,
    english: Sequence[str],
    width: int,
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
    *,
    n_most: int = N_MOST,
) -> Beam:
    """Translate a sentence, following the `width` most probable beginnings side by side.

    Parameters
    ----------
    model, english, interventions, n_most
        As in `translate`.
    width : int
        At least 1; 1 is what `translate` does.

    Returns
    -------
    Beam
        The tree of everything that was tried.

    Raises
    ------
    ValueError
        As `translate`; also if the width is less than 1.
    """
    _check(model, english, interventions, n_most)
    encoded = encode(model, english, interventions)
    return search(
        stepper(model, encoded, interventions),
        no_cache(model),
        width=width,
        n_most=n_most,
        name=lambda number: word_of(number, model.french),
    )


@torch.no_grad()
def attention_vectors(
    model: Translator, translation: Translation, part: Part, layer: int
) -> AttentionVectors:
    """Return the queries and keys behind the weights of one layer of a translation.

    They are computed anew, all steps at once, under the translation's own interventions.

    Parameters
    ----------
    model : Translator
        The model that made the translation.
    translation : Translation
    part : {"encoder", "decoder", "cross"}
    layer : int
        From 0.
    """
    changes = translation.interventions
    encoded = encode(model, translation.english, changes)
    vectors = encoded.vectors
    if part != "encoder":
        given = model.french.encode(translation.inputs[1:])[:-1]
        decoded = decode(model, encoded, (START_ID, *given), no_cache(model), changes)
        vectors = decoded.decoder_vectors if part == "decoder" else decoded.cross_vectors
    query, key = vectors[layer]
    return AttentionVectors(query.numpy(), key.numpy())


def unknown_words(model: Translator, english: Sequence[str]) -> tuple[str, ...]:
    """Return the words that the model does not know, in their order, each once."""
    return tuple(dict.fromkeys(english[place] for place in model.english.missing(english)))


def _check(
    model: Translator, english: Sequence[str], interventions: Interventions, n_most: int
) -> None:
    if not english:
        raise ValueError("There is no word to translate: write a sentence.")
    if len(english) > model.max_words:
        raise ValueError(
            f"The sentence has {len(english)} words and marks; the model reads at most "
            f"{model.max_words}. Shorten it."
        )
    n_positions = model.weights.french.positions.num_embeddings
    if not 1 <= n_most <= n_positions:
        raise ValueError(f"The model writes 1 to {n_positions} words, its end among them.")
    check_interventions(interventions, len(english), model.heads_of_part, n_most)


def _record(
    model: Translator,
    english: Sequence[str],
    encoded: Encoded,
    written: Written,
    interventions: Interventions,
) -> Translation:
    vocabularies = (model.english, model.french)
    return to_translation(written, english, encoded.weights, vocabularies, interventions)
