"""A digit model's answers in words, made from the numbers on the screen."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pages._shared.digit_value import with_article
from pages._shared.vision_words import percent_text

FloatArray = NDArray[np.floating[Any]]


def answer_sentence(probabilities: FloatArray, answer: int | None) -> str:
    """Say what the model answers, what comes second, and whether that is what was meant."""
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    said = (
        f"The model says {first} ({percent_text(probabilities[first])}), then {second} "
        f"({percent_text(probabilities[second])})."
    )
    if answer is None:
        return said
    if answer == first:
        return f"{said} That is what was meant."
    return f"{said} {with_article(answer).capitalize()} was meant."


def effect_sentence(before: FloatArray, after: FloatArray, without: str) -> str:
    """Say what becomes of the answer without something."""
    first, then = int(before.argmax()), int(after.argmax())
    moved = f"{percent_text(before[first])} to {percent_text(after[first])}"
    end = "it still says so" if first == then else f"it says {then} ({percent_text(after[then])})"
    return f"Without {without} the probability of {first} goes from {moved}: {end}."
