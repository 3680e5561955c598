"""The measures of induction, on weights made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.induction import (
    LETTERS,
    TOKENS,
    after_earlier,
    composition,
    eigenvalue_score,
    numbers_of,
    own_letter_share,
    prefix_matching,
    previous_token,
    repeated_letters,
    repeated_numbers,
)


def test_letters_and_numbers() -> None:
    assert len(LETTERS) == 52
    assert len(TOKENS) == 53
    assert numbers_of("ABaz").tolist() == [0, 1, 2, 27, 52]
    with pytest.raises(ValueError, match="'é' is no letter"):
        numbers_of("Aé")


@given(st.integers(1, 20), st.integers(0, 10_000))
def test_a_drawn_part_comes_twice_and_its_letters_once_in_it(n: int, seed: int) -> None:
    letters = repeated_letters(n, seed)
    assert letters[:n] == letters[n:]
    assert len(set(letters)) == n


def test_sequences_with_a_gap() -> None:
    numbers = repeated_numbers(5, 6, 3, gap=4)
    assert numbers.shape == (5, 1 + 16)
    assert (numbers[:, 0] == 0).all()
    assert (numbers[:, 1:7] == numbers[:, 11:]).all()
    assert all(len(set(row)) == 11 for row in numbers.tolist())
    assert not np.array_equal(numbers, repeated_numbers(5, 6, 4, gap=4))
    with pytest.raises(ValueError, match="1 to 48"):
        repeated_numbers(1, 49, 0, gap=4)


def test_what_came_after_an_earlier_occurrence() -> None:
    #                      •  A  B  A  A
    marked = after_earlier(np.array([0, 1, 2, 1, 1]))
    assert np.argwhere(marked).tolist() == [[3, 2], [4, 2], [4, 4]]


def test_a_perfect_head_scores_1_and_one_that_reads_itself_0() -> None:
    numbers = repeated_numbers(3, 5, 0)[:, :-1]  # • abcde abcd
    perfect = after_earlier(numbers).astype(float)
    perfect[:, :6, 0] = 1  # where nothing can be found it reads the start
    itself = np.broadcast_to(np.eye(10), perfect.shape)
    half = (perfect + itself) / 2
    weights = np.stack([perfect, itself, half], axis=1)
    assert prefix_matching(weights, numbers).tolist() == [1, 0, 0.5]
    assert np.isnan(prefix_matching(weights[0, :, :4, :4], numbers[0, :4])).all()


def test_a_perfect_head_of_the_token_before() -> None:
    before = np.eye(4, k=-1)
    before[0, 0] = 1
    assert previous_token(np.stack([before, np.eye(4)])).tolist() == [1, 0]
    assert previous_token(np.stack([[before], [np.eye(4)]])).tolist() == [0.5]


def test_circuits() -> None:
    assert own_letter_share(np.eye(4)) == 1
    assert own_letter_share(np.eye(4)[[1, 0, 2, 3]]) == 0.5
    assert eigenvalue_score(2 * np.eye(4)) == pytest.approx(1)
    assert eigenvalue_score(-np.eye(4)) == pytest.approx(-1)
    assert eigenvalue_score(np.diag([3.0, -1.0])) == pytest.approx(0.5)
    assert eigenvalue_score(np.zeros((3, 3))) == 0
    first, second = np.diag([1.0, 0.0]), np.diag([0.0, 1.0])
    assert composition(first, first) == 1
    assert composition(first, second) == composition(first, 0 * first) == 0
