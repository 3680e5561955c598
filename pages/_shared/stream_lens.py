"""The logit lens as a table: a row for each block, a column for each word, a word in every cell.

One inline component. A cell's colour is a probability; choosing a cell is reported and checked
here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.light_component import FRONTEND, light_component
from pages._shared.palette import RAMPS

STREAM_LENS: Final = light_component(
    "stream_lens",
    html="<figure class='lens'></figure>",
    css=(FRONTEND / "stream_lens.css").read_text("utf-8"),
    constants={"RAMP": RAMPS["sequential"]},
)


@dataclass(frozen=True, eq=False)
class LensTable:
    """Words in cells.

    Attributes
    ----------
    title, note : str
        Heading, and what the colour means.
    rows, columns : tuple of str
    above : tuple of str
        A second name for each column, in small letters; empty if there is none.
    words : tuple of tuple of str
        What stands in each cell.
    values : ndarray, shape (row, column)
        The colour of each cell, in [0, 1].
    digits : int
        Digits after the decimal point of a value that is read.
    corner : str
        What the two axes are.
    limit : float
        The value of the strongest colour.
    """

    title: str
    note: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    above: tuple[str, ...]
    words: tuple[tuple[str, ...], ...]
    values: NDArray[Any]
    digits: int = 2
    corner: str = ""
    limit: float = 1.0


def stream_lens(
    table: LensTable,
    *,
    key: str,
    version: str,
    text: str,
    chosen: tuple[int, int],
    on_choose: Callable[[tuple[int, int]], None],
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the table and report the cell that is chosen.

    Parameters
    ----------
    table : LensTable
    key, version : str
        Key of the component; name of what is shown. A choice in what is gone is dropped.
    text : str
        The picture in words, shown below it.
    chosen : (int, int)
        Row and column, from 0.
    on_choose : callable
        Called before the rerun with row and column.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    shape = (len(table.rows), len(table.columns))

    def receive() -> None:
        cell = read_cell(st.session_state[key].get("choice"), version, shape)
        if cell is not None:
            on_choose(cell)

    STREAM_LENS.draw(
        key=key,
        data={
            "title": table.title,
            "note": table.note,
            "corner": table.corner,
            "rows": list(table.rows),
            "columns": list(table.columns),
            "above": list(table.above),
            "words": [list(row) for row in table.words],
            "values": np.asarray(table.values, dtype=float).round(5).tolist(),
            "digits": table.digits,
            "limit": float(table.limit),
            "chosen": list(chosen),
            "text": text,
            "version": version,
            "news": news,
        },
        on_choice_change=receive,
    )


def read_cell(message: object, version: str, shape: Sequence[int]) -> tuple[int, int] | None:
    """Check what the browser reported; None for anything but a cell of what is shown."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    row, column = message.get("row"), message.get("column")
    if type(row) is not int or type(column) is not int:
        return None
    return (row, column) if 0 <= row < shape[0] and 0 <= column < shape[1] else None
