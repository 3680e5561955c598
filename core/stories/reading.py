"""Between a line of text and the words of the stories."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.bilingual.lexicon.function_words import DAYS, PROPER_PLACES
from core.bilingual.lexicon.function_words import NAMES as NAMES_OF_TWO_LANGUAGES
from core.bilingual.reading import tokenise_english
from core.stories.world import NAMES, PET_NAMES, TOWNS

_CAPITALS = frozenset(
    ["i", *NAMES, *PET_NAMES, *TOWNS, *DAYS, *PROPER_PLACES, *NAMES_OF_TWO_LANGUAGES]
)
_ENDS = frozenset(".?!")


def tokenise_story(text: str) -> tuple[str, ...]:
    """Cut a text into words as the stories have them: see `core.bilingual.tokenise_english`."""
    return tokenise_english(text)


def shown_words(words: Sequence[str]) -> tuple[str, ...]:
    """Return words with capitals for *I*, names, and the first of each sentence."""
    befores = (".", *words)
    return tuple(
        word[:1].upper() + word[1:] if word in _CAPITALS or before in _ENDS else word
        for before, word in zip(befores, words, strict=False)
    )


def join_story(words: Sequence[str]) -> str:
    """Write words out as a line of text, with capitals and no space before punctuation."""
    return re.sub(r" ('s\b|[.,!?;:])", r"\1", " ".join(shown_words(words)))
