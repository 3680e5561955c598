"""The torch twin against the NumPy version, torch's own attention and finite differences."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention as torch_sdpa

from core.attention import scaled_dot_product_attention as numpy_attention
from core.torch_attention import TorchAttention, scaled_dot_product_attention

BATCH, HEAD, N_QUERY, N_KEY, D_HEAD, D_VALUE = 2, 3, 5, 7, 11, 13
STAGES = ("scores", "logits", "weights", "output")


@pytest.fixture(autouse=True)
def one_thread() -> None:
    torch.set_num_threads(1)


def draw(*leading: int, dtype: torch.dtype = torch.float64) -> tuple[Tensor, Tensor, Tensor]:
    generator = torch.Generator().manual_seed(0)
    shapes = ((N_QUERY, D_HEAD), (N_KEY, D_HEAD), (N_KEY, D_VALUE))
    query, key, value = (
        torch.randn(*leading, *shape, generator=generator, dtype=torch.float64).to(dtype)
        for shape in shapes
    )
    return query, key, value


def blocking_bias() -> NDArray[np.float64]:
    rng = np.random.default_rng(1)
    bias = rng.standard_normal((N_QUERY, N_KEY))
    bias[rng.random(bias.shape) < 0.3] = -np.inf
    bias[1] = -np.inf
    return bias


def holey_mask(*shape: int) -> NDArray[np.bool_]:
    mask = np.random.default_rng(2).random(shape) < 0.6
    mask[..., 3, :] = False  # one row is wholly blocked
    return mask


def agree(ours: TorchAttention, theirs: Any, *, atol: float = 1e-12) -> None:  # noqa: ANN401
    for stage in STAGES:
        got, expected = getattr(ours, stage).numpy(), getattr(theirs, stage)
        assert got.shape == expected.shape, stage
        np.testing.assert_allclose(got, expected, rtol=0, atol=atol, err_msg=stage)


OPTIONS: dict[str, dict[str, Any]] = {
    "none": {},
    "mask": {"mask": holey_mask(BATCH, 1, N_QUERY, N_KEY)},
    "bias": {"bias": blocking_bias()},
    "causal": {"causal": True},
    "scale": {"scale": 0.7},
    "scale of 1": {"scale": 1.0},
    "temperature": {"temperature": 0.3},
    "tiny temperature": {"temperature": 1e-320},
    "softcap": {"softcap": 1.5},
    "window": {"window": (1, 2)},
    "everything": {
        "mask": holey_mask(N_QUERY, N_KEY),
        "bias": blocking_bias(),
        "causal": True,
        "scale": 0.9,
        "temperature": 1.7,
        "softcap": 2.5,
        "window": (2, None),
    },
}


def as_tensors(options: dict[str, Any]) -> dict[str, Any]:
    return {
        name: torch.from_numpy(option) if isinstance(option, np.ndarray) else option
        for name, option in options.items()
    }


@pytest.mark.parametrize("name", OPTIONS)
def test_twins_agree(name: str) -> None:
    query, key, value = draw(BATCH, HEAD)
    options = OPTIONS[name]
    ours = scaled_dot_product_attention(query, key, value, **as_tensors(options))
    agree(ours, numpy_attention(query.numpy(), key.numpy(), value.numpy(), **options))


@given(
    st.tuples(*[st.integers(0, 4)] * 2, *[st.integers(1, 4)] * 2),
    st.booleans(),
    st.none() | st.tuples(*[st.none() | st.integers(0, 3)] * 2),
    st.none() | st.floats(0.1, 5),
    st.floats(0.1, 5),
    st.integers(0, 99),
)
def test_twins_agree_on_any_shape(
    sizes: tuple[int, int, int, int],
    causal: bool,
    window: tuple[int | None, int | None] | None,
    softcap: float | None,
    temperature: float,
    seed: int,
) -> None:
    n_query, n_key, d_head, d_value = sizes
    rng = np.random.default_rng(seed)
    arrays = [
        rng.standard_normal(shape)
        for shape in ((n_query, d_head), (n_key, d_head), (n_key, d_value))
    ]
    mask = rng.random((n_query, n_key)) < 0.7
    options: dict[str, Any] = {"causal": causal, "window": window, "softcap": softcap}
    options["temperature"] = temperature
    query, key, value = (torch.from_numpy(array) for array in arrays)
    ours = scaled_dot_product_attention(query, key, value, mask=torch.from_numpy(mask), **options)
    agree(ours, numpy_attention(*arrays, mask=mask, **options), atol=1e-11)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("leading", [(), (BATCH,), (BATCH, HEAD)])
def test_agrees_with_torch(leading: tuple[int, ...], causal: bool) -> None:
    query, key, value = draw(*leading)
    ours = scaled_dot_product_attention(query, key, value, causal=causal)
    expected = torch_sdpa(query, key, value, is_causal=causal)
    torch.testing.assert_close(ours.output, expected, rtol=0, atol=1e-12)


def test_leading_axes_broadcast() -> None:
    query, key, value = draw(BATCH, HEAD)
    ours = scaled_dot_product_attention(query, key[:, :1], value[0, 0])
    agree(ours, numpy_attention(query.numpy(), key[:, :1].numpy(), value[0, 0].numpy()))


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_dtype_is_kept(dtype: torch.dtype) -> None:
    query, key, value = draw(dtype=dtype)
    bias = torch.zeros(N_QUERY, N_KEY, dtype=torch.float64)
    attention = scaled_dot_product_attention(query, key, value, bias=bias)
    assert {getattr(attention, stage).dtype for stage in STAGES} == {dtype}


def test_mixed_dtypes_promote_and_integers_become_float64() -> None:
    query, key, value = draw()
    mixed = scaled_dot_product_attention(query.half(), key.float(), value)
    assert mixed.output.dtype == torch.float64
    whole = torch.ones(2, 2, dtype=torch.int64)
    assert scaled_dot_product_attention(whole, whole, whole).output.dtype == torch.float64


def test_float16_is_computed_in_float32() -> None:
    # Only the results are rounded: half a unit in the last place (2**-11) from the exact ones.
    query, key, value = draw(BATCH, HEAD, dtype=torch.float16)
    ours = scaled_dot_product_attention(query, key, value, softcap=2.0)
    exact = scaled_dot_product_attention(query.double(), key.double(), value.double(), softcap=2.0)
    for stage in STAGES:
        got, expected = getattr(ours, stage).double(), getattr(exact, stage)
        torch.testing.assert_close(got, expected, rtol=1.01 * 2**-11, atol=1e-6)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_the_smallest_temperatures_pick_the_largest(dtype: torch.dtype) -> None:
    query, key, value = draw(dtype=dtype)
    weights = scaled_dot_product_attention(query, key, value, temperature=1e-320).weights
    assert torch.equal(weights.amax(dim=-1), torch.ones(N_QUERY, dtype=dtype))


@pytest.mark.parametrize("bad", [torch.nan, torch.inf, -torch.inf])
@pytest.mark.parametrize("how", ["mask", "bias"])
def test_blocked_means_blocked_for_a_broken_key(bad: float, how: str) -> None:
    query, key, value = draw()
    mask = torch.arange(N_KEY) != 2
    bias = torch.zeros(N_KEY).masked_fill(~mask, -torch.inf)
    option = {"mask": mask} if how == "mask" else {"bias": bias}
    clean = scaled_dot_product_attention(query, key, value, **option).output
    key[2] = bad
    torch.testing.assert_close(
        scaled_dot_product_attention(query, key, value, **option).output, clean
    )


# --- gradients -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["none", "mask", "causal", "temperature", "softcap", "everything"])
def test_gradients_against_finite_differences(name: str) -> None:
    options = as_tensors(OPTIONS[name])
    inputs = [tensor.requires_grad_() for tensor in draw(BATCH, 1)]

    def stages(*tensors: Tensor) -> tuple[Tensor, ...]:
        query, key, value = tensors
        attention = scaled_dot_product_attention(query, key, value, **options)
        return attention.scores, attention.weights, attention.output

    assert torch.autograd.gradcheck(stages, inputs, fast_mode=True)


def test_gradient_of_the_bias_against_finite_differences() -> None:
    query, key, value = draw()
    bias = torch.randn(
        N_QUERY, N_KEY, dtype=torch.float64, generator=torch.Generator().manual_seed(3)
    )
    assert torch.autograd.gradcheck(
        lambda b: scaled_dot_product_attention(query, key, value, bias=b).output,
        bias.requires_grad_(),
    )


@pytest.mark.parametrize("temperature", [1.0, 0.5])
@pytest.mark.parametrize("how", ["mask", "bias"])
def test_wholly_blocked_rows_have_zero_output_and_finite_gradients(
    how: str, temperature: float
) -> None:
    inputs = [tensor.requires_grad_() for tensor in draw()]
    mask = torch.from_numpy(holey_mask(N_QUERY, N_KEY))
    bias = torch.zeros(N_QUERY, N_KEY, dtype=torch.float64).masked_fill(~mask, -torch.inf)
    option = {"mask": mask} if how == "mask" else {"bias": bias.requires_grad_()}
    attention = scaled_dot_product_attention(*inputs, **option, temperature=temperature)
    assert (attention.weights[3] == 0).all()
    assert (attention.output[3] == 0).all()
    (attention.output.square().sum() + attention.weights.square().sum()).backward()
    for tensor in (*inputs, *option.values()):
        if tensor.requires_grad:
            assert tensor.grad is not None
            assert torch.isfinite(tensor.grad).all()
    query_gradient = inputs[0].grad
    assert query_gradient is not None
    assert (query_gradient[3] == 0).all()
    assert (query_gradient[0] != 0).any()


@pytest.mark.parametrize("bad", [torch.nan, torch.inf])
def test_a_blocked_value_reaches_neither_output_nor_gradients(bad: float) -> None:
    query, key, value = draw()
    mask = torch.ones(N_QUERY, N_KEY, dtype=torch.bool)
    mask[:3, 2] = False
    value[2, 4] = bad
    twin = numpy_attention(query.numpy(), key.numpy(), value.numpy(), mask=mask.numpy())
    query.requires_grad_()
    key.requires_grad_()
    attention = scaled_dot_product_attention(query, key, value, mask=mask)
    np.testing.assert_allclose(attention.output.detach().numpy(), twin.output, atol=1e-12)
    assert torch.isfinite(attention.output[:3]).all()
    attention.output[:3].sum().backward()
    for tensor in (query, key):
        assert tensor.grad is not None
        assert torch.isfinite(tensor.grad).all()


# --- errors and promises ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mask": torch.zeros(N_QUERY, N_KEY)}, "mask must be boolean"),
        ({"mask": torch.ones(N_KEY, N_QUERY) > 0}, r"mask of shape \(7, 5\) .*shape \(5, 7\)"),
        ({"bias": torch.zeros(N_KEY, N_QUERY)}, r"bias of shape \(7, 5\) .*shape \(5, 7\)"),
        ({"bias": torch.ones(N_QUERY, N_KEY) > 0}, "bias is boolean"),
        ({"temperature": 0.0}, "temperature must be"),
        ({"softcap": -1.0}, "softcap must be"),
        ({"scale": float("inf")}, "scale must be"),
    ],
)
def test_options_out_of_range_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        scaled_dot_product_attention(*draw(), **options)


def test_shapes_and_dtypes_that_do_not_fit_are_named() -> None:
    query, key, value = draw()
    with pytest.raises(ValueError, match=r"d_head 13 .*d_head 11: query \(7, 13\), key \(7, 11\)"):
        scaled_dot_product_attention(value, key, value)
    with pytest.raises(ValueError, match=r"real numbers .*bool"):
        scaled_dot_product_attention(query > 0, key > 0, value > 0)


@pytest.mark.parametrize("name", OPTIONS)
def test_inputs_are_never_changed(name: str) -> None:
    options = as_tensors(OPTIONS[name])
    inputs = (*draw(), *(option for option in options.values() if isinstance(option, Tensor)))
    copies = [tensor.clone() for tensor in inputs]
    query, key, value = inputs[:3]
    scaled_dot_product_attention(query, key, value, **options)
    assert all(torch.equal(tensor, copy) for tensor, copy in zip(inputs, copies, strict=True))


def test_no_option_means_no_extra_work() -> None:
    """Count the operations that are as large as the attention map: they are what costs."""
    query, key, value = draw(1, HEAD)
    with torch.profiler.profile(record_shapes=False) as profile:
        scaled_dot_product_attention(query, key, value)
    names = [event.name for event in profile.events()]
    assert names.count("aten::bmm") == 2
    assert names.count("aten::_softmax") == 1
    forbidden = {"aten::where", "aten::masked_fill", "aten::isfinite", "aten::tanh", "aten::div"}
    assert not forbidden & set(names)
