"""The 72 heads of the trained encoder, drawn on the page of several heads."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.attention_map import attention_map
from pages._shared.encoder_roles import (
    COLUMN,
    OWN,
    PATTERNS,
    Head,
    clear_heads,
    grid_text,
    head_name,
    ranking_of,
    role_captions,
    roles_sentence,
)
from pages._shared.head_grid import head_grid
from pages._shared.matrix import Choice
from pages._shared.multi_head_cut import NAME
from pages._shared.multi_head_state import STORE
from pages._shared.text_scene import Scene as TextScene
from pages._shared.text_scene import TextState
from pages._shared.text_words import embedding_sentence, notices, top_words
from pages._shared.trained_choice import LONGEST
from pages._shared.trained_heads import (
    BY_EFFECT,
    BY_LAYER,
    ORDERS,
    TrainedHeads,
    TrainedScene,
    effects,
    see,
)
from pages._shared.trained_heads_work import work_of
from pages._shared.words import number, what_it_reads
from pages._shared.work import draw_work

_MEAN: Final = f"{NAME}.trained.mean"
_ORDER: Final = f"{NAME}.trained.order"


def choose_sentence(state: TrainedHeads, loads: int) -> TrainedHeads:
    """Draw the field of the sentence and return the state that it leads to."""
    typed = st.text_input(
        "Your sentence",
        key=f"{NAME}.trained.text.{loads}",
        width=520,
        max_chars=LONGEST,
        persist_state="session",
        help="English is what this model was trained on. Roles show best where words repeat.",
    )
    return state.said(typed or "")


def keep(change: Callable[[TrainedHeads], TrainedHeads]) -> None:
    """Keep what the reader's own action led to."""
    now = STORE.current
    STORE.keep(replace(now, trained=change(now.trained)))


def draw(news: Mapping[str, object], *, controls: bool) -> None:
    """Draw all heads, one of them large, what dropping comes to, and the work behind it."""
    scene = see(STORE.current.trained)
    for notice in notices(TextScene(TextState(text=scene.state.text), scene.reading)):
        st.html(f"<p class='notice' role='status'>{escape(notice)}</p>")
    if not scene.tokens.words:
        return
    grid, large = st.columns([11, 9], gap="medium")
    with grid:
        if controls:
            _choose_order()
            scene = see(STORE.current.trained)
        _draw_grid(scene, news)
    with large:
        if controls:
            _choose_mean()
            scene = see(STORE.current.trained)
        _draw_map(scene)
    said = "".join(f"<p class='said'>{escape(sentence)}</p>" for sentence in what_it_did(scene))
    st.html(f"<div class='sum' role='status'>{said}</div>")
    draw_work(f"{NAME}.trained", work_of(scene), opened=False)


def _choose_order() -> None:
    order = st.segmented_control(
        "Heads in the order of",
        ORDERS,
        required=True,
        key=_ORDER,
        persist_state="session",
        wrap=True,
        help="Layer by layer; by what leaving each out changes; or by how well each fits a "
        "pattern: one of ours, or one that you paint on the map.",
    )
    keep(lambda state: replace(state, order=order or BY_LAYER))


def _choose_mean() -> None:
    mean = st.toggle("Mean of 12 heads", key=_MEAN, persist_state="session")
    keep(lambda state: replace(state, mean=mean))


def _draw_grid(scene: TrainedScene, news: Mapping[str, object]) -> None:
    state = scene.state

    def choose(head: Head) -> None:
        layer, place = head
        keep(lambda now: replace(now, layer=layer, head=place, mean=False))
        st.session_state[_MEAN] = False

    def drop(head: Head, on: bool) -> None:
        keep(lambda now: now.with_drop(head, on))

    ranking, text = None, grid_text(scene.masses)
    if state.order == BY_EFFECT:
        change = effects(state.text)
        ranking, text = ranking_of(change), effect_text(scene, change)
    elif state.order in PATTERNS:
        ranking, text = ranking_of(scene.ranking.mass), pattern_text(scene)
    head_grid(
        scene.weights,
        key=f"{NAME}.trained.grid",
        view=_version(state.text, state.order),
        title="",
        chosen=scene.chosen_head,
        on_choose=choose,
        on_drop=drop,
        captions=role_captions(scene.masses),
        ranking=ranking,
        text=text,
        dropped=state.dropped,
        marks=clear_heads(scene.masses),
        marks_name="has a role",
        news=news,
    )


