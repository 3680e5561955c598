"""One forward for every kind of Vision Transformer, held to timm's own, at random weights."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import numpy as np
import pytest
import torch

from core.vision_attention import Interventions, VisionAttention
from core.vit import forward
from core.vit_model import VisionTransformer, timm

SMALL = {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 3, "num_heads": 3}
KINDS: dict[str, dict[str, Any]] = {
    "class token": {},
    "mean of the patches": {"class_token": False, "global_pool": "avg"},
    "mean beside a class token": {"global_pool": "avg"},
    "registers alone": {
        "class_token": False,
        "reg_tokens": 4,
        "no_embed_class": True,
        "global_pool": "avg",
        "init_values": 1e-1,
    },
    "class token and registers": {"reg_tokens": 2},
    "no positions": {"pos_embed": "none"},
    "queries and keys normalised": {"qk_norm": True, "scale_attn_norm": True},
    "normalised first": {"pre_norm": True},
    "no classes": {"num_classes": 0},
}
MEAN, STD = (0.6, 0.4, 0.2), (0.5, 0.25, 0.2)  # the mean is 153, 102, 51 of 255


def make(name: str) -> VisionTransformer:
    torch.manual_seed(len(name))
    if name == "distilled":
        kind = import_module("timm.models.deit").VisionTransformerDistilled
        settings: dict[str, Any] = {}
    else:
        kind, settings = timm.models.vision_transformer.VisionTransformer, KINDS[name]
    backbone = kind(**{"num_classes": 7, "dynamic_img_size": True} | SMALL | settings)
    for parameter in backbone.parameters():  # biases and registers too, which begin at 0
        torch.nn.init.normal_(parameter, std=0.3)
    backbone.eval().requires_grad_(requires_grad=False)
    return VisionTransformer(backbone, pixel_mean=MEAN, pixel_std=STD)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(7).integers(0, 256, (height, width, 3), dtype=np.uint8)


def pixels_of(picture: np.ndarray) -> torch.Tensor:
    normalised = ((picture / 255.0 - MEAN) / STD).transpose(2, 0, 1)[None]
    return torch.tensor(normalised, dtype=torch.float32)


@pytest.mark.parametrize("name", [*KINDS, "distilled"])
@pytest.mark.parametrize("shape", [(32, 32), (24, 40)])
@torch.no_grad()
def test_it_answers_as_timm_does(name: str, shape: tuple[int, int]) -> None:
    model, picture = make(name), noise(*shape)
    ours = forward(model, picture, keep_weights=True)
    pixels = pixels_of(picture)
    tokens = model.backbone.forward_features(pixels)
    np.testing.assert_allclose(ours.tokens, tokens[0].numpy(), atol=2e-5)
    logits = model.backbone.forward_head(tokens)[0].numpy()
    if model.n_classes:
        np.testing.assert_allclose(ours.logits, logits, atol=2e-5)
        expected = torch.tensor(logits).softmax(dim=-1).numpy()
        np.testing.assert_allclose(ours.probabilities, expected, atol=2e-6)
    else:
        assert ours.logits.shape == ours.probabilities.shape == (0,)
    assert ours.saliency.shape == (0, 0)
    assert ours.n_tokens == ours.n_prefix_tokens + shape[0] * shape[1] // 64


@pytest.mark.parametrize(
    ("name", "n_prefix", "has_class_token"),
    [
        ("class token", 1, True),
        ("mean of the patches", 0, False),
        ("registers alone", 4, False),
        ("class token and registers", 3, True),
        ("distilled", 2, True),
    ],
)
def test_what_stands_before_the_patches_has_no_place_in_the_picture(
    name: str, n_prefix: int, has_class_token: bool
) -> None:
    looked = forward(make(name), noise(24, 40))
    assert (looked.n_prefix_tokens, looked.has_class_token) == (n_prefix, has_class_token)
    maps = looked.cls_maps(2)
    assert maps.shape == (3, 3, 5)
    weights = looked.weights(2)
    row = weights[:, 0] if has_class_token else weights[:, n_prefix:].mean(axis=1)
    np.testing.assert_allclose(looked.read_out_rows(2), row, atol=1e-6)
    np.testing.assert_allclose(maps.sum(axis=(1, 2)), 1 - row[:, :n_prefix].sum(-1), atol=1e-5)
    assert looked.patch_features.shape == (15, 24)


def test_without_a_class_token_the_mean_of_the_patches_stands_for_it() -> None:
    looked = forward(make("mean of the patches"), noise(24, 40))  # timm normalises after the mean
    np.testing.assert_allclose(looked.class_tokens[-1], looked.tokens.mean(axis=0), atol=1e-5)


def test_a_hidden_patch_is_painted_in_the_models_own_mean_colour() -> None:
    model, picture = make("class token"), noise(24, 40)
    painted = picture.copy()
    painted[8:16, 16:24] = (153, 102, 51)
    hidden = forward(model, picture, Interventions(hidden_patches=frozenset({7})))
    by_hand = forward(model, painted)
    assert largest_difference(hidden, by_hand) < 1e-5
    assert largest_difference(hidden, forward(model, picture)) > 1e-2


def test_a_picture_with_other_channels_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(height, width, 3\).*got uint8 \(24, 40, 1\)"):
        forward(make("class token"), noise(24, 40)[..., :1])


def largest_difference(one: VisionAttention, other: VisionAttention) -> float:
    return float(np.abs(one.logits - other.logits).max())
