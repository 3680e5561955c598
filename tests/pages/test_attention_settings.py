"""From switches to numbers: what is computed under each setting."""

from __future__ import annotations

import math

import numpy as np
import pytest

from core.presets import cat_sat_mat, dictionary_lookup
from pages._shared.attention_settings import Settings, compute, make_mask

OPEN = np.ones((5, 5), dtype=bool)
PLAIN = Settings(
    divided=True,
    temperature=1.0,
    mask="None",
    n_real=5,
    softmax="Stable",
    precision="float64",
    check=False,
)


def settings(**changes: object) -> Settings:
    return Settings(**{**PLAIN.__dict__, **changes})  # type: ignore[arg-type]


def test_plain_settings_are_equation_1() -> None:
    toy = cat_sat_mat()
    computed = compute(toy, OPEN, PLAIN)
    assert computed.scale == 1 / math.sqrt(2)
    exponentials = np.exp(toy.query @ toy.key.T / math.sqrt(2))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(computed.attention.weights, weights, rtol=1e-12)
    np.testing.assert_allclose(computed.attention.output, weights @ toy.value, rtol=1e-12)
    np.testing.assert_array_equal(computed.scaled, computed.attention.logits)
    assert computed.mask is None


def test_undivided_scores_enter_as_they_are() -> None:
    computed = compute(cat_sat_mat(), OPEN, settings(divided=False))
    assert computed.scale == 1.0
    np.testing.assert_array_equal(computed.scaled, computed.attention.scores)


def test_scaled_scores_are_shown_before_the_mask() -> None:
    computed = compute(cat_sat_mat(), OPEN, settings(mask="Causal"))
    assert np.isfinite(computed.scaled).all()
    assert np.isneginf(computed.attention.logits[np.triu_indices(5, 1)]).all()


@pytest.mark.parametrize("precision", ["float16", "float32", "float64"])
def test_everything_is_in_the_chosen_precision(precision: str) -> None:
    for softmax in ("Stable", "Naive"):
        computed = compute(cat_sat_mat(), OPEN, settings(precision=precision, softmax=softmax))
        attention = computed.attention
        arrays = [computed.query, computed.key, computed.value, computed.scaled]
        arrays += [attention.scores, attention.logits, attention.weights, attention.output]
        assert {str(array.dtype) for array in arrays} == {precision}


def test_naive_softmax_agrees_until_it_overflows() -> None:
    stable = compute(cat_sat_mat(), OPEN, PLAIN).attention
    naive = compute(cat_sat_mat(), OPEN, settings(softmax="Naive")).attention
    np.testing.assert_allclose(naive.weights, stable.weights, rtol=1e-12)
    big = settings(softmax="Naive", precision="float16", divided=False)
    assert np.isnan(compute(dictionary_lookup(), OPEN[:4, :4], big).attention.weights).any()


@pytest.mark.parametrize("softmax", ["Stable", "Naive"])
def test_temperature_sharpens_and_flattens(softmax: str) -> None:
    cold, warm, hot = (
        compute(cat_sat_mat(), OPEN, settings(temperature=t, softmax=softmax)).attention.weights
        for t in (0.1, 1.0, 10.0)
    )
    assert (cold.max(axis=1) >= warm.max(axis=1)).all()
    assert (warm.max(axis=1) >= hot.max(axis=1)).all()
    assert hot.max() < 0.4


def test_masks_by_hand() -> None:
    painted = np.array([[True, False, True]] * 3)
    assert make_mask(PLAIN, painted) is None
    assert make_mask(settings(mask="Causal"), painted).tolist() == [  # type: ignore[union-attr]
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    padding = make_mask(settings(mask="Padding", n_real=2), painted)
    np.testing.assert_array_equal(np.broadcast_to(padding, (3, 3)), [[True, True, False]] * 3)  # type: ignore[arg-type]
    assert make_mask(settings(mask="Painted"), painted) is painted


def test_nothing_is_changed_in_place() -> None:
    toy, painted = cat_sat_mat(), OPEN.copy()
    compute(toy, painted, settings(mask="Painted", softmax="Naive", precision="float16"))
    np.testing.assert_array_equal(toy.query, cat_sat_mat().query)
    assert painted.all()
