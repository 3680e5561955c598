"""Mistakes that teaching code is known for, computed so that they can be seen.

Nothing here is to be used for anything but showing what goes wrong.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from core.attention import Attention
from core.softmax import check_temperature, naive_softmax


def with_naive_softmax(
    attention: Attention, value: ArrayLike, *, temperature: float = 1.0
) -> Attention:
    """Compute the last two stages again as many tutorials do: without subtracting the maximum.

    Parameters
    ----------
    attention : Attention
        A computed attention; its logits are reused as they are, dtype included.
    value : array_like of real numbers, (..., n_key, d_value)
        The values that `attention` read.
    temperature : float, > 0
        Divides the logits.

    Returns
    -------
    Attention
        The same scores and logits; weights and output with every overflow left in (NaN).
        In float16 that happens from a logit of about 11.1, in float32 of about 88.7.

    Raises
    ------
    ValueError
        If `temperature` is not a finite number above 0.
    """
    check_temperature(temperature)
    dtype = attention.logits.dtype
    with np.errstate(over="ignore", invalid="ignore"):
        weights = naive_softmax((attention.logits / temperature).astype(dtype))
        output = (weights @ np.asarray(value)).astype(dtype)
    return replace(attention, weights=weights, output=output)
