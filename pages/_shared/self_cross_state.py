"""The link of the page on self- and cross-attention, its widgets, and where its state is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any, Final

import numpy as np

from core.packing import PackingError, Schema, integer, numbers, one_of, optional, tuple_of
from core.packing import words as sentence_words
from core.sequence_examples import EXAMPLES, MOST_NUMBERS, MOST_WORDS, N_ROWS, Example
from pages._shared import trained_choice, trained_sequences
from pages._shared.link_changes import changes_of, with_changes
from pages._shared.page_store import PageStore
from pages._shared.self_cross import (
    BOUNDS,
    KINDS,
    MOST_DRAWS,
    NAME,
    SIDES,
    TRAINED,
    FloatArray,
    Matrices,
    SelfCrossState,
    base_of,
    start_state,
)
from pages._shared.sentence import Sentence
from pages._shared.toy_state import LONGEST_TOKEN, MIN_TOKENS
from pages._shared.trap import trap_codec
from pages._shared.traps.self_vs_cross import TRAPS


def pack(state: SelfCrossState) -> dict[str, Any]:
    """Return the values that a link carries; numbers that are the example's own are left out."""
    base = state.base
    values = {
        name: getattr(state, name)
        for name in ("preset", "seed", "kind", "step", "d_model", "d_head", "d_value", "draw")
    }
    for side in SIDES:
        sentence: Sentence = getattr(state, side)
        loaded: FloatArray = getattr(base, f"{side}_rows")
        usual = tuple(range(len(sentence.words)))
        values |= {
            side: sentence.words if sentence.words != getattr(base, side) else None,
            f"{side}_origins": _filled(sentence.origins) if sentence.origins != usual else None,
            f"{side}_order": _filled(sentence.order) if sentence.order != usual else None,
            f"{side}_rows": changes_of(sentence.rows, loaded[list(sentence.origins)]),
        }
    values["start"] = changes_of(state.start[None], base.start[None])
    for part in fields(Matrices):
        name = part.name
        values[name] = changes_of(getattr(state.matrices, name), getattr(base, name))
    looked_at = {"chosen_query": state.query, "chosen_key": state.key, "trap": state.trap}
    return values | looked_at | trained_sequences.pack(state.trained)


def unpack(values: Mapping[str, Any]) -> SelfCrossState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If the parts do not fit together.
    """
    base = base_of(values["preset"], values["seed"])
    names = [part.name for part in fields(Matrices)]
    return SelfCrossState(
        **{name: values[name] for name in ("preset", "seed", "kind", "step", "draw")},
        **{name: values[name] for name in ("d_model", "d_head", "d_value")},
        target=_unpack_sentence(values, "target", base),
        source=_unpack_sentence(values, "source", base),
        start=with_changes(base.start[None], values["start"])[0],
        matrices=Matrices(
            **{name: with_changes(getattr(base, name), values[name]) for name in names}
        ),
        query=values["chosen_query"],
        key=values["chosen_key"],
        trap=values["trap"],
        trained=trained_sequences.unpack(values),
    )


def _unpack_sentence(values: Mapping[str, Any], side: str, base: Example) -> Sentence:
    rows: FloatArray = getattr(base, f"{side}_rows")
    words: tuple[str, ...] = getattr(base, side) if values[side] is None else values[side]
    usual = tuple(range(len(words)))
    origins, order = (
        usual if given is None else given[: len(words)]
        for given in (values[f"{side}_origins"], values[f"{side}_order"])
    )
    if sorted(order) != list(usual):
        raise PackingError("The link does not fit together: its words have no order.")
    numbers_now = with_changes(rows[list(origins)], values[f"{side}_rows"])
    return Sentence(words, numbers_now, origins, order)


def widgets(state: SelfCrossState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    return {
        f"{NAME}.preset": state.preset,
        f"{NAME}.seed.{loads}": state.seed,
        f"{NAME}.kind": TRAINED if state.trained.on else state.kind,
        f"{NAME}.trained.kind": state.trained.kind,
        f"{NAME}.trained.text.{loads}": state.trained.text,
        f"{NAME}.trained.mean": state.trained.mean,
        f"{NAME}.target.{loads}": " ".join(state.target.words),
        f"{NAME}.source.{loads}": " ".join(state.source.words),
        f"{NAME}.d_model.{loads}": state.d_model,
        f"{NAME}.d_head.{loads}": state.d_head,
        f"{NAME}.d_value.{loads}": state.d_value,
    }


def is_as_loaded(state: SelfCrossState) -> bool:
    """Tell whether words, numbers and sizes are those of the example."""
    loaded, now = pack(SelfCrossState.load(state.preset, state.seed)), pack(state)
    other = {"kind", "step", "chosen_query", "chosen_key", "draw", "trap"}
    other |= trained_sequences.FIELDS.keys()
    return all(_same(loaded[name], now[name]) for name in loaded if name not in other)


def note_of(state: SelfCrossState) -> str:
    """Say what there is to see in an example, as long as it is as it was loaded."""
    note = state.base.notes.get(KINDS[state.kind], "")
    return note if note and is_as_loaded(state) and not state.trained.on else ""


def _filled(places: tuple[int, ...]) -> tuple[int, ...]:
    return (*places, *(0,) * (MOST_WORDS - len(places)))


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=True)
    return bool(one == other)


_WORDS: Final = sentence_words(MIN_TOKENS, MOST_WORDS, LONGEST_TOKEN)
_ROWS: Final = numbers(MOST_WORDS, MOST_NUMBERS, *BOUNDS)
_SIZE: Final = integer(1, MOST_NUMBERS)
STORE: Final = PageStore(
    name=NAME,
    start=start_state,
    schema=Schema(
        version=2,
        fields={
            "preset": one_of(tuple(EXAMPLES)),
            "seed": integer(0, 9999),
            "kind": one_of(tuple(KINDS)),
            "step": integer(0, 1),
            "draw": integer(0, MOST_DRAWS),
            "target": optional(_WORDS),
            "source": optional(_WORDS),
            "target_origins": optional(tuple_of(*[integer(0, N_ROWS - 1)] * MOST_WORDS)),
            "source_origins": optional(tuple_of(*[integer(0, N_ROWS - 1)] * MOST_WORDS)),
            "target_order": optional(tuple_of(*[integer(0, MOST_WORDS - 1)] * MOST_WORDS)),
            "source_order": optional(tuple_of(*[integer(0, MOST_WORDS - 1)] * MOST_WORDS)),
            "d_model": _SIZE,
            "d_head": _SIZE,
            "d_value": _SIZE,
            "target_rows": _ROWS,
            "source_rows": _ROWS,
            "start": numbers(1, MOST_NUMBERS, *BOUNDS),
            **{part.name: _ROWS for part in fields(Matrices)},
            "chosen_query": integer(0, MOST_WORDS - 1),
            "chosen_key": integer(0, MOST_WORDS - 1),
            "trap": trap_codec(TRAPS),
            **trained_sequences.FIELDS,
        },
    ),
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"chosen_query", "chosen_key", "step", "trap"}) | trained_choice.LOOKS,
    choices=frozenset({"trained", "trained_kind"}),
)


def keep(shown: str, change: Callable[[SelfCrossState], SelfCrossState]) -> None:
    """Keep a change; done to what was replaced meanwhile, it means nothing."""
    if STORE.version(STORE.current.version) == shown:
        STORE.keep(change(STORE.current))
