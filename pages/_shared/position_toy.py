"""Words with positions: what the positional encoding page holds, and what is computed from it."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.position_attention import Kind, OrderEffect, Positions, Read, order_effect, read_words
from core.positional import Layout, start_table
from core.resizing import match_tokens
from pages._shared.toy_state import MAX_TOKENS
from pages._shared.trap import TrapChoice

FloatArray = NDArray[np.float64]

D_MODEL: Final = 4
N_POSITIONS: Final = MAX_TOKENS

TABLE: Final = "Table"
SIMILARITY: Final = "Similarity"
TRAIN: Final = "Train it"
TEXT_TABLE: Final = "A trained table"
VISION_GRID: Final = "A trained grid"
TURNS: Final = "Turns"
SCORES: Final = "Score by distance"
PICTURES: Final[Mapping[str, tuple[str, ...]]] = {
    "None": (),
    "Sinusoidal": (TABLE, SIMILARITY),
    "Learned": (TRAIN, TEXT_TABLE, VISION_GRID),
    "Rotary": (TURNS, SCORES),
    "ALiBi": (),
    "T5 bias": (),
}
ALL_PICTURES: Final = tuple(picture for some in PICTURES.values() for picture in some)

# Made by hand, as if learned: head 1 likes the word before, 2 the word after, 3 near words, 4 none.
# Columns are buckets: 0, 1, 2 to 7, 8 and more behind; then 0 (never used), 1, 2 to 7, 8 ahead.
BUCKET_START: Final = np.array(
    [
        [0.0, 3.0, 0.0, -1.0, 0.0, -1.0, -1.0, -2.0],
        [0.0, -1.0, -1.0, -2.0, 0.0, 3.0, 0.0, -1.0],
        [2.0, 1.0, -1.0, -2.0, 0.0, 1.0, -1.0, -2.0],
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0],
    ]
)
WORDS: Final = ("the", "dog", "bit", "the", "man")
_BY_HAND: Final = {
    "the": (0.0, 0.5, 0.0, 0.5),
    "dog": (2.0, 0.0, 1.0, 0.0),
    "man": (2.0, 0.0, -1.0, 0.0),
    "bit": (1.5, 1.0, 0.0, -0.5),
}


@lru_cache(maxsize=512)
def content_of(word: str) -> tuple[float, ...]:
    """Return a word's vector: the same wherever the word stands."""
    drawn = np.random.default_rng(zlib.crc32(word.encode("utf-8"))).normal(0, 1, D_MODEL)
    return _BY_HAND.get(word, tuple((drawn.round(1) + 0.0).tolist()))


def base_content(tokens: tuple[str, ...]) -> FloatArray:
    """Return the vectors of words as they come, (n, d_model)."""
    return np.array([content_of(word) for word in tokens])


