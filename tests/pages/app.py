"""Pages run without a browser, and what they put on the screen."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Protocol, TypeVar
from unittest.mock import patch

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from pages._shared.page_store import Kept, PageStore
from pages._shared.take import TAKE
from tests.by_page import ByPage
from tests.pages.html_reader import Reading, read_html

ROOT: Final = Path(__file__).parents[2]
_ENTRY: Final = "streamlit_app.py"
_NOT_FINITE: Final = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}


def open_page(file: str) -> AppTest:
    """Return a page of the lab, ready to `run`; session state can be seeded before."""
    app = AppTest.from_file(str(ROOT / _ENTRY), default_timeout=60)
    return app if file == _ENTRY else app.switch_page(file)


def find_stores() -> ByPage[PageStore[Any]]:
    """Return the state of every page that has one, by the page's file."""
    modules = (ROOT / "pages" / "_shared").glob("*_state.py")
    found = (import_module(f"pages._shared.{path.stem}") for path in sorted(modules))
    stores = [module.STORE for module in found if hasattr(module, "STORE")]
    return ByPage(
        {file_of(store): store for store in stores},
        "give it a state: a STORE, called as the page's file, in pages/_shared/<name>_state.py",
    )


def file_of(store: PageStore[Any]) -> str:
    """Return the file of the page that a state belongs to."""
    return _ENTRY if store.name == "overview" else f"pages/{store.name}.py"


def open_in(store: PageStore[Any], state: object) -> AppTest:
    """Open a page as a reader finds it who had brought it into this state."""
    app = open_page(file_of(store))
    put(app, store, state)
    app.run()
    assert not app.exception
    return app


def put(app: AppTest, store: PageStore[Any], state: object) -> None:
    """Seed a session with the state of a page and with its widgets."""
    app.session_state[f"{store.name}.page"] = Kept(state, store.pack(state))
    for key, value in store.widgets(state, 0).items():
        app.session_state[key] = value


@contextmanager
def session_of(app: AppTest) -> Iterator[None]:
    """Let what follows find the session of `app`, as a callback before a run would."""
    with patch.object(st, "session_state", app.session_state):
        yield


class _Keyed(Protocol):
    key: str | None


Widget = TypeVar("Widget", bound=_Keyed)


def named(widgets: Iterable[Widget], name: str) -> Widget:
    """Return the widget with this key, whatever number of loads its key ends in."""
    found = [widget for widget in widgets if re.fullmatch(rf"{name}(\.\d+)?", widget.key or "")]
    assert len(found) == 1, f"{len(found)} widgets are called {name}"
    return found[0]


def component(app: AppTest, name: str) -> dict[str, Any]:
    """Return the data that the page's only component of this name was drawn from."""
    (data,) = (data for drawn, data in components(app) if drawn == name)
    return data


def components(app: AppTest) -> list[tuple[str, dict[str, Any]]]:
    """Return name and data of every component on the page."""
    drawn = [element.proto for element in app.get("bidi_component")]
    return [(one.component_name, *json.loads(one.json or "[{}]")) for one in drawn]


def trigger(app: AppTest, name: str, event: str, value: object) -> AppTest:
    """Run as if the page's only component of this name had triggered an event."""
    # Streamlit's tests know no components: this is the message that its client sends for one.
    (one,) = (e.proto for e in app.get("bidi_component") if e.proto.component_name == name)
    states = app._tree.get_widget_states()
    states.widgets.append(
        WidgetState(
            id=f"$$STREAMLIT_INTERNAL_KEY_{one.id}__events",
            json_trigger_value=json.dumps([{"event": event, "value": value}]),
        )
    )
    return app._run(states)


def ask(app: AppTest, message: object) -> dict[str, Any]:
    """Ask "Take it with you" for something, as a browser does, and return its reply."""
    trigger(app, TAKE.name, "ask", message)
    assert not app.exception
    reply: dict[str, Any] = component(app, TAKE.name)["reply"]
    return reply


def matrices(app: AppTest) -> dict[str, NDArray[Any]]:
    """Return what the page's board shows, by the matrices' ids."""
    return {item["id"]: _decode(item["values"]) for item in board(app)["items"]}


def board(app: AppTest) -> dict[str, Any]:
    """Return the data that the page's board was drawn from."""
    return component(app, "matrix_board")


def tools(app: AppTest) -> dict[str, Any]:
    """Return what the bar of undo and link shows: its own data and the latest news."""
    news = [data["news"] for _, data in components(app) if data.get("news")]
    return {**component(app, "tools_bar"), **max(news, key=lambda one: int(one["serial"]))}


def spoken(app: AppTest) -> list[str]:
    """Return the text alternatives of the page's charts."""
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


def sums(app: AppTest) -> Reading:
    """Return the page's words and sums."""
    (body,) = (body for body in html(app) if body.startswith("<div class='sum'>"))
    return read_html(body)


def html(app: AppTest) -> list[str]:
    """Return what the page gives to the browser as HTML, but for its style."""
    bodies = [element.proto.body for element in app.get("html")]
    return [body for body in bodies if not body.startswith("<style>")]


def said(app: AppTest) -> str:
    """Return the sentence that says what the chosen query reads."""
    (sentence,) = sums(app).texts["said"]
    return sentence


def notes(app: AppTest) -> list[str]:
    """Return the notes below the sums."""
    return sums(app).texts.get("note", [])


def captions(app: AppTest) -> str:
    """Return all captions of a page."""
    return "\n".join(caption.value for caption in app.caption)


def press(app: AppTest, key: str, option: str) -> AppTest:
    """Choose an option of a segmented control and run."""
    return app.button_group(key=key).set_value(option).run()


def _decode(rows: list[list[Any]]) -> NDArray[Any]:
    return np.array([[_NOT_FINITE.get(v, v) for v in row] for row in rows], dtype=float)
