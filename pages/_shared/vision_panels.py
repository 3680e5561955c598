"""The Vision Transformer's arrays as maps over a photo: scales, legends, texts."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.attention_maps import cosine_similarity
from core.vision_attention import VisionAttention
from pages._shared.patch_map import Panel
from pages._shared.vision_words import (
    asker,
    asking_row,
    asking_rows,
    head_name,
    percent_text,
    prefix_share,
    query_name,
    region_text,
    signed_text,
    sink_sentence,
    times_text,
    where_it_lies,
)

FloatArray = NDArray[np.floating[Any]]


def attention_panels(attention: VisionAttention, layer: int, patch: int) -> list[Panel]:
    """Return what one token attends to in each head of a layer, and the mean of the heads.

    Parameters
    ----------
    attention : VisionAttention
        One pass of the model.
    layer : int
        From 0.
    patch : int
        The patch that asks, or -1 for what the answer is read from.
    """
    rows = asking_rows(attention, layer, patch)  # (head, key)
    rows = np.concatenate([rows, rows.mean(axis=0, keepdims=True)])
    asks = asker(attention, patch)
    panels = []
    for head, row in enumerate(rows):
        name = head_name(head, attention.n_heads)
        words = (
            f"{name} of layer {layer + 1}, {asks} asking: "
            f"{prefix_share(attention, row, 'of its weight goes to')}"
            f"Of the weight on the picture, {where_it_lies(attention.patch_maps(row))}"
        )
        panels.append(_times_panel(name, attention, row, words))
    return panels


def rollout_panels(
    attention: VisionAttention,
    rolled: FloatArray,
    received: FloatArray,
    start_layer: int,
    patch: int,
) -> list[Panel]:
    """Return the rollout of one token and what each patch receives in the first layer.

    Parameters
    ----------
    attention : VisionAttention
        One pass of the model.
    rolled : ndarray (token, token)
        Attention rollout from `start_layer` on.
    received : ndarray (token,)
        Attention that each token receives in layer 1, as a multiple of the mean.
    start_layer : int
        From 0.
    patch : int
        The patch that asks, or -1 for what the answer is read from.
    """
    row = asking_row(rolled, attention, patch)
    asks = asker(attention, patch)
    layers = f"layers {start_layer + 1} to {attention.n_layers}"
    if start_layer + 1 == attention.n_layers:
        layers = f"layer {attention.n_layers} alone"
    of_rollout = (
        f"Rollout through {layers} for {asks}: "
        f"{prefix_share(attention, row, 'of it comes from')}"
        f"Of the rest, {where_it_lies(attention.patch_maps(row))}"
    )
    return [
        _times_panel("Rollout", attention, row, of_rollout),
        _times_panel(
            "Received in layer 1",
            attention,
            received / attention.n_tokens,
            sink_sentence(attention, received),
            measure="times the mean attention received",
        ),
    ]


def feature_panels(
    attention: VisionAttention, colours: NDArray[np.uint8], patch: int
) -> list[Panel]:
    """Return the colours of the patch features and, for a chosen patch, the features like its.

    Parameters
    ----------
    attention : VisionAttention
        One pass of the model.
    colours : ndarray of uint8, (rows, columns, 3)
        The features' first three principal components.
    patch : int
        The patch to compare with, or -1 for none.
    """
    d_model = attention.tokens.shape[-1]
    panels = [
        Panel(
            label="Principal components",
            note=f"3 of {d_model}",
            values=colours,
            scale="colours",
            low=0.0,
            high=1.0,
            unit="colours",
            measure="",
            text=(
                f"The last layer's {d_model} features of each patch, reduced to their first three "
                "principal components, shown as red, green and blue. Patches of one colour have "
                "similar features; the colours themselves mean nothing and differ from picture "
                "to picture."
            ),
        )
    ]
    if patch >= 0:
        likeness = cosine_similarity(attention.patch_features, patch)
        alike = np.mean(likeness > 0.5)
        panels.append(
            Panel(
                label="Likeness to the patch",
                note="cosine",
                values=likeness.reshape(attention.grid),
                scale="diverging",
                low=-1.0,
                high=1.0,
                unit="cosine",
                measure="cosine with the chosen patch",
                text=(
                    f"Likeness to {query_name(patch, attention.grid)}: {percent_text(alike)} of "
                    "all patches have features with a cosine above 0.5 to its features."
                ),
            )
        )
    return panels


def saliency_panels(before: FloatArray, after: FloatArray | None, without: str) -> list[Panel]:
    """Return the predicted saliency, alone or with what an intervention made of it.

    Parameters
    ----------
    before, after : ndarray (8 * rows, 8 * columns)
        Probabilities; `after` is None without an intervention.
    without : str
        What was taken away, such as ``"head 4 of layer 12"``.
    """
    panels = [_saliency_panel("Predicted", "Predicted saliency", before)]
    if after is None:
        return panels
    change = after - before
    limit = max(float(np.abs(change).max()), 0.01)
    fallen, risen = np.mean(change < -0.1), np.mean(change > 0.1)
    text = f"Change of saliency without {without}: " + (
        f"it falls by more than 0.1 in {percent_text(fallen)} of the picture and rises by more "
        f"than 0.1 in {percent_text(risen)}."
        if fallen or risen
        else "no spot changes by more than 0.1."
    )
    return [
        *panels,
        _saliency_panel("Predicted again", f"Saliency without {without}", after),
        Panel(
            label="Change",
            note=f"mean {signed_text(change.mean())}",
            values=change,
            scale="diverging",
            low=-limit,
            high=limit,
            unit="change",
            measure="change of saliency",
            text=text,
        ),
    ]


def _saliency_panel(label: str, title: str, saliency: FloatArray) -> Panel:
    return Panel(
        label=label,
        note=f"mean {saliency.mean():.3f}",
        values=saliency,
        scale="glow",
        low=0.0,
        high=1.0,
        unit="probability",
        measure="probability of being salient",
        text=f"{title}: mean {saliency.mean():.3f}. {region_text(saliency).capitalize()}.",
    )


def _times_panel(
    label: str,
    attention: VisionAttention,
    row: FloatArray,
    text: str,
    measure: str = "",
) -> Panel:
    """Return one row of weights, (token,), as multiples of the uniform weight."""
    n_tokens = attention.n_tokens
    times = attention.patch_maps(row) * n_tokens
    return Panel(
        label=label,
        note=f"max {times_text(times.max())}×",
        values=times,
        scale="glow",
        low=0.0,
        high=float(times.max()),
        unit="times",
        measure=measure or f"times the uniform weight, 1/{n_tokens:,}",
        text=text,
    )
