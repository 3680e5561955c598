"""Traps: mistakes that teaching code is known for, as values.

Which trap of a page is open and where its knobs stand is part of the page's state: a `TrapChoice`
in the field ``trap``, in the link but no step to undo. `pages._shared.trap_lab` draws them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any, Generic

from core.packing import Codec, one_of
from pages._shared.lesson import Seen
from pages._shared.matrix import Matrix


@dataclass(frozen=True)
class Knob:
    """What the reader turns: a few stops in a row, up to four as buttons, more as a slider.

    Attributes
    ----------
    label : str
    stops : tuple of str
        What stands at each stop.
    start : int
        Where it stands when the trap is opened.
    """

    label: str
    stops: tuple[str, ...]
    start: int = 0


@dataclass(frozen=True)
class TrapChoice:
    """Which trap is open, none by default, and where its knobs stand."""

    name: str = ""
    stops: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Exhibit:
    """What a trap shows at one position of its knobs.

    Attributes
    ----------
    rows : sequence of rows of Matrix and str
        What is wrong beside what is right, for a board; read-only.
    said : str
        One or two sentences made from the numbers. They may hold a reader's words.
    wrong, right : str
        The line of code that does it and the line to write. Two lines at most.
    """

    rows: Sequence[Sequence[Matrix | str]]
    said: str
    wrong: str
    right: str


@dataclass(frozen=True)
class Trap(Generic[Seen]):
    """One mistake.

    Attributes
    ----------
    name : str
        Unlike that of any other trap of the page; never shown.
    title : str
        A few words for the row of choices.
    about : str
        One sentence: what the mistake is and where it is met.
    knobs : tuple of Knob
    show : callable
        Returns the exhibit, given what the page shows and the stops of the knobs.
    """

    name: str
    title: str
    about: str
    knobs: tuple[Knob, ...]
    show: Callable[[Seen, tuple[int, ...]], Exhibit]

    def opened(self) -> TrapChoice:
        """Return the choice of this trap with its knobs where they start."""
        return TrapChoice(self.name, tuple(knob.start for knob in self.knobs))

    def choices(self) -> list[TrapChoice]:
        """Return this trap with its knobs at every place."""
        places = product(*(range(len(knob.stops)) for knob in self.knobs))
        return [TrapChoice(self.name, place) for place in places]


def trap_codec(traps: Sequence[Trap[Any]]) -> Codec[TrapChoice]:
    """Return the codec of the field ``trap`` in the link of a page with these traps."""
    return one_of((TrapChoice(), *(choice for trap in traps for choice in trap.choices())))


def open_exhibit(traps: Sequence[Trap[Seen]], choice: TrapChoice, seen: Seen) -> Exhibit | None:
    """Return what the open trap shows on a page that shows this; None if none is open."""
    trap = next((trap for trap in traps if trap.name == choice.name), None)
    return None if trap is None else trap.show(seen, choice.stops)


def trap_matrices(traps: Sequence[Trap[Seen]], choice: TrapChoice, seen: Seen) -> dict[str, Matrix]:
    """Return the matrices of the open trap by name, for those who take them along."""
    exhibit = open_exhibit(traps, choice, seen)
    parts = () if exhibit is None else (part for row in exhibit.rows for part in row)
    return {part.id: part for part in parts if isinstance(part, Matrix)}


def describe_trap(trap: Trap[Any]) -> dict[str, Any]:
    """Return a trap as the browser reads it."""
    knobs = [{"label": knob.label, "stops": knob.stops} for knob in trap.knobs]
    starts = [knob.start for knob in trap.knobs]
    parts = {"name": trap.name, "title": trap.title, "about": trap.about}
    return {**parts, "knobs": knobs, "starts": starts}


def describe_exhibit(exhibit: Exhibit) -> dict[str, str]:
    """Return words and code of an exhibit as the browser reads them."""
    return {"said": exhibit.said, "wrong": exhibit.wrong, "right": exhibit.right}


def read_choice(message: object, traps: Sequence[Trap[Any]]) -> TrapChoice | None:
    """Return the choice in a message from the browser; None if there is no such choice."""
    if not isinstance(message, Mapping):
        return None
    name, stops = message.get("name"), message.get("stops")
    if name == "" and stops == []:
        return TrapChoice()
    if not isinstance(stops, list) or not all(type(stop) is int for stop in stops):
        return None
    wanted = (choice for trap in traps if trap.name == name for choice in trap.choices())
    return next((choice for choice in wanted if choice.stops == tuple(stops)), None)
