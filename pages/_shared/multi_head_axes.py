"""The axes of the multi-head page's matrices, and the bands that mark the heads on them."""

from __future__ import annotations

from pages._shared.matrix import Axis, Band
from pages._shared.multi_head_cut import MultiHeadState


def head_axis(state: MultiHeadState) -> Axis:
    """Return the axis of what every head has of its own, banded by head."""
    bands = [band_of(head, head, state.d_head) for head in range(state.n_head)]
    return Axis("head.d", _numbered(state.n_head, state.d_head), tuple(bands))


def shared_axis(state: MultiHeadState) -> Axis:
    """Return the axis of keys or values, banded by the heads that share them."""
    firsts = range(0, state.n_head, state.group)
    bands = [band_of(first, first + state.group - 1, state.d_head) for first in firsts]
    return Axis("head.d", _numbered(state.n_kv_head, state.d_head), tuple(bands))


def band_of(first: int, last: int, width: int = 1) -> Band:
    """Return the band of one head, or of those up to another, over so many indices."""
    label = f"{first + 1}" if first == last else f"{first + 1}\N{EN DASH}{last + 1}"
    if width > 1:  # there is room for it
        label = f"head{'s' * (last > first)} {label}"
    return Band(label, width, first)


def model_axis(state: MultiHeadState) -> Axis:
    """Return the axis of a word's numbers."""
    return Axis("d_model", state.toy.coordinates)


def _numbered(n_head: int, d_head: int) -> tuple[str, ...]:
    return tuple(f"{head + 1}.{i + 1}" for head in range(n_head) for i in range(d_head))
