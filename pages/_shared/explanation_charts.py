"""Curves of deletion and insertion: the output against the share of patches, a line for each."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, Final

import altair as alt
import pandas as pd

from core.faithfulness import Direction
from core.sweeps import TrialSweep
from pages._shared.charts import Spec, without_data
from pages._shared.explanation_words import CHANCE, COLOURS

_AXIS: Final[dict[str, Any]] = {"labelColor": "currentColor", "titleColor": "currentColor"}
_TITLES: Final[dict[Direction, tuple[str, str]]] = {
    "deletion": ("Deletion: low is better", "share of patches hidden"),
    "insertion": ("Insertion: high is better", "share of patches shown"),
}


def curves_frame(sweep: TrialSweep, direction: Direction) -> pd.DataFrame:
    """Return a row for each explanation and share; of the random orders mean, least and most.

    Curves that are not through yet are left out.
    """
    trial = sweep.trial
    shares = [count / trial.counts[-1] for count in trial.counts]
    rows: list[dict[str, object]] = []
    for name, order in trial.orders:
        outputs = sweep.curve(order, direction) or ()
        rows += [
            {"share": share, "name": name, "output": output, "low": output, "high": output}
            for share, output in zip(shares, outputs, strict=False)
        ]
    at_random = [curve for order in trial.at_random if (curve := sweep.curve(order, direction))]
    for point, share in enumerate(shares if at_random else ()):
        drawn = [curve[point] for curve in at_random]
        row = {"share": share, "name": CHANCE, "output": sum(drawn) / len(drawn)}
        rows.append({**row, "low": min(drawn), "high": max(drawn)})
    return pd.DataFrame(rows, columns=["share", "name", "output", "low", "high"])


def heights(frame: pd.DataFrame) -> tuple[float, float]:
    """Return the tenths that the curves of a frame of `curves_frame` lie between."""
    low, high = float(frame["low"].min()), float(frame["high"].max())
    below, above = math.floor(10 * low), math.ceil(10 * high)
    return below / 10, max(above, below + 1) / 10


@cache
def curve_spec(direction: Direction, unit: str, low: float, high: float) -> Spec:
    """Return the spec of one direction: a line for each explanation, a band of random orders.

    `low` and `high` are the ends of the axis, as `heights` gives them: left to itself the browser
    would look for them in data that have not arrived yet, and complain.
    """
    title, x_title = _TITLES[direction]
    x = alt.X(
        "share:Q",
        scale=alt.Scale(domain=[0, 1], nice=False),
        axis=alt.Axis(title=x_title, format="%", tickCount=5, **_AXIS),
    )
    scale = alt.Scale(domain=[low, high], nice=False)
    axis = alt.Axis(title=unit, tickCount=5, **_AXIS)
    names = alt.Scale(domain=list(COLOURS), range=list(COLOURS.values()))
    colour = alt.Color("name:N", scale=names, legend=None)
    tooltip = [
        alt.Tooltip("name:N", title="order"),
        alt.Tooltip("share:Q", title=x_title, format=".0%"),
        alt.Tooltip("output:Q", title=unit, format=".3f"),
    ]
    base = alt.Chart()
    band = base.mark_area(opacity=0.2).encode(
        x=x, y=alt.Y("low:Q", scale=scale, axis=axis), y2="high:Q", color=colour
    )
    band = band.transform_filter(alt.datum.name == CHANCE)
    lines = base.mark_line(strokeWidth=2.2, point={"size": 14, "filled": True}).encode(
        x=x, y=alt.Y("output:Q", scale=scale, axis=axis), color=colour, tooltip=tooltip
    )
    picture = alt.layer(band, lines).properties(width=300, height=200, title=title, autosize="pad")
    return without_data(picture.configure_view(stroke=None).configure_title(fontSize=13))
