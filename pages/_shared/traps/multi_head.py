"""Traps of several heads: the root of the wrong width, and a mean that nobody asked for."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from core.head_presets import D_MODEL
from core.multi_head import Projections, multi_head_attention
from core.traps import mean_entropy
from pages._shared.multi_head_cut import HEADS
from pages._shared.trap import Exhibit, Knob, Trap
from pages._shared.traps.parts import Array, gap, weights_matrix
from pages._shared.words import number

if TYPE_CHECKING:
    from pages._shared.multi_head_scene import Scene

# Less than this reads as 0.00.
_SEEN: Final = 0.005


def weights_of(scene: Scene, n_head: int, *, scale: float | None = None) -> Array:
    """Return the map of every head, (n_head, n_word, n_word), of the page's X, W_Q and W_K.

    Each head has keys of its own, and all words may read all.
    """
    state = scene.state
    matrices = Projections(state.query, state.key, state.value, state.output)
    result = multi_head_attention(state.x, None, matrices, n_head=n_head, scale=scale)
    return result.attention.weights


# ---- the root of d_model


def show_root(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show scores divided by the root of d_model in place of d_head."""
    n_head, words = HEADS[stops[0]], scene.state.words
    wrong = weights_of(scene, n_head, scale=1 / math.sqrt(D_MODEL))
    right = weights_of(scene, n_head)
    head = min(scene.state.head, n_head - 1)
    note = f"head {head + 1} of {n_head}, ÷ √"
    row = [
        weights_matrix("Wrong", wrong[head], words, f"{note}{D_MODEL}"),
        weights_matrix("Right", right[head], words, f"{note}{D_MODEL // n_head}"),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_root(wrong, right),
        wrong="scores = q @ k.transpose(-2, -1) / math.sqrt(d_model)",
        right="scores = q @ k.transpose(-2, -1) / math.sqrt(d_head)",
    )


def _said_of_root(wrong: Array, right: Array) -> str:
    n_head, n_word = len(right), right.shape[-1]
    if n_head == 1:
        return (
            f"One head is as wide as d_model, and both agree {gap(wrong, right)}. The code was "
            "right until somebody cut it into heads."
        )
    spread, most = (number(mean_entropy(weights)) for weights in (wrong, right))
    largest = number(float(right.max(-1).mean())), number(float(wrong.max(-1).mean()))
    return (
        f"Every score is √{n_head} = {number(math.sqrt(n_head))} times too small, in all {n_head} "
        f"heads. The largest weight of a row is {largest[1]} on average, not {largest[0]}; the "
        f"entropy of a row {spread} nats, not {most}, of at most ln {n_word} = "
        f"{number(math.log(n_word))}."
    )


# ---- the mean of the heads


def show_mean(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show the mean of the heads, which PyTorch hands back, beside one head."""
    n_head, state = HEADS[stops[0]], scene.state
    weights = weights_of(scene, n_head)
    mean, head = weights.mean(axis=0), min(state.head, n_head - 1)
    row = [
        weights_matrix("Wrong", mean, state.words, f"mean of {n_head}, called “attention”"),
        weights_matrix("Right", weights[head], state.words, f"head {head + 1} of {n_head}"),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_mean(weights, mean, state.words, state.reader),
        wrong="_, attention = mha(x, x, x)",
        right="_, heads = mha(x, x, x, average_attn_weights=False)",
    )


def _said_of_mean(weights: Array, mean: Array, words: tuple[str, ...], reader: int) -> str:
    n_head = len(weights)
    if n_head == 1:
        return "The mean of one head is that head. Cut it into more."
    near = np.abs(weights[:, reader] - mean[reader]).sum(-1) / 2  # (n_head,), 0 to 1
    most = int(mean[reader].argmax())
    said = (
        f"In the mean “{words[reader]}” reads “{words[most]}” most, "
        f"{number(float(mean[reader, most]))}."
    )
    if near.max() < _SEEN:
        return f"{said} Here every head reads so: this word alone does not give the mean away."
    own = sorted({words[int(row.argmax())] for row in weights[:, reader]})
    differ = f"Its heads read {len(own)} different words most"
    reads = "So does each head" if len(own) == 1 else differ
    return (
        f"{said} {reads}; the nearest head has {number(float(near.min()))} of its weight elsewhere "
        f"than the mean, the farthest {number(float(near.max()))}."
    )


TRAPS: Final[tuple[Trap[Scene], ...]] = (
    Trap(
        name="root",
        title="The root of d_model",
        about=(
            "Scores are divided by the root of the length of a query, and a head's queries are "
            f"shorter than d_model = {D_MODEL}. Your X, W_Q and W_K; every head has keys of its "
            "own, and all words read all."
        ),
        knobs=(Knob("Heads", tuple(map(str, HEADS))),),
        show=show_root,
    ),
    Trap(
        name="mean",
        title="The mean nobody asked for",
        about=(
            "nn.MultiheadAttention hands back one map. It is the mean of the heads, and says so "
            "only in its manual. Your X, W_Q and W_K; all words read all."
        ),
        knobs=(Knob("Heads", tuple(map(str, HEADS)), 2),),
        show=show_mean,
    ),
)
