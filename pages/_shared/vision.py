"""Vision Transformers as pages use them: pictures made ready, model calls cached.

What a model computed is kept by the model's name, the picture's hash, its number of patches and the
interventions, so that looking from another layer, head or patch never runs it again. Results
are read-only and shared between sessions. The caches are small on purpose: one pass over 1,024
patches holds 38 MB, and the whole lab is to fit in little memory.

Pictures are cut coarsely or finely, `COARSE` or `FINE` in every call: into at most 256 or 1,024
patches for the lab's own model; for another into as many as its training squares have, or four
times as many.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.attention_maps import attention_distance, attention_received, pca_colours
from core.explain import attention_rollout
from core.vision_attention import Interventions, VisionAttention
from pages._shared import imagenet
from pages._shared.page import return_free_memory, settle_memory
from pages._shared.vision_models import SALIENCY_MODEL
from pages._shared.vision_picture import COARSE, FINE, Picture, prepare_picture

if TYPE_CHECKING:
    from core.vit import VisionTransformer

__all__ = ["COARSE", "FINE", "Picture", "prepare_picture"]

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Look:
    """One pass of the model and the time that it took, in seconds."""

    attention: VisionAttention
    seconds: float


def look(picture: Picture, n_patches: int, model: str = SALIENCY_MODEL) -> Look:
    """Return a model's pass over a picture, run at most once while it is remembered.

    Raises
    ------
    NotFetchedError
        If it is an ImageNet model and has not been fetched.
    """
    run = _run_coarse if n_patches == COARSE else _run_fine
    return run(model, picture.digest, picture)


def saliency_with(picture: Picture, n_patches: int, interventions: Interventions) -> Float32Array:
    """Return the saliency predicted under interventions, (8 * rows, 8 * columns)."""
    return _run_changed(SALIENCY_MODEL, picture.digest, n_patches, interventions, picture)


def probabilities_with(
    picture: Picture, n_patches: int, interventions: Interventions, model: str
) -> Float32Array:
    """Return the probabilities of the classes under interventions, (class,)."""
    return _run_changed(model, picture.digest, n_patches, interventions, picture)


def rollout(
    picture: Picture,
    n_patches: int,
    start_layer: int,
    *,
    n_left_out: int = 0,
    model: str = SALIENCY_MODEL,
) -> Float32Array:
    """Return the attention rollout from a layer on, (token, token); rows sum to one.

    Of the last layers, `n_left_out` are left out.
    """
    attention = look(picture, n_patches, model).attention
    end_layer = attention.n_layers - n_left_out
    return _roll_out(model, picture.digest, n_patches, start_layer, end_layer, attention)


def received_in_layer(
    picture: Picture, n_patches: int, layer: int, model: str = SALIENCY_MODEL
) -> Float32Array:
    """Return the attention that each token receives in a layer, as a multiple of the mean."""
    attention = look(picture, n_patches, model).attention
    return _received(model, picture.digest, n_patches, layer, attention)


def distances(picture: Picture, n_patches: int) -> Float32Array:
    """Return how far each head of the lab's own model looks, in patches, (layer, head)."""
    return _distances(picture.digest, n_patches, look(picture, n_patches).attention)


def feature_colours(
    picture: Picture, n_patches: int, model: str = SALIENCY_MODEL
) -> NDArray[np.uint8]:
    """Return the principal components of the patch features as colours, (rows, columns, 3)."""
    attention = look(picture, n_patches, model).attention
    return _colours(model, picture.digest, n_patches, attention)


@st.cache_resource(show_spinner="Loading the trained model: once, for everyone…")
def load_model() -> VisionTransformer:
    """Import torch and timm and load the model; every session then uses the same one."""
    import torch

    from core.vit import load_vision_transformer

    # One thread is steadier than two on a shared machine, and leaves the others to other readers.
    torch.set_num_threads(1)
    model = load_vision_transformer()
    settle_memory("torch and timm")
    return model


def _run(
    model: str,
    picture: Picture,
    n_patches: int,
    interventions: Interventions = Interventions(),  # noqa: B008 (frozen)
) -> Look:
    network = load_model() if model == SALIENCY_MODEL else imagenet.load(model)
    from core.vit import forward

    pixels = picture.fitted(n_patches, model)
    start = time.perf_counter()
    attention = forward(network, pixels, interventions)
    seconds = time.perf_counter() - start
    return_free_memory()
    return Look(attention, seconds)


# A parameter with a leading underscore is not part of the cache's key.
@st.cache_resource(max_entries=2, show_spinner="Running the model…")
def _run_coarse(model: str, digest: str, _picture: Picture) -> Look:
    return _run(model, _picture, COARSE)


@st.cache_resource(max_entries=1, show_spinner="Running the model on many patches…")
def _run_fine(model: str, digest: str, _picture: Picture) -> Look:
    return _run(model, _picture, FINE)


@st.cache_resource(max_entries=16, show_spinner="Running the model again…")
def _run_changed(
    model: str, digest: str, n_patches: int, interventions: Interventions, _picture: Picture
) -> Float32Array:
    attention = _run(model, _picture, n_patches, interventions).attention
    return attention.saliency if model == SALIENCY_MODEL else attention.probabilities


@st.cache_resource(max_entries=2, show_spinner="Multiplying the layers…")
def _roll_out(
    model: str,
    digest: str,
    n_patches: int,
    start_layer: int,
    end_layer: int,
    _attention: VisionAttention,
) -> Float32Array:
    layers = range(start_layer, end_layer)
    rolled = attention_rollout(_attention.weights(layer) for layer in layers)
    return_free_memory()
    return _read_only(rolled)


@st.cache_resource(max_entries=16, show_spinner=False)
def _received(
    model: str, digest: str, n_patches: int, layer: int, _attention: VisionAttention
) -> Float32Array:
    received = attention_received(_attention.weights(layer).mean(axis=0))
    return_free_memory()
    return _read_only(received)


@st.cache_resource(max_entries=16, show_spinner="Measuring how far each layer looks…")
def _distances(digest: str, n_patches: int, _attention: VisionAttention) -> Float32Array:
    # One layer at a time: together the maps of 1,024 patches would take 300 MB.
    by_layer = [
        attention_distance(_attention.weights(layer), _attention.grid, _attention.n_prefix_tokens)
        for layer in range(_attention.n_layers)
    ]
    return_free_memory()
    return _read_only(np.stack(by_layer).astype(np.float32))


@st.cache_resource(max_entries=16, show_spinner=False)
def _colours(
    model: str, digest: str, n_patches: int, _attention: VisionAttention
) -> NDArray[np.uint8]:
    colours = pca_colours(_attention.patch_features).reshape(*_attention.grid, 3)
    return _read_only(np.rint(colours * 255).astype(np.uint8))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
