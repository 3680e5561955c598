"""Maps of weights, lines and heads in a browser: choosing, painting, many words, small screens."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.axe import run_axe
from tests.browser.conftest import NewVisitor
from tests.browser.maps_app import words
from tests.browser.serving import ROOT, App, running_app
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

SCRIPT: Final = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.browser.maps_app import main
main()
"""
MANY: Final = 200
SENT: Final = re.compile(rb'"(?:event|layer|cells)"')
# Time that drawing anew and one hover take, of 200 by 200 words, in milliseconds.
TIME_A_THEME: Final = """async picture => {
    const box = picture.getBoundingClientRect();
    const times = [];
    for (let i = 1; i < 20; i += 1) {
        const start = performance.now();
        const place = {clientX: box.left + 4 * i, clientY: box.top + 5 * i, bubbles: true};
        picture.dispatchEvent(new PointerEvent("pointermove", place));
        times.push(performance.now() - start);
        await new Promise(requestAnimationFrame);
    }
    return times.sort((a, b) => a - b)[times.length >> 1];
}"""

# Where the lines begin that are not faint.
SHOWN: Final = """svg => {
    const drawn = [...svg.querySelectorAll('path[display=inline]:not([opacity="0.22"])')];
    return [...new Set(drawn.map(line => line.getAttribute("d").split("L")[0]))];
}"""


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A page of its own, with the lab's settings."""
    folder = tmp_path_factory.mktemp("maps")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    (folder / "app.py").write_text(SCRIPT, encoding="utf-8")
    with running_app(folder / "app.py") as running:
        yield running


def open_app(new_visitor: NewVisitor, app: App, n_word: int = 7, **context: object) -> Visitor:
    reader = new_visitor(app, **context)
    reader.open("streamlit_app.py")
    if n_word != 7:
        reader.fill("Words", str(n_word))
        expect(a_map(reader)).to_have_attribute("aria-label", re.compile(f", {n_word} by {n_word}"))
        reader.settle()
    return reader


def a_map(reader: Visitor, which: int = 0) -> Locator:
    return reader.page.locator(".attention-map .picture").nth(which)


def readout(reader: Visitor, which: int = 0) -> Locator:
    return reader.page.locator(".attention-map .readout").nth(which)


def says(reader: Visitor, text: str) -> None:
    """Wait until Python knows."""
    expect(reader.page.get_by_text(text)).to_be_visible()
    reader.settle()


def at(picture: Locator, shape: tuple[int, int], row: int, column: int) -> dict[str, float]:
    """Return where the middle of a cell is in the picture."""
    box = picture.bounding_box()
    assert box is not None
    x = box["width"] * (column + 0.5) / shape[1]
    return {"x": x, "y": box["height"] * (row + 0.5) / shape[0]}


def lit(reader: Visitor, where: str) -> list[str]:
    """Return the labels that are lit in the rows or in the columns of the first map."""
    labels = reader.page.locator(".attention-map").first.locator(f".{where} .lit")
    return [text.strip() for text in labels.all_inner_texts()]


