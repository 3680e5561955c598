"""What the page of the small language model shows in a state: a text, and the passes over it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.gpt_records import GptPass
from pages._shared import gpt_runs
from pages._shared.gpt_choice import GptState, heads_at

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Scene:
    """What is on the page.

    Attributes
    ----------
    state : GptState
    before : GptPass
        By the model as it was trained.
    shown : GptPass
        Under the interventions; `before` itself where there are none.
    """

    state: GptState
    before: GptPass
    shown: GptPass

    @property
    def place(self) -> int:
        """The chosen position."""
        last = len(self.shown.inputs) - 1
        return self.state.place if 0 <= self.state.place <= last else last

    @cached_property
    def weights(self) -> Float32Array:
        """The weights of the enlarged head, or of the mean, (query, key)."""
        heads = list(heads_at(self.state.head))
        mean: Float32Array = self.shown.weights[self.state.layer, heads].mean(axis=0)
        return mean

    @property
    def read(self) -> int:
        """The position that is read."""
        if 0 <= self.state.read <= self.place:
            return self.state.read
        return int(self.weights[self.place, : self.place + 1].argmax())

    @property
    def is_forced(self) -> bool:
        """Whether a weight of the chosen row is forced in a head that is shown."""
        heads = set(heads_at(self.state.head))
        return any(
            (one.layer, one.query) == (self.state.layer, self.place)
            and heads & set(heads_at(one.head))
            for one in self.state.forced
        )


def see(state: GptState) -> Scene:
    """Run the model over the text of a state, or recall its pass."""
    before = gpt_runs.read(state.words)
    if not state.is_changed:
        return Scene(state, before, before)
    return Scene(state, before, gpt_runs.read(state.words, state.interventions))
