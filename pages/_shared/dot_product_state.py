"""The state of the scaled dot-product page: a toy, the switches, the picture; and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np

from core.packing import (
    PackingError,
    Schema,
    bits,
    integer,
    numbers,
    one_of,
    optional,
    switch,
    tuple_of,
)
from core.packing import words as token_words
from core.presets import PRESETS, Toy
from pages._shared.attention_settings import (
    MASKS,
    PRECISIONS,
    SOFTMAXES,
    TEMPERATURES,
    Computed,
    Settings,
    compute,
)
from pages._shared.link_changes import changes_of, with_changes
from pages._shared.page_store import PageStore
from pages._shared.toy_state import LONGEST_TOKEN, MAX_TOKENS, MIN_TOKENS, ToyState
from pages._shared.trap import TrapChoice, trap_codec
from pages._shared.traps.scaled_dot_product import TRAPS

NAME: Final = "scaled_dot_product"
LINES: Final = "Lines and bars"
GEOMETRY: Final = "Geometry"
PICTURES: Final = (LINES, GEOMETRY)
# What a preset may have, and what a matrix may hold.
LARGEST_SIZE: Final = 64
BOUNDS: Final = (-20.0, 20.0)

Origins = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class DotProductState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    board : ToyState
        The toy, the painted mask and the chosen cell.
    settings : Settings
    picture : {"Lines and bars", "Geometry"}
    trap : TrapChoice
    """

    board: ToyState = field(default_factory=lambda: ToyState.load(next(iter(PRESETS)), 0, 2, 1))
    settings: Settings = field(default_factory=Settings)
    picture: str = LINES
    trap: TrapChoice = field(default_factory=TrapChoice)

    @property
    def note(self) -> str:
        """What to look for in the toy, as long as it is as it was loaded."""
        as_loaded = self.board.untouched and self.settings == Settings(n_real=self.settings.n_real)
        return self.board.toy.note if as_loaded else ""

    @staticmethod
    def load(preset: str, *, seed: int = 0, query: int = 0, key: int = 0) -> DotProductState:
        """Return the page with a preset just loaded and everything else as it starts."""
        return DotProductState(ToyState.load(preset, seed, query, key))


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page shows: its state and what was computed from it."""

    state: DotProductState
    computed: Computed


def see(state: DotProductState) -> Scene:
    """Compute what the page shows in a state."""
    return Scene(state, compute(state.board.toy, state.board.painted, state.settings))


def pack(state: DotProductState) -> dict[str, Any]:
    """Return the values that a link carries; numbers that are the preset's own are left out."""
    board, settings = state.board, state.settings
    toy, base = board.toy, board.base
    return {
        "preset": board.preset,
        "seed": board.seed,
        "tokens": toy.tokens,
        "origins": _origins(base, board.preset, board.seed),
        "d_head": board.sizes[0],
        "d_value": board.sizes[1],
        "query": changes_of(toy.query, base.query),
        "key": changes_of(toy.key, base.key),
        "value": changes_of(toy.value, base.value),
        "painted": None if board.painted.all() else board.painted,
        "chosen_query": board.query,
        "chosen_key": board.key,
        **{name: getattr(settings, name) for name in Settings.__dataclass_fields__},
        "picture": state.picture,
        "trap": state.trap,
    }


