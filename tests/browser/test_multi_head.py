"""The page of several heads, used as a learner uses it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import expect

from core.multi_head import MultiHead
from pages._shared.multi_head_cut import OUTPUT, TRAINED, MultiHeadState
from pages._shared.multi_head_scene import see
from pages._shared.trained_heads import TrainedHeads
from pages._shared.trained_heads import see as see_trained
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/multi_head.py"
STATE = MultiHeadState.load()
LOADING: Final = 60_000  # milliseconds for PyTorch and a model
SVG: Final = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def wait_for_heads(visitor: Visitor, result: MultiHead) -> None:
    for head, weights in enumerate(result.attention.weights):
        visitor.wait_numbers(f"Head {head + 1}", weights)


def test_dragging_a_query_column_moves_its_own_head_alone(opened: Visitor) -> None:
    """Column 3.1 is head 3's: the other maps stay as they are during the drag."""
    before = [opened.numbers(f"Head {head}") for head in range(1, 5)]
    box = opened.cell("W_Q", 2, 4).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = opened.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 140, y, steps=7)
    opened.wait_for(
        lambda: abs(opened.numbers("Head 3") - before[2]).max() > 0.5,
        lambda: f"head 3 did not move:\n{opened.numbers('Head 3')}",
    )
    for head in (1, 2, 4):
        np.testing.assert_array_equal(opened.numbers(f"Head {head}"), before[head - 1])
    mouse.move(x - 200, y, steps=3)
    mouse.up()
    query = STATE.query.copy()
    query[2, 4] = opened.numbers("W_Q")[2, 4]
    assert query[2, 4] == pytest.approx(3.5 - 5.0)
    wait_for_heads(opened, see(replace(STATE, query=query)).result)


def test_the_same_numbers_are_cut_otherwise(opened: Visitor) -> None:
    """The bands change in place: the matrix and its numbers stay."""
    numbers = opened.numbers("W_Q")
    grid = opened.grid("W_Q")
    expect(grid.locator(".band")).to_have_text(["head 1", "head 2", "head 3", "head 4"])
    opened.press_segment("2", of="Heads")
    expect(grid.locator(".band")).to_have_text(["head 1", "head 2"])
    expect(grid.get_by_role("columnheader").nth(5)).to_have_text("2.1")
    np.testing.assert_array_equal(opened.numbers("W_Q"), numbers)
    wait_for_heads(opened, see(STATE.cut(2)).result)
    expect(opened.grid("Head 3")).to_have_count(0)
    # A head wears one colour: in its columns and over its map.
    colours = grid.locator(".column-label").evaluate_all(
        "labels => labels.map(label => getComputedStyle(label).borderBottomColor)"
    )
    assert len(set(colours[:4])) == len(set(colours[4:])) == 1
    assert colours[0] != colours[4]
    head = opened.page.locator(".banded > .head").nth(1)
    assert head.evaluate("head => getComputedStyle(head).borderBottomColor") == colours[4]
    opened.press_segment("Keys")
    opened.press_segment("8", of="Heads")
    # Eight heads may share keys in other ways than two: the next control is another one now.
    expect(opened.grid("W_K").locator(".band")).to_have_count(8)
    opened.settle()
    opened.press_segment("2", of="Key")
    expect(opened.grid("W_K").locator(".band")).to_have_text(["1–4", "5–8"])
    expect(opened.page.get_by_role("radiogroup", name="Key/value heads: grouped")).to_be_visible()
    # Fewer heads than shared keys: as many as there are stay together.
    opened.press_segment("2", of="Heads")
    expect(opened.grid("W_K").locator(".band")).to_have_text(["heads 1–2"])


def test_a_dropped_head_is_missed_in_the_output_and_comes_back(opened: Visitor) -> None:
    drop = opened.page.get_by_role("button", name="Drop head 2")
    expect(drop).to_have_attribute("aria-pressed", "false")
    drop.click()
    expect(opened.grid("Change")).to_be_visible()
    without = see(replace(STATE, dropped=frozenset({1}))).result
    opened.wait_numbers("Output", without.output, within=0.0501)
    expect(drop).to_have_attribute("aria-pressed", "true")
    said = opened.page.locator(".sum .said").nth(1)
    expect(said).to_contain_text("Without head 2 the output changes by at most 1.05")
    wait_for_heads(opened, see(STATE).result)  # no map changes
    drop.focus()
    opened.page.keyboard.press("Enter")
    expect(opened.grid("Change")).to_have_count(0)
    expect(drop).to_have_attribute("aria-pressed", "false")


