"""Explanations in words: what each map is, and what the tests found."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.explain import ROLLOUT_START
from core.faithfulness import Direction
from core.sweeps import Areas
from pages._shared.explanations import GRADIENT, NAMES, OCCLUSION, RAW, ROLLOUT, Explained
from pages._shared.palette import ACCENT, CONTRAST
from pages._shared.words import number

CHANCE: Final = "Random order"
COLOURS: Final = {
    RAW: ACCENT,
    ROLLOUT: CONTRAST,
    GRADIENT: "#2f9e77",
    OCCLUSION: "#c75b9b",
    CHANCE: "#8a8a8a",
}
_LEFT: Final = " style='text-align: left; font-weight: 500; padding-right: 0.8rem'"

FloatArray = NDArray[np.float64]


def what_it_is(
    name: str,
    made: Explained,
    *,
    has_class_token: bool,
    from_patches: bool,
    block: int,
    is_distilled: bool = False,
) -> str:
    """Say what a map is made from.

    Parameters
    ----------
    name : str
        One of `NAMES`.
    made : Explained
    has_class_token : bool
        Whether the class token reads, or all patches on average.
    from_patches : bool
        Whether the number that is explained is read from patches.
    block : int
        Patches along the side of a hidden block.
    is_distilled : bool
        Whether the number is read from a distillation token too.
    """
    asks = "the class token" if has_class_token else "all patches, on average,"
    last, first = made.n_layers, min(ROLLOUT_START, made.n_layers - 1) + 1
    if name == RAW:
        return f"What {asks} reads in layer {last}, the mean of the heads."
    if name == ROLLOUT:
        start = "" if first == 1 else "; layer 1 is left out, a sink there would outshine the rest"
        return f"What reaches {asks} through layers {first} to {last}{start}."
    if name == GRADIENT:
        whose = "the salient patches, on average" if from_patches else asks.rstrip(",")
        if is_distilled:
            whose = "the class token and the distillation token, on average"
        return (
            f"In layers 1 to {last} each weight times the slope of the score by it (of a "
            "probability, its logit), what is above 0 alone (Chefer, Gur and Wolf 2021), followed "
            f"to {whose}."
        )
    size = "each patch" if block == 1 else f"each block of {block} × {block} patches"
    return f"How much the number falls when {size} is hidden. What rises counts as 0 here."


def what_it_takes(n_passes: int, made: Explained) -> str:
    """Say how long so many passes take, at least; nothing where that is no time at all."""
    seconds = n_passes * made.pass_seconds
    if seconds < 2:
        return ""
    return f"{n_passes:,} passes of the model: {seconds:.0f} s or more, at the speed it has now."


def shares_of(values: FloatArray) -> FloatArray:
    """Return a map as shares of its own total; what is below 0 or not known counts as 0."""
    kept = np.maximum(np.nan_to_num(values, nan=0.0), 0.0)
    total = kept.sum()
    shares: FloatArray = kept / total if total > 0 else kept
    return shares


def areas_table(deletion: Areas, insertion: Areas, label: str) -> str:
    """Return the areas of one picture or of a set as an HTML table; the legend of the curves too.

    Parameters
    ----------
    deletion, insertion : Areas
        Of the same explanations.
    label : str
        What a screen reader calls the table.
    """
    heads = ("Order", "Deletion: area, low is better", "Insertion: area, high is better")
    head = "".join(f"<th scope='col'{_LEFT}>{escape(one)}</th>" for one in heads)
    body = ""
    for name in (one for one in NAMES if one in deletion.named):
        cells = "".join(
            f"<td>{number(areas.named[name], 3)}{_remark(areas, name)}</td>"
            for areas in (deletion, insertion)
        )
        body += f"<tr><th scope='row'{_LEFT}>{_swatch(name)} {escape(name)}</th>{cells}</tr>"
    chance = "".join(
        f"<td>{number(areas.chance.mean, 3)} ± {number(areas.chance.spread, 3)}</td>"
        for areas in (deletion, insertion)
    )
    n_random = len(deletion.chance.areas)
    title = f"{n_random} random orders, mean ± spread"
    body += f"<tr><th scope='row'{_LEFT}>{_swatch(CHANCE)} {title}</th>{chance}</tr>"
    return (
        f"<div class='sum'><div style='overflow-x: auto' tabindex='0' role='region' "
        f"aria-label='{escape(label)}'><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table></div></div>"
    )


def _swatch(name: str) -> str:
    return f"<span style='color:{COLOURS[name]}' aria-hidden='true'>■</span>"


def _remark(areas: Areas, name: str) -> str:
    if name in areas.verdict.better:
        return " (beats chance)"
    return " (worse than chance)" if name in areas.verdict.worse else ""


def verdict_sentence(deletion: Areas, insertion: Areas, where: str) -> str:
    """Say which explanation was faithful, or that none beat chance.

    Parameters
    ----------
    deletion, insertion : Areas
        Of the same explanations.
    where : str
        ``"Here"``, or ``"Over these 8 pictures"``.
    """
    winners = {direction: _winner(areas) for direction, areas in _both(deletion, insertion).items()}
    by_deletion, by_insertion = winners["deletion"], winners["insertion"]
    if by_deletion is None and by_insertion is None:
        return (
            f"{where} no explanation was faithful: in neither test did any beat random orders by "
            "more than their spread."
        )
    if by_deletion == by_insertion:
        return (
            f"{where} **{by_deletion}** was the most faithful in both tests: hiding its patches "
            f"first left {_against(deletion, by_deletion)}, showing them first gave "
            f"{_against(insertion, by_insertion)}."
        )
    parts = [
        f"by deletion **{by_deletion}** ({_against(deletion, by_deletion)})"
        if by_deletion
        else "by deletion none, for none beat random orders by more than their spread",
        f"by insertion **{by_insertion}** ({_against(insertion, by_insertion)})"
        if by_insertion
        else "by insertion none, for none beat random orders by more than their spread",
    ]
    return f"{where} the tests disagree on which was the most faithful: {'; '.join(parts)}."


def _both(deletion: Areas, insertion: Areas) -> Mapping[Direction, Areas]:
    return {"deletion": deletion, "insertion": insertion}


def _winner(areas: Areas) -> str | None:
    """Return the best explanation if it beat chance."""
    best = areas.verdict.ranked[0]
    return best if best in areas.verdict.better else None


def _against(areas: Areas, name: str | None) -> str:
    chance = areas.chance
    return (
        f"an area of {number(areas.named[name or ''], 3)}, random orders "
        f"{number(chance.mean, 3)} ± {number(chance.spread, 3)}"
    )
