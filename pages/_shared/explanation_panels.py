"""The four explanations as maps over the picture, all drawn the same way."""

from __future__ import annotations

import re
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.sweeps import OcclusionSweep
from pages._shared.explanation_runs import is_through
from pages._shared.explanation_words import shares_of, what_it_is
from pages._shared.explanations import NAMES, OCCLUSION, Subject, explained, is_distilled
from pages._shared.patch_map import Panel
from pages._shared.vision_words import percent_text, region_text, times_text

# Of fewer patches than this, three say more than ten.
_MANY: Final = 64

FloatArray = NDArray[np.floating[Any]]


def explanation_panels(subject: Subject, sweep: OcclusionSweep) -> list[Panel]:
    """Return the four maps, all drawn the same way; occlusion as far as it has come."""
    made = explained(subject)
    maps = {**made.maps, OCCLUSION: sweep.values}
    model = subject.load()
    block = round(len(sweep.blocks[0]) ** 0.5)
    panels = []
    for name in NAMES:
        shares = shares_of(maps[name])
        times = (shares * subject.n_patches).reshape(subject.grid)
        words = what_it_is(
            name,
            made,
            has_class_token=model.has_class_token,
            from_patches=getattr(subject.readout, "region", None) is not None,
            block=block,
            is_distilled=is_distilled(model),
        )
        known = name != OCCLUSION or is_through(sweep)
        panels.append(
            Panel(
                label=name,
                note=f"max {times_text(times.max())}×" if known else _so_far(sweep),
                values=times,
                scale="glow",
                low=0.0,
                high=float(times.max()) or 1.0,
                unit="times",
                measure=f"times an even share, 1/{subject.n_patches:,} of the map",
                text=f"{words} {_where(times, known=known)}",
            )
        )
    return panels


def _so_far(sweep: OcclusionSweep) -> str:
    return f"{max(sweep.done - 1, 0)} of {len(sweep.blocks)} blocks"


def _where(times: FloatArray, *, known: bool) -> str:
    if not known:
        return "It is not through yet: hide block by block below."
    if not times.any():
        return "Nothing in it is above 0."
    n = 10 if times.size > _MANY else 3
    strongest = {10: "ten", 3: "three"}[n]
    held = percent_text(np.sort(times, axis=None)[-n:].sum() / times.sum())
    return f"{region_text(times)}; the {strongest} strongest patches hold {held}."


def explanation_arrays(subject: Subject, sweep: OcclusionSweep) -> dict[str, FloatArray]:
    """Return the maps, (rows, columns), as computed, to be taken along under names for files.

    Occlusion is in the unit of the number that is explained, negative where hiding raises it, and
    left out until it is through.
    """
    maps = dict(explained(subject).maps)
    if is_through(sweep):
        maps[OCCLUSION] = sweep.values
    return {_file_name(name): values.reshape(subject.grid) for name, values in maps.items()}


def _file_name(name: str) -> str:
    return f"explained_{re.sub(r'[^a-z]+', '_', name.lower())}"
