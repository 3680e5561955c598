"""The weights that a small Vision Transformer learned, in groups that are drawn together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple, dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.codecs import Codec, Digit, FunctionCodec, Take
from core.packing import one_of, tuple_of
from core.position_likeness import cosines_between

PATCHES: Final = "Patches"
POSITIONS: Final = "Tokens and positions"
ANSWER: Final = "Answer"
ATTENTION: Final = "Attention"
MLP: Final = "MLP"
NORMS: Final = "Norms"
GROUPS: Final = (ATTENTION, MLP, NORMS)
_MOST_LAYERS: Final = 12

Float32Array = NDArray[np.float32]
Parameters = Mapping[str, Float32Array]


def layer_part(layer: int) -> str:
    """Name the part of a layer, from 0."""
    return f"Layer {layer + 1}"


PARTS: Final = (PATCHES, POSITIONS, *(layer_part(layer) for layer in range(_MOST_LAYERS)), ANSWER)


@dataclass(frozen=True)
class WeightsChoice:
    """Which weights are looked at; a model may not have them, see `part_of`.

    Attributes
    ----------
    part : str
        One of `PARTS`.
    group : str
        Of a layer, one of `GROUPS`.
    """

    part: str = PATCHES
    group: str = ATTENTION


def weights_codec() -> Codec[WeightsChoice]:
    """Return the codec of a choice in the link of a page."""
    fields = tuple_of(one_of(PARTS), one_of(GROUPS))

    def write(choice: WeightsChoice) -> tuple[Digit, ...]:
        return fields.write(astuple(choice))

    def read(take: Take) -> WeightsChoice:
        return WeightsChoice(*fields.read(take))

    return FunctionCodec(write, read)


@dataclass(frozen=True, eq=False)
class Shown:
    """One matrix as it is drawn: a parameter, or several vectors one below the other.

    Attributes
    ----------
    title : str
    names : tuple of str
        The parameters in it; none where it is computed from others.
    values : ndarray of float32, (row, column)
    rows, columns : str
        What the axes count.
    note : str
        What rows and columns are, in a sentence.
    limit : float or None
        End of the colours; None for the largest number.
    first : int
        Number of the first row.
    """

    title: str
    names: tuple[str, ...]
    values: Float32Array
    rows: str
    columns: str
    note: str
    limit: float | None = None
    first: int = 1


def parts_of(parameters: Parameters) -> tuple[str, ...]:
    """Return the parts that a model has, in order."""
    return tuple(part for part in PARTS if any(_part(name) == part for name in parameters))


def part_of(choice: WeightsChoice, parameters: Parameters) -> str:
    """Return the chosen part; the first where a model does not have it."""
    parts = parts_of(parameters)
    return choice.part if choice.part in parts else parts[0]


def shown_of(choice: WeightsChoice, parameters: Parameters, n_heads: int) -> list[Shown]:
    """Return what is drawn of the chosen part; for a layer, of the chosen group."""
    part = part_of(choice, parameters)
    names = [name for name in parameters if _part(name) == part]
    if part == PATCHES:
        return _patches(parameters, names)
    if part == POSITIONS:
        return _positions(parameters, names)
    if part == ANSWER:
        return _matrices(parameters, names, _ANSWER_NOTES)
    chosen = [name for name in names if _group(name) == choice.group]
    d_head = parameters["layer_1_W_Q"].shape[0] // n_heads
    return _matrices(parameters, chosen, _layer_notes(n_heads, d_head))


def all_shown(parameters: Parameters, n_heads: int) -> list[Shown]:
    """Return everything that is drawn in any part: every parameter is in it once."""
    return [
        shown for part in parts_of(parameters) for shown in part_shown(part, parameters, n_heads)
    ]


def part_shown(part: str, parameters: Parameters, n_heads: int) -> list[Shown]:
    """Return everything that is drawn of a part, of a layer in all its groups."""
    groups = GROUPS if part.startswith("Layer") else GROUPS[:1]
    return [
        shown
        for group in groups
        for shown in shown_of(WeightsChoice(part, group), parameters, n_heads)
    ]


def _part(name: str) -> str:
    if name.startswith("layer_"):
        return layer_part(int(name.split("_")[1]) - 1)
    if name.startswith("patch_"):
        return PATCHES
    later = ("answer_", "distilled_answer_", "last_norm_")
    return ANSWER if name.startswith(later) else POSITIONS


def _group(name: str) -> str:
    inner = name.split("_", 2)[2]
    if "norm" in inner or "scale" in inner:
        return NORMS
    return MLP if inner in ("W_1", "b_1", "W_2", "b_2") else ATTENTION


def _patches(parameters: Parameters, names: list[str]) -> list[Shown]:
    filters = parameters["patch_filters"]
    flat = filters.reshape(len(filters), -1)
    note = f"Each row is one of {len(filters)} filters; a column is a pixel of the patch."
    shown = [Shown("Patch filters", ("patch_filters",), flat, "filter", "pixel", note)]
    return shown + _matrices(parameters, [name for name in names if name != "patch_filters"], {})


def _positions(parameters: Parameters, names: list[str]) -> list[Shown]:
    shown = _matrices(parameters, names, _POSITION_NOTES)
    if "positions" in parameters:
        alike = cosines_between(parameters["positions"]).astype(np.float32)
        note = "Computed from the positions: the cosine of each with every other."
        shown.append(
            Shown("Likeness of positions", (), alike, "position", "position", note, limit=1.0)
        )
    return shown


def _matrices(
    parameters: Parameters, names: list[str], notes: Mapping[str, tuple[str, str, str]]
) -> list[Shown]:
    """Return matrices as they are, and vectors of one length one below the other."""
    shown, vectors = [], [name for name in names if parameters[name].ndim == 1]
    for name in names:
        if parameters[name].ndim == 2:
            rows, columns, note = notes.get(_inner(name), ("row", "column", ""))
            shown.append(Shown(_title(name), (name,), parameters[name], rows, columns, note))
    for size in dict.fromkeys(parameters[name].size for name in vectors):
        alike = [name for name in vectors if parameters[name].size == size]
        stacked = np.stack([parameters[name] for name in alike])
        listed = "; ".join(f"{row}: {_inner(name)}" for row, name in enumerate(alike, start=1))
        title = "Vectors" if len(alike) > 1 else _title(alike[0])
        note = f"Rows are {listed}." if len(alike) > 1 else ""
        shown.append(Shown(title, tuple(alike), stacked, "row", "number", note))
    return shown


def _title(name: str) -> str:
    inner = _inner(name)
    if inner.startswith(("W_", "b_")):
        return inner
    return inner.replace("answer_W", "directions of the answers").replace("_", " ").capitalize()


def _inner(name: str) -> str:
    return name.split("_", 2)[2] if name.startswith("layer_") else name


_IN_OUT: Final = ("out", "in")
_ANSWER_NOTES: Final = {
    "answer_W": (
        *("class", "in"),
        "Each row is the direction of one digit, 0 to 9: the dot product with it is the logit.",
    )
}
_POSITION_NOTES: Final = {
    "positions": (
        *("token", "number"),
        "Each row is added to one token: the class token where there is one, then the patches.",
    ),
    "registers": ("register", "number", ""),
}


def _layer_notes(n_heads: int, d_head: int) -> dict[str, tuple[str, str, str]]:
    one_head = f"{d_head} of them belong to each of {n_heads} heads, in order"
    qkv = {
        f"W_{letter}": (*_IN_OUT, f"Rows are numbers of the {what}; {one_head}.")
        for letter, what in (("Q", "query"), ("K", "key"), ("V", "value"))
    }
    return qkv | {
        "W_O": (*_IN_OUT, f"Columns are what the heads put out; {one_head}."),
        "W_1": (*_IN_OUT, "A row is a hidden unit, what it reads of a token."),
        "W_2": (*_IN_OUT, "A column is a hidden unit, what it adds to a token."),
    }
