"""The residual stream: what every block of a model writes to it, and what comes of that.

The tokens on their way through the layers are a stream that every part reads from and adds to
(Elhage et al., *A mathematical framework for transformer circuits*, 2021,
https://transformer-circuits.pub/2021/framework). Where the normalisation stands before a part, the
last vector is the plain sum of everything that was written, and so, with the spread by which the
last normalisation divides held as it is, is the logit of every answer.

Where it stands after the addition, as in BERT, there is no such sum: what was written is rescaled
with all the rest at every block that follows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.anatomy import Place
from core.stack_run import Ending, StackRun

Array = NDArray[np.float32]
NO_SUM = (
    "This model normalises after every addition, so what a block wrote is rescaled with all the "
    "rest at every block that follows: its last vector is no sum of what the blocks wrote."
)


@dataclass(frozen=True, eq=False)
class Stream:
    """How much every block of a stack wrote for every token; all arrays read-only.

    Attributes
    ----------
    places : tuple of Place
        The blocks within the layers, in the order of computation.
    tokens : tuple of str
    entering : ndarray of float32, (token,)
        Length of the vectors that enter layer 1.
    written : ndarray of float32, (block, token)
        Length of what each block added.
    after : ndarray of float32, (block, token)
        Length of the stream after the block.
    cosine : ndarray of float32, (block, token)
        Of what was written with the stream before it, in [-1, 1]: below 0 it takes away of what
        was there. 0 where nothing was written.
    shares : ndarray of float32, (1 + block, token), or None
        How much of the last vector came in with the tokens, then from each block: the part of it
        that points along the last vector, so that they sum to 1; below 0 where it points away.
        None where the last vector is no sum.
    """

    places: tuple[Place, ...]
    tokens: tuple[str, ...]
    entering: Array
    written: Array
    after: Array
    cosine: Array
    shares: Array | None

    def __post_init__(self) -> None:
        for array in (self.entering, self.written, self.after, self.cosine, self.shares):
            if array is not None:
                array.flags.writeable = False

    @property
    def before(self) -> Array:
        """Length of the stream before each block, (block, token)."""
        return np.concatenate([self.entering[None], self.after[:-1]])


@dataclass(frozen=True, eq=False)
class Attribution:
    """The logit of one answer for each row, as a sum over the blocks; all arrays read-only.

    This is the direct part alone: what a block wrote may also have changed what later blocks read.

    Attributes
    ----------
    places : tuple of Place
    rows, answers : tuple of str
        The rows that are read, and the answer of each whose logit it is.
    entering : ndarray of float32, (row,)
        What came in with the tokens.
    blocks : ndarray of float32, (block, row)
    constant : ndarray of float32, (row,)
        What the shift of the last normalisation and the bias of the answer add, whatever is read.
    logits : ndarray of float32, (row,)
        The sum of all of it.
    """

    places: tuple[Place, ...]
    rows: tuple[str, ...]
    answers: tuple[str, ...]
    entering: Array
    blocks: Array
    constant: Array
    logits: Array

    def __post_init__(self) -> None:
        for array in (self.entering, self.blocks, self.constant, self.logits):
            array.flags.writeable = False


@torch.no_grad()
def stream_of(run: StackRun) -> Stream:
    """Run a stack and measure what each block writes."""
    places: list[Place] = []
    entering = last = torch.empty(0)
    written, after, cosine, vectors = [], [], [], []
    for step in run.start():
        if not places:
            entering = step.entering
        places.append(run.place_of(step))
        written.append(step.written.norm(dim=-1))
        after.append(step.leaving.norm(dim=-1))
        cosine.append(torch.cosine_similarity(step.written, step.entering, dim=-1))
        last = step.leaving
        if run.stack.norm_first:
            vectors.append(step.written)
    shares = None
    if run.stack.norm_first:
        # The vectors sum to the last one, so these dots sum to its own, and the shares to 1.
        parts = torch.stack([entering, *vectors])  # (1 + block, token, d_model)
        shares = (parts * last).sum(dim=-1) / (last * last).sum(dim=-1)
    return Stream(
        places=tuple(places),
        tokens=run.rows,
        entering=entering.norm(dim=-1).numpy(),
        written=torch.stack(written).numpy(),
        after=torch.stack(after).numpy(),
        cosine=torch.stack(cosine).numpy(),
        shares=None if shares is None else shares.numpy(),
    )


@torch.no_grad()
def attribution_of(
    run: StackRun, ending: Ending, answers: Sequence[int], *, above_mean: bool = False
) -> Attribution:
    """Write the logit of one answer for each row as a sum over the blocks.

    The last normalisation divides every vector by its own spread. That number is taken as it is;
    all the rest is linear: contribution = ((w - mean(w)) / spread * scale) . table[answer].

    Parameters
    ----------
    run : StackRun
    ending : Ending
    answers : sequence of int
        For each row that is read the number of the answer, in `Ending.names`.
    above_mean : bool
        Count each logit from the mean of all answers' logits. To raise all of them together
        changes no probability.

    Raises
    ------
    ValueError
        If the last vector is no sum of what was written, or answers and rows do not match.
    """
    if not run.stack.norm_first:
        raise ValueError(NO_SUM)
    if len(answers) != len(ending.rows):
        raise ValueError(
            f"Expected an answer for each of {len(ending.rows)} rows, not {len(answers)}."
        )
    steps = [(run.place_of(step), step.entering, step.written) for step in run.start()]
    parts = torch.stack([steps[0][1], *(written for _, _, written in steps)])
    table, bias = ending.table, ending.bias
    if above_mean:
        table, bias = table - table.mean(dim=0), bias - bias.mean()
    chosen = torch.tensor(list(answers))
    shift = ending.norm.bias.expand(parts.shape[1:])
    pooled = ending.pool(_normalised_parts(ending, parts))  # (1 + block, row, d_model)
    found = (pooled * table[chosen]).sum(dim=-1)
    constant = (ending.pool(shift) * table[chosen]).sum(dim=-1) + bias[chosen]
    return Attribution(
        places=tuple(place for place, _, _ in steps),
        rows=ending.rows,
        answers=tuple(ending.names[answer] for answer in answers),
        entering=found[0].numpy(),
        blocks=found[1:].numpy(),
        constant=constant.numpy(),
        logits=(found.sum(dim=0) + constant).numpy(),
    )


def _normalised_parts(ending: Ending, parts: Tensor) -> Tensor:
    """Take each part, (part, token, d_model), as far as the last normalisation takes their sum."""
    total = parts.sum(dim=0)
    spread = (total.var(dim=-1, correction=0, keepdim=True) + ending.norm.eps).sqrt()
    centred = parts - parts.mean(dim=-1, keepdim=True)
    return centred / spread * ending.norm.weight
