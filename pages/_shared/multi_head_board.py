"""The matrices of the multi-head page: the heads' maps, and one product at a time below them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.matrix import Axis, Matrix, Switch, nice_limit
from pages._shared.multi_head_axes import band_of, head_axis, model_axis, shared_axis
from pages._shared.multi_head_cut import (
    BOUNDS,
    CACHE,
    COUNTS,
    KEYS,
    OUTPUT,
    QUERIES,
    VALUES,
)
from pages._shared.multi_head_scene import Scene
from pages._shared.words import number

Row = list[Matrix | str]
_ONE_DIGIT: Final = 10

# The name of the matrix, of its product and their titles, for each part that is a product.
PRODUCTS: Final = {
    QUERIES: ("w_query", "W_Q", "query", "Q"),
    KEYS: ("w_key", "W_K", "key", "K"),
    VALUES: ("w_value", "W_V", "value", "V"),
}


def rows_of(scene: Scene) -> list[Row]:
    """Return the part of the attention that the reader chose, in rows."""
    part = scene.state.part
    if part == COUNTS:
        return []
    if part == CACHE:
        return _cache_rows(scene)
    rows = [_maps(scene), _output_row(scene) if part == OUTPUT else _product_row(scene, part)]
    if scene.state.dropped:
        shown = [] if part == OUTPUT else [_output(scene)]
        rows.append([*shown, _lost(scene)])
    return rows


def all_matrices(scene: Scene) -> dict[str, Matrix]:
    """Return every matrix behind the page by name, whichever part is shown."""
    rows = [_maps(scene, mean=True), _output_row(scene)]
    rows += [_product_row(scene, part) for part in PRODUCTS]
    found = [part for row in rows for part in row if isinstance(part, Matrix)]
    found += [_lost(scene)] if scene.state.dropped else []
    return {matrix.id: matrix for matrix in found}


def _maps(scene: Scene, *, mean: bool = False) -> Row:
    """Return the map of every head, and the mean of those kept if it is asked for."""
    state = scene.state
    with_mean = (mean or state.mean) and bool(scene.kept)
    queries, keys = Axis("query", state.words), Axis("key", state.words)
    blocked = np.isneginf(scene.result.attention.logits)
    row: Row = []
    for head, weights in enumerate(scene.weights):
        far = f"{100 * scene.elsewhere[head]:.0f}% elsewhere" if state.mean and scene.kept else ""
        row.append(
            Matrix(
                id=f"head_{head + 1}",
                title=f"Head {head + 1}",
                values=weights,
                rows=queries,
                columns=keys,
                note=far or ("chosen" if head == state.head else ""),
                scale="sequential",
                blocked=blocked[head] if state.is_causal else None,
                small=True,
                band=band_of(head, head),
                switch=Switch("Drop", head in state.dropped),
            )
        )
    if with_mean:
        n = len(scene.kept)
        title = f"Mean of {n} head{'s' * (n != 1)}"
        note = "an average, no head"
        row.append(
            Matrix("mean", title, scene.mean, queries, keys, note, scale="sequential", small=True)
        )
    return row


def _product_row(scene: Scene, part: str) -> Row:
    """Return words times a matrix, and what comes of it."""
    state, result = scene.state, scene.result
    matrix, matrix_title, product, title = PRODUCTS[part]
    asked = part == QUERIES
    words = Axis("query" if asked else "key", state.words)
    columns = head_axis(state) if asked else shared_axis(state)
    weights = getattr(scene.projections, product)
    base = getattr(state.toy, product)
    heads: NDArray[Any] = np.concatenate(list(getattr(result, product)), axis=-1)
    cut = f"{state.n_head if asked else state.n_kv_head} × {state.d_head} columns"
    return [
        _editable("x", "X", state.x, state.base, words, model_axis(state), "the words"),
        "×",
        _editable(
            matrix,
            matrix_title,
            weights,
            base if asked else base[:, state.shared_columns],
            model_axis(state),
            columns,
            cut,
        ),
        "=",
        _shown(product, title, heads, words, columns, cut),
    ]


def _output_row(scene: Scene) -> Row:
    """Return the heads side by side, times W_O."""
    state = scene.state
    columns = head_axis(state)
    words = Axis("query", state.words)
    return [
        _shown("concatenated", "Concatenation", scene.result.concatenated, words, columns, "heads"),
        "×",
        _editable(
            "w_output",
            "W_O",
            state.output,
            state.toy.output,
            columns,
            model_axis(state),
            f"{state.n_head} × {state.d_head} rows",
        ),
        "=",
        _output(scene),
    ]


def _output(scene: Scene) -> Matrix:
    state = scene.state
    words = Axis("query", state.words)
    note = "" if not state.dropped else f"without {heads_named(state.dropped)}"
    limit = nice_limit(scene.whole.output)
    axis = model_axis(state)
    return _shown("output", "Output", scene.result.output, words, axis, note, limit)


def _lost(scene: Scene) -> Matrix:
    """Return what the dropped heads change in the output."""
    state = scene.state
    change = scene.result.output - scene.whole.output
    words = Axis("query", state.words)
    limit = nice_limit(scene.whole.output)
    note = f"at most {number(float(np.abs(change).max()))}"
    return _shown("change", "Change", change, words, model_axis(state), note, limit)


def _cache_rows(scene: Scene) -> list[Row]:
    """Return what is computed for one more word, and what was kept of those before."""
    state, step = scene.state, scene.steps[-1]
    n, words = state.n_cached, state.words[: state.n_cached]
    marked = (*words[:-1], f"+ {words[-1]}")
    kept, new = Axis("key", marked), Axis("query", (words[-1],))
    columns, model = shared_axis(state), model_axis(state)
    heads = Axis(
        "head",
        tuple(f"head {head + 1}" for head in range(state.n_head)),
        tuple(band_of(head, head) for head in range(state.n_head)),
    )
    limit = nice_limit(scene.whole.output)
    full = scene.result.output[n - 1 : n]
    cache = [np.concatenate(list(array), axis=-1) for array in (step.key, step.value)]
    return [
        [
            _shown("new_word", "New word", state.x[n - 1 : n], new, model, f"word {n}"),
            "→",
            _shown("cached_key", "K so far", cache[0], kept, columns, "one row more"),
            _shown("cached_value", "V so far", cache[1], kept, columns, "one row more"),
        ],
        [
            Matrix(
                id="new_weights",
                title="Weights of the new word",
                values=step.attention.weights[:, 0],
                rows=heads,
                columns=Axis("key", words),
                note="one row a head",
                scale="sequential",
                small=True,
            ),
            "→",
            _shown("new_output", "Output", step.output, new, model, "from the cache", limit),
            _shown("full_output", "Full pass", full, new, model, "its last row", limit),
        ],
    ]


def heads_named(heads: Sequence[int] | frozenset[int]) -> str:
    """Name heads as the reader counts them."""
    names = [str(head + 1) for head in sorted(heads)]
    listed = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"head{'s' * (len(names) > 1)} {listed}"


def _editable(
    name: str, title: str, values: NDArray[Any], base: NDArray[Any], rows: Axis, columns: Axis,
    note: str,
) -> Matrix:  # fmt: skip
    limit = nice_limit(values, base)
    return replace(
        _shown(name, title, values, rows, columns, note, limit), base=base, bounds=BOUNDS
    )


def _shown(
    name: str, title: str, values: NDArray[Any], rows: Axis, columns: Axis, note: str,
    limit: float | None = None,
) -> Matrix:  # fmt: skip
    limit = nice_limit(values) if limit is None else limit
    return Matrix(
        id=name,
        title=title,
        values=values,
        rows=rows,
        columns=columns,
        note=note,
        limit=limit,
        # A small cell has room for “−9.9”.
        digits=1 if limit <= _ONE_DIGIT else 0,
        small=True,
    )
