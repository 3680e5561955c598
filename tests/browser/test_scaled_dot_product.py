"""The page of the chain, used as a learner uses it."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

from core.attention import Attention, scaled_dot_product_attention
from core.presets import cat_sat_mat, source_post_toy
from pages._shared.words import what_it_reads
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/scaled_dot_product.py"


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def expected(visitor: Visitor, **options: object) -> Attention:
    """Compute the chain from the Q, K and V that stand on the screen."""
    query, key, value = (visitor.numbers(title) for title in "QKV")
    return scaled_dot_product_attention(query, key, value, **options)


def wait_for_chain(visitor: Visitor, **options: object) -> None:
    """Wait until every matrix shows what core computes from Q, K and V."""
    attention = expected(visitor, **options)
    visitor.wait_numbers("Scores", attention.scores)
    visitor.wait_numbers("Weights", attention.weights)
    visitor.wait_numbers("Output", attention.output)


def wait_for_shape(visitor: Visitor, title: str, shape: tuple[int, int]) -> None:
    """Wait until a matrix has this many rows and columns."""
    visitor.wait_for(
        lambda: visitor.numbers(title).shape == shape, lambda: visitor.numbers(title).shape
    )


def test_the_chain_is_what_core_computes(opened: Visitor) -> None:
    toy = cat_sat_mat()
    for title, array in zip("QKV", (toy.query, toy.key, toy.value), strict=True):
        np.testing.assert_array_equal(opened.numbers(title), array)
    wait_for_chain(opened)
    opened.wait_numbers("Scaled", expected(opened).scores / math.sqrt(2))


def test_dragging_moves_the_weights_before_the_button_is_released(opened: Visitor) -> None:
    before = opened.numbers("Weights")
    box = opened.cell("Q", 2, 0).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    mouse = opened.page.mouse
    mouse.move(x, y)
    mouse.down()
    mouse.move(x - 60, y, steps=6)
    opened.wait_for(
        lambda: abs(opened.numbers("Weights") - before).max() > 0.2,
        lambda: f"no weight moved during the drag:\n{opened.numbers('Weights')}",
    )
    mouse.move(x - 120, y, steps=6)
    mouse.up()
    assert opened.numbers("Q")[2, 0] == pytest.approx(2.0 - 30 * 0.1)
    wait_for_chain(opened)
    weight = expected(opened).weights[2, 1]
    expect(opened.page.locator(".sum .line").nth(0)).to_contain_text("= −1.00 · 1.00 + 1.00")
    expect(opened.page.locator(".sum .line").nth(2)).to_contain_text(f" = {weight:.4f}")
    expect(opened.page.locator(".cell.dragging")).to_have_count(0)


def test_a_drag_that_starts_while_the_words_change_goes_on(opened: Visitor) -> None:
    opened.page.get_by_role("textbox", name="Tokens").fill("the dog sat on mat")
    box = opened.cell("Q", 2, 0).bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    opened.page.mouse.move(x, y)
    opened.page.mouse.down()  # leaves the text field, which sends the new words
    for step in range(1, 31):
        opened.page.mouse.move(x + 4 * step, y)
        opened.page.wait_for_timeout(15)
    opened.page.mouse.up()
    expect(opened.grid("Q").get_by_role("rowheader").nth(1)).to_have_text("dog")
    assert opened.numbers("Q")[2, 0] == pytest.approx(5.0)
    wait_for_chain(opened)


def test_words_that_were_typed_are_taken_when_a_cell_is_clicked_next(opened: Visitor) -> None:
    """The click leaves the text field: two things to say at once, to two parts of the page."""
    tokens = opened.page.get_by_role("textbox", name="Tokens")
    tokens.fill("the dog sat on mat")
    opened.cell("Weights", 3, 4).click()
    expect(opened.grid("Q").get_by_role("rowheader").nth(1)).to_have_text("dog")
    heading = "The arithmetic behind “on” reading “mat”"
    expect(opened.page.get_by_role("heading", name=heading)).to_be_visible()
    opened.press_segment("Painted")
    expect(opened.grid("Mask")).to_be_visible()
    opened.settle()
    tokens.fill("the cow sat on mat")
    opened.cell("Mask", 2, 1).click()
    expect(opened.grid("Q").get_by_role("rowheader").nth(1)).to_have_text("cow")
    mask = np.ones((5, 5), dtype=bool)
    mask[2, 1] = False
    wait_for_chain(opened, mask=mask)


def test_a_cell_can_be_chosen_again_after_another_toy(opened: Visitor) -> None:
    heading = "The arithmetic behind “mat” reading “mat”"
    opened.cell("Weights", 4, 4).click()
    expect(opened.page.get_by_role("heading", name=heading)).to_be_visible()
    for preset in ("Dictionary lookup", "Cat, sat, mat"):
        opened.choose("Start from", preset)
        opened.settle()
    expect(opened.page.get_by_role("heading", name=heading)).to_have_count(0)
    opened.cell("Weights", 4, 4).click()
    expect(opened.page.get_by_role("heading", name=heading)).to_be_visible()


def test_a_word_that_leaves_takes_its_row_and_brings_it_back(opened: Visitor) -> None:
    query = opened.numbers("Q")
    opened.fill("Tokens, 2 to 8 words", "the sat on mat")
    wait_for_shape(opened, "Q", (4, 2))
    np.testing.assert_array_equal(opened.numbers("Q"), query[[0, 2, 3, 4]])
    opened.fill("Tokens, 2 to 8 words", "the cat sat on mat")
    wait_for_shape(opened, "Q", (5, 2))
    np.testing.assert_array_equal(opened.numbers("Q"), query)
    wait_for_chain(opened)


def test_arrow_keys_change_and_move(opened: Visitor) -> None:
    keyboard = opened.page.keyboard
    opened.cell("Q", 2, 0).focus()
    keyboard.press("ArrowUp")
    keyboard.press("Shift+ArrowUp")
    keyboard.press("ArrowRight")
    keyboard.press("ArrowDown")
    query = opened.numbers("Q")
    assert query[2].tolist() == pytest.approx([3.1, 0.9])
    wait_for_chain(opened)
    keyboard.press("Delete")
    assert opened.numbers("Q")[2, 1] == 0
    wait_for_chain(opened)


def test_typing_a_number(opened: Visitor) -> None:
    for typed, value in (("1,5", 1.5), ("-.25", -0.25), ("+3", 3.0), ("1e-1", 0.1)):
        opened.typed("K", 1, 0, typed)
        assert opened.numbers("K")[1, 0] == value
        wait_for_chain(opened)
    opened.typed("K", 1, 0, "99")
    expect(opened.status).to_have_text("K, cat, 1 is limited to −20.0 … 20.0.")
    assert opened.numbers("K")[1, 0] == 20
    # Over what is there already, with the minus that the board itself writes.
    opened.cell("K", 1, 0).dblclick()
    opened.page.keyboard.insert_text("−2")
    opened.page.keyboard.press("Enter")
    assert opened.numbers("K")[1, 0] == -2
    wait_for_chain(opened)


def test_typing_what_is_not_a_number_changes_nothing_and_says_so(opened: Visitor) -> None:
    before = opened.numbers("K")
    for typed in ("abc", "1.2.3", "1 2", "0x10", "NaN", "Infinity", "--1"):
        opened.typed("K", 1, 0, typed)
        expect(opened.status).to_contain_text(f"“{typed}” is not a number; K, cat, 1 stays 1.00")
        opened.page.keyboard.press("Escape")
        np.testing.assert_array_equal(opened.numbers("K"), before)
    # Leaving the cell is no way in either.
    opened.cell("K", 1, 0).click()
    opened.page.keyboard.type("abc")
    opened.cell("Q", 0, 0).click()
    expect(opened.page.locator(".editor")).to_have_count(0)
    np.testing.assert_array_equal(opened.numbers("K"), before)
    wait_for_chain(opened)


def test_pasting_a_spreadsheet_and_a_printed_array(opened: Visitor) -> None:
    opened.paste("Q", 1, 0, "0.5\t-1,5\n2\t3\n")
    assert opened.numbers("Q")[1:3].tolist() == [[0.5, -1.5], [2.0, 3.0]]
    wait_for_chain(opened)

    rng = np.random.default_rng(1)
    block = rng.normal(size=(5, 2)).round(2)
    opened.paste("V", 0, 0, str(block))
    np.testing.assert_array_equal(opened.numbers("V"), block)
    opened.paste("K", 0, 0, repr(block.tolist()))
    opened.wait_numbers("K", block)
    wait_for_chain(opened)
    opened.paste("Q", 0, 0, repr(-block))
    opened.wait_numbers("Q", -block)
    wait_for_chain(opened)


def test_pasting_a_list_on_one_line_keeps_its_rows(opened: Visitor) -> None:
    start = cat_sat_mat().query
    query = start.copy()
    query[1:3] = [[1, 2], [3, 4]]
    for text in (
        "[[1, 2], [3, 4]]",
        "[[1,2],[3,4]]",
        "[[1. 2.] [3. 4.]]",
        "array([[1., 2.], [3., 4.]])",
        "[[1, 2],\n [3, 4]]",
    ):
        opened.paste("Q", 1, 0, text)
        expect(opened.status).to_have_text("Pasted.")
        np.testing.assert_array_equal(opened.numbers("Q"), query)
        opened.page.get_by_role("button", name="Reset Q").click()
        np.testing.assert_array_equal(opened.numbers("Q"), start)
    wait_for_chain(opened)


def test_pasting_words_changes_nothing_and_says_so(opened: Visitor) -> None:
    before = opened.numbers("Q")
    opened.paste("Q", 0, 0, "1\t2\n3\tfour")
    expect(opened.status).to_have_text("Nothing was pasted: “four” is not a number.")
    np.testing.assert_array_equal(opened.numbers("Q"), before)


def test_reset_returns_one_matrix(opened: Visitor) -> None:
    opened.typed("Q", 0, 0, "5")
    opened.typed("K", 0, 0, "5")
    wait_for_chain(opened)
    opened.page.get_by_role("button", name="Reset Q").click()
    assert opened.numbers("Q")[0, 0] == cat_sat_mat().query[0, 0]
    assert opened.numbers("K")[0, 0] == 5
    wait_for_chain(opened)
    expect(opened.page.get_by_role("button", name="Reset Q")).to_be_hidden()


def test_causal_mask_hides_the_future(opened: Visitor) -> None:
    opened.press_segment("Causal")
    opened.wait_for(
        lambda: opened.grid("Masked").count() == 1 and opened.numbers("Weights")[0, 0] == 1,
        lambda: opened.numbers("Weights"),
    )
    wait_for_chain(opened, causal=True)
    assert (opened.numbers("Weights")[np.triu_indices(5, 1)] == 0).all()
    assert np.isneginf(opened.numbers("Masked")[np.triu_indices(5, 1)]).all()


def test_painting_a_mask_blocks_cells_and_all_of_a_row(opened: Visitor) -> None:
    opened.press_segment("Painted")
    expect(opened.grid("Mask")).to_be_visible()
    mask = np.ones((5, 5), dtype=bool)
    opened.cell("Mask", 2, 1).click()
    mask[2, 1] = False
    wait_for_chain(opened, mask=mask)
    # One stroke across the row.
    first, last = (opened.cell("Mask", 4, column).bounding_box() for column in (0, 4))
    assert first is not None and last is not None
    mouse = opened.page.mouse
    mouse.move(first["x"] + 10, first["y"] + 10)
    mouse.down()
    mouse.move(last["x"] + 10, last["y"] + 10, steps=20)
    mouse.up()
    mask[4] = False
    wait_for_chain(opened, mask=mask)
    opened.settle()
    opened.cell("Weights", 4, 2).click()
    expect(opened.page.locator(".sum .said")).to_have_text(
        "“mat” may attend to nothing: its weights and its output are 0."
    )
    expect(opened.page.locator(".sum .line").nth(2)).to_have_text("weight = 0: this key is blocked")
    expect(opened.page.locator(".sum .note")).to_have_count(0)


def test_choosing_a_weight_writes_out_its_sum(opened: Visitor) -> None:
    opened.cell("Weights", 3, 4).click()
    heading = opened.page.get_by_role("heading", name="The arithmetic behind “on” reading “mat”")
    expect(heading).to_be_visible()
    expect(opened.cell("Weights", 3, 4)).to_have_class(re.compile(r"\bchosen\b"))
    expect(opened.cell("Scores", 3, 4)).to_have_class(re.compile(r"\bchosen\b"))
    attention = expected(opened)
    lines = opened.page.locator(".sum .line")
    powers = [f"e{x:.2f}".replace("-", "−") for x in attention.logits[3]]
    expect(lines.nth(2)).to_have_text(
        f"weight = {powers[4]} divided by {' + '.join(powers)} = {attention.weights[3, 4]:.4f}"
    )
    output = ", ".join(f"{x:.2f}".replace("-", "−") for x in attention.output[3])
    expect(lines.nth(3)).to_have_text(re.compile(rf"= \({re.escape(output)}\)$"))
    expect(opened.page.locator(".sum .said")).to_have_text(re.compile("^“on” reads “"))
    # By keyboard as well.
    opened.cell("Weights", 3, 4).focus()
    opened.page.keyboard.press("ArrowLeft")
    opened.page.keyboard.press("Enter")
    expect(
        opened.page.get_by_role("heading", name="The arithmetic behind “on” reading “on”")
    ).to_be_visible()


def test_hovering_a_weight_lights_its_query_row_and_its_key_row(opened: Visitor) -> None:
    opened.cell("Weights", 2, 4).hover()
    assert lit(opened, "Weights").tolist() == [[2, 4]]
    assert lit(opened, "Q").tolist() == [[2, 0], [2, 1]]
    assert lit(opened, "K").tolist() == [[4, 0], [4, 1]]
    assert lit(opened, "V").tolist() == [[4, 0], [4, 1]]
    assert lit(opened, "Output").tolist() == [[2, 0], [2, 1]]
    expect(opened.page.locator(".readout").first).to_have_text(
        f"Weights, sat, mat: {expected(opened).weights[2, 4]:.4f}"
    )
    opened.page.mouse.move(5, 5)
    assert len(lit(opened, "Q")) == 0


def lit(visitor: Visitor, title: str) -> NDArray[np.int_]:
    """Return the lit cells of a matrix as (row, column)."""
    at = (
        visitor.grid(title)
        .locator(".cell.lit")
        .evaluate_all("cells => cells.map(c => c.dataset.at)")
    )
    return np.array([[int(part) for part in place.split(",")] for place in at])


def test_edits_and_choices_survive_another_page(opened: Visitor) -> None:
    opened.typed("Q", 2, 0, "-1.5")
    opened.press_segment("Causal")
    wait_for_chain(opened, causal=True)
    opened.fill("Tokens, 2 to 8 words", "a b c d e")
    expect(opened.grid("Q").get_by_role("rowheader").first).to_have_text("a")
    opened.settle()
    weights = opened.numbers("Weights")
    opened.menu("Overview")
    expect(opened.page.get_by_role("heading", level=1)).to_have_text("What is attention?")
    opened.settle()
    opened.menu("Scaled dot-product")
    expect(opened.page.get_by_role("heading", level=1)).to_have_text(
        "How do Q, K and V become an output?"
    )
    opened.settle()
    opened.wait_numbers("Weights", weights, within=0)
    assert opened.numbers("Q")[2, 0] == -1.5
    expect(opened.grid("Q").get_by_role("rowheader").first).to_have_text("a")
    # Reset still knows where the toy started.
    opened.page.get_by_role("button", name="Reset Q").click()
    assert opened.numbers("Q")[2, 0] == 2.0
    wait_for_chain(opened, causal=True)


def test_markup_in_a_word_is_shown_and_never_obeyed(opened: Visitor) -> None:
    dialogs: list[str] = []
    opened.page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    elements = opened.page.locator(".sum *").evaluate_all("nodes => nodes.map(n => n.tagName)")
    # A word has no space; the browser takes a slash or a line feed instead.
    words = ("<img/src=x/onerror=alert(1)>", "$x$", "**a**", ":red[x]", "`b`")
    opened.fill("Tokens, 2 to 8 words", " ".join(words))
    expect(opened.page.get_by_test_id("stAlert")).to_be_visible()  # the first is too long
    words = ("<svg/onload=alert(1)>", "$x$", "**a**", ":red[x]", "`b`")
    opened.fill("Tokens, 2 to 8 words", " ".join(words))
    expect(opened.grid("Q").get_by_role("rowheader").first).to_have_text(words[0])
    opened.settle()
    summary = opened.page.locator(".sum")
    for index, word in enumerate(words):
        opened.cell("Weights", index, (index + 1) % 5).click()
        other = words[(index + 1) % 5]
        expect(summary.locator("h2")).to_have_text(
            f"The arithmetic behind “{word}” reading “{other}”"
        )
        expect(summary.locator(".said")).to_have_text(said(word, words, opened))
        opened.settle()
        now = summary.locator("*").evaluate_all("nodes => nodes.map(n => n.tagName)")
        assert now == elements
    for title in ("Q", "K", "V", "Scores", "Weights", "Output"):
        assert tuple(opened.grid(title).get_by_role("rowheader").all_text_contents()) == words
    columns = opened.grid("Weights").get_by_role("columnheader").all_text_contents()
    assert tuple(columns[1:]) == words
    marks = opened.page.locator(".attention-lines text").all_text_contents()
    assert set(words[1:]) <= set(marks)
    assert any(re.fullmatch("<svg/on.*…", mark) for mark in marks)  # cut to the room there is
    opened.press_segment("Geometry")
    expect(opened.page.locator("[data-testid=stVegaLiteChart] svg.marks")).to_have_count(2)
    opened.settle()
    marks = opened.page.locator("[data-testid=stVegaLiteChart] svg text").all_text_contents()
    assert set(words[1:]) <= set(marks)
    assert opened.page.locator("[onload], [onerror]").count() == 0
    assert not dialogs


def said(word: str, words: tuple[str, ...], visitor: Visitor) -> str:
    """Return the sentence that belongs to a word's row of weights."""
    return what_it_reads(word, words, expected(visitor).weights[words.index(word)])