def unpack(values: Mapping[str, Any]) -> DotProductState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If the parts do not fit together.
    """
    tokens, sizes = values["tokens"], (values["d_head"], values["d_value"])
    loaded = ToyState.load(values["preset"], values["seed"])
    origins = values["origins"]
    if origins is None:
        resized = loaded.resized(tokens, *sizes)
    else:
        resized = _arranged(loaded, origins, tokens, *sizes)
    base = resized.base
    painted = values["painted"]
    n_token = len(tokens)
    if painted is None:
        painted = np.ones((n_token, n_token), dtype=bool)
    if painted.shape != (n_token, n_token):
        raise PackingError("The link does not fit together: its mask has another size.")
    query, key, value = (
        with_changes(getattr(base, name), values[name]) for name in ("query", "key", "value")
    )
    same = query is base.query and key is base.key and value is base.value
    board = replace(
        resized,
        toy=base if same else replace(base, query=query, key=key, value=value),
        painted=painted,
        query=min(values["chosen_query"], n_token - 1),
        key=min(values["chosen_key"], n_token - 1),
    )
    settings = Settings(**{name: values[name] for name in Settings.__dataclass_fields__})
    return DotProductState(board, settings, values["picture"], values["trap"])


def widgets(state: DotProductState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    board, settings = state.board, state.settings
    return {
        f"{NAME}.preset": board.preset,
        f"{NAME}.seed.{loads}": board.seed,
        f"{NAME}.tokens.{loads}": " ".join(board.toy.tokens),
        f"{NAME}.d_head.{loads}": board.sizes[0],
        f"{NAME}.d_value.{loads}": board.sizes[1],
        f"{NAME}.n_real.{loads}": settings.n_real,
        f"{NAME}.picture": state.picture,
    } | {
        f"{NAME}.{name}": getattr(settings, name)
        for name in ("divided", "temperature", "mask", "softmax", "precision", "check")
    }


_MATRIX: Final = numbers(MAX_TOKENS, LARGEST_SIZE, *BOUNDS)
STORE: Final = PageStore(
    name=NAME,
    start=DotProductState,
    schema=Schema(
        version=2,
        fields={
            "preset": one_of(tuple(PRESETS)),
            "seed": integer(0, 9999),
            "tokens": token_words(MIN_TOKENS, MAX_TOKENS, LONGEST_TOKEN),
            "origins": optional(tuple_of(*[integer(0, MAX_TOKENS)] * MAX_TOKENS)),
            "d_head": integer(1, LARGEST_SIZE),
            "d_value": integer(1, LARGEST_SIZE),
            "query": _MATRIX,
            "key": _MATRIX,
            "value": _MATRIX,
            "painted": optional(bits(MAX_TOKENS, MAX_TOKENS)),
            "chosen_query": integer(0, MAX_TOKENS - 1),
            "chosen_key": integer(0, MAX_TOKENS - 1),
            "divided": switch(),
            "temperature": one_of(TEMPERATURES),
            "mask": one_of(MASKS),
            "n_real": integer(0, MAX_TOKENS),
            "softmax": one_of(SOFTMAXES),
            "precision": one_of(PRECISIONS),
            "check": switch(),
            "picture": one_of(PICTURES),
            "trap": trap_codec(TRAPS),
        },
    ),
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"chosen_query", "chosen_key", "check", "picture", "trap"}),
)


@lru_cache(maxsize=64)
def _origins(base: Toy, preset: str, seed: int) -> Origins | None:
    """Return which word of the preset each word of `base` was, from 1; 0 for none.

    None if they are where they would be had the sentence been changed in one step.
    """
    loaded = ToyState.load(preset, seed)
    sizes = base.query.shape[1], base.value.shape[1]
    if _equal(base, loaded.resized(base.tokens, *sizes).base):
        return None
    fitted = loaded.resized(loaded.toy.tokens, *sizes).base
    there = range(len(fitted.tokens))
    found = (
        next((place + 1 for place in there if _equal(base, fitted, row, place)), 0)
        for row in range(len(base.tokens))
    )
    origins = (*found, *(0,) * MAX_TOKENS)
    return origins[:MAX_TOKENS]


def _arranged(
    loaded: ToyState, origins: Origins, tokens: tuple[str, ...], d_head: int, d_value: int
) -> ToyState:
    """Return a preset with these words, each with the numbers of the word that it was."""
    if max(origins) > len(loaded.toy.tokens):
        raise PackingError("The link does not fit together: its preset has fewer words.")
    places = [origin - 1 if origin else None for origin in origins[: len(tokens)]]
    # Under names that no word can have: a new word may be called as one of the preset was.
    apart = replace(loaded.toy, tokens=tuple(f" {i}" for i in range(len(loaded.toy.tokens))))
    return replace(loaded, toy=apart, base=apart).resized(tokens, d_head, d_value, places)


def _equal(one: Toy, other: Toy, row: int | None = None, place: int | None = None) -> bool:
    """Tell whether two toys, or a row of each, have the same numbers."""
    here, there = (slice(None) if index is None else index for index in (row, place))
    return all(
        np.array_equal(getattr(one, name)[here], getattr(other, name)[there])
        for name in ("query", "key", "value")
    )
