"""What a whole Transformer costs: parameters, arithmetic and memory, part by part.

Every count is an exact whole number that follows from the shape of the model alone (Vaswani et al.
2017, arXiv:1706.03762); that of one attention is `core.head_counts`. One multiplication and one
addition are two operations, so a matrix costs two for each of its numbers and each token that it
is applied to (Kaplan et al. 2020, arXiv:2001.08361, section 2.1). Softmax, normalisation,
activations, biases and sums of residuals are left out, as is usual there. A masked score is
counted like another: it is computed and then thrown away.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from core.head_counts import cache_numbers, count_flops, count_parameters
from core.model_shape import TransformerShape


class _Sum:
    @property
    def total(self) -> int:
        """All parts together."""
        return sum(vars(self).values())


@dataclass(frozen=True)
class ModelParameters(_Sum):
    """Learned numbers by part. An output layer that is a table of words counts as embeddings."""

    embeddings: int
    positions: int
    attention: int
    feed_forward: int
    norms: int
    head: int


@dataclass(frozen=True)
class ModelFlops(_Sum):
    """Operations of a pass by part; `quadratic`: scores, and averages of values."""

    patches: int
    projections: int
    quadratic: int
    feed_forward: int
    head: int


@dataclass(frozen=True)
class ModelMemory(_Sum):
    """How many numbers are held.

    Attributes
    ----------
    parameters : int
    maps : int
        The weights of every head of every attention.
    cache : int
        Keys and values that a decoder keeps, its own and those of the encoder's tokens.
    hidden : int
        What all feed-forward parts hold between their two matrices.
    """

    parameters: int
    maps: int
    cache: int
    hidden: int


def count_model(shape: TransformerShape) -> ModelParameters:
    """Count the numbers that a model learns; two uses of one table count once."""
    d, hidden = shape.d_model, shape.d_hidden
    tables = 2 if shape.n_target_words else 1
    words = shape.n_words + shape.n_target_words + shape.n_types + shape.n_class_tokens
    patches = (shape.d_patch + 1) * d if shape.d_patch else 0
    one_attention = count_parameters(shape.heads).total + 4 * d
    in_layers = shape.n_attentions + shape.n_layers  # one norm for each part of each layer
    stacks = (shape.encoder_layers > 0) + (shape.decoder_layers > 0)
    norms = in_layers + shape.has_start_norm + shape.has_end_norms * stacks
    scales = in_layers if shape.has_layer_scale else 0
    table = 0 if shape.tied else shape.n_outputs * d
    bias = shape.n_outputs if shape.output_bias else 0
    return ModelParameters(
        embeddings=words * d + patches,
        positions=tables * shape.n_positions * d,
        attention=shape.n_attentions * one_attention,
        feed_forward=shape.n_layers * (2 * d * hidden + hidden + d),
        norms=2 * norms * d + scales * d,
        head=table + bias + (d * d + d if shape.has_pooler else 0),
    )


def count_pass(shape: TransformerShape, length: int) -> ModelFlops:
    """Count the operations of one pass over `length` tokens, of either side if there are two.

    Raises
    ------
    ValueError
        If `length` is below 1.
    """
    attention = count_flops(shape.heads, _checked(length), length)
    n_patches = max(length - shape.n_class_tokens, 0)
    return ModelFlops(
        patches=2 * n_patches * shape.d_patch * shape.d_model,
        projections=shape.n_attentions * (attention.projections + attention.output),
        quadratic=shape.n_attentions * (attention.scores + attention.reading),
        feed_forward=shape.n_layers * 4 * length * shape.d_model * shape.d_hidden,
        head=_head(shape, 1 if shape.answers_once else length),
    )


def count_step(shape: TransformerShape, length: int) -> ModelFlops:
    """Count the operations for the decoder's token number `length`, the others' being cached.

    A cross-attention finds the keys and values of the encoder's `length` tokens computed.

    Raises
    ------
    ValueError
        If `length` is below 1, or there is no decoder.
    """
    if not shape.decoder_layers:
        msg = "Only a decoder writes one token after the other; this model has no decoder layers."
        raise ValueError(msg)
    one = count_flops(shape.heads, 1, _checked(length))
    own = one.projections + one.output
    matrices = count_parameters(shape.heads)
    return ModelFlops(
        patches=0,
        projections=shape.decoder_layers * own
        + shape.n_cross * 2 * (matrices.query + matrices.output),
        quadratic=(shape.decoder_layers + shape.n_cross) * (one.scores + one.reading),
        feed_forward=shape.decoder_layers * 4 * shape.d_model * shape.d_hidden,
        head=_head(shape, 1),
    )


def count_memory(shape: TransformerShape, length: int) -> ModelMemory:
    """Count the numbers that a model of `length` tokens holds, nothing being thrown away.

    Raises
    ------
    ValueError
        If `length` is below 1.
    """
    n_cached = shape.decoder_layers + shape.n_cross
    return ModelMemory(
        parameters=count_model(shape).total,
        maps=shape.n_attentions * shape.n_heads * _checked(length) ** 2,
        cache=cache_numbers(shape.heads, n_token=length, n_layer=n_cached),
        hidden=shape.n_layers * length * shape.d_hidden,
    )


def even_length(shape: TransformerShape) -> Fraction:
    """Return the length at which scores and averages cost what the feed-forward parts cost.

    An attention takes 4 n² d_model for them and a feed-forward part 4 n d_model d_hidden, so with
    as many of either it is d_hidden; a cross-attention makes it shorter.
    """
    return Fraction(shape.n_layers * shape.d_hidden, shape.n_attentions)


def even_with_projections(shape: TransformerShape) -> int:
    """Return the length at which scores and averages cost what the projections cost: 2 d_model."""
    return 2 * shape.d_model


def _head(shape: TransformerShape, n_tokens: int) -> int:
    pooler = 2 * shape.d_model**2 if shape.has_pooler else 0
    return 2 * shape.d_model * shape.n_outputs * n_tokens + pooler


def _checked(length: int) -> int:
    if length < 1:
        msg = f"A pass needs at least one token, got {length}."
        raise ValueError(msg)
    return length
