"""Rank correlation, by hand and against pandas."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.ranks import rank_correlation, ranks

PAIRS = st.lists(st.tuples(st.integers(-5, 5), st.integers(-5, 5)), min_size=2, max_size=30)


def test_ranks_by_hand() -> None:
    assert ranks(np.array([0.3, -1.0, 7.0])).tolist() == [2, 1, 3]
    assert ranks(np.array([5, 1, 5, 5, 9])).tolist() == [3, 1, 3, 3, 5]


def test_correlation_by_hand() -> None:
    # Differences of ranks 0, 1, -1: 1 - 6 * 2 / (3 * 8) = 1/2 (no ties).
    assert rank_correlation(np.array([1, 2, 3]), np.array([10, 30, 20])) == pytest.approx(0.5)
    assert rank_correlation(np.array([1, 2, 3]), np.array([9, 4, 1])) == pytest.approx(-1)


@given(PAIRS)
def test_as_pandas_has_it(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    expected = pd.Series(one).rank().corr(pd.Series(other).rank())
    found = rank_correlation(one, other)
    assert math.isnan(found) if math.isnan(expected) else found == pytest.approx(expected)


@given(PAIRS)
def test_only_the_order_counts(pairs: list[tuple[int, int]]) -> None:
    one, other = np.array(pairs).T
    stretched = np.exp(one / 2.0) + 3
    assert rank_correlation(stretched, other) == pytest.approx(
        rank_correlation(one, other), nan_ok=True
    )


def test_nothing_to_compare_is_no_number() -> None:
    assert math.isnan(rank_correlation(np.array([2.0]), np.array([3.0])))
    assert math.isnan(rank_correlation(np.array([2.0, 2.0]), np.array([3.0, 4.0])))
    assert math.isnan(rank_correlation(np.empty(0), np.empty(0)))


def test_other_things_are_refused() -> None:
    with pytest.raises(ValueError, match="shapes"):
        rank_correlation(np.ones(3), np.ones(4))