def test_too_many_words_leave_the_matrices_and_say_why(opened: Visitor) -> None:
    before = opened.numbers("Weights")
    opened.fill("Tokens, 2 to 8 words", "one two three four five six seven eight nine")
    expect(opened.page.get_by_test_id("stAlert")).to_contain_text(
        "Write 2 to 8 words, not 9. The matrices still show the words before."
    )
    opened.settle()
    np.testing.assert_array_equal(opened.numbers("Weights"), before)
    expect(opened.grid("Q").get_by_role("rowheader").first).to_have_text("the")


def test_words_join_and_leave(opened: Visitor) -> None:
    opened.fill("Tokens, 2 to 8 words", "the cat sat on mat today")
    wait_for_shape(opened, "Q", (6, 2))
    assert (opened.numbers("Q")[5] == 0).all()
    wait_for_chain(opened)
    opened.fill("Tokens, 2 to 8 words", "the cat")
    wait_for_shape(opened, "Q", (2, 2))
    wait_for_chain(opened)


def test_the_toy_of_the_tutorials_draws(opened: Visitor) -> None:
    opened.choose("Start from", "5 x 64")
    toy = source_post_toy(0)
    wait_for_shape(opened, "Q", (5, 64))
    attention = scaled_dot_product_attention(toy.query, toy.key, toy.value)
    opened.wait_numbers("Weights", attention.weights)
    opened.wait_numbers("Output", attention.output)
    expect(opened.page.get_by_test_id("stAlert")).to_have_count(0)
    # Small cells show colours, and the number to a pointer.
    opened.cell("Q", 0, 7).hover()
    expect(opened.page.locator(".readout").first).to_have_text(
        re.compile(
            rf"^Q, {toy.tokens[0]}, 8: {re.escape(f'{toy.query[0, 7]:.4f}'.replace('-', '−'))}$"
        )
    )
    width = opened.page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth")
    assert width <= 1280


