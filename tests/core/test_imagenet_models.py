"""The list of ImageNet models says what timm says, and what is built from it computes what timm's
own model does.

There is no network here: the checkpoints are made on the spot, of the same architectures with
weights drawn at random, and go through the same loading as a fetched file.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.imagenet_models import (
    CLASS_TOKEN,
    DISTILLATION_TOKEN,
    IMAGENET_MODELS,
    N_CLASSES,
    REGISTER,
    ImageNetModel,
    imagenet_model,
)
from core.imagenet_vit import build_imagenet_model, class_names
from core.vit import forward
from core.vit_model import VisionTransformer, timm
from core.weights import WeightsError
from tests.checkpoints import on_meta, random_weights

MOST_PARAMETERS = 25_000_000
TINY = IMAGENET_MODELS[0]
# One of each kind: class token alone, distilled, registers without a class token, large patches.
KINDS = [
    imagenet_model(name)
    for name in (
        "vit_tiny_patch16_224.augreg_in21k_ft_in1k",
        "deit_tiny_distilled_patch16_224.fb_in1k",
        "vit_wee_patch16_reg1_gap_256.sbb_in1k",
        "vit_small_patch32_224.augreg_in21k_ft_in1k",
    )
]


def named(entry: ImageNetModel) -> str:
    return entry.name


@pytest.mark.parametrize("entry", IMAGENET_MODELS, ids=named)
def test_every_number_is_timms_own(entry: ImageNetModel) -> None:
    model = on_meta(entry)
    config = model.pretrained_cfg
    assert entry.hub_id == config["hf_hub_id"]
    assert entry.n_parameters == sum(p.numel() for p in model.parameters())
    assert len(model.state_dict()) == len(list(model.parameters())), "nothing else in the file"
    assert entry.n_layers == len(model.blocks)
    assert {block.attn.num_heads for block in model.blocks} == {entry.n_heads}
    assert entry.d_model == model.embed_dim
    assert model.patch_embed.patch_size == (entry.patch_size, entry.patch_size)
    assert config["input_size"] == (3, entry.side, entry.side)
    assert (config["mean"], config["std"]) == (entry.pixel_mean, entry.pixel_std)
    assert config["num_classes"] == model.num_classes == N_CLASSES
    assert entry.n_prefix_tokens == model.num_prefix_tokens
    assert entry.prefix.count(REGISTER) == model.num_reg_tokens
    assert entry.has_class_token == (CLASS_TOKEN in entry.prefix) == model.has_class_token
    assert (DISTILLATION_TOKEN in entry.prefix) == hasattr(model, "dist_token")
    assert entry.n_patches == model.patch_embed.num_patches
    assert config["license"] == "apache-2.0"


def test_the_list_is_of_small_models_with_names_of_their_own() -> None:
    assert all(entry.n_parameters <= MOST_PARAMETERS for entry in IMAGENET_MODELS)
    for name in ("name", "hub_id", "title"):
        assert len({getattr(entry, name) for entry in IMAGENET_MODELS}) == len(IMAGENET_MODELS)
    assert all(imagenet_model(entry.name) is entry for entry in IMAGENET_MODELS)
    with pytest.raises(KeyError, match="resnet"):
        imagenet_model("resnet50")


def test_the_list_needs_no_torch() -> None:
    program = "import core.imagenet_models, core.model_fetch, sys; print('torch' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)
    assert ran.stdout.strip() == b"False"


@pytest.mark.parametrize("entry", KINDS, ids=named)
def test_a_built_model_answers_as_timms_own(entry: ImageNetModel, tmp_path: Path) -> None:
    weights, path = random_weights(entry), tmp_path / "model.safetensors"
    save_file(weights, path)
    assert round(path.stat().st_size / 1e6, 1) == entry.megabytes
    model = build_imagenet_model(entry, path)
    assert (model.n_layers, model.n_heads, model.d_model) == (
        entry.n_layers,
        entry.n_heads,
        entry.d_model,
    )
    assert (model.n_prefix_tokens, model.has_class_token, model.n_classes) == (
        entry.n_prefix_tokens,
        entry.has_class_token,
        N_CLASSES,
    )

    own = timm.create_model(entry.name, dynamic_img_size=True).eval()
    own.load_state_dict(weights)
    # Not a square, so that positions are resampled too.
    shape = (4 * entry.patch_size, 6 * entry.patch_size, 3)
    picture = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    mean, std = (torch.tensor(values) for values in (entry.pixel_mean, entry.pixel_std))
    pixels = (torch.from_numpy(picture) / 255 - mean) / std
    with torch.no_grad():
        expected = own(pixels.permute(2, 0, 1)[None])[0].numpy()
    attention = forward(model, picture)
    np.testing.assert_allclose(attention.logits, expected, rtol=2e-4, atol=2e-4)
    assert attention.grid == (4, 6)
    assert attention.has_class_token == entry.has_class_token
    maps = attention.cls_maps(entry.n_layers - 1)
    assert maps.shape == (entry.n_heads, 4, 6)


def test_a_file_of_another_model_is_named_as_such(tmp_path: Path) -> None:
    other, path = imagenet_model("deit_tiny_distilled_patch16_224.fb_in1k"), tmp_path / "x"
    save_file(random_weights(other), path)
    with pytest.raises(WeightsError, match="not those of vit_tiny"):
        build_imagenet_model(TINY, path)
    save_file(random_weights(TINY), path)
    with pytest.raises(WeightsError, match="not those of deit_tiny_distilled"):
        build_imagenet_model(other, path)


def test_an_older_layout_of_the_same_weights_is_read(tmp_path: Path) -> None:
    """As the first models of timm were stored: the patch embedding as a matrix."""
    weights, path = random_weights(TINY), tmp_path / "x"
    new = build_from(weights, path)
    older = dict(weights) | {"pre_logits.fc.bias": torch.zeros(3)}
    older["patch_embed.proj.weight"] = weights["patch_embed.proj.weight"].flatten(1).clone()
    old = build_from(older, path)
    picture = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    np.testing.assert_array_equal(forward(old, picture).logits, forward(new, picture).logits)


def build_from(weights: dict[str, torch.Tensor], path: Path) -> VisionTransformer:
    save_file(weights, path)
    return build_imagenet_model(TINY, path)


def test_weights_of_another_width_or_of_something_else_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x"
    weights = random_weights(TINY)
    weights["blocks.3.attn.qkv.bias"] = torch.zeros(5)
    save_file(weights, path)
    with pytest.raises(WeightsError, match=r"blocks\.3\.attn\.qkv\.bias is \(5,\) instead of"):
        build_imagenet_model(TINY, path)
    save_file({"anything": torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match="it has no"):
        build_imagenet_model(TINY, path)
    save_file({"patch_embed.proj.weight": torch.zeros(3)}, path)
    with pytest.raises(WeightsError, match="not those of vit_tiny"):
        build_imagenet_model(TINY, path)
    whole = {name: tensor.to(torch.int32) for name, tensor in random_weights(TINY).items()}
    save_file(whole, path)
    with pytest.raises(WeightsError, match=r"is of torch\.int32"):
        build_imagenet_model(TINY, path)
    path.write_bytes(b"\x80\x04not safetensors")
    with pytest.raises(WeightsError, match="cannot be read"):
        build_imagenet_model(TINY, path)


def test_classes_have_short_names_and_no_two_the_same() -> None:
    names = class_names()
    assert len(names) == N_CLASSES
    assert len({name.lower() for name in names}) == N_CLASSES
    assert (names[0], names[1], names[291], names[999]) == (
        "tench",
        "goldfish",
        "lion",
        "toilet tissue",
    )
    assert (names[134], names[517]) == ("crane (bird)", "crane (machine)")
    assert (names[264], names[474]) == ("Cardigan (Cardigan Welsh corgi)", "cardigan")
    assert max(map(len, names)) < 36
