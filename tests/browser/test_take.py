"""Take it with you in a browser: pictures that stand alone, and files that can be read."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Download, Locator, expect

from pages._shared.catalog import PAGES, Page
from pages._shared.take import stem
from tests.browser.axe import run_axe
from tests.browser.conftest import NewVisitor
from tests.browser.serving import ROOT, App, running_app
from tests.browser.take_app import START, WORDS
from tests.browser.visitor import Visitor, contrast, read_number

pytestmark = pytest.mark.browser

SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.browser.take_app import main
main()
"""
SVG: Final = "{http://www.w3.org/2000/svg}"
DC: Final = "{http://purl.org/dc/elements/1.1/}"
PICTURES: Final = (
    "All matrices",
    "Q",
    "Scores",
    "Mask",
    "Wide",
    "Words & <marks>",
    "Points",
    "Head 1",
    "All maps",
)
IN_PIXELS: Final = "Points"
# As XML can write them, and with nothing that turns the line round.
WRITTEN: Final = tuple(word.replace("\u0007", "\ufffd").replace("\u202e", "") for word in WORDS)
FOCUSED = """() => {
    let one = document.activeElement;
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    return {what: one.dataset.take ?? one.tagName,
            outline: parseFloat(getComputedStyle(one).outlineWidth)};
}"""


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A page of its own, with the lab's settings."""
    folder = tmp_path_factory.mktemp("take")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    (folder / "app.py").write_text(SCRIPT, encoding="utf-8")
    with running_app(folder / "app.py") as running:
        yield running


@pytest.fixture
def visitor(new_visitor: NewVisitor, app: App) -> Visitor:
    return open_app(new_visitor, app)


def make_trouble(reader: Visitor, kind: str) -> None:
    """Have the page do something badly, and wait until it knows."""
    reader.fill("Trouble", kind)
    expect(reader.page.get_by_text(f"There is trouble with {kind}.")).to_be_visible()
    reader.settle()


def open_app(new_visitor: NewVisitor, app: App, **context: object) -> Visitor:
    reader = new_visitor(app, **context)
    reader.open("streamlit_app.py")
    return reader


@dataclass(frozen=True)
class Picture:
    """An SVG file, read."""

    root: ET.Element

    @property
    def texts(self) -> list[str]:
        """All text in it, a heading together with what stands behind it."""
        return ["".join(text.itertext()) for text in self.root.iter(f"{SVG}text")]

    @property
    def size(self) -> tuple[int, int]:
        return int(self.root.attrib["width"]), int(self.root.attrib["height"])

    def about(self, name: str) -> str:
        return self.root.findtext(f"{SVG}metadata/{DC}{name}") or ""

    def lines(self) -> list[list[str]]:
        """The only matrix line by line: labels of columns, rows with theirs, legend."""
        found: list[tuple[float, list[tuple[float, str]]]] = []
        for text in self.root.iter(f"{SVG}text"):
            if text.get("text-anchor") is None or text.get("transform"):
                continue
            x, y, size = (float(text.attrib[name]) for name in ("x", "y", "font-size"))
            middle = y - 0.36 * size
            line = next((line for at, line in found if abs(at - middle) < 2), None)
            if line is None:
                found.append((middle, line := []))
            line.append((x, text.text or ""))
        return [[text for _, text in sorted(line)] for _, line in sorted(found)]


def part(visitor: Visitor) -> Locator:
    return visitor.page.locator("section.take")


def button(visitor: Visitor, name: str) -> Locator:
    return part(visitor).get_by_role("button", name=name, exact=True)


def said(visitor: Visitor) -> Locator:
    return part(visitor).get_by_role("status")


def names(visitor: Visitor) -> list[str]:
    part(visitor).get_by_role("combobox").focus()
    options: list[str] = part(visitor).locator("option").all_inner_texts()
    return options


def take(visitor: Visitor, kind: str, picture: str = "") -> Download:
    """Press a button and return what it saved."""
    if picture:
        names(visitor)
        part(visitor).get_by_role("combobox").select_option(picture)
    with visitor.page.expect_download() as download:
        button(visitor, kind).click()
    expect(said(visitor)).to_contain_text(f"Saved {download.value.suggested_filename} (")
    return download.value


def files_saved(visitor: Visitor) -> list[str]:
    """Return a list that grows with every file that is saved from now on."""
    saved: list[str] = []
    visitor.page.on("download", lambda download: saved.append(download.suggested_filename))
    return saved


def content(download: Download) -> bytes:
    return Path(download.path()).read_bytes()


def svg(visitor: Visitor, name: str) -> Picture:
    return Picture(ET.fromstring(content(take(visitor, "SVG", name)).decode("utf-8")))


