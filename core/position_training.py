"""Learn a table of positions live, on a task that hangs on the order of words.

Which of two marked words came first? Sentences of 8 words hold one A and one B among words that
mean nothing, so a model without positions can do no better than guess. The model is one attention,
as small as it can be: A reads the sentence, adds what it reads to what it is, and a straight line
through that says whether A stands before B. Its words, its projections and, in one of two copies,
its table of positions are learned together from the same sentences.

An `OrderRun` is a frozen value: `advance` returns a new one and leaves the old one as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import binary_cross_entropy_with_logits

from core.adam import AdamMemory, adam_step, start_adam
from core.positional import start_table

N_POSITIONS: Final = 8
D_MODEL: Final = 4
N_STEPS: Final = 200
N_WORDS: Final = 8
A: Final = 0
B: Final = 1
BATCH: Final = 64
LEARNING_RATE: Final = 0.04
N_TEST: Final = 500
# No training takes so many steps: these sentences are never trained on.
_TEST_STEP: Final = 1_000_003


class OrderModel(NamedTuple):
    """The weights of one attention that says whether A stands before B.

    Attributes
    ----------
    words : Tensor, (word, d_model)
    project : Tensor, (3, d_model, d_model)
        To queries, keys and values.
    line, offset : Tensor, (d_model,) and ()
        A logit is read off along the line.
    positions : Tensor, (position, d_model)
        All 0 in the model without positions.
    """

    words: Tensor
    project: Tensor
    line: Tensor
    offset: Tensor
    positions: Tensor


class Sentences(NamedTuple):
    """Sentences and the answers to them.

    Attributes
    ----------
    words : Tensor of int64, (sentence, position)
        `A` and `B` once in each; the rest is drawn from the other words.
    at_a : Tensor of int64, (sentence,)
        Where A stands.
    a_first : Tensor of float32, (sentence,)
        1 where A stands before B, else 0.
    """

    words: Tensor
    at_a: Tensor
    a_first: Tensor


@dataclass(frozen=True)
class Measured:
    """Share of new sentences answered rightly after so many steps, with positions and without."""

    step: int
    accuracy: float
    accuracy_without: float


@dataclass(frozen=True, eq=False)
class Learner:
    """A model, and what its optimiser remembers."""

    model: OrderModel
    optimizer: AdamMemory


@dataclass(frozen=True, eq=False)
class OrderRun:
    """A training as far as it has come.

    Attributes
    ----------
    seed : int
    step : int
    learner, without : Learner
        The model that learns positions, and the one that has none.
    curve : tuple of Measured
    """

    seed: int
    step: int
    learner: Learner
    without: Learner
    curve: tuple[Measured, ...] = ()

    @property
    def table(self) -> NDArray[np.float64]:
        """The learned positions, (position, d_model)."""
        table: NDArray[np.float64] = self.learner.model.positions.double().numpy().copy()
        return table


def begin(seed: int) -> OrderRun:
    """Return a training at step 0: both models the same, but for the table of positions."""
    generator = torch.Generator().manual_seed(seed)
    spread = 1 / math.sqrt(D_MODEL)
    table = torch.from_numpy(start_table(N_POSITIONS, D_MODEL, seed)).float()
    model = OrderModel(
        words=torch.randn(N_WORDS, D_MODEL, generator=generator),
        project=torch.randn(3, D_MODEL, D_MODEL, generator=generator) * spread,
        line=torch.randn(D_MODEL, generator=generator) * spread,
        offset=torch.zeros(()),
        positions=table,
    )
    without = model._replace(positions=torch.zeros_like(table))
    # The one without positions learns everything but its table, the last part.
    learners = Learner(model, start_adam(model)), Learner(without, start_adam(without[:-1]))
    return _measured(OrderRun(seed, 0, *learners))


def advance(run: OrderRun, n_steps: int = 10) -> OrderRun:
    """Return a training some steps of Adam further, measured.

    Parameters
    ----------
    run : OrderRun
        Stays as it is.
    n_steps : int
        Each on `BATCH` new sentences, the same for both models.
    """
    steps = range(run.step, run.step + n_steps)
    batches = [draw_sentences(BATCH, run.seed, step) for step in steps]
    learner = _train(run.learner, batches, learns_positions=True)
    without = _train(run.without, batches, learns_positions=False)
    return _measured(replace(run, step=run.step + n_steps, learner=learner, without=without))


def draw_sentences(n: int, seed: int, step: int) -> Sentences:
    """Draw sentences: A and B in two different places, other words everywhere else."""
    generator = torch.Generator().manual_seed(seed * 2_000_003 + step)
    words = torch.randint(B + 1, N_WORDS, (n, N_POSITIONS), generator=generator)
    places = torch.rand(n, N_POSITIONS, generator=generator).argsort(dim=1)
    at_a, at_b = places[:, 0], places[:, 1]
    rows = torch.arange(n)
    words[rows, at_a], words[rows, at_b] = A, B
    return Sentences(words, at_a, (at_a < at_b).float())


def answer(model: OrderModel, sentences: Sentences) -> Tensor:
    """Return a logit for each sentence, (sentence,): above 0 says that A stands before B."""
    x = model.words[sentences.words] + model.positions  # (sentence, position, d_model)
    a = x[torch.arange(len(x)), sentences.at_a]  # (sentence, d_model)
    to_query, to_key, to_value = model.project
    scores = torch.einsum("sd,spd->sp", a @ to_query, x @ to_key) / math.sqrt(D_MODEL)
    read = torch.einsum("sp,spd->sd", scores.softmax(-1), x @ to_value)
    return (a + read) @ model.line + model.offset


@torch.no_grad()
def accuracy(model: OrderModel, sentences: Sentences) -> float:
    """Return the share of sentences that a model answers rightly."""
    right = (answer(model, sentences) > 0) == (sentences.a_first > 0)
    return float(right.float().mean())


def _measured(run: OrderRun) -> OrderRun:
    test = draw_sentences(N_TEST, run.seed, _TEST_STEP)
    shares = (accuracy(learner.model, test) for learner in (run.learner, run.without))
    return replace(run, curve=(*run.curve, Measured(run.step, *shares)))


def _train(learner: Learner, batches: list[Sentences], *, learns_positions: bool) -> Learner:
    """Return a learner after a step on each batch."""
    model, optimizer = learner.model, learner.optimizer
    for batch in batches:
        leaves = OrderModel(*(part.detach().requires_grad_() for part in model))
        learned = leaves if learns_positions else leaves[:-1]
        loss = binary_cross_entropy_with_logits(answer(leaves, batch), batch.a_first)
        slopes = torch.autograd.grad(loss, learned)
        stepped, optimizer = adam_step(learned, slopes, optimizer, learning_rate=LEARNING_RATE)
        model = model._replace(**dict(zip(OrderModel._fields, stepped, strict=False)))
    return Learner(model, optimizer)
