"""The training of the induction model, and the one that comes with the lab."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.induction import LETTERS
from core.induction_checkpoints import as_tensors, load_replay
from core.induction_model import HEADS, InductionWeights
from core.induction_scores import (
    circuit_of,
    induction_head,
    measure,
    previous_token_head,
)
from core.induction_training import (
    EVERY,
    GUESSING,
    KEPT_EVERY,
    N_STEPS,
    TRAINED_LETTERS,
    UNSEEN_LETTERS,
    InductionRun,
    Replay,
    advance,
    begin,
    cliff_step,
    draw_batch,
)
from core.weights import WeightsError


@cache
def lab() -> Replay:
    return load_replay()


def steps(run: InductionRun, n: int) -> InductionRun:
    for _ in range(n):
        run = advance(run)
    return run


def same(one: InductionWeights, other: InductionWeights) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one, other, strict=True))


def test_a_run_stays_as_it_is_and_equal_seeds_lead_to_equal_numbers() -> None:
    first = begin(3)
    copies = [part.clone() for part in first.weights]
    later = steps(first, 12)
    assert same(first.weights, InductionWeights(*copies))
    assert (first.step, later.step) == (0, 12)
    assert same(steps(steps(begin(3), 5), 7).weights, later.weights)
    assert not same(begin(4).weights, first.weights)
    assert later.steps == (0, EVERY)
    assert later.kept_steps == (0,)
    assert steps(later, 8).kept_steps == (0, KEPT_EVERY)
    done = InductionRun(0, N_STEPS, first.weights, first.optimizer)
    assert advance(done) is done


def test_at_first_it_knows_nothing_and_the_first_steps_help() -> None:
    run = begin(0)
    assert run.curve[0].second == pytest.approx(GUESSING, abs=0.1)
    assert steps(run, 30).curve[-1].second < run.curve[0].second


def test_layer_2_may_have_more_heads() -> None:
    run = steps(begin(0, (2, 3)), 1)
    assert run.weights.heads == (2, 3)
    assert [len(layer) for layer in run.curve[0].prefix] == [2, 3]


def test_sequences_repeat_and_their_lengths_vary() -> None:
    batches = [draw_batch(0, step) for step in range(60)]
    lengths = {(batch.shape[1] - 1) // 2 for batch in batches}
    assert lengths == set(TRAINED_LETTERS)
    assert not lengths & set(UNSEEN_LETTERS)
    for batch in batches[:5]:
        n = (batch.shape[1] - 1) // 2
        assert torch.equal(batch[:, 1 : n + 1], batch[:, n + 1 :])
        assert not batch[:, 0].any()
        assert all(len(set(row)) == n for row in batch[:, 1 : n + 1].tolist())
        assert 1 <= int(batch[:, 1:].min()) <= int(batch.max()) <= len(LETTERS)


def test_the_training_of_the_lab_is_measured_as_its_states_are() -> None:
    replay = lab()
    assert replay.steps[0] == 0
    assert replay.steps[-1] == N_STEPS
    assert replay.curve_steps == tuple(range(0, N_STEPS + 1, EVERY))
    assert all(weights.heads == HEADS for weights in replay.weights)
    for step in (0, 240, N_STEPS):
        kept = measure(replay.weights[replay.steps.index(step)])
        told = replay.curve[replay.curve_steps.index(step)]
        # Kept in half precision, so not to the last digit.
        assert kept.second == pytest.approx(told.second, abs=0.02)
        assert kept.prefix[1][0] == pytest.approx(told.prefix[1][0], abs=0.01)
        assert np.allclose(kept.by_letter, told.by_letter, atol=0.05)


def test_the_untrained_state_of_the_lab_is_that_of_seed_0() -> None:
    start = begin(0).weights
    for kept, drawn in zip(lab().weights[0], start, strict=True):
        assert torch.equal(kept, drawn.half().float())


def test_the_lab_s_training_has_its_cliff_and_its_two_heads() -> None:
    replay = lab()
    cliff = replay.cliff
    assert cliff is not None
    assert cliff in replay.steps
    before, after = (replay.curve[replay.curve_steps.index(at)] for at in (cliff - 60, cliff + 60))
    assert before.second > 0.85 * GUESSING
    assert after.second < 0.1 * GUESSING
    last, weights = measure(replay.weights[-1]), replay.weights[-1]
    copies, before_it = induction_head(last), previous_token_head(last)
    assert last.accuracy > 0.99
    assert last.prefix[1][copies[1]] > 0.9
    assert circuit_of(weights, *copies).own_letter == 1
    for gone in (copies, before_it):
        assert measure(weights, frozenset({gone})).accuracy < 0.1
    blind = measure(weights, frozenset({before_it}))
    assert blind.prefix[1][copies[1]] < 0.2  # layer 2 finds by what layer 1 wrote
    others = [head for head in weights.all_heads if head not in (copies, before_it)]
    for other in others:
        assert measure(weights, frozenset({other})).accuracy > 0.95


@pytest.mark.parametrize("n", UNSEEN_LETTERS)
def test_the_ability_holds_where_it_was_not_trained(n: int) -> None:
    assert measure(lab().weights[-1], n=n).accuracy > 0.97
    assert measure(lab().weights[-1], n=10, gap=5).accuracy > 0.97


def test_the_cliff_is_where_the_loss_is_first_halved() -> None:
    curve = lab().curve
    assert cliff_step((0, 10), curve[:1] * 2) is None
    assert cliff_step((0, 10, 20), (curve[0], curve[-1], curve[-1])) == 10


def test_a_training_survives_its_file_and_a_wrong_one_is_refused(tmp_path: Path) -> None:
    run = steps(begin(1), 1)
    path = tmp_path / "own.safetensors"
    replay = Replay((0, 1), (begin(1).weights, run.weights), run.steps, run.curve)
    save_file(as_tensors(replay), path)
    again = load_replay(path)
    assert again.steps == (0, 1)
    assert again.curve[0].prefix[0] == pytest.approx(run.curve[0].prefix[0], abs=1e-6)
    assert torch.equal(again.weights[1].words, run.weights.words.half().float())
    parts = as_tensors(replay)
    save_file(parts | {"words": parts["words"][:, :5].contiguous()}, path)
    with pytest.raises(WeightsError, match="do not fit"):
        load_replay(path)
    del parts["read_2"]
    save_file(parts, path)
    with pytest.raises(WeightsError, match="read_2"):
        load_replay(path)
