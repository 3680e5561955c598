"""What a training on digits is called, and how two of them differ, in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.digit_settings import NEW_SHUFFLES, ONE_SHUFFLE, UNSHUFFLED, DigitSettings
from pages._shared.words import number

SHUFFLE_NAMES: Final = {
    UNSHUFFLED: "In their places",
    ONE_SHUFFLE: "Shuffled, all alike",
    NEW_SHUFFLES: "Shuffled, each anew",
}
_USUAL: Final = DigitSettings()
# What a switch is called where two trainings differ in it.
_SWITCHES: Final = {
    "positions": "the positions",
    "class_token": "what the answer is read from",
    "patch_size": "the patch size",
    "n_heads": "the number of heads",
    "n_layers": "the number of layers",
    "shuffle": "the order of the patches",
    "n_steps": "the number of steps",
    "seed": "the seed",
}
_LEFT: Final = " style='text-align: left; font-weight: 500; padding-right: 0.8rem'"
_HEADINGS: Final = ("Model", "Held-out right", "Parameters", "Steps", "Computing")


@dataclass(frozen=True)
class Row:
    """A model in the table.

    Attributes
    ----------
    name : str
    settings : DigitSettings
    step : int
        Steps taken.
    n_right : int
        Of `n_pictures` held-out pictures.
    n_pictures : int
    n_parameters : int
    seconds : float or None
        Spent on computing; None where it was not measured here.
    """

    name: str
    settings: DigitSettings
    step: int
    n_right: int
    n_pictures: int
    n_parameters: int
    seconds: float | None

    @property
    def share(self) -> float:
        """Share of the held-out pictures that it names rightly."""
        return self.n_right / self.n_pictures


def name_of(settings: DigitSettings) -> str:
    """Return what is unusual about settings, such as "No positions, 1 head"."""
    parts = []
    if not settings.positions:
        parts.append("no positions")
    if not settings.class_token:
        parts.append("no class token")
    if settings.patch_size != _USUAL.patch_size:
        parts.append(f"patches of {settings.patch_size} × {settings.patch_size}")
    if settings.n_heads != _USUAL.n_heads:
        parts.append(_counted(settings.n_heads, "head"))
    if settings.n_layers != _USUAL.n_layers:
        parts.append(_counted(settings.n_layers, "layer"))
    if settings.shuffle != UNSHUFFLED:
        parts.append(SHUFFLE_NAMES[settings.shuffle].lower())
    if settings.seed != _USUAL.seed:
        parts.append(f"seed {settings.seed}")
    named = ", ".join(parts) or "everything on"
    return named[0].upper() + named[1:]


def _counted(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def table(rows: Sequence[Row]) -> str:
    """Return the models that can be compared as an HTML table, the best of them in bold."""
    head = "".join(f"<th scope='col'{_LEFT}>{escape(one)}</th>" for one in _HEADINGS)
    best = max(row.n_right for row in rows)
    body = ""
    for row in rows:
        share = f"{row.share:.1%}"
        cells = (
            f"<b>{share}</b>" if row.n_right == best else share,
            f"{row.n_parameters:,}",
            f"{row.step:,}",
            "not measured here" if row.seconds is None else f"{number(row.seconds, 1)} s",
        )
        listed = "".join(f"<td>{cell}</td>" for cell in cells)
        body += f"<tr><th scope='row'{_LEFT}>{escape(row.name)}</th>{listed}</tr>"
    return (
        "<div style='overflow-x: auto' tabindex='0' role='region' aria-label='Models compared'>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def compared(rows: Sequence[Row]) -> str:
    """Say what a single switch made of the last of the models; nothing where none stands alone."""
    if not rows:
        return ""
    last = rows[-1]
    lines = []
    for other in rows[:-1]:
        changed = _changed(last.settings, other.settings)
        if len(changed) == 1:
            gap = last.n_right - other.n_right
            lines.append(
                f"“{last.name}” differs from “{other.name}” in {_SWITCHES[changed[0]]} alone: "
                f"{last.share:.1%} against {other.share:.1%}, {_pictures(gap)}."
            )
    return " ".join(lines)


def _changed(one: DigitSettings, other: DigitSettings) -> list[str]:
    names = [field.name for field in fields(DigitSettings)]
    return [name for name in names if getattr(one, name) != getattr(other, name)]


def _pictures(gap: int) -> str:
    if gap == 0:
        return "the same number of pictures"
    n = "1 picture" if abs(gap) == 1 else f"{abs(gap)} pictures"
    return f"{n} {'more' if gap > 0 else 'fewer'} right"


def mistakes(counts: NDArray[np.int64]) -> str:
    """Say how many held-out digits are named wrongly, and what is mistaken most often."""
    total, right = int(counts.sum()), int(counts.trace())
    if total == right:
        return f"All {total} held-out digits are named rightly."
    wrong = counts - np.diag(counts.diagonal())
    meant, named = np.unravel_index(int(wrong.argmax()), wrong.shape)
    most = int(wrong.max())
    times = "once" if most == 1 else f"{most} times"
    often = f"; most often {_a(meant)} is called {named}, {times}" if most > 1 else ""
    return f"{right} of {total} held-out digits are named rightly, {total - right} wrongly{often}."


def _a(digit: np.intp) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"
