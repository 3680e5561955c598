"""Queries and keys of the translator: the softmax of their products is what the pass read."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from core.translation import Interventions, Part
from core.translator import Translator, attention_vectors, load_translator, translate

WORDS = ("the", "cat", "sat", "on", "the", "mat", ".")


@pytest.fixture(scope="module")
def model() -> Translator:
    return load_translator()


@pytest.mark.parametrize("hidden", [frozenset(), frozenset({1, 3})])
@pytest.mark.parametrize("part", get_args(Part))
def test_their_softmax_is_the_weights(
    model: Translator, part: Part, hidden: frozenset[int]
) -> None:
    """By the formula in double precision, apart from the pass."""
    changes = Interventions(hidden_words=hidden, dropped_heads=frozenset({("cross", 0, 1)}))
    translation = translate(model, WORDS, changes)
    n_layers, n_heads, n_query, n_key = translation.weights(part).shape
    mask = np.ones((n_query, n_key), dtype=bool)
    mask[:, list(hidden)] = False
    if part == "decoder":
        mask = np.tri(n_query, dtype=bool)
    for layer in range(n_layers):
        vectors = attention_vectors(model, translation, part, layer)
        d_head = model.d_model // n_heads
        assert vectors.query.shape == (n_heads, n_query, d_head)
        assert vectors.key.shape == (n_heads, n_key, d_head)
        query, key = (each.astype(np.float64) for each in (vectors.query, vectors.key))
        logits = np.where(mask, query @ key.transpose(0, 2, 1) / np.sqrt(d_head), -np.inf)
        powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
        expected = powers / powers.sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(expected, translation.weights(part)[layer], atol=2e-5)
