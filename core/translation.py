"""What a translation gives back, and the interventions it takes.

Only arrays and small frozen records: no torch, so that a page can hold, compare and cache them.

A decoder writes one word at each step. Row i of the decoder's weights, of the cross-attention and
of the probabilities belongs to the step that *predicts* ``words[i]``. What enters that step is the
word before it: ``inputs[i]``. Reading the row that a word enters by as if it were the row that
predicted it is the classic mistake with maps of cross-attention; it is off by one.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.weight_edits import WeightEdit

Float32Array = NDArray[np.float32]
Part = Literal["encoder", "decoder", "cross"]

PARTS: tuple[Part, ...] = ("encoder", "decoder", "cross")
# How the tokens that are not words are called on maps and in lists.
START = "(start)"
END = "(end)"
# A translation with a word less probable than this is doubtful. What that means in practice was
# measured: see the model card in assets/translator.
DOUBTFUL = 0.5
N_ALTERNATIVES = 5
N_MOST = 40


@dataclass(frozen=True)
class Interventions:
    """What to change in one translation. Hashable, and empty by default.

    Attributes
    ----------
    hidden_words : frozenset of int
        Source positions that nothing may read: neither the encoder's self-attention (the
        encoder's states, in the recurrent model) nor the cross-attention. The end cannot be
        hidden, so there is always something left to read.
    dropped_heads : frozenset of (part, layer, head)
        Heads whose output is set to zero before the layer's output projection.
    weight_edits : tuple of (part, WeightEdit)
        Attention weights forced to a value, even that of a hidden word. In ``"decoder"`` and
        ``"cross"`` the query is the step: the row that predicts ``words[query]``. An edit of a
        step that is never reached changes nothing.
    off : frozenset of (stack, layer, kind)
        Blocks that add nothing to what they read from: `stack` is ``"encoder"`` or ``"decoder"``,
        `kind` one of ``"self"``, ``"cross"`` and ``"feed_forward"``. For the Transformer alone.
    """

    hidden_words: frozenset[int] = frozenset()
    dropped_heads: frozenset[tuple[Part, int, int]] = frozenset()
    weight_edits: tuple[tuple[Part, WeightEdit], ...] = ()
    off: frozenset[tuple[str, int, str]] = frozenset()

    def edits(self, part: Part, layer: int) -> list[WeightEdit]:
        """Return the edits made in one layer of one part, in their order."""
        return [edit for of, edit in self.weight_edits if of == part and edit.layer == layer]

    def dropped(self, part: Part, layer: int) -> list[int]:
        """Return the heads dropped in one layer of one part."""
        return sorted(head for of, at, head in self.dropped_heads if (of, at) == (part, layer))


@dataclass(frozen=True)
class Alternative:
    """A word that might have been written at a step, and its probability."""

    word: str
    probability: float


@dataclass(frozen=True, eq=False)
class Translation:
    """One translation and everything that was read to make it; all arrays read-only.

    Attributes
    ----------
    source : tuple of str
        The English words as they were given, then `END`.
    words : tuple of str
        The French words, then `END` if the model came to an end (see `finished`).
    unknown : tuple of int
        Source positions of words that the model does not know and so read as one and the same.
    probabilities : ndarray of float32, (word,)
        Probability of each word, given the words before it.
    alternatives : tuple of tuple of Alternative
        The most probable words of each step, best first; where the word was given rather than
        chosen it need not be among them.
    encoder_weights : ndarray of float32, (layer, head, source, source)
    decoder_weights : ndarray of float32, (layer, head, word, word)
        Row i predicts ``words[i]``; column j is ``inputs[j]``, the word that entered step j.
    cross_weights : ndarray of float32, (layer, head, word, source)
        Row i predicts ``words[i]``.
    interventions : Interventions
        What the translation was made under; the weights include it.

    Notes
    -----
    The recurrent model has one cross-attention, (1, 1, word, source), and no self-attention: its
    encoder and decoder weights have no layers.
    """

    source: tuple[str, ...]
    words: tuple[str, ...]
    unknown: tuple[int, ...]
    probabilities: Float32Array
    alternatives: tuple[tuple[Alternative, ...], ...]
    encoder_weights: Float32Array
    decoder_weights: Float32Array
    cross_weights: Float32Array
    interventions: Interventions = Interventions()

    def __post_init__(self) -> None:
        for array in (
            self.probabilities,
            self.encoder_weights,
            self.decoder_weights,
            self.cross_weights,
        ):
            array.flags.writeable = False

    @property
    def finished(self) -> bool:
        """Whether the model wrote an end, rather than being stopped after too many words."""
        return bool(self.words) and self.words[-1] == END

    @property
    def english(self) -> tuple[str, ...]:
        """The source without its end."""
        return self.source[:-1]

    @property
    def french(self) -> tuple[str, ...]:
        """The words without their end."""
        return self.words[:-1] if self.finished else self.words

    @property
    def inputs(self) -> tuple[str, ...]:
        """What entered each step: the start, then the word written before."""
        return (START, *self.words)[: len(self.words)]

    @property
    def least_probability(self) -> float:
        """The probability of the least certain word; 1 if there is no word."""
        return float(self.probabilities.min(initial=1.0))

    @property
    def is_doubtful(self) -> bool:
        """Whether some word was less probable than `DOUBTFUL`."""
        return self.least_probability < DOUBTFUL

    def weights(self, part: Part) -> Float32Array:
        """Return the weights of one part, (layer, head, query, key)."""
        return {
            "encoder": self.encoder_weights,
            "decoder": self.decoder_weights,
            "cross": self.cross_weights,
        }[part]

    def keys(self, part: Part) -> tuple[str, ...]:
        """Return what the columns of a part's weights stand for."""
        return self.inputs if part == "decoder" else self.source

    def queries(self, part: Part) -> tuple[str, ...]:
        """Return what the rows of a part's weights stand for: words written, or source words."""
        return self.source if part == "encoder" else self.words


