"""The page of the text encoder in a browser: heads chosen, painted, dropped, words masked."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from pages._shared.text_examples import EXAMPLES
from pages._shared.text_scene import VIEWS
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/text_classification.py"
LONG = next(example for example in EXAMPLES if example.name == "A longer text")


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def write(visitor: Visitor, text: str) -> None:
    field = visitor.page.get_by_label("Text", exact=True)
    field.fill(text)
    field.press("Control+Enter")
    visitor.settle()


def small_head(visitor: Visitor, layer: int, head: int) -> Locator:
    return visitor.page.locator(".head-grid .tile").nth(12 * (layer - 1) + head - 1)


def title(visitor: Visitor) -> Locator:
    return visitor.page.locator(".attention-map .title")


def effect(visitor: Visitor) -> Locator:
    return visitor.page.locator(".effect")


def test_a_head_is_chosen_dropped_and_the_change_is_said(opened: Visitor) -> None:
    small_head(opened, 6, 5).click()
    expect(title(opened)).to_have_text("Head 5 of layer 6")
    opened.settle()
    opened.press_segment("Drop the head")
    expect(effect(opened)).to_contain_text("Without head 5 of layer 6 the embedding")
    expect(small_head(opened, 6, 5)).to_have_class(re.compile("dropped"))
    opened.settle()
    opened.page.get_by_text("Mean of 12 heads", exact=True).click()
    expect(title(opened)).to_have_text("Mean of 12 heads of layer 6")
    opened.settle()


def test_what_is_typed_is_read_and_stays_text(opened: Visitor) -> None:
    write(opened, "<img src=x onerror=alert(1)> **bold** [MASK] 😀")
    page = opened.page
    expect(page.get_by_text("is plain text here")).to_be_visible()
    expect(page.get_by_text("cannot spell “😀”")).to_be_visible()
    assert page.locator("[data-testid=stMain] img[src=x]").count() == 0
    expect(page.get_by_role("combobox", name="Start from")).not_to_have_value("A pronoun")
    write(opened, "")
    expect(page.get_by_text("There is no word here.")).to_be_visible()
    write(opened, "word " * 2000)
    expect(
        page.get_by_text("The last 1,746 words, from the 255th on, are left out.")
    ).to_be_visible()
    opened.settle()


def test_a_painted_pattern_ranks_the_heads(opened: Visitor) -> None:
    opened.press_segment("Find a head")
    opened.settle()
    first = opened.page.locator(".head-grid .tile").first
    expect(first).to_contain_text("L1 H3")
    opened.press_segment("My own")
    opened.settle()
    picture = opened.page.locator(".attention-map .picture")
    picture.focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowRight", "Space"):
        opened.page.keyboard.press(key)
    expect(opened.page.get_by_text("Most like it: head")).to_be_visible()
    opened.settle()
    assert opened.page.locator(".head-grid .tile").count() == 72


def test_words_are_masked_with_the_keyboard_too(opened: Visitor) -> None:
    opened.press_segment("Mask a word")
    opened.settle()
    words = opened.page.locator(".word-bars [role=button]")
    words.nth(1).click()
    expect(effect(opened)).to_contain_text("With “doctor” masked")
    opened.settle()
    expect(opened.page.locator(".attention-map .legend")).to_have_text(re.compile("−1.00.*[+]1.00"))
    opened.page.locator(".attention-map .picture").focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight"):
        opened.page.keyboard.press(key)
    expect(opened.page.locator(".attention-map .readout")).to_have_text(
        re.compile("“doctor, masked” reads “The”: −[.0-9]+$")
    )
    words.nth(1).focus()
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("Enter")
    expect(effect(opened)).to_contain_text("With “doctor”, “gave” masked")
    expect(words.nth(2)).to_have_attribute("aria-pressed", "true")
    opened.settle()
    expect(words.nth(2)).to_be_focused()
    opened.page.keyboard.press("Enter")
    expect(effect(opened)).to_contain_text("With “doctor” masked")
    opened.settle()


def test_leaving_out_every_word_of_a_long_text_can_be_left(opened: Visitor) -> None:
    opened.choose("Start from", LONG.name)
    opened.settle()
    opened.press_segment("Classify")
    button = opened.page.get_by_role("button", name=re.compile("Leave out each of the"))
    button.click()
    so_far = opened.page.get_by_text("words left out so far").first
    expect(so_far).to_be_visible()
    opened.press_segment("Heads")
    # Drawing 72 heads of a long text may take seconds, and so says nothing of what was left.
    expect(title(opened)).to_have_text("Head 3 of layer 1", timeout=30_000)
    opened.settle()
    opened.press_segment("Classify")  # it goes on where it stopped, which was not the end
    expect(so_far).to_be_visible()
    expect(opened.page.get_by_text("Matters most:")).to_be_visible(timeout=60_000)
    opened.settle()


def test_a_telephone_shows_every_view_without_a_second_direction(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(width=390, height=844)
    visitor.open(FILE)
    for view in VIEWS:
        visitor.press_segment(view)
        visitor.settle()
        wide = visitor.page.get_by_test_id("stMain").evaluate("m => m.scrollWidth - m.clientWidth")
        assert wide <= 0, view
