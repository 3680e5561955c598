"""The words of a sentence in a row, to be moved: by dragging, with the arrow keys, or shuffled.

One inline component. A move is shown at once, sent, and checked again here before anything uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

import streamlit as st

from pages._shared.light_component import FRONTEND, light_component

WORD_ORDER: Final = light_component(
    "word_order",
    html="<div class='word-order'></div>",
    css=(FRONTEND / "word_order.css").read_text("utf-8"),
    constants={},
)


def word_order(
    words: Sequence[str],
    order: Sequence[int],
    *,
    key: str,
    version: str,
    first: int,
    said: Sequence[str],
    on_order: Callable[[tuple[int, ...]], None],
) -> None:
    """Draw the words in their order and report another one.

    Parameters
    ----------
    words : sequence of str
        As typed.
    order : sequence of int
        Which of them stands in each place.
    key : str
        Key of the component.
    version : str
        Changes whenever Python puts words or order in place. A move of words that are gone comes
        too late and is dropped.
    first : int
        The position of the first place.
    said : sequence of str
        What the order does, in sentences.
    on_order : callable
        Called before the rerun with the new order, checked.
    """

    def report() -> None:
        moved = read_order(st.session_state[key].get("order"), version, len(words))
        if moved:
            on_order(moved)

    WORD_ORDER.draw(
        key=key,
        data={
            "words": list(words),
            "order": list(order),
            "version": version,
            "first": first,
            "said": list(said),
        },
        on_order_change=report,
    )


def read_order(message: object, version: str, n: int) -> tuple[int, ...]:
    """Check what the browser reported; empty for anything but an order of the words shown."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return ()
    order = message.get("order")
    if not isinstance(order, list) or any(type(place) is not int for place in order):
        return ()
    return tuple(order) if sorted(order) == list(range(n)) else ()
