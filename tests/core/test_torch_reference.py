"""The judge that a page calls on demand is PyTorch's own function, rightly called."""

from __future__ import annotations

import numpy as np
import pytest

from core.attention import scaled_dot_product_attention
from core.torch_reference import torch_output

RNG = np.random.default_rng(0)
# Distinct primes, so that swapped axes cannot pass.
QUERY, KEY, VALUE = (RNG.normal(size=shape) for shape in ((5, 3), (7, 3), (7, 2)))
MASK = RNG.random((5, 7)) < 0.6


def by_hand(scale: float, mask: np.ndarray | None = None) -> np.ndarray:
    """Attention in plain loops, in float64."""
    output = np.zeros((5, 2))
    for i in range(5):
        allowed = [j for j in range(7) if mask is None or mask[i, j]]
        powers = [np.exp(scale * sum(QUERY[i] * KEY[j])) for j in allowed]
        for j, power in zip(allowed, powers, strict=True):
            output[i] += power / sum(powers) * VALUE[j]
    return output


def test_plain_attention_divides_by_the_root_of_d_head() -> None:
    np.testing.assert_allclose(torch_output(QUERY, KEY, VALUE), by_hand(3**-0.5), rtol=1e-12)


def test_true_may_attend() -> None:
    output = torch_output(QUERY, KEY, VALUE, mask=MASK)
    np.testing.assert_allclose(output, by_hand(3**-0.5, MASK), rtol=1e-12)


def test_a_mask_of_one_row_serves_every_query() -> None:
    output = torch_output(QUERY, KEY, VALUE, mask=MASK[:1])
    repeated = np.repeat(MASK[:1], 5, axis=0)
    np.testing.assert_allclose(output, by_hand(3**-0.5, repeated), rtol=1e-12)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("scale", [1.0, 0.25])
def test_temperature_divides_the_scale(scale: float, temperature: float) -> None:
    output = torch_output(QUERY, KEY, VALUE, scale=scale, temperature=temperature)
    np.testing.assert_allclose(output, by_hand(scale / temperature), rtol=1e-12)


def test_a_blocked_row_is_zero_as_in_the_lab() -> None:
    mask = MASK.copy()
    mask[2] = False
    output = torch_output(QUERY, KEY, VALUE, mask=mask)
    assert (output[2] == 0).all()
    ours = scaled_dot_product_attention(QUERY, KEY, VALUE, mask=mask).output
    np.testing.assert_allclose(output, ours, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_the_dtype_is_kept_and_read_only_arrays_are_welcome(
    dtype: str, recwarn: pytest.WarningsRecorder
) -> None:
    arrays = [array.astype(dtype) for array in (QUERY, KEY, VALUE)]
    for array in arrays:
        array.setflags(write=False)
    output = torch_output(*arrays)
    assert output.dtype == dtype
    assert not [warning for warning in recwarn if "writ" in str(warning.message)]
