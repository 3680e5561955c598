"""The lesson in a browser: what is seen while predicting, what is sent, keyboard, small screens."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, WebSocket, expect

from pages._shared.lesson_messages import READY
from pages._shared.lesson_state import LEFT, PUT_BACK
from tests.browser.conftest import NewVisitor
from tests.browser.serving import ROOT, App, running_app
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

SCRIPT = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
from tests.pages.lesson_app import main
main()
"""
# Words of the first experiment's answer, as Python writes them.
GIVEAWAYS = (b"spreads the scores", b"stretches the scores", b"from 0.67 to 0.99")
SCREENS = {"laptop": (1280, 720), "telephone": (390, 844)}

FOCUSED = """() => {
    let one = document.activeElement;
    while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
    return [one.className, one.textContent || one.value || ""].join("|");
}"""
# What is left of the window between the bar at its top and the card.
BOXES = """() => {
    const box = one => { const {top, bottom} = one.getBoundingClientRect(); return [top, bottom]; };
    const hosts = [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")];
    const inside = name => hosts.map(h => h.shadowRoot.querySelector(name)).find(Boolean);
    return {card: box(inside(".lesson")), board: box(inside(".board")),
            weights: box(inside("[role=grid][aria-label^='Weights,']").closest("section")),
            top: box(document.querySelector("[data-testid=stHeader]"))[1], height: innerHeight};
}"""
# Every step in which the page was scrolled, from its beginning.
WATCH_SCROLLING = """
    window.scrolls = [];
    document.addEventListener("scroll", ({target}) => {
        if (target.dataset?.testid === "stMain") window.scrolls.push(target.scrollTop);
    }, true);
"""


@pytest.fixture(scope="module")
def app(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """A page of its own, with the lab's settings."""
    folder = tmp_path_factory.mktemp("lesson")
    shutil.copytree(ROOT / ".streamlit", folder / ".streamlit")
    (folder / "app.py").write_text(SCRIPT, encoding="utf-8")
    with running_app(folder / "app.py") as running:
        yield running


@pytest.fixture
def visitor(new_visitor: NewVisitor, app: App) -> Visitor:
    reader = new_visitor(app, height=720)
    reader.open("streamlit_app.py")
    return reader


def button(visitor: Visitor, name: str) -> Locator:
    return visitor.page.locator(".lesson").get_by_role("button", name=name)


def open_(visitor: Visitor, title: str) -> None:
    button(visitor, title).click()
    expect(visitor.page.locator(".lesson .title")).to_contain_text(title)
    visitor.settle()


def problem(visitor: Visitor) -> Locator:
    return visitor.page.locator(".lesson .problem")


def result(visitor: Visitor) -> Locator:
    return visitor.page.locator(".lesson .result")


@pytest.mark.parametrize("screen", SCREENS)
def test_the_picture_is_seen_while_the_reader_predicts(
    screen: str, new_visitor: NewVisitor, app: App
) -> None:
    width, height = SCREENS[screen]
    visitor = new_visitor(app, width=width, height=height)
    visitor.open("streamlit_app.py")
    # The hard case: the reader is down at the list, the picture above has left the window.
    visitor.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)")
    visitor.rest()
    button(visitor, "A colder softmax").evaluate("one => one.click()")
    expect(visitor.page.locator(".lesson .title")).to_contain_text("A colder softmax")
    for press in (None, "Predict"):
        if press:
            visitor.page.get_by_label("It falls").check()
            button(visitor, press).click()
            expect(result(visitor)).to_contain_text("Not so")
        visitor.rest()
        boxes = visitor.page.evaluate(BOXES)
        (card_top, card_bottom), (board_top, board_bottom) = boxes["card"], boxes["board"]
        assert card_bottom <= boxes["height"] + 1
        assert card_bottom - card_top <= 0.45 * boxes["height"] + 1
        room = card_top - boxes["top"]
        seen = min(board_bottom, card_top) - max(board_top, boxes["top"])
        if press is None or board_bottom - board_top <= room - 8:
            assert seen >= min(board_bottom - board_top, room) - 12, boxes
    # Where there is no room for all of it, then what shows the answer.
    assert weights_in_sight(visitor)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_small_screen_scrolls_down_only(screen: str, new_visitor: NewVisitor, app: App) -> None:
    width, height = SCREENS[screen]
    visitor = new_visitor(app, width=width, height=height)
    visitor.open("streamlit_app.py")
    for title in ("A colder softmax", "What a row sums to", "The largest weight"):
        open_(visitor, title)
        inside = visitor.page.locator(".lesson").evaluate(
            "one => [one, ...one.querySelectorAll('*')].filter(e => e.checkVisibility())"
            ".map(e => e.getBoundingClientRect().right)"
        )
        assert max(inside) <= width
        assert visitor.page.evaluate("document.documentElement.scrollWidth") <= width


