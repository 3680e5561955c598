"""The positional encoding page as one board: words, positions, weights, and what the order did."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.position_attention import ADDED, OrderEffect, Read, added_to, places_of
from core.positional import start_table
from pages._shared.matrix import Axis, Matrix, nice_limit
from pages._shared.position_state import BOUNDS
from pages._shared.position_toy import BUCKET_START, D_MODEL, N_POSITIONS, Scene, base_content
from pages._shared.position_words import bucket_labels, titled

Row = list[Matrix | str]


def rows_of(scene: Scene) -> list[Row]:
    """Return words, positions, both maps of weights and what the order did to them."""
    state = scene.state
    weights = [_weights(scene, "weights", titled(state.kind), scene.read)]
    changes = [_change("change", "Change with positions", scene, scene.effect)]
    if state.kind != "None":
        weights.insert(0, _weights(scene, "weights_without", "No positions", scene.plain))
        changes.insert(0, _change("change_without", "Change without", scene, scene.plain_effect))
    rows: list[Row] = [_input_row(scene), [*weights]]
    if scene.read.bias is not None:
        # Beside T5's table there is no room for it.
        rows[0 if state.kind == "ALiBi" else 1].append(_bias(scene, scene.read.bias))
    if state.is_moved and state.kind == "None":
        rows[1] += changes
    elif state.is_moved:
        rows.append([*changes])
    return rows


def _input_row(scene: Scene) -> Row:
    state, read = scene.state, scene.read
    words, numbers = words_axis(scene), _numbered("number", D_MODEL)
    content = Matrix(
        "content",
        "Words",
        scene.content,
        words,
        numbers,
        note="what each is",
        limit=nice_limit(scene.content),
        base=base_content(state.tokens)[list(state.order)],
        bounds=BOUNDS,
    )
    if state.kind in ADDED:
        n = len(state.tokens)
        added = added_to(n, D_MODEL, state.positions)
        start = start_table(N_POSITIONS, D_MODEL, state.seed)[:n]
        places = Matrix(
            "position",
            "Positions",
            added,
            Axis("query", tuple(map(str, places_of(n, state.positions)))),
            numbers,
            note="where each is",
            limit=nice_limit(added, start),
            base=start if state.kind == "Learned" else None,
            bounds=BOUNDS,
        )
        return [
            content,
            "+",
            places,
            "=",
            shown_matrix("query", "Query = key = value", read.query, words),
        ]
    if state.kind == "Rotary":
        return [content, "→", shown_matrix("query", "Query = key, turned", read.query, words)]
    if state.kind == "T5 bias":
        heads = _numbered("head", len(state.buckets))
        buckets = Matrix(
            "buckets",
            "Bias of each bucket",
            state.buckets,
            heads,
            Axis("distance", bucket_labels(state)),
            note=f"by the key's distance; head {state.chosen_head + 1} reads here",
            limit=nice_limit(state.buckets),
            base=BUCKET_START,
            bounds=BOUNDS,
            digits=1,
        )
        return [content, buckets]
    return [content]


def _bias(scene: Scene, bias: NDArray[Any]) -> Matrix:
    words = words_axis(scene)
    return Matrix(
        "bias",
        "Bias",
        bias,
        words,
        Axis("key", words.labels),
        note=f"head {scene.state.chosen_head + 1}, on the scaled scores",
        limit=nice_limit(bias),
        blocked=_blocked(scene.read) if scene.state.causal else None,
    )


def _weights(scene: Scene, name: str, title: str, read: Read) -> Matrix:
    words = words_axis(scene)
    return Matrix(
        name,
        title,
        read.attention.weights,
        words,
        Axis("key", words.labels),
        note="weights",
        scale="sequential",
        blocked=_blocked(read) if scene.state.causal else None,
    )


def _blocked(read: Read) -> NDArray[np.bool_]:
    return np.isneginf(read.attention.logits)


def _change(name: str, title: str, scene: Scene, effect: OrderEffect) -> Matrix:
    words = words_axis(scene)
    # One for both maps, so that they can be compared.
    largest = max(np.abs(one.weights).max() for one in (scene.effect, scene.plain_effect))
    limit = max(0.5, float(np.ceil(10 * largest)) / 10)
    return Matrix(
        name,
        title if scene.state.kind != "None" else "Change",
        effect.weights,
        words,
        Axis("key", words.labels),
        note="now − as typed",
        limit=limit,
    )


def shown_matrix(name: str, title: str, values: NDArray[Any], rows: Axis) -> Matrix:
    """Return numbers to be read, with numbered columns."""
    columns = _numbered("number", values.shape[1])
    return Matrix(name, title, values, rows, columns, limit=nice_limit(values))


def words_axis(scene: Scene) -> Axis:
    """Return the words in their present order."""
    return Axis("query", scene.state.words)


def _numbered(name: str, size: int) -> Axis:
    return Axis(name, tuple(str(index + 1) for index in range(size)))
