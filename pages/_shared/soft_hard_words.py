"""The page on soft and hard attention in words and arithmetic."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.draws import expected_error, reinforce_gradients
from core.hard_attention import ARGMAX, GUMBEL, SAMPLE, SOFT, STRAIGHT
from pages._shared import arithmetic
from pages._shared.soft_hard_scene import FREQUENCIES, GRADIENTS, ROWS, Scene
from pages._shared.words import bracketed, number, what_it_reads

FloatArray = NDArray[np.float64]

_KIND: Final[dict[str, str]] = {
    SOFT: "Soft",
    FREQUENCIES: "The mean of the draws",
    ARGMAX: "Argmax",
    SAMPLE: "The sample",
    GUMBEL: "Gumbel-softmax",
    STRAIGHT: "Straight-through",
}
# An error below this is none.
NOTHING: Final = 5e-7


def kind_name(row: str) -> str:
    """Return what a row of `ROWS` is called at the start of a sentence."""
    return _KIND[row]


def small(value: float) -> str:
    """Write a number that may be small: with two digits that mean something, if there are any."""
    if abs(value) < NOTHING or abs(value) >= 0.095:
        return number(value)
    return number(value, min(6, 1 - math.floor(math.log10(abs(value)))))


def what_each_takes(scene: Scene) -> str:
    """Say what soft, argmax and the sample read."""
    tokens = scene.state.tokens
    weights = scene.weights[ROWS.index(SOFT)]
    read = what_it_reads("", tokens, weights)
    soft = "Soft" + read.removeprefix("“”")
    taken = int(scene.weights[ROWS.index(ARGMAX)].argmax())
    drawn = int(scene.draws.choices[0])
    if taken == drawn:
        return f"{soft} Argmax takes “{tokens[taken]}” alone, and so does the sample."
    other = "another " if tokens[taken] == tokens[drawn] else ""
    return f"{soft} Argmax takes “{tokens[taken]}” alone, the sample {other}“{tokens[drawn]}”."


def how_far_off(scene: Scene) -> str:
    """Say how far the frequencies are from the soft weights."""
    n = scene.state.n_draws
    error = small(scene.draws.errors[-1])
    expected = expected_error(scene.weights[ROWS.index(SOFT)], n)
    after = "1 draw" if n == 1 else f"{n:,} draws"
    if expected < NOTHING:
        return f"After {after} the frequencies are the soft weights: one key has all of them."
    return (
        f"After {after} the frequencies lie {error} from the soft weights; "
        f"{small(float(expected))} is to be expected, and a tenth of that after {100 * n:,}."
    )


def gradient_here(scene: Scene) -> str:
    """Say what the chosen kind's gradient and finite difference are where the score is now."""
    row = ROWS[scene.state.row]
    kind = SOFT if row == FREQUENCIES else row
    here = scene.here[kind]
    gradient, difference = float(here.gradient[0]), float(here.difference[0])
    token = scene.state.tokens[scene.state.chosen_key]
    start = f"{kind_name(kind)}, by the scaled score of “{token}”: autograd says {small(gradient)}"
    if kind in (ARGMAX, SAMPLE):
        return f"{start}, because nothing leads back; the output stays where it is, or it jumps."
    if kind == STRAIGHT:
        both = f"{start}, the finite difference {small(difference)}"
        why = "forwards it is a step, backwards it pretends to be Gumbel-softmax"
        if small(gradient) == small(difference):
            return f"{both}. They need not agree: {why}, which is level here too."
        return f"{both}. They disagree on purpose: {why}."
    return f"{start}, the finite difference {small(difference)}: they agree."


# ---- arithmetic: lines of HTML that hold nothing a reader typed


def lines_of(scene: Scene) -> list[str]:
    """Write out the chosen weight and its row's output, and on demand its gradient."""
    state, row, j = scene.state, ROWS[scene.state.row], scene.state.chosen_key
    score = float(scene.attention.scores[0, j])
    lines = [
        arithmetic.score_line(state.query[0], state.key[j], score),
        arithmetic.scaled_line(score, 2, True, float(scene.scaled[j])),
        *_weight_lines(scene, row, j),
        arithmetic.output_line(scene.weights[state.row], state.value, scene.output[state.row]),
    ]
    if state.picture == GRADIENTS:
        lines += _gradient_lines(scene, row, j)
    return lines


