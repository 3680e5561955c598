"""Deletion and insertion: by hand, against NumPy's trapezoids, and on models one knows through."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.faithfulness import (
    DIRECTIONS,
    Baseline,
    area,
    baseline,
    hidden_sets,
    judge,
    random_orders,
    step_counts,
)


class TestSteps:
    def test_by_hand(self) -> None:
        assert step_counts(16, 4) == (0, 4, 8, 12, 16)
        assert step_counts(10, 4) == (0, 3, 5, 8, 10)
        assert step_counts(3, 12) == (0, 1, 2, 3)
        assert step_counts(1, 1) == (0, 1)

    @given(st.integers(1, 2000), st.integers(1, 50))
    def test_they_rise_from_none_to_all(self, n_patches: int, n_steps: int) -> None:
        counts = step_counts(n_patches, n_steps)
        assert (counts[0], counts[-1]) == (0, n_patches)
        assert len(counts) == min(n_patches, n_steps) + 1
        assert (np.diff(counts) > 0).all()

    @pytest.mark.parametrize("wrong", [(0, 3), (3, 0)])
    def test_nothing_to_step_through_is_an_error(self, wrong: tuple[int, int]) -> None:
        with pytest.raises(ValueError, match="at least one"):
            step_counts(*wrong)


class TestHiddenSets:
    def test_deletion_hides_the_first_and_insertion_shows_them(self) -> None:
        order, counts = (2, 0, 1), (0, 1, 3)
        assert hidden_sets(order, counts, "deletion") == (
            frozenset(),
            frozenset({2}),
            frozenset({0, 1, 2}),
        )
        assert hidden_sets(order, counts, "insertion") == (
            frozenset({0, 1, 2}),
            frozenset({0, 1}),
            frozenset(),
        )

    @given(st.permutations(range(9)), st.integers(1, 9))
    def test_insertion_is_deletion_from_the_other_end(self, order: list[int], n_steps: int) -> None:
        counts = step_counts(9, n_steps)
        from_the_end = tuple(9 - count for count in counts)
        backwards = hidden_sets(tuple(reversed(order)), from_the_end, "deletion")
        assert hidden_sets(tuple(order), counts, "insertion") == backwards


class TestArea:
    def test_by_hand(self) -> None:
        # Two trapezoids over halves of the picture: (1 + .5) / 2 * .5 + (.5 + 0) / 2 * .5.
        assert area((0, 2, 4), (1.0, 0.5, 0.0)) == pytest.approx(0.5)
        # Uneven steps: a quarter at mean .75, three quarters at mean .25.
        assert area((0, 1, 4), (1.0, 0.5, 0.0)) == pytest.approx(0.75 / 4 + 0.25 * 3 / 4)

    def test_a_level_curve_has_its_height(self) -> None:
        assert area((0, 3, 7, 16), (0.3, 0.3, 0.3, 0.3)) == pytest.approx(0.3)

    @given(st.lists(st.floats(-5, 5), min_size=4, max_size=4))
    def test_equals_trapezoids_added_one_by_one(self, outputs: list[float]) -> None:
        counts = (0, 5, 9, 20)
        expected = sum(
            (counts[i + 1] - counts[i]) / 20 * (outputs[i] + outputs[i + 1]) / 2 for i in range(3)
        )
        assert area(counts, outputs) == pytest.approx(expected)


class TestRandomOrders:
    def test_the_seed_decides_and_more_orders_change_none(self) -> None:
        assert random_orders(20, 3, 7) == random_orders(20, 5, 7)[:3]
        assert random_orders(20, 3, 7) != random_orders(20, 3, 8)

    def test_each_is_an_order_of_all_patches(self) -> None:
        orders = random_orders(20, 4, 0)
        assert all(sorted(order) == list(range(20)) for order in orders)
        assert len(set(orders)) == 4


class TestBaseline:
    def test_by_hand(self) -> None:
        chance = baseline((1.0, 2.0, 3.0))
        assert (chance.mean, chance.spread, chance.areas) == (2.0, 1.0, (1.0, 2.0, 3.0))

    def test_one_area_has_no_spread(self) -> None:
        with pytest.raises(ValueError, match="at least two"):
            baseline((1.0,))


class TestJudge:
    CHANCE = Baseline(0.5, 0.1, (0.4, 0.5, 0.6))

    def test_small_areas_are_good_in_deletion_and_large_ones_in_insertion(self) -> None:
        areas = {"a": 0.55, "b": 0.3, "c": 0.7, "d": 0.45}
        deletion = judge(areas, self.CHANCE, "deletion")
        assert deletion.ranked == ("b", "d", "a", "c")
        assert (deletion.better, deletion.worse) == ({"b"}, {"c"})
        insertion = judge(areas, self.CHANCE, "insertion")
        assert insertion.ranked == ("c", "a", "d", "b")
        assert (insertion.better, insertion.worse) == ({"c"}, {"b"})

    def test_of_equals_the_first_named_is_first(self) -> None:
        assert judge({"b": 0.3, "a": 0.3}, self.CHANCE, "deletion").ranked == ("b", "a")


class TestOnAModelThatAddsUp:
    """The output is a sum of values of the patches that are seen: the best order is known."""

    VALUES = np.array([0.1, 0.4, 0.05, 0.3, 0.15])

    def area_of(self, order: tuple[int, ...], direction: str) -> float:
        counts = step_counts(5, 5)
        outputs = [
            sum(value for patch, value in enumerate(self.VALUES) if patch not in hidden)
            for hidden in hidden_sets(order, counts, direction)
        ]
        return area(counts, outputs)

    @pytest.mark.parametrize("direction", DIRECTIONS)
    def test_no_order_is_better_than_that_of_the_values(self, direction: str) -> None:
        best = tuple(np.argsort(-self.VALUES).tolist())
        areas = {order: self.area_of(order, direction) for order in permutations(range(5))}
        wanted = min(areas.values()) if direction == "deletion" else max(areas.values())
        assert areas[best] == pytest.approx(wanted)
        assert [order for order, one in areas.items() if one == pytest.approx(wanted)] == [best]

    def test_both_directions_of_one_order_add_up_to_the_whole(self) -> None:
        # What is hidden in one is seen in the other.
        order = (3, 1, 4, 0, 2)
        both = self.area_of(order, "deletion") + self.area_of(order, "insertion")
        assert both == pytest.approx(self.VALUES.sum())

    def test_random_orders_lie_around_one_half(self) -> None:
        areas = [self.area_of(order, "deletion") for order in random_orders(5, 400, 0)]
        assert baseline(areas).mean == pytest.approx(0.5, abs=0.02)
