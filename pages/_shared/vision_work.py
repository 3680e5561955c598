"""The work behind the Vision Transformer page, and what can be taken along from it."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.attention_maps import cosine_similarity
from core.notebook import notebook
from pages._shared import (
    imagenet,
    vision,
    vision_arithmetic,
    vision_snippets,
    vision_tests,
)
from pages._shared.files import About, Table, Tabular
from pages._shared.matrix import Axis
from pages._shared.source import vision_functions_that_ran
from pages._shared.take import Takeaway
from pages._shared.vision_case import VisionCase, vision_case
from pages._shared.vision_scene import Scene, interventions, see
from pages._shared.vision_state import (
    ATTENTION,
    DECIDED,
    FEATURES,
    RANKED,
    ROLLOUT,
    SALIENCY,
    STORE,
)
from pages._shared.vision_words import asking_row, asking_rows, head_name, place, token_name
from pages._shared.work import Work

_HEADINGS: Final = {
    ATTENTION: "The arithmetic behind the strongest weight",
    ROLLOUT: "The arithmetic behind the strongest patch of the rollout",
    FEATURES: "The arithmetic behind a likeness",
    SALIENCY: "What becomes of the features",
}
_NAMING: Final = "The arithmetic behind the likeliest class"


def work_of(scene: Scene) -> Work:
    """Return the sums, the programs and the source behind what a view shows."""
    if scene.view in (DECIDED, RANKED):
        return vision_tests.work_of(scene)
    # No softmax leads to the mean of many rows: there is no program for it, but the notebook.
    in_attention = scene.view == ATTENTION and not scene.averages
    compares = scene.view == FEATURES and scene.patch >= 0
    return Work(
        heading=_NAMING
        if scene.view == SALIENCY and scene.info.n_classes
        else _HEADINGS[scene.view],
        lines=lambda: _lines(scene),
        numpy=(lambda: vision_snippets.vision_numpy_snippet(case_of(scene)))
        if in_attention
        else None,
        torch=(lambda: vision_snippets.vision_torch_snippet(case_of(scene)))
        if in_attention
        else None,
        functions=lambda: vision_functions_that_ran(
            scene.view, compares=compares, names=scene.info.n_classes > 0
        ),
    )


def case_of(scene: Scene) -> VisionCase:
    """Return the row of attention that the scene is about; of an average, one of its rows."""
    patch = _most_read(scene) if scene.averages else scene.patch
    return vision_case(scene.look.attention, scene.layer, scene.head, patch)


def _most_read(scene: Scene) -> int:
    """Return the patch that is read most by who asks."""
    attention = scene.look.attention
    rows = asking_rows(attention, scene.layer, scene.patch)
    row = rows.mean(axis=0) if scene.head == attention.n_heads else rows[scene.head]
    return int(attention.patch_maps(row).argmax())


def _lines(scene: Scene) -> list[str]:
    attention = scene.look.attention
    if scene.view == ATTENTION:
        head, patch = head_name(scene.head, attention.n_heads).lower(), _most_read(scene)
        of_patch = (
            f"Of the patch in {place(patch, scene.grid)}, for {scene.asks}, {head} of layer "
            f"{scene.layer + 1}:"
        )
        if scene.averages:
            lines = vision_arithmetic.average_lines(attention, scene.layer, scene.head, patch)
        else:
            lines = vision_arithmetic.weight_lines(case_of(scene))
        return [of_patch, *lines]
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
    if scene.info.n_classes:
        return [_class_line(scene)]
    rows, columns = attention.saliency.shape
    return [
        f"A small network of convolutions turns the {attention.tokens.shape[-1]} features of each "
        f"patch into {rows:,} × {columns:,} probabilities: too many sums to write out. Its code is "
        "under “The code that ran”."
    ]


def _class_line(scene: Scene) -> str:
    """Write the probability of the likeliest class as the softmax of the logits."""
    logits = scene.look.attention.logits.astype(np.float64)
    return vision_arithmetic.class_line(logits, imagenet.class_names()[int(logits.argmax())])


def _rollout_lines(scene: Scene) -> list[str]:
    attention, start = scene.look.attention, scene.state.start_layer - 1
    model = scene.state.model
    rolled = vision.rollout(scene.picture, scene.n_patches, start, model=model)
    row = asking_row(rolled, attention, scene.patch)
    strongest = int(attention.patch_maps(row).argmax())
    below = None
    if start < attention.n_layers - 1:
        below = vision.rollout(scene.picture, scene.n_patches, start, n_left_out=1, model=model)
    of_patch = f"Of the patch in {place(strongest, scene.grid)}, for {scene.asks}:"
    return [
        of_patch,
        *vision_arithmetic.rollout_lines(attention, below, start, scene.patch, strongest),
    ]


def take_arrays() -> dict[str, Tabular]:
    """Return the arrays behind what is on the page."""
    scene = see(STORE.current)
    attention = scene.look.attention
    keys, heads = Axis("key", _tokens(scene)), _heads(scene)
    rows = asking_rows(attention, scene.layer, scene.patch)
    arrays: dict[str, Tabular] = {
        f"weights_layer_{scene.layer + 1}": Table(rows, (heads, keys)),
        **_answers(scene),
    }
    if scene.view == ROLLOUT:
        start, model = scene.state.start_layer - 1, scene.state.model
        rolled = vision.rollout(scene.picture, scene.n_patches, start, model=model)
        row = asking_row(rolled, attention, scene.patch)[np.newaxis]
        arrays["rollout"] = Table(row, (Axis("query", (scene.asks,)), keys))
    if scene.view == FEATURES:
        arrays["patch_features"] = attention.patch_features
    if scene.view == DECIDED:
        arrays |= vision_tests.take_arrays(scene)
    return arrays


def _answers(scene: Scene) -> dict[str, Tabular]:
    """Return what the model answers, and again what it does with something taken away."""
    attention, picture, n_patches = scene.look.attention, scene.picture, scene.n_patches
    changes, without = interventions(scene)
    again = scene.view == SALIENCY and bool(without)
    if not scene.info.n_classes:
        answers: dict[str, Tabular] = {"saliency": attention.saliency}
        if again:
            answers["saliency_again"] = vision.saliency_with(picture, n_patches, changes)
        return answers
    rows = {"probability": attention.probabilities}
    if again:
        model = scene.state.model
        rows["again"] = vision.probabilities_with(picture, n_patches, changes, model)
    axes = Axis("pass", tuple(rows)), Axis("class", imagenet.class_names())
    return {"probabilities": Table(np.stack(list(rows.values())), axes)}


def _tokens(scene: Scene) -> tuple[str, ...]:
    """Return the names of all tokens, without an article."""
    attention = scene.look.attention
    prefix = (
        token_name(
            token,
            scene.grid,
            attention.n_prefix_tokens,
            has_class_token=attention.has_class_token,
        )
        for token in range(attention.n_prefix_tokens)
    )
    n_patches = scene.grid[0] * scene.grid[1]
    names = (name.removeprefix("the ") for name in prefix)
    return (*names, *(place(patch, scene.grid) for patch in range(n_patches)))


def _heads(scene: Scene) -> Axis:
    n_heads = scene.look.attention.n_heads
    return Axis("head", tuple(head_name(head, n_heads) for head in range(n_heads)))


def take_notebook() -> str:
    """Return a notebook that computes the row of attention from its query and all keys."""
    scene = see(STORE.current)
    about = "# What does a Vision Transformer look at in your picture?"
    if scene.averages:
        about += (
            "\n\nThe page shows the mean of the rows of all patches. This is one of them, of the "
            "patch that is read most."
        )
    return notebook(vision_snippets.vision_notebook_cells(case_of(scene), about))


def take_about() -> About:
    """Return what files and pictures say about themselves."""
    scene = see(STORE.current)
    head = head_name(scene.head, scene.look.attention.n_heads).lower()
    return About(
        page="Vision Transformer",
        state=f"{scene.picture.alt} · {scene.info.title} · {scene.view} · "
        f"layer {scene.layer + 1}, {head} · "
        f"{scene.asks} asks",
    )


TAKEAWAY: Final = Takeaway(take_arrays, take_notebook, take_about)
