"""Telling a story: sentences from templates, and which of their words follow from the story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random
from typing import Final, TypeVar

from core.stories.world import BOYS, GIRLS, NAMES, Person, person

Of = TypeVar("Of")

COPY: Final = "copy"  # it stood in the story before
PRONOUN: Final = "pronoun"  # he or she, his or her: by whom it stands for
DEDUCED: Final = "deduced"  # by counting, by what is left, by putting two and two together
_MARKS = {"*": COPY, "^": PRONOUN, "#": DEDUCED}
# Before these stands "a" though they begin with a vowel.
_NOT_AN = frozenset(["one", "useful"])

_BESIDE = (
    "a warm day", "raining", "late", "early", "very cold", "a beautiful day", "dark outside",
    "snowing", "very quiet", "a long day", "windy", "sunny",
)  # fmt: skip


@dataclass(frozen=True)
class Story:
    """A text of one sentence or several.

    Attributes
    ----------
    words : tuple of str
        Lower-case words; punctuation marks and ``'s`` are words of their own.
    follows : tuple of str
        For each word `COPY`, `PRONOUN` or `DEDUCED` where it follows from the story so far, ""
        where it need not.
    kind : str
        The plot that made it.
    """

    words: tuple[str, ...]
    follows: tuple[str, ...]
    kind: str


class Teller:
    """What a plot tells its story with: a source of chance, and the words told so far."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self.told: list[tuple[str, str]] = []

    def say(self, template: str, **values: object) -> None:
        """Say a sentence.

        Parameters
        ----------
        template : str
            Words between spaces, with places for values as in `str.format`. A word, or all words
            of a value, are marked as following from the story by ``*`` (it is copied), ``^`` (a
            pronoun) or ``#`` (it is deduced) before it. "a" becomes "an" where it must.
        **values : object
        """
        for token in template.split():
            mark = _MARKS.get(token[0], "") if len(token) > 1 else ""
            body = token[1:] if mark else token
            self.told += [(word, mark) for word in body.format(**values).split()]

    def perhaps(self, *templates: str, chance: float = 0.5, **values: object) -> None:
        """Say one of some sentences, or none."""
        if self.rng.random() < chance:
            self.say(self.of(templates), **values)

    def one(self, *templates: str, **values: object) -> None:
        """Say one of some sentences."""
        self.say(self.of(templates), **values)

    def beside(self, chance: float = 0.3, be: str = "was") -> None:
        """Perhaps say something that has nothing to do with the story; it begins with "it"."""
        self.perhaps("it {be} {such} .", chance=chance, be=be, such=self.of(_BESIDE))

    def of(self, these: Sequence[Of]) -> Of:
        """Choose one."""
        return self.rng.choice(these)

    def some(self, these: Sequence[Of], n: int) -> list[Of]:
        """Choose several different ones, in any order."""
        return self.rng.sample(these, n)

    def people(self, n: int) -> list[Person]:
        """Choose people of different names."""
        return [person(name) for name in self.some(NAMES, n)]

    def couple(self) -> list[Person]:
        """Choose a girl and a boy, in any order: "he" and "she" tell them apart."""
        both = [person(self.of(GIRLS)), person(self.of(BOYS))]
        return self.some(both, 2)

    def yes(self, chance: float = 0.5) -> bool:
        """Toss a coin."""
        return self.rng.random() < chance

    def story(self, kind: str) -> Story:
        """Return what was told."""
        words = [word for word, _ in self.told]
        for place, following in enumerate(words[1:]):
            if words[place] == "a" and following[0] in "aeiou" and following not in _NOT_AN:
                words[place] = "an"
        return Story(tuple(words), tuple(mark for _, mark in self.told), kind)


def listed(things: Sequence[str], article: str = "a") -> str:
    """Write a list out: "a hat , a cup and a pen"."""
    named = [f"{article} {thing}".strip() for thing in things]
    return named[0] if len(named) == 1 else f"{' , '.join(named[:-1])} and {named[-1]}"
