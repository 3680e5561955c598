"""Mistakes with positions are wrong in exactly the way that is stated."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.position_traps import Exponent, along_diagonals, rotary_scores, wrong_sinusoidal
from core.positional import sinusoidal_encoding

POWERS: dict[str, Callable[[int, int], float]] = {
    "2 * column / d": lambda column, d: 2 * column / d,
    "column / d": lambda column, d: column / d,
    "column // 2 / d": lambda column, d: (column // 2) / d,
}


@pytest.mark.parametrize("exponent", get_args(Exponent))
@pytest.mark.parametrize("d", [1, 2, 5, 8])
@pytest.mark.parametrize("base", [10_000.0, 10.0])
def test_wrong_exponents_are_wrong_as_stated(exponent: Exponent, d: int, base: float) -> None:
    places = [0.0, 1.0, 2.5, -3.0, 70.0]
    wave = (math.sin, math.cos)
    power = POWERS[exponent]
    by_hand = [[wave[c % 2](p / base ** power(c, d)) for c in range(d)] for p in places]
    table = wrong_sinusoidal(places, d, exponent=exponent, base=base)
    np.testing.assert_allclose(table, by_hand, rtol=0, atol=1e-12)
    right = sinusoidal_encoding(places, d, base=base)
    # Up to the first pair all is well: the exponent is 0 there, whatever is forgotten.
    np.testing.assert_allclose(table[:, 0], right[:, 0], atol=1e-12)
    if d > 2:
        assert np.abs(table - right).max() > 0.1


@given(st.integers(2, 40), st.sampled_from([10.0, 1e4]), st.integers(0, 500))
def test_only_real_pairs_make_distance_decide(d: int, base: float, first: int) -> None:
    places = first + np.arange(6)
    d += d % 2
    for table in (
        sinusoidal_encoding(places, d, base=base),
        wrong_sinusoidal(places, d, exponent="column // 2 / d", base=base),
    ):
        low, high = along_diagonals(table @ table.T, 1)
        assert high - low < 1e-9


@pytest.mark.parametrize("exponent", ["2 * column / d", "column / d"])
def test_columns_of_their_own_make_the_place_decide(exponent: Exponent) -> None:
    table = wrong_sinusoidal(np.arange(12), 8, exponent=exponent)
    low, high = along_diagonals(table @ table.T, 1)
    assert high - low > 0.5


def test_waves_half_as_long_in_their_logarithm() -> None:
    """The last of 4 pairs: 10000^(6/8) = 1000 is meant, 10000^(3/8) = 31.6 is written."""
    places = np.array([1.0])
    wrong = wrong_sinusoidal(places, 8, exponent="column // 2 / d")
    assert wrong[0, 6] == pytest.approx(math.sin(1 / 10 ** (4 * 3 / 8)))
    assert sinusoidal_encoding(places, 8)[0, 6] == pytest.approx(math.sin(1 / 1000))


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"positions": [math.nan]}, "Positions must be finite"),
        ({"d_model": 0}, "d_model must be at least 1"),
        ({"base": 0.0}, "base must be a finite number above 0"),
        ({"exponent": "right"}, "exponent must be one of"),
    ],
)
def test_tables_that_there_are_not(arguments: dict[str, object], problem: str) -> None:
    options: dict[str, Any] = {"positions": [0.0], "d_model": 4, "exponent": "column / d"}
    with pytest.raises(ValueError, match=problem):
        wrong_sinusoidal(**options | arguments)


# ---- two layouts of rotary positions


def test_mixed_layouts_by_hand() -> None:
    """With base 1 every pair turns by 1 radian a position.

    Halves pair the numbers (0, 2) and (1, 3), neighbours (0, 1) and (2, 3).
    """
    query, key = np.array([1.0, 0.0, 0.0, 0.0]), np.array([1.0, 0.0, 0.0, 0.0])
    places = np.array([0.0, 1.0, 3.0])
    right = rotary_scores(query, key, places, mixed=False, base=1.0)
    np.testing.assert_allclose(right, np.cos(places[:, None] - places), atol=1e-12)
    # The query is (cos m, sin m, 0, 0), the key (cos n, 0, sin n, 0).
    mixed = rotary_scores(query, key, places, mixed=True, base=1.0)
    np.testing.assert_allclose(mixed, np.cos(places)[:, None] * np.cos(places), atol=1e-12)


@given(st.integers(0, 99), st.sampled_from([2, 4, 8]), st.integers(0, 1000))
def test_where_both_stand_matters_only_if_layouts_are_mixed(
    seed: int, d_head: int, first: int
) -> None:
    query, key = np.random.default_rng(seed).standard_normal((2, d_head))
    places = first + np.arange(6)
    here = rotary_scores(query, key, places, mixed=False)
    np.testing.assert_allclose(
        here, rotary_scores(query, key, places - first, mixed=False), rtol=0, atol=1e-9
    )
    low, high = along_diagonals(here, 2)
    assert high - low < 1e-9
    # Of two numbers there is one pair, the same in both layouts.
    mixed = rotary_scores(query, key, places, mixed=True)
    assert np.allclose(mixed, here, rtol=0, atol=1e-9) == (d_head == 2)


@pytest.mark.parametrize(("query", "key"), [([1, 2], [1, 2, 3, 4]), ([[1, 2]], [[1, 2]])])
def test_scores_need_two_vectors(query: object, key: object) -> None:
    with pytest.raises(ValueError, match="two vectors of one length"):
        rotary_scores(query, key, [0, 1], mixed=True)  # type: ignore[arg-type]


def test_a_diagonal_by_hand() -> None:
    scores = np.arange(9.0).reshape(3, 3)
    assert along_diagonals(scores, 0) == (0, 8)
    assert along_diagonals(scores, 1) == (1, 5)
    assert along_diagonals(scores, 2) == (2, 2)
