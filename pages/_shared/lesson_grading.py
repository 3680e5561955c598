"""Answering an experiment: setting the page up, grading a prediction, or only noting it down.

An experiment that fails on a page state that its author did not think of leads to a plain
sentence; what went wrong is in the log.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from pages._shared.lesson import (
    Answer,
    DoesNotFitError,
    Experiment,
    Seen,
    State,
    Value,
    find_answer,
)
from pages._shared.lesson_state import DOES_NOT_FIT, Lesson, Result
from pages._shared.predictions import answers

_log: Final = logging.getLogger(__name__)


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
        seen = see(present)
        answer = find_answer(experiment, present, see)
        if not answers(ask, answer.value):
            msg = f"the experiment {experiment.name!r} answers {answer.value!r}"
            raise ValueError(msg)
        result = Result(
            given="" if given is None else ask.name(given, seen),
            answer=ask.name(answer.value, seen),
            because=answer.because,
            moved=_moved(lesson, experiment, present, answer, see),
        )
        if given is not None:
            grade = ask.grade(given, answer.value)
            result = replace(result, right=grade.right, reason=grade.reason)
    except DoesNotFitError as error:
        return lesson.told(f"{DOES_NOT_FIT} {error}", stuck=True)
    except Exception:
        return _does_not_fit(lesson, experiment)
    return lesson.ended(result)


def note(
    lesson: Lesson[State],
    experiment: Experiment[State, Seen],
    given: Value,
    present: State,
    see: Callable[[State], Seen],
) -> Lesson[State]:
    """Take a prediction down without an answer, for a link that keeps answers back.

    Parameters are those of `predict`.
    """
    try:
        return lesson.ended(Result(given=experiment.ask.name(given, see(present))))
    except Exception:
        return _does_not_fit(lesson, experiment)


def _does_not_fit(lesson: Lesson[State], experiment: Experiment[State, Seen]) -> Lesson[State]:
    """Say plainly that something went wrong; what it was is in the log."""
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
