"""The trainings that a session has finished, beside one another; any of them can be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from html import escape
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.digit_settings import SHIPPED, DigitSettings
from pages._shared.classify_scene import NAME
from pages._shared.digit_training_words import Row, compared, name_of, table
from pages._shared.digits import keep_own_model, shipped_model
from pages._shared.training import Trained

if TYPE_CHECKING:
    from core.digit_training import DigitRun

KEY: Final = f"{NAME}.train"
# Keys of the session's state: the finished runs, and the one whose model is in use.
RUNS: Final = f"{KEY}.runs"
USED: Final = f"{KEY}.used"
MOST_RUNS: Final = 12


@dataclass(frozen=True, eq=False)
class TimedRun:
    """A training as far as it has come, and what is shown of it.

    Attributes
    ----------
    run : DigitRun
    seconds : float
        Spent on computing, pauses left out.
    counts : ndarray of int64, (10, 10)
        What held-out digits were taken for, (meant, named), when it was measured last.
    """

    run: DigitRun
    seconds: float
    counts: NDArray[np.int64]


def name_of_used() -> str:
    """Return what the trained model in use is called; nothing if none is."""
    used: TimedRun | None = st.session_state.get(USED)
    return "" if used is None else _called(used)


def finished_runs() -> tuple[TimedRun, ...]:
    """Return the trainings that this session has finished, the latest last."""
    runs: tuple[TimedRun, ...] = st.session_state.get(RUNS, ())
    return runs


def remember(kept: Trained[DigitSettings, TimedRun]) -> None:
    """Keep a run that has just come to its end; the same settings come to the same end."""
    if kept.running or kept.run.run.step < kept.settings.n_steps:
        return
    runs = finished_runs()
    if any(one.run.weights is kept.run.run.weights for one in runs):
        return
    # It goes no further: what the optimiser remembers is twice as large as the model.
    forgetful = replace(kept.run.run.optimizer, mean=(), square=())
    timed = replace(kept.run, run=replace(kept.run.run, optimizer=forgetful))
    others = [one for one in runs if one.run.settings != kept.settings]
    st.session_state[RUNS] = (*others, timed)[-MOST_RUNS:]


def draw_comparison(
    kept: Trained[DigitSettings, TimedRun] | None, on_use: Callable[[], None]
) -> None:
    """Draw the table of the models, and the choice of the one to use."""
    runs = finished_runs()
    rows = [_row(one) for one in runs]
    said = compared(rows)
    notes = (
        "One picture of 500 is 0.2%. Another seed alone moves a share by several pictures: train "
        "with a few before you believe in a small difference."
    )
    st.html(
        f"<div class='sum'>{table([_shipped_row(), *rows])}"
        f"<p class='note'>{escape(f'{said} {notes}'.strip())}</p></div>"
    )
    stopped = [kept.run] if kept is not None and kept.run.run.step < kept.settings.n_steps else []
    usable = [*runs, *stopped]
    if usable:
        _draw_use(usable, on_use)


def _draw_use(usable: Sequence[TimedRun], on_use: Callable[[], None]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        last = usable[-1].run
        place = st.selectbox(
            "Trained here",
            range(len(usable)),
            index=len(usable) - 1,
            format_func=lambda at: _called(usable[at]),
            # A new run is offered first, whatever was chosen before.
            key=f"{KEY}.use.{len(usable)}.{last.step}.{hash(last.settings)}",
            width=320,
        )

        def use() -> None:
            from core.digit_training import model_of

            st.session_state[USED] = usable[place]
            keep_own_model(model_of(usable[place].run))
            on_use()

        st.button("Look at it in the other views", key=f"{KEY}.use", on_click=use)


def _called(timed: TimedRun) -> str:
    settings, step = timed.run.settings, timed.run.step
    steps = f"{step:,} steps" if step == settings.n_steps else f"stopped at step {step:,}"
    return f"{name_of(settings)} ({steps})"


def _row(timed: TimedRun) -> Row:
    run, counts = timed.run, timed.counts
    n_right, n = int(counts.trace()), int(counts.sum())
    return Row(
        name_of(run.settings),
        run.settings,
        run.step,
        n_right,
        n,
        run.weights.numel(),
        timed.seconds,
    )


def _shipped_row() -> Row:
    counts, n_parameters = _measure_shipped()
    n_right, n = int(counts.trace()), int(counts.sum())
    return Row(
        "Comes with the lab", SHIPPED, SHIPPED.n_steps, n_right, n, n_parameters, seconds=None
    )


@st.cache_resource(show_spinner=False)
def _measure_shipped() -> tuple[NDArray[np.int64], int]:
    model = shipped_model().model
    from core.digit_training import confusion_of

    return confusion_of(model), sum(part.numel() for part in model.backbone.parameters())
