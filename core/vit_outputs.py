"""One number of a Vision Transformer's answer, and its slope by every attention weight.

`output` is what an explanation is tested by: the same number with patches hidden or heads dropped.
`attention_gradients` is what gradient explanations are made from.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.readout import Answer, Readout
from core.transformer import AttentionStep, FeedForwardStep, walk
from core.vision_attention import Interventions
from core.vit_model import VisionTransformer
from core.vit_stack import stack_of
from core.vit_steps import (
    changes_of,
    check_interventions,
    class_token,
    embed,
    grid_of,
    normalise,
)

Float32Array = NDArray[np.float32]

# Every map and its gradient are kept: 38 MB at 256 patches, 600 MB at 1,024.
MOST_PATCHES = 512


@dataclass(frozen=True, eq=False)
class AttentionGradients:
    """Every attention weight of a pass, and the slope of one number of the answer by it.

    Attributes
    ----------
    weights, gradients : ndarray of float32, (layer, head, query, key)
    score, value : float
        The number whose slope it is, and the same on the scale that people read.
    """

    weights: Float32Array
    gradients: Float32Array
    score: float
    value: float


@torch.no_grad()
def output(
    model: VisionTransformer,
    picture: NDArray[np.uint8],
    readout: Readout,
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
) -> float:
    """Return one number of the model's answer to a picture, under interventions.

    Parameters
    ----------
    model : VisionTransformer
    picture : ndarray of uint8, (height, width, channel)
    readout : Readout
        Which number; its value is returned.
    interventions : Interventions
        Heads to drop and patches to hide. Weights are not forced here.

    Raises
    ------
    ValueError
        If the picture is not on the patch grid, an intervention names something that the model or
        the picture does not have, or weights are to be forced.
    """
    grid = grid_of(model, picture)
    check_interventions(interventions, model, grid)
    if interventions.weight_edits:
        raise ValueError("Weights are forced by core.vit.forward, not here.")
    pixels = normalise(model, picture, interventions.hidden_patches)
    tokens = embed(model, pixels, grid)
    class_tokens = []
    for step in walk(stack_of(model), tokens, changes=changes_of(interventions)):
        tokens = step.leaving
        if isinstance(step, FeedForwardStep):
            class_tokens.append(class_token(model, tokens))
    answer = Answer(model.backbone.norm(tokens), class_tokens, grid)
    return float(readout.value(model, answer))


@torch.enable_grad()
def attention_gradients(
    model: VisionTransformer, picture: NDArray[np.uint8], readout: Readout
) -> AttentionGradients:
    """Return every attention weight with the slope of one number of the answer by it.

    Parameters
    ----------
    model : VisionTransformer
    picture : ndarray of uint8, (height, width, channel)
    readout : Readout
        Which number; the slope is that of its score.

    Raises
    ------
    ValueError
        If the picture is not on the patch grid or has more than `MOST_PATCHES` patches.
    """
    grid = grid_of(model, picture)
    if grid[0] * grid[1] > MOST_PATCHES:
        raise ValueError(
            f"Slopes by every weight are kept for {MOST_PATCHES} patches at most; this picture has "
            f"{grid[0] * grid[1]}. Cut it into fewer."
        )
    # The model's own parameters are frozen, so it is the tokens that the graph begins with.
    tokens = embed(model, normalise(model, picture, frozenset()), grid).detach().requires_grad_()
    weights, class_tokens = [], []
    for step in walk(stack_of(model), tokens):
        tokens = step.leaving
        if isinstance(step, AttentionStep):
            weights.append(step.weights)
        else:
            class_tokens.append(class_token(model, tokens))
    answer = Answer(model.backbone.norm(tokens), class_tokens, grid)
    score = readout.score(model, answer)
    # A class token's last layer may lie above what is read; its weights have no slope then.
    slopes = torch.autograd.grad(score, weights, allow_unused=True, materialize_grads=True)
    return AttentionGradients(
        weights=torch.stack(weights).detach().numpy(),
        gradients=torch.stack(slopes).numpy(),
        score=float(score.detach()),
        value=float(readout.value(model, answer).detach()),
    )
