"""What a row of a translator's attention was computed from: arrays, and no torch."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AttentionVectors:
    """What the weights of one layer of a Transformer were computed from.

    Attributes
    ----------
    query : ndarray of float32, (head, query, d_head)
    key : ndarray of float32, (head, key, d_head)
        The weights are the softmax of their products over the root of d_head, where nothing is
        masked or forced.
    """

    query: Float32Array
    key: Float32Array


@dataclass(frozen=True, eq=False)
class AdditiveVectors:
    """What one row of additive attention was computed from (Bahdanau et al. 2015).

    Attributes
    ----------
    query : ndarray of float32, (d_model,)
        ``W_query state``.
    key : ndarray of float32, (key, d_model)
        ``W_key word``, its bias added.
    score : ndarray of float32, (d_model,)
        What a sum of the two is compared with.
    mask : ndarray of bool, (key,)
        True = may be read.
    """

    query: Float32Array
    key: Float32Array
    score: Float32Array
    mask: NDArray[np.bool_]

    @property
    def logits(self) -> Float32Array:
        """What enters the softmax, (key,): minus infinity for what may not be read."""
        logits = np.tanh(self.query + self.key) @ self.score
        return np.where(self.mask, logits, np.float32(-np.inf))
