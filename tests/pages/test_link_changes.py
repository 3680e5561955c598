"""What a link carries of a matrix: the numbers that are no longer an example's own."""

from __future__ import annotations

import numpy as np
import pytest

from core.packing import PackingError
from pages._shared.link_changes import changes_of, with_changes

BASE = np.array([[1.0, 2.0], [3.0, 0.0]])


def test_only_what_changed_is_carried_and_comes_back() -> None:
    array = np.array([[1.0, -2.0], [3.0, 5.5]])
    changes = changes_of(array, BASE)
    np.testing.assert_array_equal(changes, [[np.nan, -2.0], [np.nan, 5.5]])
    np.testing.assert_array_equal(with_changes(BASE, changes), array)


def test_what_is_as_it_was_is_the_base_itself() -> None:
    changes = changes_of(BASE.copy(), BASE)
    assert np.isnan(changes).all()
    assert with_changes(BASE, changes) is BASE


def test_changes_of_another_shape_do_not_fit() -> None:
    with pytest.raises(PackingError, match="a matrix has another size"):
        with_changes(BASE, np.zeros((1, 2)))
