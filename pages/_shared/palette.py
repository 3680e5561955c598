"""The lab's colours, once: every matrix, chart and map takes them from here.

Weights use a sequential ramp of one hue whose lightness changes steadily; scores, logits
and outputs a diverging ramp from orange to purple. Both stay apart for readers with
protanopia, deuteranopia or tritanopia. Each ramp exists for a light and a dark ground and
starts (or has its middle) near that ground, so that "nothing" looks like nothing.
"""

from __future__ import annotations

from typing import Final, Literal

Ramp = tuple[str, ...]
Scale = Literal["sequential", "diverging"]
Theme = Literal["light", "dark"]

SEQUENTIAL_LIGHT: Final[Ramp] = ("#f7fbff", "#d3e5f5", "#94c4e5", "#4a95cc", "#1a62a5", "#08306b")
SEQUENTIAL_DARK: Final[Ramp] = ("#141c25", "#17395a", "#1f609a", "#3f92d2", "#8cc6f2", "#e6f4ff")
DIVERGING_LIGHT: Final[Ramp] = (
    "#8c4303",
    "#e08a2e",
    "#fbdcb4",
    "#f7f7f7",
    "#d3cfe6",
    "#9789be",
    "#542788",
)
DIVERGING_DARK: Final[Ramp] = (
    "#ffbf73",
    "#c97a1e",
    "#5e3c12",
    "#141c25",
    "#3c2f66",
    "#8571c4",
    "#cfc4f5",
)

RAMPS: Final[dict[Scale, dict[Theme, Ramp]]] = {
    "sequential": {"light": SEQUENTIAL_LIGHT, "dark": SEQUENTIAL_DARK},
    "diverging": {"light": DIVERGING_LIGHT, "dark": DIVERGING_DARK},
}

# Heads, beside their names: the colours that the theme gives to the series of a chart.
HEADS_LIGHT: Final[Ramp] = (
    "#0072b2",
    "#d55e00",
    "#0c996d",
    "#c575a5",
    "#3b9bce",
    "#775d00",
    "#444444",
    "#c4853a",
)
HEADS_DARK: Final[Ramp] = (
    "#56b4e9",
    "#e69f00",
    "#3acb9c",
    "#e29fcb",
    "#9dd3f8",
    "#f1e543",
    "#c2c3c2",
    "#eb8a50",
)
HEADS: Final[dict[Theme, Ramp]] = {"light": HEADS_LIGHT, "dark": HEADS_DARK}

# For charts that cannot follow the theme by themselves: both legible on either ground.
ACCENT: Final = "#3f92d2"
CONTRAST: Final = "#d0741c"
