"""What heads do, in words, and patterns to look for: shared by the pages with the text encoder."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.head_roles import ROLES, Role, RoleMasses
from pages._shared.words import number

Head = tuple[int, int]
Cells = NDArray[np.bool_]

# Most names along an axis on which a pattern can be painted by hand: on more, cells are dots.
MOST_PAINTED: Final = 66

DIAGONAL: Final = "Diagonal"
PREVIOUS: Final = "Word before"
NEXT: Final = "Word after"
FIRST_WORD: Final = "First word"
COLUMN: Final = "One column"
OWN: Final = "My own"
PATTERNS: Final = (PREVIOUS, NEXT, DIAGONAL, FIRST_WORD, COLUMN, OWN)

# Of each role: its name where there is little room, and what such a head reads.
_SHORT: Final[dict[Role, str]] = {
    "previous word": "before",
    "next word": "after",
    "same word elsewhere": "same",
    "itself": "itself",
    "sink": "sink",
    "punctuation": "marks",
}
READS: Final[dict[Role, str]] = {
    "previous word": "the word before",
    "next word": "the word after",
    "same word elsewhere": "the same word in other places",
    "itself": "itself",
    "sink": "[CLS] and [SEP]",
    "punctuation": "punctuation marks",
}


def pattern_cells(
    pattern: str, n_words: int, *, column: int, painted: Collection[tuple[int, int]]
) -> Cells:
    """Return the cells of a pattern over the words, with [CLS] first and [SEP] last.

    Parameters
    ----------
    pattern : str
        One of `PATTERNS`.
    n_words : int
        How many words the text has, without [CLS] and [SEP].
    column : int
        The place of the column of `COLUMN`, with [CLS] at 0.
    painted : collection of (row, column)
        The cells of `OWN`; those beyond the text are left out.

    Returns
    -------
    ndarray of bool, (n_words + 2, n_words + 2)
    """
    size = n_words + 2
    cells = np.zeros((size, size), np.bool_)
    words = cells[1:-1, 1:-1]
    if pattern == OWN:
        for row, place in painted:
            if row < size and place < size:
                cells[row, place] = True
    elif pattern == COLUMN:
        cells[1:-1, min(max(column, 0), size - 1)] = True
    elif pattern == FIRST_WORD:
        words[:, :1] = True
    else:
        offset = {PREVIOUS: -1, NEXT: 1, DIAGONAL: 0}[pattern]
        words |= np.eye(n_words, k=offset, dtype=np.bool_)
    return cells


def head_name(head: Head) -> str:
    """Name a head by its place, from 1."""
    layer, place = head
    return f"head {place + 1} of layer {layer + 1}"


def role_captions(masses: RoleMasses) -> dict[Head, str]:
    """Return a few words for each head that clearly plays a role."""
    captions = {}
    for head in clear_heads(masses):
        role = masses.roles_of(*head)[0]
        mass = masses.mass[ROLES.index(role)][head]
        captions[head] = f"{_SHORT[role]} {number(mass)}"
    return captions


def clear_heads(masses: RoleMasses) -> list[Head]:
    """Return the heads that clearly play some role, layer by layer."""
    return [(int(layer), int(head)) for layer, head in np.argwhere(masses.clear().any(axis=0))]


def roles_sentence(head: Head, masses: RoleMasses) -> str:
    """Say which roles a head clearly plays on this text."""
    played = [
        f"it gives {READS[role]} {number(masses.mass[ROLES.index(role)][head])} of its weight "
        f"(uniform attention: {number(masses.chance[ROLES.index(role)])})"
        for role in masses.roles_of(*head)
    ]
    name = head_name(head).capitalize()
    if not played:
        return f"{name} plays none of the six roles clearly on this text."
    return f"{name} has a role on this text: {'; '.join(played)}."


def grid_text(masses: RoleMasses) -> str:
    """Say in words what a grid of all heads shows: which have a clear role, and which role."""
    n_layers, n_heads = masses.mass.shape[1:]
    clear = masses.clear()
    best = best_heads(masses)
    said = [
        f"{READS[role]} ({head_name(best[role][0])}"
        + (f" and {count - 1} more)" if count > 1 else ")")
        for role, count in zip(ROLES, clear.sum(axis=(1, 2)).tolist(), strict=True)
        if count
    ]
    what = (
        f"Outlined: a clear role on this text. Such heads read {', '.join(said)}."
        if said
        else "None has a clear role on this text."
    )
    return f"{n_layers * n_heads} heads, one row a layer. {what}"


def role_place(role: str) -> int:
    """Return a role's place in `ROLES`."""
    return next(place for place, name in enumerate(ROLES) if name == role)


def role_ranking(masses: RoleMasses, role: str) -> list[tuple[int, int, float]]:
    """Return all heads with how much of their weight serves a role, the most first."""
    return ranking_of(masses.mass[role_place(role)])


def ranking_of(mass: NDArray[np.float32]) -> list[tuple[int, int, float]]:
    """Return (layer, head, mass) of all heads, the most first."""
    order = np.argsort(-mass.round(6), axis=None, kind="stable")
    places = zip(*np.unravel_index(order, mass.shape), strict=True)
    return [(int(layer), int(head), float(mass[layer, head])) for layer, head in places]


def best_heads(masses: RoleMasses) -> Mapping[Role, tuple[Head, float]]:
    """Return for each role that the text can show the head that plays it most, and how far."""
    best: dict[Role, tuple[Head, float]] = {}
    for place, role in enumerate(ROLES):
        if masses.n_words[place]:
            layer, head, mass = ranking_of(masses.mass[place])[0]
            best[role] = (layer, head), mass
    return best
