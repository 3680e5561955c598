"""The experiments of the scaled dot-product page and the overview: answers, words, and limits."""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from core.presets import PRESETS
from pages._shared import dot_product_state, dot_product_work, overview_state, overview_work
from pages._shared.attention_settings import MASKS, PRECISIONS, SOFTMAXES, TEMPERATURES, Settings
from pages._shared.dot_product_state import DotProductState
from pages._shared.experiments import dot_product_answers as answers
from pages._shared.experiments import scaled_dot_product as dot_product
from pages._shared.experiments import streamlit_app as overview
from pages._shared.lesson import Answer, Choices, Experiment, Number, find_answer
from pages._shared.matrix import Matrix
from pages._shared.overview_state import OverviewState
from pages._shared.page_store import PageStore
from pages._shared.toy_state import ToyState
from pages._shared.words import number

Array = NDArray[Any]
MODULES = {"scaled_dot_product": dot_product, "streamlit_app": overview}
ROWS: dict[str, Any] = {
    "scaled_dot_product": dot_product_work.rows_of,
    "streamlit_app": overview_work.rows_of,
}
STORES = {"scaled_dot_product": dot_product_state.STORE, "streamlit_app": overview_state.STORE}
EVERY = [
    pytest.param(module, experiment, STORES[name], id=experiment.name)
    for name, module in MODULES.items()
    for experiment in module.EXPERIMENTS
]


def named(module: ModuleType, name: str) -> Experiment[Any, Any]:
    experiments = {one.name: one for one in module.EXPERIMENTS}
    assert name in experiments, (
        f"{module.__name__} has no experiment “{name}” but {', '.join(experiments)}. The tests of "
        "one that is gone go with it; the tests of one that is renamed call it by its new name."
    )
    return experiments[name]


def opened(module: ModuleType, name: str) -> tuple[Experiment[Any, Any], Any]:
    experiment = named(module, name)
    return experiment, experiment.set_up(module.start_state())


def answer_on(state: DotProductState, name: str) -> Answer:
    return find_answer(named(dot_product, name), state, dot_product.see)


def with_array(state: DotProductState, **edits: Array) -> DotProductState:
    return replace(state, board=state.board.edited(edits))


def with_settings(state: DotProductState, **changes: str | float) -> DotProductState:
    return replace(state, settings=replace(state.settings, **changes))


def with_tokens(state: DotProductState, text: str) -> DotProductState:
    return replace(state, board=state.board.resized(tuple(text.split()), *state.board.sizes))


