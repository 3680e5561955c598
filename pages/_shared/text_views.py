"""The view of the text encoder's page that shows all heads, one of them large, and tests it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from hashlib import blake2s
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

from core.text_attention import TextInterventions
from core.zero_shot import TASKS
from pages._shared import encoder, text_controls
from pages._shared.encoder_heads import HeadMap, draw_grid, draw_map
from pages._shared.encoder_roles import (
    Head,
    roles_sentence,
)
from pages._shared.matrix import Choice
from pages._shared.text_measures import chosen_cell, interventions, map_of, verdict
from pages._shared.text_scene import NAME, Scene
from pages._shared.text_state import STORE
from pages._shared.text_words import change_sentence, embedding_sentence

# Asked for only when it is sent on: a control drawn meanwhile may have changed the state.
News = Callable[[], Mapping[str, object]]

# The grid of all heads is wider than the map of one; many words take half of the room.
_HALVES = {False: [16, 9], True: [1, 1]}
_MANY_WORDS = 30
GRID = f"{NAME}.grid"
_MAP = f"{NAME}.map"


def view_name(*parts: object) -> str:
    """Return a name for what is shown: another one for another text or choice."""
    shown = repr((STORE.current.text, *parts)).encode("utf-8", "surrogatepass")
    return blake2s(shown, digest_size=8).hexdigest()


def version(*parts: object) -> str:
    """Return a name as `view_name` does; also another one whenever the page is put in place."""
    return f"{STORE.version()}.{view_name(*parts)}"


def halves(scene: Scene) -> list[DeltaGenerator]:
    """Return the columns that all heads and the large one stand in."""
    many = len(scene.tokens.words) > _MANY_WORDS
    return st.columns(_HALVES[many], gap="medium")


def choose_head(head: Head) -> None:
    """Enlarge a head."""
    layer, place = head
    text_controls.keep(layer=layer + 1, head=place + 1, mean=False)
    st.session_state[f"{NAME}.shown"] = [
        name for name in st.session_state.get(f"{NAME}.shown") or () if not name.startswith("Mean")
    ]


def choose_cell(shown: HeadMap, choice: Choice) -> None:
    """Choose a weight of the map."""
    text_controls.keep(query=shown.pieces_at(choice.row)[0], key=shown.pieces_at(choice.column)[0])


def draw_heads(scene: Scene, news: News, *, controls: bool) -> str:
    """Draw all heads and the chosen one large, with what a test of it changes."""
    grid, large = halves(scene)
    masses = encoder.roles(scene.state.text)
    with large:
        draw_large(scene)
    with grid:
        place = st.container()
        if controls:
            text_controls.choose_test()
            scene = replace(scene, state=STORE.current)
        done, name = interventions(scene)
        with place:
            draw_grid(
                encoder.word_weights(scene.state.text, hide_special=scene.state.hide_special),
                key=GRID,
                view=view_name("heads"),
                chosen=(scene.layer, scene.head),
                on_choose=choose_head,
                masses=masses,
                dropped=done.dropped_heads,
                news=news(),
            )
        if name:
            _draw_effect(scene, done, name)
    hidden = (
        "[CLS] and [SEP] are hidden and every row is rescaled to sum to 1, in the small maps too. "
    )
    return (
        f"{hidden if scene.state.hide_special else ''}"
        f"{roles_sentence((scene.layer, scene.head), masses)} A weight says how much of a word "
        "flows into a head's output; whether the text's embedding needs it, only a test tells."
    )


def draw_large(scene: Scene, marks: NDArray[np.bool_] | None = None, marks_name: str = "") -> None:
    """Draw the chosen head large; with marks it is by word, as they are."""
    shown = map_of(scene)
    if marks is not None:  # a role is of words, with [CLS] and [SEP]
        shown = replace(shown, by_piece=False, hide_special=False)
    lines = scene.state.lines and marks is None
    if lines:  # which have no heading of their own
        st.html(f"<p><b>{shown.name}</b> {shown.note}</p>")
    draw_map(
        shown,
        key=_MAP,
        version=version(shown.name, shown.by_piece, shown.hide_special),
        chosen=chosen_cell(scene, shown),
        on_choose=lambda choice: choose_cell(shown, choice),
        lines=lines,
        marks=marks,
        marks_name=marks_name,
    )


def _draw_effect(scene: Scene, done: TextInterventions, name: str) -> None:
    """Say in numbers what the chosen test changes."""
    before = scene.reading.attention.embedding
    after = encoder.embedding_with(scene.state.text, done)
    said = [embedding_sentence(name, before, after)]
    for task, labels in zip(TASKS, (scene.state.topic, scene.state.sentiment), strict=True):
        one, other = verdict(before, labels), verdict(after, labels)
        said.append(change_sentence(one, other, task.name))
    body = "".join(f"<p>{escape(sentence)}</p>" for sentence in said)
    st.html(f"<div class='sum effect' role='status'>{body}</div>")
