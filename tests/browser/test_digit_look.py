"""What a digit model makes of a digit, in a browser: it follows the pen, and all is in reach."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Final

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

from core.images import encode_png
from tests.browser.axe import SCRIPT as AXE
from tests.browser.conftest import NewVisitor
from tests.browser.serving import ROOT, App, running_app
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

SCRIPT: Final = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.browser.digit_look_app import main
main()
"""
VIOLATIONS: Final = """async () => {
    const hosts = document.querySelectorAll("[data-testid=stBidiComponentIsolated]");
    const {violations} = await axe.run([...hosts]);
    return violations.map(({id, nodes}) => `${id}: ${nodes[0].html}`);
}"""
PICTURES: Final = """() => [...window.attentionLab.pictures.values()]
    .flatMap(offer => offer.list()).map(picture => picture.name)"""


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A page of its own, with the lab's settings."""
    folder = tmp_path_factory.mktemp("look")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    (folder / "app.py").write_text(SCRIPT, encoding="utf-8")
    with running_app(folder / "app.py") as running:
        yield running


def open_app(new_visitor: NewVisitor, app: App, **context: object) -> Visitor:
    reader = new_visitor(app, **context)
    reader.open("streamlit_app.py")
    expect(reader.page.get_by_text("The model says")).to_be_visible(timeout=60_000)
    reader.settle()
    return reader


def stroke(reader: Visitor, places: list[tuple[float, float]]) -> None:
    """Draw through places, given as shares of the pad's width and height, and keep the pen down."""
    box = reader.page.get_by_role("application", name="Drawing pad").bounding_box()
    assert box is not None
    for index, (x, y) in enumerate(places):
        steps = 6 if index else 1
        reader.page.mouse.move(
            box["x"] + x * box["width"], box["y"] + y * box["height"], steps=steps
        )
        if index == 0:
            reader.page.mouse.down()


def test_the_answer_follows_the_pen(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    stroke(reader, [(0.5, 0.15), (0.5, 0.85)])
    # The pen is still down.
    expect(reader.page.get_by_text(re.compile("The model says 1"))).to_be_visible()
    reader.page.mouse.up()
    reader.page.get_by_role("button", name="Clear").click()
    stroke(reader, [(0.3, 0.2), (0.7, 0.2), (0.45, 0.85)])
    reader.page.mouse.up()
    expect(reader.page.get_by_text(re.compile("The model says 7"))).to_be_visible()
    names = reader.page.evaluate(PICTURES)
    assert {"Ink on the pad", "What the model gets", "How likely is each digit"} <= {*names}
    assert {"The digit in patches", "Patch filters as pictures", "Patch filters"} <= {*names}


def test_an_upload_lands_on_the_pad_and_can_be_written_over(
    new_visitor: NewVisitor, app: App
) -> None:
    reader = open_app(new_visitor, app)
    paper = np.full((200, 200, 3), 250, np.uint8)
    paper[30:170, 90:108] = 20
    reader.press_segment("Upload")
    field = reader.page.locator("input[type=file]")
    field.set_input_files({"name": "1.png", "mimeType": "image/png", "buffer": encode_png(paper)})
    expect(reader.page.get_by_text(re.compile("The model says 1"))).to_be_visible()
    ink = reader.page.get_by_role("img", name=re.compile("cells have ink"))
    # 28 rows of 4 cells: 18 of 140 pixels are 3.6 of 28 cells.
    expect(ink).to_have_accessible_name("112 of 1,024 cells have ink.")
    answer = reader.page.get_by_text(re.compile("^The model says"))
    before = answer.inner_text()
    stroke(reader, [(0.2, 0.1), (0.8, 0.1)])
    reader.page.mouse.up()
    expect(ink).not_to_have_accessible_name("112 of 1,024 cells have ink.")
    expect(answer).not_to_have_text(before)


@pytest.mark.parametrize(("theme", "width"), [("light", 1280), ("dark", 390)])
def test_nothing_stands_in_the_way_of_a_reader(
    theme: str, width: int, new_visitor: NewVisitor, app: App
) -> None:
    reader = open_app(new_visitor, app, color_scheme=theme, width=width)
    reader.press_segment("Layer 2")
    expect(reader.page.locator(".note").get_by_text("layer_2_W_Q", exact=True)).to_be_visible()
    reader.press_segment("Held-out digits")
    expect(reader.page.get_by_role("radiogroup", name="Held-out digits")).to_be_visible()
    reader.press_segment("The head")
    expect(reader.page.get_by_text(re.compile("^Without head 1 of layer 3"))).to_be_visible()
    reader.settle()
    main = reader.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    reader.page.add_script_tag(content=AXE.read_text("utf-8"))
    assert reader.page.evaluate(VIOLATIONS) == []
