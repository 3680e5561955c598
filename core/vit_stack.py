"""The blocks of timm's Vision Transformer as a `Stack`, which `core.transformer.walk` runs.

timm makes queries, keys and values by one matrix; here they are three slices of it. Where a model
has them, the queries and keys are normalised, what a part writes is scaled number by number
(LayerScale, Touvron et al. 2021, arXiv:2103.17239), and a further normalisation stands inside.
"""

from __future__ import annotations

from typing import Any

import torch.nn.functional as F  # noqa: N812 (its usual name)
from torch import Tensor

from core.transformer_parts import SELF, AttentionPart, FeedForwardPart, Map, Part, Stack
from core.vit_model import VisionTransformer


def stack_of(model: VisionTransformer) -> Stack:
    """Return the blocks of a model, and the normalisation after them."""
    backbone = model.backbone
    return Stack(
        layers=tuple(_parts(block) for block in backbone.blocks),
        norm_first=True,
        last_norm=backbone.norm,
    )


def _parts(block: Any) -> tuple[Part, ...]:  # noqa: ANN401 (see VisionTransformer.backbone)
    attention, mlp = block.attn, block.mlp

    def mix(heads: Tensor) -> Tensor:
        output: Tensor = block.ls1(attention.proj(attention.norm(heads)))
        return output

    def leave(active: Tensor) -> Tensor:
        output: Tensor = block.ls2(mlp.fc2(mlp.norm(active)))
        return output

    return (
        AttentionPart(
            SELF,
            attention.num_heads,
            norm=block.norm1,
            query=_third(attention.qkv, 0),
            key=_third(attention.qkv, 1),
            value=_third(attention.qkv, 2),
            output=mix,
            query_norm=attention.q_norm,
            key_norm=attention.k_norm,
        ),
        FeedForwardPart(norm=block.norm2, inner=mlp.fc1, activation=mlp.act, outer=leave),
    )


def _third(
    qkv: Any,  # noqa: ANN401 (see VisionTransformer.backbone)
    place: int,
) -> Map:
    size = qkv.out_features // 3
    rows = slice(place * size, (place + 1) * size)
    weight, bias = qkv.weight[rows], None if qkv.bias is None else qkv.bias[rows]
    return lambda tokens: F.linear(tokens, weight, bias)
