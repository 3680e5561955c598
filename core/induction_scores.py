"""What a training of the induction model has come to, measured on sequences that repeat."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from core.induction import (
    FloatArray,
    IntArray,
    composition,
    eigenvalue_score,
    own_letter_share,
    prefix_matching,
    previous_token,
    repeated_numbers,
)
from core.induction_model import (
    Head,
    InductionWeights,
    copying_circuit,
    forward,
    head_matches,
    head_writes,
)

N_TESTED: Final = 64
TEST_LETTERS: Final = 14
"""In the part that is repeated, where curves are measured; never trained on."""
# No sequence that is trained on, and none of a page's, is drawn from it.
TEST_SEED: Final = 9_000_001
Scores = tuple[tuple[float, ...], ...]


@dataclass(frozen=True, eq=False)
class Measured:
    """How well sequences are foretold, and what the heads do meanwhile.

    Attributes
    ----------
    first, second : float
        Mean loss in nats, of the letters that come for the first time, and of those that can be
        copied: from the second letter of the repetition on.
    accuracy : float
        Share of the latter that are the most probable letter.
    by_letter : ndarray of float64, (letter,)
        Mean loss by place; read-only.
    prefix, previous : tuple of tuple of float
        Of each layer's heads: prefix-matching scores, and mean weights on the token before.
    """

    first: float
    second: float
    accuracy: float
    by_letter: NDArray[np.float64]
    prefix: Scores
    previous: Scores

    def __post_init__(self) -> None:
        self.by_letter.flags.writeable = False


class Circuit(NamedTuple):
    """What a head would write, whatever it reads: see `core.induction`."""

    own_letter: float
    eigenvalues: float


@lru_cache(maxsize=64)
def measured_sequences(n: int = TEST_LETTERS, gap: int = 0) -> IntArray:
    """Return the sequences that are measured on; read-only."""
    numbers = repeated_numbers(N_TESTED, n, TEST_SEED, gap=gap)
    numbers.flags.writeable = False
    return numbers


def measure(
    weights: InductionWeights,
    dropped: frozenset[Head] = frozenset(),
    *,
    n: int = TEST_LETTERS,
    gap: int = 0,
) -> Measured:
    """Measure a model on the test sequences.

    Parameters
    ----------
    weights : InductionWeights
    dropped : frozenset of (layer, head)
        Heads left out.
    n, gap : int
        See `core.induction.repeated_numbers`.
    """
    numbers = measured_sequences(n, gap)
    read, answers = numbers[:, :-1], numbers[:, 1:] - 1
    done = forward(weights, read, dropped)
    rows = done.log_probabilities
    loss = -np.take_along_axis(rows, answers[..., None], axis=-1)[..., 0].astype(np.float64)
    copied = n + gap + 1
    right = rows[:, copied:].argmax(axis=-1) == answers[:, copied:]
    # A copied letter is foretold where the letter before it is read, and that is asked about.
    return Measured(
        first=float(loss[:, : n + gap].mean()),
        second=float(loss[:, copied:].mean()),
        accuracy=float(right.mean()),
        by_letter=loss.mean(axis=0),
        prefix=_scores([prefix_matching(layer, read) for layer in done.weights]),
        previous=_scores([previous_token(layer) for layer in done.weights]),
    )


def induction_head(measured: Measured) -> Head:
    """Return the head of the last layer with the highest prefix-matching score."""
    return len(measured.prefix) - 1, int(np.argmax(measured.prefix[-1]))


def previous_token_head(measured: Measured) -> Head:
    """Return the head of the first layer that reads the token before most."""
    return 0, int(np.argmax(measured.previous[0]))


@torch.no_grad()
def circuit_of(weights: InductionWeights, layer: int, head: int) -> Circuit:
    """Measure whether a head copies what it reads."""
    circuit = copying_circuit(weights, layer, head)
    return Circuit(own_letter_share(circuit), eigenvalue_score(circuit))


@torch.no_grad()
def key_compositions(weights: InductionWeights) -> NDArray[np.float64]:
    """Return how well the keys of layer 2 fit what layer 1 writes, (earlier head, later head)."""
    n_earlier, n_later = weights.heads
    writes = [head_writes(weights, 0, head).numpy() for head in range(n_earlier)]
    matches = [head_matches(weights, 1, head).numpy() for head in range(n_later)]
    return np.array([[composition(write, match) for match in matches] for write in writes])


def _scores(layers: list[FloatArray]) -> Scores:
    return tuple(tuple(float(score) for score in layer) for layer in layers)
