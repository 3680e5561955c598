"""What the order of the words did, in sentences."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.position_attention import MAX_DISTANCE, OrderEffect
from core.position_bias import relative_bucket
from pages._shared.position_toy import WORDS, PositionState, Scene, base_content
from pages._shared.words import number

# Where the sine and the cosine of wave i stand, from 0.
_COLUMNS: Final = {"interleaved": ("2i", "2i+1"), "halves": ("i", "d/2+i")}
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

_FORMULAS: Final = {
    "None": (
        r"$\text{logit} = q \cdot k / \sqrt{d}$, where $q$ and $k$ are the words' own numbers: "
        "nothing says where a word stands."
    ),
    "Sinusoidal": (
        r"$q = k = v = \text{word} + P_p$ at position $p$, where $P_{p,SINE} = \sin(p / b^{2i/d})$ "
        r"and $P_{p,COSINE} = \cos(p / b^{2i/d})$, with base $b$."
    ),
    "Learned": (
        r"$q = k = v = \text{word} + P_p$ at position $p$, where $P_p$ is a row of a learned table."
    ),
    "Rotary": (
        r"$(R_m q) \cdot (R_n k) = q \cdot R_{n-m}\, k$ for a query at $m$ and a key at $n$, where "
        r"$R_p$ turns pair $i$ by $p / b^{2i/r}$ radians, with base $b$ and $r$ numbers turned."
    ),
    "ALiBi": (
        r"$\text{logit} = q \cdot k / \sqrt{d} - s\,|n - m|$ for a query at $m$ and a key at $n$, "
        "with the head's slope $s$."
    ),
    "T5 bias": (
        r"$\text{logit} = q \cdot k / \sqrt{d} + b_{\text{bucket}(n - m)}$ for a query at $m$ and "
        "a key at $n$; each head learns its own $b$."
    ),
}


def titled(kind: str) -> str:
    """Return an encoding's name as a heading."""
    name = IN_TEXT[kind]
    return name[0].upper() + name[1:]


def formula_of(state: PositionState) -> str:
    """Return, in Markdown, how positions enter the attention."""
    sine, cosine = _COLUMNS[state.layout]
    return _FORMULAS[state.kind].replace("COSINE", cosine).replace("SINE", sine)


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


def distances_of_buckets(state: PositionState) -> list[NDArray[np.int64]]:
    """Return the distances that share each of T5's buckets, as far as they go apart; maybe none."""
    distances = np.arange(-MAX_DISTANCE, 1 if state.causal else MAX_DISTANCE + 1)
    n_buckets = state.buckets.shape[1]
    buckets = relative_bucket(
        distances,
        bidirectional=not state.causal,
        n_buckets=n_buckets,
        max_distance=MAX_DISTANCE,
    )
    return [distances[buckets == bucket] for bucket in range(n_buckets)]


def bucket_labels(state: PositionState) -> tuple[str, ...]:
    """Name each of T5's buckets by its nearest distance."""
    labels = []
    for shared in distances_of_buckets(state):
        nearest = min(shared.tolist(), key=abs, default=None)
        more = "…" if shared.size > 1 else ""
        labels.append("–" if nearest is None else f"{signed(nearest)}{more}")
    return tuple(labels)


def at_most(difference: float) -> str:
    """Write a difference of rounding, or that there is none."""
    return f"at most {difference:.0e}" if difference else "none"


def signed(distance: int) -> str:
    """Write a distance with its sign: before the query is negative."""
    return f"{distance:+d}".replace("-", "−") if distance else "0"


def _largest_weight(effect: OrderEffect) -> float:
    return float(abs(effect.weights[effect.place]))
