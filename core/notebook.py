"""Jupyter notebooks, written without Jupyter: cells in, the text of an ``.ipynb`` file out.

The format is nbformat 4.5 (https://nbformat.readthedocs.io/en/latest/format_description.html).
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_METADATA: Final = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


@dataclass(frozen=True)
class Markdown:
    """A cell of prose.

    Attributes
    ----------
    source : str
        Markdown. Words that a reader typed belong in a code span or a code cell: Markdown has
        too many meanings for what people type.
    """

    source: str


@dataclass(frozen=True)
class Code:
    """A cell of Python, not yet run.

    Attributes
    ----------
    source : str
    """

    source: str


def notebook(cells: Sequence[Markdown | Code]) -> str:
    """Return a notebook of these cells, to be written as UTF-8 into an ``.ipynb`` file.

    The same cells give the same text: a cell's id is its place.

    Parameters
    ----------
    cells : sequence of Markdown or Code
        From top to bottom.

    Returns
    -------
    str
        JSON as Jupyter itself lays it out: one line of source a line.
    """
    content = {
        "cells": [_cell(place, cell) for place, cell in enumerate(cells, start=1)],
        "metadata": _METADATA,
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cell(place: int, cell: Markdown | Code) -> dict[str, Any]:
    shared = {
        "id": f"cell-{place}",
        "metadata": {},
        "source": cell.source.splitlines(keepends=True),
    }
    if isinstance(cell, Markdown):
        return {"cell_type": "markdown", **shared}
    return {"cell_type": "code", "execution_count": None, "outputs": [], **shared}
