"""Image classification in the browser, and the tests that it shares with the Vision Transformer."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Locator, expect

from core.digit_settings import DigitSettings
from core.imagenet_models import IMAGENET_MODELS
from pages._shared.classify_scene import TAUGHT, TEACH
from pages._shared.classify_state import STORE
from pages._shared.explanations import NAMES
from pages._shared.words import isolated
from tests.browser.conftest import NewVisitor
from tests.browser.serving import App, free_port, running_app
from tests.browser.visitor import Visitor
from tests.checkpoints import random_file
from tests.hub import Hub, playing

pytestmark = pytest.mark.browser

FILE: Final = "pages/image_classification.py"
VISION: Final = "pages/vision_transformer.py"
ENTRY: Final = IMAGENET_MODELS[0]
STEPS: Final = DigitSettings().n_steps
# Generous: nobody waits for the whole of a training or of a test.
ANSWERED: Final = 2.0
STOPPED: Final = 2.0
SAID: Final = 3.0


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def answer(visitor: Visitor) -> str:
    """Return what the digit model says."""
    return visitor.page.get_by_text(re.compile(r"^The model says \d")).inner_text()


def bars(visitor: Visitor) -> list[float]:
    """Return how long the bars of the ten digits are, in pixels."""
    drawing = visitor.page.get_by_role("img", name=re.compile("^The model says"))
    widths: list[float] = drawing.locator("rect").evaluate_all(
        "rects => rects.map(rect => Number(rect.getAttribute('width')))"
    )
    return widths


def run(visitor: Visitor, name: str) -> Locator:
    """Return the button, progress and words of a long run."""
    bar = visitor.page.get_by_role("progressbar", name=name, exact=True)
    return visitor.page.locator(".training").filter(has=bar)


def done(visitor: Visitor, name: str) -> int:
    """Return how many steps of a run the page says were made."""
    return int(run(visitor, name).get_by_role("progressbar").get_attribute("aria-valuenow") or 0)


def wait_for_steps(visitor: Visitor, name: str, more_than: int) -> None:
    visitor.wait_for(lambda: done(visitor, name) > more_than, lambda: "no progress", seconds=30)


def press(visitor: Visitor, name: str, words: str) -> None:
    """Press the button of a run, which is called so."""
    button = run(visitor, name).locator("button.main")
    expect(button).to_have_text(words)
    button.click()


def seconds_until(visitor: Visitor, deed: Callable[[], None], holds: Callable[[], bool]) -> float:
    """Return how long it takes after a deed until something holds."""
    begun = time.perf_counter()
    deed()
    visitor.wait_for(holds, lambda: "it never comes")
    return time.perf_counter() - begun


# ---- digits


def test_the_bars_follow_the_pen_and_undo_takes_the_stroke_back(opened: Visitor) -> None:
    opened.press_segment("Write")
    sheet = opened.page.get_by_role("application", name="Drawing pad")
    ink = opened.page.get_by_role("img", name=re.compile("cells have ink"))
    expect(ink).to_have_accessible_name("0 of 1,024 cells have ink.")
    opened.settle()
    before, said = bars(opened), answer(opened)
    assert len(before) == 10
    box = sheet.bounding_box()
    assert box is not None
    middle = box["x"] + box["width"] / 2
    opened.page.mouse.move(middle, box["y"] + 0.15 * box["height"])
    opened.page.mouse.down()
    opened.page.mouse.move(middle, box["y"] + 0.85 * box["height"], steps=6)
    # The pen is still down.
    opened.wait_for(lambda: answer(opened).startswith("The model says 1"), lambda: answer(opened))
    opened.wait_for(lambda: np.argmax(bars(opened)) == 1, lambda: bars(opened))
    opened.page.mouse.up()
    undo = opened.page.locator(".tools").get_by_role("button", name="Undo")
    expect(undo).to_be_enabled()
    opened.settle()
    undo.click()
    opened.wait_for(lambda: bars(opened) == before, lambda: f"{bars(opened)} is not {before}")
    assert answer(opened) == said
    expect(undo).to_be_disabled()
    opened.press_segment("Write")
    expect(ink).to_have_accessible_name("0 of 1,024 cells have ink.")


def test_training_goes_on_and_stops_as_asked_and_nobody_else_waits(
    opened: Visitor, new_visitor: NewVisitor
) -> None:
    other = new_visitor()
    other.open(FILE)
    opened.press_segment("Train it")
    press(opened, "Training", "Train")
    wait_for_steps(opened, "Training", 10)
    said = answer(other)
    waited = seconds_until(
        other, lambda: other.press_segment("Upside down"), lambda: answer(other) != said
    )
    assert waited < ANSWERED
    # It was not over before.
    press(opened, "Training", "Stop")
    expect(run(opened, "Training")).to_contain_text("Stopped. What was learned is kept.")
    # Only what has stopped can be used.
    expect(opened.page.get_by_role("button", name="Look at it in the other views")).to_be_visible()
    opened.settle()
    stopped = done(opened, "Training")
    assert 10 < stopped < STEPS
    # It is there after a look at something else, and no further.
    opened.press_segment("Name it")
    expect(opened.page.get_by_text("The model says")).to_be_visible()
    opened.press_segment("Train it")
    expect(run(opened, "Training")).to_contain_text(f"{stopped} of {STEPS} steps")
    press(opened, "Training", "Continue")
    opened.wait_for(lambda: done(opened, "Training") != stopped, lambda: "it does not go on")
    assert done(opened, "Training") > stopped, "it began anew"
    press(opened, "Training", "Stop")


# ---- explanations, and the test of them


def areas(visitor: Visitor) -> dict[str, list[tuple[float, bool]]]:
    """Return the table: by order the areas of deletion and insertion; whether each beats chance."""
    table = visitor.page.get_by_role("region", name="Areas under the curves")
    rows: list[list[str]] = table.locator("tbody tr").evaluate_all(
        "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    )
    return {
        name.removeprefix("■ "): [(float(cell.split()[0]), "(beats" in cell) for cell in cells]
        for name, *cells in rows
    }


def best(tested: dict[str, list[tuple[float, bool]]]) -> set[str]:
    """Return which explanations the sentence names: the best of each test, if it beat chance."""
    lowest = min(NAMES, key=lambda name: tested[name][0][0])
    highest = max(NAMES, key=lambda name: tested[name][1][0])
    return {name for name, test in ((lowest, 0), (highest, 1)) if tested[name][test][1]}


def test_explanations_of_a_digit_are_tested_to_the_end(opened: Visitor) -> None:
    opened.press_segment("Which patches decided?")
    press(opened, "Occlusion", "Hide block by block")
    expect(run(opened, "Occlusion")).to_contain_text("Done.", timeout=30_000)
    test = run(opened, "Test of the explanations")
    press(opened, "Test of the explanations", "Test them on this picture")
    expect(test).to_contain_text("Done.", timeout=60_000)
    expect(test).to_contain_text("Test them again")
    table = opened.page.get_by_role("region", name="Areas under the curves")
    expect(table).to_be_visible()
    tested = areas(opened)
    assert list(tested) == [*NAMES, "5 random orders, mean ± spread"]
    sentence = opened.page.get_by_text(re.compile("^Here .*the most faithful"))
    expect(sentence).to_be_visible()
    assert {*sentence.locator("strong").all_inner_texts()} == best(tested)
    charts = opened.page.get_by_test_id("stVegaLiteChart")
    expect(charts).to_have_count(2)
    for chart, title in zip(charts.all(), ("Deletion: low", "Insertion: high"), strict=True):
        expect(chart).to_contain_text(title)
        # A line for each, and one for chance.
        expect(chart.locator(".mark-line path")).to_have_count(len(NAMES) + 1)


def test_the_test_of_a_photo_lets_itself_be_stopped_and_nobody_else_waits(
    visitor: Visitor, new_visitor: NewVisitor
) -> None:
    other = new_visitor()
    for reader in (visitor, other):
        reader.open(VISION)
    name = "Test of the explanations"
    visitor.press_segment("Explained")
    press(visitor, name, "Test them on this picture")
    wait_for_steps(visitor, name, 2)
    said = other.page.locator(".frame .text")
    waited = seconds_until(
        other,
        other.page.get_by_role("radio", name="Head 4").click,
        lambda: said.inner_text().startswith("Head 4 of layer 12"),
    )
    assert waited < ANSWERED
    # It is not over yet.
    waited = seconds_until(
        visitor,
        lambda: press(visitor, name, "Stop"),
        lambda: "Stopped. What was measured is kept." in run(visitor, name).inner_text(),
    )
    assert waited < STOPPED
    visitor.settle()
    stopped = done(visitor, name)
    assert stopped > 2
    # It is there after a look at something else, and no further.
    visitor.press_segment("Attention")
    expect(visitor.page.locator(".frame .text")).to_contain_text("Mean of 6 heads")
    visitor.press_segment("Explained")
    expect(run(visitor, name).get_by_role("progressbar")).to_have_attribute(
        "aria-valuenow", str(stopped)
    )
    expect(run(visitor, name)).to_contain_text("Continue")


# ---- classes of one's own


def disc(x: int, colour: tuple[int, int, int]) -> bytes:
    """Return a PNG of a disc on a plain ground."""
    down, across = np.mgrid[0:240, 0:320]
    inside = (across - x) ** 2 + (down - 120) ** 2 < 70**2
    pixels = np.where(inside[..., None], colour, (200, 205, 215)).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def payload(name: str, data: bytes) -> FilePayload:
    return {"name": name, "mimeType": "image/png", "buffer": data}


def upload(visitor: Visitor, files: Sequence[FilePayload]) -> None:
    visitor.page.locator("input[type=file]").first.set_input_files(files)


def query_of_one_class() -> str:
    """Return the query of the page that teaches windmills, and nothing else yet."""
    values = STORE.pack(replace(STORE.start(), model=TAUGHT, view=TEACH, taught=("Windmills",)))
    written = STORE.schema.write({name: values[name] for name in STORE.schema.fields})
    return f"?s={written}"


def test_three_photos_are_a_class_that_names_a_fourth_and_stay_here(
    visitor: Visitor, new_visitor: NewVisitor
) -> None:
    visitor.open(FILE, query_of_one_class())
    expect(visitor.page.get_by_text("Nothing is taught yet: choose 2 to")).to_be_visible()
    visitor.page.get_by_role("button", name="A class of your own").click()
    expect(visitor.page.get_by_text("a class needs 3 photos; “Class 1” has fewer")).to_be_visible()
    visitor.fill("Name", "Discs")
    expect(visitor.page.get_by_text("a class needs 3 photos; “Discs” has fewer")).to_be_visible()
    whole = [payload(f"disc {x}.png", disc(x, (200, 40, x))) for x in (100, 160, 220)]
    broken = payload("broken.png", whole[0]["buffer"][:300])
    upload(visitor, [whole[0], broken, *whole[1:]])
    shown = visitor.page.get_by_role("list", name="Photos of Discs").get_by_role("img")
    # The first photo of all has the model read from its file, and each goes through it.
    expect(shown).to_have_count(3, timeout=30_000)
    visitor.settle()
    notice = visitor.page.locator("p.notice")
    expect(notice).to_contain_text("“broken.png” was left out.")
    expect(notice).to_have_count(1)
    assert [one.get_attribute("alt") for one in shown.all()] == [one["name"] for one in whole]
    taught = visitor.page.locator("table.roles tbody")
    expect(taught.get_by_role("rowheader")).to_have_text(["Windmills", "Discs"])
    expect(taught.get_by_role("row").nth(1).locator("b")).to_have_text("3")

    visitor.press_segment("Name it")
    expect(visitor.page.get_by_text("near enough is")).to_be_visible(timeout=30_000)
    visitor.settle()  # the place for photos of a class is gone
    visitor.press_segment("Upload")
    upload(visitor, [payload("another.png", disc(190, (190, 50, 120)))])
    named = visitor.page.get_by_text(f"“{isolated('Discs')}”: cosine 0")
    expect(named).to_be_visible(timeout=30_000)
    expect(visitor.page.get_by_role("img", name="The picture that you uploaded")).to_be_visible()

    # Nothing of it is in the link.
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tools = visitor.page.locator(".tools")
    tools.get_by_role("button", name="Copy link").click()
    expect(tools.locator(".said")).to_contain_text("Your picture is not in it")
    link = visitor.page.evaluate("navigator.clipboard.readText()")
    (carried,) = parse_qs(urlsplit(link).query)["s"]
    told = STORE.read(carried)
    assert (told.taught, told.photo) == (("Windmills",), STORE.start().photo)
    stranger = new_visitor()
    stranger.follow(link)
    expect(stranger.page.get_by_text("Nothing is taught yet: choose 2 to")).to_be_visible()
    stranger.press_segment("Teach it")
    expect(stranger.page.get_by_role("button", name="Windmills")).to_be_visible()
    expect(stranger.page.get_by_text("Discs")).to_have_count(0)


# ---- ImageNet


@contextmanager
def app_that_fetches_from(address: str, folder: Path) -> Iterator[App]:
    """Run the lab with a Hub at an address, and a folder of its own for what is fetched."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
            patch.delenv(name, raising=False)
            patch.delenv(name.lower(), raising=False)
        patch.delenv("HF_HUB_OFFLINE", raising=False)
        patch.setenv("HF_ENDPOINT", address)
        patch.setenv("HF_HUB_CACHE", str(folder))
        with running_app() as app:
            yield app


