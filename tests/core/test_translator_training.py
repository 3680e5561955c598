"""Training: the quick way through the weights is the shown way, and both learn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from core.bilingual.batches import Batch, Recipe, endless_batches, to_batch
from core.bilingual.pair import SentencePair
from core.bilingual.training import (
    rate_factor,
    recurrent_log_probabilities,
    train,
    transformer_log_probabilities,
)
from core.recurrent_model import RecurrentTranslator, RecurrentWeights, load_recurrent_translator
from core.recurrent_translator import translate_recurrent
from core.translator import load_translator, teacher_forced, translate
from core.translator_model import TransformerWeights, Translator
from core.vocabulary import END_ID, PADDING_ID, START_ID, UNKNOWN_ID, Vocabulary

PAIRS = [
    (("the", "cat", "sleeps", "."), ("le", "chat", "dort", ".")),
    (("the", "dog", "sat", "on", "the", "mat", "."), ("le", "chien", "dort", ".")),
]


def of_targets(log_probabilities: torch.Tensor, batch: Batch, sentence: int) -> np.ndarray:
    n_words = int((batch.targets[sentence] != PADDING_ID).sum())
    chosen = batch.targets[sentence, :n_words] - END_ID
    return log_probabilities[sentence, range(n_words), chosen].exp().numpy()


@torch.no_grad()
def test_the_transformer_is_trained_as_it_is_shown() -> None:
    model = load_translator()
    batch = to_batch([(model.english.encode(e), model.french.encode(f)) for e, f in PAIRS])
    predicted = transformer_log_probabilities(model.weights, batch, 0.0)
    for sentence, (english, french) in enumerate(PAIRS):
        shown = teacher_forced(model, english, french).probabilities
        np.testing.assert_allclose(of_targets(predicted, batch, sentence), shown, atol=1e-5)


@torch.no_grad()
def test_the_recurrent_model_is_trained_as_it_is_shown() -> None:
    model = load_recurrent_translator()
    batch = to_batch([(model.english.encode(e), model.french.encode(f)) for e, f in PAIRS])
    predicted = recurrent_log_probabilities(model.weights, batch, 0.0)
    for sentence, (english, french) in enumerate(PAIRS):
        shown = translate_recurrent(model, english, given=french).probabilities
        np.testing.assert_allclose(of_targets(predicted, batch, sentence), shown, atol=1e-5)


# A language of six words, said backwards in the other.
ENGLISH, FRENCH = Vocabulary(("a", "b", "c")), Vocabulary(("x", "y", "z"))
BACKWARDS = [
    SentencePair(english, tuple("xyz"["abc".index(w)] for w in reversed(english)), (), "toy")
    for n in (1, 2, 3)
    for english in np.array(np.meshgrid(*[list("abc")] * n)).reshape(n, -1).T.tolist()
]
TOY = Recipe(n_steps=150, learning_rate=1e-2, batch_size=13, n_warm_up=20, dropout=0.0)


def test_both_learn_to_turn_words_round() -> None:
    losses: list[float] = []
    vocabularies = (ENGLISH, FRENCH)
    toy = replace(TOY, unknown_rate=0.0, joined_rate=0.0)
    transformer = train(
        lambda: TransformerWeights(len(ENGLISH), len(FRENCH), d_model=32, d_hidden=32),
        transformer_log_probabilities,
        BACKWARDS,
        vocabularies,
        toy,
        lambda _, loss: losses.append(loss),
    )
    recurrent = train(
        lambda: RecurrentWeights(len(ENGLISH), len(FRENCH), d_model=32),
        recurrent_log_probabilities,
        BACKWARDS,
        vocabularies,
        toy,
        lambda _, loss: losses.append(loss),
    )
    assert len(losses) == 300
    for pair in BACKWARDS:
        by_transformer = translate(Translator(transformer, *vocabularies), pair.english)
        by_recurrent = translate_recurrent(
            RecurrentTranslator(recurrent, *vocabularies), pair.english
        )
        assert by_transformer.french == by_recurrent.french == pair.french


def test_the_same_seed_trains_the_same_weights() -> None:
    def once(seed: int) -> torch.Tensor:
        weights = train(
            lambda: TransformerWeights(len(ENGLISH), len(FRENCH), d_model=8, d_hidden=8),
            transformer_log_probabilities,
            BACKWARDS,
            (ENGLISH, FRENCH),
            Recipe(n_steps=3, learning_rate=1e-2, batch_size=4, seed=seed),
            lambda *_: None,
        )
        return weights.english.words.weight

    assert torch.equal(once(5), once(5))
    assert not torch.equal(once(5), once(6))


def test_every_sentence_comes_once_a_round_and_like_lengths_together() -> None:
    recipe = replace(TOY, batch_size=5, unknown_rate=0.0, joined_rate=0.0)
    batches = endless_batches(BACKWARDS, (ENGLISH, FRENCH), recipe)
    round_ = [next(batches) for _ in range(8)]  # 39 sentences
    seen = [tuple(row[row != PADDING_ID].tolist()) for batch in round_ for row in batch.english]
    assert sorted(seen) == sorted(tuple(ENGLISH.encode(pair.english)) for pair in BACKWARDS)
    assert max(int((batch.targets == PADDING_ID).sum()) for batch in round_) <= 5


def test_a_batch_by_hand() -> None:
    batch = to_batch([([4, END_ID], [5, END_ID]), ([3, 4, END_ID], [3, 5, END_ID])])
    assert batch.english.tolist() == [[4, END_ID, PADDING_ID], [3, 4, END_ID]]
    assert batch.inputs.tolist() == [[START_ID, 5, PADDING_ID], [START_ID, 3, 5]]
    assert batch.targets.tolist() == [[5, END_ID, PADDING_ID], [3, 5, END_ID]]


def test_unknown_words_are_practised_but_never_as_the_end() -> None:
    recipe = replace(TOY, batch_size=39, unknown_rate=1.0, joined_rate=0.0)
    batch = next(endless_batches(BACKWARDS, (ENGLISH, FRENCH), recipe))
    assert ((batch.english == UNKNOWN_ID).sum(dim=1) == 1).all()
    assert ((batch.english == END_ID).sum(dim=1) == 1).all()


def test_two_sentences_may_stand_together() -> None:
    recipe = replace(TOY, batch_size=39, unknown_rate=0.0, joined_rate=1.0)
    batch = next(endless_batches(BACKWARDS, (ENGLISH, FRENCH), recipe))
    assert batch.english.shape[1] == batch.targets.shape[1] == 7  # three words, three, one end
    assert ((batch.english == END_ID).sum(dim=1) == 1).all()
    assert ((batch.targets == END_ID).sum(dim=1) == 1).all()
    longest, its_french = batch.english[-1, :-1].tolist(), batch.targets[-1, :-1].tolist()
    letters = [number - 3 for number in its_french]
    assert [number - 3 for number in longest] == [*letters[2::-1], *letters[:2:-1]]


def test_the_rate_rises_then_falls() -> None:
    recipe = Recipe(n_steps=1000, learning_rate=1.0, n_warm_up=100)
    rates = [rate_factor(step, recipe) for step in (1, 50, 100, 500, 1000)]
    assert rates[0] < rates[1] < rates[2] > rates[3] > rates[4]
    assert rates[2] == pytest.approx(0.986, abs=1e-3)
    assert rates[3] == pytest.approx(0.51)
    assert rates[4] == pytest.approx(0.01)
