"""Induction heads: a training replayed, the heads that copy, and what is lost without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import streamlit as st

from pages._shared.attention_map import ATTENTION_MAP, attention_map
from pages._shared.drawing import DRAWINGS, draw
from pages._shared.head_grid import HEAD_GRID, Head, head_grid
from pages._shared.induction_choice import InductionChoice
from pages._shared.induction_controls import (
    Change,
    OnChoose,
    changes_of,
    choose_sequence,
    choose_step,
)
from pages._shared.induction_curves import loss_marks, score_marks
from pages._shared.induction_scene import InductionScene, see_induction
from pages._shared.induction_training_view import draw_live_training
from pages._shared.induction_words import (
    circuit_text,
    curve_text,
    foretold_table,
    head_name,
    map_text,
    sequence_text,
    whole_text,
)
from pages._shared.matrix import Choice
from pages._shared.training import TRAINING, load_torch
from pages._shared.words import number

# What a page with this view has to load.
COMPONENTS: Final = (DRAWINGS, HEAD_GRID, ATTENTION_MAP, TRAINING)
BLOCKED: Final = "may not be read"
TARGET: Final = "token after the earlier occurrence"
ABOUT: Final = (
    "Another model: two layers of nothing but attention. It gets to see random letters, and then "
    "the same letters once more. The second time they can be foretold, by whoever finds where a "
    "letter stood before and reads what came after it. How does it learn to?"
)

News = Mapping[str, object] | None


def draw_induction(
    choice: InductionChoice,
    *,
    key: str,
    on_choose: OnChoose,
    news: News = None,
    with_controls: bool = True,
) -> None:
    """Draw the training, the heads at one of its steps, and what they foretell.

    Parameters
    ----------
    choice : InductionChoice
    key : str
        Prefix of the keys.
    on_choose : callable
        Called before the rerun with another choice.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    with_controls : bool
        Without them one can still point and choose a head.
    """
    load_torch()
    scene, change = see_induction(choice), changes_of(choice, key=key, on_choose=on_choose)
    st.caption(ABOUT)
    if with_controls:
        choose_step(scene, key=key, change=change)
    _draw_curves(scene, key=key)
    st.html(f"<p class='sum' role='status'>{escape(whole_text(scene))}</p>")
    if with_controls:
        choose_sequence(choice, key=key, change=change)
    grids, large = st.columns([2, 3], gap="medium")
    with grids:
        _draw_heads(scene, key=key, change=change, with_controls=with_controls)
        st.caption(circuit_text(scene))
    with large:
        _draw_map(scene, key=key, change=change, news=news)
    st.html(
        f"<div class='sum'><p class='said'>{escape(sequence_text(scene))}</p>"
        f"{foretold_table(scene)}</div>"
    )
    draw_live_training(choice, key=key, change=change, with_controls=with_controls)


def _draw_curves(scene: InductionScene, *, key: str) -> None:
    replay = scene.training.replay
    steps, curve = replay.curve_steps, replay.curve
    text = curve_text(layer_2=scene.weights.heads[1])
    for column, name, (marks, size) in zip(
        st.columns(2, gap="medium"),
        ("Loss", "Heads"),
        (
            loss_marks(steps, curve, scene.step),
            score_marks(steps, curve, scene.step, scene.head),
        ),
        strict=True,
    ):
        with column:
            draw(marks, size, name=f"{name} in training", text=text, key=f"{key}.{name.lower()}")
    st.caption(text)


def _draw_heads(scene: InductionScene, *, key: str, change: Change, with_controls: bool) -> None:
    """Draw the heads layer by layer, which may have different numbers of them."""
    now = scene.measured(scene.dropped)
    for layer, weights in enumerate(scene.shown.weights):
        scores, word = (now.prefix, "prefix") if layer else (now.previous, "before")
        captions = {
            (0, head): f"{word} {number(score).removeprefix('0')}"
            for head, score in enumerate(scores[layer])
        }
        _draw_layer(scene, layer, weights[np.newaxis], captions, key, change, with_controls)


def _draw_layer(
    scene: InductionScene,
    layer: int,
    weights: np.ndarray[tuple[int, ...], np.dtype[np.float32]],
    captions: Mapping[Head, str],
    key: str,
    change: Change,
    with_controls: bool,
) -> None:
    at, chosen = scene.head

    def take_drop(head: Head, on: bool) -> None:
        change(lambda now: now.with_dropped((layer, head[1]), on=on))

    head_grid(
        weights,
        key=f"{key}.grid_{layer}",
        view=f"{scene.training.name}.{weights.shape[1]}",
        title="",
        text="Numbers: the mean weight on the token after the earlier occurrence."
        if layer
        else "Numbers: the mean weight on the token before.",
        chosen=(0, chosen) if layer == at else None,
        on_choose=lambda head: change(lambda now: now.with_head((layer, head[1]))),
        captions=captions,
        dropped=[(0, head) for of, head in scene.dropped if of == layer],
        on_drop=take_drop if with_controls else None,
        first_layer=layer,
    )


def _draw_map(scene: InductionScene, *, key: str, change: Change, news: News) -> None:
    def take(cell: Choice) -> None:
        column = cell.column if cell.column <= cell.row else -1
        change(lambda now: replace(now, query=cell.row, key=column))

    shown = scene.map.copy()
    shown[np.triu_indices(len(shown), 1)] = np.nan
    name = head_name(scene.head)
    attention_map(
        shown,
        scene.tokens,
        scene.tokens,
        key=f"{key}.map",
        version=f"{scene.training.name}.{scene.step}.{scene.letters}.{scene.head}",
        title=name[0].upper() + name[1:],
        note="dropped: it reads, but nothing comes of it" if scene.head in scene.dropped else "",
        text=map_text(scene),
        chosen=scene.cell,
        on_choose=take,
        marks=scene.targets,
        marks_name=TARGET,
        missing_name=BLOCKED,
        news=news,
    )