def test_a_picture_that_is_taken_has_the_bands_and_what_is_dropped(opened: Visitor) -> None:
    opened.press_segment("Output")
    opened.page.get_by_role("button", name="Drop head 3").click()
    expect(opened.grid("Change")).to_be_visible()
    opened.settle()
    with opened.page.expect_download() as download:
        opened.page.get_by_role("button", name="SVG", exact=True).click()
    root = ElementTree.fromstring(Path(download.value.path()).read_text("utf-8"))
    texts = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")]
    assert [text for text in texts if re.fullmatch(r"head \d", text)] == [
        "head 1", "head 2", "head 3", "head 4",
    ]  # fmt: skip
    struck = [part for part in root.iter(f"{SVG}tspan") if part.get("text-decoration")]
    assert [part.text for part in struck] == ["Head 3"]
    # The strips: over four maps, over eight columns and beside eight rows, each in its colour.
    strips = [
        box.attrib
        for box in root.iter(f"{SVG}rect")
        if "4" in (box.get("width"), box.get("height"))
    ]
    fills = [strip["fill"] for strip in strips]
    maps, columns, rows = fills[:4], fills[4:12], fills[12:]
    assert len(set(maps)) == 4
    assert columns == rows == [colour for colour in maps for _ in range(2)]
    label = opened.grid("W_O").locator(".row-label").first
    shown = label.evaluate("label => getComputedStyle(label).borderRightColor")
    assert [int(maps[0][at : at + 2], 16) for at in (1, 3, 5)] == [
        int(part) for part in re.findall(r"\d+", shown)
    ]
    hatched = [box for box in root.iter(f"{SVG}rect") if box.get("fill") == "url(#off)"]
    assert len(hatched) == 36, "the map of the head that is dropped"


def test_choosing_a_weight_in_a_map_names_its_head(opened: Visitor) -> None:
    opened.cell("Head 4", 1, 2).click()
    heading = "The arithmetic behind “cat” reading “and” in head 4"
    expect(opened.page.get_by_role("heading", name=heading)).to_be_visible()
    opened.press_segment("Output")
    expect(opened.grid("W_O")).to_be_visible()
    opened.typed("W_O", 6, 4, "2")
    output = STATE.output.copy()
    output[6, 4] = 2.0
    state = replace(STATE, output=output, part=OUTPUT)
    opened.wait_numbers("Output", see(state).result.output, within=0.0501)


def test_the_cache_grows_word_by_word(opened: Visitor) -> None:
    opened.press_segment("Cache")
    expect(opened.grid("K so far").get_by_role("rowheader").last).to_have_text("+ and")
    slider = opened.page.get_by_role("slider", name="Words so far")
    slider.focus()
    for n in (4, 5, 6):
        opened.page.keyboard.press("ArrowRight")
        opened.wait_for(lambda n=n: opened.numbers("K so far").shape == (n, 8), lambda: "no row")
        assert opened.numbers("Weights of the new word").shape == (4, n)
    full = see(replace(STATE, causal=True)).result
    opened.wait_numbers("Output", full.output[5:], within=0.0501)
    opened.wait_numbers("Full pass", full.output[5:], within=0.0501)
    said = opened.page.locator(".sum .said").nth(1)
    expect(said).to_contain_text("Largest difference from the full causal pass: ")


def test_counts_show_a_picture_and_tables(opened: Visitor) -> None:
    opened.press_segment("Counts")
    opened.settle()
    tables = opened.page.get_by_test_id("stMain").locator("table")
    expect(tables.nth(1)).to_contain_text("512 MiB")
    opened.choose("Numbers of", "8 bits")
    expect(tables.nth(1)).to_contain_text("256 MiB")
    opened.choose("Tokens", "131,072")
    expect(tables.nth(1)).to_contain_text("8 GiB")
    expect(opened.page.get_by_test_id("stVegaLiteChart")).to_have_count(1)
    opened.press_segment("Values")
    expect(opened.grid("W_V")).to_be_visible()


def test_it_is_usable_on_a_telephone(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(width=390, height=844)
    visitor.open(FILE)
    for part, title in (("Queries", "W_Q"), ("Output", "W_O")):
        visitor.press_segment(part)
        expect(visitor.grid(title)).to_be_visible()
        visitor.settle()
        wide = visitor.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390
        # Eight columns and their names fit side by side.
        row = visitor.grid(title).evaluate("grid => grid.getBoundingClientRect().width")
        assert row <= 390


def test_a_trained_head_is_chosen_and_dropped_and_a_pattern_is_painted(opened: Visitor) -> None:
    page = opened.page
    opened.press_segment(TRAINED)
    tiles = page.locator(".head-grid .tile")
    expect(tiles).to_have_count(72, timeout=LOADING)
    tiles.nth(12 + 8).click()
    expect(page.locator(".attention-map .title")).to_have_text("Head 9 of layer 2")
    expect(page.locator(".sum .said").first).to_contain_text("Head 9 of layer 2 has a role")
    page.get_by_role("button", name="Drop layer 2, head 9").click()
    expect(page.locator(".sum .said").nth(1)).to_contain_text("Without head 9 of layer 2")
    # The word before, painted by hand in three rows, is what head 3 of layer 1 reads.
    page.get_by_role("button", name="Paint").click()
    picture = page.locator(".attention-map .picture")
    box = picture.bounding_box()
    assert box is not None
    n_words = len(see_trained(TrainedHeads(on=True)).shown.labels)
    for row in (4, 7, 10):
        x, y = (row - 0.5) * box["width"] / n_words, (row + 0.5) * box["height"] / n_words
        picture.click(position={"x": x, "y": y})
    expect(page.get_by_role("radio", name="My own")).to_be_checked()
    expect(page.locator(".head-grid")).to_contain_text("Most like it: head 3 of layer 1")
    expect(tiles.first).to_contain_text("L1 H3")
    page.get_by_role("button", name="Undo", exact=True).click()
    opened.press_segment("Queries")
    wait_for_heads(opened, see(STATE).result)
