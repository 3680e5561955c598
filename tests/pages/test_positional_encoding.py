"""The page of positions: every control at its ends, the words moved, and what is learned."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from itertools import pairwise, product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core import position_grid, position_training
from core.position_attention import KINDS, Kind, order_effect, read_words
from core.position_likeness import cosines_between
from core.positional import sinusoidal_encoding, start_table
from pages._shared import position_learning, position_state, position_toy
from pages._shared.matrix import Matrix
from pages._shared.position_board import rows_of
from pages._shared.position_programs import numpy_program, torch_program
from pages._shared.position_state import BASES, BOUNDS, STORE
from pages._shared.position_toy import (
    BUCKET_START,
    PICTURES,
    SCORES,
    SIMILARITY,
    TRAIN,
    VISION_GRID,
    PositionState,
    base_content,
    see,
)
from pages._shared.position_words import (
    AS_TYPED,
    NOTE,
    bucket_labels,
    formula_of,
    note_of,
    what_the_order_did,
)
from pages._shared.value_map import read_place
from pages._shared.word_order import read_order
from tests.pages.app import (
    board,
    captions,
    component,
    matrices,
    named,
    open_in,
    open_page,
    press,
    said,
    session_of,
    spoken,
    sums,
    tools,
    trigger,
)
from tests.pages.programs import run_programs

FILE = "pages/positional_encoding.py"
NAME = "positional_encoding"
START = PositionState()


def current(app: AppTest) -> PositionState:
    with session_of(app):
        return STORE.current


def check_board(app: AppTest) -> None:
    """The board shows what core computes from the page's state."""
    assert not app.exception
    state, shown = current(app), matrices(app)
    read = read_words(state.content[list(state.order)], state.positions)
    effect = order_effect(state.content, state.order, state.positions)
    np.testing.assert_array_equal(shown["content"], state.content[list(state.order)])
    np.testing.assert_array_equal(shown["weights"], read.attention.weights)
    assert ("weights_without" in shown) == (state.kind != "None")
    assert ("change" in shown) == state.is_moved
    if state.is_moved:
        np.testing.assert_array_equal(shown["change"], effect.weights)
    if read.bias is not None:
        np.testing.assert_array_equal(shown["bias"], read.bias)


def order_words(app: AppTest) -> dict[str, Any]:
    return component(app, "word_order")


def image(app: AppTest, index: int = 0) -> NDArray[np.float32]:
    one = component(app, "value_map")["maps"][index]
    values = np.frombuffer(base64.b64decode(one["values"]), "<f4")
    return values.reshape(one["shape"])


@pytest.fixture
def page() -> AppTest:
    app = open_page(FILE).run()
    assert not app.exception
    return app


def test_the_page_starts_with_a_moved_sentence_that_shows_the_point(page: AppTest) -> None:
    check_board(page)
    shown = order_words(page)
    assert shown["words"] == ["the", "dog", "bit", "the", "man"]
    assert shown["order"] == [0, 4, 2, 3, 1]
    without, with_positions = shown["said"]
    assert without.startswith("Without positions the words moved and nothing else did")
    assert re.fullmatch(
        r"With sinusoidal positions weights differ by up to 0\.52: most, “bit” reading “dog”, "
        r"0\.59 as typed and 0\.06 now\.",
        with_positions,
    )
    assert (matrices(page)["change_without"] == 0).all()
    np.testing.assert_allclose(image(page), sinusoidal_encoding(np.arange(64), 64), atol=1e-7)
    assert said(page).startswith("“bit” reads “man” (0.58)")


