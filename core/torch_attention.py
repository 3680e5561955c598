"""Scaled dot-product attention in torch: the twin of `core.attention`, with gradients.

The same options, the same order (scale, softcap, bias, mask, temperature), the same results to
rounding; see `core.attention` for their meaning and sources. It is written out, rather than handed
to `torch.nn.functional.scaled_dot_product_attention`, because the fused kernels return no weights.
Options that are not asked for cost nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce

import torch
from torch import Tensor

from core.attention_inputs import (
    Window,
    allowed_cells,
    check_bias,
    check_options,
    check_shapes,
    scores_shape,
)


@dataclass(frozen=True, eq=False)
class TorchAttention:
    """Every stage of one attention, from scores to output, as tensors.

    Attributes
    ----------
    query, key : Tensor, (..., n_query, d_head) and (..., n_key, d_head)
        What was compared, in the dtype that was computed in.
    logits : Tensor, (..., n_query, n_key)
        What softmax is given, before the temperature; ``-inf`` in blocked cells.
    weights : Tensor, (..., n_query, n_key)
        In [0, 1]; every row sums to 1, or to 0 where nothing may be attended to.
    output : Tensor, (..., n_query, d_value)
    """

    query: Tensor
    key: Tensor
    logits: Tensor
    weights: Tensor
    output: Tensor

    @property
    def scores(self) -> Tensor:
        """``query @ key^T``, neither scaled nor masked, (..., n_query, n_key).

        Computed when asked for: with many tokens, another pass over all cells is what costs time.
        """
        return (self.query @ self.key.transpose(-2, -1)).to(self.output.dtype)


def scaled_dot_product_attention(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    *,
    mask: Tensor | None = None,
    bias: Tensor | None = None,
    causal: bool = False,
    scale: float | None = None,
    temperature: float = 1.0,
    softcap: float | None = None,
    window: Window | None = None,
) -> TorchAttention:
    """Let every query read the values, weighted by how well it matches the keys.

    Parameters
    ----------
    query : Tensor of real numbers, (..., n_query, d_head)
    key : Tensor of real numbers, (..., n_key, d_head)
    value : Tensor of real numbers, (..., n_key, d_value)
        Leading axes broadcast.
    mask : Tensor of bool, broadcastable to (..., n_query, n_key), optional
        True = may attend.
    bias : Tensor of real numbers, broadcastable to (..., n_query, n_key), optional
        Added to the scaled (and softcapped) scores. ``-inf`` blocks a cell.
    causal, scale, temperature, softcap, window
        As in `core.attention.scaled_dot_product_attention`.

    Returns
    -------
    TorchAttention
        In the common dtype of query, key and value (float64 for integers), computed in at least
        float32, differentiable in query, key, value and bias.

    Raises
    ------
    ValueError
        As `core.attention.scaled_dot_product_attention`.

    Notes
    -----
    Rows with nothing to attend to have weights, output and gradients of 0, never NaN. NaN or inf in
    a blocked value reaches neither the output nor a gradient of the queries, keys and bias;
    output cells that it does reach pass no gradient on. NaN in a blocked *key* stays out of the
    output, but its queries' gradients are NaN, as 0 * NaN is.
    """
    check_shapes(tuple(query.shape), tuple(key.shape), tuple(value.shape))
    check_options(scale, temperature, softcap)
    dtype = _result_dtype(query, key, value)
    q, k, v = (t.to(torch.promote_types(dtype, torch.float32)) for t in (query, key, value))
    allowed = _allowed_cells(mask, causal, window, q, k)
    can_block = allowed is not None or bias is not None

    # Scaling the query (n_query x d_head) is cheaper than scaling the scores (n_query x n_key).
    scaled_query = q * (1 / math.sqrt(q.shape[-1]) if scale is None else scale)
    logits = scaled_query @ k.transpose(-2, -1)  # (..., n_query, n_key)
    if softcap is not None:
        logits = softcap * torch.tanh(logits / softcap)
    if bias is not None:
        logits = _add_bias(logits, bias)
    if allowed is not None:
        logits = torch.where(allowed, logits, -torch.inf)
    tempered = _temper(logits, temperature)
    weights = _masked_softmax(tempered) if can_block else torch.softmax(tempered, dim=-1)
    output = _read_visible(weights, v, logits) if can_block else weights @ v
    return TorchAttention(q, k, logits.to(dtype), weights.to(dtype), output.to(dtype))


def _result_dtype(*tensors: Tensor) -> torch.dtype:
    """Return the common dtype of the tensors, float64 if that is an integer type."""
    dtype = reduce(torch.promote_types, (t.dtype for t in tensors))
    if dtype == torch.bool or dtype.is_complex:
        msg = f"Expected tensors of real numbers (float or int), got dtype {dtype}."
        raise ValueError(msg)
    return dtype if dtype.is_floating_point else torch.float64


def _allowed_cells(
    mask: Tensor | None, causal: bool, window: Window | None, query: Tensor, key: Tensor
) -> Tensor | None:
    """Combine mask, causal and window into one bool tensor, or None if none is asked for."""
    # A mask is bool and has no gradient, so the NumPy version can do this for both.
    array = None if mask is None else mask.detach().cpu().numpy()
    scores = scores_shape(tuple(query.shape), tuple(key.shape))
    allowed = allowed_cells(array, causal, window, scores)
    return None if allowed is None else torch.from_numpy(allowed).to(query.device)


def _add_bias(logits: Tensor, bias: Tensor) -> Tensor:
    """Add `bias` in the dtype of `logits`; -inf blocks even a NaN or +inf score."""
    check_bias(tuple(bias.shape), tuple(logits.shape), is_bool=bias.dtype == torch.bool)
    b = bias.to(logits)
    return torch.where(torch.isneginf(b), b, logits + b)


def _temper(logits: Tensor, temperature: float) -> Tensor:
    """Divide by the temperature, after subtracting the row maximum so that nothing overflows."""
    if temperature == 1.0 or logits.shape[-1] == 0:
        return logits
    limits = torch.finfo(logits.dtype)
    # A constant shift of a row leaves its weights alone: no gradient. The clamp keeps -inf - peak
    # at -inf in wholly blocked rows.
    peak = logits.detach().amax(dim=-1, keepdim=True).clamp(min=limits.min)
    return (logits - peak) / max(temperature, limits.tiny)


def _masked_softmax(logits: Tensor) -> Tensor:
    """Softmax over the keys, with weights and gradients of 0 in wholly blocked rows.

    Such a row is replaced on both sides of the softmax: softmax of -inf throughout is NaN, and so
    is its gradient, even where a later step discards the values.
    """
    blocked = torch.isneginf(logits).all(dim=-1, keepdim=True)  # (..., n_query, 1)
    weights = torch.softmax(logits.masked_fill(blocked, 0.0), dim=-1)
    return weights.masked_fill(blocked, 0.0)


def _read_visible(weights: Tensor, value: Tensor, logits: Tensor) -> Tensor:
    """Average the values, keeping NaN and inf from queries that may not see them."""
    finite = torch.isfinite(value)
    if finite.all():
        return weights @ value
    clean = weights @ value.masked_fill(~finite, 0.0)
    visible = ~torch.isneginf(logits)
    touched = visible.to(value.dtype) @ (~finite).to(value.dtype) > 0
    # Detached, because the gradient of this product is NaN even where `where` drops it.
    return torch.where(touched, (weights @ value).detach(), clean)
