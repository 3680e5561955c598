"""The state of the first page: one query among three words; and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention import Attention, scaled_dot_product_attention
from core.packing import Schema, numbers
from pages._shared.link_changes import changes_of, with_changes
from pages._shared.page_store import PageStore

NAME: Final = "overview"
READER: Final = "it"
WORDS: Final = ("animal", "street", "tired")
BOUNDS: Final = (-5.0, 5.0)
START: Final[Mapping[str, NDArray[np.float64]]] = {
    "query": np.array([[2.0, 1.0]]),
    "key": np.array([[2.0, 1.0], [-1.0, 2.0], [1.0, -1.0]]),
    "value": np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]),
}


@dataclass(frozen=True, eq=False)
class OverviewState:
    """What a reader can change: query (1, 2), key (3, 2) and value (3, 2)."""

    query: NDArray[np.float64]
    key: NDArray[np.float64]
    value: NDArray[np.float64]

    @staticmethod
    def start() -> OverviewState:
        """Return the page as it starts."""
        return OverviewState(**START)

    def arrays(self) -> dict[str, NDArray[np.float64]]:
        """Return the three matrices by name."""
        return {"query": self.query, "key": self.key, "value": self.value}


@dataclass(frozen=True, eq=False)
class Scene:
    """What the page shows: its state and what was computed from it."""

    state: OverviewState
    attention: Attention


def see(state: OverviewState) -> Scene:
    """Compute what the page shows in a state."""
    return Scene(state, scaled_dot_product_attention(state.query, state.key, state.value))


def pack(state: OverviewState) -> dict[str, Any]:
    """Return the values that a link carries."""
    return {name: changes_of(array, START[name]) for name, array in state.arrays().items()}


def unpack(values: Mapping[str, Any]) -> OverviewState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If a matrix has another size.
    """
    return OverviewState(**{name: with_changes(base, values[name]) for name, base in START.items()})


def _widgets(state: OverviewState, loads: int) -> dict[str, object]:
    del state, loads  # the board is all there is, and its version follows the loads
    return {}


_MATRIX: Final = numbers(3, 2, *BOUNDS)
STORE: Final = PageStore(
    name=NAME,
    start=OverviewState.start,
    schema=Schema(version=1, fields=dict.fromkeys(START, _MATRIX)),
    pack=pack,
    unpack=unpack,
    widgets=_widgets,
)
