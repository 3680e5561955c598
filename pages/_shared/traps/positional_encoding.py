"""Traps of positions: a wrong exponent, and two layouts of rotary positions in one attention."""

from __future__ import annotations

from typing import Final, get_args

import numpy as np

from core.position_traps import Exponent, along_diagonals, rotary_scores, wrong_sinusoidal
from core.positional import sinusoidal_encoding
from pages._shared.matrix import Axis, Matrix, nice_limit
from pages._shared.position_toy import Scene
from pages._shared.trap import Exhibit, Knob, Trap
from pages._shared.traps.parts import Array
from pages._shared.words import number

EXPONENTS: Final[tuple[Exponent, ...]] = get_args(Exponent)
WIDTHS: Final = (4, 8, 16, 64)
STEPS: Final = (1, 3, 10, 30, 100, 300)
FIRST: Final = (0, 1, 2, 3, 5, 10, 30, 100, 1000)
N_PLACE: Final = 8
BASE: Final = 10_000.0
# The diagonal is 1 where sine and cosine belong together.
LIMIT: Final = 1.5


def _positions(title: str, values: Array, places: Array, note: str, limit: float) -> Matrix:
    labels = tuple(f"{place:.0f}" for place in places)
    rows, columns = Axis("position", labels), Axis("position ", labels)
    return Matrix(f"trap_{title.lower()}", title, values, rows, columns, note, limit=limit)


# ---- the wrong exponent


def show_exponent(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show how alike positions are, with a wrong exponent and with the right one."""
    del scene  # it has fewer words than it takes to see this
    exponent, d_model, step = EXPONENTS[stops[0]], WIDTHS[stops[1]], STEPS[stops[2]]
    places = step * np.arange(N_PLACE)
    table = wrong_sinusoidal(places, d_model, exponent=exponent, base=BASE)
    right = _similarity(sinusoidal_encoding(places, d_model, base=BASE))
    wrong = _similarity(table)
    note = "dot product / (d / 2)"
    row = [
        _positions("Wrong", wrong, places, note, LIMIT),
        _positions("Right", right, places, note, LIMIT),
    ]
    return Exhibit(
        rows=[row],
        said=_said_of_exponent(wrong, right, d_model, exponent, step),
        wrong=f"angle = position / base ** ({exponent})",
        right="angle = position / base ** (2 * (column // 2) / d)",
    )


def _similarity(table: Array) -> Array:
    similarity: Array = table @ table.T / (table.shape[1] / 2)
    return similarity


def _said_of_exponent(
    wrong: Array, right: Array, d_model: int, exponent: Exponent, step: int
) -> str:
    low, high = along_diagonals(wrong, 1)
    ours = number(along_diagonals(right, 1)[0])
    apart = "neighbours" if step == 1 else f"two places {step} apart"
    if high - low > 0.005:
        return (
            f"How alike {apart} are depends on where they stand: from {number(low)} to "
            f"{number(high)}; on the right {ours} everywhere. Sine and cosine of a pair have "
            "different angles, so no turn leads from one position to the next."
        )
    if exponent != "column // 2 / d":
        return (
            f"Here {apart} are {number(low)} alike, on the right {ours}. That the place decides "
            "does not show at this step and width: try others."
        )
    far = N_PLACE - 1
    last = 2 * ((d_model - 1) // 2)
    waves = [2 * np.pi * BASE ** (power / d_model) for power in (last / 2, last)]
    return (
        f"The distance still decides, but the waves are too short: the longest takes "
        f"{waves[0]:.0f} positions, not {waves[1]:.0f}. So {apart} are {number(low)} alike, on the "
        f"right {ours}; {far * step} apart {number(float(wrong[0, far]))}, on the right "
        f"{number(float(right[0, far]))}."
    )


# ---- two layouts


def show_layouts(scene: Scene, stops: tuple[int, ...]) -> Exhibit:
    """Show one query and one key in every two positions, turned in two layouts and in one."""
    state, places = scene.state, FIRST[stops[0]] + np.arange(N_PLACE)
    query, key = scene.content[state.query], scene.content[state.key]
    wrong, right = (
        rotary_scores(query, key, places, mixed=mixed, base=float(state.base))
        for mixed in (True, False)
    )
    limit = nice_limit(wrong, right)
    row = [
        _positions("Wrong", wrong, places, "neighbours with halves", limit),
        _positions("Right", right, places, "halves with halves", limit),
    ]
    low, high = along_diagonals(wrong, 1)
    ours = number(along_diagonals(right, 1)[0])
    pair = f"“{state.words[state.query]}” asks “{state.words[state.key]}” one place further on"
    if high - low > 0.005:
        said = (
            f"{pair}: the score is {number(low)} to {number(high)}, by where they stand; on the "
            f"right {ours} everywhere. Move both on: the right side stands still."
        )
    else:
        said = f"{pair}: the score is {number(low)} everywhere, and {ours} on the right."
    return Exhibit(
        rows=[row],
        said=said,
        wrong="q = rotate_interleaved(q, position)\nk = rotate_halves(k, position)",
        right="q = rotate_halves(q, position)\nk = rotate_halves(k, position)",
    )


TRAPS: Final[tuple[Trap[Scene], ...]] = (
    Trap(
        name="exponent",
        title="The wrong exponent",
        about=(
            "Sinusoids come in pairs, a sine and a cosine of one angle, and the exponent is that "
            "of the pair. Three ways to write it otherwise; how alike are 8 positions then?"
        ),
        knobs=(
            Knob("Exponent", EXPONENTS),
            Knob("d_model", tuple(map(str, WIDTHS)), 1),
            Knob("Step from position to position", tuple(map(str, STEPS)), 1),
        ),
        show=show_exponent,
    ),
    Trap(
        name="layouts",
        title="Two layouts of rotary",
        about=(
            "Rotary positions turn pairs of numbers: neighbours in some code, halves in other. "
            "Here the query is turned by the one, the key by the other: your chosen words, with "
            "your base."
        ),
        knobs=(Knob("First position", tuple(map(str, FIRST))),),
        show=show_layouts,
    ),
)
