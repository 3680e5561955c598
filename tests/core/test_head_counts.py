"""Counts of parameters, arithmetic and cache against the arrays themselves and known models."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.head_counts import HeadSizes, cache_numbers, count_flops, count_parameters
from core.multi_head import Projections, multi_head_attention

sizes_of_all_kinds = st.builds(
    lambda d_model, n_kv_head, times, d_head: HeadSizes(
        d_model, n_kv_head * times, n_kv_head, d_head
    ),
    *(st.integers(1, 5) for _ in range(4)),
)


@pytest.mark.parametrize("n_head", [1, 2, 4, 8])
def test_parameters_of_torchs_module(n_head: int) -> None:
    module = torch.nn.MultiheadAttention(8, n_head, bias=False)
    counted = count_parameters(HeadSizes(8, n_head, n_head, 8 // n_head))
    assert counted.total == sum(p.numel() for p in module.parameters()) == 4 * 8**2


@given(sizes_of_all_kinds, st.integers(1, 4))
def test_counts_are_those_of_the_arrays(sizes: HeadSizes, n_token: int) -> None:
    projections = Projections(
        query=np.ones((sizes.d_model, sizes.query_width)),
        key=np.ones((sizes.d_model, sizes.kv_width)),
        value=np.ones((sizes.d_model, sizes.kv_width)),
        output=np.ones((sizes.query_width, sizes.d_model)),
    )
    counted = count_parameters(sizes)
    for name in ("query", "key", "value", "output"):
        assert getattr(counted, name) == getattr(projections, name).size
    result = multi_head_attention(
        np.ones((n_token, sizes.d_model)),
        None,
        projections,
        n_head=sizes.n_head,
        n_kv_head=sizes.n_kv_head,
    )
    kept = result.present.key.size + result.present.value.size
    assert cache_numbers(sizes, n_token=n_token) == kept
    assert cache_numbers(sizes, n_token=n_token, n_layer=3) == 3 * kept


@given(sizes_of_all_kinds, st.integers(0, 4), st.integers(0, 4))
def test_flops_are_those_of_every_matrix_product(
    sizes: HeadSizes, n_query: int, n_key: int
) -> None:
    def product(n: int, inner: int, m: int) -> int:
        return sum(2 for _ in range(n) for _ in range(m) for _ in range(inner))

    counted = count_flops(sizes, n_query, n_key)
    assert counted.projections == product(n_query, sizes.d_model, sizes.query_width) + 2 * product(
        n_query, sizes.d_model, sizes.kv_width
    )
    assert counted.scores == sizes.n_head * product(n_query, sizes.d_head, n_key)
    assert counted.reading == sizes.n_head * product(n_query, n_key, sizes.d_head)
    assert counted.output == product(n_query, sizes.query_width, sizes.d_model)
    assert counted.total == (
        counted.projections + counted.scores + counted.reading + counted.output
    )


def test_the_cache_of_known_models() -> None:
    # Llama 2 7B (32 layers, 32 heads of 128): 512 KiB a token in 16 bits, 2 GiB for 4,096 tokens.
    # With 8 key/value heads, as in Llama 3 8B: 128 KiB a token, a quarter.
    full = HeadSizes(4096, 32, 32, 128)
    grouped = HeadSizes(4096, 32, 8, 128)
    assert 2 * cache_numbers(full, n_layer=32) == 512 * 2**10
    assert 2 * cache_numbers(full, n_layer=32, n_token=4096) == 2 * 2**30
    assert 2 * cache_numbers(grouped, n_layer=32) == 128 * 2**10


@pytest.mark.parametrize("wrong", [(8, 4, 3, 2), (8, 0, 1, 2), (0, 1, 1, 1), (8, 2, 4, 4)])
def test_sizes_that_cannot_be_are_said(wrong: tuple[int, int, int, int]) -> None:
    with pytest.raises(ValueError, match="must divide the heads"):
        HeadSizes(*wrong)


def test_negative_numbers_of_tokens_are_said() -> None:
    sizes = HeadSizes(8, 4, 2, 2)
    with pytest.raises(ValueError, match="must not be negative"):
        count_flops(sizes, -1, 2)
    with pytest.raises(ValueError, match="must not be negative"):
        cache_numbers(sizes, n_token=-1)
