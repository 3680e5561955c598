"""Every weight of a small Vision Transformer as a picture: choose a part and see all of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from html import escape
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.digit_weights_scene import (
    GROUPS,
    PATCHES,
    Parameters,
    Shown,
    WeightsChoice,
    part_of,
    parts_of,
    shown_of,
)
from pages._shared.digits import DigitModel
from pages._shared.drawing import DRAWINGS, Mark, draw
from pages._shared.files import Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.value_map import VALUE_MAPS, ValueMap, value_map
from pages._shared.words import number

# What a page with this view has to load.
COMPONENTS: Final = (VALUE_MAPS, DRAWINGS)
_SIDE: Final = 14.4
_IN_ROW: Final = 12
_FILTER: Final = 36
_GAP: Final = 8
# The middle of either half of the diverging ramp: seen on a light and on a dark ground.
_ABOVE: Final = "#8571c4"
_BELOW: Final = "#d0741c"


def widgets(key: str, choice: WeightsChoice) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a choice."""
    return {f"{key}.part": choice.part, f"{key}.group": choice.group}


def parameters_of(model: DigitModel) -> Parameters:
    """Return every parameter of a model by name, made once for each model; read-only."""
    return _parameters(model.name, model.model)


@st.cache_resource(max_entries=4, show_spinner=False)
def _parameters(name: str, _model: Any) -> Mapping[str, NDArray[np.float32]]:
    from core.vit_parameters import named_parameters

    named = named_parameters(_model)
    for values in named.values():
        values.flags.writeable = False
    return named


