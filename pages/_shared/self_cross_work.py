"""The work behind the page on self- and cross-attention, and what can be taken along from it."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.notebook import notebook
from core.sequence_examples import SEEDED
from pages._shared import arithmetic, trained_sequences
from pages._shared import trained_sequences_work as sequences_work
from pages._shared.files import About, Tabular
from pages._shared.self_cross import CAUSAL, DECODER, SELF
from pages._shared.self_cross_board import giver_of_keys, giver_of_queries, matrices_of, rows_of
from pages._shared.self_cross_scene import (
    ONTO_SOURCE,
    Moved,
    Scene,
    functions_that_ran,
    measured,
    see,
)
from pages._shared.self_cross_snippets import (
    SequenceCase,
    notebook_cells,
    numpy_snippet,
    torch_snippet,
)
from pages._shared.self_cross_state import STORE, is_as_loaded
from pages._shared.take import Takeaway
from pages._shared.trap import trap_matrices
from pages._shared.traps.self_vs_cross import TRAPS
from pages._shared.words import number, what_it_reads
from pages._shared.work import Work


def work_of(scene: Scene) -> Work:
    """Return the arithmetic, the programs and the source behind the chosen weight."""
    shown, (i, j) = scene.shown, scene.chosen
    readings = [
        what_it_reads(row, shown.asked, weights)
        for row, weights in zip(shown.rows, shown.attention.weights, strict=True)
    ]
    return Work(
        heading=f"The arithmetic behind “{shown.rows[i]}” reading “{shown.asked[j]}”",
        lines=lambda: lines_of(scene),
        numpy=lambda: numpy_snippet(SequenceCase.of(scene)),
        torch=lambda: torch_snippet(SequenceCase.of(scene)),
        functions=lambda: functions_that_ran(scene.state),
        said=(readings[i],),
        unseen=[reading for k, reading in enumerate(readings) if k != i],
    )


def lines_of(scene: Scene) -> list[str]:
    """Write out the chosen weight, from the embeddings to the output."""
    shown, (i, j) = scene.shown, scene.chosen
    attention, matrices = shown.attention, shown.matrices
    score, scaled = attention.scores[i, j], shown.scaled[i, j]
    asks, asked = giver_of_queries(scene), giver_of_keys(scene)
    lines = [
        projection_line("q", asks, i, shown.target[i], "Q", matrices.query, shown.query[i]),
        projection_line("k", asked, j, shown.source[j], "K", matrices.key, shown.key[j]),
        projection_line("v", asked, j, shown.source[j], "V", matrices.value, shown.value[j]),
        arithmetic.score_line(shown.query[i], shown.key[j], score),
        arithmetic.scaled_line(score, shown.query.shape[1], True, scaled),
        arithmetic.weight_line(attention.logits[i], j, 1.0, attention.weights[i, j]),
        arithmetic.output_line(attention.weights[i], shown.value, attention.output[i]),
    ]
    if scene.layer is not None:
        total = shown.target[i] + attention.output[i]
        name = "layer output" if scene.state.step else "after self"
        lines.append(
            f"{name} = <i>x</i> + output = {_vector(shown.target[i])} + "
            f"{_vector(attention.output[i])} = {_vector(total)}"
        )
    return lines


def projection_line(
    name: str,
    giver: str,
    row: int,
    x: NDArray[Any],
    matrix: str,
    numbers: NDArray[Any],
    projected: NDArray[Any],
) -> str:
    """Write a row of an embedding times a matrix, coordinate by coordinate."""
    coordinates = [
        " + ".join(f"{_n(a)} · {_n(b, bracket=True)}" for a, b in zip(x, column, strict=True))
        for column in numbers.T
    ]
    return (
        f"<i>{name}</i> = <i>x</i> W<sub>{matrix}</sub>, <i>x</i> being row {row + 1} of {giver}: "
        f"({', '.join(coordinates)}) = {_vector(projected)}"
    )


def what_moved(scene: Scene, moved: Moved) -> str:
    """Say what another order of the words changed, with the measured number."""
    state = scene.state
    of_self = scene.shown.part != ONTO_SOURCE
    if of_self or not moved.source:
        who = "The words" if state.kind in (SELF, CAUSAL) else "The target's words"
        along = "rows and columns of the weights" if of_self else "the rows of the weights"
    elif not moved.target:
        who, along = "The source's words", "the columns of the weights"
    else:
        who, along = "The words of both", "rows and columns of the weights"
    largest = measured(moved.largest)
    if moved.only_order:
        rounding = ", which is rounding" if moved.largest else ""
        return (
            f"{who} stand in another order: {along} moved along. Word for word, the largest "
            f"difference of the output is {largest}{rounding}."
        )
    row = int(np.abs(moved.change).max(axis=1).argmax())
    why = "with a causal mask the order decides what a word may read"
    if state.kind == DECODER:
        why = "the order decides what was given before each word"
    return (
        f"{who} stand in another order, and {why}. Word for word, the largest difference "
        f"of the output is {largest}, at “{scene.shown.rows[row]}”."
    )


def take_arrays() -> dict[str, Tabular]:
    """Return every matrix on the page by name; of a trained model while it is on it."""
    scene = see(STORE.current)
    if scene.state.trained.on:
        return sequences_work.arrays_of(trained_sequences.see(scene.state.trained))
    return {**matrices_of(rows_of(scene)), **trap_matrices(TRAPS, scene.state.trap, scene)}


def take_notebook() -> str:
    """Return a notebook that computes what is on the page, one step at a time."""
    scene = see(STORE.current)
    if scene.state.trained.on:
        return sequences_work.notebook_of(trained_sequences.see(scene.state.trained))
    about = f"# Who asks, and who is asked?\n\n{_origin(scene)}"
    return notebook(notebook_cells(SequenceCase.of(scene), about))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    trained = STORE.current.trained
    if trained.on:
        shown = sequences_work.about_of(trained_sequences.see(trained))
        return About(page="Self vs cross", state=shown)
    return About(page="Self vs cross", state=_origin(see(STORE.current)))


def _origin(scene: Scene) -> str:
    state = scene.state
    seed = f", seed {state.seed}" if state.preset in SEEDED else ""
    edited = "" if is_as_loaded(state) else ", edited"
    return f"{state.preset}{seed}{edited} · {state.kind.lower()}"


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)


def _vector(values: NDArray[Any]) -> str:
    return f"({', '.join(_n(value) for value in values)})"


def _n(value: float, *, bracket: bool = False) -> str:
    text = number(value)
    return f"({text})" if bracket and text.startswith("−") else text
