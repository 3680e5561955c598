"""What is on the page on soft and hard attention, and what is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention import Attention, scaled_dot_product_attention
from core.draws import Draws, gumbel_noise, pile_up
from core.hard_attention import KINDS, SOFT, weights_of
from core.key_settings import KeySettings
from core.resizing import match_tokens
from pages._shared.matrix import Choice
from pages._shared.soft_hard_sweeps import Sweeps, sweep_chosen
from pages._shared.soft_hard_toys import RANDOM, TOYS, HardToy, fitted_toy, load_toy, moved
from pages._shared.toy_state import MAX_TOKENS

FloatArray = NDArray[np.float64]

DRAWS: Final = "Draws"
GRADIENTS: Final = "Gradients"
TRAINING: Final = "Training"
PICTURES: Final = (DRAWS, GRADIENTS, TRAINING)
# The row of the frequencies, below the soft weights which they pile up to.
FREQUENCIES: Final = "frequencies"
ROWS: Final = (SOFT, FREQUENCIES, *KINDS[1:])
BOUNDS: Final = (-9.0, 9.0)
MATRICES: Final = ("query", "key", "value")


@dataclass(frozen=True, eq=False)
class HardState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    preset, seed : str, int
        What the toy was loaded from.
    tokens : tuple of str
        Names of the keys.
    query, key, value : NDArray, shapes (1, 2), (n_key, 2), (n_key, 2)
    temperature : float
        Divides the scaled scores of every kind.
    tau : float
        For Gumbel-softmax and the gradient of straight-through.
    n_draws, draw_seed : int
        How many keys are drawn, and the seed of the noise; the sample is the first draw.
    row, chosen_key : int
        The chosen cell of the weights: row of `ROWS`, and key.
    coordinate : int
        Of the output, that is drawn against a score: 0 or 1.
    picture : {"Draws", "Gradients", "Training"}
    training : KeySettings
    """

    preset: str
    seed: int
    tokens: tuple[str, ...]
    query: FloatArray
    key: FloatArray
    value: FloatArray
    temperature: float = 1.0
    tau: float = 0.5
    n_draws: int = 1_000
    draw_seed: int = 4
    row: int = 0
    chosen_key: int = 0
    coordinate: int = 0
    picture: str = DRAWS
    training: KeySettings = field(default_factory=KeySettings)

    @staticmethod
    def load(preset: str, seed: int = 0) -> HardState:
        """Return the page with a toy just loaded and everything else as it starts."""
        toy = load_toy(preset, seed)
        return HardState(preset, seed, toy.tokens, toy.query, toy.key, toy.value)

    @staticmethod
    def start() -> HardState:
        """Return the page as it starts."""
        return HardState.load(TOYS[0])

    @property
    def base(self) -> HardToy:
        """What the matrices return to when they are reset."""
        return fitted_toy(self.preset, self.seed, self.tokens)

    @property
    def note(self) -> str:
        """What to look for in the toy, as long as it is as it was loaded and that is still true."""
        toy = load_toy(self.preset, self.seed)
        holds = toy.at_any_temperature or self.temperature == 1.0
        return toy.note if holds and self.tokens == toy.tokens and self.untouched else ""

    @property
    def untouched(self) -> bool:
        """Whether the numbers are those that the toy starts with."""
        pairs = ((getattr(self, name), getattr(self.base, name)) for name in MATRICES)
        return all(np.array_equal(one, other) for one, other in pairs)

    def loaded(self, preset: str, seed: int) -> HardState:
        """Return the page with another toy and the first cell chosen."""
        seed = seed if preset == RANDOM else 0
        toy = load_toy(preset, seed)
        return replace(
            self,
            preset=preset,
            seed=seed,
            tokens=toy.tokens,
            query=toy.query,
            key=toy.key,
            value=toy.value,
            row=0,
            chosen_key=0,
        )

    def renamed(self, tokens: tuple[str, ...]) -> HardState:
        """Return the page with these keys.

        Those that stay keep their numbers; others have those that the toy starts with, or 0.
        """
        if tokens == self.tokens:
            return self
        places = match_tokens(self.tokens, tokens)
        base = fitted_toy(self.preset, self.seed, tokens)
        chosen = places.index(self.chosen_key) if self.chosen_key in places else 0
        return replace(
            self,
            tokens=tokens,
            key=moved(self.key, places, base.key),
            value=moved(self.value, places, base.value),
            chosen_key=chosen,
        )

    def edited(self, arrays: Mapping[str, NDArray[Any]]) -> HardState:
        """Return the page after the reader edited matrices on the board."""
        return replace(
            self,
            query=arrays.get("query", self.query),
            key=arrays.get("key", self.key),
            value=arrays.get("value", self.value),
        )

    def chosen(self, choice: Choice) -> HardState:
        """Return the page after the reader chose a cell; only known axes are taken over."""
        if choice.matrix == "weights":
            return replace(self, row=choice.row, chosen_key=choice.column)
        if choice.matrix in ("scores", "scaled"):
            return replace(self, chosen_key=choice.column)
        if choice.matrix == "output":
            return replace(self, row=choice.row, coordinate=choice.column)
        return self


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page shows: its state and what was computed from it.

    Attributes
    ----------
    state : HardState
    attention : Attention
        The soft one; its logits are the scaled scores, not yet divided by the temperature.
    noise : NDArray, shape (n_draws, n_key)
        Its first row draws the sample and the softened draw.
    draws : Draws
    weights : NDArray, shape (len(ROWS), n_key)
        Of each kind, and below soft the frequencies.
    output : NDArray, shape (len(ROWS), 2)
    sweeps, here : mapping of kind to Sweep
        Of the chosen key's scaled score: over a range, and at the one place where it is. Empty
        unless the gradients are on the screen.
    """

    state: HardState
    attention: Attention
    noise: FloatArray
    draws: Draws
    weights: FloatArray
    output: FloatArray
    sweeps: Sweeps
    here: Sweeps

    @property
    def scaled(self) -> FloatArray:
        """The scaled scores, (n_key,)."""
        scaled: FloatArray = self.attention.logits[0]
        return scaled

    @property
    def logits(self) -> FloatArray:
        """What every kind starts from: the scaled scores over the temperature, (n_key,)."""
        return self.scaled / self.state.temperature


def see(state: HardState) -> Scene:
    """Compute what the page shows in a state."""
    attention = scaled_dot_product_attention(
        state.query, state.key, state.value, temperature=state.temperature
    )
    logits = attention.logits[0] / state.temperature
    noise = _noise(state.n_draws, state.draw_seed)[:, : len(state.tokens)]
    draws = pile_up(logits, noise)
    rows = {kind: weights_of(kind, logits, noise[0], state.tau) for kind in KINDS}
    weights = np.array([{FREQUENCIES: draws.frequencies, **rows}[name] for name in ROWS])
    sweeps: Sweeps = {}
    here: Sweeps = {}
    if state.picture == GRADIENTS:
        sweeps, here = sweep_chosen(state, attention.logits[0], noise[0])
    return Scene(state, attention, noise, draws, weights, weights @ state.value, sweeps, here)


@lru_cache(maxsize=8)
def _noise(n_draws: int, seed: int) -> FloatArray:
    # For all keys that there could be: one more or less changes nothing of the others' noise.
    noise = gumbel_noise(n_draws, MAX_TOKENS, seed)
    noise.setflags(write=False)
    return noise
