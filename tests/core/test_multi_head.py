"""Multi-head attention against numbers by hand, torch's own module, and what must hold always."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.masks import causal_mask
from core.multi_head import (
    Cache,
    MultiHead,
    Projections,
    merge_heads,
    multi_head_attention,
    split_heads,
)

# Distinct primes, so that a swapped axis cannot go unseen.
BATCH, N_QUERY, N_KEY, D_HEAD, D_VALUE, D_SOURCE, D_OUT = 2, 3, 5, 7, 11, 13, 17
# Equal up to the rounding of float64.
CLOSE: dict[str, float] = {"rtol": 0, "atol": 1e-12}

Array = NDArray[Any]


def draw_projections(
    n_head: int, n_kv_head: int, *, d_model: int = 19, d_source: int = D_SOURCE, seed: int = 0
) -> Projections:
    rng = np.random.default_rng(seed)
    widths = (n_head * D_HEAD, n_kv_head * D_HEAD, n_kv_head * D_VALUE, D_OUT)
    heights = (d_model, d_source, d_source, n_head * D_VALUE)
    matrices = [rng.standard_normal(shape) for shape in zip(heights, widths, strict=True)]
    return Projections(*matrices, *(rng.standard_normal(width) for width in widths))


def draw(*shape: int, seed: int = 1) -> Array:
    return np.random.default_rng(seed).standard_normal(shape)


def self_attention(n_head: int, n_kv_head: int, n: int, seed: int) -> tuple[Array, Projections]:
    return draw(n, 19, seed=seed), draw_projections(n_head, n_kv_head, d_source=19, seed=seed)


heads_and_shared = st.sampled_from([(1, 1), (2, 1), (2, 2), (4, 1), (4, 2), (4, 4), (6, 3)])
seeds = st.integers(0, 2**31)


# --- numbers by hand -------------------------------------------------------------------------


def test_golden_by_hand() -> None:
    # Two heads of one dimension each. Head 1 asks with 0: it averages. Head 2 scores 0 and ln 3.
    x = np.array([[1.0, 0.0], [0.0, np.log(3)]])
    projections = Projections(
        query=np.array([[0.0, 1.0], [0.0, 0.0]]),
        key=np.eye(2),
        value=np.array([[8.0, 4.0], [0.0, 0.0]]),
        output=np.array([[1.0, 0.0], [10.0, 0.0]]),
        output_bias=np.array([0.5, 7.0]),
    )
    result = multi_head_attention(x, None, projections, n_head=2)
    np.testing.assert_allclose(result.attention.weights[0, 0], [0.5, 0.5])
    np.testing.assert_allclose(result.attention.weights[1, 0], [0.25, 0.75])
    np.testing.assert_allclose(result.concatenated[0], [4.0, 1.0])
    np.testing.assert_allclose(result.output[0], [4 + 10 + 0.5, 7.0])


def test_split_golden() -> None:
    heads = split_heads(np.arange(12).reshape(2, 6), 3)
    np.testing.assert_array_equal(heads, [[[0, 1], [6, 7]], [[2, 3], [8, 9]], [[4, 5], [10, 11]]])


def test_every_head_is_one_attention() -> None:
    target, source = draw(BATCH, N_QUERY, 19), draw(BATCH, N_KEY, D_SOURCE, seed=2)
    p = draw_projections(4, 2)
    result = multi_head_attention(target, source, p, n_head=4, n_kv_head=2)
    query = target @ p.query + p.query_bias
    key, value = source @ p.key + p.key_bias, source @ p.value + p.value_bias
    for head in range(4):
        mine = slice(head * D_HEAD, (head + 1) * D_HEAD)
        shared = head // 2
        of_key = slice(shared * D_HEAD, (shared + 1) * D_HEAD)
        of_value = slice(shared * D_VALUE, (shared + 1) * D_VALUE)
        alone = scaled_dot_product_attention(
            query[..., mine], key[..., of_key], value[..., of_value]
        )
        at = slice(head * D_VALUE, (head + 1) * D_VALUE)
        np.testing.assert_allclose(result.attention.weights[:, head], alone.weights, **CLOSE)
        np.testing.assert_allclose(result.concatenated[..., at], alone.output, **CLOSE)
    expected = result.concatenated @ p.output + p.output_bias
    np.testing.assert_allclose(result.output, expected, **CLOSE)
    assert result.query.shape == (BATCH, 4, N_QUERY, D_HEAD)
    assert result.key.shape == (BATCH, 2, N_KEY, D_HEAD)
    assert result.value.shape == (BATCH, 2, N_KEY, D_VALUE)


# --- torch's own module ----------------------------------------------------------------------


def load(module: torch.nn.MultiheadAttention, *, apart: bool) -> Projections:
    """Return the weights of torch's module, whose matrices stand the other way round."""
    stacked = module.in_proj_weight
    if apart:
        matrices = (module.q_proj_weight, module.k_proj_weight, module.v_proj_weight)
    else:
        matrices = stacked.chunk(3)
    biases = module.in_proj_bias.chunk(3)
    turned = [matrix.detach().numpy().T for matrix in (*matrices, module.out_proj.weight)]
    return Projections(*turned, *(b.detach().numpy() for b in (*biases, module.out_proj.bias)))


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 1e-6), ("float32", 1e-5)])
@pytest.mark.parametrize("crossed", [False, True])
@pytest.mark.parametrize("option", ["none", "mask", "per head", "bias", "causal"])
def test_agrees_with_the_module_of_torch(
    dtype: str, tolerance: float, crossed: bool, option: str
) -> None:
    torch.manual_seed(3)
    n_head, d_model = 3, 12
    d_source = D_SOURCE if crossed else d_model
    module = torch.nn.MultiheadAttention(
        d_model,
        n_head,
        kdim=d_source if crossed else None,
        vdim=d_source if crossed else None,
        batch_first=True,
        dtype=getattr(torch, dtype),
    ).eval()
    torch.nn.init.normal_(module.in_proj_bias)
    torch.nn.init.normal_(module.out_proj.bias)
    target = draw(BATCH, N_QUERY, d_model).astype(dtype)
    source = draw(BATCH, N_KEY, d_source, seed=2).astype(dtype) if crossed else target
    n_key = source.shape[-2]
    shape = (BATCH, n_head, N_QUERY, n_key) if option == "per head" else (N_QUERY, n_key)
    allowed = np.random.default_rng(4).random(shape) < 0.6
    allowed[..., 0] = True
    added = draw(*shape, seed=5).astype(dtype)
    ours: dict[str, Any] = {
        "none": {},
        "mask": {"mask": allowed},
        "per head": {"mask": allowed},
        "bias": {"bias": added},
        "causal": {"causal": True},
    }[option]
    # In this module True means blocked.
    theirs = {
        "none": None,
        "mask": torch.from_numpy(~allowed),
        "per head": torch.from_numpy(~allowed.reshape(-1, N_QUERY, n_key)),
        "bias": torch.from_numpy(added),
        "causal": torch.from_numpy(~causal_mask(N_QUERY, n_key)),
    }[option]
    with torch.no_grad():
        output, weights = module(
            torch.from_numpy(target),
            torch.from_numpy(source),
            torch.from_numpy(source),
            attn_mask=theirs,
            average_attn_weights=False,
        )
    result = multi_head_attention(
        target, source if crossed else None, load(module, apart=crossed), n_head=n_head, **ours
    )
    assert result.output.dtype == dtype
    np.testing.assert_allclose(result.attention.weights, weights, rtol=0, atol=tolerance)
    np.testing.assert_allclose(result.output, output, rtol=0, atol=tolerance)


