"""Biases by distance against the published formulas, numbers by hand, and what they promise."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.position_bias import (
    alibi_bias,
    alibi_slopes,
    relative_bias,
    relative_bucket,
    relative_positions,
)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: alibi_slopes(0), "at least 1 head"),
        (lambda: relative_bucket([0], n_buckets=2), "two buckets or more"),
        (lambda: relative_bucket([0], n_buckets=7), "an equal number"),
        (lambda: relative_bucket([0], n_buckets=8, max_distance=2), "must lie beyond"),
    ],
)
def test_what_cannot_be_is_said(make: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        make()  # type: ignore[operator]


# --- ALiBi -----------------------------------------------------------------------------------


def published_slopes(n: int) -> list[float]:
    """Follow the authors' description: a geometric sequence, and a detour for other numbers."""
    if n & (n - 1) == 0:
        start = 2 ** (-(2 ** -(math.log2(n) - 3)))
        return [start * start**i for i in range(n)]
    lower = 2 ** math.floor(math.log2(n))
    return published_slopes(lower) + published_slopes(2 * lower)[0::2][: n - lower]


@pytest.mark.parametrize("n_heads", range(1, 41))
def test_slopes_as_published(n_heads: int) -> None:
    np.testing.assert_allclose(alibi_slopes(n_heads), published_slopes(n_heads), rtol=1e-14)


def test_slopes_by_hand() -> None:
    np.testing.assert_array_equal(alibi_slopes(8), [2.0**-i for i in range(1, 9)])
    np.testing.assert_allclose(
        alibi_slopes(3), [2**-4, 2**-8, 2**-2]
    )  # those of two heads, then the first of four


def test_alibi_by_hand() -> None:
    relative = relative_positions([0, 1, 2], [0, 1, 2])
    np.testing.assert_array_equal(relative, [[0, 1, 2], [-1, 0, 1], [-2, -1, 0]])
    symmetric = alibi_bias(relative, [0.5, 0.25])
    np.testing.assert_array_equal(symmetric[0], [[0, -0.5, -1], [-0.5, 0, -0.5], [-1, -0.5, 0]])
    np.testing.assert_array_equal(symmetric[1], symmetric[0] / 2)
    inf = np.inf
    causal = alibi_bias(relative, [0.5], causal=True)
    np.testing.assert_array_equal(causal, [[[0, -inf, -inf], [-0.5, 0, -inf], [-1, -0.5, 0]]])


@given(st.integers(1, 12), st.integers(0, 50), st.integers(1, 20))
def test_alibi_falls_by_one_slope_a_step(n_heads: int, distance: int, step: int) -> None:
    slopes = alibi_slopes(n_heads)
    near, far, after = alibi_bias([-distance, -distance - step, distance], slopes).T
    np.testing.assert_allclose(near - far, slopes * step, rtol=1e-12)
    np.testing.assert_array_equal(near, after)


# --- T5 --------------------------------------------------------------------------------------


def published_buckets(
    relative: torch.Tensor, bidirectional: bool, n_buckets: int, max_distance: int
) -> torch.Tensor:
    """Follow the description of T5's buckets in float32, on tensors."""
    offset = torch.zeros_like(relative)
    if bidirectional:
        n_buckets //= 2
        offset = (relative > 0).long() * n_buckets
        distance = relative.abs()
    else:
        distance = (-relative).clamp(min=0)
    exact = n_buckets // 2
    share = torch.log(distance.float() / exact) / math.log(max_distance / exact)
    large = (exact + (share * (n_buckets - exact)).long()).clamp(max=n_buckets - 1)
    return offset + torch.where(distance < exact, distance, large)


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize(("n_buckets", "most"), [(32, 128), (8, 32), (8, 16), (64, 256), (32, 100)])
def test_buckets_as_published(bidirectional: bool, n_buckets: int, most: int) -> None:
    relative = np.arange(-600, 601)
    ours = relative_bucket(
        relative, bidirectional=bidirectional, n_buckets=n_buckets, max_distance=most
    )
    published = published_buckets(torch.from_numpy(relative), bidirectional, n_buckets, most)
    np.testing.assert_array_equal(ours, published.numpy())


def test_buckets_by_hand() -> None:
    """8 buckets up to 32, both ways: 0 and 1 alone, then 2 to 7, then all from 8 on."""
    relative = np.array([0, -1, -2, -7, -8, -40, 1, 2, 7, 8, 40])
    by_hand = [0, 1, 2, 2, 3, 3, 5, 6, 6, 7, 7]
    np.testing.assert_array_equal(relative_bucket(relative, n_buckets=8, max_distance=32), by_hand)
    one_way = relative_bucket(relative, bidirectional=False, n_buckets=8, max_distance=32)
    np.testing.assert_array_equal(one_way, [0, 1, 2, 5, 5, 7, 0, 0, 0, 0, 0])


@given(st.lists(st.integers(-300, 300), min_size=2, max_size=20))
def test_buckets_never_fall_with_the_distance(places: list[int]) -> None:
    behind = np.sort(np.abs(places))
    for sign in (-1, 1):
        assert (np.diff(relative_bucket(sign * behind)) >= 0).all()
    assert relative_bucket(-behind).max() < 16


def test_bias_is_looked_up_by_head() -> None:
    table = np.arange(12.0).reshape(2, 6)
    np.testing.assert_array_equal(
        relative_bias(np.array([[0, 5], [2, 2]]), table), [[[0, 5], [2, 2]], [[6, 11], [8, 8]]]
    )
