"""Masks: True = may attend; rows are queries, columns are keys."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.attention.bias import causal_lower_right, causal_upper_left

from core.masks import (
    Alignment,
    causal_mask,
    combine_masks,
    padding_mask,
    require_bool,
    sliding_window_mask,
)

COUNT = st.integers(0, 7)
LIMIT = st.none() | st.integers(0, 7)
ALIGNMENT = st.sampled_from(["top_left", "bottom_right"])


def test_causal_goldens() -> None:
    top_left = [[1, 0, 0, 0], [1, 1, 0, 0]]
    bottom_right = [[1, 1, 1, 0], [1, 1, 1, 1]]
    np.testing.assert_array_equal(causal_mask(2, 4), np.array(top_left) == 1)
    np.testing.assert_array_equal(
        causal_mask(2, 4, alignment="bottom_right"), np.array(bottom_right) == 1
    )
    more_queries = [[0, 0], [1, 0], [1, 1]]
    np.testing.assert_array_equal(
        causal_mask(3, 2, alignment="bottom_right"), np.array(more_queries) == 1
    )


@given(st.integers(1, 7), st.integers(1, 7))
def test_causal_agrees_with_torch(n_query: int, n_key: int) -> None:
    # torch names the same two alignments upper left and lower right
    upper = causal_upper_left(n_query, n_key)._materialize(torch.device("cpu"))
    np.testing.assert_array_equal(causal_mask(n_query, n_key), upper.numpy())
    if n_query <= n_key:  # torch's tril agrees beyond this too, but documents only this
        lower = causal_lower_right(n_query, n_key)._materialize(torch.device("cpu"))
        np.testing.assert_array_equal(
            causal_mask(n_query, n_key, alignment="bottom_right"), lower.numpy()
        )


def test_window_golden() -> None:
    expected = [[1, 1, 0, 0, 0], [1, 1, 1, 0, 0], [1, 1, 1, 1, 0]]
    np.testing.assert_array_equal(
        sliding_window_mask(3, 5, left=2, right=1), np.array(expected) == 1
    )
    expected = [[1, 1, 1, 1, 0], [0, 1, 1, 1, 1], [0, 0, 1, 1, 1]]
    np.testing.assert_array_equal(
        sliding_window_mask(3, 5, left=2, right=1, alignment="bottom_right"),
        np.array(expected) == 1,
    )


@given(COUNT, COUNT, LIMIT, LIMIT, ALIGNMENT)
def test_window_cell_by_cell(
    n_query: int, n_key: int, left: int | None, right: int | None, alignment: Alignment
) -> None:
    mask = sliding_window_mask(n_query, n_key, left=left, right=right, alignment=alignment)
    assert mask.shape == (n_query, n_key)
    assert mask.dtype == np.bool_
    start = n_key - n_query if alignment == "bottom_right" else 0
    for query in range(n_query):
        for key in range(n_key):
            distance = key - (query + start)
            near_enough = (left is None or -distance <= left) and (
                right is None or distance <= right
            )
            assert mask[query, key] == near_enough


def test_padding_is_on_the_key_axis() -> None:
    mask = padding_mask([1, 3], 4)
    assert mask.shape == (2, 1, 4)
    np.testing.assert_array_equal(mask[:, 0], np.array([[1, 0, 0, 0], [1, 1, 1, 0]]) == 1)
    np.testing.assert_array_equal(padding_mask(2, 3), [[True, True, False]])
    lengths = np.array([0, 4])
    assert padding_mask(lengths[:, np.newaxis], 4).shape == (2, 1, 1, 4)


@pytest.mark.parametrize("lengths", [-1, 5, [2, 9]])
def test_lengths_out_of_range_are_refused(lengths: int | list[int]) -> None:
    with pytest.raises(ValueError, match="between 0 and n_key = 4"):
        padding_mask(lengths, 4)


@pytest.mark.parametrize("lengths", [1.5, [True, False]])
def test_lengths_that_are_not_whole_numbers_are_refused(lengths: object) -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        padding_mask(lengths, 4)  # type: ignore[arg-type]


def test_combine_is_and_with_broadcasting() -> None:
    padding = padding_mask([1, 3], 3)
    causal = causal_mask(3, 3)
    before = padding.copy()
    combined = combine_masks(padding, causal)
    assert combined.shape == (2, 3, 3)
    np.testing.assert_array_equal(combined[0], [[True, False, False]] * 3)
    np.testing.assert_array_equal(combined[1], causal)
    np.testing.assert_array_equal(padding, before)


def test_combine_one_mask_is_a_copy() -> None:
    mask = causal_mask(2, 2)
    combined = combine_masks(mask)
    np.testing.assert_array_equal(combined, mask)
    assert not np.shares_memory(combined, mask)


def test_combine_refusals() -> None:
    with pytest.raises(ValueError, match=r"shapes \(2, 2\) and \(3, 3\) cannot be combined"):
        combine_masks(causal_mask(2, 2), causal_mask(3, 3))
    with pytest.raises(ValueError, match="mask 1 must be boolean"):
        combine_masks(causal_mask(2, 2), np.ones((2, 2)))
    with pytest.raises(ValueError, match="at least one"):
        combine_masks()


@pytest.mark.parametrize("wrong", [[[0.0, -np.inf]], [[0, 1]], [["x", "y"]]])
def test_masks_that_are_not_bool_are_refused_with_help(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"True = may attend.*\(1, 2\).*== 1.*bias"):
        require_bool(wrong)  # type: ignore[arg-type]


def test_sizes_and_alignment_out_of_range_are_refused() -> None:
    with pytest.raises(ValueError, match="n_query must not be negative, got -1"):
        causal_mask(-1, 2)
    with pytest.raises(ValueError, match=r"n_key must be a whole number, got 2\.5"):
        causal_mask(1, 2.5)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="left must not be negative"):
        sliding_window_mask(2, 2, left=-1, right=None)
    with pytest.raises(ValueError, match='"top_left" or "bottom_right", got \'left\''):
        causal_mask(2, 2, alignment="left")  # type: ignore[arg-type]
