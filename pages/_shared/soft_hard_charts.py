"""Pictures of draws that pile up, and of outputs that follow a score, or jump."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeAlias

import altair as alt
import numpy as np
import pandas as pd

from core.draws import expected_error
from core.hard_attention import KINDS, SOFT
from pages._shared.charts import Spec, without_data
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.soft_hard_scene import FREQUENCIES, ROWS, Scene
from pages._shared.soft_hard_words import kind_name
from pages._shared.words import number

View: TypeAlias = alt.LayerChart | alt.FacetChart

_TEXT: Final[dict[str, Any]] = {"color": "currentColor", "fontSize": 12}
_AXIS: Final[dict[str, Any]] = {"labelColor": "currentColor", "titleColor": "currentColor"}
# With its axis it fits on a telephone.
_WIDTH: Final = 275
_HEIGHT: Final = 165
_EVERY: Final = 3
# A finite difference beyond this is a jump: the smooth kinds stay below it, see `gradient_limit`.
_ROOM: Final = 1.25


# ---- draws


def draws_frame(scene: Scene) -> pd.DataFrame:
    """Return a row for each key, and one for each number of draws.

    Of a key: its soft weight, and how often it was drawn. Of a number of draws: the error after
    them, and what was to be expected.
    """
    soft, sizes = scene.weights[ROWS.index(SOFT)], scene.draws.sizes
    keys = pd.DataFrame(
        {
            "place": np.arange(len(scene.state.tokens)),
            "key": list(scene.state.tokens),
            "weight": soft,
            "frequency": scene.draws.frequencies,
            "text": [number(share, 3) for share in scene.draws.frequencies],
        }
    )
    errors = pd.DataFrame(
        {
            "draws": sizes,
            "error": scene.draws.errors,
            "expected": expected_error(soft, sizes),
        }
    )
    # A logarithm has no place for 0: the line has a gap there.
    return pd.concat([keys, errors.where(errors > 0)], ignore_index=True)


@cache
def draws_spec(n_key: int) -> Spec:
    """Return the spec of the frequencies and, below them, of the error as the draws grow.

    One spec for both, because the browser draws one much faster than two.
    """
    return _stacked(_frequencies(n_key), _errors())


def _frequencies(n_key: int) -> View:
    """Draw frequencies as bars, with the soft weights as ticks across them."""
    base = alt.Chart().transform_filter("isValid(datum.place)")
    down = alt.Y("place:O", axis=None)
    across = alt.Scale(domain=[-0.35, 1.0], nice=False)
    axis = alt.Axis(title="share of the draws", values=[0, 0.5, 1], format="~g", **_AXIS)
    tooltip = [
        alt.Tooltip("key:N"),
        alt.Tooltip("weight:Q", format=".4f", title="soft weight"),
        alt.Tooltip("frequency:Q", format=".4f"),
    ]
    bars = (
        base.transform_calculate(zero="0")
        .mark_bar(color=ACCENT, height=alt.RelativeBandSize(0.6))
        .encode(
            x=alt.X("zero:Q", scale=across, axis=axis), x2="frequency:Q", y=down, tooltip=tooltip
        )
    )
    ticks = base.mark_tick(color=CONTRAST, thickness=3, height=alt.RelativeBandSize(0.9)).encode(
        x=alt.X("weight:Q", scale=across, axis=axis), y=down, tooltip=tooltip
    )
    names = base.mark_text(align="right", dx=-6, limit=80, **_TEXT).encode(
        x=alt.XDatum(0, scale=across), y=down, text="key:N"
    )
    shares = (
        base.transform_calculate(end="max(datum.weight, datum.frequency)")
        .mark_text(align="left", dx=8, **_TEXT)
        .encode(x=alt.X("end:Q", scale=across, axis=axis), y=down, text="text:N")
    )
    picture: View = alt.layer(bars, ticks, names, shares).properties(
        width=_WIDTH, height=max(110, 26 * n_key), title=_above("Drawn (bars) and soft (ticks)")
    )
    return picture


def _errors() -> View:
    """Draw the error as the draws grow, both on logarithmic scales."""
    base = alt.Chart().transform_filter("isValid(datum.draws)")
    x = alt.X(
        "draws:Q",
        scale=alt.Scale(type="log", domain=[1, 10_000], nice=False),
        axis=alt.Axis(title="draws", values=[1, 10, 100, 1_000, 10_000], format=",d", **_AXIS),
    )
    scale = alt.Scale(type="log", domain=[0.0005, 2], clamp=True, nice=False)
    axis = alt.Axis(title="error", values=[0.001, 0.01, 0.1, 1], format="~g", **_AXIS)
    expected = base.mark_line(color=CONTRAST, strokeDash=[6, 4], strokeWidth=2).encode(
        x=x, y=alt.Y("expected:Q", scale=scale, axis=axis)
    )
    errors = base.mark_line(color=ACCENT, strokeWidth=2).encode(
        x=x, y=alt.Y("error:Q", scale=scale, axis=axis)
    )
    picture: View = alt.layer(expected, errors).properties(
        width=_WIDTH, height=_HEIGHT, title=_above("Error, and what is expected of it (dashes)")
    )
    return picture


# ---- gradients


def sweep_frame(scene: Scene) -> pd.DataFrame:
    """Return a row for each kind and place of the swept score."""
    chosen = _chosen_kind(scene)
    parts = [
        pd.DataFrame(
            {
                "kind": kind_name(kind),
                "chosen": kind == chosen,
                "score": sweep.places,
                "output": sweep.output,
                "gradient": sweep.gradient,
                "difference": sweep.difference,
                "dot": np.arange(len(sweep.places)) % _EVERY == 0,
                "here": scene.scaled[scene.state.chosen_key],
            }
        )
        for kind, sweep in scene.sweeps.items()
    ]
    return pd.concat(parts, ignore_index=True)


def gradient_limit(scene: Scene) -> float:
    """Return the end of the scale of gradients: the steepest smooth kind has room on it."""
    steepest = max(np.abs(sweep.gradient).max() for sweep in scene.sweeps.values())
    power = 10.0 ** np.floor(np.log10(max(steepest * _ROOM, 0.1)))
    nice = (power * step for step in (1.0, 2.0, 5.0, 10.0) if power * step >= steepest * _ROOM)
    return float(next(nice))


@cache
def sweep_spec(limit: float, value_limit: float, gradient_limit: float, coordinate: int) -> Spec:
    """Return the spec of the output and its gradient against one key's scaled score."""
    return _stacked(_outputs(limit, value_limit, coordinate), _gradients(limit, gradient_limit))


