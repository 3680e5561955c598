"""The page of the chain: every control at its ends."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.attention import scaled_dot_product_attention
from core.presets import PRESETS, Toy, cat_sat_mat, dictionary_lookup, random_toy, source_post_toy
from pages._shared.attention_settings import (
    MASKS,
    PRECISIONS,
    SOFTMAXES,
    TEMPERATURES,
    Settings,
)
from pages._shared.dot_product_state import LINES, PICTURES, STORE, DotProductState
from pages._shared.toy_state import ToyState
from tests.pages.app import (
    board,
    component,
    matrices,
    named,
    notes,
    open_in,
    open_page,
    press,
    said,
    spoken,
    sums,
    tools,
    trigger,
)

FILE = "pages/scaled_dot_product.py"
NAME = "scaled_dot_product"


@pytest.fixture
def page() -> AppTest:
    app = open_page(FILE).run()
    assert not app.exception
    return app


def open_with(board: ToyState, *, picture: str = LINES, **settings: object) -> AppTest:
    """Open the page as a reader who had done something before."""
    return open_in(STORE, DotProductState(board, Settings(**settings), picture))  # type: ignore[arg-type]


def edited_to(toy: Toy, **changes: object) -> ToyState:
    """Return the state of a board on which a reader has made this toy."""
    start = ToyState.load("Cat, sat, mat")
    painted = np.ones((len(toy.tokens),) * 2, dtype=bool)
    return replace(start, **{"toy": toy, "base": toy, "painted": painted, **changes})  # type: ignore[arg-type]


def check_chain(app: AppTest, toy: Toy, **options: object) -> None:
    """The board shows what core computes from this toy."""
    shown = matrices(app)
    attention = scaled_dot_product_attention(
        *(np.asarray(a, np.float32) for a in (toy.query, toy.key, toy.value)), **options
    )
    np.testing.assert_array_equal(shown["query"], toy.query)
    np.testing.assert_array_equal(shown["scores"], attention.scores)
    np.testing.assert_array_equal(shown["weights"], attention.weights)
    np.testing.assert_array_equal(shown["output"], attention.output)


def test_the_page_starts_with_the_sentence(page: AppTest) -> None:
    toy = cat_sat_mat()
    check_chain(page, toy)
    assert said(page) == "“sat” reads “cat” (0.57), “mat” (0.40) and “the” (0.02)."
    assert board(page)["chosen"] == {"query": 2, "key": 1}
    assert tools(page)["note"] == toy.note


def test_words_and_sums_are_in_the_numbers_of_the_chosen_cell(page: AppTest) -> None:
    """Query (2, 1) with key (1, 2): 4, by hand; its row of scores is (-1, 4, 1.5, -1, 3.5)."""
    reading = sums(page)
    assert reading.texts["h2"] == ["The arithmetic behind “sat” reading “cat”"]
    toy = cat_sat_mat()
    logits = toy.query[2] @ toy.key.T / math.sqrt(2)
    written = [f"e{x:.2f}".replace("-", "−") for x in logits]
    weights = np.exp(logits) / np.exp(logits).sum()
    output = weights @ toy.value
    vectors = [f"({a:.2f}, {b:.2f})".replace("-", "−") for a, b in [*toy.value, output]]
    terms = [f"{w:.2f} · {v}" for w, v in zip(weights, vectors, strict=False)]
    assert reading.texts["line"] == [
        "score = q · k = 2.00 · 1.00 + 1.00 · 2.00 = 4.00",
        "scaled = 4.00 / √2 = 2.83",
        f"weight = {written[1]} divided by {' + '.join(written)} = {weights[1]:.4f}",
        f"output = {' + '.join(terms)} = {vectors[-1]}",
    ]
    entropy = -(weights * np.log(weights)).sum()
    assert notes(page) == [f"Entropy of this row: {entropy:.2f} nats, of at most ln 5 = 1.61."]
    # A control is followed by every line.
    page.toggle(key=f"{NAME}.divided").set_value(False).run()
    page.select_slider(key=f"{NAME}.temperature").set_value(0.5).run()
    press(page, f"{NAME}.mask", "Causal")
    scaled, weight = sums(page).texts["line"][1:3]
    assert scaled == "scaled = score = 4.00, not divided"
    assert weight.startswith("weight = e4.00 / 0.5 divided by e")
    assert weight.count(" / 0.5") == 1 + 3
    assert notes(page)[0].endswith("of at most ln 3 = 1.10.")


def test_the_lines_show_what_the_board_shows(page: AppTest) -> None:
    drawn = component(page, "attention_lines")
    assert drawn["queries"] == drawn["keys"] == ["the", "cat", "sat", "on", "mat"]
    np.testing.assert_allclose(drawn["weights"], matrices(page)["weights"], atol=5e-5)
    assert (drawn["version"], drawn["chosen"]) == (board(page)["version"], [2, 1])
    # A weight that is chosen there is chosen on the board too.
    message = {"version": drawn["version"], "matrix": "weights", "row": 3, "column": 4}
    trigger(page, "attention_lines", "choice", message)
    assert board(page)["chosen"] == {"query": 3, "key": 4}
    assert component(page, "attention_lines")["chosen"] == [3, 4]
    assert sums(page).texts["h2"] == ["The arithmetic behind “on” reading “mat”"]
    # What was shown before means nothing to another toy.
    page.selectbox(key=f"{NAME}.preset").set_value("Dictionary lookup").run()
    before = board(page)["chosen"]
    trigger(page, "attention_lines", "choice", message)
    assert board(page)["chosen"] == before


def test_text_alternatives_stay_the_same_and_the_words_stand_beside(page: AppTest) -> None:
    assert not spoken(page)
    assert said(page).startswith("“sat” reads “")
    page.selectbox(key=f"{NAME}.preset").set_value("Dictionary lookup").run()
    assert said(page).startswith("“one” reads “one”")
    page.selectbox(key=f"{NAME}.preset").set_value("Cat, sat, mat").run()
    press(page, f"{NAME}.picture", "Geometry")
    arrows, average = spoken(page)
    assert arrows.startswith("The chosen query and the keys")
    assert average.startswith("The output inside the hull")
    assert said(page).startswith("“the” reads “")


def test_only_a_toy_that_is_as_it_started_has_its_note(page: AppTest) -> None:
    for preset, build in PRESETS.items():
        page.selectbox(key=f"{NAME}.preset").set_value(preset).run()
        assert tools(page)["note"] == build().note
    named(page.text_input, f"{NAME}.tokens").set_value("a b").run()
    assert tools(page)["note"] == ""


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_preset_loads_as_it_is(preset: str, page: AppTest) -> None:
    page.selectbox(key=f"{NAME}.preset").set_value(preset).run()
    assert not page.exception
    assert not page.warning
    toy = PRESETS[preset]()
    check_chain(page, toy)
    assert named(page.text_input, f"{NAME}.tokens").value.split() == list(toy.tokens)
    assert named(page.number_input, f"{NAME}.d_head").value == toy.query.shape[1]
    assert named(page.number_input, f"{NAME}.d_value").value == toy.value.shape[1]


def test_presets_follow_each_other_without_a_trace(page: AppTest) -> None:
    for preset in (*PRESETS, *reversed(PRESETS)):
        page.selectbox(key=f"{NAME}.preset").set_value(preset).run()
        assert not page.exception
        check_chain(page, PRESETS[preset]())


@pytest.mark.parametrize("seed", [0, 1, 9999])
def test_a_seed_gives_its_numbers(seed: int, page: AppTest) -> None:
    page.selectbox(key=f"{NAME}.preset").set_value("Random").run()
    named(page.number_input, f"{NAME}.seed").set_value(seed).run()
    check_chain(page, random_toy(n_token=4, d_head=3, d_value=2, seed=seed))
    page.selectbox(key=f"{NAME}.preset").set_value("5 x 64").run()
    check_chain(page, source_post_toy(seed))
    assert not page.warning


def test_only_drawn_toys_have_a_seed(page: AppTest) -> None:
    keys = {str(widget.key) for widget in page.number_input}
    assert not any(key.startswith(f"{NAME}.seed") for key in keys)
    page.selectbox(key=f"{NAME}.preset").set_value("Random").run()
    assert named(page.number_input, f"{NAME}.seed").value == 0


@pytest.mark.parametrize(("d_head", "d_value"), list(product((1, 8), repeat=2)))
def test_sizes_at_their_ends(d_head: int, d_value: int, page: AppTest) -> None:
    named(page.number_input, f"{NAME}.d_head").set_value(d_head).run()
    named(page.number_input, f"{NAME}.d_value").set_value(d_value).run()
    assert not page.exception
    shown = matrices(page)
    assert shown["query"].shape == shown["key"].shape == (5, d_head)
    assert shown["value"].shape == shown["output"].shape == (5, d_value)
    toy = cat_sat_mat()
    kept = min(d_head, 2)
    np.testing.assert_array_equal(shown["query"][:, :kept], toy.query[:, :kept])
    assert (shown["query"][:, 2:] == 0).all()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("alone", "Write 2 to 8 words, not 1."),
        ("", "Write 2 to 8 words, not 0."),
        ("a b c d e f g h i", "Write 2 to 8 words, not 9."),
        ("fine " + "x" * 25, "A word may have up to 24 characters; one has 25."),
    ],
)
def test_tokens_that_cannot_be_used_change_nothing(text: str, reason: str, page: AppTest) -> None:
    before = matrices(page)
    named(page.text_input, f"{NAME}.tokens").set_value(text).run()
    assert not page.exception
    assert [warning.value for warning in page.warning] == [
        f"{reason} The matrices still show the words before."
    ]
    for name, array in matrices(page).items():
        np.testing.assert_array_equal(array, before[name])
    assert board(page)["items"][0]["rows"] == list(cat_sat_mat().tokens)


def test_tokens_join_leave_and_repeat(page: AppTest) -> None:
    for text in ("a b", "a b c d e f g h", "the the the", "the cat sat on mat"):
        named(page.text_input, f"{NAME}.tokens").set_value(text).run()
        assert not page.exception
        assert not page.warning
        assert board(page)["items"][0]["rows"] == text.split()
        np.testing.assert_allclose(matrices(page)["weights"].sum(axis=1), 1, atol=1e-6)


@pytest.mark.parametrize("temperature", [TEMPERATURES[0], TEMPERATURES[-1]])
@pytest.mark.parametrize("divided", [True, False])
@pytest.mark.parametrize("mask", MASKS)
def test_every_mask_at_the_ends_of_scale_and_temperature(
    mask: str, divided: bool, temperature: float
) -> None:
    toy = cat_sat_mat()
    painted = np.eye(5, dtype=bool)
    painted[3] = False
    state = edited_to(toy, painted=painted)
    app = open_with(state, mask=mask, divided=divided, temperature=temperature)
    allowed = {
        "None": None,
        "Causal": np.tri(5, dtype=bool),
        "Padding": np.array([[True] * 4 + [False]]),
        "Painted": painted,
    }[mask]
    scale = 1 / math.sqrt(2) if divided else 1.0
    check_chain(app, toy, mask=allowed, scale=scale, temperature=temperature)
    assert ("masked" in matrices(app)) == (mask != "None")
    assert ("painted" in matrices(app)) == (mask == "Painted")


def test_padding_that_leaves_nothing_gives_zeros_and_says_so(page: AppTest) -> None:
    press(page, f"{NAME}.mask", "Padding")
    named(page.number_input, f"{NAME}.n_real").set_value(0).run()
    assert not page.exception
    shown = matrices(page)
    assert (shown["weights"] == 0).all()
    assert (shown["output"] == 0).all()
    assert np.isneginf(shown["masked"]).all()
    assert said(page) == "“sat” may attend to nothing: its weights and its output are 0."
    assert sums(page).texts["line"][2] == "weight = 0: this key is blocked"
    # There is no entropy of a row without weights.
    assert notes(page) == []


def test_naive_softmax_in_half_precision_overflows_and_says_so(page: AppTest) -> None:
    page.selectbox(key=f"{NAME}.preset").set_value("Dictionary lookup").run()
    page.toggle(key=f"{NAME}.divided").set_value(False).run()
    press(page, f"{NAME}.precision", "float16")
    assert np.isfinite(matrices(page)["weights"]).all()
    press(page, f"{NAME}.softmax", "Naive")
    assert not page.exception
    # 16 on the diagonal: exp(16) is beyond float16, and inf / inf is NaN.
    assert np.isnan(np.diag(matrices(page)["weights"])).all()
    assert np.isnan(matrices(page)["output"]).all()
    assert (
        said(page)
        == "The weights of “one” are not all numbers: the naive softmax overflowed or vanished."
    )
    assert sums(page).texts["line"][2].endswith(" = NaN")
    assert "NaN · (" in sums(page).texts["line"][3]
    assert sums(page).texts["line"][3].endswith(" = (NaN, NaN)")
    assert notes(page) == []
    page.toggle(key=f"{NAME}.check").set_value(True).run()
    assert notes(page) == [
        "8 of 8 outputs are NaN here; PyTorch, which subtracts each row's maximum, has numbers "
        "for them."
    ]
    press(page, f"{NAME}.precision", "float32")
    assert np.isfinite(matrices(page)["weights"]).all()
    spread, difference = notes(page)
    assert spread.startswith("Entropy of this row: ")
    assert difference.startswith("Largest difference from PyTorch's output in float32: ")


@pytest.mark.parametrize(("softmax", "precision"), list(product(SOFTMAXES, PRECISIONS)))
def test_pytorch_agrees_in_every_precision(softmax: str, precision: str) -> None:
    state = ToyState.load("Cat, sat, mat", query=2, key=1)
    app = open_with(state, softmax=softmax, precision=precision, mask="Causal", check=True)
    assert len(notes(app)) == 2
    sentence = rf"Largest difference from PyTorch's output in {precision}: (\d\.\de[+-]\d\d)"
    gap = float(re.fullmatch(sentence, notes(app)[1]).group(1))  # type: ignore[union-attr]
    assert gap <= {"float16": 2e-3, "float32": 1e-6, "float64": 1e-14}[precision]


def test_pytorch_is_asked_only_by_its_switch(page: AppTest) -> None:
    assert "PyTorch" not in sums(page).text
    page.toggle(key=f"{NAME}.check").set_value(True).run()
    assert "PyTorch" in notes(page)[-1]
    page.toggle(key=f"{NAME}.check").set_value(False).run()
    assert "PyTorch" not in sums(page).text


def test_every_setting_that_pytorch_can_follow_is_followed() -> None:
    toy = random_toy(n_token=7, d_head=5, d_value=3, seed=3)
    painted = np.random.default_rng(0).random((7, 7)) < 0.6
    painted[4] = False
    for mask, divided, temperature in product(MASKS, (True, False), (0.5, 2.0)):
        app = open_with(
            edited_to(toy, painted=painted),
            mask=mask, divided=divided, temperature=temperature, precision="float64", check=True,
        )  # fmt: skip
        gap = float(notes(app)[-1].rpartition("float64: ")[2])
        assert gap < 1e-13, (mask, divided, temperature)


def test_an_edited_toy_comes_back_with_its_choice() -> None:
    toy, edited = cat_sat_mat(), dictionary_lookup()
    state = ToyState.load("Cat, sat, mat", query=4, key=3)
    state = state.edited({"query": np.full((5, 2), 0.5)})
    app = open_with(state)
    shown = matrices(app)
    assert (shown["query"] == 0.5).all()
    assert board(app)["items"][0]["base"] == toy.query.tolist()
    assert sums(app).texts["h2"] == ["The arithmetic behind “mat” reading “on”"]
    assert tools(app)["note"] == ""
    # A preset replaces the edit, and tells the board to overwrite what it shows.
    version = board(app)["version"]
    app.selectbox(key=f"{NAME}.preset").set_value("Dictionary lookup").run()
    check_chain(app, edited)
    assert board(app)["version"] > version
    assert board(app)["chosen"] == {"query": 0, "key": 0}


HOSTILE = ("<svg/onload=alert(1)>", "$x$", "**a**", ":red[x]", "`b`", "<p>&amp;", "</div>", "'\"")


@pytest.mark.parametrize("picture", PICTURES)
def test_words_in_markup_are_read_as_words(picture: str) -> None:
    zeros = np.zeros((len(HOSTILE), 2))
    state = edited_to(Toy("hostile", HOSTILE, zeros, zeros, zeros, "note"))
    harmless = edited_to(Toy("harmless", tuple("abcdefgh"), zeros, zeros, zeros, "note"))
    plain = sums(open_with(harmless, picture=picture))
    for index, word in enumerate(HOSTILE):
        chosen = replace(state, query=index, key=(index + 1) % len(HOSTILE))
        app = open_with(chosen, picture=picture)
        reading = sums(app)
        # The same elements as with harmless words, and the words themselves as text.
        assert reading.tags == plain.tags
        assert reading.attributes == plain.attributes
        source = HOSTILE[chosen.key]
        assert reading.texts["h2"] == [f"The arithmetic behind “{word}” reading “{source}”"]
        assert said(app).startswith(f"“{word}” reads “")
        # Nothing that reads Markdown gets to see them.
        markdown = [*app.markdown, *app.caption, *app.info, *app.warning, *app.subheader]
        assert not any(word in text.value for word in HOSTILE[:5] for text in markdown)
        assert not any(word in alternative for word in HOSTILE for alternative in spoken(app))


def test_geometry_needs_a_plane(page: AppTest) -> None:
    press(page, f"{NAME}.picture", "Geometry")
    assert not page.exception
    assert len(spoken(page)) == 2
    named(page.number_input, f"{NAME}.d_head").set_value(3).run()
    assert not spoken(page)
    assert "Arrows need a plane" in page.info[0].value


def test_geometry_draws_what_cannot_be_drawn_without_falling_over(page: AppTest) -> None:
    press(page, f"{NAME}.picture", "Geometry")
    press(page, f"{NAME}.mask", "Padding")
    named(page.number_input, f"{NAME}.n_real").set_value(0).run()
    assert not page.exception
    named(page.text_input, f"{NAME}.tokens").set_value("a b").run()
    assert not page.exception
    state = edited_to(Toy("zeros", ("a", "b", "c"), *(np.zeros((3, 2)),) * 3, "note"))
    app = open_with(state, picture="Geometry", softmax="Naive", precision="float16")
    assert len(spoken(app)) == 2