def test_nothing_gives_the_answer_away_before_the_prediction(
    new_visitor: NewVisitor, app: App
) -> None:
    visitor = new_visitor(app)
    frames: list[bytes] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: frames.append(bytes(data, "utf-8")
                  if isinstance(data, str) else data))  # fmt: skip

    visitor.page.on("websocket", listen)
    visitor.open("streamlit_app.py")
    open_(visitor, "A colder softmax")
    button(visitor, "Predict").click()
    expect(problem(visitor)).to_have_text("Choose one of the answers first.")
    visitor.settle()
    received = b"".join(frames)
    assert b"A colder softmax" in received
    assert b"It grows" in received
    assert not [words for words in GIVEAWAYS if words in received]
    visitor.page.get_by_label("It falls").check()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("Not so")
    assert all(words in b"".join(frames) for words in GIVEAWAYS)


def test_a_link_that_hides_answers_never_sends_them(new_visitor: NewVisitor, app: App) -> None:
    visitor = new_visitor(app)
    frames: list[bytes] = []
    visitor.page.on(
        "websocket",
        lambda socket: socket.on(
            "framereceived", lambda data: frames.append(data if isinstance(data, bytes) else b"")
        ),
    )
    visitor.page.goto(f"{app.url}/?hide=answers")
    visitor.settle()
    open_(visitor, "A colder softmax")
    expect(button(visitor, "Show me")).to_be_hidden()
    visitor.page.get_by_label("It grows").check()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("Your prediction is noted")
    expect(result(visitor)).to_contain_text("This link keeps the answers back.")
    visitor.settle()
    received = b"".join(frames)
    assert b"Your prediction is noted" in received
    assert not [words for words in GIVEAWAYS if words in received]
    # The change would show it.
    assert visitor.numbers("Weights")[0, 0] == 0.67


def test_predict_then_see(visitor: Visitor) -> None:
    open_(visitor, "A colder softmax")
    assert visitor.page.evaluate(FOCUSED).startswith("question|")
    assert visitor.numbers("Weights")[0, 0] == 0.67
    visitor.page.get_by_label("It falls").check()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("You predicted: It falls.")
    expect(result(visitor)).to_contain_text("A smaller temperature stretches the scores apart.")
    expect(result(visitor)).to_contain_text("Answer: It grows.")
    assert visitor.page.evaluate(FOCUSED) == "verdict|Not so"
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] == 0.99, lambda: "no change")
    expect(button(visitor, "A colder softmax")).to_have_accessible_name(re.compile("tried"))
    button(visitor, "Next experiment").click()
    expect(visitor.page.locator(".lesson .title")).to_have_text("What a row sums to")
    expect(result(visitor)).not_to_contain_text("Not so")
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] == 0.67, lambda: "not set up")


def test_playing_on_leaves_the_prediction_and_redraws_the_picture(visitor: Visitor) -> None:
    open_(visitor, "A colder softmax")
    visitor.page.get_by_label("It grows").check()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("Right")
    visitor.typed("Q", 0, 0, "0")
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] == 0.33, lambda: "not redrawn")
    slider = visitor.page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    visitor.settle()
    expect(result(visitor)).to_contain_text("from 0.67 to 0.99")


def test_what_the_reader_changed_before_predicting_is_what_counts(visitor: Visitor) -> None:
    open_(visitor, "A colder softmax")
    visitor.typed("Q", 0, 0, "0")
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] == 0.33, lambda: "not redrawn")
    visitor.settle()
    visitor.page.get_by_label("It stays as it is").check()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("Right")
    expect(result(visitor)).to_contain_text("You had changed the page since it was set up")


