"""Learning positions: a task that needs them, solved with them and not without."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.attention import scaled_dot_product_attention
from core.position_training import (
    D_MODEL,
    N_POSITIONS,
    N_STEPS,
    A,
    B,
    OrderRun,
    advance,
    answer,
    begin,
    draw_sentences,
)
from core.positional import start_table


def trained(seed: int, *, n_at_once: int = 50) -> OrderRun:
    run = begin(seed)
    while run.step < N_STEPS:
        run = advance(run, n_at_once)
    return run


def test_sentences_hold_one_a_and_one_b_and_their_answer() -> None:
    drawn = draw_sentences(200, seed=0, step=3)
    words = drawn.words.numpy()
    assert ((words == A).sum(axis=1) == 1).all()
    assert ((words == B).sum(axis=1) == 1).all()
    a, b = ((words == one).argmax(axis=1) for one in (A, B))
    np.testing.assert_array_equal(drawn.at_a, a)
    np.testing.assert_array_equal(drawn.a_first, a < b)
    assert 0.4 < (a < b).mean() < 0.6
    for seed, step in ((0, 4), (1, 3)):
        assert not torch.equal(drawn.words, draw_sentences(200, seed, step).words)


def test_the_attention_is_the_lab_s() -> None:
    """The model's forward pass against NumPy's, to 1e-5 in float32."""
    model = begin(1).learner.model
    np.testing.assert_allclose(model.positions, start_table(N_POSITIONS, D_MODEL, 1), atol=1e-7)
    drawn = draw_sentences(5, seed=2, step=0)
    words, project, line = (one.numpy() for one in (model.words, model.project, model.line))
    for sentence, at_a, logit in zip(drawn.words, drawn.at_a, answer(model, drawn), strict=True):
        x = words[sentence.numpy()] + model.positions.numpy()
        attention = scaled_dot_product_attention(*(x @ part for part in project))
        a = int(at_a)
        expected = (x[a] + attention.output[a]) @ line
        assert float(logit) == pytest.approx(expected, abs=1e-5)


def test_without_positions_the_order_cannot_be_told() -> None:
    model = begin(1).without.model
    drawn = draw_sentences(50, seed=2, step=0)
    mirrored = drawn._replace(
        words=drawn.words.flip(1), at_a=N_POSITIONS - 1 - drawn.at_a, a_first=1 - drawn.a_first
    )
    torch.testing.assert_close(answer(model, drawn), answer(model, mirrored), atol=1e-6, rtol=0)


@pytest.mark.parametrize("seed", [0, 1, 2, 9999])
def test_training_solves_it_with_positions_alone(seed: int) -> None:
    torch.set_num_threads(1)
    run = trained(seed)
    last = run.curve[-1]
    assert last.step == run.step == N_STEPS
    assert last.accuracy > 0.95
    assert 0.42 < last.accuracy_without < 0.58
    assert not run.without.model.positions.any()
    # Neighbours end up more alike than the two ends.
    unit = run.table / np.linalg.norm(run.table, axis=1, keepdims=True)
    likeness = unit @ unit.T
    assert np.diag(likeness, 1).mean() > likeness[0, -1] + 0.5


def test_a_run_stays_as_it_is_and_pieces_make_the_same_whole() -> None:
    first = begin(3)
    kept = first.table
    there = advance(advance(first, 10), 20)
    at_once = advance(begin(3), 30)
    np.testing.assert_array_equal(there.table, at_once.table)
    np.testing.assert_array_equal(first.table, kept)
    assert [one.step for one in there.curve] == [0, 10, 30]
    assert not np.allclose(there.table, kept)
