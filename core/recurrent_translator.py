"""The translator before the Transformer: a recurrent network with additive attention.

The model of Bahdanau, Cho and Bengio 2015 (arXiv:1409.0473), in which attention was first used to
translate: an encoder that runs over the sentence in both directions, and a decoder that at every
step compares its state with each source word, ``score . tanh(W_query state + W_key word)``, and
reads the mean that the softmax of these gives. Simpler than theirs in one place: the next word is
read from a single tanh layer instead of a maxout layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from core.decoding import Step, Stepper, to_translation, write
from core.recurrent_model import MAX_WORDS, RecurrentTranslator, load_recurrent_translator
from core.translation import (
    N_MOST,
    Interventions,
    Part,
    Translation,
    check_interventions,
)
from core.translation_vectors import AdditiveVectors
from core.vocabulary import START_ID
from core.weight_edits import force_weights

__all__ = [
    "RecurrentTranslator",
    "additive_vectors",
    "load_recurrent_translator",
    "translate_recurrent",
]

HEADS: dict[Part, tuple[int, int]] = {"encoder": (0, 0), "decoder": (0, 0), "cross": (1, 1)}


def translate_recurrent(
    model: RecurrentTranslator,
    english: Sequence[str],
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
    *,
    n_most: int = N_MOST,
    given: Sequence[str] | None = None,
) -> Translation:
    """Translate a sentence, writing the most probable word at each step.

    Parameters
    ----------
    model : RecurrentTranslator
        The model; not changed.
    english : sequence of str
        As in `core.translator.translate`.
    interventions : Interventions
        A hidden word is skipped by the encoder too, in both directions: the rest is encoded as if
        the word were not there. The one head that can be dropped is ``("cross", 0, 0)``.
    n_most : int
        Stop after so many words even without an end.
    given : sequence of str, optional
        Run this translation (without its end) through the model instead of choosing words.

    Returns
    -------
    Translation
        Its cross-attention has one layer and one head, the other two parts none.

    Raises
    ------
    ValueError
        As `core.translator.translate` and `core.translator.teacher_forced`.
    """
    if not 1 <= len(english) <= MAX_WORDS:
        raise ValueError(
            f"The sentence has {len(english)} words and marks; the model reads 1 to {MAX_WORDS}."
        )
    if given is not None and (strange := model.french.missing(given)):
        raise ValueError(f"The model cannot write {given[strange[0]]!r}: it does not know it.")
    check_interventions(interventions, len(english), HEADS, n_most)
    numbers = None if given is None else model.french.encode(given)
    source, first_state = _encode(model, english, interventions)
    written = write(_stepper(model, source, interventions), first_state, n_most, numbers)
    no_weights = np.zeros((0, 0, len(english) + 1, len(english) + 1), dtype=np.float32)
    return to_translation(
        written, english, no_weights, (model.english, model.french), interventions
    )


@torch.no_grad()
def additive_vectors(
    model: RecurrentTranslator, translation: Translation, step: int
) -> AdditiveVectors:
    """Return what one step of a translation compared to score the source words.

    Computed anew, up to that step, under the translation's own interventions.

    Parameters
    ----------
    model : RecurrentTranslator
        The model that made the translation.
    translation : Translation
    step : int
        The row that predicts ``words[step]``.

    Raises
    ------
    ValueError
        If the translation has no such step.
    """
    if not 0 <= step < len(translation.words):
        raise ValueError(
            f"There is no step {step}: the translation has {len(translation.words)}, from 0."
        )
    interventions = translation.interventions
    source, state = _encode(model, translation.english, interventions)
    advance = _stepper(model, source, interventions)
    for entering in (START_ID, *model.french.encode(translation.inputs[1:]))[:step]:
        state = advance(entering, state).state
    return AdditiveVectors(
        query=model.weights.query(state[1]).numpy(),
        key=source.keys.numpy(),
        score=model.weights.score.weight[0].numpy(),
        mask=source.visible.numpy(),
    )


@dataclass(frozen=True, eq=False)
class _Source:
    """What the decoder reads: states and keys, each (source, d_model), and which may be read."""

    states: Tensor
    keys: Tensor
    visible: Tensor


@torch.no_grad()
def _encode(
    model: RecurrentTranslator, english: Sequence[str], interventions: Interventions
) -> tuple[_Source, tuple[int, Tensor]]:
    weights = model.weights
    visible = torch.ones(len(english) + 1, dtype=torch.bool)
    visible[list(interventions.hidden_words)] = False
    words = weights.embed(weights.english, torch.tensor(model.english.encode(english)))
    states = torch.zeros_like(words)
    states[visible], last = weights.encoder(words[visible])  # last: (direction, d_model / 2)
    first_state = torch.tanh(weights.first_state(last.flatten()))
    return _Source(states, weights.key(states), visible), (0, first_state)


def _stepper(
    model: RecurrentTranslator, source: _Source, interventions: Interventions
) -> Stepper[tuple[int, Tensor]]:
    """Return the function that decodes one step after another; its state counts them."""
    weights = model.weights
    no_rows = np.zeros((0, 0, 1), dtype=np.float32)

    @torch.no_grad()
    def step(last: int, before: tuple[int, Tensor]) -> Step[tuple[int, Tensor]]:
        index, state = before
        entering = weights.embed(weights.french, torch.tensor(last))  # (d_model,)
        read, context = _read(model, source, state, index, interventions)
        state = weights.cell(torch.cat([entering, context]), state)
        readout = torch.tanh(weights.readout(torch.cat([state, context, entering])))
        return Step(
            log_probabilities=weights.log_probabilities(readout).numpy(),
            decoder_rows=no_rows.repeat(index + 1, axis=2),
            cross_rows=read[None, None].numpy(),
            state=(index + 1, state),
        )

    return step


def _read(
    model: RecurrentTranslator,
    source: _Source,
    state: Tensor,
    index: int,
    interventions: Interventions,
) -> tuple[Tensor, Tensor]:
    """Return the weights (source,) of one step and the mean that they give (d_model,)."""
    logits = model.weights.attention_logits(state, source.keys)
    read = torch.softmax(logits.masked_fill(~source.visible, -torch.inf), dim=-1)
    edits = [
        replace(edit, query=0) for edit in interventions.edits("cross", 0) if edit.query == index
    ]
    if edits:
        read = torch.from_numpy(force_weights(read[None, None].numpy(), edits))[0, 0]
    context = read @ source.states
    return read, torch.zeros_like(context) if interventions.dropped("cross", 0) else context
