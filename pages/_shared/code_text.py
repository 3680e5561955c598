"""Pieces of Python programs: arrays, words and calls as a person would lay them out.

Numbers are written so that they read back as the very same; words are quoted, whatever is in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

Library = Literal["np", "torch"]

_MAKERS: Final[dict[Library, str]] = {"np": "np.array", "torch": "torch.tensor"}
_LINE: Final = 92


def lines_where(*lines: tuple[bool, str]) -> str:
    """Return those lines whose condition holds."""
    return "\n".join(line for condition, line in lines if condition)


def join_blocks(blocks: Iterable[str]) -> str:
    """Return blocks of lines with an empty line between them; empty blocks are left out."""
    return "\n\n".join(block for block in blocks if block)


def words_code(name: str, words: Sequence[str]) -> str:
    """Return the lines that make a list of words."""
    line = f"{name} = {list(words)!r}"
    if len(line) <= _LINE:
        return line
    return "\n".join((f"{name} = [", *(f"    {word!r}," for word in words), "]"))


def call_code(function: str, arguments: Sequence[str]) -> str:
    """Return the call of a function, in as few lines as fit."""
    line = f"{function}({', '.join(arguments)})"
    if len(line) <= _LINE:
        return line
    inside = f"    {', '.join(arguments)}"
    if len(inside) > _LINE:
        inside = "\n".join(f"    {argument}," for argument in arguments)
    return f"{function}(\n{inside}\n)"


def array_code(name: str, values: NDArray[Any], library: Library, shape: str) -> str:
    """Return the lines that make an array with exactly these values.

    Parameters
    ----------
    name : str
        What to call it.
    values : ndarray of bool or float, one or two axes
    library : {"np", "torch"}
    shape : str
        The comment behind it, such as ``"(n_query, d_head)"``.
    """
    texts = [[_literal(value, library) for value in row] for row in np.atleast_2d(values)]
    width = max((len(text) for row in texts for text in row), default=0)
    rows = [_fold([text.rjust(width) for text in row]) for row in texts]
    if values.ndim == 1:
        body = "\n".join(f"    {line}," for line in rows[0])
    else:
        body = "\n".join(f"    [{(',' + _INDENT).join(row)}]," for row in rows)
    dtype = "" if values.dtype == np.bool_ else f", dtype={library}.{values.dtype}"
    return f"{name} = {_MAKERS[library]}([  # {shape}\n{body}\n]{dtype})"


_INDENT: Final = "\n     "


def _fold(texts: Sequence[str]) -> list[str]:
    """Return the numbers of one row, all equally wide, in lines short enough to read."""
    width = len(texts[0]) if texts else 0
    n_in_line = max((_LINE - len(_INDENT)) // (width + 2), 1)
    starts = range(0, len(texts), n_in_line)
    return [", ".join(texts[start : start + n_in_line]) for start in starts]


def _literal(value: np.generic, library: Library) -> str:
    """Return the shortest text that reads back as this very number in its dtype."""
    return str(value).replace("nan", f"{library}.nan").replace("inf", f"{library}.inf")
