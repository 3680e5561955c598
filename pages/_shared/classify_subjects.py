"""What the image classification page has explained: one number of one model's answer."""

from __future__ import annotations

import hashlib
from typing import Final

import numpy as np

from core.digits import as_picture
from pages._shared import digits, imagenet, vision
from pages._shared.classify_scene import Scene
from pages._shared.explanation_sets import PictureSet, class_subject, digit_set
from pages._shared.explanations import Subject
from pages._shared.taught import name_picture, prototypes_for
from pages._shared.vision_models import SALIENCY_MODEL
from pages._shared.vision_picture import COARSE
from pages._shared.vision_subjects import ANY_CLASS

# Of a thousand classes, those that can be chosen to be explained.
_LIKELIEST: Final = 5


def digit_subject(scene: Scene) -> Subject:
    """Return the probability of a digit: of the one named, or of the one that was chosen."""
    look, target = scene.digit, scene.state.target
    named = int(look.attention.probabilities.argmax())
    index = target if 0 <= target < digits.N_DIGITS else named
    model = look.model
    return class_subject(
        digits.digest(look.image),
        f"digits.{model.name}",
        as_picture(look.image),
        look.attention.grid,
        index,
        str(index),
        lambda: model.model,
    )


def digits_of(scene: Scene) -> PictureSet:
    """Return the held-out digits over which explanations are tested."""
    model = scene.digit_model
    return digit_set(f"digits.{model.name}", lambda: model.model)


def taught_subject(scene: Scene) -> Subject | None:
    """Return the cosine with a class that was taught; None while nothing is.

    It is the nearest class, or the one that was chosen.
    """
    from core.readout import PrototypeReadout

    picture, taught = scene.picture, scene.taught
    verdict, prototypes = name_picture(taught, picture), prototypes_for(taught, picture)
    if verdict is None or prototypes is None:
        return None
    target = scene.state.target
    index = target if 0 <= target < len(prototypes.names) else verdict.nearest
    direction = prototypes.directions[index]
    held = hashlib.sha256(prototypes.centre.tobytes() + direction.tobytes()).hexdigest()
    return Subject(
        digest=picture.digest,
        model=SALIENCY_MODEL,
        readout_id=f"taught {held}",
        grid=vision.look(picture, COARSE).attention.grid,
        name=f"the class “{prototypes.names[index]}”",
        unit="cosine",
        pixels=picture.fitted(COARSE),
        readout=PrototypeReadout(prototypes.centre, direction),
        load=vision.load_model,
    )


def taught_choices(scene: Scene) -> dict[int, str]:
    """Return the classes that were taught and can be explained, by name."""
    prototypes = scene.taught.prototypes
    return {} if prototypes is None else dict(enumerate(prototypes.names))


def imagenet_choices(scene: Scene) -> dict[int, str]:
    """Return the classes that can be chosen to be explained, by name: the likeliest."""
    look = vision.look(scene.picture, COARSE, scene.state.imagenet)
    likeliest = np.argsort(-look.attention.probabilities, kind="stable")[:_LIKELIEST].tolist()
    names, chosen = imagenet.class_names(), scene.state.target
    more = [chosen] if chosen != ANY_CLASS and chosen not in likeliest else []
    return {index: names[index] for index in (*likeliest, *more)}
