"""A two-layer Transformer of attention alone, small enough to see induction heads come about.

Two layers of attention, no feed-forward part, no normalisation, and learned positions added to the
letters: Elhage et al. 2021, where positions enter otherwise. So what a head makes of a letter is a
product of four matrices. A head is as wide as the stream (32), so that one is enough for a whole
job, and as it comes with the lab the model has four heads in layer 1 and a single one in layer 2,
so that there nothing can stand in for it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import log_softmax

from core.induction import TOKENS, IntArray
from core.transformer import AttentionStep, Changes, no_later, walk
from core.transformer_parts import SELF, AttentionPart, Map, Stack, unchanged

HEADS: Final = (4, 1)
"""Heads of layer 1 and of layer 2, unless others are asked for."""
N_LAYERS: Final = len(HEADS)
D_MODEL: Final = 32
D_HEAD: Final = 32
MOST_LETTERS: Final = 20
"""In the part that is repeated."""
N_POSITIONS: Final = 2 * MOST_LETTERS
"""Tokens that can be read: the start, and all letters but the last, after which nothing comes."""
# The first logits are small: a model that knows nothing should not seem to.
_LOGIT_SPREAD: Final = 0.3
_OUTPUT_SPREAD: Final = 0.5

Head = tuple[int, int]
Float32Array = NDArray[np.float32]


class InductionWeights(NamedTuple):
    """All that the model learns.

    Attributes
    ----------
    words : Tensor, (token, d_model)
        W_E: the start, then the letters.
    positions : Tensor, (position, d_model)
    read_1, read_2 : Tensor, (3, d_model, head * d_head)
        W_Q, W_K and W_V of layer 1 and of layer 2, which may have another number of heads.
    write_1, write_2 : Tensor, (head * d_head, d_model)
        W_O.
    logits : Tensor, (d_model, letter)
        W_U.
    """

    words: Tensor
    positions: Tensor
    read_1: Tensor
    write_1: Tensor
    read_2: Tensor
    write_2: Tensor
    logits: Tensor

    @property
    def layers(self) -> tuple[tuple[Tensor, Tensor], ...]:
        """What reads and what writes, of each layer."""
        return (self.read_1, self.write_1), (self.read_2, self.write_2)

    @property
    def heads(self) -> tuple[int, ...]:
        """Number of heads of each layer."""
        return tuple(len(write) // D_HEAD for _, write in self.layers)

    @property
    def all_heads(self) -> tuple[Head, ...]:
        """Layer and head of every head, from 0."""
        return tuple((layer, head) for layer, n in enumerate(self.heads) for head in range(n))


@dataclass(frozen=True, eq=False)
class InductionPass:
    """What the model made of sequences; what it computed is read-only.

    Attributes
    ----------
    numbers : ndarray of int64, (..., position)
        What was read.
    weights : tuple of ndarray of float32, (..., head, query, key)
        One for each layer.
    queries, keys : tuple of ndarray of float32, (..., head, position, d_head)
        What the weights were made of, layer by layer.
    log_probabilities : ndarray of float32, (..., position, letter)
        Row i is of the letter after token i, in nats.
    """

    numbers: IntArray
    weights: tuple[Float32Array, ...]
    queries: tuple[Float32Array, ...]
    keys: tuple[Float32Array, ...]
    log_probabilities: Float32Array

    def __post_init__(self) -> None:
        for array in (*self.weights, *self.queries, *self.keys, self.log_probabilities):
            array.flags.writeable = False


def start_weights(seed: int, heads: tuple[int, int] = HEADS) -> InductionWeights:
    """Draw the weights of an untrained model with so many heads in layer 1 and in layer 2."""
    generator = torch.Generator().manual_seed(seed)
    usual = 1 / math.sqrt(D_MODEL)

    def drawn(*shape: int, spread: float) -> Tensor:
        return torch.randn(shape, generator=generator) * spread

    def layer(n_heads: int) -> tuple[Tensor, Tensor]:
        inner = n_heads * D_HEAD
        read = drawn(3, D_MODEL, inner, spread=usual)
        return read, drawn(inner, D_MODEL, spread=_OUTPUT_SPREAD / math.sqrt(inner))

    return InductionWeights(
        drawn(len(TOKENS), D_MODEL, spread=usual),
        drawn(N_POSITIONS, D_MODEL, spread=usual),
        *layer(heads[0]),
        *layer(heads[1]),
        drawn(D_MODEL, len(TOKENS) - 1, spread=_LOGIT_SPREAD * usual),
    )


def stack_of(weights: InductionWeights) -> Stack:
    """Return the model's layers."""
    layers = []
    for n_heads, (read, write) in zip(weights.heads, weights.layers, strict=True):
        maps = (_times(matrix) for matrix in (*read, write))
        layers.append((AttentionPart(SELF, n_heads, unchanged, *maps),))
    return Stack(tuple(layers), norm_first=True)


