"""The Vision Transformer's arrays as maps over a photo: scales, legends, and the map in words."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.explain import cosine_similarity, mass_by_region
from core.vision_attention import VisionAttention
from pages._shared.patch_map import Panel

_REGIONS: Final = (
    ("upper left", "upper middle", "upper right"),
    ("middle left", "centre", "middle right"),
    ("lower left", "lower middle", "lower right"),
)

# From this many times the mean on, a patch that receives attention is called a sink here.
_SINK: Final = 10.0

FloatArray = NDArray[np.floating[Any]]


def query_name(patch: int, grid: tuple[int, int]) -> str:
    """Name the token that asks: the class token for -1, otherwise a patch."""
    return "the class token" if patch < 0 else f"the patch in {place(patch, grid)}"


def place(patch: int, grid: tuple[int, int]) -> str:
    """Return a patch's row and column, from 1."""
    return f"row {patch // grid[1] + 1}, column {patch % grid[1] + 1}"


def head_name(head: int, n_heads: int) -> str:
    """Name a head, from 1; the index after the last is the mean."""
    return f"Head {head + 1}" if head < n_heads else f"Mean of {n_heads} heads"


def attention_panels(attention: VisionAttention, layer: int, patch: int) -> list[Panel]:
    """Return what one token attends to in each head of a layer, and the mean of the heads.

    Parameters
    ----------
    attention : VisionAttention
        One pass of the model.
    layer : int
        From 0.
    patch : int
        The patch that asks, or -1 for the class token.
    """
    rows = attention.rows(layer, _token(attention, patch))  # (head, key)
    rows = np.concatenate([rows, rows.mean(axis=0, keepdims=True)])
    asks = query_name(patch, attention.grid)
    panels = []
    for head, row in enumerate(rows):
        name = head_name(head, attention.n_heads)
        to_class = row[: attention.n_prefix_tokens].sum()
        words = (
            f"{name} of layer {layer + 1}, {asks} asking: "
            f"{_percent(to_class)} of its weight goes to the class token. "
            f"Of the weight on the picture, {_where(_on_grid(attention, row))}"
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
        The patch that asks, or -1 for the class token.
    """
    row = rolled[_token(attention, patch)]
    asks = query_name(patch, attention.grid)
    layers = f"layers {start_layer + 1} to {attention.n_layers}"
    if start_layer + 1 == attention.n_layers:
        layers = f"layer {attention.n_layers} alone"
    of_rollout = (
        f"Rollout through {layers} for {asks}: what it holds comes to "
        f"{_percent(row[: attention.n_prefix_tokens].sum())} from the class token. "
        f"Of the rest, {_where(_on_grid(attention, row))}"
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


def sink_sentence(attention: VisionAttention, received: FloatArray) -> str:
    """Say which patch receives most attention in the first layer, and whether it is a sink."""
    most = _on_grid(attention, received).max()
    verdict = "it is a sink" if most >= _SINK else "there is no pronounced sink"
    return (
        f"In layer 1 (mean of {attention.n_heads} heads) the patch in "
        f"{place(sink_patch(attention, received), attention.grid)} receives {_times(most)} "
        f"times the mean attention: {verdict}."
    )


def sink_patch(attention: VisionAttention, received: FloatArray) -> int:
    """Return the patch that receives most, given what each token receives, (token,)."""
    return int(received[attention.n_prefix_tokens :].argmax())


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
    panels = [
        Panel(
            label="Principal components",
            note="3 of 384",
            values=colours,
            scale="colours",
            low=0.0,
            high=1.0,
            unit="colours",
            measure="",
            text=(
                "The last layer's 384 features of each patch, reduced to their first three "
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
                    f"Likeness to {query_name(patch, attention.grid)}: {_percent(alike)} of all "
                    "patches have features with a cosine above 0.5 to its features."
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
    text = (
        f"Change of saliency without {without}: it falls by more than 0.1 in {_percent(fallen)} "
        f"of the picture and rises by more than 0.1 in {_percent(risen)}."
    )
    return [
        *panels,
        _saliency_panel("Predicted again", f"Saliency without {without}", after),
        Panel(
            label="Change",
            note=f"mean {_signed(change.mean())}",
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
        text=f"{title}: mean {saliency.mean():.3f}. {_region_text(saliency).capitalize()}.",
    )


def _times_panel(
    label: str,
    attention: VisionAttention,
    row: FloatArray,
    text: str,
    measure: str = "times the uniform weight",
) -> Panel:
    """Return one row of weights, (token,), as multiples of the uniform weight."""
    times = _on_grid(attention, row) * attention.n_tokens
    return Panel(
        label=label,
        note=f"max {_times(times.max())}×",
        values=times,
        scale="glow",
        low=0.0,
        high=float(times.max()),
        unit="times",
        measure=measure,
        text=text,
    )


def _token(attention: VisionAttention, patch: int) -> int:
    return 0 if patch < 0 else attention.n_prefix_tokens + patch


def _on_grid(attention: VisionAttention, row: FloatArray) -> FloatArray:
    return row[attention.n_prefix_tokens :].reshape(attention.grid)


def _where(values: FloatArray) -> str:
    """Say where a map's weight lies: its heaviest ninth and its strongest patch."""
    strongest = int(values.argmax())
    return (
        f"{_region_text(values)}. The strongest patch is in {place(strongest, _shape(values))}, "
        f"with {_percent(values.max())} of all weight."
    )


def _region_text(values: FloatArray) -> str:
    mass = mass_by_region(values)
    row, column = np.unravel_index(mass.argmax(), mass.shape)
    return (
        f"{_percent(mass.max())} lies in the {_REGIONS[row][column]} of nine equal parts "
        "of the picture"
    )


def _shape(values: FloatArray) -> tuple[int, int]:
    return values.shape[0], values.shape[1]


def _percent(share: float | np.floating[Any]) -> str:
    percent = 100 * float(share)
    return f"{percent:.1f}%" if 0.05 <= percent < 10 else f"{percent:.0f}%"


def _times(value: float | np.floating[Any]) -> str:
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def _signed(value: float | np.floating[Any], digits: int = 3) -> str:
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.replace("-", "−")


def change_sentence(before: FloatArray, after: FloatArray, without: str) -> str:
    """Say in numbers what an intervention did to the predicted saliency."""
    change = after.astype(np.float64) - before
    return (
        f"Without {without} the mean saliency goes from {before.mean():.4f} to "
        f"{after.mean():.4f} ({_signed(change.mean(), 4)}); a cell changes by "
        f"{np.abs(change).mean():.4f} on average and by "
        f"{np.abs(change).max():.2f} at most."
    )
