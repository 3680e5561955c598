"""The test of `core.faithfulness` over a set of pictures, as a value that can be stopped.

For each picture in turn: explain it, hide its blocks one after another, put all orders to the
test. Means are over the pictures that are through.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.explain import deletion_order, occlusion_blocks
from core.faithfulness import DIRECTIONS, Direction, step_counts
from core.sweeps import (
    Areas,
    Hidden,
    OcclusionSweep,
    Trial,
    TrialSweep,
    advance_occlusion,
    advance_trial,
    areas_of,
    begin_trial,
)

FloatArray = NDArray[np.float64]
Explain = Callable[[int], Mapping[str, FloatArray]]
"""The explanations of a picture of the set by name, each (patch,), but for occlusion."""
OutputOf = Callable[[int, Hidden], float]
"""The output for a picture of the set with these patches hidden."""


@dataclass(frozen=True)
class SetTrial:
    """What is put to the test on every picture.

    Attributes
    ----------
    grids : tuple of (int, int)
        Rows and columns of patches of each picture.
    n_explanations : int
        How many `Explain` returns.
    occlusion : str
        What occlusion is called among the others.
    n_steps, n_random, seed : int
        See `core.sweeps.Trial`. Each picture has random orders of its own.
    """

    grids: tuple[tuple[int, int], ...]
    n_explanations: int
    occlusion: str
    n_steps: int
    n_random: int
    seed: int

    def passes(self, picture: int) -> int:
        """Return how many steps a picture takes, at most."""
        rows, columns = self.grids[picture]
        between = len(step_counts(rows * columns, self.n_steps)) - 2
        curves = len(DIRECTIONS) * (self.n_explanations + 1 + self.n_random)
        return 1 + 1 + len(occlusion_blocks((rows, columns))) + 2 + curves * between

    @property
    def total(self) -> int:
        """Steps over all pictures."""
        return sum(self.passes(picture) for picture in range(len(self.grids)))


@dataclass(frozen=True, eq=False)
class SetSweep:
    """A test over a set as far as it has come.

    Attributes
    ----------
    trial : SetTrial
    measured : tuple of mapping of direction to Areas
        Of each picture that is through.
    explained : mapping of str to ndarray, or None
        The explanations of the picture in hand; None before they are made.
    occluded : OcclusionSweep or None
    tried : TrialSweep or None
        None until all orders of the picture in hand are known.
    """

    trial: SetTrial
    measured: tuple[Mapping[Direction, Areas], ...] = ()
    explained: Mapping[str, FloatArray] | None = None
    occluded: OcclusionSweep | None = None
    tried: TrialSweep | None = None

    @property
    def done(self) -> int:
        """Steps made; what need not be asked twice counts as made."""
        before = sum(self.trial.passes(picture) for picture in range(len(self.measured)))
        if self.occluded is None:
            return before
        if self.tried is None:
            return before + 1 + self.occluded.done
        return before + self.trial.passes(len(self.measured)) - len(self.tried.waiting)


def advance_set(sweep: SetSweep, explain: Explain, output_of: OutputOf) -> SetSweep:
    """Return the sweep one step further, or as it is at its end."""
    picture = len(sweep.measured)
    if picture == len(sweep.trial.grids):
        return sweep
    if sweep.explained is None:
        occluded = OcclusionSweep(sweep.trial.grids[picture])
        return replace(sweep, explained=explain(picture), occluded=occluded)

    def output(hidden: Hidden) -> float:
        return output_of(picture, hidden)

    occluded = sweep.occluded or OcclusionSweep(sweep.trial.grids[picture])
    if sweep.tried is None:
        occluded = advance_occlusion(occluded, output)
        tried = _begin(sweep, picture, occluded) if occluded.done == occluded.total else None
        return replace(sweep, occluded=occluded, tried=tried)
    tried = advance_trial(sweep.tried, output)
    if tried.waiting:
        return replace(sweep, tried=tried)
    measured = {direction: areas_of(tried, direction) for direction in DIRECTIONS}
    through = {direction: areas for direction, areas in measured.items() if areas is not None}
    return SetSweep(sweep.trial, (*sweep.measured, through))


def _begin(sweep: SetSweep, picture: int, occluded: OcclusionSweep) -> TrialSweep:
    explained = {**(sweep.explained or {}), sweep.trial.occlusion: occluded.values}
    known = dict(zip((frozenset[int](), *occluded.blocks), occluded.outputs, strict=True))
    orders = tuple((name, deletion_order(values)) for name, values in explained.items())
    settings = sweep.trial
    trial = Trial(orders, settings.n_steps, settings.n_random, settings.seed + picture)
    return begin_trial(trial, known)


def mean_areas(sweep: SetSweep, direction: Direction) -> Areas | None:
    """Return the mean area of each explanation over the pictures that are through.

    The baseline is the means of the random orders: the first of every picture together, the second
    of every picture, and so on. Its spread shrinks with the number of pictures, as the
    uncertainty of the other means does.

    Returns
    -------
    Areas or None
        None as long as no picture is through.
    """
    if not sweep.measured:
        return None
    measured = [areas[direction] for areas in sweep.measured]
    named = {
        name: float(np.mean([areas.named[name] for areas in measured]))
        for name in measured[0].named
    }
    at_random = np.mean([areas.chance.areas for areas in measured], axis=0)
    return Areas.of(named, tuple(at_random.tolist()), direction)
