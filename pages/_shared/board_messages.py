"""What a board and the browser tell each other: matrices as JSON, and answers never trusted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import astuple
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.matrix import Choice, Matrix

_NOT_FINITE: Final = {math.inf: "inf", -math.inf: "-inf"}


def describe(matrix: Matrix) -> dict[str, Any]:
    """Return a matrix as the browser reads it."""
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
    # What few matrices have is not sent for the others.
    if matrix.rows.bands or matrix.columns.bands:
        description["row_bands"] = [astuple(band) for band in matrix.rows.bands]
        description["column_bands"] = [astuple(band) for band in matrix.columns.bands]
    if matrix.small:
        description["small"] = True
    if matrix.band is not None:
        description["band"] = matrix.band.colour
    if matrix.switch is not None:
        description["switch"] = astuple(matrix.switch)
    if matrix.blocked is not None:
        description["blocked"] = matrix.blocked.tolist()
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


def check_edit(
    message: Any, version: str, matrices: Mapping[str, Matrix]
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


def check_choice(
    message: Any, version: str, shapes: Mapping[str, tuple[int, ...]]
) -> Choice | None:
    """Return the chosen cell of a message from the browser, or None if there is no such cell.

    Matrices are known by their names and shapes.
    """
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    name, row, column = (message.get(part) for part in ("matrix", "row", "column"))
    if not (isinstance(name, str) and name in shapes and type(row) is type(column) is int):
        return None
    n_row, n_column = shapes[name]
    if not (0 <= row < n_row and 0 <= column < n_column):
        return None
    return Choice(matrix=name, row=row, column=column)


def check_switch(
    message: Any, version: str, matrices: Mapping[str, Matrix]
) -> tuple[str, bool] | None:
    """Return the matrix whose switch was pressed and whether it is on now, or None."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    name, on = message.get("matrix"), message.get("on")
    if not (isinstance(name, str) and name in matrices and type(on) is bool):
        return None
    return None if matrices[name].switch is None else (name, on)


def _as_table(table: Any) -> NDArray[np.float64]:
    try:
        return np.asarray(table, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        return np.empty(0)
