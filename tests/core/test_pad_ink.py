"""Ink on the pad: cropped, scaled, centred, and the same digit as before."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.pad_ink import fit_to_pad


def test_a_bar_by_hand() -> None:
    # 10 x 140 pixels somewhere in a large picture: 28 cells wide, 2 high, in the middle.
    ink = np.zeros((300, 400), np.bool_)
    ink[50:60, 200:340] = True
    expected = np.zeros((32, 32), np.bool_)
    expected[15:17, 2:30] = True
    np.testing.assert_array_equal(fit_to_pad(ink), expected)


def test_a_thin_line_stays_whole() -> None:
    ink = np.zeros((900, 900), np.bool_)
    ink[:, 450:453] = True
    ink[0] = True
    pad = fit_to_pad(ink)
    assert pad[2:30].any(axis=1).all()


def test_no_ink_stays_none() -> None:
    assert not fit_to_pad(np.zeros((5, 9), np.bool_)).any()
    with pytest.raises(ValueError, match="Expected ink of bool"):
        fit_to_pad(np.zeros((5, 9)))


@given(st.integers(1, 60), st.integers(1, 60), st.integers(0, 2**32 - 1))
def test_the_longer_side_fills_the_pad_and_moving_ink_changes_nothing(
    height: int, width: int, seed: int
) -> None:
    ink = np.random.default_rng(seed).random((height, width)) < 0.5
    ink[0, 0] = ink[-1, -1] = True
    pad = fit_to_pad(ink)
    assert not pad[[0, 1, 30, 31]].any()
    assert not pad[:, [0, 1, 30, 31]].any()
    np.testing.assert_array_equal(fit_to_pad(np.pad(ink, ((3, 0), (0, 7)))), pad)
