"""Find the key: a task small enough to learn by hard attention while one watches.

A query names a symbol; among the keys of its sentence exactly one is of that symbol, and the value
beside it is the answer. The model is one attention: a vector for each symbol as a query and as a
key, a vector for each value, and a readout. Nothing tells it where to look: it has to find out from
right and wrong answers alone, in one of four ways (`core.key_settings.METHODS`). Sources: Williams
(1992) and Xu et al. (2015), section 4.2 (REINFORCE, with a running mean as baseline); Jang, Gu and
Poole (2017) (straight-through Gumbel-softmax).

Repeats are trained side by side along the first axis, each with a seed, data and noise of its own;
what becomes of one does not depend on the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

from core.hard_attention import SAMPLE, SOFT, STRAIGHT
from core.hard_gradients import torch_weights
from core.key_settings import GUMBEL_METHOD, PLAIN, REINFORCE, SOFT_METHOD

KIND_OF: Final = {
    SOFT_METHOD: SOFT,
    GUMBEL_METHOD: STRAIGHT,
    REINFORCE: SAMPLE,
    PLAIN: SAMPLE,
}
"""What each method takes for weights."""
N_KEYS: Final = 16
N_SYMBOLS: Final = 32
N_ANSWERS: Final = 4
D_MODEL: Final = 16
BATCH: Final = 32
# How much of the running mean of the rewards stays from step to step.
KEPT: Final = 0.9
# Steps and seeds stay apart: no training takes so many steps.
_SEEDS_APART: Final = 1_000_003


class Batch(NamedTuple):
    """Sentences, and the noise with which to draw from them; the first axis counts repeats.

    Attributes
    ----------
    keys : Tensor of int64, (n_repeat, n_sentence, N_KEYS)
        Symbols, all different within a sentence.
    values : Tensor of float32, (n_repeat, n_sentence, N_KEYS, N_ANSWERS)
        What stands beside each key, one-hot.
    place : Tensor of int64, (n_repeat, n_sentence)
        Where the wanted key is.
    query : Tensor of int64, (n_repeat, n_sentence)
        Its symbol.
    answer : Tensor of int64, (n_repeat, n_sentence)
        What stands beside it.
    noise : Tensor of float32, (n_repeat, n_sentence, N_KEYS)
        Standard Gumbel noise.
    """

    keys: Tensor
    values: Tensor
    place: Tensor
    query: Tensor
    answer: Tensor
    noise: Tensor


class Model(NamedTuple):
    """What is learned; the first axis counts repeats, where there is one.

    Attributes
    ----------
    query, key : Tensor, (n_repeat, N_SYMBOLS, D_MODEL)
        Each symbol when it is asked for, and when it stands in a sentence.
    value : Tensor, (n_repeat, N_ANSWERS, D_MODEL)
    readout : Tensor, (n_repeat, N_ANSWERS, D_MODEL)
    bias : Tensor, (n_repeat, N_ANSWERS)
    """

    query: Tensor
    key: Tensor
    value: Tensor
    readout: Tensor
    bias: Tensor


@dataclass(frozen=True, eq=False)
class Loss:
    """What a step minimises, and what it saw.

    Attributes
    ----------
    total : Tensor, ()
        Its gradient trains: the mean over the sentences, added up over the repeats.
    reward : Tensor, (n_repeat,)
        Minus the mean cross-entropy of the answers that were given, without a gradient.
    """

    total: Tensor
    reward: Tensor


def make_batch(seeds: tuple[int, ...], step: int, n_sentence: int = BATCH) -> Batch:
    """Make sentences: the same for the same seed and step, whatever came before.

    Parameters
    ----------
    seeds : tuple of int, one for each repeat, >= 0
    step : int, >= 0
    n_sentence : int
    """
    batches = (_make_one(seed, step, n_sentence) for seed in seeds)
    return Batch(*map(torch.stack, zip(*batches, strict=True)))


def _make_one(seed: int, step: int, n_sentence: int) -> Batch:
    generator = torch.Generator().manual_seed(seed * _SEEDS_APART + step)
    shuffled = torch.rand(n_sentence, N_SYMBOLS, generator=generator).argsort(dim=-1)
    keys = shuffled[:, :N_KEYS]
    place = torch.randint(N_KEYS, (n_sentence, 1), generator=generator)
    values = torch.randint(N_ANSWERS, (n_sentence, N_KEYS), generator=generator)
    uniform = torch.rand(n_sentence, N_KEYS, generator=generator).clamp_min(1e-9)
    return Batch(
        keys,
        one_hot(values, N_ANSWERS).float(),
        place[:, 0],
        keys.gather(1, place)[:, 0],
        values.gather(1, place)[:, 0],
        -torch.log(-torch.log(uniform)),
    )


def make_model(seeds: tuple[int, ...]) -> Model:
    """Make untrained models: the same for the same seeds, whichever method is to train them."""
    return Model(*map(torch.stack, zip(*map(_make_one_model, seeds), strict=True)))


def _make_one_model(seed: int) -> Model:
    generator = torch.Generator().manual_seed(seed)
    query, key = 0.3 * torch.randn(2, N_SYMBOLS, D_MODEL, generator=generator)
    value = torch.randn(N_ANSWERS, D_MODEL, generator=generator)
    readout = torch.rand(N_ANSWERS, D_MODEL, generator=generator)
    bias = torch.rand(N_ANSWERS, generator=generator)
    # As torch.nn.Linear begins: uniform, up to 1 / the root of the width.
    most = D_MODEL**-0.5
    return Model(query, key, value, most * (2 * readout - 1), most * (2 * bias - 1))


def logits_of(model: Model, batch: Batch) -> Tensor:
    """Return how well each key matches the query, (n_repeat, n_sentence, N_KEYS)."""
    table = model.query @ model.key.transpose(-2, -1)  # every symbol with every other
    asked = batch.query[..., None] * N_SYMBOLS + batch.keys
    return table.flatten(-2).gather(-1, asked.flatten(-2)).view_as(asked)


def answers_of(model: Model, batch: Batch, weights: Tensor) -> Tensor:
    """Return the logits of the answers, given the weights of the attention.

    Parameters
    ----------
    model : Model
    batch : Batch
    weights : Tensor, (n_repeat, n_sentence, N_KEYS)

    Returns
    -------
    Tensor, (n_repeat, n_sentence, N_ANSWERS)
    """
    shares = (weights[..., None, :] @ batch.values)[..., 0, :]  # how much of each value
    output = shares @ model.value  # (n_repeat, n_sentence, D_MODEL)
    return output @ model.readout.transpose(-2, -1) + model.bias[..., None, :]


def errors_of(answers: Tensor, batch: Batch) -> Tensor:
    """Return the cross-entropy of each sentence's answer, (n_repeat, n_sentence), in nats."""
    return cross_entropy(answers.movedim(-1, 1), batch.answer, reduction="none")


