"""Whether an explanation is faithful: hide patches in its order, and look at the answer again.

Deletion and insertion (Petsiuk, Das and Saenko 2018, arXiv:1806.07421). If the patches that an
explanation names first are the ones that the answer rests on, hiding them first makes the output
fall early, and showing nothing but them makes it rise early. The area under each curve is one
number for that, to be held against orders drawn at random. What a hidden patch is painted with is
the model's affair, and a picture with many hidden patches is unlike those it was trained on: the
test compares explanations, it does not measure truth.

Nothing here knows a model: outputs come in as numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]
Order = tuple[int, ...]
Direction = Literal["deletion", "insertion"]
DIRECTIONS: Final[tuple[Direction, ...]] = ("deletion", "insertion")
"""Hide the most important patches first; or hide all, and show the most important first."""


@dataclass(frozen=True)
class Baseline:
    """Areas under the curves of random orders.

    Attributes
    ----------
    mean : float
    spread : float
        Standard deviation of the orders' areas, with one degree of freedom taken off.
    areas : tuple of float
        Of each order.
    """

    mean: float
    spread: float
    areas: tuple[float, ...]


@dataclass(frozen=True)
class Verdict:
    """How the explanations came off in one direction.

    Attributes
    ----------
    ranked : tuple of str
        Names from the most faithful; of equal ones the first named is first.
    better : frozenset of str
        Those that differ from the random mean by more than the spread, to the good side.
    worse : frozenset of str
        Those that do so to the bad side.
    """

    ranked: tuple[str, ...]
    better: frozenset[str]
    worse: frozenset[str]


def step_counts(n_patches: int, n_steps: int) -> tuple[int, ...]:
    """Return how many patches are hidden at each point of a curve, from none to all.

    Parameters
    ----------
    n_patches : int
    n_steps : int
        Steps between the points, at least 1; no more are made than there are patches.

    Returns
    -------
    tuple of int
        ``min(n_steps, n_patches) + 1`` numbers, evenly spread and rounded.

    Raises
    ------
    ValueError
        If there is no patch or no step.
    """
    if n_patches < 1 or n_steps < 1:
        raise ValueError(
            f"Expected at least one patch and one step; got {n_patches} patches, {n_steps} steps."
        )
    counts = np.linspace(0, n_patches, min(n_steps, n_patches) + 1)
    return tuple(int(count) for count in np.floor(counts + 0.5))


def hidden_sets(
    order: Order, counts: Sequence[int], direction: Direction
) -> tuple[frozenset[int], ...]:
    """Return the patches that are hidden at each point of a curve.

    Parameters
    ----------
    order : tuple of int
        All patches, the most important first.
    counts : sequence of int
        How many patches are hidden (deletion) or shown (insertion) at each point.
    direction : {"deletion", "insertion"}
    """
    if direction == "deletion":
        return tuple(frozenset(order[:count]) for count in counts)
    return tuple(frozenset(order[count:]) for count in counts)


def area(counts: Sequence[int], outputs: Sequence[float]) -> float:
    """Return the area under a curve, by trapezoids over the share of patches.

    The share runs from 0 to 1, so the area is the curve's mean height, in the output's unit.

    Parameters
    ----------
    counts : sequence of int
        Rising from 0 to the number of patches.
    outputs : sequence of float
    """
    shares = np.asarray(counts, dtype=np.float64) / counts[-1]
    return float(np.trapezoid(np.asarray(outputs, dtype=np.float64), shares))


def random_orders(n_patches: int, n_orders: int, seed: int) -> tuple[Order, ...]:
    """Return orders of the patches drawn at random, the same for the same seed.

    The first few are the same however many are drawn.
    """
    rng = np.random.default_rng(seed)
    return tuple(tuple(rng.permutation(n_patches).tolist()) for _ in range(n_orders))


def baseline(areas: Sequence[float]) -> Baseline:
    """Return mean and spread of the areas of random orders.

    Raises
    ------
    ValueError
        If there are fewer than two: one area has no spread.
    """
    if len(areas) < 2:
        raise ValueError(f"A spread needs at least two random orders; got {len(areas)}.")
    kept = tuple(float(one) for one in areas)
    return Baseline(float(np.mean(kept)), float(np.std(kept, ddof=1)), kept)


def judge(areas: Mapping[str, float], chance: Baseline, direction: Direction) -> Verdict:
    """Rank explanations by their areas, and tell which differ from chance.

    Parameters
    ----------
    areas : mapping of str to float
        By the explanations' names. A small area is good in deletion, a large one in insertion.
    chance : Baseline
        Of random orders on the same pictures.
    direction : {"deletion", "insertion"}

    Notes
    -----
    "Differs from chance" means: by more than one standard deviation of the random orders. It is a
    plain yardstick for a handful of orders, not a test of significance.
    """
    sign = -1.0 if direction == "deletion" else 1.0
    gains = {name: sign * (one - chance.mean) for name, one in areas.items()}
    return Verdict(
        ranked=tuple(sorted(gains, key=lambda name: -gains[name])),
        better=frozenset(name for name, gain in gains.items() if gain > chance.spread),
        worse=frozenset(name for name, gain in gains.items() if gain < -chance.spread),
    )
