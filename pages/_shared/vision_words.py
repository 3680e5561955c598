"""The Vision Transformer's maps in words: names of tokens and heads, where weight lies."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.explain import mass_by_region
from core.vision_attention import VisionAttention
from pages._shared.vision import Look
from pages._shared.words import number

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


def dropped_name(layer: int, head: int, n_heads: int) -> str:
    """Name a dropped head, or all heads of a layer for the index after the last."""
    if head == n_heads:
        return f"all {n_heads} heads of layer {layer + 1}"
    return f"head {head + 1} of layer {layer + 1}"


def pass_sentence(look: Look, *, again: bool) -> str:
    """Say what one pass of the model consists of and how long it took.

    Parameters
    ----------
    look : Look
        The pass.
    again : bool
        Whether what is looked at may take further passes.
    """
    attention = look.attention
    rows, columns = attention.grid
    return (
        f"{rows} × {columns} = {rows * columns:,} patches and the class token, "
        f"{attention.n_layers} layers of {attention.n_heads} heads; the uniform weight is "
        f"1/{attention.n_tokens:,}. The model took {look.seconds:.2f} s for this picture. "
        + (
            "Taking something away runs it once more."
            if again
            else "Another layer, head or patch needs no new pass."
        )
    )


def sink_sentence(attention: VisionAttention, received: FloatArray) -> str:
    """Say which patch receives most attention in the first layer, and whether it is a sink."""
    most = attention.patch_maps(received).max()
    verdict = "it is a sink" if most >= _SINK else "there is no pronounced sink"
    return (
        f"In layer 1 (mean of {attention.n_heads} heads) the patch in "
        f"{place(sink_patch(attention, received), attention.grid)} receives {times_text(most)} "
        f"times the mean attention: {verdict}."
    )


def sink_patch(attention: VisionAttention, received: FloatArray) -> int:
    """Return the patch that receives most, given what each token receives, (token,)."""
    return int(received[attention.n_prefix_tokens :].argmax())


def change_sentence(before: FloatArray, after: FloatArray, without: str) -> str:
    """Say in numbers what an intervention did to the predicted saliency."""
    change = after.astype(np.float64) - before
    return (
        f"Without {without} the mean saliency goes from {before.mean():.4f} to "
        f"{after.mean():.4f} ({signed_text(change.mean(), 4)}); a spot changes by "
        f"{np.abs(change).mean():.4f} on average and by "
        f"{np.abs(change).max():.2f} at most."
    )


def where_it_lies(values: FloatArray) -> str:
    """Say where a map's weight lies: its heaviest ninth and its strongest patch."""
    strongest = int(values.argmax())
    return (
        f"{region_text(values)}. The strongest patch is in {place(strongest, _shape(values))}, "
        f"with {percent_text(values.max())} of all weight."
    )


def region_text(values: FloatArray) -> str:
    """Say which of nine equal parts of a map holds most of it."""
    mass = mass_by_region(values)
    row, column = np.unravel_index(mass.argmax(), mass.shape)
    return (
        f"{percent_text(mass.max())} lies in the {_REGIONS[row][column]} of nine equal parts "
        "of the picture"
    )


def _shape(values: FloatArray) -> tuple[int, int]:
    return values.shape[0], values.shape[1]


def percent_text(share: float | np.floating[Any]) -> str:
    """Return a share of 1 in per cent, with one decimal where it is small."""
    percent = 100 * float(share)
    return f"{percent:.1f}%" if 0.05 <= percent < 10 else f"{percent:.0f}%"


def times_text(value: float | np.floating[Any]) -> str:
    """Return a multiple with the digits that mean something."""
    return f"{value:.0f}" if value >= 10 else f"{value:.1f}"


def signed_text(value: float | np.floating[Any], digits: int = 3) -> str:
    """Return a change with its sign; none where it rounds to 0."""
    plus = "+" if round(float(value), digits) > 0 else ""
    return plus + number(float(value), digits)
