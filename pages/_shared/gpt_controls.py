"""The controls of the small language model's page: each keeps what it says in the page's state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import streamlit as st

from pages._shared.action_bar import Action, Group, action_bar
from pages._shared.gpt_choice import (
    HUNDRED,
    INDUCTION,
    LONGEST_SWAP,
    MOST_CHARACTERS,
    NAME,
    NEXT,
    VIEWS,
)
from pages._shared.gpt_examples import EXAMPLES, example_of
from pages._shared.gpt_runs import N_HEADS
from pages._shared.gpt_state import HOTTEST, LEAST_P, MOST_K, MOST_SEED, STORE
from pages._shared.gpt_words import left_out_sentence, offers_for, unknown_sentence
from pages._shared.induction_choice import InductionChoice
from pages._shared.words import without_controls

_EXAMPLE: Final = f"{NAME}.example"
_STEP: Final = 5  # hundredths


def take_induction_choice(choice: InductionChoice) -> None:
    """Keep what was chosen in the view of induction heads."""
    STORE.keep(replace(STORE.current, induction=choice), joins=False)


def keep(**changes: Any) -> None:
    """Keep what the reader's own action says."""
    STORE.keep(replace(STORE.current, **changes))


def hash_of(*parts: object) -> int:
    """Return a number for what is shown: the same in every run, another for anything else."""
    from zlib import crc32

    return crc32(repr(parts).encode("utf-8", "backslashreplace"))


def version(*parts: object) -> str:
    """Return a name for what is shown of the present text: what is done in what is gone is lost."""
    return STORE.version(hash_of(STORE.current.words, *parts))


def choose_text() -> None:
    """Draw the choice of an example and the field of the text, where the view shows it."""
    if STORE.current.view == INDUCTION:
        return
    key = f"{NAME}.text.{STORE.loads}"

    def load() -> None:
        chosen = st.session_state[_EXAMPLE]
        example = next((one for one in EXAMPLES if one.name == chosen), None)
        if example is not None:
            STORE.install(STORE.current.with_text(example.text))

    def note_typed() -> None:
        example = example_of(st.session_state[key] or "")
        st.session_state[_EXAMPLE] = None if example is None else example.name

    examples, field = st.columns([2, 7], gap="small")
    with examples:
        st.selectbox(
            "Start from",
            [example.name for example in EXAMPLES],
            index=None,
            placeholder="Your own text",
            key=_EXAMPLE,
            persist_state="session",
            on_change=load,
        )
    with field:
        typed = st.text_area(
            "Beginning",
            key=key,
            height=82,
            max_chars=MOST_CHARACTERS,
            persist_state="session",
            on_change=note_typed,
            placeholder="Nothing yet: the model begins. Or type, then press Ctrl+Enter.",
        )
    STORE.keep(STORE.current.with_text(typed or ""), joins=False)


def warn_of_unknown() -> None:
    """Name the words that the model does not know, before it is run, and offer others."""
    state = STORE.current
    if state.view == INDUCTION:
        return
    said = [left_out_sentence(state)] if state.n_left_out else []
    offers = offers_for(state.given)
    if sentence := unknown_sentence(state.given):
        said.append(sentence)
    if not said:
        return
    buttons = tuple(Action(name, f"“{old}” → “{new}”") for name, (old, new, _) in offers.items())

    def act(name: str) -> None:
        STORE.install(STORE.current.with_text(offers[name][2]))

    action_bar(
        [Group("Known words that are spelt alike:", buttons)] if buttons else [],
        key=f"{NAME}.unknown",
        version=STORE.version(hash_of(state.text)),
        on_act=act,
        said=[("warning", sentence) for sentence in said],
    )


def choose_view() -> None:
    """Draw the choice of what is shown."""
    view = st.segmented_control(
        "Show", VIEWS, required=True, key=f"{NAME}.view", persist_state="session", wrap=True
    )
    keep(view=view or NEXT)


def choose_press() -> None:
    """Draw the choice of what a press on a word does."""
    hides = st.segmented_control(
        "A press on a word",
        (False, True),
        format_func={False: "Goes there", True: "Hides it"}.__getitem__,
        required=True,
        key=f"{NAME}.hides",
        persist_state="session",
        help="A hidden word keeps its place, and nothing may read it. The start cannot be hidden.",
    )
    keep(hides=bool(hides))


def choose_sampling() -> None:
    """Draw temperature, top-k, top-p and seed."""
    share = _slider(
        "Temperature", 0, HOTTEST, "temperature", "0 always writes the most probable word."
    )
    top_k = st.slider(
        "Top-k",
        0,
        MOST_K,
        key=f"{NAME}.top_k.{STORE.loads}",
        persist_state="session",
        help="How many of the most probable words stay; 0 keeps all.",
    )
    top_p = _slider(
        "Top-p", LEAST_P, HUNDRED, "top_p", "The fewest words that have this much together stay."
    )
    seed = st.number_input(
        "Seed",
        0,
        MOST_SEED,
        step=1,
        key=f"{NAME}.seed.{STORE.loads}",
        persist_state="session",
        help="Each seed draws words of its own, the same ones whenever you come back to it.",
    )
    keep(temperature=share, top_k=int(top_k), top_p=top_p, seed=int(seed or 0))


def choose_mean(on_change: Callable[[bool], None]) -> None:
    """Draw the switch between one head and the mean of its layer."""
    key = f"{NAME}.mean"
    st.toggle(
        f"Mean of {N_HEADS} heads",
        key=key,
        persist_state="session",
        on_change=lambda: on_change(bool(st.session_state[key])),
    )


def choose_swap(label: str) -> None:
    """Draw the field of the word that is put in place of another."""
    typed = st.text_input(
        label,
        key=f"{NAME}.swap.{STORE.loads}",
        max_chars=LONGEST_SWAP,
        persist_state="session",
        width=240,
    )
    keep(swap=without_controls(typed or "")[:LONGEST_SWAP])


def _slider(label: str, low: int, high: int, name: str, about: str) -> int:
    value = st.slider(
        label,
        low / HUNDRED,
        high / HUNDRED,
        step=_STEP / HUNDRED,
        key=f"{NAME}.{name}.{STORE.loads}",
        persist_state="session",
        help=about,
    )
    return round(value * HUNDRED)
