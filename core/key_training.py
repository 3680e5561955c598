"""Training `core.find_the_key` a few steps at a time, and measuring while it trains.

A `KeyRun` is a frozen value: `advance` returns a new one and leaves the old one as it is, and the
same settings lead to the same numbers, in however many pieces they are trained.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.adam import AdamMemory, adam_step, start_adam
from core.find_the_key import (
    KEPT,
    N_KEYS,
    Batch,
    Model,
    answers_of,
    errors_of,
    expected_loss,
    logits_of,
    loss_of,
    make_batch,
    make_model,
)
from core.key_gradients import first_repeat, gradients
from core.key_settings import REINFORCE, SOFT_METHOD, KeySettings

FloatArray = NDArray[np.float64]

EVERY: Final = 10
"""Steps between two measurements."""
N_TEST: Final = 256
TEST_STEP: Final = 900_001
"""A step that no training reaches: what is measured on is never trained on."""
# How many draws a point of the curve of variances takes, at every how many steps.
_CURVE_DRAWS: Final = 32
_CURVE_EVERY: Final = 50


@dataclass(frozen=True, eq=False)
class Measured:
    """How far all methods are, on sentences that nobody trains on.

    Attributes
    ----------
    step : int
    found : ndarray, (n_method, n_repeat)
        Share of the sentences in which the wanted key has the largest weight.
    loss : ndarray, (n_method, n_repeat)
        Cross-entropy in nats: of the average for soft, the expected one of a draw for the others.
    entropy : ndarray, (n_method, n_repeat)
        Of the soft weights, in nats; at most ln 16 = 2.77.
    variance : ndarray, (n_method,)
        Of the gradient by queries and keys over draws, in the first repeat; NaN where it was not
        measured.
    """

    step: int
    found: FloatArray
    loss: FloatArray
    entropy: FloatArray
    variance: FloatArray


@dataclass(frozen=True, eq=False)
class Learner:
    """One method's models, its optimiser's memory, and its running mean of the rewards."""

    model: Model
    optimizer: AdamMemory
    baseline: Tensor


@dataclass(frozen=True, eq=False)
class KeyRun:
    """A training as far as it has come."""

    settings: KeySettings
    step: int
    learners: tuple[Learner, ...]
    curve: tuple[Measured, ...] = field(default=())


def begin(settings: KeySettings) -> KeyRun:
    """Return a training at step 0: every method with the same untrained models."""
    model = make_model(settings.seeds)
    learner = Learner(model, start_adam(model), torch.zeros(settings.n_repeat))
    run = KeyRun(settings, 0, tuple(learner for _ in settings.methods))
    return replace(run, curve=(measure(run),))


def advance(run: KeyRun, n_steps: int = EVERY) -> KeyRun:
    """Return a training `n_steps` further, or at its end.

    Parameters
    ----------
    run : KeyRun
        Stays as it is.
    n_steps : int

    Returns
    -------
    KeyRun
    """
    last = min(run.step + n_steps, run.settings.n_steps)
    while run.step < last:
        until = min(last, run.step - run.step % EVERY + EVERY)
        batches = [make_batch(run.settings.seeds, step) for step in range(run.step, until)]
        pairs = zip(run.settings.methods, run.learners, strict=True)
        learners = tuple(_train(m, learner, batches, run.settings) for m, learner in pairs)
        run = replace(run, step=until, learners=learners)
        if until % EVERY == 0 or until == run.settings.n_steps:
            run = replace(run, curve=(*run.curve, measure(run)))
    return run


def _train(method: str, learner: Learner, batches: list[Batch], settings: KeySettings) -> Learner:
    """Return a learner after a step on each batch."""
    model, optimizer, baseline = learner.model, learner.optimizer, learner.baseline
    for batch in batches:
        leaves = Model(*(part.detach().requires_grad_() for part in model))
        loss = loss_of(method, leaves, batch, baseline, settings.tau)
        slopes = torch.autograd.grad(loss.total, leaves)
        stepped, optimizer = adam_step(
            leaves, slopes, optimizer, learning_rate=settings.learning_rate
        )
        model = Model(*stepped)
        if method == REINFORCE:
            baseline = KEPT * baseline + (1 - KEPT) * loss.reward
    return Learner(model, optimizer, baseline)


def measure(run: KeyRun) -> Measured:
    """Measure all methods on sentences of each repeat that nobody trains on."""
    found, loss, entropy = _measure_answers(run)
    return Measured(run.step, found, loss, entropy, _variances(run))


@torch.no_grad()
def _measure_answers(run: KeyRun) -> tuple[FloatArray, FloatArray, FloatArray]:
    batch = make_batch(run.settings.seeds, TEST_STEP, N_TEST)
    found: list[Tensor] = []
    losses: list[Tensor] = []
    entropies: list[Tensor] = []
    for method, learner in zip(run.settings.methods, run.learners, strict=True):
        logits = logits_of(learner.model, batch)
        weights = logits.softmax(dim=-1)
        found.append((logits.argmax(dim=-1) == batch.place).float().mean(dim=-1))
        if method == SOFT_METHOD:
            errors = errors_of(answers_of(learner.model, batch, weights), batch).mean(dim=-1)
        else:
            errors = expected_loss(learner.model, batch)
        losses.append(errors)
        entropies.append(-torch.xlogy(weights, weights).sum(dim=-1).mean(dim=-1))
    return _as_array(found), _as_array(losses), _as_array(entropies)


def _as_array(rows: list[Tensor]) -> FloatArray:
    array: FloatArray = torch.stack(rows).double().numpy()
    return array


def _variances(run: KeyRun) -> FloatArray:
    if run.step % _CURVE_EVERY:
        return np.full(len(run.learners), np.nan)
    pairs = zip(run.settings.methods, run.learners, strict=True)
    scattered = (gradients(m, one.model, run.settings, _CURVE_DRAWS) for m, one in pairs)
    return np.array([float(each.var(dim=0).sum()) for each in scattered])


def steps_to(run: KeyRun, method: int, share: float = 0.9) -> list[int | None]:
    """Return the step from which on a method finds the key in this share of the sentences.

    Parameters
    ----------
    run : KeyRun
    method : int
        Place in the settings' methods.
    share : float

    Returns
    -------
    list of int or None, one for each repeat
        The first of three measurements in a row that reach it; None if none did yet.
    """
    found = np.array([point.found[method] for point in run.curve]) >= share  # (n_point, n_repeat)
    lasting = found[:-2] & found[1:-1] & found[2:]
    return [run.curve[int(column.argmax())].step if column.any() else None for column in lasting.T]


def example(run: KeyRun) -> tuple[Batch, Tensor]:
    """Return one sentence of the first repeat, and each method's soft weights on it.

    Returns
    -------
    Batch
        Of one repeat and one sentence.
    Tensor, (n_method, N_KEYS)
    """
    batch = make_batch(run.settings.seeds[:1], TEST_STEP, 1)
    rows = [logits_of(first_repeat(one.model), batch).softmax(dim=-1) for one in run.learners]
    return batch, torch.stack(rows).view(-1, N_KEYS)
