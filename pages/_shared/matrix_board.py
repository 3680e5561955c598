"""The matrix component: a board of heat-coloured matrices that are edited and read together.

One board is one inline component, so that one message redraws a whole computation. A page that
has boards calls `load_boards` first.
Pointing at a cell lights the same query, key or coordinate in every matrix of the board and
of its neighbours (boards with the same `group`), without a word to the server. An edit is
shown at once, sent while it happens, and checked again here before anything uses it.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.palette import RAMPS, Ramp, Scale, Theme

_FRONTEND: Final = Path(__file__).parent / "frontend"
_NOT_FINITE: Final = {math.inf: "inf", -math.inf: "-inf"}

FloatArray = NDArray[np.floating[Any]]


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
    """

    name: str
    labels: tuple[str, ...]


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


def load_boards() -> None:
    """Load what draws the boards of a page, once; call it outside of any fragment."""
    with st.sidebar:  # the element is empty; here it leaves no gap
        _library(key="matrix_board_library", height=1)


def matrix_board(
    layout: Sequence[Sequence[Matrix | str]],
    *,
    key: str,
    version: int,
    on_edit: Callable[[Mapping[str, NDArray[Any]]], None] | None = None,
    on_choose: Callable[[Choice], None] | None = None,
    chosen: Mapping[str, int] | None = None,
    beside: bool = False,
    group: str = "lab",
) -> None:
    """Draw a board.

    Parameters
    ----------
    layout : sequence of rows
        Each row holds matrices and, between them, signs such as ``"→"``.
    key : str
        Identity of the board on its page.
    version : int
        Raise it whenever Python, not the reader, changes an editable matrix: only then does
        the board overwrite what the reader sees in it.
    on_edit : callable, optional
        Called before the rerun with the edited matrices by id, checked: right shape, finite,
        within bounds (bool for a mask).
    on_choose : callable, optional
        Called before the rerun with the chosen cell.
    chosen : mapping of axis name to index, optional
        The cell to outline, in every matrix that has these two axes.
    beside : bool
        Stack the first row's matrices and put the other rows beside them, where there is room.
    group : str
        Boards of one group light up together.
    """
    matrices = {part.id: part for row in layout for part in row if isinstance(part, Matrix)}
    data = {
        "layout": [[part if isinstance(part, str) else part.id for part in row] for row in layout],
        "items": [_describe(matrix) for matrix in matrices.values()],
        "chosen": dict(chosen or {}),
        "version": version,
        "beside": beside,
        "received": st.session_state.get(f"{key}.received", ("", 0)),
        "group": group,
    }
    _component(
        key=key,
        data=data,
        on_edit_change=partial(_receive_edit, key, version, matrices, on_edit),
        on_choice_change=partial(_receive_choice, key, version, matrices, on_choose),
    )


def _style() -> str:
    def stops(ramps: Mapping[Theme, Ramp]) -> str:
        pairs = zip(ramps["light"], ramps["dark"], strict=True)
        return ", ".join(f"light-dark({light}, {dark})" for light, dark in pairs)

    bars = "\n".join(
        f".bar.{scale} {{ background: linear-gradient(to right, {stops(ramps)}); }}"
        for scale, ramps in RAMPS.items()
    )
    return f"{(_FRONTEND / 'matrix_board.css').read_text('utf-8')}\n{bars}"


def _script() -> str:
    constants = {"RAMPS": RAMPS, "STYLE": _style()}
    lines = [f"const {name} = {json.dumps(value)};" for name, value in constants.items()]
    return "\n".join([*lines, (_FRONTEND / "matrix_board.js").read_text("utf-8")])


_library: Final = st.components.v2.component("matrix_board_library", js=_script())
_component: Final = st.components.v2.component(
    "matrix_board",
    html="<div class='board'></div>",
    js=(_FRONTEND / "matrix_board_mount.js").read_text("utf-8"),
)


def _describe(matrix: Matrix) -> dict[str, Any]:
    description = {
        "id": matrix.id,
        "title": matrix.title,
        "note": matrix.note,
        "rows": matrix.rows.labels,
        "columns": matrix.columns.labels,
        "row_axis": matrix.rows.name,
        "column_axis": matrix.columns.name,
        "corner": f"{matrix.rows.name} \\ {matrix.columns.name}",
        "scale": matrix.scale,
        "limit": matrix.limit,
        "limit_digits": 0 if float(matrix.limit).is_integer() else 2,
        "digits": matrix.digits,
        "editable": matrix.base is not None,
        "values": _encode(matrix.values),
    }
    if matrix.base is not None:
        description |= {
            "base": _encode(matrix.base),
            "bounds": matrix.bounds,
            "step": matrix.step,
        }
    return description


def _encode(values: NDArray[Any]) -> list[list[Any]]:
    if values.dtype == np.bool_:
        values = values.astype(np.uint8)
    rows: list[list[Any]] = values.tolist()
    if np.isfinite(values).all():
        return rows
    # JSON has no infinity and no NaN.
    return [[_NOT_FINITE.get(v, "nan" if math.isnan(v) else v) for v in row] for row in rows]


def _receive_edit(
    key: str,
    version: int,
    matrices: Mapping[str, Matrix],
    on_edit: Callable[[Mapping[str, NDArray[Any]]], None] | None,
) -> None:
    message = st.session_state[key].get("edit")
    edited = check_edit(message, version, matrices)
    if on_edit is not None and edited:
        on_edit(edited)
    # The board sends again what is not acknowledged.
    if isinstance(message, Mapping) and type(message.get("serial")) is int:
        st.session_state[f"{key}.received"] = (str(message.get("mount"))[:32], message["serial"])


def _receive_choice(
    key: str,
    version: int,
    matrices: Mapping[str, Matrix],
    on_choose: Callable[[Choice], None] | None,
) -> None:
    choice = check_choice(st.session_state[key].get("choice"), version, matrices)
    if on_choose is not None and choice is not None:
        on_choose(choice)


def check_edit(
    message: Any, version: int, matrices: Mapping[str, Matrix]
) -> dict[str, NDArray[Any]]:
    """Return the edited matrices of a message from the browser, by id.

    A browser's word is never taken: whatever has the wrong version, name, shape or a number
    that is not finite is left out, and numbers are held within the matrix's bounds.
    """
    if not isinstance(message, Mapping) or message.get("version") != version:
        return {}
    values = message.get("values")
    edited = {}
    for name, table in values.items() if isinstance(values, Mapping) else ():
        matrix = matrices.get(name)
        array = _as_table(table)
        if matrix is None or matrix.base is None or array.shape != matrix.values.shape:
            continue
        if not np.isfinite(array).all():
            continue
        edited[name] = array != 0 if matrix.scale == "mask" else np.clip(array, *matrix.bounds)
    return edited


def check_choice(message: Any, version: int, matrices: Mapping[str, Matrix]) -> Choice | None:
    """Return the chosen cell of a message from the browser, or None if there is no such cell."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    name, row, column = (message.get(part) for part in ("matrix", "row", "column"))
    if not (isinstance(name, str) and name in matrices and type(row) is type(column) is int):
        return None
    n_row, n_column = matrices[name].values.shape
    if not (0 <= row < n_row and 0 <= column < n_column):
        return None
    return Choice(matrix=name, row=row, column=column)


def _as_table(table: Any) -> FloatArray:
    try:
        return np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return np.empty(0)
