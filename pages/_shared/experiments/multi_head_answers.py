"""What the experiments with several heads change, and what their answers are read from."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from core.head_counts import cache_numbers, count_parameters
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.multi_head_counts import sizes_of
from pages._shared.multi_head_cut import OUTPUT, MultiHeadState
from pages._shared.multi_head_scene import Scene, see
from pages._shared.words import number

# Outputs are told apart if they differ by more than this, shares of weight likewise.
SEEN: Final = 0.05
FALLS, STAYS, GROWS = range(3)
NEARLY, BETWEEN, FAR = range(3)
SWAPPED, SAME = 0, 2
READER: Final = "saw"


# --- eight heads instead of one --------------------------------------------------------------


def cut_in_eight(state: MultiHeadState) -> MultiHeadState:
    """Cut the same columns into eight heads."""
    return state.cut(8)


def parameters(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the number of parameters."""
    old, new = (count_parameters(sizes_of(scene.state)).total for scene in (before, after))
    value = STAYS if new == old else GROWS if new > old else FALLS
    width = sizes_of(after.state).kv_width
    return Answer(
        value,
        f"{old} before, {new} now: W_Q and W_O have 8 × 8 numbers however they are cut, W_K and "
        f"W_V 8 × {width}. What changed is d_head, from {before.state.d_head} to "
        f"{after.state.d_head}: a head has fewer numbers to compare by.",
    )


# --- the head that is not missed -------------------------------------------------------------


def changes_without(scene: Scene) -> list[float]:
    """Return how much dropping each head alone changes the output at most."""
    state = scene.state
    without = (
        see(replace(state, dropped=frozenset({head}))).result.output for head in range(state.n_head)
    )
    return [float(np.abs(output - scene.whole.output).max()) for output in without]


def drop_least(state: MultiHeadState) -> MultiHeadState:
    """Drop the head that is missed least."""
    least = int(np.argmin(changes_without(see(state))))
    return replace(state, dropped=frozenset({least}), part=OUTPUT)


def least_missed(before: Scene, after: Scene) -> Answer:
    """Find the head without which the output changes least."""
    del after
    require_heads(before, 4)
    changes = changes_without(before)
    order = np.argsort(changes)
    least, second = int(order[0]), int(order[1])
    if changes[second] - changes[least] < SEEN:
        msg = "Two heads are missed equally little."
        raise DoesNotFitError(msg)
    group = least // before.state.group
    handed = before.weights[least] @ before.result.value[group]
    sharp = float(before.weights[least].max(axis=-1).mean())
    return Answer(
        least,
        f"Without head {least + 1} no number of the output changes by more than "
        f"{number(changes[least])}, without head {second + 1} by up to {number(changes[second])}. "
        f"Its largest weights are {number(sharp)} on average, but what it reads there has values "
        f"of {number(float(np.abs(handed).max()))} at most"
        + (": it rests." if np.abs(handed).max() < SEEN else ", and W_O takes up little of it."),
    )


# --- the mean of four heads ------------------------------------------------------------------


def nearest_to_mean(before: Scene, after: Scene) -> Answer:
    """Find how near any head comes to the mean of all."""
    del before
    require_heads(after, 4)
    if after.state.dropped:
        msg = "The question is about the mean of all four heads, but one is dropped."
        raise DoesNotFitError(msg)
    far = after.elsewhere
    nearest = int(far.argmin())
    share = float(far[nearest])
    value = NEARLY if share < 0.1 else BETWEEN if share < 1 / 3 else FAR
    reader = after.state.reader
    sharpest = after.weights[:, reader].max(axis=-1)
    head = int(sharpest.argmax())
    return Answer(
        value,
        f"Head {nearest + 1} is nearest, with {100 * share:.0f}% of its weight elsewhere; the "
        f"others have up to {100 * float(far.max()):.0f}%. In the mean, "
        f"“{after.state.words[reader]}” gives no word more than "
        f"{number(float(after.mean[reader].max()))}, in head {head + 1} it gives one of them "
        f"{number(float(sharpest[head]))}.",
    )


# --- who saw whom -------------------------------------------------------------------------


def swap_ends(state: MultiHeadState) -> MultiHeadState:
    """Let the first and the last word change places."""
    first, *middle, last = state.words
    return state.said((last, *middle, first))


def output_when_swapped(before: Scene, after: Scene) -> Answer:
    """Find what becomes of the output of the word in the middle."""
    if before.state.words[1:-1] != (READER,):
        msg = f"The question is about three words with “{READER}” in the middle."
        raise DoesNotFitError(msg)
    old, new = before.result.output[1], after.result.output[1]
    weights = before.weights[:, 1]
    two = [see(state.cut(2)).result.output[1] for state in (before.state, after.state)]
    shares = " and ".join(number(float(weight)) for weight in weights[0, [0, -1]])
    moved = float(np.abs(new - old).max())
    if moved < SEEN:
        kept_apart = number(float(np.abs(two[1] - two[0]).max()))
        return Answer(
            SAME,
            f"It changes by {number(moved)}: one head gives the two words {shares} and averages "
            "them, and in an average nothing stands before anything. Two heads, each with numbers "
            f"of its own for what it reads, would have changed it by up to {kept_apart}.",
        )
    swapped = old.copy()
    swapped[[4, 6]] = old[[6, 4]]
    if np.abs(new - swapped).max() > SEEN:
        msg = "Here the output changes in a way that the question does not name."
        raise DoesNotFitError(msg)
    return Answer(
        SWAPPED,
        f"It changes by up to {number(moved)}. Head 1 reads the word before and head 2 the word "
        "after, and W_O keeps them apart.",
    )


# --- one set of keys for all -----------------------------------------------------------------


def share_with_all(state: MultiHeadState) -> MultiHeadState:
    """Let all heads read with the keys and values of the first."""
    return state.cut(state.n_head, 1)


def most_disturbed(before: Scene, after: Scene) -> Answer:
    """Find the head of whose weight the most went elsewhere."""
    require_heads(before, 4)
    moved = np.abs(after.weights - before.weights).sum(axis=-1).mean(axis=-1) / 2
    first, second = np.argsort(-moved)[:2]
    if moved[first] - moved[second] < SEEN:
        msg = "Here two heads change alike, or none does."
        raise DoesNotFitError(msg)
    cache = [cache_numbers(sizes_of(scene.state)) for scene in (before, after)]
    return Answer(
        int(first),
        f"{100 * moved[first]:.0f}% of the weight of head {first + 1} went to other words, of "
        f"no other head more than {100 * moved[second]:.0f}%: the shared keys do not say what head "
        f"{first + 1} asks about. In return the cache holds {cache[1]} numbers a word instead of "
        f"{cache[0]}.",
    )


def require_heads(scene: Scene, n_head: int) -> None:
    """Raise DoesNotFitError unless the page has so many heads."""
    if scene.state.n_head != n_head:
        msg = f"The question is about {n_head} heads; there are {scene.state.n_head} now."
        raise DoesNotFitError(msg)
