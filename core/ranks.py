"""Rank correlation: whether two measures put the same things first (Spearman 1904)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray


def ranks(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return the rank of each of some numbers, from 1 for the smallest; equals share their mean.

    Parameters
    ----------
    values : ndarray, (n,)
        Finite numbers.
    """
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    mean_rank: NDArray[np.float64] = last - (counts - 1) / 2
    return mean_rank[inverse]


def rank_correlation(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Return Spearman's rank correlation of two measures of the same things, in [-1, 1].

    1 if both put them in one order, -1 if in opposite orders, about 0 if the orders have nothing
    to do with each other. NaN if one of them finds all things equal, or there are fewer than two.

    Parameters
    ----------
    one, other : ndarray, (n,)
        Finite numbers.

    Raises
    ------
    ValueError
        If they are not of the same length.
    """
    if one.shape != other.shape or one.ndim != 1:
        msg = f"Ranks of the same things are compared; got shapes {one.shape} and {other.shape}."
        raise ValueError(msg)
    a, b = (ranks(values) - (one.size + 1) / 2 for values in (one, other))
    spread = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / spread if spread > 0 else float("nan")
