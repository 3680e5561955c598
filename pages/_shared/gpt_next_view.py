"""The view of the small language model's page in which it writes: what may come next."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

import streamlit as st

from core.translation import END
from pages._shared import gpt_controls, gpt_runs
from pages._shared.action_bar import Action, Group, action_bar
from pages._shared.gpt_choice import NAME, GptState
from pages._shared.gpt_controls import version
from pages._shared.gpt_distribution import Distribution, distribution, is_narrowed
from pages._shared.gpt_line import draw_line
from pages._shared.gpt_next import NextSeries, NextWord, next_words
from pages._shared.gpt_runs import MOST_WORDS
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_state import STORE
from pages._shared.gpt_tests import done_actions, taken_back
from pages._shared.gpt_words import (
    capital,
    chance,
    change_sentence,
    count,
    name_of,
    perplexity_sentence,
)
from pages._shared.palette import ACCENT, CONTRAST

News = Callable[[], Mapping[str, object]]

_QUIET: Final = "#8a8f98"
_WRITE: Final = {"write:1": 1, "write:10": 10, "write:all": MOST_WORDS}
_BACK: Final = "back"
_BACK_ALL: Final = "back:all"


def draw_next(scene: Scene, news: News, *, controls: bool) -> str:
    """Draw the text, the buttons that write, and what may come next; return how to read it."""
    draw_line(scene, said=[("plain", perplexity_sentence(scene))])
    _draw_actions(scene, writes=controls)
    if controls:
        left, right = st.columns([2, 5], gap="medium")
        with left:
            gpt_controls.choose_press()
            gpt_controls.choose_sampling()
        scene = replace(scene, state=STORE.current)
    else:
        right = st.container()
    with right:
        draw_distribution(scene, news=news, writes=controls)
    return (
        "The model gives every word that it knows a probability; temperature, top-k and top-p say "
        "from which of them one is drawn. A word is drawn, it enters as the next input, and all "
        "begins anew."
    )


def draw_distribution(
    scene: Scene, *, news: News | None = None, writes: bool = False, drawn: bool = True
) -> None:
    """Draw the probabilities of the most probable words after the chosen one.

    Parameters
    ----------
    scene : Scene
    news : callable, optional
        ``LAB.news``, where nothing else in the fragment brings the news.
    writes : bool
        Whether a press on a word writes it.
    drawn : bool
        Whether temperature, top-k and top-p are part of it.
    """
    found = distribution(scene)
    series = series_of(scene, drawn=drawn)
    next_words(
        [_row(found, word, series, drawn=drawn) for word in found.shown],
        [NextSeries(name, colour) for name, colour, _ in series],
        key=f"{NAME}.next",
        version=version("next", scene.place, drawn, scene.state),
        title=f"After {name_of(scene.shown.inputs[scene.place])} comes",
        said=_said(scene, found, writes=writes, drawn=drawn),
        on_write=_write_after(scene.place) if writes else None,
        news=None if news is None else news(),
    )


def series_of(scene: Scene, *, drawn: bool) -> list[tuple[str, str, str]]:
    """Return the probabilities that are shown: name, colour, and the field that holds them."""
    narrowed = drawn and is_narrowed(scene.state.sampling)
    changed = scene.shown is not scene.before
    plain = _QUIET if narrowed or changed else ACCENT
    series = [("as trained", plain, "trained")]
    if changed:
        series.append(("with what is changed", CONTRAST, "changed"))
    if narrowed:
        series.append(("drawn from: after temperature, top-k, top-p", ACCENT, "drawn"))
    return series


def _row(
    found: Distribution, word: int, series: list[tuple[str, str, str]], *, drawn: bool
) -> NextWord:
    return NextWord(
        word=found.names[word],
        values=tuple(float(getattr(found, field)[word]) for _, _, field in series),
        sign=found.cut.get(word, "") if drawn else "",
        taken=word == found.taken,
    )


def _said(scene: Scene, found: Distribution, *, writes: bool, drawn: bool) -> list[str]:
    state, shown = scene.state, found.shown
    rest = 1.0 - float(found.changed[shown].sum())
    said = [
        f"The other {len(found.names) - len(shown):,} of {len(found.names):,} share "
        f"{chance(max(rest, 0.0))}."
    ]
    if drawn and is_narrowed(state.sampling):
        mass = float(found.changed[found.drawn > 0].sum())
        said.append(
            f"{capital(count(found.n_kept, 'word'))} can still be drawn; the model gave "
            + (f"it {chance(mass)}." if found.n_kept == 1 else f"them {chance(mass)} together.")
        )
    if found.taken >= 0:
        word = found.names[found.taken]
        said.append(
            change_sentence(scene, word)
            if scene.shown is not scene.before
            else f"{capital(name_of(word))} stands there: {chance(found.trained[found.taken])}."
        )
    if drawn:
        said.append(f"Seed {state.seed} draws {name_of(found.names[found.next])} here.")
    if writes and scene.place < len(scene.shown.words):
        said.append("Press a word to write it here; what comes after it now is taken away.")
    elif writes and _room(state):
        said.append("Press a word to write it.")
    return said


def _write_after(place: int) -> Callable[[str], None]:
    def write(word: str) -> None:
        now = STORE.current
        if (place <= len(now.words) and place < MOST_WORDS) or word == END:
            STORE.install(now.with_word(place, word))

    return write


def _room(state: GptState) -> int:
    return 0 if state.is_finished else MOST_WORDS - len(state.words)


def _draw_actions(scene: Scene, *, writes: bool) -> None:
    """Draw the buttons that write and take back, and what is changed."""
    state, groups, said = scene.state, [], []
    if writes:
        off = not _room(state)
        groups = [
            Group(
                "",
                (
                    Action("write:1", "Write a word", off=off),
                    Action("write:10", "Write ten", off=off),
                    Action("write:all", "Write to the end", off=off),
                    Action(_BACK, "Take one back", off=not state.written),
                    Action(_BACK_ALL, "Take all back", off=not state.written),
                ),
            )
        ]
    if state.is_finished:
        said.append("The text has come to its end: the model wrote “(end)”.")
    elif not _room(state):
        said.append(f"The model has positions for {MOST_WORDS} words and marks, and all are taken.")
    done = done_actions(scene)
    if not (groups or said or done):
        return

    def act(name: str) -> None:
        STORE.keep(acted(STORE.current, name), joins=False)

    action_bar(
        groups,
        key=f"{NAME}.acts",
        version=version("acts", state),
        on_act=act,
        said=[("plain", sentence) for sentence in said],
        done=done,
    )


def acted(state: GptState, name: str) -> GptState:
    """Return the state after a button was pressed."""
    if name in _WRITE and _room(state):
        made = gpt_runs.write(
            state.words, state.sampling, min(_WRITE[name], _room(state)), state.interventions
        )
        return state.with_written(tuple(one.word for one in made.words))
    if name == _BACK and state.written:
        return see_last(replace(state, written=state.written[:-1]))
    if name == _BACK_ALL:
        return see_last(replace(state, written=()))
    return taken_back(state, name)


def see_last(state: GptState) -> GptState:
    """Return the state with its last word chosen, and no change beyond it."""
    last = len(state.words)
    return replace(
        state,
        place=-1,
        read=-1,
        changed=-1,
        hidden=frozenset(place for place in state.hidden if place <= last),
        forced=tuple(one for one in state.forced if one.query <= last),
    )
