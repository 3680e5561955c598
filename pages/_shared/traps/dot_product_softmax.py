"""Two traps inside softmax: the maximum that is not subtracted, and a fill that leaks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import numpy as np

from core.attention import scaled_dot_product_attention
from core.masks import causal_mask
from core.softmax import naive_softmax, softmax
from core.traps import fill_blocked, leaked_weight, unguarded_softmax
from pages._shared.trap import Exhibit, Knob, Trap
from pages._shared.traps.parts import (
    Array,
    BoolArray,
    gap,
    large,
    literal,
    scores_matrix,
    short,
    weights_matrix,
)
from pages._shared.words import number

if TYPE_CHECKING:
    from pages._shared.dot_product_state import Scene

PRECISIONS: Final = ("float16", "float32", "float64")
FACTORS: Final = (1, 2, 3, 4, 5, 7, 10, 20, 50, 100, 300, 1000)
FILLS: Final = (-10.0, -100.0, -1e4, -1e9)
SHIFTS: Final = (0.0, -2.0, -5.0, -8.0, -10.0, -12.0, -20.0, -50.0, -90.0, -100.0, -200.0, -1e3,
                 -5e3, -1e4, -2e4)  # fmt: skip
# Less than this reads as 0.00.
_SEEN: Final = 0.005


def scaled_scores(scene: Scene) -> Array:
    """Return the page's scores divided by the root of d_head, in float64, without a mask."""
    toy = scene.state.board.toy
    return scaled_dot_product_attention(toy.query, toy.key, toy.value).logits


# ---- softmax without the maximum


def show_overflow(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show softmax with and without subtracting the row's maximum."""
    factor, precision = FACTORS[stops[0]], PRECISIONS[stops[1]]
    tokens = scene.state.board.toy.tokens
    with np.errstate(over="ignore"):
        logits = (factor * scaled_scores(scene)).astype(precision)
    wrong, right = naive_softmax(logits), softmax(logits)
    row = [
        scores_matrix("Logits", logits, tokens, f"scaled × {factor}, {precision}"),
        weights_matrix("Wrong", wrong, tokens, "exp(x) / sum"),
        weights_matrix("Right", right, tokens, "exp(x − max) / sum"),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_overflow(logits, wrong, right),
        wrong="weights = np.exp(x) / np.exp(x).sum(-1, keepdims=True)",
        right="e = np.exp(x - x.max(-1, keepdims=True))\nweights = e / e.sum(-1, keepdims=True)",
    )


def _said_of_overflow(logits: Array, wrong: Array, right: Array) -> str:
    precision, top = logits.dtype.name, float(np.finfo(logits.dtype).max)
    if not np.isfinite(logits).all():
        return (
            f"{precision} cannot even hold these scores: its largest number is {large(top)}. "
            "No softmax mends that."
        )
    peak = round(float(logits.max()), 1)
    power = f"The largest logit is {number(peak, 1)}; e^{number(peak, 1)} is about {_exp(peak)}"
    lost = ~np.isfinite(wrong).all(-1) | (wrong.astype(np.float64).sum(-1) == 0)
    if not lost.any():
        return (
            f"{power}, and {precision} holds numbers up to {large(top)}: both agree "
            f"{gap(wrong, right)}. A logit of {number(math.log(top), 1)} is the end."
        )
    rows = f"{lost.sum()} of {len(lost)} rows {'is' if lost.sum() == 1 else 'are'} lost"
    mended = "With its maximum subtracted, every row has an e^0 = 1 and adds up to 1."
    with np.errstate(over="ignore"):
        overflows = np.isinf(np.exp(logits).sum(-1, dtype=logits.dtype)).any()
    if overflows:
        return f"{power}, and {precision} ends at {large(top)}: {rows} to ∞. {mended}"
    lowest = number(float(logits.max(-1)[lost].min()), 1)
    return (
        f"In one row the largest logit is {lowest}, and e^{lowest} rounds to 0 in {precision}: "
        f"{rows} to 0 / 0. {mended}"
    )


def _exp(exponent: float) -> str:
    """Write e to the power of `exponent`, however large that is."""
    power = exponent / math.log(10)
    return f"{float(f'{math.exp(exponent):.2g}'):g}" if abs(power) < 4 else f"10^{number(power, 0)}"


# ---- a finite number in blocked cells


def show_leak(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show a causal mask made with a finite number beside one made with −∞."""
    fill, shift = FILLS[stops[0]], SHIFTS[stops[1]]
    tokens = scene.state.board.toy.tokens
    logits = scaled_scores(scene) + shift
    mask = causal_mask(*logits.shape)
    wrong = unguarded_softmax(fill_blocked(logits, mask, fill))
    right = softmax(fill_blocked(logits, mask, -math.inf))
    added = f" − {short(-shift)}" if shift else ""
    row = [
        scores_matrix("Logits", logits, tokens, f"scaled{added}"),
        weights_matrix("Wrong", wrong, tokens, f"blocked cells hold {short(fill)}"),
        weights_matrix("Right", right, tokens, "blocked cells hold −∞", blocked=~mask),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_leak(logits, mask, wrong, fill, tokens),
        wrong=f"scores = scores.masked_fill(~mask, {literal(fill)})",
        right='scores = scores.masked_fill(~mask, float("-inf"))',
    )


def _said_of_leak(
    logits: Array, mask: BoolArray, wrong: Array, fill: float, tokens: Sequence[str]
) -> str:
    leaks = leaked_weight(wrong, mask)
    row = int(leaks.argmax())
    best = number(float(np.where(mask, logits, -np.inf)[row].max()), 1)
    said = f"The largest logit that “{tokens[row]}” may read is {best}, the fill {short(fill)}:"
    if leaks[row] < _SEEN:
        leak = f"{leaks[row]:.0e} of its weight" if leaks[row] else "nothing that float64 can hold"
        return (
            f"{said} {leak} leaks to the words after it. Softmax does not mind what is added to "
            "every score. Does the mask?"
        )
    return (
        f"{said} {number(float(leaks[row]))} of its weight leaks to the words after it. The right "
        "side has not moved: softmax does not mind what is added to every score, and nothing "
        "that is added reaches −∞."
    )


OVERFLOW: Final = Trap(
    name="overflow",
    title="Softmax without the maximum",
    about=(
        "The formula as it is printed takes e to the power of every score. These are your scaled "
        "scores from above, without a mask. Make them larger."
    ),
    knobs=(
        Knob("Scores", tuple(f"× {factor}" for factor in FACTORS), 1),
        Knob("Precision", PRECISIONS),
    ),
    show=show_overflow,
)
LEAK: Final = Trap(
    name="leak",
    title="A fill that leaks",
    about=(
        "A causal mask made by writing a low number into blocked cells, over your scaled scores. "
        "Add the same to all scores, and see how low is low enough."
    ),
    knobs=(
        Knob("Blocked cells hold", tuple(map(short, FILLS))),
        Knob("Added to every score", ("0", *map(short, SHIFTS[1:]))),
    ),
    show=show_leak,
)
