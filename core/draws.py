"""Drawing keys: noise, what many draws pile up to, and what can be learned from a draw.

Sources: Gumbel (1954) for the noise; Williams (1992), "Simple statistical gradient-following
algorithms for connectionist reinforcement learning" (REINFORCE).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.hard_attention import draw_keys, one_hot
from core.softmax import softmax

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Draws:
    """Keys drawn again and again from the same logits.

    Attributes
    ----------
    choices : ndarray of int64, (n_draw,)
        The key of each draw.
    frequencies : ndarray of float64, (n_key,)
        The share of the draws that fell on each key; sums to 1.
    sizes : ndarray of int64, (n_size,)
        Numbers of draws, growing, the last of them n_draw.
    errors : ndarray of float64, (n_size,)
        The distance of the frequencies after so many draws from the soft weights.
    """

    choices: IntArray
    frequencies: FloatArray
    sizes: IntArray
    errors: FloatArray


def gumbel_noise(n_draw: int, n_key: int, seed: int) -> FloatArray:
    """Draw standard Gumbel noise: ``-ln(-ln u)`` of uniform u.

    Parameters
    ----------
    n_draw, n_key : int, >= 1
    seed : int, >= 0
        The same seed gives the same noise; more draws only add rows.

    Returns
    -------
    ndarray of float64, (n_draw, n_key)

    Raises
    ------
    ValueError
        If a number is below 1, or the seed negative.
    """
    if min(n_draw, n_key) < 1:
        msg = f"Expected at least 1 draw and 1 key, got {n_draw} draws and {n_key} keys."
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    return rng.gumbel(size=(n_draw, n_key))


def pile_up(logits: ArrayLike, noise: ArrayLike) -> Draws:
    """Draw once for each row of noise, and compare the frequencies with the soft weights.

    Parameters
    ----------
    logits : array_like, (n_key,)
    noise : array_like, (n_draw, n_key)

    Returns
    -------
    Draws
    """
    weights = softmax(np.asarray(logits, dtype=np.float64))
    choices = draw_keys(logits, noise)
    sizes = _growing_sizes(len(choices))
    counts = one_hot(choices, len(weights)).cumsum(axis=0)[sizes - 1]  # (n_size, n_key)
    shares = counts / sizes[:, np.newaxis]
    return Draws(choices, shares[-1], sizes, np.sqrt(((shares - weights) ** 2).sum(axis=-1)))


def expected_error(weights: ArrayLike, n_draw: ArrayLike) -> FloatArray:
    """Return how far frequencies lie from the weights that they were drawn with.

    The root of the mean squared distance, ``sqrt((1 - sum w^2) / n)``: the count of key j is
    binomial, so its frequency has variance ``w_j (1 - w_j) / n``. Ten times nearer takes a hundred
    times the draws.

    Parameters
    ----------
    weights : array_like, (n_key,)
        Soft weights; they sum to 1.
    n_draw : array_like of int, >= 1, any shape
        Numbers of draws.

    Returns
    -------
    ndarray of float64, the shape of `n_draw`
    """
    spread = max(0.0, 1.0 - float(np.square(weights).sum()))
    return np.asarray(math.sqrt(spread) / np.sqrt(np.asarray(n_draw, dtype=np.float64)))


def reinforce_gradients(
    logits: ArrayLike, rewards: ArrayLike, choices: ArrayLike, baseline: float = 0.0
) -> FloatArray:
    """Estimate the gradient of the expected reward by the logits, once for each draw.

    ``(reward - baseline) * (one_hot(choice) - softmax(logits))``: REINFORCE, the score-function
    estimator (Williams 1992). Nothing is followed back through the draw. The mean over all draws
    that there could be is the gradient, whatever the baseline.

    Parameters
    ----------
    logits : array_like, (n_key,)
        Divided by the temperature already.
    rewards : array_like, (n_key,)
        What drawing each key brings.
    choices : array_like of int, (n_draw,)
        The keys drawn.
    baseline : float

    Returns
    -------
    ndarray of float64, (n_draw, n_key)
    """
    weights = softmax(np.asarray(logits, dtype=np.float64))
    drawn = np.asarray(choices)
    advantage = np.asarray(rewards, dtype=np.float64)[drawn] - baseline
    estimates: FloatArray = advantage[:, np.newaxis] * (one_hot(drawn, len(weights)) - weights)
    return estimates


def _growing_sizes(n_draw: int) -> IntArray:
    """Return about 20 numbers of draws for each factor of 10, from 1 to `n_draw`."""
    n_size = 1 + math.ceil(20 * math.log10(n_draw))
    return np.unique(np.geomspace(1, n_draw, n_size).round().astype(np.int64))
