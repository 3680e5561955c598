"""The board of the page on self- and cross-attention: embeddings, projections, and the chain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.chain import Row, result_row, stage_row
from pages._shared.matrix import Axis, Matrix, nice_limit
from pages._shared.self_cross import BOUNDS, CROSS, SelfCrossState
from pages._shared.self_cross_scene import ONTO_SOURCE, Moved, Reading, Scene, measured

TARGET: Final = "X target"
SOURCE: Final = "X source"
AFTER_SELF: Final = "After self"
_NARROW: Final = 3
_FEW_WORDS: Final = 5


def rows_of(scene: Scene) -> list[Row]:
    """Return everything from the embeddings to the output, in rows, as the page's board shows it.

    The first row is what stands beside the others where there is room.

    Of a decoder layer one attention is shown in full; the other before or after it, in short.
    """
    shown, state = scene.shown, scene.state
    matrices = _matrices(state, shown)
    rows: list[Row]
    if scene.layer is None:
        inputs = [_embeddings(state, shown), *([_source(state)] if state.kind == CROSS else [])]
        rows = [*_beside(scene, [*inputs], [*matrices]), *_chain(scene)]
    elif state.step == 0:
        rows = [*_beside(scene, [_given(scene)], [*matrices]), *_chain(scene)]
        rows[-1] += ["→", _after_self(scene)]
        rows.append([*_in_short(scene.readings[1], "cross"), "→", _layer_output(scene)])
    else:
        rows = [
            [_given(scene), _after_self(scene), _source(state)],
            _in_short(scene.readings[0], "self"),
            [*matrices],
            *_chain(scene),
        ]
        rows[-1] += ["→", _layer_output(scene)]
    if scene.moved is not None:
        rows.append(_before(scene, scene.moved))
    return rows


def _beside(scene: Scene, inputs: Row, matrices: Row) -> list[Row]:
    """Return embeddings and matrices as one row if the first is not to stand beside, and fits."""
    return [inputs, matrices] if is_narrow(scene) or len(inputs) > 1 else [[*inputs, *matrices]]


def is_narrow(scene: Scene) -> bool:
    """Whether the other rows have room beside the embeddings."""
    state = scene.state
    longest = max(map(len, (scene.shown.rows, scene.shown.asked)))
    return max(state.d_model, state.d_head, state.width) <= _NARROW and longest <= _FEW_WORDS


def giver_of_queries(scene: Scene) -> str:
    """Return the title of the matrix whose rows become queries."""
    if scene.layer is not None:
        return AFTER_SELF if scene.state.step else TARGET
    return TARGET if scene.state.kind == CROSS else "X"


def giver_of_keys(scene: Scene) -> str:
    """Return the title of the matrix whose rows become keys and values."""
    return SOURCE if scene.shown.part == ONTO_SOURCE else giver_of_queries(scene)


def _chain(scene: Scene) -> list[Row]:
    """Return Q, K and V, then the attention among them."""
    shown = scene.shown
    asks, gives = giver_of_queries(scene), giver_of_keys(scene)
    queries, keys = Axis("query", shown.rows), Axis("key", shown.asked)
    d_head = _numbered("d_head", shown.query.shape[1])
    d_value = _numbered("d_value", shown.value.shape[1])
    projected: Row = [
        _shown("query", "Q", shown.query, queries, d_head, f"{asks} · W_Q"),
        _shown("key", "K", shown.key, keys, d_head, f"{gives} · W_K"),
        _shown("value", "V", shown.value, keys, d_value, f"{gives} · W_V"),
        "→",
    ]
    stages = stage_row(
        shown.attention, shown.scaled, shown.rows, shown.query.shape[1], key_tokens=shown.asked
    )
    results = result_row(
        shown.attention, shown.rows, 1.0, masked=shown.causal, key_tokens=shown.asked
    )
    return [projected, [*stages, "→"], results]


def _embeddings(state: SelfCrossState, reading: Reading) -> Matrix:
    base = state.base.target_rows[list(state.target.origins), : state.d_model]
    title = TARGET if state.kind == CROSS else "X"
    return _editable("x_target", title, reading.target, base, Axis("query", reading.asking))


def _source(state: SelfCrossState) -> Matrix:
    rows = state.source.rows[:, : state.d_model]
    base = state.base.source_rows[list(state.source.origins), : state.d_model]
    return _editable("x_source", SOURCE, rows, base, Axis("key", state.source.words))


def _given(scene: Scene) -> Matrix:
    """Return what a decoder is given: the words to be written, shifted right behind a start."""
    state, first = scene.state, scene.readings[0]
    words = state.base.target_rows[list(state.target.origins[:-1]), : state.d_model]
    base = np.concatenate([state.base.start[None, : state.d_model], words])
    return _editable("x_target", TARGET, first.target, base, Axis("query", first.asking))


def _matrices(state: SelfCrossState, reading: Reading) -> list[Matrix]:
    """Return W_Q, W_K and W_V of an attention."""
    found = []
    for name, title, width in (
        ("query", "W_Q", "d_head"),
        ("key", "W_K", "d_head"),
        ("value", "W_V", "d_value"),
    ):
        values: NDArray[Any] = getattr(reading.matrices, name)
        whole: NDArray[Any] = getattr(state.base, f"{reading.part}_{name}")
        base = whole[: values.shape[0], : values.shape[1]]
        rows = _numbered("d_model", values.shape[0])
        columns = _numbered(width, values.shape[1])
        found.append(_editable(f"{reading.part}_{title}", title, values, base, rows, columns))
    return found


def _in_short(reading: Reading, name: str) -> Row:
    """Return weights and output of a decoder layer's other attention."""
    called = name.capitalize()
    queries, keys = Axis("query", reading.rows), Axis("asked", reading.asked)
    attention = reading.attention
    return [
        _weights(f"{name}_weights", f"{called} weights", reading, queries, keys),
        "→",
        _shown(
            f"{name}_output",
            f"{called} output",
            attention.output,
            queries,
            _numbered("d_value", attention.output.shape[1]),
            "weights × V",
        ),
    ]


