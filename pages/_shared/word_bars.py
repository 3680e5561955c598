"""The words of a text with one or two bars over each; words can be pressed where the page takes it.

One inline component, one SVG that breaks its lines like a text, so that 200 words stay readable.
What is pressed is reported, and checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.light_component import FRONTEND, light_component

WORD_BARS: Final = light_component(
    "word_bars",
    html="<div class='word-bars'></div>",
    css=(FRONTEND / "word_bars.css").read_text("utf-8"),
    constants={},
)


@dataclass(frozen=True, eq=False)
class WordSeries:
    """One number for each word, drawn as bars.

    Attributes
    ----------
    name, note : str
        What it is, for the legend and the readout; a few words behind it in the legend.
    values : NDArray, shape (n_word,)
        Finite numbers.
    colour : str
        As CSS has it.
    digits : int
        Digits after the decimal point.
    """

    name: str
    note: str
    values: NDArray[Any]
    colour: str
    digits: int = 3


def word_bars(
    words: Sequence[str],
    series: Sequence[WordSeries],
    *,
    key: str,
    version: str,
    title: str,
    text: str,
    spoken: str,
    hint: str = "",
    pressed: Collection[int] | None = None,
    pressed_name: str = "pressed",
    on_press: Callable[[frozenset[int]], None] | None = None,
    more: int | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw words and bars, and report the words that are pressed.

    Parameters
    ----------
    words : sequence of str
        Any text.
    series : sequence of WordSeries
        Each has a scale of its own; bars of negative numbers hang.
    key, version : str
        Key of the component; name of what is shown. What is pressed in what is gone is dropped.
    title, text : str
        Heading; the picture in words, shown below it.
    spoken : str
        What the picture is, for a screen reader.
    hint : str
        What stands where a word's numbers will, until one is pointed at.
    pressed : collection of int, optional
        The words that are pressed; None where none can be.
    pressed_name : str
        What a pressed word is.
    on_press : callable, optional
        Called before the rerun with all words that are pressed then.
    more : int, optional
        How much is done of what takes several rounds: as long as this is given and has changed,
        the browser asks for the next rerun. So whatever else a reader does comes in between.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """

    def receive() -> None:
        places = read_pressed(st.session_state[key].get("press"), version, len(words))
        if places is not None and on_press is not None:
            on_press(places)

    WORD_BARS.draw(
        key=key,
        data={
            "words": list(words),
            "series": [_packed(one) for one in series],
            "title": title,
            "text": text,
            "spoken": spoken,
            "hint": hint,
            "pressed": None
            if pressed is None
            else [place in pressed for place in range(len(words))],
            "pressed_name": pressed_name,
            "version": version,
            "more": more,
            "news": news,
        },
        on_press_change=receive,
        on_more_change=lambda: None,  # the rerun is all that is asked for
    )


def read_pressed(message: object, version: str, n_words: int) -> frozenset[int] | None:
    """Check what the browser reported; None for anything but words of what is shown."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    places = message.get("places")
    if not isinstance(places, list) or len(places) > n_words:
        return None
    fits = all(type(place) is int and 0 <= place < n_words for place in places)
    return frozenset(places) if fits else None


def _packed(one: WordSeries) -> dict[str, object]:
    values = one.values.astype(float).round(6)
    return {
        "name": one.name,
        "note": one.note,
        "values": values.tolist(),
        "low": float(min(values.min(initial=0.0), 0.0)),
        "high": float(max(values.max(initial=0.0), 0.0)),
        "colour": one.colour,
        "digits": one.digits,
    }
