"""The experiments of the scaled dot-product page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pages._shared.dot_product_state import DotProductState, Scene, see
from pages._shared.experiments import dot_product_answers as answers
from pages._shared.experiments import dot_product_sharpness as sharpness
from pages._shared.lesson import Choices, Experiment, Number, Option, Place
from pages._shared.toy_state import ToyState

__all__ = ["EXPERIMENTS", "see", "start_state"]

BY_HAND: Final = "Cat, sat, mat"
NOISE: Final = "5 x 64"


def start_state() -> DotProductState:
    """Return what the page starts with."""
    return DotProductState()


def _three_words(query: list[list[float]], chosen: tuple[int, int]) -> DotProductState:
    """Return the page with “cat”, “sat” and “mat”, their queries as given."""
    board = ToyState.load(BY_HAND).resized(("cat", "sat", "mat"), 2, 2)
    board = board.edited({"query": np.array(query)})
    return DotProductState(replace(board, query=chosen[0], key=chosen[1]))


def _short_noise() -> DotProductState:
    """Return the page with noise in two dimensions that can grow to 64, not divided."""
    board = ToyState.load(NOISE, seed=1, query=2, key=3)
    state = DotProductState(board.resized(board.toy.tokens, 2, 2))
    return replace(state, settings=replace(state.settings, divided=False))


def _with_rows(state: DotProductState, name: str, rows: dict[int, list[float]]) -> DotProductState:
    """Return the state with some rows of Q or K replaced."""
    array = getattr(state.board.toy, name).copy()
    for row, numbers in rows.items():
        array[row] = numbers
    return replace(state, board=state.board.edited({name: array}))


EXPERIMENTS: Final[tuple[Experiment[DotProductState, Scene], ...]] = (
    Experiment(
        name="same-score",
        title="The same score both ways",
        question=(
            "K becomes a copy of Q. Then the score of “cat” with “sat” is that of “sat” with "
            "“cat”: which of their two weights will be larger?"
        ),
        ask=Choices(
            (
                Option(
                    "Neither: the same score gives the same weight",
                    "A score is compared with the others in its row. Softmax divides by a sum over "
                    "the row, and here the two rows have different sums.",
                ),
                Option(
                    "“cat” reading “sat”",
                    "Both fractions have the same power of e above the line. Below it stands a sum "
                    "over the row, and that of “cat” is not the smaller one.",
                ),
                Option(
                    "“sat” reading “cat”",
                    "Both fractions have the same power of e above the line. Below it stands a sum "
                    "over the row, and that of “sat” is not the smaller one.",
                ),
            )
        ),
        set_up=lambda _state: _three_words([[2.0, 1.0], [1.0, 0.0], [0.0, 1.0]], chosen=(0, 1)),
        change=answers.copy_queries,
        answer=answers.same_score,
        stated=answers.SAT_MORE,
        spoiled=lambda state: _with_rows(state, "query", {0: [1.0, 0.0], 1: [1.0, 0.0]}),
        shown_in="Weights",
    ),
    Experiment(
        name="same-shift",
        title="The same shift for every key",
        question=(
            f"{answers.ADDED:g} is added to every number in the first column of K. What becomes of "
            "the weights?"
        ),
        ask=Choices(
            (
                Option(
                    "They stay as they are",
                    "On paper they do. Here the numbers left the range of the arithmetic.",
                ),
                Option(
                    "They change in every row whose scores change",
                    "The scores of a row all change by the same amount. Softmax sees only how far "
                    "they are from each other.",
                ),
                Option(
                    "They even out: 6 and 5 are closer, in proportion, than 2 and 1",
                    "Softmax does not compare in proportion. It sees differences, and from 5 to 6 "
                    "it is as far as from 1 to 2.",
                ),
                Option(
                    "Some break down: e to the power of such scores is out of range",
                    "None breaks down here. A stable softmax even takes the largest score of a row "
                    "away from all of them first, which is such a shift too.",
                ),
            )
        ),
        set_up=lambda _state: start_state(),
        change=answers.shift_keys,
        answer=answers.weights_when_shifted,
        stated=answers.STAY,
        spoiled=lambda state: replace(
            state, settings=replace(state.settings, softmax="Naive", precision="float16")
        ),
        shown_in="Weights",
    ),
    Experiment(
        name="colder",
        title="A colder softmax",
        question=(
            "“sat” reads “cat” 3 times as much as “mat”: 0.75 to 0.25. How many times as much at a "
            f"temperature of {sharpness.COLDER:g}, which doubles every number that softmax sees?"
        ),
        ask=Number(
            low=0,
            high=100,
            within=0.5,
            too_low=(
                "The weights move further apart. Their ratio is e to the power of a difference: "
                "twice the difference makes the square of the ratio, not its double."
            ),
            too_high=(
                "The weights do not move so far apart. Their ratio is e to the power of a "
                "difference: twice the difference makes the square of the ratio, and no more."
            ),
            digits=1,
            unit="times",
        ),
        set_up=lambda _state: _three_words([[-2.0, 1.0], [2.2, 1.5], [-1.0, -2.0]], chosen=(1, 0)),
        change=sharpness.cool,
        answer=sharpness.ratio,
        stated=9.0,
        spoiled=lambda state: _with_rows(state, "key", {2: [1.0, 2.0]}),
        shown_in="Weights",
    ),
    Experiment(
        name="root",
        title="Longer vectors without the root",
        question=(
            "Q and K are random, d_head is 2, and ÷ √d_head is off: the weights of “word3” have an "
            "entropy of 1.00 nats (0: one key takes all; ln 5 = 1.61: all share evenly). What will "
            "it be with d_head 64?"
        ),
        ask=Number(
            low=0,
            high=2,
            # Noise of this length has an entropy of 0.25 on average.
            within=0.3,
            too_low="The row is less sharp than that: more than one key keeps a share.",
            too_high=(
                "The row is sharper than that. A sum of more random products spreads wider, and "
                "softmax goes by the differences."
            ),
            unit="nats",
        ),
        set_up=lambda _state: _short_noise(),
        change=sharpness.lengthen,
        answer=sharpness.entropy_when_longer,
        stated=0.0,
        spoiled=lambda state: replace(state, settings=replace(state.settings, divided=True)),
        shown_in="Weights",
    ),
    Experiment(
        name="mask",
        title="Who gains from a mask",
        question=(
            "The causal mask lets a word read only itself and what stands before it. Choose the "
            "cell of Weights that will gain the most when this mask is switched on."
        ),
        ask=Place(
            what="a cell of Weights",
            called=answers.cell_called,
            why_not=answers.not_the_gain,
        ),
        set_up=lambda _state: start_state(),
        change=answers.hide_what_follows,
        answer=answers.largest_gain,
        stated=(0, 0),
        spoiled=lambda state: _with_rows(state, "key", {0: [0.0, 9.0]}),
        shown_in="Weights",
    ),
)
