"""Sweeps on toy models: what they ask, once each, and that a pause changes nothing."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from core.explain import deletion_order
from core.faithfulness import DIRECTIONS, area, hidden_sets, random_orders
from core.head_sweep import Answered, HeadSweep, advance_heads, as_grid, ranked_heads
from core.set_sweep import SetSweep, SetTrial, advance_set, mean_areas
from core.sweeps import (
    OcclusionSweep,
    Trial,
    TrialSweep,
    advance_occlusion,
    advance_trial,
    areas_of,
    begin_trial,
)

VALUES = np.array([0.1, 0.4, 0.05, 0.3, 0.02, 0.13])


class Toy:
    """A model that adds up the values of the patches it sees, and remembers what it was asked."""

    def __init__(self, values: np.ndarray = VALUES) -> None:
        self.values = values
        self.asked: list[frozenset[int]] = []

    def __call__(self, hidden: frozenset[int]) -> float:
        self.asked.append(hidden)
        return float(sum(v for patch, v in enumerate(self.values) if patch not in hidden))


def to_the_end(sweep: object, advance: Callable[[object], object]) -> object:
    while sweep.done < sweep.total:
        sweep = advance(sweep)
    return sweep


class TestOcclusion:
    def test_it_finds_the_values_with_one_pass_a_block(self) -> None:
        toy = Toy()
        start = OcclusionSweep((2, 3))
        assert np.isnan(start.values).all()
        sweep = to_the_end(start, lambda one: advance_occlusion(one, toy))
        assert toy.asked == [frozenset(), *(frozenset({patch}) for patch in range(6))]
        np.testing.assert_allclose(sweep.values, VALUES)
        assert advance_occlusion(sweep, toy) is sweep
        assert start.outputs == ()

    def test_half_of_it_is_known_half_way(self) -> None:
        sweep = OcclusionSweep((2, 3))
        for _ in range(4):
            sweep = advance_occlusion(sweep, Toy())
        assert (sweep.done, sweep.total) == (4, 7)
        np.testing.assert_allclose(sweep.values[:3], VALUES[:3])
        assert np.isnan(sweep.values[3:]).all()


def trial(*names: str, n_random: int = 3) -> Trial:
    maps = {"best": VALUES, "worst": -VALUES, "flat": np.zeros(6)}
    orders = tuple((name, deletion_order(maps[name])) for name in names)
    return Trial(orders, n_steps=3, n_random=n_random, seed=1)


class TestTrial:
    def run(self, one: Trial, toy: Toy) -> TrialSweep:
        return to_the_end(begin_trial(one), lambda sweep: advance_trial(sweep, toy))

    def test_nothing_is_asked_twice(self) -> None:
        toy = Toy()
        sweep = self.run(trial("best", "worst", "flat"), toy)
        assert len(toy.asked) == len(set(toy.asked)) == sweep.total
        # Best and worst are each other's reverse: deletion of one is insertion of the other.
        assert sweep.total < 2 + 6 * 2 * 2
        assert {frozenset(), frozenset(range(6))} <= set(toy.asked)

    def test_areas_are_those_of_the_curves(self) -> None:
        one = trial("best", "flat")
        sweep = self.run(one, Toy())
        for direction in DIRECTIONS:
            areas = areas_of(sweep, direction)
            assert areas is not None
            for name, order in one.orders:
                outputs = [Toy()(hidden) for hidden in hidden_sets(order, (0, 2, 4, 6), direction)]
                assert sweep.curve(order, direction) == pytest.approx(outputs)
                assert areas.named[name] == pytest.approx(area((0, 2, 4, 6), outputs))
            at_random = [
                area((0, 2, 4, 6), [Toy()(h) for h in hidden_sets(order, (0, 2, 4, 6), direction)])
                for order in random_orders(6, 3, 1)
            ]
            assert areas.chance.areas == pytest.approx(at_random)

    def test_the_best_order_wins_in_both_directions(self) -> None:
        sweep = self.run(trial("worst", "flat", "best"), Toy())
        for direction in DIRECTIONS:
            verdict = areas_of(sweep, direction).verdict
            assert verdict.ranked == ("best", "flat", "worst")
            assert "best" in verdict.better
            assert "worst" in verdict.worse

    def test_no_areas_before_the_end_but_curves_that_are_through(self) -> None:
        one = trial("best", "flat")
        sweep = begin_trial(one)
        for _ in range(4):
            sweep = advance_trial(sweep, Toy())
        assert areas_of(sweep, "deletion") is None
        assert sweep.curve(one.orders[0][1], "deletion") is not None
        assert sweep.curve(one.orders[1][1], "insertion") is None

    def test_what_is_known_is_not_asked_again(self) -> None:
        first = self.run(trial("best"), Toy())
        toy = Toy()
        start = begin_trial(trial("best", "flat"), first.outputs)
        assert start.done > 0
        sweep = to_the_end(start, lambda one: advance_trial(one, toy))
        assert not set(toy.asked) & set(first.outputs)
        alone = self.run(trial("best", "flat"), Toy())
        assert dict(sweep.outputs) == pytest.approx(dict(alone.outputs))

    def test_a_step_leaves_the_sweep_before_it(self) -> None:
        start = begin_trial(trial("best"))
        advance_trial(start, Toy())
        assert start.done == 0
        assert not start.outputs


class TestHeads:
    EFFECT = np.array([[0.0, -0.3], [0.2, -0.3], [0.0, 0.1]])

    def drop(self, heads: frozenset[tuple[int, int]]) -> Answered:
        change = sum(self.EFFECT[head] for head in heads)
        return Answered(0.5 + change, np.array([1.0 + change, 2.0 - 2 * change]))

    def test_every_head_is_dropped_once_and_alone(self) -> None:
        asked = []

        def drop(heads: frozenset[tuple[int, int]]) -> Answered:
            asked.append(sorted(heads))
            return self.drop(heads)

        sweep = to_the_end(HeadSweep((3, 2)), lambda one: advance_heads(one, drop))
        assert asked == [[], *([head] for head in np.ndindex(3, 2))]
        np.testing.assert_allclose(as_grid(sweep.output_changes, (3, 2)), self.EFFECT)
        np.testing.assert_allclose(as_grid(sweep.whole_changes, (3, 2)), 1.5 * abs(self.EFFECT))
        assert advance_heads(sweep, drop) is sweep

    def test_they_are_ranked_by_size_and_ties_by_position(self) -> None:
        ranked = ranked_heads(tuple(self.EFFECT.ravel()), 2)
        assert ranked == ((0, 1), (1, 1), (1, 0), (2, 1), (0, 0), (2, 0))

    def test_half_way(self) -> None:
        sweep = HeadSweep((3, 2))
        for _ in range(3):
            sweep = advance_heads(sweep, self.drop)
        assert (sweep.done, sweep.total) == (3, 7)
        grid = as_grid(sweep.output_changes, (3, 2))
        np.testing.assert_allclose(grid, [[0.0, -0.3], [np.nan] * 2, [np.nan] * 2])


class TestSets:
    TOYS = (VALUES, VALUES[::-1].copy(), np.array([0.3, 0.1, 0.6, 0.0]))
    TRIAL = SetTrial(((2, 3), (2, 3), (2, 2)), 2, "occlusion", n_steps=3, n_random=4, seed=0)

    def explain(self, picture: int) -> dict[str, np.ndarray]:
        values = self.TOYS[picture]
        return {"good": values**2, "bad": -values}

    def output(self, picture: int, hidden: frozenset[int]) -> float:
        return Toy(self.TOYS[picture])(hidden)

    def advance(self, sweep: SetSweep) -> SetSweep:
        return advance_set(sweep, self.explain, self.output)

    def test_done_rises_to_the_total_and_means_come_picture_by_picture(self) -> None:
        sweep, done = SetSweep(self.TRIAL), [0]
        assert mean_areas(sweep, "deletion") is None
        while len(sweep.measured) < 3:
            sweep = self.advance(sweep)
            done.append(sweep.done)
        assert done == sorted(done)
        assert done[-1] == self.TRIAL.total
        assert self.advance(sweep) is sweep

    def test_means_over_the_pictures(self) -> None:
        sweep = SetSweep(self.TRIAL)
        while len(sweep.measured) < 3:
            sweep = self.advance(sweep)
        for direction in DIRECTIONS:
            mean = mean_areas(sweep, direction)
            alone = [one[direction] for one in sweep.measured]
            for name in ("good", "bad", "occlusion"):
                expected = np.mean([areas.named[name] for areas in alone])
                assert mean.named[name] == pytest.approx(expected)
            random = np.array([areas.chance.areas for areas in alone])
            assert mean.chance.areas == pytest.approx(random.mean(axis=0))
            assert mean.chance.mean == pytest.approx(random.mean())
            assert mean.verdict.ranked[-1] == "bad"
            # On a sum, occlusion and the values themselves make one order, the best.
            assert mean.named["occlusion"] == pytest.approx(mean.named["good"])

    def test_each_picture_has_random_orders_of_its_own(self) -> None:
        sweep = SetSweep(self.TRIAL)
        while len(sweep.measured) < 2:
            sweep = self.advance(sweep)
        for picture in range(2):
            expected = [
                area(
                    (0, 2, 4, 6),
                    [self.output(picture, h) for h in hidden_sets(order, (0, 2, 4, 6), "deletion")],
                )
                for order in random_orders(6, 4, picture)
            ]
            assert sweep.measured[picture]["deletion"].chance.areas == pytest.approx(expected)

    def test_the_model_is_asked_of_one_picture_at_a_time_and_explained_once(self) -> None:
        explained, asked = [], []

        def explain(picture: int) -> dict[str, np.ndarray]:
            explained.append(picture)
            return self.explain(picture)

        def output(picture: int, hidden: frozenset[int]) -> float:
            asked.append((picture, hidden))
            return self.output(picture, hidden)

        sweep = SetSweep(self.TRIAL)
        while len(sweep.measured) < 3:
            sweep = advance_set(sweep, explain, output)
        assert explained == [0, 1, 2]
        assert [picture for picture, _ in asked] == sorted(picture for picture, _ in asked)
        assert len(asked) == len(set(asked)), "no pass is made twice"

    def test_every_step_makes_at_most_one_pass(self) -> None:
        passes = []
        sweep = SetSweep(self.TRIAL)
        while len(sweep.measured) < 3:
            before = len(passes)
            sweep = advance_set(
                sweep, self.explain, lambda p, h: passes.append(h) or self.output(p, h)
            )
            assert len(passes) <= before + 1
