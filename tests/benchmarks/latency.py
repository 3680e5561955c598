"""Print how quickly the lab answers, beside an empty Streamlit app in the same run.

The empty app has one slider and one text, Streamlit's own settings, and no other page. Every
round presses a key or clicks once in each app, so that whatever else the machine does hits all
alike; read the ratios. A time runs from the key or pointer event in the browser to the last
change of the page: mutations of the document and of every shadow root (where the lab's
components live), and drawing on a canvas. From the root of the repository::

    python -m tests.benchmarks.latency
    python -m tests.benchmarks.latency --rounds 60 --cold-rounds 0
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from tests.browser.serving import App, launch_browser, running_app
from tests.browser.visitor import ALL_DRAWN, IDLE, address

EMPTY_APP: Final = """
import streamlit as st

value = st.slider("A slider", 0, 100, 50)
st.markdown(f"A text: {value}")
"""
# Telemetry would try to leave the machine; nothing else differs from Streamlit's own settings.
EMPTY_OPTIONS: Final = ("--browser.gatherUsageStats=false",)
QUIET_SECONDS: Final = 0.6
N_WARM_UP: Final = 3
# Nothing has changed for a while; on a busy machine an answer may come late.
SETTLED: Final = "performance.now() - (window.__latency.page ?? 0) > 300"
HEADINGS: Final = " median     p95    n  ratio  bar"
BARS: Final = {"chain": 1.0, "page": 1.6, "choice": 1.5, "cold": 1.5}

# On each page with a board: what is edited there, and the matrix and row of the cell.
EDITED: Final = {
    "pages/scaled_dot_product.py": ("Q cell", "Q", 2),
    "streamlit_app.py": ("overview", "Query", 0),
    "pages/soft_vs_hard.py": ("soft vs hard", "Query", 0),
    "pages/self_vs_cross.py": ("self vs cross", "X target", 1),
    "pages/multi_head.py": ("multi-head", "X", 1),
    "pages/positional_encoding.py": ("positions", "Words", 1),
}
N_LONG: Final = 200
LONG_TEXT: Final = " ".join(("the old dog saw a small cat near the house " * 20).split()[:N_LONG])
SOME_TEXT: Final = "[data-testid=stMainBlockContainer] p"
WATCH: Final = r"""
(() => {
  const seen = window.__latency = {};
  window.__arm = () => Object.assign(seen, {
    start: null, sent: null, first: null, last: null, bytes: 0, component: null, page: null,
  });
  const now = () => performance.now();
  const on = () => typeof seen.start === "number";
  const begin = () => { if (seen.start === null) seen.start = now(); };  // null: armed
  for (const name of ["keydown", "pointerdown"]) window.addEventListener(name, begin, true);

  const Socket = window.WebSocket;
  window.WebSocket = class extends Socket {
    constructor(...options) {
      super(...options);
      this.addEventListener("message", ({data}) => {
        if (!on()) return;
        seen.first ??= now(); seen.last = now(); seen.bytes += data.byteLength ?? data.size ?? 0;
      });
    }
    send(data) { if (on()) seen.sent ??= now(); super.send(data); }
  };

  const note = (inComponent) => {
    if (!on()) return;
    seen.page = now();
    if (inComponent) seen.component = now();
  };
  const counts = (record, inComponent) => {
    const node = record.target.nodeType === 1 ? record.target : record.target.parentElement;
    const changed = record.type !== "attributes"
      || node.getAttribute(record.attributeName) !== record.oldValue;
    if (inComponent) return changed;
    // Outside of components attributes also say who is hovered, stale or focused.
    if (record.type === "attributes" && !node.closest("svg, img")) return false;
    return changed && node?.closest("[data-testid=stMainBlockContainer]");
  };
  const watch = (root) => new MutationObserver((records) => {
    // A drawing is a picture, not one of the matrices.
    const isPicture = () => root.querySelector(".drawing, .attention-lines");
    const inComponent = root instanceof ShadowRoot && !isPicture();
    if (records.some((record) => counts(record, inComponent))) note(inComponent);
  }).observe(root, {subtree: true, childList: true, characterData: true,
                    attributes: true, attributeOldValue: true});
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
  for (const name of ["clearRect", "fillRect", "drawImage", "putImageData", "stroke", "fill"]) {
    const draw = CanvasRenderingContext2D.prototype[name];
    CanvasRenderingContext2D.prototype[name] = function (...values) {
      note(this.canvas.getRootNode() instanceof ShadowRoot);
      return draw.apply(this, values);
    };
  }
  watch(document);
})();
"""


@dataclass
class Target:
    """One thing to do on one open page, and how long its answers took, in ms."""

    name: str
    page: Page
    act: Callable[[Page, int], None]
    records: list[dict[str, float]] = field(default_factory=list)

    def once(self, turn: int) -> None:
        """Act, wait until nothing changes any more, and keep what was seen."""
        self.page.bring_to_front()
        self.page.evaluate("window.__arm()")
        self.act(self.page, turn)
        self.page.wait_for_timeout(1000 * QUIET_SECONDS)
        self.page.wait_for_selector(IDLE)
        self.page.wait_for_function(SETTLED)
        seen = self.page.evaluate("({...window.__latency})")
        if seen["page"] is None or seen["first"] is None:
            msg = f"{self.name}: nothing answered turn {turn}: {seen}"
            raise RuntimeError(msg)
        self.records.append(seen)

    def times(self, until: str) -> list[float]:
        """Return ms from the event until the last change of "component" or "page"."""
        return [record[until] - record["start"] for record in self.records[N_WARM_UP:]]

    def median(self, start: str, until: str) -> float:
        """Return the median of ms between two moments."""
        spans = [r[until] - r[start] for r in self.records[N_WARM_UP:] if r[start] is not None]
        return statistics.median(spans)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--cold-rounds", type=int, default=7)
    options = parser.parse_args()
    print(f"load average {os.getloadavg()[0]:.2f} before")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        empty_script = folder / "empty_app.py"
        empty_script.write_text(EMPTY_APP)
        browser = launch_browser(stack.enter_context(sync_playwright()))
        if options.rounds:
            empty = stack.enter_context(running_app(empty_script, *EMPTY_OPTIONS))
            lab = stack.enter_context(running_app())
            measure_answers(browser, empty, lab, options.rounds)
        if options.cold_rounds:
            measure_cold(browser, empty_script, options.cold_rounds)
    print(f"load average {os.getloadavg()[0]:.2f} after")


def measure_answers(browser: Browser, empty: App, lab: App, n_rounds: int) -> None:
    """Press and click in turn in every app, and print the times."""
    stock = Target("empty app", open_watched(browser, empty.url), slide)
    boards = [
        Target(name, open_watched(browser, lab.url + address(file)), press_cell(title, row))
        for file, (name, title, row) in EDITED.items()
    ]
    choices = open_choices(browser, lab)
    targets = [stock, *boards, *choices]
    for turn in range(n_rounds + N_WARM_UP):
        for target in targets:
            target.once(turn)
    basis = statistics.median(stock.times("page"))
    print(f"\n{'ms from the event':34s} {HEADINGS}")
    report("empty app: everything", stock.times("page"), basis, None)
    for board in boards:
        report(f"{board.name}: every matrix", board.times("component"), basis, BARS["chain"])
        report(f"{board.name}: everything", board.times("page"), basis, BARS["page"])
    for target in choices:
        report(f"{target.name}: map", target.times("component"), basis, BARS["choice"])
        report(f"{target.name}: everything", target.times("page"), basis, BARS["choice"])
    print(
        f"\n{'where the median goes, ms':34s} {'send':>6s} {'server':>7s} {'last':>6s} {'kB':>6s}"
    )
    for target in targets:
        size = statistics.median(record["bytes"] for record in target.records) / 1000
        print(
            f"{target.name:34s} {target.median('start', 'sent'):6.0f} "
            f"{target.median('sent', 'first'):6.0f} {target.median('first', 'last'):6.0f} "
            f"{size:6.1f}"
        )


def open_choices(browser: Browser, lab: App) -> list[Target]:
    """Open the pages of trained models, and return what is chosen on each."""
    photo, digit, french, whole, gpt, text, long = (
        open_watched(browser, lab.url + address(f"pages/{name}.py"))
        for name in (
            *("vision_transformer", "image_classification", "translation", "transformer", "gpt"),
            *2 * ("text_classification",),
        )
    )
    digit.get_by_role("radio", name="Heads", exact=True).click()
    digit.locator(".head-grid .tile").first.wait_for()
    wait_until_drawn(digit)
    field = long.get_by_role("textbox", name="Text", exact=True)
    field.fill(LONG_TEXT)
    field.press("Control+Enter")
    long.get_by_text(f"{N_LONG} words in").wait_for()
    wait_until_drawn(long)
    return [
        Target("photo: head, arrow key", photo, press_head),
        Target("photo: patch, click", photo, click_picture),
        Target("photo: layer, arrow key", photo, press_layer),
        Target("digit: head, click", digit, click_head),
        Target("digit: weight, click", digit, click_map),
        Target("translation: head, click", french, click_head),
        Target("translation: weight, click", french, click_picture),
        Target("transformer: block, click", whole, click_block),
        Target("transformer: weight, click", whole, click_picture),
        Target("small GPT: word, click", gpt, click_word),
        Target("text: head, click", text, click_head),
        Target("text: weight, click", text, click_picture),
        Target(f"text of {N_LONG} words: head, click", long, click_head),
        Target(f"text of {N_LONG} words: weight, click", long, click_picture),
    ]


def measure_cold(browser: Browser, empty_script: Path, n_rounds: int) -> None:
    """Time the first page that a fresh server ever shows, and print it."""
    empty = [cold_seconds(browser, empty_script, *EMPTY_OPTIONS)]
    lab = [cold_seconds(browser)]
    for _ in range(n_rounds - 1):
        empty.append(cold_seconds(browser, empty_script, *EMPTY_OPTIONS))
        lab.append(cold_seconds(browser))
    basis = statistics.median(empty)
    print(f"\n{'s from opening a fresh server':34s} {HEADINGS}")
    report("empty app: first page drawn", empty, basis, None, digits=2)
    report("lab: first page drawn", lab, basis, BARS["cold"], digits=2)


def cold_seconds(browser: Browser, *app: Path | str) -> float:
    """Start a server, open its first page in a fresh context, return s until it is drawn."""
    with running_app(*app) as running:  # type: ignore[arg-type]
        context = browser.new_context(viewport={"width": 1280, "height": 1000})
        page = context.new_page()
        start = time.perf_counter()
        page.goto(running.url, wait_until="commit")
        wait_until_drawn(page)
        seconds = time.perf_counter() - start
        context.close()
    return seconds


def open_watched(browser: Browser, url: str) -> Page:
    """Open a page that notes what happens in it."""
    page = browser.new_context(viewport={"width": 1280, "height": 1000}).new_page()
    page.add_init_script(WATCH)
    page.goto(url)
    wait_until_drawn(page)
    return page


def wait_until_drawn(page: Page) -> None:
    """Wait until the script has ended and everything it asked for is on the screen."""
    # Looked at in every frame: Playwright looks for a selector ever more rarely, at last only
    # twice a second, which is longer than what is measured here.
    for drawn in (SOME_TEXT, IDLE):
        page.wait_for_function("one => document.querySelector(one)", arg=drawn, timeout=60_000)
    page.wait_for_function(ALL_DRAWN, timeout=60_000)


def slide(page: Page, turn: int) -> None:
    """Move the slider of the empty app."""
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowLeft" if turn % 2 else "ArrowRight")


def press_cell(title: str, row: int) -> Callable[[Page, int], None]:
    """Return what changes the first number in a row of a matrix, up and down by turns."""

    def press(page: Page, turn: int) -> None:
        page.locator(f'[role=grid][aria-label^="{title},"] [data-at="{row},0"]').focus()
        page.keyboard.press("ArrowDown" if turn % 2 else "ArrowUp")

    return press


def press_head(page: Page, turn: int) -> None:
    """Go to the next head."""
    del turn
    page.locator(".tile[aria-checked=true]").focus()
    page.keyboard.press("ArrowRight")


def click_head(page: Page, turn: int) -> None:
    """Choose one of two heads."""
    page.locator(".head-grid .tile").nth(4 + turn % 2).click()


def click_block(page: Page, turn: int) -> None:
    """Open one of two blocks of the drawing."""
    page.locator(".model [role=button]:has-text('Cross-attention')").nth(turn % 2).click()


def click_word(page: Page, turn: int) -> None:
    """Choose one of two words of the text."""
    page.locator(".translation [data-axis=query]").nth(1 + turn % 2).click()


def click_map(page: Page, turn: int) -> None:
    """Choose one of two places in the large map, where a photo stands below it."""
    click_in(page, page.locator(".attention-map div.picture"), turn)


def click_picture(page: Page, turn: int) -> None:
    """Choose one of two places in a map or a photo."""
    click_in(page, page.locator("div.picture"), turn)


def click_in(page: Page, picture: Locator, turn: int) -> None:
    """Choose one of two places in a picture."""
    picture.scroll_into_view_if_needed()
    box = picture.bounding_box()
    if box is None:
        msg = "the picture is not on the screen"
        raise RuntimeError(msg)
    share = 0.3 if turn % 2 else 0.6
    page.mouse.click(box["x"] + share * box["width"], box["y"] + share * box["height"])


def press_layer(page: Page, turn: int) -> None:
    """Move the slider of the layers."""
    page.get_by_role("slider").first.focus()
    page.keyboard.press("ArrowRight" if turn % 2 else "ArrowLeft")


def report(
    name: str, times: Iterable[float], basis: float, bar: float | None, digits: int = 0
) -> None:
    """Print one line: median, 95th percentile, number, ratio to the empty app, bar."""
    ordered = sorted(times)
    median = statistics.median(ordered)
    p95 = ordered[min(len(ordered) - 1, round(0.95 * (len(ordered) - 1)))]
    verdict = "" if bar is None else f"{bar:.1f} {'met' if median <= bar * basis else 'MISSED'}"
    print(
        f"{name:34s} {median:7.{digits}f} {p95:7.{digits}f} {len(ordered):4d} "
        f"{median / basis:6.2f}  {verdict}"
    )


if __name__ == "__main__":
    main()
