"""One stack of a model, about to be run on what was given, with a name for every token.

Whatever opens a model (`core.opened_block`), follows its residual stream (`core.residual_stream`)
or reads it early (`core.logit_lens`) takes a `StackRun`, so each is written once for all models.
Nothing is kept beyond what is asked for: all tensors of a Vision Transformer would be 100 MB.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from core.anatomy import Place
from core.transformer import Step, last
from core.transformer_parts import CROSS, AttentionPart, FeedForwardPart, Map, Stack


@dataclass(frozen=True, eq=False)
class StackRun:
    """One stack of a model on one text or picture.

    Attributes
    ----------
    name : {"encoder", "decoder"}
        The `stack` of its places.
    stack : Stack
    start : callable
        Returns the steps of `core.transformer.walk`, from the first part on.
    rows : tuple of str
        What each token is called as it asks: in a decoder the word that it predicts.
    keys : tuple of str
        What each token is called as it is read: in a decoder the word that it is.
    mask : Tensor of bool, broadcastable to (query, key), or None
        Of the self-attention.
    memory : tuple of str
        What the keys of the cross-attention stand for.
    memory_mask : Tensor of bool, or None
        Of the cross-attention.
    """

    name: str
    stack: Stack
    start: Callable[[], Iterator[Step]]
    rows: tuple[str, ...]
    keys: tuple[str, ...]
    mask: Tensor | None = None
    memory: tuple[str, ...] = ()
    memory_mask: Tensor | None = None

    @property
    def places(self) -> tuple[Place, ...]:
        """Where its parts stand, in the order in which they run."""
        return tuple(
            Place(self.name, layer, part.kind)
            for layer, parts in enumerate(self.stack.layers)
            for part in parts
        )

    def place_of(self, step: Step) -> Place:
        """Return where a step was computed."""
        return Place(self.name, step.layer, step.kind)

    def part_at(self, place: Place) -> AttentionPart | FeedForwardPart:
        """Return the part at a place.

        Raises
        ------
        ValueError
            If the stack has none there.
        """
        if place in self.places:
            for part in self.stack.layers[place.layer]:
                if part.kind == place.kind:
                    return part
        raise ValueError(f"The {self.name} has no part {place.id!r}.")

    def mask_of(self, kind: str) -> Tensor | None:
        """Return what the attentions of one kind may read."""
        return self.memory_mask if kind == CROSS else self.mask

    def keys_of(self, kind: str) -> tuple[str, ...]:
        """Return what the columns of the weights of one kind stand for."""
        return self.memory if kind == CROSS else self.keys


@dataclass(frozen=True, eq=False)
class Ending:
    """How a model that names its answers makes them of the stream after its last layer.

    Attributes
    ----------
    norm : LayerNorm
        The last normalisation.
    pool : Map
        From the normalised tokens, (..., token, d_model), to the rows that are read, (..., row,
        d_model): all of them, or the class token alone.
    table : Tensor (answer, d_model)
    bias : Tensor (answer,)
    names : tuple of str
        The answers: words, or classes.
    rows : tuple of str
        What each row that is read is called.
    """

    norm: nn.LayerNorm
    pool: Map
    table: Tensor
    bias: Tensor
    names: tuple[str, ...]
    rows: tuple[str, ...]

    def logits(self, stream: Tensor) -> Tensor:
        """Return the logits, (..., row, answer), of a stream, (..., token, d_model)."""
        return nn.functional.linear(self.pool(self.norm(stream)), self.table, self.bias)

    def log_probabilities(self, stream: Tensor) -> Tensor:
        """Return the log probabilities, (..., row, answer)."""
        return torch.log_softmax(self.logits(stream), dim=-1)


@torch.no_grad()
def last_stream(run: StackRun) -> Tensor:
    """Return the stream after the last part, (token, d_model), before the last normalisation."""
    return last(run.start()).leaving
