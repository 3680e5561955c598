"""The page of positions, used as a learner uses it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from core.position_grid import read_grid
from pages._shared.position_toy import PositionState, see
from tests.browser.axe import wear
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/positional_encoding.py"
START = PositionState()


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def words(visitor: Visitor) -> list[str]:
    return visitor.page.locator(".word-order .chip").all_inner_texts()


def wait_for_state(visitor: Visitor, state: PositionState) -> None:
    """Wait until words, weights and changes are those of a state."""
    scene = see(state)
    visitor.wait_for(lambda: words(visitor) == list(state.words), lambda: words(visitor))
    expect(visitor.grid("No positions").get_by_role("rowheader")).to_have_text(list(state.words))
    visitor.wait_numbers("No positions", scene.plain.attention.weights)
    visitor.wait_numbers("Sinusoidal positions", scene.read.attention.weights)
    if state.is_moved:
        visitor.wait_numbers("Change with positions", scene.effect.weights)
        assert (visitor.numbers("Change without") == 0).all()


def drag_word(visitor: Visitor, start: int, end: int) -> None:
    chips = visitor.page.locator(".word-order .chip")
    boxes = [chips.nth(place).bounding_box() for place in (start, end)]
    (x, y), (to_x, to_y) = (
        (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box
    )
    mouse = visitor.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move((x + to_x) / 2, y, steps=5)
    mouse.move(to_x, to_y, steps=8)
    mouse.up()


def test_a_word_is_dragged_and_only_the_order_changes_without_positions(opened: Visitor) -> None:
    wait_for_state(opened, START)
    drag_word(opened, 4, 0)
    state = START.ordered((1, 0, 4, 2, 3))
    wait_for_state(opened, state)
    said = opened.page.locator(".word-order .said p")
    expect(said.first).to_contain_text("Without positions the words moved and nothing else did")
    expect(said.nth(1)).to_contain_text("With sinusoidal positions weights differ by up to 0.")
    # A word's numbers are edited where it stands now, and are its own wherever it goes.
    opened.typed("Words", 0, 1, "-2")
    content = START.content.copy()
    content[1, 1] = -2  # “dog”
    state = PositionState(content=content).ordered(state.order)
    wait_for_state(opened, state)
    opened.page.get_by_role("button", name="As typed").click()
    wait_for_state(opened, state.ordered((0, 1, 2, 3, 4)))
    expect(opened.grid("Change with positions")).to_have_count(0)
    assert opened.numbers("Words")[1, 1] == -2


def test_arrow_keys_move_a_word_and_shuffling_moves_some(opened: Visitor) -> None:
    page = opened.page
    page.locator(".word-order .chip").nth(1).focus()
    for _ in range(2):
        page.keyboard.press("ArrowRight")
    assert words(opened) == ["the", "bit", "the", "man", "dog"]
    wait_for_state(opened, START.ordered((0, 2, 3, 4, 1)))
    expect(page.locator(".word-order .chip:focus")).to_have_text("man")
    page.keyboard.press("ArrowLeft")
    wait_for_state(opened, START.ordered((0, 2, 4, 3, 1)))
    before = words(opened)
    page.get_by_role("button", name="Shuffle").click()
    opened.wait_for(lambda: opened.grid("No positions").count(), lambda: "no board")
    after = words(opened)
    assert sorted(after) == sorted(before)
    opened.settle()
    expect(opened.grid("No positions").get_by_role("rowheader")).to_have_text(after)
    page.keyboard.press("Control+z")
    wait_for_state(opened, START.ordered((0, 2, 4, 3, 1)))


def test_shuffling_always_shows(opened: Visitor) -> None:
    """Words that read alike do not just change places with each other."""
    opened.fill("Words, 2 to 8", "the the the dog")
    opened.wait_for(lambda: words(opened) == ["the", "the", "the", "dog"], lambda: words(opened))
    opened.settle()
    for _ in range(12):
        before = words(opened)
        opened.page.get_by_role("button", name="Shuffle").click()
        assert words(opened) != before


def test_rotary_weights_stay_when_the_sentence_moves_on(opened: Visitor) -> None:
    opened.press_segment("Rotary")
    expect(opened.grid("Rotary positions")).to_be_visible()
    opened.settle()
    weights, turned = opened.numbers("Rotary positions"), opened.numbers("Query = key, turned")
    opened.fill("First position", "100")
    expect(opened.page.locator(".word-order .place").first).to_have_text("100")
    opened.wait_for(
        lambda: abs(opened.numbers("Query = key, turned") - turned).max() > 0.5, lambda: "it stays"
    )
    opened.settle()
    np.testing.assert_array_equal(opened.numbers("Rotary positions"), weights)


def test_a_place_of_the_trained_grid_is_read_and_chosen(opened: Visitor) -> None:
    opened.press_segment("Learned")
    opened.press_segment("A trained grid")
    shown = opened.page.locator(".maps .map").filter(has_text="Likeness to one position")
    picture = shown.locator(".picture")
    expect(picture).to_be_visible()
    opened.settle()
    grid = read_grid()
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    assert box is not None
    at = {"x": box["width"] * 3.5 / 37, "y": box["height"] * 30.5 / 37}
    picture.hover(position=at)  # type: ignore[arg-type]
    readout = shown.locator(".readout")
    value = f"{grid.likeness(18, 18)[30, 3]:.2f}".replace("-", "−")
    expect(readout).to_have_text(f"row 31, column 4: {value}")
    picture.click(position=at)  # type: ignore[arg-type]
    text = shown.locator(".text")
    expect(text).to_contain_text("the neighbours of row 31, column 4")
    picture.focus()
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("ArrowUp")
    opened.page.keyboard.press("Enter")
    expect(text).to_contain_text("the neighbours of row 30, column 5")
    expect(readout).to_have_text("row 30, column 5: 1.00")


def test_maps_wear_the_theme(opened: Visitor) -> None:
    canvas = opened.page.locator(".maps canvas").first
    light = canvas.evaluate("canvas => canvas.toDataURL()")
    wear(opened, "dark")
    opened.wait_for(
        lambda: canvas.evaluate("canvas => canvas.toDataURL()") != light, lambda: "it stays light"
    )


def test_positions_are_learned_while_one_waits(opened: Visitor) -> None:
    opened.press_segment("Learned")
    # The sinusoids, which stood there before, start with 0 and 1.
    opened.wait_for(lambda: opened.numbers("Positions")[0, 1] != 1, lambda: "still sinusoids")
    opened.settle()
    start = opened.numbers("Positions")
    opened.page.get_by_role("button", name="Train", exact=True).click()
    said = opened.page.get_by_text(re.compile(r"After 200 steps, on 500 new sentences: .*% right"))
    expect(said).to_be_visible(timeout=60_000)
    opened.wait_for(
        lambda: abs(opened.numbers("Positions") - start).max() > 0.2, lambda: "it stays", seconds=20
    )
    opened.settle()
    learned = opened.numbers("Positions")
    opened.page.locator(".tools").get_by_role("button", name="Undo", exact=True).click()
    opened.wait_numbers("Positions", start)
    opened.page.locator(".tools").get_by_role("button", name="Redo", exact=True).click()
    opened.wait_numbers("Positions", learned)
