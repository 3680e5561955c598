"""A trap of precision: -1e9 in the blocked cells of half precision."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.softmax import softmax
from core.traps import add_fill, fill_blocked, unguarded_softmax
from pages._shared.matrix import Matrix
from pages._shared.trap import Exhibit, Knob, Trap
from pages._shared.traps.dot_product_softmax import scaled_scores
from pages._shared.traps.parts import (
    Array,
    BoolArray,
    first_padded,
    large,
    literal,
    scores_matrix,
    settle_torch,
    several,
    short,
    weights_matrix,
)
from pages._shared.words import number

if TYPE_CHECKING:
    from pages._shared.dot_product_state import Scene

PRECISIONS: Final = ("float16", "float32")
HALF_FILLS: Final = (-1e3, -1e4, -6e4, -65504.0, -65520.0, -1e5, -1e9)
ASSIGNED, ADDED, TORCH_FILL = "assigned", "added", "masked_fill of PyTorch"
HOW: Final = (ASSIGNED, ADDED, TORCH_FILL)


def show_half(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show what becomes of a large fill in float16 and in float32."""
    fill, precision, how = HALF_FILLS[stops[0]], PRECISIONS[stops[1]], HOW[stops[2]]
    tokens = scene.state.board.toy.tokens
    logits = scaled_scores(scene).astype(precision)
    mask = first_padded(len(tokens), 1)
    right = softmax(fill_blocked(logits, mask, -math.inf))
    held = weights_matrix("Right", right, tokens, "blocked: −∞; nothing to read: 0", blocked=~mask)
    code = {
        ASSIGNED: f"scores[~mask] = {literal(fill)}",
        ADDED: f"scores += (1 - mask.astype(scores.dtype)) * {literal(fill)}",
        TORCH_FILL: f"scores = scores.masked_fill(~mask, {literal(fill)})",
    }[how]
    filled = (add_fill if how == ADDED else fill_blocked)(logits, mask, fill)
    wrong, refused = unguarded_softmax(filled), ""
    if how == TORCH_FILL:
        wrong, refused = _torch_filled(logits, mask, fill)
    note = f"{short(fill)} {'added' if how == ADDED else 'put in'}, {precision}"
    row: list[Matrix | str] = [
        scores_matrix("Filled", filled, tokens, note),
        weights_matrix("Wrong", wrong, tokens, "softmax(filled)"),
    ]
    said = _said_of_half(wrong, right, refused, fill, precision, tokens)
    right_code = "F.scaled_dot_product_attention(q, k, v, attn_mask=mask)"
    return Exhibit([[held] if refused else [*row, held]], said, code, right_code)


def _torch_filled(logits: Array, mask: BoolArray, fill: float) -> tuple[Array, str]:
    """Return PyTorch's weights and nothing, or no numbers and the words in which it refuses."""
    from core.torch_traps import torch_filled

    settle_torch()
    try:
        return torch_filled(logits, mask, fill), ""
    except ValueError as error:
        return np.full_like(logits, np.nan), str(error)


def _said_of_half(
    wrong: Array, right: Array, refused: str, fill: float, precision: str, tokens: Sequence[str]
) -> str:
    end = f"{precision} ends at {large(float(np.finfo(precision).max))}"
    if refused:
        return f"{end}, and PyTorch refuses: “{refused}”. Code that ran in float32 stops here."
    n_nan, first = int(np.isnan(wrong).sum()), f"“{tokens[0]}”, which may read nothing,"
    if n_nan > len(tokens):
        return (
            f"{end}, so {short(fill)} is −∞; and where the mask is 0, 0 · −∞ is NaN: {n_nan} of "
            f"{wrong.size} weights are."
        )
    if n_nan:
        same = int(np.isclose(wrong, right).all(-1).sum())
        return (
            f"{end}, so {short(fill)} is −∞. {several(same, 'row')} of {len(tokens)} came out "
            f"right; but {first} has −∞ alone, and −∞ − −∞ is NaN. In float32 {short(fill)} is a "
            "number."
        )
    most = int(wrong[0].argmax())
    alike = np.allclose(wrong[0], wrong[0, 0])
    what = f"all {len(tokens)} words alike" if alike else f"“{tokens[most]}” most"
    return (
        f"{end}, and {short(fill)} is a number: {first} reads {what}, "
        f"{number(float(wrong[0, most]))}, and nothing tells."
    )


HALF: Final = Trap(
    name="half",
    title="−1e9 in half precision",
    about=(
        "A mask made with −1e9, tried in float32, runs in float16. Here it is causal, over your "
        "scaled scores, and the first word is padding: it has nothing to read."
    ),
    knobs=(
        Knob("Blocked cells get", tuple(map(short, HALF_FILLS)), len(HALF_FILLS) - 1),
        Knob("Precision", PRECISIONS),
        Knob("How", HOW),
    ),
    show=show_half,
)
