"""Trained models on the page of self- and cross-attention: who asks there, and who is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Any, Final

import streamlit as st

from pages._shared import translation, translation_maps
from pages._shared.encoder_heads import draw_map
from pages._shared.encoder_roles import Head
from pages._shared.head_grid import head_grid
from pages._shared.matrix import Choice
from pages._shared.self_cross import NAME
from pages._shared.self_cross_drawing import WHO_ASKS
from pages._shared.self_cross_state import STORE
from pages._shared.text_words import embedding_sentence
from pages._shared.trained_choice import LONGEST
from pages._shared.trained_heads_view import dropped_name
from pages._shared.trained_sequences import (
    CAUSAL,
    CROSS,
    KINDS,
    SELF,
    EncoderScene,
    TrainedSequences,
    TranslatorScene,
    see,
)
from pages._shared.trained_sequences_work import work_of
from pages._shared.words import what_it_reads
from pages._shared.work import draw_work

AnyScene = EncoderScene | TranslatorScene

SAYS: Final[Mapping[str, str]] = {
    SELF: (
        "The text encoder: one sentence asks and is asked. Q, K and V come from the same vectors, "
        "a row for each piece of a word, with [CLS] before and [SEP] after them."
    ),
    CAUSAL: (
        "The translator's decoder: the French that is written so far asks and is asked. A row is "
        "called by the word that it helps to write, and reads what was written before that word."
    ),
    CROSS: (
        "The translator: the French being written asks, the English sentence is asked, as the "
        "encoder has left it. Rows are French words, columns English ones, and there need not be "
        "as many."
    ),
}
_MEAN: Final = f"{NAME}.trained.mean"


def choose_trained(state: TrainedSequences, loads: int) -> TrainedSequences:
    """Draw the choice of an attention and the sentence; return the state that they lead to."""
    kind = st.segmented_control(
        "Attention",
        tuple(KINDS),
        required=True,
        key=f"{NAME}.trained.kind",
        persist_state="session",
        wrap=True,
        help="The text encoder has 6 layers of 12 heads, the English-French translator 2 of 4.",
    )
    typed = st.text_input(
        "An English sentence",
        key=f"{NAME}.trained.text.{loads}",
        width=480,
        max_chars=LONGEST,
        persist_state="session",
        help="The encoder reads anything; the translator knows about a thousand words.",
    )
    return state.of_kind(kind or CROSS).said(typed or "")


def keep(change: Callable[[TrainedSequences], TrainedSequences]) -> None:
    """Keep what the reader's own action led to."""
    now = STORE.current
    STORE.keep(replace(now, trained=change(now.trained)))


def draw(news: Mapping[str, object], *, controls: bool) -> None:
    """Draw who asks, all heads, one map, its lines and its work; or why there is nothing."""
    try:
        scene = see(STORE.current.trained)
    except ValueError as error:
        st.html(f"<p class='notice' role='status'>{escape(str(error))}</p>")
        return
    for notice in _notices(scene):
        st.html(f"<p class='notice' role='status'>{escape(notice)}</p>")
    WHO_ASKS.draw(key=f"{NAME}.trained.who", data=describe(scene) | {"version": STORE.version()})
    left, right = st.columns([2, 3], gap="medium")
    with left:
        if controls:
            mean = st.toggle(
                f"Mean of {scene.weights.shape[1]} heads", key=_MEAN, persist_state="session"
            )
            keep(lambda state: replace(state, mean=mean))
            scene = see(STORE.current.trained)
        _draw_grid(scene, news)
        said = "".join(f"<p class='said'>{escape(one)}</p>" for one in what_it_did(scene))
        st.html(f"<div class='sum' role='status'>{said}</div>")
    with right:
        _draw_map(scene, lines=False)
    _draw_map(scene, lines=True)
    draw_work(f"{NAME}.trained", work_of(scene), opened=False)


def _notices(scene: AnyScene) -> list[str]:
    """Name what the model does not know, before anything is drawn."""
    if isinstance(scene, EncoderScene):
        tokens = scene.attention.tokens
        unknown = [tokens.words[word].text for word in tokens.unknown_words]
        who = "The encoder's vocabulary cannot spell"
    else:
        unknown = [scene.words[place] for place in scene.translation.unknown]
        who = "The translator does not know"
    if not unknown:
        return []
    listed = ", ".join(f"“{word}”" for word in dict.fromkeys(unknown))
    return [f"{who} {listed}: such words are all read as one and the same."]


