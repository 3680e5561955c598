"""The work behind the positional encoding page, and what can be taken along from it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention import scaled_dot_product_attention
from core.notebook import notebook
from core.position_attention import ADDED, BIASED, added_to, order_effect, places_of, read_words
from core.position_bias import alibi_bias, alibi_slopes, relative_bias, relative_bucket
from core.positional import sinusoidal_angles, sinusoidal_encoding, waves
from core.rotary import rotary_caches, rotate
from core.softmax import softmax
from pages._shared import arithmetic
from pages._shared.files import About, Tabular
from pages._shared.matrix import Axis, Matrix
from pages._shared.position_board import rows_of, shown_matrix, words_axis
from pages._shared.position_programs import notebook_cells, numpy_program, torch_program
from pages._shared.position_state import STORE
from pages._shared.position_toy import D_MODEL, TEXT_TABLE, Scene, see
from pages._shared.position_words import IN_TEXT
from pages._shared.take import Takeaway
from pages._shared.trap import trap_matrices
from pages._shared.traps.positional_encoding import TRAPS
from pages._shared.words import number, what_it_reads
from pages._shared.work import Work

_SMALL: Final = 0.01
_FUNCTIONS: Final[dict[str, tuple[Callable[..., Any], ...]]] = {
    "None": (),
    "Sinusoidal": (sinusoidal_encoding, sinusoidal_angles, waves, added_to),
    "Learned": (added_to,),
    "Rotary": (rotary_caches, rotate),
    "ALiBi": (alibi_bias, alibi_slopes),
    "T5 bias": (relative_bucket, relative_bias),
}


# --- the work --------------------------------------------------------------------------------


def work_of(scene: Scene) -> Work:
    """Return the arithmetic, the programs and the source behind the chosen weight."""
    state, attention = scene.state, scene.read.attention
    words, i, j = state.words, state.query, state.key
    readings = [
        what_it_reads(word, words, row) for word, row in zip(words, attention.weights, strict=True)
    ]
    return Work(
        heading=f"The arithmetic behind “{words[i]}” reading “{words[j]}”",
        lines=lambda: _lines(scene),
        numpy=lambda: numpy_program(scene),
        torch=lambda: torch_program(scene),
        functions=lambda: (
            *_FUNCTIONS[state.kind],
            read_words,
            order_effect,
            scaled_dot_product_attention,
            softmax,
        ),
        said=(readings[i],),
        unseen=[reading for k, reading in enumerate(readings) if k != i],
    )


def _lines(scene: Scene) -> list[str]:
    state, read = scene.state, scene.read
    i, j, attention = state.query, state.key, read.attention
    score = float(attention.scores[i, j])
    scaled = score / math.sqrt(D_MODEL)
    lines = [*_place_lines(scene), arithmetic.score_line(read.query[i], read.key[j], score)]
    lines.append(arithmetic.scaled_line(score, D_MODEL, True, scaled))
    if read.bias is not None:
        bias = float(read.bias[i, j])
        # A gentle slope's bias would read as 0.00.
        digits = 2 if abs(bias) >= _SMALL or bias == 0 else 4
        terms = f"{number(scaled)} + {_bracketed(bias, digits)}"
        lines.append(f"logit = {terms} = {number(scaled + bias)}")
    weight = float(attention.weights[i, j])
    lines.append(arithmetic.weight_line(attention.logits[i], j, 1.0, weight))
    n_read = i + 1 if state.causal else len(state.words)
    weights, values = attention.weights[i, :n_read], read.value[:n_read]
    lines.append(arithmetic.output_line(weights, values, attention.output[i]))
    return lines


def _place_lines(scene: Scene) -> list[str]:
    """Write how the chosen query and key got their positions."""
    state, content = scene.state, scene.content
    places = places_of(len(content), state.positions)
    who = [("<i>q</i>", state.query), ("<i>k</i>", state.key)]
    if state.kind in ADDED:
        added = added_to(len(content), D_MODEL, state.positions)
        return [
            f"{name} = word + position {places[at]} = {_vector(content[at])} + "
            f"{_vector(added[at])} = {_vector(content[at] + added[at])}"
            for name, at in who
        ]
    if state.kind == "Rotary":
        speeds = sinusoidal_angles(1, state.rotary_dim, base=float(state.base))
        return [
            f"{name} = {_vector(content[at])}, its pairs turned by {places[at]} · "
            f"{_vector(speeds, 4)} radians = {_vector(scene.read.query[at])}"
            for name, at in who
        ]
    if state.kind in BIASED:
        distance = places[state.key] - places[state.query]
        where = f"{abs(distance)} {'before' if distance < 0 else 'after'} the query"
        return [f"the key stands {where if distance else 'where the query does'}"]
    return []


def _vector(values: NDArray[Any], digits: int = 2) -> str:
    return f"({', '.join(number(value, digits) for value in values)})"


def _bracketed(value: float, digits: int) -> str:
    return f"({number(value, digits)})" if value < 0 else number(value, digits)


# --- to take along ---------------------------------------------------------------------------


def take_arrays() -> dict[str, Tabular]:
    """Return every matrix on the page by name, the output and the whole table of positions."""
    scene = see(STORE.current)
    state = scene.state
    parts = (part for row in rows_of(scene) for part in row if isinstance(part, Matrix))
    found: dict[str, Tabular] = {part.id: part for part in parts}
    found["output"] = shown_matrix(
        "output", "Output", scene.read.attention.output, words_axis(scene)
    )
    if state.kind == "Sinusoidal":
        table = pictured_table(state.width, state.length, state.base, state.layout)
        rows = Axis("position", tuple(map(str, range(state.length))))
        found["sinusoids"] = shown_matrix("sinusoids", "Sinusoids", table, rows)
    elif state.kind == "Learned":
        rows = Axis("position", tuple(map(str, range(len(state.learned)))))
        found["learned"] = shown_matrix("learned", "Learned positions", state.learned, rows)
    if state.shown_picture == TEXT_TABLE:
        from pages._shared import trained_positions  # reads a file of weights

        found["trained_positions"] = trained_positions.as_table(state.window)
    return {**found, **trap_matrices(TRAPS, state.trap, scene)}


def pictured_table(width: int, length: int, base: int, layout: Any) -> NDArray[np.float64]:
    """Return the sinusoids of the picture, (length, width)."""
    return sinusoidal_encoding(np.arange(length), width, base=float(base), layout=layout)


def take_notebook() -> str:
    """Return a notebook that computes what is on the page, one step at a time."""
    return notebook(notebook_cells(see(STORE.current)))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    state = scene.state
    parts: Sequence[str] = (
        IN_TEXT[state.kind],
        "moved words" if state.is_moved else "words as typed",
        "causal mask" if state.causal else "no mask",
    )
    return About(page="Positional encoding", state=" · ".join(parts))


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
