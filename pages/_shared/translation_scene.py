"""What the translation page shows in a state: the translation, and what it is measured against."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.alignment import alignment_error_rate, gold_links, links_of
from core.bilingual.pair import SentencePair
from core.translation import Interventions, Translation
from pages._shared import translation
from pages._shared.translation_choice import STEPS, TranslationState
from pages._shared.translation_maps import Reading, shown_weights
from pages._shared.translation_sentences import Sentence


@dataclass(frozen=True, eq=False)
class Scene:
    """What is on the page.

    Attributes
    ----------
    state : TranslationState
    sentence : Sentence
        What is translated.
    before : Translation
        By the model as it was trained.
    translation : Translation
        Under the interventions; `before` itself where there are none.
    """

    state: TranslationState
    sentence: Sentence
    before: Translation
    translation: Translation

    @property
    def word(self) -> int:
        """The chosen French word."""
        return min(self.state.word, len(self.translation.words) - 1)

    @property
    def english(self) -> int:
        """The chosen English word."""
        return min(self.state.english, len(self.translation.source) - 1)

    @property
    def reading(self) -> Reading:
        """Which weights are shown, and which of them is chosen."""
        return reading_of(self.state, self.translation)

    @property
    def only_hidden(self) -> Interventions:
        """The interventions that both models take: the words that are hidden."""
        return Interventions(hidden_words=frozenset(self.state.hidden))

    @property
    def n_rows(self) -> int | None:
        """How many words are written so far, the chosen one included; None for all."""
        return self.word + 1 if self.state.view == STEPS else None

    @property
    def gold(self) -> SentencePair | None:
        """The generator's sentence, if the translation is its French, word for word."""
        pair = self.sentence.gold
        return pair if pair is not None and pair.french == self.translation.french else None

    @cached_property
    def marks(self) -> NDArray[np.bool_] | None:
        """The gold alignment, (word, source), ends included; None where there is none."""
        return None if self.gold is None else marks_of(self.gold, self.translation)

    def alignment_error(self, reading: Reading) -> float | None:
        """Return the alignment error of cross-attention; None where there is no gold."""
        if self.gold is None or reading.part != "cross":
            return None
        return error_of(shown_weights(self.translation, reading), self.gold)


def see(state: TranslationState) -> Scene:
    """Translate the sentence of a state, or recall its translation."""
    sentence = state.sentence
    before = translation.translate(sentence.words)
    after = before
    if state.is_changed:
        after = translation.translate(sentence.words, state.interventions)
    return Scene(state, sentence, before, after)


def reading_of(state: TranslationState, shown: Translation) -> Reading:
    """Return which weights of a translation a state shows."""
    reading = Reading(
        part=state.part,
        scope=state.scope,
        layer=state.layer,
        head=state.head,
        query=state.reader if state.part == "encoder" else state.word,
        key=state.earlier if state.part == "decoder" else state.english,
    )
    return reading.within(shown)


def marks_of(pair: SentencePair, shown: Translation) -> NDArray[np.bool_]:
    """Return a pair's alignment as cells of a translation's cross-attention."""
    marks = np.zeros((len(shown.words), len(shown.source)), dtype=np.bool_)
    for word, source in pair.links:
        marks[word, source] = True
    return marks


def error_of(weights: NDArray[np.float32], pair: SentencePair) -> float:
    """Return the alignment error of one sentence's weights, (word, source)."""
    found = links_of(weights, len(pair.french), len(pair.english))
    return alignment_error_rate([(found, gold_links(pair.alignment))])
