"""Grouped heads against the reference implementation of the ONNX operator, and torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from core.grouped_attention import grouped_attention
from core.heads import merge_heads, split_heads

BATCH, N_QUERY, N_KEY, N_PAST, D_HEAD, D_VALUE = 2, 3, 5, 4, 7, 11
# The reference rounds the root of the scale before it multiplies, twice.
TOLERANCE = {"float64": 1e-12, "float32": 1e-5}

Array = NDArray[Any]


def draw(*shape: int, seed: int) -> Array:
    return np.random.default_rng(seed).standard_normal(shape)


def reference(inputs: dict[str, Array | None], attributes: dict[str, Any]) -> list[Array]:
    """Run the operator itself: output, present key and present value."""
    from onnx import TensorProto, helper
    from onnx.reference import ReferenceEvaluator

    order = ("Q", "K", "V", "attn_mask", "past_key", "past_value")
    names = [name if inputs.get(name) is not None else "" for name in order]
    while names[-1] == "":
        names.pop()
    cached = inputs.get("past_key") is not None
    outputs = ["Y", "present_key", "present_value"] if cached else ["Y"]
    node = helper.make_node("Attention", names, outputs, **attributes)
    kinds = {"float64": TensorProto.DOUBLE, "float32": TensorProto.FLOAT, "bool": TensorProto.BOOL}
    given_ = {name: inputs[name] for name in names if name}
    graph = helper.make_graph(
        [node],
        "attention",
        [helper.make_tensor_value_info(n, kinds[str(a.dtype)], a.shape) for n, a in given_.items()],
        [helper.make_tensor_value_info(n, kinds[str(inputs["Q"].dtype)], None) for n in outputs],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 23)])
    return ReferenceEvaluator(model).run(None, given_)


def case(
    *, heads: tuple[int, int], axes: int, past: bool, n_key: int = N_KEY, dtype: str = "float64"
) -> tuple[dict[str, Array | None], dict[str, int]]:
    n_head, n_kv_head = heads
    arrays: dict[str, Array | None] = {
        "Q": draw(BATCH, n_head, N_QUERY, D_HEAD, seed=1).astype(dtype),
        "K": draw(BATCH, n_kv_head, n_key, D_HEAD, seed=2).astype(dtype),
        "V": draw(BATCH, n_kv_head, n_key, D_VALUE, seed=3).astype(dtype),
    }
    if past:
        arrays["past_key"] = draw(BATCH, n_kv_head, N_PAST, D_HEAD, seed=4).astype(dtype)
        arrays["past_value"] = draw(BATCH, n_kv_head, N_PAST, D_VALUE, seed=5).astype(dtype)
    if axes == 4:
        return arrays, {}
    for name in "QKV":
        arrays[name] = merge_heads(arrays[name])
    return arrays, {"q_num_heads": n_head, "kv_num_heads": n_kv_head}


def hold_to_reference(inputs: dict[str, Array | None], options: dict[str, Any]) -> None:
    dtype = str(inputs["Q"].dtype)
    attributes = {
        name: int(value) if name == "is_causal" else value for name, value in options.items()
    }
    expected = reference(inputs, attributes)
    q, k, v = (inputs[name] for name in "QKV")
    rest = {name: inputs.get(name) for name in ("attn_mask", "past_key", "past_value")}
    ours = grouped_attention(q, k, v, **rest, **options)
    arrays = [ours.output, ours.present.key, ours.present.value]
    for array, right in zip(arrays, expected, strict=False):
        assert array.dtype == dtype
        np.testing.assert_allclose(array, right, rtol=0, atol=TOLERANCE[dtype])


def a_mask(kind: str, n_key: int, n_head: int, dtype: str) -> Array | None:
    rng = np.random.default_rng(6)
    if kind == "none":
        return None
    if kind.startswith("bool"):
        mask = (
            rng.random((n_head, N_QUERY, n_key) if kind == "bool, heads" else (N_QUERY, n_key))
            < 0.6
        )
        if kind == "bool, a row blocked":
            mask[1] = False
        return mask
    bias = rng.standard_normal((BATCH, 1, N_QUERY, n_key)).astype(dtype)
    bias[..., 2] = -np.inf
    return bias


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("axes", [3, 4])
@pytest.mark.parametrize("heads", [(6, 6), (6, 3), (6, 2), (6, 1)])
@pytest.mark.parametrize("past", [False, True])
@pytest.mark.parametrize("causal", [False, True])
def test_agrees_with_the_operator(
    dtype: str, axes: int, heads: tuple[int, int], past: bool, causal: bool
) -> None:
    inputs, attributes = case(heads=heads, axes=axes, past=past, dtype=dtype)
    hold_to_reference(inputs, {**attributes, "is_causal": causal})


@pytest.mark.parametrize("kind", ["none", "bool", "bool, heads", "bool, a row blocked", "numbers"])
@pytest.mark.parametrize("past", [False, True])
@pytest.mark.parametrize("causal", [False, True])
# The reference takes the root of the scale in float32, which for these numbers is exact.
@pytest.mark.parametrize("numbers", [{}, {"scale": 0.25}, {"softcap": 1.5}])
def test_masks_scale_and_softcap_agree_with_the_operator(
    kind: str, past: bool, causal: bool, numbers: dict[str, float]
) -> None:
    inputs, attributes = case(heads=(6, 2), axes=4, past=past)
    inputs["attn_mask"] = a_mask(kind, N_KEY + N_PAST * past, 6, "float64")
    hold_to_reference(inputs, {**attributes, **numbers, "is_causal": causal})


@pytest.mark.parametrize("n_new_key", [1, 2, 3, 6])
def test_the_past_alone_moves_the_causal_diagonal(n_new_key: int) -> None:
    """By the operator's text: j <= i + n_past, however many new keys there are."""
    inputs, _ = case(heads=(2, 1), axes=4, past=True, n_key=n_new_key)
    hold_to_reference(inputs, {"is_causal": True})
    ours = grouped_attention(
        *(inputs[name] for name in "QKV"),
        past_key=inputs["past_key"],
        past_value=inputs["past_value"],
        is_causal=True,
    )
    seen = np.tri(N_QUERY, N_PAST + n_new_key, N_PAST, dtype=bool)
    assert (ours.attention.weights[..., seen] > 0).all()
    assert (ours.attention.weights[..., ~seen] == 0).all()


