"""The view of the small language model's page of who reads whom: all heads, one of them large."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared import gpt_controls
from pages._shared.attention_lines import attention_lines
from pages._shared.attention_map import attention_map
from pages._shared.gpt_choice import NAME
from pages._shared.gpt_controls import keep, version
from pages._shared.gpt_line import draw_line
from pages._shared.gpt_next_view import draw_distribution
from pages._shared.gpt_runs import N_HEADS, N_LAYERS
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_state import STORE
from pages._shared.gpt_tests import draw_tests
from pages._shared.gpt_words import capital, head_name
from pages._shared.head_grid import Head, head_grid
from pages._shared.matrix import Choice
from pages._shared.words import what_it_reads

Float32Array = NDArray[np.float32]
News = Callable[[], Mapping[str, object]]

BLOCKED: Final = "may not be read"


def draw_heads(scene: Scene, news: News, *, controls: bool) -> str:
    """Draw the text, all heads, the chosen one large, and what can be changed."""
    draw_line(scene)
    left, right = st.columns([2, 3], gap="medium")
    with left:
        draw_grid(scene)
        if controls:
            gpt_controls.choose_mean(_take_mean)
            draw_tests(scene)
    with right:
        draw_map(scene, news=news())
    lines, following = st.columns([3, 2], gap="medium")
    with lines:
        attention_lines(
            scene.weights,
            scene.shown.inputs,
            scene.shown.inputs,
            key=f"{NAME}.lines",
            version=version("lines", scene.state.layer, scene.state.head),
            chosen=(scene.place, scene.read),
            on_choose=take_cell,
        )
    with following:
        draw_distribution(scene, drawn=False)
    n_tokens = len(scene.shown.inputs)
    return (
        "Rows read, columns are read. What is hatched lies behind the causal mask: a word that "
        f"comes later is not there yet, so of {n_tokens} × {n_tokens} weights "
        f"{n_tokens * (n_tokens + 1) // 2} are left. A weight says what is read; whether the next "
        "word depends on it, only a change tells."
    )


def draw_grid(scene: Scene, *, title: str = "") -> None:
    """Draw every head as a small map."""
    state = scene.state
    is_mean = state.head == N_HEADS
    head_grid(
        scene.shown.weights,
        key=f"{NAME}.grid",
        view=version("grid").partition(".")[2],  # wherever it was put in place from
        title=title,
        text=f"Each row is a layer of {N_HEADS} heads. Choose a head to see it large.",
        chosen=None if is_mean else (state.layer, state.head),
        on_choose=take_head,
        dropped=scene.shown.interventions.dropped_heads,
        marks=[(state.layer, head) for head in range(N_HEADS)] if is_mean else (),
        marks_name="in the mean",
    )


def draw_map(scene: Scene, *, news: Mapping[str, object] | None = None) -> None:
    """Draw the chosen head large, what the causal mask and hidden words block hatched."""
    state, inputs = scene.state, scene.shown.inputs
    row = scene.weights[scene.place, : scene.place + 1]
    attention_map(
        with_blocked(scene.weights, scene.shown.interventions.hidden_words),
        inputs,
        inputs,
        key=f"{NAME}.map",
        version=version("map", state.layer, state.head, state.interventions),
        title=capital(head_name(state.layer, state.head)),
        note=f"of {N_LAYERS} layers",
        text=what_it_reads(inputs[scene.place], inputs[: scene.place + 1], row),
        chosen=(scene.place, scene.read),
        on_choose=take_cell,
        missing_name=BLOCKED,
        news=news,
    )


def with_blocked(weights: Float32Array, hidden: frozenset[int] = frozenset()) -> Float32Array:
    """Return weights, (query, key), that are no numbers where nothing may be read.

    A weight that was forced is read even of a hidden word, and stays.
    """
    shown = weights.copy()
    shown[np.triu_indices(len(shown), 1)] = np.nan
    for key in hidden:
        column = shown[:, key]
        column[column == 0] = np.nan
    return shown


def take_cell(choice: Choice) -> None:
    """Choose a weight; what lies behind the mask stands for its row."""
    place = choice.row
    keep(place=place, read=choice.column if choice.column <= place else -1)


def take_head(head: Head) -> None:
    """Enlarge a head."""
    STORE.keep(replace(STORE.current, layer=head[0], head=head[1]), joins=False)
    st.session_state[f"{NAME}.mean"] = False


def _take_mean(on: bool) -> None:
    keep(head=N_HEADS if on else 0)
