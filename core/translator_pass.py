"""The translator's forward pass: `core.transformer.walk` over its encoder and its decoder.

The decoder runs over any number of steps at once: one, with the keys and values of the steps before
it in a cache, or all of them. Whoever calls these functions says whether gradients are wanted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.decoding import Step as WordStep
from core.decoding import Stepper
from core.transformer import (
    AttentionStep,
    Changes,
    KeysAndValues,
    Step,
    no_later,
    nothing_yet,
    remembered,
    walk,
)
from core.transformer_parts import CROSS, SELF
from core.translation import Float32Array, Interventions
from core.translator_model import Translator

# For each layer of the decoder, what its self-attention may read of the steps so far.
Cache = tuple[KeysAndValues, ...]
Vectors = tuple[Tensor, Tensor]


@dataclass(frozen=True, eq=False)
class Encoded:
    """What the encoder made of a sentence.

    Attributes
    ----------
    memory : tuple of KeysAndValues
        For each layer of the decoder, what its cross-attention may read.
    visible : Tensor of bool, (source,), or None
        False for hidden words; None if there is none.
    weights : ndarray of float32, (layer, head, source, source)
    vectors : of each layer the queries and keys, (head, source, d_head)
    """

    memory: tuple[KeysAndValues, ...]
    visible: Tensor | None
    weights: Float32Array
    vectors: tuple[Vectors, ...]


@dataclass(frozen=True, eq=False)
class Decoded:
    """What the decoder computed for some steps.

    Attributes
    ----------
    log_probabilities : Tensor (step, word)
        Of the end, then of every French word.
    decoder_weights : Tensor (layer, head, step, position)
        Over the positions in the cache, then those of the steps themselves.
    cross_weights : Tensor (layer, head, step, source)
    cache : Cache
        The cache that was given, longer by these steps.
    decoder_vectors, cross_vectors : of each layer the queries and keys, as in `Encoded`
    """

    log_probabilities: Tensor
    decoder_weights: Tensor
    cross_weights: Tensor
    cache: Cache
    decoder_vectors: tuple[Vectors, ...]
    cross_vectors: tuple[Vectors, ...]


def encode(model: Translator, english: Sequence[str], interventions: Interventions) -> Encoded:
    """Run the encoder over a sentence."""
    steps = list(encoder_steps(model, english, interventions))
    own = _attentions(steps, SELF)
    tokens = model.encoder_stack.last_norm(steps[-1].leaving)
    return Encoded(
        memory=remembered(model.decoder_stack, tokens),
        visible=visible_words(english, interventions),
        weights=_weights(own).numpy(),
        vectors=_vectors(own),
    )


def encoder_steps(
    model: Translator, english: Sequence[str], interventions: Interventions
) -> Iterator[Step]:
    """Run the encoder over a sentence, part by part; the last has no normalisation after it."""
    states = model.weights.english(torch.tensor(model.english.encode(english)))
    visible = visible_words(english, interventions)
    changes = changes_of(interventions, "encoder")
    return walk(model.encoder_stack, states, mask=visible, changes=changes)


def decode(
    model: Translator,
    encoded: Encoded,
    inputs: Sequence[int],
    cache: Cache,
    interventions: Interventions,
) -> Decoded:
    """Run the decoder over one step or several.

    Parameters
    ----------
    model : Translator
    encoded : Encoded
    inputs : sequence of int
        The number of the word that enters each step: the one written before it.
    cache : Cache
        Of the steps before these; `no_cache` at the start.
    interventions : Interventions
        The query of an edit in ``"decoder"`` and ``"cross"`` is the step, counted from the start.
    """
    steps = list(decoder_steps(model, encoded, inputs, cache, interventions))
    own, cross = _attentions(steps, SELF), _attentions(steps, CROSS)
    return Decoded(
        log_probabilities=model.weights.log_probabilities(steps[-1].leaving),
        decoder_weights=_weights(own),
        cross_weights=_weights(cross),
        cache=tuple(step.readable for step in own),
        decoder_vectors=_vectors(own),
        cross_vectors=_vectors(cross),
    )


def decoder_steps(
    model: Translator,
    encoded: Encoded,
    inputs: Sequence[int],
    cache: Cache,
    interventions: Interventions,
) -> Iterator[Step]:
    """Run the decoder over some steps, part by part: see `decode`."""
    first = cache[0].keys.shape[1]
    return walk(
        model.decoder_stack,
        model.weights.french(torch.tensor(inputs), first),
        mask=no_later(len(inputs), first),
        memory=encoded.memory,
        memory_mask=encoded.visible,
        cache=cache,
        changes=changes_of(interventions, "decoder", first),
    )


def changes_of(interventions: Interventions, stack: str, first: int = 0) -> Changes:
    """Return what to change in the encoder, or in the decoder from one position on."""
    kinds = {"encoder": SELF} if stack == "encoder" else {"decoder": SELF, "cross": CROSS}
    return Changes(
        dropped=frozenset(
            (kinds[part], layer, head)
            for part, layer, head in interventions.dropped_heads
            if part in kinds
        ),
        edits=tuple(
            (kinds[part], edit) for part, edit in interventions.weight_edits if part in kinds
        ),
        off=frozenset((kind, layer) for of, layer, kind in interventions.off if of == stack),
        first=first,
    )


def no_cache(model: Translator) -> Cache:
    """Return the cache before the first step."""
    return nothing_yet(model.decoder_stack, model.d_model // model.n_heads)


def stepper(model: Translator, encoded: Encoded, interventions: Interventions) -> Stepper[Cache]:
    """Return the function that decodes one step of this sentence after another."""

    def step(last: int, cache: Cache) -> WordStep[Cache]:
        decoded = decode(model, encoded, [last], cache, interventions)
        return WordStep(
            log_probabilities=decoded.log_probabilities[0].numpy(),
            decoder_rows=decoded.decoder_weights[:, :, 0].numpy(),
            cross_rows=decoded.cross_weights[:, :, 0].numpy(),
            state=decoded.cache,
        )

    return step


def visible_words(english: Sequence[str], interventions: Interventions) -> Tensor | None:
    """Return which source words may be read, (source,), the end with them; None for all."""
    if not interventions.hidden_words:
        return None
    visible = torch.ones(len(english) + 1, dtype=torch.bool)
    visible[list(interventions.hidden_words)] = False
    return visible


def _attentions(steps: Sequence[Step], kind: str) -> list[AttentionStep]:
    return [step for step in steps if isinstance(step, AttentionStep) and step.kind == kind]


def _weights(steps: Sequence[AttentionStep]) -> Tensor:
    return torch.stack([step.weights for step in steps])


def _vectors(steps: Sequence[AttentionStep]) -> tuple[Vectors, ...]:
    return tuple((step.query, step.key) for step in steps)
