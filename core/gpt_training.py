"""Train the language model: many texts at once, through the same layers that the lab shows."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.gpt_model import START_ID, GptWeights
from core.stories import Story
from core.transformer import no_later, walk
from core.vocabulary import END_ID, UNKNOWN_ID, Vocabulary

NOTHING = -100  # a target that does not count: what `functional.cross_entropy` passes over
N_BATCHES_SORTED = 40


@dataclass(frozen=True)
class GptRecipe:
    """How to train.

    Attributes
    ----------
    n_steps, batch_size : int
        Batches, and texts in each. No text comes up twice but by chance, so nothing is done against
        learning by heart: no dropout.
    learning_rate : float
        At its highest: it rises over `n_warm_up` steps and falls along a cosine to the end.
    weight_decay, clip : float
        Of AdamW, and the longest gradient.
    unknown_rate : float
        Share of the texts in which one word is replaced by the unknown word.
    seed : int
        Of the first weights, the stories and the order of batches.
    """

    n_steps: int = 8000
    batch_size: int = 32
    learning_rate: float = 1.5e-3
    n_warm_up: int = 200
    weight_decay: float = 0.01
    clip: float = 1.0
    unknown_rate: float = 0.05
    seed: int = 0


@dataclass(frozen=True, eq=False)
class GptBatch:
    """Texts side by side, short ones filled up.

    Attributes
    ----------
    inputs : Tensor of int, (text, position)
        What enters, from the start; after the end of a text, what no word of it reads.
    targets : Tensor of int, (text, position)
        The column of what comes next, up to the end; then `NOTHING`.
    """

    inputs: Tensor
    targets: Tensor


def to_batch(texts: Sequence[Sequence[int]], entering: Sequence[Sequence[int]] = ()) -> GptBatch:
    """Put texts side by side.

    Parameters
    ----------
    texts : sequence of sequence of int
        The numbers of their words, each with its end.
    entering : sequence of sequence of int
        The same with some words unknown, where those are to be read; empty if as they are.
    """
    longest = max(map(len, texts))
    read = [[START_ID, *text[:-1]] for text in (entering or texts)]
    filled = [[*text, *[START_ID] * (longest - len(text))] for text in read]
    targets = [
        [*(number - END_ID if number >= END_ID else NOTHING for number in text),
         *[NOTHING] * (longest - len(text))]
        for text in texts
    ]  # fmt: skip
    return GptBatch(torch.tensor(filled), torch.tensor(targets))


def endless_batches(
    stories: Iterator[Story], vocabulary: Vocabulary, recipe: GptRecipe
) -> Iterator[GptBatch]:
    """Take stories as they come, those of like length together."""
    order = random.Random(recipe.seed)
    while True:
        some = [
            vocabulary.encode(story.words)
            for story in islice(stories, recipe.batch_size * N_BATCHES_SORTED)
        ]
        some.sort(key=len)
        batches = [
            some[at : at + recipe.batch_size] for at in range(0, len(some), recipe.batch_size)
        ]
        order.shuffle(batches)
        for texts in batches:
            yield to_batch(texts, [_with_unknown(text, recipe, order) for text in texts])


def _with_unknown(numbers: list[int], recipe: GptRecipe, order: random.Random) -> list[int]:
    if order.random() >= recipe.unknown_rate:
        return numbers
    place = order.randrange(len(numbers) - 1)  # not the end
    return [*numbers[:place], UNKNOWN_ID, *numbers[place + 1 :]]


def batch_logits(weights: GptWeights, batch: GptBatch) -> Tensor:
    """Run a batch through the layers, (text, position, word)."""
    states = weights.embedding(batch.inputs)
    for part in walk(weights.stack(), states, mask=no_later(batch.inputs.shape[1])):
        states = part.leaving
    return weights.logits(states)


def loss_of(weights: GptWeights, batch: GptBatch) -> Tensor:
    """Return the mean of ``-log p`` over all words and ends of a batch, in nats."""
    logits = batch_logits(weights, batch)
    return functional.cross_entropy(
        logits.flatten(0, 1), batch.targets.flatten(), ignore_index=NOTHING
    )


def train_gpt(
    vocabulary: Vocabulary,
    stories: Iterator[Story],
    recipe: GptRecipe,
    report: Callable[[int, float], None],
    make: Callable[[int], GptWeights] = GptWeights,
) -> GptWeights:
    """Train a model from its first weights.

    Parameters
    ----------
    vocabulary : Vocabulary
    stories : iterator of Story
        Without end.
    recipe : GptRecipe
    report : function of step and loss
        Called after every step.
    make : function of the number of words
        Makes the weights, drawn from torch's generator, which is seeded just before.
    """
    torch.manual_seed(recipe.seed)
    weights = make(len(vocabulary))
    optimiser = torch.optim.AdamW(
        weights.parameters(),
        lr=recipe.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=recipe.weight_decay,
    )
    batches = endless_batches(stories, vocabulary, recipe)
    for step in range(1, recipe.n_steps + 1):
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * rate_factor(step, recipe)
        loss = loss_of(weights, next(batches))
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights.parameters(), recipe.clip)
        optimiser.step()
        report(step, loss.item())
    weights.requires_grad_(requires_grad=False)
    return weights


def rate_factor(step: int, recipe: GptRecipe) -> float:
    """Return the share of the highest learning rate at a step, counted from 1."""
    warm_up = min(step / recipe.n_warm_up, 1.0)
    return warm_up * (0.5 + 0.5 * math.cos(math.pi * step / recipe.n_steps)) + 0.01
