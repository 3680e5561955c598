"""Pictures of a Transformer's sizes: bars by part, and operations against the length."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import altair as alt
import pandas as pd

from core.model_shape import TransformerShape
from core.model_sizes import count_pass, even_length
from pages._shared.charts import Spec, without_data
from pages._shared.size_words import (
    EMBEDDINGS,
    FEED_FORWARD,
    PROJECTIONS,
    QUADRATIC,
    REST,
    Bar,
    in_short,
    in_tokens,
    percent,
)

_INK: Final[dict[str, Any]] = {"labelColor": "currentColor", "titleColor": "currentColor"}
_TEXT: Final[dict[str, Any]] = {"color": "currentColor", "fontSize": 12.5}
# The theme's colours in this order, the same in every picture; the rest is grey in both themes.
KINDS: Final = (PROJECTIONS, FEED_FORWARD, EMBEDDINGS, QUADRATIC)
_GREY: Final = "#8593a1"
LINES: Final = (PROJECTIONS, FEED_FORWARD, QUADRATIC)
SHORTEST: Final = 8
LONGEST: Final = 131_072
_LABELLED: Final = (8, 64, 512, 4096, 32_768)
_ROW: Final = 27
_HEIGHT: Final = 360


def bars_frame(bars: Sequence[Bar]) -> pd.DataFrame:
    """Return bars as `bars_spec` wants them, each with its ``long`` in those of the longest."""
    total, most = sum(bar.value for bar in bars), max(bar.value for bar in bars)
    return pd.DataFrame(
        {
            "part": bar.name,
            "kind": bar.kind,
            "long": bar.value / most,
            "text": f"{bar.text} · {percent(bar.value / total)}",
            "said": f"{bar.name}: {bar.text}, {percent(bar.value / total)}",
        }
        for bar in bars
    )


@cache
def bars_spec(n_bars: int) -> Spec:
    """Return the spec of bars, the number at the end of each."""
    base = alt.Chart().encode(
        x=alt.X("long:Q", scale=alt.Scale(domain=[0, 2.1]), axis=None),
        y=alt.Y(
            "part:N",
            sort=None,
            title=None,
            axis=alt.Axis(
                domain=False,
                ticks=False,
                labelLimit=160,
                labelFontSize=12.5,
                labelPadding=6,
                **_INK,
            ),
        ),
        tooltip=[alt.Tooltip("part:N"), alt.Tooltip("text:N")],
        description="said:N",  # for readers who do not see the bars
    )
    # With round ends a bar of nothing would keep the outline that it had before.
    bars = base.mark_bar(height=15).encode(
        color=alt.condition(
            f"datum.kind == '{REST}'",
            alt.value(_GREY),
            alt.Color("kind:N", scale=alt.Scale(domain=list(KINDS)), legend=None),
        )
    )
    texts = base.mark_text(align="left", dx=5, aria=False, **_TEXT).encode(text="text:N")
    chart = alt.layer(bars, texts).properties(height=_ROW * n_bars)
    return without_data(chart.configure_view(stroke=None))


def curve_frame(shape: TransformerShape, length: int) -> pd.DataFrame:
    """Return operations by part and length, with the two lengths that are marked.

    Returns
    -------
    DataFrame
        Columns ``role`` (line, here, even), ``kind``, ``tokens``, ``operations``, ``text`` and
        ``side``.
    """
    rows: list[dict[str, object]] = []
    for tokens in lengths():
        for kind, operations in line_values(shape, tokens):
            rows.append(_point("line", kind, tokens, operations, in_short(operations)))
    for kind, operations in line_values(shape, length):
        rows.append(_point("point", kind, length, operations, in_short(operations)))
    rows.append(_point("here", "", length, 1, f"{length:,} tokens"))
    even = even_length(shape)
    rows.append(_point("even", "", float(even), 1, f"equal at {in_tokens(even)}"))
    return pd.DataFrame(rows)


def powers(shape: TransformerShape) -> tuple[int, int]:
    """Return the exponents of a thousand, as powers of ten, between which the lines lie."""
    least = min(value for _, value in line_values(shape, SHORTEST))
    most = max(value for _, value in line_values(shape, LONGEST))
    return 3 * int(math.log10(least) / 3), 3 * math.ceil(math.log10(most) / 3)


def line_values(shape: TransformerShape, tokens: int) -> tuple[tuple[str, int], ...]:
    """Return the operations of a pass in the three parts that are drawn as lines."""
    counted = count_pass(shape, tokens)
    return tuple(
        zip(LINES, (counted.projections, counted.feed_forward, counted.quadratic), strict=True)
    )


def lengths() -> tuple[int, ...]:
    """Return the lengths of the lines' points: powers of 2, and one between any two."""
    steps = range(2 * int(math.log2(SHORTEST)), 2 * int(math.log2(LONGEST)) + 1)
    return tuple(round(2 ** (step / 2)) for step in steps)


