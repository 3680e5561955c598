"""One browser and one server for all browser tests; a clean reader for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.serving import App, NoBrowserError, launch_browser, running_app
from tests.browser.visitor import Visitor

REQUIRED = bool(os.environ.get("ATTENTION_LAB_REQUIRE_BROWSER"))

NewVisitor = Callable[..., Visitor]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        try:
            chromium = launch_browser(playwright)
        except NoBrowserError as error:
            if REQUIRED:
                pytest.fail(str(error))
            pytest.skip(str(error))
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def lab(browser: Browser) -> Iterator[App]:
    """The lab, running for the whole session; asking for the browser first skips in time."""
    with running_app() as app:
        yield app


@pytest.fixture
def fresh_lab(browser: Browser) -> Iterator[App]:
    """A lab that nobody has opened yet."""
    with running_app() as app:
        yield app


@pytest.fixture
def new_visitor(browser: Browser, request: pytest.FixtureRequest) -> Iterator[NewVisitor]:
    """Make readers; afterwards none of them may have seen an error or left the machine."""
    visitors: list[Visitor] = []

    def make(app: App | None = None, **context: object) -> Visitor:
        visitor = Visitor(browser, app or request.getfixturevalue("lab"), **context)
        visitors.append(visitor)
        return visitor

    yield make
    complaints = [complaint for visitor in visitors for complaint in visitor.close()]
    assert not complaints, "\n".join(complaints)


@pytest.fixture
def visitor(new_visitor: NewVisitor) -> Visitor:
    return new_visitor()
