"""The curves of a training on digits, and what it gets to see where patches are shuffled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.drawing import Mark, Scale, box, frame, path
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.words import number

if TYPE_CHECKING:
    from core.digit_training import Measured

Picture = tuple[list[Mark], tuple[int, int]]

_LEFT: Final = 44
_WIDTH: Final = 370
_TOP: Final = 24
_HEIGHT: Final = 120
_PANEL: Final = 190
_MOST_LOSS: Final = 2.5
_SHARES: Final = {0.0: "0%", 0.25: "25%", 0.5: "50%", 0.75: "75%", 1.0: "100%"}
_LOSSES: Final = {0.0: "0", 0.5: "0.5", 1.0: "1", 1.5: "1.5", 2.0: "2"}
_PIXEL: Final = 8
_GAP: Final = 14


def curve_marks(curve: Sequence[Measured], n_steps: int) -> Picture:
    """Return the curves of the shares named rightly and of the loss, and width and height."""
    steps = [one.step for one in curve]
    across = {0.0: "0", n_steps / 2: f"{n_steps // 2:,}", float(n_steps): f"{n_steps:,}"}
    marks: list[Mark] = []
    for place, (title, domain, ticks, lines) in enumerate(
        (
            (
                "Named rightly",
                (0.0, 1.0),
                _SHARES,
                (
                    ([one.training for one in curve], CONTRAST, "5 3"),
                    ([one.held_out for one in curve], ACCENT, "none"),
                ),
            ),
            (
                "Loss on held-out digits, nats",
                (0.0, _MOST_LOSS),
                _LOSSES,
                (([one.loss for one in curve], ACCENT, "none"),),
            ),
        )
    ):
        top = _TOP + place * _PANEL
        x = Scale((0.0, float(n_steps)), (_LEFT, _LEFT + _WIDTH), across)
        y = Scale(domain, (top + _HEIGHT, top), ticks)
        marks += frame(title, x, y, "step")
        marks += [
            path(x(steps), y(values), colour, width=2.2, dashes=dashes)
            for values, colour, dashes in lines
        ]
    return marks, (_LEFT + _WIDTH + 20, _PANEL + _TOP + _HEIGHT + 42)


def curve_text(curve: Sequence[Measured]) -> str:
    """Say where the curves have come to."""
    last = curve[-1]
    return (
        f"After {last.step:,} steps: {last.held_out:.1%} of the 500 held-out digits are named "
        f"rightly (blue), {last.training:.1%} of 500 that it trains on (orange, dashed); loss "
        f"{number(last.loss, 3)} nats. Guessing names 10% rightly, at a loss of ln 10 = 2.303."
    )


def seen_marks(images: NDArray[np.floating[Any]]) -> Picture:
    """Return pictures side by side, (picture, 8, 8) of ink in [0, 1], and width and height."""
    side = images.shape[1] * _PIXEL
    marks = []
    for (picture, row, column), ink in np.ndenumerate(images):
        if ink > 0:
            x = picture * (side + _GAP) + column * _PIXEL + 1
            pixel = box(x, row * _PIXEL + 1, _PIXEL, _PIXEL, "currentColor")
            marks.append(Mark("rect", {**pixel.attributes, "opacity": round(float(ink), 3)}))
    for picture in range(len(images)):
        around = box(picture * (side + _GAP) + 1, 1, side, side, "none")
        line: dict[str, str | float] = {"stroke": "currentColor", "stroke-opacity": 0.45}
        marks.append(Mark("rect", {**around.attributes, **line}))
    return marks, (len(images) * (side + _GAP) - _GAP + 2, side + 2)
