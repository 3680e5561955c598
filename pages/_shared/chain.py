"""The attention view for small numbers: the chain from Q, K, V to the output as one board."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.attention import Attention
from core.presets import Toy
from pages._shared.matrix import Axis, Matrix, nice_limit

Row = list[Matrix | str]

_BOUNDS = (-20.0, 20.0)


def token_axes(tokens: Sequence[str], key_tokens: Sequence[str] | None = None) -> tuple[Axis, Axis]:
    """Return the query axis and the key axis of attention among `tokens`, or over `key_tokens`."""
    keys = tokens if key_tokens is None else key_tokens
    return Axis("query", tuple(tokens)), Axis("key", tuple(keys))


def input_row(toy: Toy, base: Toy) -> Row:
    """Return Q, K and V as editable matrices."""
    queries, keys = token_axes(toy.tokens)
    d_head = _numbered("d_head", toy.query.shape[1])
    d_value = _numbered("d_value", toy.value.shape[1])
    return [
        _editable("query", "Q", toy.query, base.query, queries, d_head),
        _editable("key", "K", toy.key, base.key, keys, d_head),
        _editable("value", "V", toy.value, base.value, keys, d_value),
    ]


def stage_row(
    attention: Attention,
    scaled: NDArray[Any],
    tokens: Sequence[str],
    root_of: int,
    key_tokens: Sequence[str] | None = None,
) -> Row:
    """Return the scores and the scaled scores.

    Parameters
    ----------
    attention : Attention
        What was computed.
    scaled : NDArray, shape (n_query, n_key)
        The logits before any mask.
    tokens : sequence of str
        Labels of the queries; of the keys as well unless `key_tokens` is given.
    root_of : int
        The d_head by whose root the scores were divided; 0 if they were not.
    key_tokens : sequence of str, optional
        Labels of the keys.
    """
    axes = token_axes(tokens, key_tokens)
    scores = _shown("scores", "Scores", attention.scores, axes, "Q Kᵀ")
    return [
        scores,
        "→",
        _shown("scaled", "Scaled", scaled, axes, f"÷ √{root_of}" if root_of else "not divided"),
    ]


def result_row(
    attention: Attention,
    tokens: Sequence[str],
    temperature: float,
    *,
    masked: bool,
    key_tokens: Sequence[str] | None = None,
) -> Row:
    """Return weights and output, after the masked scores if a mask was used."""
    queries, keys = token_axes(tokens, key_tokens)
    inside = "masked" if masked else "scaled"
    inside += "" if temperature == 1.0 else f" / {temperature:g}"
    weights = Matrix(
        id="weights",
        title="Weights",
        values=attention.weights,
        rows=queries,
        columns=keys,
        note=f"softmax({inside}), row by row",
        scale="sequential",
        blocked=np.isneginf(attention.logits) if masked else None,
    )
    output = _shown(
        "output",
        "Output",
        attention.output,
        (queries, _numbered("d_value", attention.output.shape[-1])),
        "weights × V",
    )
    if not masked:
        return [weights, "→", output]
    logits = _shown("masked", "Masked", attention.logits, (queries, keys), "blocked: −∞")
    return [logits, "→", weights, "→", output]


def mask_row(
    painted: NDArray[np.bool_], tokens: Sequence[str], key_tokens: Sequence[str] | None = None
) -> Row:
    """Return the mask that the reader paints."""
    queries, keys = token_axes(tokens, key_tokens)
    return [
        Matrix(
            id="painted",
            title="Mask",
            values=painted,
            rows=queries,
            columns=keys,
            note="✓ may attend; click or drag to paint",
            scale="mask",
            base=np.ones_like(painted),
        )
    ]


def _numbered(name: str, size: int) -> Axis:
    return Axis(name, tuple(str(index + 1) for index in range(size)))


def _editable(
    name: str, title: str, values: NDArray[Any], base: NDArray[Any], rows: Axis, columns: Axis
) -> Matrix:
    return Matrix(
        id=name,
        title=title,
        values=values,
        rows=rows,
        columns=columns,
        note=f"{values.shape[0]} × {values.shape[1]}",
        limit=nice_limit(values, base),
        base=base,
        bounds=_BOUNDS,
    )


def _shown(
    name: str, title: str, values: NDArray[Any], axes: tuple[Axis, Axis], note: str
) -> Matrix:
    rows, columns = axes
    limit = nice_limit(values)
    return Matrix(name, title, values, rows, columns, note=note, limit=limit)
