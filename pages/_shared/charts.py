"""Altair pictures. A spec is built once and cached as a dict; each rerun swaps only its data."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pages._shared.palette import ACCENT
from pages._shared.words import number

Spec = dict[str, Any]

_ROW_HEIGHT: Final = 34
# A line for less would say that something is read where nothing is, or next to nothing.
_THINNEST: Final = 0.002
_TEXT: Final[dict[str, Any]] = {"color": "currentColor", "fontSize": 13}
# Where things stand on the horizontal axis of the lines: query words end at 0, lines run from
# 0 to 1, key words start there, and a bar of weight 1 runs from _BARS to _BARS + 1.
_BARS: Final = 1.55
_FROM_HOVERED_ELSE_CHOSEN: Final = (
    "isValid(hover.query) ? datum.query == hover.query[0] : datum.chosen"
)


def links_frame(
    weights: NDArray[Any], queries: tuple[str, ...], keys: tuple[str, ...], chosen_query: int
) -> pd.DataFrame:
    """Return one row for each weight, as `links_spec` wants it.

    Parameters
    ----------
    weights : NDArray, shape (n_query, n_key)
    queries, keys : tuple of str
        Labels of the rows and of the columns.
    chosen_query : int
        The row that the bars show while the pointer is elsewhere.
    """
    n_query, n_key = weights.shape
    query = np.repeat(np.arange(n_query), n_key)
    key = np.tile(np.arange(n_key), n_query)
    return pd.DataFrame(
        {
            "query": query,
            "key": key,
            "reader": [queries[i] for i in query],
            "source": [keys[j] for j in key],
            "weight": np.nan_to_num(weights, nan=0.0).ravel().astype(float),
            "text": [number(weight) for weight in weights.ravel()],
            "chosen": query == chosen_query,
        }
    )


@cache
def links_spec(n_row: int) -> Spec:
    """Return the spec of attention as lines, with the hovered (or chosen) row as bars.

    One layered view, because Vega draws one view much faster than several.

    Parameters
    ----------
    n_row : int
        The larger of n_query and n_key; sets the height.
    """
    hover = alt.selection_point(
        name="hover", fields=["query"], on="mouseover", clear="mouseout", empty=True
    )
    down = alt.Scale(domain=[-1.1, n_row - 0.4], reverse=True, nice=False)
    across = alt.Scale(domain=[-0.55, _BARS + 1.15], nice=False)
    y_query = alt.Y("query:Q", scale=down, axis=None)
    y_key = alt.Y("key:Q", scale=down, axis=None)

    def x_at(place: float) -> alt.XDatum:
        return alt.XDatum(place, scale=across, axis=None)

    base = alt.Chart()
    lines = (
        base.transform_filter(f"datum.weight >= {_THINNEST}")
        .transform_calculate(left="0", right="1")
        .mark_rule(strokeCap="round", color=ACCENT)
        .encode(
            x=alt.X("left:Q", scale=across, axis=None),
            x2="right:Q",
            y=y_query,
            y2="key:Q",
            strokeWidth=alt.StrokeWidth(
                "weight:Q", scale=alt.Scale(domain=[0, 1], range=[0.3, 9]), legend=None
            ),
            opacity=alt.when(hover).then(alt.value(0.85)).otherwise(alt.value(0.08)),
            tooltip=[
                alt.Tooltip("reader:N", title="query"),
                alt.Tooltip("source:N", title="key"),
                alt.Tooltip("weight:Q", format=".4f"),
            ],
        )
        .add_params(hover)
    )
    readers = (
        base.transform_filter("datum.key == 0")
        .mark_text(align="right", dx=-8, limit=90, **_TEXT)
        .encode(x=x_at(0), y=y_query, text="reader:N")
    )
    sources = (
        base.transform_filter("datum.query == 0")
        .mark_text(align="left", dx=8, limit=90, **_TEXT)
        .encode(x=x_at(1), y=y_key, text="source:N")
    )
    shown = base.transform_filter(_FROM_HOVERED_ELSE_CHOSEN).transform_calculate(
        start=str(_BARS), end=f"{_BARS} + datum.weight"
    )
    bars = shown.mark_bar(color=ACCENT, height=17).encode(
        x=alt.X("start:Q", scale=across, axis=None), x2="end:Q", y=y_key
    )
    numbers = shown.mark_text(align="left", dx=5, **_TEXT).encode(
        x=alt.X("end:Q", scale=across, axis=None), y=y_key, text="text:N"
    )
    heading = (
        shown.transform_filter("datum.key == 0")
        .transform_calculate(heading="'“' + datum.reader + '” reads'")
        .mark_text(align="left", fontWeight="bold", **_TEXT)
        .encode(x=x_at(_BARS), y=alt.YDatum(-0.8, scale=down), text="heading:N")
    )
    first = base.transform_filter("datum.key == 0 && datum.query == 0")
    above = alt.YDatum(-0.8, scale=down)
    query_column = first.mark_text(align="right", dx=-8, fontWeight="bold", **_TEXT).encode(
        x=x_at(0), y=above, text=alt.TextDatum("query")
    )
    key_column = first.mark_text(align="left", dx=8, fontWeight="bold", **_TEXT).encode(
        x=x_at(1), y=above, text=alt.TextDatum("key")
    )
    picture = alt.layer(lines, readers, sources, bars, numbers, heading, query_column, key_column)
    return without_data(
        picture.properties(height=_ROW_HEIGHT * (n_row + 1)).configure_view(stroke=None)
    )


def without_data(chart: alt.TopLevelMixin) -> Spec:
    """Return the chart as a dict that reads whatever data it is drawn with.

    Drawing swaps the data, so a spec is built and checked only once.
    """
    spec: Spec = _drop_data(chart.to_dict(validate=True))
    return spec


def _drop_data(part: Any) -> Any:
    if isinstance(part, dict):
        return {
            name: _drop_data(inner)
            for name, inner in part.items()
            if name not in ("data", "datasets")
        }
    return [_drop_data(inner) for inner in part] if isinstance(part, list) else part
