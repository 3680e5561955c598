"""Training on digits: it learns, in pieces as at once, and the switches do what they say."""

from __future__ import annotations

import sys
from dataclasses import replace
from threading import Thread

import numpy as np
import pytest
import torch

from core.digit_pictures import bent, one_order, seen_pictures, shuffled
from core.digit_settings import DigitSettings
from core.digit_training import (
    BATCH,
    LEARNING_RATE,
    DigitRun,
    advance,
    begin,
    confusion,
    confusion_of,
    learning_rate,
    logits_of,
    model_of,
    named_weights,
)
from core.digit_vit import PIXEL_MEAN, PIXEL_STD, build_digit_vit, start_weights
from core.digits import as_picture, load_digits
from core.vit import forward

SMALL = DigitSettings(n_layers=1, n_heads=2, n_steps=120)


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def trained() -> DigitRun:
    return further(begin(SMALL), SMALL.n_steps)


def further(run: DigitRun, n: int) -> DigitRun:
    for _ in range(n):
        run = advance(run)
    return run


def held_out_pixels(n: int) -> torch.Tensor:
    digits = load_digits()
    pictures = as_picture(digits.images[digits.held_out[:n]])
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 255


def test_it_learns(trained: DigitRun) -> None:
    first, last = trained.curve[0], trained.curve[-1]
    assert [one.step for one in trained.curve] == [0, 50, 100, 120]
    assert first.held_out < 0.3
    assert first.loss == pytest.approx(np.log(10), abs=0.3)
    assert last.held_out > 0.55
    assert last.loss < first.loss - 0.7
    assert trained.step == 120
    assert advance(trained) is trained


@pytest.mark.slow
def test_positions_are_worth_a_lot() -> None:
    """Of 250 steps, and of two layers; the model card has more."""
    settings = DigitSettings(n_layers=2, n_steps=250)
    shares = [
        further(begin(replace(settings, positions=positions)), 250).curve[-1].held_out
        for positions in (True, False)
    ]
    assert shares[0] > 0.93
    assert shares[1] < 0.8


def test_pieces_make_the_same_whole_and_a_run_stays_as_it_is() -> None:
    first = begin(SMALL)
    kept = first.weights.clone()
    there = further(first, 3)
    torch.testing.assert_close(first.weights, kept, atol=0, rtol=0)
    again = further(further(begin(SMALL), 1), 2)
    torch.testing.assert_close(again.weights, there.weights, atol=0, rtol=0)
    other = further(begin(replace(SMALL, seed=1)), 3)
    assert not torch.equal(other.weights, there.weights)


def test_a_step_is_adam_s_own() -> None:
    """Against torch.optim.Adam over timm's module, from the same weights on the same pictures."""
    run = begin(SMALL)
    generator = torch.Generator().manual_seed(SMALL.seed * 2_000_003 + 1)
    digits = load_digits()
    images = torch.from_numpy(as_picture(digits.images[digits.training])).permute(0, 3, 1, 2)
    drawn = torch.randint(len(images), (BATCH,), generator=generator)
    pixels = bent(images[drawn].float() / 255, generator)
    labels = torch.from_numpy(digits.labels[digits.training].astype(np.int64))[drawn]

    model = build_digit_vit(SMALL, start_weights(SMALL)).backbone.requires_grad_(requires_grad=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate(0, SMALL))
    logits = model((pixels - PIXEL_MEAN[0]) / PIXEL_STD[0])
    torch.nn.functional.cross_entropy(logits, labels).backward()
    optimizer.step()
    stepped = named_weights(SMALL, advance(run).weights)
    for name, part in model.named_parameters():
        torch.testing.assert_close(stepped[name], part.detach(), atol=1e-6, rtol=1e-4)


def test_the_rate_rises_then_falls() -> None:
    settings = DigitSettings(n_steps=1000)
    rates = [learning_rate(step, settings) / LEARNING_RATE for step in (0, 49, 99, 500, 999)]
    assert rates[0] == pytest.approx(0.01)
    assert rates[1] == pytest.approx(0.5, rel=0.01)
    assert rates[2] == pytest.approx(0.976, abs=2e-3)
    assert rates[3] == pytest.approx(0.51)
    assert rates[4] == pytest.approx(0.02, abs=1e-4)


def test_confusion_counts_every_held_out_digit_once(trained: DigitRun) -> None:
    counts, digits = confusion(trained), load_digits()
    assert counts.shape == (10, 10)
    np.testing.assert_array_equal(
        counts.sum(axis=1), np.bincount(digits.labels[digits.held_out], minlength=10)
    )
    assert counts.trace() / 500 == pytest.approx(trained.curve[-1].held_out)
    np.testing.assert_array_equal(confusion_of(model_of(trained)), counts)


