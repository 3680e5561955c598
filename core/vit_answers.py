"""What a Vision Transformer answers to many small pictures at once, by timm's own forward."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from core.vit_model import VisionTransformer


@torch.no_grad()
def answers(model: VisionTransformer, pictures: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Return the class that a model finds most likely for each picture, (picture,).

    Nothing of attention is kept, so hundreds of small pictures take as long as a few one by one.

    Parameters
    ----------
    model : VisionTransformer
        One that names classes; not changed.
    pictures : ndarray of uint8, (picture, height, width, channel)
        All on the model's patch grid.

    Raises
    ------
    ValueError
        If they are no such pictures.
    """
    fits = pictures.dtype == np.uint8 and pictures.ndim == 4
    if not fits or pictures.shape[3] != model.n_channels:
        raise ValueError(
            f"Expected pictures of uint8, (picture, height, width, {model.n_channels}); got "
            f"{pictures.dtype} {pictures.shape}."
        )
    mean, std = torch.tensor(model.pixel_mean), torch.tensor(model.pixel_std)
    pixels = (torch.from_numpy(pictures).float() / 255 - mean) / std
    logits = model.backbone(pixels.permute(0, 3, 1, 2))
    named: NDArray[np.int64] = logits.argmax(dim=-1).numpy()
    return named
