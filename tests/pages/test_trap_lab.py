"""Traps on their pages: every knob at every stop, what is said, and messages never trusted."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any, Final
from unittest.mock import patch

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.attention import scaled_dot_product_attention
from core.head_presets import HEAD_PRESETS
from core.positional import sinusoidal_encoding
from core.presets import PRESETS, cat_sat_mat
from core.sequence_examples import EXAMPLES
from pages._shared import dot_product_state, multi_head_scene, position_toy, self_cross_scene
from pages._shared.dot_product_state import DotProductState
from pages._shared.dot_product_work import take_arrays
from pages._shared.matrix import Matrix
from pages._shared.multi_head_cut import MultiHeadState
from pages._shared.position_toy import PositionState
from pages._shared.self_cross import SelfCrossState
from pages._shared.toy_state import ToyState
from pages._shared.trap import Exhibit, Knob, Trap, TrapChoice, read_choice, trap_codec
from pages._shared.traps import scaled_dot_product
from pages._shared.traps.dot_product_half import ADDED, ASSIGNED, HALF_FILLS, HOW, TORCH_FILL
from pages._shared.traps.dot_product_softmax import FACTORS, FILLS, SHIFTS, scaled_scores
from pages._shared.traps.self_vs_cross import query_and_key
from tests.pages.app import components, open_page, session_of, tools, trigger

FILE = "pages/scaled_dot_product.py"
STORE = dot_product_state.STORE
TRAPS = {trap.name: trap for trap in scaled_dot_product.TRAPS}
START = dot_product_state.see(DotProductState())


def toys() -> list[object]:
    """Return the page of the chain with few words and many, small numbers and large."""
    boards = [ToyState.load(preset) for preset in PRESETS]
    longest = [(*board.toy.tokens, *"abcdefgh")[:8] for board in boards]
    boards += [
        board.resized(tokens, *board.sizes) for board, tokens in zip(boards, longest, strict=True)
    ]
    boards.append(boards[0].resized(("a", "b"), 1, 1))
    return [dot_product_state.see(DotProductState(board)) for board in boards]


def sentences() -> list[object]:
    """Return the page of two sentences in each of its examples, and with few and many words."""
    states = [SelfCrossState.load(preset) for preset in EXAMPLES]
    states += [state.with_words("target", tuple("abcdefgh")) for state in states]
    states += [state.with_words("target", ("a", "b")).with_sizes(1, 1, 1) for state in states]
    return [self_cross_scene.see(state) for state in states]


def heads() -> list[object]:
    """Return the page of several heads in each of its presets, cut in several ways."""
    states = [MultiHeadState.load(preset) for preset in HEAD_PRESETS]
    states += [state.cut(8, 1).said(("a", "b")) for state in states]
    states.append(replace(states[0], head=3, reader=5))
    return [multi_head_scene.see(state) for state in states]


def places() -> list[object]:
    """Return the page of positions with its own words, in order and not, and with others."""
    start = PositionState()
    states = [start, start.typed(("a", "b")), start.typed(tuple("abcdefgh"))]
    states += [replace(start, kind="Rotary", base=1), replace(start, query=0, key=0)]
    return [position_toy.see(state) for state in states]


SCENES: Final[dict[str, Callable[[], list[object]]]] = {
    "scaled_dot_product": toys,
    "self_vs_cross": sentences,
    "multi_head": heads,
    "positional_encoding": places,
}
MODULES: Final = {name: import_module(f"pages._shared.traps.{name}") for name in SCENES}
ALL: Final = [
    pytest.param(name, trap, id=f"{name}-{trap.name}")
    for name, module in MODULES.items()
    for trap in module.TRAPS
]


def exhibit_of(name: str, *stops: int, scene: Any = START) -> Exhibit:  # noqa: ANN401
    return TRAPS[name].show(scene, stops)


def other_exhibit(page: str, name: str, *stops: int, scene: object = None) -> Exhibit:
    """Return an exhibit of another page, as it starts unless told otherwise."""
    trap = next(trap for trap in MODULES[page].TRAPS if trap.name == name)
    return trap.show(SCENES[page]()[0] if scene is None else scene, stops)


def shown(exhibit: Exhibit) -> dict[str, NDArray[Any]]:
    """Return the matrices of an exhibit by their titles."""
    return {part.title: part.values for row in exhibit.rows for part in row
            if isinstance(part, Matrix)}  # fmt: skip


# ---- every page's traps


@pytest.mark.parametrize(("name", "trap"), ALL)
def test_every_stop_shows_something_true_to_its_form(name: str, trap: Trap[Any]) -> None:
    for scene in SCENES[name]():
        for choice in trap.choices():
            exhibit = trap.show(scene, choice.stops)
            matrices = shown(exhibit)
            assert "Right" in matrices
            assert len({array.shape for array in matrices.values()}) == 1
            (scale,) = {part.scale for row in exhibit.rows for part in row
                        if isinstance(part, Matrix) and part.title == "Right"}  # fmt: skip
            if scale == "sequential":
                sums = matrices["Right"].astype(np.float64).sum(-1)
                assert (np.isclose(sums, 1, atol=5e-3) | (sums == 0)).all(), choice
            assert exhibit.said.endswith((".", "?"))
            assert 40 < len(exhibit.said) < 360, exhibit.said
            assert max(map(len, (*exhibit.wrong.split("\n"), *exhibit.right.split("\n")))) < 90


@pytest.mark.parametrize("name", MODULES)
def test_names_and_knobs_tell_traps_apart(name: str) -> None:
    traps: tuple[Trap[Any], ...] = MODULES[name].TRAPS
    assert len({trap.title for trap in traps}) == len({trap.name for trap in traps}) == len(traps)
    for trap in traps:
        assert trap.opened() in trap.choices()
        assert all(len(set(knob.stops)) == len(knob.stops) > 1 for knob in trap.knobs)


# ---- what each shows, by hand


def test_overflow_begins_where_e_to_the_largest_logit_leaves_the_precision() -> None:
    """The largest scaled score of the sentence is 6.5 / root 2 = 4.596; ln 65504 = 11.09."""
    fits, breaks = FACTORS.index(2), FACTORS.index(3)
    held = exhibit_of("overflow", fits, 0)
    assert held.said == (
        "The largest logit is 9.2; e^9.2 is about 9900, and float16 holds numbers up to 65504: "
        "both agree to 5e-04. A logit of 11.1 is the end."
    )
    lost = exhibit_of("overflow", breaks, 0)
    matrices = shown(lost)
    peak = 3 * 6.5 / math.sqrt(2)
    assert matrices["Logits"].max() == pytest.approx(peak, abs=0.01)
    # "the" and "on" have a logit above 11.09: e to that power is infinite, inf / inf is NaN.
    np.testing.assert_array_equal(np.isnan(matrices["Wrong"]).any(-1), [1, 0, 0, 1, 0])
    assert "2 of 5 rows are lost to ∞" in lost.said
    toy = cat_sat_mat()
    logits = 3 * toy.query @ toy.key.T / math.sqrt(2)
    right = scaled_dot_product_attention(logits, np.eye(5), toy.value, scale=1.0).weights
    np.testing.assert_allclose(matrices["Right"], right, atol=3e-3)
    assert "both agree" in exhibit_of("overflow", breaks, 1).said
    assert "5 of 5 rows are lost" in exhibit_of("overflow", len(FACTORS) - 1, 2).said


def test_scores_that_no_precision_holds_and_rows_that_vanish_are_said() -> None:
    toy = cat_sat_mat()
    far = DotProductState(
        ToyState.load("Cat, sat, mat").edited(
            {"query": np.full_like(toy.query, 20.0), "key": np.full_like(toy.key, 20.0)}
        )
    )
    scene = dot_product_state.see(far)
    last = len(FACTORS) - 1
    assert exhibit_of("overflow", last, 0, scene=scene).said.startswith("float16 cannot even hold")
    below = DotProductState(
        ToyState.load("Cat, sat, mat").edited(
            {"query": np.full_like(toy.query, -20.0), "key": np.full_like(toy.key, 20.0)}
        )
    )
    said = exhibit_of("overflow", 0, 0, scene=dot_product_state.see(below)).said
    assert said.startswith("In one row the largest logit is −565.5, and e^−565.5 rounds to 0")
    assert "5 of 5 rows are lost to 0 / 0" in said


def test_a_fill_leaks_once_the_scores_come_near_it_and_minus_infinity_never() -> None:
    """Row "the" may read itself alone, 1.06; four words behind it share what leaks."""
    first = exhibit_of("leak", 0, 0)
    score = 1.5 / math.sqrt(2)
    for shift in (-8.0, -20.0):
        exhibit = exhibit_of("leak", FILLS.index(-10.0), SHIFTS.index(shift))
        weights = shown(exhibit)["Wrong"]
        leak = 4 / (4 + math.exp(score + shift + 10.0))
        assert weights[0, 1:].sum() == pytest.approx(leak)
        assert f"“the” may read is {score + shift:.1f}, the fill".replace("-", "−") in exhibit.said
        assert f"{leak:.2f} of its weight leaks" in exhibit.said
        np.testing.assert_allclose(shown(exhibit)["Right"], shown(first)["Right"], atol=1e-12)
    assert "6e-05 of its weight leaks" in first.said
    assert "nothing that float64 can hold" in exhibit_of("leak", 3, len(SHIFTS) - 1).said
    assert exhibit_of("leak", FILLS.index(-1e4), 0).wrong.endswith("masked_fill(~mask, -1e4)")


def test_half_precision_in_its_three_ways() -> None:
    how = HOW.index
    beyond, within = HALF_FILLS.index(-65520.0), HALF_FILLS.index(-65504.0)
    assigned = exhibit_of("half", beyond, 0, how(ASSIGNED))
    matrices = shown(assigned)
    assert np.isneginf(matrices["Filled"]).sum() == 15
    np.testing.assert_array_equal(np.isnan(matrices["Wrong"]).all(-1), [1, 0, 0, 0, 0])
    assert "4 rows of 5 came out right; but “the”" in assigned.said
    added = exhibit_of("half", beyond, 0, how(ADDED))
    assert np.isnan(shown(added)["Wrong"]).all()
    assert "25 of 25 weights are" in added.said
    refused = exhibit_of("half", beyond, 0, how(TORCH_FILL))
    assert list(shown(refused)) == ["Right"]
    assert "PyTorch refuses: “value cannot be converted to type" in refused.said
    for way in (ASSIGNED, TORCH_FILL):
        held = exhibit_of("half", within, 0, how(way))
        np.testing.assert_allclose(shown(held)["Wrong"][0], 0.2, atol=1e-4)
        assert "reads all 5 words alike, 0.20" in held.said
    # There is room in float32, whatever the way.
    for stop in range(3):
        wide = exhibit_of("half", len(HALF_FILLS) - 1, 1, stop)
        np.testing.assert_allclose(shown(wide)["Wrong"][0], 0.2, atol=1e-6)


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("n_padded", [0, 1, 2])
def test_rows_with_nothing_to_read(n_padded: int, by: int) -> None:
    lost = exhibit_of("empty-row", n_padded, 0, by)
    wrong, right = shown(lost)["Wrong"], shown(lost)["Right"]
    np.testing.assert_array_equal(np.isnan(wrong).all(-1), np.arange(5) < n_padded)
    assert (right[:n_padded] == 0).all()
    np.testing.assert_allclose(wrong[n_padded:], right[n_padded:], atol=1e-6)
    filled = exhibit_of("empty-row", n_padded, 1, by)
    np.testing.assert_allclose(shown(filled)["Wrong"][:n_padded], 0.2, atol=1e-6)
    if n_padded:
        assert "row" in lost.said
        assert "−∞ − −∞ is NaN" in lost.said
        assert "“the” reads “mat” with 0.20" in filled.said
    else:
        assert lost.said.startswith("Every row has something to read")


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("mask", [0, 1, 2])
def test_one_mask_in_two_conventions(mask: int, by: int) -> None:
    exhibit = exhibit_of("sense", mask, by)
    matrices = shown(exhibit)
    allowed = matrices["Allowed"]
    assert (matrices["Right"][~allowed] == 0).all()
    wrong = matrices["Wrong"]
    full = allowed.all(-1)
    assert np.isnan(wrong[full]).all()
    assert (wrong[~full][allowed[~full]] == 0).all()
    assert "puts 1.00 of its weight on what the mask was to hide" in exhibit.said
    assert ("“mat” may read nothing" in exhibit.said) == (mask == 0)
    other = shown(exhibit_of("sense", mask, 1 - by))
    for name in ("Wrong", "Right"):
        np.testing.assert_allclose(matrices[name], other[name], atol=1e-6, equal_nan=True)


# ---- two sentences


@pytest.mark.parametrize("by", [0, 1])
@pytest.mark.parametrize("new", [1, 2, 3])
def test_new_words_stand_at_the_first_keys_or_at_the_last(new: int, by: int) -> None:
    scene = SCENES["self_vs_cross"]()[0]
    exhibit = other_exhibit("self_vs_cross", "corner", new - 1, by)
    wrong, right = shown(exhibit)["Wrong"], shown(exhibit)["Right"]
    words = scene.state.target.words  # type: ignore[attr-defined]
    assert wrong.shape == right.shape == (new, len(words))
    for row in range(new):
        assert (wrong[row] > 0).sum() == row + 1
        assert (right[row] > 0).sum() == len(words) - new + row + 1
    # The last of all queries, as in the whole sentence.
    whole = shown(other_exhibit("self_vs_cross", "corner", 3, by))
    np.testing.assert_allclose(right, whole["Right"][-new:], atol=1e-12)
    np.testing.assert_array_equal(whole["Wrong"], whole["Right"])
    assert f"“{words[-1]}” reads" in exhibit.said
    other = shown(other_exhibit("self_vs_cross", "corner", new - 1, 1 - by))
    np.testing.assert_allclose(wrong, other["Wrong"], atol=1e-12)


def test_padding_on_the_queries_stays_readable() -> None:
    exhibit = other_exhibit("self_vs_cross", "padding", 2)
    wrong, right = shown(exhibit)["Wrong"], shown(exhibit)["Right"]
    assert (wrong[-2:] == 0).all()
    assert (wrong[:-2] > 0).all()
    assert (right[:, -2:] == 0).all()
    assert (right[:, :-2] > 0).all()
    leak = wrong[:-2, -2:].sum(-1)
    assert f"still reads {leak.max():.2f} from padding; the 2 words that are left" in exhibit.said
    assert "on average" not in other_exhibit("self_vs_cross", "padding", 3).said
    none = other_exhibit("self_vs_cross", "padding", 0)
    np.testing.assert_array_equal(shown(none)["Wrong"], shown(none)["Right"])
    assert none.said.startswith("No padding")


# ---- the lines of code do what is shown


def after(code: str, name: str, **names: Any) -> Any:  # noqa: ANN401
    """Run the code of an exhibit, and return what is then called `name`."""
    exec(code, names)
    return names[name]


def test_softmax_in_two_lines() -> None:
    for stops in ((1, 0), (2, 0), (7, 1), (11, 2)):
        exhibit = exhibit_of("overflow", *stops)
        matrices = shown(exhibit)
        with np.errstate(over="ignore", invalid="ignore"):
            wrong = after(exhibit.wrong, "weights", np=np, x=matrices["Logits"])
        right = after(exhibit.right, "weights", np=np, x=matrices["Logits"])
        np.testing.assert_allclose(wrong, matrices["Wrong"], atol=1e-3)
        np.testing.assert_allclose(right, matrices["Right"], atol=1e-3)


@pytest.mark.parametrize("precision", [0, 1])
@pytest.mark.parametrize("fill", range(len(HALF_FILLS)))
def test_cells_are_filled_by_the_lines_that_say_so(fill: int, precision: int) -> None:
    torch = pytest.importorskip("torch")
    scores = scaled_scores(START).astype(["float16", "float32"][precision])
    mask = np.tri(5, dtype=bool) & (np.arange(5) > 0)
    for how in (ASSIGNED, ADDED):
        exhibit = exhibit_of("half", fill, precision, HOW.index(how))
        with np.errstate(over="ignore", invalid="ignore"):
            filled = after(exhibit.wrong, "scores", scores=scores.copy(), mask=mask)
        assert filled.dtype == scores.dtype
        np.testing.assert_array_equal(filled, shown(exhibit)["Filled"])
    exhibit = exhibit_of("half", fill, precision, HOW.index(TORCH_FILL))
    tensors = {"scores": torch.from_numpy(scores), "mask": torch.from_numpy(mask)}
    if "Filled" in shown(exhibit):
        filled = after(exhibit.wrong, "scores", **tensors)
        np.testing.assert_array_equal(filled.numpy(), shown(exhibit)["Filled"])
    else:
        with pytest.raises(RuntimeError, match="without overflow"):
            after(exhibit.wrong, "scores", **tensors)


def test_queries_that_continue_are_masked_by_the_lines_that_say_so() -> None:
    torch = pytest.importorskip("torch")
    scene: Any = SCENES["self_vs_cross"]()[0]
    query, key = map(torch.from_numpy, query_and_key(scene))
    for stop, n_query in enumerate((1, 2, 3, 4)):
        exhibit = other_exhibit("self_vs_cross", "corner", stop, 0)
        names = {"q": query[-n_query:], "k": key, "v": torch.eye(4, dtype=key.dtype)}
        names |= {"n_query": n_query, "n_key": 4, "torch": torch, "F": torch.nn.functional}
        for side, code in (("Wrong", exhibit.wrong), ("Right", exhibit.right)):
            weights = after(code.replace("F.", "weights = F."), "weights", **names)
            np.testing.assert_allclose(weights.numpy(), shown(exhibit)[side], atol=1e-12)


# ---- several heads


def test_the_root_of_d_model_makes_every_head_too_even() -> None:
    for stop, n_head in enumerate((1, 2, 4, 8)):
        exhibit = other_exhibit("multi_head", "root", stop)
        wrong, right = shown(exhibit)["Wrong"], shown(exhibit)["Right"]
        # Softmax of scores that are root n_head times too small.
        colder = right ** (1 / math.sqrt(n_head))
        np.testing.assert_allclose(wrong, colder / colder.sum(-1, keepdims=True), atol=1e-9)
        assert np.array_equal(wrong, right) == (n_head == 1)
    assert "Every score is √8 = 2.83 times too small" in exhibit.said


def test_pytorch_hands_back_the_mean_unless_told_otherwise() -> None:
    torch = pytest.importorskip("torch")
    scene: Any = SCENES["multi_head"]()[0]
    state = scene.state
    module = torch.nn.MultiheadAttention(8, 4, bias=False, batch_first=True, dtype=torch.float64)
    matrices = (state.query, state.key, state.value)
    with torch.no_grad():
        module.in_proj_weight.copy_(torch.from_numpy(np.concatenate([m.T for m in matrices])))
        x = torch.from_numpy(state.x.copy())[None]
        _, attention = module(x, x, x)
        _, by_head = module(x, x, x, average_attn_weights=False)
    matrices_shown = shown(other_exhibit("multi_head", "mean", 2))
    np.testing.assert_allclose(matrices_shown["Wrong"], attention[0].numpy(), atol=1e-12)
    np.testing.assert_allclose(matrices_shown["Right"], by_head[0, 0].numpy(), atol=1e-12)


# ---- positions


@pytest.mark.parametrize("exponent", [0, 1, 2])
def test_only_the_right_exponent_is_right(exponent: int) -> None:
    exhibit = other_exhibit("positional_encoding", "exponent", exponent, 2, 0)
    wrong, right = shown(exhibit)["Wrong"], shown(exhibit)["Right"]
    table = sinusoidal_encoding(np.arange(8), 16)
    np.testing.assert_allclose(right, table @ table.T / 8, atol=1e-12)
    # The same number along every diagonal: only then the distance alone decides.
    same = [np.ptp(np.diagonal(wrong, k)) < 1e-9 for k in range(1, 7)]
    assert all(same) == (exponent == 2)
    assert ("depends on where they stand" in exhibit.said) == (exponent != 2)
    if exponent == 2:
        # 2 pi 10000^(7/16) and 2 pi 10000^(14/16).
        assert "takes 353 positions, not 19869" in exhibit.said


def test_moving_both_words_on_changes_nothing_in_one_layout() -> None:
    first = shown(other_exhibit("positional_encoding", "layouts", 0))
    later = shown(other_exhibit("positional_encoding", "layouts", 6))
    np.testing.assert_allclose(first["Right"], later["Right"], atol=1e-9)
    assert np.abs(first["Wrong"] - later["Wrong"]).max() > 0.5


# ---- on the page


def traps_of(app: AppTest) -> dict[str, Any]:
    """Return the data that the page's traps were drawn from."""
    (data,) = (data for name, data in components(app) if name == "trap_lab")
    return data


