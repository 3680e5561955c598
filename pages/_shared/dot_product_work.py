"""The work behind the scaled dot-product page, and what can be taken along from it."""

from __future__ import annotations

from functools import partial
from typing import Final

import numpy as np

from core.notebook import notebook
from core.presets import SEEDED
from pages._shared import arithmetic, snippets
from pages._shared.chain import input_row, mask_row, result_row, stage_row
from pages._shared.dot_product_state import STORE, Scene, see
from pages._shared.files import About
from pages._shared.matrix import Matrix
from pages._shared.source import functions_that_ran
from pages._shared.take import Takeaway
from pages._shared.torch_check import compare_with_torch
from pages._shared.trap import trap_matrices
from pages._shared.traps.scaled_dot_product import TRAPS
from pages._shared.words import spread, what_it_reads
from pages._shared.work import Work


def rows_of(scene: Scene) -> list[list[Matrix | str]]:
    """Return the chain from Q, K and V to the output, in rows, as the page's board shows it."""
    state, settings, computed = scene.state.board, scene.state.settings, scene.computed
    tokens = state.toy.tokens
    rows = [
        input_row(state.toy, state.base),
        stage_row(
            computed.attention,
            computed.scaled,
            tokens,
            root_of=computed.query.shape[1] if settings.divided else 0,
        ),
        result_row(
            computed.attention, tokens, settings.temperature, masked=computed.mask is not None
        ),
    ]
    if settings.mask == "Painted":
        rows[1] += mask_row(state.painted, tokens)
    rows[1].append("→")
    return rows


def work_of(scene: Scene) -> Work:
    """Return the sums, the programs and the source behind the chosen weight and its output."""
    state, settings, computed = scene.state.board, scene.state.settings, scene.computed
    i, j, attention, tokens = state.query, state.key, computed.attention, state.toy.tokens
    blocked = [bool(np.isneginf(row).all()) for row in attention.logits]
    readings = [
        what_it_reads(token, tokens, row, blocked=empty)
        for token, row, empty in zip(tokens, attention.weights, blocked, strict=True)
    ]
    score, scaled = attention.scores[i, j], computed.scaled[i, j]

    def lines() -> list[str]:
        return [
            arithmetic.score_line(computed.query[i], computed.key[j], score),
            arithmetic.scaled_line(score, computed.query.shape[1], settings.divided, scaled),
            arithmetic.weight_line(
                attention.logits[i], j, settings.temperature, attention.weights[i, j]
            ),
            arithmetic.output_line(attention.weights[i], computed.value, attention.output[i]),
        ]

    case = partial(snippets.case_of, computed, settings, tokens, i, j)
    return Work(
        heading=f"The arithmetic behind “{tokens[i]}” reading “{tokens[j]}”",
        lines=lines,
        numpy=lambda: snippets.numpy_snippet(case()),
        torch=lambda: snippets.torch_snippet(case()),
        functions=lambda: functions_that_ran(settings),
        said=(readings[i],),
        unseen=[reading for k, reading in enumerate(readings) if k != i],
        notes=(
            spread(attention.weights[i], attention.logits[i]),
            compare_with_torch(settings, computed) if settings.check else "",
        ),
    )


def take_arrays() -> dict[str, Matrix]:
    """Return every matrix on the page by name, in the precision that it was computed in."""
    scene = see(STORE.current)
    parts = (part for row in rows_of(scene) for part in row)
    arrays = {part.id: part for part in parts if isinstance(part, Matrix)}
    return arrays | trap_matrices(TRAPS, scene.state.trap, scene)


def take_notebook() -> str:
    """Return a notebook that computes what is on the page, one step at a time."""
    scene = see(STORE.current)
    board = scene.state.board
    case = snippets.case_of(
        scene.computed, scene.state.settings, board.toy.tokens, board.query, board.key
    )
    about = f"# How do Q, K and V become an output?\n\nStarted from “{_origin(scene)}”."
    return notebook(snippets.notebook_cells(case, about))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    settings = scene.state.settings
    parts = [_origin(scene), f"mask {settings.mask.lower()}"]
    parts += [] if settings.temperature == 1.0 else [f"temperature {settings.temperature:g}"]
    parts += [] if settings.divided else ["not divided by √d_head"]
    return About(page="Scaled dot-product", state=" · ".join(parts))


def _origin(scene: Scene) -> str:
    board = scene.state.board
    seed = f", seed {board.seed}" if board.preset in SEEDED else ""
    return board.preset + seed + ("" if board.untouched else ", edited")


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
