"""A Vision Transformer, block by block: see `core.anatomy`.

Whatever timm's plain model has: the one for digits, with classes, and the one that finds what
stands out in a picture, with its decoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from core.anatomy import (
    CLASS_TOKEN,
    ENCODER,
    FEED_FORWARD,
    LAST_NORM,
    NO_LAYER,
    PATCHES,
    POSITIONS,
    PROJECTION,
    SALIENCY,
    SELF,
    SOFTMAX,
    Anatomy,
    Block,
    Parameter,
    Place,
)
from core.anatomy_facts import MEAN_OF_TOKENS, READS_CLASS_TOKEN, READS_PATCHES, facts_of
from core.block_parameters import TITLES, outside
from core.named_tensor import NamedTensor
from core.opened_block import of_tokens, open_part
from core.opened_ends import end_tensors
from core.opened_picture import beginning_tensors, saliency_tensors, token_names
from core.stack_run import Ending, StackRun, last_stream
from core.transformer import walk
from core.vision_attention import Interventions
from core.vit_model import VisionTransformer
from core.vit_stack import stack_of
from core.vit_steps import (
    PREFIX_NAMES,
    changes_of,
    check_interventions,
    embed,
    grid_of,
    normalise,
)

Picture = NDArray[np.uint8]
NO_CHANGES = Interventions()
_BEFORE = {PATCHES: "Patches as vectors", CLASS_TOKEN: "Class token", POSITIONS: "Positions"}


def anatomy_of(model: VisionTransformer, name: str = "Vision Transformer") -> Anatomy:
    """Return all blocks of a Vision Transformer, in the order of computation."""
    backbone = model.backbone
    named_parameters = dict(backbone.named_parameters())
    before = {
        PATCHES: _starting(named_parameters, "patch_embed."),
        CLASS_TOKEN: _starting(named_parameters, *PREFIX_NAMES),
        POSITIONS: _starting(named_parameters, "pos_embed", "norm_pre."),
    }
    blocks = [Block(outside(ENCODER, kind), _BEFORE[kind], of) for kind, of in before.items() if of]
    for layer, block in enumerate(backbone.blocks):
        of_block = dict(block.named_parameters())
        attention = _starting(of_block, "norm1.", "attn.", "ls1.")
        forward = _starting(of_block, "norm2.", "mlp.", "ls2.")
        blocks.append(Block(Place(ENCODER, layer, SELF), TITLES[SELF], attention))
        blocks.append(Block(Place(ENCODER, layer, FEED_FORWARD), TITLES[FEED_FORWARD], forward))
    last = _starting(named_parameters, "norm.", "fc_norm.")
    blocks.append(Block(outside(ENCODER, LAST_NORM), TITLES[LAST_NORM], last))
    blocks.extend(_ending_blocks(model, named_parameters))
    facts = facts_of(
        {ENCODER: stack_of(model)},
        model.d_model,
        n_positions=0 if backbone.pos_embed is None else int(backbone.pos_embed.shape[1]),
        causal=False,
        tied=False,
        read_out=_read_out(model),
        answer="a class" if model.n_classes else "what stands out",
        n_answers=model.n_classes,
        class_token=model.has_class_token,
    )
    return Anatomy(name, tuple(blocks), model.n_heads, model.d_model, facts)


@torch.no_grad()
def run_of(
    model: VisionTransformer, picture: Picture, changes: Interventions = NO_CHANGES
) -> StackRun:
    """Return the layers on a picture, under interventions.

    Raises
    ------
    ValueError
        As `core.vit.forward`.
    """
    grid = grid_of(model, picture)
    check_interventions(changes, model, grid)
    states = embed(model, normalise(model, picture, changes.hidden_patches), grid)
    stack = stack_of(model)
    names = token_names(model, grid)
    return StackRun(
        name=ENCODER,
        stack=stack,
        start=lambda: walk(stack, states, changes=changes_of(changes)),
        rows=names,
        keys=names,
    )


def ending_of(model: VisionTransformer) -> Ending:
    """Return how the stream becomes a class; of a model that names classes, and reads one token.

    Raises
    ------
    ValueError
        If the model names no classes, or reads them from two tokens.
    """
    backbone = model.backbone
    if not model.n_classes or getattr(backbone, "dist_token", None) is not None:
        raise ValueError("Only of a model that names classes from one token, or from their mean.")
    first = model.n_prefix_tokens

    def pool(tokens: torch.Tensor) -> torch.Tensor:
        if model.has_class_token:
            return tokens[..., :1, :]
        return tokens[..., first:, :].mean(dim=-2, keepdim=True)

    return Ending(
        norm=backbone.norm,
        pool=pool,
        table=backbone.head.weight,
        bias=backbone.head.bias,
        names=tuple(str(number) for number in range(model.n_classes)),
        rows=("class token",) if model.has_class_token else ("mean of the patches",),
    )


@torch.no_grad()
def open_block(
    model: VisionTransformer, picture: Picture, place: Place, changes: Interventions = NO_CHANGES
) -> tuple[NamedTensor, ...]:
    """Return everything that one block computed on a picture, in the order of computation.

    Raises
    ------
    ValueError
        If there is no such block; also as `core.vit.forward`.
    """
    anatomy_of(model).block(place)
    grid = grid_of(model, picture)
    if place.kind in _BEFORE:
        check_interventions(changes, model, grid)
        pixels = normalise(model, picture, changes.hidden_patches)
        return beginning_tensors(model, pixels, grid, place.kind)
    run = run_of(model, picture, changes)
    if place.layer != NO_LAYER:
        return open_part(run, place)
    stream = last_stream(run)
    if place.kind in (PROJECTION, SOFTMAX):
        return end_tensors(ending_of(model), stream, place.kind, run.rows)
    normalised = of_tokens(
        "normalised", run.stack.last_norm(stream), run.rows, "At mean 0 and spread 1, rescaled."
    )
    if place.kind == LAST_NORM:
        return of_tokens("stream before", stream, run.rows, "What the last layer left."), normalised
    return normalised, *saliency_tensors(model, run.stack.last_norm(stream), grid)


def _ending_blocks(
    model: VisionTransformer, parameters: dict[str, nn.Parameter]
) -> Iterator[Block]:
    """Yield the blocks after the last normalisation."""
    if model.n_classes:
        yield Block(
            outside(ENCODER, PROJECTION), "Projection to classes", _starting(parameters, "head")
        )
        yield Block(outside(ENCODER, SOFTMAX), "Softmax")
    if model.decoder is not None:
        own = dict(model.decoder.named_parameters())
        yield Block(outside(ENCODER, SALIENCY), "Saliency decoder", _starting(own, ""))


def _read_out(model: VisionTransformer) -> str:
    if not model.n_classes:
        return READS_PATCHES
    return READS_CLASS_TOKEN if model.has_class_token else MEAN_OF_TOKENS


def _starting(parameters: dict[str, nn.Parameter], *starts: str) -> tuple[Parameter, ...]:
    """Return those parameters whose names begin so, matrices of three as three."""
    return tuple(
        one
        for name, values in parameters.items()
        if name.startswith(starts)
        for one in _named(name, tuple(values.shape))
    )


def _named(name: str, shape: tuple[int, ...]) -> Iterable[Parameter]:
    if name.startswith("attn.qkv."):
        letter = "W" if name.endswith("weight") else "b"
        third = (shape[0] // 3, *shape[1:])
        return [Parameter(f"{letter}_{of}", third) for of in "QKV"]
    return [Parameter(_NAMES.get(name, name.replace("_", " ")), shape)]


_NAMES = {
    "patch_embed.proj.weight": "patch filters",
    "patch_embed.proj.bias": "patch bias",
    "cls_token": "class token",
    "pos_embed": "positions",
    "norm1.weight": "norm scale",
    "norm1.bias": "norm shift",
    "attn.proj.weight": "W_O",
    "attn.proj.bias": "b_O",
    "ls1.gamma": "layer scale",
    "norm2.weight": "norm scale",
    "norm2.bias": "norm shift",
    "mlp.fc1.weight": "W_1",
    "mlp.fc1.bias": "b_1",
    "mlp.fc2.weight": "W_2",
    "mlp.fc2.bias": "b_2",
    "ls2.gamma": "layer scale",
    "norm.weight": "norm scale",
    "norm.bias": "norm shift",
    "head.weight": "W_answer",
    "head.bias": "b_answer",
}
