"""The kinds of attention between an average and a choice."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.draws import gumbel_noise
from core.hard_attention import (
    ARGMAX,
    GUMBEL,
    KINDS,
    SAMPLE,
    SOFT,
    STRAIGHT,
    draw_keys,
    gumbel_softmax,
    one_hot,
    weights_of,
)

LOGITS = np.array([np.log(1.0), np.log(2.0), np.log(5.0)])
NOISE = np.array([3.0, 1.0, -1.0])
logits_and_noise = st.integers(1, 8).flatmap(
    lambda n: st.tuples(
        st.lists(st.floats(-20, 20), min_size=n, max_size=n).map(np.array),
        st.integers(0, 1000).map(lambda seed: gumbel_noise(1, n, seed)[0]),
    )
)
Pair = tuple[NDArray[np.float64], NDArray[np.float64]]


def test_every_kind_by_hand() -> None:
    # Noisy logits: 3, 1.693, 0.609. Argmax ignores the noise, a sample follows it.
    assert weights_of(SOFT, LOGITS, NOISE) == pytest.approx([1 / 8, 2 / 8, 5 / 8])
    assert weights_of(ARGMAX, LOGITS, NOISE).tolist() == [0, 0, 1]
    assert weights_of(SAMPLE, LOGITS, NOISE).tolist() == [1, 0, 0]
    assert weights_of(STRAIGHT, LOGITS, NOISE).tolist() == [1, 0, 0]
    # exp(3) = 20.086, 2 e = 5.437, 5 / e = 1.839, together 27.362.
    expected = np.array([20.0855, 5.43656, 1.83940]) / 27.36148
    assert weights_of(GUMBEL, LOGITS, NOISE, 1.0) == pytest.approx(expected, abs=1e-5)


def test_of_equals_the_first_is_taken() -> None:
    assert weights_of(ARGMAX, [2.0, 2.0, 1.0], NOISE).tolist() == [1, 0, 0]
    assert draw_keys([0.0, 0.0], [1.0, 1.0]) == 0


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="Expected one of soft, argmax"):
        weights_of("sharp", LOGITS, NOISE)


@given(logits_and_noise, st.sampled_from(KINDS), st.floats(0.01, 10))
def test_weights_are_shares(pair: Pair, kind: str, tau: float) -> None:
    weights = weights_of(kind, *pair, tau)
    assert weights.shape == pair[0].shape
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    if kind in (ARGMAX, SAMPLE, STRAIGHT):
        assert sorted(set(weights.tolist())) in ([1.0], [0.0, 1.0])


@given(logits_and_noise, st.floats(0.01, 10))
def test_gumbel_softmax_leans_towards_the_draw(pair: Pair, tau: float) -> None:
    weights = gumbel_softmax(*pair, tau)
    assert weights[draw_keys(*pair)] == weights.max()


@given(logits_and_noise)
def test_a_small_tau_makes_the_draw_and_a_large_one_equal_shares(pair: Pair) -> None:
    logits, noise = pair
    n_key = len(logits)
    assert gumbel_softmax(logits, noise, 1e9) == pytest.approx(np.full(n_key, 1 / n_key), abs=1e-6)
    noisy = np.sort(logits + noise)
    if n_key == 1 or noisy[-1] - noisy[-2] > 1e-3:
        sharp = gumbel_softmax(logits, noise, 1e-5)
        assert sharp == pytest.approx(weights_of(SAMPLE, logits, noise), abs=1e-6)


@given(logits_and_noise, st.floats(-50, 50))
def test_only_differences_of_logits_count(pair: Pair, shift: float) -> None:
    logits, noise = pair
    noisy = np.sort(logits + noise)
    plain = np.sort(logits)
    for kind in KINDS:
        ranked = plain if kind == ARGMAX else noisy
        if len(ranked) > 1 and ranked[-1] - ranked[-2] < 1e-9:
            continue  # rounding decides
        moved = weights_of(kind, logits + shift, noise, 0.5)
        assert moved == pytest.approx(weights_of(kind, logits, noise, 0.5), abs=1e-9)


def test_inputs_are_left_alone_and_rows_are_independent() -> None:
    logits, noise = gumbel_noise(5, 4, 1), gumbel_noise(5, 4, 2)
    kept = logits.copy(), noise.copy()
    for kind in KINDS:
        rows = weights_of(kind, logits, noise, 0.7)
        one_by_one = [weights_of(kind, x, g, 0.7) for x, g in zip(logits, noise, strict=True)]
        np.testing.assert_array_equal(rows, one_by_one)
    np.testing.assert_array_equal((logits, noise), kept)
    np.testing.assert_array_equal(one_hot([2, 0], 3), [[0, 0, 1], [1, 0, 0]])
