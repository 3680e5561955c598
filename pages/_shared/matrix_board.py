"""The matrix component: a board of heat-coloured matrices that are edited and read together.

One board is one inline component, so that one message redraws a whole computation. A page that
has boards calls `load_boards` first.
Pointing at a cell lights the same query, key or coordinate in every matrix of the board and
of its neighbours (boards with the same `group`), without a word to the server. An edit is
shown at once, sent while it happens, and checked again here before anything uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import streamlit as st
from numpy.typing import NDArray

from pages._shared.board_messages import check_choice, check_edit, check_switch, describe
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.matrix import Choice, Matrix
from pages._shared.palette import HEADS, RAMPS, Ramp, Theme


def load_boards() -> None:
    """Load what draws the boards of a page, once; call it outside of any fragment."""
    BOARD.load()


def matrix_board(
    layout: Sequence[Sequence[Matrix | str]],
    *,
    key: str,
    version: str,
    news: Mapping[str, object] | None,
    on_edit: Callable[[Mapping[str, NDArray[Any]]], None] | None = None,
    on_choose: Callable[[Choice], None] | None = None,
    on_switch: Callable[[str, bool], None] | None = None,
    chosen: Mapping[str, int] | None = None,
    beside: bool = False,
    name: str = "All matrices",
    group: str = "lab",
) -> None:
    """Draw a board.

    Parameters
    ----------
    layout : sequence of rows
        Each row holds matrices and, between them, signs such as ``"→"``.
    key : str
        Identity of the board on its page.
    version : str
        Change it whenever Python, not the reader, changes an editable matrix: only then does
        the board overwrite what the reader sees in it.
    news : mapping or None
        ``LAB.news()``: without it, undo and link would not follow an edit. None for a board on a
        page without a `Lab`.
    on_edit : callable, optional
        Called before the rerun with the edited matrices by id, checked: right shape, finite,
        within bounds (bool for a mask).
    on_choose : callable, optional
        Called before the rerun with the chosen cell.
    on_switch : callable, optional
        Called before the rerun with the id of the matrix whose switch was pressed, and whether
        it is on now.
    chosen : mapping of axis name to index, optional
        The cell to outline, in every matrix that has these two axes.
    beside : bool
        Stack the first row's matrices and put the other rows beside them, where there is room.
    name : str
        What all of it is called as a picture to take along.
    group : str
        Boards of one group light up together.
    """
    matrices = {part.id: part for row in layout for part in row if isinstance(part, Matrix)}
    data = {
        "layout": [[part if isinstance(part, str) else part.id for part in row] for row in layout],
        "items": [describe(matrix) for matrix in matrices.values()],
        "chosen": dict(chosen or {}),
        "version": version,
        "beside": beside,
        "received": st.session_state.get(f"{key}.received", ("", 0)),
        "name": name,
        "group": group,
        "news": news,
    }
    BOARD.draw(
        key=key,
        data=data,
        on_edit_change=partial(_receive_edit, key, version, matrices, on_edit),
        on_choice_change=partial(_receive_choice, key, version, matrices, on_choose),
        on_switch_change=partial(_receive_switch, key, version, matrices, on_switch),
    )


def _style() -> str:
    def stops(ramps: Mapping[Theme, Ramp]) -> str:
        pairs = zip(ramps["light"], ramps["dark"], strict=True)
        return ", ".join(f"light-dark({light}, {dark})" for light, dark in pairs)

    bars = "\n".join(
        f".bar.{scale} {{ background: linear-gradient(to right, {stops(ramps)}); }}"
        for scale, ramps in RAMPS.items()
    )
    heads = "".join(
        f"--head-{place}: light-dark({light}, {dark}); "
        for place, (light, dark) in enumerate(zip(HEADS["light"], HEADS["dark"], strict=True))
    )
    style = (FRONTEND / "matrix_board.css").read_text("utf-8")
    return f"{style}\n{bars}\n.board {{ {heads}}}"


BOARD: Final = light_component(
    "matrix_board", html="<div class='board'></div>", css=_style(), constants={"RAMPS": RAMPS}
)


def _receive_edit(
    key: str,
    version: str,
    matrices: Mapping[str, Matrix],
    on_edit: Callable[[Mapping[str, NDArray[Any]]], None] | None,
) -> None:
    message = st.session_state[key].get("edit")
    edited = check_edit(message, version, matrices)
    if on_edit is not None and edited:
        on_edit(edited)
    # The board sends again what is not acknowledged.
    if isinstance(message, Mapping) and type(message.get("serial")) is int:
        st.session_state[f"{key}.received"] = (str(message.get("mount"))[:32], message["serial"])


def _receive_choice(
    key: str,
    version: str,
    matrices: Mapping[str, Matrix],
    on_choose: Callable[[Choice], None] | None,
) -> None:
    shapes = {name: matrix.values.shape for name, matrix in matrices.items()}
    choice = check_choice(st.session_state[key].get("choice"), version, shapes)
    if on_choose is not None and choice is not None:
        on_choose(choice)


def _receive_switch(
    key: str,
    version: str,
    matrices: Mapping[str, Matrix],
    on_switch: Callable[[str, bool], None] | None,
) -> None:
    pressed = check_switch(st.session_state[key].get("switch"), version, matrices)
    if on_switch is not None and pressed is not None:
        on_switch(*pressed)
