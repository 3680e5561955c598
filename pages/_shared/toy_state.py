"""What the reader has made of a toy: kept for the session, across pages, as one frozen value.

Widgets and components forget when their page is left; this does not. Every change goes
through a method that returns a new `ToyState`, so nothing half-changed is ever drawn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.presets import Toy, resize
from pages._shared.matrix_board import Choice

MAX_TOKENS: Final = 8
MIN_TOKENS: Final = 2
_LONGEST_TOKEN: Final = 24


@dataclass(frozen=True)
class ToyState:
    """A toy being edited.

    Attributes
    ----------
    toy : Toy
        As it is now.
    base : Toy
        As it was when the toy was last loaded or resized; "Reset" returns to it.
    painted : NDArray of bool, shape (n_token, n_token)
        The painted mask, True = may attend.
    query, key : int
        The chosen cell of the weights.
    version : int
        Raised whenever an editable matrix changes otherwise than under the reader's hand.
    """

    toy: Toy
    base: Toy
    painted: NDArray[np.bool_]
    query: int = 0
    key: int = 0
    version: int = 0

    @property
    def untouched(self) -> bool:
        """Whether the toy is as it was loaded, so that its note still holds."""
        return self.toy is self.base

    @staticmethod
    def of(toy: Toy, query: int = 0, key: int = 0, version: int = 0) -> ToyState:
        """Return the state of a toy just loaded, with the cell (`query`, `key`) chosen."""
        n_token = len(toy.tokens)
        painted = np.ones((n_token, n_token), dtype=bool)
        return ToyState(toy, toy, painted, min(query, n_token - 1), min(key, n_token - 1), version)

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

    def resized(self, tokens: tuple[str, ...], d_head: int, d_value: int) -> ToyState:
        """Return the state with these tokens and sizes; all numbers that still fit are kept."""
        n_token = len(tokens)
        sizes = (n_token, d_head, d_value)
        if sizes == (len(self.toy.tokens), self.toy.query.shape[1], self.toy.value.shape[1]):
            if tokens == self.toy.tokens:
                return self
            renamed = replace(self.toy, tokens=tokens)
            return replace(self, toy=renamed, base=replace(self.base, tokens=tokens))
        painted = np.ones((n_token, n_token), dtype=bool)
        kept = self.painted[:n_token, :n_token]
        painted[: kept.shape[0], : kept.shape[1]] = kept
        return ToyState(
            toy=replace(resize(self.toy, *sizes), tokens=tokens),
            base=replace(resize(self.base, *sizes), tokens=tokens),
            painted=painted,
            query=min(self.query, n_token - 1),
            key=min(self.key, n_token - 1),
            version=self.version + 1,
        )


def read_tokens(text: str) -> tuple[str, ...]:
    """Split a sentence into tokens at white space.

    Raises
    ------
    ValueError
        If there are fewer than 2 or more than 8 words, or one is longer than 24 characters.
    """
    tokens = tuple(text.split())
    if not MIN_TOKENS <= len(tokens) <= MAX_TOKENS:
        msg = f"Write {MIN_TOKENS} to {MAX_TOKENS} words; these are {len(tokens)}."
        raise ValueError(msg)
    longest = max(tokens, key=len)
    if len(longest) > _LONGEST_TOKEN:
        msg = f"A word may have up to {_LONGEST_TOKEN} characters; one has {len(longest)}."
        raise ValueError(msg)
    return tokens


def load_state(name: str, default: ToyState) -> ToyState:
    """Return the session's state called `name`, starting from `default`."""
    state: ToyState = st.session_state.setdefault(name, default)
    return state


def current_state(name: str) -> ToyState:
    """Return the session's state called `name`, which is there already."""
    state: ToyState = st.session_state[name]
    return state


def save_state(name: str, state: ToyState) -> None:
    """Keep `state` for the rest of the session."""
    st.session_state[name] = state
