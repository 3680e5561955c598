"""The page on self- and cross-attention: every control at its ends, every kind, every move."""

from __future__ import annotations

import math
import re
from dataclasses import fields, replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.sequence_examples import EXAMPLES, MOST_NUMBERS, MOST_WORDS
from core.sequences import reversed_order, swapped_order
from pages._shared.page_store import LONGEST_LINK
from pages._shared.self_cross import (
    CAUSAL,
    CROSS,
    DECODER,
    KINDS,
    SELF,
    Matrices,
    SelfCrossState,
    start_state,
)
from pages._shared.self_cross_drawing import Move, check_move, describe
from pages._shared.self_cross_scene import Scene, see
from pages._shared.self_cross_snippets import SequenceCase, numpy_snippet, torch_snippet
from pages._shared.self_cross_state import STORE
from pages._shared.self_cross_work import what_moved
from pages._shared.toy_state import LONGEST_TOKEN
from pages._shared.traps.self_vs_cross import TRAPS
from tests.pages.app import (
    board,
    component,
    html,
    matrices,
    named,
    open_in,
    open_page,
    press,
    said,
    sums,
    tools,
    trigger,
)
from tests.pages.html_reader import read_html
from tests.pages.link_states import sequence_states
from tests.pages.programs import imports_of, run_programs

FILE = "pages/self_vs_cross.py"
NAME = "self_vs_cross"
DRAWING = "who_asks"
Array = NDArray[Any]


@pytest.fixture
def page() -> AppTest:
    app = open_page(FILE).run()
    assert not app.exception
    return app


def labels(app: AppTest, name: str) -> tuple[list[str], list[str]]:
    """Return what the rows and columns of a matrix are called."""
    (item,) = (item for item in board(app)["items"] if item["id"] == name)
    return item["rows"], item["columns"]


def moved(app: AppTest) -> str:
    """Return the sentence on the order of the words; nothing if none was moved."""
    bodies = [body for body in html(app) if "sum moved" in body]
    return read_html(bodies[0]).texts["said"][0] if bodies else ""


