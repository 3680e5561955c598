"""The sentences of the translation page: examples, what the menus build, and what a reader types.

The generator that the translators were trained on makes examples and menus, so their French and
which words belong together are known. Of what is typed nothing is known beforehand.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import Final

from core.bilingual import join_english, tokenise_english
from core.bilingual.examples import Example, examples
from core.bilingual.pair import SentencePair
from pages._shared.translation import MOST_WORDS, Words, english_words
from pages._shared.words import without_controls

# Longer texts would not fit into a link, whatever they are made of.
MOST_CHARACTERS: Final = 400
_N_NEAREST: Final = 3
# How alike a known word has to be to be offered in place of an unknown one, of 1.
_ALIKE: Final = 0.6

EXAMPLES: Final[dict[str, Example]] = {example.name: example for example in examples()}
FIRST_EXAMPLE: Final = next(iter(EXAMPLES))


@dataclass(frozen=True)
class Sentence:
    """An English sentence and, where it is known, its right French.

    Attributes
    ----------
    words : tuple of str
        As the translators read them.
    gold : SentencePair or None
        What the generator made of it.
    """

    words: Words
    gold: SentencePair | None = None

    @property
    def text(self) -> str:
        """The sentence as it is written out."""
        return join_english(self.words)


@dataclass(frozen=True)
class Unknown:
    """A word that the translators do not know, and known words that are spelt alike."""

    word: str
    nearest: Words


def of_pair(pair: SentencePair) -> Sentence:
    """Return a sentence that the generator made."""
    return Sentence(pair.english, pair)


def of_text(text: str) -> Sentence:
    """Return a typed sentence; its French is known if it is one of the examples."""
    words = tokenise_english(text)
    pairs = (example.pair for example in EXAMPLES.values())
    return Sentence(words, next((pair for pair in pairs if pair.english == words), None))


def clean(text: str) -> tuple[Words, str]:
    """Return what was typed, cut at white space, and what is wrong with it, if anything.

    Returns
    -------
    words : tuple of str
        Empty if something is wrong.
    problem : str
        In plain sentences.
    """
    kept = without_controls(text)
    chunks = tuple(kept.split())
    n_words = len(tokenise_english(kept)) if len(kept) <= 10 * MOST_CHARACTERS else 0
    if not chunks:
        return (), "There is no word to translate. Write a sentence, such as “The cat sleeps.”"
    if sum(map(len, chunks)) + len(chunks) - 1 > MOST_CHARACTERS:
        return (), (
            f"That is {len(text):,} characters; {MOST_CHARACTERS} are the most here. Translate one "
            "sentence at a time."
        )
    if n_words > MOST_WORDS:
        return (), (
            f"That is {n_words} words and marks; the models have positions for {MOST_WORDS}. "
            "Translate one sentence at a time."
        )
    return chunks, ""


def unknown_words(words: Words) -> tuple[Unknown, ...]:
    """Return the words that the translators do not know, each once, in their order."""
    known = english_words()
    strange = dict.fromkeys(word for word in words if word not in known)
    return tuple(Unknown(word, nearest(word)) for word in strange)


@cache
def _plain_words() -> Words:
    return tuple(word for word in english_words().words if word.isalpha())


def nearest(word: str) -> Words:
    """Return the known words that are spelt most like a word, the nearest first."""
    if len(word) > MOST_CHARACTERS:
        return ()
    return tuple(difflib.get_close_matches(word, _plain_words(), _N_NEAREST, _ALIKE))


def replaced(words: Words, old: str, new: str) -> Words:
    """Return a sentence with every `old` word replaced, as it would be typed."""
    return tuple(join_english([new if word == old else word for word in words]).split())
