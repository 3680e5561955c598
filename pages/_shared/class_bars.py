"""The classes that a model finds most likely, as bars and in words; also beside those before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.drawing import Mark, Scale, box, path, words
from pages._shared.palette import ACCENT, CONTRAST

N_SHOWN: Final = 5

# It fits on a telephone.
_WIDTH: Final = 340
_ROW: Final = 42
_TOP: Final = 44
_RIGHT: Final = 278
_QUIET: Final = "#8a8f98"
# Less than this is said to be less, not nothing.
_LEAST_PERCENT: Final = 0.1

FloatArray = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Likely:
    """A class and its probability."""

    index: int
    name: str
    probability: float


def most_likely(
    probabilities: FloatArray, names: tuple[str, ...], n: int = N_SHOWN
) -> tuple[Likely, ...]:
    """Return the most likely classes, the likeliest first; of equal ones the first."""
    order = np.argsort(-probabilities, kind="stable")[:n]
    return tuple(Likely(int(i), names[i], float(probabilities[i])) for i in order)


def chance_text(probability: float) -> str:
    """Return a probability in per cent."""
    percent = 100 * probability
    if percent < _LEAST_PERCENT:
        return f"under {_LEAST_PERCENT:g}%"
    return "over 99.9%" if percent > 99.9 else f"{percent:.1f}%"


def likely_sentence(found: tuple[Likely, ...]) -> str:
    """Say which classes are most likely, and how much."""
    first, *others = found
    listed = "; then ".join(
        [
            f"{first.name}, {chance_text(first.probability)}",
            ", ".join(f"{one.name} {chance_text(one.probability)}" for one in others),
        ][: 1 + bool(others)]
    )
    return f"Most likely: {listed}."


def change_sentence(before: FloatArray, after: FloatArray, names: tuple[str, ...]) -> str:
    """Say what an intervention did to the likeliest class, and whether another took its place."""
    first, now = int(before.argmax()), int(after.argmax())
    old, new = chance_text(float(before[first])), chance_text(float(after[first]))
    goes = f"stays at {old}" if old == new else f"goes from {old} to {new}"
    if first == now:
        return f"{names[first]} {goes} and is still the likeliest."
    return (
        f"{names[first]} {goes}; the likeliest is now {names[now]}, "
        f"{chance_text(float(after[now]))}."
    )


def class_picture(
    found: tuple[Likely, ...], before: FloatArray | None = None
) -> tuple[list[Mark], tuple[int, int]]:
    """Draw the probability of each class as a bar; and the picture's size.

    Parameters
    ----------
    found : tuple of Likely
        From the top.
    before : ndarray (class,), optional
        The probabilities before a change: drawn as ticks across the bars.
    """
    across = Scale((0.0, 1.0), (2, _RIGHT))
    zero, bottom = float(across(0.0)), _TOP + _ROW * len(found)
    title = "Probability" + ("" if before is None else "; ticks: before")
    marks = [words(title, 0, 14, size=14, bold=True)]
    marks.append(path([zero, zero], [_TOP - 14, bottom - 8], width=1.0, opacity=0.5))
    for row, one in enumerate(found):
        y, end = _TOP + _ROW * row, float(across(one.probability))
        wins = row == 0
        marks.append(words(one.name, 8, y, bold=wins))
        marks.append(box(zero, y + 6, end - zero, 14, ACCENT if wins else _QUIET))
        right = end
        if before is not None:
            tick = float(across(before[one.index]))
            marks.append(box(tick - 1.5, y + 3, 3, 20, CONTRAST))
            right = max(end, tick)
        marks.append(words(chance_text(one.probability), right + 7, y + 18, bold=wins))
    return marks, (_WIDTH, bottom + 2)
