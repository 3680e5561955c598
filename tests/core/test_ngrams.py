"""The n-gram models that the language model is held against."""

from __future__ import annotations

import numpy as np
import pytest

from tests.ngrams import DISCOUNT, NgramModel

TEXTS = [[1, 2, 3, 0], [1, 2, 4, 0], [2, 3, 0]]


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize("before", [[], [1], [1, 2], [4, 4], [3, 1, 2]])
def test_probabilities_sum_to_one(order: int, before: list[int]) -> None:
    model = NgramModel(order, 6).read(TEXTS)
    found = model.probabilities(before)
    assert found.sum() == pytest.approx(1.0)
    assert (found > 0).all()  # 5 was never seen


def test_a_bigram_by_hand() -> None:
    found = NgramModel(2, 6).read(TEXTS).probabilities([1, 2])
    # After 2: twice 3, once 4. Words are known by what they stand after: 0 after two words, 1 after
    # one, 2 after two, 3 and 4 after one; seven in all, five kinds.
    shorter = np.array([2, 1, 2, 1, 1, 0])
    lower = (np.maximum(shorter - DISCOUNT, 0) + DISCOUNT * 5 / 6) / shorter.sum()
    expected = (np.maximum(np.array([0, 0, 0, 2, 1, 0]) - DISCOUNT, 0) + DISCOUNT * 2 * lower) / 3
    np.testing.assert_allclose(found, expected)
