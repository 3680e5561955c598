"""The table of positions that the text encoder learned, in the same pictures as the sinusoids."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.position_likeness import by_distance, cosines_between, nearest_likeness
from core.position_table import D_MODEL, N_POSITIONS, read_table
from core.positional import sinusoidal_encoding
from pages._shared.files import Table
from pages._shared.matrix import Axis
from pages._shared.position_state import NAME, WINDOWS
from pages._shared.position_toy import TEXT_TABLE, PositionState
from pages._shared.value_map import ValueMap, value_map
from pages._shared.words import number

# The pieces that a text had at most when this model was trained; see the model's card.
TRAINED_LENGTH: Final = 128
# A position that is less like every other one stands apart.
APART: Final = 0.6
# Chance that two vectors of 384 random numbers have as large a cosine: 1 in 20.
_BY_CHANCE: Final = 2 / np.sqrt(D_MODEL)
# Numbers larger than this are few: those of position 0.
_LIMIT: Final = 0.12
_BASE: Final = 10_000.0


@dataclass(frozen=True)
class Measured:
    """What there is to say of the whole table.

    Attributes
    ----------
    length_of_first, length_seen, length_beyond : float
        Of position 0's vector; means over the other trained positions and over those beyond.
    near_seen, near_beyond : float
        Mean cosine of neighbours among the same positions.
    first : (float, float)
        Least and largest cosine of position 0 with another.
    apart : tuple of int
        Positions that are less than `APART` like every other one.
    """

    length_of_first: float
    length_seen: float
    length_beyond: float
    near_seen: float
    near_beyond: float
    first: tuple[float, float]
    apart: tuple[int, ...]


@lru_cache(maxsize=1)
def measure() -> Measured:
    """Measure the table."""
    table = read_table()
    lengths = np.linalg.norm(table, axis=1)
    cosines = cosines_between(table)
    neighbours = np.diagonal(cosines, 1)
    return Measured(
        length_of_first=float(lengths[0]),
        length_seen=float(lengths[1:TRAINED_LENGTH].mean()),
        length_beyond=float(lengths[TRAINED_LENGTH:].mean()),
        near_seen=float(neighbours[1 : TRAINED_LENGTH - 1].mean()),
        near_beyond=float(neighbours[TRAINED_LENGTH:].mean()),
        first=(float(cosines[0, 1:].min()), float(cosines[0, 1:].max())),
        apart=tuple(np.flatnonzero(nearest_likeness(cosines) < APART).tolist()),
    )


def draw(state: PositionState) -> None:
    """Draw the table, how alike its positions are, and that of sinusoids as wide beside it."""
    from pages._shared import position_charts as charts

    first, last = WINDOWS[state.window]
    table = shown_table(state.window)
    waves = sinusoidal_encoding(np.arange(first, last), D_MODEL, base=_BASE)
    learned, fixed = cosines_between(table), cosines_between(waves)
    value_map([_table_map(table, first)], key=f"{NAME}.map", view=f"{TEXT_TABLE}.{first}.{last}")
    left, middle, right = st.columns([3, 3, 5], gap="medium")
    for place, name, cosines, text in (
        (left, "Trained", learned, _cosine_text(learned, first)),
        (middle, "Sinusoids", fixed, _waves_text(fixed)),
    ):
        with place:
            one = _cosine_map(name, cosines, first, text)
            value_map([one], key=f"{NAME}.{name.lower()}", view=f"{TEXT_TABLE}.{first}.{last}")
    ranges = np.stack([by_distance(learned), by_distance(fixed)], axis=1)  # (3, curve, distance)
    low, mean, high = ranges
    distances = np.arange(last - first)
    lowest = float(np.floor(10 * low.min()) / 10)
    with right:
        st.vega_lite_chart(
            charts.distance_frame(distances, mean, spread=(low, high)),
            charts.distance_spec(
                "distance of two positions",
                "cosine",
                (0, int(distances[-1])),
                (lowest, 1.0),
                curve="1 trained, 2 sinusoids",
            ),
            alt="Mean cosine of two positions by their distance, of both tables; in words beside",
        )
        st.caption(
            "Blue: the trained table, mean and range at each distance. Grey: sinusoids of "
            f"{D_MODEL} numbers, base {_BASE:,.0f}. {_distance_text(mean)}"
        )
    st.caption(whole_text(measure()))


def shown_table(window: str) -> NDArray[np.float32]:
    """Return the positions of a window, (position, 384)."""
    return read_table()[slice(*WINDOWS[window])]


def as_table(window: str) -> Table:
    """Return the positions of a window with names for rows and columns, to be taken along."""
    rows = Axis("position", tuple(map(str, range(*WINDOWS[window]))))
    columns = Axis("number", tuple(str(column + 1) for column in range(D_MODEL)))
    return Table(shown_table(window), (rows, columns))


def whole_text(found: Measured) -> str:
    """Say what is true of the whole table."""
    apart = _listed([str(position) for position in found.apart])
    return (
        f"**Measured on all {N_POSITIONS} positions.** Position 0, where \\[CLS\\] always stands, "
        f"is like no other (cosines {number(found.first[0])} to {number(found.first[1])}), and its "
        f"vector is {found.length_of_first / found.length_seen:.1f} times as long as those up to "
        f"{TRAINED_LENGTH - 1}. Positions {apart} are the ones without any other of cosine "
        f"{number(APART)} or more: the first, and the last of texts cut at {TRAINED_LENGTH} and "
        f"{N_POSITIONS} pieces, where \\[SEP\\] stands. The model was last trained on texts of up "
        f"to {TRAINED_LENGTH} pieces: up to there vectors are shorter (mean "
        f"{number(found.length_seen)}, beyond {number(found.length_beyond)}). Neighbours are "
        f"alike on both sides ({number(found.near_seen)} and {number(found.near_beyond)}; by "
        f"chance 19 of 20 pairs would stay within ±{number(float(_BY_CHANCE))}), so what lies "
        "beyond was not drawn at random: it was learned before, on longer texts."
    )


def _table_map(table: NDArray[np.float32], first: int) -> ValueMap:
    return ValueMap(
        title="The text encoder's positions",
        note=f"{len(table)} of {N_POSITIONS} positions × {D_MODEL} numbers",
        values=table,
        rows="position",
        columns="number",
        first_row=first,
        first_column=1,
        limit=_LIMIT,
        side=64.0,
        text=(
            "A position is a row: what is added to the word that stands there. No column is a "
            "clean wave, as in the sinusoids, but many rise and fall along the positions."
        ),
    )


def _cosine_map(title: str, cosines: NDArray[np.float64], first: int, text: str) -> ValueMap:
    return ValueMap(
        title=title,
        note="cosine of two positions",
        values=cosines,
        rows="position",
        columns="position",
        first_row=first,
        first_column=first,
        limit=1.0,
        side=12.5,
        text=text,
    )


def _cosine_text(cosines: NDArray[np.float64], first: int) -> str:
    neighbours = np.diagonal(cosines, 1)
    least = int(neighbours.argmin())
    return (
        f"Neighbours have a mean cosine of {number(float(neighbours.mean()))}. The least, "
        f"{number(float(neighbours[least]))}, is that of {first + least} and {first + least + 1}."
    )


def _waves_text(cosines: NDArray[np.float64]) -> str:
    neighbours = np.diagonal(cosines, 1)
    return (
        f"Neighbours have a cosine of {number(float(neighbours.mean()))}, wherever they stand: it "
        "depends on the distance alone."
    )


def _distance_text(middle: NDArray[np.float64]) -> str:
    """Say how the trained table's likeness goes with the distance, in a few numbers."""
    mean = middle[0]
    rises = np.flatnonzero((mean[1:-1] > mean[:-2]) & (mean[1:-1] > mean[2:])) + 1
    picked = [1, *rises[:3].tolist()]
    falls = _listed(
        [f"{number(float(mean[distance]))} at distance {distance}" for distance in picked]
    )
    return f"The trained one falls, but in waves: {falls}."


def _listed(parts: Sequence[str]) -> str:
    return f"{', '.join(parts[:-1])} and {parts[-1]}" if len(parts) > 1 else "".join(parts)
