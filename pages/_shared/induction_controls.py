"""The controls of the view of induction heads: the step of the training, and the sequence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from html import escape
from typing import Final

import streamlit as st

from pages._shared.induction_choice import (
    FEWEST_LETTERS,
    MOST_LETTERS,
    MOST_SEED,
    MOST_TYPED,
    InductionChoice,
    typing_notice,
)
from pages._shared.induction_runs import TRAINER
from pages._shared.induction_scene import InductionScene

OnChoose = Callable[[InductionChoice], None]
_CLIFF: Final = "Where copied letters first cost less than half of what guessing costs."
Change = Callable[[Callable[[InductionChoice], InductionChoice]], None]
"""Keeps what a function makes of the choice as it is at that moment."""
# What may have been typed and not yet told when something else is pressed.
_FIELDS: Final = ("n", "seed", "types", "typed", "train_seed", "train_heads")


def changes_of(choice: InductionChoice, *, key: str, on_choose: OnChoose) -> Change:
    """Return what keeps changes of a choice, with all that the widgets say by then.

    Several may come before the view is drawn anew: each begins where the last one ended.
    """
    latest = choice

    def change(make: Callable[[InductionChoice], InductionChoice]) -> None:
        nonlocal latest
        told = {name: st.session_state.get(f"{key}.{name}") for name in _FIELDS}
        known = {name: value for name, value in told.items() if value is not None}
        latest = make(replace(latest, **known))
        on_choose(latest)

    return change


def choose_step(scene: InductionScene, *, key: str, change: Change) -> None:
    """Draw the slider over the training, and what leads to its beginning, cliff and end."""
    replay = scene.training.replay
    steps = replay.steps
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        if TRAINER.trained is not None:
            _choose_training(scene.choice, key=key, change=change)
        slider = f"{key}.step"
        st.session_state[slider] = scene.step
        if len(steps) > 1:
            st.select_slider(
                "Step of the training",
                steps,
                key=slider,
                on_change=lambda: change(lambda now: replace(now, step=st.session_state[slider])),
                width=360,
            )
        for name, step in (("First", steps[0]), ("Cliff", replay.cliff), ("Last", steps[-1])):
            st.button(
                name,
                key=f"{key}.{name.lower()}",
                on_click=change,
                args=(partial(replace, step=step or 0),),
                disabled=step is None,
                help=_CLIFF if name == "Cliff" else None,
            )


def _choose_training(choice: InductionChoice, *, key: str, change: Change) -> None:
    name = f"{key}.own"
    st.session_state[name] = choice.own
    st.segmented_control(
        "Training",
        (False, True),
        format_func=lambda own: "Yours" if own else "The lab's",
        required=True,
        key=name,
        # Heads with the same number do not do the same in another training.
        on_change=lambda: change(
            lambda now: replace(now, own=bool(st.session_state[name]), dropped=frozenset())
        ),
    )


def choose_sequence(choice: InductionChoice, *, key: str, change: Change) -> None:
    """Draw the choice of a sequence: drawn by a seed, or typed."""

    def take() -> None:
        change(lambda now: replace(now, query=-1, key=-1))  # of another sequence

    for name in ("types", "typed", "n", "seed"):
        st.session_state[f"{key}.{name}"] = getattr(choice, name)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            "Sequence",
            (False, True),
            format_func=lambda types: "Typed" if types else "Drawn",
            required=True,
            key=f"{key}.types",
            on_change=take,
        )
        if choice.types:
            st.text_input(
                "Letters",
                key=f"{key}.typed",
                max_chars=MOST_TYPED,
                on_change=take,
                width=420,
                help="A to Z and a to z, without spaces; large and small ones are different "
                "letters. What comes twice can be copied.",
            )
        else:
            st.slider(
                "Letters in the part",
                FEWEST_LETTERS,
                MOST_LETTERS,
                key=f"{key}.n",
                on_change=take,
                width=260,
                help="The part comes twice. Parts of 11, 14 and 17 letters were never trained on.",
            )
            st.number_input("Seed", 0, MOST_SEED, key=f"{key}.seed", on_change=take, width=120)
    notice = typing_notice(choice.typed) if choice.types else ""
    if notice:
        st.html(f"<p class='text notice' role='status'>{escape(notice)}</p>")
