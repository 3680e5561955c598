"""Attention weights forced to a value: an intervention that every trained model of the lab takes.

What a head reads is changed by hand, and the rest of the model runs on as it is: a test of what
that reading is good for.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, order=True)
class WeightEdit:
    """One attention weight forced to a value; the rest of its row is rescaled to sum to one.

    Attributes
    ----------
    layer, head : int
        Where, from 0.
    query, key : int
        Row and column of the weight: token positions, from 0.
    weight : float
        The new weight, in [0, 1].
    """

    layer: int
    head: int
    query: int
    key: int
    weight: float

    def __post_init__(self) -> None:
        if not 0.0 <= self.weight <= 1.0:
            raise ValueError(f"An attention weight lies between 0 and 1, not at {self.weight}.")


def force_weights(weights: Float32Array, edits: Sequence[WeightEdit]) -> Float32Array:
    """Set chosen weights and rescale the rest of each row touched, so that it sums to one.

    Parameters
    ----------
    weights : ndarray (head, query, key)
        Attention weights of one layer; left as they are.
    edits : sequence of WeightEdit
        Edits of that layer. Of two edits of the same weight, the later counts.

    Returns
    -------
    ndarray (head, query, key)
        `weights` itself where there is nothing to do, otherwise a changed copy. Where the rest
        of a row holds no weight to rescale, what is left is spread over it evenly.

    Raises
    ------
    ValueError
        If the weights forced in one row sum to more than one, or all of a row is forced to
        something other than one.
    """
    if not edits:
        return weights
    forced_by_row: dict[tuple[int, int], dict[int, float]] = defaultdict(dict)
    for edit in edits:
        forced_by_row[edit.head, edit.query][edit.key] = edit.weight
    edited = weights.copy()
    for (head, query), forced in forced_by_row.items():
        edited[head, query] = _force_row(weights[head, query], forced)
    return edited


def _force_row(row: Float32Array, forced: dict[int, float]) -> Float32Array:
    keys = list(forced)
    left = 1.0 - sum(forced.values())
    if left < -1e-6 or (len(keys) == row.size and left > 1e-6):
        raise ValueError(
            f"The weights forced in one row sum to {1.0 - left:.3g}; a row of attention weights "
            "sums to 1. Lower or remove one of them."
        )
    rest = row.astype(np.float64)
    rest[keys] = 0.0
    if rest.sum() <= 0.0:
        rest[:] = 1.0
        rest[keys] = 0.0
    rest *= max(left, 0.0) / max(rest.sum(), np.finfo(np.float64).tiny)
    rest[keys] = list(forced.values())
    return rest.astype(np.float32)


def edits_of_layer(edits: Sequence[WeightEdit], layer: int) -> list[WeightEdit]:
    """Return the edits that are made in one layer, in their order."""
    return [edit for edit in edits if edit.layer == layer]


def check_heads(
    dropped: Iterable[tuple[int, int]], edits: Iterable[WeightEdit], n_layers: int, n_heads: int
) -> None:
    """Raise a ValueError if a dropped head, or that of an edit, is none of the model's.

    Parameters
    ----------
    dropped : iterable of (layer, head)
    edits : iterable of WeightEdit
    n_layers, n_heads : int
        What the model has.
    """
    for layer, head in (*dropped, *((edit.layer, edit.head) for edit in edits)):
        if not (0 <= layer < n_layers and 0 <= head < n_heads):
            raise ValueError(
                f"There is no head {head} in a layer {layer}: layers run from 0 to {n_layers - 1}, "
                f"heads from 0 to {n_heads - 1}."
            )


def check_off(off: Iterable[tuple[str, int]], kinds: Sequence[str], n_layers: int) -> None:
    """Raise a ValueError if a block to switch off is none of the model's.

    Parameters
    ----------
    off : iterable of (kind, layer)
    kinds : sequence of str
        What every layer has.
    n_layers : int
    """
    for kind, layer in off:
        if kind not in kinds or not 0 <= layer < n_layers:
            raise ValueError(
                f"There is no block {kind!r} in layer {layer} to switch off: layers run from 0 to "
                f"{n_layers - 1}, and have {' and '.join(kinds)}."
            )
