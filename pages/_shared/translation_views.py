"""The views of the translation page: a translation with its maps, and beam search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from core.bilingual import join_french
from pages._shared import translation
from pages._shared.beam_tree import beam_tree, written
from pages._shared.head_grid import Head
from pages._shared.matrix import Choice
from pages._shared.translation_choice import NAME, STEPS, TranslationState
from pages._shared.translation_controls import hash_of
from pages._shared.translation_lines import lines_of
from pages._shared.translation_maps import (
    Scope,
    draw_heads,
    draw_lines,
    draw_map,
    name_of,
)
from pages._shared.translation_scene import Scene
from pages._shared.translation_state import STORE
from pages._shared.translation_tests import draw_tests
from pages._shared.translation_text import error_sentence, said_of
from pages._shared.translation_words import Axis, translation_words

News = Mapping[str, object]

_SCOPES: Final[dict[Scope, str]] = {
    "head": "One head",
    "layer": f"Mean of {translation.N_HEADS}",
    "all": f"Mean of all {translation.N_LAYERS * translation.N_HEADS}",
}


def version_of(scene: Scene) -> str:
    """Return the name of what is shown: choices in anything else are dropped."""
    shown, state = scene.translation, scene.state
    return STORE.version(hash_of(shown.source, shown.words, state.part, state.view, scene.n_rows))


def draw_words(scene: Scene) -> None:
    """Draw the sentence, its translation, and what else might have been written."""
    shown, place = scene.translation, scene.word
    steps = scene.state.view == STEPS

    def choose(axis: Axis, at: int) -> None:
        now = STORE.current
        STORE.keep(replace(now, word=at) if axis == "query" else replace(now, english=at))

    word = name_of(shown.words[place])
    translation_words(
        lines_of(scene),
        key=f"{NAME}.words",
        version=version_of(scene),
        on_choose=choose,
        title="What could come next" if steps else f"In the place of {word}",
        alternatives=shown.alternatives[place],
        taken=shown.words[place],
        said=said_of(scene),
        step=(place, len(shown.words)) if steps else None,
    )


def draw_maps(scene: Scene, news: News, *, with_controls: bool) -> None:
    """Draw all heads, the chosen one large, its lines, and what can be changed."""
    version, reading = version_of(scene), scene.reading
    left, right = st.columns([2, 3], gap="medium")
    with left:
        if with_controls:
            _choose_scope()
        draw_heads(
            scene.translation,
            reading,
            key=f"{NAME}.heads",
            view=version.partition(".")[2],  # wherever it was put in place from
            on_head=_take_head,
            dropped=[
                (layer, head) for part, layer, head in scene.state.dropped if part == reading.part
            ],
            n_rows=scene.n_rows,
        )
        if with_controls:
            draw_tests(scene, version=version)

    def take_cell(choice: Choice) -> None:
        STORE.keep(_with_cell(STORE.current, choice))

    error = scene.alignment_error(reading)
    with right:
        draw_map(
            scene.translation,
            reading,
            key=f"{NAME}.map",
            version=version,
            on_choose=take_cell,
            marks=scene.marks if reading.part == "cross" else None,
            n_rows=scene.n_rows,
            news=news,
        )
        sentence = error_sentence(error, scene, reading)
        if sentence:
            st.caption(sentence)
    draw_lines(
        scene.translation,
        reading,
        key=f"{NAME}.lines",
        version=version,
        on_choose=take_cell,
        n_rows=scene.n_rows,
    )


def _choose_scope() -> None:
    st.segmented_control(
        "Shown large",
        tuple(_SCOPES),
        format_func=_SCOPES.__getitem__,
        required=True,
        key=f"{NAME}.scope",
        persist_state="session",
        wrap=True,
        on_change=_take_scope,
    )


def _take_scope() -> None:
    """Keep the choice before anything is drawn: what is drawn first has the news of it."""
    scope = st.session_state[f"{NAME}.scope"]
    STORE.keep(replace(STORE.current, scope=scope or "all"), joins=False)


def _take_head(head: Head) -> None:
    STORE.keep(replace(STORE.current, scope="head", layer=head[0], head=head[1]), joins=False)
    # Its control stands in this fragment; to put the whole page in place would be slow.
    st.session_state[f"{NAME}.scope"] = "head"


def _with_cell(state: TranslationState, choice: Choice) -> TranslationState:
    if state.part == "encoder":
        return replace(state, reader=choice.row, english=choice.column)
    if state.part == "decoder":
        return replace(state, word=choice.row, earlier=choice.column)
    return replace(state, word=choice.row, english=choice.column)


def draw_beam(scene: Scene, news: News, *, with_controls: bool) -> None:
    """Draw the tree of a beam search, and say whether it found another sentence than one alone."""
    state = scene.state
    beam = translation.beam_search(scene.sentence.words, state.width, state.interventions)
    translation_words(
        [replace(line, axis="") for line in lines_of(scene)],
        key=f"{NAME}.words",
        version=version_of(scene),
        on_choose=lambda axis, at: None,
        said=[("plain", _beam_sentence(scene, written(beam, beam.best)))],
        news=news,
    )
    if with_controls and state.is_changed:
        draw_tests(scene, version=version_of(scene), offered="nothing")
    beam_tree(beam, key=f"{NAME}.tree")


def _beam_sentence(scene: Scene, best: str) -> str:
    greedy = join_french(scene.translation.french)
    width = scene.state.width
    if width == 1:
        return "A beam of width 1 is greedy: at each step the most probable word, and nothing else."
    same = "the same sentence as" if best == greedy else f"“{best}”, not the sentence of"
    return f"With width {width} the beam chooses {same} the greedy translation above."
