"""Toys: small queries, keys and values to start from. None of them was learnt by a model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Toy:
    """One attention small enough to look at: every token asks, is asked, and is read.

    Attributes
    ----------
    name : str
    tokens : tuple of str, n_token of them
    query, key : ndarray of float64, (n_token, d_head)
    value : ndarray of float64, (n_token, d_value)
        Read-only copies of what was passed in.
    note : str
        What to look for, in a sentence or two.

    Raises
    ------
    ValueError
        If the arrays are not matrices with one row for each token, or query and key differ in
        d_head.
    """

    name: str
    tokens: tuple[str, ...]
    query: FloatArray
    key: FloatArray
    value: FloatArray
    note: str

    def __post_init__(self) -> None:
        for field in ("query", "key", "value"):
            array = np.array(getattr(self, field), dtype=np.float64)
            if array.ndim != 2 or len(array) != len(self.tokens):
                msg = (
                    f"{field} must have one row for each of {len(self.tokens)} tokens, "
                    f"got shape {array.shape}."
                )
                raise ValueError(msg)
            array.setflags(write=False)
            object.__setattr__(self, field, array)
        if self.query.shape != self.key.shape:
            msg = (
                f"query and key must have the same shape, got query {self.query.shape}, "
                f"key {self.key.shape}."
            )
            raise ValueError(msg)


def cat_sat_mat() -> Toy:
    """Make a sentence whose words look for each other, by hand, in two dimensions.

    Keys are arrows in different directions; each query points at the keys it is meant to find.
    Scores, with the default scale, can be checked with pencil and paper: "sat" on "cat" is
    2 * 1 + 1 * 2 = 4, divided by root 2 is 2.83.

    Returns
    -------
    Toy
        5 tokens, d_head 2, d_value 2.
    """
    return Toy(
        name="Cat, sat, mat",
        tokens=("the", "cat", "sat", "on", "mat"),
        query=np.array([[0.0, 3.0], [-2.0, 1.0], [2.0, 1.0], [3.0, -1.0], [-1.0, -2.0]]),
        key=np.array([[-0.5, 0.5], [1.0, 2.0], [-2.0, 0.5], [-0.5, -2.0], [2.0, -0.5]]),
        value=np.array([[0.0, 0.0], [2.0, 0.0], [1.0, -1.0], [-1.0, 1.0], [0.0, 2.0]]),
        note=(
            "Numbers chosen by hand: “sat” reads who sat and where (cat and mat), "
            "“the” reads its noun, “on” reads mat."
        ),
    )


def dictionary_lookup() -> Toy:
    """Make a soft dictionary: each query finds its own key and reads the value there.

    Keys are nearly one-hot, queries are one-hot times 16, values are a number and its square. Own
    key: 16 / root 4 = 8. Neighbouring key: 16 * 0.1 / root 4 = 0.8. Others: 0. So about 0.999 of
    the weight lands on the right entry.

    Returns
    -------
    Toy
        4 tokens, d_head 4, d_value 2.
    """
    numbers = np.arange(1.0, 5.0)
    return Toy(
        name="Dictionary lookup",
        tokens=("one", "two", "three", "four"),
        query=16 * np.eye(4),
        key=np.eye(4) + 0.1 * np.eye(4, k=1),
        value=np.stack([numbers, numbers**2], axis=-1),
        note=(
            "Large queries against nearly one-hot keys: each row picks one entry almost entirely, "
            "and reads a number and its square."
        ),
    )


def random_toy(n_token: int, d_head: int, d_value: int, seed: int) -> Toy:
    """Draw query, key and value from the standard normal distribution, to two decimals.

    Parameters
    ----------
    n_token, d_head, d_value : int, >= 1
    seed : int, >= 0
        The same seed gives the same numbers.

    Returns
    -------
    Toy

    Raises
    ------
    ValueError
        If a size is below 1 or the seed is negative.
    """
    check_sizes(n_token, d_head, d_value)
    rng = np.random.default_rng(seed)
    return Toy(
        name="Random",
        tokens=tuple(_word(index) for index in range(n_token)),
        query=rng.standard_normal((n_token, d_head)).round(2),
        key=rng.standard_normal((n_token, d_head)).round(2),
        value=rng.standard_normal((n_token, d_value)).round(2),
        note=f"Drawn from the standard normal distribution with seed {seed}, to two decimals.",
    )


def source_post_toy(seed: int = 0) -> Toy:
    """Make the toy of many NumPy tutorials: 5 tokens in 64 dimensions of noise.

    Parameters
    ----------
    seed : int, >= 0

    Returns
    -------
    Toy
        5 tokens, d_head 64, d_value 64, standard normal, not rounded.

    Raises
    ------
    ValueError
        If the seed is negative.
    """
    rng = np.random.default_rng(seed)
    query, key, value = rng.standard_normal((3, 5, 64))
    return Toy(
        name="5 x 64",
        tokens=tuple(_word(index) for index in range(5)),
        query=query,
        key=key,
        value=value,
        note=(
            "Noise, as in many tutorials. Scores spread like root 64 = 8: take the scale away, and "
            "every row sharpens towards one token."
        ),
    )


def _word(index: int) -> str:
    """Name a token after its place, counted from 1."""
    return f"word{index + 1}"


def check_sizes(n_token: int, d_head: int, d_value: int) -> None:
    """Raise ValueError unless every size is at least 1."""
    if min(n_token, d_head, d_value) < 1:
        msg = (
            f"sizes must be at least 1, got n_token {n_token}, d_head {d_head}, d_value {d_value}."
        )
        raise ValueError(msg)


PRESETS: Mapping[str, Callable[..., Toy]] = MappingProxyType(
    {
        "Cat, sat, mat": cat_sat_mat,
        "Dictionary lookup": dictionary_lookup,
        "Random": partial(random_toy, n_token=4, d_head=3, d_value=2, seed=0),
        "5 x 64": source_post_toy,
    }
)
"""Name on the screen -> what builds the toy, in the order to offer them."""

SEEDED = frozenset({"Random", "5 x 64"})
"""Names of the presets that take a ``seed``."""
