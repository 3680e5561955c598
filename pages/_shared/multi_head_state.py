"""The state of the multi-head page in the session and in its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

import numpy as np

from core.head_presets import D_MODEL, HEAD_PRESETS, MAX_WORDS
from core.packing import PackingError, Schema, bits, integer, numbers, one_of, switch, tuple_of
from core.packing import words as word_codec
from pages._shared import trained_choice, trained_heads
from pages._shared.link_changes import changes_of, with_changes
from pages._shared.multi_head_cut import (
    BOUNDS,
    CONTEXTS,
    HEADS,
    LONGEST_WORD,
    MATRICES,
    MIN_WORDS,
    NAME,
    PARTS,
    PRECISIONS,
    SIZES,
    TRAINED,
    MultiHeadState,
)
from pages._shared.page_store import PageStore
from pages._shared.trap import trap_codec
from pages._shared.traps.multi_head import TRAPS

# What a link carries as it is.
_PLAIN: Final = (
    "n_head",
    "n_kv_head",
    "causal",
    "head",
    "reader",
    "source",
    "part",
    "mean",
    "n_cached",
    "size",
    "context",
    "precision",
    "trap",
)


def pack(state: MultiHeadState) -> dict[str, Any]:
    """Return the values that a link carries; numbers that are the preset's own are left out."""
    toy = state.toy
    origins = [0 if origin is None else origin + 1 for origin in state.origins]
    matrices = {name: changes_of(getattr(state, name), getattr(toy, name)) for name in MATRICES}
    dropped = np.array([[head in state.dropped for head in range(max(HEADS))]])
    return {
        **{name: getattr(state, name) for name in ("preset", "seed", "words", *_PLAIN)},
        **matrices,
        "origins": (*origins, *(0,) * (MAX_WORDS - len(origins))),
        "x": changes_of(state.x, state.base),
        **trained_heads.pack(state.trained),
        "dropped": dropped,
    }


def unpack(values: Mapping[str, Any]) -> MultiHeadState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If the parts do not fit together.
    """
    loaded = MultiHeadState.load(values["preset"], values["seed"])
    n_word, n_known = len(values["words"]), len(loaded.words)
    named = [origin - 1 for origin in values["origins"] if origin]
    if any(values["origins"][n_word:]) or max(named, default=0) >= n_known:
        raise PackingError("The link does not fit together: it has other words than its preset.")
    origins = tuple(origin - 1 if origin else None for origin in values["origins"][:n_word])
    dropped = values["dropped"]
    if dropped.shape != (1, max(HEADS)) or dropped[0, values["n_head"] :].any():
        raise PackingError("The link does not fit together: it drops heads that are not there.")
    if values["n_kv_head"] > values["n_head"]:
        raise PackingError("The link does not fit together: more heads are shared than there are.")
    if values["head"] >= values["n_head"] or values["n_cached"] > n_word:
        raise PackingError("The link does not fit together: a head or a word is not there.")
    if max(values["reader"], values["source"]) >= n_word:
        raise PackingError("The link does not fit together: a word is not there.")
    state = replace(loaded, words=values["words"], origins=origins)
    arrays: dict[str, Any] = {
        name: with_changes(getattr(loaded, name), values[name]) for name in MATRICES
    }
    rest: dict[str, Any] = {name: values[name] for name in _PLAIN}
    return replace(
        state,
        x=with_changes(state.base, values["x"]),
        dropped=frozenset(np.flatnonzero(dropped[0]).tolist()),
        trained=trained_heads.unpack(values),
        **arrays,
        **rest,
    )


def widgets(state: MultiHeadState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    plain, trained = ("preset", "n_head", "causal", "mean"), state.trained
    return {
        **{f"{NAME}.{name}": getattr(state, name) for name in plain},
        f"{NAME}.part": TRAINED if trained.on else state.part,
        f"{NAME}.trained.text.{loads}": trained.text,
        f"{NAME}.trained.order": trained.order,
        f"{NAME}.trained.mean": trained.mean,
        f"{NAME}.size": state.size,
        f"{NAME}.context": state.context,
        f"{NAME}.precision": state.precision,
        f"{NAME}.seed.{loads}": state.seed,
        f"{NAME}.words.{loads}": " ".join(state.words),
        f"{NAME}.n_cached.{loads}": state.n_cached,
        f"{NAME}.n_kv_head.{loads}": state.n_kv_head,
    }


_MATRIX: Final = numbers(D_MODEL, D_MODEL, *BOUNDS)
STORE: Final = PageStore(
    name=NAME,
    start=MultiHeadState.load,
    schema=Schema(
        version=3,
        fields={
            "preset": one_of(tuple(HEAD_PRESETS)),
            "seed": integer(0, 9999),
            "words": word_codec(MIN_WORDS, MAX_WORDS, LONGEST_WORD),
            "origins": tuple_of(*[integer(0, MAX_WORDS)] * MAX_WORDS),
            "x": numbers(MAX_WORDS, D_MODEL, *BOUNDS),
            **dict.fromkeys(MATRICES, _MATRIX),
            "n_head": one_of(HEADS),
            "n_kv_head": one_of(HEADS),
            "causal": switch(),
            "dropped": bits(1, max(HEADS)),
            "head": integer(0, max(HEADS) - 1),
            "reader": integer(0, MAX_WORDS - 1),
            "source": integer(0, MAX_WORDS - 1),
            "part": one_of(PARTS),
            "mean": switch(),
            "n_cached": integer(1, MAX_WORDS),
            "size": one_of(SIZES),
            "context": one_of(CONTEXTS),
            "precision": one_of(PRECISIONS),
            "trap": trap_codec(TRAPS),
            **trained_heads.FIELDS,
        },
    ),
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"head", "reader", "source", "part", "mean"}) | trained_choice.LOOKS,
    choices=frozenset({"n_cached", "size", "context", "precision", "trap", "trained"}),
)
