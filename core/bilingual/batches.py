"""Sentences put side by side for training, and the recipe that says how."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from core.bilingual.pair import SentencePair
from core.vocabulary import PADDING_ID, START_ID, UNKNOWN_ID, Vocabulary

N_BATCHES_SORTED = 50
MOST_TOGETHER = 41  # numbers of two sentences, of whose two ends one goes: 40 positions
Numbers = tuple[list[int], list[int]]  # English and French, each with its end


@dataclass(frozen=True)
class Recipe:
    """How to train.

    Attributes
    ----------
    n_steps, batch_size : int
        Batches, and sentences in each.
    learning_rate : float
        At its highest: it rises over `n_warm_up` steps and falls along a cosine to the end.
    label_smoothing : float
        Share of the target's probability that is spread over all words (Szegedy et al. 2016).
    dropout : float
        On what enters a layer or comes out of one; none on attention weights.
    clip : float
        Longest gradient.
    unknown_rate : float
        Share of the sentences in which one English word is replaced by the unknown word, so that
        the model learns to be unsure of it.
    joined_rate : float
        Share of the sentences that another one follows, because a reader may type two, and so
        that places late in a sentence are known too.
    seed : int
        Of the first weights, the order of sentences and the dropout.
    """

    n_steps: int
    learning_rate: float
    batch_size: int = 128
    n_warm_up: int = 300
    label_smoothing: float = 0.05
    dropout: float = 0.1
    clip: float = 1.0
    unknown_rate: float = 0.05
    joined_rate: float = 0.1
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Batch:
    """Sentences side by side, short ones filled up with padding.

    Attributes
    ----------
    english : Tensor of int, (sentence, source)
        The words and the end.
    inputs, targets : Tensor of int, (sentence, step)
        What enters each step, from the start, and what it should predict, to the end.
    """

    english: Tensor
    inputs: Tensor
    targets: Tensor


def endless_batches(
    pairs: Sequence[SentencePair], vocabularies: tuple[Vocabulary, Vocabulary], recipe: Recipe
) -> Iterator[Batch]:
    """Go through the pairs again and again, sentences of like length together."""
    order = random.Random(recipe.seed)
    english, french = vocabularies
    alone = [(english.encode(pair.english), french.encode(pair.french)) for pair in pairs]
    while True:
        numbers = [_with_another(sentence, alone, recipe, order) for sentence in alone]
        order.shuffle(numbers)
        batches = []
        for first in range(0, len(numbers), recipe.batch_size * N_BATCHES_SORTED):
            some = numbers[first : first + recipe.batch_size * N_BATCHES_SORTED]
            some.sort(key=lambda pair: (len(pair[1]), len(pair[0])))
            batches += [
                some[at : at + recipe.batch_size] for at in range(0, len(some), recipe.batch_size)
            ]
        order.shuffle(batches)
        for batch in batches:
            yield to_batch([(_with_unknown(e, recipe, order), f) for e, f in batch])


def _with_another(
    sentence: Numbers, others: list[Numbers], recipe: Recipe, order: random.Random
) -> Numbers:
    if order.random() >= recipe.joined_rate:
        return sentence
    (english, french), (more_english, more_french) = sentence, order.choice(others)
    if max(len(english) + len(more_english), len(french) + len(more_french)) > MOST_TOGETHER:
        return sentence
    return [*english[:-1], *more_english], [*french[:-1], *more_french]


def _with_unknown(numbers: list[int], recipe: Recipe, order: random.Random) -> list[int]:
    if order.random() >= recipe.unknown_rate:
        return numbers
    place = order.randrange(max(len(numbers) - 1, 1))  # not the end
    return [*numbers[:place], UNKNOWN_ID, *numbers[place + 1 :]]


def to_batch(numbers: Sequence[Numbers]) -> Batch:
    """Put sentences side by side, each given as its English and its French numbers, with ends."""
    return Batch(
        english=_pad([english for english, _ in numbers]),
        inputs=_pad([[START_ID, *french[:-1]] for _, french in numbers]),
        targets=_pad([french for _, french in numbers]),
    )


def _pad(sentences: list[list[int]]) -> Tensor:
    longest = max(map(len, sentences))
    return torch.tensor([[*words, *[PADDING_ID] * (longest - len(words))] for words in sentences])
