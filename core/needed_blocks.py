"""Which blocks of a model a text or a picture needed: each switched off, and the model asked again.

A block that is off adds nothing to the stream; all others run on as they are. That a block is not
missed does not say that it did nothing: others may do the same, and what comes after it may make
up for it. NumPy only: `core.block_tests` asks the models.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from core.anatomy import Place


@dataclass(frozen=True)
class Outcome:
    """What a model answers with some blocks off.

    Attributes
    ----------
    off : frozenset of Place
        The blocks that add nothing.
    value : float
        The number that is watched: the higher, the more of the untouched answer is left.
    answer : tuple of str
        What it says now: words, or a class; empty where the answer has no words.
    """

    off: frozenset[Place]
    value: float
    answer: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """A model asked with each of its blocks off.

    Attributes
    ----------
    before : Outcome
        With no block off.
    without : tuple of Outcome
        With one block off each, in the order of computation.
    """

    before: Outcome
    without: tuple[Outcome, ...]

    @property
    def ranked(self) -> tuple[Outcome, ...]:
        """The outcomes, that of the block needed most first."""
        return tuple(sorted(self.without, key=lambda outcome: outcome.value))

    @property
    def changed(self) -> tuple[Outcome, ...]:
        """Those whose answer is another one, that of the block needed most first."""
        return tuple(one for one in self.ranked if one.answer != self.before.answer)


Ask = Callable[[frozenset[Place]], Outcome]


def each_off(places: Sequence[Place], ask: Ask) -> Iterator[Outcome]:
    """Ask a model with each block off by itself, in the order of the places.

    Parameters
    ----------
    places : sequence of Place
    ask : callable
        From the blocks that are off to what the model answers then.
    """
    for place in places:
        yield ask(frozenset({place}))


def needs_of(places: Sequence[Place], ask: Ask) -> Needs:
    """Ask a model as it is, and with each block off."""
    return Needs(ask(frozenset()), tuple(each_off(places, ask)))


def place_of(outcome: Outcome) -> Place:
    """Return the one block that is off.

    Raises
    ------
    ValueError
        If there is none, or more than one.
    """
    (place,) = outcome.off
    return place