@pytest.mark.parametrize("n_kv_head", [1, 2, 3, 6])
def test_grouped_heads_agree_with_torch(n_kv_head: int) -> None:
    target, p = self_attention(6, n_kv_head, N_KEY, seed=6)
    result = multi_head_attention(target, None, p, n_head=6, n_kv_head=n_kv_head, causal=True)
    with torch.no_grad():
        expected = torch.nn.functional.scaled_dot_product_attention(
            *(
                torch.from_numpy(np.array(part))
                for part in (result.query, result.key, result.value)
            ),
            is_causal=True,
            enable_gqa=True,
        )
    np.testing.assert_allclose(split_heads(result.concatenated, 6), expected, rtol=0, atol=1e-6)


# --- what must hold always -------------------------------------------------------------------


@given(st.lists(st.integers(1, 3), max_size=2), st.integers(0, 4), st.integers(1, 5), seeds)
def test_merging_undoes_splitting(leading: list[int], n: int, n_head: int, seed: int) -> None:
    x = draw(*leading, n, 3 * n_head, seed=seed)
    heads = split_heads(x, n_head)
    assert heads.shape == (*leading, n_head, n, 3)
    np.testing.assert_array_equal(merge_heads(heads), x)
    np.testing.assert_array_equal(split_heads(merge_heads(heads), n_head), heads)


