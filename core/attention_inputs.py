"""What attention is given: checks that explain themselves, and the mask that all options make.

Everything here looks at shapes and options alone, so that the NumPy and the torch version of
attention share it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from core.masks import BoolArray, causal_mask, combine_masks, require_bool, sliding_window_mask
from core.softmax import check_temperature

Shape = tuple[int, ...]
Window = tuple[int | None, int | None]


def check_shapes(query: Shape, key: Shape, value: Shape) -> None:
    """Raise ValueError, naming the shapes, unless they fit together as attention needs.

    Parameters
    ----------
    query, key, value : tuple of int
        Shapes (..., n_query, d_head), (..., n_key, d_head) and (..., n_key, d_value).
    """
    shapes = f"query {query}, key {key}, value {value}"
    if min(len(query), len(key), len(value)) < 2:
        msg = f"query, key and value each need two axes or more, tokens and dimensions: {shapes}."
        raise ValueError(msg)
    if query[-1] != key[-1]:
        msg = (
            f"query has d_head {query[-1]} but key has d_head {key[-1]}: query {query}, key {key}; "
            "each score is a dot product, so both need the same last axis."
        )
        raise ValueError(msg)
    if query[-1] == 0:
        msg = f"d_head must be at least 1: query {query}, key {key}."
        raise ValueError(msg)
    if key[-2] != value[-2]:
        msg = (
            f"key has n_key {key[-2]} but value has n_key {value[-2]}: key {key}, value {value}; "
            "every key needs one value."
        )
        raise ValueError(msg)
    try:
        np.broadcast_shapes(query[:-2], key[:-2], value[:-2])
    except ValueError:
        msg = f"the leading axes do not broadcast: {shapes}; sizes must be equal or 1."
        raise ValueError(msg) from None


def check_options(scale: float | None, temperature: float, softcap: float | None) -> None:
    """Raise ValueError unless the numbers that shape the logits are in their ranges."""
    check_temperature(temperature)
    if scale is not None and not math.isfinite(scale):
        msg = f"scale must be a finite number, got {scale}; leave it out for 1 / sqrt(d_head)."
        raise ValueError(msg)
    if softcap is not None and not (math.isfinite(softcap) and softcap > 0):
        msg = f"softcap must be a finite number above 0, got {softcap}; use None for no cap."
        raise ValueError(msg)


def scores_shape(query: Shape, key: Shape) -> Shape:
    """Return the shape (..., n_query, n_key) of the scores of a query and a key."""
    return (*np.broadcast_shapes(query[:-2], key[:-2]), query[-2], key[-2])


def allowed_cells(
    mask: ArrayLike | None, causal: bool, window: Window | None, scores: Shape
) -> BoolArray | None:
    """Combine everything that says who may attend to whom, but for bias.

    Parameters
    ----------
    mask, causal, window
        As in `scaled_dot_product_attention`.
    scores : tuple of int
        The shape of the scores, (..., n_query, n_key).

    Returns
    -------
    ndarray of bool, broadcastable to (..., n_query, n_key), or None
        True = may attend. None when nothing is asked for, so that nothing need be computed.
    """
    masks: list[BoolArray] = []
    if mask is not None:
        masks.append(require_bool(mask))
        _check_broadcast(masks[0].shape, scores, "mask")
    n_query, n_key = scores[-2:]
    if causal:
        masks.append(causal_mask(n_query, n_key))
    if window is not None:
        left, right = window
        masks.append(sliding_window_mask(n_query, n_key, left=left, right=right))
    return combine_masks(*masks) if masks else None


def check_bias(bias: Shape, scores: Shape, *, is_bool: bool) -> None:
    """Raise ValueError unless a bias of this shape is numeric and fits the scores."""
    if is_bool:
        msg = f"bias is boolean, with shape {bias}; pass booleans as mask (True = may attend)."
        raise ValueError(msg)
    _check_broadcast(bias, scores, "bias")


def _check_broadcast(shape: Shape, scores: Shape, name: str) -> None:
    """Raise ValueError unless a mask or bias of `shape` broadcasts against the scores.

    It may bring leading axes of its own, but may not stretch n_query or n_key.
    """
    cells = scores[-2:]
    try:
        fits = np.broadcast_shapes(shape, scores)[-2:] == cells
    except ValueError:
        fits = False
    if not fits:
        msg = (
            f"{name} of shape {shape} does not broadcast to scores of shape {scores}; its last two "
            f"axes must be (n_query, n_key) = {cells}, or 1."
        )
        raise ValueError(msg)