@pytest.fixture
def offline_lab(browser: Browser, tmp_path: Path) -> Iterator[App]:
    with app_that_fetches_from(f"http://127.0.0.1:{free_port()}", tmp_path) as app:
        yield app


@pytest.fixture
def hub(browser: Browser, tmp_path: Path) -> Iterator[Hub]:
    """A Hub on this machine, slow enough that progress is seen."""
    weights = random_file(ENTRY, tmp_path).read_bytes()
    with playing(Hub(ENTRY.hub_id, weights, pause=0.15)) as played:
        yield played


@pytest.fixture
def online_lab(hub: Hub, tmp_path: Path) -> Iterator[App]:
    with app_that_fetches_from(hub.address, tmp_path / "cache") as app:
        yield app


def to_imagenet(visitor: Visitor) -> Locator:
    """Go to the ImageNet models, and return the button that fetches the first."""
    visitor.open(FILE)
    visitor.press_segment("ImageNet")
    fetch = visitor.page.get_by_role("button", name=f"Fetch {ENTRY.title} (")
    expect(fetch).to_be_visible()
    return fetch


# The server comes first in each: readers leave before it ends.
def test_without_a_network_it_says_so_and_the_page_goes_on(
    offline_lab: App, new_visitor: NewVisitor
) -> None:
    visitor = new_visitor(offline_lab)
    fetch = to_imagenet(visitor)
    alert = visitor.page.get_by_test_id("stAlert")
    assert seconds_until(visitor, fetch.click, alert.is_visible) < SAID
    expect(alert).to_contain_text("No connection to 127.0.0.1: Connection refused.")
    expect(fetch).to_be_enabled()
    visitor.press_segment("Digits")
    visitor.press_segment("Upside down")
    expect(visitor.page.get_by_text("The model says")).to_be_visible()
    visitor.press_segment("ImageNet")
    expect(fetch).to_be_enabled()


