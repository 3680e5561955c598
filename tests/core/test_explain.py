"""Explanations against numbers worked out by hand, plain loops, and each other."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.explain import (
    ROLLOUT_START,
    attention_rollout,
    deletion_order,
    gradient_relevance,
    occlusion,
    occlusion_blocks,
    read_by,
)


def random_weights(seed: int, *shape: int) -> np.ndarray:
    weights = np.random.default_rng(seed).exponential(size=shape)
    return weights / weights.sum(axis=-1, keepdims=True)


def relevance_by_loops(weights: list, gradients: list) -> list[list[float]]:
    """Chefer's rule with nothing but additions, products and comparisons of single numbers."""
    n_tokens = len(weights[0][0])
    relevance = [[float(i == j) for j in range(n_tokens)] for i in range(n_tokens)]
    for layer in range(len(weights)):
        n_heads = len(weights[layer])
        bar = [[0.0] * n_tokens for _ in range(n_tokens)]
        for head in range(n_heads):
            for i in range(n_tokens):
                for j in range(n_tokens):
                    product = gradients[layer][head][i][j] * weights[layer][head][i][j]
                    if product > 0:
                        bar[i][j] += product / n_heads
        grown = [row[:] for row in relevance]
        for i in range(n_tokens):
            for j in range(n_tokens):
                for k in range(n_tokens):
                    grown[i][j] += bar[i][k] * relevance[k][j]
        relevance = grown
    return relevance


class TestAttentionRollout:
    def test_two_layers_by_hand(self) -> None:
        # Layer 1, heads [[1, 0], [0, 1]] and [[0, 1], [0, 1]]: mean [[.5, .5], [0, 1]],
        # with the residual [[.75, .25], [0, 1]].
        first = np.array([[[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]])
        # Layer 2, one head: [[0, 1], [1, 0]], with the residual [[.5, .5], [.5, .5]].
        second = np.array([[[0.0, 1.0], [1.0, 0.0]]])
        # [[.5, .5], [.5, .5]] @ [[.75, .25], [0, 1]]
        expected = [[0.375, 0.625], [0.375, 0.625]]
        np.testing.assert_allclose(attention_rollout([first, second]), expected)

    def test_layers_are_multiplied_from_below(self) -> None:
        first, second = random_weights(0, 1, 3, 3), random_weights(1, 1, 3, 3)
        expected = (second[0] + np.eye(3)) / 2 @ ((first[0] + np.eye(3)) / 2)
        np.testing.assert_allclose(attention_rollout([first, second]), expected)

    def test_identity_attention_stays_where_it_is(self) -> None:
        layers = [np.broadcast_to(np.eye(5), (3, 5, 5))] * 4
        np.testing.assert_allclose(attention_rollout(layers), np.eye(5))

    @given(st.integers(0, 1000), st.integers(1, 5), st.integers(1, 4), st.integers(1, 7))
    def test_rows_sum_to_one(self, seed: int, layers: int, heads: int, tokens: int) -> None:
        rollout = attention_rollout(random_weights(seed, layers, heads, tokens, tokens))
        np.testing.assert_allclose(rollout.sum(axis=-1), 1.0)
        assert (rollout >= 0).all()

    def test_starting_later_passes_over_layers(self) -> None:
        layers = random_weights(2, 5, 2, 4, 4)
        np.testing.assert_array_equal(
            attention_rollout(layers, start_layer=3), attention_rollout(layers[3:])
        )

    def test_takes_a_generator_and_leaves_its_input(self) -> None:
        layers = random_weights(3, 3, 2, 4, 4)
        before = layers.copy()
        np.testing.assert_array_equal(
            attention_rollout(layer for layer in layers), attention_rollout(layers)
        )
        np.testing.assert_array_equal(layers, before)

    def test_no_layers_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="no layers from 2 on"):
            attention_rollout(random_weights(4, 2, 1, 3, 3), start_layer=2)


