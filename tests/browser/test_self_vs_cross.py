"""The page on self- and cross-attention, used as a learner uses it."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import Locator, expect

from core.multi_head import Projections, multi_head_attention
from core.sequence_examples import french_reads_english
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/self_vs_cross.py"
LOADING = 60_000  # milliseconds for PyTorch and a model
SOURCE = ["the", "black", "cat", "is", "asleep"]


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def chips(visitor: Visitor, side: str) -> Locator:
    return visitor.page.locator(f".chips.of-{side} .chip")


def expect_words(visitor: Visitor, side: str, words: list[str]) -> None:
    """Wait until drawing, field and matrix show these words."""
    expect(chips(visitor, side)).to_have_text(words)
    field = visitor.page.get_by_role("textbox", name=side.capitalize())
    expect(field).to_have_value(" ".join(words))
    heads = visitor.grid(f"X {side}").get_by_role("rowheader")
    expect(heads).to_have_text(words)
    visitor.settle()


def wait_for_chain(visitor: Visitor, asks: str = "X target", asked: str = "X source") -> None:
    """Wait until the board shows what core computes from the numbers on it."""
    matrices = Projections(*(visitor.numbers(f"W_{name}") for name in "QKV"))
    target, source = visitor.numbers(asks), visitor.numbers(asked)
    heads = multi_head_attention(target, source, matrices, n_head=1)
    for title, array in (("Q", heads.query), ("K", heads.key), ("V", heads.value)):
        visitor.wait_numbers(title, array[0], within=0.02)
    visitor.wait_numbers("Weights", heads.attention.weights[0], within=0.02)
    visitor.wait_numbers("Output", heads.output, within=0.03)


def test_two_clicks_swap_two_words_and_undo_brings_them_back(opened: Visitor) -> None:
    weights, output = opened.numbers("Weights"), opened.numbers("Output")
    chips(opened, "source").nth(0).click()
    expect(chips(opened, "source").nth(0)).to_have_attribute("aria-pressed", "true")
    expect(opened.page.get_by_text("Now the word to swap “the” with.")).to_be_visible()
    chips(opened, "source").nth(3).click()
    expect_words(opened, "source", ["is", "black", "cat", "the", "asleep"])
    np.testing.assert_array_equal(opened.numbers("Weights"), weights[:, [3, 1, 2, 0, 4]])
    np.testing.assert_array_equal(opened.numbers("Output"), output)
    np.testing.assert_array_equal(opened.numbers("Weights before"), weights)
    np.testing.assert_array_equal(opened.numbers("Change"), np.zeros((4, 2)))
    said = opened.page.locator(".moved")
    expect(said).to_contain_text("the columns of the weights moved along")
    expect(said).to_contain_text("the largest difference of the output is")
    opened.page.get_by_role("button", name="Undo", exact=True).click()
    expect_words(opened, "source", SOURCE)
    expect(said).to_have_count(0)


def test_a_word_dragged_onto_another_changes_places_with_it(opened: Visitor) -> None:
    output = opened.numbers("Output")
    first, third = (chips(opened, "target").nth(place).bounding_box() for place in (0, 2))
    assert first is not None
    assert third is not None
    mouse = opened.page.mouse
    mouse.move(first["x"] + 8, first["y"] + 8)
    mouse.down()
    mouse.move(third["x"] + 10, third["y"] + 12, steps=8)
    expect(chips(opened, "target").nth(2)).to_have_class("chip under")
    mouse.up()
    expect_words(opened, "target", ["noir", "chat", "le", "dort"])
    np.testing.assert_array_equal(opened.numbers("Output"), output[[2, 1, 0, 3]])
    # Dropped elsewhere it goes back, and nothing is chosen.
    first = chips(opened, "target").nth(0).bounding_box()
    assert first is not None
    mouse.move(first["x"] + 8, first["y"] + 8)
    mouse.down()
    mouse.move(first["x"] + 8, first["y"] + 150, steps=5)
    mouse.up()
    expect(opened.page.locator(".chip.dragged, .chip[aria-pressed=true]")).to_have_count(0)
    expect_words(opened, "target", ["noir", "chat", "le", "dort"])
    # The word that was dragged is chosen with a key as any other.
    chips(opened, "target").nth(0).focus()
    opened.page.keyboard.press("Enter")
    expect(chips(opened, "target").nth(0)).to_have_attribute("aria-pressed", "true")


def test_words_are_moved_with_keys_alone(opened: Visitor) -> None:
    keyboard = opened.page.keyboard
    chips(opened, "source").nth(0).focus()
    keyboard.press("Enter")
    keyboard.press("Escape")
    expect(opened.page.locator(".chip[aria-pressed=true]")).to_have_count(0)
    keyboard.press("Enter")
    keyboard.press("Tab")
    keyboard.press("Space")
    expect_words(opened, "source", ["black", "the", "cat", "is", "asleep"])
    opened.page.get_by_role("button", name="Reverse: Source").focus()
    keyboard.press("Enter")
    expect_words(opened, "source", ["asleep", "is", "cat", "the", "black"])
    expect(opened.page.get_by_role("button", name="Reverse: Source")).to_be_focused()
    opened.page.get_by_role("button", name="As written: Source").click()
    expect_words(opened, "source", SOURCE)
    expect(opened.page.get_by_role("button", name="As written: Source")).to_have_count(0)


def test_dragging_a_number_of_a_projection_moves_the_weights_at_once(opened: Visitor) -> None:
    before = opened.numbers("Weights")
    box = opened.cell("W_Q", 1, 0).bounding_box()
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
    mouse.up()
    wait_for_chain(opened)
    # What was said of the chosen cell is said of the new numbers.
    query = opened.numbers("Q")[1]
    expect(opened.page.locator(".sum .line").first).to_contain_text(f"{query[0]:.2f}"[1:])


def test_the_drawing_says_who_gives_what_and_follows_kind_and_words(opened: Visitor) -> None:
    picture = opened.page.locator("svg.frame")
    expect(picture).to_have_attribute("aria-label", "X target gives Q, 4 × 2; X source gives K, "
                                      "5 × 2, and V, 5 × 2. Q and K make the weights, 4 × 5; "
                                      "weights and V the output, 4 × 2.")  # fmt: skip
    expect(picture.locator("text.name")).to_have_text(
        ["X target", "X source", "Q", "K", "V", "Weights", "Output"]
    )
    # It can be taken along like every picture.
    offered = opened.page.locator(".take select")
    offered.focus()
    expect(offered.locator("option").first).to_have_text("Who gives Q, K and V")
    opened.fill("Source, 2 to 8 words", "the cat")
    expect(picture.locator("text.shape")).to_have_text(
        ["4 × 2", "2 × 2", "4 × 2", "2 × 2", "2 × 2", "4 × 2", "4 × 2"]
    )
    opened.settle()
    wait_for_chain(opened)
    opened.press_segment("Self")
    expect(picture.locator("text.name")).to_have_text(["X", "Q", "K", "V", "Weights", "Output"])
    expect(chips(opened, "source")).to_have_count(0)
    opened.settle()
    wait_for_chain(opened, "X", "X")


def test_a_decoder_layer_reads_twice_and_either_step_can_be_followed(opened: Visitor) -> None:
    opened.press_segment("Decoder layer")
    steps = opened.page.locator(".stage .step")
    expect(steps).to_have_text(["1. Masked self-attention", "2. Cross-attention"])
    expect(steps.nth(1)).to_have_attribute("aria-pressed", "true")
    opened.settle()
    wait_for_chain(opened, "After self")
    written = ["→ le", "→ chat", "→ noir", "→ dort"]
    expect(opened.grid("Weights").get_by_role("rowheader")).to_have_text(written)
    layer, own = opened.numbers("Layer output"), opened.numbers("Self weights")
    np.testing.assert_array_equal(np.triu(own, 1), np.zeros((4, 4)))
    # Choosing the drawing is choosing the step.
    opened.page.locator("svg.frame").first.click()
    expect(opened.grid("Cross weights")).to_be_visible()
    expect(opened.grid("Weights").get_by_role("columnheader").nth(1)).to_have_text("[start]")
    opened.settle()
    np.testing.assert_array_equal(opened.numbers("Weights"), own)
    np.testing.assert_array_equal(opened.numbers("Layer output"), layer)
    # The matrices that are edited are those of this step.
    opened.typed("W_V", 0, 0, "3")
    opened.wait_for(
        lambda: abs(opened.numbers("Layer output") - layer).max() > 0, lambda: "the layer stays"
    )
    opened.press_segment("Cross")
    expect(opened.grid("X source")).to_be_visible()
    opened.settle()
    np.testing.assert_array_equal(opened.numbers("W_V"), french_reads_english().cross_value[:2, :2])


def test_nothing_sticks_out_of_a_telephone(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(width=390, color_scheme="dark")
    visitor.open(FILE)
    for kind in ("Cross", "Decoder layer"):
        visitor.press_segment(kind)
        visitor.settle()
        widest = visitor.page.evaluate(
            """() => Math.max(...[...document.querySelectorAll('[data-testid=stMain] *')]
                .flatMap(host => host.shadowRoot ? [...host.shadowRoot.querySelectorAll(
                    '.chip, .tool, .stage, svg, .says')] : [])
                .map(node => node.getBoundingClientRect().right))"""
        )
        assert widest <= 390


def test_trained_models_show_who_asks_and_one_choice_serves_map_and_lines(opened: Visitor) -> None:
    page = opened.page
    opened.press_segment("Trained models")
    # By its name: the toy's drawing may stand for a moment beside the one that comes.
    cross = page.get_by_role("img", name=re.compile(r"^French gives Q, 16 × 32; English"))
    expect(cross).to_be_visible(timeout=LOADING)
    opened.settle()
    picture = page.locator(".attention-map .picture")
    picture.focus()
    for key in ("ArrowDown", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    said = page.locator(".attention-map .text")
    expect(said).to_contain_text("“a” reads")
    expect(page.locator(".attention-lines")).to_contain_text("“a” reads")
    opened.press_segment("Decoder: causal self")
    own = page.get_by_role("img", name=re.compile("^French gives Q, .*; French gives K"))
    expect(own).to_be_visible()
    opened.settle()
    opened.press_segment("Cross")
    expect(page.locator(".head-grid")).to_have_count(0)
    assert opened.numbers("Weights").shape == (4, 5)
