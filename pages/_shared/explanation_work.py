"""The work behind an explanation: how a patch's relevance and an area come about."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from core.faithfulness import area
from core.head_sweep import advance_heads, ranked_heads
from pages._shared.arithmetic import fraction, sum_of
from pages._shared.explanation_runs import trial_of, trial_trainer
from pages._shared.explanations import GRADIENT, Subject, answer_without, explained
from pages._shared.explanations import functions_that_ran as explaining_functions
from pages._shared.vision_words import place
from pages._shared.words import number
from pages._shared.work import Work

_DIGITS: Final = 5


def explanation_work(subject: Subject, key: str) -> Work:
    """Return the arithmetic behind the strongest patch of the gradient explanation.

    Parameters
    ----------
    subject : Subject
    key : str
        That of the view, whose test may have run.
    """
    return Work(
        heading="The arithmetic behind the strongest patch of gradient × attention",
        lines=lambda: [*_relevance_lines(subject), *_area_lines(subject, key)],
        numpy=None,
        torch=None,
        functions=explaining_functions,
    )


def ranking_work(subject: Subject) -> Work:
    """Return what it means to drop a head."""
    return Work(
        heading="What dropping a head is",
        lines=lambda: [
            "output of a dropped head = 0 · (weights · <i>V</i>) = 0, for every token, before W_O",
            f"change = {subject.unit} without the head − {number(explained(subject).value, 4)}",
        ],
        numpy=None,
        torch=None,
        functions=_head_functions,
    )


def _head_functions() -> tuple[Callable[..., Any], ...]:
    from core.vit import forward

    return (advance_heads, ranked_heads, answer_without, forward)


def _relevance_lines(subject: Subject) -> list[str]:
    made = explained(subject)
    relevance = made.maps[GRADIENT]
    strongest, total = int(relevance.argmax()), float(relevance.sum())
    value = float(relevance[strongest])
    lines = [
        "R = identity; then in each layer, from the first on, "
        "R ← R + mean over heads of max(slope · weight, 0) · R",
        "slope: by how much the score would change for each unit of that weight",
        f"relevance of the patch in {place(strongest, subject.grid)} = {number(value, _DIGITS)}, "
        f"of all {subject.n_patches} = {number(total, _DIGITS)}",
    ]
    if total > 0:
        share = value / total
        lines.append(
            f"share = {fraction(number(value, _DIGITS), number(total, _DIGITS))} = "
            f"{number(share, _DIGITS)}; · {subject.n_patches} = "
            f"{number(share * subject.n_patches)} times an even share"
        )
    return lines


def _area_lines(subject: Subject, key: str) -> list[str]:
    """Write the area under one curve out, if the test of this subject has come to its end."""
    kept = trial_trainer(key).trained
    if kept is None or kept.settings != trial_of(key, subject) or kept.run.sweep.waiting:
        return ["after the test above, an area is written out here"]
    sweep = kept.run.sweep
    name, order = next(pair for pair in sweep.trial.orders if pair[0] == GRADIENT)
    outputs, counts = sweep.curve(order, "deletion") or (), sweep.trial.counts
    steps = [
        f"({number(one, 3)} + {number(other, 3)}) / 2 · {after - before}/{counts[-1]}"
        for one, other, before, after in zip(outputs, outputs[1:], counts, counts[1:], strict=False)
    ]
    return [
        f"area of {name.lower()} under deletion = {sum_of(steps)} = "
        f"{number(area(counts, outputs), 4)}"
    ]
