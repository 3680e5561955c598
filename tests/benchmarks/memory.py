"""Print the server's resident memory as a reader goes through the lab in a browser.

After the pages that need NumPy alone, as they open: all but those of trained models, and the traps
of one; after every page was visited and PyTorch asked; after six photos, both resolutions and every
view, which fills the caches; after the trainings, whose optimizer imports PyTorch's compiler. A MB
is a million bytes; the bars are for Linux. From the root of the repository::

    python -m tests.benchmarks.memory
"""

from __future__ import annotations

from typing import Final

import psutil
from playwright.sync_api import expect, sync_playwright

from pages._shared.catalog import PAGES
from pages._shared.traps.scaled_dot_product import TRAPS
from tests.browser.serving import App, launch_browser, running_app
from tests.browser.visitor import Visitor

TRAINED: Final = "Trained models"
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
        train(visitor)
        report("both trainings begun", app)


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
    for resolution in ("1,024 patches", "256 patches"):
        visitor.press_segment(resolution)
        visitor.page.wait_for_timeout(200)
        visitor.settle()
        for view in ("Rollout", "Patch features", "Saliency", "Attention"):
            visitor.press_segment(view)
            visitor.page.wait_for_timeout(200)
            visitor.settle()


def train(visitor: Visitor) -> None:
    """Begin the training of each page that has one."""
    for file, tab in (("soft_vs_hard", "Training"), ("positional_encoding", "Learned")):
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