@dataclass(frozen=True, eq=False)
class PositionState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    tokens : tuple of str
        The words as typed.
    content : ndarray of float64, (n_token, 4)
        Their vectors, in that order.
    order : tuple of int
        Which of them stands in each place now.
    kind, first, causal, base, layout, rotary_dim
        As in `core.position_attention.Positions`.
    learned : ndarray of float64, (8, 4)
        The table of learned positions.
    seed : int
        Draws the table before it is learned.
    buckets : ndarray of float64, (4, 8)
        T5's bias: a row for each head.
    n_heads : int
        How many heads ALiBi has.
    head : int
        The head that reads, from 1.
    width, length : int
        Of the pictured sinusoids: numbers of a position, and positions.
    picture : str
        One of `ALL_PICTURES`; what is shown is `shown_picture`.
    query, key : int
        The chosen cell of the weights, by place.
    row, column : int
        The chosen place of the Vision Transformer's grid.
    window : str
        Which positions of the text encoder's table are shown.
    trap : TrapChoice
    """

    tokens: tuple[str, ...] = WORDS
    content: FloatArray = field(default_factory=lambda: base_content(WORDS))
    order: tuple[int, ...] = (0, 4, 2, 3, 1)
    kind: Kind = "Sinusoidal"
    first: int = 0
    causal: bool = False
    base: int = 10_000
    layout: Layout = "interleaved"
    rotary_dim: int = 4
    learned: FloatArray = field(default_factory=lambda: start_table(N_POSITIONS, D_MODEL, 0))
    seed: int = 0
    buckets: FloatArray = field(default_factory=BUCKET_START.copy)
    n_heads: int = 8
    head: int = 1
    width: int = 64
    length: int = 64
    picture: str = TABLE
    query: int = 2
    key: int = 1
    row: int = 18
    column: int = 18
    window: str = "0 to 63"
    trap: TrapChoice = field(default_factory=TrapChoice)

    @property
    def words(self) -> tuple[str, ...]:
        """The words in their present order."""
        return tuple(self.tokens[place] for place in self.order)

    @property
    def is_moved(self) -> bool:
        """Whether any word stands elsewhere than it was typed."""
        return self.order != tuple(range(len(self.tokens)))

    @property
    def shown_picture(self) -> str:
        """The picture of this encoding that is shown; nothing if it has no choice of them."""
        offered = PICTURES[self.kind]
        return self.picture if self.picture in offered else (*offered, "")[0]

    @property
    def heads(self) -> int:
        """How many heads the encoding has."""
        return {"ALiBi": self.n_heads, "T5 bias": len(self.buckets)}.get(self.kind, 1)

    @property
    def chosen_head(self) -> int:
        """The head that reads, from 0."""
        return min(self.head, self.heads) - 1

    @property
    def positions(self) -> Positions:
        """How the words get their positions."""
        return Positions(
            kind=self.kind,
            # There are none, or a learned table has no row for one beyond it.
            first=0 if self.kind in ("None", "Learned") else self.first,
            causal=self.causal,
            base=float(self.base),
            layout=self.layout,
            rotary_dim=self.rotary_dim,
            table=self.learned,
            n_heads=self.n_heads,
            head=self.chosen_head,
            bucket_bias=self.buckets[min(self.head, len(self.buckets)) - 1],
        )

    def typed(self, tokens: tuple[str, ...]) -> PositionState:
        """Return the state with other words; those that stay keep their vectors and places."""
        if tokens == self.tokens:
            return self
        came = match_tokens(self.tokens, tokens)
        content = base_content(tokens)
        for place, old in enumerate(came):
            if old is not None and tokens[place] == self.tokens[old]:
                content[place] = self.content[old]
        same_number = len(tokens) == len(self.tokens)
        last = len(tokens) - 1
        return replace(
            self,
            tokens=tokens,
            content=content,
            order=self.order if same_number else tuple(range(len(tokens))),
            query=min(self.query, last),
            key=min(self.key, last),
        )

    def ordered(self, order: tuple[int, ...]) -> PositionState:
        """Return the state with the words in another order; the chosen words stay chosen."""
        places = [order.index(self.order[place]) for place in (self.query, self.key)]
        return replace(self, order=order, query=places[0], key=places[1])

    def seeded(self, seed: int) -> PositionState:
        """Return the state with another seed and so another table to start from."""
        if seed == self.seed:
            return self
        return replace(self, seed=seed, learned=start_table(N_POSITIONS, D_MODEL, seed))


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page shows: its state and what was computed from it.

    Attributes
    ----------
    state : PositionState
    read, plain : Read
        The words in their present order, with positions and without.
    effect, plain_effect : OrderEffect
        What the present order did, against the words as typed.
    """

    state: PositionState
    read: Read
    plain: Read
    effect: OrderEffect
    plain_effect: OrderEffect

    @property
    def content(self) -> FloatArray:
        """The words' vectors in their present order."""
        return self.state.content[list(self.state.order)]


def see(state: PositionState) -> Scene:
    """Compute what the page shows in a state."""
    positions = state.positions
    without = replace(positions, kind="None")
    content = state.content[list(state.order)]
    return Scene(
        state,
        read_words(content, positions),
        read_words(content, without),
        order_effect(state.content, state.order, positions),
        order_effect(state.content, state.order, without),
    )
