"""The drawing pad in a browser: mouse, finger and keys write; what was written reaches Python."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.axe import SCRIPT as AXE
from tests.browser.conftest import NewVisitor
from tests.browser.serving import ROOT, App, running_app
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

SIDE: Final = 32
SCRIPT: Final = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.browser.digit_pad_app import main
main()
"""
# The pixels of a canvas that are darker (or, in the dark theme, lighter) than its corner.
INKED: Final = """canvas => {
    const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext("2d");
    copy.drawImage(canvas, 0, 0);
    const {data} = copy.getImageData(0, 0, canvas.width, canvas.height);
    const places = [];
    for (let i = 0; i < data.length / 4; i += 1) {
        const away = [0, 1, 2].reduce((sum, c) => sum + Math.abs(data[4 * i + c] - data[c]), 0);
        if (away > 60) places.push(i);
    }
    return places;
}"""
VIOLATIONS: Final = """async () => {
    const hosts = document.querySelectorAll("[data-testid=stBidiComponentIsolated]");
    const {violations} = await axe.run([...hosts]);
    return violations.map(({id, nodes}) => `${id}: ${nodes[0].html}`);
}"""
# A finger that goes from one place to another, as touch screens report it.
FINGER: Final = """(sheet, [from, to]) => {
    const box = sheet.getBoundingClientRect();
    const send = (name, [x, y]) => sheet.dispatchEvent(new PointerEvent(name, {
        pointerId: 1, pointerType: "touch", isPrimary: true, bubbles: true, cancelable: true,
        button: name === "pointermove" ? -1 : 0, buttons: name === "pointerup" ? 0 : 1,
        clientX: box.left + x * box.width, clientY: box.top + y * box.height}));
    sheet.setPointerCapture = () => {};  // there is no such pointer
    send("pointerdown", from);
    for (let i = 1; i <= 4; i += 1) {
        send("pointermove", from.map((at, axis) => at + ((to[axis] - at) * i) / 4));
    }
    send("pointerup", to);
}"""


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A page of its own, with the lab's settings."""
    folder = tmp_path_factory.mktemp("pad")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    (folder / "app.py").write_text(SCRIPT, encoding="utf-8")
    with running_app(folder / "app.py") as running:
        yield running


def open_app(new_visitor: NewVisitor, app: App, **context: Any) -> Visitor:  # noqa: ANN401
    reader = new_visitor(app, **context)
    reader.open("streamlit_app.py")
    return reader


def sheet(reader: Visitor) -> Locator:
    return reader.page.get_by_role("application", name="Drawing pad")


