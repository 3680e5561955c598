"""The work of an open block: one of its numbers worked out, and the source that ran."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from html import escape
from typing import Any

import numpy as np

from core.anatomy import CROSS, FEED_FORWARD, SELF, Anatomy, Block
from core.named_tensor import NamedTensor
from pages._shared.arithmetic import output_line, scaled_line, score_line, weight_line
from pages._shared.block_choice import BlockChoice
from pages._shared.block_words import arithmetic_of, place_name
from pages._shared.words import bracketed, isolated, number
from pages._shared.work import Work

Function = Callable[..., Any]
# An attention over more keys would fill the page with terms.
_MOST_KEYS = 64


def work_of(
    anatomy: Anatomy,
    block: Block,
    tensors: Sequence[NamedTensor],
    choice: BlockChoice,
    functions: Callable[[], Sequence[Function]] | None = None,
) -> Work:
    """Return the work of a block.

    Parameters
    ----------
    anatomy : Anatomy
    block : Block
    tensors : sequence of NamedTensor
        What it computed.
    choice : BlockChoice
        The head and the cell that are looked at.
    functions : callable, optional
        Returns the functions that ran; those that all models share if left out.
    """
    by_name = {one.name: one for one in tensors}
    heading, lines = place_name(block), partial(_sum_lines, by_name)
    if {"query", "key", "value", "scores", "weights", "heads"} <= by_name.keys():
        weights = by_name["weights"]
        head = min(choice.head, weights.shape[0] - 1)
        cell = cell_of(weights, choice)
        heading = _cell_name(weights, head, *cell)
        lines = partial(_read_lines, by_name, head, *cell)
    return Work(
        heading=heading,
        lines=lines,
        numpy=None,
        torch=None,
        functions=functions or (lambda: functions_of(block)),
        said=(),
        notes=arithmetic_of(block, tensors),
    )


def functions_of(block: Block) -> tuple[Function, ...]:
    """Return the functions of `core` behind a block, its own first."""
    # Loads torch, which a page that opens blocks has loaded by then.
    from core.opened_block import open_part
    from core.opened_ends import embedding_tensors, end_tensors
    from core.stack_run import Ending
    from core.torch_attention import scaled_dot_product_attention
    from core.transformer import beside, keys_and_values, queries, walk

    kind = block.place.kind
    if kind in (SELF, CROSS):
        return (walk, queries, keys_and_values, scaled_dot_product_attention, beside, open_part)
    if kind == FEED_FORWARD:
        return (walk, open_part)
    return (embedding_tensors, end_tensors, Ending.logits)


def cell_of(weights: NamedTensor, choice: BlockChoice) -> tuple[int, int]:
    """Return the chosen query and key; without any the last query, and what it reads most."""
    values = weights.values[min(choice.head, weights.shape[0] - 1)]
    n_query, n_key = values.shape
    if 0 <= choice.query < n_query and 0 <= choice.key < n_key:
        return choice.query, choice.key
    return n_query - 1, int(np.argmax(values[-1]))


def _cell_name(weights: NamedTensor, head: int, row: int, column: int) -> str:
    _, queries, keys = weights.labels
    query, key = (
        f"“{isolated(names[index])}”" if names else f"token {index + 1}"
        for names, index in ((queries, row), (keys, column))
    )
    return f"Head {head + 1}: how much {query} reads {key}"


def _read_lines(by_name: dict[str, NamedTensor], head: int, row: int, column: int) -> list[str]:
    """Work out a score, its weight, and what the head reads."""
    query, key = by_name["query"].values[head, row], by_name["key"].values[head, column]
    logits, weights = by_name["scores"].values[head, row], by_name["weights"].values[head, row]
    scaled = float(logits[column])
    d_head = len(query)
    if not np.isfinite(scaled):
        return ["weight = 0: this key is blocked", *_sum_lines(by_name, row)]
    lines = [
        score_line(query, key, scaled * d_head**0.5),
        scaled_line(scaled * d_head**0.5, d_head, True, scaled),
    ]
    if len(logits) <= _MOST_KEYS:
        lines += [
            weight_line(logits, column, 1.0, float(weights[column])),
            output_line(weights, by_name["value"].values[head], by_name["heads"].values[head, row]),
        ]
    else:
        lines.append(f"weight = softmax over {len(logits):,} keys = {number(weights[column], 4)}")
    return [*lines, *_sum_lines(by_name, row)]


def _sum_lines(by_name: dict[str, NamedTensor], row: int = -1) -> list[str]:
    """Add what is written to the stream, for the first number of a token."""
    after = by_name.get("sum", by_name.get("stream after"))
    if after is None or not {"stream before", "written"} <= by_name.keys():
        return []
    before, written = (float(by_name[n].values[row, 0]) for n in ("stream before", "written"))
    name = escape(after.name)
    total = number(float(after.values[row, 0]), 3)
    terms = f"{number(before, 3)} + {bracketed(written, 3)}"
    return [f"{name} = stream before + written = {terms} = {total}"]
