"""One row of a trained model's attention: who asks, who is read, and all that it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class AttentionRow:
    """What one token attends to in one head, or in the mean of a layer's heads.

    Attributes
    ----------
    layer : int
        From 0.
    head : int
        From 0; `n_heads` for the mean.
    n_heads : int
        How many heads the layer has.
    query : ndarray of float32, (head, d_head)
        The asking token's query: of the one head, or of all.
    key : ndarray of float32, (head, token, d_head)
    scores, logits : ndarray of float32, (head, token)
        ``key @ query``, and divided by the root of d_head.
    row : ndarray of float32, (token,)
        The weights on the screen: of the head, or the mean of all.
    query_token, key_token : int
        Who asks and who is read.
    """

    layer: int
    head: int
    n_heads: int
    query: Float32Array
    key: Float32Array
    scores: Float32Array
    logits: Float32Array
    row: Float32Array
    query_token: int
    key_token: int

    @property
    def is_mean(self) -> bool:
        """Whether this is the mean of the heads."""
        return self.head == self.n_heads

    @property
    def n_tokens(self) -> int:
        """Number of tokens."""
        return self.row.size

    @property
    def peaks(self) -> Float32Array:
        """Each head's largest logit, (head,)."""
        peaks: Float32Array = self.logits.max(axis=-1)
        return peaks

    @property
    def log_sums(self) -> NDArray[np.float64]:
        """The log of each head's sum of exponentials over all tokens, (head,)."""
        shifted = np.exp(self.logits.astype(np.float64) - self.peaks[:, np.newaxis])
        log_sums: NDArray[np.float64] = self.peaks + np.log(shifted.sum(axis=-1))
        return log_sums

    def name(self, token: int) -> str:
        """Name a token."""
        raise NotImplementedError

    def strongest(self, n_tokens: int) -> NDArray[np.intp]:
        """Return the tokens that are read most, and the one that is read where it is not one."""
        most = np.argsort(-self.row, kind="stable")[:n_tokens]
        return most if self.key_token in most else np.append(most, self.key_token)


def row_stages(query: NDArray[Any], key: NDArray[Any]) -> tuple[Float32Array, Float32Array]:
    """Return scores and logits of one query for each head, both (head, token).

    Parameters
    ----------
    query : ndarray, (head, d_head)
    key : ndarray, (head, token, d_head)
    """
    no_value = np.empty((key.shape[1], 0), dtype=key.dtype)
    stages = [
        scaled_dot_product_attention(q[np.newaxis], k, no_value)
        for q, k in zip(query, key, strict=True)
    ]
    scores = np.concatenate([stage.scores for stage in stages])
    return scores, np.concatenate([stage.logits for stage in stages])
