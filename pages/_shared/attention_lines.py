"""Attention as lines: from each query to the keys it reads, with one query's weights as bars.

One inline component. It lights up together with the boards of its group, and a weight is chosen
in it as on a board; only a choice reaches the server, and is checked here.

All lines of a few words are drawn. Of more than 16 words only those of the chosen (or pointed at)
word are, with the strongest of all faintly behind, and a sentence says so; of more than 40 words a
part is in sight and the rest scrolls.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._shared.board_messages import check_choice
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.matrix import Choice
from pages._shared.packed_weights import pack_weights
from pages._shared.palette import ACCENT
from pages._shared.words import number

# A line for less would say that something is read where nothing is, or next to nothing.
_THINNEST: Final = 0.002
# More words than this, and lines hide one another; nor would their numbers be a small message.
_MOST_WHOLE: Final = 16
# Lines drawn faintly behind those of one of many words: the strongest of all.
_N_FAINT: Final = 60

ATTENTION_LINES: Final = light_component(
    "attention_lines",
    html="<div class='attention-lines'></div>",
    css=(FRONTEND / "attention_lines.css").read_text("utf-8"),
    constants={"COLOUR": ACCENT, "THINNEST": _THINNEST, "FAINT": _N_FAINT},
)


def attention_lines(
    weights: NDArray[Any],
    queries: Sequence[str],
    keys: Sequence[str],
    *,
    key: str,
    version: str,
    chosen: tuple[int, int],
    on_choose: Callable[[Choice], None],
    group: str = "lab",
) -> None:
    """Draw a matrix of weights as lines, and the chosen (or pointed at) query's row as bars.

    Parameters
    ----------
    weights : NDArray, shape (n_query, n_key)
        What is no number is drawn as nothing, and said.
    queries, keys : sequence of str
        Names of the rows and of the columns.
    key : str
        Key of the component.
    version : str
        That of the board with the same weights; a choice in what is gone is dropped.
    chosen : (int, int)
        The chosen query and key.
    on_choose : callable
        Called before the rerun with the chosen cell of "weights".
    group : str
        Boards of this group light up together with the lines.
    """

    def receive() -> None:
        message = st.session_state[key].get("choice")
        choice = check_choice(message, version, {"weights": weights.shape})
        if choice is not None:
            on_choose(choice)

    ATTENTION_LINES.draw(
        key=key,
        data={
            "queries": list(queries),
            "keys": list(keys),
            **_in_message(weights),
            "chosen": list(chosen),
            "version": version,
            "group": group,
        },
        on_choice_change=receive,
    )


def _in_message(weights: NDArray[Any]) -> dict[str, object]:
    if max(weights.shape) > _MOST_WHOLE:
        return {"packed": pack_weights(weights)}
    shown = np.nan_to_num(weights, nan=0.0, posinf=0.0, neginf=0.0)
    return {
        "weights": shown.astype(float).round(4).tolist(),
        "numbers": [[number(weight) for weight in row] for row in weights.tolist()],
    }
