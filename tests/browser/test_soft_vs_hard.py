"""Soft vs hard in the browser: edits, choices, and training that lets itself be interrupted."""

from __future__ import annotations

import re
import time
from dataclasses import replace

import numpy as np
import pytest
import torch
from playwright.sync_api import Locator, expect

from core.key_settings import METHODS, KeySettings
from core.key_training import advance, begin
from pages._shared.soft_vs_hard_state import GRADIENTS, STORE, TRAINING, HardState, see
from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/soft_vs_hard.py"
AT_ONCE = 0.3
SHORT = 100
ENOUGH = 200  # what is found depends on the seed, and both train when the second has begun


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def bar(visitor: Visitor, part: str) -> Locator:
    return visitor.page.locator(f".training .{part}")


def done(visitor: Visitor) -> int:
    """Return how many steps the page says were made."""
    return int(bar(visitor, "bar").get_attribute("aria-valuenow") or 0)


def wait_for_steps(visitor: Visitor, more_than: int) -> None:
    visitor.wait_for(lambda: done(visitor) > more_than, lambda: "no progress", seconds=60)


def to_training(visitor: Visitor) -> None:
    visitor.press_segment("Training")
    expect(bar(visitor, "main")).to_have_text("Train")
    visitor.settle()


def train(visitor: Visitor) -> None:
    bar(visitor, "main").click()
    expect(bar(visitor, "main")).to_have_text("Stop")


def choose_steps(visitor: Visitor, n_steps: int) -> None:
    """Move the slider of the steps down to the number wanted."""
    slider = visitor.page.get_by_role("slider", name="Steps")
    slider.focus()
    for _ in range(6):
        if bar(visitor, "count").inner_text().endswith(f"of {n_steps} steps"):
            return
        visitor.page.keyboard.press("ArrowLeft")
        visitor.page.wait_for_timeout(300)
        visitor.settle()
    raise AssertionError(bar(visitor, "count").inner_text())


def query_of(training: KeySettings) -> str:
    """Return the query of the page that shows this training, not begun yet."""
    values = STORE.pack(replace(HardState.start(), training=training, picture=TRAINING))
    written = STORE.schema.write({name: values[name] for name in STORE.schema.fields})
    return f"?s={written}"


def found(visitor: Visitor) -> list[str]:
    """Return the share of found keys of each method, as the table has it."""
    cells: list[str] = visitor.page.locator("table tbody tr td:nth-child(2)").all_inner_texts()
    return cells


def found_alone(settings: KeySettings) -> list[str]:
    torch.set_num_threads(1)
    run = advance(begin(settings), settings.n_steps)
    return [f"{100 * shares.mean():.0f}%" for shares in run.curve[-1].found]


def test_an_edit_moves_every_row_at_once(opened: Visitor) -> None:
    opened.typed("Query", 0, 0, "-2")
    state = replace(HardState.start(), query=np.array([[-2.0, 1.0]]))
    scene = see(state)
    opened.wait_numbers("Weights", scene.weights)
    opened.wait_numbers("Output", scene.output)
    opened.fill("Seed of the draws", "9")
    opened.wait_numbers("Weights", see(replace(state, draw_seed=9)).weights)


def test_the_chosen_row_and_key_are_swept(opened: Visitor) -> None:
    opened.press_segment("Gradients")
    opened.settle()
    opened.cell("Weights", 5, 1).click()
    scene = see(replace(HardState.start(), row=5, chosen_key=1, picture=GRADIENTS))
    gradient = scene.here["straight_through"].gradient[0]
    sentence = opened.page.get_by_text(
        f"Straight-through, by the scaled score of “right”: autograd says {gradient:.2f}, "
        "the finite difference 0.00."
    )
    expect(sentence).to_be_visible(timeout=60_000)
    picture = opened.page.locator("svg[role=img]")
    expect(picture).to_have_attribute(
        "aria-label", re.compile("Straight-through, by the scaled score")
    )
    expect(picture).to_contain_text("scaled score of “right”")


def test_training_moves_stops_at_once_and_goes_on(opened: Visitor) -> None:
    to_training(opened)
    train(opened)
    wait_for_steps(opened, 20)
    begun = time.perf_counter()
    bar(opened, "main").click()
    expect(bar(opened, "main")).to_have_text("Continue")
    assert time.perf_counter() - begun < AT_ONCE + 0.7, "the browser itself takes its time"
    expect(bar(opened, "said")).to_have_text("Stopped. What was learned is kept.")
    opened.settle()
    opened.page.wait_for_timeout(500)
    stopped = done(opened)
    assert 0 < stopped < 500
    opened.page.wait_for_timeout(700)
    assert done(opened) == stopped, "it goes on behind the button"
    # It is there after a visit elsewhere, and goes on from there.
    opened.go("Overview", "Query")
    opened.menu("Soft vs hard")
    expect(bar(opened, "main")).to_have_text("Continue")
    assert done(opened) == stopped
    opened.settle()
    train(opened)
    wait_for_steps(opened, stopped)


def test_an_edit_during_training_is_quick_and_leaves_it_going(opened: Visitor) -> None:
    to_training(opened)
    train(opened)
    wait_for_steps(opened, 0)
    opened.press_segment("Draws")
    expect(opened.grid("Weights")).to_be_visible()
    expect(bar(opened, "main")).to_have_text("Stop")
    before = done(opened)
    opened.cell("Query", 0, 0).click()
    opened.page.keyboard.type("-2")
    begun = time.perf_counter()
    opened.page.keyboard.press("Enter")
    scene = see(replace(HardState.start(), query=np.array([[-2.0, 1.0]])))
    opened.wait_numbers("Output", scene.output)
    waited = time.perf_counter() - begun
    print(f"an edit during training took {1000 * waited:.0f} ms")
    assert waited < 2.0
    wait_for_steps(opened, before)
    bar(opened, "main").click()


def test_two_readers_train_at_once_as_each_would_alone(new_visitor: NewVisitor) -> None:
    readers = [new_visitor(), new_visitor()]
    trainings = [KeySettings(METHODS, seed=seed, n_steps=ENOUGH) for seed in range(2)]
    for training, reader in zip(trainings, readers, strict=True):
        reader.open(FILE, query_of(training))
        expect(bar(reader, "main")).to_have_text("Train")
    for reader in readers:
        train(reader)
    for reader in readers:
        wait_for_steps(reader, 0)
    assert all(bar(reader, "main").inner_text() == "Stop" for reader in readers), "not at once"
    alone = [found_alone(training) for training in trainings]
    assert alone[0] != alone[1]
    for expected, reader in zip(alone, readers, strict=True):
        expect(bar(reader, "said")).to_have_text("Done.", timeout=120_000)
        reader.settle()
        reader.wait_for(
            lambda reader=reader, expected=expected: found(reader) == expected,
            lambda reader=reader, expected=expected: f"{found(reader)} is not {expected}",
        )


def test_the_link_has_the_settings_and_not_what_was_learned(
    opened: Visitor, new_visitor: NewVisitor
) -> None:
    to_training(opened)
    choose_steps(opened, SHORT)
    opened.wait_for(lambda: "s=" in opened.href, lambda: "the address stays")
    train(opened)
    wait_for_steps(opened, 0)
    other = new_visitor()
    other.follow(opened.href)
    expect(bar(other, "main")).to_have_text("Train")
    expect(bar(other, "count")).to_have_text(re.compile(f"^0 of {SHORT} steps$"))
