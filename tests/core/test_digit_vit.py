"""The small Vision Transformer for digits: as it came, and the lab's own forward pass over it."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.digit_settings import SHIPPED, DigitSettings
from core.digit_vit import (
    D_MODEL,
    PIXEL_MEAN,
    PIXEL_STD,
    WEIGHTS_PATH,
    build_digit_vit,
    empty_backbone,
    load_digit_vit,
    shapes_of,
    start_weights,
)
from core.digits import as_picture, load_digits
from core.vit import forward
from core.vit_model import VisionTransformer
from core.weights import WeightsError, read_weights


def timm_logits(model: VisionTransformer, images: np.ndarray) -> torch.Tensor:
    """Run timm's own forward pass, (picture, 8, 8) to (picture, 10)."""
    pixels = torch.from_numpy(as_picture(images)).permute(0, 3, 1, 2).float() / 255
    with torch.no_grad():
        logits: torch.Tensor = model.backbone((pixels - PIXEL_MEAN[0]) / PIXEL_STD[0])
    return logits


def test_the_shipped_model_names_97_percent_of_what_it_never_saw() -> None:
    model, digits = load_digit_vit(), load_digits()
    named = timm_logits(model, digits.images[digits.held_out]).argmax(dim=1).numpy()
    accuracy = (named == digits.labels[digits.held_out]).mean()
    assert accuracy >= 0.97
    assert accuracy == pytest.approx(0.99, abs=0.0021)  # as the model card states


def test_its_shape_is_the_one_stated() -> None:
    model = load_digit_vit()
    assert (model.n_layers, model.n_heads, model.d_model, model.d_head) == (3, 4, D_MODEL, 12)
    assert (model.patch_size, model.n_channels, model.n_classes) == (2, 1, 10)
    assert (model.n_prefix_tokens, model.has_class_token) == (1, True)
    parameters = list(model.backbone.parameters())
    assert sum(part.numel() for part in parameters) == 58_570
    assert not any(part.requires_grad for part in parameters)
    assert not model.backbone.training


ALL_SWITCHES = [
    DigitSettings(positions=p, class_token=c, patch_size=size, n_heads=heads, n_layers=2, seed=3)
    for p, c, (size, heads) in product((True, False), (True, False), ((1, 1), (2, 4), (4, 2)))
]


@pytest.mark.parametrize("settings", [SHIPPED, *ALL_SWITCHES], ids=str)
def test_the_lab_s_forward_pass_is_timm_s(settings: DigitSettings) -> None:
    own = build_digit_vit(settings, start_weights(settings))
    model = load_digit_vit() if settings == SHIPPED else own
    images = load_digits().images[:4]
    expected = timm_logits(model, images).numpy()
    for image, logits in zip(images, expected, strict=True):
        found = forward(model, as_picture(image))
        np.testing.assert_allclose(found.logits, logits, atol=2e-5, rtol=1e-5)
        assert found.grid == (8 // settings.patch_size,) * 2
        assert found.n_tokens == settings.n_patches + settings.class_token


def test_untrained_weights_hang_on_the_seed_alone() -> None:
    one, same = start_weights(SHIPPED), start_weights(replace(SHIPPED, n_steps=7))
    other = start_weights(replace(SHIPPED, seed=1))
    assert list(one) == list(shapes_of(SHIPPED))
    for name, part in one.items():
        torch.testing.assert_close(part, same[name], atol=0, rtol=0)
    assert not torch.equal(one["head.weight"], other["head.weight"])
    # What comes out of a layer is about as large as what went in: 1 / sqrt(inputs).
    assert float(one["blocks.0.attn.qkv.weight"].std()) == pytest.approx(48**-0.5, rel=0.05)
    assert float(one["blocks.1.mlp.fc2.weight"].std()) == pytest.approx(96**-0.5, rel=0.05)
    assert one["blocks.0.norm1.weight"].unique().tolist() == [1.0]
    assert not one["blocks.0.attn.qkv.bias"].any()


def test_without_positions_or_class_token_there_are_none() -> None:
    names = set(shapes_of(DigitSettings()))
    assert names - set(shapes_of(DigitSettings(positions=False))) == {"pos_embed"}
    assert names - set(shapes_of(DigitSettings(class_token=False))) == {"cls_token"}
    assert tuple(shapes_of(DigitSettings(class_token=False))["pos_embed"]) == (1, 16, D_MODEL)
    assert all(part.is_meta for part in empty_backbone(DigitSettings()).parameters())


def test_weights_that_do_not_fit_are_refused(tmp_path: Path) -> None:
    weights = read_weights(WEIGHTS_PATH)
    with pytest.raises(WeightsError, match=r"do not fit the model for digits.*pos_embed"):
        build_digit_vit(replace(SHIPPED, positions=False), weights)
    path = tmp_path / "less.safetensors"
    save_file({name: part for name, part in weights.items() if name != "head.bias"}, path)
    with pytest.raises(WeightsError, match=r"head\.bias"):
        load_digit_vit(path)
    with pytest.raises(WeightsError, match="There are no weights"):
        load_digit_vit(tmp_path / "none.safetensors")


def test_settings_that_are_none_are_refused() -> None:
    with pytest.raises(ValueError, match="patch_size must be one of 1, 2, 4, got 3"):
        DigitSettings(patch_size=3)
    with pytest.raises(ValueError, match="n_heads must be one of 1, 2, 4, got 8"):
        DigitSettings(n_heads=8)
    with pytest.raises(ValueError, match="n_layers must be one of"):
        DigitSettings(n_layers=0)
    with pytest.raises(ValueError, match="shuffle must be one of none, one, new, got all"):
        DigitSettings(shuffle="all")
    for wrong in ({"n_steps": 0}, {"seed": -1}):
        with pytest.raises(ValueError, match="n_steps must be at least 1 and seed at least 0"):
            DigitSettings(**wrong)
    assert hash(DigitSettings()) == hash(DigitSettings())
