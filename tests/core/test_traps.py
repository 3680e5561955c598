"""The naive softmax inside attention: equal until it breaks, and then it shows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.attention import Attention, scaled_dot_product_attention
from core.traps import with_naive_softmax


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
