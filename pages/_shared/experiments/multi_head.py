"""The experiments of the multi-head page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pages._shared.experiments import multi_head_answers as answers
from pages._shared.lesson import Choices, Experiment, Option
from pages._shared.multi_head_cut import KEYS, OUTPUT, QUERIES, MultiHeadState
from pages._shared.multi_head_scene import Scene, see

__all__ = ["EXPERIMENTS", "see", "start_state"]

ROLES: Final = "Four roles"
WHO: Final = "Who saw whom"


def start_state() -> MultiHeadState:
    """Return what the page starts with."""
    return MultiHeadState.load()


def _roles(part: str) -> MultiHeadState:
    return replace(MultiHeadState.load(ROLES), part=part, reader=5, source=4)


def _first_rests(state: MultiHeadState) -> MultiHeadState:
    """Take away what W_O makes of head 1, and give head 3 something to hand over."""
    output, value = state.output.copy(), state.value.copy()
    output[0:2] = 0.0
    value[:, 4:6] = value[:, 2:4]
    return replace(state, output=output, value=value)


def _all_alike(state: MultiHeadState) -> MultiHeadState:
    """Give every head the queries and keys of the first."""
    columns = np.tile(np.arange(state.d_head), state.n_head)
    return replace(state, query=state.query[:, columns], key=state.key[:, columns])


def _fourth_is_other(state: MultiHeadState) -> MultiHeadState:
    """Give head 2 the keys of head 1, and head 4 keys like those of no other."""
    key = state.key.copy()
    key[:, 2:4] = key[:, 0:2]
    key[:, 6:8] = 0.0 - key[:, 6:8]
    return replace(state, key=key)


EXPERIMENTS: Final[tuple[Experiment[MultiHeadState, Scene], ...]] = (
    Experiment(
        name="eight",
        title="Eight heads instead of one",
        question=(
            "One head has all 8 columns of W_Q, W_K and W_V. Cut them into eight heads: what "
            "becomes of the number of parameters?"
        ),
        ask=Choices(
            (
                Option(
                    "It falls: each head is smaller",
                    "Each head is smaller, but there are as many more of them. Only shared keys "
                    "and values save parameters.",
                ),
                Option(
                    "It stays the same",
                    "It would if every head had keys and values of its own. Here they share them.",
                ),
                Option(
                    "It grows: eight heads instead of one",
                    "The heads are cut from the same columns; no number was added.",
                ),
            )
        ),
        set_up=lambda _state: _roles(QUERIES).cut(1),
        change=answers.cut_in_eight,
        answer=answers.parameters,
        stated=answers.STAYS,
        spoiled=lambda state: state.cut(2, 1),
    ),
    Experiment(
        name="rests",
        title="The head that is not missed",
        question=(
            "One of these four heads can be dropped, and the output hardly changes. Which one?"
        ),
        ask=Choices(
            (
                Option(
                    "Head 1: the next head could stand in for it",
                    "Heads do not stand in for each other: what a head does not add is missing. "
                    "What it adds are values, not weights.",
                ),
                Option(
                    "Head 2: words know themselves anyway",
                    "The output holds only what heads hand over; nothing else brings the word "
                    "itself along here.",
                ),
                Option(
                    "Head 3: its map is the same in every row",
                    "A sharp map says where a head reads, not what it finds there. Here it hands "
                    "over something.",
                ),
                Option(
                    "Head 4: the last word has no next",
                    "The other words have one, and in their outputs it would be missing.",
                ),
            )
        ),
        set_up=lambda _state: _roles(OUTPUT),
        change=answers.drop_least,
        answer=answers.least_missed,
        stated=2,
        spoiled=_first_rests,
        shown_in="Change",
    ),
    Experiment(
        name="one-head",
        title="One head, two neighbours",
        question=(
            "There is one head, and in it “saw” reads both its neighbours. “cat” and “dog” "
            "change places: what does the output of “saw” do?"
        ),
        ask=Choices(
            (
                Option(
                    "Its numbers for “cat” and “dog” change places",
                    "They would if the two readings were kept apart. One row of weights makes one "
                    "average, and in an average nothing stands before anything.",
                ),
                Option(
                    "It becomes 0: the two take each other's place",
                    "Nothing is taken away by changing places; the sum is of the same two words.",
                ),
                Option(
                    "It stays as it is",
                    "It would with one head. Here two heads read one neighbour each and keep them "
                    "apart.",
                ),
            )
        ),
        set_up=lambda _state: replace(
            MultiHeadState.load(WHO).cut(1), part=OUTPUT, reader=1, source=0
        ),
        change=answers.swap_ends,
        answer=answers.output_when_swapped,
        stated=answers.SAME,
        spoiled=lambda state: state.cut(2),
        shown_in="Output",
    ),
    Experiment(
        name="mean",
        title="The mean of four heads",
        question=(
            "Many tools show one map for a layer: the mean of its heads. How near does any of "
            "these four heads come to their mean?"
        ),
        ask=Choices(
            (
                Option(
                    "One is nearly it: less than a tenth of its weight lies elsewhere",
                    "A mean is near to its parts only where they agree, and these heads read "
                    "different words.",
                ),
                Option(
                    "Quite near: the nearest has a tenth to a third elsewhere",
                    "The more heads read the same word, the nearer is the mean. Compare the maps: "
                    "how often do two of them agree?",
                ),
                Option(
                    "Not at all: even the nearest has more than a third elsewhere",
                    "It would be so if every head read other words. Here some agree.",
                ),
            )
        ),
        set_up=lambda _state: _roles(OUTPUT),
        change=lambda state: replace(state, mean=True),
        answer=answers.nearest_to_mean,
        stated=answers.FAR,
        spoiled=_all_alike,
        shown_in="Mean of 4 heads",
    ),
    Experiment(
        name="shared",
        title="One set of keys for all",
        question=(
            "To save memory, all four heads are to read with the keys and values of head 1. Which "
            "of them will no longer do what it did?"
        ),
        ask=Choices(
            (
                Option("Head 1", "The keys are its own: nothing changes for it."),
                Option(
                    "Head 2",
                    "Its queries find in the shared keys what they found in its own.",
                ),
                Option(
                    "Head 3",
                    "It asks about places, and the shared keys say where a word stands.",
                ),
                Option(
                    "Head 4",
                    "It asks about places, and the shared keys say where a word stands.",
                ),
            )
        ),
        set_up=lambda _state: _roles(KEYS),
        change=answers.share_with_all,
        answer=answers.most_disturbed,
        stated=1,
        spoiled=_fourth_is_other,
        shown_in="Head 2",
    ),
)
