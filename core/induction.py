"""Induction: sequences that can only be foretold by copying, and what a head does about them.

A sequence is a part of different random letters, and the same part once more. Nothing foretells the
first; of the second, whoever finds the earlier occurrence of a letter and reads what came after it
knows every letter. A head that does is an induction head (Elhage et al., *A mathematical framework
for transformer circuits*, 2021; Olsson et al., *In-context learning and induction heads*, 2022,
arXiv:2209.11895, whose measures these are).
"""

from __future__ import annotations

import string
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
IntArray = NDArray[np.int64]

START: Final = "•"
"""Stands before the first letter; every letter can read it."""
LETTERS: Final = string.ascii_uppercase + string.ascii_lowercase
TOKENS: Final = (START, *LETTERS)
"""By number: the start, then the letters."""


def numbers_of(letters: str) -> IntArray:
    """Return the numbers of the start and of letters, (1 + letter,).

    Raises
    ------
    ValueError
        If something is no letter from A to Z or a to z.
    """
    for letter in letters:
        if letter not in LETTERS:
            raise ValueError(f"{letter!r} is no letter from A to Z or a to z.")
    return np.array([0, *(LETTERS.index(letter) + 1 for letter in letters)], dtype=np.int64)


def repeated_letters(n: int, seed: int) -> str:
    """Return n different random letters, and the same once more."""
    part = "".join(LETTERS[at] for at in np.random.default_rng(seed).permutation(len(LETTERS))[:n])
    return part + part


def repeated_numbers(n_sequences: int, n: int, seed: int, *, gap: int = 0) -> IntArray:
    """Draw sequences of a part and its repetition, as numbers.

    Parameters
    ----------
    n_sequences, n : int
        How many, and the number of letters in the part.
    seed : int
    gap : int
        Other letters between the two, which come but once.

    Returns
    -------
    ndarray of int64, (sequence, 1 + 2 * n + gap)
        Each begins with the start.

    Raises
    ------
    ValueError
        If there are not so many letters.
    """
    if not 1 <= n <= len(LETTERS) - gap:
        raise ValueError(f"A part has 1 to {len(LETTERS) - gap} different letters, not {n}.")
    drawn = np.random.default_rng(seed).random((n_sequences, len(LETTERS))).argsort(axis=1) + 1
    start = np.zeros((n_sequences, 1), np.int64)
    return np.concatenate([start, drawn[:, : n + gap], drawn[:, :n]], axis=1)


def after_earlier(numbers: IntArray) -> NDArray[np.bool_]:
    """Mark the tokens that came after an earlier occurrence of each query's token.

    Parameters
    ----------
    numbers : ndarray of int, (..., position)

    Returns
    -------
    ndarray of bool, (..., query, key)
        True where the token before the key is the query's, and stands before the query.
    """
    n = numbers.shape[-1]
    alike = numbers[..., :, None] == numbers[..., None, :]  # (..., query, earlier)
    found = np.zeros(alike.shape, np.bool_)
    found[..., 1:] = alike[..., :-1]
    return found & np.tri(n, dtype=np.bool_)


def prefix_matching(weights: FloatArray, numbers: IntArray) -> FloatArray:
    """Return the prefix-matching score of heads, from 0 to 1.

    The mean weight from a token that has occurred before to the token after that occurrence, or
    all of them together where there are several (Olsson et al. 2022, appendix "Head activation
    evaluators").

    Parameters
    ----------
    weights : ndarray, (..., head, query, key)
    numbers : ndarray of int, (..., position)

    Returns
    -------
    ndarray, (head,)
        Over all sequences and queries; NaN where no token occurs twice.
    """
    target = after_earlier(numbers)
    asked = target.any(axis=-1)
    if not asked.any():
        return np.full(weights.shape[-3], np.nan)
    read = (weights * target[..., None, :, :]).sum(axis=-1)  # (..., head, query)
    total = np.moveaxis(read, -2, 0).reshape(weights.shape[-3], -1).sum(axis=1)
    scores: FloatArray = total / asked.sum()
    return scores


def previous_token(weights: FloatArray) -> FloatArray:
    """Return the mean weight on the token just before, from the second token on, (head,).

    Parameters
    ----------
    weights : ndarray, (..., head, query, key)
    """
    before = np.diagonal(weights, offset=-1, axis1=-2, axis2=-1)  # (..., head, query)
    score: FloatArray = np.moveaxis(before, -2, 0).reshape(weights.shape[-3], -1).mean(axis=1)
    return score


def own_letter_share(circuit: FloatArray) -> float:
    """Return the share of letters that raise their own logit more than any other, from 0 to 1.

    Parameters
    ----------
    circuit : ndarray, (letter read, letter's logit)
        What a head adds to the logits per weight of 1 on a letter: W_E W_V W_O W_U.
    """
    return float((circuit.argmax(axis=1) == np.arange(len(circuit))).mean())


def eigenvalue_score(circuit: FloatArray) -> float:
    """Return the sum of a circuit's eigenvalues over the sum of their sizes, from -1 to 1.

    At 1 it copies in every direction that it writes to (Elhage et al. 2021, "Summarizing OV/QK
    matrices"); 0 for a circuit that does nothing.
    """
    values = np.linalg.eigvals(circuit.astype(np.float64))
    size = float(np.abs(values).sum())
    return float(values.sum().real) / size if size else 0.0


def composition(writes: FloatArray, reads: FloatArray) -> float:
    """Return how well what a head writes fits what a later one reads, from 0 to 1.

    The norm of the product of two matrices over the product of their norms (Elhage et al. 2021,
    "Q-, K- and V-composition").

    Parameters
    ----------
    writes : ndarray, (d_model, d_model)
        Of the earlier head: W_V W_O.
    reads : ndarray, (d_model, any)
        Of the later head; for keys W_K W_Q^T.
    """
    size = float(np.linalg.norm(writes) * np.linalg.norm(reads))
    return float(np.linalg.norm(writes @ reads)) / size if size else 0.0
