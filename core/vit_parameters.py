"""Every number that a Vision Transformer has learned, under a name that says what it is.

timm keeps query, key and value of a layer as one matrix; here they are three. Matrices are as
PyTorch has them: one row for each number that comes out, one column for each that goes in, so
``query = tokens @ W_Q.T + b_Q``. Rows of W_Q, W_K and W_V, and columns of W_O, belong to the heads
in order, ``d_head`` to each.
"""

from __future__ import annotations

import re
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.vit_model import VisionTransformer

FloatArray = NDArray[np.float32]

# The names of timm's parameters, of a block without "blocks.0.".
_NAMES: Final = {
    "patch_embed.proj.weight": "patch_filters",
    "patch_embed.proj.bias": "patch_bias",
    "cls_token": "class_token",
    "dist_token": "distillation_token",
    "reg_token": "registers",
    "pos_embed": "positions",
    "norm_pre.weight": "first_norm_scale",
    "norm_pre.bias": "first_norm_shift",
    "norm.weight": "last_norm_scale",
    "norm.bias": "last_norm_shift",
    "fc_norm.weight": "last_norm_scale_of_mean",
    "fc_norm.bias": "last_norm_shift_of_mean",
    "head.weight": "answer_W",
    "head.bias": "answer_b",
    "head_dist.weight": "distilled_answer_W",
    "head_dist.bias": "distilled_answer_b",
}
_NAMES_IN_BLOCK: Final = {
    "norm1.weight": "norm_1_scale",
    "norm1.bias": "norm_1_shift",
    "attn.q_norm.weight": "query_norm_scale",
    "attn.q_norm.bias": "query_norm_shift",
    "attn.k_norm.weight": "key_norm_scale",
    "attn.k_norm.bias": "key_norm_shift",
    "attn.proj.weight": "W_O",
    "attn.proj.bias": "b_O",
    "ls1.gamma": "attention_layer_scale",
    "norm2.weight": "norm_2_scale",
    "norm2.bias": "norm_2_shift",
    "mlp.fc1.weight": "W_1",
    "mlp.fc1.bias": "b_1",
    "mlp.fc2.weight": "W_2",
    "mlp.fc2.bias": "b_2",
    "ls2.gamma": "mlp_layer_scale",
}
_BLOCK: Final = re.compile(r"blocks\.(\d+)\.(.+)")


@torch.no_grad()
def named_parameters(model: VisionTransformer) -> dict[str, FloatArray]:
    """Return every parameter of the backbone by a name that says what it is.

    Parameters
    ----------
    model : VisionTransformer
        The model; not changed.

    Returns
    -------
    dict of str to ndarray of float32
        In the order in which the model uses them: ``patch_filters`` (d_model, channel, size, size),
        ``class_token`` (d_model,), ``positions`` (token, d_model), ``layer_1_W_Q`` (d_model,
        d_model), ..., ``answer_W`` (class, d_model). Layers count from 1, as on the screen. What a
        model does not have is not there; what timm may have beyond these comes under timm's own
        name, with ``_`` for the dots. Copies: to change one changes no model.
    """
    found: dict[str, FloatArray] = {}
    for name, parameter in model.backbone.named_parameters():
        values: FloatArray = parameter.detach().cpu().float().numpy().copy()
        found |= _renamed(name, values)
    places = {name: place for place, name in enumerate(_order(model.n_layers))}
    return dict(sorted(found.items(), key=lambda item: places.get(item[0], len(places))))


def _renamed(name: str, values: FloatArray) -> dict[str, FloatArray]:
    """Return what one of timm's parameters is called here, and what it is made into."""
    block = _BLOCK.fullmatch(name)
    if block is None:
        # Tokens and positions have a batch axis of one in timm.
        squeezed = values[0] if name.endswith(("_token", "pos_embed")) else values
        if name in ("cls_token", "dist_token"):
            squeezed = squeezed[0]
        return {_NAMES.get(name, name.replace(".", "_")): squeezed}
    prefix, inner = f"layer_{int(block[1]) + 1}_", block[2]
    if inner in ("attn.qkv.weight", "attn.qkv.bias"):
        kind = "W" if inner.endswith("weight") else "b"
        parts = zip("QKV", np.split(values, 3), strict=True)
        return {f"{prefix}{kind}_{letter}": part for letter, part in parts}
    return {f"{prefix}{_NAMES_IN_BLOCK.get(inner, inner.replace('.', '_'))}": values}


def _order(n_layers: int) -> list[str]:
    """Return all names in the order in which a model uses them."""
    first, last = list(_NAMES.values())[:8], list(_NAMES.values())[8:]
    one, other = list(_NAMES_IN_BLOCK.values())[:2], list(_NAMES_IN_BLOCK.values())[2:]
    in_block = [*one, *(f"{kind}_{letter}" for letter in "QKV" for kind in "Wb"), *other]
    layers = [f"layer_{layer + 1}_{name}" for layer in range(n_layers) for name in in_block]
    return [*first, *layers, *last]
