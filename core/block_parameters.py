"""The learned arrays of the lab's own modules, by names that say what they are."""

from __future__ import annotations

from torch import nn

from core.anatomy import (
    CROSS,
    DECODER,
    EMBEDDING,
    FEED_FORWARD,
    LAST_NORM,
    NO_LAYER,
    POSITIONS,
    PROJECTION,
    SELF,
    SOFTMAX,
    TOKENS,
    Block,
    Parameter,
    Place,
)
from core.transformer_modules import AttentionWeights, DecoderLayer, Embedding, EncoderLayer

TITLES = {
    SELF: "Self-attention",
    CROSS: "Cross-attention",
    FEED_FORWARD: "Feed-forward",
    LAST_NORM: "Last norm",
}
MASKED = "Masked self-attention"


def of_norm(norm: nn.Module) -> tuple[Parameter, ...]:
    """Return scale and shift of a layer normalisation; none of an empty one."""
    return _named(norm, (("weight", "norm scale"), ("bias", "norm shift")))


def of_linear(linear: nn.Module, letter: str) -> tuple[Parameter, ...]:
    """Return the matrix and the bias of a linear map, called after a letter."""
    return _named(linear, (("weight", f"W_{letter}"), ("bias", f"b_{letter}")))


def of_table(table: nn.Embedding, name: str) -> tuple[Parameter, ...]:
    """Return a table of vectors."""
    return (Parameter(name, tuple(table.weight.shape)),)


def layer_blocks(stack: str, index: int, layer: EncoderLayer, *, masked: bool) -> tuple[Block, ...]:
    """Return the blocks of one layer of the lab's own models, in the order in which they run.

    Parameters
    ----------
    stack : {"encoder", "decoder"}
    index : int
        The layer, from 0.
    layer : EncoderLayer or DecoderLayer
    masked : bool
        Whether its self-attention reads nothing that comes later.
    """
    first = _of_attention(layer.self_norm, layer.self_attention)
    title = MASKED if masked else TITLES[SELF]
    blocks = [Block(Place(stack, index, SELF), title, first)]
    if isinstance(layer, DecoderLayer):
        cross = _of_attention(layer.cross_norm, layer.cross_attention)
        blocks.append(Block(Place(stack, index, CROSS), TITLES[CROSS], cross))
    forward = (
        *of_norm(layer.feed_forward_norm),
        *of_linear(layer.feed_forward.inner, "1"),
        *of_linear(layer.feed_forward.outer, "2"),
    )
    blocks.append(Block(Place(stack, index, FEED_FORWARD), TITLES[FEED_FORWARD], forward))
    return tuple(blocks)


def outside(stack: str, kind: str) -> Place:
    """Return the place of a block that belongs to no layer."""
    return Place(stack, NO_LAYER, kind)


def beginning_blocks(stack: str, title: str, table: Embedding) -> tuple[Block, ...]:
    """Return the blocks before the layers: words, their vectors, and positions."""
    words, places = of_table(table.words, "word vectors"), of_table(table.positions, "positions")
    return (
        Block(outside(stack, TOKENS), title),
        Block(outside(stack, EMBEDDING), "Word vectors", words),
        Block(outside(stack, POSITIONS), "Positions", places),
    )


def ending_blocks(norm: nn.Module, bias: nn.Parameter, table: Embedding) -> tuple[Block, ...]:
    """Return the blocks after a decoder's layers, whose table of words is also its projection."""
    own = (Parameter("output bias", tuple(bias.shape)),)
    shared = of_table(table.words, "word vectors")
    return (
        Block(outside(DECODER, LAST_NORM), TITLES[LAST_NORM], of_norm(norm)),
        Block(outside(DECODER, PROJECTION), "Projection to words", own, shared),
        Block(outside(DECODER, SOFTMAX), "Softmax"),
    )


def _of_attention(norm: nn.Module, weights: AttentionWeights) -> tuple[Parameter, ...]:
    linears = zip("QKVO", (weights.query, weights.key, weights.value, weights.output), strict=True)
    return (
        *of_norm(norm),
        *(one for letter, linear in linears for one in of_linear(linear, letter)),
    )


def _named(module: nn.Module, names: tuple[tuple[str, str], ...]) -> tuple[Parameter, ...]:
    parameters = dict(module.named_parameters())
    return tuple(
        Parameter(name, tuple(parameters[own].shape)) for own, name in names if own in parameters
    )
