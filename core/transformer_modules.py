"""The parts of the Transformers that the lab trained itself, as modules that hold weights.

The modules say how weights are arranged and drawn; `stack_of` makes the `Stack` of them that
`core.transformer.walk` runs. All of them normalise before a part rather than after it (Xiong et al.
2020, arXiv:2002.04745) and have learned positions.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import torch
from torch import Tensor, nn

from core.transformer_parts import CROSS, SELF, AttentionPart, FeedForwardPart, Part, Stack
from core.weights import WeightsError


class AttentionWeights(nn.Module):
    """The four projections of one multi-head attention."""

    def __init__(self, d_model: int) -> None:
        super().__init__()
        self.query = nn.Linear(d_model, d_model)
        self.key = nn.Linear(d_model, d_model)
        self.value = nn.Linear(d_model, d_model)
        self.output = nn.Linear(d_model, d_model)


class FeedForward(nn.Module):
    """Two linear maps with a rectifier between them."""

    def __init__(self, d_model: int, d_hidden: int) -> None:
        super().__init__()
        self.inner = nn.Linear(d_model, d_hidden)
        self.outer = nn.Linear(d_hidden, d_model)


class EncoderLayer(nn.Module):
    """Self-attention, then a feed-forward part, each behind a normalisation."""

    def __init__(self, d_model: int, d_hidden: int) -> None:
        super().__init__()
        self.self_norm = nn.LayerNorm(d_model)
        self.self_attention = AttentionWeights(d_model)
        self.feed_forward_norm = nn.LayerNorm(d_model)
        self.feed_forward = FeedForward(d_model, d_hidden)


class DecoderLayer(EncoderLayer):
    """An encoder layer with a cross-attention between its two parts."""

    def __init__(self, d_model: int, d_hidden: int) -> None:
        super().__init__(d_model, d_hidden)
        self.cross_norm = nn.LayerNorm(d_model)
        self.cross_attention = AttentionWeights(d_model)


class Embedding(nn.Module):
    """Words and positions as vectors, added up."""

    def __init__(self, n_words: int, n_positions: int, d_model: int) -> None:
        super().__init__()
        self.words = word_table(n_words, d_model)
        self.positions = word_table(n_positions, d_model)
        draw(self.words, self.positions)

    def forward(self, numbers: Tensor, first: int = 0) -> Tensor:
        """Embed words that stand one after the other, the first at position `first`.

        Parameters
        ----------
        numbers : Tensor of int, (..., position)

        Returns
        -------
        Tensor (..., position, d_model)
        """
        words = self.words(numbers)
        positions = self.positions.weight[first : first + numbers.shape[-1]]
        # As in section 3.4 of Vaswani et al.: the table of what is written is also the output
        # layer, where small numbers are wanted; here they are brought to a length of about the
        # root of d_model.
        result: Tensor = (words + positions) * words.shape[-1] ** 0.5
        return result


def word_table(n_words: int, d_model: int) -> nn.Embedding:
    """Return a table of vectors, on "meta" without drawing any: that would load a library first."""
    if torch.get_default_device().type == "meta":
        return nn.Embedding(n_words, d_model, _weight=torch.empty(n_words, d_model))
    return nn.Embedding(n_words, d_model)


def draw(*tables: nn.Embedding) -> None:
    """Draw the vectors of tables anew, of length about one; on "meta" there are none."""
    for table in tables:
        if not table.weight.is_meta:
            nn.init.normal_(table.weight, std=table.embedding_dim**-0.5)


def stack_of(layers: Iterable[nn.Module], n_heads: int, last_norm: nn.Module) -> Stack:
    """Return the stack of some `EncoderLayer` or `DecoderLayer`."""
    parts = (_parts(layer, n_heads) for layer in layers if isinstance(layer, EncoderLayer))
    return Stack(layers=tuple(parts), norm_first=True, last_norm=last_norm)


def _parts(layer: EncoderLayer, n_heads: int) -> tuple[Part, ...]:
    attentions = [_attention(SELF, layer.self_norm, layer.self_attention, n_heads)]
    if isinstance(layer, DecoderLayer):
        attentions.append(_attention(CROSS, layer.cross_norm, layer.cross_attention, n_heads))
    forward = layer.feed_forward
    last = FeedForwardPart(layer.feed_forward_norm, forward.inner, torch.relu, forward.outer)
    return (*attentions, last)


def _attention(
    kind: Literal["self", "cross"], norm: nn.Module, weights: AttentionWeights, n_heads: int
) -> AttentionPart:
    return AttentionPart(
        kind, n_heads, norm, weights.query, weights.key, weights.value, weights.output
    )


def fill(module: nn.Module, tensors: dict[str, Tensor], name: str) -> None:
    """Give a module its weights, as they are, in evaluation mode and without gradients.

    Parameters
    ----------
    module : nn.Module
    tensors : dict of str to Tensor
        Used, not copied.
    name : str
        What the module is, for the message.

    Raises
    ------
    WeightsError
        If a tensor is missing, left over or of another shape.
    """
    try:
        module.load_state_dict(tensors, strict=True, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise WeightsError(f"These weights do not fit {name}: {reason}") from error
    module.eval().requires_grad_(requires_grad=False)
