"""What the model for digits gets to see: pictures bent a little, or with their patches shuffled.

In training every picture is bent a little; where the settings say so its patches are shuffled, in
training and in the test.
"""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import affine_grid, grid_sample

from core.digit_settings import NEW_SHUFFLES, UNSHUFFLED, DigitSettings
from core.digits import SIDE, as_picture, load_digits

# A picture is turned, slanted, stretched and moved in its own way: at most by these (radians;
# share of the side; of the range -1 to 1, of which a pixel is 1/4).
_TURN, _SLANT, _STRETCH, _MOVE = 0.12, 0.12, 0.07, 0.09
# Draws that are not of the first weights.
_SHUFFLE_SEED: Final = 77
_TEST_SEED: Final = 1_000_003


@cache
def training_set() -> tuple[Tensor, Tensor]:
    """Return pictures to train on, (1297, 1, 8, 8) in [0, 1], and their digits; never changed."""
    return _pixels(load_digits().training)


@cache
def held_out_set() -> tuple[Tensor, Tensor]:
    """Return the pictures held out, (500, 1, 8, 8) in [0, 1], and their digits; never changed."""
    return _pixels(load_digits().held_out)


def _pixels(places: NDArray[np.int64]) -> tuple[Tensor, Tensor]:
    digits = load_digits()
    pictures = as_picture(digits.images[places])[..., 0]
    pixels = torch.from_numpy(pictures).float()[:, None] / 255
    return pixels, torch.from_numpy(digits.labels[places].astype(np.int64))


def bent(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Turn, slant, stretch and move each picture a little, as another hand would write it."""
    n = len(pixels)
    turn, slant, wide, high, right, down = (torch.rand(6, n, generator=generator) * 2 - 1).unbind()
    turn, wide, high = turn * _TURN, 1 + wide * _STRETCH, 1 + high * _STRETCH
    across = torch.stack([wide * turn.cos(), slant * _SLANT - turn.sin(), right * _MOVE], dim=1)
    along = torch.stack([turn.sin(), high * turn.cos(), down * _MOVE], dim=1)
    grid = affine_grid(torch.stack([across, along], dim=1), list(pixels.shape), align_corners=False)
    return grid_sample(pixels, grid, align_corners=False)


def shuffled(pixels: Tensor, settings: DigitSettings, generator: torch.Generator) -> Tensor:
    """Shuffle the patches of each picture, (picture, 1, 8, 8), as the settings say."""
    if settings.shuffle == UNSHUFFLED:
        return pixels
    n, n_patches = len(pixels), settings.n_patches
    if settings.shuffle == NEW_SHUFFLES:
        orders = torch.rand(n, n_patches, generator=generator).argsort(dim=1)
    else:
        orders = one_order(settings).expand(n, -1)
    size, per_side = settings.patch_size, SIDE // settings.patch_size
    cut = pixels.view(n, per_side, size, per_side, size).transpose(2, 3)
    patches = cut.reshape(n, n_patches, size, size)[torch.arange(n)[:, None], orders]
    laid = patches.view(n, per_side, per_side, size, size).transpose(2, 3)
    return laid.reshape(pixels.shape)


def one_order(settings: DigitSettings) -> Tensor:
    """Return which patch comes to each place where all pictures are shuffled alike, (patch,)."""
    generator = torch.Generator().manual_seed(settings.seed + _SHUFFLE_SEED)
    return torch.randperm(settings.n_patches, generator=generator)


def seen_pictures(settings: DigitSettings, n: int) -> NDArray[np.float32]:
    """Return the first held-out pictures as a training with these settings is tested on them.

    Returns
    -------
    ndarray of float32, (n, 8, 8)
        Ink in [0, 1].
    """
    seen: NDArray[np.float32] = as_tested(held_out_set()[0], settings)[:n, 0].numpy()
    return seen


def as_tested(images: Tensor, settings: DigitSettings) -> Tensor:
    """Shuffle pictures as the settings say, the same ones always alike."""
    return shuffled(images, settings, torch.Generator().manual_seed(_TEST_SEED))