def boards(app: AppTest) -> list[dict[str, Any]]:
    return [data for name, data in components(app) if name == "matrix_board"]


def choose(app: AppTest, name: str, *stops: int) -> AppTest:
    trigger(app, "trap_lab", "choose", {"name": name, "stops": list(stops)})
    assert not app.exception
    return app


@pytest.fixture
def page() -> AppTest:
    app = open_page(FILE).run()
    assert not app.exception
    return app


def test_nothing_is_computed_before_one_is_opened(page: AppTest) -> None:
    data = traps_of(page)
    assert [trap["title"] for trap in data["traps"]] == [trap.title for trap in TRAPS.values()]
    assert data["exhibit"] is None
    assert data["choice"] == {"name": "", "stops": []}
    assert len(boards(page)) == 1


def test_opening_turning_and_closing(page: AppTest) -> None:
    choose(page, "overflow", 1, 0)
    assert traps_of(page)["exhibit"]["said"] == exhibit_of("overflow", 1, 0).said
    assert [item["title"] for item in boards(page)[1]["items"]] == ["Logits", "Wrong", "Right"]
    assert not any(item["editable"] for item in boards(page)[1]["items"])
    link = tools(page)["link"]
    assert link
    choose(page, "overflow", 2, 0)
    assert "rows are lost" in traps_of(page)["exhibit"]["said"]
    assert tools(page)["link"] != link
    assert not tools(page)["canUndo"]
    choose(page, "")
    assert traps_of(page)["exhibit"] is None
    assert len(boards(page)) == 1
    assert not tools(page)["link"]


