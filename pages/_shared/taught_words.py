"""What was taught and what came of it, in words, tables and bars.

Names are a reader's own: what goes into HTML is escaped here.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np

from core.prototypes import Prototypes, Verdict
from core.teaching import FEWEST_PHOTOS, LeaveOneOut
from pages._shared.drawing import Mark, Scale, box, path, words
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.taught import Taught
from pages._shared.taught_photos import TaughtClass, TaughtPhoto
from pages._shared.words import isolated, number

NONE: Final = "none of these"

# All columns have the same width, whatever the names: half a page holds seven of them.
_TABLE: Final = "style='table-layout:fixed;width:100%;font-size:clamp(0.68rem,2.8vw,0.75rem)'"
_CELL: Final = (
    "style='min-width:0;padding:3px 3px 3px 1px;vertical-align:bottom;line-height:1.25;"
    "overflow-wrap:anywhere;hyphens:auto'"
)

# It fits on a telephone.
_WIDTH: Final = 340
_ROW: Final = 30
_TOP: Final = 40
_NAMES: Final = 116  # the column of names at its widest, and what a letter takes
_LETTER: Final = 6.8
_RIGHT: Final = 290
_STEP: Final = 0.1
_QUIET: Final = "#8a8f98"
_NUMBER: Final = 48  # room for one beside a bar


def verdict_sentences(
    taught: Taught, prototypes: Prototypes, verdict: Verdict, place: int | None
) -> list[str]:
    """Say what a photo is called and why.

    Parameters
    ----------
    taught : Taught
    prototypes : Prototypes
        What the photo was compared with.
    verdict : Verdict
    place : int, optional
        Which of the photos that were taught it is.
    """
    nearest = f"“{isolated(prototypes.names[verdict.nearest])}”"
    highest = number(float(verdict.similarities[verdict.nearest]), 3)
    least = number(prototypes.least, 3)
    if verdict.is_near:
        said = [f"{nearest}: cosine {highest}, and {least} is near enough."]
    else:
        said = [f"None of these. {nearest} is nearest with {highest}; near enough is {least}."]
    said.append(_least_sentence(taught, prototypes))
    if place is not None:
        said.append("The photo is one of those that were taught, so it was left out here.")
    return said


def _least_sentence(taught: Taught, prototypes: Prototypes) -> str:
    if taught.left_out is None:
        return (
            "That bound came with the file: it was measured on the photos that the classes in it "
            "were made from."
        )
    mean = number(float(taught.left_out.own.mean()), 3)
    return (
        "That is two thirds of what the photos that were taught have with their own class, each "
        f"left out of it: {mean} on average."
    )


def left_out_sentences(left_out: LeaveOneOut) -> list[str]:
    """Say how well what was taught is told apart."""
    n_photos, named = len(left_out.labels), int(np.trace(left_out.table))
    right, far = int((left_out.nearest == left_out.labels).sum()), int((~left_out.is_near).sum())
    return [
        f"Each photo left out in its turn: {right} of {n_photos} are nearest to their own class "
        f"({100 * left_out.accuracy:.0f}%).",
        f"{far} of {n_photos} would wrongly be called “{NONE}”. With so few photos both are rough.",
        _table_sentence(right, named),
    ]


def _table_sentence(right: int, named: int) -> str:
    """Say how the photos that are nearest to their own class stand to those named after it."""
    if right == named:
        return f"The table counts what each is called: {named} are called by their own class."
    lost = right - named
    return (
        "The table counts what each is called, and to be named a photo has to be near enough: "
        f"{lost} of the {right} {'is' if lost == 1 else 'are'} not, so {named} are called by "
        "their own class."
    )


def left_out_table(prototypes: Prototypes, left_out: LeaveOneOut) -> str:
    """Return the table, in HTML, of how many photos of each class were called what."""
    table = left_out.table
    names = [escape(isolated(name)) for name in prototypes.names]
    head = "".join(f"<th scope='col' {_CELL}>{name}</th>" for name in (*names, NONE))
    rows = "".join(
        f"<tr><th scope='row' {_CELL}>{names[row]}</th>"
        + "".join(
            f"<td {_CELL}>{f'<b>{count}</b>' if column == row else count or '·'}</td>"
            for column, count in enumerate(counts.tolist())
        )
        + "</tr>"
        for row, counts in enumerate(table)
    )
    return (
        f"<div style='overflow-x:auto'><table class='roles' {_TABLE}><caption class='unseen'>How "
        "many photos of each class, left out in turn, were called what</caption><thead><tr>"
        f"<th scope='col' {_CELL}>taught as</th>{head}</tr></thead><tbody>{rows}</tbody></table>"
        "</div>"
    )


def photos_strip(photos: Sequence[TaughtPhoto], name: str, *, numbered: bool = False) -> str:
    """Return the thumbnails of a class as HTML; counted from 1 where they can be taken away."""
    figures = "".join(
        "<li style='list-style:none;margin:0;text-align:center;font-size:0.8rem'>"
        f"<img src='data:image/jpeg;base64,{photo.thumbnail}' alt='{escape(photo.title, True)}' "
        f"title='{escape(photo.title, True)}' style='height:56px;border-radius:4px;display:block'>"
        f"{place + 1 if numbered else ''}</li>"
        for place, photo in enumerate(photos)
    )
    return (
        f"<ul aria-label='Photos of {escape(name, True)}' "
        f"style='display:flex;flex-wrap:wrap;gap:6px;margin:0;padding:0'>{figures}</ul>"
    )


def waiting_sentence(classes: Sequence[TaughtClass]) -> str:
    """Say which of the chosen classes are not compared yet, or ""."""
    said = [
        f"“{isolated(one.name)}” has {len(one.photos)} of the {FEWEST_PHOTOS} photos that it needs."
        for one in classes
        if not one.is_ready
    ]
    return " ".join([*said, "Until then it is not compared."]) if said else ""


def file_sentence(prototypes: Prototypes) -> str:
    """Say what a loaded file holds."""
    listed = ", ".join(
        f"“{isolated(name)}” ({count} photos)"
        for name, count in zip(prototypes.names, prototypes.counts, strict=True)
    )
    return (
        f"Loaded from a file: {listed}. The photos are not in it, so what it holds cannot be "
        "tested by leaving them out."
    )


def similarity_picture(
    prototypes: Prototypes, verdict: Verdict
) -> tuple[list[Mark], tuple[int, int]]:
    """Draw a photo's cosine with every class as a bar, and what is near enough as a line."""
    values = verdict.similarities
    low = min(0.0, float(np.floor(values.min() / _STEP) * _STEP))
    high = max(prototypes.least, float(np.ceil(values.max() / _STEP) * _STEP), 2 * _STEP)
    names = [_short(name) for name in prototypes.names]
    left = max(map(_wide, names)) * _LETTER + 10
    across = Scale((low, high), (left, _RIGHT))
    zero, bottom = float(across(0.0)), _TOP + _ROW * len(values)
    bound = float(across(prototypes.least))
    marks = [words("Cosine with each class", 0, 14, size=14, bold=True)]
    marks.append(path([zero, zero], [_TOP - 10, bottom - 2], width=1.0, opacity=0.5))
    for row, (name, value) in enumerate(zip(names, values.tolist(), strict=True)):
        y, end = _TOP + _ROW * row, float(across(value))
        wins = verdict.is_near and row == verdict.nearest
        marks.append(words(isolated(name), 0, y + 12, bold=wins))
        marks.append(box(min(zero, end), y, abs(end - zero), 16, ACCENT if wins else _QUIET))
        right = max(end, zero)
        # A number does not stand on the line.
        right = bound if 0 <= bound - right < _NUMBER else right
        marks.append(words(number(value, 3), right + 7, y + 12, bold=wins))
    marks.append(path([bound, bound], [_TOP - 10, bottom], CONTRAST, width=2.0, dashes="5 3"))
    said = f"near enough: {number(prototypes.least, 3)}"
    middle = min(bound, _WIDTH - _LETTER * len(said) / 2)
    marks.append(words(said, middle, bottom + 14, "middle"))
    return marks, (_WIDTH, bottom + 22)


def _short(name: str) -> str:
    """Return a name, or as much of it as its column holds."""
    room = int(_NAMES / _LETTER)
    if _wide(name) <= room:
        return name
    kept = next(n for n in range(len(name), -1, -1) if _wide(name[:n]) < room)
    return f"{name[:kept].rstrip()}…"


def _wide(text: str) -> int:
    """Return how many letters' room a text takes; Chinese characters and the like take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
