"""The Transformer page, used as a learner uses it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/transformer.py"


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def block(visitor: Visitor, name: str) -> Locator:
    """Return the blocks of the drawing whose spoken name begins so."""
    return visitor.page.locator(f".model [role=button][aria-label^='{name}']")


def heading(visitor: Visitor) -> Locator:
    # While a run ends, the one before may still stand there.
    return visitor.page.locator(".opened-block h2").first


def test_the_drawing_is_gone_through_with_the_keys_and_what_is_opened_is_in_sight(
    opened: Visitor,
) -> None:
    page = opened.page
    block(opened, "Cross-attention").first.focus()
    page.keyboard.press("Home")
    first = page.locator(".model [role=button]:focus")
    expect(first).to_have_attribute("aria-label", re.compile("encoder"))
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(heading(opened)).to_have_text("Encoder: word vectors")
    # It was opened at the foot of a drawing that is higher than the window.
    expect(heading(opened)).to_be_in_viewport()
    expect(page.locator(".model [role=button]:focus")).to_have_attribute("aria-current", "true")
    opened.settle()


def test_a_block_is_switched_off_and_on_and_the_translation_follows(opened: Visitor) -> None:
    page = opened.page
    block(opened, "Feed-forward").nth(2).click()
    expect(heading(opened)).to_have_text("Decoder, layer 1: feed-forward")
    answer = page.locator("p.text[role=status]").first
    whole = answer.inner_text()
    page.get_by_role("button", name="Switch off: Decoder, layer 1").click()
    expect(answer).to_contain_text("With 1 block off")
    assert answer.inner_text().splitlines()[-1].partition("→")[2] not in whole
    expect(block(opened, "Feed-forward off")).to_have_count(1)
    page.get_by_role("button", name="Switch all on").click()
    expect(answer).to_have_text(whole)
    opened.settle()


def test_the_lens_is_read_at_any_depth(opened: Visitor) -> None:
    opened.press_segment("Residual stream")
    said = opened.page.locator("p, figcaption", has_text="Before layer 1")
    expect(said.first).to_be_visible()
    expect(opened.page.get_by_text("Which blocks were needed?")).to_be_visible()
    opened.settle()
