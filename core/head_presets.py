"""Toys of several heads: words and the four matrices of an attention, made by hand or drawn.

None of them was learnt by a model. What the heads of the hand-made ones do is seen in trained
models too: reading the previous and the next word (Clark et al., *What Does BERT Look At?*, 2019,
https://arxiv.org/abs/1906.04341), or resting on a word that has little to hand over (Kobayashi et
al., *Attention is Not Only a Weight*, 2020, https://arxiv.org/abs/2004.10102).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

D_MODEL: Final = 8
MAX_WORDS: Final = 6


@dataclass(frozen=True, eq=False)
class HeadToy:
    """Words, and the matrices that several heads read them with.

    Attributes
    ----------
    name : str
    words : tuple of str, n_word of them
    coordinates : tuple of str, 8 of them
        What each number of a word stands for.
    content : ndarray of float64, (n_word, 8)
        What a word brings along, wherever it stands.
    places : ndarray of float64, (6, 8)
        What a place adds to the word that stands there.
    query, key, value, output : ndarray of float64, (8, 8)
        W_Q, W_K, W_V and W_O; the heads are cut from their columns (of W_O: rows).
    n_head : int
        Into how many heads they were made to be cut.
    note : str
        What to look for, in a sentence or two.
    """

    name: str
    words: tuple[str, ...]
    coordinates: tuple[str, ...]
    content: FloatArray
    places: FloatArray
    query: FloatArray
    key: FloatArray
    value: FloatArray
    output: FloatArray
    n_head: int
    note: str

    def __post_init__(self) -> None:
        for name in ("content", "places", "query", "key", "value", "output"):
            getattr(self, name).setflags(write=False)

    def embed(self, origins: Sequence[int | None]) -> FloatArray:
        """Return the words of a changed sentence as numbers.

        Parameters
        ----------
        origins : sequence of int or None, up to 6
            Which of this toy's words stands there, from 0; None for one that it does not know.

        Returns
        -------
        ndarray of float64, (len(origins), 8)
            The word's content, zeros if it is not known, and what its place adds.

        Raises
        ------
        ValueError
            If there are more than 6 words.
        """
        if len(origins) > MAX_WORDS:
            msg = f"There are places for {MAX_WORDS} words, got {len(origins)}."
            raise ValueError(msg)
        unknown = np.zeros(D_MODEL)
        rows = [unknown if origin is None else self.content[origin] for origin in origins]
        return np.stack(rows) + self.places[: len(rows)]


def four_roles() -> HeadToy:
    """Return four heads that each do one thing: previous, same, first and next word.

    Places and words lie on circles, so that two numbers tell them apart: a place one further on is
    an eighth of a turn away, and a query that asks for the previous word turns its own place back
    by as much.
    """
    words = ("the", "cat", "and", "the", "dog", "ran")
    known = ("the", "cat", "and", "dog", "ran")
    places = np.zeros((MAX_WORDS, D_MODEL))
    places[:, :2] = np.round([_on_circle(place / 8) for place in range(MAX_WORDS)], 1)
    places[:, 2] = 1.0
    codes = np.array([_on_circle(word / len(known)) for word in range(len(known))])
    eighth = np.array([_on_circle(1 / 8), _on_circle(3 / 8)])  # turns a row on by an eighth

    query, key, value, output = (np.zeros((D_MODEL, D_MODEL)) for _ in range(4))
    query[:2, 0:2], key[:2, 0:2] = 4 * eighth.T, 4 * np.eye(2)
    query[3:, 2:4], key[3:, 2:4] = 3 * codes, 3 * codes
    # Before the first place, so that the second is much further away.
    query[2, 4:6], key[:2, 4:6] = 4 * _on_circle(-1 / 12), 4 * np.eye(2)
    query[:2, 6:8], key[:2, 6:8] = 4 * eighth, 4 * np.eye(2)
    for first in range(0, D_MODEL, 2):
        value[3:, first : first + 2] = 2 * codes
        output[first : first + 2, 3:] = codes.T / 2
    value[3, 4:6] = 0.0  # what head 3 would hand over of “the”
    return HeadToy(
        name="Four roles",
        words=words,
        coordinates=("pos", "pos", "one", *known),
        content=_one_hot(words, known, first=3),
        places=places,
        query=np.round(query, 1) + 0.0,
        key=np.round(key, 1) + 0.0,
        value=np.round(value, 1) + 0.0,
        output=np.round(output, 1) + 0.0,
        n_head=4,
        note=(
            "Head 1 reads the previous word, head 2 the same, head 3 the first, head 4 the next. "
            "Cut otherwise, the roles melt together or fall apart."
        ),
    )


def who_saw_whom() -> HeadToy:
    """Return two heads, one for the word before and one for the word after.

    W_O adds what the first head read and twice what the second read: a word before counts as 1 and
    one after as 2.
    """
    words = ("cat", "saw", "dog")
    n_place = 4
    places = np.zeros((MAX_WORDS, D_MODEL))
    places[:n_place, :n_place] = np.eye(n_place)
    query, key, value, output = (np.zeros((D_MODEL, D_MODEL)) for _ in range(4))
    before, after = np.eye(n_place, k=-1), np.eye(n_place, k=1)
    before[0, 0] = after[-1, -1] = 1.0  # the first has none before it, the last none after
    for head, asked in enumerate((before, after)):
        columns = slice(n_place * head, n_place * (head + 1))
        query[:n_place, columns] = 6 * asked
        key[:n_place, columns] = 2 * np.eye(n_place)
        value[4:7, columns] = np.eye(3, n_place)
        output[columns, 4:7] = (1 + head) * np.eye(n_place, 3)
    return HeadToy(
        name="Who saw whom",
        words=words,
        coordinates=("1st", "2nd", "3rd", "4th", *words, "8"),
        content=_one_hot(words, words, first=4),
        places=places,
        query=query,
        key=key,
        value=value,
        output=output,
        n_head=2,
        note=(
            "Head 1 reads the word before, head 2 the word after. In the output of “saw” the "
            "one counts as 1 and the other as 2."
        ),
    )


def random_heads(seed: int = 0) -> HeadToy:
    """Return words and matrices drawn from normal distributions, rounded to one decimal.

    Raises
    ------
    ValueError
        If the seed is negative.
    """
    if seed < 0:
        msg = f"The seed must not be negative, got {seed}."
        raise ValueError(msg)
    rng = np.random.default_rng(seed)
    words = ("the", "cat", "sat", "on", "the", "mat")
    known = tuple(dict.fromkeys(words))
    vectors = dict(zip(known, np.round(rng.standard_normal((len(known), D_MODEL)), 1), strict=True))
    query, key, value, output = np.round(0.7 * rng.standard_normal((4, D_MODEL, D_MODEL)), 1) + 0.0
    return HeadToy(
        "Random",
        words,
        tuple(str(index + 1) for index in range(D_MODEL)),
        np.stack([vectors[word] for word in words]) + 0.0,
        np.zeros((MAX_WORDS, D_MODEL)),
        query,
        key,
        value,
        output,
        n_head=4,
        note=(
            "Nobody chose these numbers: no head has a role. Equal words are equal in every row "
            "and column, as nothing here says where they stand."
        ),
    )


HEAD_PRESETS: Final[Mapping[str, Callable[[int], HeadToy]]] = MappingProxyType(
    {
        "Four roles": lambda _seed: four_roles(),
        "Who saw whom": lambda _seed: who_saw_whom(),
        "Random": random_heads,
    }
)


def _on_circle(turns: float) -> FloatArray:
    """Return the point of the unit circle after so many turns."""
    return np.array([np.cos(2 * np.pi * turns), np.sin(2 * np.pi * turns)])


def _one_hot(words: Sequence[str], known: Sequence[str], *, first: int) -> FloatArray:
    """Return a 1 for each word in the coordinate that is its own, (n_word, 8)."""
    rows = np.zeros((len(words), D_MODEL))
    rows[np.arange(len(words)), [first + known.index(word) for word in words]] = 1.0
    return rows
