"""What a block computed, as arrays with names: what is seen when a block is opened.

All of it comes from `core.transformer.walk`, which is the model's own forward pass, but for the
scores: they are made again of queries and keys, since a pass has no use for them once it has the
weights.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.anatomy import Place
from core.named_tensor import Array, NamedTensor, Scale
from core.stack_run import StackRun
from core.torch_attention import scaled_dot_product_attention
from core.transformer import AttentionStep, FeedForwardStep, Step

Labels = tuple[str, ...] | None
TOKEN = "token"
WIDTH = "d_model"


@torch.no_grad()
def open_part(run: StackRun, place: Place) -> tuple[NamedTensor, ...]:
    """Run a stack as far as one part, and return everything that was computed in it.

    Parameters
    ----------
    run : StackRun
    place : Place
        Of an attention or a feed-forward part.

    Returns
    -------
    tuple of NamedTensor
        In the order of computation. Of an attention: the stream before, normalised (where the
        model normalises first), query, key, value, scores, weights, heads, written, the stream
        after. Of a feed-forward part: inner and active between the same ends.

    Raises
    ------
    ValueError
        If the stack has no part there.
    """
    run.part_at(place)
    step = next(step for step in run.start() if run.place_of(step) == place)
    inside = _attention(run, step) if isinstance(step, AttentionStep) else _feed_forward(run, step)
    return (*_before(run, step), *inside, *_after(run, step))


def named(
    name: str,
    values: Tensor,
    axes: Sequence[str],
    labels: Sequence[Labels],
    note: str,
    scale: Scale = "diverging",
) -> NamedTensor:
    """Give an array its names; the tensor is copied, so that no model shares its memory."""
    array: Array = values.detach().float().numpy().copy()
    return NamedTensor(name, tuple(axes), array, tuple(labels), scale, note)


def of_tokens(name: str, values: Tensor, tokens: Labels, note: str) -> NamedTensor:
    """Name a vector for each token, (token, d_model)."""
    return named(name, values, (TOKEN, WIDTH), (tokens, None), note)


def _before(run: StackRun, step: Step) -> tuple[NamedTensor, ...]:
    entering = of_tokens("stream before", step.entering, run.rows, "What reaches the block.")
    if not run.stack.norm_first:
        return (entering,)
    note = "Every token at mean 0 and spread 1, then scaled and shifted by learned numbers."
    return entering, of_tokens("normalised", step.normalised, run.rows, note)


def _after(run: StackRun, step: Step) -> tuple[NamedTensor, ...]:
    written = of_tokens("written", step.written, run.rows, "What the block adds to the stream.")
    leaving = of_tokens("stream after", step.leaving, run.rows, "What the next block reads.")
    if run.stack.norm_first:
        return written, leaving
    total = step.entering + step.written
    note = "The stream before and what was written, added up; the normalisation follows."
    return written, of_tokens("sum", total, run.rows, note), leaving


def _attention(run: StackRun, step: AttentionStep) -> tuple[NamedTensor, ...]:
    rows, keys = run.rows, run.keys_of(step.kind)
    # The lab's own attention once more; the values are of width 0, as nothing is read.
    no_value = step.value[..., :0]
    mask = run.mask_of(step.kind)
    logits = scaled_dot_product_attention(step.query, step.key, no_value, mask=mask).logits
    width = ("head", TOKEN, "d_head")
    square = ("head", "query", "key")
    return (
        named("query", step.query, width, (None, rows, None), "What each token asks for."),
        named("key", step.key, width, (None, keys, None), "What each token is found by."),
        named("value", step.value, width, (None, keys, None), "What each token has to give."),
        named(
            "scores",
            logits,
            square,
            (None, rows, keys),
            "Query times key, divided by the root of d_head; blocked where a mask says so.",
        ),
        named(
            "weights",
            step.weights,
            square,
            (None, rows, keys),
            "The softmax of every row of scores.",
            "weights",
        ),
        named(
            "heads", step.heads, width, (None, rows, None), "The values, averaged by the weights."
        ),
    )


def _feed_forward(run: StackRun, step: FeedForwardStep) -> tuple[NamedTensor, ...]:
    axes, labels = (TOKEN, "d_hidden"), (run.rows, None)
    return (
        named("inner", step.inner, axes, labels, "Each token by itself, made wider."),
        named("active", step.active, axes, labels, "After the bend: little is left below 0."),
    )
