"""The curves of a training of the induction model: the cliff, and what the heads did meanwhile."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from core.induction import LETTERS
from pages._shared.drawing import Mark, Scale, frame, path
from pages._shared.induction_choice import N_STEPS
from pages._shared.palette import ACCENT, CONTRAST

if TYPE_CHECKING:
    from core.induction_scores import Measured

Picture = tuple[list[Mark], tuple[int, int]]

_LEFT: Final = 40
_WIDTH: Final = 400
_TOP: Final = 28
_HEIGHT: Final = 150
_SIZE: Final = (_LEFT + _WIDTH + 20, _TOP + _HEIGHT + 42)
_MOST_LOSS: Final = 5.0
_ACROSS: Final = {float(step): str(step) for step in range(0, N_STEPS + 1, 100)}
_LOSSES: Final = {float(loss): str(loss) for loss in range(6)}
_SHARES: Final = {0.0: "0", 0.25: ".25", 0.5: ".5", 0.75: ".75", 1.0: "1"}
GUESSING: Final = math.log(len(LETTERS))


def loss_marks(steps: Sequence[int], curve: Sequence[Measured], step: int | None) -> Picture:
    """Return the curves of the loss, with a step marked, and width and height."""
    x, y = _scales((0.0, _MOST_LOSS), _LOSSES)
    guess = float(y(GUESSING))
    marks = frame("Loss, nats", x, y, "step")
    marks.append(path(list(x.pixels), [guess, guess], width=1.2, dashes="2 3", opacity=0.7))
    marks += [
        path(x(steps), y([one.first for one in curve]), CONTRAST, width=1.8, dashes="5 3"),
        path(x(steps), y([one.second for one in curve]), ACCENT, width=2.4),
        *_marked(x, y, step),
    ]
    return marks, _SIZE


def score_marks(
    steps: Sequence[int],
    curve: Sequence[Measured],
    step: int | None,
    chosen: tuple[int, int] | None = None,
) -> Picture:
    """Return what every head does through a training, with a step marked, and width and height.

    Prefix matching in blue, reading the token before in orange; the chosen head's are thick.
    """
    x, y = _scales((0.0, 1.0), _SHARES)
    marks = frame("What each head does, mean weight", x, y, "step")
    for layer, heads in enumerate(curve[0].prefix):
        for head in range(len(heads)):
            width = 3.0 if (layer, head) == chosen else 1.3
            before = [one.previous[layer][head] for one in curve]
            prefix = [one.prefix[layer][head] for one in curve]
            dashes = "none" if layer else "5 3"
            marks.append(path(x(steps), y(before), CONTRAST, width=width, dashes=dashes))
            marks.append(path(x(steps), y(prefix), ACCENT, width=width, dashes=dashes))
    return marks + _marked(x, y, step), _SIZE


def _scales(domain: tuple[float, float], ticks: dict[float, str]) -> tuple[Scale, Scale]:
    across = Scale((0.0, float(N_STEPS)), (_LEFT, _LEFT + _WIDTH), _ACROSS)
    return across, Scale(domain, (_TOP + _HEIGHT, _TOP), ticks)


def _marked(x: Scale, y: Scale, step: int | None) -> list[Mark]:
    if step is None:
        return []
    place = float(x(step))
    top = y.pixels[1]
    pointer = Mark(
        "path", {"d": f"M{place:.1f} {top:g}l-5 -7h10z", "fill": "currentColor", "stroke": "none"}
    )
    return [path([place, place], list(y.pixels), width=1.6, opacity=0.8), pointer]
