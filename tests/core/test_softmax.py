"""Softmax, its naive trap and entropy."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from core.softmax import entropy, naive_softmax, softmax

LOGITS = hnp.arrays(
    np.float64,
    hnp.array_shapes(min_dims=1, max_dims=3, min_side=1, max_side=5),
    elements=st.floats(-1000, 1000) | st.just(-np.inf),
)


def test_golden_by_hand() -> None:
    # exp of the logarithms of 1, 2, 5 over their sum, 8
    weights = softmax(np.log([1.0, 2.0, 5.0]))
    np.testing.assert_allclose(weights, [1 / 8, 2 / 8, 5 / 8], rtol=1e-15)


def test_temperature_golden_by_hand() -> None:
    # T = 1/2 squares the odds: 1 : 4 : 25; T = 2 takes their roots: 1 : 2
    np.testing.assert_allclose(
        softmax(np.log([1.0, 2.0, 5.0]), temperature=0.5), np.array([1, 4, 25]) / 30, rtol=1e-14
    )
    np.testing.assert_allclose(softmax(np.log([1.0, 4.0]), temperature=2.0), [1 / 3, 2 / 3])


def test_axis_is_the_one_that_sums_to_one() -> None:
    logits = np.random.default_rng(0).standard_normal((2, 3, 5))
    np.testing.assert_allclose(softmax(logits, axis=1).sum(axis=1), 1.0)
    np.testing.assert_allclose(
        softmax(logits, axis=0), torch.softmax(torch.from_numpy(logits), dim=0).numpy(), rtol=1e-14
    )


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dtype_is_kept_and_large_logits_do_not_overflow(dtype: type[np.floating[Any]]) -> None:
    weights = softmax(np.array([60000.0, 60000.0, -60000.0], dtype=dtype))
    assert weights.dtype == dtype
    np.testing.assert_array_equal(weights, [0.5, 0.5, 0.0])


def test_float16_is_accumulated_in_float32() -> None:
    # Only the result is rounded: half a unit in the last place (2**-11) from the exact weights.
    logits = np.random.default_rng(2).standard_normal((50, 20)).astype(np.float16)
    exact = softmax(logits.astype(np.float64))
    np.testing.assert_allclose(softmax(logits), exact, rtol=1.01 * 2**-11)


def test_integers_and_lists_give_float64() -> None:
    weights = softmax([0, 0])
    assert weights.dtype == np.float64
    np.testing.assert_array_equal(weights, [0.5, 0.5])


def test_a_blocked_cell_gets_exactly_zero_and_a_blocked_slice_is_zero() -> None:
    weights = softmax(np.array([[0.0, -np.inf, 0.0], [-np.inf] * 3]))
    np.testing.assert_array_equal(weights, [[0.5, 0.0, 0.5], [0.0, 0.0, 0.0]])


@pytest.mark.parametrize("shape", [(3, 0), (0, 3), (0,), (0, 0)])
def test_empty_shapes(shape: tuple[int, ...]) -> None:
    assert softmax(np.zeros(shape)).shape == shape


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_nan_and_infinity_spoil_their_slice_only_without_a_warning(bad: float) -> None:
    logits = np.array([[bad, 0.0], [0.0, 0.0]])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        weights = softmax(logits)
    assert np.isnan(weights[0]).all()
    np.testing.assert_array_equal(weights[1], [0.5, 0.5])
    np.testing.assert_array_equal(weights, torch.softmax(torch.from_numpy(logits), -1).numpy())


@pytest.mark.parametrize("temperature", [0.0, -1.0, np.nan, np.inf])
def test_temperature_out_of_range_is_refused(temperature: float) -> None:
    with pytest.raises(ValueError, match=r"temperature must be a finite number above 0, got"):
        softmax([0.0], temperature=temperature)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_smallest_temperatures_pick_the_largest(dtype: type[np.floating[Any]]) -> None:
    weights = softmax(np.array([1.0, 3.0, 2.0], dtype=dtype), temperature=1e-320)
    np.testing.assert_array_equal(weights, [0.0, 1.0, 0.0])


@pytest.mark.parametrize("wrong", [[True, False], [1j], ["a"], [None]])
def test_other_than_real_numbers_is_refused(wrong: list[object]) -> None:
    with pytest.raises(ValueError, match="real numbers"):
        softmax(wrong)  # type: ignore[arg-type]


@given(LOGITS)
def test_slices_sum_to_one_or_are_blocked(logits: NDArray[np.float64]) -> None:
    before = logits.copy()
    weights = softmax(logits)
    expected = np.where(np.isneginf(logits).all(axis=-1), 0.0, 1.0)
    np.testing.assert_allclose(weights.sum(axis=-1), expected, atol=1e-12)
    assert ((weights >= 0) & (weights <= 1)).all()
    assert (weights[np.isneginf(logits)] == 0).all()
    np.testing.assert_array_equal(logits, before)


@given(LOGITS, st.floats(-1000, 1000))
def test_a_shift_changes_nothing(logits: NDArray[np.float64], shift: float) -> None:
    np.testing.assert_allclose(softmax(logits + shift), softmax(logits), atol=1e-11)


@given(LOGITS.filter(lambda x: not np.isneginf(x).all(axis=-1).any()))
def test_agrees_with_torch(logits: NDArray[np.float64]) -> None:
    expected = torch.softmax(torch.from_numpy(logits), dim=-1).numpy()
    np.testing.assert_allclose(softmax(logits), expected, rtol=1e-12, atol=1e-300)


def test_naive_agrees_where_it_works() -> None:
    logits = np.random.default_rng(1).standard_normal((3, 5))
    np.testing.assert_allclose(naive_softmax(logits), softmax(logits), rtol=1e-14)
    np.testing.assert_allclose(naive_softmax(logits, axis=0).sum(axis=0), 1.0)


@pytest.mark.parametrize(
    ("dtype", "works", "breaks"),
    [(np.float16, 11, 12), (np.float32, 88, 89), (np.float64, 709, 710)],
)
def test_naive_overflows_where_its_docstring_says(
    dtype: type[np.floating[Any]], works: float, breaks: float
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        fine = naive_softmax(np.array([works, 0.0], dtype=dtype))
        broken = naive_softmax(np.array([breaks, 0.0], dtype=dtype))
    assert fine.dtype == broken.dtype == dtype
    assert np.isfinite(fine).all()
    assert np.isnan(broken[0])


def test_naive_underflows_to_nan() -> None:
    assert np.isnan(naive_softmax(np.array([-1000.0, -1000.0]))).all()


def test_naive_sums_in_the_dtype_it_is_given() -> None:
    # Two exponentials of 54176 exceed 65504 together: inf in float16, though each fits.
    weights = naive_softmax(np.array([10.9, 10.9], dtype=np.float16))
    np.testing.assert_array_equal(weights, [0.0, 0.0])


def test_entropy_goldens() -> None:
    weights = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 0.0], [0.25, 0.75]])
    by_hand = [0.0, np.log(2), 0.0, 0.25 * np.log(4) + 0.75 * np.log(4 / 3)]
    result = entropy(weights)
    np.testing.assert_allclose(result, by_hand, atol=1e-15)
    assert not np.signbit(result).any()
    np.testing.assert_allclose(entropy(weights.T, axis=0), by_hand, atol=1e-15)


def test_entropy_dtype_and_refusals() -> None:
    assert entropy(np.array([0.5, 0.5], dtype=np.float16)).dtype == np.float16
    assert entropy([1, 0]).dtype == np.float64
    assert np.isnan(entropy([np.nan, 1.0]))
    with pytest.raises(ValueError, match=r"must not be negative, got a least weight of -0\.5"):
        entropy([1.5, -0.5])


@given(LOGITS)
def test_entropy_lies_between_zero_and_the_log_of_the_count(logits: NDArray[np.float64]) -> None:
    result = entropy(softmax(logits))
    assert (result >= 0).all()
    assert (result <= np.log(logits.shape[-1]) + 1e-12).all()
