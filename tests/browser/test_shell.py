"""The house: addresses, menu, themes, narrow screens, errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from pages._shared.catalog import PAGES, Page
from tests.browser.axe import THEMES, wear
from tests.browser.conftest import NewVisitor
from tests.browser.serving import App, running_app
from tests.browser.visitor import Visitor, contrast

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
def test_cold_deep_link_opens_the_right_page(
    page: Page, fresh_lab: App, new_visitor: NewVisitor
) -> None:
    visitor = new_visitor(fresh_lab)
    visitor.open(page.file)
    heading = visitor.page.get_by_role("heading", level=1)
    expect(heading).to_have_text(page.question)
    expect(visitor.page.get_by_role("dialog")).to_have_count(0)
    expect(visitor.page).to_have_title(f"{page.title} · Attention Lab")
    expect(visitor.page.get_by_test_id("stException")).to_have_count(0)
    # Two at most, and none on the first page: see `Visitor`.
    assert len(visitor.probes) <= (0 if page is PAGES[0] else 2)


def test_menu_goes_to_every_page_and_back(visitor: Visitor) -> None:
    first = PAGES[0]
    visitor.open(first.file)
    heading = visitor.page.get_by_role("heading", level=1)
    for page in PAGES[1:]:
        visitor.menu(page.title)
        expect(heading).to_have_text(page.question, timeout=60_000)
        visitor.settle()
        visitor.menu(first.title)
        expect(heading).to_have_text(first.question)
        visitor.settle()
    visitor.page.go_back()
    expect(heading).to_have_text(PAGES[-1].question)
    visitor.settle()


def test_the_map_of_the_lab_and_the_way_on_lead_to_pages(visitor: Visitor) -> None:
    visitor.open(PAGES[0].file)
    main = visitor.page.get_by_test_id("stMain")
    for page in PAGES[1:]:
        expect(main.get_by_role("link", name=page.title, exact=True).first).to_be_visible()
        expect(main.get_by_text(page.question, exact=True)).to_be_visible()
    main.get_by_role("link", name=f"Next: {PAGES[1].title}").click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text(PAGES[1].question)
    visitor.settle()


def test_every_cell_is_legible_in_both_themes(visitor: Visitor) -> None:
    visitor.open(PAGES[0].file)
    n_boards, order = 0, list(THEMES)
    for page in PAGES:
        visitor.menu(page.title)
        heading = visitor.page.get_by_role("heading", level=1)
        expect(heading).to_have_text(page.question, timeout=60_000)
        visitor.settle()
        if not visitor.page.locator(".board").count():
            continue
        n_boards += 1
        for theme in order:
            wear(visitor, theme)
            ground = visitor.page.get_by_test_id("stApp").evaluate(_COLOURS)["ground"]
            assert (max(ground) < 80) == (theme == "dark")
            colours = visitor.page.locator(".board .cell").evaluate_all(
                f"cells => cells.map({_COLOURS})"
            )
            assert len(colours) > 10
            assert all(cell["opaque"] for cell in colours)
            worst = min(colours, key=lambda cell: contrast(cell["ink"], cell["ground"]))
            assert contrast(worst["ink"], worst["ground"]) >= 4.5, (page.title, theme, worst)
        order.reverse()  # begin with what is worn
    assert n_boards > 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_beside_matrices_and_charts_are_legible(theme: str, new_visitor: NewVisitor) -> None:
    visitor = new_visitor(color_scheme=theme)
    visitor.open("pages/scaled_dot_product.py")
    words = visitor.page.locator(
        ".board .title, .board .note, .board .row-label, .board .column-label, .board .corner,"
        ".board .legend, [data-testid=stVegaLiteChart] svg text,"
        "[data-testid=stCaptionContainer] p, .sum h2, .sum p, .sum sup,"
        ".fraction > span:not(.unseen)"
    ).evaluate_all(_WORDS)
    assert len(words) > 30
    assert any(word["text"].startswith("The arithmetic") for word in words)
    for word in words:
        share, ground = word["opacity"], word["ground"]
        seen = [share * a + (1 - share) * b for a, b in zip(word["ink"], ground, strict=True)]
        assert contrast(seen, ground) >= 4.5, (contrast(seen, ground), word)


def test_keyboard_alone_reaches_a_cell_and_shows_where_it_is(visitor: Visitor) -> None:
    visitor.open("streamlit_app.py")
    for _ in range(25):
        visitor.page.keyboard.press("Tab")
        focused = visitor.page.evaluate(_DEEPEST_FOCUS)
        if focused["at"] is not None:
            break
    assert focused["at"] == "0,0"
    assert focused["outline"] >= 2, focused


def test_readers_do_not_see_each_others_edits(new_visitor: NewVisitor) -> None:
    first, second = new_visitor(), new_visitor()
    for visitor in (first, second):
        visitor.open("pages/scaled_dot_product.py")
    before = second.numbers("Weights")
    first.typed("Q", 2, 0, "-3")
    first.wait_for(lambda: first.numbers("Weights")[2, 1] < 0.1, lambda: first.numbers("Weights"))
    second.press_segment("Causal")
    second.press_segment("None")
    second.settle()
    second.wait_numbers("Weights", before)
    assert second.numbers("Q")[2, 0] == 2.0
    assert first.numbers("Q")[2, 0] == -3.0


def test_an_error_shows_no_stack_trace(tmp_path: Path, new_visitor: NewVisitor) -> None:
    """A script that fails, under the lab's own configuration."""
    settings = tmp_path / ".streamlit"
    settings.mkdir()
    source = Path(__file__).parents[2] / ".streamlit" / "config.toml"
    (settings / "config.toml").write_text(source.read_text())
    script = tmp_path / "fails.py"
    script.write_text("import streamlit as st\nst.title('Here')\nsecret = 1 / 0\n")
    with running_app(script) as app:
        visitor = new_visitor(app)
        visitor.open("streamlit_app.py")
        expect(visitor.page.get_by_test_id("stException")).to_be_visible()
        text = visitor.page.locator("body").inner_text()
        visitor.page.goto("about:blank")  # a client without its server complains of that
    for word in ("Traceback", "ZeroDivisionError", "fails.py", "secret"):
        assert word not in text


