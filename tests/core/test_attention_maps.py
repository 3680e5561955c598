"""Sums over attention maps, against numbers worked out by hand and NumPy's own routines."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.attention_maps import (
    attention_distance,
    attention_received,
    cell_means,
    cosine_similarity,
    mass_by_region,
    pca_colours,
    share_inside,
)


def random_weights(seed: int, *shape: int) -> np.ndarray:
    weights = np.random.default_rng(seed).exponential(size=shape)
    return weights / weights.sum(axis=-1, keepdims=True)


class TestAttentionReceived:
    def test_uniform_attention_gives_every_key_the_mean(self) -> None:
        np.testing.assert_allclose(attention_received(np.full((2, 5, 5), 0.2)), np.ones((2, 5)))

    def test_a_sink_receives_as_many_times_the_mean_as_there_are_keys(self) -> None:
        weights = np.zeros((1, 4, 4))
        weights[..., 2] = 1.0
        np.testing.assert_allclose(attention_received(weights), [[0, 0, 4, 0]])

    def test_keys_receive_one_on_average(self) -> None:
        received = attention_received(random_weights(5, 3, 7, 7))
        np.testing.assert_allclose(received.mean(axis=-1), 1.0)


class TestAttentionDistance:
    def test_looking_at_oneself_is_no_distance(self) -> None:
        np.testing.assert_array_equal(attention_distance(np.eye(7)[None], (2, 3), 1), [0.0])

    def test_by_hand_on_a_line_of_three(self) -> None:
        # Uniform: distances 0 1 2, 1 0 1, 2 1 0 have the mean 8 / 9.
        distance = attention_distance(np.full((1, 3, 3), 1 / 3), (1, 3), 0)
        np.testing.assert_allclose(distance, [8 / 9])

    def test_weight_on_the_class_token_does_not_count(self) -> None:
        # Both patches of a column give 0.9 to the class token, 0.1 to each other.
        weights = np.array([[[1.0, 0.0, 0.0], [0.9, 0.0, 0.1], [0.9, 0.1, 0.0]]])
        np.testing.assert_allclose(attention_distance(weights, (2, 1), 1), [1.0])

    def test_rows_and_columns_are_told_apart(self) -> None:
        # On a grid of 2 x 5 patch 4 ends the first row and patch 5 begins the second; all others
        # look at themselves.
        weights = np.eye(10)[None].copy()
        weights[0, 4] = np.eye(10)[5]
        np.testing.assert_allclose(attention_distance(weights, (2, 5), 0), [17**0.5 / 10])
        np.testing.assert_allclose(attention_distance(weights, (5, 2), 0), [1 / 10])

    def test_no_weight_on_patches_is_no_distance(self) -> None:
        weights = np.zeros((1, 3, 3))
        weights[..., 0] = 1.0
        np.testing.assert_array_equal(attention_distance(weights, (1, 2), 1), [0.0])

    def test_another_grid_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="2 x 2 patches; got"):
            attention_distance(np.eye(4)[None], (2, 2), 1)


class TestPcaColours:
    def test_equals_the_eigenvectors_of_the_covariance(self) -> None:
        features = np.random.default_rng(6).normal(size=(60, 8)) * np.arange(1, 9)
        _, directions = np.linalg.eigh(np.cov(features.T))
        scores = (features - features.mean(axis=0)) @ directions[:, ::-1][:, :3]
        colours = pca_colours(features)
        inside = (colours > 0) & (colours < 1)
        for component in range(3):
            keep = inside[:, component]
            correlation = np.corrcoef(colours[keep, component], scores[keep, component])[0, 1]
            assert abs(correlation) == pytest.approx(1.0)
            assert keep.mean() > 0.9

    @settings(max_examples=25)
    @given(st.integers(0, 1000))
    def test_unchanged_by_shift_rotation_and_scale(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        features = rng.normal(size=(40, 6)) * [9, 7, 5, 3, 2, 1]
        rotation, _ = np.linalg.qr(rng.normal(size=(6, 6)))
        moved = 3.0 * features @ rotation + rng.normal(size=6)
        np.testing.assert_allclose(pca_colours(moved), pca_colours(features), atol=1e-9)

    def test_follows_its_tokens(self) -> None:
        features = np.random.default_rng(7).normal(size=(30, 5))
        order = np.random.default_rng(8).permutation(30)
        np.testing.assert_allclose(pca_colours(features[order]), pca_colours(features)[order])

    def test_the_largest_score_is_positive(self) -> None:
        line = np.array([[-1.0], [-1.0], [0.0], [5.0]])
        colours = pca_colours(line, n_components=1)[:, 0]
        assert colours[3] == 1.0
        assert colours[0] == 0.0

    def test_without_spread_it_is_grey(self) -> None:
        np.testing.assert_array_equal(pca_colours(np.full((5, 4), 0.3)), np.full((5, 3), 0.5))
        np.testing.assert_array_equal(pca_colours(np.ones((1, 4))), np.full((1, 3), 0.5))

    def test_a_missing_component_is_grey(self) -> None:
        colours = pca_colours(np.arange(10.0)[:, None] * np.ones(4))
        assert colours[:, 0].max() == 1.0
        np.testing.assert_array_equal(colours[:, 1:], np.full((10, 2), 0.5))


class TestCosineSimilarity:
    def test_by_hand(self) -> None:
        features = np.array([[2.0, 0.0], [0.0, 3.0], [1.0, 1.0], [-4.0, 0.0], [0.0, 0.0]])
        expected = [1.0, 0.0, 2**-0.5, -1.0, 0.0]
        np.testing.assert_allclose(cosine_similarity(features, 0), expected, atol=1e-12)


class TestMassByRegion:
    def test_whole_cells(self) -> None:
        values = np.zeros((6, 6))
        values[0, 0], values[5, 3] = 3.0, 1.0
        expected = [[0.75, 0, 0], [0, 0, 0], [0, 0.25, 0]]
        np.testing.assert_allclose(mass_by_region(values), expected)

    def test_a_cell_on_a_border_counts_on_both_sides(self) -> None:
        # Four cells in three regions of 4/3: the second cell is one third in the first region.
        np.testing.assert_allclose(
            mass_by_region(np.array([[0.0, 1.0, 0.0, 0.0]]), rows=1), [[1 / 3, 2 / 3, 0]]
        )

    def test_a_map_smaller_than_the_regions_is_spread(self) -> None:
        np.testing.assert_allclose(mass_by_region(np.ones((1, 1))), np.full((3, 3), 1 / 9))

    @given(st.integers(1, 20), st.integers(1, 20), st.integers(1, 5), st.integers(1, 5))
    def test_nothing_is_lost(self, height: int, width: int, rows: int, columns: int) -> None:
        values = np.random.default_rng(height * 100 + width).exponential(size=(height, width))
        mass = mass_by_region(values, rows=rows, columns=columns)
        assert mass.shape == (rows, columns)
        assert mass.sum() == pytest.approx(1.0)

    def test_uniform_maps_are_uniform(self) -> None:
        np.testing.assert_allclose(mass_by_region(np.ones((16, 16))), np.full((3, 3), 1 / 9))

    def test_a_map_of_zeros_has_no_mass(self) -> None:
        np.testing.assert_array_equal(mass_by_region(np.zeros((4, 4))), np.zeros((3, 3)))

    def test_negative_values_are_an_error(self) -> None:
        with pytest.raises(ValueError, match="zero or more"):
            mass_by_region(np.array([[-1.0, 2.0]]))


class TestCellMeans:
    def test_by_hand(self) -> None:
        values = np.array([[1.0, 3.0, 0.0, 0.0, 5.0, 7.0], [1.0, 3.0, 0.0, 4.0, 6.0, 6.0]])
        np.testing.assert_array_equal(cell_means(values, (1, 3)), [[2.0, 1.0, 6.0]])

    @given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 4), st.integers(1, 4))
    def test_repeated_cells_come_back(
        self, rows: int, columns: int, height: int, width: int
    ) -> None:
        cells = np.random.default_rng(rows * 10 + columns).normal(size=(rows, columns))
        fine = cells.repeat(height, axis=0).repeat(width, axis=1)
        np.testing.assert_allclose(cell_means(fine, (rows, columns)), cells)

    def test_a_map_that_cannot_be_cut_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="reshape"):
            cell_means(np.ones((4, 7)), (2, 3))


class TestShareInside:
    def test_by_hand(self) -> None:
        values = np.array([[[1.0, 2.0], [3.0, 4.0]], [[0.0, 0.0], [0.0, 5.0]]])
        region = np.array([[True, False], [True, False]])
        np.testing.assert_allclose(share_inside(values, region), [0.4, 0.0])

    def test_region_and_rest_make_one(self) -> None:
        values = random_weights(9, 2, 3, 4, 5)
        region = np.random.default_rng(10).random((4, 5)) < 0.3
        both = share_inside(values, region) + share_inside(values, ~region)
        np.testing.assert_allclose(both, np.ones((2, 3)))

    def test_a_map_of_zeros_has_no_share(self) -> None:
        assert share_inside(np.zeros((2, 2)), np.ones((2, 2), dtype=bool)) == 0.0