def test_the_keyboard_alone(visitor: Visitor) -> None:
    keyboard = visitor.page.keyboard
    button(visitor, "A colder softmax").focus()
    keyboard.press("Enter")
    expect(visitor.page.locator(".lesson .title")).to_have_text("A colder softmax")
    visitor.rest()
    before = visitor.scrolled()
    keyboard.press("Tab")
    keyboard.press("Space")
    expect(visitor.page.get_by_label("It falls")).to_be_checked()
    keyboard.press("ArrowDown")
    expect(visitor.page.get_by_label("It grows")).to_be_checked()
    for name in ("Predict", "Set up again", "Show me"):
        keyboard.press("Tab")
        assert visitor.page.evaluate(FOCUSED).endswith(f"|{name}")
    # The card is in sight: what has the focus in it does not move the page.
    assert visitor.scrolled() == before
    keyboard.press("Shift+Tab")
    keyboard.press("Shift+Tab")
    keyboard.press("Enter")
    expect(result(visitor)).to_contain_text("Right")
    assert visitor.page.evaluate(FOCUSED) == "verdict|Right"
    keyboard.press("Escape")
    expect(visitor.page.locator(".lesson .body")).to_be_hidden()
    assert visitor.page.evaluate(FOCUSED).endswith("|Unfold")
    keyboard.press("Enter")
    expect(result(visitor)).to_contain_text("Right")
    keyboard.press("Tab")
    assert visitor.page.evaluate(FOCUSED).endswith("|Close")
    keyboard.press("Enter")
    expect(visitor.page.locator(".lesson .invitation")).to_be_visible()
    expect(button(visitor, "A colder softmax")).to_be_focused()


def test_what_takes_the_focus_is_not_behind_the_card(visitor: Visitor) -> None:
    open_(visitor, "A colder softmax")
    visitor.page.set_viewport_size({"width": 1280, "height": 520})
    visitor.page.evaluate("document.querySelector('[data-testid=stMain]').scrollTo(0, 0)")
    visitor.rest()
    target = visitor.cell("Weights", 0, 0)
    low = target.evaluate("cell => cell.getBoundingClientRect().bottom")
    assert visitor.page.evaluate(BOXES)["card"][0] < low < 520
    target.evaluate("cell => { cell.tabIndex = 0; cell.focus(); }")
    visitor.rest()
    boxes, cell = visitor.page.evaluate(BOXES), target.bounding_box()
    assert cell is not None
    assert cell["y"] + cell["height"] <= boxes["card"][0]


@pytest.mark.parametrize("text", ["", "one", "3.5", "-1", "1e9", "NaN"])
def test_what_is_no_number_in_range_is_refused_kindly(text: str, visitor: Visitor) -> None:
    open_(visitor, "What a row sums to")
    field = visitor.page.get_by_label("Your prediction")
    field.fill(text)
    field.press("Enter")
    expect(problem(visitor)).to_have_text("Write a number. Between 0 and 3.")
    expect(field).to_have_value(text)
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill("1,02")
    expect(problem(visitor)).to_have_text("")
    field.press("Enter")
    expect(result(visitor)).to_contain_text("You predicted: 1.02.")
    expect(result(visitor)).to_contain_text("Right")


def test_what_is_half_written_survives_a_redraw(visitor: Visitor) -> None:
    open_(visitor, "What a row sums to")
    visitor.page.get_by_label("Your prediction").fill("0.5")
    slider = visitor.page.get_by_role("slider")
    slider.focus()
    slider.press("ArrowRight")
    visitor.settle()
    expect(visitor.page.get_by_label("Your prediction")).to_have_value("0.5")
    button(visitor, "Set up again").click()
    expect(visitor.page.get_by_label("Your prediction")).to_have_value("")


def test_a_place_is_chosen_on_the_page(visitor: Visitor) -> None:
    open_(visitor, "The largest weight")
    chosen = visitor.page.locator(".lesson .chosen")
    # One is chosen on the page as it opens, but not by the reader.
    expect(visitor.cell("Weights", 2, 1)).to_have_class(re.compile(r"\bchosen\b"))
    expect(visitor.page.locator(".lesson .place")).to_have_text("Choose a cell of Weights.")
    button(visitor, "Predict").click()
    expect(problem(visitor)).to_have_text("Choose a cell of Weights first.")
    choose(visitor, "<b>sat</b> reading mat")
    expect(chosen).to_have_text("Chosen: <b>sat</b> reading mat")
    expect(chosen.locator("b")).to_have_count(0)
    expect(problem(visitor)).to_have_text("")
    # What the card names and the page does not have is no prediction.
    button(visitor, "Predict").click()
    expect(problem(visitor)).to_have_text("Choose a cell of Weights first.")
    expect(visitor.page.locator(".lesson .place")).to_have_text("Choose a cell of Weights.")
    visitor.cell("Weights", 1, 1).click()
    expect(chosen).to_have_text("Chosen: “sat” reading “sat”")
    visitor.settle()
    choose(visitor, "")
    expect(visitor.page.locator(".lesson .place")).to_have_text("Choose a cell of Weights.")
    visitor.cell("Scores", 1, 1).click()
    expect(chosen).to_have_text("Chosen: “sat” reading “sat”")
    visitor.settle()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("You predicted: “sat” reading “sat”.")
    expect(result(visitor)).to_contain_text("Answer: “cat” reading “cat”.")
    expect(button(visitor, "Next experiment")).to_be_hidden()


