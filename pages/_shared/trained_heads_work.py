"""The work behind the trained heads on the page of several heads, and what can be taken along."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from core.head_roles import ROLES, measure_roles, rank_by_pattern
from pages._shared.encoder_heads import HeadMap
from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.trained_heads import TrainedScene
from pages._shared.trained_rows import encoder_cells, encoder_functions, encoder_row, encoder_work
from pages._shared.work import Work

ABOUT: Final = "# Why several small attentions instead of one?\n\nA trained text encoder:"


def work_of(scene: TrainedScene) -> Work:
    """Return the arithmetic, the programs and the source behind the chosen weight."""
    return encoder_work(scene.shown, *scene.cell, _functions)


def _functions() -> tuple[Callable[..., Any], ...]:
    return (*encoder_functions(), measure_roles, rank_by_pattern)


def arrays_of(scene: TrainedScene) -> dict[str, Tabular]:
    """Return the arrays behind the trained heads."""
    shown, masses = scene.shown, scene.masses
    words = shown.labels
    n_layers, n_heads = masses.mass.shape[1:]
    heads = Axis("head", tuple(f"head {head + 1}" for head in range(n_heads)))
    layers = Axis("layer", tuple(f"layer {layer + 1}" for layer in range(n_layers)))
    arrays: dict[str, Tabular] = {
        f"weights_layer_{shown.layer + 1}": Table(
            scene.weights[shown.layer], (heads, Axis("query", words), Axis("key", words))
        ),
        "weights_shown": Table(shown.weights, (Axis("query", words), Axis("key", words))),
        "row": encoder_row(shown, *scene.cell),
        "roles": Table(masses.mass, (Axis("role", ROLES), layers, heads)),
    }
    if scene.pattern.any():
        arrays["fit_to_pattern"] = Table(scene.ranking.mass, (layers, heads))
    if scene.after is not None:
        moved = scene.moved().astype(np.float32)[:, np.newaxis]
        names = scene.tokens.labels(hide_special=True)
        arrays["moved_by_dropping"] = Table(moved, (Axis("word", names), Axis("", ("share",))))
    return arrays


def notebook_of(scene: TrainedScene) -> list[Any]:
    """Return the cells of a notebook that computes the chosen row from all keys."""
    return encoder_cells(scene.shown, *scene.cell, about=f"{ABOUT} {place_of(scene.shown)}.")


def place_of(shown: HeadMap) -> str:
    """Name the map as files do: without words of a reader's."""
    return f"{shown.name[0].lower()}{shown.name[1:]}"
