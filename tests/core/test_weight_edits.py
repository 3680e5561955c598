"""Forced attention weights, computed by hand."""

from __future__ import annotations

import numpy as np
import pytest

from core.weight_edits import WeightEdit, check_heads, check_off, edits_of_layer, force_weights


class TestForcedRows:
    row = np.array([[[0.5, 0.3, 0.2]]], dtype=np.float32)

    @pytest.mark.parametrize(
        ("forced", "expected"),
        [
            ({0: 0.0}, [0.0, 0.6, 0.4]),
            ({0: 1.0}, [1.0, 0.0, 0.0]),
            ({2: 0.6}, [0.25, 0.15, 0.6]),
            ({0: 0.1, 2: 0.1}, [0.1, 0.8, 0.1]),
            ({0: 0.2, 1: 0.2, 2: 0.6}, [0.2, 0.2, 0.6]),
        ],
    )
    def test_the_rest_is_rescaled(self, forced: dict[int, float], expected: list[float]) -> None:
        edits = [WeightEdit(0, 0, 0, key, weight) for key, weight in forced.items()]
        before = self.row.copy()
        np.testing.assert_allclose(force_weights(self.row, edits)[0, 0], expected, rtol=1e-6)
        np.testing.assert_array_equal(self.row, before)

    def test_of_two_edits_of_one_weight_the_later_counts(self) -> None:
        edits = [WeightEdit(0, 0, 0, 0, 0.9), WeightEdit(0, 0, 0, 0, 0.0)]
        np.testing.assert_allclose(force_weights(self.row, edits)[0, 0], [0, 0.6, 0.4], rtol=1e-6)

    def test_where_nothing_is_left_to_rescale_it_is_spread(self) -> None:
        row = np.array([[[1.0, 0.0, 0.0]]], dtype=np.float32)
        edited = force_weights(row, [WeightEdit(0, 0, 0, 0, 0.5)])
        np.testing.assert_allclose(edited[0, 0], [0.5, 0.25, 0.25])

    @pytest.mark.parametrize("forced", [{0: 0.7, 1: 0.7}, {0: 0.1, 1: 0.1, 2: 0.1}])
    def test_a_row_that_cannot_sum_to_one_is_refused(self, forced: dict[int, float]) -> None:
        edits = [WeightEdit(0, 0, 0, key, weight) for key, weight in forced.items()]
        with pytest.raises(ValueError, match="sums to 1"):
            force_weights(self.row, edits)

    @pytest.mark.parametrize("weight", [-0.1, 1.1, float("nan")])
    def test_a_weight_outside_zero_to_one_is_refused(self, weight: float) -> None:
        with pytest.raises(ValueError, match="between 0 and 1"):
            WeightEdit(0, 0, 0, 0, weight)


def test_edits_of_a_layer_keep_their_order() -> None:
    edits = [WeightEdit(1, 0, 0, 2, 0.5), WeightEdit(0, 0, 0, 0, 0.1), WeightEdit(1, 0, 0, 1, 0.2)]
    assert edits_of_layer(edits, 1) == [edits[0], edits[2]]


class TestHeads:
    def test_those_of_the_model_pass(self) -> None:
        check_heads([(0, 0), (1, 3)], [WeightEdit(1, 0, 5, 5, 0.5)], n_layers=2, n_heads=4)

    @pytest.mark.parametrize("head", [(2, 0), (-1, 0), (0, 4), (0, -1)])
    def test_one_that_is_not_there_is_named_dropped_or_edited(self, head: tuple[int, int]) -> None:
        said = f"no head {head[1]} in a layer {head[0]}: layers run from 0 to 1, heads from 0 to 3"
        with pytest.raises(ValueError, match=said):
            check_heads([(0, 0), head], [], n_layers=2, n_heads=4)
        with pytest.raises(ValueError, match=said):
            check_heads([], [WeightEdit(*head, 0, 0, 0.5)], n_layers=2, n_heads=4)


@pytest.mark.parametrize("block", [("self", 2), ("self", -1), ("cross", 0)])
def test_a_block_that_is_not_there_cannot_be_off(block: tuple[str, int]) -> None:
    kinds = ("self", "feed_forward")
    check_off({("self", 0), ("feed_forward", 1)}, kinds, 2)
    with pytest.raises(ValueError, match="There is no block"):
        check_off({block}, kinds, 2)
