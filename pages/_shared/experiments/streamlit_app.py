"""The experiments of the first page: one query, three words."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.lesson import Answer, Choices, DoesNotFitError, Experiment, Number, Option
from pages._shared.overview_state import BOUNDS, READER, START, WORDS, OverviewState, Scene, see
from pages._shared.words import number

__all__ = ["EXPERIMENTS", "see", "start_state"]

# Weights, and outputs, are told apart if they differ by more than this.
SEEN: Final = 0.005
ALIKE: Final = len(WORDS)
STAYS, NEARER = 1, 2
# Coordinates stay on one line.
NO_BREAK: Final = "\N{NO-BREAK SPACE}"


def start_state() -> OverviewState:
    """Return what the page starts with."""
    return OverviewState.start()


# --- the query turns round -------------------------------------------------------------------


def turn_round(state: OverviewState) -> OverviewState:
    """Point the query the opposite way."""
    return replace(state, query=0.0 - state.query)


def most_read(before: Scene, after: Scene) -> Answer:
    """Find the word that is read most."""
    del before
    weights, scores = after.attention.weights[0], after.attention.scores[0]
    said = [f"{number(score)} (“{word}”)" for word, score in zip(WORDS, scores, strict=True)]
    listed = f"The scores are now {said[0]}, {said[1]} and {said[2]}."
    if np.ptp(weights) < SEEN:
        return Answer(
            ALIKE, f"{listed} Equal scores share the weight: each word gets {number(weights[0])}."
        )
    top = int(weights.argmax())
    if np.sort(weights)[-2] > weights[top] - SEEN:
        msg = "Two words are read equally much."
        raise DoesNotFitError(msg)
    although = "" if scores[top] > 0 else ", although it is not above 0"
    return Answer(
        top,
        f"{listed} The highest takes the largest share, {number(weights[top])} for "
        f"“{WORDS[top]}”{although}.",
    )


# --- the query grows -------------------------------------------------------------------------


def double(state: OverviewState) -> OverviewState:
    """Make the query twice as long.

    Raises
    ------
    DoesNotFitError
        If a number would leave the range of the page.
    """
    query = 2 * state.query
    if np.abs(query).max() > BOUNDS[1]:
        msg = f"A number would leave the range from {BOUNDS[0]:g} to {BOUNDS[1]:g}."
        raise DoesNotFitError(msg)
    return replace(state, query=query)


def output_when_longer(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the output when the query grows."""
    old, new = before.attention.output[0], after.attention.output[0]
    if np.abs(new - old).max() < SEEN:
        return Answer(
            STAYS,
            f"All scores double, and still the output stays at {_point(new)}. It moves only if the "
            "weights change and the values differ.",
        )
    top = int(after.attention.weights[0].argmax())
    value = after.state.value[top]
    if not np.linalg.norm(new - value) < np.linalg.norm(old - value) - SEEN:
        msg = "Here the output moves in a way that the question does not name."
        raise DoesNotFitError(msg)
    shares = [number(scene.attention.weights[0, top], 3) for scene in (before, after)]
    return Answer(
        NEARER,
        f"All scores double and with them their differences: “{WORDS[top]}” takes {shares[1]} of "
        f"the weight instead of {shares[0]}. The output goes from {_point(old)} to {_point(new)}, "
        f"nearer to the value {_point(value)}; as an average it stays between the values.",
    )


def _point(coordinates: NDArray[np.floating]) -> str:
    return _pair([number(coordinate) for coordinate in coordinates])


def _query(times: float) -> str:
    """Write the query that the page starts with, so many times as long."""
    return _pair([number(times * coordinate, 0) for coordinate in START["query"][0]])


def _pair(texts: list[str]) -> str:
    return f"({f',{NO_BREAK}'.join(texts)})"


# --- two equal keys --------------------------------------------------------------------------


