"""Links, undo and a teacher's switches in the browser, on every page of the catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Final
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from core.presets import cat_sat_mat
from pages._shared.catalog import PAGES, find_page
from pages._shared.overview_state import START
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor
from tests.by_page import ByPage

pytestmark = pytest.mark.browser

OVERVIEW, DOT_PRODUCT = "streamlit_app.py", "pages/scaled_dot_product.py"
VISION = "pages/vision_transformer.py"
CLASSIFICATION = "pages/image_classification.py"
TRANSLATION = "pages/translation.py"
TEXT = "pages/text_classification.py"
TRANSFORMER = "pages/transformer.py"
GPT = "pages/gpt.py"
SELF_CROSS = "pages/self_vs_cross.py"
MULTI_HEAD = "pages/multi_head.py"
POSITIONS = "pages/positional_encoding.py"
SOFT_HARD = "pages/soft_vs_hard.py"
FILES: Final = [page.file for page in PAGES]
every_page = pytest.mark.parametrize("file", FILES)
# For what is the same code on every page: one with a board alone, a toy, and a trained model. What
# each page has of its own is tried on every page, here or without a browser in tests/pages.
one_page_of_each_kind = pytest.mark.parametrize("file", [OVERVIEW, DOT_PRODUCT, VISION])
Deed = Callable[[Visitor], None]


# ---- what readers do on each page; a new page adds its own


def type_number(title: str, row: int, column: int, text: str) -> Deed:
    return lambda visitor: visitor.typed(title, row, column, text)


def write(label: str, text: str) -> Deed:
    return lambda visitor: visitor.fill(label, text)


def press(option: str, of: str = "") -> Deed:
    return lambda visitor: visitor.press_segment(option, of)


def click_cell(title: str, row: int, column: int) -> Deed:
    return lambda visitor: visitor.cell(title, row, column).click()


def choose_photo(visitor: Visitor) -> None:
    visitor.page.locator(".strip button").nth(3).click()


def choose_head(visitor: Visitor) -> None:
    visitor.page.get_by_role("radio", name="Head 4").click()


def lower_layer(visitor: Visitor) -> None:
    visitor.page.get_by_role("slider", name="Layer").focus()
    visitor.page.keyboard.press("ArrowLeft")


def choose_patch(visitor: Visitor) -> None:
    box = visitor.page.locator(".picture").bounding_box()
    assert box is not None
    visitor.page.mouse.click(box["x"] + 0.45 * box["width"], box["y"] + 0.4 * box["height"])


def swap_words(side: str, one: int, other: int) -> Deed:
    def deed(visitor: Visitor) -> None:
        words = visitor.page.locator(f".chips.of-{side} .chip")
        words.nth(one).click()
        words.nth(other).click()

    return deed


def move_word(place: int, key: str) -> Deed:
    def deed(visitor: Visitor) -> None:
        visitor.page.locator(".word-order .chip").nth(place).focus()
        visitor.page.keyboard.press(key)

    return deed


def press_button(name: str) -> Deed:
    return lambda visitor: visitor.page.get_by_role("button", name=name).first.click()


def press_act(name: str) -> Deed:
    """Press a button of a bar of actions, whatever else has a name like it."""

    def deed(visitor: Visitor) -> None:
        visitor.page.locator(".action-bar").get_by_role("button", name=name).first.click()

    return deed


def choose_word(axis: str, place: int) -> Deed:
    words = f".translation [data-axis={axis}]"
    return lambda visitor: visitor.page.locator(words).nth(place).click()


def write_text(label: str, text: str) -> Deed:
    """Write into a field of several lines."""

    def deed(visitor: Visitor) -> None:
        field = visitor.page.get_by_label(label, exact=True).first
        field.fill(text)
        field.press("Control+Enter")

    return deed


def press_word(place: int) -> Deed:
    return lambda visitor: visitor.page.locator(".word-bars [role=button]").nth(place).click()


def write_next(place: int) -> Deed:
    """Write one of the words that may come next."""
    return lambda visitor: visitor.page.locator(".next-words [role=button]").nth(place).click()


def choose_small_head(place: int) -> Deed:
    return lambda visitor: visitor.page.locator(".head-grid .tile").nth(place).click()


def open_block(name: str) -> Deed:
    """Open a block of the drawing of a model."""
    block = f".model [role=button]:has-text('{name}')"
    return lambda visitor: visitor.page.locator(block).first.click()


def choose_weight_by_keys(visitor: Visitor) -> None:
    visitor.page.locator(".attention-map .picture").first.focus()
    for key in ("ArrowRight", "ArrowDown", "Enter"):
        visitor.page.keyboard.press(key)


# Each is a step of its own, and leads to another address.
DEEDS: Final[ByPage[tuple[Deed, ...]]] = ByPage(
    {
        OVERVIEW: (
            type_number("Query", 0, 0, "-2"),
            type_number("Keys", 1, 0, "3.123456"),
            type_number("Values", 2, 1, ".5"),
        ),
        DOT_PRODUCT: (
            lambda visitor: visitor.choose("Start from", "Random"),
            write("Seed", "7"),
            write("Tokens, 2 to 8 words", "猫 dog sat <b>x</b> **mat**"),
            write("d_head", "4"),
            type_number("Q", 2, 0, "-3.25"),
            press("Painted"),
            click_cell("Mask", 1, 2),
            lambda visitor: visitor.page.get_by_text("÷ √d_head").click(),
        ),
        SOFT_HARD: (
            lambda visitor: visitor.choose("Start from", "Random"),
            write("Seed", "7"),
            write("Keys, 2 to 8 words", "猫 dog <b>x</b> **key** more"),
            type_number("Keys", 2, 0, "-3.25"),
            type_number("Values", 4, 1, "1.5"),
            write("Seed of the draws", "11"),
            press("Training"),
            lambda visitor: visitor.page.get_by_role("button", name="REINFORCE without").click(),
            write("Seed", "3"),
            press("Gradients"),
        ),
        SELF_CROSS: (
            type_number("X source", 1, 0, "-3.25"),
            swap_words("source", 0, 2),
            write("Target, 2 to 8 words", "le chat dort"),
            write("d_head", "3"),
            press("Decoder layer"),
            type_number("W_V", 0, 1, ".5"),
            lambda visitor: visitor.page.get_by_role("button", name="Shuffle: Target").click(),
            lambda visitor: visitor.choose("Start from", "Random"),
            press("Trained models"),
            write("An English sentence", "The dog sleeps."),
            press("Decoder layer"),
        ),
        MULTI_HEAD: (
            lambda visitor: visitor.choose("Start from", "Random"),
            write("Seed", "7"),
            write("Words, 2 to 6", "猫 dog <b>x</b> **mat**"),
            type_number("W_Q", 2, 0, "-3.25"),
            press("2", of="Key"),
            press("2", of="Heads"),
            lambda visitor: visitor.page.get_by_role("button", name="Drop head 2").click(),
            lambda visitor: visitor.page.get_by_text("Causal", exact=True).click(),
            press("72 trained heads"),
            press_button("Drop layer 1, head 3"),
            press("Queries"),
        ),
        POSITIONS: (
            write("Words, 2 to 8", "猫 dog <b>bit</b> the **man**"),
            move_word(1, "ArrowRight"),
            type_number("Words", 2, 0, "-3.25"),
            press("T5 bias"),
            type_number("Bias of each bucket", 0, 1, "1.5"),
            lambda visitor: visitor.page.get_by_text("Causal mask", exact=True).click(),
            press("Rotary"),
            press("Halves"),
            write("First position", "100"),
        ),
        VISION: (
            choose_photo,
            lower_layer,
            choose_head,
            choose_patch,
            press("Saliency"),
            press("Hide 3 × 3 patches"),
        ),
        CLASSIFICATION: (
            choose_photo,
            press("Upside down"),
            press("Heads"),
            choose_small_head(5),
            press("The head"),
            press("Weights it learned"),
            press("Layer 2"),
            press("Train it"),
            press("4 × 4"),
            press("Your classes"),
            press_button("Fish"),
            press("Name it"),
            choose_photo,
        ),
        TRANSLATION: (
            press("Your own"),
            write("An English sentence", "The dog sat on the mat."),
            press("One head"),
            press_button("Hide “dog”"),
            press_button("1.00"),
            press_button("Drop head"),
            press("Decoder self"),
            write("An English sentence", "The <b>zzyzx</b> sat on the 猫."),
            press_button("Translate anyway"),
            press("Beam search"),
            press("Word by word"),
        ),
        TEXT: (
            lambda visitor: visitor.choose("Start from", "A review"),
            write_text("Text", "The locksmith opened **my** <b>door</b>."),
            choose_small_head(20),
            lambda visitor: visitor.page.get_by_text("Pieces", exact=True).click(),
            press("Drop the head"),
            press("Roles"),
            press("next word"),
            press("Classify"),
            press("Sentiment"),
            write_text("Labels: 2 to 8 sentences, one a line", "I am happy.\nI am <b>angry</b>."),
            press("Mask a word"),
            press_word(1),
            press("Heads"),
        ),
        TRANSFORMER: (
            write("An English sentence", "The <b>zzyzx</b> sat on the 猫."),
            press_button("Switch off: "),
            press("Residual stream"),
            press("Encoder"),
            press("Same and different"),
            press("Digits", of="Beside"),
            press("Small GPT", of="Model"),
            write("The beginning of a text", "Anna has **two** dogs."),
            press("Vision Transformer", of="Model"),
            choose_photo,
            press("Sizes"),
            lambda visitor: visitor.choose("Start from", "GPT-2 small"),
            press("Drawing"),
        ),
        GPT: (
            lambda visitor: visitor.choose("Start from", "A beginning"),
            press_button("Write a word"),
            write("Seed", "7"),
            write_next(2),
            press_button("Write ten"),  # or to the end, if that comes before
            press("Hides it"),
            choose_word("query", 2),
            press("Who reads whom"),
            choose_small_head(5),
            press_act("1.00"),
            press_act("Drop head"),
            press("Encoder or decoder"),
            press_word(2),
            press("Induction heads"),
            press_button("Cliff"),
            press_button("Drop layer 2, head 1"),
            press("The cache"),
            write_text("Beginning", "the <b>zzyzx</b> and the 猫 went"),
            press("Next word"),
            press("Goes there"),
        ),
    },
    "add to DEEDS in tests/browser/test_links.py what a reader does there: two steps or more, each "
    "of which leads to another address",
)
# What is only looked at: in the link, but no step.
LOOKS: Final[ByPage[tuple[Deed, ...]]] = ByPage(
    {
        OVERVIEW: (),
        DOT_PRODUCT: (click_cell("Weights", 3, 4), press("What True means")),
        SOFT_HARD: (click_cell("Weights", 5, 2), click_cell("Output", 4, 1)),
        SELF_CROSS: (
            click_cell("Weights", 2, 1),
            lambda visitor: visitor.page.get_by_role("button", name="1. Masked self").click(),
        ),
        MULTI_HEAD: (click_cell("Head 2", 3, 1), press("Output")),
        POSITIONS: (click_cell("No positions", 3, 4), press("Score by distance")),
        VISION: (lambda visitor: visitor.page.locator(".tiles .tile").first.click(),),
        CLASSIFICATION: (),
        TRANSLATION: (choose_word("key", 5), choose_word("query", 0)),
        TEXT: (choose_weight_by_keys,),
        TRANSFORMER: (open_block("Patches as vectors"), open_block("Last norm")),
        GPT: (choose_word("query", 1),),
    },
    "add to LOOKS in tests/browser/test_links.py what a reader only looks at there, which is in "
    "the link but no step to undo; () for nothing",
)


# ---- what is on the screen

# Everything in the main block, shadow roots and all: words, fields, pictures, lines of charts. Not
# the bar itself, the list of files, what answers to a pointer, or how long something took.
_SEEN: Final = r"""main => {
    const seen = [], add = text => { if (text.trim()) seen.push(text.trim()); };
    const skipped = "script, style, template, [hidden], .tools, .take, .readout, .status, .keys";
    const states = ["aria-checked", "aria-selected", "aria-valuenow", "disabled", "d"];
    const walk = node => {
        if (node.nodeType === Node.TEXT_NODE) add(node.data.replace(/[\d.]+ s\b/, "… s"));
        if (node.nodeType !== Node.ELEMENT_NODE || node.matches(skipped)) return;
        for (const name of states) {
            const value = node.getAttribute(name);
            if (value !== null && value !== "false") seen.push(`${name}=${value}`);
        }
        if (node.matches("input, textarea")) seen.push(`= ${node.value} ${node.checked}`);
        if (node.matches("canvas")) seen.push(node.toDataURL());
        if (node.matches("img")) seen.push(node.src);
        for (const child of node.shadowRoot?.childNodes ?? []) walk(child);
        for (const child of node.childNodes) walk(child);
    };
    walk(main);
    return seen;
}"""
_LEAVE: Final = """() => {
    let node = document.activeElement;
    while (node?.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    node?.blur();
}"""


def seen(visitor: Visitor) -> list[str]:
    """Return everything that stands on the page, with no pointer and no focus on it."""
    visitor.settle()
    visitor.page.mouse.move(0, 0)
    visitor.page.evaluate(_LEAVE)
    texts: list[str] = visitor.page.get_by_test_id("stMainBlockContainer").evaluate(_SEEN)
    return texts


def expect_seen(visitor: Visitor, expected: list[str]) -> None:
    """Wait until exactly this stands on the page."""

    def difference() -> str:
        now = seen(visitor)
        pairs = zip([*now, "—"], [*expected, "—"], strict=False)
        return next((f"{a[:300]!r} is not {b[:300]!r}" for a, b in pairs if a != b), "")

    visitor.wait_for(lambda: seen(visitor) == expected, difference)


def expect_address(visitor: Visitor, address: str) -> None:
    """Wait until the browser shows this address: it is written when the hand rests."""
    visitor.wait_for(lambda: visitor.href == address, lambda: f"{visitor.href} is not {address}")


def do(visitor: Visitor, deed: Deed) -> None:
    """Do something and wait until the address says so."""
    before = visitor.href
    deed(visitor)
    visitor.wait_for(lambda: visitor.href != before, lambda: "the address stays", seconds=20)
    visitor.settle()


def state_in(address: str) -> str:
    """Return the packed state of an address."""
    return parse_qs(urlsplit(address).query).get("s", [""])[0]


def bar(visitor: Visitor, name: str) -> Locator:
    """Return a button of the bar."""
    return visitor.page.locator(".tools").get_by_role("button", name=name, exact=True)


def heading_of(visitor: Visitor, file: str) -> None:
    heading = visitor.page.get_by_role("heading", level=1)
    expect(heading).to_have_text(find_page(file).question, timeout=60_000)
    visitor.settle()


def test_every_page_has_deeds() -> None:
    for known in (DEEDS, LOOKS, CONTROLS):
        known.check(FILES)
    assert min(map(len, DEEDS.values())) > 1


# ---- links


@every_page
def test_all_is_in_the_address_and_undo_redo_and_reset_bring_it_back(
    file: str, new_visitor: NewVisitor
) -> None:
    """One reader for both: to do all of it once takes longer than to look at it twice."""
    first = new_visitor()
    first.open(file)
    for name in ("Undo", "Redo", "Reset page"):
        expect(bar(first, name)).to_be_disabled()
    assert urlsplit(first.href).query == ""
    n_entries = first.page.evaluate("history.length")
    screens, addresses = [seen(first)], [first.href]
    for deed in DEEDS[file]:
        do(first, deed)
        screens.append(seen(first))
        addresses.append(first.href)
    undo_redo_and_reset(first, screens)
    expect_address(first, addresses[-1])
    for look in LOOKS[file]:
        do(first, look)
        addresses.append(first.href)
    assert len(set(addresses)) == len(addresses)
    assert max(map(len, addresses)) < 2000
    assert first.page.evaluate("history.length") == n_entries, "edits are no places to go back to"
    shown, start = seen(first), screens[0]
    assert shown != start

    second = new_visitor()
    second.follow(addresses[-1])
    expect_seen(second, shown)
    expect_address(second, addresses[-1])
    # Halfway there was something else to see.
    second.follow(addresses[1])
    expect_address(second, addresses[1])
    assert seen(second) not in (shown, start)
    # As it was, in a session of its own.
    first.reload()
    expect_seen(first, shown)
    expect_address(first, addresses[-1])


def undo_redo_and_reset(visitor: Visitor, screens: list[list[str]]) -> None:
    """Go from the last screen to the first, back, and by one reset to the first and back."""
    undo, redo, reset = (bar(visitor, name) for name in ("Undo", "Redo", "Reset page"))
    for expected in reversed(screens[:-1]):
        undo.click()
        expect_seen(visitor, expected)
    expect(undo).to_be_disabled()
    expect(reset).to_be_disabled()
    visitor.wait_for(lambda: not state_in(visitor.href), lambda: visitor.href)
    for expected in screens[1:]:
        redo.click()
        expect_seen(visitor, expected)
    expect(redo).to_be_disabled()
    reset.click()
    expect_seen(visitor, screens[0])
    visitor.wait_for(lambda: not state_in(visitor.href), lambda: visitor.href)
    undo.click()
    expect_seen(visitor, screens[-1])


@one_page_of_each_kind
def test_what_was_done_survives_other_pages_and_the_way_back(file: str, visitor: Visitor) -> None:
    other = next(page for page in reversed(PAGES) if page.file != file)
    page = find_page(file)
    visitor.open(file)
    do(visitor, DEEDS[file][0])
    do(visitor, DEEDS[file][1])
    shown, address = seen(visitor), visitor.href
    visitor.menu(other.title)
    heading_of(visitor, other.file)
    visitor.wait_for(lambda: not state_in(visitor.href), lambda: visitor.href)
    visitor.menu(page.title)
    heading_of(visitor, file)
    expect_seen(visitor, shown)
    expect_address(visitor, address)
    # What can be undone came along.
    bar(visitor, "Undo").click()
    visitor.wait_for(lambda: visitor.href != address, lambda: visitor.href)
    visitor.page.go_back()
    heading_of(visitor, other.file)
    visitor.page.go_forward()
    heading_of(visitor, file)
    visitor.wait_for(lambda: bar(visitor, "Redo").is_enabled(), lambda: "nothing to redo")
    bar(visitor, "Redo").click()
    expect_seen(visitor, shown)


def test_browser_back_leads_to_the_page_before_as_it_was_left(visitor: Visitor) -> None:
    visitor.open(OVERVIEW)
    do(visitor, DEEDS[OVERVIEW][0])
    overview, overview_address = seen(visitor), visitor.href
    visitor.menu(PAGES[1].title)
    heading_of(visitor, DOT_PRODUCT)
    do(visitor, type_number("Q", 0, 0, "5"))
    do(visitor, type_number("Q", 0, 1, "4"))
    board, board_address = seen(visitor), visitor.href
    visitor.page.go_back()
    heading_of(visitor, OVERVIEW)
    expect_seen(visitor, overview)
    expect_address(visitor, overview_address)
    visitor.page.go_forward()
    heading_of(visitor, DOT_PRODUCT)
    expect_seen(visitor, board)
    expect_address(visitor, board_address)


@pytest.mark.parametrize(
    ("file", "link"),
    [
        (DOT_PRODUCT, "1.AAAA"),
        (DOT_PRODUCT, "9.x"),
        (DOT_PRODUCT, "**b**"),
        (DOT_PRODUCT, "%3Cimg%20src=x%20onerror=alert(1)%3E"),
        (OVERVIEW, "1.AAAA"),
        (VISION, "%3Cimg%20src=x%20onerror=alert(1)%3E"),
    ],
)
def test_a_damaged_link_says_so_and_leaves_the_address(
    file: str, link: str, visitor: Visitor
) -> None:
    dialogs: list[str] = []
    visitor.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    visitor.open(file)
    start = seen(visitor)
    visitor.open(file, f"?s={link}&keep=this")
    notice = visitor.page.locator("p.notice")
    expect(notice).to_have_count(1)
    expect(notice).to_have_text(re.compile(r"^The link .* The page starts as usual\.$"))
    assert notice.evaluate("node => node.children.length") == 0
    visitor.wait_for(lambda: not state_in(visitor.href), lambda: visitor.href)
    assert urlsplit(visitor.href).query == "keep=this"
    now = seen(visitor)
    now.remove(notice.inner_text())
    assert now == start
    expect(bar(visitor, "Undo")).to_be_disabled()
    # It is said once: the next thing to happen takes it away, and the page goes on.
    do(visitor, DEEDS[file][0])
    assert state_in(visitor.href)
    assert not dialogs


def test_a_link_of_another_page_says_so(visitor: Visitor) -> None:
    visitor.open(SOFT_HARD)
    do(visitor, DEEDS[SOFT_HARD][0])
    visitor.open(OVERVIEW, f"?s={state_in(visitor.href)}")
    expect(visitor.page.locator("p.notice")).to_contain_text("damaged or of another page")
    np.testing.assert_array_equal(visitor.numbers("Query"), START["query"])


# ---- copying


@one_page_of_each_kind
def test_the_button_copies_the_address(file: str, visitor: Visitor) -> None:
    visitor.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visitor.open(file)
    do(visitor, DEEDS[file][0])
    bar(visitor, "Copy link").click()
    said = visitor.page.locator(".tools .said")
    expect(said).to_have_text(f"Link copied: {len(visitor.href)} characters.")
    assert visitor.page.evaluate("navigator.clipboard.readText()") == visitor.href


def test_where_the_clipboard_is_refused_the_address_is_shown_selected(
    new_visitor: NewVisitor,
) -> None:
    """Browsers have no clipboard for pages that came over http from another machine."""
    visitor = new_visitor()
    visitor.page.add_init_script(
        "Object.defineProperty(Navigator.prototype, 'clipboard', {get: () => undefined})"
    )
    visitor.open(DOT_PRODUCT)
    do(visitor, DEEDS[DOT_PRODUCT][0])
    bar(visitor, "Copy link").click()
    field = visitor.page.get_by_label("Link to this page")
    expect(field).to_be_visible()
    expect(field).to_have_value(visitor.href)
    expect(visitor.page.locator(".tools .said")).to_contain_text("press Ctrl+C")
    selected = field.evaluate(
        "f => [f.getRootNode().activeElement === f, f.selectionStart, f.selectionEnd]"
    )
    assert selected == [True, 0, len(visitor.href)]
    # It is gone with the next change: it would show an address that is not the page's any more.
    do(visitor, type_number("Q", 0, 0, "1"))
    expect(field).to_have_count(0)


# ---- undo


def test_more_than_twenty_steps_back_and_again(visitor: Visitor) -> None:
    visitor.open(DOT_PRODUCT)
    undo, redo = bar(visitor, "Undo"), bar(visitor, "Redo")
    start = {title: visitor.numbers(title) for title in "QKV"}
    places = [(title, row, column) for title in "QKV" for row in range(5) for column in range(2)]
    cells = [visitor.cell(*place) for place in places[:22]]
    before = [cell.text_content() for cell in cells]
    states = [visitor.href]
    for n, place in enumerate(places[:22]):
        do(visitor, type_number(*place, f"{10 + n / 8}"))
        states.append(visitor.href)
    assert len(set(states)) == 23
    after = [cell.text_content() for cell in cells]
    made = {title: visitor.numbers(title) for title in "QKV"}

    def walk(by: Callable[[], None], steps: range, texts: list[str | None]) -> None:
        """Take a step, wait for the cell that it changes, take the next; then read the address."""
        for step in steps:
            by()
            visitor.wait_for(
                lambda step=step: cells[step].text_content() == texts[step],
                lambda step=step: f"{places[step]} is not {texts[step]}",
            )
        expect_address(visitor, states[steps[-1] + (texts is after)])

    visitor.cell("Weights", 0, 0).focus()
    walk(partial(visitor.page.keyboard.press, "Control+z"), range(21, 10, -1), before)
    walk(undo.click, range(10, 1, -1), before)
    # Also without waiting for an answer to each.
    visitor.cell("Weights", 0, 0).focus()
    for _ in range(2):
        visitor.page.keyboard.press("Control+z")
    expect_address(visitor, states[0])
    expect(undo).to_be_disabled()
    for title in "QKV":
        visitor.wait_numbers(title, start[title])
    visitor.cell("Weights", 0, 0).focus()
    walk(partial(visitor.page.keyboard.press, "Control+Shift+z"), range(7), after)
    walk(partial(visitor.page.keyboard.press, "Control+y"), range(7, 12), after)
    walk(redo.click, range(12, 19), after)
    for _ in range(3):
        redo.click()
    expect_address(visitor, states[-1])
    expect(redo).to_be_disabled()
    for title in "QKV":
        visitor.wait_numbers(title, made[title])


def test_a_drag_is_one_step(visitor: Visitor) -> None:
    visitor.open(DOT_PRODUCT)
    box = visitor.cell("Q", 2, 0).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    visitor.page.mouse.move(x, y)
    visitor.page.mouse.down()
    for step in range(1, 31):
        visitor.page.mouse.move(x + 4 * step, y)
        visitor.page.wait_for_timeout(30)
    visitor.page.mouse.up()
    visitor.wait_for(lambda: visitor.numbers("Q")[2, 0] == 5, lambda: visitor.numbers("Q"))
    visitor.wait_for(lambda: bar(visitor, "Undo").is_enabled(), lambda: "nothing to undo")
    visitor.settle()
    bar(visitor, "Undo").click()
    visitor.wait_numbers("Q", cat_sat_mat().query)
    expect(bar(visitor, "Undo")).to_be_disabled()


def test_what_is_only_looked_at_is_no_step(visitor: Visitor) -> None:
    visitor.open(DOT_PRODUCT)
    do(visitor, LOOKS[DOT_PRODUCT][0])
    expect(bar(visitor, "Undo")).to_be_disabled()
    expect(bar(visitor, "Reset page")).to_be_enabled()


def test_fields_have_an_undo_of_their_own(visitor: Visitor) -> None:
    visitor.open(DOT_PRODUCT)
    do(visitor, type_number("Q", 2, 0, "-3"))
    address = visitor.href
    tokens = visitor.page.get_by_role("textbox", name="Tokens")
    tokens.press("End")
    tokens.press_sequentially(" today")
    for key in ("Control+z", "Control+Shift+z", "Control+y"):
        visitor.page.keyboard.press(key)
    tokens.fill(" ".join(cat_sat_mat().tokens))  # nothing to send when it is left
    # In a cell that is being typed into, and in a field of the bar.
    visitor.cell("Q", 0, 0).dblclick()
    expect(visitor.page.locator(".editor")).to_be_visible()
    visitor.page.keyboard.type("7")
    visitor.page.keyboard.press("Control+z")
    visitor.page.keyboard.press("Escape")
    expect(visitor.page.locator(".editor")).to_have_count(0)
    # Were it to undo, it would have been long since: this waits for an answer to something else.
    visitor.press_segment("Causal")
    expect(visitor.grid("Masked")).to_be_visible()
    visitor.settle()
    visitor.wait_for(lambda: visitor.href != address, lambda: "the address stays")
    assert visitor.numbers("Q")[2, 0] == -3
    expect(bar(visitor, "Redo")).to_be_disabled()


def test_a_switch_has_no_undo_of_its_own(visitor: Visitor) -> None:
    visitor.open(DOT_PRODUCT)
    address = visitor.href
    do(visitor, lambda visitor: visitor.page.get_by_text("÷ √d_head").click())
    assert visitor.page.evaluate("document.activeElement.type") == "checkbox"
    visitor.page.keyboard.press("Control+z")
    expect_address(visitor, address)


def test_a_number_beyond_its_limit_is_forgotten_with_the_toy(visitor: Visitor) -> None:
    """The field turns red and keeps what was typed, until something else is put in place."""
    visitor.open(DOT_PRODUCT)
    field = visitor.page.get_by_label("d_head", exact=True).first
    visitor.fill("d_head", "99")
    expect(field).to_have_value("99")
    visitor.choose("Start from", "Dictionary lookup")
    expect(visitor.grid("Q").get_by_role("rowheader").first).to_have_text("one")
    field = visitor.page.get_by_label("d_head", exact=True).first
    expect(field).to_have_value("4")
    visitor.settle()
    assert field.evaluate("field => field.checkValidity()")
    assert visitor.numbers("Q").shape == (4, 4)
    visitor.fill("d_head", "5")
    visitor.wait_for(lambda: visitor.numbers("Q").shape == (4, 5), lambda: visitor.numbers("Q"))


# ---- for a class

CONTROLS: Final[ByPage[str]] = ByPage(
    {
        OVERVIEW: "",
        DOT_PRODUCT: "[data-testid=stSelectbox], [data-testid=stTextInput], [data-testid=stToggle],"
        "[data-testid=stNumberInput], [data-testid=stSlider]",
        SOFT_HARD: "[data-testid=stSelectbox], [data-testid=stTextInput], [data-testid=stSlider],"
        "[data-testid=stNumberInput], [data-testid=stButtonGroup] >> text=Training",
        SELF_CROSS: "[data-testid=stSelectbox], [data-testid=stTextInput],"
        "[data-testid=stNumberInput]",
        MULTI_HEAD: "[data-testid=stSelectbox], [data-testid=stTextInput], [data-testid=stToggle]",
        POSITIONS: "[data-testid=stTextInput], [data-testid=stNumberInput],"
        "[data-testid=stSlider], [data-testid=stCheckbox]",
        VISION: "[data-testid=stSlider], .strip",
        CLASSIFICATION: ".strip, [data-testid=stButtonGroup] >> text=Upside down",
        TRANSLATION: "[data-testid=stSelectbox], [data-testid=stTextInput], .action-bar",
        TEXT: "[data-testid=stSelectbox], [data-testid=stTextArea], [data-testid=stButtonGroup] >> "
        "text=Find a head",
        TRANSFORMER: "[data-testid=stSelectbox], [data-testid=stTextInput], .action-bar",
        GPT: "[data-testid=stSelectbox], [data-testid=stTextArea], [data-testid=stSlider],"
        "[data-testid=stNumberInput]",
    },
    "add to CONTROLS in tests/browser/test_links.py a selector of what a link for a class hides "
    'there; "" for nothing',
)


def link_for_a_class(visitor: Visitor, *labels: str) -> str:
    """Make a link as a teacher does, and return what was copied."""
    visitor.page.get_by_text("For a class", exact=True).click()
    for label in labels:
        visitor.page.locator(".tools").get_by_label(label).check()
    bar(visitor, "Copy this link").click()
    expect(visitor.page.locator(".tools .said")).to_contain_text("Link copied")
    expect(visitor.page.locator(".tools details")).not_to_have_attribute("open", "")
    link: str = visitor.page.evaluate("navigator.clipboard.readText()")
    return link


@one_page_of_each_kind
def test_a_class_sees_what_its_teacher_leaves_to_it(file: str, new_visitor: NewVisitor) -> None:
    teacher = new_visitor()
    teacher.context.grant_permissions(["clipboard-read", "clipboard-write"])
    teacher.open(file)
    do(teacher, DEEDS[file][0])
    address = teacher.href
    # Where there are no controls, their absence is not offered.
    hidden = ["controls", "answers"] if CONTROLS[file] else ["answers"]
    teacher.page.get_by_text("For a class", exact=True).click()
    without_controls = teacher.page.locator(".tools").get_by_label("without the controls")
    expect(without_controls).to_be_visible(visible="controls" in hidden)
    teacher.page.keyboard.press("Escape")
    link = link_for_a_class(teacher, *(f"without the {name}" for name in hidden))
    asked = parse_qs(urlsplit(link).query)
    assert asked == {"s": [state_in(address)], "hide": [" ".join(hidden)]}
    assert teacher.href == address, "the teacher's own page stays as it is"

    pupil = new_visitor()
    pupil.follow(link)
    said = pupil.page.get_by_text("This page was opened with a link made for a class.")
    controls = pupil.page.get_by_test_id("stMain").locator(CONTROLS[file] or ".none")
    other = next(page for page in PAGES if page.file != file)
    here = find_page(file)

    def nothing_to_control() -> None:
        expect(said).to_be_visible()
        expect(controls).to_have_count(0)
        expect_address(pupil, link)

    nothing_to_control()
    pupil.reload()
    nothing_to_control()
    pupil.menu(other.title)
    heading_of(pupil, other.file)
    expect(said).to_have_count(0)
    assert "hide" not in parse_qs(urlsplit(pupil.href).query)
    pupil.menu(here.title)
    heading_of(pupil, file)
    nothing_to_control()
    # They are there for the teacher.
    if CONTROLS[file]:
        expect(teacher.page.get_by_test_id("stMain").locator(CONTROLS[file]).first).to_be_visible()


@one_page_of_each_kind
def test_a_class_starts_on_the_experiment_that_its_teacher_chose(
    file: str, new_visitor: NewVisitor
) -> None:
    teacher = new_visitor()
    teacher.context.grant_permissions(["clipboard-read", "clipboard-write"])
    teacher.open(file)
    do(teacher, DEEDS[file][0])
    teacher.page.get_by_text("For a class", exact=True).click()
    starts = teacher.page.get_by_label("start on")
    title = str(starts.locator("option").nth(2).text_content()).removeprefix("experiment 2: ")
    starts.select_option("2")
    bar(teacher, "Copy this link").click()
    expect(teacher.page.locator(".tools .said")).to_contain_text("Link copied")
    link = teacher.page.evaluate("navigator.clipboard.readText()")
    asked = {"s": [state_in(teacher.href)], "try": ["2"]}
    assert parse_qs(urlsplit(link).query) == asked

    pupil = new_visitor()
    pupil.follow(link)
    expect(pupil.page.locator(".lesson .title")).to_contain_text(title)
    # The link sets the page up itself: the experiment does not.
    pupil.settle()
    expect_address(pupil, link)
    pupil.reload()
    expect(pupil.page.locator(".lesson .title")).to_contain_text(title)
    # Without a state in it, the experiment sets the page up.
    pupil.open(file, "?try=2")
    expect(pupil.page.locator(".lesson .title")).to_contain_text(title)
    pupil.settle()
    pupil.wait_for(lambda: parse_qs(urlsplit(pupil.href).query)["try"] == ["2"], lambda: pupil.href)
    assert state_in(pupil.href) != state_in(link)


@pytest.mark.parametrize("file", [OVERVIEW, DOT_PRODUCT])
def test_the_options_are_inside_of_the_window(file: str, visitor: Visitor) -> None:
    visitor.open(file)
    summary = visitor.page.get_by_text("For a class", exact=True)
    options = visitor.page.locator(".tools .options")

    def sides() -> list[float]:
        found: list[float] = options.evaluate(
            "one => [one, ...one.querySelectorAll('*')].filter(e => e.checkVisibility())"
            ".map(e => e.getBoundingClientRect()).flatMap(({left, right}) => [left, right])"
        )
        return found

    for width in (1280, 1000, 800, 641, 390, 320):
        visitor.page.set_viewport_size({"width": width, "height": 1400})
        summary.click()
        visitor.wait_for(lambda w=width: min(sides()) >= 0 and max(sides()) <= w, sides)
        button, panel = summary.bounding_box(), options.bounding_box()
        assert button is not None
        assert panel is not None
        assert 0 <= panel["y"] - (button["y"] + button["height"]) <= 12
        visitor.page.keyboard.press("Escape")
        expect(options).to_be_hidden()


def test_escape_and_a_click_elsewhere_close_the_options(visitor: Visitor) -> None:
    visitor.open(OVERVIEW)
    summary = visitor.page.get_by_text("For a class", exact=True)
    options = visitor.page.locator(".tools .options")
    summary.click()
    expect(options).to_be_visible()
    visitor.page.keyboard.press("Escape")
    expect(options).to_be_hidden()
    summary.click()
    visitor.page.get_by_role("heading", level=1).click()
    expect(options).to_be_hidden()