def _draw_map(scene: TrainedScene) -> None:
    shown, state = scene.shown, scene.state

    def choose(choice: Choice) -> None:
        query, key = shown.pieces_at(choice.row)[0], shown.pieces_at(choice.column)[0]
        keep(lambda now: replace(now, query=query, key=key))

    def paint(cells: NDArray[np.bool_]) -> None:
        places = frozenset((int(row), int(column)) for row, column in np.argwhere(cells))
        keep(lambda now: replace(now, painted=places, order=OWN))
        st.session_state[_ORDER] = OWN

    pattern = state.order if state.order in PATTERNS else ""
    column = scene.cell[1] if pattern == COLUMN else 0
    attention_map(
        shown.weights,
        shown.labels,
        shown.labels,
        key=f"{NAME}.trained.map",
        version=_version(state.text, shown.name, pattern, column),
        title=shown.name,
        text=what_it_reads(shown.labels[scene.cell[0]], shown.labels, shown.weights[scene.cell[0]]),
        chosen=scene.cell,
        on_choose=choose,
        paint=paint if scene.can_paint else None,
        painted=scene.pattern if scene.can_paint else None,
    )


def pattern_text(scene: TrainedScene) -> str:
    """Say which head fits the pattern most."""
    if not scene.pattern.any():
        return "Nothing is painted yet, so all heads fit alike: paint on the map beside."
    ranking = scene.ranking
    best = ranking.order[0]
    return (
        f"Most like it: {head_name(best)}, with {number(ranking.mass[best])} of its weight in the "
        f"painted cells. Uniform attention would have {number(ranking.chance)} there."
    )


def effect_text(scene: TrainedScene, change: NDArray[np.float32]) -> str:
    """Say what dropping each head changes, and whether those with a role are in front."""
    ranked = [(layer, head) for layer, head, _ in ranking_of(change)]
    clear = clear_heads(scene.masses)
    with_role = sum(head in clear for head in ranked[:12])
    best = ranked[0]
    return (
        "The score is how far the sentence's embedding, a vector of length 1, moves without the "
        f"head. Most: {head_name(best)}, {number(float(change[best]))}. Of the "
        f"first 12, {with_role} have a clear role, of all 72 {len(clear)}."
    )


def what_it_did(scene: TrainedScene) -> list[str]:
    """Say what the chosen head does, and what dropping heads has changed."""
    said = [roles_sentence(scene.chosen_head, scene.masses)]
    if scene.state.mean:
        said = ["A mean shows what no single head does; choose a head to see one."]
    if scene.after is None:
        return [*said, "A role says where a head reads, not what for: drop it to see."]
    before, after = scene.reading.attention.embedding, scene.after.attention.embedding
    words = [word.text for word in scene.tokens.words]
    moved = scene.moved().astype(np.float32)
    return [
        *said,
        embedding_sentence(f"Without {dropped_name(scene.state.dropped)}", before, after),
        "Each word's last vector moves by this share of its length: on average "
        f"{number(float(moved.mean()), 3)}; most {', '.join(top_words(words, moved, 3))}.",
    ]


def dropped_name(dropped: frozenset[Head]) -> str:
    """Name the heads that are dropped, or say how many there are."""
    if len(dropped) == 1:
        return head_name(next(iter(dropped)))
    return f"{len(dropped)} heads of {len({layer for layer, _ in dropped})} layers"


def _version(*parts: object) -> str:
    return f"{STORE.version()}.{hash(parts)}"
