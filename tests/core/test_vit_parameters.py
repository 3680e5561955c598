"""Every parameter under a name of its own, and what the names say is what the model does."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from core.timm_import import import_timm
from core.vit import forward
from core.vit_model import VisionTransformer
from core.vit_parameters import named_parameters

timm = import_timm()

WITHOUT = {"class_token": False, "global_pool": "avg"}


def tiny(**options: Any) -> VisionTransformer:  # noqa: ANN401
    """Return a model of two layers of two heads, d_model 8, for pictures of 8 x 8."""
    torch.manual_seed(0)
    shape = {"img_size": 8, "patch_size": 4, "in_chans": 1, "num_classes": 3}
    size = {"embed_dim": 8, "depth": 2, "num_heads": 2, "mlp_ratio": 2, "dynamic_img_size": True}
    backbone = timm.models.vision_transformer.VisionTransformer(**shape, **size, **options)
    with torch.no_grad():
        for parameter in backbone.parameters():  # timm begins with zeros and ones
            parameter.copy_(torch.randn_like(parameter))
    backbone.eval().requires_grad_(requires_grad=False)
    return VisionTransformer(backbone, pixel_mean=(0.0,), pixel_std=(1.0,))


OPTIONS: tuple[dict[str, Any], ...] = (
    {},
    WITHOUT,
    {"pos_embed": "none"},
    {"reg_tokens": 2, "no_embed_class": True, "init_values": 0.5, "qk_norm": True},
    {"pre_norm": True},
)


@pytest.mark.parametrize("options", OPTIONS, ids=lambda options: "-".join(options) or "plain")
def test_every_parameter_is_there_once(options: dict[str, Any]) -> None:
    model = tiny(**options)
    ours = named_parameters(model)
    theirs = torch.cat([parameter.flatten() for parameter in model.backbone.parameters()])
    assert sum(values.size for values in ours.values()) == theirs.numel()
    # Drawn from a normal distribution, so no two are alike: the same numbers, each once.
    all_ours = np.sort(np.concatenate([values.ravel() for values in ours.values()]))
    np.testing.assert_array_equal(all_ours, np.sort(theirs.numpy()))
    assert not [name for name in ours if "." in name]
    # None has fallen back to timm's name.
    assert not [name for name in ours if "attn" in name or "embed" in name or "fc1" in name]


def test_shapes_and_order_by_hand() -> None:
    shapes = {name: values.shape for name, values in named_parameters(tiny()).items()}
    layer = {
        **dict.fromkeys(("norm_1_scale", "norm_1_shift"), (8,)),
        **{"W_Q": (8, 8), "b_Q": (8,), "W_K": (8, 8), "b_K": (8,), "W_V": (8, 8), "b_V": (8,)},
        **{"W_O": (8, 8), "b_O": (8,), "norm_2_scale": (8,), "norm_2_shift": (8,)},
        **{"W_1": (16, 8), "b_1": (16,), "W_2": (8, 16), "b_2": (8,)},
    }
    expected = {
        "patch_filters": (8, 1, 4, 4),
        "patch_bias": (8,),
        "class_token": (8,),
        "positions": (5, 8),
        **{f"layer_1_{name}": shape for name, shape in layer.items()},
        **{f"layer_2_{name}": shape for name, shape in layer.items()},
        **{"last_norm_scale": (8,), "last_norm_shift": (8,), "answer_W": (3, 8), "answer_b": (3,)},
    }
    assert shapes == expected
    assert list(shapes) == list(expected)


def test_the_names_say_what_the_numbers_do() -> None:
    # The model's first layer, computed from the named matrices alone, asks and offers the same.
    model = tiny()
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (8, 8, 1), dtype=np.uint8)
    named = named_parameters(model)
    filters = named["patch_filters"].reshape(8, -1)
    patches = (picture / 255).reshape(2, 4, 2, 4).transpose(0, 2, 1, 3).reshape(4, 16)
    embedded = patches @ filters.T + named["patch_bias"]
    tokens = np.vstack([named["class_token"], embedded]) + named["positions"]
    centred = tokens - tokens.mean(axis=1, keepdims=True)
    normed = centred / np.sqrt((centred**2).mean(axis=1, keepdims=True) + 1e-6)
    normed = normed * named["layer_1_norm_1_scale"] + named["layer_1_norm_1_shift"]
    seen = forward(model, picture)
    for letter, theirs in (("Q", seen.query), ("K", seen.key)):
        ours = normed @ named[f"layer_1_W_{letter}"].T + named[f"layer_1_b_{letter}"]
        per_head = ours.reshape(5, 2, 4).transpose(1, 0, 2)
        np.testing.assert_allclose(per_head, theirs[0], rtol=0, atol=1e-4)
    # And the answer is what the last token makes of it.
    logits = seen.tokens[0] @ named["answer_W"].T + named["answer_b"]
    np.testing.assert_allclose(logits, seen.logits, rtol=0, atol=1e-4)


def test_they_are_copies() -> None:
    model = tiny()
    named_parameters(model)["layer_1_W_Q"][:] = 0
    assert named_parameters(model)["layer_1_W_Q"].any()
