"""The answers of the Vision Transformer's experiments, and what the page shows with them.

Layers that a question names are the ones that are measured, wherever the page's slider stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pages._shared.experiments import vision_measures as measure
from pages._shared.lesson import Answer, Value
from pages._shared.vision_state import (
    ATTENTION,
    HIDE_PATCH,
    N_LAYERS,
    SALIENCY,
    Point,
    Scene,
    VisionState,
    see,
)
from pages._shared.vision_words import percent_text, place, times_text

# A layer that looks at what is near, to compare the last one with.
NEAR: Final = 4
COMPARED: Final = (1, 2, NEAR, N_LAYERS)
# Layers are said to look equally far if their distances lie within so many patches.
SAME: Final = 0.5
N_LOTS: Final = 5

# Indices of the options, in the questions that have them.
ALIKE: Final = len(COMPARED)
NO_HEAD, ONE_HEAD, SEVERAL_HEADS, ALL_HEADS = range(4)
ALL_LESS, SOME_LESS, NONE_LESS = range(3)


def nearest_layer(before: Scene, _after: Scene) -> Answer:
    """Find which of the compared layers has the smallest mean distance."""
    distances = _distances(before)
    value = int(np.argmin(distances))
    if max(distances) - min(distances) < SAME:
        value = ALIKE
    listed = ", ".join(
        f"{distance:.1f} in layer {layer}"
        for layer, distance in zip(COMPARED, distances, strict=True)
    )
    first = measure.head_distances(before, 1)
    return Answer(
        value,
        f"Mean distance in this picture, in patches: {listed}; uniform weights would make it "
        f"{measure.uniform_distance(before):.1f}. Unlike in a convolution nothing builds nearness "
        f"in: the heads of layer 1 alone look from {first.min():.1f} to {first.max():.1f} far.",
    )


def _distances(scene: Scene) -> list[float]:
    return [float(measure.head_distances(scene, layer).mean()) for layer in COMPARED]


def show_nearest_layer(state: VisionState) -> VisionState:
    """Show the layer that looks nearest."""
    nearest = COMPARED[int(np.argmin(_distances(see(state))))]
    return replace(state, view=ATTENTION, layer=nearest, panel=None)


def weight_on_subject(before: Scene, _after: Scene) -> Answer:
    """Find how much of a token's weight lies on the subject in the last layer, in per cent."""
    share, share_near = (measure.share_on_subject(before, layer) for layer in (N_LAYERS, NEAR))
    late, early = (measure.subject_on_itself(before, layer) for layer in (N_LAYERS, NEAR))
    figures = (
        f"In this picture {before.asks} gives {percent_text(share)} of that weight to the "
        f"subject, {percent_text(measure.subject(before).mean())} of the area; in layer {NEAR} "
        f"it gives {percent_text(share_near)}."
    )
    of_all = (
        "On average over all patches of the subject it goes from "
        f"{percent_text(early)} to {percent_text(late)}"
    )
    why = "here the last layer gathers nothing"
    if late > early:
        why = "queries and keys are made from features, and by then those of one thing are alike"
    return Answer(round(100 * share), f"{figures} {of_all}: {why}.")


def background_heads(before: Scene, _after: Scene) -> Answer:
    """Find how many heads have the class token look mainly at the background, last layer."""
    shares = measure.background_shares(before, N_LAYERS)
    n_heads = int((shares > 0.5).sum())
    value = NO_HEAD if n_heads == 0 else ONE_HEAD if n_heads == 1 else SEVERAL_HEADS
    if n_heads == shares.size:
        value = ALL_HEADS
    first, *others = np.sort(shares)[::-1]
    area = percent_text(1 - measure.subject(before).mean())
    return Answer(
        value,
        f"In this picture head {int(shares.argmax()) + 1} puts {percent_text(first)} on the "
        f"background ({area} of the area), the others {percent_text(others[-1])} to "
        f"{percent_text(others[0])}. Each head has queries and keys of its own, so they need not "
        "agree; whether the prediction needs a head, only dropping it tells.",
    )


def show_background_head(state: VisionState) -> VisionState:
    """Show the head that looks most at the background."""
    head = int(measure.background_shares(see(state), N_LAYERS).argmax()) + 1
    return replace(state, view=ATTENTION, layer=N_LAYERS, head=head, point=None, panel=None)


def pile_of_rollout(before: Scene, _after: Scene) -> Answer:
    """Find the patch, as row and column, that holds most of the rollout from layer 1."""
    rolled = measure.rollout_map(before, 1)
    patch = int(rolled.argmax())
    later = measure.rollout_map(before, 2).ravel()[patch]
    times = times_text(rolled.max() * before.look.attention.n_tokens)
    by_head = measure.shares_to_patch(before, patch, 1)
    return Answer(
        cell(patch, before),
        f"In this picture {percent_text(rolled.max())} of the rollout lies there, {times} times "
        f"the uniform weight; started from layer 2 it is {percent_text(later)}. Head "
        f"{int(by_head.argmax()) + 1} of layer 1 gives this patch {percent_text(by_head.max())} "
        "of all its weight, and rollout follows the layers down to that one.",
    )


def without_lots(before: Scene, _after: Scene) -> Answer:
    """Find how many of five patches drawn by lot matter less than the most watched one."""
    watched, times = measure.watched_patch(before, N_LAYERS)
    change = measure.change_without(before, watched)
    changes = [
        measure.change_without(before, patch)
        for patch in measure.draw_lots(before, N_LOTS, but=watched)
    ]
    n_less = sum(other < change for other in changes)
    figures = (
        f"In this picture, without the patch in {place(watched, before.grid)} ({times_text(times)} "
        f"times the uniform weight) a cell's saliency changes by {change:.4f} on average, without "
        f"the five by {min(changes):.4f} to {max(changes):.4f}."
    )
    value, verdict = SOME_LESS, f"{n_less} of the five changed it less"
    if n_less == 0:
        value, verdict = NONE_LESS, "None of the five changed it less"
    elif n_less == N_LOTS:
        value, verdict = ALL_LESS, "All five changed it less, as only the test could tell"
    # Only the patches' features enter the decoder.
    why = f"what the class token reads in layer {N_LAYERS} does not enter it"
    return Answer(value, f"{figures} {verdict}; saliency is decoded from the patches, and {why}.")


def hide_watched(state: VisionState) -> VisionState:
    """Hide the patch that the class token gives most weight in the last layer."""
    scene = see(state)
    watched, _ = measure.watched_patch(scene, N_LAYERS)
    point = Point.of(watched, scene.grid)
    return replace(state, view=SALIENCY, test=HIDE_PATCH, point=point, panel=None)


def cell(patch: int, scene: Scene) -> tuple[int, int]:
    """Return a patch's row and column, from 0."""
    row, column = divmod(patch, scene.grid[1])
    return row, column


def called(cell: Value) -> str:
    """Name a patch by row and column, from 1."""
    row, column = _row_and_column(cell)
    return f"row {row + 1}, column {column + 1}"


def is_beside(given: Value, right: Value) -> bool:
    """Whether a patch is the right one or touches it."""
    (row, column), (right_row, right_column) = _row_and_column(given), _row_and_column(right)
    return max(abs(row - right_row), abs(column - right_column)) <= 1


def _row_and_column(cell: Value) -> tuple[int, int]:
    if not isinstance(cell, tuple):
        msg = f"{cell} is no row and column"
        raise TypeError(msg)
    return cell