@pytest.mark.parametrize("name", ["scaled_dot_product", "self_vs_cross", "multi_head"])
def test_the_open_trap_stays_open_when_another_toy_is_loaded(name: str) -> None:
    app = open_page(f"pages/{name}.py").run()
    first = traps_of(app)["traps"][0]["name"]
    choose(app, first, *(1 for _ in traps_of(app)["traps"][0]["knobs"]))
    said = traps_of(app)["exhibit"]["said"]
    app.selectbox(key=f"{name}.preset").set_value("Random").run()
    assert not app.exception
    assert traps_of(app)["choice"]["name"] == first
    assert traps_of(app)["exhibit"]["said"] != said


def test_the_open_trap_follows_the_page_and_is_taken_along(page: AppTest) -> None:
    choose(page, "leak", 0, 0)
    with session_of(page):
        state = STORE.current
        board = state.board.edited({"query": -state.board.toy.query})
        STORE.keep(DotProductState(board, state.settings, state.picture, state.trap))
        arrays = take_arrays()
    page.run()
    scene = dot_product_state.see(DotProductState(board))
    assert traps_of(page)["exhibit"]["said"] == exhibit_of("leak", 0, 0, scene=scene).said
    assert {"weights", "trap_wrong", "trap_right"} <= arrays.keys()
    np.testing.assert_array_equal(
        arrays["trap_wrong"].values, shown(exhibit_of("leak", 0, 0, scene=scene))["Wrong"]
    )


