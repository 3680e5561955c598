"""Dropping each head of a model in turn, and ranking the heads by what that changes.

As in `core.sweeps`: a frozen value that is taken one pass further at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
Float64Array = NDArray[np.float64]
Head = tuple[int, int]


class Answered(NamedTuple):
    """What a model answers with some heads dropped.

    Attributes
    ----------
    output : float
        The one number that is explained.
    whole : ndarray
        All of the answer: a map, or the probability of every class.
    """

    output: float
    whole: FloatArray


Drop = Callable[[frozenset[Head]], Answered]
"""The model's answer with these heads, (layer, head) from 0, dropped."""


@dataclass(frozen=True, eq=False)
class HeadSweep:
    """Dropping each head of a model in turn, layer by layer.

    Attributes
    ----------
    shape : (int, int)
        Layers and heads in each.
    before : Answered or None
        The answer with nothing dropped; None before the first pass.
    output_changes : tuple of float
        How much the output changes without each head, as far as it has come.
    whole_changes : tuple of float
        Mean absolute change of all of the answer's numbers.
    """

    shape: tuple[int, int]
    before: Answered | None = None
    output_changes: tuple[float, ...] = ()
    whole_changes: tuple[float, ...] = ()

    @property
    def done(self) -> int:
        """Passes made."""
        return len(self.output_changes) + (self.before is not None)

    @property
    def total(self) -> int:
        """Passes that it takes."""
        return 1 + self.shape[0] * self.shape[1]


def advance_heads(sweep: HeadSweep, drop: Drop) -> HeadSweep:
    """Return the sweep one pass further, or as it is at its end."""
    if sweep.before is None:
        return replace(sweep, before=drop(frozenset()))
    if sweep.done == sweep.total:
        return sweep
    head = divmod(len(sweep.output_changes), sweep.shape[1])
    after = drop(frozenset({head}))
    difference = np.abs(after.whole.astype(np.float64) - sweep.before.whole)
    return replace(
        sweep,
        output_changes=(*sweep.output_changes, after.output - sweep.before.output),
        whole_changes=(*sweep.whole_changes, float(difference.mean())),
    )


def as_grid(changes: tuple[float, ...], shape: tuple[int, int]) -> Float64Array:
    """Lay changes out as (layer, head); NaN where nothing is known yet."""
    grid = np.full(shape[0] * shape[1], np.nan)
    grid[: len(changes)] = changes
    return grid.reshape(shape)


def ranked_heads(changes: tuple[float, ...], n_heads: int) -> tuple[Head, ...]:
    """Return the heads by the size of their change, the largest first.

    Of equal ones the one in the lower layer, then the one with the lower number, is first.
    """
    order = np.argsort(-np.abs(np.asarray(changes, dtype=np.float64)), kind="stable")
    return tuple((place // n_heads, place % n_heads) for place in order.tolist())
