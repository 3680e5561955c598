"""A reader of the lab: one browser context, what it saw, and whether anything went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any, Final, Literal
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Browser, ConsoleMessage, Locator, Request, expect

from tests.browser.serving import App

PAUSE_MS: Final = 60  # longer than a board waits before it sends what was typed
IDLE: Final = '[data-testid="stApp"][data-test-script-state="notRunning"]'
ALL_DRAWN: Final = """() => {
    const all = (selector, drawn) => [...document.querySelectorAll(selector)].every(drawn);
    const part = "button, canvas, svg, ol, select, [role=gridcell]";
    const filled = host => host.shadowRoot?.querySelector(part);
    return !document.querySelector("[data-testid=stSkeleton]")
        && all("[data-testid=stVegaLiteChart]", c => c.querySelector("svg.marks, canvas.marks"))
        && all("[data-testid=stMain] [data-testid=stBidiComponentIsolated]", filled);
}"""

# On a deep link Streamlit's client asks for its base path under the page's own name first, and
# takes the 404 as "not here". These two requests, once each, are its way of finding out.
_PROBES: Final = re.compile(r"/\w+/_stcore/(health|host-config)")
_NOT_FINITE: Final = {"NaN": "nan", "∞": "inf", "−∞": "-inf"}


class Visitor:
    """One browser context with one page of the lab in it."""

    def __init__(
        self,
        browser: Browser,
        app: App,
        *,
        color_scheme: Literal["light", "dark"] = "light",
        width: int = 1280,
        height: int = 1400,
    ) -> None:
        self.app = app
        self.context = browser.new_context(
            color_scheme=color_scheme, viewport={"width": width, "height": height}
        )
        self.page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self.complaints: list[str] = []
        self.probes: list[str] = []
        self.context.on("request", self._note_request)
        self.page.on("websocket", lambda socket: self._note_host(socket.url))
        self.page.on("console", self._note_console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    # ---- what went wrong

    def _note_request(self, request: Request) -> None:
        self._note_host(request.url)

    def _note_host(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.app.host:
            self.complaints.append(f"left the machine: {url}")

    def _note_console(self, message: ConsoleMessage) -> None:
        path = urlsplit(message.location.get("url", "")).path
        is_probe = "404" in message.text and _PROBES.fullmatch(path)
        if is_probe and path not in self.probes:
            self.probes.append(path)
        else:
            self.complaints.append(f"console {message.type}: {message.text} ({path})")

    def close(self) -> list[str]:
        """Leave, and return everything that went wrong."""
        self.context.close()
        return self.complaints

    # ---- going about

    def open(self, file: str, query: str = "") -> None:
        """Open a page of the catalogue by its address and wait until it is drawn."""
        self.follow(f"{self.app.url}{address(file)}{query}")

    def follow(self, link: str) -> None:
        """Open a whole address and wait until its page is drawn."""
        self.probes.clear()
        self.page.goto(link)
        self._wait_until_open()

    @property
    def href(self) -> str:
        """The address as it stands in the browser now; what Playwright says of it lags."""
        href: str = self.page.evaluate("window.location.href")
        return href

    def reload(self) -> None:
        """Load the page again, as a new session."""
        self.probes.clear()
        self.page.reload()
        self._wait_until_open()

    def _wait_until_open(self) -> None:
        expect(self.page.get_by_test_id("stHeading").first).to_be_visible(timeout=60_000)
        self.settle()

    def menu(self, title: str) -> None:
        """Follow an entry of the menu."""
        entries = self.page.get_by_test_id("stSidebar")
        entries.get_by_role("link", name=title, exact=True).click()

    def go(self, title: str, matrix: str) -> None:
        """Follow an entry of the menu and wait until that page, with this matrix, is drawn."""
        self.menu(title)
        expect(self.grid(matrix)).to_be_visible()
        self.settle()

    def settle(self) -> None:
        """Wait until no script runs and every component and chart is drawn."""
        self.page.wait_for_selector(IDLE, timeout=60_000)
        self.page.wait_for_function(ALL_DRAWN, timeout=30_000)

    def scrolled(self) -> float:
        """Return how far down the page is scrolled, in pixels."""
        return float(self.page.get_by_test_id("stMain").evaluate("main => main.scrollTop"))

    def rest(self) -> None:
        """Wait until nothing scrolls."""
        places: list[float] = []

        def still() -> bool:
            places.append(self.scrolled())
            return len(places) > 8 and len(set(places[-8:])) == 1

        self.wait_for(still, lambda: f"the page still scrolls: {places[-8:]}")

    # ---- reading and touching matrices

    def grid(self, title: str) -> Locator:
        """Return the grid of the matrix with this title."""
        return self.page.get_by_role("grid", name=re.compile(f"^{re.escape(title)}, "))

    def cell(self, title: str, row: int, column: int) -> Locator:
        """Return one cell, counted from 0."""
        return self.grid(title).locator(f'[data-at="{row},{column}"]')

    def numbers(self, title: str) -> NDArray[np.float64]:
        """Return the numbers of a matrix as they stand on the screen."""
        rows = self.grid(title).evaluate(
            """grid => [...grid.querySelectorAll('.row')].slice(1).map(
                row => [...row.querySelectorAll('.cell')].map(
                    cell => cell.getAttribute('aria-label') ?? cell.textContent))"""
        )
        return np.array([[read_number(text) for text in row] for row in rows])

    def wait_numbers(self, title: str, expected: NDArray[Any], within: float = 0.00501) -> None:
        """Wait until a matrix shows these numbers, to two decimals."""
        self.wait_for(
            lambda: (
                (now := self.numbers(title)).shape == expected.shape
                and np.allclose(now, expected, rtol=0, atol=within, equal_nan=True)
            ),
            lambda: f"{title} shows\n{self.numbers(title)}\nnot\n{np.round(expected, 2)}",
        )

    def wait_for(
        self, condition: Callable[[], object], what: Callable[[], object], seconds: float = 10.0
    ) -> None:
        """Wait until a condition holds; `what` says what was awaited."""
        for _ in range(int(seconds / 0.02)):
            if condition():
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(what())

    def typed(self, title: str, row: int, column: int, text: str) -> None:
        """Type into a cell as a reader does, and press Enter."""
        self.cell(title, row, column).click()
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        self.pause()

    def pause(self) -> None:
        """Leave the page the moment that a reader needs between two deeds.

        A board sends what was typed by a timer. Without this a busy browser runs that timer and
        the next deed in one go, and Streamlit warns that two parts of a page report at once.
        """
        self.page.evaluate(f"() => new Promise(done => setTimeout(done, {PAUSE_MS}))")

    def paste(self, title: str, row: int, column: int, text: str) -> None:
        """Paste text into the matrix at a cell."""
        self.cell(title, row, column).evaluate(
            """(cell, text) => {
                const clipboardData = new DataTransfer();
                clipboardData.setData("text/plain", text);
                cell.dispatchEvent(new ClipboardEvent(
                    "paste", {clipboardData, bubbles: true, composed: true, cancelable: true}));
            }""",
            text,
        )

    def fill(self, label: str, text: str) -> None:
        """Write into a text or number field and press Enter."""
        field = self.page.get_by_label(label, exact=True).first
        field.fill(text)
        field.press("Enter")

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select box."""
        self.page.get_by_role("combobox", name=label).first.click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def press_segment(self, option: str, of: str = "") -> None:
        """Choose an option, of the segmented control whose name begins with `of` if it is given."""
        group = self.page.get_by_role("radiogroup", name=re.compile(f"^{re.escape(of)}"))
        (group if of else self.page).get_by_role("radio", name=option, exact=True).click()

    @property
    def status(self) -> Locator:
        """The line in which a board answers."""
        return self.page.locator(".board .status").first


def address(file: str) -> str:
    """Return the path of a page's address, given its file."""
    name = file.removeprefix("pages/").removesuffix(".py")
    return "/" if name == "streamlit_app" else f"/{name}"


def read_number(text: str) -> float:
    """Read a number as the board writes it."""
    return float(_NOT_FINITE.get(text, text.replace("−", "-")))


def contrast(first: Iterable[float], second: Iterable[float]) -> float:
    """Return the contrast of two sRGB colours, 0-255 (WCAG 2.2, section 1.4.3)."""
    light, dark = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Iterable[float]) -> float:
    share = np.array(list(colour)) / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
