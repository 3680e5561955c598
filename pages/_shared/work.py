"""The work: the sums in real numbers, programs that print them, and the source that ran."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, Final

import streamlit as st

NUMBERS: Final = "In numbers"
NUMPY: Final = "NumPy"
TORCH: Final = "PyTorch"
SOURCE: Final = "The code that ran"
TABS: Final = (NUMBERS, NUMPY, TORCH, SOURCE)


@dataclass(frozen=True, eq=False)
class Work:
    """The work behind what a page shows. Everything is made only when it is looked at.

    Attributes
    ----------
    heading : str
        What the sums are about. It may hold a reader's words.
    lines : callable
        Makes the sums, as lines of HTML that holds nothing a reader typed.
    numpy, torch : callable or None
        Make the programs; None where there is none to show.
    functions : callable
        Returns the functions of `core` that ran.
    said, notes : sequence of str
        Sentences before and after the sums; they may hold a reader's words.
    unseen : sequence of str
        What else the picture shows, in words, for readers who do not see it.
    """

    heading: str
    lines: Callable[[], Sequence[str]]
    numpy: Callable[[], str] | None
    torch: Callable[[], str] | None
    functions: Callable[[], Sequence[Callable[..., Any]]]
    said: Sequence[str] = ()
    unseen: Sequence[str] = ()
    notes: Sequence[str] = ()


def draw_work(name: str, work: Work, *, opened: bool = True) -> None:
    """Draw the sentences and the part of the work that the reader chose.

    Parameters
    ----------
    name : str
        Prefix of the widget's key.
    work : Work
    opened : bool
        Whether the sums are open until the reader chooses; else nothing is.
    """
    tabs = [NUMBERS]
    tabs += [tab for tab, make in ((NUMPY, work.numpy), (TORCH, work.torch)) if make is not None]
    tab = st.segmented_control(
        "The work",
        (*tabs, SOURCE),
        default=NUMBERS if opened else None,
        required=opened,
        key=f"{name}.work",
        persist_state="session",
        wrap=True,
    )
    said = "".join(f"<p class='said'>{escape(sentence)}</p>" for sentence in work.said)
    said += "".join(f"<p class='unseen'>{escape(sentence)}</p>" for sentence in work.unseen)
    if tab == NUMBERS:
        st.html(f"<div class='sum'>{said}{_sums(work)}</div>")
        return
    if said:
        st.html(f"<div class='sum'>{said}</div>")
    if tab == SOURCE:
        _draw_source(work.functions())
    elif tab is not None:
        make = work.numpy if tab == NUMPY else work.torch
        st.code("" if make is None else make(), language="python", height=420)
        st.caption("It runs alone and prints the numbers on the screen.")


def _sums(work: Work) -> str:
    return (
        f"<h2>{escape(work.heading)}</h2>"
        + "".join(f"<p class='line'>{line}</p>" for line in work.lines())
        + "".join(f"<p class='note'>{escape(note)}</p>" for note in work.notes if note)
    )


def _draw_source(functions: Sequence[Callable[..., Any]]) -> None:
    from pages._shared.source import place_of, source_of

    parts = (f"# {place_of(function)}\n{source_of(function)}" for function in functions)
    st.code("\n\n".join(parts), language="python", height=420)
    st.caption("Read from the running code, without its docstrings.")
