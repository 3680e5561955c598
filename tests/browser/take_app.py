"""A small page with one of everything that can be taken, for the tests; its words are unkind."""

from __future__ import annotations

import base64
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from core.images import encode_jpeg
from core.notebook import Code, Markdown, notebook
from pages._shared.catalog import Page
from pages._shared.files import About, Table, Tabular
from pages._shared.light_component import load_components
from pages._shared.matrix import Axis, Matrix
from pages._shared.matrix_board import BOARD, matrix_board
from pages._shared.patch_map import MAPS, Panel, Photo, patch_map
from pages._shared.take import TAKE, Takeaway, draw_take

NAME: Final = "take_app"
PAGE: Final = Page("take_app.py", "Take & go", "What can be taken?", "All.", "Tests", "")
WORDS: Final = ('<b>&"', "]]>", "an-extraordinary-word\u0007", "\u202eabc", "日本")
LINK: Final = "?s=1.abc"
GRID: Final = (2, 3)
KEY: Final = f"{NAME}.take"
TROUBLE: Final = f"{NAME}.trouble"
START: Final = np.array([[1.0, -2.0], [0.0, 0.5], [3.0, 1e-9], [0.0, 0.0], [-0.25, 1 / 3]])


def _place(field: str, most: float) -> dict[str, Any]:
    # Without a domain, Vega complains while its data are still on the way.
    return {"field": field, "type": "quantitative", "scale": {"domain": [0, most]}}


_WORDS_CHART: Final = {
    "title": "Words & <marks>",
    "mark": {"type": "text", "color": "currentColor"},
    "encoding": {
        "x": _place("x", 5),
        "y": _place("x", 5),
        "text": {"field": "word", "type": "nominal"},
    },
}
_POINTS_CHART: Final = {
    "mark": "point",
    "encoding": {"x": _place("x", 2100), "y": _place("y", 7)},
}


def query() -> NDArray[np.float64]:
    """Return the matrix as it is now."""
    values: NDArray[np.float64] = st.session_state.setdefault(f"{NAME}.query", START)
    return values


def matrices() -> list[Matrix]:
    """Return what the board shows."""
    queries, keys = Axis("query", WORDS), Axis("key", WORDS)
    d_head = Axis("d_head", ("1", "2"))
    scores = query() @ query().T
    scores[0, 1:] = -np.inf
    mask = np.tril(np.ones((5, 5), bool))
    wide = Axis("d_model", tuple(str(index + 1) for index in range(12)))
    return [
        Matrix("query", "Q", query(), queries, d_head, note='"<5 & 2>"', limit=5.0, base=START),
        Matrix("scores", "Scores", scores, queries, keys, limit=10.0),
        Matrix("mask", "Mask", mask, queries, keys, scale="mask", base=mask),
        Matrix("wide", "Wide", np.eye(5, 12), queries, wide, scale="sequential"),
    ]


def draw_board() -> None:
    """Draw the board."""

    def take_edit(edited: Mapping[str, NDArray[Any]]) -> None:
        st.session_state[f"{NAME}.query"] = edited.get("query", query())

    first, scores, mask, wide = matrices()
    rows: list[list[Matrix | str]] = [[first, "→", scores], [mask, wide]]
    chosen = {"query": 1, "key": 0}
    matrix_board(
        rows, key=f"{NAME}.board", version="0", news=None, on_edit=take_edit, chosen=chosen
    )


def draw_map() -> None:
    """Draw two maps over a photo."""
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[:, :30] = (200, 30, 30)
    photo = Photo("one", base64.b64encode(encode_jpeg(pixels)).decode("ascii"), "Half red")
    panels = [
        Panel(
            label,
            "max 5×",
            np.arange(6.0).reshape(GRID),
            "glow",
            0.0,
            5.0,
            "times",
            "times <uniform>",
            f"{label}: most in the last patch & none in the first.",
        )
        for label in ("Head 1", "Head 2")
    ]
    patch_map(
        photo,
        GRID,
        panels,
        key=f"{NAME}.map",
        on_choose=lambda choice: None,
        view="one",
        news=None,
        patch=4,
        mark=0,
        token_label="Asking: <patch>",
    )


@st.cache_data(show_spinner="Running something slow…", max_entries=1)
def slow(nonce: float) -> NDArray[np.float64]:
    """Take a while, and say so."""
    time.sleep(1.5)
    return np.full((2, 2), nonce)


def arrays() -> dict[str, Tabular]:
    """Return what there is in numbers."""
    if st.session_state.get(TROUBLE) == "slow":
        return {"slow": slow(time.time())}
    heads = Table(np.arange(8.0).reshape(2, 2, 2), tuple(Axis(n, ("a", "b")) for n in "hqk"))
    return {matrix.id: matrix for matrix in matrices()} | {"heads": heads}


def as_notebook() -> str:
    """Return the notebook, unless there is to be trouble."""
    if st.session_state.get(TROUBLE) == "words":
        msg = "Choose\na picture first."
        raise ValueError(msg)
    if st.session_state.get(TROUBLE) == "code":
        return {}["no such key"]
    return notebook([Markdown("# Take & go"), Code(f"query = {query().tolist()!r}\nprint(query)")])


def about() -> About:
    """Return where it all comes from."""
    return About(PAGE.title, f"{' '.join(WORDS)} · Q[1, 1] = {query()[0, 0]:g}", LINK)


def main() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    load_components(BOARD, MAPS, TAKE)
    st.title("What can be taken?", anchor=False)
    st.text_input("Trouble", key=TROUBLE)
    st.fragment(draw_board)()
    words = pd.DataFrame({"x": np.arange(5.0), "word": WORDS})
    st.vega_lite_chart(words, dict(_WORDS_CHART), alt="Words, in a line")
    points = pd.DataFrame({"x": np.arange(2100.0), "y": np.arange(2100.0) % 7})
    st.vega_lite_chart(points, dict(_POINTS_CHART), alt="Points; too many for SVG")
    draw_map()
    draw_take(PAGE, Takeaway(arrays, as_notebook, about), key=KEY)
    st.caption(f"There is trouble with {st.session_state[TROUBLE] or 'nothing'}.")


if __name__ == "__main__":
    main()