def test_asking_for_the_present_numbers_changes_nothing_else(page: AppTest) -> None:
    choose(page, "sense", 0, 0)
    before = tools(page)["link"], traps_of(page)["exhibit"]
    trigger(page, "trap_lab", "refresh", 7)
    assert not page.exception
    assert (tools(page)["link"], traps_of(page)["exhibit"]) == before
    assert not tools(page)["canUndo"]


@pytest.mark.parametrize(
    "message",
    [
        None, 3, "overflow", [], {}, {"name": "overflow"}, {"name": "overflow", "stops": [0]},
        {"name": "overflow", "stops": [0, 3]}, {"name": "overflow", "stops": [-1, 0]},
        {"name": "overflow", "stops": [True, False]}, {"name": "overflow", "stops": ["0", "0"]},
        {"name": "overflow", "stops": [0.0, 0.0]}, {"name": "<b>", "stops": []},
        {"name": ["overflow"], "stops": [0, 0]}, {"name": "", "stops": [0]},
        {"name": None, "stops": []}, {"name": "overflow", "stops": {"0": 0}},
    ],
)  # fmt: skip
def test_messages_that_mean_nothing_change_nothing(message: object, page: AppTest) -> None:
    choose(page, "sense", 1, 0)
    assert read_choice(message, scaled_dot_product.TRAPS) is None
    trigger(page, "trap_lab", "choose", message)
    assert not page.exception
    assert traps_of(page)["choice"] == {"name": "sense", "stops": [1, 0]}