def test_a_cell_is_chosen_by_pointer_and_by_keys(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    picture = a_map(reader)
    picture.hover(position=at(picture, (7, 7), 5, 1))
    expect(readout(reader)).to_have_text(re.compile(r"^“on” reads “old”: 0\.\d\d$"))
    says(reader, "0 reports")
    picture.click(position=at(picture, (7, 7), 5, 5))
    says(reader, "cell 6.6, 0 painted, dropped [], 1 reports")
    expect(readout(reader)).to_contain_text("alignment")
    # Also without a pointer, a name like markup is text.
    for key in ("ArrowLeft", "ArrowLeft", "ArrowLeft", "ArrowUp", "Enter"):
        reader.page.keyboard.press(key)
    says(reader, "cell 5.3, 0 painted, dropped [], 2 reports")
    reader.page.mouse.move(5, 5)
    expect(readout(reader)).to_have_text(re.compile("^“sat” reads “<b>cat</b>”: 0"))


def test_map_and_lines_light_up_together(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    picture = a_map(reader)
    picture.hover(position=at(picture, (7, 7), 5, 1))
    expect(reader.page.locator(".attention-lines")).to_contain_text("“on” reads")
    assert (lit(reader, "rows"), lit(reader, "columns")) == (["on"], ["old"])
    reader.page.locator('.attention-lines rect[data-query="1"]').hover()
    reader.wait_for(lambda: lit(reader, "rows") == ["old"], lambda: lit(reader, "rows"))
    assert lit(reader, "columns") == []
    # The map below is of another group.
    assert reader.page.locator(".attention-map").nth(1).locator(".lit").count() == 0


def test_a_pattern_is_painted_kept_and_cleared(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    picture = a_map(reader, 1)
    picture.scroll_into_view_if_needed()
    picture.click(position=at(picture, (3, 7), 2, 6))
    says(reader, "cell 3.7, 0 painted, dropped [], 1 reports")
    brush = reader.page.get_by_role("button", name="Paint")
    brush.click()
    expect(brush).to_have_attribute("aria-pressed", "true")
    before = picture.locator("canvas").first.evaluate("canvas => canvas.toDataURL()")
    box = picture.bounding_box()
    assert box is not None
    (first, last) = (at(picture, (3, 7), 1, column) for column in (1, 4))
    reader.page.mouse.move(box["x"] + first["x"], box["y"] + first["y"])
    reader.page.mouse.down()
    reader.page.mouse.move(box["x"] + last["x"], box["y"] + last["y"])  # in one leap
    reader.page.mouse.up()
    says(reader, "4 painted, dropped [], 2 reports")
    expect(readout(reader, 1)).to_contain_text("painted")
    assert picture.locator("canvas").first.evaluate("canvas => canvas.toDataURL()") != before
    for key in ("ArrowDown", "Space", "ArrowUp", "Space"):  # one more, and one less
        reader.page.keyboard.press(key)
    says(reader, "4 painted, dropped [], 3 reports")
    reader.page.get_by_role("button", name="Clear").click()
    says(reader, "0 painted, dropped [], 4 reports")
    reader.page.wait_for_timeout(2000)  # nothing is sent again
    says(reader, "4 reports")


# Keys as fast as they come from one that is held down, however busy the machine is.
PRESS: Final = """(group, keys) => keys.forEach(key => {
    const event = new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true});
    group.getRootNode().activeElement.dispatchEvent(event);
})"""


def test_heads_are_chosen_and_dropped(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app)
    group = reader.page.get_by_role("radiogroup", name="Encoder: heads")
    expect(group.get_by_role("radio")).to_have_count(72)
    expect(group.get_by_role("radio", checked=True)).to_have_accessible_name("Layer 2, head 5")
    group.get_by_role("radio", name="Layer 1, head 1: previous .99", exact=True).click()
    says(reader, "Head 1.1, cell 5.3")
    reader.page.wait_for_timeout(200)
    # The first is said at once, those that follow fast once the reader rests.
    group.evaluate(PRESS, ["ArrowDown", "ArrowDown", "ArrowRight"])
    says(reader, "Head 3.2, cell 5.3, 0 painted, dropped [], 3 reports")
    reader.page.keyboard.press("d")
    says(reader, "dropped [(2, 1)]")
    expect(group.get_by_role("radio", checked=True)).to_have_accessible_name(
        "Layer 3, head 2: dropped"
    )
    reader.page.get_by_role("button", name="Restore layer 3, head 2").click()
    says(reader, "dropped []")


def test_two_hundred_words_stay_quick(new_visitor: NewVisitor, app: App) -> None:
    reader = open_app(new_visitor, app, MANY)
    names = words(MANY)
    picture = a_map(reader)
    picture.scroll_into_view_if_needed()
    assert picture.evaluate(TIME_A_THEME) < 100
    n_before = reader.page.get_by_text(" reports").inner_text()
    picture.hover(position=at(picture, (MANY, MANY), 150, 60))
    expect(readout(reader)).to_contain_text(f"“{names[150]}” reads “{names[60]}”")
    below = reader.page.locator(".attention-lines .below")
    expect(below).to_contain_text("faintly the 60 strongest of all")
    assert lit(reader, "rows") == [names[150]]
    starts = reader.page.locator(".attention-lines svg").evaluate(SHOWN)
    assert len(starts) == 1  # all strong lines are those of the word that is pointed at
    assert reader.page.get_by_text(" reports").inner_text() == n_before
    picture.click(position=at(picture, (MANY, MANY), 150, 60))
    says(reader, "cell 151.61")
    # The words scroll so that the reader is in sight.
    line = reader.page.locator('.attention-lines rect[data-query="150"]')
    reader.wait_for(lambda: line.is_visible() and _inside(line), lambda: "it is out of sight")


def _inside(line: Locator) -> bool:
    inside: bool = line.evaluate(
        """line => {
            const [one, box] = [line, line.closest(".box")].map(n => n.getBoundingClientRect());
            return one.top >= box.top && one.bottom <= box.bottom;
        }"""
    )
    return inside


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("n_word", [7, 40])
def test_a_narrow_page_is_not_wider_than_its_window(
    n_word: int, theme: str, new_visitor: NewVisitor, app: App
) -> None:
    reader = open_app(new_visitor, app, n_word, width=390, color_scheme=theme)
    main = reader.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth <= main.clientWidth")
    picture = a_map(reader)
    picture.click(position=at(picture, (n_word, n_word), 2, 1))
    says(reader, "cell 3.2")
    mine = reader.page.evaluate(
        "[...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]"
        ".map(host => host.shadowRoot.innerHTML).join('')"
    )
    found = [one for one in run_axe(reader, "maps_app.py") if one.html[:60] in mine]
    assert not found, found
