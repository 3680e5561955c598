"""The small Vision Transformer for handwritten digits: its parts, and how it is loaded.

timm's own `VisionTransformer` (Dosovitskiy et al. 2021, arXiv:2010.11929) of width 48. The weights
that come with the lab were trained by ``assets/digit_vit/train.py``.
"""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import torch
from torch import Tensor

from core.digit_settings import SHIPPED, DigitSettings
from core.digits import SIDE
from core.vit_model import VisionTransformer, timm
from core.weights import WeightsError, read_weights

WEIGHTS_PATH: Final = Path(__file__).parents[1] / "assets" / "digit_vit" / "digit_vit.safetensors"
WEIGHTS_SHA256: Final = "2a2a91f2cb69b1c3c23e4f77dea10fdd40fc7deb7b1fdb0bf0355cf4eeb848cf"
D_MODEL: Final = 48
N_CLASSES: Final = 10
# Of all pixels of all pictures, in [0, 1]: ink, so the paper is 0.
PIXEL_MEAN: Final = (0.305,)
PIXEL_STD: Final = (0.376,)
# Positions and class token start about as large as the patches: drawn smaller they are found out
# about late, which costs a third of the accuracy's last percents in a training as short as ours.
_START_SPREAD: Final = 0.5
_HEAD_SPREAD: Final = 0.1


def load_digit_vit(path: Path = WEIGHTS_PATH) -> VisionTransformer:
    """Load the trained model that comes with the lab. Opens one file and no connection.

    Parameters
    ----------
    path : Path
        A safetensors file made by ``assets/digit_vit/train.py``. The lab's own file is checked
        against its SHA-256.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or for another model.
    """
    sha256 = WEIGHTS_SHA256 if path == WEIGHTS_PATH else None
    return build_digit_vit(SHIPPED, read_weights(path, sha256=sha256))


def build_digit_vit(settings: DigitSettings, weights: dict[str, Tensor]) -> VisionTransformer:
    """Assemble a model from its weights.

    Parameters
    ----------
    settings : DigitSettings
        Those that the shape hangs on: positions, class token, patch size, heads and layers.
    weights : dict of str to Tensor
        By the names of timm's modules; used as they are, not copied.

    Returns
    -------
    VisionTransformer
        For pictures of one channel, ink from 0 to 255: see `core.digits.as_picture`.

    Raises
    ------
    WeightsError
        If a tensor is missing, left over or of another shape.
    """
    backbone = empty_backbone(settings)
    try:
        backbone.load_state_dict(weights, strict=True, assign=True)
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise WeightsError(f"These weights do not fit the model for digits: {reason}") from error
    backbone.eval().requires_grad_(requires_grad=False)
    return VisionTransformer(backbone, pixel_mean=PIXEL_MEAN, pixel_std=PIXEL_STD)


def empty_backbone(settings: DigitSettings) -> Any:  # noqa: ANN401 (see VisionTransformer.backbone)
    """Return timm's modules without any weights: on "meta" there is nothing but shapes."""
    return timm.models.vision_transformer.VisionTransformer(
        img_size=SIDE,
        patch_size=settings.patch_size,
        in_chans=len(PIXEL_MEAN),
        num_classes=N_CLASSES,
        embed_dim=D_MODEL,
        depth=settings.n_layers,
        num_heads=settings.n_heads,
        mlp_ratio=2.0,
        class_token=settings.class_token,
        pos_embed="learn" if settings.positions else "none",
        global_pool="token" if settings.class_token else "avg",
        # Every token is normalised before the answer is read, from one of them or from the mean.
        fc_norm=False,
        dynamic_img_size=True,
        weight_init="skip",
        device="meta",
    )


def shapes_of(settings: DigitSettings) -> dict[str, torch.Size]:
    """Return the shape of each of a model's weights, by name, in a fixed order."""
    return dict(_shapes_of(settings.shape))


@lru_cache(maxsize=16)
def _shapes_of(shape: DigitSettings) -> tuple[tuple[str, torch.Size], ...]:
    parts = empty_backbone(shape).named_parameters()
    return tuple((name, part.shape) for name, part in parts)


def start_weights(settings: DigitSettings) -> dict[str, Tensor]:
    """Draw untrained weights; the same settings give the same ones."""
    generator = torch.Generator().manual_seed(settings.seed)
    return {name: _start(name, shape, generator) for name, shape in shapes_of(settings).items()}


def _start(name: str, shape: torch.Size, generator: torch.Generator) -> Tensor:
    if name.endswith(".bias"):
        return torch.zeros(shape)
    if "norm" in name:
        return torch.ones(shape)
    drawn = torch.randn(shape, generator=generator)
    if name in ("pos_embed", "cls_token"):
        return drawn * _START_SPREAD
    # As large as what enters: the inputs of a unit add up to a variance of 1.
    spread = 1 / math.sqrt(shape[1:].numel())
    return drawn * spread * (_HEAD_SPREAD if name == "head.weight" else 1.0)
