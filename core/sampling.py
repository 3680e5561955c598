"""Choosing the next word from its probabilities: temperature, top-k, top-p, and a seeded draw.

Sources: Fan, Lewis and Dauphin 2018 (arXiv:1805.04833) for top-k; Holtzman et al. 2020
(arXiv:1904.09751) for top-p, there called nucleus sampling.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from core.softmax import softmax

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Sampling:
    """How the next word is chosen. As it stands: drawn with the probabilities as trained.

    Attributes
    ----------
    temperature : float, >= 0
        What the logarithms are divided by before anything else; 0 leaves the most probable word
        alone.
    top_k : int, >= 0
        Keep so many of the most probable words; 0 keeps all.
    top_p : float, in (0, 1]
        Keep the fewest most probable words that have this much of what top-k left; 1 keeps all.
    seed : int, >= 0
        Of the draws.

    Raises
    ------
    ValueError
        If one is out of its range.
    """

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.temperature) and self.temperature >= 0.0):
            msg = f"The temperature is a number from 0 up, got {self.temperature}."
            raise ValueError(msg)
        if self.top_k < 0:
            msg = f"Top-k is a number of words, or 0 to keep all, got {self.top_k}."
            raise ValueError(msg)
        if not 0.0 < self.top_p <= 1.0:
            msg = f"Top-p is a share above 0 and at most 1, got {self.top_p}."
            raise ValueError(msg)
        if self.seed < 0:
            msg = f"A seed is a whole number from 0 up, got {self.seed}."
            raise ValueError(msg)


def best_first(probabilities: ArrayLike) -> IntArray:
    """Return the words' indices, the most probable first; equals in the order of their numbers."""
    return np.argsort(-np.asarray(probabilities, dtype=np.float64), kind="stable").astype(np.int64)


def tempered(log_probabilities: ArrayLike, temperature: float) -> FloatArray:
    """Return the probabilities after the temperature, before anything is cut away.

    ``p^(1/T) / sum p^(1/T)``. At 0 the most probable word has 1, the first of several equals.

    Parameters
    ----------
    log_probabilities : array_like, (word,)
    temperature : float, >= 0

    Returns
    -------
    ndarray of float64, (word,)
        Sums to 1.
    """
    logs = np.asarray(log_probabilities, dtype=np.float64)
    if temperature > 0.0:
        return np.asarray(softmax(logs, temperature=temperature), dtype=np.float64)
    result = np.zeros_like(logs)
    result[best_first(logs)[0]] = 1.0
    return result


def narrowed(log_probabilities: ArrayLike, sampling: Sampling) -> FloatArray:
    """Return the probabilities that a word is drawn with: temperature, then top-k, then top-p.

    After each step what is left is scaled up to sum to 1 again, so that top-p is a share of what
    top-k left. Of equally probable words those with the lower numbers stay.

    Parameters
    ----------
    log_probabilities : array_like, (word,)
        The model's.
    sampling : Sampling

    Returns
    -------
    ndarray of float64, (word,)
        Sums to 1; 0 for what is cut away. At least one word stays.
    """
    probabilities = tempered(log_probabilities, sampling.temperature)
    order = best_first(probabilities)
    if sampling.top_k:
        order = order[: sampling.top_k]
    shares = probabilities[order] / probabilities[order].sum()
    if sampling.top_p < 1.0:
        before = shares.cumsum() - shares  # what the more probable ones have together
        n_kept = max(1, int(np.count_nonzero(before < sampling.top_p)))
        order = order[:n_kept]
    result = np.zeros_like(probabilities)
    result[order] = probabilities[order] / probabilities[order].sum()
    return result


def number_drawn(seed: int, position: int) -> float:
    """Draw a number in [0, 1) for one position of a text; always the same one.

    It depends on nothing else, so that a text that is continued word by word, in one go, or again
    after a step back comes out the same.
    """
    return float(np.random.default_rng((seed, position)).random())


def draw(probabilities: ArrayLike, seed: int, position: int) -> int:
    """Draw a word: lay the probabilities end to end, best first, and see where a number falls.

    Parameters
    ----------
    probabilities : array_like, (word,)
        Sum to 1.
    seed, position : int, >= 0
        Of the number: see `number_drawn`.

    Returns
    -------
    int
        The index of the word; never one of probability 0.
    """
    p = np.asarray(probabilities, dtype=np.float64)
    order = best_first(p)
    order = order[: np.count_nonzero(p)]
    ends = p[order].cumsum()
    place = int(np.searchsorted(ends, number_drawn(seed, position) * ends[-1], side="right"))
    return int(order[min(place, len(order) - 1)])
