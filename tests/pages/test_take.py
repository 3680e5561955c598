"""Take it with you, without a browser: what is asked, what is answered, and when."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages._shared.catalog import PAGES, Page
from pages._shared.files import About
from pages._shared.take import TAKE, Request, Takeaway, answer, read_request, stem
from tests.browser.take_app import START, TROUBLE
from tests.pages.app import ask, component

APP = Path(__file__).parents[1] / "browser" / "take_app.py"
ADDRESS = "http://localhost:8501/take_app?hide=controls"
FULL_LINK = "http://localhost:8501/take_app?s=1.abc"


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_file(str(APP), default_timeout=30).run()


def sent(app: AppTest) -> dict[str, Any]:
    """Return what the component was drawn from."""
    return component(app, TAKE.name)


def wish(what: str, name: str = "a") -> dict[str, str]:
    return {"id": name, "what": what, "address": ADDRESS}


def content(reply: dict[str, Any]) -> bytes:
    return base64.b64decode(reply["file"]["content"])


# --- what a page sends -----------------------------------------------------------------------


def test_nothing_is_made_before_it_is_asked_for(app: AppTest) -> None:
    assert sent(app) == {
        "page": "Take & go",
        "stem": "attention-lab_take-go",
        "reply": {},
        "answered": "",
    }


def test_pictures_are_told_where_they_come_from(app: AppTest) -> None:
    reply = ask(app, wish("about"))
    assert reply["id"] == "a"
    assert reply["about"]["page"] == "Take & go"
    assert reply["about"]["state"].endswith("Q[1, 1] = 1")
    assert reply["about"]["link"] == FULL_LINK


def test_what_is_taken_is_as_it_is_now(app: AppTest) -> None:
    app.session_state["take_app.query"] = START + 1
    assert ask(app, wish("about"))["about"]["state"].endswith("Q[1, 1] = 2")
    with np.load(io.BytesIO(content(ask(app, wish("npz")))), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["query"], START + 1)


def test_a_file_is_sent_once(app: AppTest) -> None:
    assert "file" in ask(app, wish("csv", "first"))
    app.run()
    assert sent(app)["reply"] == {}
    assert sent(app)["answered"] == "first"


def test_every_kind_of_file(app: AppTest) -> None:
    tables = ask(app, wish("csv"))
    assert tables["file"]["name"] == "attention-lab_take-go_tables.zip"
    assert tables["file"]["mime"] == "application/zip"
    with zipfile.ZipFile(io.BytesIO(content(tables))) as archive:
        assert {"README.txt", "query.csv", "heads_h-2.csv"} <= set(archive.namelist())
        assert f"Link: {FULL_LINK}" in archive.read("README.txt").decode().splitlines()

    arrays = ask(app, wish("npz"))
    assert arrays["file"]["name"] == "attention-lab_take-go.npz"
    with np.load(io.BytesIO(content(arrays)), allow_pickle=False) as loaded:
        assert loaded["heads"].shape == (2, 2, 2)
        assert json.loads(str(loaded["about"]))["link"] == FULL_LINK

    book = ask(app, wish("notebook"))
    assert book["file"]["name"] == "attention-lab_take-go.ipynb"
    assert len(json.loads(content(book))["cells"]) == 2


def test_trouble_is_told_in_a_line_and_the_page_stays(app: AppTest) -> None:
    app.session_state[TROUBLE] = "words"
    assert ask(app, wish("notebook"))["problem"] == "Choose a picture first."
    app.session_state[TROUBLE] = "code"
    said = ask(app, wish("notebook", "b"))["problem"]
    assert said == "something went wrong inside (KeyError)."
    assert "file" in ask(app, wish("csv", "c"))


@pytest.mark.parametrize(
    "message",
    [
        None,
        "csv",
        {},
        {"id": "a", "what": "everything"},
        {"id": "a", "what": ["csv"]},
        {"id": "", "what": "csv"},
        {"id": "a" * 33, "what": "csv"},
        {"id": 1, "what": "csv"},
    ],
)
def test_a_browser_is_not_believed(app: AppTest, message: object) -> None:
    assert read_request(message) is None
    assert ask(app, message) == {}


@pytest.mark.parametrize(
    "address",
    [None, 1, "javascript:alert(1)", "file:///etc/passwd", "http://[", "http://x/" + "a" * 9000],
)
def test_an_address_that_is_none_is_left_out(address: object) -> None:
    request = read_request({"id": "a", "what": "about", "address": address})
    assert request == Request("a", "about", "")


# --- links and names -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("link", "completed"),
    [
        ("", "https://lab.example/app/page?s=old"),
        ("?s=new", "https://lab.example/app/page?s=new"),
        ("https://elsewhere.example/x", "https://elsewhere.example/x"),
    ],
)
def test_links_are_completed_with_the_address_in_the_bar(link: str, completed: str) -> None:
    takeaway = Takeaway(dict, str, lambda: About("P", "s", link))
    request = Request("a", "about", "https://lab.example/app/page?s=old")
    assert answer(request, PAGES[0], takeaway)["about"]["link"] == completed


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_files_are_named_after_their_page(page: Page) -> None:
    assert stem(page).startswith("attention-lab_")
    assert set(stem(page)) <= set("abcdefghijklmnopqrstuvwxyz0123456789-_")


def test_the_name_of_a_page_in_a_file_name() -> None:
    page = next(page for page in PAGES if page.title == "Scaled dot-product")
    assert stem(page) == "attention-lab_scaled-dot-product"
