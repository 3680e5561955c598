"""The patch map component: a photo with maps over its patches, to look at and to choose from.

One inline component draws the photo, one map large over it, and all maps as tiles beside it. A
page that has maps calls `load_maps` first. Pointing at a patch reads its value from the numbers
already sent, without a word to the server; choosing a patch or a tile is reported, and checked
again here before anything uses it.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.light_component import FRONTEND, light_component
from pages._shared.palette import DIVERGING_DARK, Ramp

# Lies over photos, so it is the same in light and dark: nothing dims the photo, much glows.
# The stops follow matplotlib's "inferno" (CC0): lightness rises steadily, also without hue.
GLOW: Final[Ramp] = (
    "#000004", "#1b0c41", "#4a0c6b", "#781c6d", "#a52c60",
    "#cf4446", "#ed6925", "#fb9b06", "#f7d13d", "#fcffa4",
)  # fmt: skip
RAMPS: Final[dict[str, Ramp]] = {"glow": GLOW, "diverging": DIVERGING_DARK}

Scale = Literal["glow", "diverging", "colours"]
Unit = Literal["times", "cosine", "probability", "change", "colours"]


@dataclass(frozen=True, eq=False)
class Photo:
    """The photo under the maps.

    Attributes
    ----------
    id : str
        Changes when the picture does.
    jpeg : str
        The encoded photo, base64.
    alt : str
        What is in it, for readers who do not see it.
    """

    id: str
    jpeg: str
    alt: str


@dataclass(frozen=True, eq=False)
class Panel:
    """One map over the photo.

    Attributes
    ----------
    label, note : str
        Name and a few words for its tile.
    values : NDArray
        Float, shape (n * rows, n * columns) with n cells to a patch in each direction; or uint8
        of shape (rows, columns, 3) for `scale` ``"colours"``.
    scale : {"glow", "diverging", "colours"}
        Colours of a magnitude, of a change (centred on 0), or the values themselves.
    low, high : float
        Values at the ends of the colour scale.
    unit : {"times", "cosine", "probability", "change", "colours"}
        How numbers are written.
    measure : str
        What a number measures, after it: ``"times the uniform weight"``.
    text : str
        The map in words; also what a screen reader says.
    """

    label: str
    note: str
    values: NDArray[Any]
    scale: Scale
    low: float
    high: float
    unit: Unit
    measure: str
    text: str


@dataclass(frozen=True)
class Choice:
    """What the reader chose: a patch (-1 for the class token) or a panel, the other being None."""

    patch: int | None = None
    panel: int | None = None


def load_maps() -> None:
    """Load what draws the maps of a page, once; call it outside of any fragment."""
    MAPS.load()


def patch_map(
    photo: Photo,
    grid: tuple[int, int],
    panels: Sequence[Panel],
    *,
    key: str,
    on_choose: Callable[[Choice], None],
    view: str,
    news: Mapping[str, object] | None,
    chosen: int = 0,
    patch: int = -1,
    mark: int = -1,
    token_label: str = "",
    tiles_label: str = "",
    hint: str = "",
    clickable: bool = True,
    class_token: bool = True,
    back_to: str = "the class token",
) -> None:
    """Draw the maps and report choices.

    Parameters
    ----------
    photo : Photo
        Drawn under every map, stretched to the grid.
    grid : (int, int)
        Rows and columns of patches.
    panels : sequence of Panel
        The maps; tiles are drawn if there are several.
    key : str
        Key of the component.
    on_choose : callable
        Called with a valid `Choice` before the rerun that it causes.
    view : str
        Name of what is shown. A choice made in another view comes too late and is dropped.
    news : mapping or None
        ``LAB.news()``: without it, undo and link would not follow a choice. None for a map on a
        page without a `Lab`.
    chosen : int
        The panel drawn large.
    patch, mark : int
        Patch outlined as the query, and one outlined dashed; -1 for none.
    token_label : str
        Who asks, above the tiles.
    tiles_label : str
        What the tiles are, for a screen reader.
    hint : str
        Shown while no patch is pointed at.
    clickable : bool
        Whether a patch can be chosen.
    class_token : bool
        Whether there is a way back to the class token, or to what asks in its place.
    back_to : str
        What that is.
    """

    def report() -> None:
        choice = read_choice(
            st.session_state[key].get("choice"), view, grid[0] * grid[1], len(panels)
        )
        if choice != Choice():
            on_choose(choice)

    MAPS.draw(
        key=key,
        data={
            "view": view,
            "photo": {
                "id": photo.id,
                "source": f"data:image/jpeg;base64,{photo.jpeg}",
                "alt": photo.alt,
            },
            "grid": grid,
            "panels": [_packed(panel) for panel in panels],
            "chosen": chosen,
            "patch": patch,
            "mark": mark,
            "token_label": token_label,
            "tiles_label": tiles_label,
            "hint": hint,
            "clickable": clickable,
            "class_token": class_token,
            "back": back_to,
            "news": news,
        },
        on_choice_change=report,
    )


def read_choice(value: object, view: str, n_patches: int, n_panels: int) -> Choice:
    """Check what the browser reported; anything unexpected is an empty `Choice`.

    Parameters
    ----------
    value : object
        Expected: ``{"view": view, "patch": int}`` or ``{"view": view, "panel": int}``.
    view : str
        What is on the screen.
    n_patches, n_panels : int
        Patches run from -1 (the class token), panels from 0.
    """
    if not isinstance(value, Mapping) or value.get("view") != view:
        return Choice()
    patch, panel = value.get("patch"), value.get("panel")
    if type(patch) is int and -1 <= patch < n_patches:
        return Choice(patch=patch)
    if type(panel) is int and 0 <= panel < n_panels:
        return Choice(panel=panel)
    return Choice()


def _packed(panel: Panel) -> dict[str, object]:
    """Return a panel as the browser reads it.

    Maps of one value a patch travel as float32. Finer ones travel as 256 levels between `low`
    and `high`, a quarter of the size: a step is less than the two decimals that are read out.
    """
    values = panel.values
    encoding = "uint8"
    if panel.scale != "colours":
        if panel.unit in ("times", "cosine"):
            values, encoding = values.astype("<f4"), "float32"
        else:
            levels = (values - panel.low) / (panel.high - panel.low or 1.0) * 255
            values = np.rint(levels).clip(0, 255).astype(np.uint8)
    return {
        "label": panel.label,
        "note": panel.note,
        "shape": values.shape[:2],
        "values": base64.b64encode(values.tobytes()).decode("ascii"),
        "encoding": encoding,
        "scale": panel.scale,
        "low": float(panel.low),
        "high": float(panel.high),
        "unit": panel.unit,
        "measure": panel.measure,
        "text": panel.text,
    }


MAPS: Final = light_component(
    "patch_map",
    html=(FRONTEND / "patch_map.html").read_text("utf-8"),
    css=(FRONTEND / "patch_map.css").read_text("utf-8"),
    constants={"RAMPS": RAMPS},
)
