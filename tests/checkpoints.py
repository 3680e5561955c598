"""Checkpoints made on the spot: the architecture of an ImageNet model, weights drawn at random.

There is no network in the tests; these go through the same code as a file that was fetched.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file

from core.imagenet_models import ImageNetModel
from core.vit_model import timm


def on_meta(entry: ImageNetModel) -> Any:  # noqa: ANN401
    return timm.create_model(
        entry.name, weight_init="skip", device="meta", dynamic_img_size=True
    ).eval()


def random_weights(entry: ImageNetModel, seed: int = 0) -> dict[str, torch.Tensor]:
    """Return weights of the entry's architecture, large enough that attention is not uniform."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.randn(tensor.shape, generator=generator) * 0.05 + ("norm" in name)
        for name, tensor in on_meta(entry).state_dict().items()
    }


def random_file(entry: ImageNetModel, folder: Path) -> Path:
    """Write such weights to a file and return its path."""
    path = folder / f"{entry.name}.safetensors"
    save_file(random_weights(entry), path)
    return path
