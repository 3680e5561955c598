"""The logit lens: what a model would say after each block, if the rest of them were skipped.

The stream after a block is given to the last normalisation and the projection, as if it were the
last one (nostalgebraist, *interpreting GPT: the logit lens*, 2020,
https://www.lesswrong.com/posts/AcKRB8wDpdaN6v6ru). They were trained for the stream after the last
block alone, so early readings are a guess at what the stream holds, not a statement of the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.anatomy import NO_LAYER, POSITIONS, Place
from core.stack_run import Ending, StackRun

Array = NDArray[np.float32]
N_TOP = 5


@dataclass(frozen=True, eq=False)
class Lens:
    """What a model would say early; arrays read-only. A depth is before layer 1, or after a block.

    Attributes
    ----------
    places : tuple of Place
        The block after which the stream is read; first what comes before the layers.
    rows : tuple of str
        The rows that are read.
    answers : tuple of str
        For each row the answer that is followed.
    words : tuple of tuple of tuple of str
        For each depth and row the most probable answers, best first.
    tops : ndarray of float32, (depth, row, answer)
        Their probabilities.
    probabilities : ndarray of float32, (depth, row)
        Of the answer that is followed.
    ranks : ndarray of int64, (depth, row)
        Its rank: 1 where it is the most probable one.
    """

    places: tuple[Place, ...]
    rows: tuple[str, ...]
    answers: tuple[str, ...]
    words: tuple[tuple[tuple[str, ...], ...], ...]
    tops: Array
    probabilities: Array
    ranks: NDArray[np.int64]

    def __post_init__(self) -> None:
        for array in (self.tops, self.probabilities, self.ranks):
            array.flags.writeable = False

    def settled(self, row: int) -> int:
        """Return the first depth from which on the answer followed is the most probable one.

        As many as there are depths if it is not even so at the end.
        """
        wrong = np.flatnonzero(self.ranks[:, row] != 1)
        return int(wrong[-1]) + 1 if len(wrong) else 0


@torch.no_grad()
def lens_of(
    run: StackRun, ending: Ending, answers: Sequence[int | None] = (), *, n_top: int = N_TOP
) -> Lens:
    """Run a stack and read its stream before the layers and after each block.

    Parameters
    ----------
    run : StackRun
    ending : Ending
    answers : sequence of int or None
        For each row that is read the number of the answer to follow, in `Ending.names`. None, and
        whatever is missing at the end: the one that is most probable after the last block.
    n_top : int
        How many of the most probable answers to name.
    """
    places: list[Place] = []
    found: list[Tensor] = []
    for step in run.start():
        if not found:
            places.append(Place(run.name, NO_LAYER, POSITIONS))
            found.append(ending.log_probabilities(step.entering))
        places.append(run.place_of(step))
        found.append(ending.log_probabilities(step.leaving))
    logs = torch.stack(found)  # (depth, row, answer)
    wanted = [*answers, *[None] * len(ending.rows)][: len(ending.rows)]
    best = logs[-1].argmax(dim=-1).tolist()
    chosen = [last if one is None else one for one, last in zip(wanted, best, strict=True)]
    followed = logs[:, torch.arange(len(chosen)), torch.tensor(chosen)]
    tops = logs.topk(min(n_top, logs.shape[-1]), dim=-1)
    return Lens(
        places=tuple(places),
        rows=ending.rows,
        answers=tuple(ending.names[one] for one in chosen),
        words=tuple(
            tuple(tuple(ending.names[index] for index in row) for row in depth)
            for depth in tops.indices.tolist()
        ),
        tops=tops.values.exp().numpy(),
        probabilities=followed.exp().numpy(),
        ranks=(logs > followed[..., None]).sum(dim=-1).numpy() + 1,
    )
