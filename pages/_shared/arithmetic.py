"""The sum behind one weight and one output, written out in the numbers on the screen.

Each function returns one line of HTML made of numbers alone: nothing that a reader typed. Plain
HTML, because a formula typeset anew for every step of a drag would be the slowest thing on the
page. Long sums keep their first terms and their last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.words import bracketed, number

_MOST_TERMS: Final = 8
_MOST_COORDINATES: Final = 4


def score_line(query: NDArray[Any], key: NDArray[Any], score: float) -> str:
    """Write a score as the sum of products of one query and one key, both (d_head,)."""
    pairs = zip(query, key, strict=True)
    terms = [
        f"{_n(a, bracket=place > 0)} · {_n(b, bracket=True)}" for place, (a, b) in enumerate(pairs)
    ]
    return f"score = <i>q</i> · <i>k</i> = {sum_of(terms)} = {_n(score)}"


def additive_score_line(
    query: NDArray[Any], key: NDArray[Any], vector: NDArray[Any], score: float
) -> str:
    """Write the score of additive attention, of three vectors (d_model,)."""
    terms = [
        f"{_n(v, bracket=place > 0)} · tanh({_n(q)} + {_n(k, bracket=True)})"
        for place, (q, k, v) in enumerate(zip(query, key, vector, strict=True))
    ]
    return f"score = <i>v</i> · tanh(<i>q</i> + <i>k</i>) = {sum_of(terms)} = {_n(score)}"


def scaled_line(score: float, d_head: int, divided: bool, scaled: float) -> str:
    """Write how a score is scaled."""
    if not divided:
        return f"scaled = score = {_n(scaled)}, not divided"
    return f"scaled = {_n(score)} / √{d_head} = {_n(scaled)}"


def weight_line(logits: NDArray[Any], key: int, temperature: float, weight: float) -> str:
    """Write a weight as softmax of its row of logits, shape (n_key,)."""
    if np.isneginf(logits[key]):
        return "weight = 0: this key is blocked"
    powers = [power(logit, temperature) for logit in logits if not np.isneginf(logit)]
    share = fraction(power(logits[key], temperature), sum_of(powers))
    return f"weight = {share} = {number(weight, 4)}"


def output_line(weights: NDArray[Any], values: NDArray[Any], output: NDArray[Any]) -> str:
    """Write one row of the output as the weighted sum of the values, (n_key, d_value)."""
    terms = [f"{_n(w)} · {_vector(v)}" for w, v in zip(weights, values, strict=True)]
    return f"output = {sum_of(terms)} = {_vector(output)}"


def fraction(above: str, below: str) -> str:
    """Write a fraction; read aloud or copied it is a division."""
    return (
        f"<span class='fraction'><span>{above}</span><span class='unseen'> divided by </span>"
        f"<span>{below}</span></span>"
    )


def power(logit: float, temperature: float = 1.0) -> str:
    """Write the exponential of a logit."""
    divisor = "" if temperature == 1.0 else f" / {temperature:g}"
    return f"<i>e</i><sup>{_n(logit)}{divisor}</sup>"


def sum_of(terms: Sequence[str]) -> str:
    """Write a sum; a long one keeps its first terms and its last, and says what is left out."""
    if len(terms) > _MOST_TERMS:
        hidden = len(terms) - _MOST_TERMS
        return " + ".join([*terms[: _MOST_TERMS - 1], f"… {hidden} more …", terms[-1]])
    return " + ".join(terms)


def _vector(values: NDArray[Any]) -> str:
    numbers = [_n(v) for v in values]
    if len(numbers) > _MOST_COORDINATES:
        numbers = [*numbers[: _MOST_COORDINATES - 1], "…", numbers[-1]]
    return f"({', '.join(numbers)})"


def _n(value: float, *, bracket: bool = False) -> str:
    return bracketed(value) if bracket else number(value)
