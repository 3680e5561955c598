"""The words that a translator knows, and their numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

VOCABULARY_PATH = Path(__file__).parents[1] / "assets" / "translator" / "vocabulary.json"

# Numbers that stand for something other than a word; words are numbered after them.
PADDING_ID = 0  # fills up short sentences where several are trained on at once
START_ID = 1  # French only
UNKNOWN_ID = 1  # English only: the reader may type any word, the model writes only its own
END_ID = 2
N_SPECIAL = 3
# What a model may write is the end and the words: the numbers from END_ID on.


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language, in the order of their numbers.

    Attributes
    ----------
    words : tuple of str
        Each once; ``words[i]`` has the number ``i + N_SPECIAL``.
    """

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(set(self.words)) != len(self.words):
            raise ValueError("A word stands in the vocabulary twice.")

    def __len__(self) -> int:
        return len(self.words) + N_SPECIAL

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number of each word."""
        return {word: number for number, word in enumerate(self.words, start=N_SPECIAL)}

    def __contains__(self, word: str) -> bool:
        return word in self.numbers

    def encode(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of words, then that of the end; words not known as `UNKNOWN_ID`."""
        return [*(self.numbers.get(word, UNKNOWN_ID) for word in words), END_ID]

    def missing(self, words: Sequence[str]) -> tuple[int, ...]:
        """Return the positions of words that are not known."""
        return tuple(place for place, word in enumerate(words) if word not in self.numbers)


def read_vocabularies(path: Path = VOCABULARY_PATH) -> tuple[Vocabulary, Vocabulary]:
    """Read the English and the French words that the trained translators know.

    Raises
    ------
    ValueError
        If the file is missing or does not hold a list of words for each language.
    """
    try:
        lists = json.loads(path.read_text(encoding="utf-8"))
        english, french = (Vocabulary(tuple(lists[name])) for name in ("english", "french"))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"The vocabulary at {path} cannot be read: {error}") from error
    return english, french
