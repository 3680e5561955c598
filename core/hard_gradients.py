"""What a change of one logit does to the output: hard attention has no gradient to learn from.

The kinds of `core.hard_attention` in PyTorch, which follows them backwards. Soft weights and
Gumbel-softmax are smooth. An argmax is a step: flat, so its gradient is 0, but for one place where
it has none. Straight-through is a step forwards and pretends, backwards, to have been
Gumbel-softmax (Bengio, Leonard and Courville 2013; Jang, Gu and Poole 2017).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from core.hard_attention import ARGMAX, GUMBEL, KINDS, SAMPLE, SOFT, STRAIGHT

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Sweep:
    """One coordinate of the output while one logit goes through a range.

    Attributes
    ----------
    places : ndarray of float64, (n_place,)
        What the logit was.
    output : ndarray of float64, (n_place,)
        The coordinate of the output.
    gradient : ndarray of float64, (n_place,)
        Its derivative by the logit, as PyTorch's autograd has it; 0 where nothing leads back.
    difference : ndarray of float64, (n_place,)
        The same as a central difference: the output a little further minus the output a little
        before, divided by the way between.
    """

    places: FloatArray
    output: FloatArray
    gradient: FloatArray
    difference: FloatArray


def torch_weights(kind: str, logits: Tensor, noise: Tensor, tau: float = 1.0) -> Tensor:
    """Turn logits into weights; the twin of `core.hard_attention.weights_of`, with gradients.

    Parameters
    ----------
    kind : str
        One of `core.hard_attention.KINDS`.
    logits : Tensor, (..., n_key)
        Divided by the temperature already.
    noise : Tensor, (..., n_key)
        Gumbel noise; soft and argmax leave it aside.
    tau : float, > 0
        For Gumbel-softmax and for the gradient of straight-through.

    Returns
    -------
    Tensor, (..., n_key)

    Raises
    ------
    ValueError
        If there is no such kind.
    """
    if kind == SOFT:
        return logits.softmax(dim=-1)
    if kind == ARGMAX:
        return one_hot_of_largest(logits)
    if kind == SAMPLE:
        return one_hot_of_largest(logits + noise)
    surrogate = ((logits + noise) / tau).softmax(dim=-1)
    if kind == GUMBEL:
        return surrogate
    if kind == STRAIGHT:
        # Forwards the bracket is 0; backwards it is all that there is.
        return one_hot_of_largest(logits + noise) + (surrogate - surrogate.detach())
    msg = f"Expected one of {', '.join(KINDS)}, got {kind!r}."
    raise ValueError(msg)


def sweep_logit(
    kind: str,
    logits: ArrayLike,
    value: ArrayLike,
    noise: ArrayLike,
    *,
    key: int,
    places: ArrayLike,
    tau: float = 1.0,
    temperature: float = 1.0,
    step: float = 1e-3,
) -> Sweep:
    """Let the logit of one key go through a range, everything else and the noise held still.

    Parameters
    ----------
    kind : str
        One of `core.hard_attention.KINDS`.
    logits : array_like, (n_key,)
        Scaled scores, not yet divided by the temperature.
    value : array_like, (n_key,)
        One coordinate of each value.
    noise : array_like, (n_key,)
        One row of Gumbel noise.
    key : int
        Whose logit moves, from 0.
    places : array_like, (n_place,)
        Where it goes.
    tau, temperature : float, > 0
    step : float, > 0
        How far before and after a place the finite difference looks.

    Returns
    -------
    Sweep
        In float64.
    """
    x = torch.tensor(np.asarray(places, dtype=np.float64))
    others = torch.tensor(np.asarray(logits, dtype=np.float64))
    values = torch.tensor(np.asarray(value, dtype=np.float64))
    g = torch.tensor(np.asarray(noise, dtype=np.float64))
    is_key = torch.arange(len(others)) == key

    def output(at: Tensor) -> Tensor:
        moved = torch.where(is_key, at[..., None], others) / temperature  # (..., n_place, n_key)
        return torch_weights(kind, moved, g, tau) @ values

    leaf = x.clone().requires_grad_()
    out = output(leaf)
    gradient = torch.zeros_like(x)
    if out.requires_grad:  # from an argmax nothing leads back to the logits
        (gradient,) = torch.autograd.grad(out.sum(), leaf)
    with torch.no_grad():
        after, before = output(torch.stack([x + step, x - step]))
        difference = (after - before) / (2 * step)
    return Sweep(x.numpy(), out.detach().numpy(), gradient.numpy(), difference.numpy())


def one_hot_of_largest(logits: Tensor) -> Tensor:
    """Return all the weight on the largest logit, the first of equals."""
    winner = logits.argmax(dim=-1)
    return torch.nn.functional.one_hot(winner, logits.shape[-1]).to(logits.dtype)