@given(st.sampled_from([1, 2, 3, 4]), seeds)
def test_as_many_shared_heads_as_heads_is_multi_head(n_head: int, seed: int) -> None:
    target, p = self_attention(n_head, n_head, 4, seed)
    plain = multi_head_attention(target, None, p, n_head=n_head)
    grouped = multi_head_attention(target, None, p, n_head=n_head, n_kv_head=n_head)
    np.testing.assert_array_equal(plain.output, grouped.output)


@given(heads_and_shared, seeds)
def test_shared_heads_are_heads_repeated(heads: tuple[int, int], seed: int) -> None:
    n_head, n_kv_head = heads
    target, p = self_attention(n_head, n_kv_head, 4, seed)
    times = n_head // n_kv_head

    def repeated(matrix: Array, width: int) -> Array:
        parts = matrix.reshape(*matrix.shape[:-1], n_kv_head, width)
        return np.repeat(parts, times, axis=-2).reshape(*matrix.shape[:-1], -1)

    full = replace(
        p,
        key=repeated(p.key, D_HEAD),
        key_bias=repeated(p.key_bias, D_HEAD),
        value=repeated(p.value, D_VALUE),
        value_bias=repeated(p.value_bias, D_VALUE),
    )
    grouped = multi_head_attention(target, None, p, n_head=n_head, n_kv_head=n_kv_head)
    plain = multi_head_attention(target, None, full, n_head=n_head)
    np.testing.assert_allclose(grouped.output, plain.output, rtol=0, atol=1e-10)


@given(heads_and_shared, st.integers(1, 6), st.data(), seeds)
def test_a_cache_step_by_step_equals_the_full_causal_pass(
    heads: tuple[int, int], n: int, data: st.DataObject, seed: int
) -> None:
    n_head, n_kv_head = heads
    x, p = self_attention(n_head, n_kv_head, n, seed)
    cuts = data.draw(st.sets(st.integers(1, max(n - 1, 1)), max_size=3))
    borders = [0, *sorted(cut for cut in cuts if cut < n), n]
    full = multi_head_attention(x, None, p, n_head=n_head, n_kv_head=n_kv_head, causal=True)
    past, rows = None, []
    for first, last in pairwise(borders):
        step = multi_head_attention(
            x[first:last], None, p, n_head=n_head, n_kv_head=n_kv_head, causal=True, past=past
        )
        past = step.present
        rows.append(step.output)
        np.testing.assert_allclose(
            step.attention.weights, full.attention.weights[:, first:last, :last], rtol=0, atol=1e-10
        )
    assert past is not None
    np.testing.assert_allclose(np.concatenate(rows), full.output, rtol=0, atol=1e-10)
    np.testing.assert_allclose(past.key, full.key, rtol=0, atol=1e-10)
    np.testing.assert_allclose(past.value, full.value, rtol=0, atol=1e-10)