@pytest.mark.parametrize(("kind", "causal"), list(product(KINDS, (False, True))))
def test_every_encoding_with_and_without_a_mask(kind: Kind, causal: bool) -> None:
    app = open_in(STORE, replace(PositionState(), kind=kind, causal=causal))
    check_board(app)
    first, *rest = order_words(app)["said"]
    assert first.startswith("Without positions")
    assert ("the causal mask lets the order in" in first) == causal
    assert bool(rest) == (kind != "None")
    # Pictures and charts that belong to others are not there.
    drawn = {data["view"] for data in [component(app, "value_map")]} if _has_map(app) else set()
    assert drawn == {"Sinusoidal": {"Table"}, "Learned": {"learned"}}.get(kind, set())
    # Rotary turns two pairs, in a chart each.
    assert len(spoken(app)) == {"Rotary": 2, "ALiBi": 1, "T5 bias": 1}.get(kind, 0)


def _has_map(app: AppTest) -> bool:
    return any(e.proto.component_name == "value_map" for e in app.get("bidi_component"))


@pytest.mark.parametrize("base", [BASES[0], BASES[-1]])
@pytest.mark.parametrize(("width", "length"), [(1, 2), (128, 128), (7, 128)])
def test_pictured_sinusoids_at_their_ends(base: int, width: int, length: int) -> None:
    for layout, picture in (("interleaved", "Table"), ("halves", SIMILARITY)):
        state = PositionState(
            base=base,
            width=width,
            length=length,
            layout=layout,  # type: ignore[arg-type]
            picture=picture,
        )
        app = open_in(STORE, state)
        check_board(app)
        table = sinusoidal_encoding(np.arange(length), width, base=base, layout=layout)  # type: ignore[arg-type]
        expected = table if picture == "Table" else table @ table.T
        np.testing.assert_allclose(image(app), expected, atol=1e-5)
        text = component(app, "value_map")["maps"][0]["text"]
        if picture == SIMILARITY and width > 1:
            assert ("Every diagonal has one colour" in text) == (width % 2 == 0 or length == 2)
            assert ("The last wave has no cosine" in text) == (width % 2 == 1 and length > 2)
            assert "by up to 0.00" not in text
        elif picture == "Table" and width > 1:
            assert ("All waves come round every 6.28" in text) == (base == 1)
        assert "nan" not in text


@pytest.mark.parametrize("first", [0, 1000])
def test_controls_of_rotary_at_their_ends(first: int, page: AppTest) -> None:
    press(page, f"{NAME}.kind", "Rotary")
    named(page.number_input, f"{NAME}.first").set_value(first).run()
    for dims, layout in product((2, 4), ("interleaved", "halves")):
        page.button_group(key=f"{NAME}.rotary_dim").set_value(dims).run()
        page.button_group(key=f"{NAME}.layout").set_value(layout).run()
        check_board(page)
        turned = matrices(page)["query"]
        lengths = np.linalg.norm(turned, axis=1)
        np.testing.assert_allclose(
            lengths, np.linalg.norm(current(page).content[[0, 4, 2, 3, 1]], axis=1)
        )
    assert order_words(page)["first"] == first
    press(page, f"{NAME}.kind", "None")
    assert order_words(page)["first"] == 0  # there are no positions, and no field for the first
    press(page, f"{NAME}.kind", "Rotary")
    assert order_words(page)["first"] == first
    press(page, f"{NAME}.picture.Rotary", SCORES)
    assert not page.exception
    assert "the curve is the same (differences: at most " in captions(page)


@pytest.mark.parametrize("n_heads", [1, 16])
def test_heads_at_their_ends(n_heads: int, page: AppTest) -> None:
    press(page, f"{NAME}.kind", "ALiBi")
    named(page.number_input, f"{NAME}.n_heads").set_value(n_heads).run()
    named(page.number_input, f"{NAME}.head").set_value(n_heads).run()
    check_board(page)
    line = "The only head's line: slope 0.0039" if n_heads == 1 else "each of 16 heads, head 16 in"
    assert line in captions(page)
    # Its bias of −0.0039 is no 0.00.
    press(page, f"{NAME}.work", "In numbers")
    assert "logit = 1.50 + (−0.0039) = 1.50" in sums(page).texts["line"]
    # There are four heads of T5, and the head that reads is one of them.
    press(page, f"{NAME}.kind", "T5 bias")
    check_board(page)
    assert named(page.number_input, f"{NAME}.head").value == min(n_heads, 4)
    assert f"Head {min(n_heads, 4)} in colour" in captions(page)
    np.testing.assert_array_equal(matrices(page)["buckets"], BUCKET_START)