def check_interventions(
    interventions: Interventions,
    n_words: int,
    heads_of_part: dict[Part, tuple[int, int]],
    n_most: int = N_MOST,
) -> None:
    """Raise a ValueError if an intervention names something that is not there.

    Parameters
    ----------
    interventions : Interventions
    n_words : int
        Words of the source, its end not counted.
    heads_of_part : dict of part to (layers, heads)
        What the model has.
    n_most : int
        Most words that will be written.
    """
    for position in interventions.hidden_words:
        if not 0 <= position < n_words:
            raise ValueError(
                f"There is no source word {position} to hide: {n_words} words, counted from 0."
            )
    _check_heads(interventions, heads_of_part)
    _check_blocks(interventions, heads_of_part)
    for part, edit in interventions.weight_edits:
        n_queries = n_words + 1 if part == "encoder" else n_most
        n_keys = edit.query + 1 if part == "decoder" else n_words + 1
        if not (0 <= edit.query < n_queries and 0 <= edit.key < n_keys):
            raise ValueError(
                f"There is no {part} weight from {edit.query} to {edit.key}: the source has "
                f"{n_words} words and an end, and a step reads no word that comes after it."
            )


def _check_heads(interventions: Interventions, heads_of_part: dict[Part, tuple[int, int]]) -> None:
    named: Iterable[tuple[Part, int, int]] = [
        *interventions.dropped_heads,
        *((part, edit.layer, edit.head) for part, edit in interventions.weight_edits),
    ]
    for part, layer, head in named:
        n_layers, n_heads = heads_of_part.get(part, (0, 0))
        if not (0 <= layer < n_layers and 0 <= head < n_heads):
            raise ValueError(
                f"There is no head {head} in layer {layer} of the {part}: it has {n_layers} layers "
                f"of {n_heads} heads, both counted from 0."
            )


def _check_blocks(interventions: Interventions, heads_of_part: dict[Part, tuple[int, int]]) -> None:
    kinds = {"encoder": ("self", "feed_forward"), "decoder": ("self", "cross", "feed_forward")}
    for stack, layer, kind in interventions.off:
        n_layers = next((n for part, (n, _) in heads_of_part.items() if part == stack), 0)
        if kind not in kinds.get(stack, ()) or not 0 <= layer < n_layers:
            raise ValueError(
                f"There is no block {kind!r} in layer {layer} of the {stack} to switch off: it has "
                f"{n_layers} layers, counted from 0."
            )
