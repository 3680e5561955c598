"""What the reader has made of a toy, as one frozen value.

Every change goes through a method that returns a new `ToyState`, so nothing half-changed is ever
drawn.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.presets import PRESETS, SEEDED, Toy
from core.resizing import Known, Places, follow, match_tokens, remember, resize
from pages._shared.matrix import Choice

MAX_TOKENS: Final = 8
MIN_TOKENS: Final = 2
LONGEST_TOKEN: Final = 24


@dataclass(frozen=True, eq=False)
class ToyState:
    """A toy being edited.

    Attributes
    ----------
    toy : Toy
        As it is now.
    base : Toy
        As it was loaded, in the present words and sizes; a matrix's "Reset" returns to it.
    preset : str
        What it was loaded from.
    seed : int
        With which seed, where the preset takes one.
    painted : NDArray of bool, shape (n_token, n_token)
        The painted mask, True = may attend.
    query, key : int
        The chosen cell of the weights.
    version : int
        Raised whenever an editable matrix changes otherwise than under the reader's hand.
    known, known_base : Known
        Numbers of words and coordinates that were taken away, as edited and as loaded.
    """

    toy: Toy
    base: Toy
    preset: str
    seed: int
    painted: NDArray[np.bool_]
    query: int = 0
    key: int = 0
    version: int = 0
    known: Known = field(default_factory=dict)
    known_base: Known = field(default_factory=dict)

    @property
    def sizes(self) -> tuple[int, int]:
        """Return d_head and d_value."""
        return self.toy.query.shape[1], self.toy.value.shape[1]

    @property
    def largest_sizes(self) -> tuple[int, int]:
        """Return the largest d_head and d_value that the toy has had since it was loaded."""
        rows = tuple(self.known.values())
        d_head = max((len(query) for query, _, _ in rows), default=0)
        d_value = max((len(value) for _, _, value in rows), default=0)
        return max(d_head, self.sizes[0]), max(d_value, self.sizes[1])

    @property
    def untouched(self) -> bool:
        """Whether the toy is as it was loaded, so that its note still holds."""
        loaded = _load(self.preset, self.seed)
        return self.toy is loaded or (
            self.toy.tokens == loaded.tokens
            and np.array_equal(self.toy.query, loaded.query)
            and np.array_equal(self.toy.key, loaded.key)
            and np.array_equal(self.toy.value, loaded.value)
        )

    @staticmethod
    def load(preset: str, seed: int = 0, query: int = 0, key: int = 0) -> ToyState:
        """Return the state of a preset just loaded, with the cell (`query`, `key`) chosen."""
        toy = _load(preset, seed)
        last = len(toy.tokens) - 1
        painted = np.ones((last + 1, last + 1), dtype=bool)
        return ToyState(toy, toy, preset, seed, painted, min(query, last), min(key, last))

    def edited(self, arrays: Mapping[str, NDArray[Any]]) -> ToyState:
        """Return the state after the reader edited matrices on a board."""
        toy = replace(
            self.toy,
            query=arrays.get("query", self.toy.query),
            key=arrays.get("key", self.toy.key),
            value=arrays.get("value", self.toy.value),
        )
        return replace(self, toy=toy, painted=arrays.get("painted", self.painted))

    def chosen(self, choice: Choice) -> ToyState:
        """Return the state after the reader chose a cell; only known axes are taken over."""
        if choice.matrix in ("scores", "scaled", "masked", "weights"):
            return replace(self, query=choice.row, key=choice.column)
        if choice.matrix == "output":
            return replace(self, query=choice.row)
        return self

    def resized(
        self, tokens: tuple[str, ...], d_head: int, d_value: int, places: Places | None = None
    ) -> ToyState:
        """Return the state with these tokens and sizes.

        Words that move take their numbers along; what was taken away comes back as it was.

        Parameters
        ----------
        tokens : tuple of str
        d_head, d_value : int
        places : sequence of int or None, optional
            Where each of the words stood before, None for a new one; else seen from the words.
        """
        if places is None and (tokens, d_head, d_value) == (self.toy.tokens, *self.sizes):
            return self
        known, known_base = remember(self.toy, self.known), remember(self.base, self.known_base)
        places = match_tokens(self.toy.tokens, tokens) if places is None else tuple(places)
        renamed_only = places == tuple(range(len(self.toy.tokens))) and self.sizes == (
            d_head,
            d_value,
        )
        return replace(
            self,
            toy=resize(self.toy, known, tokens, d_head, d_value, places),
            base=resize(self.base, known_base, tokens, d_head, d_value, places),
            painted=_follow(self.painted, places),
            query=_place_after(self.query, places),
            key=_place_after(self.key, places),
            version=self.version + (not renamed_only),
            known=follow(known, self.toy.tokens, tokens, places),
            known_base=follow(known_base, self.toy.tokens, tokens, places),
        )


@lru_cache(maxsize=64)
def _load(preset: str, seed: int) -> Toy:
    build = PRESETS[preset]
    return build(seed=seed) if preset in SEEDED else build()


def _follow(painted: NDArray[np.bool_], places: Sequence[int | None]) -> NDArray[np.bool_]:
    """Return the mask with its rows and columns where the words went; new words see all."""
    followed = np.ones((len(places), len(places)), dtype=bool)
    kept = [new for new, old in enumerate(places) if old is not None]
    old = [place for place in places if place is not None]
    followed[np.ix_(kept, kept)] = painted[np.ix_(old, old)]
    return followed


def _place_after(place: int, places: Sequence[int | None]) -> int:
    """Return where a chosen word went, or the nearest place there is if it left."""
    return places.index(place) if place in places else min(place, len(places) - 1)


def read_tokens(
    text: str, most: int = MAX_TOKENS, longest_token: int = LONGEST_TOKEN
) -> tuple[str, ...]:
    """Split a sentence into tokens at white space.

    Parameters
    ----------
    text : str
    most : int
        How many words there may be.
    longest_token : int
        How many characters a word may have.

    Raises
    ------
    ValueError
        If there are fewer than 2 or more than `most` words, or one is too long.
    """
    tokens = tuple(text.split())
    if not MIN_TOKENS <= len(tokens) <= most:
        msg = f"Write {MIN_TOKENS} to {most} words, not {len(tokens)}."
        raise ValueError(msg)
    longest = max(tokens, key=len)
    if len(longest) > longest_token:
        msg = f"A word may have up to {longest_token} characters; one has {len(longest)}."
        raise ValueError(msg)
    return tokens
