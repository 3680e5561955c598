"""Changes of a digit, against what they are by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.digit_changes import (
    AS_IT_IS,
    CHANGES,
    IN_DISORDER,
    MIRRORED,
    NEGATIVE,
    UPSIDE_DOWN,
    changed_digit,
    shuffle_patches,
)

IMAGE = (np.arange(64) % 17).astype(np.uint8).reshape(8, 8)


def test_by_hand() -> None:
    np.testing.assert_array_equal(changed_digit(IMAGE, AS_IT_IS, 2), IMAGE)
    np.testing.assert_array_equal(changed_digit(IMAGE, UPSIDE_DOWN, 2), np.rot90(IMAGE, 2))
    np.testing.assert_array_equal(changed_digit(IMAGE, MIRRORED, 2), np.fliplr(IMAGE))
    negative = changed_digit(IMAGE, NEGATIVE, 2)
    assert (negative + IMAGE == 16).all()


@pytest.mark.parametrize("patch_size", [1, 2, 4])
def test_disorder_keeps_every_patch_whole(patch_size: int) -> None:
    def patches(image: np.ndarray) -> list[bytes]:
        n = 8 // patch_size
        return [
            image[
                r * patch_size : (r + 1) * patch_size, c * patch_size : (c + 1) * patch_size
            ].tobytes()
            for r in range(n)
            for c in range(n)
        ]

    changed = changed_digit(IMAGE, IN_DISORDER, patch_size)
    assert patches(changed) != patches(IMAGE)
    assert sorted(patches(changed)) == sorted(patches(IMAGE))


def test_a_patch_goes_where_the_order_says() -> None:
    order = np.arange(16)[::-1]
    changed = shuffle_patches(IMAGE, order, 2)
    np.testing.assert_array_equal(changed[:2, :2], IMAGE[6:, 6:])
    np.testing.assert_array_equal(shuffle_patches(changed, order, 2), IMAGE)


@pytest.mark.parametrize("change", CHANGES)
def test_the_picture_itself_stays(change: str) -> None:
    before = IMAGE.copy()
    changed = changed_digit(IMAGE, change, 2)
    assert changed.dtype == np.uint8
    assert not np.shares_memory(changed, IMAGE)
    np.testing.assert_array_equal(IMAGE, before)


def test_an_unknown_change_is_named() -> None:
    with pytest.raises(ValueError, match="no change 'Blurred': expected one of As it is"):
        changed_digit(IMAGE, "Blurred", 2)
