"""The nouns: English, French, gender, and what can be done with them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from core.bilingual.lexicon.noun_table import NOUN_TABLE
from core.bilingual.lexicon.rows import rows


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun in both languages.

    Attributes
    ----------
    english, english_plural, french, french_plural : str
        Its four forms.
    feminine : bool
        Its French gender.
    tags : frozenset of str
        What it is ("person", "place") and what it allows ("read", "at").
    """

    english: str
    english_plural: str
    french: str
    french_plural: str
    feminine: bool
    tags: frozenset[str]

    @property
    def mass(self) -> bool:
        """Say whether it is a stuff, such as water, that has no plural and no "a"."""
        return "mass" in self.tags

    @property
    def same_plural(self) -> bool:
        """Say whether English writes one and many alike, so that only the article tells."""
        return self.english == self.english_plural

    @property
    def may_be_owned(self) -> bool:
        """Say whether "my" goes with it: "my friend", "my book", but not "my thief"."""
        return "own" in self.tags or not self.tags & {"person", "animal", "place", "tree"}


def _english_plural(word: str) -> str:
    if word.endswith("y") and word[-2] not in "aeiou":
        return word[:-1] + "ies"
    return word + ("es" if word.endswith(("s", "x", "ch", "sh")) else "s")


def _french_plural(word: str) -> str:
    if word[-1] in "sxz":
        return word
    return word + ("x" if word.endswith(("eau", "eu")) else "s")


def _noun(line: str, heading: str) -> Noun:
    english, french, gender, *tags = line.split()
    english, _, english_plural = english.partition("/")
    french, _, french_plural = french.partition("/")
    return Noun(
        english,
        english_plural or _english_plural(english),
        french,
        french_plural or _french_plural(french),
        gender == "f",
        frozenset([*heading.split(), *tags]),
    )


NOUNS: dict[str, Noun] = {
    noun.english: noun
    for heading, lines in NOUN_TABLE.items()
    for noun in (_noun(line, heading) for line in rows(lines))
}


@cache
def nouns_with(tags: str) -> tuple[Noun, ...]:
    """Return the nouns that have any of some tags, or are named, given as words in one string."""
    wanted = set(tags.split())
    return tuple(noun for noun in NOUNS.values() if (noun.tags | {noun.english}) & wanted)
