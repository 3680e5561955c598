"""Steps of Adam whose memory is a value: a training can stop, go on, or go on twice.

Adam (Kingma and Ba 2015, arXiv:1412.6980) as PyTorch computes it. ``torch.optim.Adam`` keeps its
memory in an object, and making one imports PyTorch's compiler: 75 MB and 0.8 s. Its functional
form does neither.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.optim.adam import adam


@dataclass(frozen=True, eq=False)
class AdamMemory:
    """What Adam remembers of the steps so far.

    Attributes
    ----------
    step : int
        Steps taken.
    mean, square : tuple of Tensor
        For each parameter the running means of its gradient and of the gradient's square.
    """

    step: int
    mean: tuple[Tensor, ...]
    square: tuple[Tensor, ...]


def start_adam(parameters: Sequence[Tensor]) -> AdamMemory:
    """Return the memory before the first step."""
    zeros = tuple(torch.zeros_like(parameter) for parameter in parameters)
    return AdamMemory(0, zeros, zeros)


@torch.no_grad()
def adam_step(
    parameters: Sequence[Tensor],
    gradients: Sequence[Tensor],
    memory: AdamMemory,
    *,
    learning_rate: float,
) -> tuple[tuple[Tensor, ...], AdamMemory]:
    """Return the parameters after one step, and what is remembered then.

    Parameters
    ----------
    parameters, gradients : sequence of Tensor
        As many of one as of the other, shape by shape alike; they stay as they are.
    memory : AdamMemory
        Of the steps before; stays as it is too.
    learning_rate : float

    Returns
    -------
    tuple of Tensor, AdamMemory
        With PyTorch's usual 0.9, 0.999 and 1e-8.
    """
    stepped, mean, square = (
        [tensor.detach().clone() for tensor in tensors]
        for tensors in (parameters, memory.mean, memory.square)
    )
    adam(
        stepped,
        list(gradients),
        mean,
        square,
        max_exp_avg_sqs=[],
        state_steps=[torch.tensor(float(memory.step)) for _ in stepped],
        amsgrad=False,
        beta1=0.9,
        beta2=0.999,
        lr=learning_rate,
        weight_decay=0.0,
        eps=1e-8,
        maximize=False,
    )
    return tuple(stepped), AdamMemory(memory.step + 1, tuple(mean), tuple(square))
