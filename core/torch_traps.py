"""What PyTorch itself makes of the mistakes in `core.traps`: computed, not retold."""

from __future__ import annotations

from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import multi_head_attention_forward, scaled_dot_product_attention

Array = NDArray[Any]


def torch_filled(scores: Array, mask: NDArray[np.bool_], fill: float) -> Array:
    """Return ``torch.softmax(scores.masked_fill(~mask, fill), -1)``.

    Parameters
    ----------
    scores : ndarray, (n_query, n_key)
        Of a floating dtype, which is also that of the result.
    mask : ndarray of bool, broadcastable to the shape of `scores`
        True = may attend.
    fill : float

    Returns
    -------
    ndarray, (n_query, n_key)
        NaN in rows that are wholly ``-inf``.

    Raises
    ------
    ValueError
        If `fill` is beyond the numbers of the dtype: in the words in which PyTorch refuses it.
    """
    tensor, allowed = _tensor(scores), _tensor(mask)
    try:
        filled = tensor.masked_fill(~allowed, fill)
    except RuntimeError as error:
        raise ValueError(str(error).splitlines()[0]) from error
    return _array(torch.softmax(filled, dim=-1))


def torch_sdpa_weights(
    query: Array, key: Array, mask: NDArray[np.bool_] | None = None, *, causal: bool = False
) -> Array:
    """Return the weights that ``scaled_dot_product_attention`` reads with.

    It does not hand them out; but what it reads from an identity matrix are its weights.

    Parameters
    ----------
    query, key : ndarray, (n_query, d_head) and (n_key, d_head)
        Of one floating dtype.
    mask : ndarray of bool, (n_query, n_key), optional
        Passed on as ``attn_mask``: True = may attend.
    causal : bool
        Passed on as ``is_causal``; not together with a mask.

    Returns
    -------
    ndarray, (n_query, n_key)
    """
    q, k = _tensor(query), _tensor(key)
    allowed = None if mask is None else _tensor(mask)
    value = torch.eye(len(k), dtype=k.dtype)
    with torch.no_grad():
        return _array(
            scaled_dot_product_attention(q, k, value, attn_mask=allowed, is_causal=causal)
        )


def torch_multihead_weights(query: Array, key: Array, mask: NDArray[np.bool_]) -> Array:
    """Return the weights of PyTorch's multi-head attention with one head and no projections.

    What ``nn.MultiheadAttention`` calls, with identity matrices in place of learned ones.

    Parameters
    ----------
    query, key : ndarray, (n_query, d_head) and (n_key, d_head)
        Of one floating dtype.
    mask : ndarray of bool, (n_query, n_key)
        Passed on as ``attn_mask`` just as it is. There True = blocked.

    Returns
    -------
    ndarray, (n_query, n_key)
        NaN in rows where everything is blocked.
    """
    q, k = (_tensor(array).unsqueeze(1) for array in (query, key))  # (length, batch of 1, d_head)
    size = q.shape[-1]
    one = torch.eye(size, dtype=q.dtype)
    with torch.no_grad():
        _, weights = multi_head_attention_forward(
            q, k, k, size, 1, one.repeat(3, 1), None, None, None, False, 0.0, one, None,
            training=False, need_weights=True, attn_mask=_tensor(mask),
        )  # fmt: skip
    return _array(cast(torch.Tensor, weights)[0])


def _tensor(array: Array) -> torch.Tensor:
    # A copy, because torch warns of arrays that it may not write to.
    return torch.from_numpy(np.array(array))


def _array(tensor: torch.Tensor) -> Array:
    array: Array = tensor.numpy()
    return array
