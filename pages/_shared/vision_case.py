"""One row of a Vision Transformer's attention: who asks, who is read, and all that it took."""

from __future__ import annotations

from dataclasses import dataclass

from core.vision_attention import VisionAttention
from pages._shared.attention_row import AttentionRow, row_stages
from pages._shared.vision_words import prefix_words, token_name


@dataclass(frozen=True, eq=False)
class VisionCase(AttentionRow):
    """What one token attends to in one head, or in the mean of a layer's heads.

    Attributes
    ----------
    grid : (int, int)
        Rows and columns of patches.
    n_prefix_tokens : int
        Tokens before the first patch.
    has_class_token : bool
        Whether the first of them is the class token.
    """

    grid: tuple[int, int]
    n_prefix_tokens: int
    has_class_token: bool = True

    @property
    def prefix_words(self) -> str:
        """Names of the tokens before the patches; empty if there are none."""
        return prefix_words(self.n_prefix_tokens, has_class_token=self.has_class_token)

    def name(self, token: int) -> str:
        """Name a token."""
        has_class = self.has_class_token
        return token_name(token, self.grid, self.n_prefix_tokens, has_class_token=has_class)


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
        If weights of the layer were forced: no softmax leads to them. If the class token is to
        ask and the model has none: no softmax leads to the mean of the patches either.
    """
    if patch < 0 and not attention.has_class_token:
        raise ValueError("This model has no class token to ask: there are only patches.")
    if any(edit.layer == layer for edit in attention.weight_edits):
        raise ValueError(f"Weights of layer {layer} were forced: there is no sum behind them.")
    n_prefix, n_heads = attention.n_prefix_tokens, attention.n_heads
    query_token = 0 if patch < 0 else n_prefix + patch
    heads = range(n_heads) if head == n_heads else range(head, head + 1)
    query = attention.query[layer, heads, query_token]  # (head, d_head)
    key = attention.key[layer, heads]  # (head, token, d_head)
    scores, logits = row_stages(query, key)
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
        scores=scores,
        logits=logits,
        row=row,
        query_token=query_token,
        key_token=key_token,
        grid=attention.grid,
        n_prefix_tokens=n_prefix,
        has_class_token=attention.has_class_token,
    )
