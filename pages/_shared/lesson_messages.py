"""What a lesson and the browser tell each other: no answer before a prediction, no word trusted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, cast

from pages._shared.lesson import Ask, Choices, Experiment, Number
from pages._shared.lesson_state import Lesson, Result
from pages._shared.predictions import number_range

Act = Literal["open", "predict", "show", "again", "close"]

READY: Final = "Closing brings your page back, unless you edit this."
MOVED: Final = (
    "You had changed the page since it was set up: the answer is for what was on it at that moment."
)
_HEADINGS: Final = {
    "right": "Right",
    "wrong": "Not so",
    "shown": "The answer",
    "noted": "Your prediction is noted",
}
KEPT_BACK: Final = "This link keeps the answers back."
WAS_KEPT_BACK: Final = "Its answer was kept back. Set it up again to predict and see."


@dataclass(frozen=True)
class Wish:
    """What the reader wants.

    Attributes
    ----------
    act : {"open", "predict", "show", "again", "close"}
    name : str
        The experiment that it is about.
    value : object
        The prediction, not yet checked.
    """

    act: Act
    name: str
    value: object = None


def read_wish(
    message: object, lesson: Lesson[Any], experiments: Sequence[Experiment[Any, Any]]
) -> Wish | None:
    """Return what a message from the browser asks for; None if it is not, or no longer, possible.

    Parameters
    ----------
    message : object
        Expected: ``{"act": "open", "name": str}``, or another act with the ``"round"`` that it is
        about and, to predict, a ``"value"``.
    lesson : Lesson
        Where the reader is.
    experiments : sequence of Experiment
        Those of the page.
    """
    if not isinstance(message, Mapping):
        return None
    act, name = message.get("act"), message.get("name")
    names = {experiment.name for experiment in experiments}
    if act == "open":
        return Wish("open", name) if isinstance(name, str) and name in names else None
    if act not in ("predict", "show", "again", "close") or lesson.opened not in names:
        return None
    number = message.get("round")
    if type(number) is not int or number != lesson.round:
        return None
    if act in ("predict", "show") and lesson.result is not None:
        return None
    return Wish(cast(Act, act), lesson.opened, message.get("value"))


def describe_lesson(
    lesson: Lesson[Any],
    experiments: Sequence[Experiment[Any, Any]],
    *,
    tried: frozenset[str],
    hide_answers: bool = False,
    chosen: str = "",
    anew: bool = False,
) -> dict[str, Any]:
    """Return a lesson as the browser reads it.

    Parameters
    ----------
    lesson : Lesson
    experiments : sequence of Experiment
    tried : frozenset of str
        Names of those that have been predicted before.
    hide_answers : bool
        Leave out every answer and whether a prediction was right.
    chosen : str
        For a question for a place: what is chosen on the page.
    anew : bool
        Whether it was chosen since the page was set up.
    """
    names = [experiment.name for experiment in experiments]
    opened = names.index(lesson.opened) if lesson.opened in names else -1
    data: dict[str, Any] = {
        "experiments": [
            {"name": name, "title": one.title, "mark": _mark(name, lesson, tried)}
            for name, one in zip(names, experiments, strict=True)
        ],
        "opened": opened,
        "round": lesson.round,
        "turn": lesson.turn,
    }
    if opened < 0:
        return data | {"said": lesson.said}
    experiment, result = experiments[opened], lesson.result
    if hide_answers and result is not None and not result.given:
        result = None  # was shown where answers were not kept back
    return data | {
        "question": experiment.question,
        "ask": _describe_ask(experiment.ask, chosen, anew=anew),
        "shown_in": experiment.shown_in,
        "ready": READY if lesson.set_up is not None and result is None else "",
        "problem": lesson.problem,
        "stuck": lesson.stuck,
        "can_show": not hide_answers,
        "earlier": _earlier(lesson.earlier.get(lesson.opened), hide_answers=hide_answers),
        "result": None if result is None else _describe_result(result, hide_answers=hide_answers),
    }


def _mark(name: str, lesson: Lesson[Any], tried: frozenset[str]) -> str:
    if name in tried:
        return "tried"
    return "shown" if name in lesson.earlier else ""


def _describe_ask(ask: Ask, chosen: str, *, anew: bool) -> dict[str, Any]:
    if isinstance(ask, Choices):
        return {"kind": "choices", "options": [option.text for option in ask.options]}
    if isinstance(ask, Number):
        return {
            "kind": "number",
            "low": ask.low,
            "high": ask.high,
            "unit": ask.unit,
            "range": number_range(ask),
        }
    return {"kind": "place", "what": ask.what, "chosen": chosen, "anew": anew}


def _earlier(result: Result | None, *, hide_answers: bool) -> str:
    if result is None or not result.given:
        return ""
    said = f"Before, you predicted: {_sentence(result.given)}"
    if hide_answers or not result.answer:
        return said
    return f"{said} That was {'right' if result.right else 'not so'}."


def _describe_result(result: Result, *, hide_answers: bool) -> dict[str, Any]:
    """Return a result as a heading and lines, each a label and what follows it."""
    given = _sentence(result.given)
    if hide_answers or not result.answer:
        kind, note = "noted", KEPT_BACK if hide_answers else WAS_KEPT_BACK
        lines = [["You predicted", given], ["", note]]
    elif not given:
        kind, lines = "shown", [["", f"{_sentence(result.answer)} {result.because}"]]
    elif result.right and result.answer == result.given:
        kind, lines = "right", [["You predicted", given], ["", result.because]]
    else:
        kind = "right" if result.right else "wrong"
        lines = [
            ["You predicted", given],
            *([["", result.reason]] if result.reason else []),
            ["Answer", f"{_sentence(result.answer)} {result.because}"],
        ]
    if result.moved and kind != "noted":
        lines.append(["", MOVED])
    return {"kind": kind, "heading": _HEADINGS[kind], "lines": lines}


def _sentence(text: str) -> str:
    return f"{text}." if text and not text.endswith((".", "!", "?")) else text
