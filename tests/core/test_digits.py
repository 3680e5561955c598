"""Digits: the pictures as they came, and own writing made like them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from core.digit_ink import INK_SHARE, image_of_ink, ink_of_picture, otsu_threshold
from core.digits import N_HELD_OUT, N_PICTURES, as_picture, load_digits, read_digits
from core.images import PictureError


def test_the_pictures_are_there_and_parted_once() -> None:
    digits = load_digits()
    assert digits.images.shape == (1797, 8, 8)
    assert digits.images.dtype == digits.labels.dtype == np.uint8
    assert digits.images.max() == 16
    # As the package's own description counts them.
    assert np.bincount(digits.labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert len(digits.held_out) == N_HELD_OUT == 500
    both = np.concatenate([digits.training, digits.held_out])
    np.testing.assert_array_equal(np.sort(both), np.arange(N_PICTURES))
    # The split is part of every figure that the lab states: it must not move.
    assert digits.held_out[:5].tolist() == [360, 1773, 1482, 600, 850]
    assert np.bincount(digits.labels[digits.held_out]).min() >= 40


def test_the_first_picture_is_the_0_that_everyone_knows() -> None:
    digits = load_digits()
    assert digits.labels[0] == 0
    assert digits.images[0, 0].tolist() == [0, 0, 5, 13, 9, 1, 0, 0]
    assert digits.images[0, 7].tolist() == [0, 0, 6, 13, 10, 0, 0, 0]


def test_nothing_can_be_written_over() -> None:
    digits = load_digits()
    for array in (digits.images, digits.labels, digits.training, digits.held_out):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    digits = load_digits()
    path = tmp_path / "other.npz"
    with pytest.raises(ValueError, match=r"other\.npz cannot be read: restore"):
        read_digits(path)
    path.write_bytes(b"no archive")
    with pytest.raises(ValueError, match=r"other\.npz cannot be read"):
        read_digits(path)
    np.savez(path, images=digits.images)
    with pytest.raises(ValueError, match=r"other\.npz cannot be read"):
        read_digits(path)
    np.savez(path, images=digits.images[:5], labels=digits.labels[:5])
    with pytest.raises(ValueError, match="Expected 1797 pictures"):
        read_digits(path)
    np.savez(path, images=np.array([{}], dtype=object), labels=digits.labels)
    with pytest.raises(ValueError, match="cannot be read"):  # nothing unpickles
        read_digits(path)


def test_ink_becomes_bytes_of_one_channel() -> None:
    image = np.zeros((8, 8), np.uint8)
    image[2, 3], image[4, 5], image[0, 0] = 16, 8, 1
    picture = as_picture(image)
    assert picture.shape == (8, 8, 1)
    assert picture.dtype == np.uint8
    assert (picture[2, 3, 0], picture[4, 5, 0], picture[0, 0, 0]) == (255, 128, 16)
    assert as_picture(load_digits().images[:7]).shape == (7, 8, 8, 1)
    for wrong in (image.astype(float), image[:5], image + np.uint8(17)):
        with pytest.raises(ValueError, match="Expected a digit as uint8"):
            as_picture(wrong)


# ---- own writing


def drawn(points: list[tuple[float, float]], *, side: int = 64, pen: int = 4) -> NDArray[np.bool_]:
    """Draw a line through points in [0, 1], (x, y), on a square."""
    image = Image.new("1", (side, side))
    ImageDraw.Draw(image).line([(x * side, y * side) for x, y in points], fill=1, width=pen)
    return np.array(image, dtype=np.bool_)


SEVEN = [(0.3, 0.2), (0.7, 0.2), (0.45, 0.8)]
STROKE = [(0.5, 0.1), (0.5, 0.9)]
DASH = [(0.1, 0.5), (0.9, 0.5)]


def test_a_seven_fills_the_rows_and_the_columns_that_uci_s_fill() -> None:
    image = image_of_ink(drawn(SEVEN))
    assert image.dtype == np.uint8
    assert image.shape == (8, 8)
    assert (image.max(axis=1) > 0).all()
    columns = image.max(axis=0) > 0
    assert columns.tolist() == [False, True, True, True, True, True, True, False]
    # 20 of 32 pixels: half of the second and half of the seventh column.
    assert image[:, [1, 6]].max() <= 8
    assert image[:2, 1:7].sum() > image[3:, 1:7].sum() / 2
    assert image[6:, 5:].sum() == 0


def test_a_stroke_stays_a_stroke_and_a_dash_a_dash() -> None:
    stroke, dash = image_of_ink(drawn(STROKE)), image_of_ink(drawn(DASH))
    assert (stroke.max(axis=1) > 0).all()
    assert (stroke.max(axis=0) > 0).sum() <= 4
    assert (dash.max(axis=1) > 0).sum() < 6
    assert (dash.max(axis=0) > 0).sum() >= 5


@pytest.mark.parametrize("pen", [1, 2, 4, 8, 12])
@pytest.mark.parametrize("points", [SEVEN, STROKE])
def test_every_pen_leaves_about_as_much_ink(points: list[tuple[float, float]], pen: int) -> None:
    share = image_of_ink(drawn(points, pen=pen)).sum() / 1024
    assert abs(share - INK_SHARE) < 3 * 0.034  # three of the pictures' standard deviations


def test_where_and_how_large_it_is_written_is_of_no_matter() -> None:
    ink = drawn(SEVEN)
    image = image_of_ink(ink)
    np.testing.assert_array_equal(image_of_ink(np.roll(ink, (9, -7), axis=(0, 1))), image)
    twice = image_of_ink(ink.repeat(2, axis=0).repeat(2, axis=1))
    assert np.abs(twice.astype(int) - image).max() <= 1


def test_what_was_a_picture_comes_out_much_as_it_was() -> None:
    """Held-out pictures drawn anew, larger: rows, columns and ink stay, most of each cell too."""
    digits = load_digits()
    places = digits.held_out[:100]
    pictures = [Image.fromarray(one.astype(np.float32)) for one in digits.images[places]]
    large = [np.asarray(one.resize((80, 80), Image.Resampling.BICUBIC)) for one in pictures]
    made = np.array([image_of_ink(one >= 8) for one in large]).astype(int)
    assert np.abs(made - digits.images[places]).mean() < 2  # of 16
    ink = made.sum(axis=(1, 2)) / 1024
    assert abs(ink.mean() - INK_SHARE) < 0.02
    assert made.max(axis=2).min() > 0


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 2**32 - 1), st.floats(0, 1))
@settings(max_examples=80, deadline=None)
def test_any_bitmap_becomes_a_picture(height: int, width: int, seed: int, share: float) -> None:
    ink = np.random.default_rng(seed).random((height, width)) < share
    before = ink.copy()
    image = image_of_ink(ink)
    assert image.shape == (8, 8)
    assert image.max() <= 16
    assert image.any() == ink.any()
    np.testing.assert_array_equal(ink, before)


def test_a_line_far_thinner_than_a_cell_is_not_lost() -> None:
    image = image_of_ink(np.eye(900, dtype=np.bool_))
    assert image.any(axis=1).all()


def test_an_empty_bitmap_is_an_empty_picture_and_none_is_an_error() -> None:
    assert not image_of_ink(np.zeros((32, 32), np.bool_)).any()
    for wrong in (np.zeros((0, 4), np.bool_), np.zeros(9, np.bool_), np.zeros((4, 4))):
        with pytest.raises(ValueError, match="Expected a bitmap of bool"):
            image_of_ink(wrong)


# ---- uploads


def as_photo(ink: NDArray[np.bool_], paper: int, pen: int, noise: float = 6) -> NDArray[np.uint8]:
    grey = np.where(ink, float(pen), float(paper))
    grey += np.random.default_rng(0).normal(0, noise, grey.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)


@pytest.mark.parametrize(("paper", "pen"), [(230, 30), (20, 240), (150, 60)])
def test_ink_is_told_from_paper_dark_or_light(paper: int, pen: int) -> None:
    ink = drawn(SEVEN)
    found = ink_of_picture(as_photo(ink, paper, pen))
    assert (found == ink).mean() > 0.999


def test_a_plain_picture_has_no_digit() -> None:
    nothing = np.zeros((40, 40), np.bool_)
    for photo in (as_photo(nothing, 200, 0), as_photo(nothing, 10, 0), as_photo(~nothing, 0, 90)):
        with pytest.raises(PictureError, match="No digit was found"):
            ink_of_picture(photo)


@given(st.lists(st.integers(0, 255), min_size=2, max_size=60))
@settings(max_examples=60, deadline=None)
def test_otsu_finds_the_best_of_all_thresholds(levels: list[int]) -> None:
    """Against trying every threshold: the variance within the two kinds is least."""
    grey = np.array(levels, np.uint8)

    def within(threshold: int) -> float:
        kinds = (grey[grey <= threshold], grey[grey > threshold])
        return sum(float(kind.var()) * kind.size for kind in kinds if kind.size)

    best = min(within(threshold) for threshold in range(256))
    assert within(otsu_threshold(grey)) == pytest.approx(best, abs=1e-6)
