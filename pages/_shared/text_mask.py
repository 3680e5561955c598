"""The view of the text encoder's page in which words are masked, and what that moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.text_attention import TextAttention
from pages._shared import encoder, text_controls
from pages._shared.attention_map import attention_map
from pages._shared.drawing import draw
from pages._shared.encoder_heads import HeadMap
from pages._shared.palette import CONTRAST
from pages._shared.text_charts import cosine_picture
from pages._shared.text_classify import say, series_of
from pages._shared.text_measures import map_of, masking, verdict, verdict_of
from pages._shared.text_scene import NAME, Scene
from pages._shared.text_views import News, version
from pages._shared.text_words import change_sentence, embedding_sentence, named
from pages._shared.word_bars import word_bars
from pages._shared.words import number

Float32Array = NDArray[np.float32]


def draw_masked(scene: Scene, news: News) -> str:
    """Draw the words to mask, and what masking them moves."""
    words, masked = scene.tokens.labels(hide_special=True), scene.masked
    after = encoder.read_with(scene.state.text, masking(scene)).attention if masked else None
    names = named([words[word] for word in sorted(masked)])
    series = []
    if after is not None:
        series = [series_of("moved (1 − cosine)", moved(scene, after.hidden[-1]), CONTRAST)]
    word_bars(
        words,
        series,
        key=f"{NAME}.chips",
        version=version("mask"),
        title="How far each word has moved in the last layer" if masked else "",
        text="",
        spoken="The words of the text; a pressed one is masked.",
        hint="Press a word to replace it by [MASK], press it again to bring it back.",
        pressed=masked,
        pressed_name="masked",
        on_press=lambda chosen: text_controls.keep(masked=chosen),
        news=news(),
    )
    if after is not None:
        left, right = st.columns([9, 11], gap="medium")
        with left:
            _draw_change(scene, after.embedding, f"With {names} masked")
        with right:
            _draw_difference(scene, after)
    return (
        "[MASK] keeps the word's place and takes away what it says, so the maps before and after "
        "can be compared cell by cell. The embedding is the mean over all tokens, the masked ones "
        "too."
    )


def moved(scene: Scene, hidden: Float32Array) -> Float32Array:
    """Return how far each word has moved, (word,): 1 less the cosine of its last hidden states.

    A word of several pieces has moved as far as they have on average.
    """
    before = scene.reading.attention.hidden[-1]
    lengths = np.linalg.norm(before, axis=1) * np.linalg.norm(hidden, axis=1)
    by_piece = 1.0 - (before * hidden).sum(axis=1) / lengths  # (piece,)
    words = range(len(scene.tokens.words))
    return np.array(
        [by_piece[list(scene.tokens.pieces_of(word))].mean() for word in words], np.float32
    ).clip(0.0)


def _draw_change(scene: Scene, embedding: Float32Array, name: str) -> None:
    before = verdict_of(scene)
    after = verdict(embedding, scene.state.labels)
    said = [
        embedding_sentence(f"{name},", scene.reading.attention.embedding, embedding),
        change_sentence(before, after, scene.state.task),
    ]
    marks, size = cosine_picture(after, before)
    draw(marks, size, name="Cosines before and after", text=" ".join(said), key=f"{NAME}.cosines")
    say(said)


def _draw_difference(scene: Scene, after: TextAttention) -> None:
    """Draw how the chosen head's weights have changed, by word."""
    shown = replace(map_of(scene), by_piece=False)
    then = HeadMap(after, shown.layer, shown.head, mean=shown.mean, hide_special=shown.hide_special)
    change = then.weights - shown.weights
    limit = max(float(np.abs(change).max(initial=0.0)), 0.01)
    query, key = divmod(int(np.abs(change).argmax()), change.shape[1])
    masked = {word + (0 if shown.hide_special else 1) for word in scene.masked}

    def name(place: int) -> str:
        label = f"“{shown.labels[place]}”"
        return f"[MASK] in place of {label}" if place in masked else label

    labels = [
        f"{label}, masked" if place in masked else label for place, label in enumerate(shown.labels)
    ]
    attention_map(
        change,
        labels,
        labels,
        key=f"{NAME}.difference",
        version=version("difference", shown.name, shown.hide_special, sorted(masked)),
        title=shown.name,
        note="weights after less before"
        + (", without [CLS] and [SEP], rescaled" if shown.hide_special else ""),
        text=f"What changes most is the weight of {name(query)} for "
        f"{'itself' if query == key else name(key)}: from "
        f"{number(shown.weights[query, key])} to {number(then.weights[query, key])}.",
        limit=limit,
        scale="diverging",
    )
