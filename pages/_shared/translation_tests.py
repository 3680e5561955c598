"""What can be changed beside the maps of the translator: words hidden, heads dropped, weights set.

A map says what is read. Whether a word depends on it, only changing it tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final, Literal

from core.translation import Part
from pages._shared.action_bar import Action, Group, action_bar
from pages._shared.translation import N_HEADS, N_LAYERS
from pages._shared.translation_choice import NAME, Forced, TranslationState
from pages._shared.translation_maps import PART_NAMES, Reading, name_of, shown_weights
from pages._shared.translation_scene import Scene
from pages._shared.translation_state import MOST_FORCED, STORE
from pages._shared.translation_text import forced_sentence, head_phrase
from pages._shared.words import number

Offered = Literal["all", "words", "nothing"]

_ALL: Final = "all"
_SHARES: Final = (0, 50, 100)


def draw_tests(
    scene: Scene,
    *,
    version: str,
    offered: Offered = "all",
    news: Mapping[str, object] | None = None,
) -> None:
    """Draw the buttons that change the model's pass, and what is changed.

    Parameters
    ----------
    scene : Scene
    version : str
        Name of what is shown.
    offered : {"all", "words", "nothing"}
        What can be changed here: with "words" those alone, for a model without such heads; with
        "nothing" there is only the way back.
    news : mapping, optional
        As in `action_bar`.
    """
    state, reading = scene.state, scene.reading
    groups = [] if offered == "nothing" else [Group("English word:", (_hide_action(scene),))]
    if offered == "all":
        groups += [_drop_group(state, reading), _force_group(scene, reading)]
    done = _done(scene, only_words=offered == "words")

    def act(name: str) -> None:
        STORE.keep(acted(STORE.current, scene, name), joins=False)

    action_bar(groups, key=f"{NAME}.tests", version=version, on_act=act, done=done, news=news)


def acted(state: TranslationState, scene: Scene, name: str) -> TranslationState:
    """Return the state after the button of this name was pressed on what the scene shows."""
    kind, _, value = name.partition(":")
    if kind == "hide":
        hidden = set(state.hidden) ^ {int(value)}
        return replace(state, hidden=tuple(sorted(hidden)))
    if kind == "drop":
        return _with_dropped(state, scene.reading)
    if kind == "force":
        return with_forced(state, scene.reading, int(value))
    if kind == "keep":
        part, layer, head = value.split(".")
        gone = (part, int(layer), int(head))
        return replace(state, dropped=tuple(one for one in state.dropped if one != gone))
    if kind == "free":
        forced = tuple(one for place, one in enumerate(state.forced) if place != int(value))
        return replace(state, forced=forced)
    return state.untouched()


def with_forced(state: TranslationState, reading: Reading, percent: int) -> TranslationState:
    """Return the state with the chosen weight forced, in the heads that are shown.

    A row of the same part has one forced weight: another takes its place.
    """
    new = Forced(
        reading.part,
        reading.scope,
        0 if reading.scope == "all" else reading.layer,
        reading.head if reading.scope == "head" else 0,
        reading.query,
        reading.key,
        percent,
    )
    others = [one for one in state.forced if (one.part, one.query) != (new.part, new.query)]
    return replace(state, forced=(*others, new)[-MOST_FORCED:])


def _with_dropped(state: TranslationState, reading: Reading) -> TranslationState:
    heads = _shown_heads(reading)
    dropped = set(state.dropped)
    dropped = dropped - heads if heads <= dropped else dropped | heads
    return replace(state, dropped=tuple(sorted(dropped)))


def _shown_heads(reading: Reading) -> set[tuple[Part, int, int]]:
    return {(reading.part, layer, head) for layer, head in reading.heads(N_LAYERS, N_HEADS)}


def _hide_action(scene: Scene) -> Action:
    place, state = scene.english, scene.state
    word = name_of(scene.translation.source[place])
    if place >= len(scene.sentence.words):
        return Action("hide", "The end cannot be hidden", off=True)
    if place in state.hidden:
        return Action(f"hide:{place}", f"Show {word} again", on=True)
    return Action(f"hide:{place}", f"Hide {word}", on=False)


def _drop_group(state: TranslationState, reading: Reading) -> Group:
    gone = _shown_heads(reading) <= set(state.dropped)
    text = "Give back" if gone else "Drop"
    heads = head_phrase(reading, N_LAYERS, N_HEADS)
    return Group("What is shown:", (Action("drop", f"{text} {heads}", on=gone),))


def _force_group(scene: Scene, reading: Reading) -> Group:
    shown = scene.translation
    reader = name_of(shown.queries(reading.part)[reading.query])
    read = name_of(shown.keys(reading.part)[reading.key])
    weight = number(float(shown_weights(shown, reading)[reading.query, reading.key]))
    alone = reading.part == "decoder" and reading.query == 0
    label = f"{reader} reads {read}: {weight}." + (
        " There is nothing else for it to read." if alone else " Force it to"
    )
    actions = tuple(Action(f"force:{share}", number(share / 100), off=alone) for share in _SHARES)
    return Group(label, actions)


def _done(scene: Scene, *, only_words: bool) -> list[Action]:
    state, source = scene.state, scene.translation.source
    done = [Action(f"hide:{place}", f"{name_of(source[place])} hidden ✕") for place in state.hidden]
    if not only_words:
        done += [
            Action(
                f"keep:{part}.{layer}.{head}",
                f"head {head + 1} of layer {layer + 1} dropped ({PART_NAMES[part]}) ✕",
            )
            for part, layer, head in state.dropped
        ]
        done += [
            Action(f"free:{place}", f"{forced_sentence(one, scene.translation)} ✕")
            for place, one in enumerate(state.forced)
        ]
    if len(done) > 1:
        done.append(Action(_ALL, "Take all back ✕"))
    return done
