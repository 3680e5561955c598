"""What goes into a pass through a Transformer besides tokens, and what each of its parts computed.

Small frozen records of tensors for `core.transformer.walk`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from core.transformer_parts import Kind
from core.weight_edits import WeightEdit


@dataclass(frozen=True, eq=False)
class KeysAndValues:
    """What one attention may read: keys and values, each (..., head, position, d_head)."""

    keys: Tensor
    values: Tensor

    def with_more(self, more: KeysAndValues) -> KeysAndValues:
        """Return a longer one; this one stays as it is."""
        return KeysAndValues(
            torch.cat([self.keys, more.keys], dim=-2), torch.cat([self.values, more.values], dim=-2)
        )


@dataclass(frozen=True)
class Changes:
    """What to change in one pass through a stack. Empty by default.

    Attributes
    ----------
    dropped : frozenset of (kind, layer, head)
        Heads whose output is put to zero before W_O.
    edits : tuple of (kind, WeightEdit)
        Attention weights forced to a value; for one text, not for a batch.
    off : frozenset of (kind, layer)
        Parts that add nothing. A normalisation after the addition still takes place.
    first : int
        The position of the first query, by which the queries of edits count.
    """

    dropped: frozenset[tuple[str, int, int]] = frozenset()
    edits: tuple[tuple[str, WeightEdit], ...] = ()
    off: frozenset[tuple[str, int]] = frozenset()
    first: int = 0

    def dropped_in(self, kind: str, layer: int) -> list[int]:
        """Return the heads dropped in one attention."""
        return sorted(head for of, at, head in self.dropped if (of, at) == (kind, layer))

    def edits_in(self, kind: str, layer: int, n_query: int) -> list[WeightEdit]:
        """Return the edits of one attention whose query is among those at hand, counted in them."""
        return [
            replace(edit, query=edit.query - self.first)
            for of, edit in self.edits
            if (of, edit.layer) == (kind, layer) and 0 <= edit.query - self.first < n_query
        ]


@dataclass(frozen=True, eq=False)
class AttentionStep:
    """Everything that one attention computed.

    Attributes
    ----------
    layer : int
    kind : {"self", "cross"}
    entering : Tensor (..., token, d_model)
        The stream before.
    normalised : Tensor (..., token, d_model)
        What the queries, and in self-attention the keys and values, were made from.
    written : Tensor (..., token, d_model)
        What is added to the stream.
    leaving : Tensor (..., token, d_model)
        The stream after.
    query : Tensor (..., head, query, d_head)
    key, value : Tensor (..., head, key, d_head)
        With those of a cache first.
    weights : Tensor (..., head, query, key)
    heads : Tensor (..., head, query, d_head)
        What each head read; 0 for dropped ones.
    """

    layer: int
    kind: Kind
    entering: Tensor
    normalised: Tensor
    written: Tensor
    leaving: Tensor
    query: Tensor
    key: Tensor
    value: Tensor
    weights: Tensor
    heads: Tensor

    @property
    def readable(self) -> KeysAndValues:
        """Keys and values so far: the cache of the next step."""
        return KeysAndValues(self.key, self.value)


@dataclass(frozen=True, eq=False)
class FeedForwardStep:
    """Everything that one feed-forward part computed.

    Attributes
    ----------
    layer : int
    kind : {"feed_forward"}
    entering, normalised, written, leaving : Tensor (..., token, d_model)
        As in `AttentionStep`.
    inner, active : Tensor (..., token, d_hidden)
        Before and after the bend.
    """

    layer: int
    kind: Kind
    entering: Tensor
    normalised: Tensor
    written: Tensor
    leaving: Tensor
    inner: Tensor
    active: Tensor


Step = AttentionStep | FeedForwardStep
