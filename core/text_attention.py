"""What the text encoder's forward pass gives back, and the interventions it takes.

Only arrays and small frozen records: no torch, so that a page can hold, index and cache them.

The token axis holds pieces: [CLS], the pieces of the words in their order, [SEP]. `core.text` adds
them up to words.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.text import Tokens, by_word
from core.weight_edits import WeightEdit

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class TextInterventions:
    """What to change in one forward pass. Hashable, and empty by default.

    Attributes
    ----------
    dropped_heads : frozenset of (layer, head)
        Heads whose output is set to zero before the layer's output projection.
    masked_words : frozenset of int
        Words (from 0, without [CLS]) each of whose pieces is replaced by [MASK]. Positions and
        the number of pieces stay, so that maps before and after can be compared cell by cell.
    weight_edits : tuple of WeightEdit
        Attention weights forced to a value. Query and key are positions on the token axis:
        pieces, with [CLS] at 0.
    off : frozenset of (kind, layer)
        Blocks that add nothing: `kind` is ``"self"`` or ``"feed_forward"``. The normalisation
        after the addition still takes place.
    """

    dropped_heads: frozenset[tuple[int, int]] = frozenset()
    masked_words: frozenset[int] = frozenset()
    weight_edits: tuple[WeightEdit, ...] = ()
    off: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, eq=False)
class TextAttention:
    """Everything one forward pass of the text encoder computed; all arrays read-only.

    Attributes
    ----------
    tokens : Tokens
        What went in; a masked word's pieces read "[MASK]".
    weights : ndarray of float32, (layer, head, query, key)
        Every attention weight, forced ones included. Of a dropped head too: it is its output
        that is set to zero.
    query, key, value : ndarray of float32, (layer, head, token, d_head)
        What enters each head's scaled dot product.
    hidden : ndarray of float32, (layer + 1, token, d_model)
        The tokens as embedded, then after each layer.
    embedding : ndarray of float32, (d_model,)
        The mean of the last layer's tokens, of length 1: the text as one vector.
    """

    tokens: Tokens
    weights: Float32Array
    query: Float32Array
    key: Float32Array
    value: Float32Array
    hidden: Float32Array
    embedding: Float32Array

    def __post_init__(self) -> None:
        arrays = (self.weights, self.query, self.key, self.value, self.hidden, self.embedding)
        for array in arrays:
            array.flags.writeable = False

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return int(self.weights.shape[0])

    @property
    def n_heads(self) -> int:
        """Number of heads in each layer."""
        return int(self.weights.shape[1])

    @property
    def n_tokens(self) -> int:
        """Number of pieces, [CLS] and [SEP] among them."""
        return int(self.weights.shape[2])

    def word_weights(self, *, hide_special: bool = False) -> Float32Array:
        """Return the weights between words, (layer, head, word, word): see `core.text.by_word`."""
        return by_word(self.weights, self.tokens, hide_special=hide_special)
