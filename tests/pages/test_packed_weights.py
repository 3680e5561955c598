"""Weights on their way to the browser: what arrives, and how large it is."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from pages._shared.packed_weights import (
    PackedWeights,
    pack_cells,
    pack_weights,
    to_thumbnails,
    unpack_cells,
)


def arrive(packed: PackedWeights) -> NDArray[np.float64]:
    """Return what the browser makes of it, as component_library.js does."""
    values = base64.b64decode(packed["values"])
    if packed["encoding"] == "float32":
        numbers = np.frombuffer(values, "<f4").astype(float)
    else:
        levels = np.frombuffer(values, "<u2")
        low, span = packed["low"], packed["top"] - packed["low"]
        numbers = np.where(levels == 65535, np.nan, low + levels / 65534 * span)
    return numbers.reshape(packed["shape"])


def test_few_weights_arrive_as_they_are() -> None:
    weights = np.array([[0.125, 0.375, 0.5], [np.nan, np.inf, 0.0]], np.float32)
    np.testing.assert_array_equal(arrive(pack_weights(weights)), weights)
    assert pack_weights(weights.astype(np.float16))["encoding"] == "float32"


@pytest.mark.parametrize("scale", [1.0, 1e-3, 40.0])
def test_many_weights_arrive_within_a_digit_that_is_shown(scale: float) -> None:
    weights = scale * np.random.default_rng(0).random((200, 70))
    weights[3, 4], weights[5, 6], weights[0, 0] = np.nan, np.inf, 0.0
    packed = pack_weights(weights)
    assert packed["encoding"] == "levels"
    there = arrive(packed)
    known = np.isfinite(weights)
    np.testing.assert_allclose(there[known], weights[known], rtol=0, atol=scale * 1e-5)
    assert np.isnan(there[~known]).all()
    assert there[0, 0] == 0
    assert len(packed["values"]) < 2.7 * weights.size


def test_changes_arrive_with_their_sign_and_none_as_none() -> None:
    change = np.random.default_rng(0).uniform(-0.25, 0.1, (100, 70))
    change[2, 3], change[4, 5] = 0.0, np.nan
    there = arrive(pack_weights(change))
    np.testing.assert_allclose(there, change, rtol=0, atol=1e-5)
    assert there[2, 3] == 0


def test_weights_of_nothing_but_zeros_arrive() -> None:
    assert not arrive(pack_weights(np.zeros((100, 100)))).any()


def test_weights_are_left_as_they_are() -> None:
    weights = np.full((100, 100), np.nan)
    weights.setflags(write=False)
    assert np.isnan(arrive(pack_weights(weights))).all()
    to_thumbnails(weights, 1.0, 24)


@given(
    st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
        lambda shape: st.lists(
            st.booleans(), min_size=shape[0] * shape[1], max_size=shape[0] * shape[1]
        ).map(lambda cells: np.array(cells).reshape(shape))
    )
)
def test_cells_come_back(cells: NDArray[np.bool_]) -> None:
    back = unpack_cells(pack_cells(cells), (cells.shape[0], cells.shape[1]))
    assert back is not None
    assert back.dtype == np.bool_
    np.testing.assert_array_equal(back, cells)


def test_small_maps_are_thumbnails_of_themselves() -> None:
    weights = np.array([[[[0.0, 1.0], [0.5, np.nan]]]])
    np.testing.assert_array_equal(to_thumbnails(weights, 1.0, 24)[0, 0], [[0, 255], [128, 0]])
    np.testing.assert_array_equal(to_thumbnails(weights, 0.5, 24)[0, 0], [[0, 255], [255, 0]])


def test_blocks_by_hand() -> None:
    weights = np.zeros((5, 4))
    weights[0, 0], weights[4, 3] = 0.2, 1.0
    # Five rows in two blocks: the first has two, the second three.
    np.testing.assert_array_equal(to_thumbnails(weights, 1.0, 2), [[51, 0], [0, 255]])
    mean = [[round(0.2 / 4 * 255), 0], [0, round(1 / 6 * 255)]]
    np.testing.assert_array_equal(to_thumbnails(weights, 1.0, 2, "mean"), mean)


@pytest.mark.parametrize("n_word", [23, 24, 25, 47, 199, 200])
def test_the_largest_keeps_a_diagonal_and_the_mean_keeps_the_whole(n_word: int) -> None:
    weights = np.eye(n_word)
    shown = to_thumbnails(weights, 1.0, 24)
    assert shown.shape == (min(n_word, 24),) * 2
    assert (np.diagonal(shown) == 255).all()
    even = np.full((n_word, n_word), 0.4)
    np.testing.assert_array_equal(to_thumbnails(even, 1.0, 24, "mean"), 102)
