"""What a Transformer consists of, block by block, and what an opened block shows.

Only names, shapes and counts: no torch, so that a page can hold, draw and cache them. The numbers
come from `core.anatomy_translator`, `core.anatomy_encoder`, `core.anatomy_vit` and
`core.anatomy_gpt`, one module for each kind of model, all with the same functions.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

from core.named_tensor import NamedTensor

__all__ = ["Anatomy", "Block", "Facts", "NamedTensor", "Parameter", "Place"]

ENCODER: Final = "encoder"
DECODER: Final = "decoder"

# What a block is, in the order in which the kinds may come.
TOKENS: Final = "tokens"  # what is given: words, pieces; no numbers yet
PATCHES: Final = "patches"  # a picture cut up, and every patch as a vector
CLASS_TOKEN: Final = "class_token"
EMBEDDING: Final = "embedding"
POSITIONS: Final = "positions"
TOKEN_TYPE: Final = "token_type"
EMBEDDING_NORM: Final = "embedding_norm"
SELF: Final = "self"
CROSS: Final = "cross"
FEED_FORWARD: Final = "feed_forward"
LAST_NORM: Final = "last_norm"
POOLING: Final = "pooling"  # the mean of the tokens, as one vector
PROJECTION: Final = "projection"  # to logits
SOFTMAX: Final = "softmax"
SALIENCY: Final = "saliency"  # a decoder of convolutions in place of projection and softmax
KINDS: Final = (
    TOKENS,
    PATCHES,
    CLASS_TOKEN,
    EMBEDDING,
    POSITIONS,
    TOKEN_TYPE,
    EMBEDDING_NORM,
    SELF,
    CROSS,
    FEED_FORWARD,
    LAST_NORM,
    POOLING,
    PROJECTION,
    SOFTMAX,
    SALIENCY,
)
# The blocks that write to the stream, and can be switched off.
WRITERS: Final = (SELF, CROSS, FEED_FORWARD)
NO_LAYER: Final = -1


class Place(NamedTuple):
    """Where a block stands.

    Attributes
    ----------
    stack : {"encoder", "decoder"}
    layer : int
        From 0; `NO_LAYER` outside of layers.
    kind : str
        One of `KINDS`.
    """

    stack: str
    layer: int
    kind: str

    @property
    def id(self) -> str:
        """The place as one string, such as "decoder-0-cross"; "encoder--1-tokens" without layer."""
        return f"{self.stack}-{self.layer}-{self.kind}"

    @property
    def writes(self) -> bool:
        """Whether the block adds something to the stream within the layers."""
        return self.kind in WRITERS


class Parameter(NamedTuple):
    """One array of learned numbers.

    Attributes
    ----------
    name : str
        Such as "W_Q"; matrices as PyTorch has them, (out, in).
    shape : tuple of int
    """

    name: str
    shape: tuple[int, ...]

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class Block:
    """One block of a drawing.

    Attributes
    ----------
    place : Place
    title : str
        Such as "Masked self-attention".
    parameters : tuple of Parameter
        Those counted here.
    shared : tuple of Parameter
        Those used here too, but counted at the block where they are first used.
    """

    place: Place
    title: str
    parameters: tuple[Parameter, ...] = ()
    shared: tuple[Parameter, ...] = ()

    @property
    def n_parameters(self) -> int:
        """How many learned numbers are counted here."""
        return sum(parameter.size for parameter in self.parameters)


@dataclass(frozen=True)
class Facts:
    """In what Transformers differ.

    Attributes
    ----------
    n_layers : tuple of (stack, layers)
    d_hidden : int
        Width of the feed-forward parts.
    norm_first : bool
        Whether a part normalises what it reads, or what is left after it was added.
    last_norm : bool
        Whether there is a normalisation after the last layer.
    activation : {"relu", "gelu"}
        The bend of the feed-forward parts.
    class_token : bool
    positions : {"learned", "computed", "none"}
    n_positions : int
        How many the model has vectors for.
    causal : bool
        Whether tokens read none that come after them, in the last stack.
    cross : bool
        Whether a stack reads another one.
    tied : bool
        Whether the table of words that go in is also the projection at the end.
    read_out : {"every token", "class token", "mean of tokens", "patches"}
        What the answer is read from.
    answer : str
        What comes out, such as "the next word".
    n_answers : int
        Among how many: words or classes; 0 where the answer is no choice.
    """

    n_layers: tuple[tuple[str, int], ...]
    d_hidden: int
    norm_first: bool
    last_norm: bool
    activation: str
    class_token: bool
    positions: str
    n_positions: int
    causal: bool
    cross: bool
    tied: bool
    read_out: str
    answer: str
    n_answers: int


@dataclass(frozen=True)
class Anatomy:
    """All blocks of one model.

    Attributes
    ----------
    name : str
        Such as "Translator".
    blocks : tuple of Block
        In the order of computation.
    n_heads, d_model : int
    facts : Facts
    """

    name: str
    blocks: tuple[Block, ...]
    n_heads: int
    d_model: int
    facts: Facts

    @property
    def n_parameters(self) -> int:
        """How many learned numbers all blocks have: the model's own count."""
        return sum(block.n_parameters for block in self.blocks)

    @property
    def norm_first(self) -> bool:
        """Whether a part normalises what it reads, or what is left after it was added."""
        return self.facts.norm_first

    @property
    def d_head(self) -> int:
        """Width of a head."""
        return self.d_model // self.n_heads

    @property
    def writers(self) -> tuple[Block, ...]:
        """The blocks within the layers, in the order of computation."""
        return tuple(block for block in self.blocks if block.place.writes)

    def block(self, place: Place) -> Block:
        """Return the block at a place.

        Raises
        ------
        ValueError
            If the model has none there.
        """
        for block in self.blocks:
            if block.place == place:
                return block
        raise ValueError(f"{self.name} has no block {place.id!r}.")
