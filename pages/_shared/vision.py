"""The trained Vision Transformer as its page uses it: pictures made ready, model calls cached.

What the model computed is kept by the picture's hash, its number of patches and the
interventions, so that looking from another layer, head or patch never runs it again. Results
are read-only and shared between sessions. The caches are small on purpose: one pass over 1,024
patches holds 38 MB, and the whole lab is to fit in little memory.
"""

from __future__ import annotations

import base64
import hashlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from core.explain import (
    attention_distance,
    attention_received,
    attention_rollout,
    pca_colours,
)
from core.images import encode_jpeg, fit_to_patches, is_too_long
from core.vision_attention import Interventions, VisionAttention
from pages._shared.page import return_free_memory, settle_memory

if TYPE_CHECKING:
    from core.vit import VisionTransformer

# Most patches a picture is cut into: what a square of 224 or 448 pixels has.
COARSE: Final = 256
FINE: Final = 1024
# Longest side, roughly, of the photo as it is shown.
_SHOWN_SIDE: Final = 576

Float32Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture made ready for the model, at both resolutions; a megabyte at most.

    Attributes
    ----------
    digest : str
        SHA-256 of the decoded pixels: the picture's name in every cache.
    alt : str
        What is in it.
    pixels : dict of int to NDArray
        What the model is given, by number of patches.
    jpegs : dict of int to str
        The same view with more pixels, for the eye; base64.
    squeezed : bool
        Whether its sides were too far apart to keep their ratio.
    """

    digest: str
    alt: str
    pixels: dict[int, NDArray[np.uint8]]
    jpegs: dict[int, str]
    squeezed: bool


@dataclass(frozen=True, eq=False)
class Look:
    """One pass of the model and the time that it took, in seconds."""

    attention: VisionAttention
    seconds: float


def prepare_picture(decoded: NDArray[np.uint8], alt: str) -> Picture:
    """Cut a decoded picture, (height, width, 3), to the patch grids of both resolutions."""
    pixels, jpegs = {}, {}
    for n_patches in (COARSE, FINE):
        pixels[n_patches] = fit_to_patches(decoded, n_patches_target=n_patches)
        pixels[n_patches].flags.writeable = False
        shown_patch = round(_SHOWN_SIDE / n_patches**0.5)
        shown = fit_to_patches(decoded, n_patches_target=n_patches, patch_size=shown_patch)
        jpegs[n_patches] = base64.b64encode(encode_jpeg(shown)).decode("ascii")
    name = hashlib.sha256(str(decoded.shape).encode() + decoded.tobytes())
    return Picture(name.hexdigest(), alt, pixels, jpegs, squeezed=is_too_long(decoded))


def look(picture: Picture, n_patches: int) -> Look:
    """Return the model's pass over a picture, run at most once while it is remembered."""
    run = _run_coarse if n_patches == COARSE else _run_fine
    return run(picture.digest, picture.pixels[n_patches])


def saliency_with(picture: Picture, n_patches: int, interventions: Interventions) -> Float32Array:
    """Return the saliency predicted under interventions, (8 * rows, 8 * columns)."""
    return _run_changed(picture.digest, n_patches, interventions, picture.pixels[n_patches])


def rollout(
    picture: Picture, n_patches: int, start_layer: int, *, n_left_out: int = 0
) -> Float32Array:
    """Return the attention rollout from a layer on, (token, token); rows sum to one.

    Of the last layers, `n_left_out` are left out.
    """
    attention = look(picture, n_patches).attention
    end_layer = attention.n_layers - n_left_out
    return _roll_out(picture.digest, n_patches, start_layer, end_layer, attention)


def received_in_layer(picture: Picture, n_patches: int, layer: int) -> Float32Array:
    """Return the attention that each token receives in a layer, as a multiple of the mean."""
    return _received(picture.digest, n_patches, layer, look(picture, n_patches).attention)


def distances(picture: Picture, n_patches: int) -> Float32Array:
    """Return how far each head looks, in patches, (layer, head)."""
    return _distances(picture.digest, n_patches, look(picture, n_patches).attention)


def feature_colours(picture: Picture, n_patches: int) -> NDArray[np.uint8]:
    """Return the principal components of the patch features as colours, (rows, columns, 3)."""
    return _colours(picture.digest, n_patches, look(picture, n_patches).attention)


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


def _run(pixels: NDArray[np.uint8], interventions: Interventions = Interventions()) -> Look:  # noqa: B008 (frozen)
    model = load_model()
    from core.vit import forward

    start = time.perf_counter()
    attention = forward(model, pixels, interventions)
    seconds = time.perf_counter() - start
    return_free_memory()
    return Look(attention, seconds)


# A parameter with a leading underscore is not part of the cache's key.
@st.cache_resource(max_entries=2, show_spinner="Running the model…")
def _run_coarse(digest: str, _pixels: NDArray[np.uint8]) -> Look:
    return _run(_pixels)


@st.cache_resource(max_entries=1, show_spinner="Running the model on about 1,024 patches…")
def _run_fine(digest: str, _pixels: NDArray[np.uint8]) -> Look:
    return _run(_pixels)


@st.cache_resource(max_entries=16, show_spinner="Running the model again…")
def _run_changed(
    digest: str, n_patches: int, interventions: Interventions, _pixels: NDArray[np.uint8]
) -> Float32Array:
    return _run(_pixels, interventions).attention.saliency


@st.cache_resource(max_entries=2, show_spinner="Multiplying the layers…")
def _roll_out(
    digest: str, n_patches: int, start_layer: int, end_layer: int, _attention: VisionAttention
) -> Float32Array:
    layers = range(start_layer, end_layer)
    rolled = attention_rollout(_attention.weights(layer) for layer in layers)
    return_free_memory()
    return _read_only(rolled)


@st.cache_resource(max_entries=16, show_spinner=False)
def _received(digest: str, n_patches: int, layer: int, _attention: VisionAttention) -> Float32Array:
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
def _colours(digest: str, n_patches: int, _attention: VisionAttention) -> NDArray[np.uint8]:
    colours = pca_colours(_attention.patch_features).reshape(*_attention.grid, 3)
    return _read_only(np.rint(colours * 255).astype(np.uint8))


def _read_only(array: NDArray[Any]) -> NDArray[Any]:
    array.flags.writeable = False
    return array
