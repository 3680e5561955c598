"""What was taught and what came of it, in words, tables and bars.

Names are a reader's own: what goes into HTML is escaped here.
"""

from __future__ import annotations

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

# It fits on a telephone.
_WIDTH: Final = 340
_ROW: Final = 42
_TOP: Final = 44
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
        return "That bound came with the file; it was measured on the photos of who taught it."
    mean = number(float(taught.left_out.own.mean()), 3)
    return (
        "That is two thirds of what the photos that were taught have with their own class, each "
        f"left out of it: {mean} on average."
    )


def left_out_sentences(left_out: LeaveOneOut) -> list[str]:
    """Say how well what was taught is told apart."""
    n_photos = len(left_out.labels)
    right, far = int((left_out.nearest == left_out.labels).sum()), int((~left_out.is_near).sum())
    return [
        f"Each photo left out in its turn: {right} of {n_photos} are nearest to their own class "
        f"({100 * left_out.accuracy:.0f}%).",
        f"{far} of {n_photos} would wrongly be called “{NONE}”. With so few photos both are rough.",
    ]


def left_out_table(prototypes: Prototypes, left_out: LeaveOneOut) -> str:
    """Return the table, in HTML, of how many photos of each class were called what."""
    table = left_out.table
    names = [escape(isolated(name)) for name in prototypes.names]
    head = "".join(f"<th scope='col'>{name}</th>" for name in (*names, NONE))
    rows = "".join(
        f"<tr><th scope='row'>{names[row]}</th>"
        + "".join(
            f"<td>{f'<b>{count}</b>' if column == row else count or '·'}</td>"
            for column, count in enumerate(counts.tolist())
        )
        + "</tr>"
        for row, counts in enumerate(table)
    )
    return (
        "<div style='overflow-x:auto'><table class='roles'><caption class='unseen'>How many photos "
        "of each class, left out in turn, were called what</caption><thead><tr>"
        f"<th scope='col'>taught as</th>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
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
    across = Scale((low, high), (8, _RIGHT))
    zero, bottom = float(across(0.0)), _TOP + _ROW * len(values)
    bound = float(across(prototypes.least))
    marks = [words("Cosine with each class", 0, 14, size=14, bold=True)]
    marks.append(path([zero, zero], [_TOP - 14, bottom - 8], width=1.0, opacity=0.5))
    for row, (name, value) in enumerate(zip(prototypes.names, values.tolist(), strict=True)):
        y, end = _TOP + _ROW * row, float(across(value))
        wins = verdict.is_near and row == verdict.nearest
        marks.append(words(isolated(name), 8, y, bold=wins))
        marks.append(box(min(zero, end), y + 6, abs(end - zero), 14, ACCENT if wins else _QUIET))
        right = max(end, zero)
        # A number does not stand on the line.
        right = bound if 0 <= bound - right < _NUMBER else right
        marks.append(words(number(value, 3), right + 7, y + 18, bold=wins))
    marks.append(path([bound, bound], [_TOP - 14, bottom], CONTRAST, width=2.0, dashes="5 3"))
    marks.append(words(f"near enough: {number(prototypes.least, 3)}", bound, bottom + 14, "middle"))
    return marks, (_WIDTH, bottom + 22)