def test_words_join_leave_and_repeat(page: AppTest) -> None:
    words = named(page.text_input, f"{NAME}.tokens")
    for text in ("a b", "a b c d e f g h", "the the the", "the dog bit the man"):
        named(page.text_input, f"{NAME}.tokens").set_value(text).run()
        check_board(page)
        assert not page.warning
        assert current(page).tokens == tuple(text.split())
    np.testing.assert_array_equal(current(page).content, base_content(current(page).tokens))
    words = named(page.text_input, f"{NAME}.tokens")
    words.set_value("alone").run()
    assert [warning.value for warning in page.warning] == [
        "Write 2 to 8 words, not 1. The page still shows the words before."
    ]
    check_board(page)


def test_a_word_is_the_same_wherever_it_stands() -> None:
    state = PositionState().typed(("night", "and", "day", "and", "night"))
    np.testing.assert_array_equal(state.content[0], state.content[4])
    np.testing.assert_array_equal(state.content[1], state.content[3])
    assert not np.array_equal(state.content[0], state.content[2])
    # An edited word that moves takes its numbers along; one that is new comes as it is.
    edited = replace(state, content=state.content + 0.5).typed(("day", "and", "dusk"))
    np.testing.assert_array_equal(edited.content[2], base_content(("dusk",))[0])
    assert edited.order == (0, 1, 2)


def test_words_are_moved_and_only_to_an_order_of_themselves(page: AppTest) -> None:
    shown = order_words(page)
    for wrong in (
        None,
        {"version": shown["version"], "order": [0, 1, 2, 3]},
        {"version": shown["version"], "order": [0, 1, 2, 3, 3]},
        {"version": shown["version"], "order": [0, 1, 2, 3, 4.0]},
        {"version": shown["version"], "order": [0, 1, 2, 3, True]},
        {"version": shown["version"], "order": "01234"},
        {"version": "other", "order": [1, 0, 2, 3, 4]},
    ):
        assert read_order(wrong, shown["version"], 5) == ()
        trigger(page, "word_order", "order", wrong)
        assert current(page).order == (0, 4, 2, 3, 1)
    chosen = current(page).words[current(page).key]
    trigger(page, "word_order", "order", {"version": shown["version"], "order": [4, 3, 2, 1, 0]})
    check_board(page)
    assert current(page).words == ("man", "the", "bit", "dog", "the")
    assert current(page).words[current(page).key] == chosen
    trigger(page, "word_order", "order", {"version": shown["version"], "order": [0, 1, 2, 3, 4]})
    assert order_words(page)["said"] == [AS_TYPED]
    assert "change" not in matrices(page)


def test_each_move_is_a_step_to_undo_however_quickly_it_follows(page: AppTest) -> None:
    """A shuffle right after an arrow key is not one step with it."""
    version = order_words(page)["version"]
    start = current(page)
    orders = [(0, 2, 4, 3, 1), (2, 0, 3, 4, 1), (0, 2, 1, 3, 4)]
    # In each the chosen query and key stand elsewhere than before: the same values change.
    states = [start, *map(start.ordered, orders)]
    for before, after in pairwise(states):
        assert before.query != after.query
        assert before.key != after.key
    for order in orders:
        trigger(page, "word_order", "order", {"version": version, "order": list(order)})
    with session_of(page):
        for before in reversed(states[:-1]):
            STORE.undo()
            assert STORE.current.order == before.order
        assert not STORE.can_undo


