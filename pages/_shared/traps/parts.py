"""What traps are made of: their matrices and numbers in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.masks import causal_mask
from pages._shared.matrix import Axis, Matrix, nice_limit
from pages._shared.page import settle_memory
from pages._shared.words import number

Array = NDArray[Any]
BoolArray = NDArray[np.bool_]


def word_axes(tokens: Sequence[str], key_tokens: Sequence[str] | None = None) -> tuple[Axis, Axis]:
    """Return the axes of queries and keys.

    The keys' is not called "key": what is chosen there is no place on the page's own board.
    """
    return Axis("query", tuple(tokens)), Axis("word", tuple(key_tokens or tokens))


def weights_matrix(
    side: str,
    weights: Array,
    tokens: Sequence[str],
    note: str,
    *,
    key_tokens: Sequence[str] | None = None,
    blocked: BoolArray | None = None,
) -> Matrix:
    """Return weights as one side of an exhibit.

    Parameters
    ----------
    side : str
        The heading: "Wrong" or "Right".
    weights : NDArray, shape (n_query, n_key)
    tokens : sequence of str
        Labels of the queries, and of the keys unless `key_tokens` is given.
    note : str
        A few words beside the heading.
    key_tokens : sequence of str, optional
    blocked : NDArray of bool, optional
        Cells to hatch.
    """
    axes = word_axes(tokens, key_tokens)
    return Matrix(_id(side), side, weights, *axes, note, "sequential", blocked=blocked)


def scores_matrix(
    title: str,
    values: Array,
    tokens: Sequence[str],
    note: str,
    key_tokens: Sequence[str] | None = None,
) -> Matrix:
    """Return scores or logits as a part of an exhibit."""
    axes = word_axes(tokens, key_tokens)
    return Matrix(_id(title), title, values, *axes, note, limit=nice_limit(values))


def mask_matrix(
    title: str, mask: BoolArray, tokens: Sequence[str], key_tokens: Sequence[str] | None = None
) -> Matrix:
    """Return a mask as a part of an exhibit."""
    axes = word_axes(tokens, key_tokens)
    return Matrix(_id(title), title, mask, *axes, "✓ may attend", "mask")


def first_padded(n_token: int, n_padded: int) -> BoolArray:
    """Return a causal mask under which the first words are padding, which nobody reads."""
    mask: BoolArray = causal_mask(n_token, n_token) & (np.arange(n_token) >= n_padded)
    return mask


def settle_torch() -> None:
    """Keep PyTorch, just imported, out of the garbage collector's rounds."""
    settle_memory("torch")


def large(value: float) -> str:
    """Write a number that may be as large as a float can be."""
    return f"{value:.0f}" if value < 1e6 else f"{value:.1e}".replace("e+", "e")


def short(value: float) -> str:
    """Write a number of a knob: −10, −65504, −1e9, −∞."""
    return literal(value).replace("-", "−") if math.isfinite(value) else number(value)


def literal(value: float) -> str:
    """Write a number of a knob as code does."""
    if math.isinf(value):
        return 'float("-inf")'
    power = math.log10(abs(value)) if abs(value) >= 1e4 else 0.5
    return f"{'-' if value < 0 else ''}1e{power:.0f}" if power == round(power) else f"{value:g}"


def gap(one: Array, other: Array) -> str:
    """Say how closely two arrays agree, as it follows "agree"."""
    most = float(np.abs(one.astype(np.float64) - other.astype(np.float64)).max())
    return f"to {most:.0e}" if most else "exactly"


def several(count: int, what: str) -> str:
    """Write "1 row" or "2 rows"."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def quoted(words: Sequence[str]) -> str:
    """Write words in quotes, in a row."""
    *first, last = (f"“{word}”" for word in words)
    return f"{', '.join(first)} and {last}" if first else last


def _id(title: str) -> str:
    return f"trap_{title.lower().replace(' ', '_')}"
