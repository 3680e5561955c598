"""Experiments: set the page up, predict, and see what the live numbers say.

An experiment never holds its answer. It says how to set the page up, what to ask, what to change
once the prediction stands, and how to read the answer from what was computed before and after that
change. `stated` and `spoiled` are there for the tests alone: the first is the answer that its
author expects, the second a set-up in which another answer is right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

State = TypeVar("State")
Seen = TypeVar("Seen")
# The index of a choice, a number, a cell (row, column), or a patch.
Value = int | float | tuple[int, int]


class DoesNotFitError(ValueError):
    """The question does not fit what is on the page; the text says why, in a plain sentence."""


@dataclass(frozen=True)
class Option:
    """One of several answers, and why it is not so: told to whoever chose it wrongly."""

    text: str
    why_not: str


@dataclass(frozen=True)
class Choices:
    """A question with answers to choose from; the answer is an option's index."""

    options: tuple[Option, ...]

    def grade(self, given: Value, right: Value) -> Grade:
        """Compare the option chosen with the one that is right."""
        correct = given == right
        return Grade(correct, "" if correct else self.options[int(_number(given))].why_not)

    def name(self, value: Value, seen: object = None) -> str:
        """Return the text of an option."""
        del seen
        return self.options[int(_number(value))].text


@dataclass(frozen=True)
class Number:
    """A question for a number.

    Attributes
    ----------
    low, high : float
        The range in which a prediction can be entered.
    within : float
        How far from the answer a prediction may be and still count as right.
    too_low, too_high : str
        Why a smaller or a larger prediction is not so.
    digits : int
        Digits after the decimal point, as the answer is written.
    unit : str
        What is counted, such as "nats".
    """

    low: float
    high: float
    within: float
    too_low: str
    too_high: str
    digits: int = 2
    unit: str = ""

    def grade(self, given: Value, right: Value) -> Grade:
        """Compare a number with the right one."""
        # In binary, 1.05 is a little more than 0.05 away from 1.
        gap = round(_number(given) - _number(right), 9)
        if abs(gap) <= self.within:
            return Grade(True, "")
        return Grade(False, self.too_low if gap < 0 else self.too_high)

    def name(self, value: Value, seen: object = None) -> str:
        """Write a number, with its unit."""
        del seen
        text = f"{_number(value):.{self.digits}f}".replace("-", "−")
        return f"{text} {self.unit}".rstrip()


@dataclass(frozen=True)
class Place:
    """A question for a place: a cell of a matrix, or a patch of a photo, that the reader chooses.

    Attributes
    ----------
    what : str
        What to choose, such as "a cell of Weights".
    called : callable
        Names a place in words, given what the page shows. What a board or a map says in the
        browser of a place that is chosen there is to be the same words.
    why_not : callable
        Says of a wrong place, given the right one, why it is not.
    near : callable
        Whether a place is near enough to the right one to count; by default only itself.
    """

    what: str
    called: Callable[[Value, Any], str]
    why_not: Callable[[Value, Value], str]
    near: Callable[[Value, Value], bool] = lambda given, right: given == right

    def grade(self, given: Value, right: Value) -> Grade:
        """Compare the place chosen with the right one."""
        correct = self.near(given, right)
        return Grade(correct, "" if correct else self.why_not(given, right))

    def name(self, value: Value, seen: object = None) -> str:
        """Name a place on a page that shows this."""
        return self.called(value, seen)


Ask = Choices | Number | Place


@dataclass(frozen=True)
class Grade:
    """Whether a prediction was right and, where it was not, the reason."""

    right: bool
    reason: str


@dataclass(frozen=True)
class Answer:
    """What the live numbers say: the right answer, and two sentences on it, made from them."""

    value: Value
    because: str


def _same(state: State) -> State:
    return state


@dataclass(frozen=True)
class Experiment(Generic[State, Seen]):
    """One thing to try on a page.

    Attributes
    ----------
    name : str
        Unlike that of any other experiment of the page; kept in progress and links.
    title : str
        A few words for the list.
    question : str
        One or two sentences; what is on the screen when they are read is the set-up.
    ask : Choices, Number or Place
    set_up : callable
        Sets the page up: takes its present state, returns the new one.
    answer : callable
        Reads the answer from what was computed before and after `change`; raises
        `DoesNotFitError` where there is none.
    stated : int, float or tuple
        The answer that the author expects under the set-up. Tests hold it to `answer`; grading
        never looks at it.
    spoiled : callable
        Turns the set-up into one in which another answer is right, for the tests.
    change : callable
        What happens to the page once the prediction stands; nothing by default.
    shown_in : str
        Title of the matrix that shows the answer, as "Weights": on a screen too small for all of
        a board that is the part to bring into view.
    """

    name: str
    title: str
    question: str
    ask: Ask
    set_up: Callable[[State], State]
    answer: Callable[[Seen, Seen], Answer]
    stated: Value
    spoiled: Callable[[State], State]
    change: Callable[[State], State] = _same
    shown_in: str = ""


def find_answer(
    experiment: Experiment[State, Seen], state: State, see: Callable[[State], Seen]
) -> Answer:
    """Compute an experiment's answer on a page in this state.

    Parameters
    ----------
    experiment : Experiment
    state : State
        As the page is when the prediction stands, the change not yet made.
    see : callable
        Computes what a page shows in a state.
    """
    return experiment.answer(see(state), see(experiment.change(state)))


def _number(value: Value) -> float:
    if isinstance(value, tuple):
        msg = f"a cell {value} is not a number"
        raise TypeError(msg)
    return float(value)
