"""A digit model's answer as bars, and a digit cut into its patches: they follow the pen."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.digits import MOST_INK
from pages._shared.drawing import Mark, box, draw, path, words
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.vision_words import percent_text

_WIDTH: Final = 360
_ROW: Final = 25
_LEFT: Final = 24
_RIGHT: Final = 262
_PATCH_SIDE: Final = 208
_GAP: Final = 6

FloatArray = NDArray[np.floating[Any]]


def answer_marks(
    before: FloatArray, after: FloatArray | None = None, answer: int | None = None
) -> tuple[list[Mark], tuple[int, int]]:
    """Return the bars of the ten digits' probabilities, and width and height.

    Parameters
    ----------
    before : ndarray, (class,)
        Probabilities.
    after : ndarray, (class,), optional
        Those with something taken away, drawn below each.
    answer : int, optional
        What the digit is meant to be: it is marked.
    """
    top = 24
    marks = [words("How likely is each digit?", 0, 14, size=14, bold=True)]
    if after is not None:
        marks += [
            *(box(0, 28, 9, 9, ACCENT), words("before", 14, 37)),
            *(box(80, 28, 9, 9, CONTRAST), words("with that taken away", 94, 37)),
        ]
        top += 22
    now = before if after is None else after
    for digit, probability in enumerate(now):
        y = top + _ROW * digit
        bold = digit == int(now.argmax())
        marks.append(words(str(digit), 8, y + 17, "middle", size=13, bold=bold))
        marks.append(path([_LEFT, _RIGHT], [y + 22, y + 22], width=1.0, opacity=0.14))
        if after is None:
            marks.append(box(_LEFT, y + 4, _length(probability), 17, ACCENT))
        else:
            marks.append(box(_LEFT, y + 4, _length(before[digit]), 8, ACCENT))
            marks.append(box(_LEFT, y + 13, _length(probability), 8, CONTRAST))
        shown = f"{percent_text(probability)}{' · meant' if digit == answer else ''}"
        marks.append(words(shown, _RIGHT + 6, y + 17, size=12, bold=bold))
    return marks, (_WIDTH, top + _ROW * len(now) + 4)


def patch_marks(
    image: NDArray[np.uint8], patch_size: int, hidden: int = -1, mean: float = 0.0
) -> tuple[list[Mark], tuple[int, int]]:
    """Return a digit cut into its patches with room between them, and width and height.

    Parameters
    ----------
    image : ndarray of uint8, (8, 8)
        From 0 to 16.
    patch_size : int
    hidden : int
        The patch that is painted in the mean colour; -1 for none.
    mean : float
        That colour, from 0 to 1.
    """
    n_patches = image.shape[0] // patch_size
    side = (_PATCH_SIDE - _GAP * (n_patches - 1)) // image.shape[0]
    marks = []
    for patch in range(n_patches**2):
        row, column = divmod(patch, n_patches)
        y, x = ((side * patch_size + _GAP) * at + 1 for at in (row, column))
        for (down, across), ink in np.ndenumerate(_cut(image, patch, patch_size)):
            shade = mean if patch == hidden else ink / MOST_INK
            if shade > 0:
                at = {"x": x + across * side, "y": y + down * side, "width": side, "height": side}
                marks.append(
                    Mark("rect", {**at, "fill": "currentColor", "opacity": round(shade, 3)})
                )
        wide = side * patch_size
        frame: dict[str, str | float] = {"x": x, "y": y, "width": wide, "height": wide}
        frame |= {"fill": "none", "stroke": "currentColor", "stroke-opacity": 0.45}
        if patch == hidden:
            frame |= {"stroke": CONTRAST, "stroke-opacity": 1, "stroke-width": 2}
            frame |= {"stroke-dasharray": "4 3"}
        marks.append(Mark("rect", frame))
    whole = (side * patch_size + _GAP) * n_patches - _GAP + 2
    return marks, (whole, whole)


def draw_answer_bars(
    before: FloatArray, after: FloatArray | None, answer: int | None, *, text: str, key: str
) -> None:
    """Draw the probabilities of the digits; `text` is what a screen reader says of them."""
    marks, size = answer_marks(before, after, answer)
    draw(marks, size, name="How likely is each digit", text=text, key=key)


def _length(probability: float) -> float:
    return float(probability) * (_RIGHT - _LEFT)


def _cut(image: NDArray[np.uint8], patch: int, size: int) -> NDArray[np.uint8]:
    row, column = divmod(patch, image.shape[1] // size)
    return image[row * size : (row + 1) * size, column * size : (column + 1) * size]
