"""The induction model against PyTorch's own attention, and one whose weights are made by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn.functional import log_softmax, scaled_dot_product_attention

from core.induction import numbers_of, repeated_numbers
from core.induction_model import (
    D_HEAD,
    N_POSITIONS,
    InductionWeights,
    copying_circuit,
    forward,
    head_writes,
    logits_of,
    start_weights,
)
from core.induction_scores import key_compositions, measure, measured_sequences

BIG = 60.0
N_LETTERS = 14
"""Of the model made by hand: as many as a head has room for."""


def oracle(weights: InductionWeights, numbers: torch.Tensor, dropped: object = ()) -> torch.Tensor:
    """Return the log-probabilities, head by head."""
    states = weights.words[numbers] + weights.positions[: len(numbers)]
    layers = ((weights.read_1, weights.write_1), (weights.read_2, weights.write_2))
    for layer, (read, write) in enumerate(layers):
        query, key, value = (states @ matrix for matrix in read)
        after = states
        for head in range(len(write) // D_HEAD):
            if (layer, head) in dropped:  # type: ignore[operator]
                continue
            own = slice(head * D_HEAD, (head + 1) * D_HEAD)
            q, k, v = (one[None, None, :, own] for one in (query, key, value))
            read_by = scaled_dot_product_attention(q, k, v, is_causal=True)[0, 0]
            after = after + read_by @ write[own]
        states = after
    return log_softmax(states @ weights.logits, dim=-1)


@pytest.mark.parametrize("heads", [(4, 1), (2, 3)])
@pytest.mark.parametrize("dropped", [(), ((0, 1), (1, 0))])
def test_it_computes_what_pytorch_does(
    heads: tuple[int, int], dropped: tuple[tuple[int, int], ...]
) -> None:
    weights = start_weights(5, heads)
    numbers = numbers_of("induceINDUCEinduce")
    done = forward(weights, numbers, frozenset(dropped))
    expected = oracle(weights, torch.from_numpy(numbers), dropped)
    assert np.allclose(done.log_probabilities, expected.numpy(), atol=1e-5)
    assert [layer.shape for layer in done.weights] == [(n, 19, 19) for n in heads]
    for layer in done.weights:
        assert np.allclose(layer.sum(axis=-1), 1, atol=1e-6)
        assert not layer[:, *np.triu_indices(19, 1)].any()
    score = done.queries[0][1] @ done.keys[0][1].T / np.sqrt(D_HEAD)
    row = np.exp(score[7, :8]) / np.exp(score[7, :8]).sum()
    assert np.allclose(done.weights[0][1, 7, :8], row, atol=1e-6)


def test_a_batch_computes_what_its_sequences_do() -> None:
    weights, numbers = start_weights(1), repeated_numbers(3, 6, 0)
    together = forward(weights, numbers)
    for at, one in enumerate(numbers):
        alone = forward(weights, one)
        assert np.allclose(together.log_probabilities[at], alone.log_probabilities, atol=1e-5)
        assert np.allclose(together.weights[1][at], alone.weights[1], atol=1e-6)
    arrays = (*together.weights, *together.queries, *together.keys, together.log_probabilities)
    assert not any(array.flags.writeable for array in arrays)
    logits = logits_of(weights, torch.from_numpy(numbers))
    assert np.allclose(log_softmax(logits, -1).numpy(), together.log_probabilities, atol=1e-5)


def test_what_cannot_be_run_is_said() -> None:
    weights = start_weights(0)
    with pytest.raises(ValueError, match="1 to 40 tokens, not 41"):
        forward(weights, np.zeros(N_POSITIONS + 1, np.int64))
    with pytest.raises(ValueError, match=r"\(4, 1\) heads; got \[\(1, 1\)\]"):
        forward(weights, np.zeros(3, np.int64), frozenset({(1, 1)}))


def test_the_circuit_is_what_a_letter_adds_to_the_logits() -> None:
    weights = start_weights(3)
    value = weights.words[7] @ weights.read_2[2]  # the only head of layer 2
    adds = value @ weights.write_2 @ weights.logits
    assert np.allclose(copying_circuit(weights, 1, 0)[6], adds.numpy(), atol=1e-6)
    assert head_writes(weights, 0, 3).shape == (32, 32)
    assert key_compositions(weights).shape == (4, 1)
    assert ((key_compositions(weights) > 0) & (key_compositions(weights) < 1)).all()


def by_hand() -> InductionWeights:
    """Build an induction circuit of one head a layer, for the first 14 letters of sequences of 27.

    The stream has room for the letter, the position, the letter before and the answer.
    """
    letter, position, before, answer = 0, 15, 15 + 30, 15 + 30 + 15
    d_model = answer + 15
    words = torch.zeros(53, d_model)
    words[:15, letter : letter + 15] = torch.eye(15)
    positions = torch.zeros(N_POSITIONS, d_model)
    positions[:30, position : position + 30] = torch.eye(30)
    read_1, read_2 = torch.zeros(2, 3, d_model, D_HEAD)
    write_1, write_2 = torch.zeros(2, D_HEAD, d_model)
    read_1[0, position : position + 30, :30] = BIG * torch.eye(30)
    read_1[1, position : position + 29, 1:30] = BIG * torch.eye(29)  # j is found by j + 1
    read_1[2, letter : letter + 15, :15] = torch.eye(15)
    write_1[:15, before : before + 15] = torch.eye(15)
    read_2[0, letter : letter + 15, :15] = BIG * torch.eye(15)
    read_2[1, before : before + 15, :15] = BIG * torch.eye(15)
    read_2[2, letter : letter + 15, :15] = torch.eye(15)
    write_2[:15, answer : answer + 15] = torch.eye(15)
    logits = torch.zeros(d_model, 52)
    logits[answer + 1 : answer + 15, :14] = BIG * torch.eye(14)
    return InductionWeights(words, positions, read_1, write_1, read_2, write_2, logits)


def test_an_induction_circuit_made_by_hand_scores_1(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    part = np.stack([rng.permutation(N_LETTERS) + 1 for _ in range(8)])
    numbers = np.concatenate([np.zeros((8, 1), np.int64), part, part], axis=1)
    monkeypatch.setattr("core.induction_scores.measured_sequences", lambda n, gap: numbers)
    weights = by_hand()
    found = measure(weights)
    assert found.prefix[1][0] == pytest.approx(1, abs=1e-4)
    assert found.previous[0][0] == pytest.approx(1, abs=1e-4)
    assert found.accuracy == 1
    assert found.second < 1e-4
    assert found.by_letter.shape == (28,)
    assert found.by_letter[15:].mean() == pytest.approx(found.second)
    assert found.by_letter[:14].mean() == pytest.approx(found.first)
    for gone in ((0, 0), (1, 0)):
        without = measure(weights, frozenset({gone}))
        assert without.accuracy < 0.2
        assert without.second > 2
    # Without the token before there is nothing by which layer 2 could find anything.
    assert measure(weights, frozenset({(0, 0)})).prefix[1][0] < 0.2


def test_the_measured_sequences_stay_as_they_are() -> None:
    assert measured_sequences() is measured_sequences()
    with pytest.raises(ValueError, match="read-only"):
        measured_sequences()[0, 0] = 1
