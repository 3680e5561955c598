"""What a Vision Transformer computes before its first layer, and its decoder of saliency after."""

from __future__ import annotations

import torch
from torch import Tensor

from core.anatomy import CLASS_TOKEN, PATCHES
from core.named_tensor import NamedTensor
from core.opened_block import named, of_tokens
from core.vit_model import VisionTransformer
from core.vit_steps import embed, positions_of, prefix_of, read_saliency

Grid = tuple[int, int]


def token_names(model: VisionTransformer, grid: Grid) -> tuple[str, ...]:
    """Return what every token is called: those before the patches, then row and column from 1."""
    rows, columns = grid
    patches = (f"{row + 1}, {column + 1}" for row in range(rows) for column in range(columns))
    n_others = model.n_prefix_tokens - model.has_class_token
    others = (f"extra {number + 1}" for number in range(n_others))
    return (*(("class",) if model.has_class_token else ()), *others, *patches)


@torch.no_grad()
def beginning_tensors(
    model: VisionTransformer, pixels: Tensor, grid: Grid, kind: str
) -> tuple[NamedTensor, ...]:
    """Open what comes before the layers: patches, class token, or positions.

    Parameters
    ----------
    model : VisionTransformer
    pixels : Tensor (1, channel, height, width)
        As `core.vit_steps.normalise` makes them.
    grid : (int, int)
    kind : {"patches", "class_token", "positions"}
    """
    names = token_names(model, grid)
    first = model.n_prefix_tokens
    vectors = model.backbone.patch_embed(pixels).reshape(-1, model.d_model)
    of_patches = of_tokens("patch vectors", vectors, names[first:], "Each patch by one linear map.")
    if kind == PATCHES:
        size = model.patch_size
        cut = pixels[0].unfold(1, size, size).unfold(2, size, size)  # (channel, row, column, ...)
        flat = cut.permute(1, 2, 0, 3, 4).flatten(2).flatten(0, 1)
        note = f"{model.n_channels} x {size} x {size} numbers a patch, less the usual mean."
        pixel = named("pixels", flat, ("patch", "pixel"), (names[first:], None), note)
        return pixel, of_patches
    if kind == CLASS_TOKEN:
        own = torch.cat(prefix_of(model))
        return (of_tokens("class token", own, names[:first], "Learned; the same for any picture."),)
    positions = positions_of(model, grid)
    after = of_tokens("stream after", embed(model, pixels, grid), names, "What enters layer 1.")
    if positions is None:
        return (after,)
    of_positions = names if len(positions) == len(names) else names[first:]
    note = "One learned row for each place on the grid."
    return of_tokens("position vectors", positions, of_positions, note), after


@torch.no_grad()
def saliency_tensors(
    model: VisionTransformer, tokens: Tensor, grid: Grid
) -> tuple[NamedTensor, ...]:
    """Open the decoder: from the normalised tokens to how much each place stands out."""
    logits = read_saliency(model, tokens, grid)
    axes, labels = ("row", "column"), (None, None)
    note = "Three convolutions that double the grid, then one number a cell."
    return (
        named("logits", logits, axes, labels, note),
        named("saliency", logits.sigmoid(), axes, labels, "The sigmoid of it.", "probability"),
    )
