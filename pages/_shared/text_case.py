"""One row of the text encoder's attention: which piece asks, which is read, and all it took."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.text import NO_WORD
from pages._shared.attention_row import AttentionRow, row_stages
from pages._shared.encoder_heads import HeadMap


@dataclass(frozen=True, eq=False)
class TextRow(AttentionRow):
    """What one piece attends to in one head, or in the mean of a layer's heads.

    Attributes
    ----------
    names : tuple of str
        Of every piece: what it is and, where it occurs more than once, which word it is of.
    """

    names: tuple[str, ...]

    def name(self, token: int) -> str:
        """Name a piece."""
        return self.names[token]


def text_row(shown: HeadMap, query: int, key: int) -> TextRow:
    """Return the row behind a weight of a map, given by the map's row and column.

    A word of several pieces asks with its first, and is read by the piece that is read most.
    """
    attention, layer = shown.attention, shown.layer
    heads = list(shown.heads)
    query_token = shown.pieces_at(query)[0]
    row: NDArray[np.float32] = attention.weights[layer, heads, query_token].mean(axis=0)
    read = list(shown.pieces_at(key))
    queries = attention.query[layer, heads, query_token]  # (head, d_head)
    keys = attention.key[layer, heads]  # (head, token, d_head)
    scores, logits = row_stages(queries, keys)
    return TextRow(
        layer=layer,
        head=attention.n_heads if shown.mean else shown.head,
        n_heads=attention.n_heads,
        query=queries,
        key=keys,
        scores=scores,
        logits=logits,
        row=row,
        query_token=query_token,
        key_token=read[int(row[read].argmax())],
        names=_names(shown),
    )


def _names(shown: HeadMap) -> tuple[str, ...]:
    tokens = shown.attention.tokens
    times = Counter(tokens.pieces)
    return tuple(
        f"“{piece}”" if times[piece] == 1 or word == NO_WORD else f"“{piece}” (word {word + 1})"
        for piece, word in zip(tokens.pieces, tokens.word_of_piece, strict=True)
    )
