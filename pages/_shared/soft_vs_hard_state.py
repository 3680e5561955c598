"""The state of the page on soft and hard attention, as its link and its widgets have it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.key_settings import METHODS, KeySettings
from core.packing import PackingError, Schema, integer, numbers, one_of, switch, tuple_of
from core.packing import words as token_words
from pages._shared.attention_settings import TEMPERATURES
from pages._shared.link_changes import changes_of, with_changes
from pages._shared.page_store import PageStore
from pages._shared.soft_hard_scene import (
    BOUNDS,
    DRAWS,
    GRADIENTS,
    MATRICES,
    PICTURES,
    ROWS,
    TRAINING,
    HardState,
    Scene,
    see,
)
from pages._shared.soft_hard_toys import RANDOM, TOYS, fitted_toy
from pages._shared.toy_state import LONGEST_TOKEN, MAX_TOKENS, MIN_TOKENS

__all__ = ["DRAWS", "GRADIENTS", "NAME", "PICTURES", "STORE", "TRAINING"]
__all__ += ["HardState", "Scene", "pack", "see", "unpack"]

FloatArray = NDArray[np.float64]

NAME: Final = "soft_vs_hard"
TAUS: Final = (0.01, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
N_DRAWS: Final = (1, 10, 100, 1_000, 10_000)
MOST_SEED: Final = 9999
STEPS: Final = (50, 100, 200, 300, 500, 1_000)
RATES: Final = (0.003, 0.01, 0.03)
MOST_REPEATS: Final = 5
_PLAIN: Final = (
    "temperature",
    "tau",
    "n_draws",
    "draw_seed",
    "row",
    "chosen_key",
    "coordinate",
    "picture",
)
_TRAINING: Final = ("n_steps", "learning_rate", "seed", "n_repeat", "tau")
_MATRIX: Final = numbers(MAX_TOKENS, 2, *BOUNDS)


def pack(state: HardState) -> dict[str, Any]:
    """Return the values that a link carries; numbers that are the toy's own are left out."""
    base, training = state.base, state.training
    changes = {name: changes_of(getattr(state, name), getattr(base, name)) for name in MATRICES}
    return {
        "preset": state.preset,
        "seed": state.seed,
        "tokens": state.tokens,
        **changes,
        **{name: getattr(state, name) for name in _PLAIN},
        "methods": tuple(method in training.methods for method in METHODS),
        **{f"train_{name}": getattr(training, name) for name in _TRAINING},
    }


def unpack(values: Mapping[str, Any]) -> HardState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If the parts do not fit together.
    """
    tokens = values["tokens"]
    base = fitted_toy(values["preset"], values["seed"], tokens)
    if values["seed"] and values["preset"] != RANDOM:
        raise PackingError("The link does not fit together: its toy takes no seed.")
    if values["chosen_key"] >= len(tokens):
        raise PackingError("The link does not fit together: it has no such key.")
    methods = tuple(m for m, on in zip(METHODS, values["methods"], strict=True) if on)
    if not methods:
        raise PackingError("The link does not fit together: it trains nothing.")
    how: dict[str, Any] = {name: values[f"train_{name}"] for name in _TRAINING}
    training = KeySettings(methods, **how)
    query, key, value = (with_changes(getattr(base, name), values[name]) for name in MATRICES)
    toy = HardState(values["preset"], values["seed"], tokens, query, key, value)
    plain: dict[str, Any] = {name: values[name] for name in _PLAIN}
    return replace(toy, training=training, **plain)


def widgets(state: HardState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    training = state.training
    return {
        f"{NAME}.picture": state.picture,
        f"{NAME}.preset": state.preset,
        f"{NAME}.seed.{loads}": state.seed,
        f"{NAME}.tokens.{loads}": " ".join(state.tokens),
        f"{NAME}.temperature": state.temperature,
        f"{NAME}.tau": state.tau,
        f"{NAME}.n_draws": state.n_draws,
        f"{NAME}.draw_seed.{loads}": state.draw_seed,
        f"{NAME}.methods": list(training.methods),
        f"{NAME}.n_steps": training.n_steps,
        f"{NAME}.learning_rate": training.learning_rate,
        f"{NAME}.n_repeat": training.n_repeat,
        f"{NAME}.train_seed.{loads}": training.seed,
        f"{NAME}.train_tau": training.tau,
    }


STORE: Final = PageStore(
    name=NAME,
    start=HardState.start,
    schema=Schema(
        version=1,
        fields={
            "preset": one_of(TOYS),
            "seed": integer(0, MOST_SEED),
            "tokens": token_words(MIN_TOKENS, MAX_TOKENS, LONGEST_TOKEN),
            **dict.fromkeys(MATRICES, _MATRIX),
            "temperature": one_of(TEMPERATURES),
            "tau": one_of(TAUS),
            "n_draws": one_of(N_DRAWS),
            "draw_seed": integer(0, MOST_SEED),
            "row": integer(0, len(ROWS) - 1),
            "chosen_key": integer(0, MAX_TOKENS - 1),
            "coordinate": integer(0, 1),
            "picture": one_of(PICTURES),
            "methods": tuple_of(*[switch()] * len(METHODS)),
            "train_n_steps": one_of(STEPS),
            "train_learning_rate": one_of(RATES),
            "train_seed": integer(0, MOST_SEED),
            "train_n_repeat": integer(1, MOST_REPEATS),
            "train_tau": one_of(TAUS),
        },
    ),
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"row", "chosen_key", "coordinate"}),
    choices=frozenset({"picture"}),
)
