"""Make an ImageNet model out of the file that was fetched, and name what it tells apart."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import torch

from core.imagenet_models import N_CLASSES, ImageNetModel
from core.vit_model import VisionTransformer, timm
from core.weights import WeightsError, read_weights

# The two classes that ImageNet calls by the same single word.
_CALLED_ALIKE: Final = {134: "crane (bird)", 517: "crane (machine)"}


def build_imagenet_model(entry: ImageNetModel, path: Path) -> VisionTransformer:
    """Build a model of the list with the weights in a safetensors file.

    Parameters
    ----------
    entry : ImageNetModel
        Which it is.
    path : Path
        The file, as `core.model_fetch` leaves it. Nothing in it can run.

    Raises
    ------
    WeightsError
        If the file is missing, damaged or for another model.
    """
    tensors = read_weights(path)
    # On "meta" nothing is allocated, and with "skip" nothing drawn at random, only to be
    # overwritten. dynamic_img_size accepts pictures of any shape.
    backbone = timm.create_model(
        entry.name,
        pretrained=False,
        num_classes=N_CLASSES,
        dynamic_img_size=True,
        weight_init="skip",
        device="meta",
    )
    expected = backbone.state_dict()
    if tensors.keys() != expected.keys():
        tensors = _converted(tensors, backbone, entry, path)
    _require(expected, tensors, entry, path)
    backbone.load_state_dict(tensors, strict=True, assign=True)
    backbone.eval().requires_grad_(requires_grad=False)
    return VisionTransformer(
        backbone=backbone, pixel_mean=entry.pixel_mean, pixel_std=entry.pixel_std
    )


def _converted(
    tensors: dict[str, torch.Tensor],
    backbone: Any,  # noqa: ANN401 (see VisionTransformer.backbone)
    entry: ImageNetModel,
    path: Path,
) -> dict[str, Any]:
    """Return weights of an older layout as timm names them today."""
    try:
        converted: dict[str, Any] = timm.models.vision_transformer.checkpoint_filter_fn(
            tensors, backbone
        )
    except (AttributeError, IndexError, KeyError, RuntimeError, ValueError) as error:
        raise WeightsError(_other_model(entry, path, str(error))) from error
    return converted


def _require(
    expected: Mapping[str, torch.Tensor],
    found: Mapping[str, Any],
    entry: ImageNetModel,
    path: Path,
) -> None:
    """Raise a WeightsError unless names, shapes and kinds of numbers are those expected."""
    for name, tensor in expected.items():
        if name not in found:
            raise WeightsError(_other_model(entry, path, f"it has no {name}"))
        if found[name].shape != tensor.shape:
            shapes = f"{tuple(found[name].shape)} instead of {tuple(tensor.shape)}"
            raise WeightsError(_other_model(entry, path, f"its {name} is {shapes}"))
        if not found[name].is_floating_point():
            raise WeightsError(_other_model(entry, path, f"its {name} is of {found[name].dtype}"))
    if left_over := sorted(found.keys() - expected.keys()):
        raise WeightsError(_other_model(entry, path, f"its {left_over[0]} belongs nowhere"))


def _other_model(entry: ImageNetModel, path: Path, reason: str) -> str:
    return f"The weights at {path} are not those of {entry.name}: {reason}."


def class_names() -> tuple[str, ...]:
    """Return a short name for each of the 1,000 classes, in their order; no two are the same.

    Of WordNet's words for a class the first; where two classes share it, the second in brackets.
    """
    words = [
        description.split(", ")
        for description in timm.data.imagenet_info.ImageNetInfo().label_descriptions()
    ]
    times = Counter(first.lower() for first, *_ in words)
    return tuple(
        _CALLED_ALIKE.get(index)
        or (f"{first} ({others[0]})" if times[first.lower()] > 1 and others else first)
        for index, (first, *others) in enumerate(words)
    )
