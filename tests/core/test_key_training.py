"""Training: pure, in pieces, reproducible, and as quick and as good as it was found to be."""

from __future__ import annotations

import time
from dataclasses import replace

import numpy as np
import pytest
import torch

from core.find_the_key import make_model
from core.key_gradients import exact_gradient, gradients, report_gradient
from core.key_settings import GUMBEL_METHOD, METHODS, PLAIN, REINFORCE, SOFT_METHOD, KeySettings
from core.key_training import KeyRun, advance, begin, example, steps_to

FEW = KeySettings(n_steps=30)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def same(one: KeyRun, other: KeyRun) -> bool:
    """Whether two runs are equal to the last bit."""
    pairs = zip(one.learners, other.learners, strict=True)
    tensors = [
        torch.equal(a, b)
        for x, y in pairs
        for a, b in zip((*x.model, x.baseline), (*y.model, y.baseline), strict=True)
    ]
    curves = [
        np.array_equal(getattr(p, name), getattr(q, name), equal_nan=True)
        for p, q in zip(one.curve, other.curve, strict=True)
        for name in ("step", "found", "loss", "entropy", "variance")
    ]
    return one.step == other.step and all(tensors) and all(curves)


# ---- settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"methods": ()},
        {"methods": ("soft", "magic")},
        {"n_steps": 0},
        {"n_repeat": 0},
        {"seed": -1},
        {"learning_rate": 0.0},
        {"tau": -1.0},
    ],
)
def test_settings_say_what_is_wrong_with_them(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"must be"):
        KeySettings(**wrong)  # type: ignore[arg-type]


def test_every_repeat_has_a_seed_of_its_own() -> None:
    assert KeySettings(seed=7, n_repeat=3).seeds == (7, 8, 9)


# ---- a pure function


def test_all_methods_begin_alike() -> None:
    run = begin(KeySettings(n_repeat=2))
    first = run.learners[0].model
    for learner in run.learners:
        assert all(torch.equal(a, b) for a, b in zip(first, learner.model, strict=True))
    assert run.step == 0
    assert [point.step for point in run.curve] == [0]


def test_in_pieces_or_at_once_it_comes_to_the_same() -> None:
    at_once = advance(begin(FEW), 30)
    in_pieces = begin(FEW)
    for n_steps in (1, 2, 7, 10, 4, 6, 99):
        in_pieces = advance(in_pieces, n_steps)
    assert same(at_once, in_pieces)
    assert [point.step for point in at_once.curve] == [0, 10, 20, 30]


def test_advancing_leaves_the_old_run_as_it_was() -> None:
    run = advance(begin(FEW), 10)
    kept = [part.clone() for learner in run.learners for part in learner.model]
    further = advance(run, 10)
    assert same(further, advance(run, 10)), "the same from the same, as often as one likes"
    now = [part for learner in run.learners for part in learner.model]
    assert all(torch.equal(a, b) for a, b in zip(kept, now, strict=True))
    assert run.step == 10
    assert len(run.curve) == 2


def test_a_training_ends_where_it_is_to_end() -> None:
    run = advance(begin(replace(FEW, n_steps=14)), 1_000)
    assert run.step == 14
    assert run.curve[-1].step == 14
    assert advance(run).step == 14


def test_another_seed_is_another_training_and_the_global_one_does_not_matter() -> None:
    torch.manual_seed(1)
    one = advance(begin(FEW), 10)
    torch.manual_seed(2)
    assert same(one, advance(begin(FEW), 10))
    assert not same(one, advance(begin(replace(FEW, seed=1)), 10))


def test_what_becomes_of_a_method_does_not_depend_on_the_others() -> None:
    together = advance(begin(FEW), 30)
    for place, method in enumerate(METHODS):
        alone = advance(begin(replace(FEW, methods=(method,))), 30)
        pairs = zip(together.learners[place].model, alone.learners[0].model, strict=True)
        assert all(torch.equal(a, b) for a, b in pairs)


def test_repeats_are_the_single_trainings_of_their_seeds() -> None:
    repeats = advance(begin(replace(FEW, n_repeat=3, seed=5)), 30)
    alone = advance(begin(replace(FEW, seed=6)), 30)
    for place in range(len(METHODS)):
        pairs = zip(repeats.learners[place].model, alone.learners[place].model, strict=True)
        for together, single in pairs:
            torch.testing.assert_close(together[1:2], single, atol=1e-4, rtol=1e-3)
        found = repeats.curve[-1].found[place, 1], alone.curve[-1].found[place, 0]
        assert found[0] == pytest.approx(found[1], abs=0.02)


