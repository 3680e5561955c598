"""PyTorch's own attention on NumPy arrays: the judge that a page can call on demand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import scaled_dot_product_attention


def torch_output(
    query: NDArray[Any],
    key: NDArray[Any],
    value: NDArray[Any],
    *,
    mask: NDArray[np.bool_] | None = None,
    scale: float | None = None,
    temperature: float = 1.0,
) -> NDArray[Any]:
    """Return the output of ``torch.nn.functional.scaled_dot_product_attention``.

    Parameters
    ----------
    query, key, value : ndarray, (..., n_query, d_head), (..., n_key, d_head), (..., n_key, d_value)
        All of one floating dtype, which is also the dtype of the result.
    mask : ndarray of bool, broadcastable to (..., n_query, n_key), optional
        True = may attend, as in PyTorch's function. (``nn.MultiheadAttention`` has it reversed.)
    scale : float, optional
        Factor on the scores; 1 / sqrt(d_head) unless given.
    temperature : float, > 0
        PyTorch has none; dividing the scale by it comes to the same.

    Returns
    -------
    ndarray, (..., n_query, d_value)
    """
    factor = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    # Copies, because torch warns of arrays that it may not write to.
    q, k, v = (torch.from_numpy(np.array(array)) for array in (query, key, value))
    allowed = None if mask is None else torch.from_numpy(np.array(mask))
    with torch.no_grad():
        output = scaled_dot_product_attention(
            q, k, v, attn_mask=allowed, scale=factor / temperature
        )
    result: NDArray[Any] = output.numpy()
    return result
