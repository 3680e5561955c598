"""The encoding itself as a picture: its table, and what is alike in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st

from pages._shared import position_distance
from pages._shared.position_state import NAME, STORE
from pages._shared.position_toy import (
    SCORES,
    SIMILARITY,
    TABLE,
    TURNS,
    VISION_GRID,
    PositionState,
    Scene,
)
from pages._shared.position_work import pictured_table
from pages._shared.value_map import ValueMap, value_map
from pages._shared.words import number

# From here on a place of the grid is far away.
_FAR: Final = 10


def draw_still_picture(state: PositionState) -> None:
    """Draw the picture of an encoding that no word has a part in."""
    picture = state.shown_picture
    if picture == TABLE:
        _draw_table(state)
    elif picture == SIMILARITY:
        _draw_similarity(state)
    elif picture == VISION_GRID:
        _draw_grid(state)
    elif state.kind == "ALiBi":
        position_distance.draw_alibi(state)


def draw_live_picture(scene: Scene) -> None:
    """Draw the picture of an encoding that follows the words or numbers on the board."""
    picture = scene.state.shown_picture
    if picture == TURNS:
        position_distance.draw_turns(scene)
    elif picture == SCORES:
        position_distance.draw_scores(scene)
    elif scene.state.kind == "T5 bias":
        position_distance.draw_buckets(scene.state)


# --- sinusoids -------------------------------------------------------------------------------


def _draw_table(state: PositionState) -> None:
    table = pictured_table(state.width, state.length, state.base, state.layout)
    where = (
        "Sine and cosine of a wave stand next to each other: fast waves left, slow ones right."
        if state.layout == "interleaved"
        else "All sines stand before all cosines: fast waves left in each half, slow ones right."
    )
    waves = 2 * np.pi * float(state.base) ** (np.arange(0, state.width, 2) / state.width)
    one = ValueMap(
        title="Sinusoids",
        note=f"{state.length} positions × {state.width} numbers",
        values=table,
        rows="position",
        columns="number",
        first_column=1,
        limit=1.0,
        side=44.0,
        text=(
            f"{where} The fastest wave comes round every {number(waves[0])} positions, the slowest "
            f"every {number(waves[-1], 0 if waves[-1] > 100 else 2)}."
        ),
    )
    value_map([one], key=f"{NAME}.map", view=TABLE)


def _draw_similarity(state: PositionState) -> None:
    from pages._shared import position_charts as charts

    table = pictured_table(state.width, state.length, state.base, state.layout)
    alike = table @ table.T
    distances = np.arange(state.length)
    diagonals = [np.diagonal(alike, distance) for distance in distances]
    low, middle, high = (
        np.array([[f(one) for one in diagonals]]) for f in (np.min, np.mean, np.max)
    )
    spread = float((high - low).max())
    one = ValueMap(
        title="Similarity",
        note="dot product of two positions",
        values=alike,
        rows="position",
        columns="position",
        limit=float(np.abs(alike).max()),
        side=26.0,
        text=(
            "Every diagonal has one colour: the dot product depends on the distance alone "
            f"(differences along one: at most {spread:.0e})."
            if spread < 1e-9
            else "Diagonals are not of one colour, as the last wave has no cosine: the dot product "
            f"depends on the place too, by up to {number(spread)} at one distance."
        ),
    )
    frame = charts.distance_frame(distances, middle, spread=(low, high))
    ends = float(np.floor(low.min())), float(np.ceil(high.max()))
    spec = charts.distance_spec(
        "distance of two positions", "dot product", (0, state.length - 1), ends, curve="curve"
    )
    left, right = st.columns(2, gap="large")
    with left:
        value_map([one], key=f"{NAME}.map", view=SIMILARITY)
    with right:
        st.vega_lite_chart(
            frame, spec, alt="Dot product of two positions by their distance; at 0 it is largest"
        )


# --- the trained grid ------------------------------------------------------------------------


def _draw_grid(state: PositionState) -> None:
    from core.position_grid import D_MODEL, GRID, read_grid  # reads a file of weights

    grid = read_grid()
    row, column = state.row, state.column
    likeness = grid.likeness(row, column)
    rows, columns = np.indices(likeness.shape)
    away = np.maximum(abs(rows - row), abs(columns - column))
    near, far = (float(likeness[where].mean()) for where in (away == 1, away >= _FAR))
    class_token = grid.likeness_to_class_token()
    maps = (
        ValueMap(
            title="Likeness to one position",
            note=f"cosine with row {row + 1}, column {column + 1}; choose another",
            values=likeness,
            rows="row",
            columns="column",
            first_row=1,
            first_column=1,
            limit=1.0,
            can_choose=True,
            text=(
                f"Positions learned by a Vision Transformer, {GRID} × {GRID} of {D_MODEL} numbers: "
                f"the neighbours of row {row + 1}, column {column + 1} have a mean cosine of "
                f"{number(near)} with it, places {_FAR} or more away {number(far)}."
            ),
        ),
        ValueMap(
            title="The class token",
            note="cosine of its position with every patch's",
            values=class_token,
            rows="row",
            columns="column",
            first_row=1,
            first_column=1,
            limit=1.0,
            side=12.0,
            text=(
                "It stands nowhere in the picture, and its position is like none there: cosines "
                f"from {number(class_token.min())} to {number(class_token.max())}."
            ),
        ),
    )

    def take(place: tuple[int, int]) -> None:
        STORE.keep(replace(STORE.current, row=place[0], column=place[1]))

    value_map(maps, key=f"{NAME}.map", view=VISION_GRID, chosen=(row, column), on_choose=take)
