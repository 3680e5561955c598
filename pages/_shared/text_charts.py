"""The picture of the labels: how near the text lies to each, also before a change."""

from __future__ import annotations

from typing import Final

import numpy as np

from pages._shared.drawing import Mark, Scale, box, path, words
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.text_measures import Verdict
from pages._shared.words import number

# It fits on a telephone.
_WIDTH: Final = 340
_ROW: Final = 42
_TOP: Final = 44
_RIGHT: Final = 290
_LONGEST_NAME: Final = 44
_STEP: Final = 0.1


def cosine_picture(
    found: Verdict, before: Verdict | None = None
) -> tuple[list[Mark], tuple[int, int]]:
    """Draw the cosine with each label as a bar, the winner's in full; and the picture's size.

    Parameters
    ----------
    found : Verdict
    before : Verdict, optional
        The same labels before a change: drawn as ticks across the bars.
    """
    both = [found.cosines] + ([] if before is None else [before.cosines])
    low = min(0.0, float(np.floor(np.min(both) / _STEP) * _STEP))
    high = max(0.2, float(np.ceil(np.max(both) / _STEP) * _STEP))
    across = Scale((low, high), (8, _RIGHT))
    zero, bottom = float(across(0.0)), _TOP + _ROW * len(found.names)
    title = "Cosine with each label" + ("" if before is None else "; ticks: before")
    marks = [words(title, 0, 14, size=14, bold=True)]
    marks.append(path([zero, zero], [_TOP - 14, bottom - 8], width=1.0, opacity=0.5))
    for row, (name, cosine) in enumerate(zip(found.names, found.cosines.tolist(), strict=True)):
        y, end = _TOP + _ROW * row, float(across(cosine))
        wins = row == found.winner
        marks.append(words(_shortened(name), 8, y, bold=wins))
        marks.append(box(min(zero, end), y + 6, abs(end - zero), 14, ACCENT if wins else _QUIET))
        tick = end
        if before is not None:
            tick = float(across(before.cosines[row]))
            marks.append(box(tick - 1.5, y + 3, 3, 20, CONTRAST))
        marks.append(words(number(cosine, 3), max(end, zero, tick) + 7, y + 18, bold=wins))
    return marks, (_WIDTH, bottom + 2)


_QUIET: Final = "#8a8f98"


def _shortened(name: str) -> str:
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
