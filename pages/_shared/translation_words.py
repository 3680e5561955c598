"""A sentence and its translation as words to choose, with the probability of each that is written.

One inline component. It lights up together with the maps and lines of its group; a chosen word is
reported, and checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

import streamlit as st

from core.translation import Alternative
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.palette import ACCENT
from pages._shared.words import number

Axis = Literal["query", "key", ""]
# A sentence below the words; a warning has a bar beside it and is read out.
Said = tuple[Literal["plain", "warning"], str]

# What is less reads as 0.00 without being 0.
_SMALLEST: Final = 0.005

TRANSLATION_WORDS: Final = light_component(
    "translation_words",
    html="<div class='box'></div>",
    css=(FRONTEND / "translation_words.css").read_text("utf-8"),
    constants={"COLOUR": ACCENT},
)


@dataclass(frozen=True)
class Word:
    """One word of a line.

    Attributes
    ----------
    text : str
    probability : str
        With its digits; empty for a word that was not written by a model.
    signs : tuple of str
        What is said of it, in a word or two each.
    classes : tuple of {"hides", "unknown", "changed", "doubtful"}
        How it is drawn.
    chosen : bool
    """

    text: str
    probability: str = ""
    signs: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    chosen: bool = False


@dataclass(frozen=True)
class Line:
    """A sentence, word by word.

    Attributes
    ----------
    name : str
        What it is.
    lang : {"en", "fr"}
    words : tuple of Word
    whole : str
        The sentence as it is written out, or empty.
    axis : {"query", "key", ""}
        What its words are on the maps; empty for words that cannot be chosen.
    """

    name: str
    lang: str
    words: tuple[Word, ...]
    whole: str = ""
    axis: Axis = ""


def translation_words(
    lines: Sequence[Line],
    *,
    key: str,
    version: str,
    on_choose: Callable[[Axis, int], None],
    title: str = "",
    alternatives: Sequence[Alternative] = (),
    taken: str = "",
    said: Sequence[Said] = (),
    step: tuple[int, int] | None = None,
    group: str = "lab",
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw lines of words, what else might have been written, and what there is to say.

    Parameters
    ----------
    lines : sequence of Line
    key : str
        Key of the component.
    version : str
        Name of what is shown; a choice in what is gone is dropped.
    on_choose : callable
        Called before the rerun with the axis and the place of the chosen word.
    title : str
        What the alternatives are alternatives to.
    alternatives : sequence of Alternative
        None are drawn if empty.
    taken : str
        Which of them was written.
    said : sequence of (kind, sentence)
    step : (int, int), optional
        Where the translation is gone through word by word: the word, and how many there are.
    group : str
        What is in one group lights up together.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    sizes: dict[Axis, int] = {line.axis: len(line.words) for line in lines if line.axis}
    if step is not None:
        sizes["query"] = step[1]

    def receive() -> None:
        choice = read_word(st.session_state[key].get("word"), version, sizes)
        if choice is not None:
            on_choose(*choice)

    words = [
        [
            one.word,
            _written(one.probability),
            one.probability,
            one.word == taken and place == _first(alternatives, taken),
        ]
        for place, one in enumerate(alternatives)
    ]
    TRANSLATION_WORDS.draw(
        key=key,
        data={
            "lines": [asdict(line) for line in lines],
            "alternatives": {"title": title, "words": words} if words else None,
            "said": [list(one) for one in said],
            "step": step,
            "version": version,
            "group": group,
            "news": news,
        },
        on_word_change=receive,
    )


def _written(probability: float) -> str:
    return "<0.01" if 0 < probability < _SMALLEST else number(probability)


def _first(alternatives: Sequence[Alternative], word: str) -> int:
    return next((place for place, one in enumerate(alternatives) if one.word == word), -1)


def read_word(message: object, version: str, sizes: Mapping[Axis, int]) -> tuple[Axis, int] | None:
    """Check what the browser reported; None for anything but a word that can be chosen."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    axis, place = message.get("axis"), message.get("place")
    if axis not in ("query", "key") or type(place) is not int:
        return None
    return (axis, place) if 0 <= place < sizes.get(axis, 0) else None