def edit(app: AppTest, **tables: NDArray[Any]) -> None:
    values = {name: table.tolist() for name, table in tables.items()}
    message = {"version": board(app)["version"], "values": values, "mount": "m", "serial": 1}
    trigger(app, "matrix_board", "edit", message)
    check_board(app)


def test_an_edit_goes_to_the_word_that_stands_there(page: AppTest) -> None:
    content = matrices(page)["content"]
    content[1] = [3.0, -1.0, 0.5, 2.0]  # “man”, the last as typed
    edit(page, content=content)
    np.testing.assert_array_equal(current(page).content[4], content[1])
    np.testing.assert_array_equal(current(page).content[:4], PositionState().content[:4])
    # Out of bounds is held within.
    edit(page, content=np.full((5, 4), 99.0))
    assert (current(page).content == BOUNDS[1]).all()


def learned_of(app: AppTest) -> NDArray[Any]:
    return current(app).learned


def test_buckets_are_named_by_their_nearest_distance() -> None:
    """By hand: 4 in a direction, 2 of them exact, then 2 * 16**(k / 2); causal 4 * 8**(k / 4)."""
    state = replace(START, kind="T5 bias")
    both = ("0", "−1", "−2…", "−8…", "–", "+1", "+2…", "+8…")
    assert bucket_labels(state) == both
    causal = ("0", "−1", "−2", "−3", "−4…", "−7…", "−12…", "−20…")
    assert bucket_labels(replace(state, causal=True)) == causal
    app = open_in(STORE, state)
    assert "−7 to −2; −8 and before; +2 to +7; +8 and on. No distance" in captions(app)


def test_both_changes_have_one_scale_that_holds_them() -> None:
    for state in (START, replace(START, kind="T5 bias"), replace(START, causal=True)):
        parts = [part for row in rows_of(see(state)) for part in row if isinstance(part, Matrix)]
        one, other = (part for part in parts if part.id.startswith("change"))
        assert one.limit == other.limit >= max(abs(one.values).max(), abs(other.values).max())


def test_the_formula_is_that_of_the_layout() -> None:
    """Its sines and cosines stand where core puts them."""
    assert "P_{p,2i} = " in formula_of(START)
    assert "P_{p,2i+1} = " in formula_of(START)
    halves = formula_of(replace(START, layout="halves"))
    assert "P_{p,i} = " in halves
    assert "P_{p,d/2+i} = " in halves
    assert len({formula_of(replace(START, kind=kind)) for kind in KINDS}) == len(KINDS)


def test_learned_positions_and_buckets_can_be_edited(page: AppTest) -> None:
    press(page, f"{NAME}.kind", "Learned")
    table = matrices(page)["position"]
    np.testing.assert_array_equal(table, start_table(8, 4, 0)[:5])
    edit(page, position=table + np.eye(5, 4))
    # What is alike is that of the edited table, beside the one drawn at random.
    alike = [cosines_between(one) for one in (start_table(8, 4, 0), learned_of(page))]
    np.testing.assert_allclose(image(page, 0), alike[0], atol=1e-6)
    np.testing.assert_allclose(image(page, 1), alike[1], atol=1e-6)
    assert np.abs(alike[1] - alike[0]).max() > 0.1
    edit(page, position=table + 1)
    np.testing.assert_array_equal(current(page).learned[:5], table + 1)
    np.testing.assert_array_equal(current(page).learned[5:], start_table(8, 4, 0)[5:])
    named(page.number_input, f"{NAME}.seed").set_value(9999).run()
    check_board(page)
    np.testing.assert_array_equal(current(page).learned, start_table(8, 4, 9999))
    press(page, f"{NAME}.kind", "T5 bias")
    edit(page, buckets=BUCKET_START + 1)
    np.testing.assert_array_equal(current(page).buckets, BUCKET_START + 1)


