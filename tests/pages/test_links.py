"""Links: every page's whole state in its address, read back bit for bit, and never trusted."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, assume, example, given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.packing import Digit, PackingError
from pages._shared import dot_product_state, overview_state, vision_state
from pages._shared.catalog import PAGES, find_page
from pages._shared.dot_product_state import DotProductState
from pages._shared.page_store import LONGEST_LINK, PageStore
from pages._shared.picture_choice import FIRST_PHOTO, OWN, sample_photos
from pages._shared.toy_state import LONGEST_TOKEN, MAX_TOKENS, MIN_TOKENS, ToyState
from pages._shared.vision import prepare_picture
from pages._shared.vision_state import Point, VisionState
from tests.experiments import module_of
from tests.pages.app import (
    component,
    components,
    find_stores,
    html,
    open_in,
    open_page,
    put,
    session_of,
    sums,
    tools,
)
from tests.pages.html_reader import read_html
from tests.pages.link_states import STATES, dot_product_states, full_boards, same_parts

STORES = find_stores()
FILES = [page.file for page in PAGES]
HEAVY = (  # run a trained model
    *("pages/vision_transformer.py", "pages/image_classification.py"),
    *("pages/translation.py", "pages/text_classification.py"),
    *("pages/transformer.py", "pages/gpt.py"),
)
every_page = pytest.mark.parametrize("file", FILES)
every_open_page = pytest.mark.parametrize(
    "file",
    [pytest.param(file, marks=[pytest.mark.slow] if file in HEAVY else []) for file in FILES],
)
DRAWN = (
    "attention_map", "head_grid", "matrix_board", "patch_map", "photo_strip", "trap_lab",
    "who_asks", "word_bars", "translation_words", "action_bar", "beam_tree", "attention_lines",
)  # fmt: skip
_TIME = re.compile(r"[\d.]+ s\b")
WIDGETS = (
    "text_input", "text_area", "number_input", "selectbox", "select_slider", "slider", "toggle",
    "button_group",
)  # fmt: skip


def write(store: PageStore[Any], state: object) -> str:
    """Return the link of a state, also of the one that the page starts with."""
    values = store.pack(state)
    return store.schema.write({name: values[name] for name in store.schema.fields})


def follow(file: str, link: str) -> AppTest:
    """Open a page by its link."""
    app = open_page(file)
    app.query_params["s"] = link
    app.run()
    assert not app.exception
    return app


def state_of(app: AppTest, store: PageStore[Any]) -> Any:  # noqa: ANN401
    with session_of(app):
        return store.current


def screen(app: AppTest) -> dict[str, Any]:
    """Return what a reader sees of the state: boards, maps, words, controls, the address."""
    # A picture that was forgotten meanwhile is looked at again, which takes its own time.
    drawn: dict[str, Any] = {"html": [_TIME.sub("… s", body) for body in html(app)]}
    drawn |= {name: tools(app)[name] for name in ("link", "note", "linkNote", "problem")}
    for name, data in components(app):
        # How often something was put in place from elsewhere is no part of the picture.
        if name in DRAWN:
            left_out = ("version", "view", "received", "news", "serial")
            part = {k: v for k, v in data.items() if k not in left_out}
            drawn[f"{name} of a trap" if name in drawn else name] = part
    for kind in WIDGETS:
        for widget in app.get(kind):
            drawn[re.sub(r"\.\d+$", "", str(widget.key))] = widget.value
    drawn["captions"] = [_TIME.sub("… s", caption.value) for caption in app.caption]
    return drawn


def do(app: AppTest, store: PageStore[Any], state: object) -> dict[str, Any]:
    """Bring the page into a state as its own widgets and boards do, and return the screen."""
    with session_of(app):
        loads = store.loads
        store.keep(state)
        for key, value in store.widgets(state, loads).items():
            app.session_state[key] = value
    return run(app)


def run(app: AppTest) -> dict[str, Any]:
    app.run()
    assert not app.exception
    return screen(app)


# ---- there and back


def test_every_page_has_a_state_and_readers_who_change_it() -> None:
    STORES.check(FILES)
    STATES.check(FILES)
    names = [store.name for store in STORES.values()]
    assert len(set(names)) == len(names)


@every_page
def test_a_page_as_it_starts_needs_no_link_and_has_one(file: str) -> None:
    store = STORES[file]
    link = write(store, store.start())
    assert same_parts(store.read(link)) == same_parts(store.start())
    assert len(link) < 60


@every_page
@settings(max_examples=200)
@given(data=st.data())
def test_a_link_brings_back_every_bit(file: str, data: st.DataObject) -> None:
    store, state = STORES[file], data.draw(STATES[file])
    again = store.read(write(store, state))
    assert same_parts(again) == same_parts(state)
    assert write(store, again) == write(store, state)


# Nothing is gained by looking for the smallest of states that are large on purpose.
@settings(max_examples=150, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(dot_product_states(full_boards()))
def test_eight_words_in_eight_dimensions_fit(state: DotProductState) -> None:
    link = write(dot_product_state.STORE, state)
    assert len(link) <= LONGEST_LINK
    assert same_parts(dot_product_state.STORE.read(link)) == same_parts(state)


def test_the_longest_words_and_numbers_fit() -> None:
    rng = np.random.default_rng(0)
    words = tuple(chr(0x1F300 + i) * LONGEST_TOKEN for i in range(MAX_TOKENS))
    board = ToyState.load("5 x 64", 9999).resized(words, 8, 8)
    board = board.edited(
        {name: rng.uniform(-20, 20, (8, 8)).round(6) for name in ("query", "key", "value")}
        | {"painted": rng.random((8, 8)) < 0.5}
    )
    link = write(dot_product_state.STORE, DotProductState(board))
    assert 1000 < len(link) < LONGEST_LINK < 2000
    assert same_parts(dot_product_state.STORE.read(link).board) == same_parts(board)


def test_words_that_were_renamed_and_then_moved_keep_their_way_back() -> None:
    """What “Reset Q” returns to depends on the way that a sentence came about."""
    words = ("the", "dog", "sat", "on", "mat")
    board = ToyState.load("Cat, sat, mat").resized(words, 2, 2)
    board = board.resized(("dog", "the", "sat", "on", "mat"), 2, 2)
    board = board.edited({"query": np.full((5, 2), 0.5)})
    state = DotProductState(board)
    again = dot_product_state.STORE.read(write(dot_product_state.STORE, state)).board
    np.testing.assert_array_equal(again.base.query[:2], [[-2, 1], [0, 3]])
    assert same_parts(again) == same_parts(board)


def test_a_new_word_called_as_one_of_the_preset_was_stays_new() -> None:
    board = ToyState.load("Cat, sat, mat").resized(("the", "cat", "sat", "on", "mat", "x"), 2, 2)
    board = board.resized(("y", "cat", "sat", "on", "mat", "the"), 2, 2)
    again = dot_product_state.STORE.read(write(dot_product_state.STORE, DotProductState(board)))
    assert (again.board.toy.query[5] == 0).all()
    assert same_parts(again.board) == same_parts(board)


def test_numbers_that_were_cut_come_back_to_the_right_word_after_a_link() -> None:
    board = ToyState.load("Dictionary lookup").resized(("one", "two", "dog", "four"), 2, 2)
    board = board.resized(("dog", "two", "one", "four"), 2, 2)
    opened = dot_product_state.STORE.read(write(dot_product_state.STORE, DotProductState(board)))
    grown = opened.board.resized(board.toy.tokens, 4, 2)
    np.testing.assert_array_equal(grown.toy.query, 16 * np.eye(4)[[2, 1, 0, 3]])
    np.testing.assert_array_equal(grown.base.query, grown.toy.query)


def test_too_much_for_a_link_is_said_and_the_page_goes_on() -> None:
    board = ToyState.load("5 x 64")
    rng = np.random.default_rng(1)
    board = board.edited(
        {name: rng.uniform(-20, 20, (5, 64)).round(6) for name in ("query", "key", "value")}
    )
    shown = tools(open_in(dot_product_state.STORE, DotProductState(board)))
    assert shown["link"] == ""
    assert shown["problem"].startswith("Too much was changed to fit into a link.")


@every_open_page
@settings(max_examples=6)
@given(data=st.data())
def test_who_opens_a_link_sees_what_its_maker_saw(file: str, data: st.DataObject) -> None:
    store, app = STORES[file], open_page(file)
    app.run()
    made = do(app, store, data.draw(STATES[file]))
    opened = screen(follow(file, made["link"]))
    assert opened == made
    assert made["link"] == tools(app)["link"]


# ---- undo, redo, reset on the page itself


@every_open_page
@settings(max_examples=4)
@given(data=st.data())
def test_undo_redo_and_reset_bring_back_the_whole_screen(file: str, data: st.DataObject) -> None:
    store, app = STORES[file], open_page(file)
    screens = [run(app)]
    for _ in range(3):
        state = data.draw(STATES[file])
        assume(n_real_fits(state))
        before = state_of(app, store)
        with session_of(app):
            store.install(state)
        now = run(app)
        if is_step(store, before, state):
            screens.append(now)
        else:
            screens[-1] = now
    for expected in reversed(screens[:-1]):
        assert tools(app)["canUndo"]
        with session_of(app):
            store.undo()
        assert run(app) == expected
    assert not tools(app)["canUndo"]
    for expected in screens[1:]:
        assert tools(app)["canRedo"]
        with session_of(app):
            store.redo()
        assert run(app) == expected
    assert not tools(app)["canRedo"]
    # Where the page has come back to its start, or is only looked at otherwise, reset is no step.
    assume(is_step(store, state_of(app, store), store.start()))
    with session_of(app):
        store.reset()
    assert run(app)["link"] == ""
    with session_of(app):
        store.undo()
    assert run(app) == screens[-1]


def n_real_fits(state: object) -> bool:
    """A control that cannot go so far corrects the state, which is a step as well."""
    if not isinstance(state, DotProductState):
        return True
    return state.settings.n_real <= len(state.board.toy.tokens)


def is_step(store: PageStore[Any], before: object, after: object) -> bool:
    """Tell whether more than what is looked at has changed."""
    old, new = (same_parts(store.pack(state)) for state in (before, after))
    differ = [name for name in old if same_parts(old[name]) != same_parts(new[name])]
    return any(name not in store.looks for name in differ)


# ---- links that nobody made


def say_no(file: str, link: str) -> None:
    """A page opened with this link says so in one line, and starts as usual."""
    app = follow(file, link)
    (notice,) = (body for body in html(app) if body.startswith("<p class='notice'"))
    reading = read_html(notice)
    assert reading.tags == ["p"]
    assert reading.attributes == {("class", "notice"), ("role", "alert")}
    assert reading.text.endswith(" The page starts as usual.")
    assert "\n" not in reading.text
    store = STORES[file]
    assert same_parts(state_of(app, store)) == same_parts(store.start())
    shown = tools(app)
    assert shown["link"] == ""  # the browser takes the bad one out of the address
    assert not shown["canUndo"]
    written = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error]
    assert not any(link[:9] in element.value for element in written if len(link) > 9)


def forged(store: PageStore[Any], **digits: Sequence[Digit]) -> str:
    """Return a link with a right checksum in which fields have these digits."""
    values = store.pack(store.start())
    written = store.schema.digits({name: values[name] for name in store.schema.fields})
    return store.schema.join({**written, **{name: tuple(d) for name, d in digits.items()}})


def with_values(store: PageStore[Any], **values: object) -> str:
    """Return a link with a right checksum in which fields have these values."""
    start = store.pack(store.start())
    return store.schema.write({**{n: start[n] for n in store.schema.fields}, **values})


def word_digits(*words: str) -> list[Digit]:
    """Return words as digits, also such as no page lets in."""
    digits: list[Digit] = [(len(words) - MIN_TOKENS, MAX_TOKENS - MIN_TOKENS + 1)]
    for word in words:
        digits += [(len(word) - 1, LONGEST_TOKEN), (4, 5)]
        digits += [(ord(character), 0x110000) for character in word]
    return digits


def random_link(store: PageStore[Any], seed: int) -> str:
    """Return a link with a right checksum and any values that its fields can say."""
    rng = random.Random(seed)

    def take(radix: int) -> int:
        return rng.choice((0, radix - 1, rng.randrange(radix), rng.randrange(radix)))

    values = {}
    for name, codec in store.schema.fields.items():
        for _ in range(100):
            try:
                values[name] = codec.read(take)
                codec.write(values[name])
            except PackingError:  # a number or a character out of range
                continue
            break
    return store.schema.write(values)


@st.composite
def damaged(draw: st.DrawFn, link: str) -> str:
    """Return a link after an accident, or after somebody played with it."""
    place = draw(st.integers(0, len(link) - 1))
    character = draw(st.one_of(st.sampled_from("AZaz09-_.= %\n\0é"), st.characters()))
    return draw(
        st.sampled_from(
            [
                link[:place],
                link[place + 1 :],
                link[:place] + link[place + 1 :],
                link[:place] + character + link[place + 1 :],
                link[:place] + character + link[place:],
                link[:place] + link[place:].swapcase(),
                link + character,
                link + "=",
                link * 2,
                link[::-1],
                f"{place}{link[1:]}",
            ]
        )
    )


@every_page
@settings(max_examples=200)
@given(data=st.data())
def test_a_damaged_link_is_refused(file: str, data: st.DataObject) -> None:
    store = STORES[file]
    link = write(store, data.draw(STATES[file]))
    other = data.draw(damaged(link))
    assume(other != link)
    with pytest.raises(PackingError):
        store.read(other)


@every_page
@given(text=st.text() | st.text("0123456789.AZaz-_", max_size=80))
@example("")
@example("1.")
@example("1." + "A" * 5000)
@example("9" * 10_000 + ".")
def test_text_is_no_link(file: str, text: str) -> None:
    with pytest.raises(PackingError):
        STORES[file].read(text)


@every_page
def test_a_link_of_another_page_is_refused(file: str) -> None:
    for other in FILES:
        link = write(STORES[other], STORES[other].start())
        if other != file:
            with pytest.raises(PackingError):
                STORES[file].read(link)


@every_page
@settings(max_examples=200)
@given(seed=st.integers(0, 2**64))
def test_whatever_a_right_checksum_brings_is_a_state_or_refused(file: str, seed: int) -> None:
    store = STORES[file]
    try:
        state = store.read(random_link(store, seed))
    except PackingError:
        return
    # It is a state like any other: it has a link, which leads to it.
    assert same_parts(store.read(write(store, state))) == same_parts(state)
    if file not in HEAVY:
        module_of(find_page(file)).see(state)


@every_open_page
@pytest.mark.parametrize("seed", range(8))
def test_a_page_opens_with_whatever_a_right_checksum_brings(file: str, seed: int) -> None:
    link = random_link(STORES[file], seed)
    try:
        state = STORES[file].read(link)
    except PackingError:
        say_no(file, link)
        return
    app = follow(file, link)
    assert not any("class='notice'" in body for body in html(app))
    if n_real_fits(state):
        assert same_parts(state_of(app, STORES[file])) == same_parts(state)


BAD_LINKS = (
    "1.", "1.AAAA", "hello", "2.AAAAAA", "0" * 3000, "1." + "A" * 5000,
    "<img src=x onerror=alert(1)>", "**bold** :red[red] $x$ [a](javascript:alert(1))",
    "1.<script>alert(1)</script>", "☃", "\x00", "../../etc/passwd",
)  # fmt: skip


@every_open_page
@pytest.mark.parametrize("link", BAD_LINKS, ids=range(len(BAD_LINKS)))
def test_a_page_opened_with_a_bad_link_says_so_and_starts_as_usual(file: str, link: str) -> None:
    say_no(file, link)


@every_open_page
def test_a_page_opened_with_a_link_of_another_says_so(file: str) -> None:
    other = next(name for name in FILES if name != file)
    say_no(file, write(STORES[other], STORES[other].start()))


DOT = dot_product_state.STORE


@pytest.mark.parametrize(
    "changes",
    [
        {"query": np.full((4, 2), np.nan)},
        {"query": np.full((5, 3), np.nan)},
        {"key": np.full((5, 64), 1.0)},
        {"value": np.zeros((0, 0))},
        {"d_head": 3},
        {"d_value": 64},
        {"tokens": ("a", "b")},
        {"painted": np.ones((8, 8), dtype=bool)},
        {"painted": np.ones((5, 4), dtype=bool)},
        {"painted": np.zeros((0, 0), dtype=bool)},
        {"origins": (6, 0, 0, 0, 0, 0, 0, 0)},
        {"preset": "Dictionary lookup", "tokens": tuple("abcde"), "d_head": 2,
         "origins": (5, 0, 0, 0, 0, 0, 0, 0)},
    ],
    ids=repr,
)  # fmt: skip
def test_parts_that_do_not_fit_together_are_refused(changes: dict[str, Any]) -> None:
    link = with_values(DOT, **changes)
    with pytest.raises(PackingError, match="does not fit together"):
        DOT.read(link)
    say_no("pages/scaled_dot_product.py", link)


@pytest.mark.parametrize("name", overview_state.START)
@pytest.mark.parametrize("shape", [(0, 0), (1, 1), (2, 2), (3, 1)])
def test_matrices_of_another_size_are_refused_on_the_overview(
    name: str, shape: tuple[int, int]
) -> None:
    link = with_values(overview_state.STORE, **{name: np.full(shape, np.nan)})
    with pytest.raises(PackingError, match="does not fit together"):
        overview_state.STORE.read(link)


@pytest.mark.parametrize("mask", ["None", "Padding", "Painted"])
def test_choices_beyond_the_words_are_moved_inside(mask: str) -> None:
    two = np.full((2, 2), np.nan)
    link = with_values(
        DOT, tokens=("a", "b"), query=two, key=two, value=two,
        chosen_query=7, chosen_key=7, n_real=8, mask=mask,
    )  # fmt: skip
    app = follow("pages/scaled_dot_product.py", link)
    assert component(app, "matrix_board")["chosen"] == {"query": 1, "key": 1}
    assert sums(app).texts["h2"] == ["The arithmetic behind “b” reading “b”"]


@pytest.mark.slow
@pytest.mark.parametrize("view", vision_state.VIEWS[:4])  # the others choose no patch
def test_a_patch_and_a_map_beyond_the_picture_are_moved_inside(view: str) -> None:
    store = vision_state.STORE
    link = with_values(store, point=(127, 127, 1, 1), panel=6, view=view, start_layer=12)
    assert store.read(link).point == Point(0, 0, 1, 1)
    data = component(follow("pages/vision_transformer.py", link), "patch_map")
    rows, columns = data["grid"]
    assert data["patch"] == rows // 2 * columns + columns // 2
    assert 0 <= data["chosen"] < len(data["panels"])


UGLY = ("<b>a\u00a0b</b>", "<img\tonerror=\nalert(1)>", "a **b** :red[c]", "\ud800")


@pytest.mark.parametrize("word", UGLY, ids=ascii)
def test_a_word_that_no_page_lets_in_is_refused_and_shown_as_text(word: str) -> None:
    link = forged(DOT, tokens=word_digits("a", word))
    with pytest.raises(PackingError, match="without white space"):
        DOT.read(link)
    say_no("pages/scaled_dot_product.py", link)


def test_markup_that_a_link_brings_is_shown_as_text() -> None:
    words = ("<svg/onload=alert(1)>", "**a**", ":red[x]", "$x$", "<p>&amp;")
    start = DotProductState()
    harmless, hostile = (
        follow("pages/scaled_dot_product.py", write(DOT, replace(start, board=board)))
        for board in (start.board.resized(tokens, 2, 2) for tokens in (tuple("abcde"), words))
    )
    assert sums(hostile).tags == sums(harmless).tags
    assert sums(hostile).attributes == sums(harmless).attributes
    assert f"The arithmetic behind “{words[2]}” reading “{words[1]}”" in sums(hostile).texts["h2"]
    assert component(hostile, "matrix_board")["items"][0]["rows"] == list(words)
    written = [*hostile.markdown, *hostile.caption, *hostile.info, *hostile.warning]
    assert not any(word in element.value for word in words for element in written)


# ---- pictures of one's own


@pytest.mark.slow
def test_a_picture_of_ones_own_never_enters_a_link() -> None:
    store, file = vision_state.STORE, "pages/vision_transformer.py"
    pixels = np.random.default_rng(3).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    mine = prepare_picture(pixels, "mine")
    state = VisionState(photo=mine.digest, layer=5, view="Rollout", point=Point(2, 3, 16, 16))
    app = open_page(file)
    app.session_state[OWN] = {mine.digest: mine}
    put(app, store, state)
    shown = run(app)
    assert shown["patch_map"]["photo"]["alt"] == "mine"
    assert tools(app)["linkNote"] == "Your picture is not in it: others see a sample photo instead."
    other = np.random.default_rng(4).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    theirs = prepare_picture(other, "theirs")
    assert theirs.digest != mine.digest
    # The link is the same whatever the picture.
    assert write(store, replace(state, photo=theirs.digest)) == shown["link"]
    assert mine.digest not in shown["link"]
    assert len(shown["link"]) < 60
    # Others see a sample photo with all else as it was, but for the patch, which means nothing.
    opened = store.read(shown["link"])
    assert opened == replace(state, photo=FIRST_PHOTO, point=None)
    again = follow(file, shown["link"])
    assert component(again, "patch_map")["photo"]["alt"] != "mine"
    assert tools(again)["linkNote"] == ""


@pytest.mark.slow
def test_undo_brings_ones_own_picture_back() -> None:
    store = vision_state.STORE
    pixels = np.random.default_rng(3).integers(0, 255, (60, 80, 3), dtype=np.uint8)
    mine = prepare_picture(pixels, "mine")
    app = open_page("pages/vision_transformer.py")
    app.session_state[OWN] = {mine.digest: mine}
    run(app)
    alts = {photo.file: photo.alt for photo in sample_photos()}
    sample = next(file for file in alts if file != FIRST_PHOTO)
    for photo in (mine.digest, sample, mine.digest):
        with session_of(app):
            store.install(replace(store.current, photo=photo))
        run(app)
    for alt in (alts[sample], "mine", alts[FIRST_PHOTO]):
        with session_of(app):
            store.undo()
        assert run(app)["patch_map"]["photo"]["alt"] == alt
