"""What the experiments on the Vision Transformer measure in a scene.

Each number is computed from the picture and the model's pass over it when it is asked for. A
question that has no meaning for a picture raises a ValueError that says so.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from core.attention_maps import attention_distance, cell_means, share_inside
from core.vision_attention import Interventions
from pages._shared import vision
from pages._shared.lesson import DoesNotFitError
from pages._shared.vision_scene import Scene

# From this probability on, a patch is said to belong to the subject; the rest is background.
SALIENT: Final = 0.5
# Patches are drawn with this seed, so that everyone draws the same ones.
SEED: Final = 0

FloatArray = NDArray[np.floating[Any]]


def subject(scene: Scene) -> NDArray[np.bool_]:
    """Return which patches the model predicts to stand out, (rows, columns).

    Raises
    ------
    DoesNotFitError
        If it says so of none, or of all.
    """
    patches = cell_means(scene.look.attention.saliency, scene.grid) >= SALIENT
    if patches.all():
        raise DoesNotFitError("All of this picture is predicted to stand out: no background.")
    if not patches.any():
        raise DoesNotFitError(
            "Nothing in this picture is predicted to stand out: it has no subject."
        )
    return patches


def head_distances(scene: Scene, layer: int) -> FloatArray:
    """Return how far away each head of a layer reads, in patches, (head,); `layer` is from 1."""
    by_head: FloatArray = vision.distances(scene.picture, scene.n_patches)[layer - 1]
    return by_head


def uniform_distance(scene: Scene) -> float:
    """Return how far away a head with uniform weights would read, in patches."""
    attention = scene.look.attention
    uniform = np.ones((attention.n_tokens, attention.n_tokens), dtype=np.float32)
    return float(attention_distance(uniform, attention.grid, attention.n_prefix_tokens))


def shares_to_patch(scene: Scene, patch: int, layer: int) -> FloatArray:
    """Return the share of all its weight that each head of a layer gives to a patch, (head,)."""
    attention = scene.look.attention
    token = attention.n_prefix_tokens + patch
    shares: FloatArray = attention.weights(layer - 1)[:, :, token].mean(axis=1)
    return shares


def share_on_subject(scene: Scene, layer: int) -> float:
    """Return the share of what the asking token reads from the picture that is subject.

    `layer` is from 1; the weights are the mean of its heads.
    """
    attention = scene.look.attention
    token = 0 if scene.patch < 0 else attention.n_prefix_tokens + scene.patch
    weights = attention.rows(layer - 1, token).mean(axis=0)  # (token,)
    return float(share_inside(attention.patch_maps(weights), subject(scene)))


def subject_on_itself(scene: Scene, layer: int) -> float:
    """Return the share that patches of the subject read from the subject, on average."""
    attention, inside = scene.look.attention, subject(scene)
    weights = attention.weights(layer - 1).mean(axis=0)  # (query, key)
    asking = weights[attention.n_prefix_tokens :][inside.ravel()]
    return float(share_inside(attention.patch_maps(asking), inside).mean())


def background_shares(scene: Scene, layer: int) -> FloatArray:
    """Return how much of what the class token reads from the picture is background, (head,)."""
    maps = scene.look.attention.cls_maps(layer - 1)
    return share_inside(maps, ~subject(scene))


def rollout_map(scene: Scene, start_layer: int) -> FloatArray:
    """Return the class token's rollout from a layer on, (rows, columns); the layer is from 1."""
    rolled = vision.rollout(scene.picture, scene.n_patches, start_layer - 1)
    return scene.look.attention.patch_maps(rolled[0])


def most_read_patch(scene: Scene, layer: int) -> tuple[int, float]:
    """Return the patch that the class token reads most, and its weight in uniform weights."""
    attention = scene.look.attention
    weights = attention.cls_maps(layer - 1).mean(axis=0).ravel()
    return int(weights.argmax()), float(weights.max()) * attention.n_tokens


def draw_patches(scene: Scene, n: int, but: int) -> tuple[int, ...]:
    """Draw patches at random, each one once, and not `but`."""
    rows, columns = scene.grid
    others = np.delete(np.arange(rows * columns), but)
    drawn = np.random.default_rng(SEED).choice(others, size=n, replace=False)
    return tuple(int(patch) for patch in drawn)


def change_without(scene: Scene, patch: int) -> float:
    """Return by how much a spot of the predicted saliency changes on average without a patch."""
    hidden = Interventions(hidden_patches=frozenset({patch}))
    after = vision.saliency_with(scene.picture, scene.n_patches, hidden)
    return float(np.abs(after.astype(np.float64) - scene.look.attention.saliency).mean())
