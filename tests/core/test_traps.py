"""Mistakes are wrong in exactly the way that is stated, and what is right is not."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.typing import NDArray

from core.attention import Attention, scaled_dot_product_attention
from core.masks import padding_mask
from core.softmax import softmax
from core.traps import (
    add_fill,
    fill_blocked,
    leaked_weight,
    mean_entropy,
    padding_on_queries,
    unguarded_softmax,
    with_naive_softmax,
)


def attend(limit: float, dtype: str = "float64", *, mask: bool = False, seed: int = 0) -> Attention:
    """Attention of which the largest logit is `limit`."""
    rng = np.random.default_rng(seed)
    query = rng.uniform(-1, 1, (3, 1))
    query[1] = 1.0
    key = np.array([[-1.0], [0.5], [1.0], [0.25]])
    allowed = None
    if mask:
        allowed = rng.random((3, 4)) < 0.6
        allowed[0] = False
        allowed[2, 1] = True
    value = np.arange(8.0).reshape(4, 2).astype(dtype)
    return scaled_dot_product_attention(
        (limit * query).astype(dtype), key.astype(dtype), value, mask=allowed
    )


VALUE = np.arange(8.0).reshape(4, 2)


@given(st.floats(0.0, 50.0), st.floats(0.5, 3.0), st.integers(0, 100))
def test_it_agrees_with_the_stable_softmax_while_nothing_overflows(
    limit: float, temperature: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    query, key = limit * rng.uniform(-1, 1, (3, 1)), rng.uniform(-1, 1, (4, 1))
    stable = scaled_dot_product_attention(query, key, VALUE, temperature=temperature)
    naive = with_naive_softmax(stable, VALUE, temperature=temperature)
    np.testing.assert_allclose(naive.weights, stable.weights, rtol=1e-9, atol=1e-300)
    np.testing.assert_allclose(naive.output, stable.output, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize(("dtype", "fine", "broken"), [("float16", 10.5, 11.2), ("float32", 88, 89),
                                                       ("float64", 709, 711)])  # fmt: skip
def test_it_overflows_where_it_is_said_to(dtype: str, fine: float, broken: float) -> None:
    value = VALUE.astype(dtype)
    assert np.isfinite(with_naive_softmax(attend(fine, dtype), value).weights).all()
    naive = with_naive_softmax(attend(broken, dtype), value)
    assert np.isnan(naive.weights[1, 2])
    assert np.isnan(naive.output[1]).all()
    stable = attend(broken, dtype)
    assert np.isfinite(stable.weights).all()


def test_a_cold_temperature_overflows_earlier() -> None:
    attention = attend(100.0)
    assert np.isfinite(with_naive_softmax(attention, VALUE, temperature=1.0).weights).all()
    assert np.isnan(with_naive_softmax(attention, VALUE, temperature=0.1).weights[1]).any()


def test_blocked_cells_stay_0_and_a_blocked_row_breaks() -> None:
    attention = attend(2.0, mask=True)
    naive = with_naive_softmax(attention, VALUE)
    blocked = np.isneginf(attention.logits)
    assert (naive.weights[1:][blocked[1:]] == 0).all()
    # 0 / 0, where the stable softmax has zeros: the third trap.
    assert np.isnan(naive.weights[0]).all()
    assert (attention.weights[0] == 0).all()


def test_scores_and_logits_are_the_same_and_nothing_is_changed() -> None:
    attention = attend(300.0, "float32")
    weights = attention.weights.copy()
    naive = with_naive_softmax(attention, VALUE.astype("float32"))
    assert naive.scores is attention.scores
    assert naive.logits is attention.logits
    np.testing.assert_array_equal(attention.weights, weights)


def test_the_dtype_is_kept() -> None:
    for dtype in ("float16", "float32", "float64"):
        naive = with_naive_softmax(attend(3.0, dtype), VALUE.astype(dtype))
        assert naive.weights.dtype == naive.output.dtype == dtype


@pytest.mark.parametrize("temperature", [0.0, -1.0, float("nan"), float("inf")])
def test_a_temperature_that_is_none(temperature: float) -> None:
    with pytest.raises(ValueError, match="temperature must be a finite number above 0"):
        with_naive_softmax(attend(1.0), VALUE, temperature=temperature)


# ---- numbers in blocked cells

MASKED = np.array([[True, False, True], [False, False, False]])
SCORES = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize("fill", [-math.inf, -1e9, -100.0, 0.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_fill_stands_in_blocked_cells_and_nowhere_else(dtype: str, fill: float) -> None:
    scores = SCORES.astype(dtype)
    filled = fill_blocked(scores, MASKED, fill)
    np.testing.assert_array_equal(filled, [[1, fill, 3], [fill, fill, fill]])
    assert filled.dtype == dtype
    np.testing.assert_array_equal(scores, SCORES)


@pytest.mark.parametrize(
    ("fill", "becomes"),
    # Halfway between 65504 and what would be the next number, 65536, is 65520: it rounds up.
    [(-1e4, -1e4), (-65504.0, -65504.0), (-65519.0, -65504.0), (-65520.0, -math.inf),
     (-1e9, -math.inf)],
)  # fmt: skip
def test_half_precision_ends_at_65504(fill: float, becomes: float) -> None:
    filled = fill_blocked(SCORES.astype("float16"), MASKED, fill)
    assert filled.dtype == np.float16
    np.testing.assert_array_equal(filled, [[1, becomes, 3], [becomes, becomes, becomes]])


def test_adding_works_until_the_fill_is_infinite() -> None:
    np.testing.assert_array_equal(add_fill(SCORES, MASKED, -100.0), [[1, -98, 3], [-96, -95, -94]])
    # 0 * inf in the cells that may be read, -inf in the others.
    half = add_fill(SCORES.astype("float16"), MASKED, -1e9)
    assert half.dtype == np.float16
    nan, low = math.nan, -math.inf
    np.testing.assert_array_equal(half, [[nan, low, nan], [low, low, low]])
    assert np.isnan(unguarded_softmax(half)).all()
    # In float32 there is room for it: 1 of 64 around a thousand million.
    wide = add_fill(SCORES.astype("float32"), MASKED, -1e9)
    np.testing.assert_array_equal(wide, [[1, -1e9, 3], [-1e9, -1e9, -1e9]])


def test_softmax_without_a_guard_by_hand() -> None:
    logits = np.log([[1.0, 2.0, 1.0]])
    np.testing.assert_allclose(unguarded_softmax(logits), [[0.25, 0.5, 0.25]])
    blocked = unguarded_softmax([[0.0, -math.inf], [-math.inf, -math.inf]])
    np.testing.assert_array_equal(blocked, [[1, 0], [math.nan, math.nan]])
    np.testing.assert_array_equal(softmax(np.full((1, 2), -np.inf)), [[0, 0]])


@given(
    npst.arrays(np.float64, (3, 4), elements=st.floats(-800, 800)),
    npst.arrays(np.bool_, (3, 4)),
)
def test_with_minus_infinity_only_empty_rows_differ_from_what_is_right(
    scores: NDArray[np.float64], mask: NDArray[np.bool_]
) -> None:
    wrong = unguarded_softmax(fill_blocked(scores, mask, -math.inf))
    right = softmax(np.where(mask, scores, -np.inf))
    empty = ~mask.any(axis=1)
    assert np.isnan(wrong[empty]).all()
    assert (right[empty] == 0).all()
    np.testing.assert_allclose(wrong[~empty], right[~empty], rtol=0, atol=1e-12)
    assert (leaked_weight(right, mask) == 0).all()


def test_an_empty_row_with_a_finite_fill_reads_everything_alike() -> None:
    weights = unguarded_softmax(fill_blocked(SCORES, MASKED, -1e9))
    np.testing.assert_allclose(weights[1], [1 / 3, 1 / 3, 1 / 3])
    np.testing.assert_allclose(leaked_weight(weights, MASKED), [0, 1])


@given(st.floats(-30, 30), st.floats(-30, 30))
def test_what_leaks_depends_on_how_far_the_fill_lies_below(score: float, fill: float) -> None:
    """One cell allowed, one blocked: the leak is a logistic function of their distance."""
    mask = np.array([[True, False]])
    weights = unguarded_softmax(fill_blocked([[score, 0.0]], mask, fill))
    leak = 1 / (1 + math.exp(score - fill))
    np.testing.assert_allclose(leaked_weight(weights, mask), [leak], rtol=1e-9, atol=1e-15)


def test_what_is_added_to_every_score_moves_a_fill_but_not_minus_infinity() -> None:
    mask = np.tri(3, dtype=bool)
    scores = np.array([[1.0, 0.0, 2.0], [0.5, -1.0, 3.0], [0.0, 1.0, 2.0]])
    right = unguarded_softmax(fill_blocked(scores, mask, -math.inf))
    shifted = scores - 100.0
    np.testing.assert_allclose(unguarded_softmax(fill_blocked(shifted, mask, -math.inf)), right)
    leaks = leaked_weight(unguarded_softmax(fill_blocked(shifted, mask, -50.0)), mask)
    # The first row's only allowed logit is -99; two cells at -50 take it all.
    np.testing.assert_allclose(leaks, [1, 1, 0], atol=1e-15)
    held = leaked_weight(unguarded_softmax(fill_blocked(scores, mask, -50.0)), mask)
    assert held.max() < 1e-20


@pytest.mark.parametrize("function", [fill_blocked, add_fill])
def test_masks_of_numbers_are_refused(function: Callable[..., object]) -> None:
    with pytest.raises(ValueError, match="mask must be boolean"):
        function(SCORES, MASKED.astype(int), -1e9)
    with pytest.raises(ValueError, match="real numbers"):
        function(MASKED, MASKED, -1e9)


# ---- padding on the wrong axis


def test_padding_on_queries_by_hand() -> None:
    mask = padding_on_queries(2, 3)
    np.testing.assert_array_equal(mask, [[True], [True], [False]])
    scores = np.zeros((3, 3))
    wrong = scaled_dot_product_attention(scores, scores, scores, mask=mask).weights
    # The real words go on reading the padding; the padding's own row is gone.
    np.testing.assert_allclose(wrong, [[1 / 3] * 3, [1 / 3] * 3, [0] * 3])
    right = scaled_dot_product_attention(scores, scores, scores, mask=padding_mask(2, 3)).weights
    np.testing.assert_allclose(right, [[0.5, 0.5, 0]] * 3)
    np.testing.assert_allclose(leaked_weight(wrong, padding_mask(2, 3)), [1 / 3, 1 / 3, 0])


@pytest.mark.parametrize("length", [-1, 4])
def test_padding_beyond_the_sentence(length: int) -> None:
    with pytest.raises(ValueError, match="between 0 and"):
        padding_on_queries(length, 3)


# ---- the wrong root


def test_mean_entropy_by_hand() -> None:
    weights = [[0.5, 0.5], [1.0, 0.0]]
    assert mean_entropy(weights) == pytest.approx(math.log(2) / 2)


def test_the_wrong_root_flattens() -> None:
    """The further the root is from that of d_head, the more alike everything is read."""
    rng = np.random.default_rng(0)
    query, key = rng.standard_normal((2, 6, 8))
    spread = [
        mean_entropy(scaled_dot_product_attention(query, key, key, scale=d**-0.5).weights)
        for d in (8, 64, 512)
    ]
    assert spread == sorted(spread)
    assert spread[-1] > 0.99 * math.log(6)
