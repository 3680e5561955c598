"""The work behind the page of the text encoder, and what can be taken along from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.head_roles import measure_roles, rank_by_pattern, role_cells
from core.notebook import notebook
from core.ranks import rank_correlation
from core.softmax import softmax
from core.text import by_word, mask_words, without_word
from core.zero_shot import cosines, leave_one_out_change
from pages._shared import encoder, text_snippets
from pages._shared.arithmetic import sum_of
from pages._shared.encoder_heads import HeadMap
from pages._shared.files import About, Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.take import Takeaway
from pages._shared.text_case import TextRow, text_row
from pages._shared.text_measures import (
    Verdict,
    chosen_cell,
    importance,
    map_of,
    masking,
    received,
    verdict,
    verdict_of,
)
from pages._shared.text_scene import CLASSIFY, FIND, HEADS, MASKED, ROLE, Scene, see
from pages._shared.text_state import STORE
from pages._shared.vision_arithmetic import weight_lines
from pages._shared.words import bracketed, number
from pages._shared.work import Work

Float32Array = NDArray[np.float32]
_MOST_LEFT_OUT: Final = 24


def shown_map(scene: Scene) -> HeadMap:
    """Return the map as the view draws it: a role and a pattern are of words."""
    shown = map_of(scene)
    if scene.view == HEADS:
        return shown
    if scene.view == MASKED:
        return replace(shown, by_piece=False)
    mean = shown.mean and scene.view != FIND
    return replace(shown, by_piece=False, hide_special=False, mean=mean)


def work_of(scene: Scene) -> Work:
    """Return the arithmetic, the programs and the source behind what a view shows."""
    if scene.view in (CLASSIFY, MASKED):
        embedding, found = _compared(scene)
        labels = encoder.embed_sentences(scene.state.labels)
        return Work(
            heading=f"The arithmetic behind the cosine with “{found.name}”",
            lines=lambda: _cosine_lines(embedding, labels, found),
            numpy=lambda: text_snippets.cosine_program(embedding, labels, found, "np"),
            torch=lambda: text_snippets.cosine_program(embedding, labels, found, "torch"),
            functions=lambda: functions_that_ran(scene.view),
        )
    shown = shown_map(scene)
    query, key = chosen_cell(scene, shown)
    case = text_row(shown, query, key)
    return Work(
        heading=f"The arithmetic behind “{shown.labels[query]}” reading “{shown.labels[key]}”",
        lines=lambda: _weight_lines(shown, query, key, case),
        numpy=lambda: text_snippets.row_program(case, "np"),
        torch=lambda: text_snippets.row_program(case, "torch"),
        functions=lambda: functions_that_ran(scene.view),
    )


def functions_that_ran(view: str) -> tuple[Callable[..., Any], ...]:
    """Return the functions behind a view, its own first."""
    # Loads torch, which the page has loaded by then.
    from core import torch_attention
    from core.encoder import embed, forward

    torch_function = torch_attention.scaled_dot_product_attention
    functions: dict[str, tuple[Callable[..., Any], ...]] = {
        HEADS: (by_word, forward, torch_function, scaled_dot_product_attention, softmax),
        ROLE: (measure_roles, role_cells, by_word, forward, torch_function),
        FIND: (rank_by_pattern, by_word, forward, torch_function),
        CLASSIFY: (cosines, leave_one_out_change, without_word, rank_correlation, embed),
        MASKED: (mask_words, cosines, forward, torch_function),
    }
    return functions[view]


def _compared(scene: Scene) -> tuple[Float32Array, Verdict]:
    """Return the embedding that is compared with the labels, and what comes of it."""
    embedding = scene.reading.attention.embedding
    if scene.view == MASKED and scene.masked:
        embedding = encoder.embedding_with(scene.state.text, masking(scene))
    return embedding, verdict(embedding, scene.state.labels)


def _weight_lines(shown: HeadMap, query: int, key: int, case: TextRow) -> list[str]:
    """Write a weight out; of words in several pieces first that of one pair of pieces."""
    lines = weight_lines(case)
    n_readers, n_read = len(shown.pieces_at(query)), len(shown.pieces_at(key))
    weight = float(shown.weights[query, key])
    if n_readers > 1 or n_read > 1:
        lines.insert(0, "Of the first piece that asks, and the piece of the word read most:")
        lines.append(
            f"of the whole words: the {n_read} pieces read are added up, and the mean is taken "
            f"over the {n_readers} that ask"
        )
    if shown.hide_special:
        lines.append("without [CLS] and [SEP] the rest of the row is rescaled to sum to 1")
    if n_readers > 1 or n_read > 1 or shown.hide_special:
        lines.append(f"weight on the map = {number(weight, 6)}")
    return lines


def _cosine_lines(embedding: Float32Array, labels: Float32Array, found: Verdict) -> list[str]:
    label = labels[found.winner]
    products = embedding.astype(np.float64) * label
    terms = [
        f"{bracketed(float(a), 3)} · {bracketed(float(b), 3)}"
        for a, b in zip(embedding, label, strict=True)
    ]
    second = float(np.sort(found.cosines)[-2])
    return [
        f"text and label are vectors of {embedding.size} numbers, both of length 1",
        f"cosine = {sum_of(terms)} = {number(float(products.sum()), 4)}",
        f"margin = {number(float(products.sum()), 4)} − {number(second, 4)} = "
        f"{number(found.margin, 4)}",
    ]


# ---- what can be taken along


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page."""
    scene = see(STORE.current)
    shown = shown_map(scene)
    query, _ = chosen_cell(scene, shown)
    found, tokens = verdict_of(scene), scene.tokens
    axis = Axis("key", shown.labels)
    words = Axis("word", tokens.labels(hide_special=True))
    layer = by_word(
        scene.reading.attention.weights[scene.layer], shown.units, hide_special=shown.hide_special
    )
    heads = Axis("head", tuple(f"head {head + 1}" for head in range(len(layer))))
    labels = Axis("label", found.names)
    reader = Axis("query", (shown.labels[query],))
    arrays: dict[str, Tabular] = {
        f"weights_layer_{scene.layer + 1}": Table(
            layer, (heads, Axis("query", shown.labels), axis)
        ),
        "weights_row": Table(shown.weights[[query]], (reader, axis)),
        "cosines": Table(found.cosines[np.newaxis], (Axis("text", ("the text",)), labels)),
        "weight_received": Table(received(scene)[:, np.newaxis], (words, Axis("", ("mean",)))),
        "embedding": scene.reading.attention.embedding[np.newaxis],
    }
    if len(tokens.words) <= _MOST_LEFT_OUT:
        matters = importance(scene, encoder.without_each_word(scene.state.text))
        winner = Axis("label", (found.name,))
        arrays["leave_one_out"] = Table(matters[:, np.newaxis], (words, winner))
    return arrays


def take_notebook() -> str:
    """Return a notebook that computes a row of the map, and the cosines with all labels."""
    scene = see(STORE.current)
    shown = shown_map(scene)
    query, _ = chosen_cell(scene, shown)
    labels = encoder.embed_sentences(scene.state.labels)
    cells = text_snippets.notebook_cells(
        shown, query, scene.reading.attention.embedding, labels, verdict_of(scene)
    )
    return notebook(cells)


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    words = " ".join(scene.state.text.split())
    start = words if len(words) <= 80 else f"{words[:79]}…"
    return About(
        page="Text classification",
        state=f"{start} · {scene.view} · {shown_map(scene).name}",
    )


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