def stands_alone(picture: Picture) -> None:
    """Check that nothing in a picture depends on anything outside of it."""
    ids = {node.get("id") for node in picture.root.iter()}
    for node in picture.root.iter():
        assert node.tag.rpartition("}")[2] not in ("style", "script", "foreignObject"), node.tag
        for name, value in node.attrib.items():
            assert name not in ("class", "style", "role", "tabindex"), (node.tag, name, value)
            assert not re.search(r"currentColor|var\(|light-dark|color\(|rgba", value), (
                name,
                value,
            )
            for target in re.findall(r"url\((.*?)\)", value):
                assert target.removeprefix("#") in ids, target
            if name.endswith("href") and node.tag != f"{SVG}a":
                assert value.startswith("data:image/") or value.removeprefix("#") in ids, value[:80]
            if name == "font-family":
                assert value == "sans-serif"


def rgb(colour: str) -> tuple[int, ...]:
    assert re.fullmatch("#[0-9a-f]{6}", colour), colour
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def least_contrast(picture: Picture, *, chart: bool) -> float:
    """Return the least contrast of words with what is under them; a chart's own words aside."""
    sheet = picture.root.find(f"{SVG}rect")
    assert sheet is not None
    found = [21.0]

    def look(node: ET.Element, ground: tuple[float, ...]) -> None:
        box = node.find(f"{SVG}rect")
        if node.tag == f"{SVG}g" and box is not None and box.get("fill", "").startswith("#"):
            share = float(box.get("fill-opacity", 1))
            over = rgb(box.attrib["fill"])
            ground = tuple(share * a + (1 - share) * b for a, b in zip(over, ground, strict=True))
        for child in node:
            if child.tag in (f"{SVG}text", f"{SVG}tspan"):
                found.append(contrast(rgb(child.attrib["fill"]), ground))
            if not (chart and child.tag == f"{SVG}svg"):
                look(child, ground)

    look(picture.root, rgb(sheet.attrib["fill"]))
    return min(found)


# --- pictures --------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_picture_stands_alone_and_is_legible(
    theme: str, new_visitor: NewVisitor, app: App
) -> None:
    visitor = open_app(new_visitor, app, color_scheme=theme)
    assert names(visitor) == list(PICTURES)
    for name in PICTURES:
        if name == IN_PIXELS:
            continue
        picture = svg(visitor, name)
        stands_alone(picture)
        assert picture.root.findtext(f"{SVG}title") == f"{name} · Attention Lab: Take & go"
        sheet = picture.root.find(f"{SVG}rect")
        assert sheet is not None
        assert (max(rgb(sheet.attrib["fill"])) < 80) == (theme == "dark")
        assert least_contrast(picture, chart=name.startswith("Words")) >= 4.5, name


def test_every_picture_says_where_it_comes_from(visitor: Visitor, app: App) -> None:
    state, link = f"{' '.join(WRITTEN)} · Q[1, 1] = 1", f"{app.url}/?s=1.abc"
    for name in ("All matrices", "Q", "Words & <marks>", "All maps"):
        picture = svg(visitor, name)
        # Where lines break is a matter of the machine's fonts.
        signed = picture.texts.index("Attention Lab · Take & go")
        assert " ".join(picture.texts[signed + 1 :]) == f"{state} {link}"
        assert picture.about("source") == link
        assert picture.about("description") == state
        assert state in (picture.root.findtext(f"{SVG}desc") or "")


def test_a_matrix_is_drawn_with_its_words_and_numbers(visitor: Visitor) -> None:
    scores = START @ START.T
    scores[0, 1:] = -np.inf
    picture = svg(visitor, "Scores")
    assert picture.texts[0] == "Scores"
    assert all(picture.texts.count(word) == 2 for word in WRITTEN)  # as a row and as a column
    labels, *rows, legend = picture.lines()
    assert labels == ["query \\ key"]
    assert [row[0] for row in rows] == list(WRITTEN)
    shown = np.array([[read_number(text) for text in row[1:]] for row in rows])
    np.testing.assert_allclose(shown, scores, rtol=0, atol=0.00501)
    np.testing.assert_array_equal(shown, visitor.numbers("Scores"))
    assert legend == ["−10", "10"]


