"""Positional encodings against numbers by hand, the published formulas, and their own promises."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.position_bias import (
    alibi_bias,
    alibi_slopes,
    relative_bias,
    relative_bucket,
    relative_positions,
)
from core.positional import LAYOUTS, FloatArray, sinusoidal_angles, sinusoidal_encoding, waves
from core.rotary import rotary_caches, rotate

PLACES = st.lists(st.integers(0, 500), min_size=1, max_size=12)
BASES = st.sampled_from((1.0, 10.0, 100.0, 10000.0))

# --- sinusoids -------------------------------------------------------------------------------


def test_sinusoids_by_hand() -> None:
    """d 4, base 10000: the second wave is 100 times as slow as the first."""
    table = sinusoidal_encoding([0, 1, 3], 4)
    by_hand = [
        [0.0, 1.0, 0.0, 1.0],
        [0.8415, 0.5403, 0.0100, 0.99995],
        [0.1411, -0.9900, 0.0300, 0.99955],
    ]
    np.testing.assert_allclose(table, by_hand, atol=5e-5)
    halves = sinusoidal_encoding([0, 1, 3], 4, layout="halves")
    np.testing.assert_array_equal(halves, table[:, [0, 2, 1, 3]])


def test_an_odd_width_lacks_the_last_cosine() -> None:
    # 5 numbers, waves with exponents 0, 2/5, 4/5; the last has its sine alone.
    slow = 2 * 10000**-0.8
    middle = 2 * 10000**-0.4
    fast = [math.sin(2), math.cos(2)]
    interleaved = [*fast, math.sin(middle), math.cos(middle), math.sin(slow)]
    halves = [
        math.sin(2), math.sin(middle), math.sin(slow), math.cos(2), math.cos(middle),
    ]  # fmt: skip
    np.testing.assert_allclose(sinusoidal_encoding(2, 5), interleaved, atol=1e-15)
    np.testing.assert_allclose(sinusoidal_encoding(2, 5, layout="halves"), halves, atol=1e-15)
    np.testing.assert_allclose(sinusoidal_encoding([7], 1), [[math.sin(7)]], atol=1e-15)


@given(PLACES, st.integers(1, 33), BASES)
def test_the_paper_s_formula_entry_by_entry(places: list[int], d_model: int, base: float) -> None:
    """Written as in section 3.5, with Python's own sine and cosine, to 1e-11."""
    table = sinusoidal_encoding(places, d_model, base=base)
    for row, p in zip(table, places, strict=True):
        for column in range(d_model):
            i = column // 2
            wave = math.sin if column % 2 == 0 else math.cos
            assert row[column] == pytest.approx(wave(p / base ** (2 * i / d_model)), abs=1e-11)


@given(st.integers(0, 300), st.integers(0, 300), st.integers(0, 300), st.integers(1, 24), BASES)
def test_dot_products_depend_on_the_distance_alone_if_the_width_is_even(
    m: int, n: int, shift: int, half: int, base: float
) -> None:
    for layout in LAYOUTS:
        here, there, here_on, there_on = sinusoidal_encoding(
            [m, n, m + shift, n + shift], 2 * half, base=base, layout=layout
        )
        assert here @ there == pytest.approx(here_on @ there_on, abs=1e-9)
        assert here @ here == pytest.approx(half)


def test_dot_products_of_an_odd_width_depend_on_the_place_too() -> None:
    one, two, eleven, twelve = sinusoidal_encoding([1, 2, 11, 12], 3, base=100)
    assert abs(one @ two - eleven @ twelve) > 0.01


@given(PLACES, st.integers(1, 40))
def test_layouts_hold_the_same_numbers(places: list[int], d_model: int) -> None:
    tables = [np.sort(sinusoidal_encoding(places, d_model, layout=one)) for one in LAYOUTS]
    np.testing.assert_array_equal(tables[0], tables[1])


def test_positions_may_have_any_shape() -> None:
    table = sinusoidal_encoding(np.arange(6).reshape(2, 3), 8)
    assert table.shape == (2, 3, 8)
    np.testing.assert_array_equal(table.reshape(6, 8), sinusoidal_encoding(np.arange(6), 8))


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: sinusoidal_encoding([0], 0), "d_model must be at least 1, got 0"),
        (lambda: sinusoidal_encoding([0], 4, base=0), "base must be a finite number above 0"),
        (lambda: sinusoidal_encoding([0], 4, base=math.inf), "base must be a finite number"),
        (lambda: sinusoidal_encoding([math.nan], 4), "Positions must be finite"),
        (lambda: sinusoidal_encoding([0], 4, layout="rows"), "layout must be one of"),  # type: ignore[arg-type]
        (lambda: waves(np.zeros((2, 3)), 4), "made of 2 angles, got 3"),
    ],
)
def test_what_cannot_be_is_said(make: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        make()  # type: ignore[operator]


# --- what positions are for ------------------------------------------------------------------


@given(st.permutations(range(6)), st.integers(0, 5))
def test_without_positions_the_order_of_the_words_is_not_seen(order: list[int], seed: int) -> None:
    """To 1e-14: the sums of softmax and output are added up in another order."""
    words = np.random.default_rng(seed).standard_normal((6, 4))
    before = scaled_dot_product_attention(words, words, words)
    after = scaled_dot_product_attention(*[words[order]] * 3)
    np.testing.assert_allclose(after.weights, before.weights[order][:, order], atol=1e-14)
    np.testing.assert_allclose(after.output, before.output[order], atol=1e-14)


@pytest.mark.parametrize("encoding", ["sinusoidal", "rotary", "alibi", "relative"])
def test_with_positions_it_is(encoding: str) -> None:
    words = np.random.default_rng(0).standard_normal((6, 4))
    order = [3, 1, 5, 0, 2, 4]
    relative = relative_positions(np.arange(6), np.arange(6))
    bias = {
        "alibi": alibi_bias(relative, [0.5])[0],
        "relative": relative_bias(
            relative_bucket(relative, n_buckets=8), np.linspace(1, -1, 8)[None]
        )[0],
    }.get(encoding)

    def weights(content: FloatArray) -> NDArray[Any]:
        x: NDArray[Any] = content
        if encoding == "sinusoidal":
            x = content + sinusoidal_encoding(np.arange(6), 4)
        elif encoding == "rotary":
            x = rotate(content, *rotary_caches(np.arange(6), 4))
        return scaled_dot_product_attention(x, x, content, bias=bias).weights

    assert np.abs(weights(words[order]) - weights(words)[order][:, order]).max() > 0.05


def test_inputs_stay_as_they_are() -> None:
    places = np.arange(5.0)
    kept = places.copy()
    sinusoidal_angles(places, 6)
    alibi_bias(places, alibi_slopes(2))
    np.testing.assert_array_equal(places, kept)
