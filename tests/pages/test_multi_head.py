"""The page of several heads: every control at its ends."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.head_presets import HEAD_PRESETS, four_roles, random_heads
from core.multi_head import Projections, multi_head_attention
from core.packing import PackingError
from pages._shared.matrix import Choice
from pages._shared.multi_head_board import all_matrices, rows_of
from pages._shared.multi_head_cut import (
    CACHE,
    CONTEXTS,
    COUNTS,
    HEADS,
    OUTPUT,
    PARTS,
    PRECISIONS,
    SIZES,
    MultiHeadState,
)
from pages._shared.multi_head_scene import see
from pages._shared.multi_head_state import STORE, pack, unpack
from tests.pages.app import (
    board,
    captions,
    components,
    html,
    matrices,
    named,
    open_in,
    open_page,
    press,
    spoken,
    sums,
    tools,
    trigger,
)
from tests.pages.html_reader import read_html

FILE = "pages/multi_head.py"
NAME = "multi_head"


@pytest.fixture
def page() -> AppTest:
    app = open_page(FILE).run()
    assert not app.exception
    return app


def open_with(**changes: Any) -> AppTest:  # noqa: ANN401
    """Open the page as a reader who had done something before."""
    return open_in(STORE, replace(MultiHeadState.load(), **changes))


def items(app: AppTest) -> dict[str, dict[str, Any]]:
    return {item["id"]: item for item in board(app)["items"]}


def check_heads(app: AppTest, state: MultiHeadState) -> None:
    """The board shows what core computes, cut by hand here."""
    d_head, group = 8 // state.n_head, 8 // (8 // state.group)
    columns = [c for c in range(8) if (c // d_head) % group == 0]
    projections = Projections(
        state.query, state.key[:, columns], state.value[:, columns], state.output
    )
    result = multi_head_attention(
        state.x,
        None,
        projections,
        n_head=state.n_head,
        n_kv_head=len(columns) // d_head,
        causal=state.causal,
        dropped=state.dropped,
    )
    shown = matrices(app)
    for head in range(state.n_head):
        np.testing.assert_array_equal(shown[f"head_{head + 1}"], result.attention.weights[head])
    assert f"head_{state.n_head + 1}" not in shown
    if "output" in shown:
        np.testing.assert_array_equal(shown["output"], result.output)


def test_the_page_starts_with_four_roles(page: AppTest) -> None:
    check_heads(page, MultiHeadState.load())
    assert sums(page).texts["said"] == ["In head 1 “cat” reads “the” (0.97) and “cat” (0.03)."]
    assert sums(page).texts["h2"] == ["The arithmetic behind “cat” reading “the” in head 1"]
    assert tools(page)["note"] == four_roles().note
    assert captions(page).startswith(
        "d_head 8 / 4 = **2** · parameters 64 + 64 + 64 + 64 = **256** · operations for 6 words "
        "**4,224** · cache **16** numbers a word"
    )


def test_the_arithmetic_is_in_the_numbers_of_the_chosen_cell(page: AppTest) -> None:
    """Query (3.92, 0), key (4, 0): 15.68, over the root of 2; values (2, 0) and (0.6, 1.9)."""
    lines = sums(page).texts["line"]
    assert lines[0] == "score = q · k = 3.92 · 4.00 + 0.00 · 0.00 = 15.68"
    assert lines[1] == "scaled = 15.68 / √2 = 11.09"
    assert lines[3].startswith("of this head: output = 0.97 · (2.00, 0.00) + 0.03 · (0.60, 1.90)")
    # Every head's share of the largest number of the output, and their sum.
    shares = [float(number) for number in re.findall(r"([\d.]+) \(head", lines[4])]
    total = float(lines[4].rpartition("= ")[2])
    assert len(shares) == 4
    assert sum(shares) == pytest.approx(total, abs=0.021)
    assert total == pytest.approx(
        matrices(press(page, f"{NAME}.part", OUTPUT))["output"][1].max(), abs=0.006
    )


CUTS = [(heads, shared) for heads, shared in product(HEADS, HEADS) if shared <= heads]


@pytest.mark.parametrize(("n_head", "n_kv_head"), CUTS)
def test_every_cut_shows_what_core_computes(n_head: int, n_kv_head: int) -> None:
    state = MultiHeadState.load("Random", 3).cut(n_head, n_kv_head)
    app = open_in(STORE, replace(state, part=OUTPUT))
    check_heads(app, state)
    assert sums(app).texts["h2"] == ["The arithmetic behind “cat” reading “the” in head 1"]


def test_cutting_changes_no_number_but_what_the_heads_read(page: AppTest) -> None:
    before = matrices(page)
    press(page, f"{NAME}.n_head", 8)  # type: ignore[arg-type]
    after = matrices(page)
    np.testing.assert_array_equal(after["w_query"], before["w_query"])
    np.testing.assert_array_equal(after["query"], before["query"])
    assert sum(name.startswith("head_") for name in after) == 8
    assert "parameters 64 + 64 + 64 + 64 = **256**" in captions(page)
    press(page, f"{NAME}.n_kv_head.0", 1)  # type: ignore[arg-type]
    assert "parameters 64 + 8 + 8 + 64 = **144**" in captions(page)
    assert "cache **2** numbers a word" in captions(page)


def test_other_heads_leave_as_many_together_and_the_control_says_what_it_is(page: AppTest) -> None:
    """Two heads share, or all, or none; who shares with all still does with eight."""
    key = f"{NAME}.n_kv_head.0"
    control = page.button_group(key=key)
    assert (control.label, control.options) == ("Key/value heads: multi-head", ["1", "2", "4"])
    press(page, key, 2)  # type: ignore[arg-type]
    for n_head, n_kv_head, name in (
        (8, 4, "grouped"),
        (4, 2, "grouped"),
        (2, 1, "multi-query"),
        (8, 1, "multi-query"),
        (1, 1, "single head"),
        (8, 8, "multi-head"),
    ):
        press(page, f"{NAME}.n_head", n_head)  # type: ignore[arg-type]
        control = page.button_group(key=key)
        assert (control.value, control.label) == (n_kv_head, f"Key/value heads: {name}")
        assert len(control.options) == len([n for n in HEADS if n <= n_head])
        assert (state_of(page).n_head, state_of(page).n_kv_head) == (n_head, n_kv_head)


def test_a_link_with_more_shared_heads_than_heads_does_not_fit() -> None:
    values = pack(MultiHeadState.load().cut(2))
    with pytest.raises(PackingError, match="more heads are shared"):
        unpack({**values, "n_kv_head": 4})


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("preset", HEAD_PRESETS)
def test_every_part_of_every_preset(preset: str, part: str) -> None:
    app = open_in(STORE, replace(MultiHeadState.load(preset), part=part, mean=True))
    assert not app.warning
    if part == COUNTS:
        assert "matrix_board" not in [name for name, _ in components(app)]
        assert len(spoken(app)) == 1
    else:
        assert not spoken(app)
        assert matrices(app)


# --- bands -----------------------------------------------------------------------------------


def test_every_column_says_and_shows_which_head_it_belongs_to() -> None:
    for name, part in (("w_query", "Queries"), ("w_key", "Keys"), ("w_value", "Values")):
        item = items(open_with(part=part))[name]
        assert item["columns"] == ["1.1", "1.2", "2.1", "2.2", "3.1", "3.2", "4.1", "4.2"]
        bands = [[f"head {head + 1}", 2, head] for head in range(4)]
        assert item["column_bands"] == bands
        assert items(open_with(part=part))[name.removeprefix("w_")]["column_bands"] == bands
    output = items(open_with(part=OUTPUT))
    assert output["w_output"]["row_bands"] == output["concatenated"]["column_bands"] == bands
    assert "row_bands" not in output["output"]


def test_the_band_of_shared_keys_says_who_shares_them() -> None:
    state = MultiHeadState.load()
    for bands in ([["heads 1–2", 2, 0], ["heads 3–4", 2, 2]], [["heads 1–4", 2, 0]]):
        shown = items(open_in(STORE, replace(state.cut(4, len(bands)), part="Keys")))
        assert shown["w_key"]["column_bands"] == bands
        assert np.shape(shown["key"]["values"]) == (6, 2 * len(bands))
    shown = items(open_in(STORE, replace(state.cut(8, 2), part="Keys")))
    assert [band[0] for band in shown["w_key"]["column_bands"]] == ["1–4", "5–8"]


# --- editing ---------------------------------------------------------------------------------


def state_of(app: AppTest) -> MultiHeadState:
    return app.session_state[f"{NAME}.page"].state


def test_an_edit_of_shared_keys_reaches_the_columns_in_use() -> None:
    state = MultiHeadState.load().cut(4, 2)
    edited = state.edited({"w_key": np.full((8, 4), 0.5)})
    np.testing.assert_array_equal(edited.key[:, [0, 1, 4, 5]], 0.5)
    np.testing.assert_array_equal(edited.key[:, [2, 3, 6, 7]], state.key[:, [2, 3, 6, 7]])
    assert (state.key[:, 0] != 0.5).any(), "nothing that was there is changed"
    # What was put away comes back.
    own = edited.cut(4, 4)
    np.testing.assert_array_equal(own.key, edited.key)
    app = open_in(STORE, replace(edited, part="Keys"))
    assert (matrices(app)["w_key"] == 0.5).all()
    np.testing.assert_array_equal(items(app)["w_key"]["base"], state.key[:, [0, 1, 4, 5]])


def test_words_take_their_numbers_along_and_places_stay() -> None:
    state = MultiHeadState.load()
    x = state.x.copy()
    x[1, 7] = 5.0  # “cat” gets something
    state = state.edited({"x": x})
    moved = state.said(("cat", "the", "and", "the", "dog", "ran"))
    assert moved.x[0, 7] == 5.0
    np.testing.assert_array_equal(moved.x[:, :3], state.x[:, :3])
    renamed = state.said(("the", "cow", "and", "the", "dog", "ran"))
    np.testing.assert_array_equal(renamed.x, state.x)
    shorter = state.said(("the", "cat"))
    np.testing.assert_array_equal(shorter.x, state.x[:2])
    longer = shorter.said(("the", "cat", "new", "dog"))
    assert not longer.x[2, 3:].any()
    np.testing.assert_array_equal(longer.x[2, :3], state.x[2, :3])
    assert longer.x[3, 6] == 1.0, "a word of the preset comes back with its own"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("alone", "Write 2 to 6 words, not 1."),
        ("", "Write 2 to 6 words, not 0."),
        ("a b c d e f g", "Write 2 to 6 words, not 7."),
        ("fine " + "x" * 17, "A word may have up to 16 characters; one has 17."),
    ],
)
def test_words_that_cannot_be_used_change_nothing(text: str, reason: str, page: AppTest) -> None:
    before = matrices(page)
    named(page.text_input, f"{NAME}.words").set_value(text).run()
    assert [warning.value for warning in page.warning] == [
        f"{reason} The matrices still show the words before."
    ]
    for name, array in matrices(page).items():
        np.testing.assert_array_equal(array, before[name])


@pytest.mark.parametrize("text", ["a b", "the the the the the the", "猫 <b>x</b> $y$"])
@pytest.mark.parametrize("part", [part for part in PARTS if part != COUNTS])
def test_other_words_in_every_part(text: str, part: str, page: AppTest) -> None:
    press(page, f"{NAME}.part", part)
    named(page.text_input, f"{NAME}.words").set_value(text).run()
    assert not page.exception
    assert not page.warning
    for item in board(page)["items"]:
        assert "<b>" not in item["title"]
    assert not any("<b>x" in body for body in html(page))


def test_a_preset_keeps_what_is_looked_at(page: AppTest) -> None:
    page.toggle(key=f"{NAME}.mean").set_value(True).run()
    press(page, f"{NAME}.part", OUTPUT)
    page.selectbox(key=f"{NAME}.preset").set_value("Who saw whom").run()
    assert {"output", "mean"} <= set(matrices(page))
    press(page, f"{NAME}.part", COUNTS)
    page.selectbox(key=f"{NAME}.size").set_value(SIZES[-1]).run()
    page.selectbox(key=f"{NAME}.preset").set_value("Random").run()
    assert (state_of(page).part, state_of(page).size) == (COUNTS, SIZES[-1])


def test_the_note_of_a_preset_is_there_while_it_is_true(page: AppTest) -> None:
    """With a cache no word reads the next; without maps there is nothing to see."""
    for part, note in ((OUTPUT, four_roles().note), (CACHE, ""), (COUNTS, "")):
        press(page, f"{NAME}.part", part)
        assert tools(page)["note"] == note


def test_presets_follow_each_other_and_only_the_drawn_one_has_a_seed(page: AppTest) -> None:
    for preset in (*HEAD_PRESETS, *reversed(HEAD_PRESETS)):
        page.selectbox(key=f"{NAME}.preset").set_value(preset).run()
        assert not page.exception
        check_heads(page, MultiHeadState.load(preset))
    page.selectbox(key=f"{NAME}.preset").set_value("Random").run()
    for seed in (0, 9999):
        named(page.number_input, f"{NAME}.seed").set_value(seed).run()
        np.testing.assert_array_equal(matrices(page)["w_query"], random_heads(seed).query)
        assert tools(page)["note"] == random_heads(seed).note
    page.selectbox(key=f"{NAME}.preset").set_value("Four roles").run()
    assert not any(str(w.key).startswith(f"{NAME}.seed") for w in page.number_input)


# --- dropping and averaging ------------------------------------------------------------------


def test_a_head_is_dropped_by_its_switch_and_taken_back(page: AppTest) -> None:
    def pressed(on: bool) -> None:
        message = {"version": board(page)["version"], "matrix": "head_2", "on": on}
        trigger(page, "matrix_board", "switch", message)

    before = matrices(page)
    assert items(page)["head_2"]["switch"] == ["Drop", False]
    pressed(True)
    assert not page.exception
    shown, state = matrices(page), state_of(page)
    assert state.dropped == {1}
    assert items(page)["head_2"]["switch"] == ["Drop", True]
    for head in range(1, 5):  # no map changes
        np.testing.assert_array_equal(shown[f"head_{head}"], before[f"head_{head}"])
    whole = see(MultiHeadState.load()).result
    share = whole.concatenated[:, 2:4] @ state.output[2:4]
    np.testing.assert_allclose(shown["change"], -share, atol=1e-12)
    np.testing.assert_allclose(shown["output"] - shown["change"], whole.output, atol=1e-12)
    assert items(page)["output"]["note"] == "without head 2"
    largest = np.abs(share).max()
    assert sums(page).texts["said"][1] == (
        f"Without head 2 the output changes by at most {largest:.2f}; the other heads' weights "
        "stay as they are."
    )
    pressed(False)
    assert "change" not in matrices(page)


def test_without_any_head_the_output_is_nothing() -> None:
    app = open_with(dropped=frozenset(range(4)), part=OUTPUT, mean=True)
    assert not matrices(app)["output"].any()
    assert "mean" not in matrices(app), "there is nothing to average"
    assert {items(app)[f"head_{head}"]["note"] for head in (2, 3, 4)} == {""}
    largest = np.abs(see(MultiHeadState.load()).result.output).max()
    assert sums(app).texts["said"][1:] == [
        f"Without heads 1, 2, 3 and 4 the output changes by at most {largest:.2f}; no head is left."
    ]


def test_a_mean_says_that_it_is_one(page: AppTest) -> None:
    page.toggle(key=f"{NAME}.mean").set_value(True).run()
    shown = matrices(page)
    maps = np.stack([shown[f"head_{head}"] for head in range(1, 5)])
    np.testing.assert_allclose(shown["mean"], maps.mean(axis=0), atol=1e-15)
    assert items(page)["mean"]["title"] == "Mean of 4 heads"
    far = np.abs(maps - maps.mean(axis=0)).sum(axis=-1).mean(axis=-1) / 2
    assert [items(page)[f"head_{h + 1}"]["note"] for h in range(4)] == [
        f"{100 * share:.0f}% elsewhere" for share in far
    ]
    nearest = int(far.argmin())
    assert sums(page).texts["said"][1] == (
        f"The head nearest to the mean is head {nearest + 1}, and {100 * far[nearest]:.0f}% of its "
        "weight lies elsewhere."
    )
    app = open_with(mean=True, dropped=frozenset({0}))
    np.testing.assert_allclose(matrices(app)["mean"], maps[1:].mean(axis=0), atol=1e-15)
    assert items(app)["mean"]["title"] == "Mean of 3 heads"


# --- causal, cache, counts -------------------------------------------------------------------


def test_causal_blocks_what_stands_after(page: AppTest) -> None:
    page.toggle(key=f"{NAME}.causal").set_value(True).run()
    later = np.triu(np.ones((6, 6), bool), 1)
    for head in range(1, 5):
        assert not matrices(page)[f"head_{head}"][later].any()
        np.testing.assert_array_equal(items(page)[f"head_{head}"]["blocked"], later)
    app = open_with(causal=True, reader=1, source=4)
    assert sums(app).texts["line"][0] == "weight = 0: this key is blocked"


@pytest.mark.parametrize("n", [1, 3, 6])
@pytest.mark.parametrize("n_kv_head", [4, 2, 1])
def test_the_cache_grows_by_a_row_and_equals_the_full_pass(n: int, n_kv_head: int) -> None:
    state = replace(MultiHeadState.load().cut(4, n_kv_head), part=CACHE, n_cached=n)
    app = open_in(STORE, state)
    shown = matrices(app)
    full = see(replace(state, part=OUTPUT, causal=True)).result
    kept = np.concatenate(list(full.key), axis=-1)[:n]
    np.testing.assert_allclose(shown["cached_key"], kept, atol=1e-12)
    assert shown["new_weights"].shape == (4, n)
    np.testing.assert_allclose(
        shown["new_weights"], full.attention.weights[:, n - 1, :n], atol=1e-12
    )
    np.testing.assert_allclose(shown["new_output"], shown["full_output"], atol=1e-12)
    np.testing.assert_array_equal(shown["full_output"][0], full.output[n - 1])
    assert items(app)["cached_key"]["rows"][-1] == f"+ {state.words[n - 1]}"
    sentence = sums(app).texts["said"][-1]
    assert float(sentence.rpartition("pass: ")[2].rstrip(".")) < 1e-12


def test_what_is_said_of_a_dropped_head_is_of_the_word_that_the_cache_shows() -> None:
    state = replace(MultiHeadState.load(), dropped=frozenset({0}), part=CACHE, n_cached=5)
    scene = see(state)
    change = np.abs(scene.result.output - scene.whole.output)
    assert change[4].max() < change.max() - 0.1
    said = sums(open_in(STORE, state)).texts["said"][1]
    assert f"the output changes by at most {change[4].max():.2f};" in said


def test_words_so_far_follow_the_words(page: AppTest) -> None:
    press(page, f"{NAME}.part", CACHE)
    named(page.slider, f"{NAME}.n_cached").set_value(6).run()
    assert len(matrices(page)["cached_key"]) == 6
    named(page.text_input, f"{NAME}.words").set_value("a b").run()
    assert not page.exception
    assert len(matrices(page)["cached_key"]) == 2


def test_counts_of_a_known_model() -> None:
    app = open_with(part=COUNTS)
    _, known = (read_html(body).text for body in html(app) if body.startswith("<table"))
    # 2 × 32 layers × 32 heads × 128 × 2 bytes are 512 KiB a token, and 2 GiB for 4,096.
    for row in (
        "Multi-head Grouped Multi-query",
        "Key/value heads 32 8 1",
        "Parameters of attention 2,147 M 1,342 M 1,107 M",
        "Cache, one token 512 KiB 128 KiB 16 KiB",
        "Cache, 4,096 tokens 2 GiB 512 MiB 64 MiB",
        # 32 × (8 × 4096² + 4 × 4096 × 4096) of the first: four products, scores and reading.
        "Operations for the next token 6.44 G 4.83 G 4.36 G",
        "The same without a cache 26.4 T 19.8 T 17.9 T",
    ):
        assert row.replace(" ", "") in re.sub(r"\s", "", known), row
    (bold,) = re.findall(
        r"font-weight: 700'>(.*?)</tr>", next(b for b in html(app) if "every way" in b)
    )
    assert re.findall(r">([\d,]+)<", bold) == ["4", "4", "2", "256", "4,224", "96"]


@pytest.mark.parametrize(
    ("size", "context", "precision"),
    list(
        product((SIZES[0], SIZES[-1]), (CONTEXTS[0], CONTEXTS[-1]), (PRECISIONS[0], PRECISIONS[-1]))
    ),
)
def test_counts_at_their_ends(size: str, context: int, precision: str) -> None:
    app = open_with(part=COUNTS, size=size, context=context, precision=precision)
    text = captions(app)
    assert f"Cache, {context:,} tokens" in "".join(html(app))
    n_layer, n_kv_head, d_head = (12, 4, 64) if size == SIZES[0] else (80, 8, 128)
    count = 2 * n_layer * n_kv_head * d_head * context * int(precision.removesuffix(" bits")) // 8
    unit = ["B", "KiB", "MiB", "GiB", "TiB"][int(np.log2(count)) // 10]
    assert f"= {count / 1024 ** (int(np.log2(count)) // 10):.4g} {unit}." in text


# --- choosing, and what is taken along -------------------------------------------------------


def test_a_choice_is_of_a_head_and_a_cell() -> None:
    state = MultiHeadState.load()
    chosen = state.chosen(Choice("head_3", 4, 2))
    assert (chosen.head, chosen.reader, chosen.source) == (2, 4, 2)
    for other in ("output", "mean", "query", "w_query", "head_x"):
        assert state.chosen(Choice(other, 1, 1)) is state


def test_what_is_taken_along_is_all_of_it_whatever_is_shown() -> None:
    for part in PARTS:
        state = replace(MultiHeadState.load(), part=part, causal=True)
        taken = set(all_matrices(see(state)))
        assert taken >= {"x", "w_query", "w_key", "w_value", "w_output", "query", "key", "value"}
        assert taken >= {"head_1", "head_4", "mean", "concatenated", "output"}
    assert "change" in all_matrices(see(replace(state, dropped=frozenset({1}))))


def test_a_board_has_no_more_cells_than_it_can_be_quick_with() -> None:
    """The largest board of the first page, 8 tokens of 8 and 8, has 7 matrices of 64."""
    for part, n_head in product(PARTS, HEADS):
        state = replace(MultiHeadState.load().cut(n_head), part=part)
        cells = sum(
            m.values.size for row in rows_of(see(state)) for m in row if not isinstance(m, str)
        )
        assert cells <= 7 * 64, (part, n_head)