def _after_self(scene: Scene) -> Matrix:
    values = scene.readings[1].target
    output = "output" if scene.state.step == 0 else "self output"
    return _sum("after_self", AFTER_SELF, values, scene, f"{TARGET} + {output}")


def _layer_output(scene: Scene) -> Matrix:
    output = "cross output" if scene.state.step == 0 else "output"
    return _sum("layer", "Layer output", scene.result, scene, f"{AFTER_SELF} + {output}")


def _sum(name: str, title: str, values: NDArray[Any], scene: Scene, note: str) -> Matrix:
    axis = Axis("query", scene.shown.rows)
    return _shown(name, title, values, axis, _numbered("d_model", values.shape[1]), note)


def _before(scene: Scene, moved: Moved) -> Row:
    """Return weights and output as they were before words changed places, and what changed."""
    was, now = moved.before, scene.shown
    d_value = _numbered("d_value", now.value.shape[1])
    rows, keys = Axis("query then", was.rows), Axis("key then", was.asked)
    return [
        _weights("weights_before", "Weights before", was, rows, keys),
        _shown("output_before", "Output before", was.attention.output, rows, d_value, "as written"),
        _shown(
            "change",
            "Change",
            moved.change,
            Axis("query", now.rows),
            d_value,
            f"now − before; largest: {measured(moved.largest)}",
        ),
    ]


def _weights(name: str, title: str, reading: Reading, rows: Axis, columns: Axis) -> Matrix:
    blocked = np.isneginf(reading.attention.logits) if reading.causal else None
    return Matrix(
        id=name,
        title=title,
        values=reading.attention.weights,
        rows=rows,
        columns=columns,
        scale="sequential",
        blocked=blocked,
    )


def _numbered(name: str, size: int) -> Axis:
    return Axis(name, tuple(str(index + 1) for index in range(size)))


def _editable(
    name: str,
    title: str,
    values: NDArray[Any],
    base: NDArray[Any],
    rows: Axis,
    columns: Axis | None = None,
) -> Matrix:
    return Matrix(
        id=name,
        title=title,
        values=values,
        rows=rows,
        columns=_numbered("d_model", values.shape[1]) if columns is None else columns,
        note=f"{values.shape[0]} × {values.shape[1]}",
        limit=nice_limit(values, base),
        base=base,
        bounds=BOUNDS,
    )


def _shown(
    name: str, title: str, values: NDArray[Any], rows: Axis, columns: Axis, note: str
) -> Matrix:
    return Matrix(name, title, values, rows, columns, note=note, limit=nice_limit(values))


def matrices_of(rows: Sequence[Row]) -> dict[str, Matrix]:
    """Return the matrices of a board by name."""
    return {part.id: part for row in rows for part in row if isinstance(part, Matrix)}
