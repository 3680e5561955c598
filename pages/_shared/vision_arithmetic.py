"""The sums behind a Vision Transformer's maps, written out in the numbers on the screen.

Lines of HTML as in `pages._shared.arithmetic`: numbers and fixed words, nothing that was typed.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.vision_attention import VisionAttention
from pages._shared.arithmetic import fraction, power, scaled_line, score_line, sum_of
from pages._shared.attention_row import AttentionRow
from pages._shared.vision_words import asking_rows
from pages._shared.words import bracketed, number

# The uniform weight of 1,025 tokens is 0.000976.
_DIGITS: Final = 6

FloatArray = NDArray[np.floating[Any]]


def weight_lines(case: AttentionRow) -> list[str]:
    """Write one weight as the softmax of its row.

    For one head from query and key on; for the mean of the heads, the weight of each.
    """
    token, weight = case.key_token, float(case.row[case.key_token])
    if not case.is_mean:
        query, key, logits = case.query[0], case.key[0, token], case.logits[0]
        score, logit, peak = case.scores[0, token], logits[token], case.peaks[0]
        shifted = -np.sort(peak - logits)  # (token,), the largest, 0, first
        powers = sum_of([power(each) for each in shifted])
        return [
            score_line(query, key, score),
            scaled_line(score, query.size, True, logit),
            f"less the row's largest = {number(logit)} − {bracketed(peak)} = "
            f"{number(logit - peak)}",
            softmax_line(case.n_tokens),
            f"weight = {fraction(power(logit - peak), powers)} = "
            f"{fraction(power(logit - peak), number(float(np.exp(shifted).sum())))} = "
            f"{number(weight, _DIGITS)}",
            times_line(weight, case.n_tokens),
        ]
    lines = [softmax_line(case.n_tokens)]
    weights = np.exp(case.logits[:, token] - case.log_sums)  # (head,)
    for head, (logit, peak) in enumerate(zip(case.logits[:, token], case.peaks, strict=True)):
        total = float(np.exp(case.log_sums[head] - peak))
        share = fraction(power(logit - peak), number(total))
        lines.append(f"head {head + 1} = {share} = {number(weights[head], _DIGITS)}")
    mean = f"weight = {mean_of(weights)} = {number(weight, _DIGITS)}"
    return [*lines, mean, times_line(weight, case.n_tokens)]


def average_lines(attention: VisionAttention, layer: int, head: int, key_patch: int) -> list[str]:
    """Write the weight that a patch receives from all patches, on average.

    Parameters
    ----------
    attention : VisionAttention
        One pass of a model without a class token.
    layer, head : int
        From 0; the head after the last is the mean of all.
    key_patch : int
        Who is read.
    """
    n_prefix = attention.n_prefix_tokens
    weights = attention.weights(layer)[:, n_prefix:, n_prefix + key_patch]  # (head, query)
    by_patch = weights.mean(axis=0) if head == attention.n_heads else weights[head]
    weight = float(by_patch.astype(np.float64).mean())
    return [
        softmax_line(attention.n_tokens),
        f"weight = mean over the patches that ask = {mean_of(-np.sort(-by_patch))} = "
        f"{number(weight, _DIGITS)}",
        times_line(weight, attention.n_tokens),
    ]


def class_line(logits: FloatArray, name: str) -> str:
    """Write the probability of the likeliest class, called `name`, as a softmax; (class,)."""
    shifted = -np.sort(logits.max() - logits)  # the largest, 0, first
    powers = sum_of([power(each) for each in shifted])
    total = float(np.exp(shifted).sum())
    return (
        f"{name}: probability = softmax of {logits.size:,} logits, the largest taken off each = "
        f"{fraction(power(0.0), powers)} = {fraction('1', number(total, 4))} = "
        f"{number(1 / total, 4)}"
    )


def rollout_lines(
    attention: VisionAttention,
    below: FloatArray | None,
    start_layer: int,
    patch: int,
    key_patch: int,
) -> list[str]:
    """Write one number of a rollout as the last layer's row times what lies below it.

    Parameters
    ----------
    attention : VisionAttention
        One pass of the model.
    below : ndarray (token, token), or None
        The rollout from `start_layer` up to the last layer but one; None where the rollout starts
        from the last.
    start_layer : int
        From 0.
    patch, key_patch : int
        Who asks and who is read; -1 for the class token, and as who asks in a model without one
        for all patches on average.
    """
    n_prefix, n_layers = attention.n_prefix_tokens, attention.n_layers
    key = 0 if key_patch < 0 else n_prefix + key_patch
    rows = asking_rows(attention, n_layers - 1, patch).astype(np.float64)  # (head, token)
    same = np.zeros(attention.n_tokens)  # the identity's row of who asks
    if patch < 0 and not attention.has_class_token:
        same[n_prefix:] = 1 / (attention.n_tokens - n_prefix)
    else:
        same[0 if patch < 0 else n_prefix + patch] = 1.0
    mixed = (rows.mean(axis=0) + same) / 2
    mean = number(rows[:, key].mean(), _DIGITS)
    itself = f"{same[key]:.0f}" if same[key] in (0, 1) else number(same[key], _DIGITS)
    lines = [
        f"attention of layer {n_layers} = {mean_of(rows[:, key])} = {mean}",
        f"half attention, half identity = ({mean} + {itself}) / 2 = {number(mixed[key], _DIGITS)}",
    ]
    share = float(mixed[key])
    if below is not None:
        terms = mixed * below[:, key]  # (token,)
        share = float(terms.sum())
        layers = f"layer {n_layers} · layers {start_layer + 1} to {n_layers - 1}"
        if start_layer == n_layers - 2:
            layers = f"layer {n_layers} · layer {n_layers - 1}"
        products = sum_of(
            [
                f"{number(mixed[token], _DIGITS)} · {number(below[token, key], _DIGITS)}"
                for token in np.argsort(-terms, kind="stable")
            ]
        )
        lines.append(f"rollout = {layers} = {products} = {number(share, _DIGITS)}")
    return [*lines, times_line(share, attention.n_tokens)]


def likeness_line(features: FloatArray, patch: int, other: int) -> str:
    """Write the cosine of two patches' features, (patch, d_model)."""
    one, two = features[patch].astype(np.float64), features[other].astype(np.float64)
    pairs = zip(one, two, strict=True)
    products = sum_of([f"{bracketed(a)} · {bracketed(b)}" for a, b in pairs])
    lengths = float(np.linalg.norm(one)), float(np.linalg.norm(two))
    cosine = float(one @ two) / (lengths[0] * lengths[1] or 1.0)
    below = f"{number(lengths[0])} · {number(lengths[1])}"
    return (
        f"cosine = {fraction(products, below)} = "
        f"{fraction(number(float(one @ two)), below)} = {number(cosine, 4)}"
    )


def softmax_line(n_tokens: int) -> str:
    """Say what softmax does, for those who read the fraction that follows."""
    return (
        "softmax = <i>e</i> to the power of (scaled − the row's largest), divided by the sum of "
        f"the same for all {n_tokens:,} tokens"
    )


def times_line(weight: float, n_tokens: int) -> str:
    """Write a weight as a multiple of the uniform one."""
    return (
        f"{number(weight, _DIGITS)} · {n_tokens:,} = {number(weight * n_tokens)} times the uniform "
        f"weight 1/{n_tokens:,}"
    )


def mean_of(values: FloatArray) -> str:
    """Write the mean of a few weights."""
    return f"({sum_of([number(value, _DIGITS) for value in values])}) / {values.size}"
