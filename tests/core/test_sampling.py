"""Sampling: what temperature, top-k and top-p keep, and draws that come out the same."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.sampling import Sampling, best_first, draw, narrowed, number_drawn, tempered

LOGITS = arrays(np.float32, st.integers(1, 12), elements=st.floats(-20, 0, width=32))
TEMPERATURES = st.floats(0.05, 5.0)


def logs(*probabilities: float) -> np.ndarray:
    return np.log(np.array(probabilities, dtype=np.float64))


def test_by_hand() -> None:
    row = logs(0.1, 0.5, 0.15, 0.25)
    np.testing.assert_allclose(narrowed(row, Sampling()), [0.1, 0.5, 0.15, 0.25])
    np.testing.assert_allclose(narrowed(row, Sampling(top_k=2)), [0, 2 / 3, 0, 1 / 3])
    # .5 and .25 come to .75, which falls short of .8; with .15 it is passed.
    np.testing.assert_allclose(
        narrowed(row, Sampling(top_p=0.8))[[1, 2, 3]] * 0.9, [0.5, 0.15, 0.25]
    )
    np.testing.assert_allclose(narrowed(row, Sampling(top_p=0.75)), [0, 2 / 3, 0, 1 / 3])
    # Of what top-k leaves, 2/3 and 1/3, the first has the share that is asked for.
    np.testing.assert_allclose(narrowed(row, Sampling(top_k=2, top_p=0.6)), [0, 1, 0, 0])
    # p^(1/T) with T = 1/2 is p squared.
    squared = np.array([0.01, 0.25, 0.0225, 0.0625])
    np.testing.assert_allclose(tempered(row, 0.5), squared / squared.sum())


@given(LOGITS, TEMPERATURES, st.integers(0, 15), st.floats(0.01, 1.0))
def test_what_is_left_sums_to_one_and_keeps_its_order(
    row: np.ndarray, temperature: float, top_k: int, top_p: float
) -> None:
    sampling = Sampling(temperature, top_k, top_p)
    before, after = tempered(row, temperature), narrowed(row, sampling)
    assert after.sum() == pytest.approx(1.0)
    kept = np.flatnonzero(after)
    assert len(kept) >= 1
    if top_k:
        assert len(kept) <= top_k
    # What is cut away was nowhere more probable than what is kept, and ratios stay.
    cut = before[after == 0]
    if cut.size:
        assert cut.max() <= before[kept].min()
    np.testing.assert_allclose(after[kept], before[kept] / before[kept].sum(), rtol=1e-9)


@given(LOGITS, st.floats(0.01, 0.999))
def test_top_p_keeps_the_fewest_that_have_the_share(row: np.ndarray, top_p: float) -> None:
    before = tempered(row, 1.0)
    kept = np.flatnonzero(narrowed(row, Sampling(top_p=top_p)))
    shares = np.sort(before[kept])
    assert shares.sum() >= top_p - 1e-9
    assert shares[1:].sum() < top_p + 1e-9


@given(LOGITS, st.integers(1, 12))
def test_top_k_keeps_as_many_even_among_equals(row: np.ndarray, top_k: int) -> None:
    row = np.round(row / 10)  # so that there are equals
    kept = np.flatnonzero(narrowed(row, Sampling(top_k=top_k)))
    assert len(kept) == min(top_k, len(row))
    assert sorted(kept) == sorted(best_first(tempered(row, 1.0))[:top_k])


@given(LOGITS)
def test_temperatures_at_their_limits(row: np.ndarray) -> None:
    at_zero = narrowed(row, Sampling(temperature=0.0))
    assert at_zero[row.argmax()] == 1.0
    assert np.count_nonzero(at_zero) == 1
    np.testing.assert_allclose(tempered(row, 1e9), 1 / len(row), atol=1e-6)
    peaks = [tempered(row, each).max() for each in (0.2, 0.5, 1.0, 2.0, 4.0)]
    assert peaks == sorted(peaks, reverse=True)


def test_of_equals_the_first_is_the_most_probable_one() -> None:
    np.testing.assert_array_equal(narrowed(logs(0.2, 0.4, 0.4), Sampling(temperature=0)), [0, 1, 0])
    np.testing.assert_array_equal(best_first([0.25] * 4), [0, 1, 2, 3])


@given(LOGITS, st.integers(0, 99), st.integers(0, 63))
def test_draws_come_out_the_same_and_never_fall_on_what_is_cut_away(
    row: np.ndarray, seed: int, position: int
) -> None:
    chances = narrowed(row, Sampling(top_k=3))
    assert draw(chances, seed, position) == draw(chances.copy(), seed, position)
    assert chances[draw(chances, seed, position)] > 0.0


def test_draws_fall_as_often_as_they_should() -> None:
    chances = np.array([0.1, 0.6, 0.0, 0.3])
    drawn = [draw(chances, seed, 5) for seed in range(3000)]
    shares = np.bincount(drawn, minlength=4) / len(drawn)
    np.testing.assert_allclose(shares, chances, atol=4 * np.sqrt(0.25 / 3000))


def test_another_position_and_another_seed_draw_another_number() -> None:
    numbers = {number_drawn(seed, position) for seed in range(10) for position in range(10)}
    assert len(numbers) == 100
    assert all(0.0 <= each < 1.0 for each in numbers)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"temperature": -0.1}, "temperature"),
        ({"temperature": float("nan")}, "temperature"),
        ({"top_k": -1}, "Top-k"),
        ({"top_p": 0.0}, "Top-p"),
        ({"top_p": 1.1}, "Top-p"),
        ({"seed": -1}, "seed"),
    ],
)
def test_what_is_out_of_range_is_refused(wrong: dict[str, float], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sampling(**wrong)
