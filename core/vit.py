"""Run a Vision Transformer step by step, so that nothing it computes stays hidden.

`forward` walks through timm's own blocks itself. It registers no hooks and leaves nothing on the
model, so any number of sessions may use one model at the same time.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.transformer import AttentionStep, walk
from core.vision_attention import Interventions, VisionAttention
from core.vit_model import VisionTransformer, load_vision_transformer
from core.vit_stack import stack_of
from core.vit_steps import (
    changes_of,
    check_interventions,
    class_token,
    embed,
    grid_of,
    normalise,
    read_logits,
    read_saliency,
)
from core.weight_edits import WeightEdit

__all__ = [
    "Interventions",
    "VisionAttention",
    "VisionTransformer",
    "WeightEdit",
    "forward",
    "load_vision_transformer",
]


@torch.no_grad()
def forward(
    model: VisionTransformer,
    picture: NDArray[np.uint8],
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
    *,
    keep_weights: bool = False,
) -> VisionAttention:
    """Run the model on one picture and return what every layer and head attended to.

    Parameters
    ----------
    model : VisionTransformer
        The model; not changed.
    picture : ndarray of uint8, (height, width, channel)
        Both sides multiples of the patch size: see `core.images.fit_to_patches`.
    interventions : Interventions
        Heads to drop, patches to hide, weights to force.
    keep_weights : bool
        Keep every attention map as well: 19 MB at 224 x 224 pixels, 300 MB at 448 x 448. Without
        it the maps are made again from queries and keys, one layer or row at a time.

    Returns
    -------
    VisionAttention
        Queries, keys, features, saliency or logits, and (if kept) weights.

    Raises
    ------
    ValueError
        If the picture is not on the patch grid or an intervention names something that the
        model or the picture does not have.
    """
    grid = grid_of(model, picture)
    n_tokens = model.n_prefix_tokens + grid[0] * grid[1]
    check_interventions(interventions, model, grid)
    per_head = (model.n_layers, model.n_heads, n_tokens)
    queries = torch.empty(*per_head, model.d_head)
    keys = torch.empty(*per_head, model.d_head)
    # One block for all layers: measured cheaper than one for each.
    kept = torch.empty(*per_head, n_tokens) if keep_weights else None
    class_tokens = torch.empty(model.n_layers, model.d_model)

    pixels = normalise(model, picture, interventions.hidden_patches)
    tokens = embed(model, pixels, grid)  # (token, d_model)
    stack, changes = stack_of(model), changes_of(interventions)
    for step in walk(stack, tokens, changes=changes):
        tokens = step.leaving
        if isinstance(step, AttentionStep):
            queries[step.layer], keys[step.layer] = step.query, step.key
            if kept is not None:
                kept[step.layer] = step.weights
        # After the feed-forward part, which comes last, it is the layer's.
        class_tokens[step.layer] = class_token(model, tokens)
    tokens = stack.last_norm(tokens)
    return VisionAttention(
        grid=grid,
        n_prefix_tokens=model.n_prefix_tokens,
        query=queries.numpy(),
        key=keys.numpy(),
        tokens=tokens.numpy(),
        class_tokens=class_tokens.numpy(),
        saliency=torch.sigmoid(read_saliency(model, tokens, grid)).numpy(),
        logits=read_logits(model, tokens).numpy(),
        has_class_token=model.has_class_token,
        weight_edits=interventions.weight_edits,
        kept_weights=None if kept is None else kept.numpy(),
    )
