"""The translation page, used as a learner uses it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/translation.py"
TELEPHONE = 390


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def line(visitor: Visitor, name: str) -> Locator:
    """Return the words of a line."""
    lines = visitor.page.locator(".translation .line")
    return lines.filter(has=visitor.page.get_by_text(name, exact=True)).locator(".word")


def written(visitor: Visitor, name: str = "French") -> Locator:
    return line(visitor, name).locator(".text")


def button(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(".action-bar").get_by_role("button", name=name)


def test_a_hidden_word_changes_the_french_and_is_taken_back(opened: Visitor) -> None:
    before = written(opened).all_inner_texts()
    assert before[:2] == ["le", "chat"]
    button(opened, "Hide “cat”").press("Enter")
    expect(line(opened, "English").nth(1)).to_contain_text("hidden")
    expect(written(opened, "French before")).to_have_text(before)
    expect(line(opened, "French now").nth(1)).to_contain_text("changed")
    expect(button(opened, "Show “cat” again")).to_be_focused()
    said = opened.page.locator(".translation .said")
    expect(said).to_contain_text("In this place stood “chat” with")
    button(opened, "“cat” hidden").click()
    expect(written(opened)).to_have_text(before)
    expect(button(opened, "“cat” hidden")).to_have_count(0)
    opened.settle()


def test_a_word_lights_up_in_all_pictures_and_choosing_it_shows_what_else_there_was(
    opened: Visitor,
) -> None:
    map_ = opened.page.locator(".attention-map")
    line(opened, "French").nth(5).hover()
    expect(map_.locator(".rows .label.lit")).to_have_text("sur")
    line(opened, "French").nth(5).click()
    expect(opened.page.locator(".alternatives .heading")).to_have_text("In the place of “sur”")
    expect(opened.page.locator(".alternative").first).to_contain_text("sur")
    map_.locator(".picture").focus()
    opened.page.keyboard.press("ArrowDown")
    opened.page.keyboard.press("Enter")
    expect(opened.page.locator(".alternatives .heading")).to_have_text("In the place of “le”")
    expect(line(opened, "French").nth(6)).to_have_attribute("aria-pressed", "true")
    opened.settle()


def test_the_translation_is_gone_through_word_by_word_with_the_keys(opened: Visitor) -> None:
    opened.press_segment("Word by word")
    expect(written(opened)).to_have_text(["le", "chat"])
    following = opened.page.locator(".steps").get_by_role("button", name="Next word")
    following.focus()
    opened.page.keyboard.press("ArrowRight")
    expect(written(opened)).to_have_count(3)
    opened.page.keyboard.press("ArrowRight")
    expect(written(opened)).to_have_count(4)
    expect(following).to_be_focused()
    expect(opened.page.locator(".attention-map .rows .label")).to_have_count(4)
    opened.page.keyboard.press("Home")
    expect(written(opened)).to_have_count(1)
    expect(opened.page.locator(".steps")).to_contain_text("Word 1 of")
    opened.settle()


def test_typed_markup_stays_text_and_unknown_words_are_named_first(opened: Visitor) -> None:
    opened.press_segment("Your own")
    opened.fill("An English sentence", "The <img src=x onerror=alert(1)> **cqt** sat.")
    notice = opened.page.locator(".action-bar .said")
    expect(notice).to_contain_text("are not among the")
    expect(opened.page.locator(".translation")).to_have_count(0)
    button(opened, "Translate anyway").click()
    expect(line(opened, "English").first).to_be_visible()
    opened.settle()
    assert opened.page.locator("[data-testid=stMain] img").count() == 0
    expect(line(opened, "English").get_by_text("onerror")).to_be_visible()
    button(opened, "“cqt” → “cat”").click()
    expect(line(opened, "English").get_by_text("cat", exact=True)).to_have_count(0)
    expect(notice).not_to_contain_text("“cqt”")
    opened.settle()


@pytest.mark.parametrize(
    ("view", "shows"),
    [
        ("All at once", ".head-grid"),
        ("Tired or wide", "text=The translations part at"),
        ("Beam search", ".beam svg"),
        ("Against a GRU", ".attention-map .title >> text=GRU"),
    ],
)
def test_a_telephone_shows_every_view_within_its_width(
    view: str, shows: str, new_visitor: NewVisitor
) -> None:
    visitor = new_visitor(width=TELEPHONE, height=844)
    visitor.open(FILE)
    visitor.press_segment(view)
    expect(visitor.page.locator(shows).first).to_be_visible()
    expect(visitor.page.locator(".head-grid")).to_have_count(int(view == "All at once"))
    visitor.settle()
    main = visitor.page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 0
    parts = visitor.page.locator(".translation, .action-bar, .attention-map, .beam")
    ends = parts.evaluate_all("parts => parts.map(part => part.getBoundingClientRect().right)")
    assert ends
    assert max(ends) <= TELEPHONE
