"""N-gram models to hold the language model against: interpolated Kneser-Ney smoothing.

Kneser and Ney 1995, in the interpolated form of Chen and Goodman 1999, section 2.7, with one
discount. A word's probability after a context is its count there, less the discount; what is taken
off is shared out by the next shorter context, in which each word counts once for every word that it
was seen after.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

DISCOUNT = 0.75
START = -1


class NgramModel:
    """Counts of one text after another; columns are numbered as the caller likes, from 0."""

    def __init__(self, order: int, n_words: int) -> None:
        self.order, self.n_words = order, n_words
        # counts[k]: after contexts of k words
        self.counts: list[defaultdict[tuple[int, ...], Counter[int]]] = [
            defaultdict(Counter) for _ in range(order)
        ]

    def read(self, texts: Iterable[Sequence[int]]) -> NgramModel:
        """Count texts, each the columns of its words and its end; then of shorter contexts."""
        longest = self.counts[-1]
        for text in texts:
            padded = [START] * (self.order - 1) + list(text)
            for place in range(self.order - 1, len(padded)):
                longest[tuple(padded[place - self.order + 1 : place])][padded[place]] += 1
        for k in range(self.order - 1, 0, -1):
            for context, words in self.counts[k].items():
                for word in words:
                    self.counts[k - 1][context[1:]][word] += 1
        return self

    def probabilities(self, before: Sequence[int]) -> NDArray[np.float64]:
        """Return the probability of every column after some words, (n_words,)."""
        padded = [START] * (self.order - 1) + list(before)
        result = np.full(self.n_words, 1.0 / self.n_words)
        for k in range(self.order):
            words = self.counts[k].get(tuple(padded[len(padded) - k :]))
            if words is None:
                break
            total = words.total()
            result *= DISCOUNT * len(words) / total
            columns = np.fromiter(words, dtype=np.int64)
            counts = np.fromiter(words.values(), dtype=np.float64)
            result[columns] += (counts - DISCOUNT) / total
        return result