def choose(visitor: Visitor, text: str) -> None:
    """Tell the card what boards and maps tell it of a choice, in the browser."""
    visitor.page.evaluate(
        "text => window.dispatchEvent(new CustomEvent('attention-lab-choice', {detail: {text}}))",
        text,
    )


def test_what_is_chosen_as_the_page_opens_can_be_chosen(visitor: Visitor) -> None:
    open_(visitor, "The largest weight")
    visitor.cell("Weights", 2, 1).click()
    expect(visitor.page.locator(".lesson .chosen")).to_have_text("Chosen: “mat” reading “sat”")
    visitor.settle()
    button(visitor, "Set up again").click()
    expect(visitor.page.locator(".lesson .place")).to_have_text("Choose a cell of Weights.")
    visitor.settle()
    visitor.cell("Weights", 2, 1).click()
    visitor.settle()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("You predicted: “mat” reading “sat”.")


def test_what_was_chosen_stays_so_while_another_page_is_looked_at(new_visitor: NewVisitor) -> None:
    visitor = new_visitor(height=720)
    visitor.open("pages/scaled_dot_product.py")
    open_(visitor, "Who gains from a mask")
    here, chosen = "Chosen: “sat” reading “cat”", visitor.page.locator(".lesson .chosen")
    expect(visitor.cell("Weights", 2, 1)).to_have_class(re.compile(r"\bchosen\b"))
    visitor.cell("Weights", 2, 1).click()
    expect(chosen).to_have_text(here)
    visitor.settle()
    visitor.go("Overview", "Keys")
    visitor.go("Scaled dot-product", "Q")
    expect(chosen).to_have_text(here)
    # It begins at its top, as a page does that no link opened.
    visitor.page.wait_for_timeout(1000)
    assert visitor.scrolled() == 0


def test_closing_gives_the_page_back(visitor: Visitor) -> None:
    visitor.typed("Q", 0, 0, "0")
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] == 0.33, lambda: "not redrawn")
    visitor.settle()
    open_(visitor, "A colder softmax")
    expect(visitor.page.locator(".lesson .ready")).to_have_text(READY)
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] == 0.67, lambda: "not set up")
    visitor.page.get_by_label("It grows").check()
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("Right")
    button(visitor, "Next experiment").click()
    expect(visitor.page.locator(".lesson .title")).to_have_text("What a row sums to")
    visitor.settle()
    button(visitor, "Close").click()
    expect(visitor.page.locator(".lesson .said")).to_have_text(PUT_BACK)
    visitor.wait_for(lambda: visitor.numbers("Weights")[0, 0] == 0.33, lambda: "not put back")
    assert visitor.numbers("Q")[0, 0] == 0
    # The reader goes on where they were.
    expect(button(visitor, "What a row sums to")).to_be_focused()
    open_(visitor, "A colder softmax")
    expect(visitor.page.locator(".lesson .said")).to_have_text("")


def test_what_was_just_typed_counts(visitor: Visitor) -> None:
    def type_without_enter(text: str) -> None:
        visitor.cell("Q", 0, 0).click()
        visitor.page.keyboard.type(text)

    open_(visitor, "A colder softmax")
    type_without_enter("0")
    visitor.page.get_by_label("It stays as it is").evaluate("one => { one.checked = true; }")
    button(visitor, "Predict").click()
    expect(result(visitor)).to_contain_text("Right")
    expect(result(visitor)).to_contain_text("You had changed the page since it was set up")
    visitor.settle()
    type_without_enter("4")
    button(visitor, "Close").click()
    expect(visitor.page.locator(".lesson .said")).to_have_text(LEFT)
    visitor.settle()
    assert visitor.numbers("Q")[0, 0] == 4