# ---- as good as it was found to be


@pytest.mark.parametrize(
    ("method", "earliest", "latest"),
    [(SOFT_METHOD, 40, 110), (GUMBEL_METHOD, 80, 200), (REINFORCE, 200, 430)],
)
def test_how_soon_a_method_finds_the_key(method: str, earliest: int, latest: int) -> None:
    begun = time.perf_counter()
    run = advance(begin(KeySettings((method,), n_repeat=5)), 500)
    print(f"{method}: 500 steps, 5 repeats: {time.perf_counter() - begun:.2f} s")
    steps = steps_to(run, 0)
    assert all(step is not None and earliest <= step <= latest for step in steps), steps
    assert run.curve[-1].found.min() > 0.97


def test_without_a_baseline_nothing_is_learned() -> None:
    run = advance(begin(KeySettings((PLAIN,), n_repeat=3)), 500)
    assert steps_to(run, 0) == [None] * 3
    assert run.curve[-1].found.max() < 0.3


def test_hard_methods_end_sharp_and_soft_stays_spread() -> None:
    run = advance(begin(KeySettings((SOFT_METHOD, GUMBEL_METHOD, REINFORCE))), 500)
    soft, gumbel, reinforce = run.curve[-1].entropy[:, 0]
    assert 0.4 < soft < 1.0
    assert max(gumbel, reinforce) < 0.1
    assert run.curve[0].entropy[:, 0] == pytest.approx(np.log(16), abs=0.15)


# ---- variance and bias


def test_the_gradient_of_a_batch_is_that_of_its_sentences() -> None:
    """Through `gradients`, one draw is what `loss_of` gives; through many it scatters."""
    settings = KeySettings()
    model = make_model(settings.seeds)
    few, many = (gradients(PLAIN, model, settings, n) for n in (1, 3))
    torch.testing.assert_close(few[0], many[0])
    assert not torch.allclose(many[0], many[1])
    soft = gradients(SOFT_METHOD, model, settings, 2)
    assert torch.equal(soft[0], soft[1])


def test_reinforce_is_unbiased_and_noisy_straight_through_the_other_way_round() -> None:
    settings = KeySettings()
    model = make_model(settings.seeds)
    gumbel, reinforce, plain = (
        report_gradient(method, model, settings, 2_000)
        for method in (GUMBEL_METHOD, REINFORCE, PLAIN)
    )
    assert gumbel.variance < 0.1 * reinforce.variance < 0.1 * plain.variance
    assert gumbel.norm == pytest.approx(0.73, abs=0.03)
    assert reinforce.norm == pytest.approx(1.0, abs=0.03)
    assert reinforce.cosine > 0.99
    assert reinforce.cosine_of_one < 0.5 * gumbel.cosine_of_one


def test_the_mean_of_reinforce_tends_to_the_enumerated_gradient() -> None:
    settings = KeySettings()
    model = make_model(settings.seeds)
    exact = exact_gradient(model, settings)
    single = gradients(REINFORCE, model, settings, 4_000)
    distance = float((single.mean(dim=0) - exact).norm())
    expected = float(single.var(dim=0).sum() / 4_000) ** 0.5
    assert distance == pytest.approx(expected, rel=0.2)


def test_a_larger_tau_means_less_variance_and_more_bias() -> None:
    model = make_model((0,))
    reports = [
        report_gradient(GUMBEL_METHOD, model, KeySettings(tau=tau), 1_000)
        for tau in (0.1, 0.5, 1.0, 2.0, 5.0)
    ]
    variances = [report.variance for report in reports]
    lengths = [report.norm for report in reports]
    assert variances == sorted(variances, reverse=True)
    assert lengths == sorted(lengths, reverse=True)
    assert lengths[0] == pytest.approx(1, abs=0.1)
    assert lengths[-1] < 0.25


def test_the_sentence_shown_is_none_that_is_trained_on() -> None:
    run = advance(begin(KeySettings((SOFT_METHOD,), n_steps=100)), 100)
    batch, weights = example(run)
    assert weights.shape == (1, 16)
    assert float(weights.sum()) == pytest.approx(1, abs=1e-5)
    assert int(weights[0].argmax()) == int(batch.place)
