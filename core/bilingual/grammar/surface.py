"""What French does to neighbouring words: contraction (au, du) and elision (l', d', qu')."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple


class Word(NamedTuple):
    """A word and the numbers of the ideas that it carries.

    A French and an English word belong together when they share an idea.
    """

    text: str
    ideas: frozenset[int]


CONTRACTED = {
    ("à", "le"): "au",
    ("à", "les"): "aux",
    ("de", "le"): "du",
    ("de", "les"): "des",
}
ELIDED = frozenset(["le", "la", "je", "ne", "se", "me", "te", "de", "que", "ce"])
_VOWELS = frozenset("aàâeéèêëiîïoôuùûhœæ")
# An h that no word leans on ("le hibou"), and numbers that behave so ("de huit").
_NO_ELISION = ("hibou", "huit", "onze")


@cache
def opens_with_vowel(word: str) -> bool:
    """Say whether the word before it is elided: "l'homme", but "le hibou"."""
    return word == "y" or (word[:1] in _VOWELS and not word.startswith(_NO_ELISION))


def contract(words: Sequence[Word]) -> list[Word]:
    """Join *à* and *de* with a following *le* or *les*, but "de l'arbre" stays."""
    out: list[Word] = []
    end = Word("", frozenset())
    rest = [*words, end, end]
    place = 0
    while place < len(words):
        word, after = rest[place], rest[place + 1]
        joined = CONTRACTED.get((word.text, after.text))
        if joined and not (after.text == "le" and opens_with_vowel(rest[place + 2].text)):
            out.append(Word(joined, word.ideas | after.ideas))
            place += 2
        else:
            out.append(word)
            place += 1
    return out


def elide(words: Sequence[Word]) -> list[Word]:
    """Cut the last letter of short words before a vowel: "l'", "j'", "qu'"."""
    out = []
    for place, word in enumerate(words):
        after = words[place + 1].text if place + 1 < len(words) else ""
        cut = word.text in ELIDED and opens_with_vowel(after)
        out.append(Word(word.text[:-1] + "'", word.ideas) if cut else word)
    return out