def test_blocked_and_chosen_cells_look_so(visitor: Visitor) -> None:
    def outlined(picture: Picture) -> int:
        boxes = picture.root.iter(f"{SVG}rect")
        return sum(box.get("stroke-width") == "2" and box.get("fill") == "none" for box in boxes)

    def striped(picture: Picture) -> int:
        boxes = picture.root.iter(f"{SVG}rect")
        return sum(box.get("fill") == "url(#blocked)" for box in boxes)

    scores, mask = svg(visitor, "Scores"), svg(visitor, "Mask")
    assert (outlined(scores), striped(scores)) == (1, 4)
    assert (outlined(mask), striped(mask)) == (1, 10)
    assert mask.texts.count("✓") == 15


def test_narrow_cells_have_every_second_number_above_them(visitor: Visitor) -> None:
    labels = svg(visitor, "Wide").lines()[0]
    assert labels == ["query \\ d_model", "1", "3", "5", "7", "9", "11"]


def test_a_map_holds_its_photo_once(visitor: Visitor) -> None:
    one, sheet = svg(visitor, "Head 1"), svg(visitor, "All maps")
    assert "Head 1Asking: <patch>" in one.texts
    assert "times <uniform>" in one.texts
    for picture, n_maps in ((one, 1), (sheet, 2)):
        images = [node.attrib["href"] for node in picture.root.iter(f"{SVG}image")]
        assert sum(image.startswith("data:image/jpeg") for image in images) == 1
        assert sum(image.startswith("data:image/png") for image in images) == n_maps


@pytest.mark.parametrize("name", ["Q", "Words & <marks>", IN_PIXELS, "Head 1"])
def test_a_png_is_the_svg_at_twice_its_size(name: str, visitor: Visitor) -> None:
    download = take(visitor, "PNG", name)
    image = Image.open(io.BytesIO(content(download))).convert("RGB")
    if name != IN_PIXELS:
        width, height = svg(visitor, name).size
        assert image.size == (2 * width, 2 * height)
    assert image.getpixel((3, 3)) == (255, 255, 255)
    assert len(image.getcolors(image.width * image.height)) > 4


def test_a_chart_in_pixels_says_that_it_has_no_svg(visitor: Visitor) -> None:
    names(visitor)
    part(visitor).get_by_role("combobox").select_option(IN_PIXELS)
    button(visitor, "SVG").click()
    expect(said(visitor)).to_contain_text("Take the PNG.")


def test_a_picture_shows_what_was_just_typed(visitor: Visitor) -> None:
    visitor.typed("Q", 0, 0, "-3,5")
    picture = svg(visitor, "Q")
    assert picture.lines()[1][1] == "−3.50"
    assert picture.about("description").endswith("Q[1, 1] = -3.5")


def test_names_of_files(visitor: Visitor) -> None:
    assert take(visitor, "PNG", "All matrices").suggested_filename == (
        "attention-lab_take-go_all-matrices.png"
    )
    assert take(visitor, "SVG", "Words & <marks>").suggested_filename == (
        "attention-lab_take-go_words-marks.svg"
    )


# --- files -----------------------------------------------------------------------------------


def test_the_files_hold_what_is_on_the_screen(visitor: Visitor, app: App) -> None:
    visitor.typed("Q", 4, 1, "0.125")
    tables = take(visitor, "CSV")
    assert tables.suggested_filename == "attention-lab_take-go_tables.zip"
    with zipfile.ZipFile(io.BytesIO(content(tables))) as archive:
        rows = list(csv.reader(io.StringIO(archive.read("query.csv").decode("utf-8-sig"))))
        assert f"Link: {app.url}/?s=1.abc" in archive.read("README.txt").decode().splitlines()
    expected = START.copy()
    expected[4, 1] = 0.125
    assert [[float(number) for number in row[1:]] for row in rows[1:]] == expected.tolist()

    with np.load(io.BytesIO(content(take(visitor, "NPZ"))), allow_pickle=False) as arrays:
        np.testing.assert_array_equal(arrays["query"], expected)
        assert arrays["heads"].shape == (2, 2, 2)

    notebook = json.loads(content(take(visitor, "Notebook")))
    assert "0.125" in "".join(notebook["cells"][1]["source"])


def test_a_file_is_asked_for_and_saved_once(new_visitor: NewVisitor, app: App) -> None:
    visitor = new_visitor(app)
    saved, asked = files_saved(visitor), []

    def note(frame: str | bytes) -> None:
        asked.extend(re.findall(rb'"what":"(\w+)"', frame if isinstance(frame, bytes) else b""))

    visitor.page.on("websocket", lambda socket: socket.on("framesent", note))
    visitor.open("streamlit_app.py")
    take(visitor, "NPZ")
    visitor.typed("Q", 0, 0, "2")  # the board's fragment
    make_trouble(visitor, "none")  # the whole page
    visitor.page.wait_for_timeout(300)
    assert saved == ["attention-lab_take-go.npz"]
    assert asked == [b"npz"]


