"""Training the induction model a few steps at a time, from seeds, live or for the lab.

An `InductionRun` is a frozen value: `advance` returns a new one and leaves the old one as it is,
and the same seed leads to the same numbers. Each step is of 32 new sequences; how many letters
their part has is drawn anew for each step, so that no place in a sequence says how far back to
look.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from core.adam import AdamMemory, adam_step, start_adam
from core.induction import LETTERS
from core.induction_model import HEADS, InductionWeights, logits_of, start_weights
from core.induction_scores import Measured, measure

N_STEPS: Final = 600
EVERY: Final = 10
"""Steps between two measurements."""
KEPT_EVERY: Final = 20
"""Steps between two states of the model that are kept."""
GUESSING: Final = math.log(len(LETTERS))
"""The loss of who knows nothing, in nats."""
BATCH: Final = 32
LEARNING_RATE: Final = 1e-2
N_WARM_UP: Final = 50
TRAINED_LETTERS: Final = (8, 9, 10, 12, 13, 15, 16, 18, 19, 20)
"""In the part that is repeated."""
UNSEEN_LETTERS: Final = (11, 14, 17)
"""Never trained on."""


@dataclass(frozen=True, eq=False)
class Replay:
    """A training to be looked at again.

    Attributes
    ----------
    steps : tuple of int
        When weights were kept.
    weights : tuple of InductionWeights
        One for each of them.
    curve_steps : tuple of int
        When it was measured.
    curve : tuple of Measured
        One for each of them.
    """

    steps: tuple[int, ...]
    weights: tuple[InductionWeights, ...]
    curve_steps: tuple[int, ...]
    curve: tuple[Measured, ...]

    @property
    def cliff(self) -> int | None:
        """The step at which copied letters first cost less than half of guessing, if any did."""
        return cliff_step(self.curve_steps, self.curve)


@dataclass(frozen=True, eq=False)
class InductionRun:
    """A training as far as it has come.

    Attributes
    ----------
    seed : int
    step : int
    weights : InductionWeights
    optimizer : AdamMemory
    steps : tuple of int
        When it was measured.
    curve : tuple of Measured
        One for each of them.
    kept_steps : tuple of int
        When its weights were kept.
    kept : tuple of InductionWeights
        One for each of them.
    """

    seed: int
    step: int
    weights: InductionWeights
    optimizer: AdamMemory
    steps: tuple[int, ...] = ()
    curve: tuple[Measured, ...] = ()
    kept_steps: tuple[int, ...] = ()
    kept: tuple[InductionWeights, ...] = ()

    @property
    def replay(self) -> Replay:
        """The training so far, to be looked at again."""
        return Replay(self.kept_steps, self.kept, self.steps, self.curve)


def begin(seed: int, heads: tuple[int, int] = HEADS) -> InductionRun:
    """Return a training at step 0, measured."""
    weights = start_weights(seed, heads)
    return _measured(InductionRun(seed, 0, weights, start_adam(weights)))


def advance(run: InductionRun) -> InductionRun:
    """Return a training one step further, or at its end as it is.

    Parameters
    ----------
    run : InductionRun
        Stays as it is.
    """
    if run.step >= N_STEPS:
        return run
    numbers = draw_batch(run.seed, run.step)
    leaves = InductionWeights(*(part.detach().requires_grad_() for part in run.weights))
    logits = logits_of(leaves, numbers[:, :-1])
    loss = cross_entropy(logits.flatten(0, 1), numbers[:, 1:].flatten() - 1)
    slopes = torch.autograd.grad(loss, leaves)
    rate = LEARNING_RATE * min(1.0, (run.step + 1) / N_WARM_UP)
    stepped, optimizer = adam_step(leaves, slopes, run.optimizer, learning_rate=rate)
    run = replace(run, step=run.step + 1, weights=InductionWeights(*stepped), optimizer=optimizer)
    return _measured(run) if run.step % EVERY == 0 else run


def draw_batch(seed: int, step: int) -> Tensor:
    """Draw the sequences of a step, (sequence, 1 + 2 * n) of int64, n of `TRAINED_LETTERS`."""
    generator = torch.Generator().manual_seed(seed * 2_000_003 + step + 1)
    n = TRAINED_LETTERS[int(torch.randint(len(TRAINED_LETTERS), (1,), generator=generator))]
    part = torch.rand(BATCH, len(LETTERS), generator=generator).argsort(dim=1)[:, :n] + 1
    return torch.cat([torch.zeros(BATCH, 1, dtype=torch.int64), part, part], dim=1)


def cliff_step(steps: Sequence[int], curve: Sequence[Measured]) -> int | None:
    """Return the first measured step with less than half of the loss of guessing, ln 52 = 3.95."""
    low = (step for step, one in zip(steps, curve, strict=True) if one.second < GUESSING / 2)
    return next(low, None)


def _measured(run: InductionRun) -> InductionRun:
    run = replace(run, steps=(*run.steps, run.step), curve=(*run.curve, measure(run.weights)))
    if run.step % KEPT_EVERY:
        return run
    return replace(run, kept_steps=(*run.kept_steps, run.step), kept=(*run.kept, run.weights))
