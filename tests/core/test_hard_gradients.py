"""Gradients of the kinds of attention: autograd, finite differences, and by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.draws import gumbel_noise
from core.hard_attention import ARGMAX, GUMBEL, KINDS, SAMPLE, SOFT, STRAIGHT, weights_of
from core.hard_gradients import sweep_logit, torch_weights

torch.set_num_threads(1)
LOGITS = np.array([1.013, 0.4, -0.7, 0.2])
VALUE = np.array([-2.0, 1.5, 0.5, 3.0])
NOISE = gumbel_noise(1, 4, 5)[0]


@given(
    st.lists(st.floats(-10, 10), min_size=1, max_size=8),
    st.integers(0, 1000),
    st.sampled_from(KINDS),
    st.floats(0.05, 5),
)
def test_both_versions_give_the_same_weights(
    logits: list[float], seed: int, kind: str, tau: float
) -> None:
    noise = gumbel_noise(1, len(logits), seed)[0]
    ours = weights_of(kind, logits, noise, tau)
    theirs = torch_weights(
        kind, torch.tensor(logits, dtype=torch.float64), torch.tensor(noise), tau
    )
    np.testing.assert_allclose(theirs.numpy(), ours, atol=1e-12)


def test_straight_through_is_one_hot_forwards() -> None:
    weights = torch_weights(STRAIGHT, torch.tensor(LOGITS), torch.tensor(NOISE), 0.3)
    assert sorted(weights.tolist()) == [0, 0, 0, 1]


def test_an_unknown_kind_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="Expected one of soft, argmax"):
        torch_weights("sharp", torch.tensor(LOGITS), torch.tensor(NOISE))


def by_hand(kind: str, logits: np.ndarray, key: int, tau: float, temperature: float) -> float:
    """Return w_j (v_j - sum w v), over the temperature and, for noisy weights, tau."""
    noisy = kind in (GUMBEL, STRAIGHT)
    weights = weights_of(GUMBEL if noisy else SOFT, logits / temperature, NOISE, tau)
    slope = weights[key] * (VALUE[key] - weights @ VALUE) / temperature
    return float(slope / tau if noisy else slope)


@given(
    st.sampled_from([SOFT, GUMBEL, STRAIGHT]),
    st.integers(0, 3),
    st.floats(0.2, 3),
    st.floats(0.3, 3),
    st.floats(-4, 4),
)
def test_autograd_agrees_with_the_formula(
    kind: str, key: int, tau: float, temperature: float, place: float
) -> None:
    sweep = sweep_logit(
        kind, LOGITS, VALUE, NOISE, key=key, places=[place], tau=tau, temperature=temperature
    )
    logits = np.where(np.arange(4) == key, place, LOGITS)
    expected = by_hand(kind, logits, key, tau, temperature)
    assert sweep.gradient[0] == pytest.approx(expected, abs=1e-10)


@given(st.sampled_from([SOFT, GUMBEL]), st.integers(0, 3), st.floats(0.2, 3), st.floats(-4, 4))
def test_smooth_kinds_change_as_autograd_says(
    kind: str, key: int, tau: float, place: float
) -> None:
    sweep = sweep_logit(kind, LOGITS, VALUE, NOISE, key=key, places=[place], tau=tau, step=1e-5)
    assert sweep.difference[0] == pytest.approx(sweep.gradient[0], abs=1e-6)


@pytest.mark.parametrize("kind", [ARGMAX, SAMPLE])
def test_a_choice_is_flat_and_jumps_once(kind: str) -> None:
    places = np.linspace(-5, 5, 401)
    sweep = sweep_logit(kind, LOGITS, VALUE, NOISE, key=1, places=places, step=1e-3)
    assert not sweep.gradient.any()
    jumps = np.flatnonzero(np.diff(sweep.output))
    assert len(jumps) == 1
    # It jumps where the swept logit overtakes the largest of the others, noise included.
    noise = NOISE if kind == SAMPLE else np.zeros(4)
    others = np.delete(LOGITS + noise, 1)
    overtakes = others.max() - noise[1]
    assert places[jumps[0]] < overtakes <= places[jumps[0] + 1]
    assert sweep.output[-1] == VALUE[1]
    assert sweep.output[0] == np.delete(VALUE, 1)[others.argmax()]
    # The finite difference is 0 but where it looks across the jump, and there as large as you like.
    for step in (1e-2, 1e-4):
        at = sweep_logit(kind, LOGITS, VALUE, NOISE, key=1, places=[overtakes], step=step)
        jump = sweep.output[-1] - sweep.output[0]
        assert at.difference[0] == pytest.approx(jump / (2 * step))


def test_straight_through_disagrees_with_itself() -> None:
    places = np.linspace(-3, 3, 61)
    straight, sample, surrogate = (
        sweep_logit(kind, LOGITS, VALUE, NOISE, key=3, places=places, tau=0.5, step=1e-4)
        for kind in (STRAIGHT, SAMPLE, GUMBEL)
    )
    np.testing.assert_allclose(straight.output, sample.output, atol=1e-12)
    np.testing.assert_allclose(straight.difference, sample.difference, atol=1e-7)
    np.testing.assert_allclose(straight.gradient, surrogate.gradient, atol=1e-12)
    assert np.abs(straight.gradient - straight.difference).max() > 0.5


def test_torchs_own_straight_through_gives_the_same_gradient() -> None:
    """The oracle draws its own noise; it is read off what it returns with the same seed."""
    logits = torch.tensor(LOGITS, requires_grad=True)
    value, tau = torch.tensor(VALUE), 0.7
    torch.manual_seed(3)
    hard = torch.nn.functional.gumbel_softmax(logits, tau, hard=True)
    (expected,) = torch.autograd.grad(hard @ value, logits)
    torch.manual_seed(3)
    noise = -torch.empty(4, dtype=torch.float64).exponential_().log()
    ours = torch_weights(STRAIGHT, logits, noise, tau)
    (gradient,) = torch.autograd.grad(ours @ value, logits)
    torch.testing.assert_close(ours.detach(), hard.detach())
    torch.testing.assert_close(gradient, expected)