def test_the_button_says_that_a_file_is_being_made(visitor: Visitor) -> None:
    make_trouble(visitor, "slow")
    saved = files_saved(visitor)
    csv_button = button(visitor, "CSV")
    csv_button.focus()
    with visitor.page.expect_download():
        visitor.page.keyboard.press("Enter")
        visitor.page.keyboard.press("Enter")  # changes nothing
        expect(button(visitor, "Making…")).to_be_focused()
        expect(said(visitor)).to_have_text("Making the CSV…")
        visitor.typed("Q", 0, 0, "2")  # and the page goes on working
    expect(csv_button).to_be_visible()
    expect(said(visitor)).to_contain_text("Saved ")
    visitor.wait_for(
        lambda: visitor.numbers("Scores")[0, 0] == 8, lambda: visitor.numbers("Scores")
    )
    visitor.page.wait_for_timeout(2000)  # time for a second one
    assert saved == ["attention-lab_take-go_tables.zip"]


@pytest.mark.parametrize(
    ("trouble", "line"),
    [
        ("words", "The notebook could not be made: Choose a picture first."),
        ("code", "The notebook could not be made: something went wrong inside (KeyError)."),
    ],
)
def test_what_goes_wrong_is_one_plain_line(trouble: str, line: str, visitor: Visitor) -> None:
    make_trouble(visitor, trouble)
    button(visitor, "Notebook").click()
    expect(said(visitor)).to_have_text(line)
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
    take(visitor, "CSV")


# --- keyboard, small screens, axe -------------------------------------------------------------


def test_keyboard_alone_takes_a_picture(visitor: Visitor) -> None:
    part(visitor).get_by_role("combobox").focus()
    visitor.page.keyboard.type("Sc")
    reached = []
    for _ in range(5):
        visitor.page.keyboard.press("Tab")
        reached.append(visitor.page.evaluate(FOCUSED))
    assert [one["what"] for one in reached] == ["png", "svg", "csv", "npz", "notebook"]
    assert all(one["outline"] >= 2 for one in reached)
    for _ in range(3):
        visitor.page.keyboard.press("Shift+Tab")
    with visitor.page.expect_download() as download:
        visitor.page.keyboard.press("Space")
    assert download.value.suggested_filename == "attention-lab_take-go_scores.svg"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_axe_finds_nothing_and_nothing_is_cut(
    width: int, theme: str, new_visitor: NewVisitor, app: App
) -> None:
    visitor = open_app(new_visitor, app, width=width, color_scheme=theme)
    box = part(visitor).bounding_box()
    assert box is not None
    for control in part(visitor).locator("select, button").all():
        place = control.bounding_box()
        assert place is not None
        assert box["x"] <= place["x"]
        assert place["x"] + place["width"] <= box["x"] + box["width"] <= width
        assert place["height"] >= 24
    part(visitor).scroll_into_view_if_needed()
    mine = part(visitor).evaluate("part => part.outerHTML")
    found = [one for one in run_axe(visitor, "take_app.py") if one.html[:60] in mine]
    assert not found, found


# --- the lab's own pages ---------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_everything_on_a_page_can_be_taken(page: Page, new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.open(page.file)
    offered = names(visitor)
    assert offered
    for name in offered:
        picture = svg(visitor, name)
        visitor.page.wait_for_timeout(100)  # Chromium drops the eleventh download of a second
        stands_alone(picture)
        assert picture.about("title") == f"{name} · Attention Lab: {page.title}"
        assert picture.about("description")
        assert picture.about("source").startswith(visitor.app.url)
    assert take(visitor, "PNG", offered[0]).suggested_filename.startswith(stem(page))

    with zipfile.ZipFile(io.BytesIO(content(take(visitor, "CSV")))) as archive:
        assert len(archive.namelist()) > 1
    with np.load(io.BytesIO(content(take(visitor, "NPZ"))), allow_pickle=False) as arrays:
        assert {"about"} < set(arrays)
    cells = json.loads(content(take(visitor, "Notebook")))["cells"]
    assert {cell["cell_type"] for cell in cells} == {"markdown", "code"}


def test_pictures_of_a_page_that_was_left_are_gone(new_visitor: NewVisitor) -> None:
    visitor = new_visitor()
    visitor.open("pages/scaled_dot_product.py")
    assert {"Q", "Weights"} <= set(names(visitor))
    visitor.go("Overview", "Query")
    assert {"Query", "Keys"} <= set(names(visitor))
    assert not {"Q", "K", "Scaled"} & set(names(visitor))
    assert visitor.page.evaluate("attentionLab.pictures.size") == 1
