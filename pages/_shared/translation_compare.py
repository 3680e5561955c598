"""Two translations side by side: of two sentences that differ in a word, or by two models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import streamlit as st

from core.bilingual import join_french
from core.translation import Translation
from pages._shared import translation
from pages._shared.matrix import Choice
from pages._shared.translation_choice import NAME
from pages._shared.translation_controls import hash_of
from pages._shared.translation_lines import english_words, french_words
from pages._shared.translation_maps import (
    PART_NAMES,
    Reading,
    draw_map,
    heads_name,
    name_of,
    shown_weights,
)
from pages._shared.translation_scene import Scene, error_of, marks_of
from pages._shared.translation_state import STORE
from pages._shared.translation_tests import draw_tests
from pages._shared.translation_text import list_of
from pages._shared.translation_words import Line, Said, Word, translation_words
from pages._shared.words import number

if TYPE_CHECKING:
    from core.turning import HeadTurn, Turning

News = Mapping[str, object]


@dataclass(frozen=True)
class Turned:
    """Two sentences that differ in a word, and what each head has to do with their French.

    Attributes
    ----------
    adjectives : (str, str)
        The words in which they differ.
    turning : Turning
    """

    adjectives: tuple[str, str]
    turning: Turning

    @property
    def translations(self) -> tuple[Translation, Translation]:
        """Both translations."""
        return self.turning.first, self.turning.second

    @property
    def head(self) -> HeadTurn:
        """The head that turns the French word where the translations part."""
        return self.turning.heads[0]

    def reader(self, which: int) -> str:
        """Return what the row of that head belongs to, in one of the sentences."""
        return self.translations[which].queries(self.head.part)[self.head.row]

    def key(self, which: int) -> int:
        """Return what that row reads most in one of the sentences."""
        return (self.head.first_key, self.head.second_key)[which]

    def row(self, which: int) -> tuple[tuple[str, float], ...]:
        """Return what that row reads in one of the sentences, word by word."""
        head, shown = self.head, self.translations[which]
        weights = shown.weights(head.part)[head.layer, head.head, head.row]
        keys = shown.keys(head.part)[: head.row + 1 if head.part == "decoder" else None]
        return tuple((key, float(weight)) for key, weight in zip(keys, weights, strict=False))


def turned(scene: Scene) -> Turned | None:
    """Translate the two sentences of a state; None if they are one, or are translated alike."""
    one, other = scene.state.turning
    if translation.translate(one.words).words == translation.translate(other.words).words:
        return None
    adjectives = (one.words[-2], other.words[-2])
    return Turned(adjectives, translation.head_that_turns(one.words, other.words))


def draw_turning(scene: Scene, news: News) -> None:
    """Draw both sentences with what the head that turns reads in each, and their French."""
    both = turned(scene)
    lines: list[Line] = []
    said = ["Both sentences are translated alike: choose two adjectives that differ."]
    if both is not None:
        lines = [line for which in (0, 1) for line in _lines_of_one(both, which)]
        said = turning_sentences(both)
    translation_words(
        lines,
        key=f"{NAME}.turned",
        version=STORE.version(),
        on_choose=lambda axis, at: None,
        said=[("plain", sentence) for sentence in said],
        news=news,
    )
    if both is not None:
        for which, column in enumerate(st.columns(2, gap="medium")):
            with column:
                _draw_turning_head(both, which)


def _draw_turning_head(both: Turned, which: int) -> None:
    """Draw all that the head reads in one sentence; the row that the page speaks of is marked."""
    head, sizes = both.head, (translation.N_LAYERS, translation.N_HEADS)
    reading = Reading(head.part, "head", head.layer, head.head, head.row, both.key(which))
    draw_map(
        both.translations[which],
        reading,
        key=f"{NAME}.turning.{which}",
        version=STORE.version(),
        on_choose=None,
        title=f"Too {both.adjectives[which]}",
        note=f"{PART_NAMES[head.part]}, {heads_name(reading, *sizes)}",
    )


def _lines_of_one(both: Turned, which: int) -> list[Line]:
    row, shown, step = both.row(which), both.translations[which], both.turning.step
    reads = tuple(
        Word(word, number(weight), classes=("changed",) if place == both.key(which) else ())
        for place, (word, weight) in enumerate(row)
    )
    words = french_words(shown)
    words = (*words[:step], replace(words[step], classes=("changed",)), *words[step + 1 :])
    lang: Literal["en", "fr"] = "fr" if both.head.part == "decoder" else "en"
    return [
        Line(f"too {both.adjectives[which]}: {name_of(both.reader(which))} reads", lang, reads),
        Line("French", "fr", words, join_french(shown.french)),
    ]


def turning_sentences(both: Turned) -> list[str]:
    """Say where the translations part, what the head that turns reads, and what it alone does."""
    turning, head = both.turning, both.head
    one, other = (name_of(word) for word in turning.words)
    reads = [
        f"{name_of(word)} most ({number(weight)}) with “{adjective}”"
        for which, adjective in enumerate(both.adjectives)
        for word, weight in [max(both.row(which), key=lambda read: read[1])]
    ]
    where = f"head {head.head + 1} of layer {head.layer + 1} of the {PART_NAMES[head.part]}"
    readers = list(dict.fromkeys(name_of(both.reader(which)) for which in (0, 1)))
    second = turning.heads[1]
    found = "That this head turns the word was found by a test."
    if head.probability < 0.5:
        found = "No head turns the word alone; this one does most, as a test says."
    return [
        f"The translations part at {one} and {other}. Above the French stands what "
        f"{list_of(readers)} {'read' if len(readers) > 1 else 'reads'} in {where}: "
        f"{list_of(reads)}.",
        f"{found} Each of all {len(turning.heads)} heads in turn was given the weights that it has "
        f"in the second sentence while the model translates the first. With this one alone, the "
        f"probability of {other} goes from {number(turning.before)} to "
        f"{number(head.probability)}; with the next best, head {second.head + 1} of layer "
        f"{second.layer + 1} of the {PART_NAMES[second.part]}, to {number(second.probability)}.",
    ]


def draw_against_recurrent(scene: Scene, news: News, *, with_controls: bool) -> None:
    """Draw the maps of both models on one sentence side by side, with their alignment errors."""
    words = scene.sentence.words
    hidden = scene.only_hidden
    shown = {
        "Transformer": translation.translate(words, hidden),
        "GRU with additive attention": translation.translate_recurrent(words, hidden),
    }
    version = STORE.version(hash_of(words, *(one.words for one in shown.values())))
    english = english_words(scene.translation, hidden=scene.state.hidden, chosen=scene.english)
    translation_words(
        [Line("English", "en", english, axis="key")],
        key=f"{NAME}.words",
        version=version,
        on_choose=lambda axis, at: STORE.keep(replace(STORE.current, english=at)),
        news=news,
    )
    if with_controls:
        draw_tests(scene, version=version, offered="words")
    for place, (column, (name, one)) in enumerate(
        zip(st.columns(2, gap="medium"), shown.items(), strict=True)
    ):
        with column:
            _draw_model(scene, name, one, place, version)


def _draw_model(scene: Scene, name: str, shown: Translation, place: int, version: str) -> None:
    reading = replace(
        Reading(query=scene.state.word, key=scene.state.english).within(shown), scope="all"
    )

    def take_cell(choice: Choice) -> None:
        STORE.keep(replace(STORE.current, word=choice.row, english=choice.column))

    pair = scene.sentence.gold
    right = pair is not None and pair.french == shown.french
    draw_map(
        shown,
        reading,
        key=f"{NAME}.map.{place}",
        version=version,
        on_choose=take_cell,
        title=name,
        marks=marks_of(pair, shown) if pair is not None and right else None,
    )
    translation_words(
        [
            Line(
                "French",
                "fr",
                french_words(shown, chosen=reading.query),
                join_french(shown.french),
                "query",
            )
        ],
        key=f"{NAME}.french.{place}",
        version=version,
        on_choose=lambda axis, at: STORE.keep(replace(STORE.current, word=at)),
        said=[_verdict(scene, shown, reading, right=right)],
    )


def _verdict(scene: Scene, shown: Translation, reading: Reading, *, right: bool) -> Said:
    pair = scene.sentence.gold
    if pair is None:
        return "plain", "There is no gold alignment for a sentence that the generator did not make."
    if not right:
        return "warning", f"Not the generator's French, which is “{join_french(pair.french)}”"
    error = error_of(shown_weights(shown, reading), pair)
    return "plain", f"Right, word for word. Alignment error: {number(error)}."
