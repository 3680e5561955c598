"""Traps, used as a learner uses them."""

from __future__ import annotations

import re
from importlib import import_module

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from pages._shared.dot_product_state import DotProductState, see
from pages._shared.toy_state import ToyState
from pages._shared.traps.scaled_dot_product import TRAPS
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/scaled_dot_product.py"
OVERFLOW, LEAK = TRAPS[0], TRAPS[1]


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def said(visitor: Visitor) -> Locator:
    return visitor.page.locator(".traps .said")


def slider(visitor: Visitor, label: str) -> Locator:
    return visitor.page.get_by_role("slider", name=label, exact=True)


def sentence(trap_stops: tuple[int, ...], **edited: np.ndarray) -> str:
    board = ToyState.load("Cat, sat, mat").edited(edited)
    return OVERFLOW.show(see(DotProductState(board)), trap_stops).said


def test_a_knob_is_turned_until_it_breaks(opened: Visitor) -> None:
    expect(opened.grid("Wrong")).to_have_count(0)
    opened.press_segment(OVERFLOW.title)
    expect(said(opened)).to_have_text(sentence((1, 0)))
    expect(opened.grid("Wrong")).to_be_visible()
    assert np.isfinite(opened.numbers("Wrong")).all()
    slider(opened, "Scores").focus()
    opened.page.keyboard.press("ArrowRight")
    expect(said(opened)).to_have_text(sentence((2, 0)))
    opened.wait_for(lambda: np.isnan(opened.numbers("Wrong")).any(), lambda: "all are numbers")
    np.testing.assert_allclose(opened.numbers("Right").sum(1), 1, atol=0.03)
    opened.press_segment("float32")
    expect(said(opened)).to_have_text(sentence((2, 1)))
    # A look, no step to undo; and the page's own board is as it was.
    expect(opened.page.get_by_role("button", name="Undo", exact=True)).to_be_disabled()
    opened.page.get_by_role("button", name="Close", exact=True).click()
    expect(opened.grid("Wrong")).to_have_count(0)
    expect(said(opened)).to_be_hidden()
    expect(opened.page.get_by_role("radio", name=OVERFLOW.title)).to_be_focused()
    expect(opened.page.get_by_role("radio", name=OVERFLOW.title)).not_to_be_checked()


def test_an_edit_above_reaches_the_open_trap(opened: Visitor) -> None:
    opened.press_segment(OVERFLOW.title)
    expect(said(opened)).to_have_text(sentence((1, 0)))
    query = opened.numbers("Q")
    query[2, 0] = 20.0
    opened.typed("Q", 2, 0, "20")
    expect(said(opened)).to_have_text(sentence((1, 0), query=query))
    # And what takes it back again.
    opened.page.get_by_role("button", name="Undo", exact=True).click()
    opened.wait_for(lambda: opened.numbers("Q")[2, 0] == 2, lambda: opened.numbers("Q"))
    expect(said(opened)).to_have_text(sentence((1, 0)))


def test_a_slider_ends_where_the_hand_leaves_it(opened: Visitor, new_visitor: NewVisitor) -> None:
    opened.press_segment(LEAK.title)
    expect(said(opened)).to_contain_text("leaks")
    box = slider(opened, "Added to every score").bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    opened.page.mouse.move(box["x"] + 8, y)
    opened.page.mouse.down()
    for share in (*np.linspace(0, 1, 20), *np.linspace(1, 0.3, 20)):
        opened.page.mouse.move(box["x"] + 8 + share * (box["width"] - 16), y)
        opened.page.wait_for_timeout(15)
    opened.page.mouse.up()
    stop = int(slider(opened, "Added to every score").input_value())
    assert 2 < stop < 7
    expected = LEAK.show(see(DotProductState()), (0, stop)).said
    expect(said(opened)).to_have_text(expected)
    opened.settle()
    address = opened.href
    opened.page.wait_for_timeout(600)
    expect(slider(opened, "Added to every score")).to_have_value(str(stop))
    # The address holds it.
    opened.wait_for(lambda: "s=" in opened.href, lambda: address)
    other = new_visitor()
    other.follow(opened.href)
    expect(said(other)).to_have_text(expected)
    expect(slider(other, "Added to every score")).to_have_value(str(stop))


@pytest.mark.parametrize("slowness", [1, 20])
def test_words_that_were_typed_are_taken_when_a_trap_is_opened_next(
    slowness: int, opened: Visitor
) -> None:
    opened.page.get_by_role("textbox", name="Tokens").fill("the dog sat on mat")
    browser = opened.context.new_cdp_session(opened.page)
    browser.send("Emulation.setCPUThrottlingRate", {"rate": slowness})
    opened.press_segment("What True means")
    browser.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    expect(said(opened)).to_contain_text("most of it on “dog”")
    expect(opened.grid("Q").get_by_role("rowheader").nth(1)).to_have_text("dog")


def test_keys_alone_open_choose_and_close(opened: Visitor) -> None:
    first = opened.page.get_by_role("radio", name=OVERFLOW.title)
    first.focus()
    opened.page.keyboard.press("Space")
    expect(said(opened)).to_contain_text("The largest logit")
    expect(first).to_be_focused()
    opened.page.keyboard.press("ArrowRight")
    expect(said(opened)).to_contain_text("leaks to the words after it")
    expect(opened.page.get_by_role("radio", name=LEAK.title)).to_be_focused()


@pytest.mark.parametrize("name", ["self_vs_cross", "multi_head", "positional_encoding"])
def test_the_traps_of_other_pages(name: str, visitor: Visitor) -> None:
    visitor.open(f"pages/{name}.py")
    sentences = set()
    for trap in import_module(f"pages._shared.traps.{name}").TRAPS:
        visitor.press_segment(trap.title)
        expect(visitor.page.locator(".traps .about")).to_have_text(trap.about)
        expect(visitor.grid("Wrong")).to_be_visible()
        visitor.wait_for(
            lambda: said(visitor).inner_text() not in {*sentences, ""}, lambda: sentences
        )
        sentences.add(said(visitor).inner_text())
        # The sentence may be there before the board has followed.
        shapes = lambda: [visitor.numbers(side).shape for side in ("Wrong", "Right")]  # noqa: E731
        visitor.wait_for(lambda of=shapes: len(set(of())) == 1, shapes)


def test_choosing_in_a_trap_is_no_answer_to_an_experiment(opened: Visitor) -> None:
    """Its cells are no places of the page's own board."""
    opened.press_segment("What True means")
    expect(opened.grid("Wrong")).to_be_visible()
    heading = opened.page.locator(".sum h2")
    before = heading.inner_text()
    opened.cell("Wrong", 0, 3).click()
    opened.settle()
    expect(heading).to_have_text(before)
    assert re.search(r"query\s*\\\s*word", opened.grid("Wrong").inner_text())
