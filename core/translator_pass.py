"""The translator's forward pass, written out: one sentence, every weight kept.

The decoder runs over any number of steps at once: one, with the keys and values of the steps before
it in a cache, or all of them. Whoever calls these functions says whether gradients are wanted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.decoding import Step, Stepper
from core.torch_attention import scaled_dot_product_attention
from core.translation import Float32Array, Interventions, Part
from core.translator_model import AttentionWeights, Translator
from core.weight_edits import force_weights


@dataclass(frozen=True, eq=False)
class KeysAndValues:
    """What one attention may read: keys and values, each (head, position, d_head)."""

    keys: Tensor
    values: Tensor

    def with_more(self, more: KeysAndValues) -> KeysAndValues:
        """Return a longer one; this one stays as it is."""
        return KeysAndValues(
            torch.cat([self.keys, more.keys], dim=1), torch.cat([self.values, more.values], dim=1)
        )


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
    visible = None
    if interventions.hidden_words:
        visible = torch.ones(len(english) + 1, dtype=torch.bool)
        visible[list(interventions.hidden_words)] = False
    states = model.weights.english(torch.tensor(model.english.encode(english)))
    weights, vectors = [], []
    for index, layer in enumerate(model.weights.encoder_layers()):
        normalised = layer.self_norm(states)  # (source, d_model)
        own = keys_and_values(layer.self_attention, normalised, model.n_heads)
        changes = _Changes(interventions, "encoder", index)
        seen, read, query = _attend(layer.self_attention, normalised, own, visible, changes)
        states = states + read
        states = states + layer.feed_forward(layer.feed_forward_norm(states))
        weights.append(seen)
        vectors.append((query, own.keys))
    states = model.weights.encoder_norm(states)
    memory = tuple(
        keys_and_values(layer.cross_attention, states, model.n_heads)
        for layer in model.weights.decoder_layers()
    )
    return Encoded(memory, visible, torch.stack(weights).numpy(), tuple(vectors))


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
    first, n_steps = cache[0].keys.shape[1], len(inputs)
    # A step reads itself and what came before it. One step alone has nothing after it to block,
    # and no mask is quicker than one of True throughout.
    earlier = None
    if n_steps > 1:
        earlier = torch.ones(n_steps, first + n_steps, dtype=torch.bool).tril(first)
    states = model.weights.french(torch.tensor(inputs), first)
    decoder_weights, cross_weights, longer, decoder_vectors, cross_vectors = [], [], [], [], []
    for index, layer in enumerate(model.weights.decoder_layers()):
        normalised = layer.self_norm(states)  # (step, d_model)
        own = keys_and_values(layer.self_attention, normalised, model.n_heads)
        longer.append(own := cache[index].with_more(own))
        changes = _Changes(interventions, "decoder", index, first)
        seen, read, query = _attend(layer.self_attention, normalised, own, earlier, changes)
        states = states + read
        decoder_weights.append(seen)
        decoder_vectors.append((query, own.keys))
        normalised = layer.cross_norm(states)
        changes = _Changes(interventions, "cross", index, first)
        memory, visible = encoded.memory[index], encoded.visible
        seen, read, query = _attend(layer.cross_attention, normalised, memory, visible, changes)
        states = states + read
        cross_weights.append(seen)
        cross_vectors.append((query, memory.keys))

        states = states + layer.feed_forward(layer.feed_forward_norm(states))
    return Decoded(
        log_probabilities=model.weights.log_probabilities(states),
        decoder_weights=torch.stack(decoder_weights),
        cross_weights=torch.stack(cross_weights),
        cache=tuple(longer),
        decoder_vectors=tuple(decoder_vectors),
        cross_vectors=tuple(cross_vectors),
    )


def no_cache(model: Translator) -> Cache:
    """Return the cache before the first step."""
    nothing = torch.empty(model.n_heads, 0, model.d_model // model.n_heads)
    return (KeysAndValues(nothing, nothing),) * model.n_layers


def stepper(model: Translator, encoded: Encoded, interventions: Interventions) -> Stepper[Cache]:
    """Return the function that decodes one step of this sentence after another."""

    def step(last: int, cache: Cache) -> Step[Cache]:
        decoded = decode(model, encoded, [last], cache, interventions)
        return Step(
            log_probabilities=decoded.log_probabilities[0].numpy(),
            decoder_rows=decoded.decoder_weights[:, :, 0].numpy(),
            cross_rows=decoded.cross_weights[:, :, 0].numpy(),
            state=decoded.cache,
        )

    return step


def keys_and_values(attention: AttentionWeights, states: Tensor, n_heads: int) -> KeysAndValues:
    """Project what will be read, (position, d_model), for every head."""
    return KeysAndValues(
        keys=_split(attention.key(states), n_heads),
        values=_split(attention.value(states), n_heads),
    )


def _split(projected: Tensor, n_heads: int) -> Tensor:
    """Cut (position, d_model) into heads, (head, position, d_head)."""
    return projected.view(projected.shape[0], n_heads, -1).transpose(0, 1)


@dataclass(frozen=True)
class _Changes:
    """The interventions in one attention, for queries from `first` on."""

    interventions: Interventions
    part: Part
    layer: int
    first: int = 0


def _attend(
    attention: AttentionWeights,
    queries: Tensor,
    readable: KeysAndValues,
    mask: Tensor | None,
    changes: _Changes,
) -> tuple[Tensor, Tensor, Tensor]:
    """Let every head read, and put together what they read.

    Parameters
    ----------
    attention : AttentionWeights
    queries : Tensor (query, d_model)
        Not yet projected.
    readable : KeysAndValues
    mask : Tensor of bool, broadcastable to (query, key), or None
        True = may attend; None blocks nothing.
    changes : _Changes

    Returns
    -------
    weights : Tensor (head, query, key)
    output : Tensor (query, d_model)
    query : Tensor (head, query, d_head)
    """
    query = _split(attention.query(queries), readable.keys.shape[0])  # (head, query, d_head)
    result = scaled_dot_product_attention(query, readable.keys, readable.values, mask=mask)
    weights, output = result.weights, result.output
    edits = [
        replace(edit, query=edit.query - changes.first)
        for edit in changes.interventions.edits(changes.part, changes.layer)
        if changes.first <= edit.query < changes.first + query.shape[1]
    ]
    if edits:
        weights = torch.from_numpy(force_weights(weights.numpy(), edits))
        output = weights @ readable.values
    if dropped := changes.interventions.dropped(changes.part, changes.layer):
        output = output.index_fill(0, torch.tensor(dropped), 0.0)
    return weights, attention.output(output.transpose(0, 1).flatten(1)), query
