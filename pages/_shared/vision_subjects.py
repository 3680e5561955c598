"""What the explanations of a photo are about, and the photos over which they are tested."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from pages._shared import imagenet, vision
from pages._shared.explanation_sets import (
    PictureSet,
    class_subject,
    photo_set,
    saliency_subject,
)
from pages._shared.explanations import Subject
from pages._shared.patch_map import Photo
from pages._shared.vision_models import SALIENCY_MODEL, model_info
from pages._shared.vision_picture import COARSE, Picture

if TYPE_CHECKING:
    from core.vit_model import VisionTransformer

# For a subject: the class that is named, whichever that is.
ANY_CLASS: Final = -1


def photo_subject(picture: Picture, model: str, target: int = ANY_CLASS) -> Subject:
    """Return one number of a model's answer to a photo, cut coarsely.

    Parameters
    ----------
    picture : Picture
    model : str
        `SALIENCY_MODEL`, or the name of an ImageNet model.
    target : int
        The class that is explained; `ANY_CLASS` for the likeliest. Saliency has none.

    Raises
    ------
    NotFetchedError
        If it is an ImageNet model and is not here.
    """
    attention = vision.look(picture, COARSE, model).attention
    pixels, load = picture.fitted(COARSE, model), loader_of(model)
    if model == SALIENCY_MODEL:
        return saliency_subject(picture.digest, model, pixels, attention.saliency, load)
    index = int(attention.probabilities.argmax()) if target == ANY_CLASS else target
    name = imagenet.class_names()[index]
    return class_subject(picture.digest, model, pixels, attention.grid, index, name, load)


def photos_of(model: str) -> PictureSet:
    """Return the photos over which explanations of a model are tested."""
    info = model_info(model)
    return photo_set(
        model,
        loader_of(model),
        asked="saliency" if model == SALIENCY_MODEL else "class",
        patch_size=info.patch_size,
        n_patches=info.resolution(fine=False),
    )


def photo_under(picture: Picture) -> Photo:
    """Return a picture as what lies under maps, cut coarsely."""
    return Photo(f"{picture.digest}.{COARSE}", picture.jpegs[COARSE], picture.alt)


def loader_of(model: str) -> Callable[[], VisionTransformer]:
    """Return what loads a model, or recalls it."""
    if model == SALIENCY_MODEL:
        return vision.load_model
    return lambda: imagenet.load(model)