def loss_of(method: str, model: Model, batch: Batch, baseline: Tensor, tau: float) -> Loss:
    """Return what a method minimises on a batch.

    Parameters
    ----------
    method : str
        One of `core.key_settings.METHODS`.
    model : Model
    batch : Batch
        Its noise draws the keys.
    baseline : Tensor, (n_repeat,)
        What REINFORCE subtracts from the rewards; 0 for the plain one.
    tau : float, > 0
        For straight-through Gumbel-softmax.

    Returns
    -------
    Loss
    """
    logits = logits_of(model, batch)
    weights = torch_weights(KIND_OF[method], logits, batch.noise, tau)
    errors = errors_of(answers_of(model, batch, weights), batch)
    reward = -errors.detach()
    total = errors.mean(dim=-1).sum()
    if KIND_OF[method] == SAMPLE:
        # Nothing leads back through the draw. What brought much is made more likely instead.
        log_probability = (weights * logits.log_softmax(dim=-1)).sum(dim=-1)
        total = total - ((reward - baseline[:, None]) * log_probability).mean(dim=-1).sum()
    return Loss(total, reward.mean(dim=-1))


def expected_loss(model: Model, batch: Batch) -> Tensor:
    """Return the mean error of keys drawn with the soft weights, every key gone through.

    No draw is made: each of the 16 errors is weighted with its probability. Its gradient by
    queries and keys is what REINFORCE estimates.

    Returns
    -------
    Tensor, (n_repeat,)
    """
    weights = logits_of(model, batch).softmax(dim=-1)
    return (weights * _errors_of_each(model, batch)).sum(dim=-1).mean(dim=-1)


def _errors_of_each(model: Model, batch: Batch) -> Tensor:
    """Return the error that each key would lead to, (n_repeat, n_sentence, N_KEYS)."""
    by_value = model.value @ model.readout.transpose(-2, -1) + model.bias[..., None, :]
    log_share = by_value.log_softmax(dim=-1)  # (n_repeat, value read, answer)
    answered = log_share.transpose(-2, -1)  # (n_repeat, answer, value read)
    rows = torch.take_along_dim(answered, batch.answer[..., None], dim=-2)
    return -(batch.values @ rows[..., None])[..., 0]
