"""Endless stories from a seed, and those that are kept out of training."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from random import Random

from core.bilingual.chance.sentences import some_sentence
from core.stories import plots_counting, plots_people, plots_places
from core.stories.telling import Story, Teller
from core.stories.world import NAMES, NOUNS

MOST_WORDS = 62
ONE_IN = 40
SENTENCE = "sentence"
PLOTS: dict[Callable[[Teller], None], int] = {
    plots_people.shopping: 6,
    plots_people.two_buyers: 10,
    plots_people.pets: 9,
    plots_people.named_pet: 5,
    plots_people.gift: 6,
    plots_people.lost: 5,
    plots_people.royal: 5,
    plots_people.tastes: 7,
    plots_places.moves: 10,
    plots_places.carried: 9,
    plots_places.there_and_back: 5,
    plots_places.journey: 8,
    plots_places.hiding: 8,
    plots_places.jobs: 8,
    plots_places.at_work: 3,
    plots_counting.basket: 7,
    plots_counting.flock: 6,
    plots_counting.comparing: 7,
    plots_counting.race: 6,
    plots_counting.cooking: 7,
    plots_counting.hunt: 4,
    plots_counting.friends: 5,
}
_NAMES, _NOUNS = frozenset(NAMES), frozenset(NOUNS)


def generate(seed: int, sentences: float = 0.2) -> Iterator[Story]:
    """Tell stories without end; equal seeds give equal stories.

    Parameters
    ----------
    seed : int
        Of the one source of chance.
    sentences : float
        Share of texts that are single sentences of `core.bilingual`.

    Yields
    ------
    Story
        At most `MOST_WORDS` words long. The same one may come again.
    """
    rng = Random(seed)
    plots, weights = list(PLOTS), list(PLOTS.values())
    while True:
        if rng.random() < sentences:
            words = some_sentence(rng).english
            story = Story(words, ("",) * len(words), SENTENCE)
        else:
            teller = Teller(rng)
            plot = rng.choices(plots, weights)[0]
            plot(teller)
            story = teller.story(plot.__name__)
        if len(story.words) <= MOST_WORDS:
            yield story


def held_out(story: Story) -> frozenset[tuple[str, str]]:
    """Return the pairs of a name and a noun in a story that are kept out of training.

    One in forty pairs is, by a checksum of the two words, so that the choice is the same everywhere
    and for ever: no training text holds both words, whatever it says of them.
    """
    words = set(story.words)
    return frozenset(
        (name, noun)
        for name in words & _NAMES
        for noun in words & _NOUNS
        if zlib.crc32(f"{name}|{noun}".encode()) % ONE_IN == 0
    )


def training_stories(seed: int = 0) -> Iterator[Story]:
    """Tell the stories that the language model is trained on, without end."""
    return (story for story in generate(seed) if not held_out(story))


def held_out_stories(n: int, seed: int = 1_000_000) -> tuple[Story, ...]:
    """Return stories of which each has a pair that training never shows, no single sentences."""
    return tuple(islice((story for story in generate(seed, 0.0) if held_out(story)), n))
