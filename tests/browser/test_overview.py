"""The first page: its live attention and the map of the lab."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from core.attention import scaled_dot_product_attention
from pages._shared.catalog import PAGES, find_page
from pages._shared.glossary import GLOSSARY
from pages._shared.paths import PATHS
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

DOT_PRODUCT = PAGES[1]


def the_map(visitor: Visitor) -> Locator:
    return visitor.page.locator(".lab")


def unfold(visitor: Visitor, title: str) -> Locator:
    """Open a part of the map that folds, and return it."""
    box = (
        the_map(visitor)
        .locator("details")
        .filter(has=visitor.page.get_by_role("heading", name=title, exact=True))
    )
    if not box.evaluate("box => box.open"):
        box.locator("summary").click()
    return box


def expect_question(visitor: Visitor, question: str) -> None:
    heading = visitor.page.get_by_role("heading", level=1)
    expect(heading).to_have_text(question, timeout=60_000)
    visitor.settle()


def test_an_edit_moves_weights_output_and_words(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    expect(visitor.page.get_by_text("“it” reads “animal” (0.92)")).to_be_visible()
    visitor.typed("Query", 0, 0, "-2")
    query, key, value = (visitor.numbers(title) for title in ("Query", "Keys", "Values"))
    attention = scaled_dot_product_attention(query, key, value)
    visitor.wait_numbers("Weights", attention.weights)
    visitor.wait_numbers("Output", attention.output)
    assert attention.weights[0].argmax() == 1
    expect(visitor.page.get_by_text("“it” reads “street”")).to_be_visible()
    visitor.page.get_by_role("button", name="Reset Query").click()
    expect(visitor.page.get_by_text("“it” reads “animal” (0.92)")).to_be_visible()


def test_an_edit_survives_another_page(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    visitor.typed("Keys", 1, 0, "3")
    visitor.settle()
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] < 0.9, lambda: "no answer")
    weights = visitor.numbers("Weights")
    visitor.go("Scaled dot-product", "Q")
    visitor.go("Overview", "Keys")
    np.testing.assert_array_equal(visitor.numbers("Weights"), weights)
    assert visitor.numbers("Keys")[1, 0] == 3


@pytest.mark.parametrize("width", [1280, 390])
def test_a_link_of_the_map_keeps_the_session(width: int, new_visitor: NewVisitor) -> None:
    """Also where the menu is folded away."""
    visitor = new_visitor(width=width, height=844)
    visitor.open("streamlit_app.py")
    visitor.typed("Query", 0, 0, "-2")
    expect(visitor.page.get_by_text("“it” reads “street”")).to_be_visible()
    visitor.page.evaluate("window.stillHere = true")
    the_map(visitor).get_by_role("link", name=DOT_PRODUCT.title).first.click()
    expect_question(visitor, DOT_PRODUCT.question)
    expect(visitor.page).to_have_url(re.compile("/scaled_dot_product"))
    assert visitor.page.evaluate("window.stillHere")
    assert visitor.page.get_by_test_id("stMain").evaluate("main => main.scrollTop") == 0
    visitor.page.go_back()
    expect_question(visitor, PAGES[0].question)
    assert visitor.numbers("Query")[0, 0] == -2


def test_a_link_opens_a_new_tab_where_that_is_asked_for(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    link = the_map(visitor).get_by_role("link", name=DOT_PRODUCT.title).first
    with visitor.context.expect_page() as opened:
        link.click(modifiers=["Control"])
    expect(opened.value.get_by_role("heading", level=1)).to_have_text(DOT_PRODUCT.question)
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(PAGES[0].question)
    opened.value.close()


def test_a_path_stays_open_while_it_is_walked(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    long = PATHS[1]
    steps = unfold(visitor, long.title).locator("ol ul li")
    expect(steps).to_have_count(len(long.steps))
    expect(steps.first).to_contain_text(long.steps[0].do)
    last = find_page(long.steps[-1].file)
    unfold(visitor, long.title).get_by_role("link", name=last.title).click()
    expect_question(visitor, last.question)
    visitor.menu(PAGES[0].title)
    expect_question(visitor, PAGES[0].question)
    expect(steps.first).to_be_visible()


def test_an_experiment_that_was_tried_is_counted_on_the_card_of_its_page(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    lines = {
        page.file: the_map(visitor).locator(".card", has_text=page.question).locator(".progress")
        for page in PAGES
    }
    for line in lines.values():
        expect(line).to_have_text("")
    visitor.menu(DOT_PRODUCT.title)
    expect_question(visitor, DOT_PRODUCT.question)
    lesson = visitor.page.locator(".lesson")
    lesson.locator(".list button").first.click()
    lesson.get_by_role("radio").first.check()
    lesson.get_by_role("button", name="Predict", exact=True).click()
    expect(lesson.locator(".verdict")).not_to_be_empty()
    visitor.settle()
    visitor.menu(PAGES[0].title)
    expect_question(visitor, PAGES[0].question)
    n_experiments = len(DOT_PRODUCT.experiments)
    expect(lines.pop(DOT_PRODUCT.file)).to_have_text(f"1 of {n_experiments} experiments tried")
    for line in lines.values():
        expect(line).to_have_text("")


def test_the_glossary_is_searched_by_typing(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    glossary = unfold(visitor, "Glossary")
    terms, field = glossary.locator(".term:visible"), glossary.get_by_role("searchbox")
    expect(terms).to_have_count(len(GLOSSARY))
    field.click()
    visitor.page.keyboard.type("Root of d")  # with letters that are Streamlit's shortcuts
    expect(terms).to_have_count(1)
    expect(terms.locator("dt")).to_have_text("scale")
    expect(glossary.get_by_role("status")).to_have_text(f"1 of {len(GLOSSARY)}")
    field.fill("<b>nonsense</b>")
    expect(terms).to_have_count(0)
    expect(glossary.get_by_role("status")).to_have_text("Not in the glossary.")
    glossary.get_by_role("button", name="Show all").click()
    expect(terms).to_have_count(len(GLOSSARY))
    expect(field).to_be_focused()


def test_terms_lead_to_where_they_live(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    glossary = unfold(visitor, "Glossary")
    here = visitor.page.get_by_text("attention", exact=True)
    glossary.locator(".term").filter(has=here).get_by_role("link").click()
    heading = visitor.page.get_by_role("heading", name="What is attention?")
    expect(heading).to_be_in_viewport()
    expect(heading).to_be_focused()
    expect(visitor.page).not_to_have_url(re.compile("#"))
    query = glossary.locator(".term").filter(has=visitor.page.get_by_text("query", exact=True))
    query.get_by_role("link").click()
    expect_question(visitor, DOT_PRODUCT.question)


def test_the_keyboard_alone_follows_a_card_that_shows_its_focus(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    link = the_map(visitor).get_by_role("link", name=DOT_PRODUCT.title).first
    visitor.page.keyboard.press("Tab")  # from here on the keyboard is in use
    link.focus()
    card = the_map(visitor).locator(".card", has_text=DOT_PRODUCT.question)
    assert card.evaluate("card => parseFloat(getComputedStyle(card).outlineWidth)") >= 2
    visitor.page.keyboard.press("Enter")
    expect_question(visitor, DOT_PRODUCT.question)


def test_only_sources_leave_the_lab_and_they_say_so(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    sources = unfold(visitor, "Sources")
    expect(sources).to_contain_text("open in a new tab")
    links = (
        the_map(visitor)
        .locator("a")
        .evaluate_all(
            """links => links.map(link => ({
            outside: new URL(link.href).host !== location.host, target: link.target,
            rel: link.rel, source: Boolean(link.closest(".sources"))}))"""
        )
    )
    assert {link["outside"] for link in links} == {True, False}
    for link in links:
        assert link["outside"] == link["source"] == (link["target"] == "_blank")
        assert ("noopener" in link["rel"]) == link["outside"]


@pytest.mark.parametrize("width", [1280, 390])
def test_the_map_fits_however_much_is_open(width: int, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(width=width, height=844)
    visitor.open("streamlit_app.py")
    for title in (*(path.title for path in PATHS), "Glossary", "Sources"):
        unfold(visitor, title)
    edges = the_map(visitor).evaluate(
        """lab => [lab.getBoundingClientRect().right, ...[...lab.querySelectorAll("*")]
            .map(node => node.getBoundingClientRect().right)]"""
    )
    assert max(edges) <= edges[0] + 1
