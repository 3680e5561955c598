"""Attention in NumPy against numbers by hand, plain loops and torch's own attention."""

from __future__ import annotations

import math
import warnings
from random import Random
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray
from torch.nn.functional import scaled_dot_product_attention as torch_sdpa

from core.attention import Attention, scaled_dot_product_attention
from core.masks import causal_mask, padding_mask, sliding_window_mask
from core.softmax import softmax

# Distinct primes, so that a swapped axis cannot go unseen.
BATCH, HEAD, N_QUERY, N_KEY, D_HEAD, D_VALUE = 2, 3, 5, 7, 11, 13
FLOATS = [np.float16, np.float32, np.float64]

Array = NDArray[Any]
Triple = tuple[Array, Array, Array]


def draw(*leading: int, seed: int = 0) -> Triple:
    rng = np.random.default_rng(seed)
    return (
        rng.standard_normal((*leading, N_QUERY, D_HEAD)),
        rng.standard_normal((*leading, N_KEY, D_HEAD)),
        rng.standard_normal((*leading, N_KEY, D_VALUE)),
    )


def some_mask(*shape: int) -> Array:
    mask = np.random.default_rng(1).random(shape) < 0.6
    mask[..., 0] = True  # no row is wholly blocked
    return mask


def plain_loops(
    query: Array,
    key: Array,
    value: Array,
    *,
    allowed: Array,
    bias: Array,
    scale: float,
    temperature: float,
    softcap: float,
) -> Array:
    """Work out the output of one head cell by cell, with Python's own floats."""
    output = np.zeros((len(query), value.shape[1]))
    for i, q in enumerate(query):
        odds = []
        for j, k in enumerate(key):
            x = scale * sum(float(a) * float(b) for a, b in zip(q, k, strict=True))
            x = softcap * math.tanh(x / softcap) + float(bias[i, j])
            odds.append(math.exp(x / temperature) if allowed[i, j] else 0.0)
        for j, odd in enumerate(odds):
            output[i] += (odd / sum(odds) if any(odds) else 0.0) * value[j]
    return output


# --- numbers by hand -------------------------------------------------------------------------


def test_golden_by_hand() -> None:
    # scores 0 and 2 ln 3, scaled by 1/2 (d_head 4): odds 1 : 3
    attention = scaled_dot_product_attention(
        [[2.0, 0, 0, 0]], [[0, 1.0, 0, 0], [math.log(3), 0, 0, 0]], [[8.0, 0.0], [0.0, 4.0]]
    )
    np.testing.assert_allclose(attention.scores, [[0, 2 * math.log(3)]])
    np.testing.assert_allclose(attention.logits, [[0, math.log(3)]])
    np.testing.assert_allclose(attention.weights, [[0.25, 0.75]])
    np.testing.assert_allclose(attention.output, [[2.0, 3.0]])


def test_the_default_scale_is_one_over_root_d_head() -> None:
    query, key, value = draw()
    default = scaled_dot_product_attention(query, key, value)
    np.testing.assert_allclose(default.logits, default.scores / math.sqrt(D_HEAD), rtol=1e-15)


def test_options_golden_by_hand() -> None:
    # One dimension, scores 1 and 3; scale 2 -> 2, 6; softcap 4 -> 4 tanh(.5), 4 tanh(1.5);
    # bias adds 1 and 0; temperature 2 halves.
    attention = scaled_dot_product_attention(
        [[1.0]], [[1.0], [3.0]], [[1.0], [0.0]], scale=2, softcap=4, bias=[[1, 0]], temperature=2
    )
    first, second = 4 * math.tanh(0.5) + 1, 4 * math.tanh(1.5)
    np.testing.assert_allclose(attention.scores, [[1, 3]])
    np.testing.assert_allclose(attention.logits, [[first, second]])
    expected = 1 / (1 + math.exp((second - first) / 2))
    np.testing.assert_allclose(attention.weights, [[expected, 1 - expected]])
    np.testing.assert_allclose(attention.output, [[expected]])


def test_causal_golden_by_hand() -> None:
    # All scores are 0: each query averages what it may see.
    attention = scaled_dot_product_attention(
        np.zeros((3, 2)), np.zeros((3, 2)), [[6.0], [0.0], [3.0]], causal=True
    )
    thirds = [[1, 0, 0], [1 / 2, 1 / 2, 0], [1 / 3, 1 / 3, 1 / 3]]
    np.testing.assert_allclose(attention.weights, thirds)
    np.testing.assert_allclose(attention.output, [[6.0], [3.0], [3.0]])


# --- independent references ------------------------------------------------------------------


