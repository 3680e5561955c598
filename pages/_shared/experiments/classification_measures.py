"""What the experiments of the image classification page measure, on the digit that is there."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.digits import load_digits
from core.vision_attention import Interventions
from pages._shared import digits
from pages._shared.classify_scene import FIRST_DIGIT, NAMED, ClassifyState, Scene
from pages._shared.digit_value import DigitChoice
from pages._shared.lesson import DoesNotFitError
from pages._shared.vision_subjects import ANY_CLASS
from pages._shared.vision_words import percent_text

FloatArray = NDArray[np.floating[Any]]

# Outputs that differ by less than a tenth of a per cent are alike.
ALIKE: Final = 0.001
# An empty pad.
EMPTY: Final = DigitChoice(held_out=None)


def held_out(digit: int, nth: int = 0) -> DigitChoice:
    """Return the nth of the held-out digits that are meant to be this one."""
    found = load_digits()
    labels = found.labels[found.held_out]
    return DigitChoice(int(np.flatnonzero(labels == digit)[nth]))


def on_digit(choice: DigitChoice = FIRST_DIGIT, **changes: Any) -> ClassifyState:
    """Return the page with a digit on it, the rest as it starts."""
    return replace(ClassifyState(digit=choice, view=NAMED, target=ANY_CLASS), **changes)


def probabilities(scene: Scene) -> FloatArray:
    """Return the probability of each digit."""
    return scene.digit.attention.probabilities


def named(scene: Scene) -> int:
    """Return the digit that is named."""
    return int(probabilities(scene).argmax())


def costs(scene: Scene) -> FloatArray:
    """Return what hiding each patch takes from the probability of the digit named, (patch,).

    Raises
    ------
    DoesNotFitError
        If no patch takes anything.
    """
    digit = named(scene)
    found: FloatArray = probabilities(scene)[digit] - _without_each(scene)[:, digit]
    if found.max() < ALIKE:
        raise DoesNotFitError(
            f"No single patch takes anything from the {percent_text(probabilities(scene)[digit])} "
            "of this digit: choose or write one that is harder to read."
        )
    return found


def named_without(scene: Scene) -> NDArray[np.intp]:
    """Return the digit that is named without each patch, (patch,)."""
    found: NDArray[np.intp] = _without_each(scene).argmax(axis=-1)
    return found


def _without_each(scene: Scene) -> FloatArray:
    """Return the probabilities with each patch hidden, (patch, digit)."""
    look = scene.digit
    return np.array(
        [
            digits.look(
                look.model, look.image, Interventions(hidden_patches=frozenset({patch}))
            ).probabilities
            for patch in range(look.n_patches)
        ],
        dtype=np.float64,
    )


def read(scene: Scene) -> FloatArray:
    """Return what the answer is read from attends to in the last layer, (patch,): mean of heads."""
    attention = scene.digit.attention
    rows = attention.read_out_rows(attention.n_layers - 1).mean(axis=0)
    patches: FloatArray = rows[attention.n_prefix_tokens :]
    return patches
