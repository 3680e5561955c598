"""One number of a Vision Transformer's answer: what an explanation explains.

Each readout has a score, whose gradient can be followed, and a value on the scale that people
read. For a class the score is its logit and the value its probability: probabilities near 0 or 1
hardly have a slope, logits do.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import cosine_similarity, layer_norm

from core.vit_model import VisionTransformer
from core.vit_steps import read_logits, read_saliency

SALIENT: Final = 0.5
# Where less of a picture than this is salient, its strongest cells are explained instead.
_LEAST_SHARE: Final = 0.01

Float32Array = NDArray[np.float32]


class Answer(NamedTuple):
    """What one pass of a model ended with.

    Attributes
    ----------
    tokens : Tensor (token, d_model)
        The final features, normalised except where the mean of the patches is, later.
    class_tokens : list of Tensor (d_model,)
        The class token after each layer, before the final normalisation.
    grid : (int, int)
        Rows and columns of patches.
    """

    tokens: torch.Tensor
    class_tokens: list[torch.Tensor]
    grid: tuple[int, int]


class Readout(Protocol):
    """What is read from an answer."""

    def score(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the number whose gradient is followed, a scalar."""

    def value(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the number that is drawn, a scalar."""


@dataclass(frozen=True)
class ClassReadout:
    """A class that the model was trained to tell apart: its logit, and its probability.

    Attributes
    ----------
    index : int
    """

    index: int

    def score(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the logit of the class."""
        return read_logits(model, answer.tokens)[self.index]

    def value(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the probability of the class."""
        return read_logits(model, answer.tokens).softmax(dim=-1)[self.index]


@dataclass(frozen=True, eq=False)
class SaliencyReadout:
    """How much a region stands out: its mean saliency, less that of the rest of the picture.

    The rest has to be taken off: where every patch is hidden, the model predicts much saliency
    everywhere, and the mean over a region alone would call that the clearest answer of all.

    Attributes
    ----------
    region : ndarray of bool, (8 * rows, 8 * columns)
        At least one cell of it is True.
    """

    region: NDArray[np.bool_]

    def score(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the mean logit over the region, less that over the rest."""
        return self._less_the_rest(read_saliency(model, answer.tokens, answer.grid))

    def value(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the mean probability over the region, less that over the rest, in [-1, 1]."""
        return self._less_the_rest(read_saliency(model, answer.tokens, answer.grid).sigmoid())

    def _less_the_rest(self, saliency: torch.Tensor) -> torch.Tensor:
        region = torch.from_numpy(self.region)
        inside = saliency[region].mean()
        return inside if bool(region.all()) else inside - saliency[~region].mean()


@dataclass(frozen=True, eq=False)
class PrototypeReadout:
    """A class that was taught by a few pictures: how near the picture's feature lies to it.

    The feature is the class token after all layers but the last, normalised, less a centre; see
    `core.prototypes`. Score and value are the cosine with the class's direction.

    Attributes
    ----------
    centre, direction : ndarray of float32, (d_model,)
    """

    centre: Float32Array
    direction: Float32Array

    def score(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the cosine with the class's direction."""
        last_but_one = answer.class_tokens[model.n_layers - 2]
        feature = layer_norm(last_but_one, last_but_one.shape) - torch.tensor(self.centre)
        return cosine_similarity(feature, torch.tensor(self.direction), dim=0)

    def value(self, model: VisionTransformer, answer: Answer) -> torch.Tensor:
        """Return the cosine with the class's direction."""
        return self.score(model, answer)


def salient_region(saliency: Float32Array) -> NDArray[np.bool_]:
    """Return where a predicted saliency, (8 * rows, 8 * columns), is one half or more.

    Where less than a hundredth of the picture is, its strongest hundredth is returned.
    """
    region: NDArray[np.bool_] = saliency >= SALIENT
    if region.mean() >= _LEAST_SHARE:
        return region
    strongest: NDArray[np.bool_] = saliency >= np.quantile(saliency, 1 - _LEAST_SHARE)
    return strongest
