"""Plane geometry for pictures of small attentions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray


def convex_hull(points: ArrayLike) -> NDArray[np.float64]:
    """Return the corners of the convex hull of points in a plane.

    A weighted average with weights that are not negative and sum to 1 never leaves it, so
    this is where an attention's output can be.

    Parameters
    ----------
    points : array_like of finite real numbers, (n, 2)

    Returns
    -------
    ndarray of float64, (n_corner, 2)
        Counter-clockwise, from the leftmost (then lowest) point; no corner twice. Points on an
        edge are left out. One point, or two ends, where the points do not span a plane.

    Raises
    ------
    ValueError
        If `points` does not have shape (n, 2) with n >= 1, or holds NaN or infinity.

    References
    ----------
    Andrew, A. M. (1979). Another efficient algorithm for convex hulls in two dimensions.
    Information Processing Letters 9(5), 216-219.
    """
    array = np.asarray(points, dtype=np.float64)
    if array.ndim != 2 or array.shape[1] != 2 or len(array) == 0:
        msg = f"points must have shape (n, 2) with n >= 1, got {array.shape}."
        raise ValueError(msg)
    if not np.isfinite(array).all():
        msg = "points must be finite numbers, got NaN or infinity among them."
        raise ValueError(msg)
    ordered = np.unique(array, axis=0)  # sorted by x, then y
    if len(ordered) <= 2:
        return ordered
    lower, upper = _chain(ordered), _chain(ordered[::-1])
    return np.array(lower[:-1] + upper[:-1])


def _chain(ordered: NDArray[np.float64]) -> list[NDArray[np.float64]]:
    """Return the half of the hull that turns left all the way along `ordered`."""
    chain: list[NDArray[np.float64]] = []
    for point in ordered:
        while len(chain) >= 2 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64]) -> float:
    """Return a positive number if a -> b -> c turns left, 0 if straight."""
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))