def test_sizes_at_their_ends(opened: Visitor) -> None:
    for size in (1, 8):
        opened.fill("d_head", str(size))
        wait_for_shape(opened, "Q", (5, size))
        opened.fill("d_value", str(size))
        wait_for_shape(opened, "V", (5, size))
        wait_for_chain(opened)
    opened.press_segment("Geometry")
    expect(opened.page.get_by_text("Arrows need a plane")).to_be_visible()


def test_geometry_draws_two_planes(opened: Visitor) -> None:
    opened.press_segment("Geometry")
    expect(opened.page.locator("[data-testid=stVegaLiteChart] svg.marks")).to_have_count(2)
    expect(opened.page.get_by_text("The output among the values")).to_be_visible()


def test_pytorch_agrees(opened: Visitor) -> None:
    opened.typed("Q", 2, 0, "-1.5")
    notes = opened.page.locator(".sum .note")
    expect(notes).to_have_count(1)
    opened.page.get_by_role("button", name="Arithmetic").click()
    opened.page.get_by_text("Check against PyTorch").click()
    for precision, most in (("float32", 1e-6), ("float16", 2e-3), ("float64", 1e-14)):
        if precision != "float32":
            opened.press_segment(precision)
        expect(notes).to_have_count(2, timeout=60_000)
        said = re.compile(rf"^Largest difference from PyTorch's output in {precision}: (.*)$")
        expect(notes.nth(1)).to_have_text(said, timeout=60_000)
        gap = float(said.match(notes.nth(1).inner_text()).group(1))  # type: ignore[union-attr]
        assert gap <= most
    expect(opened.page.get_by_test_id("stAlert")).to_have_count(0)
    # It is a setting: an edit keeps it.
    opened.page.keyboard.press("Escape")
    opened.settle()
    opened.typed("Q", 2, 1, "0.5")
    wait_for_chain(opened)
    opened.settle()
    expect(notes).to_have_count(2)


