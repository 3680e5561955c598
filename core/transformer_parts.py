"""What a Transformer is made of, whichever it is: attentions and feed-forward parts, in order.

Every Transformer of the lab is a `Stack` or two of these, and `core.transformer.walk` runs them
all. A part says *what* is computed, as functions of vectors; where the weights lie, in which
precision and under which names is its model's own affair.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar, Final, Literal

from torch import Tensor

Map = Callable[[Tensor], Tensor]
Kind = Literal["self", "cross", "feed_forward"]

SELF: Final = "self"
CROSS: Final = "cross"
FEED_FORWARD: Final = "feed_forward"


def unchanged(x: Tensor) -> Tensor:
    """Return what is given."""
    return x


@dataclass(frozen=True, eq=False)
class AttentionPart:
    """A multi-head attention, section 3.2.2 of Vaswani et al. 2017 (arXiv:1706.03762).

    Attributes
    ----------
    kind : {"self", "cross"}
        Whether the keys and values are of the same tokens as the queries, or of a memory.
    n_heads : int
    norm : Map
        The layer normalisation that belongs to this part; `Stack.norm_first` says where it stands.
    query, key, value : Map
        (..., token, d_model) to (..., token, n_heads * d_head): W_Q, W_K, W_V.
    output : Map
        What the heads read, side by side, to (..., token, d_model): W_O.
    query_norm, key_norm : Map
        Of every head's own queries and keys, (..., head, token, d_head).
    """

    kind: Literal["self", "cross"]
    n_heads: int
    norm: Map
    query: Map
    key: Map
    value: Map
    output: Map
    query_norm: Map = unchanged
    key_norm: Map = unchanged


@dataclass(frozen=True, eq=False)
class FeedForwardPart:
    """Two linear maps with a bend between them, for every token by itself (section 3.3).

    Attributes
    ----------
    norm : Map
    inner : Map
        (..., token, d_model) to (..., token, d_hidden).
    activation : Map
        The bend: ReLU or GELU.
    outer : Map
        (..., token, d_hidden) to (..., token, d_model).
    """

    kind: ClassVar[Literal["feed_forward"]] = FEED_FORWARD
    norm: Map
    inner: Map
    activation: Map
    outer: Map


Part = AttentionPart | FeedForwardPart


@dataclass(frozen=True, eq=False)
class Stack:
    """Layers on top of each other: an encoder or a decoder.

    Attributes
    ----------
    layers : tuple of tuple of Part
        The parts of each layer, in the order in which they run.
    norm_first : bool
        Whether a part normalises what it reads (Xiong et al. 2020, arXiv:2002.04745), or what is
        left after it was added, as in 2017.
    last_norm : Map
        After the last layer; `unchanged` where there is none.
    """

    layers: tuple[tuple[Part, ...], ...]
    norm_first: bool
    last_norm: Map = field(default=unchanged)

    def attentions(self, kind: str) -> tuple[AttentionPart, ...]:
        """Return the attentions of one kind, one of each layer that has it."""
        return tuple(
            part
            for layer in self.layers
            for part in layer
            if isinstance(part, AttentionPart) and part.kind == kind
        )
