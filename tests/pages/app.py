"""Pages run without a browser, and what they put on the screen."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from tests.pages.html_reader import Reading, read_html

ROOT: Final = Path(__file__).parents[2]
_ENTRY: Final = "streamlit_app.py"
_NOT_FINITE: Final = {"nan": np.nan, "inf": np.inf, "-inf": -np.inf}


def open_page(file: str) -> AppTest:
    """Return a page of the lab, ready to `run`; session state can be seeded before."""
    app = AppTest.from_file(str(ROOT / _ENTRY), default_timeout=60)
    return app if file == _ENTRY else app.switch_page(file)


def matrices(app: AppTest) -> dict[str, NDArray[Any]]:
    """Return what the page's board shows, by the matrices' ids."""
    return {item["id"]: _decode(item["values"]) for item in board(app)["items"]}


def board(app: AppTest) -> dict[str, Any]:
    """Return the data that the page's board was drawn from."""
    data: dict[str, Any] = json.loads(app.get("bidi_component")[0].proto.json)
    return data


def spoken(app: AppTest) -> list[str]:
    """Return the text alternatives of the page's charts."""
    return [chart.proto.alt for chart in app.get("vega_lite_chart")]


def sums(app: AppTest) -> Reading:
    """Return the page's words and sums; it has one such element beside its style."""
    (element,) = (html for html in app.get("html") if not html.proto.body.startswith("<style>"))
    return read_html(element.proto.body)


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
