"""What the order of the words did, in sentences."""

from __future__ import annotations

from typing import Final

import numpy as np

from core.position_attention import OrderEffect
from pages._shared.position_toy import WORDS, PositionState, Scene, base_content
from pages._shared.words import number

# Softmax adds up in the order of the words: what differs by less has merely been rounded otherwise.
ROUNDING: Final = 1e-12
AS_TYPED: Final = (
    "The words stand as they were typed. Move one, or shuffle them: what changes beside the order?"
)
NOTE: Final = (
    "Who bit whom? Without positions “bit” reads “dog” and “man” alike, whichever comes first."
)
IN_TEXT: Final = {
    "None": "no positions",
    "Sinusoidal": "sinusoidal positions",
    "Learned": "learned positions",
    "Rotary": "rotary positions",
    "ALiBi": "ALiBi",
    "T5 bias": "T5's bias",
}


def titled(kind: str) -> str:
    """Return an encoding's name as a heading."""
    name = IN_TEXT[kind]
    return name[0].upper() + name[1:]


def what_the_order_did(scene: Scene) -> list[str]:
    """Say how far weights and outputs moved, without positions and with them.

    Returns
    -------
    list of str
        One or two sentences; they may hold words that a reader typed.
    """
    state = scene.state
    if not state.is_moved:
        return [AS_TYPED]
    said = [_without(scene.plain_effect, state.causal)]
    if state.kind != "None":
        said.append(_with(scene))
    return said


def _without(effect: OrderEffect, causal: bool) -> str:
    if effect.largest < ROUNDING:
        how = "to the last bit" if effect.largest == 0 else f"to rounding ({effect.largest:.0e})"
        return (
            "Without positions the words moved and nothing else did: word by word, weights and "
            f"outputs are the same {how}."
        )
    why = "the causal mask lets the order in" if causal else "numbers so far apart round otherwise"
    return (
        f"Without positions, but {why}: word by word, weights differ by up to "
        f"{number(_largest_weight(effect))}."
    )


def _with(scene: Scene) -> str:
    effect = scene.effect
    name = IN_TEXT[scene.state.kind]
    largest = _largest_weight(effect)
    if largest < ROUNDING:
        return f"With {name} no weight differs either: here they add nothing that sets words apart."
    row, column = effect.place
    now = scene.read.attention.weights[row, column]
    before = now - effect.weights[row, column]
    return (
        f"With {name} weights differ by up to {number(largest)}: most, {_called(scene, row)} "
        f"reading {_called(scene, column)}, {number(before)} as typed and {number(now)} now."
    )


def _called(scene: Scene, place: int) -> str:
    """Name a word; one of several alike with its position."""
    state = scene.state
    word = state.words[place]
    several = state.words.count(word) > 1
    return f"“{word}” (now at {state.positions.first + place})" if several else f"“{word}”"


def note_of(state: PositionState) -> str:
    """Say what to find in the sentence that the page starts with, as long as it is there."""
    as_it_starts = state.tokens == WORDS and np.array_equal(state.content, base_content(WORDS))
    return NOTE if as_it_starts and not state.causal else ""


def _largest_weight(effect: OrderEffect) -> float:
    return float(abs(effect.weights[effect.place]))
