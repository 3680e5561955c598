"""The task, the model and its four losses, against plain loops and every draw gone through."""

from __future__ import annotations

from itertools import product

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, one_hot

from core import find_the_key
from core.find_the_key import (
    D_MODEL,
    N_ANSWERS,
    N_KEYS,
    N_SYMBOLS,
    Batch,
    Model,
    answers_of,
    expected_loss,
    logits_of,
    loss_of,
    make_batch,
    make_model,
)
from core.key_settings import GUMBEL_METHOD, METHODS, PLAIN, REINFORCE, SOFT_METHOD

SEEDS = (3, 4)
ZERO = torch.zeros(2)


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture
def batch() -> Batch:
    return make_batch(SEEDS, 5, 6)


@pytest.fixture
def model() -> Model:
    return make_model(SEEDS)


def leaves_of(model: Model) -> tuple[Model, list[Tensor]]:
    leaves = [part.clone().requires_grad_() for part in model]
    return Model(*leaves), leaves[:2]


# ---- the task


def test_every_sentence_has_one_wanted_key_and_its_value(batch: Batch) -> None:
    for r, s in product(range(2), range(6)):
        keys = batch.keys[r, s].tolist()
        assert len(set(keys)) == N_KEYS
        assert set(keys) <= set(range(N_SYMBOLS))
        place = int(batch.place[r, s])
        assert keys[place] == batch.query[r, s]
        assert batch.values[r, s, place].argmax() == batch.answer[r, s]
    assert torch.equal(batch.values.sum(dim=-1), torch.ones(2, 6, N_KEYS))


def test_places_and_answers_are_spread_evenly() -> None:
    many = make_batch((0,), 0, 20_000)
    for found, n in ((many.place, N_KEYS), (many.answer, N_ANSWERS), (many.query, N_SYMBOLS)):
        shares = torch.bincount(found.flatten(), minlength=n) / 20_000
        assert len(shares) == n
        assert (shares - 1 / n).abs().max() < 0.012


def test_a_batch_depends_on_seed_and_step_alone(batch: Batch) -> None:
    alone = make_batch(SEEDS[1:], 5, 6)
    for part, same in zip(batch, alone, strict=True):
        assert torch.equal(part[1:], same)
    for other in (make_batch(SEEDS, 6, 6), make_batch((5, 6), 5, 6)):
        assert not torch.equal(batch.keys, other.keys)


def test_nothing_global_is_drawn_from_or_changed() -> None:
    torch.manual_seed(11)
    before = torch.get_rng_state()
    first = make_batch(SEEDS, 1), make_model(SEEDS)
    torch.manual_seed(12)
    again = make_batch(SEEDS, 1), make_model(SEEDS)
    for one, other in zip((*first[0], *first[1]), (*again[0], *again[1]), strict=True):
        assert torch.equal(one, other)
    torch.manual_seed(11)
    assert torch.equal(before, torch.get_rng_state())


# ---- the model


def test_the_model_is_an_attention_with_embeddings_and_a_readout(
    batch: Batch, model: Model
) -> None:
    """The oracle: the same numbers in torch's own Embedding and Linear, one sentence at a time."""
    logits = logits_of(model, batch)
    answers = answers_of(model, batch, logits.softmax(dim=-1))
    for r, s in product(range(2), range(6)):
        query, key, value = (nn.Embedding.from_pretrained(part[r]) for part in model[:3])
        readout = nn.Linear(D_MODEL, N_ANSWERS)
        readout.weight.data, readout.bias.data = model.readout[r], model.bias[r]
        scores = key(batch.keys[r, s]) @ query(batch.query[r, s])
        torch.testing.assert_close(logits[r, s], scores)
        values = value(batch.values[r, s].argmax(dim=-1))
        answer = readout(scores.softmax(dim=-1) @ values)
        torch.testing.assert_close(answers[r, s], answer)


def test_all_methods_begin_with_the_spread_of_torchs_own_layers() -> None:
    many = make_model(tuple(range(40)))
    assert float(many.query.std()) == pytest.approx(0.3, rel=0.02)
    assert float(many.value.std()) == pytest.approx(1.0, rel=0.03)
    assert float(many.readout.abs().max()) <= D_MODEL**-0.5


# ---- the losses


def test_the_expected_loss_goes_through_every_key(batch: Batch, model: Model) -> None:
    weights = logits_of(model, batch).softmax(dim=-1)
    expected = torch.zeros(2)
    for r, s, k in product(range(2), range(6), range(N_KEYS)):
        chosen = one_hot(torch.full((2, 6), k), N_KEYS).float()
        answer = answers_of(model, batch, chosen)[r, s]
        expected[r] += weights[r, s, k] * cross_entropy(answer, batch.answer[r, s]) / 6
    torch.testing.assert_close(expected_loss(model, batch), expected)