# What getComputedStyle says of light-dark() and of color-mix() is drawn once onto a canvas, which
# turns any notation into sRGB numbers.
_TO_RGB = """
    const rgba = css => {
        const canvas = document.createElement('canvas'); canvas.width = canvas.height = 1;
        const pen = canvas.getContext('2d', {willReadFrequently: true});
        pen.fillStyle = css; pen.fillRect(0, 0, 1, 1);
        return [...pen.getImageData(0, 0, 1, 1).data];
    };"""
_COLOURS = f"""cell => {{ {_TO_RGB}
    const style = getComputedStyle(cell);
    const ground = rgba(style.backgroundColor);
    return {{ink: rgba(style.color).slice(0, 3), ground: ground.slice(0, 3),
             opaque: ground[3] === 255, text: cell.textContent.slice(0, 20)}};
}}"""
_WORDS = f"""nodes => {{ {_TO_RGB}
    return nodes.filter(node => node.textContent.trim()).map(node => {{
        let opacity = 1, ground = null;
        for (let up = node; up; up = up.parentElement ?? up.getRootNode().host) {{
            const style = getComputedStyle(up), under = rgba(style.backgroundColor);
            opacity *= style.opacity;
            ground ??= under[3] === 255 ? under.slice(0, 3) : null;
        }}
        const style = getComputedStyle(node);
        const paint = node.namespaceURI.endsWith('svg') ? style.fill : style.color;
        const ink = rgba(paint);
        return {{ink: ink.slice(0, 3), opacity: opacity * ink[3] / 255, ground,
                 text: node.textContent.slice(0, 20)}};
    }});
}}"""
_DEEPEST_FOCUS = """() => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    const style = getComputedStyle(node);
    return {at: node.dataset.at ?? null,
            outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
            html: node.outerHTML.slice(0, 120)};
}"""
