"""The view of the small language model's page of its cache: what grows, what it saves, how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Final

import numpy as np
import streamlit as st

from pages._shared import gpt_runs
from pages._shared.action_bar import Action, Group, action_bar
from pages._shared.drawing import draw
from pages._shared.gpt_cache_counts import Counts, counts_at
from pages._shared.gpt_cache_pictures import cache_picture, times_picture
from pages._shared.gpt_cache_runs import MEASURING, MeasureSettings
from pages._shared.gpt_choice import NAME
from pages._shared.gpt_controls import keep, version
from pages._shared.gpt_heads import draw_grid
from pages._shared.gpt_line import draw_line
from pages._shared.gpt_row import shown_head
from pages._shared.gpt_runs import D_HEAD, N_HEADS
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_words import capital, count, head_name, name_of
from pages._shared.matrix import nice_limit
from pages._shared.value_map import ValueMap, value_map
from pages._shared.words import number

_ROUNDING: Final = 1e-4

News = Callable[[], Mapping[str, object]]


def draw_cache(scene: Scene, news: News, *, controls: bool) -> str:
    """Draw the step that the chosen word enters: what is new, what is reread, and what it costs."""
    draw_line(scene)
    if controls:
        _draw_steps(scene)
    counts = counts_at(scene.place + 1)
    marks, size = cache_picture(scene.place, len(scene.shown.inputs))
    picture, table = st.columns([2, 3], gap="medium")
    with picture:
        text = _picture_text(scene)
        draw(marks, size, name="The cache", text=text, key=f"{NAME}.cache")
        st.html(f"<p>{escape(text)}</p>")
    with table:
        st.html(_table(scene, counts))
    left, right = st.columns([2, 5], gap="medium")
    with left:
        # The mean of a layer's heads has no keys: its first head stands for it, in both pictures.
        draw_grid(replace(scene, state=replace(scene.state, head=shown_head(scene))))
    with right:
        _draw_numbers(scene, news=news)
    _draw_measuring()
    return (
        "A later word changes nothing of what an earlier one's key and value are: the causal mask "
        "sees to that. So they are computed once and kept. "
        f"{_same_sentence(scene)}"
    )


def _draw_steps(scene: Scene) -> None:
    last = len(scene.shown.inputs) - 1
    steps = {"first": 0, "back": scene.place - 1, "on": scene.place + 1, "last": last}
    texts = {"first": "First step", "back": "← Back", "on": "Step on →", "last": "Last step"}

    def act(name: str) -> None:
        keep(place=steps[name], read=-1)

    actions = tuple(
        Action(name, texts[name], off=not 0 <= place <= last or place == scene.place)
        for name, place in steps.items()
    )
    action_bar(
        [Group(f"Step {scene.place + 1} of {last + 1}:", actions)],
        key=f"{NAME}.steps",
        version=version("steps", scene.place),
        on_act=act,
    )


def _picture_text(scene: Scene) -> str:
    word, n_before = name_of(scene.shown.inputs[scene.place]), scene.place
    return (
        f"In the step that {word} enters, one key and one value are computed in each head of each "
        f"layer; those of {count(n_before, 'word')} before it are reread."
        if n_before
        else f"In the first step {word} enters, and there is nothing yet to reread."
    )


def _draw_numbers(scene: Scene, *, news: News) -> None:
    """Draw keys and values of the chosen head, so far."""
    layer, head = scene.state.layer, shown_head(scene)
    found = gpt_runs.vectors(scene.shown.words, layer, scene.state.interventions)
    end = scene.place + 1
    maps = []
    for title, values in (("Keys", found.key[head, :end]), ("Values", found.value[head, :end])):
        maps.append(
            ValueMap(
                title=title,
                note=head_name(layer, head),
                values=values,
                rows="position",
                columns="number",
                limit=nice_limit(found.key[head], found.value[head]),
                text=f"{end} × {D_HEAD} numbers; the last row is new in this step.",
                first_column=1,
                side=15.0,
            )
        )
    value_map(maps, key=f"{NAME}.kept", view=version("kept", layer, head, scene.place), news=news())


def _table(scene: Scene, counts: Counts) -> str:
    n_tokens = scene.place + 1
    rows = (
        ("", "with the cache", "everything again"),
        ("Rows of queries, keys and values computed anew in a layer", "1", f"{n_tokens:,}"),
        (
            "Weights computed in a head",
            f"{n_tokens:,}",
            f"{n_tokens:,} × {n_tokens:,} = {n_tokens**2:,}",
        ),
        (
            "Multiplications and additions",
            f"{counts.step:,}",
            f"{counts.whole:,}"
            + (f" ({number(counts.whole / counts.step, 1)} times as many)" if scene.place else ""),
        ),
        (
            "Numbers kept from step to step",
            f"{counts.kept:,} ({counts.kept * 4 / 1024:,.0f} KiB)",
            "0",
        ),
    )
    head, *body = rows
    cells = "".join(f"<th scope='col'>{escape(cell)}</th>" for cell in head)
    lines = "".join(
        f"<tr><th scope='row'>{escape(name)}</th>"
        + "".join(f"<td>{escape(cell)}</td>" for cell in values)
        + "</tr>"
        for name, *values in body
    )
    note = (
        f"A word adds {counts.per_word:,} numbers: a key and a value of {D_HEAD} numbers in each "
        f"of {N_HEADS} heads of {gpt_runs.N_LAYERS} layers. Softmax and normalisation are not "
        "counted."
    )
    return (
        f"<div class='wide'><table class='roles'><thead><tr>{cells}</tr></thead>"
        f"<tbody>{lines}</tbody></table></div><p class='text'>{escape(note)}</p>"
    )


def _same_sentence(scene: Scene) -> str:
    """Say how far the step with the cache is from the pass over the whole text."""
    stepped = gpt_runs.stepped(scene.shown.words[: scene.place], scene.state.interventions)
    gap = float(np.abs(stepped - scene.shown.log_probabilities[scene.place]).max())
    return (
        "With it the same comes out: the log-probabilities after this word differ by less than "
        f"{number(_ROUNDING, 4)}, and that is rounding."
        if gap < _ROUNDING
        else f"The largest difference that it makes is {gap:.2f}."
    )


@st.fragment
def _draw_measuring() -> None:
    """Draw the measurement on this machine, a round at a time."""
    kept = MEASURING.draw(MeasureSettings())
    st.caption(
        "Times one word more on the machine that runs the lab, one thread: a "
        "step with the cache, and the whole text again."
    )
    if kept is None or not kept.run.complete:
        return
    done = kept.run.complete
    marks, size = times_picture(done)
    last = done[-1]
    n_times = len(last.with_cache)
    with_cache, without = (1000 * seconds for seconds in last.medians)
    text = (
        f"Medians of {n_times} measurements: with the cache one word more takes "
        f"{number(with_cache, 1)} ms after {last.length - 1} others, without it "
        f"{number(without, 1)} ms."
    )
    draw(marks, size, name="Time for one word more", text=text, key=f"{NAME}.times")
    st.caption(capital(text))