def inked(reader: Visitor) -> tuple[set[int], set[int]]:
    """Return the rows and the columns, from 0, in which the pad shows ink."""
    places = sheet(reader).locator("canvas").evaluate(INKED)
    return {place // SIDE for place in places}, {place % SIDE for place in places}


def shows(reader: Visitor, rows: set[int], columns: set[int]) -> None:
    """Wait until the pad, which paints with the next frame, shows ink in these alone."""
    reader.wait_for(lambda: inked(reader) == (rows, columns), lambda: inked(reader))


def says(reader: Visitor, text: str) -> None:
    """Wait until Python knows."""
    expect(reader.page.get_by_text(re.compile(text))).to_be_visible()
    reader.settle()


def stroke(reader: Visitor, start: tuple[int, int], end: tuple[int, int], steps: int = 5) -> None:
    """Draw with the mouse from the middle of one cell (row, column) to that of another."""
    box = sheet(reader).bounding_box()
    assert box is not None
    places = [
        (
            box["x"] + (column + 0.5) / SIDE * box["width"],
            box["y"] + (row + 0.5) / SIDE * box["height"],
        )
        for row, column in (start, end)
    ]
    reader.page.mouse.move(*places[0])
    reader.page.mouse.down()
    reader.page.mouse.move(*places[1], steps=steps)
    reader.page.mouse.up()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_stroke_is_seen_at_once_and_reaches_python(
    theme: str, new_visitor: NewVisitor, app: App
) -> None:
    reader = open_app(new_visitor, app, color_scheme=theme)
    shows(reader, set(), set())
    expect(reader.page.get_by_text("Write a digit here")).to_be_visible()
    reader.page.add_script_tag(content=AXE.read_text("utf-8"))
    assert reader.page.evaluate(VIOLATIONS) == []
    stroke(reader, (6, 10), (20, 10), steps=1)  # in one leap: no cell between is left out
    # Three cells wide, and by as much longer as the pen is round.
    shows(reader, set(range(5, 22)), {9, 10, 11})
    # 15 rows of 3 cells, and 3 at either end: the corners of the pen are 1.41 cells away.
    says(reader, "^51 of ink")
    expect(reader.page.get_by_text("51 of 1,024 cells have ink.")).to_be_visible()
    expect(reader.page.get_by_text("51 cells, at most 12 in a block.")).to_be_visible()
    picture = reader.page.get_by_role("img", name=re.compile("^The picture that the model gets"))
    rows = {place // 8 for place in picture.evaluate(INKED)}
    assert rows == {1, 2, 3, 4, 5}
    expect(reader.page.get_by_text("Write a digit here")).to_be_hidden()
    assert reader.page.evaluate(VIOLATIONS) == []


def test_python_hears_of_a_stroke_while_it_is_made(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    box = sheet(reader).bounding_box()
    assert box is not None
    reader.page.mouse.move(box["x"] + 30, box["y"] + 30)
    reader.page.mouse.down()
    reader.page.mouse.move(box["x"] + 200, box["y"] + 30, steps=4)
    says(reader, r"^[1-9]\d* of ink")
    before = reader.page.get_by_text(" of ink").inner_text()
    reader.page.mouse.move(box["x"] + 200, box["y"] + 200, steps=4)
    expect(reader.page.get_by_text(" of ink")).not_to_have_text(before)
    # What Python answers meanwhile takes nothing of the stroke away.
    rows, columns = inked(reader)
    assert {*range(4, 22)} <= rows
    assert {*range(4, 22)} <= columns
    reader.page.mouse.up()
    reader.page.wait_for_timeout(1500)  # nothing is sent again
    assert inked(reader) == (rows, columns)


def test_eraser_clear_and_what_python_puts_there(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    reader.page.get_by_role("button", name="Show a 1").click()
    says(reader, "^69 of ink, 0 reports")
    shows(reader, set(range(4, 27)), {14, 15, 16})
    eraser = reader.page.get_by_role("radio", name="Eraser")
    eraser.click()
    expect(eraser).to_have_attribute("aria-checked", "true")
    stroke(reader, (15, 5), (15, 25))
    says(reader, "^60 of ink")
    assert inked(reader)[0] == {*range(4, 14), *range(17, 27)}
    reader.page.get_by_role("button", name="Clear").click()
    says(reader, "^0 of ink")
    shows(reader, set(), set())
    expect(reader.page.get_by_role("button", name="Clear")).to_be_disabled()
    reader.page.get_by_role("button", name="Take back").click()
    says(reader, "^60 of ink")
    assert len(inked(reader)[0]) == 20


def test_keys_alone_write_and_erase(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    for _ in range(4):
        reader.page.keyboard.press("Tab")
        if sheet(reader).evaluate("sheet => sheet === sheet.getRootNode().activeElement"):
            break
    expect(reader.page.get_by_text("Arrow keys: move.")).to_be_visible()
    reader.page.keyboard.press("ArrowUp")
    reader.page.keyboard.press("Space")
    # The cursor starts in the middle, row 17 from 1; the pen is a square of 3 cells.
    expect(reader.page.get_by_text("Row 16, column 17: ink.")).to_be_visible()
    shows(reader, {14, 15, 16}, {15, 16, 17})
    for _ in range(5):
        reader.page.keyboard.press("Shift+ArrowDown")
    shows(reader, set(range(14, 22)), {15, 16, 17})
    reader.page.keyboard.press("Delete")
    expect(reader.page.get_by_text("Row 21, column 17: no ink.")).to_be_visible()
    says(reader, "^15 of ink")
    reader.page.keyboard.press("Tab")  # one is not caught in it
    expect(reader.page.get_by_role("radio", name="Pen")).to_be_focused()


def test_a_finger_writes_on_a_telephone(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app, width=390, color_scheme="dark")
    pad = sheet(reader)
    assert pad.evaluate("sheet => getComputedStyle(sheet).touchAction") == "none"
    pad.evaluate(FINGER, [[0.25, 0.25], [0.75, 0.75]])
    says(reader, r"^\d\d+ of ink")
    rows, columns = inked(reader)
    assert rows == columns
    assert {*range(8, 24)} <= rows
    main = reader.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    box = pad.bounding_box()
    assert box is not None
    assert 250 <= box["width"] <= 340
