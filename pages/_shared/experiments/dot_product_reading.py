"""Reading weights from the scaled dot-product page for its experiments, on any state of it."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from pages._shared.dot_product_state import Scene
from pages._shared.lesson import DoesNotFitError
from pages._shared.words import number

# Weights are told apart if they differ by more than a reader could see or rounding could make.
SEEN: Final = 0.005
# Below this, float16 has too few digits left to compare weights by more than size.
LEAST_WEIGHT: Final = 1e-4


def place_of(scene: Scene, word: str) -> int:
    """Return where a word stands.

    Raises
    ------
    DoesNotFitError
        If it stands nowhere, or more than once.
    """
    tokens = scene.state.board.toy.tokens
    if tokens.count(word) != 1:
        msg = f"The question is about one word “{word}”, and there is not one such word."
        raise DoesNotFitError(msg)
    return tokens.index(word)


def weights_of(scene: Scene, row: int, *, empty: bool = False) -> NDArray[np.float64]:
    """Return a row of weights.

    Parameters
    ----------
    scene : Scene
    row : int
    empty : bool
        Whether a row in which every key is blocked will do; its weights are 0.

    Returns
    -------
    NDArray of float64, shape (n_key,)

    Raises
    ------
    DoesNotFitError
        If they do not sum to 1: the naive softmax left the range of the arithmetic.
    """
    attention = scene.computed.attention
    weights: NDArray[np.float64] = attention.weights[row].astype(np.float64)
    if empty and np.isneginf(attention.logits[row]).all() and not weights.any():
        return weights
    if not abs(weights.sum() - 1) < 2 * SEEN:  # not NaN either
        msg = f"The weights of “{scene.state.board.toy.tokens[row]}” do not sum to 1."
        raise DoesNotFitError(msg)
    return weights


def open_weight(scene: Scene, row: int, column: int) -> float:
    """Return a weight that no mask blocks.

    Raises
    ------
    DoesNotFitError
        If a mask blocks it, or its row does not sum to 1.
    """
    if np.isneginf(scene.computed.attention.logits[row, column]):
        msg = "A mask blocks one of the cells in question."
        raise DoesNotFitError(msg)
    return float(weights_of(scene, row)[column])


def told_apart(one: float, other: float) -> tuple[str, str]:
    """Write two numbers with as many digits as tell them apart.

    Raises
    ------
    DoesNotFitError
        If four digits are not enough.
    """
    for digits in (2, 3, 4):
        texts = number(one, digits), number(other, digits)
        if texts[0] != texts[1]:
            return texts
    msg = "The two weights are too close to each other to be told apart."
    raise DoesNotFitError(msg)
