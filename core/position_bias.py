"""Positions as a bias on the scores: how far a key stands from a query, and nothing else.

ALiBi (Press et al. 2022, https://arxiv.org/abs/2108.12409) takes a straight line with a slope for
each head; T5 (Raffel et al. 2020, https://arxiv.org/abs/1910.10683, section 2.1) learns a number
for each bucket of distances and head.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.positional import FloatArray, check_positions


def relative_positions(query_positions: ArrayLike, key_positions: ArrayLike) -> FloatArray:
    """Return the position of every key as seen from every query: negative is before it.

    Parameters
    ----------
    query_positions : array_like of real numbers, (n_query,)
    key_positions : array_like of real numbers, (n_key,)

    Returns
    -------
    ndarray of float64, (n_query, n_key)
        ``key - query``.
    """
    queries, keys = check_positions(query_positions), check_positions(key_positions)
    return keys[np.newaxis, :] - queries[:, np.newaxis]


def alibi_slopes(n_heads: int) -> FloatArray:
    """Return how fast each head forgets: the slopes of ALiBi.

    For a power of two they are ``2**(-8 / n_heads)`` and its powers. For other numbers the paper's
    code takes those of the next lower power of two, then every other one of the next higher.

    Parameters
    ----------
    n_heads : int, >= 1

    Returns
    -------
    ndarray of float64, (head,)
        In (0, 1).

    Raises
    ------
    ValueError
        If there is no head.
    """
    if n_heads < 1:
        msg = f"There must be at least 1 head, got {n_heads}."
        raise ValueError(msg)
    lower = 1 << (n_heads.bit_length() - 1)
    slopes = 2.0 ** (-8.0 / lower * np.arange(1, lower + 1))
    between = 2.0 ** (-4.0 / lower * np.arange(1, 2 * lower + 1, 2))
    return np.concatenate([slopes, between[: n_heads - lower]])


def alibi_bias(relative: ArrayLike, slopes: ArrayLike, *, causal: bool = False) -> FloatArray:
    """Return a bias that falls in a straight line with the distance (Press et al. 2022).

    Parameters
    ----------
    relative : array_like of real numbers, (...)
        Positions of keys as seen from queries; see `relative_positions`.
    slopes : array_like of real numbers, (head,)
    causal : bool
        Block keys after the query, as in the paper; else both sides fall alike.

    Returns
    -------
    ndarray of float64, (head, ...)
        ``-slope * abs(relative)``, to be added to the scaled scores; ``-inf`` where blocked.
    """
    seen_from_query = check_positions(relative)
    steepness = np.asarray(slopes, dtype=np.float64)
    per_head = steepness.reshape(-1, *[1] * seen_from_query.ndim)
    bias = 0.0 - per_head * np.abs(seen_from_query)
    return np.where(seen_from_query > 0, -np.inf, bias) if causal else bias


def relative_bucket(
    relative: ArrayLike,
    *,
    bidirectional: bool = True,
    n_buckets: int = 32,
    max_distance: int = 128,
) -> NDArray[np.int64]:
    """Sort distances into buckets: near ones each get their own, far ones share (T5).

    Parameters
    ----------
    relative : array_like of whole numbers, (...)
        Positions of keys as seen from queries; see `relative_positions`.
    bidirectional : bool
        Whether keys after the query have buckets of their own, the upper half of them; else they
        all share bucket 0 with the query's own place, since a causal mask hides them anyway.
    n_buckets : int
        Half of a direction's buckets hold one distance each; it has at least two.
    max_distance : int
        From here on all distances share the last bucket.

    Returns
    -------
    ndarray of int64, (...)
        From 0 to ``n_buckets - 1``.

    Raises
    ------
    ValueError
        If the buckets cannot be dealt out like that.

    Notes
    -----
    Beyond the exact buckets the edges grow by a constant factor. An edge that is a whole number
    belongs to the upper bucket; a little is added against rounding that would say otherwise.
    """
    seen_from_query = check_positions(relative)
    per_direction = n_buckets // 2 if bidirectional else n_buckets
    exact = per_direction // 2
    if exact < 1 or max_distance <= exact or (bidirectional and n_buckets % 2):
        msg = (
            "Every direction needs two buckets or more, an equal number of them, and max_distance "
            f"must lie beyond the exact ones; got n_buckets {n_buckets}, max_distance "
            f"{max_distance}."
        )
        raise ValueError(msg)
    behind = np.abs(seen_from_query) if bidirectional else np.maximum(-seen_from_query, 0)
    growth = np.log(np.maximum(behind, exact) / exact) / math.log(max_distance / exact)
    shared = exact + np.floor(growth * (per_direction - exact) + 1e-9)
    bucket = np.where(behind < exact, behind, np.minimum(shared, per_direction - 1))
    ahead = per_direction * (seen_from_query > 0) if bidirectional else 0
    return (bucket + ahead).astype(np.int64)


def relative_bias(buckets: NDArray[np.integer[Any]], table: ArrayLike) -> FloatArray:
    """Look up the bias of every bucket in a learned table.

    Parameters
    ----------
    buckets : ndarray of int, (...)
        From `relative_bucket`.
    table : array_like of real numbers, (head, n_buckets)

    Returns
    -------
    ndarray of float64, (head, ...)
        To be added to the scores.
    """
    per_head = np.asarray(table, dtype=np.float64)
    return per_head[:, buckets]
