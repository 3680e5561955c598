"""All heads of a model at once: a small picture of each head's weights, one of them chosen.

One inline component. Thumbnails are made here, so that 72 maps of 200 words are a small message;
a chosen and a dropped head are reported, and checked here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.light_component import FRONTEND, light_component
from pages._shared.packed_weights import Pool, to_base64, to_thumbnails
from pages._shared.palette import CONTRAST, RAMPS

Head = tuple[int, int]

# 72 heads stay below 60 kB.
_SIDE: Final = 24

HEAD_GRID: Final = light_component(
    "head_grid",
    html="<figure class='head-grid'></figure>",
    css=(FRONTEND / "head_grid.css").read_text("utf-8"),
    constants={"RAMPS": RAMPS, "MARK": CONTRAST},
)


def head_grid(
    weights: NDArray[Any],
    *,
    key: str,
    view: str,
    title: str,
    text: str,
    chosen: Head | None,
    on_choose: Callable[[Head], None],
    captions: Mapping[Head, str] | None = None,
    ranking: Sequence[tuple[int, int, float]] | None = None,
    dropped: Collection[Head] = frozenset(),
    on_drop: Callable[[Head, bool], None] | None = None,
    marks: Collection[Head] = frozenset(),
    marks_name: str = "marked",
    columns: int | None = None,
    limit: float = 1.0,
    pool: Pool = "max",
    first_layer: int = 0,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the heads, and report the one that is chosen or dropped.

    Parameters
    ----------
    weights : NDArray, shape (n_layer, n_head, n_query, n_key)
        From 0 up; what is no number is drawn as nothing. Maps of more than 24 words are drawn in
        blocks of words, see `pool`.
    key : str
        Key of the component.
    view : str
        Name of what is shown. A choice made in another view comes too late and is dropped.
    title : str
        Heading, such as ``"Encoder"``: may be empty, and begins the name of each head.
    text : str
        The grid in words: shown below it, and said by a screen reader.
    chosen : (int, int) or None
        Layer and head, from 0.
    on_choose : callable
        Called before the rerun with layer and head.
    captions : mapping of (layer, head) to str, optional
        A few words under a head, such as ``"previous .98"``; where there is no room they are only
        said of the head that is pointed at or chosen.
    ranking : sequence of (layer, head, score), optional
        Draw these heads alone, in this order, with the score below. Otherwise a layer is a row.
    dropped : collection of (layer, head)
        Heads that are left out of the model: struck through, and said.
    on_drop : callable, optional
        Called before the rerun with a head, and with whether it is to be dropped. Draws the button
        for the chosen head.
    marks : collection of (layer, head)
        Heads to outline.
    marks_name : str
        What a marked head is.
    columns : int, optional
        Heads in a row of a ranking, at most; as many as there is room for if left out.
    limit : float
        The weight with the last colour.
    pool : {"max", "mean"}
        What stands for a block of words, see `to_thumbnails`.
    first_layer : int
        What the first of the layers is called, from 0; in what is reported it is 0.
    news : mapping, optional
        ``LAB.news()``, where nothing else in the fragment brings it.
    """
    n_layer, n_head = weights.shape[:2]
    shown = to_thumbnails(weights, limit, _SIDE, pool)

    def receive_choice() -> None:
        head = read_head(st.session_state[key].get("choice"), view, (n_layer, n_head))
        if head is not None:
            on_choose(head)

    def receive_drop() -> None:
        message = st.session_state[key].get("drop")
        head = read_head(message, view, (n_layer, n_head))
        if head is not None and on_drop is not None and type(message.get("on")) is bool:
            on_drop(head, message["on"])

    HEAD_GRID.draw(
        key=key,
        data={
            "shape": shown.shape,
            "values": to_base64(shown),
            "whole": weights.shape[2:],
            "pool": pool,
            "title": title,
            "text": text,
            "chosen": chosen,
            "captions": [[*head, caption] for head, caption in (captions or {}).items()],
            "ranking": None
            if ranking is None
            else [[layer, head, round(float(score), 4)] for layer, head, score in ranking],
            "dropped": sorted(dropped),
            "can_drop": on_drop is not None,
            "marks": sorted(marks),
            "marks_name": marks_name,
            "columns": columns,
            "limit": float(limit),
            "first_layer": first_layer,
            "view": view,
            "news": news,
        },
        on_choice_change=receive_choice,
        on_drop_change=receive_drop,
    )


def read_head(message: object, view: str, shape: tuple[int, int]) -> Head | None:
    """Check what the browser reported; None for anything but a head of what is shown."""
    if not isinstance(message, Mapping) or message.get("view") != view:
        return None
    layer, head = message.get("layer"), message.get("head")
    if type(layer) is not int or type(head) is not int:
        return None
    return (layer, head) if 0 <= layer < shape[0] and 0 <= head < shape[1] else None
