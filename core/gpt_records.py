"""What the language model gives back, and the interventions it takes.

Only arrays and small frozen records: no torch, so that a page can hold, compare and cache them.

Positions count what enters the model: the start is 0, the first word 1. Row i of the probabilities
says what comes *after* ``inputs[i]``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from core.sampling import best_first
from core.translation import END, Alternative
from core.weight_edits import WeightEdit, check_heads

Float32Array = NDArray[np.float32]
Cache = TypeVar("Cache")


@dataclass(frozen=True)
class GptInterventions:
    """What to change in one pass. Hashable, and empty by default.

    Attributes
    ----------
    hidden_words : frozenset of int
        Positions that nothing may read, the word itself no more than later ones; its own row still
        sets out from the word's vector. The start cannot be hidden, so that every row has something
        left to read.
    dropped_heads : frozenset of (layer, head)
        Heads whose output is set to zero before the layer's output projection.
    weight_edits : tuple of WeightEdit
        Attention weights forced to a value, even that of a hidden word. Query and key are
        positions; no query reads a later key.
    off : frozenset of (kind, layer)
        Parts that add nothing: kind is "self" or "feed_forward".
    """

    hidden_words: frozenset[int] = frozenset()
    dropped_heads: frozenset[tuple[int, int]] = frozenset()
    weight_edits: tuple[WeightEdit, ...] = ()
    off: frozenset[tuple[str, int]] = frozenset()

    def check(self, n_positions: int, n_layers: int, n_heads: int) -> None:
        """Raise a ValueError if something is named that is not there.

        `n_positions` counts what enters the model, the start among it.
        """
        for position in self.hidden_words:
            if not 1 <= position < n_positions:
                raise ValueError(
                    f"There is no word {position} to hide: words stand at 1 to {n_positions - 1}, "
                    "and the start at 0 always stays."
                )
        check_heads(self.dropped_heads, self.weight_edits, n_layers, n_heads)
        for edit in self.weight_edits:
            if not 0 <= edit.key <= edit.query < n_positions:
                raise ValueError(
                    f"There is no weight from {edit.query} to {edit.key}: positions run from 0 to "
                    f"{n_positions - 1}, and no word reads a later one."
                )
        for kind, layer in self.off:
            if kind not in {"self", "feed_forward"} or not 0 <= layer < n_layers:
                raise ValueError(
                    f"There is no part {kind!r} in a layer {layer}: a layer, 0 to {n_layers - 1}, "
                    'has "self" and "feed_forward".'
                )


NO_CHANGES = GptInterventions()


@dataclass(frozen=True, eq=False)
class GptPass:
    """One text and everything that was read in it; all arrays read-only.

    Attributes
    ----------
    inputs : tuple of str
        `core.translation.START`, then the words.
    unknown : tuple of int
        Positions of words that the model does not know and so read as one and the same.
    names : tuple of str
        What the columns of the probabilities stand for: `core.translation.END`, then every word.
    weights : ndarray of float32, (layer, head, query, key)
        Forced ones included. Of a dropped head too: it is its output that is set to zero.
    log_probabilities : ndarray of float32, (position, word)
        Row i predicts what comes after ``inputs[i]``. Natural logarithms.
    interventions : GptInterventions
        What the pass was made under.
    """

    inputs: tuple[str, ...]
    unknown: tuple[int, ...]
    names: tuple[str, ...]
    weights: Float32Array
    log_probabilities: Float32Array
    interventions: GptInterventions = NO_CHANGES

    def __post_init__(self) -> None:
        for array in (self.weights, self.log_probabilities):
            array.flags.writeable = False

    @property
    def words(self) -> tuple[str, ...]:
        """The words without the start."""
        return self.inputs[1:]

    @cached_property
    def columns(self) -> dict[str, int]:
        """The column of each word, and of the end."""
        return {name: column for column, name in enumerate(self.names)}

    def probability(self, position: int, word: str) -> float:
        """Return the probability that a word comes after ``inputs[position]``.

        Raises
        ------
        ValueError
            If the model cannot write the word.
        """
        if word not in self.columns:
            raise ValueError(f"The model cannot write {word!r}: it does not know it.")
        return float(np.exp(self.log_probabilities[position, self.columns[word]]))

    def rank(self, position: int, word: str) -> int:
        """Return how many words are more probable after ``inputs[position]``, plus 1."""
        row = self.log_probabilities[position]
        return 1 + int((row > row[self.columns[word]]).sum())

    def most_probable(self, position: int, n: int) -> tuple[Alternative, ...]:
        """Return the n most probable words after ``inputs[position]``, best first."""
        row = self.log_probabilities[position]
        return tuple(
            Alternative(self.names[index], float(np.exp(row[index])))
            for index in best_first(row)[:n]
        )

    @cached_property
    def of_words(self) -> tuple[float | None, ...]:
        """The log-probability of each word, given those before it; None for unknown ones."""
        return tuple(
            float(self.log_probabilities[place, self.columns[word]])
            if word in self.columns
            else None
            for place, word in enumerate(self.words)
        )

    @property
    def perplexity(self) -> float | None:
        """``exp(-mean log-probability)`` over the known words; None where there is none.

        Between how many equally probable words it chose, on average.
        """
        known = [value for value in self.of_words if value is not None]
        return float(np.exp(-np.mean(known))) if known else None


@dataclass(frozen=True, eq=False)
class GptVectors:
    """What enters the scaled dot products of one layer.

    Attributes
    ----------
    query, key, value : ndarray of float32, (head, position, d_head)
        Keys and values are what a cache holds.
    """

    query: Float32Array
    key: Float32Array
    value: Float32Array


@dataclass(frozen=True, eq=False)
class GptStep(Generic[Cache]):
    """One word read with a cache.

    Attributes
    ----------
    log_probabilities : ndarray of float32, (word,)
        Of what comes next.
    rows : ndarray of float32, (layer, head, key)
        What the word read of itself and of everything before it.
    cache : as `core.gpt.Cache`
        What the next step needs. Never changed, so several continuations may start from one.
    """

    log_probabilities: Float32Array
    rows: Float32Array
    cache: Cache


@dataclass(frozen=True)
class WrittenWord:
    """A word that was written.

    Attributes
    ----------
    word : str
        `core.translation.END` where the text came to its end.
    probability : float
        As the model gave it.
    chance : float
        That it was drawn with, after temperature, top-k and top-p.
    """

    word: str
    probability: float
    chance: float


@dataclass(frozen=True, eq=False)
class Written:
    """What was written after a text.

    Attributes
    ----------
    given : tuple of str
        What stood there before.
    words : tuple of WrittenWord
        With the end, if it came to one.
    log_probabilities : tuple of ndarray of float32, (word,)
    rows : tuple of ndarray of float32, (layer, head, key)
        What each was chosen from, and what the position that predicted it read.
    """

    given: tuple[str, ...]
    words: tuple[WrittenWord, ...]
    log_probabilities: tuple[Float32Array, ...]
    rows: tuple[Float32Array, ...]

    @property
    def finished(self) -> bool:
        """Whether the text came to its end."""
        return bool(self.words) and self.words[-1].word == END

    @property
    def text(self) -> tuple[str, ...]:
        """What was given and what was written, without the end."""
        return (*self.given, *(each.word for each in self.words if each.word != END))
