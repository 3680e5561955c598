"""Questions asked of a model one after another, as frozen values that can be stopped and resumed.

A sweep is begun, and `advance` returns a new one with one answer more; the old one stays as it is.
The model is a function that takes what is to be hidden or dropped and returns the output, so one
step costs one pass. `core.set_sweep` strings the sweeps of several pictures together.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.explain import occlusion, occlusion_blocks
from core.faithfulness import (
    DIRECTIONS,
    Baseline,
    Direction,
    Order,
    Verdict,
    area,
    baseline,
    hidden_sets,
    judge,
    random_orders,
    step_counts,
)

Float64Array = NDArray[np.float64]
Hidden = frozenset[int]
Output = Callable[[Hidden], float]
"""The model's output with these patches hidden."""

NOTHING: Hidden = frozenset()


@dataclass(frozen=True, eq=False)
class OcclusionSweep:
    """Hiding one block of patches after another.

    Attributes
    ----------
    grid : (int, int)
        Rows and columns of patches.
    outputs : tuple of float
        Of the whole picture, then with each block hidden, as far as it has come.
    """

    grid: tuple[int, int]
    outputs: tuple[float, ...] = ()

    @property
    def blocks(self) -> tuple[Hidden, ...]:
        """What is hidden at each step after the first."""
        return occlusion_blocks(self.grid)

    @property
    def done(self) -> int:
        """Passes made."""
        return len(self.outputs)

    @property
    def total(self) -> int:
        """Passes that it takes."""
        return 1 + len(self.blocks)

    @property
    def values(self) -> Float64Array:
        """What hiding each patch's block takes from the output, (patch,); NaN if not known yet."""
        n_patches = self.grid[0] * self.grid[1]
        if not self.outputs:
            return np.full(n_patches, np.nan)
        drops = occlusion(self.outputs[0], self.outputs[1:], self.blocks, n_patches)
        return drops.astype(np.float64)


def advance_occlusion(sweep: OcclusionSweep, output: Output) -> OcclusionSweep:
    """Return the sweep one pass further, or as it is at its end."""
    if sweep.done == sweep.total:
        return sweep
    hidden = (NOTHING, *sweep.blocks)[sweep.done]
    return replace(sweep, outputs=(*sweep.outputs, output(hidden)))


@dataclass(frozen=True)
class Trial:
    """What is put to the test: the orders of some explanations, and how many random ones.

    Attributes
    ----------
    orders : tuple of (str, tuple of int)
        Name and order of each explanation, all over the same patches.
    n_steps : int
        Steps of each curve; see `core.faithfulness.step_counts`.
    n_random : int
        Random orders, at least 2.
    seed : int
        Of the random orders.
    """

    orders: tuple[tuple[str, Order], ...]
    n_steps: int
    n_random: int
    seed: int

    @property
    def counts(self) -> tuple[int, ...]:
        """Patches hidden or shown at each point of a curve."""
        return step_counts(len(self.orders[0][1]), self.n_steps)

    @property
    def at_random(self) -> tuple[Order, ...]:
        """The random orders."""
        return random_orders(len(self.orders[0][1]), self.n_random, self.seed)

    @property
    def questions(self) -> tuple[Hidden, ...]:
        """What is hidden in each pass, each set once: end points are shared by all curves."""
        orders = (*(order for _, order in self.orders), *self.at_random)
        return tuple(
            dict.fromkeys(
                hidden
                for order in orders
                for direction in DIRECTIONS
                for hidden in hidden_sets(order, self.counts, direction)
            )
        )


@dataclass(frozen=True, eq=False)
class TrialSweep:
    """A trial as far as it has come.

    Attributes
    ----------
    trial : Trial
    outputs : mapping of frozenset of int to float
        The output by what was hidden.
    waiting : tuple of frozenset of int
        What is still to be hidden.
    """

    trial: Trial
    outputs: Mapping[Hidden, float]
    waiting: tuple[Hidden, ...]

    @property
    def done(self) -> int:
        """Passes made, those among them that were known from elsewhere."""
        return self.total - len(self.waiting)

    @property
    def total(self) -> int:
        """Passes that it takes."""
        return len(self.outputs) + len(self.waiting)

    def curve(self, order: Order, direction: Direction) -> tuple[float, ...] | None:
        """Return the outputs at each point of an order's curve; None while one is not known."""
        sets = hidden_sets(order, self.trial.counts, direction)
        if any(hidden not in self.outputs for hidden in sets):
            return None
        return tuple(self.outputs[hidden] for hidden in sets)


@dataclass(frozen=True)
class Areas:
    """What a trial measured in one direction.

    Attributes
    ----------
    named : mapping of str to float
        Area under the curve of each explanation.
    chance : Baseline
        Areas of the random orders.
    verdict : Verdict
    """

    named: Mapping[str, float]
    chance: Baseline
    verdict: Verdict

    @staticmethod
    def of(named: Mapping[str, float], at_random: tuple[float, ...], direction: Direction) -> Areas:
        """Return the areas with their baseline and verdict."""
        chance = baseline(at_random)
        return Areas(named, chance, judge(named, chance, direction))


def begin_trial(trial: Trial, known: Mapping[Hidden, float] | None = None) -> TrialSweep:
    """Return a trial before its first pass.

    Parameters
    ----------
    trial : Trial
    known : mapping of frozenset of int to float, optional
        Outputs of the same model for the same picture that need not be asked for again.
    """
    questions = trial.questions
    outputs = {hidden: known[hidden] for hidden in questions if known and hidden in known}
    return TrialSweep(trial, outputs, tuple(one for one in questions if one not in outputs))


def advance_trial(sweep: TrialSweep, output: Output) -> TrialSweep:
    """Return the trial one pass further, or as it is at its end."""
    if not sweep.waiting:
        return sweep
    hidden, *others = sweep.waiting
    return TrialSweep(sweep.trial, {**sweep.outputs, hidden: output(hidden)}, tuple(others))


def areas_of(sweep: TrialSweep, direction: Direction) -> Areas | None:
    """Return what a trial measured in one direction; None before its end."""
    trial = sweep.trial
    if sweep.waiting:
        return None

    def under(order: Order) -> float:
        return area(trial.counts, sweep.curve(order, direction) or ())

    named = {name: under(order) for name, order in trial.orders}
    return Areas.of(named, tuple(under(order) for order in trial.at_random), direction)
