"""The vectors of a text in the small language model, held to its own probabilities."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from core.gpt import forward
from core.gpt_model import Gpt, load_gpt
from core.gpt_states import token_states

pytestmark = pytest.mark.slow

WORDS = ("the", "cat", "was", "in", "the", "house", ".")


@pytest.fixture(scope="module")
def model() -> Gpt:
    return load_gpt()


def test_the_last_vectors_are_those_that_the_next_word_is_read_from(model: Gpt) -> None:
    states = token_states(model, WORDS)
    assert states.shape == (model.n_layers + 1, len(WORDS) + 1, model.d_model)
    logs = model.weights.log_probabilities(torch.from_numpy(states[-1])).numpy()
    np.testing.assert_allclose(logs, forward(model, WORDS).log_probabilities, atol=1e-5)


def test_the_first_are_the_embedded_words(model: Gpt) -> None:
    embedded = model.weights.embedding(torch.tensor(model.numbers(WORDS))).numpy()
    np.testing.assert_array_equal(token_states(model, WORDS)[0], embedded)


@pytest.mark.parametrize("place", range(len(WORDS)))
def test_no_later_word_changes_an_earlier_vector(model: Gpt, place: int) -> None:
    other = (*WORDS[:place], "dog", *WORDS[place + 1 :])
    before, after = token_states(model, WORDS), token_states(model, other)
    np.testing.assert_array_equal(before[:, : place + 1], after[:, : place + 1])
    assert (before[-1, place + 1 :] != after[-1, place + 1 :]).any(axis=1).all()


def test_too_many_words_are_refused(model: Gpt) -> None:
    with pytest.raises(ValueError, match="at most 63 words; got 64"):
        token_states(model, ("the",) * 64)
