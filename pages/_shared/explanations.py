"""Explanations of one number of an answer: what is explained, and the maps that one pass makes.

Model calls are made here and nowhere else in these views. What they return is small (a number for
each patch) and kept by names, not by pixels, so that looking again costs nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.explain import (
    ROLLOUT_START,
    attention_rollout,
    deletion_order,
    gradient_relevance,
    occlusion,
    read_by,
)
from core.faithfulness import area, baseline, hidden_sets, judge
from core.head_sweep import Answered
from core.vision_attention import Interventions, VisionAttention
from pages._shared.page import return_free_memory

if TYPE_CHECKING:
    from core.readout import Readout
    from core.vit_model import VisionTransformer

RAW: Final = "Raw attention"
ROLLOUT: Final = "Rollout"
GRADIENT: Final = "Gradient × attention"
OCCLUSION: Final = "Occlusion"
NAMES: Final = (RAW, ROLLOUT, GRADIENT, OCCLUSION)

_MANY_PATCHES: Final = 100

Float64Array = NDArray[np.float64]
Image = NDArray[np.uint8]


@dataclass(frozen=True)
class Subject:
    """One number of one model's answer to one picture. Equal subjects have equal explanations.

    Attributes
    ----------
    digest : str
        Name of the picture in every cache.
    model : str
        Name of the model in every cache.
    readout_id : str
        Tells this number from others of the same model for the same picture: `"class 7"`. It has
        to change with everything that the readout holds.
    grid : (int, int)
        Rows and columns of patches, 512 patches at most.
    name : str
        What is explained, in words: ``"the class “7”"``.
    unit : str
        What the number is: ``"probability"``.
    pixels : ndarray of uint8, (height, width, channel)
        What the model is given.
    readout : Readout
        The number; see `core.readout`.
    load : callable
        Returns the model. It is called for every pass, so it should remember.
    """

    digest: str
    model: str
    readout_id: str
    grid: tuple[int, int]
    name: str = field(compare=False)
    unit: str = field(compare=False)
    pixels: Image = field(compare=False, repr=False)
    readout: Readout = field(compare=False, repr=False)
    load: Callable[[], VisionTransformer] = field(compare=False, repr=False)

    @property
    def n_patches(self) -> int:
        """Number of patches."""
        return self.grid[0] * self.grid[1]


@dataclass(frozen=True, eq=False)
class Explained:
    """What one pass and its gradients explain.

    Attributes
    ----------
    maps : mapping of str to ndarray of float64, (patch,)
        By name, all of `NAMES` but occlusion; zero or more, read-only.
    value : float
        The number that is explained.
    n_layers : int
        Layers that it is read through: those above have no part in it.
    seconds : float
        What the gradient explanation took, pass included.
    pass_seconds : float
        What one pass for the number alone took: the unit of every long run.
    """

    maps: Mapping[str, Float64Array]
    value: float
    n_layers: int
    seconds: float
    pass_seconds: float


def explained(subject: Subject) -> Explained:
    """Return the explanations that one pass makes, made at most once while remembered."""
    return _explain(subject.digest, subject.model, subject.readout_id, subject.grid, subject)


# A parameter with a leading underscore is not part of the cache's key. An entry is some 10 kB.
@st.cache_resource(max_entries=32, show_spinner="Following the gradients…")
def _explain(
    digest: str, model: str, readout_id: str, grid: tuple[int, int], _subject: Subject
) -> Explained:
    return explain_afresh(_subject)


def explain_afresh(subject: Subject) -> Explained:
    """Make the explanations of a subject that is looked at only once: nothing is kept."""
    made = explain(subject.load(), subject.pixels, subject.readout)
    return_free_memory()
    return made


def explain(model: VisionTransformer, pixels: Image, readout: Readout) -> Explained:
    """Explain one number of a model's answer by attention, rollout and gradients.

    Raw attention is what the class token reads in the last layer, the mean of the heads, and
    rollout is followed from the class token: as both are usually drawn. In a model without a class
    token it is all patches that read, on average. Relevance is followed from where the number is
    read, see `readers_of`, and what it began with is taken off: else patches that are read
    directly would be relevant before any attention was looked at.
    """
    from core.vit_outputs import attention_gradients, output

    start = time.perf_counter()
    found = attention_gradients(model, pixels, readout)
    grid = pixels.shape[0] // model.patch_size, pixels.shape[1] // model.patch_size
    prefix = model.n_prefix_tokens
    relevance = gradient_relevance(found.weights, found.gradients)
    relevance = relevance - np.eye(len(relevance), dtype=relevance.dtype)
    of_gradient = read_by(relevance, readers_of(model, grid, readout), prefix)
    seconds = time.perf_counter() - start
    start = time.perf_counter()
    value = output(model, pixels, readout)
    pass_seconds = time.perf_counter() - start

    n_layers = layers_read(found.gradients)
    weights = found.weights[:n_layers]
    asks = readers_of(model, grid)
    rolled = attention_rollout(weights, start_layer=min(ROLLOUT_START, n_layers - 1))
    maps = {
        RAW: read_by(weights[-1].mean(axis=0), asks, prefix),
        ROLLOUT: read_by(rolled, asks, prefix),
        GRADIENT: of_gradient,
    }
    kept = {name: values.astype(np.float64) for name, values in maps.items()}
    for values in kept.values():
        values.flags.writeable = False
    return Explained(kept, value, n_layers, seconds, pass_seconds)


def layers_read(gradients: NDArray[Any]) -> int:
    """Return through how many layers a number is read, given its slopes (layer, ...).

    Above the last layer with a slope other than 0 attention makes no difference to it.
    """
    sloping = np.flatnonzero([bool(of_layer.any()) for of_layer in gradients])
    return int(sloping[-1]) + 1 if sloping.size else len(gradients)


def readers_of(
    model: VisionTransformer, grid: tuple[int, int], readout: Readout | None = None
) -> tuple[int, ...]:
    """Return the tokens that a number is read from, or that read for the picture as a whole.

    Parameters
    ----------
    model : VisionTransformer
    grid : (int, int)
    readout : Readout, optional
        Saliency is read from the patches of its region; a distilled model's classes from two
        tokens. Without it: the class token, or all patches in a model without one.
    """
    prefix, n_patches = model.n_prefix_tokens, grid[0] * grid[1]
    region = getattr(readout, "region", None)
    if region is not None:
        share = region.reshape(grid[0], -1, grid[1], region.shape[1] // grid[1]).mean(axis=(1, 3))
        inside = np.flatnonzero(share.ravel() >= min(0.5, float(share.max())))
        return tuple((prefix + inside).tolist())
    if not model.has_class_token:
        return tuple(range(prefix, prefix + n_patches))
    return (0, 1) if is_distilled(model) and readout is not None else (0,)


def is_distilled(model: VisionTransformer) -> bool:
    """Tell whether a model answers from a distillation token too."""
    return getattr(model.backbone, "dist_token", None) is not None


def output_of(subject: Subject, hidden: frozenset[int]) -> float:
    """Return the number with these patches hidden."""
    from core.vit_outputs import output

    changes = Interventions(hidden_patches=hidden)
    value = output(subject.load(), subject.pixels, subject.readout, changes)
    _give_back_memory(subject)
    return value


def answer_without(subject: Subject, heads: frozenset[tuple[int, int]]) -> Answered:
    """Return the number, and the whole map or all probabilities, with these heads dropped."""
    import torch

    from core.readout import Answer
    from core.vit import forward

    model = subject.load()
    seen = forward(model, subject.pixels, Interventions(dropped_heads=heads))
    class_tokens = [torch.tensor(one) for one in seen.class_tokens]
    answer = Answer(torch.tensor(seen.tokens), class_tokens, seen.grid)
    with torch.no_grad():
        value = float(subject.readout.value(model, answer))
    _give_back_memory(subject)
    return Answered(value, whole_answer(seen))


def _give_back_memory(subject: Subject) -> None:
    """Give back what a pass leaves behind, where that is much: it would pile up over a sweep."""
    if subject.n_patches >= _MANY_PATCHES:
        return_free_memory()


def whole_answer(seen: VisionAttention) -> NDArray[Any]:
    """Return all that a pass answers: the saliency, or else the probability of every class."""
    return seen.saliency if seen.saliency.size else seen.probabilities


def functions_that_ran() -> tuple[Callable[..., Any], ...]:
    """Return the functions behind these views, for "The work"."""
    from core.vit_outputs import attention_gradients

    explaining = (gradient_relevance, attention_rollout, occlusion, attention_gradients)
    return (*explaining, deletion_order, hidden_sets, area, baseline, judge)
