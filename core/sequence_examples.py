"""Pairs of short sequences to start from, with projections. None of them was learnt by a model.

Every array is as large as it can get: what lies beyond an example's own words and sizes is there
for the words and coordinates that a reader adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

MOST_WORDS: Final = 8
MOST_NUMBERS: Final = 4
# A word that is added gets a row of its own, whichever words are still there.
N_ROWS: Final = 2 * MOST_WORDS


@dataclass(frozen=True, eq=False)
class Example:
    """Two sequences, and the matrices of two attentions: within the target, and onto the source.

    Attributes
    ----------
    name : str
    target, source : tuple of str
        The words of who asks and of who is asked in cross-attention.
    d_model, d_head, d_value : int
        How many numbers of each row, and how many columns of each matrix, belong to the example.
    target_rows, source_rows : ndarray of float64, (N_ROWS, MOST_NUMBERS)
        The words' embeddings, then those of words to come: from row MOST_WORDS on.
    start : ndarray of float64, (MOST_NUMBERS,)
        The embedding of the start of a sequence, for a decoder.
    self_query, self_key, self_value, cross_query, cross_key, cross_value : ndarray of float64
        W_Q, W_K and W_V of both attentions, (MOST_NUMBERS, MOST_NUMBERS).
    chosen : (int, int)
        A weight to begin with: query and key.
    notes : mapping of str to str
        What there is to see, by kind of attention: ``"self"``, ``"causal"``, ``"cross"``,
        ``"decoder"``.

    Raises
    ------
    ValueError
        If an array has another shape.
    """

    name: str
    target: tuple[str, ...]
    source: tuple[str, ...]
    d_model: int
    d_head: int
    d_value: int
    target_rows: FloatArray
    source_rows: FloatArray
    start: FloatArray
    self_query: FloatArray
    self_key: FloatArray
    self_value: FloatArray
    cross_query: FloatArray
    cross_key: FloatArray
    cross_value: FloatArray
    chosen: tuple[int, int]
    notes: Mapping[str, str]

    def __post_init__(self) -> None:
        for field in fields(self):
            array = getattr(self, field.name)
            if not isinstance(array, np.ndarray):
                continue
            shape = (MOST_NUMBERS, MOST_NUMBERS)
            if field.name.endswith("_rows"):
                shape = (N_ROWS, MOST_NUMBERS)
            if array.shape != ((MOST_NUMBERS,) if field.name == "start" else shape):
                msg = f"{field.name} has shape {array.shape}; it needs {shape}."
                raise ValueError(msg)
            array = array.astype(np.float64)
            array.setflags(write=False)
            object.__setattr__(self, field.name, array)


def french_reads_english() -> Example:
    """Make a French sentence that reads its English original, by hand, in two dimensions.

    In the plane into which both are projected the determiner points down, the noun right, the
    adjective up and the verb left, so each word finds its counterpart; W_Q and W_K turn each
    language's own coordinates into that plane. Within the target, W_V turns a word into the
    difference between what follows it in French and itself: added to the word in a decoder layer,
    it asks for the next one. Scores can be checked with pencil and paper: "chat" on "cat" is
    2 * 2 + (-0.2) * 0 = 4.

    Returns
    -------
    Example
        4 words read 5; d_model, d_head and d_value 2.
    """
    return Example(
        name="French reads English",
        target=("le", "chat", "noir", "dort"),
        source=("the", "black", "cat", "is", "asleep"),
        d_model=2,
        d_head=2,
        d_value=2,
        target_rows=_rows([[2, 0], [0.2, 2], [-2, 0.2], [0, -2]]),
        source_rows=_rows([[-2, 0], [2, 0.2], [0, 2], [-0.6, -1.2], [0.2, -2]]),
        start=_padded([0.4, -1.6], (MOST_NUMBERS,)),
        self_query=_matrix([[1, 0], [0, 1]]),
        self_key=_matrix([[1, 0], [0, 1]]),
        self_value=_matrix([[-1, 1], [-1, -1]]),
        cross_query=_matrix([[0, -1], [1, 0]]),
        cross_key=_matrix([[0, 1], [1, 0]]),
        cross_value=_matrix([[1, 0], [0, 1]]),
        chosen=(1, 2),
        notes={
            "cross": (
                "Numbers chosen by hand: each French word reads its English counterpart. “chat” "
                "and “noir” cross over, and “dort” reads two words."
            ),
            "decoder": (
                "Numbers chosen by hand: “le” was read and “chat” is to be written, so in step 2 "
                "the row “→\N{NO-BREAK SPACE}chat” asks for, and reads, “cat”."
            ),
        },
    )


def sentence_reads_itself() -> Example:
    """Make a sentence whose words look for each other, by hand, in three dimensions.

    An embedding says how much of a thing, of an action and of a function word there is in it.
    Keys say thing or action; queries are what each looks for: verbs and pronouns a thing, "and"
    actions.

    Returns
    -------
    Example
        6 words, 5 in the source; d_model 3, d_head and d_value 2.
    """
    return Example(
        name="A sentence reads itself",
        target=("the", "cat", "slept", "and", "it", "purred"),
        source=("le", "chat", "dormait", "et", "ronronnait"),
        d_model=3,
        d_head=2,
        d_value=2,
        target_rows=_rows([[0, 0, 2], [2, 0, 0], [0, 2, 0], [0, 0, -2], [1, 0, 1], [0.4, 2, 0]]),
        source_rows=_rows([[0, 0, 2], [2, 0.2, 0], [0, 2, 0.2], [0, 0, -2], [0.6, 2, 0]]),
        start=_padded([0, 0, 1], (MOST_NUMBERS,)),
        self_query=_matrix([[0.5, 1], [1.5, 0], [1.5, -1]]),
        self_key=_matrix([[1, 0], [0, 1], [0, 0]]),
        self_value=_matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        cross_query=_matrix([[2, 0], [0, 2], [-1.4, 1.4]]),
        cross_key=_matrix([[1, 0], [0, 1], [-0.7, 0.7]]),
        cross_value=_matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]]),
        chosen=(4, 1),
        notes={
            "self": (
                "Numbers chosen by hand: “it” reads “cat”, the verbs read who acts, and “and” "
                "reads both verbs."
            ),
            "causal": (
                "The same numbers, but “the” has only itself to read, and “and” only the verb "
                "before it."
            ),
        },
    )


def random_sequences(seed: int = 0) -> Example:
    """Draw everything from the standard normal distribution, to one decimal.

    Parameters
    ----------
    seed : int, >= 0
        The same seed gives the same numbers.

    Returns
    -------
    Example
        3 words and 5; d_model 3, d_head and d_value 2.

    Raises
    ------
    ValueError
        If the seed is negative.
    """
    rng = np.random.default_rng(seed)

    def draw(*shape: int) -> FloatArray:
        return rng.standard_normal(shape).round(1) + 0.0  # no -0.0 of what was rounded

    note = f"Drawn from the standard normal distribution with seed {seed}, to one decimal."
    return Example(
        name="Random",
        target=("a", "b", "c"),
        source=("u", "v", "w", "x", "y"),
        d_model=3,
        d_head=2,
        d_value=2,
        target_rows=draw(N_ROWS, MOST_NUMBERS),
        source_rows=draw(N_ROWS, MOST_NUMBERS),
        start=draw(MOST_NUMBERS),
        self_query=draw(MOST_NUMBERS, MOST_NUMBERS),
        self_key=draw(MOST_NUMBERS, MOST_NUMBERS),
        self_value=draw(MOST_NUMBERS, MOST_NUMBERS),
        cross_query=draw(MOST_NUMBERS, MOST_NUMBERS),
        cross_key=draw(MOST_NUMBERS, MOST_NUMBERS),
        cross_value=draw(MOST_NUMBERS, MOST_NUMBERS),
        chosen=(0, 0),
        notes=dict.fromkeys(("self", "causal", "cross", "decoder"), note),
    )


def _rows(embeddings: Sequence[Sequence[float]]) -> FloatArray:
    return _padded(embeddings, (N_ROWS, MOST_NUMBERS))


def _matrix(numbers: Sequence[Sequence[float]]) -> FloatArray:
    return _padded(numbers, (MOST_NUMBERS, MOST_NUMBERS))


def _padded(numbers: ArrayLike, shape: tuple[int, ...]) -> FloatArray:
    """Return an array of this shape with the numbers in its first corner, and zeros."""
    given = np.asarray(numbers, dtype=np.float64)
    padded = np.zeros(shape)
    padded[tuple(slice(size) for size in given.shape)] = given
    return padded


EXAMPLES: Mapping[str, Callable[..., Example]] = MappingProxyType(
    {
        "French reads English": french_reads_english,
        "A sentence reads itself": sentence_reads_itself,
        "Random": random_sequences,
    }
)
"""Name on the screen -> what builds the example, in the order to offer them."""

SEEDED: Final = frozenset({"Random"})
"""Names of the examples that take a ``seed``."""
