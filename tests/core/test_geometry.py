import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.geometry import convex_hull

POINTS = arrays(
    np.float64,
    st.tuples(st.integers(1, 9), st.just(2)),
    elements=st.integers(-20, 20).map(lambda whole: whole / 10),
)


def test_square_with_a_point_inside_and_one_on_an_edge() -> None:
    hull = convex_hull([[0, 0], [2, 0], [2, 2], [0, 2], [1, 1], [1, 0]])
    np.testing.assert_array_equal(hull, [[0, 0], [2, 0], [2, 2], [0, 2]])


def test_points_on_a_line_leave_its_two_ends() -> None:
    np.testing.assert_array_equal(convex_hull([[1, 1], [0, 0], [2, 2]]), [[0, 0], [2, 2]])


def test_one_point_repeated() -> None:
    np.testing.assert_array_equal(convex_hull([[3, 4], [3, 4]]), [[3, 4]])


@pytest.mark.parametrize("points", [np.zeros((0, 2)), np.zeros((3, 3)), [[np.nan, 0.0]]])
def test_what_is_not_points_in_a_plane_is_refused(points: np.ndarray) -> None:
    with pytest.raises(ValueError, match="points must"):
        convex_hull(points)


@given(POINTS, st.integers(0, 2**31))
def test_a_weighted_average_never_leaves_the_hull(points: np.ndarray, seed: int) -> None:
    weights = np.random.default_rng(seed).dirichlet(np.ones(len(points)))
    inside = weights @ points
    hull = convex_hull(points)
    for start, end in zip(hull, np.roll(hull, -1, axis=0), strict=True):
        edge, to_point = end - start, inside - start
        assert edge[0] * to_point[1] - edge[1] * to_point[0] >= -1e-9


@given(POINTS)
def test_corners_are_points_that_were_given(points: np.ndarray) -> None:
    given_points = {tuple(point) for point in points}
    assert all(tuple(corner) in given_points for corner in convex_hull(points))
