"""The experiments on soft and hard attention: draws, a slope that is not there, and training."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.hard_attention import ARGMAX, GUMBEL, SOFT
from core.key_settings import GUMBEL_METHOD, PLAIN, REINFORCE
from pages._shared.experiments.hard_answers import (
    SHORTER,
    first_to_find,
    key_of_sharp_gumbel,
    length_of_mean,
    on_training,
    share_of_second,
    slope_of_chosen,
)
from pages._shared.lesson import Choices, Experiment, Number, Option
from pages._shared.soft_hard_scene import GRADIENTS, ROWS, HardState, Scene, see

__all__ = ["EXPERIMENTS", "see", "start_state"]

FEW, MANY = 10, 10_000
# With this seed the second key comes up far more often in ten draws than its weight says.
SEED_OF_TEN: Final = 20


def start_state() -> HardState:
    """Return what the page starts with."""
    return HardState.start()


EXPERIMENTS: Final[tuple[Experiment[HardState, Scene], ...]] = (
    Experiment(
        name="ten-thousand",
        title="Ten thousand draws",
        question=(
            "Ten draws were made; the row below “soft” has their shares. After 10,000 draws, what "
            "will the share of “right” be?"
        ),
        ask=Number(
            low=0,
            high=1,
            within=0.03,
            too_low=(
                "Every draw has the soft weight of “right” for its probability; the share comes "
                "to that, not lower."
            ),
            too_high=(
                "Ten draws say little. Every draw has the soft weight of “right” for its "
                "probability, and the share comes down to that."
            ),
        ),
        set_up=lambda _state: replace(
            start_state(), n_draws=FEW, draw_seed=SEED_OF_TEN, row=1, chosen_key=1
        ),
        change=lambda state: replace(state, n_draws=MANY),
        answer=share_of_second,
        stated=0.42,
        spoiled=lambda state: replace(state, temperature=0.1),
        shown_in="Weights",
    ),
    Experiment(
        name="no-slope",
        title="A slope for argmax",
        question=(
            "Argmax takes “left”, and the score of “right” rises by a hair. By how much does the "
            "output of argmax change for it, as PyTorch's autograd has it?"
        ),
        ask=Choices(
            (
                Option(
                    "Not at all: the gradient is 0",
                    "The chosen row is one whose output changes a little with every score.",
                ),
                Option(
                    "As much as the soft output",
                    "Argmax reads from the scores which is largest, and that stays the same. An "
                    "average would change.",
                ),
                Option(
                    "By infinitely much: it is a step",
                    "Only at the one score at which the largest changes. A hair from here "
                    "nothing jumps.",
                ),
                Option(
                    "By the difference of the two values",
                    "That is how far it jumps once “right” wins. A hair is not enough for that.",
                ),
            )
        ),
        # The gradients come on the screen once the prediction stands.
        set_up=lambda _state: replace(start_state(), row=ROWS.index(ARGMAX), chosen_key=1),
        change=lambda state: replace(state, picture=GRADIENTS),
        answer=slope_of_chosen,
        stated=0,
        spoiled=lambda state: replace(state, row=ROWS.index(SOFT)),
        shown_in="Weights",
    ),
    Experiment(
        name="sharp",
        title="Gumbel-softmax, sharpened",
        question=(
            "τ goes from 0.5 to 0.01. Which key will have nearly all the weight in the row of "
            "Gumbel-softmax?"
        ),
        ask=Choices(
            tuple(
                Option(
                    f"“{token}”",
                    "Noise was added to the scores before τ divided them. What counts is the "
                    "largest of the noisy scores, and that is another key's.",
                )
                for token in start_state().tokens
            )
        ),
        set_up=lambda _state: replace(start_state(), row=ROWS.index(GUMBEL), chosen_key=0),
        change=lambda state: replace(state, tau=0.01),
        answer=key_of_sharp_gumbel,
        stated=1,
        spoiled=lambda state: replace(state, draw_seed=0),
        shown_in="Weights",
    ),
    Experiment(
        name="race",
        title="Who finds the key first?",
        question=(
            "Four methods start from the same weights and learn from the same sentences. Which "
            "is the first to find the key in 90% of new ones?"
        ),
        ask=Choices(
            (
                Option(
                    "Soft",
                    "It would, but it is not among the methods that are chosen.",
                ),
                Option(
                    "Straight-through Gumbel",
                    "It learns from every key at once, but through noise and a pretended "
                    "gradient. One method has the true one.",
                ),
                Option(
                    "REINFORCE with baseline",
                    "It learns only from the key that was drawn, one of 16, and from whether that "
                    "went better than usual. That takes many sentences.",
                ),
                Option(
                    "REINFORCE without",
                    "Every reward here is negative: whatever is drawn is made less likely, good "
                    "or bad. The noise of that drowns what there is to learn.",
                ),
            )
        ),
        set_up=lambda _state: on_training(),
        answer=first_to_find,
        stated=0,
        spoiled=lambda state: replace(
            state, training=replace(state.training, methods=(GUMBEL_METHOD, REINFORCE, PLAIN))
        ),
    ),
    Experiment(
        name="quiet-but-wrong",
        title="Less noise, better gradient?",
        question=(
            "Straight-through's τ goes from 1 to 5, and its gradients scatter far less from draw "
            "to draw. What becomes of their mean, beside the true gradient?"
        ),
        ask=Choices(
            (
                Option(
                    "It comes nearer to the true length",
                    "Variance is one thing, bias another. The surrogate's slope is divided by τ, "
                    "and so is what flows back.",
                ),
                Option(
                    "It gets shorter, and further from it",
                    "It would with a larger τ than before; here τ makes no difference to it.",
                ),
                Option(
                    "It stays as long as it is",
                    "More draws would leave it as it is. Another τ is another surrogate, with "
                    "another slope.",
                ),
            )
        ),
        set_up=lambda _state: on_training(),
        change=lambda state: replace(state, training=replace(state.training, tau=5.0)),
        answer=length_of_mean,
        stated=SHORTER,
        spoiled=lambda state: replace(state, training=replace(state.training, tau=5.0)),
    ),
)
