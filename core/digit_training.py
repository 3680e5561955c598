"""Training the small Vision Transformer of `core.digit_vit` a few steps at a time.

A `DigitRun` is a frozen value: `advance` returns a new one and leaves the old one as it is, and the
same settings lead to the same numbers, in however many pieces they are trained. timm's own forward
pass is what trains.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Lock
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.func import functional_call
from torch.nn.functional import cross_entropy

from core.adam import AdamMemory, adam_step, start_adam
from core.digit_pictures import as_tested, bent, held_out_set, one_order, shuffled, training_set
from core.digit_settings import ONE_SHUFFLE, DigitSettings
from core.digit_vit import (
    N_CLASSES,
    PIXEL_MEAN,
    PIXEL_STD,
    build_digit_vit,
    empty_backbone,
    shapes_of,
    start_weights,
)
from core.vit_model import VisionTransformer

EVERY: Final = 50
"""Steps between two measurements."""
BATCH: Final = 64
LEARNING_RATE: Final = 3e-3
N_WARM_UP: Final = 100
# functional_call lends the weights to modules for as long as a forward pass takes, and the modules
# are everybody's: one pass at a time. What goes backward no longer needs them.
_LENDING: Final = Lock()


@dataclass(frozen=True)
class Measured:
    """How far a training is.

    Attributes
    ----------
    step : int
    loss : float
        Mean cross-entropy over the held-out pictures, in nats.
    training, held_out : float
        Share named rightly: of 500 pictures of the training as they are, and of the 500 held out.
    """

    step: int
    loss: float
    training: float
    held_out: float


@dataclass(frozen=True, eq=False)
class DigitRun:
    """A training as far as it has come.

    Attributes
    ----------
    settings : DigitSettings
    step : int
    weights : Tensor, (number of weights,)
        All of the model's weights one after the other, as `shapes_of` lists them.
    optimizer : AdamMemory
    curve : tuple of Measured
    """

    settings: DigitSettings
    step: int
    weights: Tensor
    optimizer: AdamMemory
    curve: tuple[Measured, ...] = ()


def begin(settings: DigitSettings) -> DigitRun:
    """Return a training at step 0, measured."""
    weights = torch.cat([part.flatten() for part in start_weights(settings).values()])
    return _measured(DigitRun(settings, 0, weights, start_adam((weights,))))


def advance(run: DigitRun) -> DigitRun:
    """Return a training one step further, or at its end as it is.

    Parameters
    ----------
    run : DigitRun
        Stays as it is.
    """
    settings = run.settings
    if run.step >= settings.n_steps:
        return run
    generator = torch.Generator().manual_seed(settings.seed * 2_000_003 + run.step + 1)
    images, labels = training_set()
    drawn = torch.randint(len(images), (BATCH,), generator=generator)
    pixels = shuffled(bent(images[drawn], generator), settings, generator)
    leaf = run.weights.detach().requires_grad_()
    loss = cross_entropy(logits_of(settings, leaf, pixels), labels[drawn])
    (slope,) = torch.autograd.grad(loss, leaf)
    (weights,), optimizer = adam_step(
        (leaf,), (slope,), run.optimizer, learning_rate=learning_rate(run.step, settings)
    )
    run = replace(run, step=run.step + 1, weights=weights, optimizer=optimizer)
    return _measured(run) if run.step % EVERY == 0 or run.step == settings.n_steps else run


def learning_rate(step: int, settings: DigitSettings) -> float:
    """Return the rate of a step counted from 0: it rises for 100 steps, and falls as a cosine."""
    rise = min(1.0, (step + 1) / N_WARM_UP)
    fall = (1 + math.cos(math.pi * step / settings.n_steps)) / 2
    return LEARNING_RATE * rise * (0.02 + 0.98 * fall)


def logits_of(settings: DigitSettings, weights: Tensor, pixels: Tensor) -> Tensor:
    """Return the logits, (picture, 10), of pixels in [0, 1], (picture, 1, 8, 8)."""
    normalised = (pixels - PIXEL_MEAN[0]) / PIXEL_STD[0]
    parts = named_weights(settings, weights)
    with _LENDING:
        logits: Tensor = functional_call(_backbone(settings.shape), parts, (normalised,))
    return logits


def named_weights(settings: DigitSettings, weights: Tensor) -> dict[str, Tensor]:
    """Cut the weights of a run into the model's, by name; views, not copies."""
    shapes = shapes_of(settings)
    parts = torch.split(weights, [shape.numel() for shape in shapes.values()])
    return {name: part.view(shapes[name]) for name, part in zip(shapes, parts, strict=True)}


def model_of(run: DigitRun) -> VisionTransformer:
    """Return the model of a run, for pictures as they are, also where it was trained on shuffled.

    Shuffled all alike, place j holds patch ``order[j]``. The model does not know where a place is
    but by its position, so that it answers a plain picture alike once patch ``order[j]`` has the
    position of place j.
    """
    settings = run.settings
    parts = {name: part.clone() for name, part in named_weights(settings, run.weights).items()}
    if settings.shuffle == ONE_SHUFFLE and settings.positions:
        positions = parts["pos_embed"]
        n_prefix = positions.shape[1] - settings.n_patches
        moved = positions.clone()
        moved[:, n_prefix + one_order(settings)] = positions[:, n_prefix:]
        parts["pos_embed"] = moved
    return build_digit_vit(settings, parts)


@torch.no_grad()
def confusion(run: DigitRun) -> NDArray[np.int64]:
    """Count what the held-out digits are taken for, (meant, named): (10, 10).

    The pictures are shuffled as in training.
    """
    return _counted(_answers(run, held_out_set()[0]))


@torch.no_grad()
def confusion_of(model: VisionTransformer) -> NDArray[np.int64]:
    """Count what a model takes the held-out digits for, as they are, (meant, named): (10, 10)."""
    mean, std = model.pixel_mean[0], model.pixel_std[0]
    return _counted(model.backbone((held_out_set()[0] - mean) / std))


def _counted(logits: Tensor) -> NDArray[np.int64]:
    labels, named = held_out_set()[1], logits.argmax(dim=1)
    counts: NDArray[np.int64] = (
        torch.bincount(labels * N_CLASSES + named, minlength=N_CLASSES**2)
        .view(N_CLASSES, N_CLASSES)
        .numpy()
    )
    return counts


# ---- inside


@torch.no_grad()
def _answers(run: DigitRun, images: Tensor) -> Tensor:
    return logits_of(run.settings, run.weights, as_tested(images, run.settings))


@torch.no_grad()
def _measured(run: DigitRun) -> DigitRun:
    shares, loss = [], math.nan
    for images, labels in (training_set(), held_out_set()):
        n = len(held_out_set()[0])
        logits = _answers(run, images[:n])
        shares.append(float((logits.argmax(dim=1) == labels[:n]).float().mean()))
        loss = float(cross_entropy(logits, labels[:n]))
    return replace(run, curve=(*run.curve, Measured(run.step, loss, *shares)))


@lru_cache(maxsize=16)
def _backbone(shape: DigitSettings) -> Any:  # noqa: ANN401 (see VisionTransformer.backbone)
    return empty_backbone(shape)
