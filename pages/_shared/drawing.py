"""Small charts as one SVG, laid out here: for what has to follow a drag.

An edit redraws a chart of Vega in 25 to 40 ms, and one of several views in twice that. Here Python
works out where every line and word stands, and the browser changes what is another than before.
Altair remains the choice for charts that are to be pointed at, or redrawn seldom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pages._shared.light_component import FRONTEND, light_component

FloatArray = NDArray[np.float64]

DRAWINGS: Final = light_component(
    "drawing",
    html="<div class='drawing'></div>",
    css=(FRONTEND / "drawing.css").read_text("utf-8"),
    constants={},
)
_SIZE: Final = 12


@dataclass(frozen=True)
class Mark:
    """One element of the SVG.

    Attributes
    ----------
    tag : str
    attributes : mapping
        Numbers are pixels.
    text : str
        What stands in it.
    """

    tag: str
    attributes: Mapping[str, str | float]
    text: str = ""


@dataclass(frozen=True)
class Scale:
    """What turns numbers into pixels.

    Attributes
    ----------
    domain : (float, float)
    pixels : (float, float)
        Where the ends of the domain are.
    ticks : mapping of float to str
        Marked numbers, and what is written beside them.
    log : bool
        Whether the scale is logarithmic.
    """

    domain: tuple[float, float]
    pixels: tuple[float, float]
    ticks: Mapping[float, str] = field(default_factory=dict)
    log: bool = False

    def __call__(self, numbers: ArrayLike) -> FloatArray:
        """Return the places of numbers in pixels; what lies beyond an end is put there."""
        values = np.asarray(numbers, dtype=np.float64)
        if self.log:
            return np.asarray(np.interp(np.log(values), np.log(self.domain), self.pixels))
        return np.asarray(np.interp(values, self.domain, self.pixels))


def words(
    text: str,
    x: float,
    y: float,
    anchor: Literal["start", "middle", "end"] = "start",
    *,
    size: int = _SIZE,
    bold: bool = False,
) -> Mark:
    """Write a line of text; y is that of the line it stands on."""
    weight = 600 if bold else 400
    place: dict[str, str | float] = {"x": _pixel(x), "y": _pixel(y), "text-anchor": anchor}
    return Mark("text", {**place, "font-size": size, "font-weight": weight}, text)


def path(
    x: ArrayLike,
    y: ArrayLike,
    colour: str = "currentColor",
    *,
    width: float = 1.4,
    dashes: str = "none",
    opacity: float = 1.0,
) -> Mark:
    """Draw a line through points in pixels."""
    points = np.column_stack(np.broadcast_arrays(np.asarray(x), np.asarray(y))).round(1)
    # Where it runs level, its ends are enough.
    level = points[:-1, 1] == points[1:, 1]
    within = np.zeros(len(points), dtype=np.bool_)
    within[1:-1] = level[:-1] & level[1:]
    points = points[~within]
    # Of no points it is empty, which draws nothing.
    text = "L".join(f"{a:g} {b:g}" for a, b in points)
    shape = {"d": text and f"M{text}", "fill": "none", "stroke": colour, "stroke-dasharray": dashes}
    return Mark("path", {**shape, "stroke-width": width, "opacity": opacity})


def box(x: float, y: float, width: float, height: float, colour: str) -> Mark:
    """Draw a filled box from its upper left corner."""
    sides = {"x": x, "y": y, "width": width, "height": height}
    return Mark("rect", {**{name: _pixel(v) for name, v in sides.items()}, "fill": colour})


def dots(x: FloatArray, y: FloatArray, radius: float) -> Mark:
    """Draw hollow dots in the colour of the text, all of them one mark."""
    turn = f"a{radius:g} {radius:g} 0 1 0"
    pairs = zip(x, y, strict=True)
    rings = (
        f"M{a - radius:.1f} {b:.1f}{turn} {2 * radius:g} 0{turn} {-2 * radius:g} 0"
        for a, b in pairs
    )
    shape = {"d": "".join(rings), "fill": "none", "stroke": "currentColor"}
    return Mark("path", {**shape, "stroke-width": 1.2})


def frame(title: str, x: Scale, y: Scale, x_title: str) -> list[Mark]:
    """Draw title, grid, ticks and the horizontal axis's name."""
    (left, right), (bottom, top) = x.pixels, y.pixels
    marks = [words(title, 0, top - 14, size=14, bold=True)]
    for number, label in x.ticks.items():
        place = float(x(number))
        marks += [_grid([place, place], [bottom, top]), words(label, place, bottom + 17, "middle")]
    for number, label in y.ticks.items():
        place = float(y(number))
        marks += [_grid([left, right], [place, place]), words(label, left - 7, place + 4, "end")]
    return [*marks, words(x_title, (left + right) / 2, bottom + 36, "middle")]


def _grid(x: Sequence[float], y: Sequence[float]) -> Mark:
    return path(x, y, width=1.0, opacity=0.14)


def _pixel(place: float) -> float:
    return round(float(place), 1)


def draw(marks: Sequence[Mark], size: tuple[int, int], *, name: str, text: str, key: str) -> None:
    """Draw marks.

    Parameters
    ----------
    marks : sequence of Mark
        From the lowest to the topmost.
    size : (int, int)
        Width and height in pixels; on a narrow screen all of it shrinks.
    name, text : str
        What the picture is called when it is taken along, and what a screen reader says of it.
    key : str
        Key of the component.
    """
    width, height = size
    listed: list[list[Any]] = [[mark.tag, dict(mark.attributes), mark.text] for mark in marks]
    data = {"name": name, "text": text, "width": width, "height": height, "marks": listed}
    DRAWINGS.draw(key=key, data=data)