def test_words_of_a_reader_reach_the_browser_as_data_alone(page: AppTest) -> None:
    field = next(widget for widget in page.text_input if "tokens" in str(widget.key))
    field.set_value("<b>a</b> $x$ **c**").run()
    choose(page, "sense", 0, 0)
    assert "“<b>a</b>” puts 1.00" in traps_of(page)["exhibit"]["said"]
    written = [element.proto.body for element in page.get("html")]
    assert not any("<b>a</b>" in body for body in written)


# ---- the codec


def test_links_hold_exactly_the_choices_that_there_are() -> None:
    knobs = (Knob("one", ("a", "b")), Knob("two", ("c", "d", "e"), 1))
    trap: Trap[Any] = Trap("x", "X", "", knobs, lambda seen, stops: Exhibit((), "", "", ""))
    assert trap.opened() == TrapChoice("x", (0, 1))
    codec = trap_codec([trap])
    digits = {codec.write(choice) for choice in (TrapChoice(), *trap.choices())}
    assert digits == {((place, 7),) for place in range(7)}
    with pytest.raises(ValueError, match="is not one of"):
        codec.write(TrapChoice("x", (0, 3)))


@pytest.mark.parametrize(("name", "trap"), ALL)
def test_torch_is_asked_only_where_its_knob_says_so(name: str, trap: Trap[Any]) -> None:
    scene = SCENES[name]()[0]
    with patch.dict("sys.modules", {"core.torch_traps": None}):
        for choice in trap.choices():
            stops = zip(trap.knobs, choice.stops, strict=True)
            if any("PyTorch" in knob.stops[stop] for knob, stop in stops):
                with pytest.raises(ImportError):
                    trap.show(scene, choice.stops)
            else:
                trap.show(scene, choice.stops)
