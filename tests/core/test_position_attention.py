"""Words with positions: what their order does, with every encoding and with none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn.functional import scaled_dot_product_attention as torch_attention

from core.position_attention import (
    KINDS,
    Kind,
    Positions,
    added_to,
    bias_of,
    order_effect,
    read_words,
)
from core.positional import start_table

WORDS = np.random.default_rng(1).standard_normal((5, 4))
ORDER = (0, 4, 2, 3, 1)
POSITIONS = Positions(
    kind="None",
    first=0,
    causal=False,
    base=100.0,
    layout="interleaved",
    rotary_dim=4,
    table=start_table(8, 4, 0),
    n_heads=3,
    head=2,
    bucket_bias=np.linspace(1, -2, 8),
)
kinds = pytest.mark.parametrize("kind", KINDS)
with_positions = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "None"])


@kinds
@pytest.mark.parametrize("causal", [False, True])
def test_torch_reads_the_same(kind: Kind, causal: bool) -> None:
    """To 1e-12: torch is given what was added, turned, or put on the scores."""
    read = read_words(WORDS, replace(POSITIONS, kind=kind, causal=causal))
    bias = np.zeros((5, 5)) if read.bias is None else read.bias
    if causal:
        bias = np.where(np.tri(5, dtype=bool), bias, -np.inf)
    output = torch_attention(
        *(torch.from_numpy(part)[None] for part in (read.query, read.key, read.value)),
        attn_mask=torch.from_numpy(bias)[None],
    )
    np.testing.assert_allclose(read.attention.output, output[0].numpy(), atol=1e-12)


@given(st.permutations(range(5)), st.integers(0, 1000))
def test_without_positions_nothing_but_the_order_changes(order: list[int], first: int) -> None:
    effect = order_effect(WORDS, order, replace(POSITIONS, first=first))
    assert effect.largest < 1e-14


@with_positions
def test_with_positions_the_order_is_seen(kind: Kind) -> None:
    effect = order_effect(WORDS, ORDER, replace(POSITIONS, kind=kind))
    assert effect.largest > 0.02
    row, column = effect.place
    assert abs(effect.weights[row, column]) == np.abs(effect.weights).max()


def test_a_causal_mask_alone_shows_the_order() -> None:
    effect = order_effect(WORDS, ORDER, replace(POSITIONS, causal=True))
    assert effect.largest > 0.1


def test_an_effect_by_hand() -> None:
    """Two words change places: pairs are compared as words, not as cells."""
    positions = replace(POSITIONS, kind="ALiBi", n_heads=1, head=0)
    effect = order_effect(WORDS[:3], (1, 0, 2), positions)
    old, new = (read_words(words, positions).attention for words in (WORDS[:3], WORDS[[1, 0, 2]]))
    # In the new order word 1 stands first; it reads word 2 from two places away, not from one.
    assert effect.weights[0, 2] == new.weights[0, 2] - old.weights[1, 2]
    np.testing.assert_array_equal(effect.output[0], new.output[0] - old.output[1])


@pytest.mark.parametrize("kind", ["Rotary", "ALiBi", "T5 bias", "None"])
@given(first=st.integers(0, 1000))
def test_relative_encodings_do_not_see_where_the_sentence_begins(kind: Kind, first: int) -> None:
    positions = replace(POSITIONS, kind=kind)
    weights = [
        read_words(WORDS, replace(positions, first=start)).attention.weights for start in (0, first)
    ]
    np.testing.assert_allclose(*weights, atol=1e-11)


def test_sinusoids_do() -> None:
    positions = replace(POSITIONS, kind="Sinusoidal")
    one, other = (
        read_words(WORDS, replace(positions, first=start)).attention.weights for start in (0, 100)
    )
    assert np.abs(one - other).max() > 0.05


def test_values_get_positions_only_where_they_are_added() -> None:
    for kind in KINDS:
        positions = replace(POSITIONS, kind=kind)
        read = read_words(WORDS, positions)
        np.testing.assert_array_equal(read.value, WORDS + added_to(5, 4, positions))
        assert np.array_equal(read.value, WORDS) == (kind not in ("Sinusoidal", "Learned"))


def test_biases_by_hand() -> None:
    # Three heads: 2**-4, 2**-8, 2**-2. The third has a quarter a step.
    bias = bias_of(3, replace(POSITIONS, kind="ALiBi"))
    np.testing.assert_array_equal(bias, -0.25 * np.array([[0, 1, 2], [1, 0, 1], [2, 1, 0]]))
    by_bucket = np.arange(8.0)
    both = bias_of(3, replace(POSITIONS, kind="T5 bias", bucket_bias=by_bucket))
    np.testing.assert_array_equal(both, [[0, 5, 6], [1, 0, 5], [2, 1, 0]])
    one_way = bias_of(3, replace(POSITIONS, kind="T5 bias", bucket_bias=by_bucket, causal=True))
    np.testing.assert_array_equal(one_way, [[0, 0, 0], [1, 0, 0], [2, 1, 0]])


def test_a_learned_table_ends() -> None:
    learned = replace(POSITIONS, kind="Learned", first=4)
    with pytest.raises(ValueError, match="positions 0 to 7; there is none for 8"):
        read_words(WORDS, learned)
    read_words(WORDS, replace(learned, first=3))
