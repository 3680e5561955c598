"""The work behind the Vision Transformer page, and what can be taken along from it."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.explain import cosine_similarity
from core.notebook import notebook
from pages._shared import vision, vision_arithmetic, vision_snippets
from pages._shared.files import About, Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.source import vision_functions_that_ran
from pages._shared.take import Takeaway
from pages._shared.vision_case import VisionCase, vision_case
from pages._shared.vision_state import (
    ATTENTION,
    FEATURES,
    ROLLOUT,
    SALIENCY,
    STORE,
    Scene,
    interventions,
    see,
)
from pages._shared.vision_words import head_name, place
from pages._shared.work import Work

_HEADINGS: Final = {
    ATTENTION: "The arithmetic behind the strongest weight",
    ROLLOUT: "The arithmetic behind the strongest patch of the rollout",
    FEATURES: "The arithmetic behind a likeness",
    SALIENCY: "What becomes of the features",
}


def work_of(scene: Scene) -> Work:
    """Return the sums, the programs and the source behind what a view shows."""
    in_attention = scene.view == ATTENTION
    compares = scene.view == FEATURES and scene.patch >= 0
    return Work(
        heading=_HEADINGS[scene.view],
        lines=lambda: _lines(scene),
        numpy=(lambda: vision_snippets.vision_numpy_snippet(case_of(scene)))
        if in_attention
        else None,
        torch=(lambda: vision_snippets.vision_torch_snippet(case_of(scene)))
        if in_attention
        else None,
        functions=lambda: vision_functions_that_ran(scene.view, compares=compares),
    )


def case_of(scene: Scene) -> VisionCase:
    """Return the row of attention that the scene is about."""
    return vision_case(scene.look.attention, scene.layer, scene.head, scene.patch)


def _lines(scene: Scene) -> list[str]:
    attention = scene.look.attention
    if scene.view == ATTENTION:
        case = case_of(scene)
        head = head_name(scene.head, attention.n_heads).lower()
        strongest = place(case.key_token - case.n_prefix_tokens, scene.grid)
        of_patch = (
            f"Of the patch in {strongest}, for {scene.asks}, {head} of layer {scene.layer + 1}:"
        )
        return [of_patch, *vision_arithmetic.weight_lines(case)]
    if scene.view == ROLLOUT:
        return _rollout_lines(scene)
    if scene.view == FEATURES and scene.patch >= 0:
        features = attention.patch_features
        likeness = cosine_similarity(features, scene.patch)
        other = int(np.argsort(-likeness, kind="stable")[1])
        return [
            f"With the patch most like it, in {place(other, scene.grid)}:",
            vision_arithmetic.likeness_line(features, scene.patch, other),
        ]
    if scene.view == FEATURES:
        return ["Choose a patch to compare it with the others in numbers."]
    rows, columns = attention.saliency.shape
    return [
        f"A small network of convolutions turns the {attention.tokens.shape[-1]} features of each "
        f"patch into {rows:,} × {columns:,} probabilities: too many sums to write out. Its code is "
        "under “The code that ran”."
    ]


def _rollout_lines(scene: Scene) -> list[str]:
    attention, start = scene.look.attention, scene.state.start_layer - 1
    rolled = vision.rollout(scene.picture, scene.n_patches, start)
    row = rolled[0 if scene.patch < 0 else attention.n_prefix_tokens + scene.patch]
    strongest = int(attention.patch_maps(row).argmax())
    below = None
    if start < attention.n_layers - 1:
        below = vision.rollout(scene.picture, scene.n_patches, start, n_left_out=1)
    of_patch = f"Of the patch in {place(strongest, scene.grid)}, for {scene.asks}:"
    return [
        of_patch,
        *vision_arithmetic.rollout_lines(attention, below, start, scene.patch, strongest),
    ]


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page."""
    scene = see(STORE.current)
    attention = scene.look.attention
    labels = ("class token", *(place(patch, scene.grid) for patch in range(attention.n_tokens - 1)))
    keys, heads = Axis("key", labels), _heads(scene)
    token = 0 if scene.patch < 0 else attention.n_prefix_tokens + scene.patch
    arrays: dict[str, Tabular] = {
        f"weights_layer_{scene.layer + 1}": Table(
            attention.rows(scene.layer, token), (heads, keys)
        ),
        "saliency": attention.saliency,
    }
    if scene.view == ROLLOUT:
        rolled = vision.rollout(scene.picture, scene.n_patches, scene.state.start_layer - 1)
        arrays["rollout"] = Table(rolled[[token]], (Axis("query", (scene.asks,)), keys))
    if scene.view == FEATURES:
        arrays["patch_features"] = attention.patch_features
    changes, without = interventions(scene)
    if scene.view == SALIENCY and without:
        arrays["saliency_again"] = vision.saliency_with(scene.picture, scene.n_patches, changes)
    return arrays


def _heads(scene: Scene) -> Axis:
    n_heads = scene.look.attention.n_heads
    return Axis("head", tuple(head_name(head, n_heads) for head in range(n_heads)))


def take_notebook() -> str:
    """Return a notebook that computes the row of attention from its query and all keys."""
    scene = see(STORE.current)
    cells = vision_snippets.vision_notebook_cells(
        case_of(scene), "# What does a Vision Transformer look at in your picture?"
    )
    return notebook(cells)


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    head = head_name(scene.head, scene.look.attention.n_heads).lower()
    return About(
        page="Vision Transformer",
        state=f"{scene.picture.alt} · {scene.view} · layer {scene.layer + 1}, {head} · "
        f"{scene.asks} asks",
    )


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
