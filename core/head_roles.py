"""Roles that the heads of a trained encoder play on one text, measured on their weights.

After Clark et al. (*What Does BERT Look At?*, 2019, arXiv:1906.04341) and Voita et al.
(*Analyzing Multi-Head Self-Attention*, 2019, arXiv:1905.09418). A role is a set of cells of the
attention map; how far a head plays it is the weight that it puts there. That tells where a head
reads, not what for: dropping the head is the test of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.text import Tokens

Float32Array = NDArray[np.float32]
BoolArray = NDArray[np.bool_]

Role = Literal["previous word", "next word", "same word elsewhere", "itself", "sink", "punctuation"]
ROLES: tuple[Role, ...] = (
    "previous word",
    "next word",
    "same word elsewhere",
    "itself",
    "sink",
    "punctuation",
)

# A head clearly plays a role if it puts at least this share of its weight there ...
CLEAR_MASS = 0.3
# ... and this many times what uniform attention would.
CLEAR_TIMES_CHANCE = 3.0
# About half of all weight goes to [CLS] and [SEP], so a sink must take more to stand out.
CLEAR_SINK = 0.7


@dataclass(frozen=True, eq=False)
class RoleMasses:
    """How much of its weight each head puts where each role would have it; read-only.

    Attributes
    ----------
    mass : ndarray of float32, (role, layer, head)
        Mean over the words that can play the role, in [0, 1]; roles in the order of `ROLES`.
    chance : ndarray of float32, (role,)
        What uniform attention, [CLS] and [SEP] included, would put there on this very text.
    n_words : ndarray of int, (role,)
        How many words the mean is over. With 0 this text cannot show the role, and mass is 0.
    """

    mass: Float32Array
    chance: Float32Array
    n_words: NDArray[np.int64]

    def __post_init__(self) -> None:
        for array in (self.mass, self.chance, self.n_words):
            array.flags.writeable = False

    def clear(self) -> BoolArray:
        """Return which heads clearly play which roles, (role, layer, head).

        A mass of at least `CLEAR_MASS` (for sinks `CLEAR_SINK`) and of at least
        `CLEAR_TIMES_CHANCE` times chance.
        """
        least = np.array([CLEAR_SINK if role == "sink" else CLEAR_MASS for role in ROLES])
        bars = np.maximum(least, CLEAR_TIMES_CHANCE * self.chance)
        passed: BoolArray = self.mass >= bars[:, None, None]
        return passed

    def roles_of(self, layer: int, head: int) -> tuple[Role, ...]:
        """Return the roles that a head clearly plays, the one with the most mass first."""
        played = np.flatnonzero(self.clear()[:, layer, head])
        masses = self.mass[played, layer, head]
        return tuple(ROLES[at] for at in played[np.argsort(-masses, kind="stable")])


@dataclass(frozen=True, eq=False)
class PatternRanking:
    """How much of its weight each head puts in painted cells; read-only.

    Attributes
    ----------
    mass : ndarray of float32, (layer, head)
        Weight in the painted cells of a row, the mean over the rows with paint, in [0, 1].
    chance : float
        What uniform attention would put there.
    order : tuple of (layer, head)
        All heads, the most mass first; of equals the lower layer, then the lower head.
    """

    mass: Float32Array
    chance: float
    order: tuple[tuple[int, int], ...]

    def __post_init__(self) -> None:
        self.mass.flags.writeable = False


def measure_roles(weights: Float32Array, tokens: Tokens) -> RoleMasses:
    """Measure how far every head plays every role on one text.

    Parameters
    ----------
    weights : ndarray of float32, (layer, head, word, word)
        Between words, [CLS] first and [SEP] last: `core.text.by_word` with nothing hidden.
    tokens : Tokens
        The text.

    Raises
    ------
    ValueError
        If the weights are not between these words.
    """
    cells = role_cells(tokens)
    if weights.ndim != 4 or weights.shape[2:] != cells.shape[1:]:
        raise ValueError(
            f"Expected weights as (layer, head, {cells.shape[1]}, {cells.shape[2]}), between the "
            f"words with [CLS] and [SEP]; got {weights.shape}."
        )
    mass, chance, n_words = _mean_mass(weights, cells)
    return RoleMasses(mass=mass, chance=chance, n_words=n_words)


def role_cells(tokens: Tokens) -> BoolArray:
    """Return where a head of each role would put its weight, (role, query, key).

    Queries and keys are [CLS], the words, [SEP]; [CLS] and [SEP] play no role as queries. A word
    has no cell where it cannot play a role: the first has no word before it.

    - previous word, next word: the neighbour; punctuation is a word.
    - same word elsewhere: other places of the word, capital or small.
    - itself: the diagonal.
    - sink: [CLS] and [SEP].
    - punctuation: every punctuation mark, read by a word that is none itself.
    """
    n = len(tokens.words)
    spelling = np.array([word.text.casefold() for word in tokens.words], dtype=object)
    marks = np.array([word.is_punctuation for word in tokens.words], dtype=bool)
    between_words = {
        "previous word": np.eye(n, k=-1, dtype=bool),
        "next word": np.eye(n, k=1, dtype=bool),
        "same word elsewhere": (spelling[:, None] == spelling) & ~np.eye(n, dtype=bool),
        "itself": np.eye(n, dtype=bool),
        "punctuation": ~marks[:, None] & marks,
    }
    cells = np.zeros((len(ROLES), n + 2, n + 2), dtype=bool)
    for at, role in enumerate(ROLES):
        if role == "sink":
            cells[at, 1:-1, [0, -1]] = True
        else:
            cells[at, 1:-1, 1:-1] = between_words[role]
    return cells


def rank_by_pattern(weights: Float32Array, painted: BoolArray) -> PatternRanking:
    """Rank the heads by the weight that they put where someone painted.

    The measure is that of the roles: paint the cells left of the diagonal, and the mass is that
    of "previous word". Paint that covers most of a row is matched by every head; compare with
    `chance`.

    Parameters
    ----------
    weights : ndarray of float32, (layer, head, query, key)
    painted : ndarray of bool, (query, key)
        True in the painted cells. Rows without paint are left out; without any paint every mass
        is 0.

    Raises
    ------
    ValueError
        If the painting is not of bools or does not fit the weights.
    """
    if painted.dtype != np.bool_ or weights.ndim != 4 or painted.shape != weights.shape[2:]:
        raise ValueError(
            "Expected a painting of bools, (query, key), for weights (layer, head, query, key); "
            f"got {painted.dtype} {painted.shape} and {weights.shape}."
        )
    (mass,), (chance,), _ = _mean_mass(weights, painted[None])
    # Equal to six digits counts as equal, so that rounding does not choose between two heads.
    order = np.argsort(-mass.round(6), axis=None, kind="stable")
    layers, heads = np.unravel_index(order, mass.shape)
    return PatternRanking(
        mass=mass,
        chance=float(chance),
        order=tuple(zip(layers.tolist(), heads.tolist(), strict=True)),
    )


def _mean_mass(
    weights: Float32Array, cells: BoolArray
) -> tuple[Float32Array, Float32Array, NDArray[np.int64]]:
    """Return mass (role, layer, head), chance (role,) and rows counted (role,) of sets of cells.

    `cells` is (role, query, key). Mass and chance are means over the rows that have a cell.
    """
    n_rows = cells.any(axis=2).sum(axis=1)
    share = cells.reshape(len(cells), -1) / np.maximum(n_rows, 1)[:, None]  # (role, query * key)
    share = share.astype(np.float32)
    flat = weights.reshape(-1, share.shape[1])  # (layer * head, query * key)
    mass = (share @ flat.T).reshape(len(cells), *weights.shape[:2])
    chance = share.sum(axis=1) / cells.shape[2]
    return mass, chance, n_rows
