"""The view of the small language model's page that puts an encoder beside it, on the same text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import streamlit as st

from pages._shared import encoder, gpt_controls
from pages._shared.attention_map import attention_map
from pages._shared.gpt_both import (
    Side,
    Swap,
    changed_place,
    encoder_head,
    swap_of,
    swap_problem,
)
from pages._shared.gpt_choice import NAME
from pages._shared.gpt_controls import keep, version
from pages._shared.gpt_heads import draw_grid, draw_map
from pages._shared.gpt_runs import N_HEADS, known_words
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_state import STORE
from pages._shared.gpt_words import count, name_of
from pages._shared.head_grid import Head, head_grid
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.word_bars import WordSeries, word_bars
from pages._shared.words import number, what_it_reads

News = Callable[[], Mapping[str, object]]

_ENC_MEAN: Final = f"{NAME}.enc_mean"


def draw_both(scene: Scene, news: News, *, controls: bool) -> str:
    """Draw the text in both models: who reads whom, and what a changed word changes."""
    scene = replace(scene, shown=scene.before)
    if not scene.before.words:
        _say("There is no word here. Type a beginning.")
        draw_map(scene, news=news())
        return ""
    side = Side(scene.before.words)
    _draw_change(scene, news, controls=controls)
    left, right = st.columns(2, gap="medium")
    with left:
        _draw_encoder(scene, side)
    with right:
        _draw_decoder(scene)
    return (
        "The encoder's map is full: every word reads those after it too, for it is there to "
        "understand a text that is finished. The decoder's is a triangle: it predicts each next "
        "word, and a row that could read it would have nothing to learn. Both models as trained."
    )


def _draw_encoder(scene: Scene, side: Side) -> None:
    state, n_heads = scene.state, encoder.N_HEADS
    is_mean = state.enc_head == n_heads
    head_grid(
        side.weights,
        key=f"{NAME}.enc_grid",
        view=version("enc_grid").partition(".")[2],
        title="Encoder: MiniLM",
        text=f"{encoder.N_LAYERS} layers of {n_heads} heads, from the top down.",
        chosen=None if is_mean else (state.enc_layer, state.enc_head),
        on_choose=_take_encoder_head,
        marks=[(state.enc_layer, head) for head in range(n_heads)] if is_mean else (),
        marks_name="in the mean",
    )
    st.toggle(f"Mean of {n_heads} heads", key=_ENC_MEAN, persist_state="session", on_change=_mean)
    weights = encoder_head(state, side.weights)
    later = float(np.triu(weights[1:-1, 1:-1], 1).sum() / max(len(weights) - 2, 1))
    row = min(scene.place, len(weights) - 1)
    attention_map(
        weights,
        side.labels,
        side.labels,
        key=f"{NAME}.enc_map",
        version=version("enc_map", state.enc_layer, state.enc_head),
        title=f"Mean of {n_heads} heads of layer {state.enc_layer + 1}"
        if is_mean
        else f"Head {state.enc_head + 1} of layer {state.enc_layer + 1}",
        note="by word",
        text=f"{what_it_reads(side.labels[row], side.labels, weights[row])} On average a word "
        f"gives {number(later)} of its weight to words after it.",
    )


def _draw_decoder(scene: Scene) -> None:
    draw_grid(scene, title="Decoder: the small GPT")
    gpt_controls.choose_mean(_take_mean)
    draw_map(scene)


def _draw_change(scene: Scene, news: News, *, controls: bool) -> None:
    """Draw the choice of a word and of another in its place, and how far all vectors move."""
    words, place = scene.before.words, changed_place(scene)
    if controls:
        gpt_controls.choose_swap(f"In place of {name_of(words[place])} stands")
        scene = replace(scene, state=STORE.current)
    problem, swap = swap_problem(scene), swap_of(scene)

    def press(pressed: frozenset[int]) -> None:
        new = pressed ^ {place}
        keep(changed=1 + (min(new) if new else place))

    word_bars(
        words,
        [] if swap is None else series_of(swap),
        key=f"{NAME}.moved",
        version=version("moved", scene.state.changed, scene.state.swap),
        title="How far the last vector of each word moves",
        text="" if swap is None else change_sentence(swap),
        spoken="The words of the text, and how far the vector of each moves in both models.",
        hint="Press a word to change that one." if controls else "",
        pressed={place} if controls else None,
        pressed_name="changed",
        on_press=press if controls else None,
        news=news(),
    )
    if problem:
        _say(problem)


def series_of(swap: Swap) -> list[WordSeries]:
    """Return both models' bars."""
    note = "change of the vector / its length"
    return [
        WordSeries("encoder", note, swap.encoder, CONTRAST),
        WordSeries("decoder", note, swap.decoder, ACCENT),
    ]


def change_sentence(swap: Swap) -> str:
    """Say which vectors move before the changed word, and by how much at most."""
    old, new = swap.before.words[swap.place], swap.after.words[swap.place]
    begin = f"With {name_of(new)} in place of {name_of(old)}"
    if new not in known_words():
        begin = f"{begin}, which the decoder reads as its unknown word,"
    if not swap.place:
        return f"{begin} there is no earlier word; every later one may read it in both models."
    parts = []
    for name, moved in (("encoder", swap.encoder), ("decoder", swap.decoder)):
        n_moved, most = swap.n_earlier(moved), float(moved[: swap.place].max())
        parts.append(
            f"{n_moved} of the {name}'s vectors of {count(swap.place, 'earlier word')} move, by "
            f"{number(most, 3)} of their length at most"
            if n_moved
            else f"none of the {name}'s: there the difference is exactly 0"
        )
    return f"{begin} {parts[0]}, and {parts[1]}."


def _take_encoder_head(head: Head) -> None:
    STORE.keep(replace(STORE.current, enc_layer=head[0], enc_head=head[1]), joins=False)
    st.session_state[_ENC_MEAN] = False


def _mean() -> None:
    keep(enc_head=encoder.N_HEADS if st.session_state[_ENC_MEAN] else 0)


def _take_mean(on: bool) -> None:
    keep(head=N_HEADS if on else 0)


def _say(sentence: str) -> None:
    st.html(f"<p class='text notice' role='status'>{escape(sentence)}</p>")
