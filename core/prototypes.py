"""Teach a frozen Vision Transformer new classes from a few photos each.

A photo's feature is its class token after all layers but the last, normalised. A centre is taken
off, and what is left of a class's photos is averaged into one direction, its prototype (Snell,
Swersky and Zemel, *Prototypical Networks for Few-shot Learning*, 2017, arXiv:1703.05175; centred
cosines as in Wang et al., *SimpleShot*, 2019, arXiv:1911.04623). A new photo is named after the
direction that it has the largest cosine with, if that is large enough. Nothing is trained.

The centre is the same for whatever is taught: the mean of the lab's sample photos. Against the
mean of the photos that were taught it refuses more of what was not taught at the same cost,
because two classes centred on themselves point exactly away from each other, and everything else
lies beside both. How classes are taught: `core.teaching`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unicodedata import category

import numpy as np
from numpy.typing import NDArray

from core.vision_attention import VisionAttention

Float32Array = NDArray[np.float32]

CENTRE_PATH: Final = Path(__file__).parents[1] / "assets" / "starter_photos" / "centre.safetensors"

FEWEST_CLASSES: Final = 2
MOST_CLASSES: Final = 5
LONGEST_NAME: Final = 40
_NOT_IN_NAMES: Final = ("Cc", "Cs")  # control characters and halves of characters


class TeachingError(ValueError):
    """What was given cannot be taught; the text is for the reader."""


@dataclass(frozen=True, eq=False)
class Prototypes:
    """Classes that were taught; all arrays read-only.

    Attributes
    ----------
    names : tuple of str
        The classes.
    directions : ndarray of float32, (class, d_model)
        Each of length 1.
    centre : ndarray of float32, (d_model,)
        What is taken off a feature before it is compared.
    counts : tuple of int
        How many photos each class was taught with.
    least : float
        Smallest cosine, in [0, 1], with which a photo is named.
    """

    names: tuple[str, ...]
    directions: Float32Array
    centre: Float32Array
    counts: tuple[int, ...]
    least: float

    def __post_init__(self) -> None:
        for array in (self.directions, self.centre):
            array.flags.writeable = False


@dataclass(frozen=True, eq=False)
class Verdict:
    """What a photo was called.

    Attributes
    ----------
    similarities : ndarray of float32, (class,)
        Cosines in [-1, 1]; not probabilities.
    nearest : int
        The class with the largest.
    is_near : bool
        Whether that is near enough; else the photo is none of the classes.
    """

    similarities: Float32Array
    nearest: int
    is_near: bool


def layer_norm(values: NDArray[Any], epsilon: float = 1e-5) -> Float32Array:
    """Return values (..., d_model) with mean 0 and variance 1 over the last axis, as in torch."""
    wide = values.astype(np.float64)
    centred = wide - wide.mean(axis=-1, keepdims=True)
    variance = (centred**2).mean(axis=-1, keepdims=True)
    normalised: Float32Array = (centred / np.sqrt(variance + epsilon)).astype(np.float32)
    return normalised


def feature_of(attention: VisionAttention) -> Float32Array:
    """Return a photo's feature, (d_model,): its class token after all layers but the last.

    The last layer of the lab's model was tuned to find what is salient, and lost much of what
    tells kinds of things apart.
    """
    return layer_norm(attention.class_tokens[attention.n_layers - 2])


def classify(prototypes: Prototypes, feature: Float32Array) -> Verdict:
    """Compare a photo's feature, (d_model,), with every class.

    Raises
    ------
    ValueError
        If the feature has another width.
    """
    if feature.shape != prototypes.centre.shape:
        raise ValueError(
            f"Expected a feature of shape {prototypes.centre.shape}; got {feature.shape}."
        )
    similarities = prototypes.directions @ unit_length(feature - prototypes.centre)
    nearest = int(similarities.argmax())
    return Verdict(similarities, nearest, bool(similarities[nearest] >= prototypes.least))


def clean_name(typed: str) -> str:
    """Return a name as it is kept: without control characters, its spaces single, not too long."""
    kept = "".join(c for c in typed if c.isspace() or category(c) not in _NOT_IN_NAMES)
    return " ".join(kept.split())[:LONGEST_NAME].strip()


def check_names(names: Sequence[str]) -> None:
    """Check the names of classes and how many there are.

    Raises
    ------
    TeachingError
        If there are too few or too many, or one is empty, too long or given twice.
    """
    if not FEWEST_CLASSES <= len(names) <= MOST_CLASSES:
        raise TeachingError(
            f"Choose {FEWEST_CLASSES} to {MOST_CLASSES} classes; {len(names)} can be compared now."
        )
    seen: set[str] = set()
    for name in names:
        plain = name.strip().casefold()
        if not plain:
            raise TeachingError("A class has no name: give it one.")
        if len(name) > LONGEST_NAME:
            raise TeachingError(
                f"“{name[:LONGEST_NAME]}…” is too long for a name: use up to {LONGEST_NAME} signs."
            )
        if plain in seen:
            raise TeachingError(f"Two classes are called “{name.strip()}”: rename one of them.")
        seen.add(plain)


def unit_length(values: Float32Array) -> Float32Array:
    """Scale to length 1 over the last axis; what is all zeros stays so, near to nothing."""
    lengths = np.linalg.norm(values, axis=-1, keepdims=True)
    units: Float32Array = np.divide(values, lengths, out=np.zeros_like(values), where=lengths > 0)
    return units
