"""What a reader has made of two sentences and the matrices that project them: one frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import lru_cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.sequence_examples import EXAMPLES, SEEDED, Example
from core.sequences import Order
from pages._shared.sentence import Sentence
from pages._shared.trained_sequences import TrainedSequences
from pages._shared.trap import TrapChoice

FloatArray = NDArray[np.float64]

NAME: Final = "self_vs_cross"
SELF: Final = "Self"
CAUSAL: Final = "Causal self"
CROSS: Final = "Cross"
DECODER: Final = "Decoder layer"
# On the screen, and as `Example.notes` has them; an example opens with the first kind it has.
KINDS: Final[Mapping[str, str]] = {
    SELF: "self",
    CAUSAL: "causal",
    CROSS: "cross",
    DECODER: "decoder",
}
TRAINED: Final = "Trained models"  # offered beside the kinds of the toy
BOUNDS: Final = (-9.0, 9.0)
SIDES: Final = ("target", "source")
# What a board calls a matrix -> the field of `Matrices`.
MATRIX_FIELDS: Final[Mapping[str, str]] = {
    f"{part}_W_{field[0].upper()}": f"{part}_{field}"
    for part in ("self", "cross")
    for field in ("query", "key", "value")
}
MOST_DRAWS: Final = 9999


@dataclass(frozen=True, eq=False)
class Matrices:
    """W_Q, W_K and W_V of both attentions, each (MOST_NUMBERS, MOST_NUMBERS).

    What lies beyond the present sizes is kept for when they grow again.
    """

    self_query: FloatArray
    self_key: FloatArray
    self_value: FloatArray
    cross_query: FloatArray
    cross_key: FloatArray
    cross_value: FloatArray

    @staticmethod
    def of(example: Example) -> Matrices:
        """Return the matrices of an example."""
        return Matrices(**{part.name: getattr(example, part.name) for part in fields(Matrices)})


@dataclass(frozen=True, eq=False)
class SelfCrossState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    preset : str
        The example that it was loaded from.
    seed : int
    kind : {"Self", "Causal self", "Cross", "Decoder layer"}
    step : {0, 1}
        Which of a decoder layer's two attentions is shown in full.
    target, source : Sentence
    start : ndarray of float64, (MOST_NUMBERS,)
        The embedding of the start of a sequence, for a decoder.
    matrices : Matrices
    d_model, d_head, d_value : int
    query, key : int
        The chosen cell of the weights; beyond them is their last row or column.
    draw : int
        Seed of the next shuffle.
    version : int
        Raised whenever an editable matrix changes otherwise than under the reader's hand.
    trap, trained : TrapChoice, TrainedSequences
    """

    preset: str
    seed: int
    kind: str
    step: int
    target: Sentence
    source: Sentence
    start: FloatArray
    matrices: Matrices
    d_model: int
    d_head: int
    d_value: int
    query: int
    key: int
    draw: int = 0
    version: int = 0
    trap: TrapChoice = field(default_factory=TrapChoice)
    trained: TrainedSequences = field(default_factory=TrainedSequences)

    @staticmethod
    def load(preset: str, seed: int = 0, kind: str = CROSS) -> SelfCrossState:
        """Return the page with an example just loaded.

        Parameters
        ----------
        preset : str
        seed : int
            Without a meaning for an example that takes none.
        kind : str
            Kept if the example has something to show in it.
        """
        example = base_of(preset, seed)
        if KINDS[kind] not in example.notes:
            kind = next(name for name, short in KINDS.items() if short in example.notes)
        return SelfCrossState(
            preset=preset,
            seed=seed,
            kind=kind,
            step=1,
            target=Sentence.of(example.target, example.target_rows),
            source=Sentence.of(example.source, example.source_rows),
            start=example.start,
            matrices=Matrices.of(example),
            d_model=example.d_model,
            d_head=example.d_head,
            d_value=example.d_value,
            query=example.chosen[0],
            key=example.chosen[1],
        )

    @property
    def base(self) -> Example:
        """The example as it was loaded."""
        return base_of(self.preset, self.seed)

    @property
    def width(self) -> int:
        """What W_V ends in: in a decoder layer d_model, because the output is added to x."""
        return self.d_model if self.kind == DECODER else self.d_value

    def with_kind(self, kind: str) -> SelfCrossState:
        """Return the state with another kind of attention."""
        if kind == self.kind:
            return self
        changed = replace(self, kind=kind, version=self.version + 1)
        return changed._with_open_cell()

    def with_step(self, step: int) -> SelfCrossState:
        """Return the state with another of a decoder layer's attentions shown in full."""
        if step == self.step:
            return self
        changed = replace(self, step=step, version=self.version + 1)
        return changed._with_open_cell()

    def _with_open_cell(self) -> SelfCrossState:
        """Return the state with a cell chosen that no causal mask blocks."""
        causal = self.kind == CAUSAL or (self.kind == DECODER and self.step == 0)
        return replace(self, key=min(self.key, self.query)) if causal else self

    def with_words(self, side: str, words: tuple[str, ...]) -> SelfCrossState:
        """Return the state with other words on one side; words that stay keep their numbers."""
        sentence: Sentence = getattr(self, side)
        if words == sentence.words:
            return self
        example = self.base
        changed = sentence.with_words(
            words, getattr(example, side), getattr(example, f"{side}_rows")
        )
        return self._with_sentence(side, changed, moved=changed.origins != sentence.origins)

    def with_sizes(self, d_model: int, d_head: int, d_value: int) -> SelfCrossState:
        """Return the state with other sizes; numbers that were cut off come back."""
        if (d_model, d_head, d_value) == (self.d_model, self.d_head, self.d_value):
            return self
        return replace(
            self, d_model=d_model, d_head=d_head, d_value=d_value, version=self.version + 1
        )

    def permuted(self, side: str, order: Order) -> SelfCrossState:
        """Return the state with the words of one side in another order.

        The chosen cell goes where its words go.
        """
        sentence: Sentence = getattr(self, side)
        moved = self._with_sentence(side, sentence.permuted(order), moved=True)
        last = len(order) - 1
        if side == "target":
            moved = replace(moved, query=order.index(min(self.query, last)))
        # In its first step a decoder layer reads what it was given: no side, and its own order.
        asked = {CROSS: "source", DECODER: ("", "source")[self.step]}.get(self.kind, "target")
        if side == asked:
            moved = replace(moved, key=order.index(min(self.key, last)))
        return moved

    def edited(self, arrays: Mapping[str, NDArray[Any]]) -> SelfCrossState:
        """Return the state after the reader edited matrices on the board, named as in `arrays`.

        ``"x_target"`` and ``"x_source"`` are embeddings (in a decoder layer the first is what the
        decoder is given: the start, then all target words but the last), ``"self_W_Q"`` and so on
        the matrices.
        """
        target, source, start = self.target, self.source, self.start
        changed: dict[str, FloatArray] = {}
        for name, array in arrays.items():
            if name == "x_target" and self.kind == DECODER:
                start = _put(array[:1], start[None])[0]
                target = replace(target, rows=_put(array[1:], target.rows))
            elif name == "x_target":
                target = replace(target, rows=_put(array, target.rows))
            elif name == "x_source":
                source = replace(source, rows=_put(array, source.rows))
            else:
                field = MATRIX_FIELDS[name]
                changed[field] = _put(array, getattr(self.matrices, field))
        matrices = replace(self.matrices, **changed)
        return replace(self, target=target, source=source, start=start, matrices=matrices)

    def _with_sentence(self, side: str, sentence: Sentence, *, moved: bool) -> SelfCrossState:
        version = self.version + moved
        if side == "target":
            return replace(self, target=sentence, version=version)
        return replace(self, source=sentence, version=version)


def _put(corner: NDArray[Any], whole: FloatArray) -> FloatArray:
    """Return `whole` with its first corner replaced."""
    changed = whole.copy()
    changed[: corner.shape[0], : corner.shape[1]] = corner
    return changed


@lru_cache(maxsize=64)
def base_of(preset: str, seed: int) -> Example:
    """Build an example; the same one is built once."""
    build = EXAMPLES[preset]
    return build(seed=seed) if preset in SEEDED else build()


def start_state() -> SelfCrossState:
    """Return the state that the page starts with."""
    return SelfCrossState.load(next(iter(EXAMPLES)))
