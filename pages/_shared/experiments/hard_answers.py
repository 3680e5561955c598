"""What the live numbers say to the experiments on soft and hard attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.hard_attention import ARGMAX, GUMBEL, SOFT
from core.key_settings import GUMBEL_METHOD, METHODS, REINFORCE
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.soft_hard_controls import METHOD_NAMES
from pages._shared.soft_hard_scene import ROWS, TRAINING, HardState, Scene
from pages._shared.soft_hard_words import kind_name, small
from pages._shared.words import number

# Differences below this cannot be seen on the screen.
SEEN: Final = 0.005
N_DRAWS: Final = 1_000
NEARER, SHORTER, AS_LONG = range(3)


def share_of_second(before: Scene, after: Scene) -> Answer:
    """Find how often the second key was drawn."""
    del before
    token = after.state.tokens[1]
    share, weight = after.draws.frequencies[1], after.weights[ROWS.index(SOFT), 1]
    count = int((after.draws.choices == 1).sum())
    return Answer(
        float(share),
        f"“{token}” came up {count:,} times, a share of {number(share, 3)}. Its soft weight is "
        f"{number(weight, 3)}: that is the probability of each draw, and it is all that remains "
        "once there are many.",
    )


def slope_of_chosen(before: Scene, after: Scene) -> Answer:
    """Find what autograd says of the chosen row.

    Raises
    ------
    DoesNotFitError
        If the chosen row has no gradient, or the question does not name it.
    """
    del before
    state, row = after.state, ROWS[after.state.row]
    if row not in after.here:
        msg = "Choose a row of Weights that has a gradient."
        raise DoesNotFitError(msg)
    here, soft = after.here[row], float(after.here[SOFT].gradient[0])
    gradient, difference = float(here.gradient[0]), float(here.difference[0])
    if abs(soft) < SEEN:
        msg = "Here even the soft output does not change with this score."
        raise DoesNotFitError(msg)
    token = state.tokens[state.chosen_key]
    said = f"{kind_name(row)} by the scaled score of “{token}”: autograd says {number(gradient)}"
    if abs(gradient) < SEEN:
        return Answer(
            0,
            f"{said}, the finite difference {number(difference)}; soft has {number(soft)}. Below "
            "the score at which another key wins nothing changes, and from a slope of 0 nothing is "
            "learned.",
        )
    if abs(gradient - soft) < SEEN:
        return Answer(
            1,
            f"{said}, as for the soft output. An average changes a little with every score.",
        )
    msg = "The chosen row has a gradient that the question does not name."
    raise DoesNotFitError(msg)


def key_of_sharp_gumbel(before: Scene, after: Scene) -> Answer:
    """Find the key that has nearly all the weight of Gumbel-softmax.

    Raises
    ------
    DoesNotFitError
        If none has, or there are other keys than the question names.
    """
    del before
    weights = after.weights[ROWS.index(GUMBEL)]
    top, tokens = int(weights.argmax()), after.state.tokens
    if tokens != HardState.start().tokens:
        msg = "The question names keys that are not on the page."
        raise DoesNotFitError(msg)
    if weights[top] < 1 - SEEN:
        msg = "The noisy scores are too close: no key has nearly all the weight."
        raise DoesNotFitError(msg)
    largest = tokens[int(after.weights[ROWS.index(ARGMAX)].argmax())]
    noisy = after.logits + after.noise[0]
    return Answer(
        top,
        f"“{tokens[top]}” has {number(weights[top], 3)} of the weight: with the noise its score is "
        f"{number(noisy[top])}, the largest. τ sharpens the draw, so the row becomes the sample; "
        f"argmax, without noise, takes “{largest}”.",
    )


def first_to_find(before: Scene, after: Scene) -> Answer:
    """Train until the first method finds the key nine times in ten.

    Raises
    ------
    DoesNotFitError
        If none does in the steps of the settings, or two do at once.
    """
    from core.key_training import EVERY, advance, begin, steps_to
    from pages._shared.training import prepare_torch

    del before
    prepare_torch()
    settings = replace(after.state.training, n_repeat=1)
    run = begin(settings)
    first: list[str] = []
    while not first and run.step < settings.n_steps:
        run = advance(run, EVERY)
        there = [steps_to(run, place)[0] is not None for place in range(len(settings.methods))]
        first = [m for m, reached in zip(settings.methods, there, strict=True) if reached]
    if len(first) != 1:
        msg = "With these settings no method is the first."
        raise DoesNotFitError(msg)
    place = settings.methods.index(first[0])
    shares = ", ".join(
        f"{METHOD_NAMES[method]} {100 * run.curve[-1].found[k, 0]:.0f}%"
        for k, method in enumerate(settings.methods)
        if method != first[0]
    )
    others = f" By step {run.step} the others are at: {shares}." if shares else ""
    return Answer(
        METHODS.index(first[0]),
        f"Trained just now with seed {settings.seed}, as “Train” does: "
        f"{METHOD_NAMES[first[0]]} finds the key in "
        f"90% of the sentences from step {steps_to(run, place)[0]} on.{others}",
    )


def length_of_mean(before: Scene, after: Scene) -> Answer:
    """Find what a larger tau makes of straight-through's mean gradient."""
    from core.find_the_key import make_model
    from core.key_gradients import report_gradient
    from pages._shared.training import prepare_torch

    prepare_torch()
    old, new = (
        report_gradient(
            GUMBEL_METHOD,
            make_model(scene.state.training.seeds),
            scene.state.training,
            N_DRAWS,
        )
        for scene in (before, after)
    )
    noisy = report_gradient(
        REINFORCE, make_model(after.state.training.seeds), after.state.training, N_DRAWS
    )
    told = (
        f"Over {N_DRAWS:,} draws at step 0: the variance goes from {small(old.variance)} to "
        f"{small(new.variance)}, the length of the mean from {number(old.norm)} to "
        f"{number(new.norm)} of the true one. REINFORCE with a baseline: variance "
        f"{small(noisy.variance)}, length {number(noisy.norm)}."
    )
    if abs(new.norm - old.norm) < SEEN:
        return Answer(AS_LONG, told)
    return Answer(NEARER if abs(new.norm - 1) < abs(old.norm - 1) else SHORTER, told)


# ---- set-ups


def on_training(methods: tuple[str, ...] = METHODS, tau: float = 1.0) -> HardState:
    """Return a page about to train."""
    start = HardState.start()
    return replace(
        start, picture=TRAINING, training=replace(start.training, methods=methods, tau=tau)
    )
