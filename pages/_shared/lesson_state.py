"""Where the reader is in a lesson: a frozen value, and the steps from one to the next.

Nothing here draws. Opening an experiment sets the page up; a prediction is compared with what the
live numbers say, on the page as it is at that moment. An experiment that fails on a page state
that its author did not think of leads to a plain sentence; what went wrong is in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final, Generic

from pages._shared.lesson import (
    Answer,
    DoesNotFitError,
    Experiment,
    Seen,
    State,
    Value,
    find_answer,
)
from pages._shared.predictions import answers

NOT_SET_UP: Final = "The page could not be set up for this question. Reset the page and try again."
DOES_NOT_FIT: Final = "This question does not fit what is on the page now. Set it up again."

_log: Final = logging.getLogger(__name__)


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
    result : Result or None
        What became of the open experiment; None while it waits for a prediction.
    earlier : mapping of str to Result
        What became of experiments the last time, by name.
    problem : str
        What stands in the way, for the reader.
    stuck : bool
        Whether only a new set-up helps.
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
    result: Result | None = None
    earlier: Mapping[str, Result] = field(default_factory=dict)
    problem: str = ""
    stuck: bool = False
    round: int = 0
    turn: int = 0
    started: int | None = None

    def ask(self, name: str, set_up: State | None) -> Lesson[State]:
        """Return the lesson with an experiment just opened; no set-up says that it failed."""
        return replace(
            self,
            opened=name,
            set_up=set_up,
            result=None,
            problem="" if set_up is not None else NOT_SET_UP,
            stuck=set_up is None,
            round=self.round + 1,
            turn=self.turn + 1,
        )

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

    def closed(self) -> Lesson[State]:
        """Return the lesson with no experiment open."""
        return replace(
            self,
            opened="",
            set_up=None,
            result=None,
            problem="",
            stuck=False,
            round=self.round + 1,
            turn=self.turn + 1,
        )


def set_up_page(experiment: Experiment[State, Seen], present: State) -> State | None:
    """Return the page set up for an experiment, or None where that fails."""
    try:
        return experiment.set_up(present)
    except Exception:
        _log.exception("The set-up of the experiment %r failed", experiment.name)
        return None


def predict(
    lesson: Lesson[State],
    experiment: Experiment[State, Seen],
    given: Value | None,
    present: State,
    see: Callable[[State], Seen],
) -> Lesson[State]:
    """Compare a prediction with what the live numbers say.

    Parameters
    ----------
    lesson : Lesson
        With `experiment` open.
    experiment : Experiment
    given : int, float or tuple, optional
        The prediction; None if the reader asks to be shown without one.
    present : State
        What is on the page.
    see : callable
        Computes what a page shows in a state.

    Returns
    -------
    Lesson
        With a result or, if the question does not fit the page, with a problem.
    """
    ask = experiment.ask
    try:
        answer = find_answer(experiment, present, see)
        if not answers(ask, answer.value):
            msg = f"the experiment {experiment.name!r} answers {answer.value!r}"
            raise ValueError(msg)
        result = Result(
            given="" if given is None else ask.name(given),
            answer=ask.name(answer.value),
            because=answer.because,
            moved=_moved(lesson, experiment, present, answer, see),
        )
        if given is not None:
            grade = ask.grade(given, answer.value)
            result = replace(result, right=grade.right, reason=grade.reason)
    except DoesNotFitError as error:
        return lesson.told(f"{DOES_NOT_FIT} {error}", stuck=True)
    except Exception:
        _log.exception("The experiment %r does not fit the page", experiment.name)
        return lesson.told(DOES_NOT_FIT, stuck=True)
    return lesson.ended(result)


def note(lesson: Lesson[State], experiment: Experiment[State, Seen], given: Value) -> Lesson[State]:
    """Take a prediction down without an answer, for a link that keeps answers back."""
    try:
        return lesson.ended(Result(given=experiment.ask.name(given)))
    except Exception:
        _log.exception("The experiment %r does not fit the page", experiment.name)
        return lesson.told(DOES_NOT_FIT, stuck=True)


def _moved(
    lesson: Lesson[State],
    experiment: Experiment[State, Seen],
    present: State,
    answer: Answer,
    see: Callable[[State], Seen],
) -> bool:
    """Whether the page was changed in a way that the answer, or its explanation, shows.

    Choosing a cell changes a page's state too, and most changes have nothing to do with the
    question; what the set-up itself would have answered tells the difference.
    """
    if lesson.set_up is None or lesson.set_up is present:
        return False
    try:
        return find_answer(experiment, lesson.set_up, see) != answer
    except Exception:
        _log.exception("The set-up of the experiment %r has no answer", experiment.name)
        return True
