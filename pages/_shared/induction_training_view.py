"""Training the induction model live: settings, progress, curves that grow, and a look at it."""

from __future__ import annotations

from dataclasses import replace
from html import escape

import streamlit as st

from pages._shared.drawing import draw
from pages._shared.induction_choice import LATER_HEADS, MOST_SEED, N_STEPS, InductionChoice
from pages._shared.induction_controls import Change
from pages._shared.induction_curves import loss_marks, score_marks
from pages._shared.induction_runs import TRAINER, InductionSettings, TimedRun
from pages._shared.words import number


def draw_live_training(
    choice: InductionChoice, *, key: str, change: Change, with_controls: bool
) -> None:
    """Draw the choice of what is trained, and the training."""
    st.html("<div class='sum'><h2>Train it live</h2></div>")
    if with_controls:
        _choose_settings(choice, key=key, change=change)
    settings = InductionSettings(choice.train_seed, choice.train_heads)
    _draw_rounds(settings, key, change)


def _choose_settings(choice: InductionChoice, *, key: str, change: Change) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        seed, heads = f"{key}.train_seed", f"{key}.train_heads"
        st.session_state[seed], st.session_state[heads] = choice.train_seed, choice.train_heads
        st.number_input(
            "Seed of the training",
            0,
            MOST_SEED,
            key=seed,
            on_change=lambda: change(replace),
            width=180,
            help="Of the first weights and of all sequences. The lab's own has seed 0.",
        )
        st.segmented_control(
            "Heads of layer 2",
            LATER_HEADS,
            required=True,
            key=heads,
            on_change=lambda: change(replace),
            help="With several, they share the copying: drop one of them and see.",
        )


@st.fragment
def _draw_rounds(settings: InductionSettings, key: str, change: Change) -> None:
    """Draw the training: this is what a round of it draws anew."""
    kept = TRAINER.draw(settings)
    if kept is None:
        return
    run, text = kept.run.run, training_text(kept.run)
    for column, name, (marks, size) in zip(
        st.columns(2, gap="medium"),
        ("Loss", "Heads"),
        (loss_marks(run.steps, run.curve, None), score_marks(run.steps, run.curve, None)),
        strict=True,
    ):
        with column:
            title = f"{name} of your training"
            draw(marks, size, name=title, text=text, key=f"{key}.live_{name.lower()}")
    st.html(f"<p class='sum'>{escape(text)}</p>")
    # A button's own rerun stays in this fragment, and the rest of the view is to change.
    if not kept.running and st.button("Look at it above", key=f"{key}.look"):
        change(
            lambda now: replace(now, own=True, step=run.step, layer=1, head=0, dropped=frozenset())
        )
        st.rerun()


def training_text(timed: TimedRun) -> str:
    """Say how far a training has come."""
    run, last = timed.run, timed.run.curve[-1]
    cliff = run.replay.cliff
    fallen = (
        f"The loss of copied letters fell below half of guessing at step {cliff}."
        if cliff is not None
        else "The loss of copied letters has not fallen yet."
    )
    where = f"After {run.steps[-1]} of {N_STEPS} steps"
    return (
        f"{where}: loss {number(last.second)} on letters that can be copied, "
        f"{number(last.first)} on new ones; highest prefix matching "
        f"{number(max(last.prefix[1]))}, highest weight on the token before "
        f"{number(max(last.previous[0]))}. {fallen} {number(timed.seconds, 1)} s of computing."
    )