def test_overflow_is_said_in_words(opened: Visitor) -> None:
    opened.choose("Start from", "Dictionary lookup")
    wait_for_shape(opened, "Q", (4, 4))
    opened.page.get_by_text("÷ √d_head").click()
    opened.page.get_by_role("button", name="Arithmetic").click()
    opened.press_segment("Naive")
    opened.press_segment("float16")
    expect(opened.page.locator(".sum .said")).to_have_text(
        "The weights of “one” are not all numbers: the naive softmax overflowed or vanished."
    )
    assert np.isnan(np.diag(opened.numbers("Weights"))).all()
    expect(opened.page.locator(".sum .line").nth(2)).to_contain_text("= NaN")
    expect(opened.page.locator(".sum .note")).to_have_count(0)


# ---- edits redraw an inner part of the page, controls an outer one: neither undoes the other


def kept_by_python(visitor: Visitor, query: NDArray[np.float64], **options: object) -> None:
    """Q on the screen, the chain computed from it, and Q drawn anew from Python, all agree."""
    np.testing.assert_array_equal(visitor.numbers("Q"), query)
    wait_for_chain(visitor, **options)
    visitor.settle()
    # A board built anew shows what Python has.
    visitor.go("Overview", "Query")
    visitor.go("Scaled dot-product", "Q")
    np.testing.assert_array_equal(visitor.numbers("Q"), query)
    wait_for_chain(visitor, **options)