def test_soft_minimises_the_error_of_the_average(batch: Batch, model: Model) -> None:
    loss = loss_of(SOFT_METHOD, model, batch, ZERO, 1.0)
    answers = answers_of(model, batch, logits_of(model, batch).softmax(dim=-1))
    expected = cross_entropy(answers.flatten(0, 1), batch.answer.flatten(), reduction="none")
    torch.testing.assert_close(loss.reward, -expected.view(2, 6).mean(dim=1))
    torch.testing.assert_close(loss.total, -loss.reward.sum())


@pytest.mark.parametrize("method", [GUMBEL_METHOD, REINFORCE, PLAIN])
def test_hard_methods_read_the_one_key_that_was_drawn(
    method: str, batch: Batch, model: Model
) -> None:
    drawn = (logits_of(model, batch) + batch.noise).argmax(dim=-1)
    answers = answers_of(model, batch, one_hot(drawn, N_KEYS).float())
    errors = cross_entropy(answers.flatten(0, 1), batch.answer.flatten(), reduction="none")
    loss = loss_of(method, model, batch, ZERO, 0.5)
    torch.testing.assert_close(loss.reward, -errors.view(2, 6).mean(dim=1))


@pytest.mark.parametrize("baseline", [0.0, -1.3])
def test_reinforce_expects_the_enumerated_gradient(
    baseline: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every draw of one sentence gone through, with its probability: equal, not nearly so."""
    batch, model = make_batch((3,), 5, 1), make_model((3,))
    weights = logits_of(model, batch).softmax(dim=-1)[0, 0]
    whole = [torch.zeros(1, N_SYMBOLS, D_MODEL), torch.zeros(1, N_SYMBOLS, D_MODEL)]
    for key in range(N_KEYS):
        # Noise that lets this key win: the draw is then this key.
        noise = 1e4 * one_hot(torch.tensor([[key]]), N_KEYS).float()
        learned, leaves = leaves_of(model)
        method = REINFORCE if baseline else PLAIN
        loss = loss_of(method, learned, batch._replace(noise=noise), torch.tensor([baseline]), 1.0)
        parts = torch.autograd.grad(loss.total, leaves)
        whole = [sum_ + weights[key] * part for sum_, part in zip(whole, parts, strict=True)]
    learned, leaves = leaves_of(model)
    exact = torch.autograd.grad(expected_loss(learned, batch).sum(), leaves)
    for part, gradient in zip(whole, exact, strict=True):
        torch.testing.assert_close(part, gradient, atol=1e-6, rtol=1e-4)


def test_the_enumerated_gradient_agrees_with_finite_differences() -> None:
    batch, model = make_batch((3,), 5, 4), make_model((3,))
    double = Model(*(part.double() for part in model))
    exactly = batch._replace(values=batch.values.double())
    learned, (query, key) = leaves_of(double)
    exact = torch.autograd.grad(expected_loss(learned, exactly).sum(), (query, key))
    symbol = int(batch.query[0, 0])
    for name, gradient in zip(("query", "key"), exact, strict=True):
        at = (0, symbol, 2)
        step = torch.zeros_like(double.query)
        step[at] = 1e-6
        up, down = (
            expected_loss(double._replace(**{name: getattr(double, name) + sign * step}), exactly)
            for sign in (1, -1)
        )
        difference = float((up - down).sum()) / 2e-6
        assert difference == pytest.approx(float(gradient[at]), abs=1e-8)
        assert abs(difference) > 1e-4, "a gradient of 0 would show nothing"


@pytest.mark.parametrize("method", METHODS)
def test_repeats_do_not_touch_each_other(method: str, batch: Batch, model: Model) -> None:
    baseline = torch.tensor([-1.0, -1.2])
    learned, leaves = leaves_of(model)
    loss = loss_of(method, learned, batch, baseline, 0.7)
    together = torch.autograd.grad(loss.total, leaves)
    for r in range(2):
        alone, own = leaves_of(Model(*(part[r : r + 1] for part in model)))
        single = Batch(*(part[r : r + 1] for part in batch))
        one = loss_of(method, alone, single, baseline[r : r + 1], 0.7)
        for all_of_them, gradient in zip(
            together, torch.autograd.grad(one.total, own), strict=True
        ):
            torch.testing.assert_close(all_of_them[r : r + 1], gradient)


def test_inputs_are_left_alone(batch: Batch, model: Model) -> None:
    kept = [part.clone() for part in (*batch, *model)]
    for method in METHODS:
        loss_of(method, model, batch, ZERO, 1.0)
    for part, before in zip((*batch, *model), kept, strict=True):
        assert torch.equal(part, before)
    assert find_the_key.KIND_OF.keys() == set(METHODS)


def test_a_reward_as_great_as_the_baseline_teaches_reinforce_nothing() -> None:
    batch, model = make_batch((3,), 5, 1), make_model((3,))
    reward = loss_of(PLAIN, model, batch, torch.zeros(1), 1.0).reward
    for baseline, is_moved in ((reward, False), (reward + 1, True), (torch.zeros(1), True)):
        learned, leaves = leaves_of(model)
        loss = loss_of(REINFORCE, learned, batch, baseline, 1.0)
        parts = torch.autograd.grad(loss.total, leaves)
        assert any(part.abs().max() > 1e-6 for part in parts) == is_moved
