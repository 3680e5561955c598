"""Experiments on the pages that they are about: what closing one gives back, and undo."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._shared import dot_product_state, overview_state, vision_state
from pages._shared.catalog import PAGES, find_page
from pages._shared.dot_product_state import DotProductState
from pages._shared.history import what_changed
from pages._shared.lesson_card import LESSON
from pages._shared.lesson_state import LEFT, PUT_BACK
from pages._shared.page_store import PageStore
from pages._shared.vision_state import SALIENCY, VisionState
from tests.experiments import module_of
from tests.pages.app import component, find_stores, open_in, session_of, trigger

Store = PageStore[Any]
LOOKUP = DotProductState.load("Dictionary lookup", query=1, key=0)
OWL = VisionState("owl.jpg", SALIENCY, layer=3, head=2)
EVERY = [
    pytest.param(
        page.file,
        name,
        marks=[pytest.mark.slow] if "vision" in page.file else [],
        id=f"{page.title}: {name}",
    )
    for page in PAGES
    for name in page.experiments
]


def own_page(file: str, name: str) -> object:
    """Return a page unlike the set-up of this experiment: the next one has changed it."""
    module = module_of(find_page(file))
    assert module is not None
    names = [experiment.name for experiment in module.EXPERIMENTS]
    after = module.EXPERIMENTS[(names.index(name) + 1) % len(names)]
    return after.change(after.set_up(module.start_state()))


def say(app: AppTest, message: object) -> None:
    """Send what the card in a browser would, and run."""
    trigger(app, LESSON.name, "act", message)
    assert not app.exception


def act(app: AppTest, what: str, value: object = None) -> None:
    say(app, {"act": what, "round": component(app, LESSON.name)["round"], "value": value})


def open_(app: AppTest, name: str) -> None:
    say(app, {"act": "open", "name": name})


def close(app: AppTest) -> str:
    """Close the open experiment and return what is said of it."""
    act(app, "close")
    said: str = component(app, LESSON.name)["said"]
    return said


def current(app: AppTest, store: Store) -> Any:  # noqa: ANN401
    with session_of(app):
        return store.current


def differs(store: Store, one: object, other: object) -> set[str]:
    return {name for name, _ in what_changed(store.pack(one), store.pack(other))}


@pytest.mark.parametrize(("file", "name"), EVERY)
@pytest.mark.parametrize("played", ["opened", "shown", "predicted"])
def test_closing_an_experiment_gives_the_page_back_in_one_step(
    played: str, file: str, name: str
) -> None:
    store, own = find_stores()[file], own_page(file, name)
    app = open_in(store, own)
    open_(app, name)
    ask = component(app, LESSON.name)["ask"]
    if played == "shown":
        act(app, "show")
    elif played == "predicted":
        value = ask["low"] if ask["kind"] == "number" else 0
        act(app, "predict", ask["chosen"] if ask["kind"] == "place" else value)
    left = current(app, store)
    assert differs(store, left, own)
    assert close(app) == PUT_BACK
    assert not differs(store, current(app, store), own)
    with session_of(app):
        store.undo()
    app.run()
    assert not differs(store, current(app, store), left)
    with session_of(app):
        store.redo()
    app.run()
    assert not differs(store, current(app, store), own)


@pytest.mark.parametrize(
    ("file", "first", "second"),
    [
        ("pages/scaled_dot_product.py", "colder", "mask"),
        ("streamlit_app.py", "turned", "twins"),
    ],
)
def test_from_experiment_to_experiment_the_first_page_is_remembered(
    file: str, first: str, second: str
) -> None:
    store, own = find_stores()[file], own_page(file, second)
    app = open_in(store, own)
    open_(app, first)
    act(app, "show")
    open_(app, second)
    act(app, "show")
    assert close(app) == PUT_BACK
    assert not differs(store, current(app, store), own)


def test_an_edit_of_the_set_up_is_kept() -> None:
    store = dot_product_state.STORE
    app = open_in(store, LOOKUP)
    open_(app, "mask")
    app.session_state["scaled_dot_product.temperature"] = 2.0
    app.run()
    made = current(app, store)
    assert made.settings.temperature == 2.0
    assert close(app) == LEFT
    assert not differs(store, current(app, store), made)


def test_an_edited_cell_is_kept_and_a_chosen_one_is_not() -> None:
    for edit, said in (({"query": 1}, LEFT), ({}, PUT_BACK)):
        store = dot_product_state.STORE
        app = open_in(store, LOOKUP)
        open_(app, "same-score")
        with session_of(app):
            state = store.current
            board = replace(state.board, query=2, key=2)
            store.keep(
                replace(
                    state,
                    board=board.edited({n: getattr(board.toy, n) + 1 for n in edit}),
                )
            )
        app.run()
        assert close(app) == said


def test_what_undo_brought_back_is_left_without_a_word() -> None:
    store, own = overview_state.STORE, own_page("streamlit_app.py", "twins")
    app = open_in(store, own)
    open_(app, "twins")
    with session_of(app):
        store.undo()
    app.run()
    assert close(app) == ""
    assert not differs(store, current(app, store), own)


@pytest.mark.slow
def test_what_is_looked_at_on_a_photo_is_no_edit_but_another_photo_is() -> None:
    store = vision_state.STORE
    for change, said in (({"layer": 7}, PUT_BACK), ({"photo": "tabby.jpg"}, LEFT)):
        app = open_in(store, OWL)
        open_(app, "rollout-sink")
        with session_of(app):
            store.install(replace(store.current, **change))
        app.run()
        assert close(app) == said
        assert current(app, store).photo == ("tabby.jpg" if said == LEFT else OWL.photo)
