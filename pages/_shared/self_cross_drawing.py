"""The drawing of who gives Q, K and V, with live shapes; its words change places by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import streamlit as st

from core.sequences import inverse_order, reversed_order, shuffled_order, swapped_order
from pages._shared.light_component import FRONTEND, light_component
from pages._shared.self_cross import CAUSAL, CROSS, DECODER, MOST_DRAWS, SELF, SIDES, SelfCrossState
from pages._shared.self_cross_board import giver_of_keys, giver_of_queries
from pages._shared.self_cross_scene import ONTO_SOURCE, Reading, Scene
from pages._shared.sentence import Sentence

STEPS: Final = ("1. Masked self-attention", "2. Cross-attention")
SAYS: Final[Mapping[str, str]] = {
    SELF: (
        "One sentence asks and is asked: Q, K and V all come from it, so there are as many keys "
        "as queries."
    ),
    CAUSAL: (
        "As self-attention, but a word reads only itself and what stands before it: what follows "
        "has not been written yet."
    ),
    CROSS: (
        "The target asks, the source is asked: as many rows as the target has words, as many "
        "columns as the source has. A causal mask would make no sense here: the source is there "
        "as a whole before the first target word, and its third word is not “later” than the "
        "target's second; the two have no common order."
    ),
    DECODER: (
        "First the target reads itself, causally; what it read is added to it. The result asks "
        "the source, and again what was read is added. A row is called by the word it helps to "
        "write, which it has not been given: the row “→ word” has read what stands before that "
        "word. Left out: layer norm, the feed-forward network, several heads and W_O; so here "
        "d_value is d_model."
    ),
}
WRITTEN, REVERSE, SHUFFLE, SWAP = "as written", "reverse", "shuffle", "swap"


@dataclass(frozen=True)
class Move:
    """What a reader did to the words of one side.

    Attributes
    ----------
    side : {"target", "source"}
    what : {"as written", "reverse", "shuffle", "swap"}
    one, other : int
        The places of the words that were swapped.
    """

    side: str
    what: str
    one: int = 0
    other: int = 0

    def on(self, state: SelfCrossState) -> SelfCrossState:
        """Return the state once it is done; as it is if a word to swap is not there any more."""
        sentence: Sentence = getattr(state, self.side)
        n_word = len(sentence.words)
        if max(self.one, self.other) >= n_word:
            return state
        if self.what == SHUFFLE:
            moved = state.permuted(self.side, shuffled_order(n_word, state.draw))
            return replace(moved, draw=(state.draw + 1) % (MOST_DRAWS + 1))
        order = {
            SWAP: lambda: swapped_order(n_word, self.one, self.other),
            REVERSE: lambda: reversed_order(n_word),
            WRITTEN: lambda: inverse_order(sentence.order),
        }[self.what]()
        return state.permuted(self.side, order)


def draw_who_asks(
    scene: Scene,
    *,
    key: str,
    version: str,
    on_move: Callable[[Move], None],
    on_step: Callable[[int], None],
) -> None:
    """Draw the sentences and the way from them to the output.

    Parameters
    ----------
    scene : Scene
    key : str
    version : str
        Of the state: what comes from a drawing of another one is not taken.
    on_move : callable
        Called before the rerun when words are to change places.
    on_step : callable
        Called with 0 or 1 when one of a decoder layer's attentions is chosen.
    """

    def receive_move() -> None:
        move = check_move(st.session_state[key].get("move"), version, scene.state)
        if move is not None:
            on_move(move)

    def receive_step() -> None:
        message = st.session_state[key].get("step")
        if isinstance(message, Mapping) and message.get("version") == version:
            step = message.get("step")
            if type(step) is int and step in (0, 1):
                on_step(step)

    WHO_ASKS.draw(
        key=key,
        data=describe(scene) | {"version": version},
        on_move_change=receive_move,
        on_step_change=receive_step,
    )


def check_move(message: object, version: str, state: SelfCrossState) -> Move | None:
    """Return what the browser asks for, or None if it is nothing that there is."""
    if not isinstance(message, Mapping) or message.get("version") != version:
        return None
    side, what = message.get("side"), message.get("what")
    if side not in SIDES or what not in (WRITTEN, REVERSE, SHUFFLE, SWAP):
        return None
    if what != SWAP:
        return Move(str(side), str(what))
    one, other = message.get("one"), message.get("other")
    n_word = len(getattr(state, str(side)).words)
    if not (type(one) is type(other) is int and 0 <= one < n_word and 0 <= other < n_word):
        return None
    return None if one == other else Move(str(side), SWAP, one, other)


def describe(scene: Scene) -> dict[str, Any]:
    """Return what the browser draws."""
    state = scene.state
    lanes = [_lane(state, "target", "Target")]
    if state.kind in (CROSS, DECODER):
        lanes.append(_lane(state, "source", "Source"))
    if scene.layer is None:
        stages = [_stage(scene)]
    else:
        stages = [
            _stage(Scene(state.with_step(step), scene.readings, scene.layer, None))
            | {"title": STEPS[step], "chosen": state.step == step}
            for step in (0, 1)
        ]
    return {"lanes": lanes, "stages": stages, "says": SAYS[state.kind]}


def _lane(state: SelfCrossState, side: str, name: str) -> dict[str, Any]:
    sentence = getattr(state, side)
    return {
        "side": side,
        "name": name,
        "words": sentence.words,
        "moved": sentence.is_permuted,
        "seed": state.draw,
    }


# A number of a shape, and which sequence decides it.
_Shape = list[tuple[int, str]]


def _stage(scene: Scene) -> dict[str, Any]:
    """Describe one attention: the shape of everything, by whom each number is decided."""
    shown, state = scene.shown, scene.state
    from_source = shown.part == ONTO_SOURCE
    keys = "source" if from_source else "target"

    def shape(n: int, side: str, width: int, other: str = "") -> _Shape:
        return [(n, side), (width, other)]

    n_query, n_key = shown.attention.weights.shape
    d_model, d_head, d_value = state.d_model, state.d_head, state.width
    stage: dict[str, Any] = {
        "target": {"name": giver_of_queries(scene), "shape": shape(n_query, "target", d_model)},
        "projected": [
            {"name": "Q", "matrix": "W_Q", "shape": shape(n_query, "target", d_head)},
            {"name": "K", "matrix": "W_K", "shape": shape(n_key, keys, d_head)},
            {"name": "V", "matrix": "W_V", "shape": shape(n_key, keys, d_value)},
        ],
        "weights": {
            "name": "Weights",
            "shape": shape(n_query, "target", n_key, keys),
            "note": "causal" if shown.causal else "",
        },
        "output": {"name": "Output", "shape": shape(n_query, "target", d_value)},
        "alt": alt_of(scene, shown),
    }
    if from_source:
        stage["source"] = {"name": giver_of_keys(scene), "shape": shape(n_key, "source", d_model)}
    if scene.layer is not None:
        name = "Layer output" if state.step else "After self"
        stage["sum"] = {"name": name, "shape": shape(n_query, "target", d_model)}
    return stage


def alt_of(scene: Scene, reading: Reading) -> str:
    """Say in words what the drawing of one attention shows."""
    (n_query, n_key), d_value = reading.attention.weights.shape, reading.value.shape[1]
    d_head = reading.query.shape[1]
    asks, asked = giver_of_queries(scene), giver_of_keys(scene)
    gives = (
        f"{asks} gives Q, {n_query} × {d_head}; {asked} gives K, {n_key} × {d_head}, and V, "
        f"{n_key} × {d_value}."
    )
    if asks == asked:
        gives = (
            f"{asks} gives Q and K, both {n_query} × {d_head}, and V, {n_key} × {d_value}: "
            "self-attention."
        )
    causal = ", causal" if reading.causal else ""
    weights = f"Q and K make the weights, {n_query} × {n_key}{causal}"
    output = f"weights and V the output, {n_query} × {d_value}."
    added = "" if scene.layer is None else f" {asks} is added to it."
    return f"{gives} {weights}; {output}{added}"


WHO_ASKS: Final = light_component(
    "who_asks",
    html="<div class='who'></div>",
    css=(FRONTEND / "who_asks.css").read_text("utf-8"),
    constants={},
)