@pytest.mark.parametrize("leading", [(), (BATCH,), (BATCH, HEAD)])
@pytest.mark.parametrize("option", ["none", "mask", "bias", "causal", "scale"])
def test_agrees_with_torch(leading: tuple[int, ...], option: str) -> None:
    query, key, value = draw(*leading)
    bias = np.random.default_rng(2).standard_normal((N_QUERY, N_KEY))
    mask = some_mask(*leading, N_QUERY, N_KEY)
    ours: dict[str, Any] = {
        "none": {},
        "mask": {"mask": mask},
        "bias": {"bias": bias},
        "causal": {"causal": True},
        "scale": {"scale": 0.7},
    }[option]
    theirs: dict[str, Any] = {
        "none": {},
        "mask": {"attn_mask": torch.from_numpy(mask)},
        "bias": {"attn_mask": torch.from_numpy(bias)},
        "causal": {"is_causal": True},
        "scale": {"scale": 0.7},
    }[option]
    expected = torch_sdpa(*(torch.from_numpy(array) for array in (query, key, value)), **theirs)
    output = scaled_dot_product_attention(query, key, value, **ours).output
    np.testing.assert_allclose(output, expected.numpy(), rtol=0, atol=1e-12)


def test_all_options_together_agree_with_plain_loops() -> None:
    query, key, value = draw()
    mask = some_mask(N_QUERY, N_KEY)
    bias = np.random.default_rng(3).standard_normal((N_QUERY, N_KEY))
    numbers: dict[str, float] = {"scale": 0.9, "temperature": 1.7, "softcap": 2.5}
    attention = scaled_dot_product_attention(
        query, key, value, mask=mask, bias=bias, causal=True, window=(2, 3), **numbers
    )
    allowed = mask & causal_mask(N_QUERY, N_KEY)
    allowed &= sliding_window_mask(N_QUERY, N_KEY, left=2, right=3)
    expected = plain_loops(query, key, value, allowed=allowed, bias=bias, **numbers)
    np.testing.assert_allclose(attention.output, expected, rtol=0, atol=1e-12)


def test_the_stages_follow_from_each_other() -> None:
    query, key, value = draw(BATCH, HEAD)
    attention = scaled_dot_product_attention(query, key, value, causal=True, temperature=0.4)
    np.testing.assert_allclose(
        attention.scores, np.einsum("bhqd,bhkd->bhqk", query, key), atol=1e-12
    )
    np.testing.assert_array_equal(attention.weights, softmax(attention.logits, temperature=0.4))
    np.testing.assert_allclose(
        attention.output, np.einsum("bhqk,bhkd->bhqd", attention.weights, value), atol=1e-12
    )


# --- shapes ----------------------------------------------------------------------------------


def test_leading_axes_broadcast() -> None:
    query, key, value = draw(BATCH, HEAD)
    one_key, one_value = key[:, :1], value[:, :1]  # multi-query: one key head for all
    shared = scaled_dot_product_attention(query, one_key, one_value)
    repeated = scaled_dot_product_attention(
        query, np.repeat(one_key, HEAD, axis=1), np.repeat(one_value, HEAD, axis=1)
    )
    np.testing.assert_allclose(shared.output, repeated.output, atol=1e-14)
    mixed = scaled_dot_product_attention(query[0, 0], key[0], value)
    assert mixed.weights.shape == (HEAD, N_QUERY, N_KEY)
    assert mixed.output.shape == (BATCH, HEAD, N_QUERY, D_VALUE)


@pytest.mark.parametrize(
    "shape",
    [
        (),
        (N_KEY,),
        (1, N_KEY),
        (N_QUERY, 1),
        (N_QUERY, N_KEY),
        (HEAD, 1, N_KEY),
        (BATCH, 1, N_QUERY, N_KEY),
        (BATCH, HEAD, N_QUERY, N_KEY),
    ],
)
def test_masks_and_biases_of_every_rank_broadcast(shape: tuple[int, ...]) -> None:
    query, key, value = draw(BATCH, HEAD)
    full = (BATCH, HEAD, N_QUERY, N_KEY)
    mask = np.random.default_rng(4).random(shape) < 0.6
    bias = np.random.default_rng(5).standard_normal(shape)
    attention = scaled_dot_product_attention(query, key, value, mask=mask, bias=bias)
    spelled_out = scaled_dot_product_attention(
        query, key, value, mask=np.broadcast_to(mask, full), bias=np.broadcast_to(bias, full)
    )
    np.testing.assert_array_equal(attention.weights, spelled_out.weights)


