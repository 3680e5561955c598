"""What axe-core finds on every page, as a table. Run from the repository root.

    python -m tests.browser.axe_report [FILE]

Writes Markdown, to FILE if one is named.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import sync_playwright

from pages._shared.catalog import PAGES
from tests.browser.axe import STREAMLITS, WIDTHS, Finding, audit
from tests.browser.serving import launch_browser, running_app
from tests.browser.visitor import Visitor


def every_finding() -> list[Finding]:
    """Audit every page on every screen."""
    findings = []
    with sync_playwright() as playwright, running_app() as app:
        chromium = launch_browser(playwright)
        for width, height in WIDTHS.items():
            for page in PAGES:
                visitor = Visitor(chromium, app, width=width, height=height)
                visitor.open(page.file)
                findings += audit(visitor, page.file)
                visitor.close()
        chromium.close()
    return findings


def table(findings: list[Finding]) -> Iterator[str]:
    """Write one line for each page, rule and impact; the count is of the worst view."""
    yield "| page | rule | impact | elements | whose | for example |"
    yield "|---|---|---|---|---|---|"
    for page in PAGES:
        here = [finding for finding in findings if finding.file == page.file]
        if not here:
            yield f"| {page.title} | none | | 0 | | |"
        for rule, impact, exclusion in sorted({(f.rule, f.impact, f.exclusion) for f in here}):
            same = [f for f in here if (f.rule, f.exclusion) == (rule, exclusion)]
            most = max(Counter((f.view, f.theme, f.width) for f in same).values())
            whose = "ours" if exclusion < 0 else f"Streamlit's: {STREAMLITS[exclusion].reason}"
            example = " ".join(same[0].html.replace("|", "\\|").split())[:90]
            yield f"| {page.title} | {rule} | {impact} | {most} | {whose} | `{example}` |"


if __name__ == "__main__":
    text = "\n".join(table(every_finding()))
    print(text)
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(f"{text}\n", "utf-8")
