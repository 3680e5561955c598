"""Endless sentence pairs from a seed, and the sets that the translator trains and is tested on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from core.bilingual.chance.sentences import some_sentence
from core.bilingual.pair import SentencePair, Splits

MOST_ENGLISH, MOST_FRENCH = 24, 28


def generate(seed: int) -> Iterator[SentencePair]:
    """Make sentence pairs without end; equal seeds give equal pairs.

    Parameters
    ----------
    seed : int
        Of the one source of chance.

    Yields
    ------
    SentencePair
        At most 24 English and 28 French words long. The same sentence may come again.
    """
    rng = Random(seed)
    while True:
        pair = some_sentence(rng)
        if len(pair.english) <= MOST_ENGLISH and len(pair.french) <= MOST_FRENCH:
            yield pair


def splits(
    n_train: int = 100_000, n_test: int = 1000, n_pronouns: int = 400, seed: int = 0
) -> Splits:
    """Make the training sentences and the three test sets; equal arguments give equal sets.

    Parameters
    ----------
    n_train : int
        Training sentences. None holds a combination that is held out.
    n_test : int
        Sentences in each of ``novel`` and ``pairs``.
    n_pronouns : int
        Sentences with "because it was too ...".
    seed : int
        The training sentences come from it, the tests from the next one.

    Returns
    -------
    Splits
        No English sentence is in two of the sets.
    """
    stream = generate(seed)
    train: list[SentencePair] = []
    while len(train) < n_train:
        pair = next(stream)
        if not pair.held_out:
            train.append(pair)
    seen = {pair.english for pair in train}
    fresh = generate(seed + 1)
    return Splits(
        tuple(train),
        novel=_distinct(fresh, seen, lambda pair: not pair.held_out, n_test),
        pairs=_distinct(fresh, seen, lambda pair: bool(pair.held_out), n_test),
        pronouns=_distinct(fresh, seen, _asks_for_a_pronoun, n_pronouns),
    )


def _asks_for_a_pronoun(pair: SentencePair) -> bool:
    return "because it was too " in " ".join(pair.english)


def _distinct(
    pairs: Iterator[SentencePair],
    seen: set[tuple[str, ...]],
    wanted: Callable[[SentencePair], bool],
    n: int,
) -> tuple[SentencePair, ...]:
    """Return the next n pairs that are wanted and new, and add them to those seen."""
    found: list[SentencePair] = []
    while len(found) < n:
        pair = next(pairs)
        if pair.english not in seen and wanted(pair):
            seen.add(pair.english)
            found.append(pair)
    return tuple(found)
