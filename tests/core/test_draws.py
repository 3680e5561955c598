"""Draws: noise, frequencies that pile up to the soft weights, and what a draw teaches."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.draws import expected_error, gumbel_noise, pile_up, reinforce_gradients
from core.hard_attention import one_hot
from core.softmax import softmax

LOGITS = np.array([2.0, 0.5, 1.0, -1.0, 0.0])


def test_noise_is_that_of_gumbel() -> None:
    noise = gumbel_noise(200_000, 1, 3)[:, 0]
    # Mean: Euler's constant, 0.5772; variance pi^2 / 6. Within 5 standard errors.
    assert noise.mean() == pytest.approx(0.5772157, abs=5 * 1.2826 / math.sqrt(200_000))
    assert noise.var() == pytest.approx(math.pi**2 / 6, rel=0.02)
    # P(g < 0) = exp(-1).
    assert (noise < 0).mean() == pytest.approx(math.exp(-1), abs=0.006)


def test_the_same_seed_gives_the_same_noise_and_more_only_adds_to_it() -> None:
    noise = gumbel_noise(10, 3, 7)
    np.testing.assert_array_equal(gumbel_noise(4, 3, 7), noise[:4])
    assert not np.array_equal(gumbel_noise(10, 3, 8), noise)


@pytest.mark.parametrize("sizes", [(0, 3), (3, 0)])
def test_there_is_nothing_to_draw_without_a_key(sizes: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="at least 1 draw and 1 key"):
        gumbel_noise(*sizes, 0)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_gumbel_max_trick_draws_with_the_soft_weights(seed: int) -> None:
    n_draw = 50_000
    draws = pile_up(LOGITS, gumbel_noise(n_draw, len(LOGITS), seed))
    expected = n_draw * softmax(LOGITS)
    counts = np.bincount(draws.choices, minlength=len(LOGITS))
    chi_square = ((counts - expected) ** 2 / expected).sum()
    # 18.47 is exceeded once in a thousand times with 4 degrees of freedom.
    assert chi_square < 18.47


def test_the_last_of_the_growing_sizes_holds_all_draws() -> None:
    draws = pile_up(LOGITS, gumbel_noise(1_000, 5, 4))
    assert draws.sizes[0] == 1
    assert draws.sizes[-1] == 1_000
    assert (np.diff(draws.sizes) > 0).all()
    weights = softmax(LOGITS)
    for size, error in zip(draws.sizes, draws.errors, strict=True):
        shares = np.bincount(draws.choices[:size], minlength=5) / size
        assert error == pytest.approx(np.linalg.norm(shares - weights), abs=1e-12)
    assert draws.frequencies == pytest.approx(np.bincount(draws.choices, minlength=5) / 1_000)


def test_the_expected_error_is_the_mean_squared_one_over_many_seeds() -> None:
    weights = softmax(LOGITS)
    for n_draw in (1, 10, 100):
        errors = [
            pile_up(LOGITS, gumbel_noise(n_draw, 5, seed)).errors[-1] for seed in range(2_000)
        ]
        root = math.sqrt(np.square(errors).mean())
        assert root == pytest.approx(float(expected_error(weights, n_draw)), rel=0.05)


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=8), st.integers(1, 10_000))
def test_a_hundred_times_the_draws_are_ten_times_nearer(logits: list[float], n: int) -> None:
    weights = softmax(np.array(logits))
    near, far = expected_error(weights, [100 * n, n])
    assert near == pytest.approx(far / 10, abs=1e-12)


@given(
    st.lists(st.floats(-5, 5), min_size=1, max_size=8),
    st.floats(-10, 10),
    st.randoms(use_true_random=False),
)
def test_reinforce_is_right_on_average_whatever_the_baseline(
    logits: list[float], baseline: float, random: object
) -> None:
    """All draws that there could be, each weighted with its probability: no sampling at all."""
    x = np.array(logits)
    rewards = np.array([random.uniform(-3, 3) for _ in logits])  # type: ignore[attr-defined]
    weights = softmax(x)
    every = reinforce_gradients(x, rewards, np.arange(len(x)), baseline)
    # The gradient of sum w_k r_k by logit j is w_j (r_j - sum w_k r_k).
    exact = weights * (rewards - weights @ rewards)
    assert weights @ every == pytest.approx(exact, abs=1e-9)


def test_reinforce_by_hand() -> None:
    # Two equal keys, rewards 1 and 3, the second drawn, baseline 2: (3 - 2) * ((0, 1) - (.5, .5)).
    estimate = reinforce_gradients([0.0, 0.0], [1.0, 3.0], [1], 2.0)
    np.testing.assert_allclose(estimate, [[-0.5, 0.5]])


def test_the_mean_of_many_single_draws_comes_to_the_gradient() -> None:
    draws = pile_up(LOGITS, gumbel_noise(100_000, 5, 9))
    rewards = np.array([1.0, -2.0, 0.5, 3.0, 0.0])
    weights = softmax(LOGITS)
    exact = weights * (rewards - weights @ rewards)
    single = reinforce_gradients(LOGITS, rewards, draws.choices)
    tolerance = 5 * single.std(axis=0) / math.sqrt(len(single))
    assert (np.abs(single.mean(axis=0) - exact) < tolerance).all()
    # Where all rewards are high (or all low), a baseline takes most of the variance away.
    noisy = reinforce_gradients(LOGITS, rewards + 10, draws.choices)
    calm = reinforce_gradients(LOGITS, rewards + 10, draws.choices, 10.0)
    assert calm.var(axis=0).sum() < 0.05 * noisy.var(axis=0).sum()
    assert one_hot(draws.choices, 5).mean(axis=0) == pytest.approx(draws.frequencies)
