"""The experiments of the positional encoding page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pages._shared.experiments import position_answers as answers
from pages._shared.lesson import Choices, Experiment, Number, Option
from pages._shared.position_toy import SIMILARITY, PositionState, Scene, base_content, see

__all__ = ["EXPERIMENTS", "see", "start_state"]

EIGHT: Final = ("buffalo",) * 8


def start_state() -> PositionState:
    """Return what the page starts with."""
    return PositionState()


def _eight_equal(state: PositionState) -> PositionState:
    del state
    return PositionState(
        tokens=EIGHT,
        content=base_content(EIGHT),
        order=tuple(range(len(EIGHT))),
        kind="ALiBi",
        causal=True,
        query=7,
        key=0,
    )


EXPERIMENTS: Final[tuple[Experiment[PositionState, Scene], ...]] = (
    Experiment(
        name="turned-round",
        title="Turned round, without positions",
        question=(
            "There are no positions. The sentence is turned round, last word first: what becomes "
            "of the weight with which one word reads another?"
        ),
        ask=Choices(
            (
                Option(
                    "It stays the same, for every pair of words",
                    "It would if nothing but the words' own numbers entered the scores. Here "
                    "something else does.",
                ),
                Option(
                    "It changes, but the word in the middle reads as before",
                    "The middle is a place, and without positions places do not exist. Follow one "
                    "pair of words, not one cell.",
                ),
                Option(
                    "It changes, for every word",
                    "Cells change, because other words stand there. Follow one pair of words: "
                    "its score is the product of their numbers, wherever they stand.",
                ),
            )
        ),
        set_up=lambda _state: replace(answers.as_typed(start_state()), kind="None"),
        change=answers.turn_round,
        answer=answers.weights_when_turned,
        stated=answers.SAME,
        spoiled=lambda state: replace(state, causal=True),
        shown_in="Change",
    ),
    Experiment(
        name="same-gap",
        title="3 and 5, 10 and 12",
        question=(
            "The picture shows how alike the sinusoids of two positions are. 10 and 12 are as far "
            "apart as 3 and 5: are they as alike?"
        ),
        ask=Choices(
            (
                Option(
                    "Less alike: the waves have drifted apart",
                    "All waves have gone on, but two positions at one distance are always the "
                    "same angle apart in each of them.",
                ),
                Option(
                    "Exactly as alike",
                    "Sine and cosine of a wave together depend on the distance alone. Here one "
                    "wave has no cosine.",
                ),
                Option(
                    "More alike: the slow waves hardly change any more",
                    "A wave does not slow down on its way. Two steps are the same angle anywhere.",
                ),
            )
        ),
        set_up=lambda _state: replace(start_state(), picture=SIMILARITY, length=32),
        answer=answers.similarity_elsewhere,
        stated=answers.ALIKE,
        spoiled=lambda state: replace(state, width=1),
    ),
    Experiment(
        name="shifted",
        title="A hundred positions on",
        question=(
            "With rotary positions, the whole sentence moves on by 100 positions. What happens to "
            "the chosen weight?"
        ),
        ask=Choices(
            (
                Option(
                    "It falls: the words are further from the beginning",
                    "Nothing here fades with the position itself. Ask what happens to the "
                    "distance of the two words.",
                ),
                Option(
                    "It rises: their arrows have been turned closer together",
                    "Both arrows of a pair were turned, and by how much each? Only the angle "
                    "between them enters the score.",
                ),
                Option(
                    "It stays",
                    "It would if only the distance of the two words counted. Here positions are "
                    "added to the words, and the place counts too.",
                ),
            )
        ),
        set_up=lambda _state: replace(answers.as_typed(start_state()), kind="Rotary"),
        change=answers.shift,
        answer=answers.weight_when_shifted,
        stated=answers.STAYS,
        spoiled=lambda state: replace(state, kind="Sinusoidal"),
        shown_in="Rotary positions",
    ),
    Experiment(
        name="base-one",
        title="One speed for all waves",
        question=(
            "The base of the sinusoids goes from 10,000 to 1, so all waves are equally fast. What "
            "will the cosine of the first and the last pictured position be?"
        ),
        ask=Number(
            low=-1,
            high=1,
            within=0.1,
            too_low=(
                "All waves turn by one radian a position. Divide the distance by 2π, 6.28, and "
                "see how near to a whole number of turns that is."
            ),
            too_high=(
                "The cosine is 1 only after whole turns. Divide the distance by 2π, 6.28, and "
                "see what is left over."
            ),
        ),
        set_up=lambda _state: replace(start_state(), picture=SIMILARITY, length=45),
        change=answers.base_one,
        answer=answers.cosine_of_the_ends,
        stated=1.0,
        spoiled=lambda state: replace(state, length=41),
    ),
    Experiment(
        name="far-words",
        title="What far words keep",
        question=(
            "Eight equal words, ALiBi, and head 1 with slope ½: the last word hardly reads the "
            "first. How much of its weight will the first get in head 8, with slope 1/256?"
        ),
        ask=Number(
            low=0,
            high=1,
            within=0.03,
            too_low=(
                "Seven places at 1/256 cost 0.03 on the score. That is next to nothing, so eight "
                "equal words share nearly alike."
            ),
            too_high=(
                "No word gets more than its share: the scores are equal, and the bias of the "
                "furthest word is the lowest."
            ),
        ),
        set_up=_eight_equal,
        change=answers.last_head,
        answer=answers.weight_of_the_first_word,
        stated=0.12,
        spoiled=lambda state: state.typed(EIGHT[:4]),
        shown_in="ALiBi",
    ),
)
