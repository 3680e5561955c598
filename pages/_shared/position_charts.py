"""Charts of positions: what falls with the distance, what turns, and what a table learns."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any, Final

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pages._shared.charts import Spec, without_data
from pages._shared.palette import ACCENT, CONTRAST

_INK: Final[dict[str, Any]] = {"labelColor": "currentColor", "titleColor": "currentColor"}
_HEIGHT: Final = 260
_BEYOND: Final = 1.2  # where the name of an arrow stands, in its lengths
_READABLE: Final = 0.15  # between the tips of two arrows


def distance_frame(
    distances: NDArray[Any], values: NDArray[Any], chosen: int = 0, spread: Any = None
) -> pd.DataFrame:
    """Return one row for each distance of each curve, as `distance_spec` wants it.

    Parameters
    ----------
    distances : NDArray, shape (distance,)
    values : NDArray, shape (curve, distance)
    chosen : int
        The curve that stands out.
    spread : (low, high) of NDArray, shape (curve, distance), optional
        What the values range over; nothing to be seen unless given.
    """
    low, high = (values, values) if spread is None else spread
    curve = np.repeat(np.arange(len(values)), len(distances))
    return pd.DataFrame(
        {
            "distance": np.tile(distances, len(values)),
            "value": values.ravel(),
            "low": low.ravel(),
            "high": high.ravel(),
            "curve": curve + 1,
            "chosen": curve == chosen,
        }
    )


@lru_cache(maxsize=64)
def distance_spec(
    across: str,
    up: str,
    x_domain: tuple[float, float],
    y_domain: tuple[float, float],
    *,
    stepped: bool = False,
    curve: str = "head",
) -> Spec:
    """Return the spec of curves over the distance, one of which stands out.

    Parameters
    ----------
    across, up : str
        Titles of the axes.
    x_domain, y_domain : (float, float)
        What the axes range over.
    stepped : bool
        Whether a value holds for a single distance, not between two.
    curve : str
        What a curve belongs to.
    """
    x_scale, y_scale = (alt.Scale(domain=one, nice=False) for one in (x_domain, y_domain))
    x_axis = alt.Axis(grid=False, tickCount=8, tickMinStep=1, **_INK)
    x = alt.X("distance:Q", title=across, scale=x_scale, axis=x_axis)
    y = alt.Y("value:Q", title=up, scale=y_scale, axis=alt.Axis(tickCount=5, **_INK))
    base = alt.Chart()
    band = (
        base.transform_filter("datum.chosen")
        .mark_area(opacity=0.3, color=ACCENT)
        .encode(x=x, y=alt.Y("low:Q", title=up, scale=y_scale), y2="high:Q")
    )
    how: Any = "step" if stepped else "linear"
    others = (
        base.transform_filter("!datum.chosen")
        .mark_line(interpolate=how, color="currentColor", opacity=0.35, strokeWidth=1)
        .encode(x=x, y=y, detail="curve:N")
    )
    line = base.transform_filter("datum.chosen").mark_line(
        interpolate=how, color=ACCENT, strokeWidth=2.5
    )
    points = base.mark_circle(size=60, opacity=0.01, color=ACCENT).encode(
        x=x,
        y=y,
        tooltip=[
            alt.Tooltip("curve:N", title=curve),
            alt.Tooltip("distance:Q"),
            alt.Tooltip("value:Q", format=".3f"),
        ],
    )
    return _finished(alt.layer(band, others, line.encode(x=x, y=y), points))


def turns_frame(turned: NDArray[Any], places: NDArray[Any], place: int, name: str) -> pd.DataFrame:
    """Return where one pair of a vector points at every position, as `turns_spec` wants it.

    Parameters
    ----------
    turned : NDArray, shape (position, 2)
    places : NDArray, shape (position,)
        The positions themselves.
    place : int
        The position that stands out.
    name : str
        Of the pair.
    """
    radius = np.hypot(*turned[0])  # the same at every position
    x, y = (turned / (radius or 1.0)).T
    chosen = places == place
    # Names of arrows that lie on each other could not be read.
    apart = np.hypot(x[1] - x[0], y[1] - y[0]) > _READABLE
    return pd.DataFrame(
        {
            "pair": name,
            "position": places,
            "named": chosen | apart,
            "x": x,
            "y": y,
            "beyond_x": _BEYOND * x,
            "beyond_y": _BEYOND * y,
            "first": np.arange(len(places)) == 0,
            "chosen": chosen,
        }
    )


@cache
def turns_spec() -> Spec:
    """Return the spec of one pair as arrows that turn with the position."""
    base = alt.Chart()
    across: dict[str, Any] = {"axis": None, "scale": alt.Scale(domain=[-1.4, 1.4])}
    down: dict[str, Any] = {"axis": None, "scale": alt.Scale(domain=[-1.3, 1.6])}
    x, y = alt.X("x:Q", **across), alt.Y("y:Q", **down)
    colour = alt.condition("datum.chosen", alt.value(CONTRAST), alt.value(ACCENT))
    arrows = base.mark_rule(strokeWidth=2).encode(
        x=x,
        y=y,
        x2=alt.X2Datum(0),
        y2=alt.Y2Datum(0),
        color=colour,
        tooltip=["pair:N", "position:Q"],
    )
    tips = base.mark_circle(size=70, opacity=1).encode(x=x, y=y, color=colour)
    names = (
        base.transform_filter("datum.named")
        .mark_text(color="currentColor", fontSize=12)
        .encode(x=alt.X("beyond_x:Q", **across), y=alt.Y("beyond_y:Q", **down), text="position:N")
    )
    title = (
        base.transform_filter("datum.first")
        .mark_text(color="currentColor", fontWeight="bold", fontSize=13)
        .encode(x=alt.XDatum(0, **across), y=alt.YDatum(1.5, **down), text="pair:N")
    )
    picture = alt.layer(arrows, tips, names, title).configure_view(stroke=None)
    return without_data(picture.properties(width=280, height=290))


def accuracy_frame(steps: list[int], with_positions: list[float], without: list[float]) -> Any:
    """Return one row for each measurement of each model, as `accuracy_spec` wants it."""
    return pd.DataFrame(
        {
            "step": [*steps, *steps],
            "share": [*with_positions, *without],
            "model": ["with positions"] * len(steps) + ["without"] * len(steps),
        }
    )


@cache
def accuracy_spec(n_steps: int) -> Spec:
    """Return the spec of the share of right answers as training goes on."""
    colours = alt.Scale(domain=["with positions", "without"], range=[ACCENT, CONTRAST])
    line = (
        alt.Chart()
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X(
                "step:Q",
                title="steps",
                scale=alt.Scale(domain=[0, n_steps]),
                axis=alt.Axis(grid=False, tickCount=8, **_INK),
            ),
            y=alt.Y(
                "share:Q",
                title="right answers",
                scale=alt.Scale(domain=[0, 1]),
                axis=alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1], **_INK),
            ),
            color=alt.Color(
                "model:N",
                scale=colours,
                legend=alt.Legend(title=None, orient="top", labelColor="currentColor"),
            ),
            tooltip=["model:N", "step:Q", alt.Tooltip("share:Q", format=".1%")],
        )
    )
    return _finished(line)


def _finished(chart: Any) -> Spec:
    return without_data(chart.properties(height=_HEIGHT).configure_view(stroke=None))