def soft(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def attend(x: Array, y: Array, matrices: list[Array], *, causal: bool = False) -> dict[str, Array]:
    """Compute an attention by the formula, apart from `core`."""
    query, key, value = x @ matrices[0], y @ matrices[1], y @ matrices[2]
    scores = query @ key.T
    scaled = scores / math.sqrt(query.shape[1])
    if causal:
        scaled = np.where(np.tri(len(x), len(y), dtype=bool), scaled, -np.inf)
    weights = soft(scaled)
    return {
        "query": query, "key": key, "value": value, "scores": scores,
        "weights": weights, "output": weights @ value,
    }  # fmt: skip


def check_board(app: AppTest, kind: str, step: int = 1) -> dict[str, Array]:
    """Hold every computed matrix of the board to the formula, given those that can be edited."""
    shown = matrices(app)
    part = "self" if kind in (SELF, CAUSAL) or (kind == DECODER and step == 0) else "cross"
    projections = [shown[f"{part}_W_{name}"] for name in "QKV"]
    x = shown["x_target"]
    if kind == DECODER and step == 1:
        x = shown["after_self"]
        np.testing.assert_allclose(x, shown["x_target"] + shown["self_output"], atol=1e-12)
    y = shown["x_source"] if part == "cross" else x
    causal = kind == CAUSAL or (kind == DECODER and step == 0)
    expected = attend(x, y, projections, causal=causal)
    for name, array in expected.items():
        np.testing.assert_allclose(shown[name], array, rtol=0, atol=1e-9, err_msg=name)
    if kind == DECODER:
        total = "layer" if step == 1 else "after_self"
        np.testing.assert_allclose(shown[total], x + expected["output"], atol=1e-9)
    return shown


# ---- as it starts


def test_the_page_starts_with_french_reading_english(page: AppTest) -> None:
    shown = check_board(page, CROSS)
    assert labels(page, "weights") == (
        ["le", "chat", "noir", "dort"],
        ["the", "black", "cat", "is", "asleep"],
    )
    assert shown["weights"].argmax(axis=1).tolist() == [0, 2, 1, 4]
    assert said(page) == "“chat” reads “cat” (0.87), “the” (0.07) and “black” (0.05)."
    assert tools(page)["note"].startswith("Numbers chosen by hand: each French word")
    assert board(page)["chosen"] == {"query": 1, "key": 2}
    assert not moved(page)


def test_the_arithmetic_starts_from_the_embeddings(page: AppTest) -> None:
    """All by hand but the powers: chat is (0.2, 2), cat is (0, 2)."""
    reading = sums(page)
    assert reading.texts["h2"] == ["The arithmetic behind “chat” reading “cat”"]
    lines = reading.texts["line"]
    assert lines[0] == (
        "q = x WQ, x being row 2 of X target: "
        "(0.20 · 0.00 + 2.00 · 1.00, 0.20 · (−1.00) + 2.00 · 0.00) = (2.00, −0.20)"
    )
    assert lines[1].endswith(" of X source: (0.00 · 0.00 + 2.00 · 1.00, "
                             "0.00 · 1.00 + 2.00 · 0.00) = (2.00, 0.00)")  # fmt: skip
    assert lines[2].startswith("v = x WV, x being row 3 of X source: ")
    assert lines[3:5] == [
        "score = q · k = 2.00 · 2.00 + (−0.20) · 0.00 = 4.00",
        "scaled = 4.00 / √2 = 2.83",
    ]
    assert lines[5].endswith(" = 0.8675")
    assert lines[6].endswith(" = (−0.04, 1.73)")
    assert len(lines) == 7


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_computes_what_it_says(kind: str, page: AppTest) -> None:
    press(page, f"{NAME}.kind", kind)
    assert not page.exception
    check_board(page, kind)
    drawn = component(page, DRAWING)
    assert len(drawn["stages"]) == (2 if kind == DECODER else 1)
    assert [lane["side"] for lane in drawn["lanes"]] == (
        ["target", "source"] if kind in (CROSS, DECODER) else ["target"]
    )
    # What asks only itself has no second sentence to write, and a residual fixes d_value.
    fields = {re.sub(r"\.\d+$", "", str(widget.key)) for widget in page.text_input}
    assert (f"{NAME}.source" in fields) == (kind in (CROSS, DECODER))
    sizes = {re.sub(r"\.\d+$", "", str(widget.key)) for widget in page.number_input}
    assert (f"{NAME}.d_value" in sizes) == (kind != DECODER)


def test_in_cross_attention_a_causal_mask_is_said_to_make_no_sense(page: AppTest) -> None:
    assert "A causal mask would make no sense here" in component(page, DRAWING)["says"]
    (item,) = (item for item in board(page)["items"] if item["id"] == "weights")
    assert "blocked" not in item
    press(page, f"{NAME}.kind", CAUSAL)
    (item,) = (item for item in board(page)["items"] if item["id"] == "weights")
    assert item["blocked"] == (~np.tri(4, dtype=bool)).tolist()


# ---- the decoder layer


def test_rows_of_a_decoder_layer_are_called_by_the_words_to_be_written(page: AppTest) -> None:
    press(page, f"{NAME}.kind", DECODER)
    given = ["[start]", "le", "chat", "noir"]
    written = ["→ le", "→ chat", "→ noir", "→ dort"]
    assert labels(page, "x_target")[0] == given
    assert labels(page, "self_weights") == (written, given)
    assert labels(page, "weights") == (written, ["the", "black", "cat", "is", "asleep"])
    assert labels(page, "layer")[0] == written
    shown = check_board(page, DECODER)
    assert shown["weights"].argmax(axis=1).tolist() == [0, 2, 1, 4]
    assert said(page).startswith("“→ chat” reads “cat”")
    assert sums(page).texts["line"][-1].startswith("layer output = x + output = (")
    trigger(page, DRAWING, "step", {"version": component(page, DRAWING)["version"], "step": 0})
    assert not page.exception
    assert labels(page, "weights") == (written, given)
    first = check_board(page, DECODER, step=0)
    np.testing.assert_array_equal(first["weights"], shown["self_weights"])
    np.testing.assert_array_equal(first["cross_weights"], shown["weights"])
    np.testing.assert_array_equal(first["layer"], shown["layer"])
    assert sums(page).texts["line"][-1].startswith("after self = x + output = (")


def test_what_a_decoder_is_given_is_edited_there(page: AppTest) -> None:
    state = start_state().with_kind(DECODER)
    given = matrices(open_in(STORE, state))["x_target"]
    given[0] = [7.0, -7.0]
    given[2] = [1.5, 2.5]
    changed = state.edited({"x_target": given})
    np.testing.assert_array_equal(changed.start[:2], [7.0, -7.0])
    np.testing.assert_array_equal(changed.target.rows[1, :2], [1.5, 2.5])
    np.testing.assert_array_equal(changed.target.rows[3], state.target.rows[3])
    np.testing.assert_array_equal(matrices(open_in(STORE, changed))["x_target"], given)
    # In the other kinds the same words have these numbers, at their own places.
    np.testing.assert_array_equal(see(changed.with_kind(CROSS)).shown.target[1], [1.5, 2.5])


def test_a_step_that_there_is_not_is_no_step(page: AppTest) -> None:
    press(page, f"{NAME}.kind", DECODER)
    version = component(page, DRAWING)["version"]
    for message in (
        None, 1, {"step": 0}, {"version": version, "step": 2}, {"version": version, "step": True},
        {"version": "9.9", "step": 0},
    ):  # fmt: skip
        trigger(page, DRAWING, "step", message)
        assert not page.exception
        assert "after_self" in matrices(page)
        assert "self_weights" in matrices(page), "the second step is still shown in full"


# ---- words in another order


def move(app: AppTest, side: str, what: str, **places: int) -> AppTest:
    version = component(app, DRAWING)["version"]
    trigger(app, DRAWING, "move", {"version": version, "side": side, "what": what, **places})
    assert not app.exception
    return app


def test_two_words_change_places_with_their_numbers(page: AppTest) -> None:
    before = matrices(page)
    move(page, "source", "swap", one=0, other=3)
    after, order = matrices(page), [3, 1, 2, 0, 4]
    np.testing.assert_array_equal(after["x_source"], before["x_source"][order])
    np.testing.assert_allclose(after["weights"], before["weights"][:, order], atol=1e-12)
    np.testing.assert_allclose(after["output"], before["output"], atol=1e-12)
    assert named(page.text_input, f"{NAME}.source").value == "is black cat the asleep"
    assert component(page, DRAWING)["lanes"][1]["moved"]
    # What was before stands beside, and the difference in numbers.
    np.testing.assert_array_equal(after["weights_before"], before["weights"])
    np.testing.assert_array_equal(after["output_before"], before["output"])
    np.testing.assert_array_equal(after["change"], after["output"] - before["output"])
    assert moved(page).startswith(
        "The source's words stand in another order: the columns of the weights moved along. "
    )
    move(page, "source", "as written")
    assert not moved(page)
    assert "change" not in matrices(page)
    np.testing.assert_array_equal(matrices(page)["x_source"], before["x_source"])
    assert tools(page)["canUndo"]


def test_what_was_before_is_found_again_after_several_moves(page: AppTest) -> None:
    before = matrices(page)
    for places in ((0, 3), (3, 1), (4, 0)):  # together no swap: going there is not going back
        move(page, "source", "swap", one=places[0], other=places[1])
    after = matrices(page)
    np.testing.assert_array_equal(after["weights_before"], before["weights"])
    assert labels(page, "weights_before")[1] == ["the", "black", "cat", "is", "asleep"]
    order = [labels(page, "weights_before")[1].index(word) for word in labels(page, "weights")[1]]
    np.testing.assert_allclose(after["weights"], before["weights"][:, order], atol=1e-12)
    move(page, "source", "as written")
    np.testing.assert_array_equal(matrices(page)["x_source"], before["x_source"])


def test_the_chosen_weight_goes_where_its_words_go(page: AppTest) -> None:
    heading = "The arithmetic behind “chat” reading “cat”"
    for side, what in (("source", "reverse"), ("target", "shuffle"), ("source", "shuffle")):
        move(page, side, what)
        assert sums(page).texts["h2"] == [heading]
    press(page, f"{NAME}.kind", SELF)
    query, key = (board(page)["chosen"][name] for name in ("query", "key"))
    words = labels(page, "weights")[0]
    move(page, "target", "shuffle")
    chosen = board(page)["chosen"]
    now = labels(page, "weights")[0]
    assert (now[chosen["query"]], now[chosen["key"]]) == (words[query], words[key])


def test_padding_leaves_a_word_and_says_so() -> None:
    trap = next(trap for trap in TRAPS if trap.name == "padding")
    scene = see(start_state().with_words("target", ("le", "chat")))
    assert trap.show(scene, (3,)).said.startswith("One word has to stay. “chat” is padding.")
    assert trap.show(scene, (1,)).said.startswith("“chat” is padding.")


def test_a_source_that_is_not_shown_moves_no_chosen_weight() -> None:
    state = replace(SelfCrossState.load("French reads English", kind=DECODER), query=2, key=1)
    for step, key in ((0, 1), (1, 3)):
        moved = replace(state, step=step).permuted("source", (4, 3, 2, 1, 0))
        assert (moved.query, moved.key) == (2, key)


def test_shuffles_come_again_with_their_seed(page: AppTest) -> None:
    orders = []
    for seed in range(3):
        assert component(page, DRAWING)["lanes"][0]["seed"] == seed
        before = component(page, DRAWING)["lanes"][0]["words"]
        move(page, "target", "shuffle")
        now = component(page, DRAWING)["lanes"][0]["words"]
        assert now != before
        assert sorted(now) == sorted(before)
        orders.append(now)
    again = open_page(FILE).run()
    assert [component(move(again, "target", "shuffle"), DRAWING)["lanes"][0]["words"]
            for _ in range(3)] == orders  # fmt: skip


def measured_in(text: str) -> float:
    found = re.search(r"output is (exactly 0|[\d.]+(?:e-\d+)?)[,.]", text)
    assert found, text
    return 0.0 if found[1] == "exactly 0" else float(found[1])


@pytest.mark.parametrize(
    ("kind", "side", "along"),
    [
        (CROSS, "source", "the columns of the weights"),
        (CROSS, "target", "the rows of the weights"),
        (SELF, "target", "rows and columns of the weights"),
        (DECODER, "source", "the columns of the weights"),
    ],
)
def test_where_only_the_order_changed_it_is_measured(kind: str, side: str, along: str) -> None:
    state = start_state().with_kind(kind)
    state = state.permuted(side, reversed_order(len(getattr(state, side).words)))
    text = moved(open_in(STORE, state))
    assert along in text
    assert 0 <= measured_in(text) < 1e-14
    assert ("rounding" in text) == (measured_in(text) > 0)


@pytest.mark.parametrize("kind", [CAUSAL, DECODER])
def test_where_the_order_decides_the_page_says_by_how_much(kind: str) -> None:
    written = start_state().with_kind(kind)
    state = written.permuted("target", swapped_order(4, 0, 3))
    old, new = see(written).shown.attention.output, see(state).shown.attention.output
    largest = np.abs(new - old[[3, 1, 2, 0]]).max()
    assert largest > 0.1
    text = moved(open_in(STORE, state))
    assert measured_in(text) == pytest.approx(largest, abs=0.0051)
    assert "order decides" in text
    assert "moved along" not in text


def test_both_sides_at_once_and_a_side_that_is_not_read() -> None:
    state = start_state().permuted("source", (4, 3, 2, 1, 0)).permuted("target", (1, 0, 2, 3))
    assert "The words of both" in moved(open_in(STORE, state))
    assert moved(open_in(STORE, state.with_kind(SELF))).startswith("The words stand in")
    only_source = start_state().permuted("source", (4, 3, 2, 1, 0)).with_kind(SELF)
    assert not moved(open_in(STORE, only_source))


@given(sequence_states())
@settings(max_examples=60)
def test_words_of_the_source_never_matter_by_their_places(state: SelfCrossState) -> None:
    for kind in (CROSS, DECODER):
        now = state.with_kind(kind)
        other = now.permuted("source", reversed_order(len(now.source.words)))
        scale = max(1.0, float(np.abs(see(now).result).max()))
        np.testing.assert_allclose(see(other).result, see(now).result, rtol=0, atol=1e-11 * scale)


@given(sequence_states())
@settings(max_examples=60)
def test_the_order_is_forgotten_when_the_words_stand_as_written(state: SelfCrossState) -> None:
    back = Move("source", "as written").on(Move("target", "as written").on(state))
    assert see(back).moved is None
    assert not back.target.is_permuted
    scene = see(state)
    if scene.moved is not None:
        assert scene.moved.change.shape == scene.shown.attention.output.shape
        assert re.fullmatch(r"The .* another order.*\.", what_moved(scene, scene.moved))


@pytest.mark.parametrize(
    "message",
    [
        None,
        "swap",
        {},
        {"side": "both", "what": "reverse"},
        {"side": "target", "what": "sort"},
        {"side": "target", "what": "swap"},
        {"side": "target", "what": "swap", "one": 0, "other": 4},
        {"side": "target", "what": "swap", "one": -1, "other": 0},
        {"side": "target", "what": "swap", "one": 1, "other": 1},
        {"side": "target", "what": "swap", "one": 0.0, "other": True},
        {"side": ["target"], "what": {}},
    ],
)
def test_a_move_that_there_is_not_is_no_move(message: object) -> None:
    if isinstance(message, dict):
        message = {"version": "0.0", **message}
    assert check_move(message, "0.0", start_state()) is None


@pytest.mark.parametrize(
    ("typed", "move", "words"),
    [
        ("un chat noir dort", {"what": "reverse"}, "dort noir chat un"),
        ("le chat noir dort bien", {"what": "reverse"}, "bien dort noir chat le"),
        ("le chat", {"what": "swap", "one": 0, "other": 3}, "le chat"),
        ("le", {"what": "reverse"}, "dort noir chat le"),
    ],
)
def test_what_was_typed_just_before_a_move_is_kept(
    typed: str, move: dict[str, object], words: str, page: AppTest
) -> None:
    """A field that loses the focus speaks together with the button that takes it."""
    version = component(page, DRAWING)["version"]
    named(page.text_input, f"{NAME}.target").set_value(typed)
    trigger(page, DRAWING, "move", {"version": version, "side": "target", **move})
    assert not page.exception
    assert named(page.text_input, f"{NAME}.target").value == words
    assert component(page, DRAWING)["lanes"][0]["words"] == words.split()


def test_a_move_of_another_drawing_is_no_move() -> None:
    message = {"version": "0.1", "side": "target", "what": "reverse"}
    assert check_move(message, "0.0", start_state()) is None
    assert check_move(message, "0.1", start_state()) == Move("target", "reverse")


# ---- words, sizes, examples

ENDS = [(2, 8), (8, 2), (8, 8), (2, 2)]
ALL_SIZES = [(1, 1, 1), (MOST_NUMBERS,) * 3, (1, MOST_NUMBERS, 1)]


@pytest.mark.parametrize(("kind", "step"), [*((kind, 1) for kind in KINDS), (DECODER, 0)])
@pytest.mark.parametrize(("n_target", "n_source"), ENDS)
def test_every_end_of_every_control(kind: str, step: int, n_target: int, n_source: int) -> None:
    for sizes in ALL_SIZES:
        state = SelfCrossState.load("Random", 9999, kind).with_step(step)
        state = state.with_words("target", tuple(f"t{i}" for i in range(n_target)))
        state = state.with_words("source", tuple(f"s{i}" for i in range(n_source)))
        state = state.with_sizes(*sizes)
        state = replace(state, query=MOST_WORDS - 1, key=MOST_WORDS - 1)
        app = open_in(STORE, state)
        shown = check_board(app, kind, step)
        from_source = kind == CROSS or (kind == DECODER and step == 1)
        n_key = n_source if from_source else n_target
        assert shown["weights"].shape == (n_target, n_key)
        d_value = sizes[0] if kind == DECODER else sizes[2]
        assert shown["output"].shape == (n_target, d_value)
        assert board(app)["chosen"] == {"query": n_target - 1, "key": n_key - 1}
        (stage,) = (s for s in component(app, DRAWING)["stages"] if s.get("chosen", True))
        sizes_drawn = [[n for n, _ in one["shape"]] for one in stage["projected"]]
        expected = [list(shown[name].shape) for name in ("query", "key", "value")]
        assert sizes_drawn == expected
        move(app, "target", "reverse")
        check_board(app, kind, step)


def test_words_are_renamed_removed_and_come_back(page: AppTest) -> None:
    before = matrices(page)["x_target"]
    words = named(page.text_input, f"{NAME}.target")
    words.set_value("le chien noir dort").run()
    np.testing.assert_array_equal(matrices(page)["x_target"], before)
    assert labels(page, "weights")[0] == ["le", "chien", "noir", "dort"]
    named(page.text_input, f"{NAME}.target").set_value("le noir dort").run()
    np.testing.assert_array_equal(matrices(page)["x_target"], before[[0, 2, 3]])
    named(page.text_input, f"{NAME}.target").set_value("le chat noir dort bien").run()
    after = matrices(page)["x_target"]
    np.testing.assert_array_equal(after[:4], before)
    np.testing.assert_array_equal(after[4], [0, 0])
    # Typed in another order, words are permuted as if they had been dragged.
    named(page.text_input, f"{NAME}.target").set_value("bien le chat noir dort").run()
    np.testing.assert_array_equal(matrices(page)["x_target"], after[[4, 0, 1, 2, 3]])
    assert "The target's words stand in another order" in moved(page)
    named(page.text_input, f"{NAME}.target").set_value("le chat").run()
    assert not moved(page)


@pytest.mark.parametrize("side", ["target", "source"])
@pytest.mark.parametrize("text", ["", "one", " ".join("abcdefghi"), "x " + "y" * 25])
def test_words_that_do_not_do_are_said(side: str, text: str, page: AppTest) -> None:
    before = matrices(page)
    named(page.text_input, f"{NAME}.{side}").set_value(text).run()
    assert not page.exception
    (warning,) = page.warning
    assert warning.value.endswith("The matrices still show the words before.")
    np.testing.assert_array_equal(matrices(page)["weights"], before["weights"])


def test_numbers_that_were_cut_off_come_back(page: AppTest) -> None:
    before = matrices(page)
    for name in ("d_model", "d_head", "d_value"):
        named(page.number_input, f"{NAME}.{name}").set_value(1).run()
    assert matrices(page)["cross_W_Q"].shape == (1, 1)
    for name in ("d_model", "d_head", "d_value"):
        named(page.number_input, f"{NAME}.{name}").set_value(2).run()
    for name, array in matrices(page).items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize(("preset", "kind"), list(product(EXAMPLES, KINDS)))
def test_an_example_opens_in_a_kind_that_shows_it(preset: str, kind: str) -> None:
    other = next(name for name in EXAMPLES if name != preset)
    app = open_in(STORE, SelfCrossState.load(other).with_kind(kind))
    app.selectbox(key=f"{NAME}.preset").set_value(preset).run()
    assert not app.exception
    now = str(app.button_group(key=f"{NAME}.kind").value)
    example = EXAMPLES[preset]()
    assert KINDS[now] in example.notes
    assert now == kind or KINDS[kind] not in example.notes
    check_board(app, now)
    assert tools(app)["note"] == example.notes[KINDS[now]]


def test_a_seed_gives_its_numbers(page: AppTest) -> None:
    page.selectbox(key=f"{NAME}.preset").set_value("Random").run()
    first = matrices(page)["x_target"]
    named(page.number_input, f"{NAME}.seed").set_value(9999).run()
    np.testing.assert_array_equal(
        matrices(page)["x_target"], EXAMPLES["Random"](seed=9999).target_rows[:3, :3]
    )
    assert (matrices(page)["x_target"] != first).any()


def test_only_what_is_as_it_was_loaded_has_a_note(page: AppTest) -> None:
    assert tools(page)["note"]
    move(page, "target", "reverse")
    assert not tools(page)["note"]
    move(page, "target", "reverse")
    assert tools(page)["note"]
    press(page, f"{NAME}.kind", SELF)
    assert not tools(page)["note"], "nothing is promised of this kind"


def test_a_blocked_cell_is_not_what_a_kind_opens_with(page: AppTest) -> None:
    press(page, f"{NAME}.kind", CAUSAL)
    assert board(page)["chosen"] == {"query": 1, "key": 1}


# ---- what is said, and what can be taken along


def test_the_drawing_is_told_in_words() -> None:
    def alts(state: SelfCrossState) -> list[str]:
        return [stage["alt"] for stage in describe(see(state))["stages"]]

    state = start_state()
    assert alts(state) == [
        "X target gives Q, 4 × 2; X source gives K, 5 × 2, and V, 5 × 2. Q and K make the weights, "
        "4 × 5; weights and V the output, 4 × 2."
    ]
    assert alts(state.with_kind(CAUSAL).with_sizes(3, 1, 4)) == [
        "X gives Q and K, both 4 × 1, and V, 4 × 4: self-attention. Q and K make the weights, "
        "4 × 4, causal; weights and V the output, 4 × 4."
    ]
    first, second = alts(state.with_kind(DECODER))
    assert first.startswith("X target gives Q and K")
    assert first.endswith("X target is added to it.")
    assert second.startswith("After self gives Q, 4 × 2; X source gives K")
    assert second.endswith("After self is added to it.")


def test_the_lines_show_what_the_board_shows_and_have_words_beside_them(page: AppTest) -> None:
    drawn = component(page, "attention_lines")
    np.testing.assert_allclose(drawn["weights"], matrices(page)["weights"], atol=5e-5)
    assert (len(drawn["queries"]), len(drawn["keys"])) == matrices(page)["weights"].shape
    message = {"version": drawn["version"], "matrix": "weights", "row": 3, "column": 4}
    trigger(page, "attention_lines", "choice", message)
    assert board(page)["chosen"] == {"query": 3, "key": 4}
    assert len(sums(page).texts["unseen"]) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_the_programs_print_what_is_on_the_page(kind: str) -> None:
    hostile = ("'''", '"); import os', "{x}", "naïve")
    state = start_state().with_kind(kind).with_words("target", hostile)
    scenes = [see(state.with_step(step)) for step in ((0, 1) if kind == DECODER else (1,))]
    scenes.append(see(SelfCrossState.load("Random", 3, kind)))
    cases = [SequenceCase.of(scene) for scene in scenes]
    programs = [make(case) for case in cases for make in (numpy_snippet, torch_snippet)]
    for scene, program, run in zip(
        [scene for scene in scenes for _ in range(2)], programs, run_programs(programs), strict=True
    ):
        assert not run.warned
        assert imports_of(program) <= {"numpy", "torch", "torch.nn.functional"}
        assert not {"numpy", "torch"} <= imports_of(program), "each needs one library alone"
        check_printed(scene, run.printed)
        if "torch" in imports_of(program):
            difference = re.search(r"largest difference .*: ([\d.e+-]+)", run.printed)
            assert difference
            assert float(difference[1]) < 1e-12


def check_printed(scene: Scene, printed: str) -> None:
    attention, (i, j) = scene.shown.attention, scene.chosen
    expected = {"weights": attention.weights, "output": attention.output}
    if scene.layer is not None:
        expected |= {"after_self": scene.layer.after_self, "layer": scene.layer.output}
    for name, array in expected.items():
        block = re.search(rf"^{name}\n(.*?\]\])", printed, flags=re.DOTALL | re.MULTILINE)
        assert block, f"{name} is not printed in {printed}"
        found = np.array(re.findall(r"-?\d+\.\d*", block[1]), dtype=float)
        np.testing.assert_allclose(found, array.ravel(), rtol=0, atol=5.1e-5, err_msg=name)
    assert printed.rstrip().endswith(
        f"{scene.shown.rows[i]} reads {scene.shown.asked[j]}: {attention.weights[i, j]:.4f}"
    )


def test_the_largest_state_fits_into_a_link() -> None:
    rng = np.random.default_rng(0)
    words = tuple(f"{place}" + "~" * (LONGEST_TOKEN - 1) for place in range(MOST_WORDS))
    state = SelfCrossState.load("Random", 9999).with_sizes(4, 4, 4)
    for side in ("target", "source"):
        state = state.with_words(side, words).permuted(side, (1, 2, 3, 4, 5, 6, 7, 0))

    def numbers(*shape: int) -> Array:
        return rng.uniform(-9, 9, shape).round(6)

    state = replace(
        state,
        target=replace(state.target, rows=numbers(8, 4)),
        source=replace(state.source, rows=numbers(8, 4)),
        start=numbers(4),
        matrices=Matrices(**{part.name: numbers(4, 4) for part in fields(Matrices)}),
    )
    app = open_in(STORE, state)
    link = tools(app)["link"]
    assert 1000 < len(link) < LONGEST_LINK
    again = STORE.read(link)
    np.testing.assert_array_equal(again.target.rows, state.target.rows)
    assert again.source.order == state.source.order
