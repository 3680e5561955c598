"""Two traps of masks: a row with nothing to read, and what True means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.attention import scaled_dot_product_attention
from core.masks import causal_mask, padding_mask, sliding_window_mask
from core.softmax import softmax
from core.traps import fill_blocked, leaked_weight, unguarded_softmax
from pages._shared.trap import Exhibit, Knob, Trap
from pages._shared.traps.dot_product_softmax import scaled_scores
from pages._shared.traps.parts import (
    Array,
    BoolArray,
    first_padded,
    gap,
    literal,
    mask_matrix,
    quoted,
    settle_torch,
    several,
    short,
    weights_matrix,
)
from pages._shared.words import number

if TYPE_CHECKING:
    from pages._shared.dot_product_state import Scene

PADDED: Final = (0, 1, 2)
EMPTY_FILLS: Final = (-math.inf, -1e9)
IN_NUMPY, IN_TORCH = "in NumPy", "in PyTorch"
BY: Final = (IN_NUMPY, IN_TORCH)
CAUSAL, PADDING, ITSELF = "causal", "padding", "itself only"
MASKS: Final = (CAUSAL, PADDING, ITSELF)


# ---- a row that may read nothing


def show_empty_row(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show rows that may read nothing: padding at the beginning under a causal mask."""
    n_padded, fill, by = PADDED[stops[0]], EMPTY_FILLS[stops[1]], BY[stops[2]]
    toy = scene.state.board.toy
    logits = scaled_scores(scene).astype(np.float32)
    mask = first_padded(len(toy.tokens), n_padded)
    if by == IN_TORCH:
        from core.torch_traps import torch_filled, torch_sdpa_weights

        settle_torch()
        wrong = torch_filled(logits, mask, fill)
        query, key = (array.astype(np.float32) for array in (toy.query, toy.key))
        right, note = torch_sdpa_weights(query, key, mask), "PyTorch's SDPA"
    else:
        wrong = unguarded_softmax(fill_blocked(logits, mask, fill))
        right, note = softmax(fill_blocked(logits, mask, -math.inf)), "as the lab does"
    row = [
        mask_matrix("Allowed", mask, toy.tokens),
        weights_matrix("Wrong", wrong, toy.tokens, f"blocked cells hold {short(fill)}"),
        weights_matrix("Right", right, toy.tokens, note, blocked=~mask),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_empty_row(wrong, right, n_padded, toy.tokens),
        wrong=f"weights = torch.softmax(scores.masked_fill(~mask, {literal(fill)}), -1)",
        right="F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
    )


def _said_of_empty_row(wrong: Array, right: Array, n_padded: int, tokens: Sequence[str]) -> str:
    if not n_padded:
        return (
            f"Every row has something to read, itself at least, and both agree {gap(wrong, right)}."
            " Let the sentence begin with padding."
        )
    rows = f"{quoted(tokens[:n_padded])} {'is' if n_padded == 1 else 'are'} padding"
    lost = int(np.isnan(wrong).any(-1).sum())
    if lost:
        return (
            f"{rows}, with nothing before to read: {several(lost, 'row')} of −∞ alone, and "
            "−∞ − −∞ is NaN. So is then any mean over the words, such as a loss. On the right "
            "stand zeros."
        )
    return (
        f"{rows}, with nothing before to read; and yet “{tokens[0]}” reads “{tokens[-1]}” with "
        f"{number(float(wrong[0, -1]))}, as much as any other blocked word. Nothing tells. On the "
        "right stand zeros."
    )


# ---- what True means


def show_sense(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show one mask given to PyTorch's two kinds of attention."""
    kind, by = MASKS[stops[0]], BY[stops[1]]
    toy = scene.state.board.toy
    mask = _mask_of(kind, len(toy.tokens))
    query, key = (array.astype(np.float32) for array in (toy.query, toy.key))
    if by == IN_TORCH:
        from core.torch_traps import torch_multihead_weights, torch_sdpa_weights

        settle_torch()
        wrong = torch_multihead_weights(query, key, mask)
        right = torch_sdpa_weights(query, key, mask)
    else:
        logits = scaled_scores(scene).astype(np.float32)
        wrong = unguarded_softmax(fill_blocked(logits, ~mask, -math.inf))
        right = scaled_dot_product_attention(query, key, query, mask=mask).weights
    row = [
        mask_matrix("Allowed", mask, toy.tokens),
        weights_matrix("Wrong", wrong, toy.tokens, "MultiheadAttention", blocked=mask),
        weights_matrix("Right", right, toy.tokens, "SDPA", blocked=~mask),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_sense(wrong, mask, toy.tokens),
        wrong="attention = nn.MultiheadAttention(d_model, n_head)\n"
        "attention(x, x, x, attn_mask=mask)",
        right="attention(x, x, x, attn_mask=~mask)\n"
        "F.scaled_dot_product_attention(q, k, v, attn_mask=mask)",
    )


def _mask_of(kind: str, n_token: int) -> BoolArray:
    if kind == PADDING:
        return np.broadcast_to(padding_mask(n_token - 1, n_token), (n_token, n_token))
    if kind == ITSELF:
        return sliding_window_mask(n_token, n_token, left=0, right=0)
    return causal_mask(n_token, n_token)


def _said_of_sense(wrong: Array, mask: BoolArray, tokens: Sequence[str]) -> str:
    empty = np.isnan(wrong).any(-1)
    row = int(np.flatnonzero(~empty)[0])
    leak, most = number(float(leaked_weight(wrong, mask)[row])), int(wrong[row].argmax())
    said = (
        "SDPA takes True for “may attend”, MultiheadAttention for “blocked”. There "
        f"“{tokens[row]}” puts {leak} of its weight on what the mask was to hide, most of it on "
        f"“{tokens[most]}”"
    )
    if empty.any():
        said += f"; {quoted([tokens[int(row)] for row in np.flatnonzero(empty)])} may read nothing"
    return f"{said}. No error is raised."


EMPTY_ROW: Final = Trap(
    name="empty-row",
    title="A row with nothing to read",
    about=(
        "Padding before the sentence and a causal mask: the first words may read nothing at all. "
        "What are their weights?"
    ),
    knobs=(
        Knob("Words of padding", tuple(map(str, PADDED))),
        Knob("Blocked cells hold", tuple(map(short, EMPTY_FILLS))),
        Knob("Computed", BY),
    ),
    show=show_empty_row,
)
SENSE: Final = Trap(
    name="sense",
    title="What True means",
    about=(
        "PyTorch has two conventions for a mask of booleans. The same mask, given to both, over "
        "your Q and K."
    ),
    knobs=(Knob("Mask", MASKS), Knob("Computed", BY)),
    show=show_sense,
)
