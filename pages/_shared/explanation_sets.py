"""Small sets of pictures over which the explanations are tested: photos, and held-out digits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.digits import as_picture, load_digits
from core.images import decode_picture, fit_to_patches
from pages._shared.explanations import Subject
from pages._shared.picture_choice import sample_photos

if TYPE_CHECKING:
    from core.vit_model import VisionTransformer

_PHOTOS: Final = Path(__file__).parents[2] / "assets" / "photos"
N_PHOTOS: Final = 8
N_DIGITS: Final = 20
N_PATCHES: Final = 256

Image = NDArray[np.uint8]
Asked = Literal["saliency", "class"]


@dataclass(frozen=True)
class PictureSet:
    """Pictures on which one model's answers are explained.

    Attributes
    ----------
    id : str
        Tells the set from others.
    model : str
        Name of the model in every cache.
    asked : {"saliency", "class"}
        What is explained of each: what the model finds salient in it, or the class that the model
        finds likeliest.
    grids : tuple of (int, int)
        Rows and columns of patches of each picture.
    name : str
        In words: ``"the first 8 of the photos that come with the lab"``.
    pixels : tuple of ndarray of uint8
        What the model is given.
    load : callable
        Returns the model; it should remember.
    """

    id: str
    model: str
    asked: Asked
    grids: tuple[tuple[int, int], ...]
    name: str = field(compare=False)
    pixels: tuple[Image, ...] = field(compare=False, repr=False)
    load: Callable[[], VisionTransformer] = field(compare=False, repr=False)

    def subject(self, index: int) -> Subject:
        """Return what is explained of one picture; found at most once while remembered."""
        return _subject(self.id, self.model, self.asked, index, self)


@st.cache_resource(max_entries=4, show_spinner=False)
def _subject(set_id: str, model: str, asked: Asked, index: int, _pictures: PictureSet) -> Subject:
    from core.vit import forward

    pixels, load = _pictures.pixels[index], _pictures.load
    seen = forward(load(), pixels)
    digest = f"{set_id}.{index}"
    if asked == "saliency":
        return saliency_subject(digest, model, pixels, seen.saliency, load)
    likeliest = int(seen.logits.argmax())
    return class_subject(digest, model, pixels, seen.grid, likeliest, f"class {likeliest}", load)


def saliency_subject(
    digest: str,
    model: str,
    pixels: Image,
    saliency: NDArray[np.float32],
    load: Callable[[], VisionTransformer],
) -> Subject:
    """Return "what is salient" as something to explain.

    Parameters
    ----------
    digest, model : str
        Names of picture and model in every cache.
    pixels : ndarray of uint8, (height, width, 3)
    saliency : ndarray of float32, (8 * rows, 8 * columns)
        What the model predicts for the picture as it is.
    load : callable
        Returns the model.
    """
    from core.readout import SaliencyReadout, salient_region

    return Subject(
        digest=digest,
        model=model,
        readout_id="saliency",
        grid=(saliency.shape[0] // 8, saliency.shape[1] // 8),
        name="what is salient",
        unit="mean saliency of the salient region, less that of the rest",
        pixels=pixels,
        readout=SaliencyReadout(salient_region(saliency)),
        load=load,
    )


def class_subject(
    digest: str,
    model: str,
    pixels: Image,
    grid: tuple[int, int],
    index: int,
    class_name: str,
    load: Callable[[], VisionTransformer],
) -> Subject:
    """Return one of the classes that a model names as something to explain."""
    from core.readout import ClassReadout

    return Subject(
        digest=digest,
        model=model,
        readout_id=f"class {index}",
        grid=grid,
        name=f"the class “{class_name}”",
        unit="probability of the class",
        pixels=pixels,
        readout=ClassReadout(index),
        load=load,
    )


def photo_set(
    model: str,
    load: Callable[[], VisionTransformer],
    *,
    asked: Asked = "saliency",
    patch_size: int = 14,
    n_patches: int = N_PATCHES,
    n_photos: int = N_PHOTOS,
) -> PictureSet:
    """Return photos that come with the lab, for a model with patches of this size."""
    pixels = _photos(patch_size, n_patches, n_photos)
    grids = tuple((one.shape[0] // patch_size, one.shape[1] // patch_size) for one in pixels)
    of_all = "all" if n_photos >= len(sample_photos()) else f"the first {len(pixels)} of"
    name = f"{of_all} the photos that come with the lab"
    return PictureSet(
        f"photos.{len(pixels)}.{patch_size}.{n_patches}", model, asked, grids, name, pixels, load
    )


@st.cache_resource(max_entries=1, show_spinner=False)
def _photos(patch_size: int, n_patches: int, n_photos: int) -> tuple[Image, ...]:
    decoded = (
        decode_picture((_PHOTOS / photo.file).read_bytes()) for photo in sample_photos()[:n_photos]
    )
    return tuple(
        fit_to_patches(one, n_patches_target=n_patches, patch_size=patch_size) for one in decoded
    )


def digit_set(
    model: str, load: Callable[[], VisionTransformer], *, n_digits: int = N_DIGITS
) -> PictureSet:
    """Return the first digits that are held out of every training."""
    digits = load_digits()
    pixels = tuple(as_picture(digits.images[place]) for place in digits.held_out[:n_digits])
    size = load().patch_size
    grids = ((pixels[0].shape[0] // size, pixels[0].shape[1] // size),) * n_digits
    name = f"the first {n_digits} of the held-out digits"
    return PictureSet(f"digits.{n_digits}", model, "class", grids, name, pixels, load)
