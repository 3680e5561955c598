"""The experiments of every page, with the answers that the lab computes: a list, and its checks.

``python -m tests.experiments`` prints them all; names of pages after it print those alone, as in
``python -m tests.experiments scaled_dot_product``.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from pages._shared.catalog import PAGES, Page
from pages._shared.lesson import Answer, Choices, Experiment, Number, Value, find_answer
from pages._shared.predictions import check_given

PACKAGE: Final = "pages._shared.experiments"
FEWEST, MOST = 3, 5
_SENTENCE_END: Final = re.compile(r"[.!?][”)]?(?=\s|$)")
# One small set of words: a token reads, and what it reads with is its query, which asks.
_NOT_READING: Final = re.compile(r"\b(look|watch|attend|focus)\w*\b", re.IGNORECASE)
_LEFTOVER: Final = re.compile(r"[{}]|\b(nan|inf)\b|\b(array|float\d+|int\d+)\(")


@dataclass(frozen=True)
class Played:
    """One experiment, answered on its set-up and where that is spoiled."""

    page: Page
    experiment: Experiment[Any, Any]
    answer: Answer
    spoiled: Answer
    seen: object

    def name(self, value: Value) -> str:
        """Name a value as the page does under the set-up."""
        return self.experiment.ask.name(value, self.seen)


# --- finding and playing ---------------------------------------------------------------------


def module_of(page: Page) -> ModuleType | None:
    """Return the module with the experiments of a page, if it has any."""
    if find_spec(PACKAGE.rpartition(".")[0]) is None or find_spec(PACKAGE) is None:
        return None
    name = f"{PACKAGE}.{Path(page.file).stem}"
    return import_module(name) if find_spec(name) else None


def play(page: Page, experiment: Experiment[Any, Any], module: ModuleType) -> Played:
    """Compute an experiment's answer on its set-up, and where that is spoiled."""
    state = experiment.set_up(module.start_state())
    return Played(
        page,
        experiment,
        find_answer(experiment, state, module.see),
        find_answer(experiment, experiment.spoiled(state), module.see),
        module.see(state),
    )


# --- what every experiment promises ----------------------------------------------------------


def complaints(played: Played) -> list[str]:
    """Return what an experiment does not keep of its promises."""
    experiment, ask = played.experiment, played.experiment.ask
    stated = experiment.stated
    if not check_given(stated, ask):
        return [f"{stated!r} cannot be predicted"]
    right = ask.grade(stated, played.answer.value)
    spoiled = ask.grade(stated, played.spoiled.value)
    found = {
        f"the set-up gives {played.answer.value!r}, not {stated!r}": not right.right,
        "the spoiled set-up gives the same answer": spoiled.right,
        "the stated answer, once spoiled, has no reason": not spoiled.right and not spoiled.reason,
        "its explanation is not two sentences": any(
            sentences(answer.because) != 2 for answer in (played.answer, played.spoiled)
        ),
        "its question is not one or two sentences": sentences(experiment.question) not in (1, 2),
        "its question does not ask or tell": not experiment.question.endswith(("?", ".")),
    }
    found |= {
        f"“{text}” has something left in it": bool(_LEFTOVER.search(text)) for text in texts(played)
    }
    found |= {
        f"“{text}” has another word for reading": bool(_NOT_READING.search(text))
        for text in texts(played)
    }
    return [*(text for text, wrong in found.items() if wrong), *_complaints_of_ask(played)]


def page_complaints(experiments: Sequence[Experiment[Any, Any]]) -> list[str]:
    """Return what the experiments of one page, together, do not keep."""
    names = [experiment.name for experiment in experiments]
    titles = [experiment.title for experiment in experiments]
    found = {
        f"{len(names)} experiments, not {FEWEST} to {MOST}": not FEWEST <= len(names) <= MOST,
        "two have the same name": len(set(names)) < len(names),
        "two have the same title": len(set(titles)) < len(titles),
        "a name is not one word of small letters, digits and hyphens": any(
            not re.fullmatch(r"[a-z0-9_-]+", name) for name in names
        ),
    }
    return [text for text, wrong in found.items() if wrong]


