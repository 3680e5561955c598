"""A sentence whose words each have an embedding: words come, go and change places."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.resizing import match_tokens
from core.sequence_examples import MOST_WORDS
from core.sequences import Order, inverse_order, joined_order

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sentence:
    """Words with their embeddings.

    Attributes
    ----------
    words : tuple of str
    rows : ndarray of float64, (n_word, MOST_NUMBERS)
        Their embeddings, as long as they can get.
    origins : tuple of int
        Which row of the example each of them was loaded from.
    order : tuple of int
        Where each stood before words were permuted; as they stand if they were not. It starts
        anew when words are added or removed.
    """

    words: tuple[str, ...]
    rows: FloatArray
    origins: tuple[int, ...]
    order: Order

    @staticmethod
    def of(words: tuple[str, ...], rows: FloatArray) -> Sentence:
        """Return the sentence of an example, of which `rows` holds more than it has words."""
        places = tuple(range(len(words)))
        return Sentence(words, rows[: len(words)], places, places)

    @property
    def is_permuted(self) -> bool:
        """Whether the words stand in another order than they were written in."""
        return self.order != tuple(range(len(self.order)))

    def permuted(self, order: Order) -> Sentence:
        """Return the sentence in another order; every word takes its embedding along."""
        return Sentence(
            tuple(self.words[place] for place in order),
            self.rows[list(order)],
            joined_order(self.origins, order),
            joined_order(self.order, order),
        )

    def as_written(self) -> Sentence:
        """Return the sentence in the order in which it was written."""
        return self.permuted(inverse_order(self.order))

    def with_words(
        self, words: tuple[str, ...], example: tuple[str, ...], example_rows: FloatArray
    ) -> Sentence:
        """Return the sentence with other words.

        Parameters
        ----------
        words : tuple of str
            Words that stay keep their embeddings; words renamed in place as well.
        example : tuple of str
            The words that the sentence was loaded with: one of them that comes back gets the
            embedding that it had.
        example_rows : ndarray of float64, (N_ROWS, MOST_NUMBERS)
            Embeddings of the example's words, and from row MOST_WORDS on of words to come.
        """
        places = match_tokens(self.words, words)
        stay = [place for place in places if place is not None]
        if len(stay) == len(words) == len(self.words):
            return replace(self.permuted(tuple(stay)), words=words)
        taken = {self.origins[place] for place in stay}
        origins, rows = [], []
        for word, place in zip(words, places, strict=True):
            if place is None:
                free = (row for row in range(MOST_WORDS, 2 * MOST_WORDS) if row not in taken)
                known = (i for i, old in enumerate(example) if old == word and i not in taken)
                origin = next(known, None)
                origin = next(free) if origin is None else origin
                taken.add(origin)
            else:
                origin = self.origins[place]
            origins.append(origin)
            rows.append(example_rows[origin] if place is None else self.rows[place])
        return Sentence(words, np.stack(rows), tuple(origins), tuple(range(len(words))))
