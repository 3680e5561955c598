"""Every model of the lab asked again with some of its blocks off: see `core.needed_blocks`.

What is watched is, for the translator and the language model, the mean log probability of the
words that they wrote or were given; for the text encoder how near the embedding stays; for a
classifier the probability of the class; for saliency how alike the two maps are.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray

from core import anatomy_gpt, anatomy_translator
from core.anatomy import Place
from core.encoder import forward as encode_text
from core.encoder_model import TextEncoder
from core.gpt_model import Gpt
from core.gpt_records import NO_CHANGES, GptInterventions
from core.needed_blocks import Outcome
from core.stack_run import Ending, StackRun, last_stream
from core.text import Tokens
from core.text_attention import TextInterventions
from core.translation import Interventions, Translation
from core.translator import translate
from core.translator_model import Translator
from core.vision_attention import Interventions as VisionInterventions
from core.vision_attention import VisionAttention
from core.vit import forward as see
from core.vit_model import VisionTransformer

Off = frozenset[Place]


@torch.no_grad()
def ask_translator(
    model: Translator,
    translation: Translation,
    off: Off,
    changes: Interventions = anatomy_translator.NO_CHANGES,
) -> Outcome:
    """Translate again with some blocks off, and see what is left of a translation.

    Returns
    -------
    Outcome
        The value is the mean log probability of the words of `translation`, each given those
        before it; the answer what the model writes by itself now.
    """
    blocks = frozenset((place.stack, place.layer, place.kind) for place in off)
    changed = replace(changes, off=changes.off | blocks)
    run = anatomy_translator.decoder_run(model, translation, changed)
    ending = anatomy_translator.ending_of(model, translation)
    numbers = [ending.names.index(word) for word in translation.words]
    answer = translate(model, translation.english, changed).words
    return Outcome(off, _mean_log_probability(run, ending, numbers), answer)


@torch.no_grad()
def ask_gpt(
    model: Gpt,
    words: Sequence[str],
    off: Off,
    changes: GptInterventions = NO_CHANGES,
) -> Outcome:
    """Read a text again with some blocks off.

    Returns
    -------
    Outcome
        The value is the mean log probability of the words that the model knows, each given those
        before it, 0 if there is none; the answer the word that it would write next.
    """
    changed = replace(changes, off=changes.off | _layers(off))
    run, ending = anatomy_gpt.run_of(model, words, changed), anatomy_gpt.ending_of(model, words)
    logs = ending.log_probabilities(last_stream(run))
    columns = {name: column for column, name in enumerate(ending.names)}
    known = [float(logs[row, columns[word]]) for row, word in enumerate(words) if word in columns]
    value = float(np.mean(known)) if known else 0.0
    return Outcome(off, value, (ending.names[int(logs[-1].argmax())],))


@torch.no_grad()
def ask_encoder(
    model: TextEncoder,
    tokens: Tokens,
    embedding: NDArray[np.float32],
    off: Off,
    changes: TextInterventions = TextInterventions(),  # noqa: B008 (frozen)
) -> Outcome:
    """Embed a text again with some blocks off.

    Returns
    -------
    Outcome
        The value is the cosine with `embedding`, the untouched one, (d_model,), of length 1.
    """
    again = encode_text(model, tokens, replace(changes, off=changes.off | _layers(off))).embedding
    return Outcome(off, float(again @ embedding))


@torch.no_grad()
def ask_classifier(
    model: VisionTransformer,
    picture: NDArray[np.uint8],
    index: int,
    off: Off,
    changes: VisionInterventions = VisionInterventions(),  # noqa: B008 (frozen)
) -> Outcome:
    """Classify a picture again with some blocks off.

    Returns
    -------
    Outcome
        The value is the probability of the class `index`; the answer the number of the most
        probable class.
    """
    probabilities = _see(model, picture, off, changes).probabilities
    return Outcome(off, float(probabilities[index]), (str(int(probabilities.argmax())),))


@torch.no_grad()
def ask_saliency(
    model: VisionTransformer,
    picture: NDArray[np.uint8],
    saliency: NDArray[np.float32],
    off: Off,
    changes: VisionInterventions = VisionInterventions(),  # noqa: B008 (frozen)
) -> Outcome:
    """Find what stands out again with some blocks off.

    Returns
    -------
    Outcome
        The value is the correlation of the two maps, in [-1, 1]; 0 where one of them is even.
    """
    return Outcome(off, correlation(_see(model, picture, off, changes).saliency, saliency))


def correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return Pearson's correlation of two arrays of one shape; 0 where one of them is even."""
    first, second = (array.astype(float).ravel() - array.mean() for array in (one, other))
    length = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / length if length else 0.0


def _see(
    model: VisionTransformer,
    picture: NDArray[np.uint8],
    off: Off,
    changes: VisionInterventions,
) -> VisionAttention:
    return see(model, picture, replace(changes, off=changes.off | _layers(off)))


def _layers(off: Iterable[Place]) -> frozenset[tuple[str, int]]:
    return frozenset((place.kind, place.layer) for place in off)


def _mean_log_probability(run: StackRun, ending: Ending, numbers: Sequence[int]) -> float:
    logs = ending.log_probabilities(last_stream(run))
    return float(logs[torch.arange(len(numbers)), torch.tensor(list(numbers))].mean())
