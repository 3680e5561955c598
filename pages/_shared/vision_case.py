"""One row of a Vision Transformer's attention: who asks, who is read, and all that it took."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.vision_attention import Float32Array, VisionAttention
from pages._shared.vision_words import query_name


@dataclass(frozen=True, eq=False)
class VisionCase:
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
        Who asks and who is read; the class token is 0.
    grid : (int, int)
        Rows and columns of patches.
    n_prefix_tokens : int
        Tokens before the first patch.
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
    grid: tuple[int, int]
    n_prefix_tokens: int

    @property
    def is_mean(self) -> bool:
        """Whether this is the mean of the heads."""
        return self.head == self.n_heads

    @property
    def n_tokens(self) -> int:
        """Number of tokens, prefix and patches."""
        return self.row.size

    def name(self, token: int) -> str:
        """Name a token."""
        return query_name(token - self.n_prefix_tokens, self.grid)

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

    def strongest(self, n_tokens: int) -> NDArray[np.intp]:
        """Return the tokens that are read most, and the one that is read where it is not one."""
        most = np.argsort(-self.row, kind="stable")[:n_tokens]
        return most if self.key_token in most else np.append(most, self.key_token)


def vision_case(
    attention: VisionAttention, layer: int, head: int, patch: int, key_patch: int | None = None
) -> VisionCase:
    """Return the case of one token's attention.

    Parameters
    ----------
    attention : VisionAttention
        One pass of the model, without forced weights.
    layer : int
        From 0.
    head : int
        From 0; the number of heads for their mean.
    patch : int
        The patch that asks, or -1 for the class token.
    key_patch : int, optional
        The patch that is read, -1 for the class token; the strongest patch unless given.

    Raises
    ------
    ValueError
        If weights of the layer were forced: no softmax leads to them.
    """
    if any(edit.layer == layer for edit in attention.weight_edits):
        raise ValueError(f"Weights of layer {layer} were forced: there is no sum behind them.")
    n_prefix, n_heads = attention.n_prefix_tokens, attention.n_heads
    query_token = 0 if patch < 0 else n_prefix + patch
    heads = range(n_heads) if head == n_heads else range(head, head + 1)
    query = attention.query[layer, heads, query_token]  # (head, d_head)
    key = attention.key[layer, heads]  # (head, token, d_head)
    no_value = np.empty((attention.n_tokens, 0), dtype=key.dtype)
    stages = [
        scaled_dot_product_attention(q[np.newaxis], k, no_value)
        for q, k in zip(query, key, strict=True)
    ]
    rows = attention.rows(layer, query_token)
    row = rows.mean(axis=0) if head == n_heads else rows[head]
    key_token = n_prefix + int(row[n_prefix:].argmax())
    if key_patch is not None:
        key_token = 0 if key_patch < 0 else n_prefix + key_patch
    return VisionCase(
        layer=layer,
        head=head,
        n_heads=n_heads,
        query=query,
        key=key,
        scores=np.concatenate([stage.scores for stage in stages]),
        logits=np.concatenate([stage.logits for stage in stages]),
        row=row,
        query_token=query_token,
        key_token=key_token,
        grid=attention.grid,
        n_prefix_tokens=n_prefix,
    )
