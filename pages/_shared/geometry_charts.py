"""Two planes for attention in two dimensions: arrows to compare, points to average."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.geometry import convex_hull
from pages._shared.charts import Spec, without_data
from pages._shared.palette import ACCENT, CONTRAST

_LABEL: Final[dict[str, Any]] = {"color": "currentColor", "fontSize": 12}


def geometry_frame(
    query: NDArray[Any],
    key: NDArray[Any],
    value: NDArray[Any],
    weights: NDArray[Any],
    output: NDArray[Any],
    tokens: tuple[str, ...],
) -> pd.DataFrame:
    """Return the arrows and points of one query in two dimensions, for both specs below.

    Parameters
    ----------
    query : NDArray, shape (2,)
    key, value : NDArray, shape (n_key, 2)
    weights : NDArray, shape (n_key,)
    output : NDArray, shape (2,)
    tokens : tuple of str
        Labels of the keys.
    """
    rows = [("arrow", "query", "query", *query, 1.0)]
    rows += [("arrow", "key", t, *k, w) for t, k, w in zip(tokens, key, weights, strict=True)]
    rows += [("point", "value", t, *v, w) for t, v, w in zip(tokens, value, weights, strict=True)]
    rows += [("point", "output", "output", *output, 1.0)]
    corners = convex_hull(value)
    rows += [("hull", "hull", "", *corner, 1.0) for corner in (*corners, corners[0])]
    frame = pd.DataFrame(rows, columns=["shape", "kind", "label", "x", "y", "weight"])
    frame["order"] = np.arange(len(frame))
    # Vega turns a triangle clockwise from "up".
    frame["angle"] = np.degrees(np.arctan2(frame["x"], frame["y"]))
    return frame.astype({"x": float, "y": float, "weight": float})


@cache
def arrows_spec(limit: float) -> Spec:
    """Return the spec of the query and the keys as arrows in a plane from -limit to limit."""
    base = alt.Chart().transform_filter("datum.shape == 'arrow' && isValid(datum.weight)")
    place = _plane(limit)
    shafts = (
        base.transform_calculate(zero="0")
        .mark_rule()
        .encode(
            **place,
            x2=alt.X2Datum(0),
            y2=alt.Y2Datum(0),
            color=_colour(),
            strokeWidth=alt.StrokeWidth(
                "weight:Q", scale=alt.Scale(domain=[0, 1], range=[1, 6]), legend=None
            ),
        )
    )
    tips = base.mark_point(shape="triangle", filled=True, size=110, opacity=1).encode(
        **place,
        color=_colour(),
        angle=alt.Angle("angle:Q", scale=alt.Scale(domain=[-180, 180], range=[-180, 180])),
        tooltip=_tooltip(),
    )
    # Beyond the tip, where no shaft is.
    names = base.mark_text(
        align=alt.expr("datum.x < 0 ? 'right' : 'left'"),
        dx=alt.expr("datum.x < 0 ? -10 : 10"),
        dy=alt.expr("datum.y < 0 ? 12 : -9"),
        **_LABEL,
    ).encode(**place, text="label:N")
    return _finish([shafts, tips, names], "The query among the keys")


@cache
def average_spec(limit: float) -> Spec:
    """Return the spec of the output among the values, in a plane from -limit to limit."""
    base = alt.Chart().transform_filter("datum.shape == 'point' && isValid(datum.weight)")
    place = _plane(limit)
    hull = (
        alt.Chart()
        .transform_filter("datum.shape == 'hull'")
        .mark_line(strokeDash=[4, 3], filled=True, fillOpacity=0.08, fill=ACCENT, stroke=ACCENT)
        .encode(**place, order="order:Q")
    )
    values = (
        base.transform_filter("datum.kind == 'value'")
        .mark_circle(opacity=0.75)
        .encode(
            **place,
            color=_colour(),
            size=alt.Size("weight:Q", scale=alt.Scale(domain=[0, 1], range=[30, 600]), legend=None),
            tooltip=_tooltip(),
        )
    )
    output = (
        base.transform_filter("datum.kind == 'output'")
        .mark_point(shape="diamond", filled=True, size=190, opacity=1)
        .encode(**place, color=_colour(), tooltip=_tooltip())
    )
    layers = [hull, values, output, *_point_labels(base, place)]
    return _finish(layers, "The output among the values")


def _plane(limit: float) -> dict[str, Any]:
    scale = alt.Scale(domain=[-limit, limit], nice=False)
    axis = alt.Axis(grid=True, tickCount=5, labelColor="currentColor", titleColor="currentColor")
    return {
        "x": alt.X("x:Q", scale=scale, axis=axis, title="coordinate 1"),
        "y": alt.Y("y:Q", scale=scale, axis=axis, title="coordinate 2"),
    }


def _colour() -> alt.Color:
    kinds = alt.Scale(
        domain=["query", "key", "value", "output"], range=[CONTRAST, ACCENT, ACCENT, CONTRAST]
    )
    return alt.Color("kind:N", scale=kinds, legend=None)


def _tooltip() -> list[alt.Tooltip]:
    numbers = [alt.Tooltip(f"{name}:Q", format=".2f") for name in ("x", "y", "weight")]
    return [alt.Tooltip("kind:N"), alt.Tooltip("label:N"), *numbers]


def _point_labels(base: alt.Chart, place: dict[str, Any]) -> list[alt.Chart]:
    others = base.transform_filter("datum.kind != 'output'").mark_text(
        dx=12, dy=-10, align="left", **_LABEL
    )
    # On the other side: the output often lies on a value.
    output = base.transform_filter("datum.kind == 'output'").mark_text(
        dx=-12, dy=14, align="right", **_LABEL
    )
    return [part.encode(**place, text="label:N") for part in (others, output)]


def _finish(layers: list[alt.Chart], title: str) -> Spec:
    # "pad" keeps the plane square: the axes are drawn outside of its 300 x 300 pixels.
    square = alt.layer(*layers).properties(width=300, height=300, title=title, autosize="pad")
    return without_data(square)