def embed(weights: InductionWeights, numbers: Tensor) -> Tensor:
    """Return tokens as vectors with their positions added, (..., position, d_model)."""
    return weights.words[numbers] + weights.positions[: numbers.shape[-1]]


def logits_of(weights: InductionWeights, numbers: Tensor) -> Tensor:
    """Return the logits of the letter after each token, (..., position, letter); they train it."""
    states = embed(weights, numbers)
    for step in walk(stack_of(weights), states, mask=no_later(numbers.shape[-1])):
        states = step.leaving
    return states @ weights.logits


@torch.no_grad()
def forward(
    weights: InductionWeights, numbers: IntArray, dropped: frozenset[Head] = frozenset()
) -> InductionPass:
    """Run the model.

    Parameters
    ----------
    weights : InductionWeights
    numbers : ndarray of int64, (..., position)
        From the start on: see `core.induction.numbers_of`.
    dropped : frozenset of (layer, head)
        Heads whose output is put to zero.

    Raises
    ------
    ValueError
        If there are more tokens than positions, or a head to drop is none of the model's.
    """
    if not 1 <= numbers.shape[-1] <= N_POSITIONS:
        raise ValueError(f"The model reads 1 to {N_POSITIONS} tokens, not {numbers.shape[-1]}.")
    if not dropped <= set(weights.all_heads):
        raise ValueError(f"The layers have {weights.heads} heads; got {sorted(dropped)}.")
    changes = Changes(dropped=frozenset((SELF, layer, head) for layer, head in dropped))
    states = embed(weights, torch.from_numpy(numbers.copy()))  # which may be read-only
    mask, steps = no_later(numbers.shape[-1]), []
    for step in walk(stack_of(weights), states, mask=mask, changes=changes):
        states = step.leaving
        if isinstance(step, AttentionStep):
            steps.append(step)
    rows = log_softmax(states @ weights.logits, dim=-1)
    return InductionPass(
        numbers,
        weights=tuple(step.weights.numpy() for step in steps),
        queries=tuple(step.query.numpy() for step in steps),
        keys=tuple(step.key.numpy() for step in steps),
        log_probabilities=rows.numpy(),
    )


@torch.no_grad()
def copying_circuit(weights: InductionWeights, layer: int, head: int) -> Float32Array:
    """Return what a head adds to the logits for a weight of 1 on a letter, (read, logit).

    W_E W_V W_O W_U without the start, and without positions and earlier heads: Elhage et al. 2021,
    "OV circuit".
    """
    circuit = weights.words[1:] @ head_writes(weights, layer, head) @ weights.logits
    result: Float32Array = circuit.numpy()
    return result


@torch.no_grad()
def head_writes(weights: InductionWeights, layer: int, head: int) -> Tensor:
    """Return W_V W_O of a head, (d_model, d_model)."""
    (_, _, value), output = weights.layers[layer]
    own = slice(head * D_HEAD, (head + 1) * D_HEAD)
    writes: Tensor = value[:, own] @ output[own]
    return writes


@torch.no_grad()
def head_matches(weights: InductionWeights, layer: int, head: int) -> Tensor:
    """Return W_K W_Q^T of a head, (d_model of the key, d_model of the query)."""
    (query, key, _), _ = weights.layers[layer]
    own = slice(head * D_HEAD, (head + 1) * D_HEAD)
    matches: Tensor = key[:, own] @ query[:, own].T
    return matches


def _times(matrix: Tensor) -> Map:
    return lambda tokens: tokens @ matrix
