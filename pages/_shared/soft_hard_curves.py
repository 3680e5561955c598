"""Curves of a training: what was measured, against the steps, a line for each method."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import altair as alt
import numpy as np
import pandas as pd

from core.key_settings import METHODS
from pages._shared.charts import Spec, without_data
from pages._shared.soft_hard_controls import METHOD_COLOURS, METHOD_NAMES

if TYPE_CHECKING:
    from core.key_training import KeyRun

MEASURES: Final = {
    "found": "Finds the key (share)",
    "loss": "Loss, nats",
    "entropy": "Entropy, nats",
    "variance": "Gradient variance",
}
_AXIS: Final[dict[str, Any]] = {"labelColor": "currentColor", "titleColor": "currentColor"}
_DOMAINS: Final[dict[str, list[float]]] = {
    "found": [0, 1],
    "loss": [0, 2],
    "entropy": [0, 2.8],
}


def curves_frame(run: KeyRun) -> pd.DataFrame:
    """Return a row for each method and measured step: mean, least and most of the repeats."""
    rows = []
    for point in run.curve:
        for place, method in enumerate(run.settings.methods):
            row: dict[str, object] = {"step": point.step, "method": METHOD_NAMES[method]}
            for measure in ("found", "loss", "entropy"):
                repeats = getattr(point, measure)[place]
                row |= {
                    measure: repeats.mean(),
                    f"{measure}_low": repeats.min(),
                    f"{measure}_high": repeats.max(),
                }
            variance = point.variance[place]
            # Soft draws nothing: its variance of 0 has no place on a logarithmic scale.
            row["variance"] = variance if variance > 0 else np.nan
            rows.append(row)
    return pd.DataFrame(rows)


@cache
def curve_spec(measure: str, n_steps: int) -> Spec:
    """Return the spec of one measure against the steps, a line for each method."""
    base = alt.Chart().transform_filter(f"isValid(datum.{measure})")
    x = alt.X(
        "step:Q",
        scale=alt.Scale(domain=[0, n_steps], nice=False),
        axis=alt.Axis(title="step", tickCount=4, **_AXIS),
    )
    if measure == "variance":
        # Wide enough for all methods at any step and τ; Vega warns of a domain that no data give.
        scale = alt.Scale(type="log", domain=[1e-6, 10], clamp=True)
        label = "format(datum.value, datum.value < 0.001 ? '~e' : '~g')"
        axis = alt.Axis(title=None, values=[1e-6, 1e-4, 0.01, 1], labelExpr=label, **_AXIS)
    else:
        scale = alt.Scale(domain=_DOMAINS[measure], nice=False, clamp=True)
        axis = alt.Axis(title=None, tickCount=4, **_AXIS)
    methods = alt.Scale(
        domain=[METHOD_NAMES[m] for m in METHODS], range=[METHOD_COLOURS[m] for m in METHODS]
    )
    colour = alt.Color("method:N", scale=methods, legend=None)
    tooltip = [
        alt.Tooltip("method:N"),
        alt.Tooltip("step:Q"),
        alt.Tooltip(f"{measure}:Q", format=".3~g"),
    ]
    lines = base.mark_line(strokeWidth=2.2, point={"size": 9, "filled": True}).encode(
        x=x, y=alt.Y(f"{measure}:Q", scale=scale, axis=axis), color=colour, tooltip=tooltip
    )
    layers = [lines]
    if measure != "variance":
        band = base.mark_area(opacity=0.18).encode(
            x=x,
            y=alt.Y(f"{measure}_low:Q", scale=scale, axis=axis),
            y2=f"{measure}_high:Q",
            color=colour,
        )
        layers = [band, lines]
    picture = alt.layer(*layers).properties(
        width=165, height=140, title=MEASURES[measure], autosize="pad"
    )
    return without_data(picture.configure_view(stroke=None).configure_title(fontSize=12))
