"""The board of the page on soft and hard attention: every kind a row, over the same keys."""

from __future__ import annotations

from typing import Final

from core.hard_attention import ARGMAX, GUMBEL, SAMPLE, SOFT, STRAIGHT
from pages._shared.matrix import Axis, Matrix, nice_limit
from pages._shared.soft_hard_scene import BOUNDS, FREQUENCIES, ROWS, HardState, Scene

ASKS: Final = "query"
_QUERY: Final = Axis("query", (ASKS,))
_D_HEAD: Final = Axis("d_head", ("1", "2"))
_D_VALUE: Final = Axis("d_value", ("1", "2"))


_NAMES: Final = {
    SOFT: "soft",
    FREQUENCIES: "draws",
    ARGMAX: "argmax",
    SAMPLE: "sample",
    GUMBEL: "Gumbel",
    STRAIGHT: "straight",
}


def row_name(row: str) -> str:
    """Return what a row of the weights is called on the screen."""
    return _NAMES[row]


def rows_of(scene: Scene) -> list[list[Matrix | str]]:
    """Return what is computed from one query, in rows, as the page's board shows it."""
    state, attention = scene.state, scene.attention
    keys = Axis("key", state.tokens)
    kinds = Axis("kind", tuple(row_name(row) for row in ROWS))
    inside = "scaled" if state.temperature == 1.0 else f"scaled / {state.temperature:g}"
    scores = Matrix(
        "scores",
        "Scores",
        attention.scores,
        _QUERY,
        keys,
        note="query · key",
        limit=nice_limit(attention.scores),
    )
    scaled = Matrix(
        "scaled",
        "Scaled",
        attention.logits,
        _QUERY,
        keys,
        note="÷ √2",
        limit=nice_limit(attention.logits),
    )
    weights = Matrix(
        "weights",
        "Weights",
        scene.weights,
        kinds,
        keys,
        note=f"from {inside}, a row for each kind",
        scale="sequential",
    )
    output = Matrix(
        "output",
        "Output",
        scene.output,
        kinds,
        _D_VALUE,
        note="weights × V",
        limit=nice_limit(state.value),
    )
    return [
        [
            _editable(state, "query", "Query", _QUERY, _D_HEAD, "what it looks for"),
            _editable(state, "key", "Keys", keys, _D_HEAD, "what each can be found by"),
            _editable(state, "value", "Values", keys, _D_VALUE, "what each hands over"),
        ],
        [scores, "→", scaled, "→"],
        [weights, "→", output],
    ]


def _editable(
    state: HardState, name: str, title: str, rows: Axis, columns: Axis, note: str
) -> Matrix:
    values, base = getattr(state, name), getattr(state.base, name)
    return Matrix(
        name,
        title,
        values,
        rows,
        columns,
        note=note,
        limit=nice_limit(values, base),
        base=base,
        bounds=BOUNDS,
    )
