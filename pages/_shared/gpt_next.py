"""The words that may come next, each with the probabilities that it has; a word can be written.

One inline component. The word that is pressed is reported, and checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from pages._shared.light_component import FRONTEND, light_component

GPT_NEXT: Final = light_component(
    "gpt_next",
    html="<div class='next-words'></div>",
    css=(FRONTEND / "gpt_next.css").read_text("utf-8"),
    constants={},
)


@dataclass(frozen=True)
class NextSeries:
    """One of the probabilities that every word has: its name, and its colour as CSS has it."""

    name: str
    colour: str


@dataclass(frozen=True)
class NextWord:
    """A word that may come next.

    Attributes
    ----------
    word : str
    values : tuple of float
        Its probabilities, one for each series, in [0, 1].
    sign : str
        What became of it, in two words or three; may be empty.
    taken : bool
        Whether it is the word that stands there.
    """

    word: str
    values: tuple[float, ...]
    sign: str = ""
    taken: bool = False


def next_words(
    words: Sequence[NextWord],
    series: Sequence[NextSeries],
    *,
    key: str,
    version: str,
    title: str,
    said: Sequence[str],
    on_write: Callable[[str], None] | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the words and report the one that is to be written.

    Parameters
    ----------
    words : sequence of NextWord
        From the top down.
    series : sequence of NextSeries
    key : str
        Key of the component.
    version : str
        Name of what is shown; a press in what is gone is dropped.
    title : str
    said : sequence of str
        Sentences below the words.
    on_write : callable, optional
        Called before the rerun with the word that was pressed; None where none can be written.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """

    def receive() -> None:
        place = read_place(st.session_state[key].get("write"), version, len(words))
        if place is not None and on_write is not None:
            on_write(words[place].word)

    rows = [
        {
            "word": one.word,
            "values": [float(f"{value:.5g}") for value in one.values],
            "sign": one.sign,
            "taken": one.taken,
        }
        for one in words
    ]
    GPT_NEXT.draw(
        key=key,
        data={
            "rows": rows,
            "series": [{"name": one.name, "colour": one.colour} for one in series],
            "title": title,
            "spoken": f"{title}: {len(words)} words with their probabilities",
            "said": list(said),
            "can_write": on_write is not None,
            "version": version,
            "news": news,
        },
        on_write_change=receive,
    )


def read_place(message: object, version: str, n_words: int) -> int | None:
    """Check what the browser reported; None for anything but a word of what is shown."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    place = message.get("place")
    return place if type(place) is int and 0 <= place < n_words else None