def test_an_edit_is_kept_by_the_controls_that_follow_at_once(opened: Visitor) -> None:
    query = cat_sat_mat().query.copy()
    opened.typed("Q", 2, 0, "-1.5")
    opened.press_segment("Causal")
    opened.fill("Tokens, 2 to 8 words", "a b c d e")
    query[2, 0] = -1.5
    expect(opened.grid("Q").get_by_role("rowheader").first).to_have_text("a")
    expect(opened.grid("Masked")).to_be_visible()
    expect(opened.page.locator(".sum h2")).to_have_text("The arithmetic behind “c” reading “b”")
    # And the other way about.
    opened.page.get_by_text("÷ √d_head").click()
    opened.typed("Q", 4, 1, "3")
    query[4, 1] = 3
    opened.wait_numbers("Scaled", expected(opened).scores)
    kept_by_python(opened, query, causal=True, scale=1.0)


def test_an_edit_made_while_a_control_is_answered_is_kept(opened: Visitor) -> None:
    """The answer builds the board anew, from numbers older than those on the screen."""
    query = cat_sat_mat().query.copy()
    for turn, mask in enumerate(("Causal", "None", "Padding", "Causal")):
        opened.cell("Q", turn, 1).focus()
        opened.page.evaluate(
            """mask => [...document.querySelectorAll('[role=radio]')]
                .find(button => button.textContent.trim() === mask).click()""",
            mask,
        )
        opened.page.keyboard.press("Delete")
        query[turn, 1] = 0
        expect(opened.grid("Masked")).to_have_count(int(mask != "None"))
        opened.settle()
        # Two redraws at once must not leave two boards.
        expect(opened.grid("Q")).to_have_count(1)
        expect(opened.page.locator(".sum")).to_have_count(1)
        np.testing.assert_array_equal(opened.numbers("Q"), query)
    kept_by_python(opened, query, causal=True)