@pytest.mark.parametrize("screen", SCREENS)
def test_what_has_no_room_begins_at_its_top(screen: str, new_visitor: NewVisitor, app: App) -> None:
    width, height = SCREENS[screen]
    visitor = new_visitor(app, width=width, height=height)
    visitor.open("streamlit_app.py")
    to_its_end = "document.querySelector('[data-testid=stMain]').scrollTo(0, 1e6)"
    # Down at the list: the board is above the window. And up at the title: it is below the card.
    for scroll in (to_its_end, to_its_end.replace("1e6", "0")):
        for title in ("A colder softmax", "The largest weight"):
            visitor.page.evaluate(scroll)
            visitor.rest()
            button(visitor, title).evaluate("one => one.click()")
            expect(visitor.page.locator(".lesson .title")).to_contain_text(title)
            visitor.settle()
            visitor.rest()
            boxes = visitor.page.evaluate(BOXES)
            low, high = boxes["top"], boxes["card"][0]
            board, weights = boxes["board"], boxes["weights"]
            if board[1] - board[0] <= high - low - 8:
                assert low - 1 <= board[0]
                assert board[1] <= high
            elif title == "A colder softmax":
                assert board[0] == pytest.approx(low, abs=1)  # first what it starts from
            else:
                assert low - 1 <= weights[0]
                assert weights[1] <= high
                # As much of the board as there is room for before it.
                fits = weights[1] - board[0] <= high - low - 8
                top = board[0] if fits else weights[0]
                assert top == pytest.approx(low, abs=1)
            button(visitor, "Close").click()
            expect(visitor.page.locator(".lesson .invitation")).to_be_visible()
            visitor.settle()


def test_folding_gives_the_window_back(visitor: Visitor) -> None:
    open_(visitor, "A colder softmax")
    visitor.rest()
    tall = visitor.page.evaluate(BOXES)["card"]
    button(visitor, "Fold").click()
    low = visitor.page.evaluate(BOXES)["card"]
    assert low[1] - low[0] < 60 < tall[1] - tall[0]
    expect(visitor.page.locator(".lesson .title")).to_be_visible()
    button(visitor, "Unfold").click()
    expect(button(visitor, "Predict")).to_be_visible()


def test_a_link_starts_on_an_experiment(new_visitor: NewVisitor, app: App) -> None:
    visitor = new_visitor(app, height=720)
    visitor.page.goto(f"{app.url}/?try=2")
    visitor.settle()
    expect(visitor.page.locator(".lesson .title")).to_have_text("What a row sums to")
    assert visitor.page.evaluate(BOXES)["card"][1] <= 721


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_link_that_starts_on_an_experiment_shows_what_it_is_about(
    motion: str, screen: str, new_visitor: NewVisitor, app: App
) -> None:
    width, height = SCREENS[screen]
    visitor = new_visitor(app, width=width, height=height)
    visitor.page.emulate_media(reduced_motion=motion)
    visitor.page.add_init_script(WATCH_SCROLLING)
    visitor.page.goto(f"{app.url}/?try=3")
    visitor.settle()
    visitor.wait_for(lambda: visitor.page.evaluate("scrolls.length"), lambda: "never scrolled")
    visitor.rest()
    assert weights_in_sight(visitor)
    assert (visitor.page.evaluate("scrolls.length") == 1) == (motion == "reduce")


def weights_in_sight(visitor: Visitor) -> bool:
    boxes = visitor.page.evaluate(BOXES)
    (top, bottom), card = boxes["weights"], boxes["card"]
    return boxes["top"] - 1 <= top and bottom <= card[0] and card[1] <= boxes["height"] + 1


def test_a_reader_who_has_begun_to_move_the_page_is_left_alone(
    new_visitor: NewVisitor, app: App
) -> None:
    visitor = new_visitor(app, width=390, height=844)
    visitor.page.add_init_script(
        "const early = setInterval(() => window.dispatchEvent(new WheelEvent('wheel')), 50);"
        "setTimeout(() => clearInterval(early), 4000);"
    )
    visitor.page.goto(f"{app.url}/?try=3")
    visitor.settle()
    visitor.page.wait_for_timeout(1500)  # longer than it takes without the wheel
    assert visitor.scrolled() == 0
