"""The value map component: large matrices as images, with a pointer to read single values by.

A matrix of thousands of cells is a picture, not thousands of marks. One inline component draws one
or several side by side in the page's own palettes, light and dark; pointing, or the arrow keys,
reads a value from the numbers already sent; choosing a cell is reported and checked again here.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.light_component import FRONTEND, light_component
from pages._shared.palette import RAMPS

Scale = Literal["sequential", "diverging"]


@dataclass(frozen=True, eq=False)
class ValueMap:
    """One matrix as an image.

    Attributes
    ----------
    title, note : str
        Heading, and a few words beside it.
    values : NDArray, shape (row, column)
        Finite numbers.
    rows, columns : str
        What the axes count, such as ``"position"``.
    first_row, first_column : int
        The number of the first row and of the first column.
    limit : float
        Colours run from -limit to limit, or from 0 to limit if sequential.
    text : str
        The picture in words: shown below it, and said by a screen reader.
    scale : {"diverging", "sequential"}
    side : float
        Width of the picture in rem, at most; its height follows from the number of cells.
    can_choose : bool
        Whether a cell can be chosen.
    row_names : tuple of str
        What every row is called, if it is called anything: beside up to 40 of them, and where a
        value is read. Rows are then as high as a line of text.
    """

    title: str
    note: str
    values: NDArray[Any]
    rows: str
    columns: str
    limit: float
    text: str
    first_row: int = 0
    first_column: int = 0
    scale: Scale = "diverging"
    side: float = 26.0
    can_choose: bool = False
    row_names: tuple[str, ...] = ()


def value_map(
    maps: Sequence[ValueMap],
    *,
    key: str,
    view: str,
    chosen: tuple[int, int] | None = None,
    on_choose: Callable[[tuple[int, int]], None] | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw maps side by side and report the cell that is chosen.

    Parameters
    ----------
    maps : sequence of ValueMap
    key : str
        Key of the component.
    view : str
        Name of what is shown. A choice made in another view comes too late and is dropped.
    chosen : (int, int), optional
        Row and column to outline, from 0, in maps in which a cell can be chosen.
    on_choose : callable, optional
        Called before the rerun with row and column.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    shapes = [one.values.shape for one in maps if one.can_choose]

    def report() -> None:
        place = read_place(st.session_state[key].get("choice"), view, shapes)
        if place is not None and on_choose is not None:
            on_choose(place)

    VALUE_MAPS.draw(
        key=key,
        data={"maps": [_packed(one) for one in maps], "view": view, "chosen": chosen, "news": news},
        on_choice_change=report,
    )


def read_place(
    message: object, view: str, shapes: Sequence[tuple[int, ...]]
) -> tuple[int, int] | None:
    """Check what the browser reported; None for anything but a cell of what is shown."""
    if not isinstance(message, Mapping) or message.get("view") != view or not shapes:
        return None
    row, column = message.get("row"), message.get("column")
    if type(row) is not int or type(column) is not int:
        return None
    n_row, n_column = shapes[0]
    return (row, column) if 0 <= row < n_row and 0 <= column < n_column else None


def _packed(one: ValueMap) -> dict[str, object]:
    values = np.ascontiguousarray(one.values, dtype="<f4")
    return {
        "title": one.title,
        "note": one.note,
        "shape": values.shape,
        "values": base64.b64encode(values.tobytes()).decode("ascii"),
        "rows": one.rows,
        "columns": one.columns,
        "first_row": one.first_row,
        "first_column": one.first_column,
        "limit": float(one.limit),
        "text": one.text,
        "scale": one.scale,
        "side": one.side,
        "can_choose": one.can_choose,
        "row_names": one.row_names,
    }


VALUE_MAPS: Final = light_component(
    "value_map",
    html="<div class='maps'></div>",
    css=(FRONTEND / "value_map.css").read_text("utf-8"),
    constants={"RAMPS": RAMPS},
)