def describe(scene: AnyScene) -> dict[str, Any]:
    """Return the drawing of who gives Q, K and V, with the shapes of the head that is shown."""
    if isinstance(scene, EncoderScene):
        n_query = n_key = scene.attention.n_tokens
        d_model, d_head = scene.attention.hidden.shape[-1], scene.attention.query.shape[-1]
        asks = asked = "Pieces"
    else:
        n_query, n_key = scene.weights.shape[2:]
        d_head = translation.D_HEAD
        d_model = d_head * scene.weights.shape[1]
        asks, asked = "French", "English" if scene.part == "cross" else "French"
    keys = "source" if asks != asked else "target"

    def shape(n: int, side: str, width: int, other: str = "") -> list[tuple[int, str]]:
        return [(n, side), (width, other)]

    stage: dict[str, Any] = {
        "target": {"name": asks, "shape": shape(n_query, "target", d_model)},
        "projected": [
            {"name": "Q", "matrix": "W_Q", "shape": shape(n_query, "target", d_head)},
            {"name": "K", "matrix": "W_K", "shape": shape(n_key, keys, d_head)},
            {"name": "V", "matrix": "W_V", "shape": shape(n_key, keys, d_head)},
        ],
        "weights": {
            "name": "Weights",
            "shape": shape(n_query, "target", n_key, keys),
            "note": "causal" if scene.state.kind == CAUSAL else "",
        },
        "output": {"name": "Output", "shape": shape(n_query, "target", d_head)},
        "alt": f"{asks} gives Q, {n_query} × {d_head}; {asked} gives K and V, {n_key} × {d_head} "
        f"each. Q and K make the weights, {n_query} × {n_key}; weights and V the output, "
        f"{n_query} × {d_head}. All in each head.",
    }
    if asks != asked:
        stage["source"] = {"name": asked, "shape": shape(n_key, "source", d_model)}
    return {"lanes": [], "stages": [stage], "says": SAYS[scene.state.kind]}


def _draw_grid(scene: AnyScene, news: Mapping[str, object]) -> None:
    state, (n_layers, n_heads) = scene.state, scene.weights.shape[:2]

    def choose(head: Head) -> None:
        keep(lambda now: replace(now, layer=head[0], head=head[1], mean=False))
        st.session_state[_MEAN] = False

    layer, head = state.chosen_head
    head_grid(
        scene.weights,
        key=f"{NAME}.trained.grid",
        view=_version(state.kind, state.text),
        title="",
        text=f"{n_layers} layers of {n_heads} heads, a row a layer. Choose a head to see it large, "
        "and drop it to see what hangs on it.",
        chosen=None if state.mean else (layer, head),
        on_choose=choose,
        on_drop=lambda head, on: keep(lambda now: now.with_drop(head, on)),
        dropped=state.left_out,
        marks=[(layer, place) for place in range(n_heads)] if state.mean else [],
        marks_name="in the mean",
        news=news,
    )


def _draw_map(scene: AnyScene, *, lines: bool) -> None:
    """Draw the map that is shown, or its lines."""

    def choose(choice: Choice) -> None:
        keep(lambda now: replace(now, query=choice.row, key=choice.column))

    state = scene.state
    key, version = f"{NAME}.trained.map", _version(state.kind, state.text, state.mean)
    if isinstance(scene, EncoderScene):
        draw_map(
            scene.shown, key=key, version=version, chosen=scene.cell, on_choose=choose, lines=lines
        )
        return
    draw_it = translation_maps.draw_lines if lines else translation_maps.draw_map
    draw_it(
        scene.translation,
        scene.reading,
        key=f"{key}.lines" if lines else key,
        version=version,
        on_choose=choose,
    )


def what_it_did(scene: AnyScene) -> list[str]:
    """Say what the chosen row reads, and what dropping heads has changed."""
    dropped = scene.state.left_out
    if isinstance(scene, EncoderScene):
        row = scene.cell[0]
        labels = scene.shown.labels
        said = [what_it_reads(labels[row], labels, scene.shown.weights[row])]
        if scene.after is not None:
            before = scene.attention.embedding
            said.append(embedding_sentence(f"Without {dropped_name(dropped)}", before, scene.after))
        return said
    from core.bilingual import join_english, join_french

    written = join_french(scene.translation.french)
    said = [f"“{join_english(scene.translation.english)}” → “{written}”"]
    if scene.after is None:
        return said
    now = join_french(scene.after.french)
    same = "the same" if now == written else f"“{now}”"
    return [*said, f"Without {dropped_name(dropped)} of this attention it writes {same}."]


def _version(*parts: object) -> str:
    return f"{STORE.version()}.{hash(parts)}"