def draw_weights(
    model: DigitModel,
    choice: WeightsChoice,
    *,
    key: str,
    on_choose: Callable[[WeightsChoice], None],
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the choice of a part, every matrix of it, and a table of all that there is.

    Parameters
    ----------
    model : DigitModel
    choice : WeightsChoice
    key : str
        Prefix of the widgets' keys.
    on_choose : callable
        Called before the rerun with another choice.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    parameters, n_heads = parameters_of(model), model.model.n_heads
    choice = _choose(choice, parameters, key, on_choose)
    shown = shown_of(choice, parameters, n_heads)
    total = sum(values.size for values in parameters.values())
    here = sum(one.values.size for one in shown if one.names)
    st.caption(
        f"{total:,} numbers in all, {here:,} of them here. Orange is below 0, purple above. "
        + (
            "Rows are what comes out, columns what goes in: query = token · W_Qᵀ + b_Q."
            if choice.part.startswith("Layer")
            else ""
        )
    )
    if choice.part == PATCHES:
        marks, size, text = filter_marks(parameters["patch_filters"])
        draw(marks, size, name="Patch filters as pictures", text=text, key=f"{key}.filters")
        st.caption(text)
    value_map(
        [_map(one) for one in shown],
        key=f"{key}.maps",
        view=f"{model.name}.{choice.part}.{choice.group}",
        news=news,
    )
    table = parameter_table(parameters)
    st.html(
        f"<details class='limits'><summary>All {total:,} numbers, by matrix</summary>{table}"
        "</details>"
    )


def take_weights(parameters: Parameters) -> dict[str, Tabular]:
    """Return every parameter as a table that can be taken along."""
    arrays: dict[str, Tabular] = {}
    for name, values in parameters.items():
        flat = values.reshape(len(values), -1) if values.ndim > 2 else values
        axes = ("out", "in") if flat.ndim == 2 else ("number",)
        labels = (tuple(str(index) for index in range(1, size + 1)) for size in flat.shape)
        arrays[name] = Table(flat, tuple(map(Axis, axes, labels)))
    return arrays


def filter_marks(
    filters: NDArray[np.float32],
) -> tuple[list[Mark], tuple[int, int], str]:
    """Return the patch filters as small pictures, (d_model, channel, side, side), size and words.

    Of several channels the mean is drawn.
    """
    pictures = filters.mean(axis=1)
    limit = float(np.abs(pictures).max()) or 1.0
    side = _FILTER // pictures.shape[-1]
    whole = side * pictures.shape[-1]
    marks = []
    for index, picture in enumerate(pictures):
        left, top = ((whole + _GAP) * at + 1 for at in (index % _IN_ROW, index // _IN_ROW))
        for (row, column), value in np.ndenumerate(picture):
            place = {"x": left + column * side, "y": top + row * side}
            colour = _ABOVE if value > 0 else _BELOW
            opacity = round(abs(float(value)) / limit, 3)
            marks.append(
                Mark(
                    "rect",
                    {**place, "width": side, "height": side, "fill": colour, "opacity": opacity},
                )
            )
        frame: dict[str, str | float] = {"x": left, "y": top, "width": whole, "height": whole}
        frame |= {"fill": "none", "stroke": "currentColor", "stroke-opacity": 0.35}
        marks.append(Mark("rect", frame))
    n_rows = -(-len(pictures) // _IN_ROW)
    size = (_IN_ROW * (whole + _GAP) - _GAP + 2, n_rows * (whole + _GAP) - _GAP + 2)
    text = (
        f"{len(pictures)} filters of {pictures.shape[1]} × {pictures.shape[2]} pixels: a patch is "
        "multiplied by each of them, pixel by pixel, and added up; that is the token's number. "
        f"The strongest colour is {number(limit)}."
    )
    return marks, size, text


def parameter_table(parameters: Parameters) -> str:
    """Return a table in HTML of every matrix: name, shape, how many numbers, least and largest."""
    head = "".join(
        f"<th scope='col'>{name}</th>" for name in ("Name", "Shape", "Numbers", "Least", "Largest")
    )
    rows = []
    for name, values in parameters.items():
        cells = (
            name,
            " × ".join(str(side) for side in values.shape),
            f"{values.size:,}",
            number(float(values.min())),
            number(float(values.max())),
        )
        rows.append(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>")
    body = "".join(rows)
    return (
        f"<div class='wide'><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        "</div>"
    )


def _choose(
    choice: WeightsChoice,
    parameters: Parameters,
    key: str,
    on_choose: Callable[[WeightsChoice], None],
) -> WeightsChoice:
    parts = parts_of(parameters)
    now = replace(choice, part=part_of(choice, parameters))
    if st.session_state.get(f"{key}.part") != now.part:  # another model may have fewer layers
        st.session_state[f"{key}.part"] = now.part

    def report(field: str) -> None:
        chosen = replace(now, **{field: st.session_state[f"{key}.{field}"]})
        if chosen != now:  # the control may have gone back to a part that there is
            on_choose(chosen)

    with st.container(horizontal=True, gap="medium"):
        st.segmented_control(
            "Part",
            parts,
            required=True,
            key=f"{key}.part",
            persist_state="session",
            on_change=report,
            args=("part",),
            wrap=True,
        )
        if now.part.startswith("Layer"):
            if st.session_state.get(f"{key}.group") != now.group:
                st.session_state[f"{key}.group"] = now.group
            st.segmented_control(
                "Of this layer",
                GROUPS,
                required=True,
                key=f"{key}.group",
                persist_state="session",
                on_change=report,
                args=("group",),
            )
    return now


def _map(one: Shown) -> ValueMap:
    values = one.values
    n_rows, n_columns = values.shape
    low, high = float(values.min()), float(values.max())
    size = f"{n_rows} × {n_columns} = {values.size:,} numbers"
    text = f"{size}, from {number(low)} to {number(high)}. {one.note}".strip()
    return ValueMap(
        title=one.title,
        note=", ".join(one.names),
        values=values,
        rows=one.rows,
        columns=one.columns,
        limit=one.limit or max(abs(low), abs(high)) or 1.0,
        text=text,
        first_row=0 if one.rows == "class" else one.first,
        first_column=1,
        side=_SIDE,
    )
