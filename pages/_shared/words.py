"""Words for pictures: what the data say, in a sentence.

A sentence may hold words that a reader typed. Draw it with `st.html` and `html.escape`: Markdown
has too many meanings for what people type.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.softmax import entropy

# Less than this reads as 0.00.
_WORTH_NAMING: Final = 0.005
_N_NAMED: Final = 3
_MOST_NAMED: Final = 8
# Unicode's classes of what is written from right to left, or asks for it.
_TO_THE_LEFT: Final = frozenset(("R", "AL", "AN", "RLE", "RLO", "RLI"))
# Room for every digit that a float may have.
_EXACT: Final = Context(prec=1100, rounding=ROUND_HALF_UP)


def number(value: float, digits: int = 2) -> str:
    """Return a number as the matrices show it: fixed digits, a true minus, words for the rest."""
    if np.isnan(value):
        return "NaN"
    if np.isinf(value):
        return "∞" if value > 0 else "−∞"
    # As JavaScript does: Python's own formatting would write 0.125 as 0.12.
    text = f"{_EXACT.quantize(Decimal(float(value)), Decimal(1).scaleb(-digits)):f}"
    return text.replace("-", "" if float(text) == 0 else "−")


def bracketed(value: float, digits: int = 2) -> str:
    """Return a number as `number` does, in brackets where a sign would follow another."""
    text = number(value, digits)
    return f"({text})" if text.startswith("−") else text


def isolated(word: str) -> str:
    """Return a word so that the sentence around it does not turn where it reads right to left."""
    turns = any(unicodedata.bidirectional(letter) in _TO_THE_LEFT for letter in word)
    return f"\u2068{word}\u2069" if turns else word


def what_it_reads(
    reader: str,
    sources: Sequence[str],
    weights: NDArray[Any],
    *,
    blocked: bool = False,
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

    Notes
    -----
    The three that are read most are named, and with them those that look the same as the third,
    as long as that is not a crowd.
    """
    reader = isolated(reader)
    if not np.isfinite(weights).all():
        how = "divided 0 by 0" if blocked else "overflowed or vanished"
        return f"The weights of “{reader}” are not all numbers: the naive softmax {how}."
    if blocked:
        return f"“{reader}” may attend to nothing: its weights and its output are 0."
    if not weights.any():
        return f"Every weight of “{reader}” came out as 0: the naive softmax's sum overflowed."
    named = [
        f"“{isolated(sources[key])}” ({number(weights[key])})" for key in _worth_naming(weights)
    ]
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


def _worth_naming(weights: NDArray[Any]) -> list[int]:
    first, *others = np.argsort(-weights, kind="stable").tolist()
    most = [first, *(key for key in others if weights[key] >= _WORTH_NAMING)]
    alike = [key for key in most if number(weights[key]) == number(weights[most[:_N_NAMED][-1]])]
    crowd = max(_N_NAMED, most.index(alike[-1]) + 1)
    return most[: crowd if crowd <= _MOST_NAMED else _N_NAMED]


def _join(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def without_controls(typed: str) -> str:
    """Return what was typed without control characters and lone surrogates; spaces stay."""
    return "".join(c for c in typed if c.isspace() or unicodedata.category(c) not in ("Cc", "Cs"))
