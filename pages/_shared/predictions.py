"""Predictions: which of them a question takes, and what is said of one that it does not."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from numbers import Integral, Real
from typing import Final, TypeGuard

from pages._shared.lesson import Ask, Choices, Experiment, Number, Seen, State, Value

NOTHING_CHOSEN: Final = "Choose one of the answers first."

_log: Final = logging.getLogger(__name__)


def check_given(given: object, ask: Ask) -> TypeGuard[Value]:
    """Whether what a browser or a page gave is a prediction that this question takes."""
    if not answers(ask, given):
        return False
    return not isinstance(ask, Number) or ask.low <= given <= ask.high  # type: ignore[operator]


def answers(ask: Ask, value: object) -> bool:
    """Whether a value is of the kind that is asked for, and finite."""
    if isinstance(ask, Choices):
        return _whole(value) and 0 <= value < len(ask.options)  # type: ignore[operator]
    if isinstance(ask, Number):
        return isinstance(value, Real) and not isinstance(value, bool) and _finite(value)
    if isinstance(value, tuple):
        return len(value) == 2 and all(_whole(part) for part in value)
    return _whole(value)


def missing(ask: Ask) -> str:
    """Say what a prediction needs, to a reader whose prediction is none."""
    if isinstance(ask, Choices):
        return NOTHING_CHOSEN
    if isinstance(ask, Number):
        return f"Write a number. {number_range(ask)}"
    return f"Choose {ask.what} first."


def number_range(ask: Number) -> str:
    """Say in which range a prediction can be."""
    low, high = (f"{bound:,g}".replace("-", "−") for bound in (ask.low, ask.high))
    return f"Between {low} and {high}{f' {ask.unit}' if ask.unit else ''}."


def name_place(
    experiment: Experiment[State, Seen], place: Value | None, see: Callable[[], Seen]
) -> str:
    """Name the place that is chosen on a page; nothing where none is.

    Parameters
    ----------
    experiment : Experiment
    place : int, tuple or None
    see : callable
        Computes what the page shows; not called where nothing is chosen.
    """
    try:
        return experiment.ask.name(place, see()) if check_given(place, experiment.ask) else ""
    except Exception:
        _log.exception("The experiment %r has no name for %r", experiment.name, place)
        return ""


def _finite(value: Real) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond every float
        return False


def _whole(value: object) -> bool:
    return isinstance(value, Integral) and not isinstance(value, bool)
