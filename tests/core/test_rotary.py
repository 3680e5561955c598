"""Rotary positions against complex numbers, the ONNX operator, and what they promise."""

from __future__ import annotations

import math

import numpy as np
import onnx
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

from core.positional import LAYOUTS, Layout
from core.rotary import rotary_caches, rotary_embedding, rotate

layouts = pytest.mark.parametrize("layout", LAYOUTS)


def test_a_quarter_turn_by_hand() -> None:
    cos, sin = np.array([0.0, 1.0]), np.array([1.0, 0.0])  # the first pair turns, the other rests
    np.testing.assert_array_equal(
        rotate([1.0, 2.0, 3.0, 4.0], cos, sin, layout="interleaved"), [-2, 1, 3, 4]
    )
    np.testing.assert_array_equal(
        rotate([1.0, 2.0, 3.0, 4.0], cos, sin, layout="halves"), [-3, 2, 1, 4]
    )
    # What lies beyond the pairs stays.
    np.testing.assert_array_equal(
        rotate([1.0, 2.0, 3.0, 4.0], cos[:1], sin[:1], layout="halves"), [-2, 1, 3, 4]
    )


def test_caches_by_hand() -> None:
    cos, sin = rotary_caches([0, 2], 4)
    np.testing.assert_allclose(cos, [[1.0, 1.0], [math.cos(2), math.cos(0.02)]])
    np.testing.assert_allclose(sin, [[0.0, 0.0], [math.sin(2), math.sin(0.02)]])


@layouts
@given(st.integers(1, 8), st.integers(0, 100))
def test_complex_multiplication_does_the_same(layout: Layout, half: int, seed: int) -> None:
    """A pair is a complex number, and turning it a product: in torch, to 1e-12."""
    rng = np.random.default_rng(seed)
    x, places = rng.standard_normal((3, 5, 2 * half)), rng.integers(0, 1000, 5)
    turned = rotate(x, *rotary_caches(places, 2 * half), layout=layout)
    pairs = (
        x.reshape(3, 5, half, 2)
        if layout == "interleaved"
        else np.stack([x[..., :half], x[..., half:]], axis=-1)
    )
    speeds = 10000.0 ** (-torch.arange(0, 2 * half, 2, dtype=torch.float64) / (2 * half))
    angles = torch.outer(torch.from_numpy(places).double(), speeds)
    product = torch.view_as_complex(torch.from_numpy(pairs.copy())) * torch.polar(
        torch.ones_like(angles), angles
    )
    parts = torch.view_as_real(product).numpy()
    expected = (
        parts.reshape(x.shape)
        if layout == "interleaved"
        else np.concatenate([parts[..., 0], parts[..., 1]], axis=-1)
    )
    np.testing.assert_allclose(turned, expected, atol=1e-12)


@layouts
@given(
    st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 2000), st.integers(1, 6),
    st.integers(0, 4),
)  # fmt: skip
def test_norms_stay_and_scores_depend_on_the_distance_alone(
    layout: Layout, m: int, n: int, shift: int, half: int, rest: int
) -> None:
    rng = np.random.default_rng(m + n + shift)
    query, key = rng.standard_normal((2, 2 * half + rest))

    def turn(vector: np.ndarray, place: int) -> np.ndarray:
        return rotate(vector, *rotary_caches(place, 2 * half), layout=layout)

    assert np.linalg.norm(turn(query, m)) == pytest.approx(np.linalg.norm(query))
    here, there = (turn(query, m + by) @ turn(key, n + by) for by in (0, shift))
    assert here == pytest.approx(there, abs=1e-9)


def operator(
    x: np.ndarray,
    cos: np.ndarray,
    sin: np.ndarray,
    ids: np.ndarray | None,
    **attributes: int,
) -> np.ndarray:
    """Run the operator of opset 23 in ONNX's reference evaluator."""
    inputs = {"X": x, "cos": cos, "sin": sin} | ({} if ids is None else {"ids": ids})
    node = helper.make_node("RotaryEmbedding", list(inputs), ["Y"], **attributes)  # type: ignore[arg-type]
    infos = [
        helper.make_tensor_value_info(
            name, helper.np_dtype_to_tensor_dtype(array.dtype), array.shape
        )
        for name, array in inputs.items()
    ]
    out = helper.make_tensor_value_info("Y", TensorProto.FLOAT, x.shape)
    model = helper.make_model(
        helper.make_graph([node], "rotary", infos, [out]),
        opset_imports=[helper.make_opsetid("", 23)],
    )
    onnx.checker.check_model(model)
    (result,) = ReferenceEvaluator(model).run(None, inputs)
    return np.asarray(result)


@pytest.mark.parametrize("interleaved", [False, True])
@pytest.mark.parametrize("rotary_dim", [0, 4])
@pytest.mark.parametrize("axes", [3, 4])
@pytest.mark.parametrize("by_id", [True, False])
def test_the_onnx_operator_agrees(
    interleaved: bool, rotary_dim: int, axes: int, by_id: bool
) -> None:
    """Distinct sizes, so that swapped axes fail; to 1e-6 in float32."""
    batch, n_heads, n_position, d_head, max_position = 2, 3, 5, 8, 11
    rng = np.random.default_rng(0)
    x = rng.standard_normal((batch, n_heads, n_position, d_head)).astype(np.float32)
    if axes == 3:
        x = x.reshape(batch, n_position, n_heads * d_head)
    ids = rng.integers(0, max_position, (batch, n_position))
    cos, sin = (
        cache.astype(np.float32) for cache in rotary_caches(range(max_position), rotary_dim or 8)
    )
    if not by_id:
        cos, sin = cos[ids], sin[ids]
    given_ids = ids if by_id else None
    ours = rotary_embedding(
        x, cos, sin, given_ids,
        interleaved=interleaved, rotary_embedding_dim=rotary_dim, num_heads=n_heads,
    )  # fmt: skip
    theirs = operator(
        x, cos, sin, given_ids,
        interleaved=int(interleaved), rotary_embedding_dim=rotary_dim, num_heads=n_heads,
    )  # fmt: skip
    assert ours.dtype == np.float32
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: rotary_caches([0], 3), "even number from 2 on, got 3"),
        (lambda: rotary_caches([0], 0), "even number from 2 on, got 0"),
        (lambda: rotate([1.0, 2.0], np.ones(2), np.ones(2)), "2 pairs do not fit"),
        (lambda: rotate([1.0, 2.0], np.ones(1), np.ones((3, 1))), "same shape"),
        (lambda: rotary_embedding(np.ones((1, 2, 6)), np.ones((2, 1)), np.ones((2, 1))), "num_h"),
        (
            lambda: rotary_embedding(np.ones((1, 1, 2, 6)), np.ones((1, 2, 1)), np.ones((1, 2, 1))),
            "6 numbers to turn make 3 pairs; the caches hold 1 and 1",
        ),
    ],
)
def test_what_does_not_fit_is_said(make: object, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        make()  # type: ignore[operator]


def test_inputs_stay_and_whole_numbers_are_welcome() -> None:
    x = np.arange(8).reshape(2, 4)
    kept = x.copy()
    turned = rotate(x, *rotary_caches([0, 1], 4))
    np.testing.assert_array_equal(x, kept)
    assert turned.dtype == np.float64
    np.testing.assert_array_equal(turned[0], x[0])
