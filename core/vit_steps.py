"""What comes before and after the blocks of a Vision Transformer, over timm's own modules.

What runs a model (`core.vit`) and what follows its gradients (`core.vit_outputs`) both enter and
leave here, and both go through the blocks by `core.transformer.walk`. Nothing registers a hook or
leaves anything on the model. Known are timm's plain `VisionTransformer` and the distilled one of
DeiT: a class token, a distillation token and registers, all or none of them; positions over all
tokens, over the patches alone, or none.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.transformer import Changes
from core.transformer_parts import FEED_FORWARD, SELF
from core.vision_attention import Interventions
from core.vit_model import VisionTransformer, timm
from core.weight_edits import check_heads, check_off

# What timm calls the tokens before the patches, in their order.
PREFIX_NAMES: Final = ("cls_token", "dist_token", "reg_token")


def grid_of(model: VisionTransformer, picture: NDArray[np.uint8]) -> tuple[int, int]:
    """Return rows and columns of patches.

    Raises
    ------
    ValueError
        If the picture is not of uint8, (height, width, channel), its sides multiples of the
        model's patch size.
    """
    size = model.patch_size
    if (
        picture.dtype != np.uint8
        or picture.ndim != 3
        or picture.shape[2] != model.n_channels
        or not picture.size
        or picture.shape[0] % size
        or picture.shape[1] % size
    ):
        raise ValueError(
            f"Expected a picture of uint8, (height, width, {model.n_channels}), its sides "
            f"multiples of {size}; got {picture.dtype} {picture.shape}. Use "
            "core.images.fit_to_patches first."
        )
    return picture.shape[0] // size, picture.shape[1] // size


def check_interventions(
    interventions: Interventions, model: VisionTransformer, grid: tuple[int, int]
) -> None:
    """Raise a ValueError if an intervention names what model or picture do not have."""
    check_heads(
        interventions.dropped_heads, interventions.weight_edits, model.n_layers, model.n_heads
    )
    check_off(interventions.off, (SELF, FEED_FORWARD), model.n_layers)
    n_patches = grid[0] * grid[1]
    n_tokens = model.n_prefix_tokens + n_patches
    for patch in interventions.hidden_patches:
        if not 0 <= patch < n_patches:
            raise ValueError(f"There is no patch {patch}: they run from 0 to {n_patches - 1}.")
    for edit in interventions.weight_edits:
        if not (0 <= edit.query < n_tokens and 0 <= edit.key < n_tokens):
            raise ValueError(
                f"There is no weight from token {edit.query} to token {edit.key}: tokens run from "
                f"0 to {n_tokens - 1}."
            )


def normalise(
    model: VisionTransformer, picture: NDArray[np.uint8], hidden_patches: frozenset[int]
) -> torch.Tensor:
    """Return the picture as (1, channel, height, width), hidden patches at the mean colour, 0."""
    size = model.patch_size
    channels_first = torch.from_numpy(np.ascontiguousarray(picture.transpose(2, 0, 1)))
    mean, std = (
        torch.tensor(values).view(-1, 1, 1) for values in (model.pixel_mean, model.pixel_std)
    )
    pixels = channels_first.float().div_(255.0).sub_(mean).div_(std)
    columns = picture.shape[1] // size
    for patch in hidden_patches:
        top, left = patch // columns * size, patch % columns * size
        pixels[:, top : top + size, left : left + size] = 0.0
    return pixels[None]


def embed(model: VisionTransformer, pixels: torch.Tensor, grid: tuple[int, int]) -> torch.Tensor:
    """Cut into patches, embed, put the prefix first, add positions: (token, d_model)."""
    backbone = model.backbone
    patches = backbone.patch_embed(pixels).reshape(-1, model.d_model)
    prefix = prefix_of(model)
    positions = positions_of(model, grid)
    if positions is None:
        tokens = torch.cat([*prefix, patches])
    elif backbone.no_embed_class:
        tokens = torch.cat([*prefix, patches + positions])
    else:
        tokens = torch.cat([*prefix, patches]) + positions
    embedded: torch.Tensor = backbone.norm_pre(tokens)
    return embedded


def prefix_of(model: VisionTransformer) -> list[torch.Tensor]:
    """Return the learned tokens before the patches, each (token, d_model)."""
    own = (getattr(model.backbone, name, None) for name in PREFIX_NAMES)
    return [token[0] for token in own if token is not None]


def positions_of(model: VisionTransformer, grid: tuple[int, int]) -> torch.Tensor | None:
    """Return the vectors of the positions on a grid, (token, d_model); None if there are none."""
    backbone = model.backbone
    if backbone.pos_embed is None:
        return None
    positions: torch.Tensor = timm.layers.resample_abs_pos_embed(
        backbone.pos_embed,
        new_size=list(grid),
        old_size=list(backbone.patch_embed.grid_size),
        num_prefix_tokens=0 if backbone.no_embed_class else model.n_prefix_tokens,
        antialias=model.antialias,
    )
    return positions[0]


def changes_of(interventions: Interventions) -> Changes:
    """Return what to change in the blocks: hidden patches are changed before them."""
    return Changes(
        dropped=frozenset((SELF, layer, head) for layer, head in interventions.dropped_heads),
        edits=tuple((SELF, edit) for edit in interventions.weight_edits),
        off=interventions.off,
    )


def class_token(model: VisionTransformer, tokens: torch.Tensor) -> torch.Tensor:
    """Return the class token, (d_model,); the mean of the patches in a model without one."""
    return tokens[0] if model.has_class_token else tokens[model.n_prefix_tokens :].mean(dim=0)


def read_logits(model: VisionTransformer, tokens: torch.Tensor) -> torch.Tensor:
    """Return the logit of each class, (class,), read from the final tokens.

    Empty for a model that names no classes. A distilled model has two heads, of which it takes the
    mean; a model without class token reads from the mean of the patches.
    """
    if not model.n_classes:
        return tokens.new_zeros(0)
    logits: torch.Tensor = model.backbone.forward_head(tokens[None])[0]
    return logits


def read_saliency(
    model: VisionTransformer, tokens: torch.Tensor, grid: tuple[int, int]
) -> torch.Tensor:
    """Return the logits of the saliency, (8 * rows, 8 * columns); (0, 0) without a decoder."""
    if model.decoder is None:
        return tokens.new_zeros(0, 0)
    features = tokens[model.n_prefix_tokens :].T.reshape(1, -1, *grid)
    logits: torch.Tensor = model.decoder(features)[0, 0]
    return logits
