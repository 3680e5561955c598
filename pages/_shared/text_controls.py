"""The controls of the text encoder's page: each keeps what it says in the page's state."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape
from typing import Any, Final

import streamlit as st

from core.head_roles import ROLES
from core.zero_shot import TASKS
from pages._shared import encoder
from pages._shared.encoder_roles import PATTERNS, best_heads
from pages._shared.text_examples import EXAMPLES, example_of
from pages._shared.text_scene import (
    FEWEST_LABELS,
    FORCE,
    HEADS,
    HUNDRED,
    MOST_LABELS,
    NAME,
    NO_TEST,
    SHOWN,
    TESTS,
    VIEWS,
    read_labels,
)
from pages._shared.text_state import STORE

# Of a longer text the rest is not even looked at.
LONGEST_TYPED: Final = 20_000
_EXAMPLE: Final = f"{NAME}.example"


def keep(**changes: Any) -> None:
    """Keep what the reader's own action says."""
    STORE.keep(replace(STORE.current, **changes))


def choose_text() -> None:
    """Draw the choice of an example and the field of the text."""
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
            "Text",
            key=key,
            height=82,
            max_chars=LONGEST_TYPED,
            persist_state="session",
            on_change=note_typed,
            placeholder="Type or paste a text, then press Ctrl+Enter.",
        )
    STORE.keep(STORE.current.with_text((typed or "")[:LONGEST_TYPED]))


def choose_view() -> None:
    """Draw the choice of what is shown."""
    view = _segments("Show", VIEWS, "view")
    keep(view=view or HEADS)


def choose_look(names: Sequence[str] = tuple(SHOWN)) -> None:
    """Draw the switches of the map."""
    on = st.pills(
        "Map",
        tuple(names),
        selection_mode="multi",
        format_func=lambda name: name.replace("[", r"\["),
        key=f"{NAME}.shown",
        persist_state="session",
        wrap=True,
    )
    keep(**{field: name in (on or ()) for name, field in SHOWN.items()})


def choose_test() -> None:
    """Draw the choice of what is done to the model, beside the map."""
    test = _segments("What if", TESTS, "test") or NO_TEST
    keep(test=test)
    if test == FORCE:
        weight = st.slider(
            "Weight",
            0.0,
            1.0,
            step=1 / HUNDRED,
            key=f"{NAME}.forced.{STORE.loads}",
            persist_state="session",
            width=280,
            help="The rest of the row is rescaled so that it sums to 1. 0 takes the weight away.",
        )
        keep(forced=round(weight * HUNDRED))


def choose_role() -> None:
    """Draw the choice of a role; the head that plays it most is enlarged."""

    def follow() -> None:
        role, text = st.session_state[f"{NAME}.role"], STORE.current.text
        if role in ROLES and encoder.cut(text).words:
            best = best_heads(encoder.roles(text)).get(role)
            if best is not None:
                (layer, head), _ = best
                keep(role=role, layer=layer + 1, head=head + 1)

    role = _segments("Heads that read", ROLES, "role", follow)
    keep(role=role or ROLES[0])


def choose_pattern() -> None:
    """Draw the choice of a pattern to look for."""
    pattern = _segments("Paint", PATTERNS, "pattern")
    keep(pattern=pattern or PATTERNS[0])


def choose_task() -> None:
    """Draw the choice of a task."""
    task = _segments("Question", tuple(task.name for task in TASKS), "task")
    keep(task=task or TASKS[0].name)


def choose_labels() -> None:
    """Draw the field of the label sentences; what is wrong with them is said beside it."""
    state = STORE.current
    typed = st.text_area(
        f"Labels: {FEWEST_LABELS} to {MOST_LABELS} sentences, one a line",
        key=f"{NAME}.{state.task.lower()}.{STORE.loads}",
        height=140,
        persist_state="session",
        help="The label whose sentence is nearest to the text wins. Try other words: “The author "
        "is angry.”, “A recipe”, “Sport”.",
    )
    labels, problem = read_labels(typed or "", state.labels)
    if problem:
        st.html(f"<p class='text notice' role='status'>{escape(problem)}</p>")
    STORE.keep(state.with_labels(labels))


def _segments(
    label: str, options: Sequence[str], name: str, on_change: Callable[[], None] | None = None
) -> str | None:
    chosen: str | None = st.segmented_control(
        label,
        tuple(options),
        required=True,
        key=f"{NAME}.{name}",
        persist_state="session",
        wrap=True,
        on_change=on_change,
    )
    return chosen
