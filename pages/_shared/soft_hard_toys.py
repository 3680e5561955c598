"""What the page on soft and hard attention can start from: one query over a few keys and values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.resizing import match_tokens

FloatArray = NDArray[np.float64]

RANDOM: Final = "Random"


@dataclass(frozen=True, eq=False)
class HardToy:
    """One query over a few keys and values in the plane; chosen by hand, or drawn.

    Attributes
    ----------
    tokens : tuple of str
        Names of the keys.
    query : NDArray, shape (1, 2)
    key, value : NDArray, shape (n_key, 2)
    note : str
        What to look for.
    at_any_temperature : bool
        Whether the note is true at every temperature, and not only at 1.
    """

    tokens: tuple[str, ...]
    query: FloatArray
    key: FloatArray
    value: FloatArray
    note: str
    at_any_temperature: bool = False


_FORK: Final = HardToy(
    tokens=("left", "right", "ahead", "back"),
    query=np.array([[2.0, 1.0]]),
    key=np.array([[1.2, 0.8], [1.5, 0.0], [0.5, -0.2], [-1.0, 0.5]]),
    value=np.array([[-2.0, 1.0], [2.0, 1.0], [0.0, 2.0], [0.0, -2.0]]),
    note=(
        "“left” and “right” score nearly alike. Their average points at neither: soft goes "
        "straight on, where hard takes a turn."
    ),
)
_CLEAR: Final = HardToy(
    tokens=("cat", "dog", "car", "tree"),
    query=np.array([[3.0, 1.0]]),
    key=np.array([[2.0, 1.0], [0.8, 0.5], [-1.0, 0.5], [0.0, -1.0]]),
    value=np.array([[2.0, 1.0], [1.0, 2.0], [-2.0, 0.0], [0.0, -1.0]]),
    note="“cat” fits far better than the rest: soft and hard attention come to nearly the same.",
)
_MANY: Final = HardToy(
    tokens=("one", "b", "c", "d", "e", "f", "g", "h"),
    query=np.array([[1.0, 1.0]]),
    key=np.array([[1.5, 1.0], *[[0.5, 0.5]] * 7]),
    value=np.array([[2.0, 2.0], *[[-1.0, -1.0]] * 7]),
    note=(
        "“one” fits best, but together the other seven outweigh it. Argmax reads only “one”; a "
        "sample is mostly one of the seven."
    ),
)
_TIE: Final = HardToy(
    tokens=("red", "blue", "grey"),
    query=np.array([[1.0, 1.0]]),
    key=np.array([[2.0, 0.0], [0.0, 2.0], [-0.5, 0.0]]),
    value=np.array([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0]]),
    note=(
        "“red” and “blue” have the very same score. Soft shares; argmax takes the first of them "
        "for no reason but its place."
    ),
    at_any_temperature=True,
)
_BY_HAND: Final[Mapping[str, HardToy]] = MappingProxyType(
    {
        "A fork in the road": _FORK,
        "A clear winner": _CLEAR,
        "One against many": _MANY,
        "A tie": _TIE,
    }
)
TOYS: Final = (*_BY_HAND, RANDOM)
"""Names on the screen, in the order to offer them."""


@lru_cache(maxsize=32)
def load_toy(preset: str, seed: int) -> HardToy:
    """Return a toy as it starts; only the random one takes the seed."""
    if preset != RANDOM:
        return _BY_HAND[preset]
    rng = np.random.default_rng(seed)
    # + 0.0 turns the −0 of a rounded number into 0.
    query, key, value = (rng.standard_normal((n, 2)).round(2) + 0.0 for n in (1, 4, 4))
    tokens = tuple(f"key{index}" for index in range(1, 5))
    note = f"Drawn from the standard normal distribution with seed {seed}, to two decimals."
    return HardToy(tokens, query, key, value, note, at_any_temperature=True)


@lru_cache(maxsize=64)
def fitted_toy(preset: str, seed: int, tokens: tuple[str, ...]) -> HardToy:
    """Return a toy with these names for its keys: known ones keep their numbers, new ones have 0.

    It depends on nothing else, so it is what a matrix's "Reset" returns to.
    """
    toy = load_toy(preset, seed)
    if tokens == toy.tokens:
        return toy
    places = match_tokens(toy.tokens, tokens)
    new = np.zeros((len(tokens), 2))
    key, value = moved(toy.key, places, new), moved(toy.value, places, new)
    return HardToy(tokens, toy.query, key, value, "")


def moved(rows: FloatArray, places: tuple[int | None, ...], new: FloatArray) -> FloatArray:
    """Return the rows at these places, and that of `new` where there is none."""
    pairs = zip(places, new, strict=True)
    return np.array([row if place is None else rows[place] for place, row in pairs])
