"""The experiments of the image classification page.

Each answer is measured on what is on the page, a reader's own digit or photo as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.digit_changes import NEGATIVE
from pages._shared.classify_scene import HEADS, TAUGHT, TEACH, ClassifyState, Scene, see
from pages._shared.digit_look_scene import LookChoice
from pages._shared.digit_value import DigitChoice
from pages._shared.experiments import classification_answers as answers
from pages._shared.experiments.classification_measures import held_out, on_digit
from pages._shared.lesson import Choices, Experiment, Number, Option

__all__ = ["EXPERIMENTS", "see", "start_state"]


def start_state() -> ClassifyState:
    """Return what the page starts with."""
    return ClassifyState()


# Held-out digits, by their places: a 2, a 1, a 5, and a 6 that is no 9 upside down.
_TWO, _ONE, _FIVE, _ODD_SIX = (DigitChoice(place) for place in (7, 10, 4, 131))

EXPERIMENTS: Final[tuple[Experiment[ClassifyState, Scene], ...]] = (
    Experiment(
        name="turned",
        title="Upside down",
        question=(
            "The model is sure that this is a 6. What does it name when the picture is turned "
            "upside down, which it never met in training?"
        ),
        ask=Choices(
            (
                Option(
                    "A 9",
                    "Most sixes do become nines; this one is read as something else.",
                ),
                Option(
                    "Still a 6: the same patches are there",
                    "The patches are turned and stand in other places, and positions are learned.",
                ),
                Option(
                    "Another digit",
                    "Here it names one of the two that come to mind.",
                ),
            )
        ),
        set_up=lambda _state: on_digit(held_out(6)),
        change=answers.turn,
        answer=answers.name_when_turned,
        stated=answers.A_NINE,
        spoiled=lambda state: replace(state, digit=_ODD_SIX),
    ),
    Experiment(
        name="needed",
        title="One patch gone",
        question=(
            "One of the 16 patches is hidden, the other 15 stay; each patch in its turn. How many "
            "of the 16 are needed so much that without them the model names another digit?"
        ),
        ask=Number(
            low=0,
            high=16,
            within=0.5,
            too_low="There are more: this digit hangs on a few strokes.",
            too_high="There are fewer: most patches can be spared one at a time.",
            digits=0,
            unit="patches",
        ),
        set_up=lambda _state: on_digit(_TWO),
        change=answers.hide_costliest,
        answer=answers.how_many_turn_it,
        stated=2,
        spoiled=lambda state: replace(state, digit=held_out(6)),
    ),
    Experiment(
        name="read-or-needed",
        title="Read most, needed most",
        question=(
            "The map shows what the class token reads in the last layer (mean of the heads). If "
            "the patch that it reads most is hidden, and then each of the others instead, how much "
            "does the one that is read most cost the digit?"
        ),
        ask=Choices(
            (
                Option(
                    "Most of all",
                    "Another patch costs more: what is read need not be what decides.",
                ),
                Option(
                    f"Not most, but it is among the {answers.MUCH} that cost most",
                    "Here it came out otherwise: see its place.",
                ),
                Option(
                    f"Less: at least {answers.MUCH} others cost more",
                    "Here what is read most does cost much. It need not be so for another digit.",
                ),
            )
        ),
        set_up=lambda _state: on_digit(
            _ONE, view=HEADS, looked=LookChoice(layer=answers.LAST, mean=True)
        ),
        change=answers.show_read,
        answer=answers.is_read_needed,
        stated=answers.COSTS_LITTLE,
        spoiled=lambda state: replace(state, digit=_FIVE),
    ),
    Experiment(
        name="blank",
        title="Nothing at all",
        question=(
            "The pad is wiped, and the model gets an empty picture. How likely is the digit that "
            "it names then?"
        ),
        ask=Number(
            low=0,
            high=100,
            within=5,
            too_low="It is surer than that: it was never shown that there may be no digit.",
            too_high="It is less sure than that, though it names a digit all the same.",
            digits=0,
            unit="per cent",
        ),
        set_up=lambda _state: on_digit(held_out(3)),
        change=answers.wipe,
        answer=answers.how_sure_of_nothing,
        stated=79,
        spoiled=lambda state: replace(state, change=NEGATIVE),
    ),
    Experiment(
        name="stranger",
        title="None of these?",
        question=(
            "Hoofed animals, windmills and buildings are taught, with six photos each. What is a "
            "photo called that shows none of them, but a dog?"
        ),
        ask=Choices(
            (
                Option(
                    answers.HOOFED,
                    "Here it is not near enough to them, or nearer to something else.",
                ),
                Option(
                    "A windmill or a building",
                    "Here another class is nearer, or nothing is near enough.",
                ),
                Option(
                    "None of these: it is nothing that was taught",
                    "The threshold comes from what was taught: what lies beside it passes.",
                ),
            )
        ),
        set_up=lambda _state: ClassifyState(model=TAUGHT, view=TEACH, photo="shepherd.jpg"),
        change=answers.show_name,
        answer=answers.what_a_stranger_is_called,
        stated=answers.CALLED_HOOFED,
        spoiled=lambda state: replace(state, photo="coffee.jpg"),
    ),
)
