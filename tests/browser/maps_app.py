"""A small page with maps of weights, lines and heads, for the tests: 7, 20 or 200 words."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

# Streamlit looks for modules beside the script.
sys.path.insert(0, str(Path(__file__).parents[2]))

from core.softmax import softmax
from pages._shared.attention_lines import ATTENTION_LINES, attention_lines
from pages._shared.attention_map import ATTENTION_MAP, attention_map
from pages._shared.head_grid import HEAD_GRID, Head, head_grid
from pages._shared.light_component import load_components
from pages._shared.matrix import Choice

N_LAYER: Final = 6
N_HEAD: Final = 12
_WORDS: Final = (
    *("the", "old", "<b>cat</b>", "that", "sat", "on", "unimaginably", "soft", "שלום", "mats"),
    *("was", "not", "hungry", ",", "but", "it", "ate", "the", "fish", "."),
)
_RANKED: Final = 10


def words(n_word: int) -> tuple[str, ...]:
    """Return a text with some unkind words."""
    return tuple(_WORDS[index % len(_WORDS)] for index in range(n_word))


def heads(n_word: int) -> NDArray[np.float32]:
    """Return weights of all heads, shape (layer, head, word, word); layer 1, head 1: previous."""
    rng = np.random.default_rng(0)
    scores = rng.normal(0, 1.5, (N_LAYER, N_HEAD, n_word, n_word)).astype(np.float32)
    words_apart = np.abs(np.subtract.outer(np.arange(n_word), np.arange(n_word)))
    scores -= np.linspace(0, 1.5, N_HEAD)[:, np.newaxis, np.newaxis] * words_apart
    weights: NDArray[np.float32] = softmax(scores)
    weights[0, 0] = 0.99 * np.eye(n_word, k=-1) + 0.01 / n_word
    return weights


def keep(name: str, value: object) -> None:
    """Keep what a component reported."""
    st.session_state[name] = value
    st.session_state["n_report"] = st.session_state.get("n_report", 0) + 1


def draw() -> None:
    """Draw everything."""
    n_word = st.session_state["n_word"]
    session = st.session_state
    text, weights = words(n_word), heads(n_word)
    layer, head = session.get("head", (1, 4))
    chosen = session.get("cell", (4, 2))
    version = f"{n_word}"
    captions: dict[Head, str] = {(0, 0): "previous .99", (2, 5): "same word .41"}
    head_grid(
        weights,
        key="heads",
        view=version,
        title="Encoder",
        text=f"All {N_LAYER * N_HEAD} heads; rows are layers.",
        chosen=(layer, head),
        on_choose=lambda head: keep("head", head),
        captions=captions,
        dropped=session.get("dropped", frozenset({(3, 3)})),
        on_drop=lambda head, on: keep("dropped", frozenset({head} if on else ())),
        marks={(2, 5)},
        marks_name="found",
    )
    shown = weights[layer, head]
    marks = np.eye(n_word, dtype=bool)
    attention_map(
        shown,
        text,
        text,
        key="map",
        version=version,
        title=f"Layer {layer + 1}, head {head + 1}",
        text="Each word mostly reads its neighbours.",
        chosen=chosen,
        on_choose=lambda choice: keep("cell", (choice.row, choice.column)),
        marks=marks,
        marks_name="alignment",
        changed=np.roll(marks, 2, axis=1),
    )
    attention_map(
        shown[: max(2, n_word // 2)],
        text[: max(2, n_word // 2)],
        text,
        key="painted",
        version=version,
        title="Paint a pattern",
        text="Fewer queries than keys.",
        on_choose=lambda choice: keep("cell", (choice.row, choice.column)),
        limit=0.05,
        paint=lambda cells: keep("cells", (n_word, cells)),
        painted=_painted(n_word),
        group="another",
    )
    attention_lines(
        shown, text, text, key="lines", version=version, chosen=chosen, on_choose=_take_line
    )
    if n_word < _RANKED * 2:
        ranking = [(index % N_LAYER, index, 1 - index / 9) for index in range(_RANKED)]
        head_grid(
            weights,
            key="ranked",
            view=version,
            title="Best ten",
            text="The heads most like the painted pattern.",
            chosen=(layer, head),
            on_choose=lambda head: keep("head", head),
            captions=captions,
            ranking=ranking,
        )
    n_painted = 0 if (cells := _painted(n_word)) is None else int(cells.sum())
    st.caption(
        f"Head {layer + 1}.{head + 1}, cell {chosen[0] + 1}.{chosen[1] + 1}, {n_painted} painted, "
        f"dropped {sorted(session.get('dropped', ()))}, {session.get('n_report', 0)} reports"
    )


def _take_line(choice: Choice) -> None:
    keep("cell", (choice.row, choice.column))


def _painted(n_word: int) -> NDArray[np.bool_] | None:
    kept: tuple[int, NDArray[np.bool_]] = st.session_state.get("cells", (0, np.zeros((0, 0), bool)))
    return kept[1] if kept[0] == n_word else None


def main() -> None:
    """Draw the page."""
    st.set_page_config(layout="wide")
    load_components(ATTENTION_MAP, HEAD_GRID, ATTENTION_LINES)
    st.title("Maps", anchor=False)
    st.number_input("Words", 2, 220, 7, key="n_word")
    st.fragment(draw)()


if __name__ == "__main__":
    main()