def test_a_mask_may_bring_leading_axes() -> None:
    query, key, value = draw()
    mask = padding_mask([3, N_KEY], N_KEY)
    attention = scaled_dot_product_attention(query, key, value, mask=mask)
    assert attention.scores.shape == (N_QUERY, N_KEY)
    assert attention.weights.shape == (2, N_QUERY, N_KEY)
    alone = scaled_dot_product_attention(query, key[:3], value[:3])
    np.testing.assert_allclose(attention.output[0], alone.output, atol=1e-14)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize(("n_query", "n_key"), [(0, 3), (3, 0), (0, 0)])
def test_no_queries_or_no_keys(n_query: int, n_key: int, causal: bool) -> None:
    attention = scaled_dot_product_attention(
        np.ones((n_query, 2)), np.ones((n_key, 2)), np.ones((n_key, 4)), causal=causal
    )
    assert attention.weights.shape == (n_query, n_key)
    np.testing.assert_array_equal(attention.output, np.zeros((n_query, 4)))


# --- dtypes ----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
def test_dtype_is_kept(dtype: type[np.floating[Any]]) -> None:
    arrays = [array.astype(dtype) for array in draw()]
    bias = np.zeros((N_QUERY, N_KEY))  # float64: a bias does not promote
    attention = scaled_dot_product_attention(*arrays, bias=bias, mask=some_mask(N_QUERY, N_KEY))
    for stage in (attention.scores, attention.logits, attention.weights, attention.output):
        assert stage.dtype == dtype


def test_mixed_dtypes_promote_and_integers_become_float64() -> None:
    query, key, value = draw()
    mixed = scaled_dot_product_attention(query.astype(np.float16), key.astype(np.float32), value)
    assert mixed.output.dtype == np.float64
    mixed = scaled_dot_product_attention(*(a.astype(np.float16) for a in (query, key)), value)
    assert mixed.output.dtype == np.float64
    integers = scaled_dot_product_attention([[1, 2]], [[3, 4]], [[5]])
    assert integers.output.dtype == integers.weights.dtype == np.float64
    np.testing.assert_array_equal(integers.scores, [[11]])


def test_float16_is_computed_in_float32() -> None:
    # Scores of 256 * 300 = 76800 overflow float16; scaled by 1 / 16 they are 4800.
    query = np.full((1, 256), 300.0, dtype=np.float16)
    key = np.stack([np.ones(256), -np.ones(256)]).astype(np.float16)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        attention = scaled_dot_product_attention(query, key, np.eye(2, dtype=np.float16))
    np.testing.assert_array_equal(attention.scores, [[np.inf, -np.inf]])
    np.testing.assert_array_equal(attention.logits, [[4800.0, -4800.0]])
    np.testing.assert_array_equal(attention.output, [[1.0, 0.0]])


# --- blocking --------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["mask", "bias", "window"])
def test_a_row_with_nothing_to_attend_to_is_zero(how: str) -> None:
    query, key, value = np.ones((5, 2)), np.ones((3, 2)), np.ones((3, 4))
    mask = np.ones((5, 3), dtype=bool)
    mask[4] = False
    options: dict[str, dict[str, Any]] = {
        "mask": {"mask": mask},
        "bias": {"bias": np.where(mask, 0.0, -np.inf)},
        "window": {"window": (1, 0)},  # query 4 would see keys 3 and 4, of which there are none
    }
    attention = scaled_dot_product_attention(query, key, value, **options[how])
    np.testing.assert_array_equal(attention.weights[4], np.zeros(3))
    np.testing.assert_array_equal(attention.output, [[1.0] * 4] * 4 + [[0.0] * 4])


def test_a_bias_of_minus_infinity_does_not_leak_through_the_softcap() -> None:
    attention = scaled_dot_product_attention(
        [[1.0]], [[1.0], [1.0]], [[1.0], [9.0]], bias=[[0.0, -np.inf]], softcap=0.5
    )
    np.testing.assert_array_equal(attention.weights, [[1.0, 0.0]])


def test_softcap_bounds_the_scores_but_not_the_bias() -> None:
    query, key, value = draw()
    capped = scaled_dot_product_attention(100 * query, key, value, softcap=3.0)
    assert np.abs(capped.logits).max() <= 3.0
    biased = scaled_dot_product_attention(100 * query, key, value, softcap=3.0, bias=[10.0])
    np.testing.assert_allclose(biased.logits, capped.logits + 10.0)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("how", ["mask", "bias"])
