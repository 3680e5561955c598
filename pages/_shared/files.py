"""The arrays of a page as files: a zip of CSV tables, and NumPy's NPZ.

The same state gives the same bytes. A table has two dimensions, so an array of higher rank
becomes one CSV for each index of its leading axes (one for each head, say): such a file can be
read at a glance, and its long form would outgrow a spreadsheet at two heads of 1,025 tokens.
NPZ takes any rank as it is.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.matrix import Axis, Matrix

# A zip keeps the time of each file; the oldest that it can say makes equal states equal bytes.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_NUMBERS: Final = "biuf"
# More would take many seconds to write out and tens of megabytes to send.
MOST_IN_TABLES: Final = 1_000_000
# What a spreadsheet takes for the start of a formula. Labels may come from a link, so from anyone.
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_README: Final = """\
In every table the first row and the first column hold labels. Numbers are written in full: read
as 64-bit floats they are exactly what was computed; nan, inf and -inf mean what they say. In a
mask, 1 = may attend. The files are UTF-8 with a byte order mark, for spreadsheets. In Python:

    import pandas as pd
    table = pd.read_csv("{name}", index_col=0)

A label that a spreadsheet would take for a formula has an apostrophe in front of it.
"""


@dataclass(frozen=True)
class About:
    """What a file says about where it comes from.

    Attributes
    ----------
    page : str
        Title of the page.
    state : str
        Its state in one line, such as ``"cat, sat, mat · seed 0"``.
    link : str
        Address that opens the page in this state. One that is not complete, such as ``"?s=..."``,
        is completed with the address in the browser's bar, and an empty one replaced by it.
    """

    page: str
    state: str
    link: str = ""


@dataclass(frozen=True, eq=False)
class Table:
    """An array of any rank with named axes.

    Attributes
    ----------
    values : NDArray
        Numbers or bools.
    axes : tuple of Axis
        One for each dimension, with one label for each index.
    """

    values: NDArray[Any]
    axes: tuple[Axis, ...]


Tabular = Matrix | Table | NDArray[Any]


def csv_zip(arrays: Mapping[str, Tabular], about: About) -> bytes:
    """Return a zip with a CSV for each matrix, and a README.txt.

    Parameters
    ----------
    arrays : mapping of str to Matrix, Table or NDArray
        By name; a bare array has its axes and indices numbered from 1.
    about : About
        Goes into README.txt.

    Raises
    ------
    ValueError
        If a name does not do as a file name, labels do not fit, something is not a number, or
        there are more than `MOST_IN_TABLES` numbers.
    """
    tables = _tables(arrays)
    n_numbers = sum(table.values.size for table in tables.values())
    if n_numbers > MOST_IN_TABLES:
        msg = f"these are {n_numbers:,} numbers, too many for tables. NPZ takes them all."
        raise ValueError(msg)
    files, contents = {}, []
    for name, table in tables.items():
        for suffix, sheet in _sheets(table):
            files[f"{name}{suffix}.csv"] = _csv(sheet)
            corner = " \\ ".join(axis.name for axis in sheet.axes)
            contents.append((f"{name}{suffix}.csv", _times(sheet.values.shape), corner))
    widths = [max((len(row[column]) for row in contents), default=0) for column in (0, 1)]
    listing = [f"{a:{widths[0]}}  {b:{widths[1]}}  {c}".rstrip() for a, b, c in contents]
    heading = [f"Attention Lab: {about.page}", f"State: {about.state}", f"Link: {about.link}"]
    example = contents[0][0] if contents else "table.csv"
    readme = "\n".join([*heading, "", *listing, "", _README.format(name=example)])
    return _zip({"README.txt": _utf8(readme)} | files)


def npz(arrays: Mapping[str, Tabular], about: About) -> bytes:
    """Return NumPy's NPZ with every array under its name.

    ``about`` in it is a JSON string: page, state, link, and the axes of each array with their
    labels. ``numpy.load`` reads the file without pickle.

    Parameters
    ----------
    arrays : mapping of str to Matrix, Table or NDArray
        By name; dtypes are kept.
    about : About
        What to say about them.

    Raises
    ------
    ValueError
        If a name does not do as a file name or is ``"about"``, labels do not fit, or something
        is not a number.
    """
    tables = _tables(arrays)
    if "about" in tables:
        msg = "An array cannot be called “about”: the file keeps its description there."
        raise ValueError(msg)
    axes = {
        name: [{"name": axis.name, "labels": axis.labels} for axis in table.axes]
        for name, table in tables.items()
    }
    words = json.dumps(
        {"page": about.page, "state": about.state, "link": about.link, "axes": axes},
        ensure_ascii=False,
    )
    members = {name: table.values for name, table in tables.items()} | {"about": np.array(words)}
    return _zip({f"{name}.npy": _npy(values) for name, values in members.items()})


def _tables(arrays: Mapping[str, Tabular]) -> dict[str, Table]:
    return {name: _checked(name, _as_table(array)) for name, array in arrays.items()}


def _as_table(array: Tabular) -> Table:
    if isinstance(array, Table):
        return array
    if isinstance(array, Matrix):
        return Table(array.values, (array.rows, array.columns))
    return Table(
        array,
        tuple(
            Axis(f"axis {axis}", tuple(str(index) for index in range(1, size + 1)))
            for axis, size in enumerate(array.shape, start=1)
        ),
    )


def _checked(name: str, table: Table) -> Table:
    if not _NAME.fullmatch(name):
        msg = f"“{name}” does not do as a file name: use letters, digits, - and _."
        raise ValueError(msg)
    if table.values.dtype.kind not in _NUMBERS:
        msg = f"“{name}” holds {table.values.dtype}; it should hold numbers or bools."
        raise ValueError(msg)
    labels = tuple(len(axis.labels) for axis in table.axes)
    if labels != table.values.shape:
        msg = f"“{name}” has shape {table.values.shape}, but labels for {labels}."
        raise ValueError(msg)
    return table


def _sheets(table: Table) -> Iterator[tuple[str, Table]]:
    """Yield each part of rank 2 or less, after what its file name adds to the array's."""
    leading = table.axes[:-2]
    for place in product(*(range(len(axis.labels)) for axis in leading)):
        suffix = "".join(
            f"_{re.sub(r'[^A-Za-z0-9]+', '-', axis.name)}-{index + 1:0{len(str(len(axis.labels)))}}"
            for axis, index in zip(leading, place, strict=True)
        )
        yield suffix, Table(table.values[place], table.axes[-2:])