def test_a_model_is_fetched_names_what_it_sees_and_is_looked_into(
    hub: Hub, online_lab: App, new_visitor: NewVisitor
) -> None:
    visitor = new_visitor(online_lab)
    fetch = to_imagenet(visitor)
    assert not hub.asked, "it connects without being asked"
    fetch.click()
    progress = visitor.page.get_by_test_id("stProgress")
    title = re.escape(ENTRY.title)
    expect(progress).to_contain_text(
        re.compile(rf"Fetching {title}: [1-9][\d.]* of {ENTRY.megabytes} MB")
    )
    drawn = visitor.page.get_by_role("img", name="Most likely: ")
    expect(drawn).to_be_visible(timeout=30_000)
    expect(progress).to_have_count(0)
    said = visitor.page.locator("p", has_text="Most likely: ").inner_text()
    assert len(re.findall(r"\d%", said)) == 5
    expect(drawn.locator("rect")).to_have_count(5)
    file = f"/{ENTRY.hub_id}/resolve/main/model.safetensors"
    assert [path for way, path in hub.asked if way == "GET"] == [file]

    visitor.page.get_by_role("link", name=f"What {ENTRY.title} looks at").click()
    shown = visitor.page.locator(".frame .text")
    expect(shown).to_contain_text(
        f"Mean of {ENTRY.n_heads} heads of layer {ENTRY.n_layers}", timeout=20_000
    )
    model = visitor.page.get_by_role("combobox", name="Model")
    expect(model).to_have_value(f"Model: {ENTRY.title}")
