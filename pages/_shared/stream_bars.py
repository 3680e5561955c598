"""Blocks one below the other in the order in which they run, with bars; each can be switched off.

One inline component. Any text may stand in it; what is pressed is reported and checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import streamlit as st

from pages._shared.light_component import FRONTEND, light_component
from pages._shared.palette import ACCENT, CONTRAST

# What is below 0 by less than this share of the longest bar needs no room of its own.
_LEAST: Final = 0.02
STREAM_BARS: Final = light_component(
    "stream_bars",
    html="<figure class='bars'></figure>",
    css=(FRONTEND / "stream_bars.css").read_text("utf-8"),
    constants={"ABOVE": ACCENT, "BELOW": CONTRAST},
)


@dataclass(frozen=True)
class Column:
    """Bars of one scale.

    Attributes
    ----------
    name : str
        What they are.
    values : tuple of float or None
        One for each row; None where a row has none.
    digits : int
        Digits after the decimal point.
    """

    name: str
    values: tuple[float | None, ...]
    digits: int = 1


@dataclass(frozen=True)
class Row:
    """A block, or what else has bars.

    Attributes
    ----------
    id : str
        What a press is known by; empty where there is nothing to switch.
    name : str
    off : bool
        Whether it is switched off.
    line : str
        What stands below its bars.
    strong : bool
        Whether that line is said loudly: it is another one than before.
    """

    id: str
    name: str
    off: bool = False
    line: str = ""
    strong: bool = False


def stream_bars(
    rows: Sequence[Row],
    columns: Sequence[Column],
    *,
    key: str,
    version: str,
    name: str,
    title: str,
    text: str,
    on_switch: Callable[[str, bool], None] | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw bars, and report the block that is to be switched.

    Parameters
    ----------
    rows : sequence of Row
    columns : sequence of Column
        Each has a scale of its own; below 0 a bar goes to the left.
    key, version : str
        Key of the component; name of what is shown. A press on what is gone is dropped.
    name, title, text : str
        What the picture is called when it is taken along; heading; the picture in words, shown
        below it.
    on_switch : callable, optional
        Called before the rerun with the id of a row and whether it is to be off. Without it
        nothing can be pressed.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    known = {row.id for row in rows if row.id}

    def receive() -> None:
        pressed = read_switch(st.session_state[key].get("switch"), version, known)
        if pressed is not None and on_switch is not None:
            on_switch(*pressed)

    STREAM_BARS.draw(
        key=key,
        data={
            "name": name,
            "title": title,
            "text": text,
            "rows": [
                {
                    "id": row.id if on_switch is not None else "",
                    "name": row.name,
                    "off": row.off,
                    "line": row.line,
                    "strong": row.strong,
                }
                for row in rows
            ],
            "columns": [_packed(column) for column in columns],
            "version": version,
            "news": news,
        },
        on_switch_change=receive,
    )


def read_switch(message: object, version: str, known: set[str]) -> tuple[str, bool] | None:
    """Check what the browser reported; None for anything but a block that can be switched."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    name, off = message.get("id"), message.get("off")
    if not isinstance(name, str) or name not in known or type(off) is not bool:
        return None
    return name, off


def _packed(column: Column) -> dict[str, object]:
    values = [value for value in column.values if value is not None]
    most = max((abs(value) for value in values), default=0.0) or 1.0
    return {
        "name": column.name,
        "values": [None if value is None else round(value, 6) for value in column.values],
        "digits": column.digits,
        "most": most,
        "signed": any(value < -_LEAST * most for value in values),
    }
