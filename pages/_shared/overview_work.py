"""The work behind the first page, and what can be taken along from it."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.attention import scaled_dot_product_attention
from core.notebook import notebook
from core.softmax import softmax
from pages._shared import arithmetic, snippets
from pages._shared.attention_case import AttentionCase
from pages._shared.files import About
from pages._shared.matrix import Axis, Matrix, nice_limit
from pages._shared.overview_state import BOUNDS, READER, START, STORE, WORDS, Scene, see
from pages._shared.take import Takeaway
from pages._shared.words import what_it_reads
from pages._shared.work import Work

_READER: Final = Axis("query", (READER,))
_WORDS: Final = Axis("key", WORDS)
_D_HEAD: Final = Axis("d_head", ("1", "2"))
_D_VALUE: Final = Axis("d_value", ("1", "2"))


def rows_of(scene: Scene) -> list[list[Matrix | str]]:
    """Return the attention in rows, as the page's board shows it."""
    scores = Matrix(
        "scores",
        "Scores",
        scene.attention.scores,
        _READER,
        _WORDS,
        note="query · key",
        limit=nice_limit(scene.attention.scores),
    )
    weights = Matrix(
        "weights",
        "Weights",
        scene.attention.weights,
        _READER,
        _WORDS,
        note="softmax(scores / √2)",
        scale="sequential",
    )
    output = Matrix(
        "output",
        "Output",
        scene.attention.output,
        _READER,
        _D_VALUE,
        note="their average",
        limit=5.0,
    )
    return [
        [
            _editable(scene, "query", "Query", _READER, _D_HEAD, "what it looks for"),
            _editable(scene, "key", "Keys", _WORDS, _D_HEAD, "what each can be found by"),
            _editable(scene, "value", "Values", _WORDS, _D_VALUE, "what each hands over"),
        ],
        [scores, "→", weights, "→", output],
    ]


def _editable(scene: Scene, name: str, title: str, rows: Axis, columns: Axis, note: str) -> Matrix:
    return Matrix(
        name,
        title,
        scene.state.arrays()[name],
        rows,
        columns,
        note=note,
        limit=5.0,
        base=START[name],
        bounds=BOUNDS,
    )


def work_of(scene: Scene) -> Work:
    """Return the sums behind the word that is read most, the programs and the source."""
    state, attention = scene.state, scene.attention
    key = int(attention.weights[0].argmax())

    def lines() -> list[str]:
        score = attention.scores[0, key]
        return [
            arithmetic.score_line(state.query[0], state.key[key], score),
            arithmetic.scaled_line(score, 2, True, attention.logits[0, key]),
            arithmetic.weight_line(attention.logits[0], key, 1.0, attention.weights[0, key]),
            arithmetic.output_line(attention.weights[0], state.value, attention.output[0]),
        ]

    return Work(
        heading=f"The arithmetic behind “{READER}” reading “{WORDS[key]}”",
        lines=lines,
        numpy=lambda: snippets.numpy_snippet(_case(scene)),
        torch=lambda: snippets.torch_snippet(_case(scene)),
        functions=lambda: (scaled_dot_product_attention, softmax),
        said=(what_it_reads(READER, WORDS, attention.weights[0]),),
    )


def _case(scene: Scene) -> AttentionCase:
    state = scene.state
    return AttentionCase(
        tokens=(READER,),
        key_tokens=WORDS,
        query=state.query,
        key=state.key,
        value=state.value,
        chosen=(0, int(scene.attention.weights[0].argmax())),
    )


def take_arrays() -> dict[str, Matrix]:
    """Return every matrix on the page by name."""
    parts = (part for row in rows_of(see(STORE.current)) for part in row)
    return {part.id: part for part in parts if isinstance(part, Matrix)}


def take_notebook() -> str:
    """Return a notebook that computes what is on the page, one step at a time."""
    return notebook(snippets.notebook_cells(_case(see(STORE.current)), "# What is attention?"))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    edited = any(
        not np.array_equal(array, START[name]) for name, array in STORE.current.arrays().items()
    )
    return About(page="Overview", state="edited" if edited else "as it starts")


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
