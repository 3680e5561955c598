"""Training: the batch is the shown forward pass, and it learns."""

from __future__ import annotations

from itertools import islice, repeat

import numpy as np
import pytest
import torch

from core.gpt import forward, load_gpt
from core.gpt_model import START_ID, Gpt, GptWeights
from core.gpt_training import (
    NOTHING,
    GptRecipe,
    batch_logits,
    endless_batches,
    loss_of,
    rate_factor,
    to_batch,
    train_gpt,
)
from core.stories import Story, training_stories
from core.vocabulary import END_ID, UNKNOWN_ID, Vocabulary

WORDS = Vocabulary(("a", "b", "c", "d"))
SAYINGS = [tuple("abcd"), tuple("ba"), tuple("cddc")]


def stories() -> list[Story]:
    return [Story(words, ("",) * len(words), "toy") for words in SAYINGS]


def tiny(n_words: int) -> GptWeights:
    return GptWeights(n_words, n_positions=8, d_model=16, d_hidden=32, n_layers=1)


def test_short_texts_are_filled_up_with_what_does_not_count() -> None:
    batch = to_batch([WORDS.encode(words) for words in SAYINGS])
    assert batch.inputs.tolist() == [
        [START_ID, 3, 4, 5, 6],
        [START_ID, 4, 3, START_ID, START_ID],
        [START_ID, 5, 6, 6, 5],
    ]
    assert batch.targets[1].tolist() == [4 - END_ID, 3 - END_ID, 0, NOTHING, NOTHING]


@torch.no_grad()
def test_the_model_is_trained_as_it_is_shown() -> None:
    model = load_gpt()
    told = (story.words for story in training_stories(5))
    texts = list(islice((words for words in told if not model.vocabulary.missing(words)), 6))
    batch = to_batch([model.vocabulary.encode(words) for words in texts])
    predicted = torch.log_softmax(batch_logits(model.weights, batch), dim=-1).numpy()
    total, n = 0.0, 0
    for text, words in enumerate(texts):
        shown = forward(model, words)
        np.testing.assert_allclose(
            predicted[text, : len(words) + 1], shown.log_probabilities, atol=1e-3
        )
        total -= sum(shown.of_words) + shown.log_probabilities[len(words), 0]
        n += len(words) + 1
    assert loss_of(model.weights, batch).item() == pytest.approx(total / n, abs=1e-4)


def test_it_learns_three_sayings() -> None:
    losses: list[float] = []
    recipe = GptRecipe(n_steps=120, batch_size=6, learning_rate=1e-2, n_warm_up=10)
    endless = (story for some in repeat(stories()) for story in some)
    weights = train_gpt(WORDS, endless, recipe, lambda _, loss: losses.append(loss), tiny)
    assert losses[0] > 1.2
    assert losses[-1] < 0.45  # three beginnings alone cost ln 3 / 4.3 = .26
    model = Gpt(weights.eval(), WORDS, n_heads=4)
    for words in SAYINGS:
        text = words[:1]
        for word in words[1:]:
            assert forward(model, text).most_probable(len(text), 1)[0].word == word
            text = (*text, word)


def test_equal_seeds_train_equal_weights() -> None:
    one, same, other = (
        train_gpt(
            WORDS,
            (story for some in repeat(stories()) for story in some),
            GptRecipe(n_steps=3, batch_size=6, seed=seed),
            lambda *_: None,
            tiny,
        ).state_dict()
        for seed in (0, 0, 1)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not all(torch.equal(one[name], other[name]) for name in one)


def test_some_words_are_unknown_where_they_are_read_and_never_where_they_are_predicted() -> None:
    recipe = GptRecipe(batch_size=32, unknown_rate=0.5)
    endless = (story for some in repeat(stories()) for story in some)
    batches = list(islice(endless_batches(endless, WORDS, recipe), 40))
    unknown = sum(int((batch.inputs == UNKNOWN_ID).sum()) for batch in batches)
    assert 0.4 < unknown / (40 * 32) < 0.6
    assert all((batch.inputs == UNKNOWN_ID).sum(dim=1).max() <= 1 for batch in batches)
    kept = torch.cat([batch.targets[batch.targets != NOTHING] for batch in batches])
    assert set(kept.tolist()) == set(range(5))


def test_the_rate_rises_and_falls() -> None:
    recipe = GptRecipe(n_steps=1000, n_warm_up=100)
    rates = [rate_factor(step, recipe) for step in range(1, 1001)]
    assert np.argmax(rates) == pytest.approx(99, abs=3)
    assert rates[0] == pytest.approx(0.02, abs=1e-3)
    assert rates[-1] == pytest.approx(0.01, abs=1e-3)
