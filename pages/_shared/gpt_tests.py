"""What can be changed beside the maps: words hidden, heads dropped, weights forced, and undone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from pages._shared.action_bar import Action, Group, action_bar
from pages._shared.gpt_choice import NAME, Forced, GptState, heads_at
from pages._shared.gpt_controls import version
from pages._shared.gpt_runs import N_HEADS
from pages._shared.gpt_scene import Scene
from pages._shared.gpt_state import MOST_FORCED, STORE
from pages._shared.gpt_words import capital, forced_sentence, head_name, heads_phrase, name_of
from pages._shared.words import number

_SHARES: Final = (0, 50, 100)
_ALL: Final = "all"


def draw_tests(scene: Scene, *, news: Mapping[str, object] | None = None) -> None:
    """Draw the buttons that change the model's pass, and what is changed."""

    def act(name: str) -> None:
        STORE.keep(acted(STORE.current, scene, name), joins=False)

    action_bar(
        [_words_group(scene), _drop_group(scene), _force_group(scene)],
        key=f"{NAME}.tests",
        version=version("tests", scene.state),
        on_act=act,
        done=done_actions(scene),
        news=news,
    )


def acted(state: GptState, scene: Scene, name: str) -> GptState:
    """Return the state after the button of this name was pressed on what the scene shows."""
    kind, _, value = name.partition(":")
    if kind == "hide":
        return replace(state, hidden=state.hidden ^ {int(value)})
    if kind == "drop":
        heads = {(state.layer, head) for head in heads_at(state.head)}
        gone = heads <= state.dropped
        return replace(state, dropped=state.dropped - heads if gone else state.dropped | heads)
    if kind == "force":
        return with_forced(state, scene, int(value))
    return taken_back(state, name)


def with_forced(state: GptState, scene: Scene, percent: int) -> GptState:
    """Return the state with the chosen weight forced in what is shown; once in a row of a head."""
    new = Forced(state.layer, state.head, scene.place, scene.read, percent)
    heads = set(heads_at(new.head))
    others = [
        one
        for one in state.forced
        if (one.layer, one.query) != (new.layer, new.query) or not heads & set(heads_at(one.head))
    ]
    # It stays chosen, also where it is the largest of its row no more.
    return replace(state, forced=(*others, new)[-MOST_FORCED:], read=scene.read)


def taken_back(state: GptState, name: str) -> GptState:
    """Return the state after a change was taken back."""
    kind, _, value = name.partition(":")
    if kind == "show":
        return replace(state, hidden=state.hidden - {int(value)})
    if kind == "keep":
        layer, head = map(int, value.split("."))
        return replace(state, dropped=state.dropped - {(layer, head)})
    if kind == "free":
        forced = tuple(one for place, one in enumerate(state.forced) if place != int(value))
        return replace(state, forced=forced)
    return state.untouched() if kind == _ALL else state


def done_actions(scene: Scene) -> list[Action]:
    """Return what is changed as buttons that take it back."""
    state, inputs = scene.state, scene.shown.inputs
    done = [
        Action(f"show:{place}", f"{capital(name_of(inputs[place]))} hidden ✕")
        for place in sorted(state.hidden)
    ]
    done += [
        Action(f"keep:{layer}.{head}", f"{capital(head_name(layer, head))} dropped ✕")
        for layer, head in sorted(state.dropped)
    ]
    done += [
        Action(f"free:{place}", f"{capital(forced_sentence(one, inputs))} ✕")
        for place, one in enumerate(state.forced)
    ]
    return [*done, Action(_ALL, "Take all changes back ✕")] if len(done) > 1 else done


def _words_group(scene: Scene) -> Group:
    place, read = scene.place, scene.read
    label = "Nothing may read it:"
    actions = []
    for at in dict.fromkeys((read, place)):
        name = name_of(scene.shown.inputs[at])
        if at == 0:
            actions.append(Action("hide:start", "The start cannot be hidden", off=True))
        elif at in scene.state.hidden:
            actions.append(Action(f"hide:{at}", f"Show {name} again", on=True))
        else:
            actions.append(Action(f"hide:{at}", f"Hide {name}", on=False))
    return Group(label, tuple(actions))


def _drop_group(scene: Scene) -> Group:
    state = scene.state
    gone = {(state.layer, head) for head in heads_at(state.head)} <= state.dropped
    text = "Give back" if gone else "Drop"
    heads = heads_phrase(state.layer, state.head)
    label = "The heads that are shown:" if state.head == N_HEADS else "The head that is shown:"
    return Group(label, (Action("drop", f"{text} {heads}", on=gone),))


def _force_group(scene: Scene) -> Group:
    reader, read = (name_of(scene.shown.inputs[at]) for at in (scene.place, scene.read))
    weight = number(float(scene.weights[scene.place, scene.read]))
    alone = scene.place == 0
    label = f"{capital(reader)} reads {read}: {weight}." + (
        " There is nothing else for it to read." if alone else " Force it to"
    )
    actions = tuple(Action(f"force:{share}", number(share / 100), off=alone) for share in _SHARES)
    return Group(label, actions)
