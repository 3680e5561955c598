"""Print the server's resident memory as a reader goes through the lab in a browser.

After the pages that need NumPy alone, as they open: all but those of trained models, and the traps
of one; after every page was visited and PyTorch asked; after six photos, both resolutions and every
view, which fills the caches; after every view of the text models, with a text of 200 words; after
the trainings. A MB is a million bytes; the bars are for Linux. From the root of the repository::

    python -m tests.benchmarks.memory
"""

from __future__ import annotations

from typing import Final

import psutil
from playwright.sync_api import expect, sync_playwright

from pages._shared.catalog import PAGES
from pages._shared.traps.scaled_dot_product import TRAPS
from tests.benchmarks.latency import LONG_TEXT
from tests.browser.serving import App, launch_browser, running_app
from tests.browser.visitor import Visitor

TRAINED: Final = "Trained models"
SHORT_TEXT: Final = "My dog loves to swim in the lake behind our house."
BARS: Final = {"after NumPy pages": 200, "every page visited": 690}


def main() -> None:
    """Visit, measure and print."""
    with sync_playwright() as playwright, running_app() as app:
        visitor = Visitor(launch_browser(playwright), app)
        report("server just started", app)
        for page in PAGES:
            if page.section != TRAINED:
                visitor.open(page.file)
                report(page.title, app)
        use_scaled_dot_product(visitor)
        report("after NumPy pages", app)
        for page in PAGES:
            if page.section == TRAINED:
                visitor.open(page.file)
                report(page.title, app)
        visitor.open("pages/scaled_dot_product.py")
        visitor.page.get_by_role("button", name="Arithmetic").click()
        visitor.page.get_by_text("Check against PyTorch").click()
        difference = visitor.page.get_by_text("Largest difference from PyTorch")
        expect(difference).to_be_visible(timeout=60_000)
        report("every page visited", app)
        use_vision_transformer(visitor)
        report("six photos, every view", app)
        use_image_classification(visitor)
        report("digits, classes, every view", app)
        use_text_models(visitor)
        report("texts, every view", app)
        train(visitor)
        report("three trainings begun", app)


def use_scaled_dot_product(visitor: Visitor) -> None:
    """Load every kind of toy, draw both pictures and open the traps as they start."""
    visitor.open("pages/scaled_dot_product.py")
    for preset in ("5 x 64", "Cat, sat, mat"):
        visitor.choose("Start from", preset)
        visitor.settle()
    visitor.press_segment("Geometry")
    visitor.settle()
    for trap in TRAPS:
        visitor.press_segment(trap.title)
        visitor.page.wait_for_timeout(200)
        visitor.settle()


def use_vision_transformer(visitor: Visitor) -> None:
    """Look at several photos in every view and at both resolutions."""
    visitor.open("pages/vision_transformer.py")
    photos = visitor.page.locator(".strip button")
    for index in range(6):
        photos.nth(index).click()
        visitor.page.wait_for_timeout(200)
        visitor.settle()
    for resolution in ("1,024", "256"):
        press_each(visitor, resolution, "Rollout", "Patch features", "Saliency", "Attention")


def use_image_classification(visitor: Visitor) -> None:
    """Look at the digit model and at taught classes in every view; run the tests of a photo."""
    visitor.open("pages/image_classification.py")
    press_each(visitor, "Heads", "Which patches decided?", "Heads, ranked", "Weights it learned")
    press_each(visitor, "Layer 1", "Train it", "Your classes", "Name it", "Which patches decided?")
    visitor.page.get_by_role("button", name="Test them on this picture").click()
    visitor.page.wait_for_timeout(30_000)
    visitor.settle()


def use_text_models(visitor: Visitor) -> None:
    """Look at the text models in every view, and at their parts on other pages."""
    visitor.open("pages/translation.py")
    press_each(visitor, "Word by word", "Tired or wide", "Beam search", "Against a GRU")
    visitor.open("pages/text_classification.py")
    for text in (SHORT_TEXT, LONG_TEXT):
        field = visitor.page.get_by_role("textbox", name="Text", exact=True)
        field.fill(text)
        field.press("Control+Enter")
        visitor.page.wait_for_timeout(1_000)
        press_each(visitor, "Roles", "Find a head", "Classify", "Sentiment", "Mask a word")
        visitor.page.get_by_role("button", name="dog").first.click()
        press_each(visitor, "Heads", "Drop the head")
    visitor.open("pages/self_vs_cross.py")
    press_each(visitor, "Trained models", "Encoder: self")
    visitor.open("pages/multi_head.py")
    press_each(visitor, "72 trained heads", "Effect of dropping")
    visitor.open("pages/positional_encoding.py")
    press_each(visitor, "Learned", "A trained table", "A trained grid")


def press_each(visitor: Visitor, *segments: str) -> None:
    """Press one segment after another, and wait for what it shows."""
    for segment in segments:
        visitor.press_segment(segment)
        visitor.page.wait_for_timeout(200)
        visitor.settle()


def train(visitor: Visitor) -> None:
    """Begin the training of each page that has one."""
    for file, tab in (
        ("soft_vs_hard", "Training"),
        ("positional_encoding", "Learned"),
        ("image_classification", "Train it"),
    ):
        visitor.open(f"pages/{file}.py")
        visitor.press_segment(tab)
        visitor.page.get_by_role("button", name="Train", exact=True).click()
        visitor.page.wait_for_timeout(5_000)
        visitor.settle()


def report(name: str, app: App) -> None:
    """Print the resident memory of the server and its children."""
    server = psutil.Process(app.pid)
    family = [server, *server.children(recursive=True)]
    megabytes = sum(process.memory_info().rss for process in family) / 1e6
    bar = BARS.get(name)
    verdict = "" if bar is None else f"  bar {bar} {'met' if megabytes <= bar else 'MISSED'}"
    print(f"{name:26s} {megabytes:6.0f} MB{verdict}")


if __name__ == "__main__":
    main()
