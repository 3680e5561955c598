"""The Vision Transformer's maps in words: names of tokens and heads, where weight lies."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention_maps import mass_by_region
from core.vision_attention import VisionAttention
from pages._shared.vision import Look
from pages._shared.words import number

_REGIONS: Final = (
    ("upper left", "upper middle", "upper right"),
    ("middle left", "centre", "middle right"),
    ("lower left", "lower middle", "lower right"),
)

# Who asks where a model has no class token to ask for the whole picture.
AVERAGE: Final = "all patches, on average"
_COUNTS: Final = ("no", "one", "two", "three", "four")

# From this many times the mean on, a patch that receives attention is called a sink here.
_SINK: Final = 10.0

FloatArray = NDArray[np.floating[Any]]


def query_name(patch: int, grid: tuple[int, int], *, has_class_token: bool = True) -> str:
    """Name who asks: a patch; for -1 the class token, or all patches where there is none."""
    if patch < 0:
        return "the class token" if has_class_token else AVERAGE
    return f"the patch in {place(patch, grid)}"


def asker(attention: VisionAttention, patch: int) -> str:
    """Name who asks in a pass of a model: a patch, or for -1 what its answer is read from."""
    return query_name(patch, attention.grid, has_class_token=attention.has_class_token)


def token_name(token: int, grid: tuple[int, int], n_prefix: int, *, has_class_token: bool) -> str:
    """Name a token: one of those before the patches, or a patch."""
    if token >= n_prefix:
        return query_name(token - n_prefix, grid)
    if has_class_token:
        return "the class token" if token == 0 else "the distillation token"
    return f"register {token + 1}" if n_prefix > 1 else "the register"


def prefix_words(n_prefix: int, *, has_class_token: bool) -> str:
    """Name the tokens before the patches; nothing if there are none."""
    if has_class_token:
        return "the class token" + (" and the distillation token" if n_prefix > 1 else "")
    if n_prefix == 0:
        return ""
    return f"{_COUNTS[n_prefix]} register{'s' if n_prefix > 1 else ''}"


def prefix_share(attention: VisionAttention, row: FloatArray, does: str) -> str:
    """Say how much of a row, (token,), lies on the tokens before the patches, if there are any."""
    n_prefix = attention.n_prefix_tokens
    if n_prefix == 0:
        return ""
    words = prefix_words(n_prefix, has_class_token=attention.has_class_token)
    return f"{percent_text(row[:n_prefix].sum())} {does} {words}. "


def asking_row(matrix: FloatArray, attention: VisionAttention, patch: int) -> FloatArray:
    """Return the row of who asks, (..., token), of a matrix over all tokens (..., token, token).

    For -1 that is the class token's; in a model without one the mean of the patches' rows.
    """
    n_prefix = attention.n_prefix_tokens
    if patch < 0 and not attention.has_class_token:
        mean: FloatArray = matrix[..., n_prefix:, :].mean(axis=-2)
        return mean
    row: FloatArray = matrix[..., 0 if patch < 0 else n_prefix + patch, :]
    return row


def asking_rows(attention: VisionAttention, layer: int, patch: int) -> FloatArray:
    """Return what is read by who asks in every head of a layer, (head, token)."""
    if patch < 0:
        return attention.read_out_rows(layer)
    return attention.rows(layer, attention.n_prefix_tokens + patch)


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
    prefix = prefix_words(attention.n_prefix_tokens, has_class_token=attention.has_class_token)
    joint = ", " if " and " in prefix else " and " if prefix else ""
    return (
        f"{rows} × {columns} = {rows * columns:,} patches{joint}{prefix}, "
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