@cache
def curve_spec(low: int, high: int) -> Spec:
    """Return the spec of operations against the length, both on logarithmic scales.

    Parameters
    ----------
    low, high : int
        Powers of ten between which the operations lie: see `powers`.
    """
    x = alt.X(
        "tokens:Q",
        scale=alt.Scale(type="log", domain=[SHORTEST, LONGEST], nice=False),
        title="tokens",
        axis=alt.Axis(values=list(_LABELLED), format=",", grid=False, **_INK),
    )
    y = alt.Y(
        "operations:Q",
        scale=alt.Scale(type="log", domain=[10**low, 10**high], nice=False),
        title="operations of one pass",
        axis=alt.Axis(values=[10**power for power in range(low, high + 1, 3)], format="~s", **_INK),
    )
    kinds = alt.Scale(domain=list(KINDS))
    legend = alt.Legend(
        title=None,
        orient="top",
        columns=2,
        labelColor="currentColor",
        labelLimit=240,
        values=list(LINES),
        symbolType="stroke",
        symbolStrokeWidth=3,
    )
    colour = alt.Color("kind:N", scale=kinds, legend=legend)
    tooltip = [alt.Tooltip("kind:N"), alt.Tooltip("tokens:Q", format=","), alt.Tooltip("text:N")]
    base = alt.Chart().encode(x=x)
    lines = (
        base.transform_filter("datum.role == 'line'")
        .mark_line(strokeWidth=2.5)
        .encode(y=y, color=colour)
    )
    points = (
        base.transform_filter("datum.role == 'line' || datum.role == 'point'")
        .mark_point(filled=True, opacity=1)
        .encode(
            y=y,
            color=colour,
            size=alt.condition("datum.role == 'point'", alt.value(80), alt.value(6)),
            tooltip=tooltip,
        )
    )
    layers = [lines, points]
    for role, dash, top in (("even", [5, 4], "10"), ("here", [1, 0], "height - 10")):
        marked = base.transform_filter(f"datum.role == '{role}'")
        layers.append(marked.mark_rule(color="currentColor", strokeDash=dash, opacity=0.55))
        left = marked.transform_filter("datum.side == 'left'")
        right = marked.transform_filter("datum.side == 'right'")
        texts = (
            left.mark_text(align="left", dx=6, **_TEXT),
            right.mark_text(align="right", dx=-6, **_TEXT),
        )
        height = alt.value(alt.expr(top))
        layers += [text.encode(text="text:N", y=height) for text in texts]
    chart = alt.layer(*layers).properties(height=_HEIGHT)
    return without_data(chart.configure_view(stroke=None))


def _point(role: str, kind: str, tokens: float, operations: int, text: str) -> dict[str, object]:
    # Where the text of a mark stands, so that it is inside of the picture.
    side = "right" if tokens > math.sqrt(SHORTEST * LONGEST) else "left"
    return {
        "role": role,
        "kind": kind,
        "tokens": float(tokens),
        "operations": float(operations),
        "text": text,
        "side": side,
    }