def _csv(sheet: Table) -> bytes:
    """Return a table of rank 0, 1 or 2 as CSV (RFC 4180)."""
    values = sheet.values.astype(np.uint8) if sheet.values.dtype.kind == "b" else sheet.values
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    rows: Any = values.tolist()  # Python's own numbers, whose repr is exact
    if values.ndim == 2:
        across, down = sheet.axes[1], sheet.axes[0]
        writer.writerow([f"{down.name} \\ {across.name}", *map(_label, across.labels)])
        writer.writerows([_label(n), *map(repr, r)] for n, r in zip(down.labels, rows, strict=True))
    elif values.ndim == 1:
        writer.writerow([sheet.axes[0].name, "value"])
        writer.writerows(
            [_label(n), repr(v)] for n, v in zip(sheet.axes[0].labels, rows, strict=True)
        )
    else:
        writer.writerows([["", "value"], ["", repr(rows)]])
    return b"\xef\xbb\xbf" + _utf8(text.getvalue())


def _label(text: str) -> str:
    return f"'{text}" if len(text) > 1 and _FORMULA.match(text) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _npy(values: NDArray[Any]) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, values, allow_pickle=False)
    return buffer.getvalue()


def _zip(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # the same on every system that makes it
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def _utf8(text: str) -> bytes:
    # Half of a surrogate pair, which a browser may send, is not a letter in any file.
    return text.encode("utf-8", "replace")


def _times(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "one number"
