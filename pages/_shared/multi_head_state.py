"""The state of the multi-head page, its link, and what is computed from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.head_counts import HeadSizes
from core.head_presets import D_MODEL, HEAD_PRESETS, MAX_WORDS
from core.multi_head import Cache, MultiHead, Projections, multi_head_attention
from core.packing import PackingError, Schema, bits, integer, numbers, one_of, switch, tuple_of
from core.packing import words as word_codec
from pages._shared.multi_head_cut import (
    BOUNDS,
    CACHE,
    CONTEXTS,
    HEADS,
    LONGEST_WORD,
    MATRICES,
    MIN_WORDS,
    NAME,
    PARTS,
    PRECISIONS,
    SHARINGS,
    SIZES,
    Array,
    MultiHeadState,
)
from pages._shared.page_store import PageStore
from pages._shared.trap import trap_codec
from pages._shared.traps.multi_head import TRAPS

__all__ = ["NAME", "STORE", "MultiHeadState", "Scene", "see"]

# What a link carries as it is.
_PLAIN: Final = (
    "n_head",
    "sharing",
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


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page shows: its state and what was computed from it.

    Attributes
    ----------
    state : MultiHeadState
    projections : Projections
        The matrices as they are cut; keys and values may be shared.
    result : MultiHead
        Without the heads that are dropped.
    """

    state: MultiHeadState
    projections: Projections
    result: MultiHead

    @property
    def weights(self) -> NDArray[np.floating[Any]]:
        """The map of every head, (n_head, n_word, n_word), also of those dropped."""
        return self.result.attention.weights

    @property
    def causal(self) -> bool:
        """Whether a word reads itself and what stands before it alone."""
        return self.state.causal or self.state.part == CACHE

    @property
    def sizes(self) -> HeadSizes:
        """What the costs follow from."""
        state = self.state
        return HeadSizes(D_MODEL, state.n_head, state.n_kv_head, state.d_head)

    @cached_property
    def whole(self) -> MultiHead:
        """The attention with every head."""
        return attend(self) if self.state.dropped else self.result

    @cached_property
    def kept(self) -> tuple[int, ...]:
        """The heads that are not dropped, from 0."""
        return tuple(head for head in range(self.state.n_head) if head not in self.state.dropped)

    @cached_property
    def mean(self) -> NDArray[np.floating[Any]]:
        """The mean map of the heads that are not dropped, (n_word, n_word); 0 of none."""
        if not self.kept:
            return np.zeros_like(self.weights[0])
        return np.asarray(self.weights[list(self.kept)].mean(axis=0))

    @cached_property
    def elsewhere(self) -> NDArray[np.floating[Any]]:
        """How much of each head's weight lies elsewhere than in the mean, (n_head,), 0 to 1."""
        far = np.abs(self.weights - self.mean).sum(axis=-1) / 2  # (n_head, n_word)
        return np.asarray(far.mean(axis=-1))

    @cached_property
    def steps(self) -> tuple[MultiHead, ...]:
        """Word after word, each step with the cache of those before."""
        steps: list[MultiHead] = []
        for word in range(self.state.n_cached):
            past = steps[-1].present if steps else None
            steps.append(attend(self, word, past, dropped=self.state.dropped))
        return tuple(steps)


def see(state: MultiHeadState) -> Scene:
    """Compute what the page shows in a state."""
    columns = state.shared_columns
    projections = Projections(
        state.query, state.key[:, columns], state.value[:, columns], state.output
    )
    result = multi_head_attention(
        state.x,
        None,
        projections,
        n_head=state.n_head,
        n_kv_head=state.n_kv_head,
        causal=state.causal or state.part == CACHE,
        dropped=state.dropped,
    )
    return Scene(state, projections, result)


def attend(
    scene: Scene,
    word: int | None = None,
    past: Cache | None = None,
    *,
    dropped: frozenset[int] = frozenset(),
) -> MultiHead:
    """Compute a scene's attention otherwise: without other heads, or for one more word."""
    state = scene.state
    return multi_head_attention(
        state.x if word is None else state.x[word : word + 1],
        None,
        scene.projections,
        n_head=state.n_head,
        n_kv_head=state.n_kv_head,
        causal=scene.causal,
        past=past,
        dropped=dropped,
    )


def pack(state: MultiHeadState) -> dict[str, Any]:
    """Return the values that a link carries; numbers that are the preset's own are left out."""
    toy = state.toy
    origins = [0 if origin is None else origin + 1 for origin in state.origins]
    matrices = {name: _changes(getattr(state, name), getattr(toy, name)) for name in MATRICES}
    dropped = np.array([[head in state.dropped for head in range(max(HEADS))]])
    return {
        **{name: getattr(state, name) for name in ("preset", "seed", "words", *_PLAIN)},
        **matrices,
        "origins": (*origins, *(0,) * (MAX_WORDS - len(origins))),
        "x": _changes(state.x, state.base),
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
    if values["head"] >= values["n_head"] or values["n_cached"] > n_word:
        raise PackingError("The link does not fit together: a head or a word is not there.")
    if max(values["reader"], values["source"]) >= n_word:
        raise PackingError("The link does not fit together: a word is not there.")
    state = replace(loaded, words=values["words"], origins=origins)
    arrays: dict[str, Any] = {name: _fill(values[name], getattr(loaded, name)) for name in MATRICES}
    rest: dict[str, Any] = {name: values[name] for name in _PLAIN}
    return replace(
        state,
        x=_fill(values["x"], state.base),
        dropped=frozenset(np.flatnonzero(dropped[0]).tolist()),
        **arrays,
        **rest,
    )


def widgets(state: MultiHeadState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    plain = ("preset", "n_head", "sharing", "part", "causal", "mean")
    return {
        **{f"{NAME}.{name}": getattr(state, name) for name in plain},
        f"{NAME}.size": state.size,
        f"{NAME}.context": state.context,
        f"{NAME}.precision": state.precision,
        f"{NAME}.seed.{loads}": state.seed,
        f"{NAME}.words.{loads}": " ".join(state.words),
        f"{NAME}.n_cached.{loads}": state.n_cached,
    }


def _changes(array: Array, base: Array) -> Array:
    return np.where(array == base, np.nan, array)


def _fill(changes: Array, base: Array) -> Array:
    if changes.shape != base.shape:
        raise PackingError("The link does not fit together: a matrix has another size.")
    given = ~np.isnan(changes)
    return np.where(given, changes, base) if given.any() else base


_MATRIX: Final = numbers(D_MODEL, D_MODEL, *BOUNDS)
STORE: Final = PageStore(
    name=NAME,
    start=MultiHeadState.load,
    schema=Schema(
        version=1,
        fields={
            "preset": one_of(tuple(HEAD_PRESETS)),
            "seed": integer(0, 9999),
            "words": word_codec(MIN_WORDS, MAX_WORDS, LONGEST_WORD),
            "origins": tuple_of(*[integer(0, MAX_WORDS)] * MAX_WORDS),
            "x": numbers(MAX_WORDS, D_MODEL, *BOUNDS),
            **dict.fromkeys(MATRICES, _MATRIX),
            "n_head": one_of(HEADS),
            "sharing": one_of(SHARINGS),
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
        },
    ),
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"head", "reader", "source", "part", "mean"}),
    choices=frozenset({"n_cached", "size", "context", "precision", "trap"}),
)