@given(
    st.sampled_from([(1, 1), (4, 1), (4, 2), (4, 4)]),
    st.integers(1, 4),
    st.integers(1, 5),
    st.booleans(),
    st.integers(0, 2**31),
)
@settings(max_examples=40)
def test_agrees_with_torch(
    heads: tuple[int, int], n_query: int, n_key: int, causal: bool, seed: int
) -> None:
    q = draw(BATCH, heads[0], n_query, D_HEAD, seed=seed)
    k = draw(BATCH, heads[1], n_key, D_HEAD, seed=seed + 1)
    v = draw(BATCH, heads[1], n_key, D_VALUE, seed=seed + 2)
    with torch.no_grad():
        expected = torch.nn.functional.scaled_dot_product_attention(
            *(torch.from_numpy(array) for array in (q, k, v)), is_causal=causal, enable_gqa=True
        )
    output = grouped_attention(q, k, v, is_causal=causal).output
    np.testing.assert_allclose(output, expected, rtol=0, atol=1e-6)
    flat = grouped_attention(
        *(merge_heads(array) for array in (q, k, v)),
        q_num_heads=heads[0],
        kv_num_heads=heads[1],
        is_causal=causal,
    )
    np.testing.assert_allclose(split_heads(flat.output, heads[0]), output, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"query": np.ones((2, 3, 4))}, "all have three axes or all four"),
        ({"q_num_heads": 5}, "5 heads were named"),
        ({"past_key": np.ones((2, 2, 1, 7))}, "give both or neither"),
        ({"query": np.ones((2, 3, 3, 7))}, "3 query heads cannot share 2"),
        ({"value": np.ones((2, 1, 5, 11))}, "equally many"),
    ],
)
def test_what_does_not_fit_is_said(change: dict[str, Any], said: str) -> None:
    fitting = {
        "query": np.ones((2, 4, 3, 7)),
        "key": np.ones((2, 2, 5, 7)),
        "value": np.ones((2, 2, 5, 11)),
    }
    with pytest.raises(ValueError, match=said):
        grouped_attention(**(fitting | change))


def test_three_axes_need_the_heads() -> None:
    with pytest.raises(ValueError, match="give q_num_heads and kv_num_heads"):
        grouped_attention(*(np.ones((2, 3, 4)) for _ in range(3)))
