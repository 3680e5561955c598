"""The trained text encoder on the page of several heads: what is chosen there, and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.head_roles import PatternRanking, RoleMasses, rank_by_pattern
from core.packing import Codec, bits, one_of, optional
from core.text import Tokens
from core.text_attention import TextInterventions
from pages._shared import encoder, trained_choice
from pages._shared.cell_sets import as_bits, as_cells
from pages._shared.encoder import N_HEADS, N_LAYERS, Reading
from pages._shared.encoder_heads import HeadMap
from pages._shared.encoder_roles import MOST_PAINTED, PATTERNS, Head, pattern_cells
from pages._shared.trained_choice import TrainedChoice, pack_choice, unpack_choice

SENTENCE: Final = "The dog chased the cat, but the cat was quick and the dog was old."
BY_LAYER: Final = "Layer"
BY_EFFECT: Final = "Effect of dropping"
ORDERS: Final = (BY_LAYER, BY_EFFECT, *PATTERNS)


@dataclass(frozen=True)
class TrainedHeads(TrainedChoice):
    """What a reader has chosen of the trained encoder; a weight is chosen by its pieces.

    Attributes
    ----------
    order : str
        One of `ORDERS`: what the heads are put in order by.
    painted : frozenset of (row, column)
        The reader's own pattern, over the words with [CLS] first.
    """

    text: str = SENTENCE
    head: int = 2
    order: str = BY_LAYER
    painted: frozenset[tuple[int, int]] = frozenset()


@dataclass(frozen=True, eq=False)
class TrainedScene:
    """What the page shows of the encoder."""

    state: TrainedHeads
    reading: Reading

    @property
    def tokens(self) -> Tokens:
        """The sentence, cut into words and pieces."""
        return self.reading.attention.tokens

    @property
    def chosen_head(self) -> Head:
        """Layer and head of the head that is enlarged."""
        return self.state.layer, self.state.head

    @cached_property
    def shown(self) -> HeadMap:
        """The map that is enlarged."""
        state = self.state
        return HeadMap(self.reading.attention, state.layer, state.head, mean=state.mean)

    @cached_property
    def cell(self) -> tuple[int, int]:
        """Row and column of the chosen weight."""
        return self.shown.chosen(self.state.query, self.state.key)

    @property
    def weights(self) -> NDArray[np.float32]:
        """The weights between words of every head, (layer, head, word, word)."""
        return encoder.word_weights(self.state.text, hide_special=False)

    @property
    def masses(self) -> RoleMasses:
        """The roles of every head on this sentence."""
        return encoder.roles(self.state.text)

    @property
    def can_paint(self) -> bool:
        """Whether the words are few enough to be painted on."""
        return len(self.shown.labels) <= MOST_PAINTED

    @cached_property
    def pattern(self) -> NDArray[np.bool_]:
        """The painted cells, (word, word); none where the order is no pattern."""
        n_words, order = len(self.tokens.words), self.state.order
        if order not in PATTERNS:
            return np.zeros((n_words + 2, n_words + 2), np.bool_)
        return pattern_cells(order, n_words, column=self.cell[1], painted=self.state.painted)

    @cached_property
    def ranking(self) -> PatternRanking:
        """The heads by how much of their weight lies in the painted cells."""
        return rank_by_pattern(self.weights, self.pattern)

    @cached_property
    def after(self) -> Reading | None:
        """The model's pass without the dropped heads; None if there are none."""
        if not self.state.dropped:
            return None
        return encoder.read_with(
            self.state.text, TextInterventions(dropped_heads=self.state.dropped)
        )

    def moved(self) -> NDArray[np.float64]:
        """Return how far dropping moved each word, (word,): the change by the word's length."""
        before = self.reading.attention.hidden[-1].astype(np.float64)
        if self.after is None:
            return np.zeros(len(self.tokens.words))
        change = np.linalg.norm(self.after.attention.hidden[-1] - before, axis=1)
        share = change / np.linalg.norm(before, axis=1)  # (piece,)
        words = range(len(self.tokens.words))
        return np.array([share[list(self.tokens.pieces_of(word))].mean() for word in words])


def see(state: TrainedHeads) -> TrainedScene:
    """Run the encoder on the sentence, or recall its pass."""
    return TrainedScene(state, encoder.read(state.text))


@st.cache_resource(max_entries=8, show_spinner="Dropping each of the 72 heads in turn…")
def effects(sentence: str) -> NDArray[np.float32]:
    """Return how far the embedding, of length 1, moves without each head, (layer, head)."""
    whole = encoder.read(sentence).attention.embedding
    model = encoder.load_model()
    from core.encoder import forward

    tokens = encoder.cut(sentence)
    change = np.zeros((N_LAYERS, N_HEADS), np.float32)
    for layer, head in np.ndindex(change.shape):
        without = TextInterventions(dropped_heads=frozenset({(layer, head)}))
        change[layer, head] = np.linalg.norm(whole - forward(model, tokens, without).embedding)
    change.flags.writeable = False
    return change


# ---- the link

FIELDS: Final[Mapping[str, Codec[Any]]] = {
    **trained_choice.FIELDS,
    "trained_order": one_of(ORDERS),
    "trained_painted": optional(bits(MOST_PAINTED, MOST_PAINTED)),
}


def pack(state: TrainedHeads) -> dict[str, Any]:
    """Return the values of `FIELDS`."""
    own = {"trained_order": state.order, "trained_painted": as_bits(state.painted)}
    return pack_choice(state) | own


def unpack(values: Mapping[str, Any]) -> TrainedHeads:
    """Return the state that values of `FIELDS` stand for."""
    return TrainedHeads(
        **unpack_choice(values, TrainedHeads()),
        order=values["trained_order"],
        painted=as_cells(values["trained_painted"]),
    )