def _outputs(limit: float, value_limit: float, coordinate: int) -> View:
    """Draw a coordinate of the output against one key's scaled score."""
    base = alt.Chart()
    x = _score_axis(limit)
    y = alt.Y(
        "output:Q",
        scale=alt.Scale(domain=[-value_limit, value_limit], nice=False),
        axis=alt.Axis(title=f"output, coordinate {coordinate + 1}", **_AXIS),
    )
    others = base.transform_filter("!datum.chosen").mark_line(strokeWidth=1.2, opacity=0.75)
    lines = others.encode(x=x, y=y, color=_colour(), detail="kind:N")
    chosen = base.transform_filter("datum.chosen").mark_line(strokeWidth=3.5)
    picture = [_here(base, limit), lines, chosen.encode(x=x, y=y, color=_colour())]
    return _finish(picture, "Output; thick: the chosen row")


def _gradients(limit: float, gradient_limit: float) -> View:
    """Draw the gradients against one key's scaled score: autograd and difference."""
    base = alt.Chart()
    x = _score_axis(limit)
    scale = alt.Scale(domain=[-gradient_limit, gradient_limit], nice=False)
    axis = alt.Axis(title="change of the output per score", **_AXIS)
    others = base.transform_filter("!datum.chosen").mark_line(
        strokeWidth=1.2, opacity=0.75, clip=True
    )
    y = alt.Y("gradient:Q", scale=scale, axis=axis)
    lines = others.encode(x=x, y=y, color=_colour(), detail="kind:N")
    chosen = (
        base.transform_filter("datum.chosen")
        .mark_line(strokeWidth=3.5)
        .encode(x=x, y=y, color=_colour())
    )
    of_chosen = base.transform_filter("datum.chosen")
    dots = (
        of_chosen.transform_filter(f"datum.dot && abs(datum.difference) <= {gradient_limit}")
        .mark_point(size=34, color="currentColor", strokeWidth=1.2, aria=False)
        .encode(x=x, y=alt.Y("difference:Q", scale=scale, axis=axis))
    )
    jumps = (
        of_chosen.transform_filter(f"abs(datum.difference) > {gradient_limit}")
        # Where nothing jumps there is no rule, and an empty picture is not to be read out.
        .mark_rule(color="currentColor", strokeDash=[2, 3], strokeWidth=2, aria=False)
        .encode(x=x)
    )
    picture = [_here(base, limit), lines, chosen, jumps, dots]
    return _finish(picture, "Gradient; ○ finite difference, ┊ a jump")


def _chosen_kind(scene: Scene) -> str:
    row = ROWS[scene.state.row]
    return SOFT if row == FREQUENCIES else row


def _score_axis(limit: float) -> alt.X:
    return alt.X(
        "score:Q",
        scale=alt.Scale(domain=[-limit, limit], nice=False),
        axis=alt.Axis(title="scaled score of the chosen key", **_AXIS),
    )


def _colour() -> alt.Color:
    scale = alt.Scale(domain=[kind_name(kind) for kind in KINDS], range=list(LINE_COLOURS))
    return alt.Color(
        "kind:N",
        scale=scale,
        legend=alt.Legend(
            title=None, orient="bottom", columns=2, labelColor="currentColor", labelFontSize=12
        ),
    )


# Told apart by protanopes, deuteranopes and tritanopes, and legible on either ground.
LINE_COLOURS: Final = (ACCENT, "#8a8f98", "#c75b9b", CONTRAST, "#2f9e77")


def _here(base: alt.Chart, limit: float) -> alt.Chart:
    """Mark where the score is now."""
    rule: alt.Chart = (
        base.transform_filter(f"datum.score == {-limit} && datum.chosen")
        .mark_rule(color="currentColor", opacity=0.45)
        .encode(x=alt.X("here:Q", scale=alt.Scale(domain=[-limit, limit], nice=False)))
    )
    return rule


def _finish(layers: list[alt.Chart], title: str) -> View:
    picture: View = alt.layer(*layers).properties(width=_WIDTH, height=_HEIGHT, title=_above(title))
    return picture


def _stacked(*pictures: View) -> Spec:
    """Return one spec of pictures, one below the other, so that they fit on a telephone too."""
    both = alt.vconcat(*pictures).properties(autosize="pad")
    return without_data(both.configure_view(stroke=None))


def _above(title: str) -> alt.TitleParams:
    """Return a title that may be a little wider than the picture, and is not cut."""
    return alt.TitleParams(title, limit=_WIDTH + 60)
