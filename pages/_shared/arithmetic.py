r"""The sum behind one weight and one output, written out in the numbers on the screen.

Each function returns one line of LaTeX. Long sums keep their first and last terms.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

_MOST_TERMS: Final = 8


def score_line(query: NDArray[Any], key: NDArray[Any], score: float) -> str:
    """Write a score as the sum of products of one query and one key, both (d_head,)."""
    pairs = zip(query, key, strict=True)
    terms = [
        rf"{_n(a, bracket=place > 0)} \cdot {_n(b, bracket=True)}"
        for place, (a, b) in enumerate(pairs)
    ]
    return rf"\text{{score}} = q \cdot k = {_sum(terms)} = {_n(score)}"


def scaled_line(score: float, d_head: int, divided: bool, scaled: float) -> str:
    """Write how a score is scaled."""
    if not divided:
        return rf"\text{{scaled}} = \text{{score}} = {_n(scaled)} \quad \text{{(not divided)}}"
    return rf"\text{{scaled}} = {_n(score)} \,/\, \sqrt{{{d_head}}} = {_n(scaled)}"


def weight_line(logits: NDArray[Any], key: int, temperature: float, weight: float) -> str:
    """Write a weight as softmax of its row of logits, shape (n_key,)."""
    if np.isneginf(logits[key]):
        return r"\text{weight} = 0 \quad \text{(this key is blocked)}"
    divisor = "" if temperature == 1.0 else f"/{temperature:g}"
    powers = [f"e^{{{_n(x)}{divisor}}}" for x in logits if not np.isneginf(x)]
    top = f"e^{{{_n(logits[key])}{divisor}}}"
    return rf"\text{{weight}} = \dfrac{{{top}}}{{{_sum(powers)}}} = {_n(weight, digits=4)}"


def output_line(weights: NDArray[Any], values: NDArray[Any], output: NDArray[Any]) -> str:
    """Write one row of the output as the weighted sum of the values, (n_key, d_value)."""
    terms = [rf"{_n(w)} \cdot {_vector(v)}" for w, v in zip(weights, values, strict=True)]
    return rf"\text{{output}} = {_sum(terms)} = {_vector(output)}"


def _sum(terms: Sequence[str]) -> str:
    if len(terms) > _MOST_TERMS:
        hidden = len(terms) - _MOST_TERMS
        shortened = [*terms[: _MOST_TERMS - 1], rf"\underbrace{{\cdots}}_{{{hidden}}}", terms[-1]]
        return " + ".join(shortened)
    return " + ".join(terms)


def _vector(values: NDArray[Any]) -> str:
    numbers = [_n(v) for v in values]
    if len(numbers) > 4:
        numbers = [*numbers[:3], r"\dots", numbers[-1]]
    inside = r",\;".join(numbers)
    return f"({inside})"


def _n(value: float, *, digits: int = 2, bracket: bool = False) -> str:
    if np.isnan(value):
        return r"\text{NaN}"
    if np.isinf(value):
        return r"\infty" if value > 0 else r"-\infty"
    text = f"{value:.{digits}f}"
    if float(text) == 0:
        text = text.replace("-", "")
    return f"({text})" if bracket and text.startswith("-") else text