def test_the_lab_s_forward_pass_gives_what_was_trained(trained: DigitRun) -> None:
    model = model_of(trained)
    logits = logits_of(SMALL, trained.weights, held_out_pixels(5)).numpy()
    digits = load_digits()
    for place, expected in zip(digits.held_out[:5], logits, strict=True):
        found = forward(model, as_picture(digits.images[place])).logits
        np.testing.assert_allclose(found, expected, atol=5e-5, rtol=1e-5)


# ---- shuffled patches


def test_shuffling_moves_patches_and_nothing_else() -> None:
    pixels = torch.arange(2 * 64, dtype=torch.float32).view(2, 1, 8, 8)
    settings = DigitSettings(shuffle="one")
    order = one_order(settings)
    assert sorted(order.tolist()) == list(range(16))
    moved = shuffled(pixels, settings, torch.Generator())
    for place, patch in enumerate(order.tolist()):
        to, came = (divmod(one, 4) for one in (place, patch))
        torch.testing.assert_close(
            moved[1, 0, 2 * to[0] : 2 * to[0] + 2, 2 * to[1] : 2 * to[1] + 2],
            pixels[1, 0, 2 * came[0] : 2 * came[0] + 2, 2 * came[1] : 2 * came[1] + 2],
        )
    assert shuffled(pixels, DigitSettings(), torch.Generator()) is pixels
    anew = shuffled(pixels, DigitSettings(shuffle="new"), torch.Generator().manual_seed(0))
    assert torch.equal(anew.flatten(1).sort()[0], pixels.flatten(1))
    assert not torch.equal(anew[1] - 64, anew[0])  # each in its own way


@pytest.mark.parametrize("class_token", [True, False])
@pytest.mark.parametrize("positions", [True, False])
def test_what_was_trained_on_one_shuffle_reads_plain_pictures(
    positions: bool, class_token: bool
) -> None:
    """Its positions are put where the patches are: the same logits, without any shuffling."""
    settings = replace(SMALL, shuffle="one", positions=positions, class_token=class_token)
    run = further(begin(settings), 3)
    digits = load_digits()
    seen = shuffled(held_out_pixels(4), settings, torch.Generator())
    logits = logits_of(settings, run.weights, seen).numpy()
    model = model_of(run)
    for place, expected in zip(digits.held_out[:4], logits, strict=True):
        found = forward(model, as_picture(digits.images[place])).logits
        np.testing.assert_allclose(found, expected, atol=5e-5, rtol=1e-5)


def test_without_positions_a_shuffled_picture_is_the_same_picture() -> None:
    settings = replace(SMALL, positions=False)
    run = further(begin(settings), 2)
    pixels = held_out_pixels(3)
    anew = shuffled(pixels, replace(settings, shuffle="new"), torch.Generator().manual_seed(1))
    plain, other = (logits_of(settings, run.weights, one) for one in (pixels, anew))
    torch.testing.assert_close(plain, other, atol=1e-5, rtol=1e-5)


def test_pictures_seen_are_those_it_is_tested_on() -> None:
    digits = load_digits()
    plain = seen_pictures(DigitSettings(), 3)
    np.testing.assert_allclose(plain, digits.images[digits.held_out[:3]] / 16, atol=2e-3)
    mixed = seen_pictures(DigitSettings(shuffle="new"), 3)
    np.testing.assert_allclose(np.sort(mixed.reshape(3, -1)), np.sort(plain.reshape(3, -1)))
    assert not np.array_equal(mixed, plain)


def test_bending_is_small_and_keeps_the_ink() -> None:
    pixels = held_out_pixels(50)
    changed = bent(pixels, torch.Generator().manual_seed(0))
    assert changed.shape == pixels.shape
    assert 0 <= float(changed.min()) <= float(changed.max()) <= 1
    assert float(changed.mean()) == pytest.approx(float(pixels.mean()), rel=0.05)
    assert 0.01 < float((changed - pixels).abs().mean()) < 0.12


# ---- many sessions


def test_sessions_that_train_alike_at_once_do_not_meet() -> None:
    """The modules are everybody's; the weights lent to them must not be."""
    before = sys.getswitchinterval()
    alone = [further(begin(replace(SMALL, seed=seed)), 6).weights for seed in (4, 5)]
    found: dict[int, torch.Tensor] = {}

    def train(seed: int) -> None:
        found[seed] = further(begin(replace(SMALL, seed=seed)), 6).weights

    threads = [Thread(target=train, args=(seed,)) for seed in (4, 5)]
    sys.setswitchinterval(1e-5)  # so that they get into each other's way whenever they can
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    for seed, expected in zip((4, 5), alone, strict=True):
        torch.testing.assert_close(found[seed], expected, atol=0, rtol=0)
