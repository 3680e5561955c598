"""Undo and redo: the states that a page was in before, and those that were taken back."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Generic, TypeVar

import numpy as np

State = TypeVar("State")

MOST_STEPS: Final = 100
# Changes of the same thing in quick succession, as a drag makes them, are one step.
TOGETHER_SECONDS: Final = 0.8

Change = frozenset[tuple[str, tuple[int, ...]]]


@dataclass(frozen=True)
class History(Generic[State]):
    """What led to the present state, and what was undone.

    Attributes
    ----------
    past, future : tuple of states
        The latest last in `past`, the next first in `future`.
    changed : Hashable
        What the latest step changed; None if nothing may join it.
    seconds : float
        When that was, on a clock that only goes forward.
    """

    past: tuple[State, ...] = ()
    future: tuple[State, ...] = ()
    changed: Hashable = None
    seconds: float = 0.0

    def stepped(self, before: State, changed: Hashable, seconds: float) -> History[State]:
        """Return the history after a change that led away from `before`.

        A `changed` of None is a step of its own, whatever came shortly before.
        """
        together = (
            self.past
            and changed is not None
            and changed == self.changed
            and seconds - self.seconds < TOGETHER_SECONDS
            and not self.future
        )
        past = self.past if together else (*self.past, before)[-MOST_STEPS:]
        return History(past, (), changed, seconds)

    def undone(self, present: State) -> tuple[History[State], State]:
        """Return the history one step back and the state to go to; nothing past, no change."""
        if not self.past:
            return self, present
        *past, before = self.past
        back = replace(self, past=tuple(past), future=(present, *self.future), changed=None)
        return back, before

    def redone(self, present: State) -> tuple[History[State], State]:
        """Return the history one step on and the state to go to; nothing undone, no change."""
        if not self.future:
            return self, present
        after, *future = self.future
        on = replace(self, past=(*self.past, present), future=tuple(future), changed=None)
        return on, after


def what_changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> Change:
    """Return the names of the values that differ and, for arrays, the places where they do.

    Parameters
    ----------
    before, after : mapping of str to value
        With the same names. Arrays may hold NaN, which equals itself here; arrays of different
        shapes differ as a whole.
    """
    changes: list[tuple[str, tuple[int, ...]]] = []
    for name, old in before.items():
        new = after[name]
        if isinstance(old, np.ndarray) and isinstance(new, np.ndarray):
            places = _places(old, new)
            if places is None or places:
                changes.append((name, places or ()))
        # An array is not compared with None: it would answer for every cell.
        elif isinstance(old, np.ndarray) or isinstance(new, np.ndarray) or old != new:
            changes.append((name, ()))
    return frozenset(changes)


def _places(old: np.ndarray[Any, Any], new: np.ndarray[Any, Any]) -> tuple[int, ...] | None:
    if old.shape != new.shape:
        return None
    differs = old != new
    if old.dtype.kind == "f":
        differs &= ~(np.isnan(old) & np.isnan(new))
    return tuple(np.flatnonzero(differs).tolist())
