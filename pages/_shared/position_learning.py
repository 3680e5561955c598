"""Learning a table of positions live, beside a model that has none."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.position_likeness import cosines_between
from core.positional import start_table
from pages._shared.position_state import BOUNDS, NAME, STORE
from pages._shared.position_toy import D_MODEL, N_POSITIONS, PositionState
from pages._shared.training import Trainer, prepare_torch
from pages._shared.value_map import ValueMap, value_map
from pages._shared.words import number

if TYPE_CHECKING:
    from core.position_training import OrderRun

N_STEPS: Final = 200
TASK: Final = (
    "**The task:** eight words, an A and a B among them. Did A come first? A model with one "
    "attention learns its words, its projections and its table of positions; a second one learns "
    "all but positions."
)
_TAKEN: Final = f"{NAME}.taken"


@dataclass(frozen=True)
class OrderSettings:
    """What a training starts with."""

    seed: int


def _begin(settings: OrderSettings) -> OrderRun:
    prepare_torch()
    from core.position_training import begin

    return begin(settings.seed)


def _advance(run: OrderRun) -> OrderRun:
    from core.position_training import advance

    return advance(run)


TRAINER: Final = Trainer[OrderSettings, "OrderRun"](
    key=f"{NAME}.training",
    begin=_begin,
    advance=_advance,
    done=lambda run: run.step,
    total=lambda settings: N_STEPS,
)


def draw_learning() -> None:
    """Draw the training: button, progress and curves, which each round draws anew.

    What was learned goes to the page's own table when the training ends or is stopped.
    """
    state = STORE.current
    kept = TRAINER.draw(OrderSettings(state.seed))
    if kept is None:
        return
    is_new = not kept.running and kept.serial != learned_version()
    if is_new and kept.settings.seed == state.seed:
        st.session_state[_TAKEN] = kept.serial
        STORE.keep(replace(state, learned=_as_shown(kept.run.table)))
        st.rerun()  # board and maps show another table
    _draw_curve(kept.run)
    if not kept.running and not np.array_equal(_as_shown(kept.run.table), state.learned):
        said = "The page's table is another one by now."
        if kept.run.step == N_STEPS:
            said += f" Train with seed {kept.settings.seed} to have this one back."
        st.caption(said)


def learned_version() -> int:
    """Return a number that a training changes when it puts its table on the page."""
    return int(st.session_state.get(_TAKEN, 0))


def _as_shown(table: NDArray[np.float64]) -> NDArray[np.float64]:
    # In two decimals, as the board shows it and a link carries it.
    shown: NDArray[np.float64] = np.clip(table.round(2), *BOUNDS) + 0.0
    return shown


def draw_likeness(state: PositionState) -> None:
    """Draw how alike the positions are: as drawn at random, and in the page's table now."""
    before = start_table(N_POSITIONS, D_MODEL, state.seed)
    maps = [
        _likeness_map("Before", "drawn at random", before),
        _likeness_map("Now", "the page's table", state.learned),
    ]
    value_map(maps, key=f"{NAME}.learned", view="learned")


def _likeness_map(title: str, note: str, table: NDArray[np.float64]) -> ValueMap:
    cosines = cosines_between(table)
    neighbours, ends = float(np.diag(cosines, 1).mean()), float(cosines[0, -1])
    return ValueMap(
        title=f"Likeness of positions: {title.lower()}",
        note=note,
        values=cosines,
        rows="position",
        columns="position",
        limit=1.0,
        side=14.0,
        text=(
            f"Mean cosine of neighbours {number(neighbours)}, of the first and the last position "
            f"{number(ends)}."
        ),
    )


def _draw_curve(run: OrderRun) -> None:
    from pages._shared import position_charts as charts

    curve = run.curve
    last = curve[-1]
    frame = charts.accuracy_frame(
        [one.step for one in curve],
        [one.accuracy for one in curve],
        [one.accuracy_without for one in curve],
    )
    st.vega_lite_chart(
        frame,
        charts.accuracy_spec(N_STEPS),
        alt="Right answers by steps, with positions and without; in words below",
    )
    st.caption(
        f"After {last.step} steps, on 500 new sentences: {last.accuracy:.1%} right with "
        f"positions, {last.accuracy_without:.1%} without (guessing gives 50%)."
    )