def _weight_lines(scene: Scene, row: str, j: int) -> list[str]:
    state, weight = scene.state, float(scene.weights[scene.state.row, j])
    if row == SOFT:
        return [arithmetic.weight_line(scene.scaled, j, state.temperature, weight)]
    if row == FREQUENCIES:
        soft = number(scene.weights[ROWS.index(SOFT), j], 4)
        count = int((scene.draws.choices == j).sum())
        return [
            f"frequency = {count:,} / {state.n_draws:,} = {number(weight, 4)}; "
            f"soft weight = {soft}",
            _distance_line(scene),
        ]
    if row == ARGMAX:
        listed = ", ".join(number(logit) for logit in scene.scaled)
        top = number(scene.scaled.max())
        n_top = int((scene.scaled == scene.scaled.max()).sum())
        tied = f", which {n_top} keys have, and the first of them takes all" if n_top > 1 else ""
        return [f"the largest of ({listed}) is {top}{tied}: weight = {number(weight, 0)}"]
    noisy = scene.logits + scene.noise[0]
    listed = ", ".join(number(one) for one in noisy)
    tempered = "" if state.temperature == 1.0 else f" / {state.temperature:g}"
    added = (
        f"noisy = {number(scene.scaled[j])}{tempered} + {number(scene.noise[0, j])} = "
        f"{number(noisy[j])}, with Gumbel noise"
    ).replace("+ −", "− ")
    if row == GUMBEL:
        return [added, arithmetic.weight_line(noisy, j, state.tau, weight)]
    return [
        added,
        f"the largest of ({listed}) is {number(noisy.max())}: weight = {number(weight, 0)}",
    ]


def _distance_line(scene: Scene) -> str:
    """Write how far all frequencies together lie from the soft weights."""
    soft, shares = scene.weights[ROWS.index(SOFT)], scene.draws.frequencies
    squares = " + ".join(
        f"({number(share, 3)} − {number(weight, 3)})²"
        for share, weight in zip(shares, soft, strict=True)
    )
    return f"distance = √({squares}) = {small(scene.draws.errors[-1])}"


def _gradient_lines(scene: Scene, row: str, j: int) -> list[str]:
    if row in (ARGMAX, SAMPLE):
        lines = ["gradient = 0: a step is flat, and has no slope where it jumps"]
        return lines if row == ARGMAX else [*lines, _reinforce_line(scene, j)]
    surrogate = row in (GUMBEL, STRAIGHT)
    state = scene.state
    place = ROWS.index(GUMBEL if surrogate else SOFT)
    weight, value = scene.weights[place, j], state.value[j, state.coordinate]
    output = scene.output[place, state.coordinate]
    divisor = state.temperature * (state.tau if surrogate else 1.0)
    gradient = weight * (value - output) / divisor
    over = "" if divisor == 1.0 else f" / {divisor:g}"
    how = f"{number(weight)} · ({number(value)} − {bracketed(output)}){over} = {small(gradient)}"
    if row == STRAIGHT:
        return [f"gradient, backwards = that of Gumbel-softmax = {how}", "difference, forwards = 0"]
    if row == FREQUENCIES:
        return [f"gradient of the mean of all draws = soft gradient = {how}"]
    return [f"gradient = weight · (value − output){over} = {how}"]


def _reinforce_line(scene: Scene, j: int) -> str:
    """Write what single draws say of the gradient of their mean, without following it back."""
    state = scene.state
    rewards = state.value[:, state.coordinate]
    estimates = reinforce_gradients(scene.logits, rewards, scene.draws.choices)[:, j]
    soft = scene.here[SOFT].gradient[0]
    mean = small(float(estimates.mean()) / state.temperature)
    over = "" if state.temperature == 1.0 else f" / {state.temperature:g}"
    draws = "1 draw" if state.n_draws == 1 else f"{state.n_draws:,} draws"
    return (
        f"REINFORCE = mean over {draws} of value · (drawn − weight){over} = {mean}; "
        f"the mean's true gradient = {small(soft)}"
    )
