"""Word alignments: which source word each word of a translation belongs to, and how well it fits.

NumPy only. An alignment says what a head reads, not why a word was written; to test that, hide the
source word and translate again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.translation import Translation

Link = tuple[int, int]  # (word of the translation, source word), both from 0
FloatArray = NDArray[np.floating]


@dataclass(frozen=True)
class Gold:
    """What an alignment is measured against.

    Attributes
    ----------
    sure, possible : frozenset of (word, source word)
        Links that must be there, and those that may be: the sure ones are among the possible.
    """

    sure: frozenset[Link]
    possible: frozenset[Link]

    def __post_init__(self) -> None:
        if not self.sure <= self.possible:
            raise ValueError("Every sure link is a possible one too; here some are not.")


def gold_links(alignment: Sequence[Sequence[int]]) -> Gold:
    """Turn the generator's alignment into sure and possible links.

    Parameters
    ----------
    alignment : sequence of sequence of int
        For each word of the translation, the source words that it translates.

    Returns
    -------
    Gold
        A word's only link is sure. Of several, as with *du* for "of the", each is possible.
    """
    possible = {(word, source) for word, sources in enumerate(alignment) for source in sources}
    sure = {(word, sources[0]) for word, sources in enumerate(alignment) if len(sources) == 1}
    return Gold(sure=frozenset(sure), possible=frozenset(possible))


def links_of(weights: FloatArray, n_words: int, n_source: int) -> frozenset[Link]:
    """Link each word to the source word that it reads most.

    Parameters
    ----------
    weights : ndarray (word, source)
        Cross-attention, the row of each word being the one that predicts it. Rows and columns
        beyond the words, those of the ends, are left out.
    n_words, n_source : int
        Words of the translation and of the source, without their ends.
    """
    if not n_source:
        return frozenset()
    most_read = weights[:n_words, :n_source].argmax(axis=-1)
    return frozenset((word, int(source)) for word, source in enumerate(most_read))


def alignment_error_rate(pairs: Iterable[tuple[frozenset[Link], Gold]]) -> float:
    """Measure how far alignments are from the gold, over any number of sentences.

    The alignment error rate of Och and Ney 2003 (Computational Linguistics 29(1), equation 21):
    with A the links found, S the sure and P the possible ones,
    ``1 - (|A and S| + |A and P|) / (|A| + |S|)``, counted over all sentences together.

    Parameters
    ----------
    pairs : iterable of (links found, Gold)

    Returns
    -------
    float
        In [0, 1]; 0 is perfect, and so is nothing found where nothing is sure.
    """
    hits = total = 0
    for found, gold in pairs:
        hits += len(found & gold.sure) + len(found & gold.possible)
        total += len(found) + len(gold.sure)
    return 1.0 - hits / total if total else 0.0


def mean_of_heads(translation: Translation) -> FloatArray:
    """Return the mean of the cross-attention over all layers and heads, (word, source)."""
    mean: FloatArray = translation.cross_weights.mean(axis=(0, 1))
    return mean


def links_of_translation(translation: Translation) -> frozenset[Link]:
    """Link each French word to the English word that the mean of all cross heads reads most."""
    return links_of(mean_of_heads(translation), len(translation.french), len(translation.english))