class TestGradientRelevance:
    # Two layers of two heads over a class token and two patches.
    WEIGHTS = np.array(
        [
            [
                [[0.5, 0.5, 0.0], [0.0, 1.0, 0.0], [0.25, 0.25, 0.5]],
                [[0.0, 0.0, 1.0], [0.5, 0.0, 0.5], [1.0, 0.0, 0.0]],
            ],
            [
                [[0.2, 0.4, 0.4], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]],
                [[0.0, 1.0, 0.0], [0.0, 1.0, 0.0], [0.5, 0.5, 0.0]],
            ],
        ]
    )
    GRADIENTS = np.array(
        [
            [
                [[0.0, 4.0, 9.0], [7.0, 2.0, 0.0], [-8.0, 8.0, 0.0]],
                [[0.0, 0.0, -6.0], [4.0, 5.0, 0.0], [-1.0, 0.0, 0.0]],
            ],
            [
                [[0.0, 5.0, -5.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
                [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
            ],
        ]
    )

    def test_by_hand(self) -> None:
        # Layer 1: products above 0 are .5 * 4 = 2 (class reads patch 1), 1 * 2 = 2 (patch 1
        # itself) and .25 * 8 = 2 (patch 2 reads patch 1) in head 1, .5 * 4 = 2 (patch 1 reads
        # the class token) in head 2. Means of the two heads:
        #   A = [[0, 1, 0], [1, 1, 0], [0, 1, 0]], R = I + A = [[1, 1, 0], [1, 2, 0], [0, 1, 1]].
        # Layer 2: only the class token's row has a slope: .4 * 5 = 2 in head 1, the other is
        # below 0; 1 * 2 = 2 in head 2. Mean: the class token reads patch 1 by 2.
        #   R = R + 2 * (row of patch 1 into the row of the class token) = [[3, 5, 0], ...].
        relevance = gradient_relevance(self.WEIGHTS, self.GRADIENTS)
        np.testing.assert_allclose(relevance, [[3, 5, 0], [1, 2, 0], [0, 1, 1]])
        np.testing.assert_allclose(read_by(relevance, (0,), 1), [5, 0])
        np.testing.assert_allclose(read_by(relevance, (1, 2), 1), [1.5, 0.5])

    def test_the_loops_agree_with_the_hand(self) -> None:
        by_loops = relevance_by_loops(self.WEIGHTS.tolist(), self.GRADIENTS.tolist())
        np.testing.assert_allclose(by_loops, [[3, 5, 0], [1, 2, 0], [0, 1, 1]])

    @given(st.integers(0, 1000), st.integers(1, 3), st.integers(1, 3), st.integers(1, 4))
    def test_equals_plain_loops(self, seed: int, layers: int, heads: int, tokens: int) -> None:
        weights = random_weights(seed, layers, heads, tokens, tokens)
        gradients = np.random.default_rng(seed + 1).normal(size=weights.shape)
        expected = relevance_by_loops(weights.tolist(), gradients.tolist())
        np.testing.assert_allclose(gradient_relevance(weights, gradients), expected, rtol=1e-12)

    def test_what_only_speaks_against_has_no_relevance(self) -> None:
        weights = random_weights(1, 3, 2, 4, 4)
        np.testing.assert_array_equal(gradient_relevance(weights, -weights), np.eye(4))

    def test_a_layer_above_what_is_read_changes_nothing(self) -> None:
        weights = random_weights(2, 3, 2, 4, 4)
        gradients = np.random.default_rng(3).normal(size=weights.shape)
        gradients[2] = 0.0
        np.testing.assert_array_equal(
            gradient_relevance(weights, gradients), gradient_relevance(weights[:2], gradients[:2])
        )

    def test_takes_generators_and_leaves_its_input(self) -> None:
        weights, gradients = random_weights(4, 2, 2, 3, 3), random_weights(5, 2, 2, 3, 3)
        before = weights.copy(), gradients.copy()
        once = gradient_relevance((one for one in weights), (one for one in gradients))
        np.testing.assert_array_equal(once, gradient_relevance(weights, gradients))
        np.testing.assert_array_equal((weights, gradients), before)

    def test_layers_have_to_match(self) -> None:
        weights = random_weights(6, 2, 2, 3, 3)
        with pytest.raises(ValueError, match="shorter"):
            gradient_relevance(weights, weights[:1])
        with pytest.raises(ValueError, match="none here"):
            gradient_relevance([], [])


class TestReaders:
    def test_the_rollout_of_the_class_token_is_its_row(self) -> None:
        rolled = attention_rollout(random_weights(7, 3, 2, 5, 5), start_layer=ROLLOUT_START)
        np.testing.assert_array_equal(read_by(rolled, (0,), 1), rolled[0, 1:])
        np.testing.assert_allclose(read_by(rolled, range(5), 0).sum(), 1.0)

    def test_nobody_reading_is_an_error(self) -> None:
        with pytest.raises(ValueError, match="has to read"):
            read_by(np.eye(3), (), 1)


class TestOcclusion:
    def test_blocks_of_a_small_grid_are_single_patches(self) -> None:
        assert occlusion_blocks((4, 4)) == tuple(frozenset({patch}) for patch in range(16))
        assert len(occlusion_blocks((8, 8))) == 64

    def test_blocks_of_a_trained_model_by_hand(self) -> None:
        blocks = occlusion_blocks((16, 16))
        assert len(blocks) == 64
        assert blocks[0] == {0, 1, 16, 17}
        assert blocks[-1] == {238, 239, 254, 255}

    @given(st.integers(1, 40), st.integers(1, 40))
    def test_every_patch_lies_in_one_block(self, rows: int, columns: int) -> None:
        blocks = occlusion_blocks((rows, columns))
        assert sorted(patch for block in blocks for patch in block) == list(range(rows * columns))

    @given(st.integers(12, 20), st.integers(12, 20))
    def test_there_are_not_many_more_than_64(self, rows: int, columns: int) -> None:
        assert len(occlusion_blocks((rows, columns))) <= 100

    def test_by_hand(self) -> None:
        blocks = (frozenset({0, 1}), frozenset({2}))
        np.testing.assert_allclose(occlusion(0.9, (0.2, 1.0), blocks, 3), [0.7, 0.7, -0.1])

    def test_what_is_not_known_yet_is_no_number(self) -> None:
        drops = occlusion(0.9, (0.2,), occlusion_blocks((1, 3)), 3)
        np.testing.assert_allclose(drops, [0.7, np.nan, np.nan])

    def test_a_sum_of_patches_comes_back(self) -> None:
        # Of a model that adds up a value for each patch, occlusion finds the values.
        values = np.random.default_rng(8).normal(size=12)
        blocks = occlusion_blocks((3, 4))
        outputs = [values.sum() - sum(values[patch] for patch in block) for block in blocks]
        np.testing.assert_allclose(occlusion(values.sum(), outputs, blocks, 12), values)


class TestDeletionOrder:
    def test_ties_are_broken_by_position(self) -> None:
        assert deletion_order(np.array([0.0, 2.0, -1.0, 2.0, 0.0])) == (1, 3, 0, 4, 2)

    @given(st.lists(st.integers(-3, 3), min_size=1, max_size=30))
    def test_values_fall_along_it_and_every_patch_is_there(self, values: list[int]) -> None:
        order = deletion_order(np.array(values, dtype=float))
        assert sorted(order) == list(range(len(values)))
        along = [(-values[patch], patch) for patch in order]
        assert along == sorted(along)

    def test_an_unfinished_map_has_no_order(self) -> None:
        with pytest.raises(ValueError, match="number for every patch"):
            deletion_order(np.array([1.0, np.nan]))
