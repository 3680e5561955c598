"""The view of the text encoder's page that classifies: labels, and the words that matter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.ranks import rank_correlation
from pages._shared import encoder, text_controls
from pages._shared.drawing import draw
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.text_charts import cosine_picture
from pages._shared.text_examples import example_of
from pages._shared.text_measures import (
    importance,
    received,
    special_share,
    verdict_of,
)
from pages._shared.text_scene import NAME, Scene
from pages._shared.text_state import STORE
from pages._shared.text_views import News, version
from pages._shared.text_words import (
    agreement_sentence,
    miss_sentence,
    top_words,
    verdict_sentence,
)
from pages._shared.word_bars import WordSeries, word_bars
from pages._shared.words import number

Float32Array = NDArray[np.float32]

# Up to so many words are left out without being asked: a few hundredths of a second each.
MOST_AT_ONCE = 24
# Of a longer text so many at a time: some tenths of a second.
_ROUND = 12
_WITHOUT = f"{NAME}.without"


def draw_classify(scene: Scene, news: News, *, controls: bool) -> str:
    """Draw the cosines with the labels, and the words that matter beside those that are read."""
    left, right = st.columns([9, 11], gap="medium")
    # The bars of many words take the whole width, and the cosines what is left beside the labels.
    many = len(scene.tokens.words) > MOST_AT_ONCE
    with left:
        if controls:
            text_controls.choose_labels()
            scene = replace(scene, state=STORE.current)
    with right if many else left:
        _draw_cosines(scene)
    with st.container() if many else right:
        _draw_words(scene, news)
    share = number(special_share(scene))
    return (
        "A word matters by how far the cosine with the winner falls when the word is left out; "
        "below the line it rises. Attention is the mean over 72 heads and all tokens that read; "
        f"[CLS] and [SEP], which are not shown, receive {share} of it. Cosines are no "
        "probabilities."
    )


def _draw_cosines(scene: Scene) -> None:
    """Draw how near the text is to each label, and say which wins, and whether rightly."""
    found = verdict_of(scene)
    example = example_of(scene.state.text)
    truth = "" if example is None else example.true_label(scene.state.task)
    said = [verdict_sentence(found, scene.state.task), miss_sentence(found, truth)]
    marks, size = cosine_picture(found)
    draw(marks, size, name="Cosines", text=" ".join(said), key=f"{NAME}.cosines")
    say(said)


def _draw_words(scene: Scene, news: News) -> None:
    """Draw what each word matters, as far as that is known, beside the weight that it receives."""
    words, read = scene.tokens.labels(hide_special=True), received(scene)
    without = _left_out(scene)
    series = [series_of("weight received", read, ACCENT)]
    title, spoken, text, more = "What is read", "", "", None
    if without is not None and len(without) < len(words):
        more = len(without)
        title = f"What is read; {more} of {len(words)} words left out so far"
    elif without is not None:
        matters = importance(scene, without)
        series.insert(0, series_of("matters (leave one out)", matters, CONTRAST))
        correlation = rank_correlation(matters.astype(np.float64), read.astype(np.float64))
        most, most_read = words[int(matters.argmax())], words[int(read.argmax())]
        title = "What matters, and what is read"
        text = (
            f"Matters most: “{most}”. Read most: “{most_read}”. "
            f"{agreement_sentence(correlation, len(words))}"
        )
        spoken = f"What matters most: {', '.join(top_words(words, matters))}. "
    word_bars(
        words,
        series,
        key=f"{NAME}.words",
        version=version("words", scene.state.labels),
        title=title,
        text=text,
        spoken=f"{spoken}What receives most weight: {', '.join(top_words(words, read))}.",
        hint="Point at a word for its numbers.",
        more=more,
        news=news(),
    )


def _left_out(scene: Scene) -> Float32Array | None:
    """Return the embeddings without each word; of a long text once asked for, some more each time.

    What is computed of a long text is kept in the session as it grows. The browser asks for one
    round after the other, so it never stands in a reader's way.
    """
    text, n_words = scene.state.text, len(scene.tokens.words)
    if n_words <= MOST_AT_ONCE:
        return encoder.without_each_word(text)
    kept: tuple[str, Float32Array] | None = st.session_state.get(_WITHOUT)
    if kept is None or kept[0] != text:
        asked = st.button(
            f"Leave out each of the {n_words} words in turn",
            icon=":material/science:",
            key=f"{_WITHOUT}.go",
            help=f"That is {n_words} more texts to read: some seconds.",
        )
        if not asked:
            return None
        kept = text, encoder.without_words(text, 0, 0)
    done = kept[1]
    if len(done) < n_words:
        part = encoder.without_words(text, len(done), _ROUND)
        done = np.concatenate([done, part])
        st.session_state[_WITHOUT] = text, done
    return done


def series_of(name: str, values: Float32Array, colour: str) -> WordSeries:
    """Return a number for each word as bars; the legend says the largest."""
    note = f"up to {number(float(values.max(initial=0.0)), 3)}"
    return WordSeries(name, note, values, colour)


def say(sentences: Sequence[str]) -> None:
    """Draw sentences below a picture, those that are not empty."""
    body = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)
    st.html(f"<div class='sum effect' role='status'>{body}</div>")
