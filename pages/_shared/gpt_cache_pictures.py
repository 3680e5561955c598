"""The pictures of the cache: what is in it at a step, and what it saves at growing lengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from pages._shared.drawing import Mark, Scale, box, dots, frame, path, words
from pages._shared.gpt_cache_runs import Measured
from pages._shared.gpt_runs import MOST_WORDS, N_LAYERS
from pages._shared.palette import ACCENT, CONTRAST

_QUIET: Final = "#8a8f98"
_LEFT: Final = 96
_CELL_HIGH: Final = 16
_BETWEEN: Final = 12
# They fit on a telephone.
_WIDTH: Final = 372
_LEGEND: Final = 46
_WAYS: Final = (("with the cache", ACCENT, "none"), ("everything again", CONTRAST, "6 4"))


def cache_picture(place: int, n_tokens: int) -> tuple[list[Mark], tuple[int, int]]:
    """Draw which keys and values are reread, which are new and which are still to come.

    Parameters
    ----------
    place : int
        The position that enters in this step.
    n_tokens : int
        How many the text has.
    """
    wide = min((_WIDTH - _LEFT) / n_tokens, 24.0)
    gap = 1.0 if wide > 6 else 0.5
    marks: list[Mark] = []
    for x, colour, name in ((0, _QUIET, "reread"), (92, CONTRAST, "computed in this step")):
        marks += [box(x, 2, 12, 12, colour), words(name, x + 18, 13)]
    marks += [_outline(0, 20, 12, 12), words("not there yet", 18, 31)]
    for layer in range(N_LAYERS):
        top = _LEGEND + layer * (2 * _CELL_HIGH + _BETWEEN)
        marks.append(words(f"Layer {layer + 1}", 0, top + _CELL_HIGH + 4))
        for row, name in enumerate(("keys", "values")):
            y = top + row * _CELL_HIGH
            marks.append(words(name, _LEFT - 8, y + 11, "end"))
            for token in range(n_tokens):
                left, width = _LEFT + token * wide, wide - gap
                if token > place:
                    marks.append(_outline(left, y + 1, width, _CELL_HIGH - 2))
                    continue
                colour = CONTRAST if token == place else _QUIET
                marks.append(box(left, y + 1, width, _CELL_HIGH - 2, colour))
    bottom = _LEGEND + N_LAYERS * (2 * _CELL_HIGH + _BETWEEN)
    return marks, (_WIDTH, int(bottom))


def times_picture(done: Sequence[Measured]) -> tuple[list[Mark], tuple[int, int]]:
    """Draw the medians of both ways against the length of the text."""
    lengths = np.array([one.length for one in done], dtype=np.float64)
    medians = 1000 * np.array([one.medians for one in done])  # (length, way), in ms
    ticks = _ticks(float(medians.max()))
    top = ticks[-1]
    marks = [words("Milliseconds for one word more", 0, 14, size=14, bold=True)]
    across = Scale(
        (0.0, MOST_WORDS + 1.0), (44, 356), {float(n): str(n) for n in range(0, MOST_WORDS + 2, 16)}
    )
    down = Scale((0.0, top), (254, 56), {one: f"{one:g}" for one in ticks})
    marks += frame("", across, down, "words, the start among them")
    for way, (name, colour, dashes) in enumerate(_WAYS):
        x, y = across(lengths), down(medians[:, way])
        marks += [path(x, y, colour, width=2.2, dashes=dashes), dots(x, y, 2.6)]
        left = 8.0 + 150 * way
        marks.append(path([left, left + 22], [34, 34], colour, width=2.2, dashes=dashes))
        marks.append(words(name, left + 28, 38))
    return marks, (_WIDTH, 294)


def _ticks(highest: float) -> list[float]:
    """Return round numbers from 0 to above the highest, at most seven."""
    power = 10.0 ** np.floor(np.log10(max(highest, 0.5) / 5))
    step = next(power * one for one in (1, 2, 5, 10) if 5 * power * one >= highest)
    n_steps = int(highest // step) + 1
    return [round(float(one * step), 6) for one in range(n_steps + 1)]


def _outline(x: float, y: float, width: float, height: float) -> Mark:
    place = {"x": round(x, 1), "y": round(y, 1), "width": round(width, 1), "height": height}
    shape: dict[str, str | float] = {**place, "fill": "none", "stroke": "currentColor"}
    return Mark("rect", {**shape, "stroke-opacity": 0.35, "stroke-dasharray": "2 2"})