def test_blocked_means_blocked_for_nan_and_infinity(bad: float, how: str) -> None:
    query, key, value = draw()
    mask = np.ones((N_QUERY, N_KEY), dtype=bool)
    mask[:3, 2] = False  # queries 0-2 may not see key 2, queries 3-4 may
    options: dict[str, Any] = (
        {"mask": mask} if how == "mask" else {"bias": np.where(mask, 0.0, -np.inf)}
    )
    clean = scaled_dot_product_attention(query, key, value, **options)
    key, value = key.copy(), value.copy()
    value[2, 4] = bad
    dirty = scaled_dot_product_attention(query, key, value, **options)
    np.testing.assert_allclose(dirty.output[:3], clean.output[:3], atol=1e-14)
    assert not np.isfinite(dirty.output[3:, 4]).any()  # where it is not blocked, it is seen
    others = np.arange(D_VALUE) != 4
    np.testing.assert_allclose(dirty.output[:, others], clean.output[:, others], atol=1e-14)

    key[2] = bad
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dirty = scaled_dot_product_attention(query, key, value, **options)
    np.testing.assert_allclose(dirty.output[:3], clean.output[:3], atol=1e-14)


def test_window_goldens() -> None:
    query = np.zeros((4, 1))
    weights = scaled_dot_product_attention(query, query, query, window=(1, 0)).weights
    half = [[1, 0, 0, 0], [0.5, 0.5, 0, 0], [0, 0.5, 0.5, 0], [0, 0, 0.5, 0.5]]
    np.testing.assert_array_equal(weights, half)
    everything = scaled_dot_product_attention(query, query, query, window=(None, None)).weights
    np.testing.assert_array_equal(everything, np.full((4, 4), 0.25))
    np.testing.assert_array_equal(
        scaled_dot_product_attention(query, query, query, window=(None, 0)).weights,
        scaled_dot_product_attention(query, query, query, causal=True).weights,
    )


@pytest.mark.parametrize(("temperature", "expected"), [(1e-300, [1, 0, 0]), (1e12, [1 / 3] * 3)])
def test_extreme_temperatures(temperature: float, expected: list[float]) -> None:
    attention = scaled_dot_product_attention(
        [[1.0]], [[9.0], [8.0], [7.0]], np.eye(3), temperature=temperature
    )
    np.testing.assert_allclose(attention.weights, [expected], atol=1e-10)


# --- errors ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (
            ((4, 3), (6, 5), (6, 2)),
            r"query has d_head 3 but key has d_head 5: .*\(4, 3\).*\(6, 5\)",
        ),
        (((4, 3), (6, 3), (7, 2)), r"key has n_key 6 but value has n_key 7: .*\(6, 3\).*\(7, 2\)"),
        (((3,), (6, 3), (6, 2)), r"two axes.*query \(3,\), key \(6, 3\), value \(6, 2\)"),
        (((4, 0), (6, 0), (6, 2)), r"at least 1: query \(4, 0\), key \(6, 0\)"),
        (((2, 4, 3), (5, 6, 3), (6, 2)), r"leading axes.*query \(2, 4, 3\), key \(5, 6, 3\)"),
        (((4, 3), (2, 6, 3), (5, 6, 2)), r"leading axes.*key \(2, 6, 3\), value \(5, 6, 2\)"),
    ],
)
def test_shapes_that_do_not_fit_are_named(
    shapes: tuple[tuple[int, ...], ...], message: str
) -> None:
    query, key, value = (np.zeros(shape) for shape in shapes)
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(query, key, value)


@pytest.mark.parametrize("name", ["mask", "bias"])
@pytest.mark.parametrize("shape", [(N_KEY, N_QUERY), (2, N_KEY), (N_QUERY,)])
def test_masks_and_biases_that_do_not_fit_are_named(name: str, shape: tuple[int, ...]) -> None:
    options: dict[str, Any] = {name: np.zeros(shape, dtype=bool if name == "mask" else float)}
    message = rf"{name} of shape \({shape[0]},.*scores of shape \(5, 7\)"
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(*draw(), **options)


