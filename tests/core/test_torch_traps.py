"""What PyTorch makes of the traps, beside what `core.traps` says that it does."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.attention import scaled_dot_product_attention
from core.masks import causal_mask
from core.torch_traps import torch_filled, torch_multihead_weights, torch_sdpa_weights
from core.traps import fill_blocked, unguarded_softmax

WITHIN = {"float16": 1e-3, "float32": 1e-6, "float64": 1e-14}


def draw(seed: int, n_query: int, n_key: int, dtype: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = ((n_query, 3), (n_key, 3))
    query, key = (rng.standard_normal(shape).astype(dtype) for shape in shapes)
    return query, key


@pytest.mark.parametrize("fill", [-math.inf, -1e9, -5.0])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_filling_is_the_same_in_both(dtype: str, fill: float) -> None:
    query, key = draw(0, 5, 5, dtype)
    mask = causal_mask(5, 5) & (np.arange(5) > 0)  # the first row is wholly blocked
    scores = query @ key.T
    ours = unguarded_softmax(fill_blocked(scores, mask, fill))
    np.testing.assert_allclose(
        torch_filled(scores, mask, fill), ours, rtol=0, atol=WITHIN[dtype], equal_nan=True
    )
    assert np.isnan(ours[0]).all() == math.isinf(fill)


@pytest.mark.parametrize(("fill", "fits"), [(-65504.0, True), (-65520.0, False), (-1e9, False)])
def test_pytorch_refuses_what_numpy_makes_infinite(fill: float, fits: bool) -> None:
    scores, mask = np.zeros((2, 2), np.float16), np.array([[True, False], [True, True]])
    assert np.isneginf(fill_blocked(scores, mask, fill)).any() != fits
    if fits:
        np.testing.assert_array_equal(torch_filled(scores, mask, fill), [[1, 0], [0.5, 0.5]])
    else:
        with pytest.raises(ValueError, match="without overflow"):
            torch_filled(scores, mask, fill)


@given(st.integers(0, 99), st.integers(1, 6), st.integers(1, 6), st.floats(0.1, 0.9))
def test_sdpa_takes_true_for_may_attend(seed: int, n_query: int, n_key: int, share: float) -> None:
    query, key = draw(seed, n_query, n_key, "float64")
    mask = np.random.default_rng(seed).random((n_query, n_key)) < share
    ours = scaled_dot_product_attention(query, key, key, mask=mask).weights
    np.testing.assert_allclose(torch_sdpa_weights(query, key, mask), ours, rtol=0, atol=1e-14)


@given(st.integers(0, 99), st.integers(1, 6), st.floats(0.1, 0.9))
def test_multihead_attention_takes_true_for_blocked(seed: int, n_token: int, share: float) -> None:
    query, key = draw(seed, n_token, n_token, "float64")
    mask = np.random.default_rng(seed).random((n_token, n_token)) < share
    logits = query @ key.T / math.sqrt(3)
    ours = unguarded_softmax(fill_blocked(logits, ~mask, -math.inf))
    theirs = torch_multihead_weights(query, key, mask)
    np.testing.assert_allclose(theirs, ours, rtol=0, atol=1e-14, equal_nan=True)
    np.testing.assert_array_equal(np.isnan(theirs).all(axis=1), mask.all(axis=1))


def test_the_module_says_the_same() -> None:
    """`nn.MultiheadAttention` itself, with identity matrices put into it."""
    query, key = draw(1, 4, 4, "float32")
    module = torch.nn.MultiheadAttention(3, 1, bias=False, batch_first=True)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.eye(3).repeat(3, 1))
        module.out_proj.weight.copy_(torch.eye(3))
        mask = torch.from_numpy(causal_mask(4, 4))
        inputs = (torch.from_numpy(array)[None] for array in (query, key, key))
        _, weights = module(*inputs, attn_mask=mask)
    theirs = torch_multihead_weights(query, key, causal_mask(4, 4))
    np.testing.assert_array_equal(theirs, weights[0].numpy())


@pytest.mark.parametrize(("n_query", "n_key"), [(2, 5), (5, 2), (3, 3)])
def test_is_causal_starts_top_left(n_query: int, n_key: int) -> None:
    query, key = draw(2, n_query, n_key, "float64")
    theirs = torch_sdpa_weights(query, key, causal=True)
    for alignment in ("top_left", "bottom_right"):
        mask = causal_mask(n_query, n_key, alignment=alignment)  # type: ignore[arg-type]
        ours = scaled_dot_product_attention(query, key, key, mask=mask).weights
        same = np.allclose(theirs, ours, rtol=0, atol=1e-14)
        assert same == (alignment == "top_left" or n_query == n_key)


@pytest.mark.parametrize("dtype", WITHIN)
def test_the_dtype_is_kept_and_nothing_is_changed(dtype: str) -> None:
    query, key = draw(3, 3, 3, dtype)
    before = query.copy(), key.copy()
    mask = causal_mask(3, 3)
    for weights in (
        torch_sdpa_weights(query, key, mask),
        torch_multihead_weights(query, key, ~mask),
        torch_filled(query @ key.T, mask, -math.inf),
    ):
        assert weights.dtype == dtype
        np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=0, atol=2 * WITHIN[dtype])
    np.testing.assert_array_equal((query, key), before)
