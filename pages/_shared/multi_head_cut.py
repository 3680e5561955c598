"""What the reader has made of a toy of several heads, as one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.head_presets import D_MODEL, HEAD_PRESETS, HeadToy
from core.resizing import match_tokens
from pages._shared.matrix import Choice
from pages._shared.trained_heads import TrainedHeads
from pages._shared.trap import TrapChoice

NAME: Final = "multi_head"
MIN_WORDS: Final = 2
LONGEST_WORD: Final = 16
HEADS: Final = (1, 2, 4, 8)
SINGLE, OWN, GROUPED, ONE = "Single head", "Multi-head", "Grouped", "Multi-query"
PARTS: Final = ("Queries", "Keys", "Values", "Output", "Cache", "Counts")
QUERIES, KEYS, VALUES, OUTPUT, CACHE, COUNTS = PARTS
TRAINED: Final = "72 trained heads"  # offered beside the parts of the toy
SIZES: Final = ("12 layers of 768", "32 layers of 4,096", "80 layers of 8,192")
CONTEXTS: Final = (1_024, 4_096, 32_768, 131_072)
PRECISIONS: Final = ("8 bits", "16 bits", "32 bits")
BOUNDS: Final = (-9.0, 9.0)
MATRICES: Final = ("query", "key", "value", "output")
SEEDED: Final = ("Random",)

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class MultiHeadState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    preset, seed
        What it was loaded from.
    words : tuple of str
    origins : tuple of int or None
        Which word of the preset each of the words was, from 0; None for none.
    x : ndarray, (n_word, 8)
    query, key, value, output : ndarray, (8, 8)
        All columns that keys and values can have; shared ones use the first of each group.
    n_head, n_kv_head : {1, 2, 4, 8}
        Key/value heads: as many as heads, or fewer, each for a group of neighbouring heads.
    causal : bool
    dropped : frozenset of int
        Heads that are left out, from 0.
    head, reader, source : int
        The chosen weight.
    part : str
        Which part is shown.
    mean : bool
        Whether the mean of the heads is shown.
    n_cached : int, >= 1
        How many words the cache has read.
    size, context, precision
        Of the model whose cache is counted.
    version : int
        Raised whenever an editable matrix changes otherwise than under the reader's hand.
    trap : TrapChoice
    trained : TrainedHeads
    """

    preset: str
    seed: int
    words: tuple[str, ...]
    origins: tuple[int | None, ...]
    x: Array
    query: Array
    key: Array
    value: Array
    output: Array
    n_head: int
    n_kv_head: int
    causal: bool = False
    dropped: frozenset[int] = field(default_factory=frozenset)
    head: int = 0
    reader: int = 1
    source: int = 0
    part: str = QUERIES
    mean: bool = False
    n_cached: int = 3
    size: str = SIZES[1]
    context: int = CONTEXTS[1]
    precision: str = PRECISIONS[1]
    version: int = 0
    trap: TrapChoice = field(default_factory=TrapChoice)
    trained: TrainedHeads = field(default_factory=TrainedHeads)

    @staticmethod
    def load(preset: str = next(iter(HEAD_PRESETS)), seed: int = 0) -> MultiHeadState:
        """Return the page with a preset just loaded and everything else as it starts."""
        toy = load_toy(preset, seed)
        origins = tuple(range(len(toy.words)))
        matrices = {name: getattr(toy, name) for name in MATRICES}
        x, n = toy.embed(origins), toy.n_head
        return MultiHeadState(
            preset, seed, toy.words, origins, x, **matrices, n_head=n, n_kv_head=n
        )

    def loaded(self, preset: str, seed: int) -> MultiHeadState:
        """Return the state with another preset, shown as this one is."""
        shown = ("part", "mean", "size", "context", "precision", "trap", "trained")
        return replace(self.load(preset, seed), **{name: getattr(self, name) for name in shown})

    @property
    def toy(self) -> HeadToy:
        """The preset as it was loaded."""
        return load_toy(self.preset, self.seed)

    @property
    def base(self) -> Array:
        """The words' numbers before any edit."""
        return self.toy.embed(self.origins)

    @property
    def group(self) -> int:
        """How many heads share a key/value head."""
        return self.n_head // self.n_kv_head

    @property
    def sharing(self) -> str:
        """What such an attention is called."""
        if self.n_head == 1:
            return SINGLE
        return {self.n_head: OWN, 1: ONE}.get(self.n_kv_head, GROUPED)

    @property
    def d_head(self) -> int:
        """Width of a head."""
        return D_MODEL // self.n_head

    @property
    def shared_columns(self) -> NDArray[np.intp]:
        """Which columns of W_K and W_V are in use: those of the first head of each group."""
        heads = np.arange(D_MODEL).reshape(self.n_head, self.d_head)
        return heads[:: self.group].ravel()

    @property
    def is_causal(self) -> bool:
        """Whether a word reads itself and what stands before it alone, as with a cache."""
        return self.causal or self.part == CACHE

    @property
    def edited_arrays(self) -> bool:
        """Whether a number is not the preset's own."""
        toy = self.toy
        same = all(np.array_equal(getattr(self, name), getattr(toy, name)) for name in MATRICES)
        return not (same and np.array_equal(self.x, self.base))

    @property
    def note(self) -> str:
        """What to look for in the preset, as long as it is on the screen as it was loaded."""
        toy = self.toy
        as_loaded = self.words == toy.words and self.n_head == self.n_kv_head == toy.n_head
        as_loaded &= not (self.dropped or self.is_causal or self.edited_arrays)
        as_loaded &= self.part != COUNTS and not self.trained.on
        return toy.note if as_loaded else ""

    def edited(self, arrays: Mapping[str, NDArray[Any]]) -> MultiHeadState:
        """Return the state after the reader edited matrices on the board."""
        changes: dict[str, Array] = {"x": arrays["x"]} if "x" in arrays else {}
        for name in MATRICES:
            edit = arrays.get(f"w_{name}")
            if edit is None:
                continue
            whole = getattr(self, name).copy()
            whole[:, self.shared_columns if name in ("key", "value") else slice(None)] = edit
            changes[name] = whole
        return replace(self, **changes)  # type: ignore[arg-type]

    def chosen(self, choice: Choice) -> MultiHeadState:
        """Return the state after the reader chose a cell of a head's map."""
        head = head_of(choice.matrix)
        if head is None:
            return self
        return replace(self, head=head, reader=choice.row, source=choice.column)

    def switched(self, matrix: str, on: bool) -> MultiHeadState:
        """Return the state after a head was dropped or taken back."""
        head = head_of(matrix)
        if head is None:
            return self
        return replace(self, dropped=self.dropped | {head} if on else self.dropped - {head})

    def cut(self, n_head: int, n_kv_head: int | None = None) -> MultiHeadState:
        """Return the state with the same numbers cut into heads otherwise.

        Unless `n_kv_head` is given, as many heads share as before: all, if all did.
        """
        if n_kv_head is None:
            n_kv_head = 1 if self.sharing == ONE else n_head // min(self.group, n_head)
        if (n_head, n_kv_head) == (self.n_head, self.n_kv_head):
            return self
        dropped = self.dropped if n_head == self.n_head else frozenset[int]()
        return replace(
            self,
            n_head=n_head,
            n_kv_head=n_kv_head,
            dropped=dropped,
            head=min(self.head, n_head - 1),
            version=self.version + 1,
        )

    def said(self, sentence: tuple[str, ...]) -> MultiHeadState:
        """Return the state with other words; words that move take their numbers along.

        What a place adds stays with the place.
        """
        if sentence == self.words:
            return self
        came = match_tokens(self.words, sentence)
        origins: list[int | None] = [None if old is None else self.origins[old] for old in came]
        for place, old in enumerate(came):
            if old is None:  # a word of the preset that comes back
                known = (i for i, word in enumerate(self.toy.words) if word == sentence[place])
                origins[place] = next((i for i in known if i not in origins), None)
        state = replace(self, words=sentence, origins=tuple(origins))
        edits = self.x - self.base  # what the reader made of each word
        moved = [np.zeros(D_MODEL) if old is None else edits[old] for old in came]
        x = np.where(np.equal(moved, 0), state.base, np.round(state.base + moved, 6))
        last = len(sentence) - 1
        return replace(
            state,
            x=np.clip(x, *BOUNDS),
            reader=min(self.reader, last),
            source=min(self.source, last),
            n_cached=min(self.n_cached, last + 1),
            version=self.version + 1,
        )


@lru_cache(maxsize=64)
def load_toy(preset: str, seed: int) -> HeadToy:
    """Return a preset; the same one every time."""
    return HEAD_PRESETS[preset](seed)


def head_of(matrix: str) -> int | None:
    """Return which head's map a matrix of the board is, from 0, or None."""
    name, _, head = matrix.rpartition("_")
    return int(head) - 1 if name == "head" and head.isdigit() else None
