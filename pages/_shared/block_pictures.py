"""What an open block computed, as pictures: a matrix for each tensor, of the chosen head."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.named_tensor import NamedTensor
from pages._shared.block_choice import ALL
from pages._shared.block_words import shape_of
from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.value_map import ValueMap
from pages._shared.words import number

HEAD: Final = "head"
# So many numbers are sent at once; of more, one tensor at a time is drawn.
MOST_AT_ONCE: Final = 60_000
_FEW: Final = 4
# A map of more words is drawn in blocks of them.
MOST_WORDS: Final = 256
_SIDE: Final = 20.0
_LEAST_SIDE: Final = 11.0
# Colours end where all but so many of a hundred numbers are, if the others are far beyond.
_PERCENTILE: Final = 99.5
_FAR: Final = 2.0

Float32Array = NDArray[np.float32]
Names = tuple[str, ...] | None


def is_square(tensor: NamedTensor) -> bool:
    """Tell whether a tensor is scores or weights: queries by keys."""
    return tensor.axes[-2:] == ("query", "key")


def is_table(tensor: NamedTensor) -> bool:
    """Tell whether a tensor is probabilities of answers: better read as a list than as colours."""
    return tensor.scale == "probability" and tensor.axes == ("row", "answer")


def n_heads_in(tensors: Sequence[NamedTensor]) -> int:
    """Return how many heads the tensors have, 0 if none has any."""
    return max((one.shape[0] for one in tensors if one.axes[:1] == (HEAD,)), default=0)


def is_too_much(tensors: Sequence[NamedTensor]) -> bool:
    """Tell whether the tensors are too large to be drawn all at once."""
    return sum(_of_head(one, 0).size for one in tensors if not is_table(one)) > MOST_AT_ONCE


def main_tensor(tensors: Sequence[NamedTensor]) -> int:
    """Return the index of the tensor that says most: the weights, what is bent, or the last."""
    names = [one.name for one in tensors]
    for name in ("weights", "active"):
        if name in names:
            return names.index(name)
    return len(tensors) - 1


def shown_in(tensors: Sequence[NamedTensor], shown: int) -> int:
    """Return which tensor a choice means, from 1, or `ALL`; see `BlockChoice.shown`."""
    if 0 < shown <= len(tensors) or (shown == ALL and not is_too_much(tensors)):
        return shown
    few = len(tensors) <= _FEW and not is_too_much(tensors)
    return ALL if few else main_tensor(tensors) + 1


def shown_tensors(tensors: Sequence[NamedTensor], shown: int) -> tuple[NamedTensor, ...]:
    """Return the tensors to draw."""
    which = shown_in(tensors, shown)
    return tuple(tensors) if which == ALL else (tensors[which - 1],)


def runs_of(tensors: Sequence[NamedTensor]) -> list[tuple[str, list[NamedTensor]]]:
    """Cut tensors into runs drawn alike: "maps", "head maps", "squares" (of heads) or "table"."""
    runs: list[tuple[str, list[NamedTensor]]] = []
    for one in tensors:
        maps = "head maps" if one.axes[:1] == (HEAD,) else "maps"
        kind = "squares" if is_square(one) else "table" if is_table(one) else maps
        if runs and runs[-1][0] == kind:
            runs[-1][1].append(one)
        else:
            runs.append((kind, [one]))
    return runs


def map_of(tensor: NamedTensor, head: int) -> ValueMap:
    """Return a tensor as a picture, rows named where they have names."""
    values, (rows, columns), names = _matrix(tensor, head)
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    limit, cut = _limit(tensor, finite)
    of_head = f" of head {head + 1}" if tensor.axes[:1] == (HEAD,) else ""
    shape = f"{shape_of(tensor.shape)}: {' × '.join(tensor.axes)}"
    said = f"{tensor.note} From {number(low)} to {number(high)}."
    if cut:
        said += f" Colours end at {number(limit)}: few numbers are beyond."
    wide = values.shape[1]
    return ValueMap(
        title=_title(tensor.name, of_head),
        note=shape,
        values=np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0),
        rows=rows,
        columns=columns,
        limit=limit,
        text=said.strip(),
        first_row=1,
        first_column=1,
        scale="diverging" if tensor.scale == "diverging" else "sequential",
        side=_SIDE if wide > 64 else max(_LEAST_SIDE, _SIDE * wide / 64),
        row_names=names or (),
    )


def square_of(tensor: NamedTensor, head: int) -> tuple[Float32Array, Names, Names, str]:
    """Return scores or weights of a head, names of queries and keys, and what is left out.

    What a mask blocks is NaN. Of many words a cell stands for several and is the largest of them.
    """
    values = _of_head(tensor, head)
    values = np.where(np.isfinite(values), values, np.float32(np.nan)).astype(np.float32)
    queries, keys = tensor.labels[-2:]
    size = -(-max(values.shape) // MOST_WORDS)
    if size == 1:
        return values, _named(queries, values.shape[0]), _named(keys, values.shape[1]), ""
    small = _in_blocks(values, size)
    said = f"A cell stands for {size} × {size} tokens and shows the largest of them."
    rows, columns = (
        tuple(f"{start + 1} to {min(start + size, whole)}" for start in range(0, whole, size))
        for whole in values.shape
    )
    return small, rows, columns, said


def take_block(tensors: Sequence[NamedTensor]) -> dict[str, Tabular]:
    """Return the tensors as tables that can be taken along, under their names."""
    return {
        one.name.replace(" ", "_"): Table(
            one.values,
            tuple(
                Axis(axis, _named(names, size))
                for axis, names, size in zip(one.axes, one.labels, one.shape, strict=True)
            ),
        )
        for one in tensors
    }


def _title(name: str, of_head: str) -> str:
    if name == "heads" and of_head:
        return f"Output{of_head}"
    return f"{name[0].upper()}{name[1:]}{of_head}"


def _matrix(tensor: NamedTensor, head: int) -> tuple[Float32Array, tuple[str, str], Names]:
    """Return what is drawn of a tensor as a matrix, its two axes, and the names of its rows."""
    values = _of_head(tensor, head)
    first = len(tensor.axes) - values.ndim
    axes, names = tensor.axes[first:], tensor.labels[first:]
    if values.ndim == 0:
        return values.reshape(1, 1), ("number", "number"), None
    if values.ndim == 1:
        return values[None], ("row", axes[0]), None
    flat = values.reshape(values.shape[0], -1)
    return flat, (axes[0], " × ".join(axes[1:])), names[0]


def _of_head(tensor: NamedTensor, head: int) -> Float32Array:
    if tensor.axes[:1] != (HEAD,):
        return tensor.values
    one: Float32Array = tensor.values[min(head, tensor.shape[0] - 1)]
    return one


def _in_blocks(values: Float32Array, size: int) -> Float32Array:
    """Return the largest number of every block; a block that is blocked throughout stays so."""
    for axis in (0, 1):
        edges = np.arange(0, values.shape[axis], size)
        values = np.fmax.reduceat(values, edges, axis=axis)
    return values


def _limit(tensor: NamedTensor, finite: Float32Array) -> tuple[float, bool]:
    """Return where the colours end, and whether numbers lie beyond."""
    if tensor.scale != "diverging":
        return 1.0, False
    if not finite.size:
        return 1.0, False
    sizes = np.abs(finite)
    most, many = float(sizes.max()), float(np.percentile(sizes, _PERCENTILE))
    if 0 < many < most / _FAR:
        return many, True
    return most or 1.0, False


def _named(names: Names, size: int) -> tuple[str, ...]:
    return names or tuple(map(str, range(1, size + 1)))


def all_weights(tensors: Sequence[NamedTensor]) -> NDArray[np.float32] | None:
    """Return the weights of all heads, (head, query, key), if there are any."""
    found = (one.values for one in tensors if one.scale == "weights" and is_square(one))
    return next(found, None)
