"""A picture made ready for Vision Transformers: cut coarsely or finely to whole patches."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.images import encode_jpeg, fit_to_patches, is_too_long
from pages._shared.vision_models import SALIENCY_INFO, SALIENCY_MODEL, model_info

# Most patches that the lab's own model gets: what a square of 224 or 448 pixels has.
COARSE: Final = SALIENCY_INFO.resolution(fine=False)
FINE: Final = SALIENCY_INFO.resolution(fine=True)
# What other models' pixels are scaled from: as fine as any of them is given.
_SOURCE_PIXELS: Final = 512**2
# Longest side, roughly, of the photo as it is shown.
_SHOWN_SIDE: Final = 576


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture made ready for the models; two megabytes at most.

    Attributes
    ----------
    digest : str
        SHA-256 of the decoded pixels: the picture's name in every cache.
    alt : str
        What is in it.
    pixels : dict of int to NDArray
        What the lab's own model is given, coarsely and finely.
    source : NDArray
        What other models' pixels are scaled from.
    jpegs : dict of int to str
        The same view with more pixels, for the eye; base64.
    squeezed : bool
        Whether its sides were too far apart to keep their ratio.
    """

    digest: str
    alt: str
    pixels: dict[int, NDArray[np.uint8]]
    source: NDArray[np.uint8]
    jpegs: dict[int, str]
    squeezed: bool

    def fitted(self, n_patches: int, model: str = SALIENCY_MODEL) -> NDArray[np.uint8]:
        """Return what a model is given, coarsely or finely, (height, width, 3)."""
        if model == SALIENCY_MODEL:
            return self.pixels[n_patches]
        info = model_info(model)
        most = info.resolution(fine=n_patches == FINE)
        return fit_to_patches(self.source, n_patches_target=most, patch_size=info.patch_size)


def prepare_picture(decoded: NDArray[np.uint8], alt: str) -> Picture:
    """Make a decoded picture, (height, width, 3), ready for every model."""
    pixels, jpegs = {}, {}
    for n_patches in (COARSE, FINE):
        pixels[n_patches] = fit_to_patches(decoded, n_patches_target=n_patches)
        pixels[n_patches].flags.writeable = False
        shown_patch = round(_SHOWN_SIDE / n_patches**0.5)
        shown = fit_to_patches(decoded, n_patches_target=n_patches, patch_size=shown_patch)
        jpegs[n_patches] = base64.b64encode(encode_jpeg(shown)).decode("ascii")
    name = hashlib.sha256(str(decoded.shape).encode() + decoded.tobytes())
    # Cut to patches of one pixel, a picture is only scaled; a smaller one is left as it is.
    source = decoded.copy()
    if decoded.shape[0] * decoded.shape[1] > _SOURCE_PIXELS:
        source = fit_to_patches(decoded, n_patches_target=_SOURCE_PIXELS, patch_size=1)
    source.flags.writeable = False
    squeezed = is_too_long(decoded)
    return Picture(name.hexdigest(), alt, pixels, source, jpegs, squeezed=squeezed)
