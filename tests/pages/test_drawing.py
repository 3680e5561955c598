"""Small charts as SVG: where numbers land, and what is left out."""

from __future__ import annotations

import numpy as np
import pytest

from pages._shared.drawing import Scale, dots, frame, path


def test_a_scale_puts_numbers_where_they_belong() -> None:
    # By hand: -1 of -2..2 is a quarter of the way from 100 up to 20.
    up = Scale((-2, 2), (100, 20))
    np.testing.assert_allclose(up([-2, -1, 0, 2]), [100, 80, 60, 20])
    log = Scale((1, 10_000), (0, 400), log=True)
    np.testing.assert_allclose(log([1, 10, 100, 10_000]), [0, 100, 200, 400])


@pytest.mark.parametrize("log", [False, True])
def test_what_lies_beyond_an_end_is_put_there(log: bool) -> None:
    scale = Scale((1, 10), (30, 50), log=log)
    np.testing.assert_array_equal(scale([0.5, 99]), [30, 50])


def test_a_level_line_is_its_ends() -> None:
    step = path([0, 1, 2, 3, 4, 5], [7, 7, 7, 9, 9, 9])
    assert step.attributes["d"] == "M0 7L2 7L3 9L5 9"
    slope = path([0, 1, 2], [0, 1, 2])
    assert slope.attributes["d"] == "M0 0L1 1L2 2"
    assert path([], []).attributes["d"] == ""


def test_dots_are_one_mark_each_a_whole_ring() -> None:
    rings = str(dots(np.array([10.0, 20.0]), np.array([5.0, 6.0]), 3).attributes["d"])
    assert rings.count("M") == 2
    assert rings.startswith("M7.0 5.0a3 3 0 1 0 6 0a3 3 0 1 0 -6 0M17.0 6.0")


def test_a_frame_says_what_its_ticks_are() -> None:
    x, y = Scale((0, 1), (50, 150), {0: "none", 1: "all"}), Scale((0, 1), (90, 20), {0.5: "half"})
    marks = frame("Title", x, y, "below")
    words = {mark.text: mark.attributes for mark in marks if mark.tag == "text"}
    assert list(words) == ["Title", "none", "all", "half", "below"]
    assert (words["none"]["x"], words["all"]["x"]) == (50, 150)
    assert words["half"]["y"] == 59  # 4 below the middle of 90 and 20, so that it stands level
    assert [mark.attributes["d"] for mark in marks if mark.tag == "path"] == [
        "M50 90L50 20",
        "M150 90L150 20",
        "M50 55L150 55",
    ]
