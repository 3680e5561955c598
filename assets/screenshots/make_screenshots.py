"""Photograph every page of the running lab, light and dark. Run from the repository root.

    streamlit run streamlit_app.py --server.headless true &
    python assets/screenshots/make_screenshots.py http://localhost:8501

Needs a Chromium that Playwright can drive: the system's, or its own.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Playwright, sync_playwright

sys.path.insert(0, str(Path(__file__).parents[2]))
from pages._shared.catalog import PAGES

FOLDER: Final = Path(__file__).parent
WIDTH: Final = 1280
HEIGHT: Final = 1000
SETTLED: Final = '[data-testid="stApp"][data-test-script-state="notRunning"]'


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium, or Playwright's own where there is none."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    return playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])


def photograph(browser: Browser, address: str, theme: str) -> None:
    """Save one picture of each page in `theme`, "light" or "dark"."""
    context = browser.new_context(
        viewport={"width": WIDTH, "height": HEIGHT},
        color_scheme="dark" if theme == "dark" else "light",
    )
    window = context.new_page()
    for page in PAGES:
        name = Path(page.file).stem
        window.goto(f"{address}/{'' if name == 'streamlit_app' else name}")
        window.wait_for_selector(SETTLED, timeout=60_000)
        window.get_by_role("heading", name=page.question).wait_for()
        window.wait_for_load_state("networkidle")
        window.wait_for_timeout(1500)  # pictures fade in
        window.screenshot(path=FOLDER / f"{name}_{theme}.png")
    context.close()


if __name__ == "__main__":
    with sync_playwright() as running:
        chromium = launch(running)
        for ground in ("light", "dark"):
            photograph(chromium, sys.argv[1].rstrip("/"), ground)
        chromium.close()