def soft(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def figures(text: str) -> list[float]:
    """Return the numbers in a sentence; what is in curly quotes or under a root is none."""
    bare = re.sub(r"“[^”]*”|√\d+", " ", text).replace("−", "-")
    return [float(found) for found in re.findall(r"-?\d+(?:\.\d+)?", bare)]


# --- both pages ------------------------------------------------------------------------------


@pytest.mark.parametrize(("module", "experiment", "store"), EVERY)
def test_set_up_and_change_survive_a_link(
    module: ModuleType, experiment: Experiment[Any, Any], store: PageStore[Any]
) -> None:
    state = experiment.set_up(module.start_state())
    for one in (state, experiment.change(state), experiment.spoiled(state)):
        text = store.schema.write({name: store.pack(one)[name] for name in store.schema.fields})
        assert len(text) < 1900
        for name, value in store.pack(one).items():
            np.testing.assert_array_equal(store.pack(store.read(text))[name], value)
    linked = store.read(
        store.schema.write({name: store.pack(state)[name] for name in store.schema.fields})
    )
    assert find_answer(experiment, linked, module.see) == find_answer(experiment, state, module.see)


@pytest.mark.parametrize(("module", "experiment", "store"), EVERY)
def test_the_answer_is_not_on_the_page_before(
    module: ModuleType, experiment: Experiment[Any, Any], store: PageStore[Any]
) -> None:
    del store
    state = experiment.set_up(module.start_state())
    assert experiment.change(state) is not state
    if experiment.name == "mask":
        right = find_answer(experiment, state, module.see).value
        assert (state.board.query, state.board.key) != right


@pytest.mark.parametrize(("module", "experiment", "store"), EVERY)
def test_where_the_answer_shows_is_a_matrix_of_the_page(
    module: ModuleType, experiment: Experiment[Any, Any], store: PageStore[Any]
) -> None:
    del store
    scene = module.see(experiment.set_up(module.start_state()))
    rows = ROWS[module.__name__.rpartition(".")[2]](scene)
    titles = [part.title for row in rows for part in row if isinstance(part, Matrix)]
    assert titles.count(experiment.shown_in) == 1


def test_experiments_need_no_torch() -> None:
    program = (
        "import sys\n"
        "import pages._shared.experiments.scaled_dot_product\n"
        "import pages._shared.experiments.streamlit_app\n"
        "sys.exit('torch' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)


def test_a_page_has_more_than_one_kind_of_question() -> None:
    for module in MODULES.values():
        kinds = [type(experiment.ask).__name__ for experiment in module.EXPERIMENTS]
        assert {"Choices", "Number"} <= set(kinds)


# --- the same score both ways ----------------------------------------------------------------


def test_the_same_score_gives_two_weights() -> None:
    experiment, state = opened(dot_product, "same-score")
    query = state.board.toy.query
    scores = query @ query.T
    assert np.array_equal(scores, scores.T)
    assert not np.array_equal(state.board.toy.key, query)
    weights = soft(scores / np.sqrt(2))
    found = find_answer(experiment, state, dot_product.see)
    assert found.value == answers.SAT_MORE
    assert figures(found.because) == pytest.approx([2.0, weights[0, 1], weights[1, 0]], abs=0.005)
    assert "larger for “cat”" in found.because


def test_the_other_word_reads_more_if_its_row_sums_to_less() -> None:
    _, state = opened(dot_product, "same-score")
    swapped = with_array(state, query=state.board.toy.query[[1, 0, 2]])
    found = answer_on(swapped, "same-score")
    assert found.value == answers.CAT_MORE
    assert "larger for “sat”" in found.because


def test_weights_too_small_for_digits_are_not_called_equal() -> None:
    _, state = opened(dot_product, "same-score")
    # Both e to -320 and e to -318 of the largest: 0 as far as any digit on the page tells.
    far = np.array([[20.0, 0.0], [-20.0, 1.0], [0.0, 0.0]])
    with pytest.raises(ValueError, match="too small"):
        answer_on(with_array(state, query=far), "same-score")


@pytest.mark.parametrize(
    "text", ["cat mat", "cat sat sat", "cat dog mat"], ids=["gone", "twice", "renamed"]
)
def test_a_question_about_a_word_needs_it(text: str) -> None:
    _, state = opened(dot_product, "same-score")
    with pytest.raises(ValueError, match="“sat”"):
        answer_on(with_tokens(state, text), "same-score")


def test_words_that_moved_are_found() -> None:
    _, state = opened(dot_product, "same-score")
    moved = with_tokens(state, "mat sat cat")
    assert answer_on(moved, "same-score") == answer_on(state, "same-score")


def test_a_blocked_cell_has_no_weight_to_compare() -> None:
    _, state = opened(dot_product, "same-score")
    with pytest.raises(ValueError, match="blocks"):
        answer_on(with_settings(state, mask="Causal"), "same-score")


# --- the same shift for every key ------------------------------------------------------------


def test_a_shift_of_all_keys_changes_nothing() -> None:
    experiment, state = opened(dot_product, "same-shift")
    toy = state.board.toy
    shifted = toy.key + np.array([answers.ADDED, 0.0])
    old, new = (soft(toy.query @ key.T / np.sqrt(2)) for key in (toy.key, shifted))
    np.testing.assert_allclose(new, old, atol=1e-12)
    changed = experiment.change(state).board.toy
    np.testing.assert_array_equal(changed.key, shifted)
    # Scores do change, in every row but one.
    moved = (toy.query @ (shifted - toy.key).T).any(axis=1)
    assert moved.tolist() == [False, True, True, True, True]
    found = find_answer(experiment, state, dot_product.see)
    assert found.value == answers.STAY
    assert "“on” by 12.00" in found.because
    assert figures(found.because) == [12.0, 0.0]


def test_a_shift_breaks_the_naive_softmax_where_range_is_small() -> None:
    _, state = opened(dot_product, "same-shift")
    assert answer_on(with_settings(state, softmax="Naive"), "same-shift").value == answers.STAY
    assert answer_on(with_settings(state, precision="float16"), "same-shift").value == answers.STAY
    broken = answer_on(with_settings(state, softmax="Naive", precision="float16"), "same-shift")
    assert broken.value == answers.BREAK
    toy = state.board.toy
    logits = toy.query @ (toy.key + np.array([answers.ADDED, 0.0])).T / np.sqrt(2)
    low, high = figures(broken.because)[:2]
    assert (low, high) == pytest.approx((logits.min(), logits.max()), abs=0.02)
    assert "float16 cannot hold" in broken.because


def test_a_shift_that_cannot_be_entered_is_not_made() -> None:
    _, state = opened(dot_product, "same-shift")
    with pytest.raises(ValueError, match="range"):
        answer_on(with_array(state, key=np.full((5, 2), 17.0)), "same-shift")


def test_a_shift_changes_nothing_under_a_mask_with_an_empty_row() -> None:
    _, state = opened(dot_product, "same-shift")
    empty = with_settings(with_array(state, painted=np.tri(5, k=-1, dtype=bool)), mask="Painted")
    assert answer_on(empty, "same-shift").value == answers.STAY


# --- a colder softmax ------------------------------------------------------------------------


def test_half_the_temperature_squares_the_ratio() -> None:
    experiment, state = opened(dot_product, "colder")
    toy = state.board.toy
    weights = soft(toy.query @ toy.key.T / np.sqrt(2))[1]
    assert (number(weights[0]), number(weights[2])) == ("0.75", "0.25")
    assert "0.75 to 0.25" in experiment.question
    old = weights[0] / weights[2]
    found = find_answer(experiment, state, dot_product.see)
    assert found.value == pytest.approx(old**2, rel=1e-5)
    assert figures(found.because) == pytest.approx(
        [0.5, 1.0, np.log(old), 2 * np.log(old), old, old**2], abs=0.06
    )
    ask = experiment.ask
    assert isinstance(ask, Number)
    for wrong in (old, 2 * old, old + 2, old**3):  # unchanged, doubled, added, overdone
        assert not ask.grade(wrong, found.value).right


@pytest.mark.parametrize("temperature", [0.1, 0.5, 0.7, 1.5, 2.0])
def test_the_ratio_is_raised_to_the_power_of_the_change(temperature: float) -> None:
    _, state = opened(dot_product, "colder")
    # Closer together, so that the smaller weight can be read at any temperature.
    toy = state.board.toy
    near = with_array(state, query=toy.query / 2)
    was = with_settings(near, temperature=temperature)
    weights = soft(toy.query / 2 @ toy.key.T / np.sqrt(2) / temperature)[1]
    found = answer_on(was, "colder")
    assert found.value == pytest.approx((weights[0] / weights[2]) ** (temperature / 0.5), rel=1e-4)
    if temperature == 0.5:
        assert "already" in found.because
    else:
        how = "doubles" if temperature == 1 else f"by {temperature / 0.5:g}, from"
        assert how in found.because


def test_a_ratio_to_nothing_is_none() -> None:
    _, state = opened(dot_product, "colder")
    with pytest.raises(ValueError, match="too small"):
        answer_on(with_settings(state, divided=False, temperature=0.1), "colder")


# --- longer queries and keys -----------------------------------------------------------------


def entropy_of(row: Array) -> float:
    weights = soft(row)
    return float(-(weights * np.log(weights)).sum())


def test_entropy_falls_without_the_root() -> None:
    experiment, state = opened(dot_product, "root")
    toy = PRESETS["5 x 64"](seed=1)
    rows = {d: toy.query[2, :d] @ toy.key[:, :d].T for d in (2, 64)}
    found = find_answer(experiment, state, dot_product.see)
    assert found.value == pytest.approx(entropy_of(rows[64]), abs=1e-4)
    assert figures(found.because) == pytest.approx(
        [
            *(64, 2, rows[64].std(), rows[2].std()),
            *(entropy_of(rows[2]), entropy_of(rows[64])),
            *(8, rows[64].std() / 8, entropy_of(rows[64] / 8)),
        ],
        abs=0.0051,
    )
    assert f"entropy of {number(entropy_of(rows[2]))} nats" in experiment.question
    assert f"ln 5 = {number(np.log(5))}" in experiment.question


def test_who_knows_what_noise_does_is_right() -> None:
    experiment, state = opened(dot_product, "root")
    ask, found = experiment.ask, find_answer(experiment, state, dot_product.see)
    assert isinstance(ask, Number)
    toys = [PRESETS["5 x 64"](seed=seed) for seed in range(200)]
    typical = np.mean([entropy_of(row) for toy in toys for row in toy.query @ toy.key.T])
    assert typical == pytest.approx(0.25, abs=0.02)
    assert ask.grade(float(typical), found.value).right
    for wrong in (1.0, 1.0 / 2, np.log(5)):  # unchanged, halved, evened out
        assert not ask.grade(float(wrong), found.value).right


def test_every_row_sharpens_so_the_row_was_not_picked_for_it() -> None:
    _, state = opened(dot_product, "root")
    experiment = named(dot_product, "root")
    old, new = (dot_product.see(s).computed for s in (state, experiment.change(state)))
    for row in range(5):
        falls = entropy_of(old.attention.scores[row]) - entropy_of(new.attention.scores[row])
        assert falls > 0.2
        assert entropy_of(new.attention.scores[row]) < 0.1


def test_entropy_stays_up_with_the_root() -> None:
    _, state = opened(dot_product, "root")
    toy = PRESETS["5 x 64"](seed=1)
    found = answer_on(with_settings(state, divided=True), "root")
    assert found.value == pytest.approx(entropy_of(toy.query[2] @ toy.key.T / 8), abs=1e-4)
    assert found.because.endswith("; undivided it would be 0.00.")


def test_growth_that_is_none_is_refused() -> None:
    experiment, state = opened(dot_product, "root")
    with pytest.raises(ValueError, match="already"):
        answer_on(experiment.change(state), "root")
    padded = with_tokens(DotProductState.load("Random"), "word1 word2 word3")
    with pytest.raises(ValueError, match="all 0"):
        answer_on(padded, "root")


# --- the causal mask -------------------------------------------------------------------------


def test_what_a_mask_takes_goes_to_the_rest_of_the_row() -> None:
    experiment, state = opened(dot_product, "mask")
    toy = state.board.toy
    logits = toy.query @ toy.key.T / np.sqrt(2)
    old, new = soft(logits), soft(np.where(np.tri(5, dtype=bool), logits, -np.inf))
    gains = new - old
    place = np.unravel_index(gains.argmax(), gains.shape)
    found = find_answer(experiment, state, dot_product.see)
    assert found.value == tuple(place) == (0, 0)
    assert figures(found.because) == pytest.approx([1, new[0, 0], *[old[0, 0]] * 3], abs=0.005)
    # No other cell comes near, so the question has one answer.
    assert np.sort(gains, axis=None)[-2] < gains.max() - 0.2


def test_a_row_that_was_only_zeroed_would_not_sum_to_one() -> None:
    experiment, state = opened(dot_product, "mask")
    spoiled = experiment.spoiled(state)
    toy = spoiled.board.toy
    old = soft(toy.query @ toy.key.T / np.sqrt(2))
    found = find_answer(experiment, spoiled, dot_product.see)
    row, column = found.value
    assert figures(found.because) == pytest.approx(
        [1, old[row, column] / old[row, : row + 1].sum()]
        + [old[row, column]] * 2
        + [old[row, : row + 1].sum()],
        abs=0.0051,
    )


@pytest.mark.parametrize("mask", ["Causal", "Padding", "Painted"])
def test_a_mask_that_was_on_before_is_in_the_way(mask: str) -> None:
    _, state = opened(dot_product, "mask")
    with pytest.raises(ValueError, match="before"):
        answer_on(with_settings(state, mask=mask), "mask")


def test_a_tie_is_no_answer() -> None:
    state = DotProductState.load("Cat, sat, mat")
    # “the” and “cat” gain alike: one reads only what follows, the other nothing of what follows.
    board = state.board.resized(("the", "cat"), 1, 1)
    board = board.edited({"query": np.array([[20.0], [0.0]]), "key": np.array([[1.0], [1.0]])})
    assert answer_on(replace(state, board=board), "mask").value == (0, 0)
    board = board.edited({"query": np.array([[20.0], [0.0]]), "key": np.array([[20.0], [-20.0]])})
    with pytest.raises(ValueError, match="No cell"):
        answer_on(replace(state, board=board), "mask")


def test_a_cell_that_is_blocked_is_told_so() -> None:
    experiment, state = opened(dot_product, "mask")
    ask = experiment.ask
    assert ask.name((2, 0), dot_product.see(state)) == "“sat” reading “the”"
    assert "blocks" in ask.grade((1, 3), (0, 0)).reason
    assert "few cells" in ask.grade((4, 4), (0, 0)).reason
    assert ask.grade((0, 0), (0, 0)).right


# --- the overview ----------------------------------------------------------------------------


def weights_of(state: OverviewState) -> tuple[Array, Array]:
    scores = (state.query @ state.key.T)[0]
    return scores, soft(scores / np.sqrt(2))


def test_a_query_turned_round_reads_another_word() -> None:
    experiment, state = opened(overview, "turned")
    scores, weights = weights_of(replace(state, query=-state.query))
    found = find_answer(experiment, state, overview.see)
    assert found.value == weights.argmax() == 1
    assert figures(found.because) == pytest.approx([*scores, weights[1], 0], abs=0.005)
    assert "“street”, although it is not above 0" in found.because
    # Each pair on one line.
    assert "(2,\xa01) to (−2,\xa0−1)" in experiment.question
    np.testing.assert_array_equal(state.query, [[2.0, 1.0]])


def test_a_query_of_zeros_reads_all_alike() -> None:
    experiment, state = opened(overview, "turned")
    found = find_answer(experiment, replace(state, query=np.zeros((1, 2))), overview.see)
    assert found.value == overview.ALIKE
    assert figures(found.because) == pytest.approx([0, 0, 0, 1 / 3], abs=0.005)
    with pytest.raises(ValueError, match="equally"):
        find_answer(experiment, replace(state, key=np.eye(3, 2)[[2, 2, 0]]), overview.see)


def test_a_longer_query_moves_the_output_to_the_value() -> None:
    experiment, state = opened(overview, "longer")
    (_, old), (_, new) = (weights_of(replace(state, query=f * state.query)) for f in (1, 2))
    found = find_answer(experiment, state, overview.see)
    assert found.value == overview.NEARER
    assert figures(found.because) == pytest.approx(
        [new[0], old[0], *(old @ state.value), *(new @ state.value), *state.value[0]], abs=0.005
    )
    np.testing.assert_array_equal(experiment.change(state).query, [[4.0, 2.0]])
    with pytest.raises(ValueError, match="range"):
        experiment.change(experiment.change(state))


def test_an_output_that_moves_away_from_the_value_read_most_has_no_option() -> None:
    experiment, state = opened(overview, "longer")
    # The second word gains nearly as much as the first, and the third loses what balanced it.
    key = np.array([[1.0, 0.0], [0.9, 0.0], [-1.0, 0.0]])
    value = np.array([[0.0, 0.0], [1.0, 0.0], [-1.0, 0.0]])
    state = OverviewState(np.array([[1.0, 0.0]]), key, value)
    (_, old), (_, new) = (weights_of(replace(state, query=f * state.query)) for f in (1, 2))
    assert new.argmax() == 0
    assert (new @ value)[0] > (old @ value)[0] > value[0, 0]
    with pytest.raises(ValueError, match="does not name"):
        find_answer(experiment, state, overview.see)


def test_equal_keys_share() -> None:
    experiment, state = opened(overview, "twins")
    _, old = weights_of(state)
    scores, new = weights_of(replace(state, key=state.key[[0, 0, 2]]))
    found = find_answer(experiment, state, overview.see)
    assert found.value == pytest.approx(new[0]) == pytest.approx(new[1])
    assert figures(found.because) == pytest.approx([scores[0], new[0], old[0], new[2]], abs=0.005)
    ask = experiment.ask
    assert isinstance(ask, Number)
    for wrong in (old[0], 1.0, 1 / 3):
        assert not ask.grade(wrong, found.value).right


# --- whatever the reader has made of the page ------------------------------------------------

WORDS = st.sampled_from(("the", "cat", "sat", "on", "mat", "word1", "word3", "nan", "{x}"))


@st.composite
def dot_product_states(draw: st.DrawFn) -> DotProductState:
    """Draw a page as a reader may have made it: anything from an edit to a heap of changes."""
    experiment = draw(st.sampled_from(dot_product.EXPERIMENTS))
    state = experiment.set_up(dot_product.start_state())
    if draw(st.booleans()):
        preset, seed = draw(st.sampled_from(sorted(PRESETS))), draw(st.integers(0, 3))
        state = replace(state, board=ToyState.load(preset, seed))
    if draw(st.booleans()):
        moved = st.permutations(state.board.toy.tokens)
        tokens = tuple(draw(moved | st.lists(WORDS, min_size=2, max_size=8)))
        sizes = draw(st.integers(1, 8)), draw(st.integers(1, 8))
        state = replace(state, board=state.board.resized(tokens, *sizes))
    for name in draw(st.sets(st.sampled_from(("query", "key", "value")))):
        shape = getattr(state.board.toy, name).shape
        limit = draw(st.sampled_from((0.0, 1.0, 5.0, 20.0)))
        cells = st.floats(-limit, limit, width=16)
        state = with_array(state, **{name: draw(arrays(np.float64, shape, elements=cells))})
    if draw(st.booleans()):
        n_token = len(state.board.toy.tokens)
        state = with_array(state, painted=draw(arrays(np.bool_, (n_token, n_token))))
    if draw(st.booleans()):
        chosen = Settings(
            divided=draw(st.booleans()),
            temperature=draw(st.sampled_from(TEMPERATURES)),
            mask=draw(st.sampled_from(MASKS)),
            n_real=draw(st.integers(0, 8)),
            softmax=draw(st.sampled_from(SOFTMAXES)),
            precision=draw(st.sampled_from(PRECISIONS)),
        )
        state = replace(state, settings=chosen)
    return state


def check_told(experiment: Experiment[Any, Any], answer: Answer, seen: object) -> None:
    """Hold an answer to what a card can draw: a value of its kind, words, and a reason."""
    ask, value = experiment.ask, answer.value
    if isinstance(ask, Choices):
        assert value in range(len(ask.options))
        assert all(ask.grade(k, value).reason for k in range(len(ask.options)) if k != value)
    elif isinstance(ask, Number):
        assert isinstance(value, float)
        assert np.isfinite(value)
    else:
        assert isinstance(value, tuple)
        assert all(isinstance(index, int) for index in value)
    assert ask.name(value, seen).strip()
    told = re.sub("“[^”]*”", "", answer.because)
    assert not re.search(r"nan|inf\b|∞(?! before the softmax)", told, re.IGNORECASE)
    assert told.endswith(".")


@settings(max_examples=300, deadline=None)
@given(state=dot_product_states(), experiment=st.sampled_from(dot_product.EXPERIMENTS))
def test_any_page_has_an_answer_or_a_reason(
    state: DotProductState, experiment: Experiment[Any, Any]
) -> None:
    try:
        changed = experiment.change(state)
        answer = experiment.answer(dot_product.see(state), dot_product.see(changed))
    except ValueError as error:
        assert re.fullmatch(r"[A-Z].*\.", str(error))
        return
    check_told(experiment, answer, dot_product.see(state))
    check_dot_product(experiment.name, changed, state, answer)
    # A reader may always enter what a change entered.
    for name in ("query", "key"):
        assert np.abs(getattr(changed.board.toy, name)).max() <= dot_product_state.BOUNDS[1]


def check_dot_product(
    name: str, changed: DotProductState, state: DotProductState, answer: Answer
) -> None:
    """Hold an answer on any page to weights computed in float64 from its state."""
    exact = {"softmax": "Stable", "precision": "float64"}
    old, new = (
        dot_product.see(with_settings(one, **exact)).computed.attention.weights
        for one in (state, changed)
    )
    # float16 rounds inputs and logits, and a low temperature makes that larger.
    exact_page = state.settings.precision != "float16"
    tokens = state.board.toy.tokens
    value: Any = answer.value
    if name == "same-score" and exact_page:
        there, back = (
            new[tokens.index(a), tokens.index(b)] for a, b in (("cat", "sat"), ("sat", "cat"))
        )
        near = np.isclose(there, back, rtol=5e-3)
        assert near or value == (answers.CAT_MORE if there > back else answers.SAT_MORE)
        assert value != answers.NEITHER or near
    elif name == "colder" and exact_page:
        row = new[tokens.index("sat")]
        ratio = row[tokens.index("cat")] / row[tokens.index("mat")]
        assert value == pytest.approx(ratio, rel=0.02)
    elif name == "root" and exact_page:
        row = new[tokens.index("word3")]
        row = row[row > 0]
        assert value == pytest.approx(-(row * np.log(row)).sum(), abs=0.01)
    elif name == "mask" and exact_page:
        assert (new - old)[value] == pytest.approx((new - old).max(), abs=0.01)
        assert value[1] <= value[0]
    elif name == "same-shift":
        np.testing.assert_allclose(new, old, atol=1e-6)
        assert value == answers.STAY or state.settings.softmax == "Naive"


@st.composite
def overview_states(draw: st.DrawFn) -> OverviewState:
    """Draw a first page with any numbers that can be entered."""
    limit = draw(st.sampled_from((0.0, 1.0, 2.5, 5.0)))
    cells = st.floats(-limit, limit, width=16)
    shapes = {"query": (1, 2), "key": (3, 2), "value": (3, 2)}
    drawn = {
        name: draw(arrays(np.float64, shape, elements=cells)) for name, shape in shapes.items()
    }
    kept = draw(st.sets(st.sampled_from(sorted(shapes))))
    return replace(OverviewState.start(), **{name: drawn[name] for name in kept})


@settings(max_examples=300, deadline=None)
@given(state=overview_states(), experiment=st.sampled_from(overview.EXPERIMENTS))
def test_any_first_page_has_an_answer_or_a_reason(
    state: OverviewState, experiment: Experiment[Any, Any]
) -> None:
    try:
        changed = experiment.change(state)
        answer = experiment.answer(overview.see(state), overview.see(changed))
    except ValueError as error:
        assert re.fullmatch(r"[A-Z].*\.", str(error))
        return
    check_told(experiment, answer, overview.see(state))
    (_, old), (_, new) = weights_of(state), weights_of(changed)
    value: Any = answer.value
    if experiment.name == "turned":
        assert np.ptp(new) < 0.006 if value == overview.ALIKE else new.argmax() == value
    elif experiment.name == "twins":
        assert value == pytest.approx((1 - new[2]) / 2)
    else:
        moved = np.abs(new @ state.value - old @ state.value).max()
        assert (value == overview.STAYS) == (moved < 0.005)
        top = state.value[new.argmax()]
        gaps = [np.linalg.norm(weights @ state.value - top) for weights in (old, new)]
        assert value == overview.STAYS or all(a > b for a, b in pairwise(gaps))
    for array in changed.arrays().values():
        assert np.abs(array).max() <= overview_state.BOUNDS[1]
