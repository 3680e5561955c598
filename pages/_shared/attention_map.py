"""One map of attention weights, from 2 to some 220 words each way, with the words beside it.

One inline component. Rows are queries and columns are keys. It lights up together with the boards,
lines and maps of its group without a word to the server; a chosen cell and a painted pattern are
reported, and checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.board_messages import check_choice
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.matrix import Choice
from pages._shared.packed_weights import pack_cells, pack_weights, unpack_cells
from pages._shared.palette import CONTRAST, RAMPS, Scale

ATTENTION_MAP: Final = light_component(
    "attention_map",
    html="<figure class='attention-map'></figure>",
    css=(FRONTEND / "attention_map.css").read_text("utf-8"),
    constants={"RAMPS": RAMPS, "MARK": CONTRAST},
)


def attention_map(
    weights: NDArray[Any],
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    key: str,
    version: str,
    title: str,
    text: str,
    chosen: tuple[int, int] | None = None,
    on_choose: Callable[[Choice], None] | None = None,
    group: str = "lab",
    note: str = "",
    limit: float = 1.0,
    scale: Scale = "sequential",
    marks: NDArray[np.bool_] | None = None,
    marks_name: str = "marked",
    changed: NDArray[np.bool_] | None = None,
    changed_name: str = "changed",
    missing_name: str = "",
    paint: Callable[[NDArray[np.bool_]], None] | None = None,
    painted: NDArray[np.bool_] | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw a map, and report the cell that is chosen and the pattern that is painted.

    Parameters
    ----------
    weights : NDArray, shape (n_query, n_key)
        From 0 up; changes of weights, of either sign, if diverging. What is no number is hatched,
        and said.
    queries, keys : sequence of str
        Names of the rows and of the columns: any text.
    key : str
        Key of the component.
    version : str
        Name of what is shown; a choice or a painting in what is gone is dropped. With a new
        version the map takes `painted` from here, whatever the reader painted meanwhile.
    title, note : str
        Heading, and a few words beside it.
    text : str
        The map in words: shown below it, and said by a screen reader.
    chosen : (int, int), optional
        Query and key of the chosen cell.
    on_choose : callable, optional
        Called before the rerun with the chosen cell, of the matrix ``"weights"``.
    group : str
        What is in one group lights up together.
    limit : float
        The weight with the last colour, which the legend says. Larger weights have it too.
    scale : {"sequential", "diverging"}
        Colours from 0 to `limit`, or from -limit to limit with 0 in the middle: for changes, which
        are written with their sign.
    marks : NDArray of bool, shape (n_query, n_key), optional
        Cells to outline, such as the alignment of a translation.
    marks_name : str
        What a marked cell is, for the legend and the readout.
    changed : NDArray of bool, shape (n_query, n_key), optional
        Cells with a corner turned down.
    changed_name : str
        What such a cell is.
    missing_name : str
        What a cell is that is no number, such as "may not be read"; it is called NaN if left out.
    paint : callable, optional
        Called before the rerun with the painted pattern, a bool array of shape (n_query, n_key).
        With `on_choose` there is a button that says which of the two a click does; without, a
        click always paints.
    painted : NDArray of bool, shape (n_query, n_key), optional
        The pattern as the page keeps it; nothing if left out.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.

    Raises
    ------
    ValueError
        If a matrix does not have a row for each query and a column for each key.
    """
    shape = (len(queries), len(keys))
    for matrix in (weights, marks, changed, painted):
        if matrix is not None and matrix.shape != shape:
            msg = f"A map of {shape[0]} queries by {shape[1]} keys got a matrix of {matrix.shape}."
            raise ValueError(msg)
    pattern = np.zeros(shape, bool) if painted is None else painted

    def receive_choice() -> None:
        message = st.session_state[key].get("choice")
        choice = check_choice(message, version, {"weights": shape})
        if choice is not None and on_choose is not None:
            on_choose(choice)

    def receive_paint() -> None:
        cells = read_paint(st.session_state[key].get("paint"), version, shape)
        if cells is not None and paint is not None:
            paint(cells)

    ATTENTION_MAP.draw(
        key=key,
        data={
            "queries": list(queries),
            "keys": list(keys),
            "weights": pack_weights(weights),
            "title": title,
            "note": note,
            "text": text,
            "limit": float(limit),
            "scale": scale,
            "missing_name": missing_name,
            "chosen": chosen,
            "can_choose": on_choose is not None,
            "layers": [
                [name, kind, pack_cells(cells)]
                for name, kind, cells in (
                    (marks_name, "mark", marks),
                    (changed_name, "change", changed),
                )
                if cells is not None
            ],
            "painted": None if paint is None else pack_cells(pattern),
            "version": version,
            "group": group,
            "news": news,
        },
        on_choice_change=receive_choice,
        on_paint_change=receive_paint,
    )


def read_paint(message: object, version: str, shape: tuple[int, int]) -> NDArray[np.bool_] | None:
    """Check the pattern that the browser reported; None for anything but one of this map."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    return unpack_cells(message.get("cells"), shape)
