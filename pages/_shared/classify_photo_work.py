"""The work behind the views of the image classification page in which photos are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from core.notebook import notebook
from core.prototypes import Prototypes, classify, feature_of, layer_norm
from core.softmax import softmax
from core.teaching import teach
from pages._shared import imagenet, vision
from pages._shared.answer_arithmetic import (
    AnswerCase,
    answer_cells,
    answer_lines,
    answer_program,
)
from pages._shared.arithmetic import sum_of
from pages._shared.classify_scene import (
    DECIDED,
    EXPLAINED_IMAGENET,
    EXPLAINED_TAUGHT,
    IMAGENET,
    Scene,
)
from pages._shared.classify_subjects import taught_subject
from pages._shared.explanation_work import explanation_work
from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.prototype_cells import prototype_cells
from pages._shared.taught import prototypes_for
from pages._shared.vision_picture import COARSE
from pages._shared.vision_subjects import photo_subject
from pages._shared.words import bracketed, number
from pages._shared.work import Work

Float32Array = np.ndarray[Any, np.dtype[np.float32]]


def work_of(scene: Scene) -> Work | None:
    """Return the work behind a view; None where nothing can be run or is taught yet."""
    named = scene.state.model == IMAGENET
    if named and imagenet.problem_with(scene.state.imagenet):
        return None
    if scene.view == DECIDED:
        state = scene.state
        subject, key = (
            (photo_subject(scene.picture, state.imagenet, state.target), EXPLAINED_IMAGENET)
            if named
            else (taught_subject(scene), EXPLAINED_TAUGHT)
        )
        return None if subject is None else explanation_work(subject, key)
    return _naming_work(scene) if named else _teaching_work(scene)


def imagenet_answer(scene: Scene) -> AnswerCase:
    """Return what an ImageNet model answers to the photo."""
    attention = vision.look(scene.picture, COARSE, scene.state.imagenet).attention
    return AnswerCase(imagenet.class_names(), attention.logits)


def _naming_work(scene: Scene) -> Work:
    case = imagenet_answer(scene)
    return Work(
        heading=f"The arithmetic behind “{case.winner}”",
        lines=lambda: answer_lines(case),
        numpy=lambda: answer_program(case, "np"),
        torch=lambda: answer_program(case, "torch"),
        functions=_naming_functions,
    )


def _naming_functions() -> tuple[Callable[..., Any], ...]:
    from core.imagenet_vit import build_imagenet_model
    from core.vit import forward
    from core.vit_steps import embed, read_logits

    return (forward, embed, read_logits, softmax, build_imagenet_model)


def _teaching_work(scene: Scene) -> Work | None:
    prototypes = prototypes_for(scene.taught, scene.picture)
    if prototypes is None:
        return None
    feature = photo_feature(scene)
    verdict = classify(prototypes, feature)
    return Work(
        heading=f"The arithmetic behind the cosine with “{prototypes.names[verdict.nearest]}”",
        lines=lambda: _cosine_lines(prototypes, feature),
        numpy=None,
        torch=None,
        functions=lambda: (classify, teach, feature_of, layer_norm),
    )


def photo_feature(scene: Scene) -> Float32Array:
    """Return the feature of the photo, (d_model,)."""
    return feature_of(vision.look(scene.picture, COARSE).attention)


def _cosine_lines(prototypes: Prototypes, feature: Float32Array) -> list[str]:
    verdict = classify(prototypes, feature)
    seen = (feature - prototypes.centre).astype(np.float64)
    direction = prototypes.directions[verdict.nearest].astype(np.float64)
    length = float(np.linalg.norm(seen))
    terms = [f"{bracketed(a, 3)} · {bracketed(b, 3)}" for a, b in zip(seen, direction, strict=True)]
    product = float(seen @ direction)
    enough = "at least" if verdict.is_near else "less than"
    return [
        f"feature = class token after layer 11, less its mean, over its standard deviation, less "
        f"the centre: {feature.size} numbers",
        f"product with the direction, whose length is 1 = {sum_of(terms)} = {number(product)}",
        f"cosine = {number(product)} / {number(length)} = {number(product / length, 4)}",
        f"{number(product / length, 4)} is {enough} the threshold {number(prototypes.least, 4)}",
    ]


# ---- what can be taken along


def take_arrays(scene: Scene) -> dict[str, Tabular]:
    """Return the arrays behind what is on the page.

    Raises
    ------
    ValueError
        If there is nothing yet: no model fetched, nothing taught.
    """
    if scene.state.model == IMAGENET:
        case = _fetched_answer(scene)
        axis = Axis("class", case.names)
        return {"probabilities": Table(softmax(case.logits), (axis,)), "logits": case.logits}
    prototypes = _taught(scene)
    classes = Axis("class", prototypes.names)
    feature = photo_feature(scene)
    numbers = Axis("number", tuple(str(place) for place in range(1, feature.size + 1)))
    return {
        "similarities": Table(classify(prototypes, feature).similarities, (classes,)),
        "feature": feature,
        "centre": prototypes.centre,
        "directions": Table(prototypes.directions, (classes, numbers)),
    }


def take_notebook(scene: Scene, opening: str) -> str:
    """Return a notebook of the answer.

    Raises
    ------
    ValueError
        If there is nothing to compute yet.
    """
    if scene.state.model == IMAGENET:
        return notebook(answer_cells(_fetched_answer(scene), opening))
    return notebook(prototype_cells(_taught(scene), photo_feature(scene), opening))


def _fetched_answer(scene: Scene) -> AnswerCase:
    if imagenet.path_of(scene.state.imagenet) is None:
        raise ValueError("This model has not been fetched: there is nothing to take along yet.")
    if problem := imagenet.problem_with(scene.state.imagenet):
        raise ValueError(problem)
    return imagenet_answer(scene)


def _taught(scene: Scene) -> Prototypes:
    prototypes = prototypes_for(scene.taught, scene.picture)
    if prototypes is None:
        raise ValueError(scene.taught.problem or "Nothing is taught yet.")
    return prototypes
