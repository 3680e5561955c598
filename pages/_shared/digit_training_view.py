"""Live training on handwritten digits: progress, curves, mistakes, and every run beside the others.

What a session trained stays in it: the last run in the `Trainer`, the finished ones in
`digit_training_runs`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from html import escape
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.digit_settings import UNSHUFFLED, DigitSettings
from pages._shared.digit_training_drawing import curve_marks, curve_text, seen_marks
from pages._shared.digit_training_runs import KEY, TimedRun, draw_comparison, remember
from pages._shared.digit_training_words import mistakes
from pages._shared.drawing import DRAWINGS, draw
from pages._shared.light_component import LightComponent
from pages._shared.matrix import Axis, Matrix
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.training import TRAINING, Trainer, load_torch, prepare_torch

if TYPE_CHECKING:
    pass

News = Callable[[], Mapping[str, object]]

COMPONENTS: Final[tuple[LightComponent, ...]] = (TRAINING, DRAWINGS, BOARD)
N_SEEN: Final = 6
_DIGITS: Final = tuple(str(digit) for digit in range(10))


def _begin(settings: DigitSettings) -> TimedRun:
    prepare_torch()
    from core.digit_training import begin, confusion

    run = begin(settings)
    return TimedRun(run, 0.0, confusion(run))


def _advance(timed: TimedRun) -> TimedRun:
    from core.digit_training import advance, confusion

    begun = time.perf_counter()
    run = advance(timed.run)
    counts = confusion(run) if len(run.curve) > len(timed.run.curve) else timed.counts
    return TimedRun(run, timed.seconds + time.perf_counter() - begun, counts)


TRAINER: Final[Trainer[DigitSettings, TimedRun]] = Trainer(
    f"{KEY}.training",
    begin=_begin,
    advance=_advance,
    done=lambda timed: timed.run.step,
    total=lambda settings: settings.n_steps,
)


def draw_digit_training(
    settings: DigitSettings,
    news: News,
    on_use: Callable[[], None],
    refresh: Callable[[], None] = lambda: None,
) -> None:
    """Draw what a training gets to see, the training itself, and every run beside the others.

    Parameters
    ----------
    settings : DigitSettings
        What the page shows, and so what "Train" starts with.
    news : callable
        ``LAB.news``.
    on_use : callable
        Called before a rerun when a trained model was put to use: `digits.own_model` has it.
    refresh : callable
        ``STORE.refresh``: draws the whole page anew where `on_use` made it old.
    """
    load_torch()
    if settings.shuffle != UNSHUFFLED:
        _draw_seen(settings)
    _draw_rounds(settings, news, on_use, refresh)


def _draw_seen(settings: DigitSettings) -> None:
    """Draw the first held-out digits with their patches where the settings put them."""
    from core.digit_pictures import seen_pictures

    marks, size = seen_marks(seen_pictures(settings, N_SEEN))
    text = f"The first {N_SEEN} held-out digits, as the model gets to see them."
    draw(marks, size, name="Shuffled digits", text=text, key=f"{KEY}.seen")
    st.caption(text)


@st.fragment
def _draw_rounds(
    settings: DigitSettings,
    news: News,
    on_use: Callable[[], None],
    refresh: Callable[[], None],
) -> None:
    """Draw the training: this is what a round of it draws anew."""
    refresh()  # a model that was put to use is looked at in another view
    kept = TRAINER.draw(settings, news())
    if kept is not None:
        remember(kept)
        _draw_run(kept.run)
    if kept is None or not kept.running:
        draw_comparison(kept, on_use)


def _draw_run(timed: TimedRun) -> None:
    """Draw the curves, and what is taken for what."""
    run = timed.run
    text = curve_text(run.curve)
    curves, confused = st.columns([9, 11], gap="medium")
    with curves:
        marks, size = curve_marks(run.curve, run.settings.n_steps)
        draw(marks, size, name="Curves of the training", text=text, key=f"{KEY}.curves")
        spent = f"{timed.seconds:.1f} s of computing so far."
        st.html(f"<p class='sum'>{escape(text)} {spent}</p>")
    with confused:
        matrix = Matrix(
            "confusion",
            "Taken for",
            timed.counts.astype(float),
            Axis("meant", _DIGITS),
            Axis("named", _DIGITS),
            note="rows: the digit meant; columns: the digit named",
            scale="sequential",
            limit=float(max(timed.counts.max(), 1)),
            digits=0,
            small=True,
        )
        matrix_board([[matrix]], key=f"{KEY}.confusion", version="0", news=None, group=KEY)
        st.html(f"<p class='sum'>{escape(mistakes(timed.counts))}</p>")