def copy_key(state: OverviewState) -> OverviewState:
    """Give the second word the key of the first."""
    return replace(state, key=state.key[[0, 0, 2]])


def weight_when_shared(before: Scene, after: Scene) -> Answer:
    """Find the weight of a word that shares its key with another."""
    old, new = before.attention.weights[0], after.attention.weights[0]
    first, second, third = (f"“{word}”" for word in WORDS)
    score = number(after.attention.scores[0, 0])
    return Answer(
        float(new[0]),
        f"Both keys now give the score {score}, so {first} and {second} get the same weight, "
        f"{number(new[0])} each; before, {first} had {number(old[0])}. Softmax counts equal keys "
        f"one by one, and {third} is left with {number(new[2])}.",
    )


EXPERIMENTS: Final[tuple[Experiment[OverviewState, Scene], ...]] = (
    Experiment(
        name="turned",
        title="The query turns round",
        question=(
            f"“{READER}” now asks for the opposite: its query goes from {_query(1)} to "
            f"{_query(-1)}. Which word will it read most?"
        ),
        ask=Choices(
            (
                Option(
                    f"“{WORDS[0]}”",
                    "The sign of a product counts, not its size alone. Another word has a higher "
                    "score with the new query.",
                ),
                Option(
                    f"“{WORDS[1]}”",
                    "Multiply its key with the new query, then the other two keys: another word "
                    "has a higher score.",
                ),
                Option(
                    f"“{WORDS[2]}”",
                    "It does not count who came second before. Another word has a higher score "
                    "with the new query.",
                ),
                Option(
                    "All three alike: nothing fits",
                    "Softmax does not need anything to fit. It compares the scores, and the "
                    "highest takes most, even if it is 0 or below.",
                ),
            )
        ),
        set_up=lambda _state: start_state(),
        change=turn_round,
        answer=most_read,
        stated=1,
        spoiled=lambda state: replace(state, key=np.array([[2.0, 1.0], [-1.0, 2.0], [-1.0, -1.0]])),
        shown_in="Scores",
    ),
    Experiment(
        name="longer",
        title="A query twice as long",
        question=(
            f"The query doubles from {_query(1)} to {_query(2)}: the same direction, twice the "
            "length. What does the output do?"
        ),
        ask=Choices(
            (
                Option(
                    "It doubles too",
                    "The output is an average of the values. It cannot leave the space between "
                    "them, however long the query is.",
                ),
                Option(
                    "It stays: only the direction of the query counts",
                    "The direction says which score is highest. The length says how far apart the "
                    "scores are, and so how sharp the weights are.",
                ),
                Option(
                    "It moves nearer to the value of the word that is read most",
                    "It would if the weights changed and the values differed. Here the output "
                    "stays.",
                ),
                Option(
                    "It moves to the middle of the three values",
                    "In the middle all weights are equal. Doubled scores lie further apart, never "
                    "closer together.",
                ),
            )
        ),
        set_up=lambda _state: start_state(),
        change=double,
        answer=output_when_longer,
        stated=NEARER,
        spoiled=lambda state: replace(state, query=np.zeros((1, 2))),
        shown_in="Weights",
    ),
    Experiment(
        name="twins",
        title="Two equal keys",
        question=(
            f"“{WORDS[1]}” gets the key of “{WORDS[0]}”, and nothing else changes. What will the "
            f"weight of “{WORDS[0]}” be?"
        ),
        ask=Number(
            low=0,
            high=1,
            within=0.05,
            too_low=(
                f"The two share evenly all that “{WORDS[2]}” leaves them, and that comes to more."
            ),
            too_high=(
                "Equal keys have equal scores, so the two have equal weights. Neither can have "
                "more than one half."
            ),
        ),
        set_up=lambda _state: start_state(),
        change=copy_key,
        answer=weight_when_shared,
        stated=0.49,
        spoiled=lambda state: replace(state, key=state.key[[0, 1, 0]]),
        shown_in="Weights",
    ),
)
