"""The answers of the Vision Transformer's experiments, and what the page shows with them.

Layers that a question names are the ones that are measured, wherever the page's slider stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from pages._shared.experiments import vision_measures as measure
from pages._shared.lesson import Answer, Value
from pages._shared.vision_scene import Scene, see
from pages._shared.vision_state import (
    ATTENTION,
    HIDE_PATCH,
    N_LAYERS,
    SALIENCY,
    Point,
    VisionState,
)
from pages._shared.vision_words import percent_text, place, times_text

# A layer that reads what is near, to compare the last one with.
NEAR: Final = 4
COMPARED: Final = (1, 2, NEAR, N_LAYERS)
# Layers are said to read equally far away if their distances lie within so many patches.
SAME: Final = 0.5
N_OTHERS: Final = 5

# Indices of the options, in the questions that have them.
ALIKE: Final = len(COMPARED)
IN_WORDS: Final = ("None", "One", "Two", "Three", "Four", "All")
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
        f"{measure.uniform_distance(before):.1f}. A convolution has nearness built in, attention "
        f"has not: the heads of layer 1 alone read {first.min():.1f} to {first.max():.1f} patches "
        "away.",
    )


def _distances(scene: Scene) -> list[float]:
    return [float(measure.head_distances(scene, layer).mean()) for layer in COMPARED]


def show_nearest_layer(state: VisionState) -> VisionState:
    """Show the layer that reads nearest."""
    nearest = COMPARED[int(np.argmin(_distances(see(state))))]
    return replace(state, view=ATTENTION, layer=nearest, panel=None)


def weight_on_subject(before: Scene, _after: Scene) -> Answer:
    """Find how much of a token's weight lies on the subject in the last layer, in per cent."""
    share, share_near = (measure.share_on_subject(before, layer) for layer in (N_LAYERS, NEAR))
    late, early = (measure.subject_on_itself(before, layer) for layer in (N_LAYERS, NEAR))
    figures = (
        f"In this picture {before.asks} reads {percent_text(share)} from the subject, which is "
        f"{percent_text(measure.subject(before).mean())} of the area; in layer {NEAR} it reads "
        f"{percent_text(share_near)} from it."
    )
    of_all = (
        "On average over all patches of the subject this share goes from "
        f"{percent_text(early)} to {percent_text(late)}"
    )
    why = "here the last layer gathers nothing"
    if late > early:
        why = "queries and keys are made from features, and by then those of one thing are alike"
    return Answer(round(100 * share), f"{figures} {of_all}: {why}.")


def background_heads(before: Scene, _after: Scene) -> Answer:
    """Find in how many heads of the last layer the class token reads mostly background."""
    shares = measure.background_shares(before, N_LAYERS)
    n_heads = int((shares > 0.5).sum())
    value = NO_HEAD if n_heads == 0 else ONE_HEAD if n_heads == 1 else SEVERAL_HEADS
    if n_heads == shares.size:
        value = ALL_HEADS
    first, *others = np.sort(shares)[::-1]
    area = percent_text(1 - measure.subject(before).mean())
    return Answer(
        value,
        f"In this picture head {int(shares.argmax()) + 1} reads {percent_text(first)} from the "
        f"background ({area} of the area), the others {percent_text(others[-1])} to "
        f"{percent_text(others[0])}. Each head has queries and keys of its own, so heads need not "
        "agree; whether the prediction needs a head, only dropping it tells.",
    )


def show_background_head(state: VisionState) -> VisionState:
    """Show the head that reads most of the background."""
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


def without_others(before: Scene, _after: Scene) -> Answer:
    """Find how many of five patches drawn at random matter less than the one read most."""
    most_read, times = measure.most_read_patch(before, N_LAYERS)
    change = measure.change_without(before, most_read)
    changes = [
        measure.change_without(before, patch)
        for patch in measure.draw_patches(before, N_OTHERS, but=most_read)
    ]
    n_less = sum(other < change for other in changes)
    figures = (
        f"In this picture, without the patch in {place(most_read, before.grid)} "
        f"({times_text(times)} times the uniform weight) a spot's saliency changes by {change:.4f} "
        f"on average, without one of the five by {min(changes):.4f} to {max(changes):.4f}."
    )
    value, verdict = SOME_LESS, f"{IN_WORDS[n_less]} of the five changed it less"
    if n_less == 0:
        value, verdict = NONE_LESS, "None of the five changed it less"
    elif n_less == N_OTHERS:
        value, verdict = ALL_LESS, "All five changed it less, as only the test could tell"
    # Only the patches' features enter the decoder.
    why = f"what the class token reads in layer {N_LAYERS} does not enter it"
    return Answer(value, f"{figures} {verdict}; saliency is decoded from the patches, and {why}.")


def hide_most_read(state: VisionState) -> VisionState:
    """Hide the patch that the class token reads most in the last layer."""
    scene = see(state)
    most_read, _ = measure.most_read_patch(scene, N_LAYERS)
    point = Point.of(most_read, scene.grid)
    return replace(state, view=SALIENCY, test=HIDE_PATCH, point=point, panel=None)


def cell(patch: int, scene: Scene) -> tuple[int, int]:
    """Return a patch's row and column, from 0."""
    row, column = divmod(patch, scene.grid[1])
    return row, column


def called(cell: Value, _scene: object) -> str:
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