@given(heads_and_shared, seeds)
def test_without_any_head_the_output_is_its_bias(heads: tuple[int, int], seed: int) -> None:
    n_head, n_kv_head = heads
    target, p = self_attention(n_head, n_kv_head, 3, seed)
    result = multi_head_attention(
        target, None, p, n_head=n_head, n_kv_head=n_kv_head, dropped=range(n_head)
    )
    np.testing.assert_array_equal(result.output, np.tile(p.output_bias, (3, 1)))


@given(heads_and_shared, st.data(), seeds)
def test_each_head_adds_its_own_share(
    heads: tuple[int, int], data: st.DataObject, seed: int
) -> None:
    n_head, n_kv_head = heads
    target, p = self_attention(n_head, n_kv_head, 3, seed)
    head = data.draw(st.integers(0, n_head - 1))

    def run(dropped: set[int]) -> MultiHead:
        return multi_head_attention(
            target, None, p, n_head=n_head, n_kv_head=n_kv_head, dropped=dropped
        )

    whole, without = run(set()), run({head})
    alone = run(set(range(n_head)) - {head})
    share = alone.output - p.output_bias
    np.testing.assert_allclose(whole.output - without.output, share, rtol=0, atol=1e-10)
    np.testing.assert_array_equal(whole.attention.weights, without.attention.weights)


@given(st.permutations(range(4)), seeds)
def test_the_order_of_the_heads_does_not_matter(order: list[int], seed: int) -> None:
    target, p = self_attention(4, 4, 3, seed)

    def columns(matrix: Array, width: int) -> Array:
        parts = matrix.reshape(*matrix.shape[:-1], 4, width)
        return parts[..., order, :].reshape(matrix.shape)

    moved = Projections(
        query=columns(p.query, D_HEAD),
        key=columns(p.key, D_HEAD),
        value=columns(p.value, D_VALUE),
        output=p.output.reshape(4, D_VALUE, D_OUT)[order].reshape(p.output.shape),
        query_bias=columns(p.query_bias, D_HEAD),
        key_bias=columns(p.key_bias, D_HEAD),
        value_bias=columns(p.value_bias, D_VALUE),
        output_bias=p.output_bias,
    )
    one = multi_head_attention(target, None, p, n_head=4)
    other = multi_head_attention(target, None, moved, n_head=4)
    np.testing.assert_allclose(one.output, other.output, rtol=0, atol=1e-10)
    np.testing.assert_allclose(
        one.attention.weights[order], other.attention.weights, rtol=0, atol=1e-10
    )


@settings(max_examples=30)
@given(seeds)
def test_a_mask_for_each_head(seed: int) -> None:
    target, p = self_attention(4, 2, 5, seed)
    mask = np.random.default_rng(seed).random((4, 5, 5)) < 0.5
    together = multi_head_attention(target, None, p, n_head=4, n_kv_head=2, mask=mask)
    for head in range(4):
        with_its_mask = multi_head_attention(
            target, None, p, n_head=4, n_kv_head=2, mask=mask[head]
        )
        np.testing.assert_array_equal(
            together.attention.weights[head], with_its_mask.attention.weights[head]
        )
    assert (together.attention.weights[~mask] == 0).all()


# --- options, types and errors ---------------------------------------------------------------


def test_the_scale_is_one_over_the_root_of_a_heads_width() -> None:
    target, p = self_attention(2, 2, 4, seed=7)
    result = multi_head_attention(target, None, p, n_head=2)
    np.testing.assert_allclose(
        result.attention.logits, result.attention.scores / np.sqrt(D_HEAD), rtol=1e-14
    )