def test_sinusoids_and_turned_queries_cannot_be_edited(page: AppTest) -> None:
    before = matrices(page)
    edit(
        page, position=before["position"] + 1, query=before["query"] + 1, weights=before["weights"]
    )
    assert np.array_equal(matrices(page)["query"], before["query"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_arithmetic_is_in_the_numbers_of_the_chosen_cell(kind: Kind) -> None:
    state = replace(PositionState(), kind=kind, query=2, key=1)
    scene = see(state)
    app = open_in(STORE, state)
    press(app, f"{NAME}.work", "In numbers")
    lines = sums(app).texts["line"]
    score, weight = (
        float(one[2, 1]) for one in (scene.read.attention.scores, scene.read.attention.weights)
    )
    assert any(line.endswith(f" = {score:.2f}".replace("-", "−")) for line in lines)
    assert any(line.startswith("weight = e") and line.endswith(f"= {weight:.4f}") for line in lines)
    extra = {"None": 0, "Sinusoidal": 2, "Learned": 2, "Rotary": 2, "ALiBi": 2, "T5 bias": 2}
    assert len(lines) == 4 + extra[kind]
    assert lines[-1].count(" · (") == 5
    if kind == "T5 bias":
        assert lines[0] == "the key stands 1 before the query"
        assert " + 3.00 = " in lines[3]
    # With the mask “bit” reads itself and the two before it alone.
    app = press(open_in(STORE, replace(state, causal=True)), f"{NAME}.work", "In numbers")
    assert sums(app).texts["line"][-1].count(" · (") == 3


def test_programs_print_the_numbers_on_the_screen() -> None:
    """In NumPy and in PyTorch, to their four decimals."""
    states = [
        replace(START, kind=kind, causal=causal, layout=layout, rotary_dim=dims, head=3)  # type: ignore[arg-type]
        for kind, (causal, layout, dims) in product(
            KINDS, ((False, "interleaved", 4), (True, "halves", 2))
        )
    ]
    scenes = [see(replace(state, first=7)) for state in states]
    programs = [make(scene) for scene in scenes for make in (numpy_program, torch_program)]
    for run, scene in zip(run_programs(programs), np.repeat(np.array(scenes), 2), strict=True):
        assert not run.warned
        words = r"tensor|dtype=torch\.float64|weights|output|change|[\[\](),]"
        printed = np.array(re.sub(words, " ", run.printed).split(), float)
        attention = scene.read.attention
        arrays = (attention.weights, attention.output, scene.effect.weights)
        expected = np.concatenate([one.ravel() for one in arrays])
        np.testing.assert_allclose(printed, expected, atol=5.1e-5)


def test_a_place_of_the_trained_grid_is_chosen() -> None:
    app = open_in(STORE, replace(PositionState(), kind="Learned", picture=VISION_GRID))
    grid = position_grid.read_grid()
    np.testing.assert_allclose(image(app), grid.likeness(18, 18), atol=1e-6)
    np.testing.assert_allclose(image(app, 1), grid.likeness_to_class_token(), atol=1e-6)
    for wrong in (None, {"view": VISION_GRID, "row": 37, "column": 0}, {"view": "x", "row": 1}):
        assert read_place(wrong, VISION_GRID, [(37, 37)]) is None
        trigger(app, "value_map", "choice", wrong)
        assert (current(app).row, current(app).column) == (18, 18)
    trigger(app, "value_map", "choice", {"view": VISION_GRID, "row": 36, "column": 0})
    assert component(app, "value_map")["chosen"] == [36, 0]
    np.testing.assert_allclose(image(app), grid.likeness(36, 0), atol=1e-6)
    assert "row 37, column 1" in component(app, "value_map")["maps"][0]["text"]


def test_a_table_is_trained_and_becomes_the_page_s(page: AppTest) -> None:
    press(page, f"{NAME}.kind", "Learned")
    assert current(page).shown_picture == TRAIN
    trigger(page, "training", "act", {"act": "start", "serial": 0})
    for _ in range(60):
        shown = component(page, "training")
        if not shown["running"]:
            break
        trigger(page, "training", "act", {"act": "tick", "serial": shown["serial"]})
        assert not page.exception
    assert component(page, "training")["done"] == position_training.N_STEPS
    learned = current(page).learned
    assert not np.array_equal(learned, start_table(8, 4, 0))
    np.testing.assert_array_equal(learned, learned.round(2))
    check_board(page)
    np.testing.assert_array_equal(matrices(page)["position"], learned[:5])
    likeness = cosines_between(learned)
    np.testing.assert_allclose(image(page, 1), likeness, atol=1e-6)
    assert re.search(r"After 200 steps, .*: (9\d\.\d|100\.0)% right with positions", captions(page))
    # It is a step that can be undone, and it is not taken a second time.
    with session_of(page):
        assert STORE.can_undo
        STORE.undo()
    page.run()
    np.testing.assert_array_equal(current(page).learned, start_table(8, 4, 0))
    # What the curve shows is not the page's any more, and says how to have it back.
    assert "another one by now. Train with seed 0 to have this one back." in captions(page)
    named(page.number_input, f"{NAME}.seed").set_value(5).run()
    assert "another one by now. Train with seed 0 to have this one back." in captions(page)


HOSTILE = ("<svg/onload=alert(1)>", "$x$", "**a**", ":red[x]", "`b`", "<p>&amp;", "</div>", "'\"")


def test_words_in_markup_are_read_as_words() -> None:
    plain, hostile = (
        open_in(STORE, replace(PositionState().typed(words), query=0, key=1))
        for words in (tuple("abcdefgh"), HOSTILE)
    )
    assert sums(hostile).tags == sums(plain).tags
    assert sums(hostile).attributes == sums(plain).attributes
    assert order_words(hostile)["words"] == list(HOSTILE)
    assert not any(word in captions(hostile) for word in HOSTILE)


def test_what_the_order_did_follows_the_numbers() -> None:
    moved = replace(PositionState(), kind="None")
    assert len(what_the_order_did(see(moved))) == 1
    rounded = what_the_order_did(see(replace(moved, order=(4, 3, 2, 1, 0))))
    assert "the same to" in rounded[0]
    equal = PositionState().typed(("a", "a", "a"))
    flat = replace(equal, kind="T5 bias", head=4, order=(2, 1, 0))
    assert what_the_order_did(see(flat))[1].endswith("nothing that sets words apart.")


def test_the_note_is_true_as_long_as_it_is_there(page: AppTest) -> None:
    assert tools(page)["note"] == NOTE
    places = [START.words.index(word) for word in ("bit", "dog", "man")]
    bit, dog, man = places
    row = see(START).plain.attention.weights[bit]
    assert row[dog] == pytest.approx(row[man])
    content = matrices(page)["content"]
    edit(page, content=content + 0.5)
    assert tools(page)["note"] == ""
    for other in (replace(START, causal=True), START.typed(("dog", "bit", "man"))):
        assert note_of(other) == ""


def test_words_alike_are_told_apart_by_their_position() -> None:
    state = replace(START.typed(("the", "dog", "the", "dog")), kind="ALiBi", order=(1, 0, 3, 2))
    said = what_the_order_did(see(replace(state, first=7)))[1]
    assert re.search(r"“(the|dog)” \(now at (7|8|9|10)\) reading “(the|dog)” \(now at ", said)


def test_constants_agree() -> None:
    """What would load torch or a file of weights stands here a second time."""
    assert position_state.GRID == position_grid.GRID
    assert position_learning.N_STEPS == position_training.N_STEPS
    sizes = position_training.N_POSITIONS, position_training.D_MODEL
    assert sizes == (position_toy.N_POSITIONS, position_toy.D_MODEL)
    assert set(PICTURES) == set(KINDS)