def test_a_mask_may_not_multiply_the_only_query() -> None:
    query, key, value = draw()
    with pytest.raises(ValueError, match=r"\(5, 7\) does not broadcast to .* \(1, 7\)"):
        scaled_dot_product_attention(query[:1], key, value, mask=some_mask(N_QUERY, N_KEY))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mask": np.zeros((5, 7))}, "mask must be boolean"),
        ({"bias": np.zeros((5, 7), dtype=bool)}, r"bias is boolean, with shape \(5, 7\).*as mask"),
        ({"bias": np.full((5, 7), "x")}, "real numbers"),
        ({"temperature": 0.0}, "temperature must be a finite number above 0"),
        ({"softcap": 0.0}, "softcap must be a finite number above 0, got 0.0; use None"),
        ({"scale": np.nan}, "scale must be a finite number"),
        ({"window": (-1, None)}, "left must not be negative"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(*draw(), **options)


@pytest.mark.parametrize("wrong", [np.ones((5, 11), dtype=bool), np.ones((5, 11), dtype=complex)])
def test_other_than_real_numbers_is_refused(wrong: Array) -> None:
    with pytest.raises(ValueError, match="real numbers"):
        scaled_dot_product_attention(wrong, wrong, wrong)


# --- properties ------------------------------------------------------------------------------


@st.composite
def situations(drawn: st.DrawFn) -> tuple[Array, Array, Array, Array]:
    """Draw a query, key, value and mask of any small sizes."""
    n_query, n_key, d_head, d_value = (drawn(st.integers(1, 5)) for _ in range(4))
    numbers = st.floats(-8, 8, width=32)
    return (
        drawn(hnp.arrays(np.float64, (n_query, d_head), elements=numbers)),
        drawn(hnp.arrays(np.float64, (n_key, d_head), elements=numbers)),
        drawn(hnp.arrays(np.float64, (n_key, d_value), elements=numbers)),
        drawn(hnp.arrays(np.bool_, (n_query, n_key))),
    )


@given(situations())
def test_rows_sum_to_one_or_zero_and_blocked_cells_are_zero(
    situation: tuple[Array, Array, Array, Array],
) -> None:
    query, key, value, mask = situation
    attention = scaled_dot_product_attention(query, key, value, mask=mask)
    np.testing.assert_allclose(attention.weights.sum(axis=-1), mask.any(axis=-1), atol=1e-12)
    assert (attention.weights[~mask] == 0).all()
    assert np.isneginf(attention.logits[~mask]).all()
    assert np.isfinite(attention.logits[mask]).all()


@given(situations())
def test_the_output_lies_within_the_values(situation: tuple[Array, Array, Array, Array]) -> None:
    query, key, value, _ = situation
    output = scaled_dot_product_attention(query, key, value).output
    assert (output <= value.max(axis=0) + 1e-12).all()
    assert (output >= value.min(axis=0) - 1e-12).all()


@given(situations(), st.floats(-20, 20))
def test_a_bias_that_is_constant_along_a_row_changes_no_weight(
    situation: tuple[Array, Array, Array, Array], shift: float
) -> None:
    query, key, value, mask = situation
    plain = scaled_dot_product_attention(query, key, value, mask=mask)
    shifted = scaled_dot_product_attention(query, key, value, mask=mask, bias=shift)
    np.testing.assert_allclose(shifted.weights, plain.weights, atol=1e-12)


@given(situations(), st.randoms(use_true_random=False))
def test_permuting_the_keys_permutes_columns_and_keeps_the_output(
    situation: tuple[Array, Array, Array, Array], random: Random
) -> None:
    query, key, value, mask = situation
    order = list(range(len(key)))
    random.shuffle(order)
    plain = scaled_dot_product_attention(query, key, value, mask=mask)
    moved = scaled_dot_product_attention(query, key[order], value[order], mask=mask[:, order])
    np.testing.assert_allclose(moved.weights, plain.weights[:, order], atol=1e-12)
    np.testing.assert_allclose(moved.output, plain.output, atol=1e-11)


@given(situations(), st.floats(-8, 8))
def test_the_future_cannot_change_the_past(
    situation: tuple[Array, Array, Array, Array], change: float
) -> None:
    query, key, value, _ = situation
    before = scaled_dot_product_attention(query, key, value, causal=True).output
    for now in range(min(len(query), len(key))):
        new_key, new_value = key.copy(), value.copy()
        new_key[now + 1 :] += change
        new_value[now + 1 :] += change
        after = scaled_dot_product_attention(query, new_key, new_value, causal=True).output
        np.testing.assert_allclose(after[: now + 1], before[: now + 1], atol=1e-12)


@given(situations())
def test_inputs_are_never_changed(situation: tuple[Array, Array, Array, Array]) -> None:
    query, key, value, mask = situation
    bias = np.where(mask, 1.0, -np.inf)
    for array in (*situation, bias):
        array.setflags(write=False)  # writing into any of them would raise
    attention = scaled_dot_product_attention(
        query, key, value, mask=mask, bias=bias, causal=True, softcap=2.0, window=(2, 2)
    )
    for stage in (attention.scores, attention.logits, attention.weights, attention.output):
        assert not any(np.shares_memory(stage, array) for array in (*situation, bias))


def test_the_result_is_frozen() -> None:
    attention = scaled_dot_product_attention(*draw())
    assert isinstance(attention, Attention)
    with pytest.raises(AttributeError):
        attention.weights = attention.scores  # type: ignore[misc]
