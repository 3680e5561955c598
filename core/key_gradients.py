"""Variance and bias of the gradients that `core.find_the_key` is trained with, measured.

With 16 keys a sentence, the expected loss can be added up over all of them, and so can its
gradient. Against that one stand the gradients of single draws: how far they scatter (variance), and
where their mean points (bias).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn.functional import cosine_similarity

from core.find_the_key import Batch, Model, expected_loss, loss_of, make_batch
from core.key_settings import REINFORCE, KeySettings

# A step that no training reaches.
_GRADIENT_STEP: Final = 900_002


@dataclass(frozen=True)
class GradientReport:
    """A method's gradient by queries and keys, against the one with every key gone through.

    Attributes
    ----------
    variance : float
        Summed over all coordinates: how far single gradients scatter about their mean, squared.
    cosine : float
        Of the mean gradient with the exact one: 1 points the same way.
    norm : float
        Length of the mean gradient, over the exact one's.
    cosine_of_one : float
        Mean cosine of a single gradient with the exact one.
    """

    variance: float
    cosine: float
    norm: float
    cosine_of_one: float


def first_repeat(model: Model) -> Model:
    """Return the models of the first repeat alone."""
    return Model(*(part[:1] for part in model))


def gradients(method: str, model: Model, settings: KeySettings, n_draw: int) -> Tensor:
    """Return a method's gradient by queries and keys on one batch, with new noise for each draw.

    Of the first repeat. REINFORCE has the expected reward of the batch for its baseline, to which
    the running mean tends.

    Parameters
    ----------
    method : str
    model : Model
    settings : KeySettings
        Gives seed and tau.
    n_draw : int, >= 1

    Returns
    -------
    Tensor, (n_draw, 2 * N_SYMBOLS * D_MODEL)
    """
    model = first_repeat(model)
    batch = make_batch(settings.seeds[:1], _GRADIENT_STEP)
    generator = torch.Generator().manual_seed(settings.seed)
    uniform = torch.rand(n_draw, *batch.noise.shape[1:], generator=generator).clamp_min(1e-9)
    noise = -torch.log(-torch.log(uniform))
    # Each draw has models of its own, side by side as repeats are: one pass serves all.
    many = Model(*(part.expand(n_draw, *part.shape[1:]) for part in model))
    leaves = [part.clone().requires_grad_() for part in (many.query, many.key)]
    sentences = Batch(*(part.expand(n_draw, *part.shape[1:]) for part in batch))
    baseline = torch.zeros(n_draw)
    if method == REINFORCE:
        baseline -= expected_loss(model, batch).detach()
    loss = loss_of(
        method,
        many._replace(query=leaves[0], key=leaves[1]),
        sentences._replace(noise=noise),
        baseline,
        settings.tau,
    )
    parts = torch.autograd.grad(loss.total, leaves)
    return torch.cat([part.flatten(1) for part in parts], dim=1)


def exact_gradient(model: Model, settings: KeySettings) -> Tensor:
    """Return the gradient of the expected loss on the batch of `gradients`, without any draw.

    Returns
    -------
    Tensor, (2 * N_SYMBOLS * D_MODEL,)
    """
    model = first_repeat(model)
    leaves = [part.clone().requires_grad_() for part in (model.query, model.key)]
    batch = make_batch(settings.seeds[:1], _GRADIENT_STEP)
    loss = expected_loss(model._replace(query=leaves[0], key=leaves[1]), batch).sum()
    return torch.cat([part.flatten() for part in torch.autograd.grad(loss, leaves)])


def report_gradient(
    method: str, model: Model, settings: KeySettings, n_draw: int = 400
) -> GradientReport:
    """Measure variance and bias of a method's gradient on one batch.

    Parameters
    ----------
    method, model, settings, n_draw
        As for `gradients`.

    Returns
    -------
    GradientReport
    """
    exact = exact_gradient(model, settings)
    single = gradients(method, model, settings, n_draw)
    mean = single.mean(dim=0)
    return GradientReport(
        variance=float(single.var(dim=0).sum()),
        cosine=float(cosine_similarity(mean, exact, dim=0)),
        norm=float(mean.norm() / exact.norm()),
        cosine_of_one=float(cosine_similarity(single, exact[None], dim=1).mean()),
    )
