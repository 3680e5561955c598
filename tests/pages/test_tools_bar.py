"""The bar of undo, redo, reset and link: what it is told, and what is believed of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import streamlit
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Element

from pages._shared import dot_product_state, overview_state, tools_bar, vision_state
from pages._shared.catalog import PAGES
from pages._shared.dot_product_state import DotProductState
from pages._shared.overview_state import OverviewState
from pages._shared.page_store import PARAMETER, PageStore
from pages._shared.picture_choice import sample_photos
from pages._shared.teacher import HIDE, START
from tests.pages.app import (
    captions,
    component,
    find_stores,
    html,
    open_page,
    session_of,
    tools,
)

OVERVIEW, DOT_PRODUCT = "streamlit_app.py", "pages/scaled_dot_product.py"
every_page = pytest.mark.parametrize(
    "file",
    [
        pytest.param(page.file, marks=[pytest.mark.slow] if "vision" in page.file else [])
        for page in PAGES
    ],
)


CONTROLS = (
    "selectbox", "text_input", "number_input", "toggle", "select_slider", "slider", "button_group",
)  # fmt: skip


def key_of(widget: Element) -> str:
    """Return a widget's key without the number of loads."""
    return str(getattr(widget, "key", "")).rstrip("0123456789.")


def visit(file: str, **address: str) -> AppTest:
    app = open_page(file)
    for name, value in address.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def edited() -> OverviewState:
    start = OverviewState.start()
    return replace(start, query=start.query + 1)


@every_page
def test_a_page_as_it_starts_has_nothing_to_undo_and_no_link(file: str) -> None:
    data = tools(visit(file))
    assert (data["canUndo"], data["canRedo"], data["changed"]) == (False, False, False)
    assert (data["link"], data["problem"], data["linkNote"]) == ("", "", "")
    assert (data["hidden"], data["start"]) == ([], 0)


def test_the_bar_knows_what_there_is_to_take_back() -> None:
    store, app, serials = overview_state.STORE, visit(OVERVIEW), []
    for act, can_undo, can_redo in (
        (lambda: store.keep(edited()), True, False),
        (store.undo, False, True),
        (store.redo, True, False),
        (store.reset, True, False),
    ):
        with session_of(app):
            act()
        data = tools(app.run())
        assert (data["canUndo"], data["canRedo"]) == (can_undo, can_redo)
        assert data["changed"] == bool(data["link"])
        serials.append(data["serial"])
    assert not data["changed"]
    assert serials == sorted(set(serials)), "the later of two reports has the higher number"


def test_parameters_of_an_address_have_names_of_their_own() -> None:
    assert len({PARAMETER, HIDE, START}) == 3
    assert not {PARAMETER, HIDE, START} & {"embed", "embed_options"}  # Streamlit's own
    assert f'"state": "{PARAMETER}"' in tools_bar.TOOLS.script


@pytest.mark.parametrize(
    ("hide", "hidden", "said"),
    [
        ("controls", ["controls"], "Its controls are hidden."),
        ("answers", ["answers"], "It keeps the answers of “Try it” back."),
        ("answers controls", ["controls", "answers"], "hidden, and it keeps the answers"),
    ],
)
@every_page
def test_a_class_is_told_what_its_link_hides(
    file: str, hide: str, hidden: list[str], said: str
) -> None:
    app = visit(file, hide=hide)
    assert tools(app)["hidden"] == hidden
    if file == OVERVIEW:  # which has no controls to hide
        assert "controls are hidden" not in captions(app)
        assert ("keeps the answers" in captions(app)) == ("answers" in hide)
    else:
        assert "opened with a link made for a class" in captions(app)
        assert said in captions(app)
    # It stays so when the page is left by the menu, which empties the address.
    app.query_params.clear()
    assert tools(app.run())["hidden"] == hidden


@every_page
def test_without_switches_nothing_is_said(file: str) -> None:
    assert "made for a class" not in captions(visit(file, hide="nothing", **{"try": "zero"}))


@every_page
def test_a_teacher_is_offered_to_hide_only_what_there_is(file: str) -> None:
    controls = [] if file == OVERVIEW else ["controls"]
    assert tools(visit(file))["offered"] == [*controls, "answers"]


def test_hidden_controls_leave_the_board_and_what_a_link_brought() -> None:
    start = DotProductState()
    causal = replace(start, settings=replace(start.settings, mask="Causal"))
    store = dot_product_state.STORE
    link = store.schema.write(dot_product_state.pack(causal))
    app = visit(DOT_PRODUCT, hide="controls", s=link)
    drawn = {key_of(widget) for kind in CONTROLS for widget in app.get(kind)}
    assert not drawn & {key.rstrip("0123456789.") for key in store.widgets(start, 0)}
    ids = {item["id"] for item in component(app, "matrix_board")["items"]}
    assert "masked" in ids
    assert tools(app)["link"] == link
    # With controls there are such keys.
    assert f"{store.name}.tokens" in map(key_of, visit(DOT_PRODUCT, s=link).text_input)


@pytest.mark.slow
def test_hidden_controls_leave_the_maps_and_what_a_link_brought() -> None:
    store = vision_state.STORE
    state = replace(store.start(), view="Rollout", start_layer=5, photo=sample_photos()[1].file)
    link = store.schema.write({n: store.pack(state)[n] for n in store.schema.fields})
    app = visit("pages/vision_transformer.py", hide="controls", s=link)
    assert not app.slider
    assert not any(e.proto.component_name == "photo_strip" for e in app.get("bidi_component"))
    assert "Rollout through layers 5" in component(app, "patch_map")["panels"][0]["text"]
    assert tools(app)["link"] == link


def test_a_start_beyond_is_kept_as_it_was_asked_for() -> None:
    assert tools(visit(OVERVIEW, **{"try": "3"}))["start"] == 3
    assert tools(visit(OVERVIEW, **{"try": "x"}))["start"] == 0


@pytest.mark.parametrize(
    "act", [None, "", "keep", "install", "__init__", 3, ["undo"], {"undo": 1}, True, "Undo"]
)
def test_what_the_browser_asks_for_is_not_believed(
    act: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    session: dict[str, Any] = {"bar": {"act": act}}
    monkeypatch.setattr(streamlit, "session_state", session)
    store: PageStore[Any] = overview_state.STORE
    store.keep(edited())
    before = store.current
    tools_bar._act("bar", store)
    assert store.current is before
    assert store.loads == 0


def test_each_button_does_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    session: dict[str, Any] = {}
    monkeypatch.setattr(streamlit, "session_state", session)
    store: PageStore[Any] = overview_state.STORE
    start, state = store.current, edited()
    store.keep(state)
    for act, expected in (("undo", start), ("redo", state), ("reset", None), ("undo", state)):
        session["bar"] = {"act": act}
        tools_bar._act("bar", store)
        if expected is None:
            assert store.link() == ""
        else:
            assert store.current is expected


def test_a_notice_is_one_element_and_only_text() -> None:
    (notice,) = (b for b in html(visit(OVERVIEW, s="<b>**x**</b>")) if "notice" in b)
    assert notice.count("<") == 2
    assert notice.endswith("The page starts as usual.</p>")


def test_every_state_belongs_to_a_page() -> None:
    assert find_stores().keys() == {page.file for page in PAGES}