def test_scale_softcap_and_bias_are_handed_on() -> None:
    target, p = self_attention(2, 1, 4, seed=8)
    bias = draw(2, 4, 4)
    result = multi_head_attention(
        target, None, p, n_head=2, n_kv_head=1, scale=0.3, softcap=1.5, bias=bias
    )
    scores = result.query @ np.swapaxes(result.key, -1, -2)
    np.testing.assert_allclose(
        result.attention.logits, 1.5 * np.tanh(0.3 * scores / 1.5) + bias, **CLOSE
    )


def test_without_w_o_the_heads_stay_side_by_side() -> None:
    target, p = self_attention(2, 2, 4, seed=9)
    result = multi_head_attention(target, None, replace(p, output=None, output_bias=None), n_head=2)
    np.testing.assert_array_equal(result.output, result.concatenated)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_results_come_in_the_dtype_of_what_was_given(dtype: type[np.floating[Any]]) -> None:
    target, p = self_attention(2, 1, 4, seed=10)
    names = ("query", "key", "value", "output")
    rough = Projections(*(getattr(p, name).astype(dtype) for name in names))
    result = multi_head_attention(target.astype(dtype), None, rough, n_head=2, n_kv_head=1)
    a = result.attention
    arrays = (result.query, result.key, result.value, result.concatenated, result.output)
    assert {array.dtype for array in (*arrays, a.scores, a.weights)} == {np.dtype(dtype)}
    exact = multi_head_attention(
        target.astype(dtype),
        None,
        replace(rough, query=rough.query.astype(float)),
        n_head=2,
        n_kv_head=1,
    )
    np.testing.assert_allclose(result.output, exact.output, rtol=0, atol=1e3 * np.finfo(dtype).eps)


def test_nothing_given_is_changed() -> None:
    target, p = self_attention(2, 2, 4, seed=11)
    arrays = [target, p.query, p.key, p.value, p.output]
    copies = [array.copy() for array in arrays]
    step = multi_head_attention(target, None, p, n_head=2, causal=True, dropped=[0])
    past = step.present
    kept = past.key.copy()
    multi_head_attention(target[:1], None, p, n_head=2, causal=True, past=past)
    for array, copy in zip([*arrays, past.key], [*copies, kept], strict=True):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize(
    ("change", "options", "said"),
    [
        ({}, {"n_head": 3}, "3 heads cannot share an array of shape"),
        ({}, {"n_head": 4, "n_kv_head": 7}, "4 query heads cannot share 7"),
        ({}, {"n_head": 4, "n_kv_head": 2, "dropped": [4]}, "no head 4"),
        ({}, {"n_head": 4, "n_kv_head": 2, "dropped": [-1]}, "no head -1"),
        ({"query": np.ones((18, 28))}, {"n_head": 4, "n_kv_head": 2}, "W_Q of shape"),
        ({"key_bias": np.ones(3)}, {"n_head": 4, "n_kv_head": 2}, "the bias of W_K"),
        ({"output": None}, {"n_head": 4, "n_kv_head": 2}, "no W_O"),
        ({"output": np.ones((5, 5))}, {"n_head": 4, "n_kv_head": 2}, "W_O of shape"),
        ({}, {"n_head": 4, "n_kv_head": 2, "mask": np.ones((2, 2), bool)}, "mask of shape"),
        ({}, {"n_head": 4, "n_kv_head": 2, "mask": np.ones((4, 4))}, "must be boolean"),
    ],
)
def test_what_does_not_fit_is_said(
    change: dict[str, Any], options: dict[str, Any], said: str
) -> None:
    target = draw(4, 19)
    p = draw_projections(4, 7 if options.get("n_kv_head") == 7 else 2, d_source=19)
    with pytest.raises(ValueError, match=said):
        multi_head_attention(target, None, replace(p, **change), **options)


def test_a_past_that_does_not_fit_is_said() -> None:
    target, p = self_attention(2, 2, 4, seed=12)
    past = Cache(np.ones((1, 3, D_HEAD)), np.ones((1, 3, D_VALUE)))
    with pytest.raises(ValueError, match="the past key has shape"):
        multi_head_attention(target, None, p, n_head=2, past=past)
