"""Every page for readers who do not see it, use no mouse, hold a telephone or sit far away.

New pages are covered by being in the catalogue, new components by being on a page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, expect

from pages._shared.catalog import PAGES, Page
from tests.browser.axe import STREAMLITS, TELEPHONE, THEMES, WIDTHS, Finding, audit, run_axe
from tests.browser.controls import ON_A_TELEPHONE, OURS, SMALLEST_TARGET
from tests.browser.serving import App
from tests.browser.visitor import Visitor
from tests.data.axe.get_axe import FOLDER, HASHES

pytestmark = pytest.mark.browser

BOARD_PAGE: Final = "pages/scaled_dot_product.py"
PHOTO_PAGE: Final = "pages/vision_transformer.py"
EVERY_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.title)
MOST_STOPS: Final = 400
SMALLEST_NUMBER: Final = 14
SMALLEST_WORD: Final = 12

Audit = Callable[[str, int], list[Finding]]
Projected = Callable[[str], Visitor]


@dataclass(frozen=True)
class Telephone:
    """A page on a telephone, and how it lay there when it was opened."""

    visitor: Visitor
    controls: dict[str, Any]
    widths: dict[str, Any]


Telephones = Callable[[str], Telephone]


@pytest.fixture(scope="module")
def on_a_telephone(browser: Browser, lab: App) -> Iterator[Telephones]:
    """Open a page on a telephone and measure it; each once, whoever asks."""
    known: dict[str, Telephone] = {}

    def look(file: str) -> Telephone:
        if file not in known:
            visitor = Visitor(browser, lab, width=TELEPHONE, height=WIDTHS[TELEPHONE])
            visitor.open(file)
            controls = visitor.page.evaluate(ON_A_TELEPHONE, SMALLEST_TARGET)
            known[file] = Telephone(visitor, controls, visitor.page.evaluate(_HOW_WIDE))
        return known[file]

    yield look
    assert not [complaint for one in known.values() for complaint in one.visitor.close()]


@pytest.fixture(scope="module")
def audited(browser: Browser, lab: App, on_a_telephone: Telephones) -> Audit:
    """Audit a page on a screen of some width; each once, whoever asks."""
    known: dict[tuple[str, int], list[Finding]] = {}

    def look(file: str, width: int) -> list[Finding]:
        if (file, width) not in known:
            if width == TELEPHONE:
                # A narrow screen has the same colours.
                visitor, themes = on_a_telephone(file).visitor, THEMES[:1]
            else:
                visitor, themes = Visitor(browser, lab, width=width, height=WIDTHS[width]), THEMES
                visitor.open(file)
            known[file, width] = audit(visitor, file, themes)
            assert not visitor.close()
        return known[file, width]

    return look


@pytest.fixture(scope="module")
def projected(browser: Browser, lab: App) -> Iterator[Projected]:
    """Open a page, once, as a projector shows it to somebody who wants no motion."""
    known: dict[str, Visitor] = {}

    def look(file: str) -> Visitor:
        if file not in known:
            visitor = Visitor(browser, lab, width=1280, height=720)
            visitor.page.emulate_media(reduced_motion="reduce")
            visitor.open(file)
            known[file] = visitor
        return known[file]

    yield look
    assert not [complaint for visitor in known.values() for complaint in visitor.close()]


# --- axe-core ----------------------------------------------------------------------------------


@pytest.mark.parametrize("width", WIDTHS)
@EVERY_PAGE
def test_nothing_grave_stands_in_the_way(page: Page, width: int, audited: Audit) -> None:
    grave = [finding for finding in audited(page.file, width) if finding.is_ours_and_grave]
    assert not grave, "\n".join(map(str, grave))


def test_every_exclusion_is_still_needed(audited: Audit) -> None:
    found = {
        finding.exclusion
        for page in PAGES
        for width in WIDTHS
        for finding in audited(page.file, width)
    }
    needless = [exclusion for place, exclusion in enumerate(STREAMLITS) if place not in found]
    assert not needless, f"Streamlit has mended this; take it out of STREAMLITS: {needless}"


def test_axe_sees_what_is_broken_on_the_page_and_in_components(visitor: Visitor) -> None:
    visitor.open(PHOTO_PAGE)
    assert not run_axe(visitor, PHOTO_PAGE)
    visitor.page.locator(".strip button").first.evaluate(
        "button => { button.removeAttribute('aria-label'); button.removeAttribute('title'); }"
    )
    visitor.page.locator(".frame .text").evaluate("text => { text.style.opacity = 0.3; }")
    visitor.page.get_by_test_id("stCaptionContainer").last.evaluate(
        "caption => { caption.style.opacity = 0.3; }"
    )
    found = run_axe(visitor, PHOTO_PAGE)
    assert {finding.rule for finding in found} == {"button-name", "color-contrast"}
    assert all(finding.is_ours_and_grave for finding in found)
    # The words of the map, and the caption's two paragraphs.
    assert len([finding for finding in found if finding.rule == "color-contrast"]) == 3


@pytest.mark.parametrize("name", HASHES)
def test_axe_is_what_its_readme_says(name: str) -> None:
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == HASHES[name]
    assert HASHES[name] in (FOLDER / "README.md").read_text("utf-8")


# --- the keyboard ------------------------------------------------------------------------------


@EVERY_PAGE
def test_tab_reaches_every_control_and_shows_where_it_is(page: Page, projected: Projected) -> None:
    visitor = projected(page.file)
    run_axe(visitor, page.file)  # its reckoning of names is used below
    for _ in range(MOST_STOPS):
        visitor.page.keyboard.press("Tab")
        if visitor.page.evaluate(_NOTE_FOCUS):
            break
    controls = visitor.page.evaluate(_CONTROLS)
    visitor.page.get_by_test_id("stMain").evaluate("main => main.scrollTo(0, 0)")
    assert controls
    for trouble in ("unreached", "unseen", "unnamed"):
        assert not [one["html"] for one in controls if one[trouble]], trouble


@EVERY_PAGE
def test_a_group_of_choices_is_one_stop(page: Page, projected: Projected) -> None:
    groups = projected(page.file).page.evaluate(_STOPS_IN_GROUPS)
    assert not [group for group in groups if group["stops"] != 1 or not group["name"]]


def test_a_board_says_which_keys_do_what_and_what_they_changed(visitor: Visitor) -> None:
    visitor.open(BOARD_PAGE)
    for title, words in (
        ("Q", "Up or down: change by 0.1, with Shift by 1."),
        ("Weights", "Enter: choose."),
    ):
        grid, keys = visitor.grid(title), visitor.page.locator(".keys", has_text=words)
        assert grid.get_attribute("aria-describedby") == keys.get_attribute("id")
        expect(keys).to_be_hidden()
        visitor.cell(title, 0, 0).focus()
        expect(keys).to_be_visible()
    expect(visitor.page.locator(".keys")).to_have_count(2)

    voice = visitor.page.locator(".board [aria-live=polite]")
    visitor.cell("Q", 0, 0).focus()
    for key, said in (("ArrowUp", "0.10"), ("Shift+ArrowDown", "−0.90"), ("Delete", "0.00")):
        visitor.page.keyboard.press(key)
        expect(voice).to_have_text(said)
        expect(visitor.cell("Q", 0, 0)).to_have_text(said)
    visitor.press_segment("Painted")
    visitor.settle()
    visitor.cell("Mask", 1, 0).focus()
    visitor.page.keyboard.press("Enter")
    expect(voice).to_have_text("blocked")


def test_a_weight_that_a_mask_made_zero_looks_and_reads_otherwise(visitor: Visitor) -> None:
    visitor.open(BOARD_PAGE)
    blocked = visitor.grid("Weights").locator(".blocked[aria-description=blocked]")
    expect(blocked).to_have_count(0)
    visitor.press_segment("Causal")
    visitor.settle()
    expect(blocked).to_have_count(10)  # above the diagonal of 5 x 5
    hatch = blocked.first.evaluate("cell => getComputedStyle(cell).backgroundImage")
    assert hatch.startswith("repeating-linear-gradient")
    visitor.press_segment("None")
    visitor.settle()
    expect(blocked).to_have_count(0)


def test_a_map_says_which_keys_do_what(visitor: Visitor) -> None:
    visitor.open(PHOTO_PAGE)
    picture, keys = visitor.page.locator(".picture"), visitor.page.locator(".picture .keys")
    assert picture.get_attribute("aria-describedby") == keys.get_attribute("id")
    expect(keys).to_have_text("Arrow keys: move. Enter: choose. Escape: back to the class token.")
    expect(keys).to_have_css("opacity", "0")
    picture.focus()
    expect(keys).to_have_css("opacity", "1")


# --- what a reader's system asks for -----------------------------------------------------------


@EVERY_PAGE
def test_nothing_of_ours_moves_for_those_who_ask(page: Page, projected: Projected) -> None:
    assert not projected(page.file).page.evaluate(_MOVING)


def test_colours_that_mean_something_stay_where_the_system_chooses_the_rest(
    visitor: Visitor,
) -> None:
    visitor.open(BOARD_PAGE)
    before = visitor.page.evaluate(_MEANT)
    assert len(set(before)) > 20
    visitor.page.emulate_media(forced_colors="active")
    assert visitor.page.get_by_test_id("stApp").evaluate(
        "a => matchMedia('(forced-colors)').matches"
    )
    assert visitor.page.evaluate(_MEANT) == before


# --- screens -----------------------------------------------------------------------------------


@EVERY_PAGE
def test_a_telephone_shows_all_and_a_finger_hits_it(page: Page, on_a_telephone: Telephones) -> None:
    seen = on_a_telephone(page.file).controls
    assert seen["targets"] > 0
    assert not seen["small"]
    assert not seen["stuck"]
    assert not seen["cut"]


@EVERY_PAGE
def test_a_telephone_scrolls_down_only(page: Page, on_a_telephone: Telephones) -> None:
    widths = on_a_telephone(page.file).widths
    assert widths["page"] <= TELEPHONE, widths
    assert widths["main"] <= TELEPHONE, widths


@EVERY_PAGE
def test_the_last_row_can_read_what_is_projected(page: Page, projected: Projected) -> None:
    sizes: list[dict[str, Any]] = projected(page.file).page.evaluate(_LETTERS)
    assert sizes
    assert not [one for one in sizes if one["size"] < SMALLEST_WORD]
    assert not [one for one in sizes if one["cell"] and one["size"] < SMALLEST_NUMBER]


def test_a_projector_shows_the_whole_photo_and_what_is_read_from_it(projected: Projected) -> None:
    for part in (".picture", ".frame .readout"):
        box = projected(PHOTO_PAGE).page.locator(part).bounding_box()
        assert box is not None
        assert box["y"] + box["height"] <= 720, part


_NOTE_FOCUS: Final = """() => {
    // A card may wear the ring of the link inside it.
    const around = node => node ? [node, ...around(node.parentElement)] : [];
    const ring = node => around(node).map(one => {
        const {outlineStyle, outlineWidth, outlineColor} = getComputedStyle(one);
        const clear = outlineStyle === "none" || /, 0\\)$|transparent/.test(outlineColor);
        return clear ? "" : [outlineWidth, outlineColor].join();
    }).join(";");
    const focused = (window.focused ??= new Map());
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    for (const [other, rings] of focused)
        if (other !== node) rings.after = ring(other);
    if (focused.has(node) || node === document.body) return true;
    focused.set(node, {during: ring(node)});
    return false;
}"""
_CONTROLS: Final = f"""() => {{ {OURS}
    axe.setup(document);
    // Within a group one is a stop, and arrow keys lead to the others.
    const ALONE = "button, input, select, textarea, a[href], summary, [role=application]";
    const stops = node => node.tabIndex >= 0
        || (node.matches(ALONE) && !node.closest("[role=radiogroup], [role=grid]"));
    const found = controls.filter(stops).map(node => {{
        const rings = window.focused.get(node);
        return {{html: start(node), unreached: !rings, unseen: rings?.during === rings?.after,
                 unnamed: !axe.commons.text.accessibleText(node)}};
    }});
    axe.teardown();
    return found;
}}"""
_STOPS_IN_GROUPS: Final = f"""() => {{ {OURS}
    return ours.filter(node => node.matches("[role=radiogroup], [role=grid]")).map(group => ({{
        html: start(group), name: group.getAttribute("aria-label"),
        stops: controls.filter(node => group.contains(node) && node.tabIndex >= 0).length,
    }}));
}}"""
_MOVING: Final = f"""() => {{ {OURS}
    return ours.filter(node => {{
        const style = getComputedStyle(node);
        return style.transitionDuration.split(", ").some(time => parseFloat(time) > 0)
            || style.animationName !== "none" || style.scrollBehavior === "smooth";
    }}).map(start);
}}"""
_MEANT: Final = f"""() => {{ {OURS}
    return ours.filter(node => node.matches(".cell, .bar")).map(node => {{
        const style = getComputedStyle(node);
        return [style.color, style.backgroundColor, style.backgroundImage, style.boxShadow].join();
    }});
}}"""
_HOW_WIDE: Final = """() => {
    const main = document.querySelector("[data-testid=stMain]");
    const inside = [...main.querySelectorAll("[data-testid=stMainBlockContainer] *")];
    const bounded = node => node.closest(".scroll, [data-testid=stBidiComponentIsolated], "
        + ".katex-html, .katex-mathml, table, [data-testid=stTable]");
    const wide = inside.filter(node => !bounded(node)
        && node.getBoundingClientRect().right > innerWidth + 1
        && node.getBoundingClientRect().width > 0);
    return {page: document.documentElement.scrollWidth, main: main.scrollWidth,
            wide: wide.slice(0, 5).map(node => node.outerHTML.slice(0, 200))};
}"""
_LETTERS: Final = f"""() => {{ {OURS}
    const written = node => [...node.childNodes].some(
        child => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
    return ours.filter(node => written(node) && !node.matches("style")).map(node => ({{
        size: parseFloat(getComputedStyle(node).fontSize), cell: node.matches(".cell"),
        html: start(node),
    }}));
}}"""