def test_an_edit_and_a_choice_in_quick_succession_are_both_kept(opened: Visitor) -> None:
    weights = opened.grid("Weights").element_handle()
    opened.grid("Q").evaluate(
        """async (grid, weights) => {
            const press = (grid, at, key) => grid.querySelector(`[data-at="${at}"]`).dispatchEvent(
                new KeyboardEvent("keydown", {key, bubbles: true, composed: true}));
            for (let row = 0; row < 5; row += 1) {
                press(grid, `${row},0`, "ArrowUp");
                press(weights, `${4 - row},${row}`, "Enter");
                await new Promise(done => setTimeout(done, 20));
            }
        }""",
        weights,
    )
    query = cat_sat_mat().query.copy()
    query[:, 0] += 0.1
    expect(opened.page.locator(".sum h2")).to_have_text("The arithmetic behind “the” reading “mat”")
    expect(opened.cell("Weights", 0, 4)).to_have_class(re.compile(r"\bchosen\b"))
    kept_by_python(opened, query)
    expect(opened.page.locator(".sum h2")).to_have_text("The arithmetic behind “the” reading “mat”")


def test_pointing_at_a_line_shows_its_row_without_asking_the_server(
    new_visitor: NewVisitor,
) -> None:
    visitor = new_visitor()
    sent: list[object] = []

    def note(frame: object) -> None:  # Playwright takes no built-in function
        sent.append(frame)

    visitor.page.on("websocket", lambda socket: socket.on("framesent", note))
    visitor.open(FILE)
    chart = visitor.page.locator(".attention-lines svg")
    texts = lambda: chart.locator("text").all_text_contents()  # noqa: E731
    assert "“sat” reads" in texts()
    chart.scroll_into_view_if_needed()
    n_sent = len(sent)
    line = chart.locator("path[data-query='3'][data-key='4']")
    box = line.bounding_box()
    assert box is not None
    # From "on" (row 3) down to "mat" (row 4): near its start, where no other row's lines are.
    visitor.page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.1 * box["height"])
    visitor.wait_for(lambda: "“on” reads" in texts(), lambda: str(texts()))
    lit = re.compile(r"\blit\b")
    expect(visitor.cell("Weights", 3, 4)).to_have_class(lit)
    expect(visitor.cell("Weights", 3, 3)).not_to_have_class(lit)
    # And the other way: the board lights the lines.
    visitor.cell("Weights", 0, 1).hover()
    visitor.wait_for(lambda: "“the” reads" in texts(), lambda: str(texts()))
    assert len(sent) == n_sent


def test_a_weight_is_chosen_among_the_lines(opened: Visitor) -> None:
    chart = opened.page.locator(".attention-lines svg")
    heading = opened.page.locator(".sum h2")
    chart.locator("rect[data-query='4']").click()
    expect(heading).to_have_text("The arithmetic behind “mat” reading “cat”")
    chart.locator("rect[data-key='3']").click()
    expect(heading).to_have_text("The arithmetic behind “mat” reading “on”")
    expect(opened.cell("Weights", 4, 3)).to_have_class(re.compile(r"\bchosen\b"))
    # The bar is as long as the weight, as drawn after an edit that the lines hear of.
    opened.typed("Q", 4, 0, "2")
    bars = chart.locator("rect:not(.target)")

    def off_by() -> float:
        widths = bars.evaluate_all("bars => bars.map(bar => Number(bar.getAttribute('width')))")
        shown = np.array(widths) / sum(widths)
        return float(abs(shown - expected(opened).weights[4]).max())

    wait_for_chain(opened)
    opened.wait_for(lambda: off_by() < 0.001, off_by)
