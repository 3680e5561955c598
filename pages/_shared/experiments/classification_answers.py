"""The answers of the image classification page's experiments, and what it shows with them."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from core.digit_changes import UPSIDE_DOWN
from pages._shared.classify_scene import HEADS, NAMED, ClassifyState, Scene
from pages._shared.digit_look_scene import HIDE_PATCH, NO_TEST
from pages._shared.digit_value import answer_of
from pages._shared.experiments import classification_measures as measure
from pages._shared.lesson import Answer, DoesNotFitError
from pages._shared.taught import name_picture, prototypes_for
from pages._shared.vision_words import percent_text, place
from pages._shared.words import number

HOOFED: Final = "Hoofed animals"
# Indices of the options, in the questions that have them.
A_NINE, A_SIX, ANOTHER = range(3)
COSTS_MOST, COSTS_MUCH, COSTS_LITTLE = range(3)
CALLED_HOOFED, CALLED_OTHER, CALLED_NONE = range(3)
MUCH: Final = 4
LAST: Final = 2  # layer of the model that comes with the lab, from 0


# ---- turned


def turn(state: ClassifyState) -> ClassifyState:
    """Turn the digit upside down."""
    return replace(state, change=UPSIDE_DOWN)


def name_when_turned(before: Scene, after: Scene) -> Answer:
    """Find what a 6 is named when it is upside down."""
    meant = answer_of(before.state.digit)
    if meant not in (None, 6) or (meant is None and measure.named(before) != 6):
        raise DoesNotFitError("This is about a 6, and another digit is on the page: choose a 6.")
    found, probabilities = measure.named(after), measure.probabilities(after)
    value = {9: A_NINE, 6: A_SIX}.get(found, ANOTHER)
    return Answer(
        value,
        f"The right way up it is a 6 with {percent_text(measure.probabilities(before)[6])}; upside "
        f"down the model says {found} with {percent_text(probabilities[found])}, and a 6 has "
        f"{percent_text(probabilities[6])}. Nothing in attention knows a turned picture for the "
        "same thing: positions are learned for pictures the right way up.",
    )


# ---- needed


def how_many_turn_it(before: Scene, _after: Scene) -> Answer:
    """Count the patches without which another digit is named."""
    look = before.digit
    first = measure.named(before)
    others = measure.named_without(before)
    turning = np.flatnonzero(others != first)
    lost = measure.costs(before)
    costliest, whole = int(lost.argmax()), measure.probabilities(before)[first]
    said = " or ".join(str(name) for name in sorted({int(others[patch]) for patch in turning}))
    turned = f", and without any one of {turning.size} of them {said}" if turning.size else ""
    return Answer(
        int(turning.size),
        f"With all of them it says {first}{turned}. The patch that costs it most is in "
        f"{place(costliest, look.attention.grid)}: without it the probability of {first} falls "
        f"from {percent_text(whole)} to {percent_text(whole - lost[costliest])}.",
    )


def hide_costliest(state: ClassifyState) -> ClassifyState:
    """Hide the patch that costs most."""
    scene = Scene(state)
    patch = int(measure.costs(scene).argmax())
    looked = replace(state.looked, query=-1, key=patch, test=HIDE_PATCH, mean=True)
    return replace(state, view=HEADS, looked=looked)


# ---- read or needed


def is_read_needed(before: Scene, _after: Scene) -> Answer:
    """Find where the patch that is read most stands among those that cost most."""
    grid = before.digit.attention.grid
    read, lost = measure.read(before), measure.costs(before)
    most = int(read.argmax())
    rank = int((lost > lost[most]).sum())
    value = COSTS_MOST if rank == 0 else COSTS_MUCH if rank < MUCH else COSTS_LITTLE
    first, whole = int(lost.argmax()), measure.probabilities(before).max()
    return Answer(
        value,
        f"The patch in {place(most, grid)} is read most, with {percent_text(read[most])} of the "
        f"weight, and hiding it brings the probability from {percent_text(whole)} to "
        f"{percent_text(whole - lost[most])}: {rank} of the other {lost.size - 1} cost more. The "
        f"one in {place(first, grid)} is read with {percent_text(read[first])} and costs most: "
        f"without it the probability is {percent_text(whole - lost[first])}.",
    )


def show_read(state: ClassifyState) -> ClassifyState:
    """Show what the answer is read from attends to in the last layer, and hide what it reads."""
    scene = Scene(state)
    attention = scene.digit.attention
    most = int(measure.read(scene).argmax())
    looked = replace(
        state.looked, layer=attention.n_layers - 1, mean=True, query=-1, key=most, test=HIDE_PATCH
    )
    return replace(state, view=HEADS, looked=looked)


# ---- blank


def wipe(state: ClassifyState) -> ClassifyState:
    """Wipe the pad."""
    looked = replace(state.looked, test=NO_TEST)
    return replace(state, digit=measure.EMPTY, view=NAMED, looked=looked)


def how_sure_of_nothing(_before: Scene, after: Scene) -> Answer:
    """Find how sure the model is of what it names on an empty picture, in per cent."""
    probabilities = measure.probabilities(after)
    first, second = np.argsort(-probabilities, kind="stable")[:2]
    # The negative of nothing is ink everywhere.
    picture = "a picture full of ink" if after.image.any() else "an empty picture"
    return Answer(
        round(100 * float(probabilities[first]), 1),
        f"On {picture} it says {first} with {percent_text(probabilities[first])}, then "
        f"{second} with {percent_text(probabilities[second])}; ten equal ones would have 10% each. "
        "Softmax makes the ten sum to 1 whatever comes in, and none of them means “no digit”.",
    )


# ---- stranger


def show_name(state: ClassifyState) -> ClassifyState:
    """Name the photo."""
    return replace(state, view=NAMED)


def what_a_stranger_is_called(before: Scene, _after: Scene) -> Answer:
    """Find what a photo is called that shows none of what was taught."""
    taught, picture = before.taught, before.picture
    verdict, prototypes = name_picture(taught, picture), prototypes_for(taught, picture)
    if verdict is None or prototypes is None or HOOFED not in prototypes.names:
        raise DoesNotFitError(f"This is about “{HOOFED}” and other classes: teach it those again.")
    nearest = prototypes.names[verdict.nearest]
    value = CALLED_HOOFED if nearest == HOOFED else CALLED_OTHER
    listed = ", ".join(
        f"“{name}” {number(cosine)}"
        for name, cosine in zip(prototypes.names, verdict.similarities, strict=True)
    )
    largest, least = number(verdict.similarities.max()), number(prototypes.least)
    compared = f"{largest} is above the {least} that it takes"
    if not verdict.is_near:
        compared = f"{largest} is below the {least} that it takes, so it is none of these"
    return Answer(
        value if verdict.is_near else CALLED_NONE,
        f"The cosines are {listed}; {compared}. "
        "That threshold is measured on what was taught, and nobody has told it what else there is "
        "in the world.",
    )
