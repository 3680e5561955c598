"""The work behind the image classification page, and what can be taken along from it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from core.digits import N_HELD_OUT, N_PICTURES
from core.notebook import notebook
from pages._shared import classify_photo_work, digit_look_work, digit_weights
from pages._shared.answer_arithmetic import (
    AnswerCase,
    Linear,
    answer_cells,
    answer_lines,
    answer_program,
)
from pages._shared.classify_scene import (
    DECIDED,
    DIGITS,
    EXPLAINED_DIGIT,
    HEADS,
    LEARNED,
    NAMED,
    RANKED,
    TRAIN,
    Scene,
    see,
)
from pages._shared.classify_state import STORE
from pages._shared.classify_subjects import digit_subject
from pages._shared.digit_weights_scene import part_shown, parts_of
from pages._shared.explanation_panels import explanation_arrays
from pages._shared.explanation_runs import occluded
from pages._shared.explanation_work import explanation_work, ranking_work
from pages._shared.files import About, Tabular
from pages._shared.take import Takeaway
from pages._shared.words import number
from pages._shared.work import Work

_OPENING: Final = "# How does it name what it sees, and which patches decided?"
_BATCH: Final = 64


def work_of(scene: Scene) -> Work | None:
    """Return the arithmetic, the programs and the source behind a view; None where it has none."""
    if scene.state.model != DIGITS:
        return classify_photo_work.work_of(scene)
    return _WORKS[scene.view](scene)


def digit_answer(scene: Scene) -> AnswerCase:
    """Return what the answer to a digit is read from, and what comes of it."""
    attention = scene.digit.attention
    parameters = digit_weights.parameters_of(scene.digit_model)
    patches = attention.tokens[attention.n_prefix_tokens :]
    linear = Linear(
        feature=attention.tokens[0] if attention.has_class_token else patches.mean(axis=0),
        directions=parameters["answer_W"],
        offsets=parameters["answer_b"],
    )
    names = tuple(str(digit) for digit in range(attention.logits.size))
    return AnswerCase(names, attention.logits, linear)


def _answer_work(scene: Scene) -> Work:
    case = digit_answer(scene)
    return Work(
        heading=f"The arithmetic behind the {case.winner}",
        lines=lambda: answer_lines(case),
        numpy=lambda: answer_program(case, "np"),
        torch=lambda: answer_program(case, "torch"),
        functions=digit_look_work.functions_that_ran,
    )


def _counting_work(scene: Scene) -> Work:
    return Work(
        heading="How many numbers it learned",
        lines=lambda: _counting_lines(scene),
        numpy=None,
        torch=None,
        functions=_counting_functions,
    )


def _counting_lines(scene: Scene) -> list[str]:
    parameters = digit_weights.parameters_of(scene.digit_model)
    n_heads = scene.digit_model.model.n_heads
    lines, totals = [], []
    for part in parts_of(parameters):
        shown = part_shown(part, parameters, n_heads)
        matrices = [parameters[name] for one in shown for name in one.names]
        terms = [" × ".join(str(size) for size in matrix.shape) for matrix in matrices]
        totals.append(sum(matrix.size for matrix in matrices))
        lines.append(f"{part} = {' + '.join(terms)} = {totals[-1]:,}")
    return [*lines, f"all = {' + '.join(f'{total:,}' for total in totals)} = {sum(totals):,}"]


def _training_work(scene: Scene) -> Work:
    settings = scene.state.training
    n_training = N_PICTURES - N_HELD_OUT
    seen = settings.n_steps * _BATCH
    return Work(
        heading="What a training is",
        lines=lambda: [
            "loss = mean over the batch of −ln(probability of the digit that was meant)",
            "each weight ← weight − rate · slope of the loss by it, as Adam smooths it",
            f"{settings.n_steps:,} steps · {_BATCH} pictures = {seen:,} = "
            f"{number(seen / n_training, 1)} times the {n_training:,} it is trained on",
            f"a loss of ln 10 = {number(float(np.log(10)), 3)} is guessing",
        ],
        numpy=None,
        torch=None,
        functions=_training_functions,
    )


def _counting_functions() -> tuple[Callable[..., Any], ...]:
    from core.vit_parameters import named_parameters

    return (named_parameters,)


def _training_functions() -> tuple[Callable[..., Any], ...]:
    from core import adam, digit_pictures, digit_training, digit_vit

    return (
        digit_training.advance,
        adam.adam_step,
        digit_pictures.bent,
        digit_training.confusion,
        digit_vit.empty_backbone,
    )


_WORKS: Final[dict[str, Callable[[Scene], Work]]] = {
    NAMED: _answer_work,
    HEADS: lambda scene: digit_look_work.work_of(scene.digit),
    DECIDED: lambda scene: explanation_work(digit_subject(scene), EXPLAINED_DIGIT),
    RANKED: lambda scene: ranking_work(digit_subject(scene)),
    LEARNED: _counting_work,
    TRAIN: _training_work,
}


# ---- what can be taken along


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page."""
    scene = see(STORE.current)
    if scene.state.model != DIGITS:
        return classify_photo_work.take_arrays(scene)
    arrays = digit_look_work.take_arrays(scene.digit)
    if scene.view == LEARNED:
        parameters = digit_weights.parameters_of(scene.digit_model)
        return arrays | digit_weights.take_weights(parameters)
    linear = digit_answer(scene).linear
    if scene.view == NAMED and linear is not None:
        made_from = {"x": linear.feature, "W": linear.directions, "b": linear.offsets}
        return arrays | made_from | {"logits": scene.digit.attention.logits}
    if scene.view == DECIDED:
        subject = digit_subject(scene)
        return arrays | explanation_arrays(subject, occluded(EXPLAINED_DIGIT, subject))
    return arrays


def take_notebook() -> str:
    """Return a notebook of what is on the page: the answer, or one row of attention."""
    scene = see(STORE.current)
    if scene.state.model != DIGITS:
        return classify_photo_work.take_notebook(scene, _OPENING)
    if scene.view == HEADS:
        return digit_look_work.notebook_of(scene.digit, _OPENING)
    return notebook(answer_cells(digit_answer(scene), _OPENING))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    picture = scene.digit_name if scene.state.model == DIGITS else scene.picture.alt
    return About(
        page="Image classification",
        state=f"{scene.state.model} · {scene.view} · {picture}",
    )


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