def _complaints_of_ask(played: Played) -> Iterator[str]:
    ask = played.experiment.ask
    if isinstance(ask, Choices):
        if len({option.text for option in ask.options}) < max(2, len(ask.options)):
            yield "it needs two or more options, no two alike"
        yield from (
            f"“{option.text}” has no reason why not"
            for option in ask.options
            if not option.why_not.strip()
        )
    elif isinstance(ask, Number):
        if not (ask.too_low.strip() and ask.too_high.strip()):
            yield "a number too low or too high has no reason"
        guesses = [ask.low, ask.high]
        if all(ask.grade(guess, played.answer.value).right for guess in guesses):
            yield "every number is right"
        if ask.within < 0.5 * 10**-ask.digits:
            yield "the answer as it is written may count as wrong"
    elif not played.name(played.answer.value).strip():
        yield "the right place has no name"


def texts(played: Played) -> list[str]:
    """Return everything that a reader may be told by an experiment."""
    experiment, ask = played.experiment, played.experiment.ask
    values: list[Value] = [experiment.stated, played.answer.value, played.spoiled.value]
    told = [experiment.title, experiment.question, played.answer.because, played.spoiled.because]
    told += [played.name(value) for value in values]
    told += [ask.grade(value, played.answer.value).reason for value in values]
    if isinstance(ask, Choices):
        told += [text for option in ask.options for text in (option.text, option.why_not)]
    elif isinstance(ask, Number):
        told += [ask.too_low, ask.too_high, ask.unit]
    else:
        told.append(ask.what)
    return told


def sentences(text: str) -> int:
    """Count sentences: a dot inside a number ends none, and what is left over at the end is one."""
    ends = list(_SENTENCE_END.finditer(text))
    return len(ends) + (not ends or ends[-1].end() < len(text.rstrip()))


# --- the list --------------------------------------------------------------------------------


@dataclass
class Report:
    """Prints experiments as text."""

    write: Callable[[str], object] = print
    wrong: list[str] = field(default_factory=list)

    def page(self, page: Page, module: ModuleType) -> None:
        """Print every experiment of a page."""
        self.write(f"{page.title}\n{'=' * len(page.title)}\n")
        for number, experiment in enumerate(module.EXPERIMENTS, 1):
            self.experiment(number, play(page, experiment, module))
        self.note(page.title, page_complaints(module.EXPERIMENTS))

    def experiment(self, number: int, played: Played) -> None:
        """Print one experiment with its answers."""
        experiment = played.experiment
        self.write(f"{number}. {experiment.title}  [{experiment.name}]")
        self.write(f"   {experiment.question}")
        for line in _offers(experiment):
            self.write(f"     {line}")
        self.write(f"   Answer: {played.name(played.answer.value)}")
        self.write(f"   {played.answer.because}")
        self.write(f"   Spoiled: {played.name(played.spoiled.value)}")
        self.write(f"   {played.spoiled.because}\n")
        self.note(f"{played.page.title}, {experiment.name}", complaints(played))

    def note(self, where: str, found: list[str]) -> None:
        """Print and remember what is wrong."""
        for complaint in found:
            self.write(f"   WRONG: {complaint}\n")
            self.wrong.append(f"{where}: {complaint}")


def _offers(experiment: Experiment[Any, Any]) -> list[str]:
    ask = experiment.ask
    if isinstance(ask, Choices):
        return [f"- {option.text}" for option in ask.options]
    if isinstance(ask, Number):
        unit = f" {ask.unit}".rstrip()
        return [f"a number from {ask.low:g} to {ask.high:g}{unit}, within {ask.within:g}"]
    return [f"a place: {ask.what}"]


def main(stems: Sequence[str]) -> int:
    """Print the experiments of these pages, or of all; 1 if one breaks a promise."""
    logging.disable(logging.WARNING)  # Streamlit's caches say that no app is running
    report = Report()
    for page in PAGES:
        module = module_of(page)
        if module is not None and (not stems or Path(page.file).stem in stems):
            report.page(page, module)
    return int(bool(report.wrong))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
