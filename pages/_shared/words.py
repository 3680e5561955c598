"""Words for pictures: what the data say, in a sentence.

A sentence may hold words that a reader typed. Draw it with `st.html` and `html.escape`: Markdown
has too many meanings for what people type.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.softmax import entropy

# Less than this reads as 0.00.
_WORTH_NAMING: Final = 0.005


def number(value: float, digits: int = 2) -> str:
    """Return a number as the matrices show it: fixed digits, a true minus, words for the rest."""
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    text = f"{value:.{digits}f}"
    return text.replace("-", "" if float(text) == 0 else "−")


def what_it_reads(
    reader: str,
    sources: Sequence[str],
    weights: NDArray[Any],
    *,
    blocked: bool = False,
    n_named: int = 3,
) -> str:
    """Say in one sentence where a row of weights lies.

    Parameters
    ----------
    reader : str
        The query's word.
    sources : sequence of str
        The keys' words.
    weights : NDArray, shape (n_key,)
        One row of attention weights.
    blocked : bool
        Whether every key is blocked.
    n_named : int
        How many keys to name at most.
    """
    if not np.isfinite(weights).all():
        how = "divided 0 by 0" if blocked else "overflowed or vanished"
        return f"The weights of “{reader}” are not all numbers: the naive softmax {how}."
    if blocked:
        return f"“{reader}” may attend to nothing: its weights and its output are 0."
    if not weights.any():
        return f"Every weight of “{reader}” came out as 0: the naive softmax's sum overflowed."
    first, *others = np.argsort(-weights, kind="stable")[:n_named]
    worth_naming = [first, *(key for key in others if weights[key] >= _WORTH_NAMING)]
    named = [f"“{sources[key]}” ({number(weights[key])})" for key in worth_naming]
    return f"“{reader}” reads {_join(named)}."


def spread(weights: NDArray[Any], logits: NDArray[Any]) -> str:
    """Say how spread out a row of weights is, where that has a meaning."""
    if not np.isfinite(weights).all() or not weights.any():
        return ""
    n_allowed = int(np.isfinite(logits).sum())
    nats, most = float(entropy(weights.astype(np.float64))), number(math.log(n_allowed))
    return f"Entropy of this row: {number(nats)} nats, of at most ln {n_allowed} = {most}."


def table(rows: Sequence[Sequence[str]]) -> str:
    """Return rows of Markdown, the first of them the heading, as a Markdown table."""
    heading, *body = (f"| {' | '.join(row)} |" for row in rows)
    return "\n".join((heading, "|" + "---|" * len(rows[0]), *body))


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
