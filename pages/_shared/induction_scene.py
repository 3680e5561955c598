"""What the view of induction heads shows: a state of a training on one sequence, and measured."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.induction import START, after_earlier, numbers_of
from pages._shared import induction_runs
from pages._shared.head_grid import Head
from pages._shared.induction_choice import InductionChoice
from pages._shared.induction_runs import Shown

if TYPE_CHECKING:
    from core.induction_model import InductionPass, InductionWeights
    from core.induction_scores import Circuit, Measured

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class InductionScene:
    """A state of a training, run on the reader's sequence.

    Attributes
    ----------
    choice : InductionChoice
    training : Shown
    step : int
        The state that is shown: the nearest that was kept.
    letters : str
    plain, shown : InductionPass
        With all heads, and without the dropped ones; the last letter is not read, only foretold.
    """

    choice: InductionChoice
    training: Shown
    step: int
    letters: str
    plain: InductionPass
    shown: InductionPass

    @property
    def weights(self) -> InductionWeights:
        """The model at this step."""
        replay = self.training.replay
        return replay.weights[replay.steps.index(self.step)]

    @cached_property
    def dropped(self) -> frozenset[Head]:
        """The dropped heads that the model has."""
        return self.choice.dropped & set(self.weights.all_heads)

    @cached_property
    def head(self) -> Head:
        """Layer and head of the one that is large: the nearest that the model has."""
        layer = self.choice.layer
        return layer, min(self.choice.head, self.weights.heads[layer] - 1)

    @property
    def tokens(self) -> tuple[str, ...]:
        """What is read: the start, and all letters but the last."""
        return (START, *self.letters[:-1])

    @property
    def map(self) -> Float32Array:
        """The weights of the large head, (query, key)."""
        layer, head = self.head
        result: Float32Array = self.shown.weights[layer][head]
        return result

    @cached_property
    def targets(self) -> NDArray[np.bool_]:
        """The tokens that came after an earlier occurrence, (query, key)."""
        return after_earlier(self.shown.numbers)

    @property
    def cell(self) -> tuple[int, int]:
        """Row and column of the chosen weight."""
        last = len(self.tokens) - 1
        row = self.choice.query if 0 <= self.choice.query <= last else last
        column = self.choice.key
        return row, column if 0 <= column <= row else int(self.map[row, : row + 1].argmax())

    @cached_property
    def answers(self) -> NDArray[np.int64]:
        """The letter that comes after each token, as a row of the log-probabilities has it."""
        return numbers_of(self.letters)[1:] - 1

    @cached_property
    def can_be_copied(self) -> NDArray[np.bool_]:
        """Whether the letter after a token has come after it before, (token,)."""
        follows = self.shown.numbers[None, :] == (self.answers + 1)[:, None]
        copied: NDArray[np.bool_] = (self.targets & follows).any(axis=1)
        return copied

    def probabilities(self, done: InductionPass) -> NDArray[np.float64]:
        """Return the probability that a pass gave to each letter that came, (letter,)."""
        rows = np.arange(len(self.answers))
        return np.exp(done.log_probabilities[rows, self.answers].astype(np.float64))

    def measured(self, dropped: frozenset[Head] = frozenset()) -> Measured:
        """Return how the model does on the test sequences without some heads."""
        training = self.training
        return induction_runs.measured(training.name, self.step, self.weights, dropped)

    def circuit(self, head: Head) -> Circuit:
        """Return what a head would write, whatever it reads."""
        return induction_runs.circuit(self.training.name, self.step, self.weights, head)


def see_induction(choice: InductionChoice) -> InductionScene:
    """Run the model of a choice on its sequence."""
    training = induction_runs.shown_training(own=choice.own)
    from core.induction_model import forward

    steps = training.replay.steps
    at = min(range(len(steps)), key=lambda place: abs(steps[place] - choice.step))
    weights, letters = training.replay.weights[at], choice.letters
    read = numbers_of(letters[:-1])
    plain = forward(weights, read)
    dropped = choice.dropped & set(weights.all_heads)
    shown = forward(weights, read, dropped) if dropped else plain
    return InductionScene(choice, training, steps[at], letters, plain, shown)
