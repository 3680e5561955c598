"""The encoding itself as a picture: its table, and what is alike in it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.position_likeness import by_distance
from pages._shared import position_distance
from pages._shared.position_learning import draw_likeness
from pages._shared.position_state import NAME, STORE
from pages._shared.position_toy import (
    SCORES,
    SIMILARITY,
    TABLE,
    TEXT_TABLE,
    TRAIN,
    TURNS,
    VISION_GRID,
    PositionState,
    Scene,
)
from pages._shared.position_words import at_most
from pages._shared.position_work import pictured_table
from pages._shared.value_map import ValueMap, value_map
from pages._shared.words import number

# Sums of sines and cosines differ by less where they are the same.
ROUNDING: Final = 1e-9
# A narrower band looks like a line.
SEEN: Final = 0.02
# From here on a place of the grid is far away.
_FAR: Final = 10


def draw_still_picture(state: PositionState) -> None:
    """Draw the picture of an encoding that no word has a part in."""
    picture = state.shown_picture
    if picture == TABLE:
        _draw_table(state)
    elif picture == SIMILARITY:
        _draw_similarity(state)
    elif picture == TEXT_TABLE:
        from pages._shared import trained_positions  # reads a file of weights

        trained_positions.draw(state)
    elif picture == VISION_GRID:
        _draw_grid(state)
    elif state.kind == "ALiBi":
        position_distance.draw_alibi(state)


def draw_live_picture(scene: Scene) -> None:
    """Draw the picture of an encoding that follows the words or numbers on the board."""
    picture = scene.state.shown_picture
    if picture == TRAIN:
        draw_likeness(scene.state)
    elif picture == TURNS:
        position_distance.draw_turns(scene)
    elif picture == SCORES:
        position_distance.draw_scores(scene)
    elif scene.state.kind == "T5 bias":
        position_distance.draw_buckets(scene.state)


# --- sinusoids -------------------------------------------------------------------------------


def _draw_table(state: PositionState) -> None:
    table = pictured_table(state.width, state.length, state.base, state.layout)
    one = ValueMap(
        title="Sinusoids",
        note=f"{state.length} positions × {state.width} number{'s' * (state.width > 1)}",
        values=table,
        rows="position",
        columns="number",
        first_column=1,
        limit=1.0,
        side=44.0,
        text=_waves_text(state),
    )
    value_map([one], key=f"{NAME}.map", view=TABLE)


def _waves_text(state: PositionState) -> str:
    """Say where the waves stand in the table, and how long they are."""
    if state.width <= 2:
        only = "one wave, its sine alone" if state.width == 1 else "one wave, sine and cosine"
        return f"There is {only}. It comes round every {number(2 * np.pi)} positions."
    where = (
        "Sine and cosine of a wave stand next to each other"
        if state.layout == "interleaved"
        else "All sines stand before all cosines"
    )
    lone = " The last wave has no cosine." if state.width % 2 else ""
    if state.base == 1:
        return f"{where}.{lone} All waves come round every {number(2 * np.pi)} positions."
    slow_right = "in each half " if state.layout == "halves" else ""
    slowest = 2 * np.pi * float(state.base) ** (2 * ((state.width - 1) // 2) / state.width)
    return (
        f"{where}: {slow_right}fast waves left, slow ones right.{lone} The fastest comes round "
        f"every {number(2 * np.pi)} positions, the slowest every "
        f"{f'{slowest:,.0f}' if slowest > 100 else number(slowest)}."
    )


def _draw_similarity(state: PositionState) -> None:
    from pages._shared import position_charts as charts

    table = pictured_table(state.width, state.length, state.base, state.layout)
    alike = table @ table.T
    distances = np.arange(state.length)
    low, middle, high = by_distance(alike)[:, np.newaxis]
    spread = float((high - low).max())
    one = ValueMap(
        title="Similarity",
        note="dot product of two positions",
        values=alike,
        rows="position",
        columns="position",
        limit=float(np.abs(alike).max()),
        side=26.0,
        text=_similarity_text(middle[0], spread),
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
            frame, spec, alt="Dot product of two positions by their distance; in words beside"
        )


def _similarity_text(by_distance: NDArray[np.float64], spread: float) -> str:
    """Say what the dot product of two positions depends on, and how it falls."""
    far = len(by_distance) - 1
    falls = f"{number(by_distance[0])} at distance 0, {number(by_distance[far])} at {far}"
    if spread < ROUNDING:
        return (
            "Every diagonal has one colour: the dot product depends on the distance alone "
            f"(differences along one: {at_most(spread)}); {falls}."
        )
    seen = "The band shows that, the line the mean" if spread >= SEEN else "That is not to be seen"
    return (
        "The last wave has no cosine, so the dot product depends on the place too: at one distance "
        f"it differs by up to {spread:.2g}. {seen}: {falls}."
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
