"""A decoder layer is PyTorch's own, and an order of words changes what it must and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.multi_head import Projections, multi_head_attention
from core.sequences import (
    change_by_word,
    decoder_layer,
    inverse_order,
    joined_order,
    reversed_order,
    shift_right,
    shuffled_order,
    swapped_order,
)

Array = NDArray[np.float64]
# Sums of a few products of about 1 in another order, in float64.
CLOSE = 1e-12


def draw(seed: int, *shapes: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(seed)
    return [rng.standard_normal(shape) for shape in shapes]


def projections(seed: int, d_model: int, width: int, *, output: bool = False) -> Projections:
    query, key, value, out = draw(seed, *[(d_model, width)] * 3, (width, d_model))
    return Projections(query, key, value, out if output else None)


# ---- the decoder layer


def load(attention: torch.nn.MultiheadAttention, p: Projections) -> None:
    """Give PyTorch our matrices: it keeps their transposes, one above the other."""
    assert p.output is not None
    together = np.concatenate([p.query.T, p.key.T, p.value.T])
    with torch.no_grad():
        attention.in_proj_weight.copy_(torch.from_numpy(together))
        attention.in_proj_bias.zero_()
        attention.out_proj.weight.copy_(torch.from_numpy(p.output.T))
        attention.out_proj.bias.zero_()


@pytest.mark.parametrize("n_head", [1, 2, 3])
@pytest.mark.parametrize(("n_target", "n_source"), [(5, 7), (7, 3), (1, 1)])
def test_a_decoder_layer_is_that_of_pytorch(n_target: int, n_source: int, n_head: int) -> None:
    """With its norms made identities and its feed-forward network made 0."""
    d_model = 6
    target, source = draw(n_head, (n_target, d_model), (n_source, d_model))
    within, onto = (projections(seed, d_model, d_model, output=True) for seed in (10, 11))
    reference = torch.nn.TransformerDecoderLayer(
        d_model, n_head, dim_feedforward=2, dropout=0.0, batch_first=True, dtype=torch.float64
    )
    for name in ("norm1", "norm2", "norm3"):
        setattr(reference, name, torch.nn.Identity())
    with torch.no_grad():
        reference.linear2.weight.zero_()
        reference.linear2.bias.zero_()
        load(reference.self_attn, within)
        load(reference.multihead_attn, onto)
        blocked = torch.ones(n_target, n_target, dtype=torch.bool).triu(1)  # True = blocked here
        expected = reference(
            torch.from_numpy(target)[None], torch.from_numpy(source)[None], tgt_mask=blocked
        )
    layer = decoder_layer(target, source, within, onto, n_head=n_head)
    np.testing.assert_allclose(layer.output, expected[0].numpy(), rtol=0, atol=CLOSE)


def test_a_decoder_layer_by_hand() -> None:
    """One head of width 1, all matrices 1: the second token reads itself and the first."""
    one = np.ones((1, 1))
    layer = decoder_layer([[0.0], [1.0]], [[2.0], [2.0], [2.0]], *[Projections(one, one, one)] * 2)
    # Row 2: scores 0 and 1, so e / (1 + e) of the value 1.
    read = np.e / (1 + np.e)
    np.testing.assert_allclose(layer.self_attention.output, [[0], [read]])
    np.testing.assert_allclose(layer.after_self, [[0], [1 + read]])
    # Values that are all 2 average to 2, whatever the weights.
    np.testing.assert_allclose(layer.cross_attention.output, [[2], [2]])
    np.testing.assert_allclose(layer.output, [[2], [3 + read]])
    assert layer.cross_attention.attention.weights.shape == (1, 2, 3)


@given(st.integers(0, 50), st.integers(1, 5))
def test_no_row_of_a_decoder_layer_knows_what_comes_later(seed: int, place: int) -> None:
    target, source, other = draw(seed, (6, 4), (3, 4), (6, 4))
    within, onto = projections(seed + 1, 4, 4), projections(seed + 2, 4, 4)
    later = target.copy()
    later[place:] = other[place:]
    old, new = (decoder_layer(x, source, within, onto).output for x in (target, later))
    np.testing.assert_array_equal(old[:place], new[:place])
    assert (old[place:] != new[place:]).any(axis=1).all()


def test_what_cannot_be_added_says_so() -> None:
    target, source = draw(0, (5, 4), (3, 4))
    with pytest.raises(ValueError, match=r"self-attention gives, of shape \(5, 3\).*\(5, 4\).*W_O"):
        decoder_layer(target, source, projections(1, 4, 3), projections(2, 4, 4))
    with pytest.raises(ValueError, match="cross-attention gives"):
        decoder_layer(target, source, projections(1, 4, 4), projections(2, 4, 3))


def test_what_a_decoder_is_given_is_one_place_behind() -> None:
    words = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    np.testing.assert_array_equal(shift_right(words, [9.0, 8.0]), [[9, 8], [1, 2], [3, 4]])
    np.testing.assert_array_equal(shift_right(words[:1], [9.0, 8.0]), [[9, 8]])
    np.testing.assert_array_equal(words[0], [1, 2])


@pytest.mark.parametrize(("shape", "start"), [((0, 2), (2,)), ((3, 2), (3,)), ((3,), (3,))])
def test_a_start_that_does_not_fit(shape: tuple[int, ...], start: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="Expected a sequence"):
        shift_right(np.zeros(shape), np.zeros(start))


# ---- orders

orders = st.integers(1, 8).flatmap(lambda n: st.permutations(range(n)).map(tuple))


def test_orders_by_hand() -> None:
    assert swapped_order(4, 0, 2) == (2, 1, 0, 3)
    assert swapped_order(2, 1, 1) == (0, 1)
    assert reversed_order(3) == (2, 1, 0)
    assert reversed_order(0) == ()
    assert inverse_order((2, 0, 1)) == (1, 2, 0)
    # What stands first comes from place 2 of what has been reversed, which came from place 0.
    assert joined_order((2, 1, 0), (2, 0, 1)) == (0, 2, 1)


@given(orders, st.data())
def test_an_order_and_back_is_no_order(order: tuple[int, ...], data: st.DataObject) -> None:
    same = tuple(range(len(order)))
    assert joined_order(order, inverse_order(order)) == same
    assert joined_order(inverse_order(order), order) == same
    then = tuple(data.draw(st.permutations(same)))
    words = np.arange(len(order)) * 10
    np.testing.assert_array_equal(
        words[list(order)][list(then)], words[list(joined_order(order, then))]
    )


@given(st.integers(0, 9), st.integers(0, 9999))
def test_a_shuffle_moves_something_and_comes_again(n: int, seed: int) -> None:
    order = shuffled_order(n, seed)
    assert sorted(order) == list(range(n))
    assert order == shuffled_order(n, seed)
    assert n < 2 or order != tuple(range(n))


def test_seeds_shuffle_in_different_ways() -> None:
    assert len({shuffled_order(5, seed) for seed in range(50)}) > 25


def test_orders_that_are_none() -> None:
    with pytest.raises(ValueError, match="places 0 to 3; got 1 and 4"):
        swapped_order(4, 1, 4)
    with pytest.raises(ValueError, match="places 0 to 3; got -1"):
        swapped_order(4, -1, 0)
    for order in [(0, 0), (1, 2), (0, 1, 3)]:
        with pytest.raises(ValueError, match="names every place"):
            inverse_order(order)


def test_changes_are_counted_by_word_by_hand() -> None:
    before = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    now = np.array([[5.0, 6.0], [1.0, 2.0], [3.0, 4.5]])
    np.testing.assert_array_equal(
        change_by_word(before, now, (2, 0, 1)), [[0, 0], [0, 0], [0, 0.5]]
    )
    swapped = now[:, [1, 0]]
    changes = change_by_word(before, swapped, (2, 0, 1), (1, 0))
    np.testing.assert_array_equal(changes, [[0, 0], [0, 0], [0.5, 0]])


# ---- what an order of words changes


# Target, source, matrices, and an order of each of the two.
Drawn = tuple[Array, Array, Projections, tuple[int, ...], tuple[int, ...]]


@st.composite
def attentions(draw_from: st.DrawFn) -> Drawn:
    n_target, n_source = draw_from(st.integers(2, 8)), draw_from(st.integers(2, 8))
    d_model, seed = draw_from(st.integers(1, 4)), draw_from(st.integers(0, 10_000))
    target, source = draw(seed, (n_target, d_model), (n_source, d_model))
    of_target = tuple(draw_from(st.permutations(range(n_target))))
    of_source = tuple(draw_from(st.permutations(range(n_source))))
    return target, source, projections(seed + 1, d_model, 3), of_target, of_source


@given(attentions())
def test_in_cross_attention_the_source_has_no_order(drawn: Drawn) -> None:
    target, source, matrices, _, order = drawn
    before = multi_head_attention(target, source, matrices, n_head=1)
    now = multi_head_attention(target, source[list(order)], matrices, n_head=1)
    np.testing.assert_allclose(now.output, before.output, rtol=0, atol=CLOSE)
    rows = tuple(range(len(target)))
    old, new = (one.attention.weights[0] for one in (before, now))
    np.testing.assert_allclose(change_by_word(old, new, rows, order), 0, atol=CLOSE)


@given(attentions())
def test_in_cross_attention_the_target_moves_rows(drawn: Drawn) -> None:
    target, source, matrices, order, _ = drawn
    before = multi_head_attention(target, source, matrices, n_head=1)
    now = multi_head_attention(target[list(order)], source, matrices, n_head=1)
    np.testing.assert_allclose(change_by_word(before.output, now.output, order), 0, atol=CLOSE)
    old, new = (one.attention.weights[0] for one in (before, now))
    np.testing.assert_allclose(change_by_word(old, new, order), 0, atol=CLOSE)


@given(attentions())
def test_in_self_attention_rows_and_columns_move(drawn: Drawn) -> None:
    target, _, matrices, order, _ = drawn
    before = multi_head_attention(target, None, matrices, n_head=1)
    now = multi_head_attention(target[list(order)], None, matrices, n_head=1)
    np.testing.assert_allclose(change_by_word(before.output, now.output, order), 0, atol=CLOSE)
    old, new = (one.attention.weights[0] for one in (before, now))
    np.testing.assert_allclose(change_by_word(old, new, order, order), 0, atol=CLOSE)


@given(attentions())
def test_a_causal_mask_knows_the_order(drawn: Drawn) -> None:
    """The row of a word stays only if the same words stand before it as before."""
    target, _, matrices, order, _ = drawn
    target = 0.3 * target  # so that no softmax is so sharp that nothing changes
    before = multi_head_attention(target, None, matrices, n_head=1, causal=True)
    now = multi_head_attention(target[list(order)], None, matrices, n_head=1, causal=True)
    changes = np.abs(change_by_word(before.output, now.output, order)).max(axis=1)
    for place, came_from in enumerate(order):
        if set(order[: place + 1]) == set(range(came_from + 1)):
            assert changes[place] < CLOSE
        else:
            assert changes[place] > CLOSE


@given(attentions())
def test_in_a_decoder_layer_the_source_has_no_order(drawn: Drawn) -> None:
    target, source, _, _, order = drawn
    d_model = target.shape[1]
    within, onto = projections(1, d_model, d_model), projections(2, d_model, d_model)
    before = decoder_layer(target, source, within, onto)
    now = decoder_layer(target, source[list(order)], within, onto)
    np.testing.assert_array_equal(now.after_self, before.after_self)
    np.testing.assert_allclose(now.output, before.output, rtol=0, atol=CLOSE)
