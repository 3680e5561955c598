"""The attention of a translation: all heads small, one of them large, and its lines.

For whatever page shows a translator. What is shown is a value, `Reading`; what the reader chooses
comes back as another one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.translation import END, START, Part, Translation
from pages._shared.attention_lines import ATTENTION_LINES, attention_lines
from pages._shared.attention_map import ATTENTION_MAP, attention_map
from pages._shared.head_grid import HEAD_GRID, Head, head_grid
from pages._shared.matrix import Choice
from pages._shared.words import what_it_reads

Scope = Literal["head", "layer", "all"]
Weights = NDArray[np.float32]

# What a page with these maps has to load.
COMPONENTS: Final = (HEAD_GRID, ATTENTION_MAP, ATTENTION_LINES)
PART_NAMES: Final[dict[Part, str]] = {
    "cross": "cross-attention",
    "encoder": "encoder self-attention",
    "decoder": "decoder self-attention",
}
_WHO_READS: Final[dict[Part, str]] = {
    "cross": "Rows are the French words being written, columns the English words they read.",
    "encoder": "Rows and columns are the English words: each reads all of them, itself too.",
    "decoder": (
        "Rows are the French words being written. Columns are what was written before them: a row "
        "cannot read its own word, which is not there yet."
    ),
}

_NAMES: Final = {
    START: "the start",
    END: "the end",
    ".": "the full stop",
    ",": "the comma",
    "?": "the question mark",
    "!": "the exclamation mark",
}


@dataclass(frozen=True)
class Reading:
    """Which weights are shown, and which of them is chosen.

    Attributes
    ----------
    part : {"cross", "encoder", "decoder"}
    scope : {"head", "layer", "all"}
        One head, the mean of a layer's heads, or the mean of all.
    layer, head : int
        From 0.
    query, key : int
        Row and column of the chosen weight.
    """

    part: Part = "cross"
    scope: Scope = "all"
    layer: int = 0
    head: int = 0
    query: int = 0
    key: int = 0

    def heads(self, n_layers: int, n_heads: int) -> tuple[Head, ...]:
        """Return layer and head of every head whose mean is shown."""
        layers = range(n_layers) if self.scope == "all" else (self.layer,)
        heads = (self.head,) if self.scope == "head" else range(n_heads)
        return tuple((layer, head) for layer in layers for head in heads)

    def within(self, translation: Translation) -> Reading:
        """Return the nearest reading that a translation has."""
        n_layers, n_heads, n_query, n_key = translation.weights(self.part).shape
        query = min(self.query, n_query - 1)
        most = query if self.part == "decoder" else n_key - 1
        return replace(
            self,
            layer=min(self.layer, n_layers - 1),
            head=min(self.head, n_heads - 1),
            query=query,
            key=min(self.key, most),
        )


def shown_weights(translation: Translation, reading: Reading) -> Weights:
    """Return the weights that a reading shows, (query, key): of a head, or the mean of several."""
    weights = translation.weights(reading.part)
    heads = reading.heads(*weights.shape[:2])
    mean: Weights = np.mean([weights[head] for head in heads], axis=0, dtype=np.float32)
    return mean


def heads_name(reading: Reading, n_layers: int, n_heads: int) -> str:
    """Name the head that is shown, or say of how many it is the mean."""
    if n_layers * n_heads == 1:
        return "its only head"
    if reading.scope == "all":
        return f"mean of all {n_layers * n_heads} heads"
    if reading.scope == "layer":
        return f"layer {reading.layer + 1}, mean of {n_heads} heads"
    return f"layer {reading.layer + 1}, head {reading.head + 1}"


def draw_heads(
    translation: Translation,
    reading: Reading,
    *,
    key: str,
    view: str,
    on_head: Callable[[Head], None],
    dropped: Collection[Head] = frozenset(),
    n_rows: int | None = None,
    captions: Mapping[Head, str] | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw every head of a part as a small map; `n_rows` of them, all if left out."""
    weights = translation.weights(reading.part)
    n_layers, n_heads = weights.shape[:2]
    shown = reading.heads(n_layers, n_heads)
    name = PART_NAMES[reading.part]
    head_grid(
        weights if reading.part == "encoder" else weights[:, :, :n_rows],
        key=key,
        view=view,
        title=name[0].upper() + name[1:],
        text=f"Each row is a layer of {n_heads} heads. Choose a head to see it large.",
        chosen=shown[0] if len(shown) == 1 else None,
        on_choose=on_head,
        captions=captions,
        dropped=dropped,
        marks=shown if reading.scope == "layer" else (),
        marks_name="in the mean",
        news=news,
    )


def draw_map(
    translation: Translation,
    reading: Reading,
    *,
    key: str,
    version: str,
    on_choose: Callable[[Choice], None] | None,
    title: str = "",
    note: str = "",
    group: str = "lab",
    marks: NDArray[np.bool_] | None = None,
    n_rows: int | None = None,
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the weights of a reading as a map.

    Parameters
    ----------
    translation : Translation
    reading : Reading
    key, version, on_choose, group, news
        As in `attention_map`.
    title, note : str
        Heading, in place of the part's name, and a few words beside it, in place of the heads'.
    marks : NDArray of bool, (word, source), optional
        The gold alignment.
    n_rows : int, optional
        How many rows are written; all of them if left out.
    """
    rows, queries, keys = shown_rows(translation, reading, n_rows)
    name = PART_NAMES[reading.part]
    attention_map(
        rows,
        queries,
        keys,
        key=key,
        version=version,
        title=title or name[0].upper() + name[1:],
        note=note or heads_name(reading, *translation.weights(reading.part).shape[:2]),
        text=f"{_WHO_READS[reading.part]} {_chosen_row(rows, queries, keys, reading)}",
        chosen=(reading.query, reading.key),
        on_choose=on_choose,
        group=group,
        marks=None if marks is None else marks[: len(rows)],
        marks_name="gold alignment",
        news=news,
    )


def draw_lines(
    translation: Translation,
    reading: Reading,
    *,
    key: str,
    version: str,
    on_choose: Callable[[Choice], None],
    group: str = "lab",
    n_rows: int | None = None,
) -> None:
    """Draw the weights of a reading as lines from the words that read to those that are read."""
    rows, queries, keys = shown_rows(translation, reading, n_rows)
    attention_lines(
        rows,
        queries,
        keys,
        key=key,
        version=version,
        chosen=(reading.query, reading.key),
        on_choose=on_choose,
        group=group,
    )


def shown_rows(
    translation: Translation, reading: Reading, n_rows: int | None = None
) -> tuple[Weights, tuple[str, ...], tuple[str, ...]]:
    """Return the weights on the screen with the names of their rows and columns.

    Of the words that are written, the first `n_rows`; of the encoder all rows.
    """
    rows = shown_weights(translation, reading)
    queries, keys = translation.queries(reading.part), translation.keys(reading.part)
    if reading.part == "encoder" or n_rows is None:
        return rows, queries, keys
    if reading.part == "decoder":
        keys = keys[:n_rows]
        return rows[:n_rows, :n_rows], queries[:n_rows], keys
    return rows[:n_rows], queries[:n_rows], keys


def name_of(word: str) -> str:
    """Name a word in a sentence: the start, the end and marks are no words, and have no quotes."""
    return _NAMES.get(word, f"“{word}”")


def _chosen_row(
    rows: NDArray[Any], queries: tuple[str, ...], keys: tuple[str, ...], reading: Reading
) -> str:
    return what_it_reads(queries[reading.query], keys, rows[reading.query])
