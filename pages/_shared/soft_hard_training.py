"""Live training of "find the key": curves, one sentence, and the gradients measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Final

import streamlit as st

from core.key_settings import KeySettings
from pages._shared.matrix import Axis, Matrix
from pages._shared.matrix_board import matrix_board
from pages._shared.soft_hard_controls import METHOD_COLOURS, METHOD_NAMES, SHORT_NAMES
from pages._shared.soft_hard_words import small
from pages._shared.soft_vs_hard_state import NAME
from pages._shared.training import Trained, Trainer, prepare_torch, warm_up
from pages._shared.words import number

if TYPE_CHECKING:
    from core.key_gradients import GradientReport
    from core.key_training import KeyRun

    KeyTrained = Trained[KeySettings, KeyRun]

SYMBOLS: Final = "abcdefghijklmnopqrstuvwxyzABDEFG"
ANSWERS: Final = "1234"
_LEFT: Final = " style='text-align: left; font-weight: 500; padding-right: 0.8rem'"
HEADINGS: Final = (
    "Method",
    "Finds the key",
    "90% from step",
    "Loss, nats",
    "Entropy, nats",
    "Gradient: variance",
    "cosine with the exact",
    "length over the exact",
)


def _begin(settings: KeySettings) -> KeyRun:
    prepare_torch()
    from core.key_training import begin

    return begin(settings)


def _advance(run: KeyRun) -> KeyRun:
    from core.key_training import advance

    return advance(run)


TRAINER: Final[Trainer[KeySettings, KeyRun]] = Trainer(
    f"{NAME}.training",
    begin=_begin,
    advance=_advance,
    done=lambda run: run.step,
    total=lambda settings: settings.n_steps,
)


def draw_training(settings: KeySettings, news: Mapping[str, object], *, all_of_it: bool) -> None:
    """Draw button and progress and, on demand, all that was measured; in a fragment of its own.

    Parameters
    ----------
    settings : KeySettings
        What the page shows.
    news : mapping
        ``LAB.news()``.
    all_of_it : bool
        Else nothing but button and progress.
    """
    warm_up()
    trained = TRAINER.draw(settings, news)
    if trained is not None and all_of_it:
        _draw_curves(trained.run)
        _draw_sentence(trained.run)
        st.html(f"<div class='sum'>{results_table(trained)}</div>")


def _draw_curves(run: KeyRun) -> None:
    from pages._shared.soft_hard_curves import MEASURES, curve_spec, curves_frame  # Altair

    frame = curves_frame(run)
    with st.container(horizontal=True, gap="small"):
        for measure, title in MEASURES.items():
            st.vega_lite_chart(
                frame,
                curve_spec(measure, run.settings.n_steps),
                width="content",
                alt=f"{title}, a line for each method; the last numbers are in the table below",
            )


def _draw_sentence(run: KeyRun) -> None:
    """Draw what each method reads in one sentence that nobody trains on."""
    from core.key_training import example

    batch, weights = example(run)
    place = int(batch.place)
    answers = [ANSWERS[answer] for answer in batch.values[0, 0].argmax(dim=-1).tolist()]
    symbols = [SYMBOLS[symbol] for symbol in batch.keys[0, 0].tolist()]
    names = [f"{symbol} {answer}" for symbol, answer in zip(symbols, answers, strict=True)]
    shown = Matrix(
        "sentence",
        "Weights on one sentence",
        weights.numpy().astype(float),
        Axis("method", tuple(SHORT_NAMES[method] for method in run.settings.methods)),
        Axis("place", tuple(names)),
        note=f"asks for “{symbols[place]}”, which stands at place {place + 1} of {len(names)}",
        scale="sequential",
    )
    matrix_board([[shown]], key=f"{NAME}.sentence", version="0", news=None)


# ---- the table


def results_table(trained: KeyTrained) -> str:
    """Return what was measured last as an HTML table; it is the legend of the curves too."""
    run = trained.run
    head = "".join(f"<th scope='col'{_LEFT}>{escape(heading)}</th>" for heading in HEADINGS)
    body = ""
    for method, row in zip(run.settings.methods, results(trained), strict=True):
        swatch = f"<span style='color:{METHOD_COLOURS[method]}' aria-hidden='true'>■</span>"
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in row[1:])
        body += f"<tr><th scope='row'{_LEFT}>{swatch} {escape(row[0])}</th>{cells}</tr>"
    measured, n = _measured_at(trained), run.settings.n_repeat
    means = f"means of {n} repeats, bands from the least to the most; " if n > 1 else ""
    whose = "of the first repeat " if n > 1 else ""
    return (
        "<div style='overflow-x: auto' tabindex='0' role='region' aria-label='What was measured'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
        f"<p class='note'>After {run.step:,} steps; {means}gradients {whose}measured at step "
        f"{measured:,}, over 200 draws on one batch, against the exact one: with all 16 keys gone "
        "through and no draw made. Soft draws nothing; it follows the loss of its average, which "
        "is another one. Finding by chance is 6%; the loss of a guess is ln 4 = 1.39, the entropy "
        "of equal weights ln 16 = 2.77.</p>"
    )


def results(trained: KeyTrained) -> list[list[str]]:
    """Return for each method, in words: how far it is, and what its gradient is like."""
    from core.key_training import steps_to

    run, reports = trained.run, _reports(trained)
    last = run.curve[-1]
    return [
        [
            METHOD_NAMES[method],
            f"{100 * last.found[place].mean():.0f}%",
            _range_of(steps_to(run, place)),
            number(last.loss[place].mean(), 3),
            number(last.entropy[place].mean()),
            small(report.variance),
            number(report.cosine),
            number(report.norm),
        ]
        for place, (method, report) in enumerate(zip(run.settings.methods, reports, strict=True))
    ]


def _range_of(steps: Sequence[int | None]) -> str:
    reached = [step for step in steps if step is not None]
    if not reached:
        return "not yet"
    low, high = min(reached), max(reached)
    text = f"{low}" if low == high else f"{low} to {high}"
    missing = len(steps) - len(reached)
    return f"{text} ({missing} not yet)" if missing else text


def _measured_at(trained: KeyTrained) -> int:
    """Return the step at which gradients are shown: while it trains there is no time for more."""
    return 0 if trained.running else trained.run.step


def _reports(trained: KeyTrained) -> list[GradientReport]:
    """Measure the gradients, once for what is shown."""
    from core.find_the_key import make_model
    from core.key_gradients import report_gradient

    run, settings = trained.run, trained.run.settings
    step = _measured_at(trained)
    kept = st.session_state.get(f"{NAME}.reports")
    if kept is not None and kept[:2] == (settings, step):
        reports: list[GradientReport] = kept[2]
        return reports
    models = [learner.model for learner in run.learners]
    if step != run.step:
        models = [make_model(settings.seeds)] * len(models)
    pairs = zip(settings.methods, models, strict=True)
    reports = [report_gradient(method, model, settings, 200) for method, model in pairs]
    st.session_state[f"{NAME}.reports"] = settings, step, reports
    return reports
