"""Where the reader is in a lesson: a frozen value, and the steps from one to the next.

Nothing here draws or computes. Opening an experiment sets the page up, its change may alter it
again, and closing it brings back the reader's own page: as it was when the first of several was
opened.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Generic

from pages._shared.lesson import State

NOT_SET_UP: Final = "The page could not be set up for this question. Reset the page and try again."
DOES_NOT_FIT: Final = "This question does not fit what is on the page now. Set it up again."
PUT_BACK: Final = "Your page was put back as you had it."
LEFT: Final = (
    "You had changed the page, so it stays as it is. Undo brings back what was there before."
)


@dataclass(frozen=True)
class Result:
    """What became of an experiment.

    Attributes
    ----------
    given : str
        The prediction in words; empty if the reader asked to be shown without one.
    answer, because : str
        The right answer in words and two sentences on it; empty where answers are kept back.
    right : bool
        Whether the prediction was right.
    reason : str
        Why a wrong prediction is not so.
    moved : bool
        Whether the reader had changed the page so that more than the set-up was answered for.
    """

    given: str = ""
    answer: str = ""
    because: str = ""
    right: bool = False
    reason: str = ""
    moved: bool = False


@dataclass(frozen=True)
class Lesson(Generic[State]):
    """Where the reader is in the experiments of a page.

    Attributes
    ----------
    opened : str
        Name of the open experiment; empty if none is.
    set_up : State or None
        The page as it was set up; None where that failed.
    own : State or None
        The reader's own page: as it was when the first of the experiments was opened; None while
        none is open.
    left : State or None
        The page as the lesson last put it: set up, or changed after a prediction.
    edited : bool
        Whether the reader had edited the set-up when it was changed.
    result : Result or None
        What became of the open experiment; None while it waits for a prediction.
    earlier : mapping of str to Result
        What became of experiments the last time, by name.
    problem : str
        What stands in the way, for the reader.
    stuck : bool
        Whether only a new set-up helps.
    said : str
        What became of the page when the last experiment was closed.
    round : int
        Raised with each new question and each result: a message from the browser that is about
        another round comes too late.
    turn : int
        Raised with every answer to the browser, so that it can tell one from the one before.
    started : int or None
        The experiment that a link had the page start on.
    """

    opened: str = ""
    set_up: State | None = None
    own: State | None = None
    left: State | None = None
    edited: bool = False
    result: Result | None = None
    earlier: Mapping[str, Result] = field(default_factory=dict)
    problem: str = ""
    stuck: bool = False
    said: str = ""
    round: int = 0
    turn: int = 0
    started: int | None = None

    def ask(self, name: str, set_up: State | None, present: State) -> Lesson[State]:
        """Return the lesson with an experiment just opened.

        Parameters
        ----------
        name : str
        set_up : State or None
            The page set up for it; None says that it could not be.
        present : State
            The page before that.
        """
        stays = self.left if self.opened else present
        return replace(
            self,
            opened=name,
            set_up=set_up,
            own=self.own if self.opened else present,
            left=stays if set_up is None else set_up,
            edited=self.edited and set_up is None,
            result=None,
            problem="" if set_up is not None else NOT_SET_UP,
            stuck=set_up is None,
            said="",
            round=self.round + 1,
            turn=self.turn + 1,
        )

    def changed(self, state: State, *, edited: bool) -> Lesson[State]:
        """Return the lesson after it changed the page; `edited` if the reader had before."""
        return replace(self, left=state, edited=self.edited or edited)

    def told(self, problem: str, *, stuck: bool = False) -> Lesson[State]:
        """Return the lesson with something standing in the way; the question stays open."""
        return replace(self, problem=problem, stuck=stuck, turn=self.turn + 1)

    def ended(self, result: Result) -> Lesson[State]:
        """Return the lesson with the open experiment's result."""
        return replace(
            self,
            result=result,
            earlier={**self.earlier, self.opened: result},
            problem="",
            stuck=False,
            round=self.round + 1,
            turn=self.turn + 1,
        )

    def closed(self, said: str = "") -> Lesson[State]:
        """Return the lesson with no experiment open, and what became of the page."""
        return replace(
            self,
            opened="",
            set_up=None,
            own=None,
            left=None,
            edited=False,
            result=None,
            problem="",
            stuck=False,
            said=said,
            round=self.round + 1,
            turn=self.turn + 1,
        )
