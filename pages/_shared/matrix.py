"""What a board shows: matrices, their axes, and the cell that the reader chose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pages._shared.palette import Scale


@dataclass(frozen=True)
class Band:
    """Neighbours on an axis that belong together, under one name and one colour.

    Attributes
    ----------
    label : str
        What it is called: ``"head 1"``. The colour alone never says it.
    size : int
        How many indices it has.
    colour : int
        Place in `palette.HEADS`.
    """

    label: str
    size: int
    colour: int


@dataclass(frozen=True)
class Switch:
    """A button beside a matrix's title that is pressed or not.

    Attributes
    ----------
    label : str
        What it does while it is pressed: ``"Drop"``.
    on : bool
        Whether it is; the matrix is then hatched.
    """

    label: str
    on: bool


@dataclass(frozen=True)
class Axis:
    """One axis of a matrix.

    Attributes
    ----------
    name : str
        What the axis counts: ``"query"``, ``"key"``, ``"d_head"``, ``"d_value"``. Matrices
        with an axis of the same name light up together.
    labels : tuple of str
        One label for each index.
    bands : tuple of Band
        What belongs together, from the first index on; nothing if all of it is one.
    """

    name: str
    labels: tuple[str, ...]
    bands: tuple[Band, ...] = ()


@dataclass(frozen=True, eq=False)
class Matrix:
    """A matrix as the board shows it.

    Attributes
    ----------
    id : str
        Name within the board.
    title : str
        Heading, such as ``"Q"``.
    values : NDArray, shape (len(rows.labels), len(columns.labels))
        Numbers; may hold infinities and NaN, which are shown as such. Bool for a mask.
    rows, columns : Axis
        What the two axes count.
    note : str
        A few words beside the heading, such as the formula.
    scale : {"sequential", "diverging", "mask"}
        Weights are sequential over [0, `limit`]; scores, logits and outputs diverging over
        [-`limit`, `limit`]; a mask is painted (True = may attend).
    limit : float
        End of the colour domain, positive.
    base : NDArray or None
        What "Reset" returns to; None makes the matrix read-only.
    bounds : tuple of float
        Smallest and largest number an edit may enter.
    step : float
        Change of one arrow key or of four pixels of a drag.
    digits : int
        Digits after the decimal point.
    blocked : NDArray of bool or None
        Cells to hatch: their number is 0 because a mask keeps them out.
    small : bool
        Whether its cells are drawn smaller, so that many matrices fit.
    band : Band or None
        What the whole matrix belongs to.
    switch : Switch or None
        A button beside the title.
    """

    id: str
    title: str
    values: NDArray[Any]
    rows: Axis
    columns: Axis
    note: str = ""
    scale: Scale | str = "diverging"
    limit: float = 1.0
    base: NDArray[Any] | None = None
    bounds: tuple[float, float] = (-9.0, 9.0)
    step: float = 0.1
    digits: int = 2
    blocked: NDArray[np.bool_] | None = None
    small: bool = False
    band: Band | None = None
    switch: Switch | None = None


@dataclass(frozen=True)
class Choice:
    """The cell that the reader chose on a board."""

    matrix: str
    row: int
    column: int


def nice_limit(*arrays: NDArray[Any]) -> float:
    """Return the smallest of 1, 2, 5, 10, 20, ... that no finite entry exceeds in size.

    Round limits keep a legend readable and the colours still while a number is dragged.
    """
    largest = 0.0
    for array in arrays:
        finite = np.abs(array[np.isfinite(array)], dtype=np.float64)
        largest = max(largest, float(finite.max(initial=0.0)))
    if largest <= 1.0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(largest))
    return next(power * step for step in (1.0, 2.0, 5.0, 10.0) if power * step >= largest)
