"""What a Vision Transformer's forward pass gives back, and the interventions it takes.

Only arrays and small frozen records: no torch, so that a page can hold, index and cache them.

The token axis is the prefix tokens first, then the patches row by row: token
``n_prefix_tokens + row * columns + column`` is the patch in that row and column. The prefix is the
class token in most models; it may have a distillation token or registers beside it, or none at all.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.softmax import softmax
from core.weight_edits import WeightEdit, edits_of_layer, force_weights

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class Interventions:
    """What to change in one forward pass. Hashable, and empty by default.

    Attributes
    ----------
    dropped_heads : frozenset of (layer, head)
        Heads whose output is set to zero before the layer's output projection.
    hidden_patches : frozenset of int
        Patches (counted row by row, without the class token) whose pixels are replaced by the
        mean colour of the training pictures before they are embedded.
    weight_edits : tuple of WeightEdit
        Attention weights forced to a value.
    off : frozenset of (kind, layer)
        Blocks that add nothing: `kind` is ``"self"`` or ``"feed_forward"``.
    """

    dropped_heads: frozenset[tuple[int, int]] = frozenset()
    hidden_patches: frozenset[int] = frozenset()
    weight_edits: tuple[WeightEdit, ...] = ()
    off: frozenset[tuple[str, int]] = frozenset()


@dataclass(frozen=True, eq=False)
class VisionAttention:
    """Everything one forward pass of a Vision Transformer computed; all arrays read-only.

    Queries and keys are kept rather than every attention map: twelve layers of six heads over
    1,025 tokens are 300 MB of weights but 38 MB of queries and keys, and any row of weights is
    made from them in well under a millisecond.

    Attributes
    ----------
    grid : (int, int)
        Rows and columns of patches.
    n_prefix_tokens : int
        Tokens before the first patch: class token, distillation token, registers.
    query, key : ndarray of float32, (layer, head, token, d_head)
        What enters each head's scaled dot product.
    tokens : ndarray of float32, (token, d_model)
        The final, normalised features.
    class_tokens : ndarray of float32, (layer, d_model)
        The class token after each layer, before the final normalisation; in a model without one
        the mean of the patches.
    saliency : ndarray of float32, (8 * rows, 8 * columns)
        Probability of being salient, eight cells to a patch in each direction; (0, 0) from a
        model that predicts none.
    logits : ndarray of float32, (class,)
        What softmax turns into the probability of each class; empty from a model that names none.
    has_class_token : bool
        Whether token 0 is a class token, from which the answer is read.
    weight_edits : tuple of WeightEdit
        The edits that the pass was made with; `weights` and `rows` include them.
    kept_weights : ndarray of float32, (layer, head, query, key), or None
        The weights as the pass itself computed them, where it was asked to keep them.
    """

    grid: tuple[int, int]
    n_prefix_tokens: int
    query: Float32Array
    key: Float32Array
    tokens: Float32Array
    class_tokens: Float32Array
    saliency: Float32Array
    logits: Float32Array = field(default_factory=lambda: np.zeros(0, np.float32))
    has_class_token: bool = True
    weight_edits: tuple[WeightEdit, ...] = ()
    kept_weights: Float32Array | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        arrays = (self.query, self.key, self.tokens, self.class_tokens, self.saliency, self.logits)
        for array in arrays:
            array.flags.writeable = False
        if self.kept_weights is not None:
            self.kept_weights.flags.writeable = False

    @property
    def n_layers(self) -> int:
        """Number of layers."""
        return int(self.query.shape[0])

    @property
    def n_heads(self) -> int:
        """Number of heads in each layer."""
        return int(self.query.shape[1])

    @property
    def n_tokens(self) -> int:
        """Number of tokens, prefix and patches."""
        return int(self.query.shape[2])

    @property
    def patch_features(self) -> Float32Array:
        """Final features of the patches alone, (patch, d_model)."""
        return self.tokens[self.n_prefix_tokens :]

    @property
    def probabilities(self) -> Float32Array:
        """Probability of each class, (class,); empty from a model that names none."""
        return softmax(self.logits) if self.logits.size else self.logits

    def weights(self, layer: int) -> Float32Array:
        """Return the attention weights of one layer, (head, query, key)."""
        if self.kept_weights is not None:
            kept: Float32Array = self.kept_weights[layer]
            return kept
        weights = attention_weights(self.query[layer], self.key[layer])
        return force_weights(weights, edits_of_layer(self.weight_edits, layer))

    def rows(self, layer: int, query_token: int) -> Float32Array:
        """Return what one token attends to in every head of a layer, (head, key)."""
        query = self.query[layer][:, [query_token]]  # (head, 1, d_head)
        weights = attention_weights(query, self.key[layer])  # (head, 1, key)
        edits_of_row = [
            replace(edit, query=0)
            for edit in edits_of_layer(self.weight_edits, layer)
            if edit.query == query_token
        ]
        return force_weights(weights, edits_of_row)[:, 0]

    def read_out_rows(self, layer: int) -> Float32Array:
        """Return what the answer is read from attends to in every head of a layer, (head, key).

        That is the class token, also of a distilled model, which reads its second token besides;
        in a model without one, where the answer is read from the mean of the patches, the mean of
        their rows.
        """
        if self.has_class_token:
            return self.rows(layer, 0)
        mean: Float32Array = self.weights(layer)[:, self.n_prefix_tokens :].mean(axis=1)
        return mean

    def cls_maps(self, layer: int) -> Float32Array:
        """Return what the answer is read from attends to in the picture, (head, rows, columns).

        The weight on the tokens before the patches is left out, so a map sums to less than one.
        """
        return self.patch_maps(self.read_out_rows(layer))

    def patch_maps(self, rows: Float32Array) -> Float32Array:
        """Lay values per token, (..., token), out over the picture, (..., rows, columns)."""
        return rows[..., self.n_prefix_tokens :].reshape(*rows.shape[:-1], *self.grid)


def attention_weights(query: Float32Array, key: Float32Array) -> Float32Array:
    """Return the weights of scaled dot-product attention, (head, query, key).

    `query` is (head, query, d_head), `key` (head, key, d_head). Weights need no values, so the
    lab's attention is given values of width zero. One head at a time, because the stages between
    query and weights take several times the memory of the weights themselves.
    """
    no_value = np.empty((key.shape[1], 0), dtype=key.dtype)
    weights = np.empty((*query.shape[:-1], key.shape[1]), dtype=key.dtype)
    for head in range(query.shape[0]):
        weights[head] = scaled_dot_product_attention(query[head], key[head], no_value).weights
    return weights
