"""The small language model's page, driven without a browser: the real model behind real widgets.

What the components are given is read from their messages and held to the model's own arrays.
"""

from __future__ import annotations

import base64
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.gpt import GptInterventions, cache_of, forward, vectors, write
from core.gpt_model import Gpt, read_words
from core.gpt_states import token_states
from core.sampling import Sampling, narrowed
from core.stories.reading import tokenise_story
from core.translation import END, START
from core.weight_edits import WeightEdit
from pages._shared import gpt_runs
from pages._shared.gpt_cache_runs import LENGTHS, MEASURING, MeasureRun, MeasureSettings, advance
from pages._shared.gpt_choice import (
    BOTH,
    CACHE,
    HEADS,
    MOST_CHARACTERS,
    NAME,
    VIEWS,
    Forced,
    GptState,
)
from pages._shared.gpt_distribution import BY_K, BY_P, BY_TEMPERATURE
from pages._shared.gpt_examples import EXAMPLES
from pages._shared.gpt_next import GPT_NEXT
from pages._shared.gpt_state import STORE
from pages._shared.gpt_words import chance
from tests.pages.app import captions, component, components, html, open_page, session_of, trigger

pytestmark = pytest.mark.slow

PAGE = "pages/gpt.py"
TEXT = "The cat sat on the chair. The cat was"
WORDS = tokenise_story(TEXT)
LINE, ACTS, MAP = "translation_words", "action_bar", "attention_map"
HOSTILE = (
    "", "   \n\t ", ".", "😀 🙂", "سلام عليكم", "(start) (end)", "<b>x</b><script>", "a\x00b",
    "**a** :red[x] $x$ [a](b)", "é" * 400, "猫" * 300, "word " * 200, "\u202eabc", "isn't can't",
)  # fmt: skip


@pytest.fixture(scope="module")
def model() -> Gpt:
    return gpt_runs.load_model()


def visit(**state: Any) -> AppTest:  # noqa: ANN401
    """Open the page in a state, as a link does."""
    app = open_page(PAGE)
    app.default_timeout = 120
    with session_of(app):
        STORE.install(replace(GptState(text=TEXT), **state))
    app.run()
    assert not app.exception
    return app


def state_of(app: AppTest) -> GptState:
    with session_of(app):
        state = STORE.current
    assert isinstance(state, GptState)
    return state


def press(app: AppTest, name: str) -> AppTest:
    """Press a button of the only bar on the page."""
    message = {"version": component(app, ACTS)["version"], "name": name}
    trigger(app, ACTS, "act", message)
    assert not app.exception
    return app


def choose_word(app: AppTest, place: int) -> AppTest:
    message = {"version": component(app, LINE)["version"], "axis": "query", "place": place}
    trigger(app, LINE, "word", message)
    assert not app.exception
    return app


def series(app: AppTest) -> dict[str, dict[str, float]]:
    """Return the probabilities on the screen: by series, then by word."""
    shown = component(app, GPT_NEXT.name)
    return {
        one["name"].partition(":")[0]: {row["word"]: row["values"][at] for row in shown["rows"]}
        for at, one in enumerate(shown["series"])
    }


def probabilities(model: Gpt, words: tuple[str, ...], place: int = -1) -> dict[str, float]:
    found = forward(model, words)
    row = np.exp(found.log_probabilities[place].astype(float))
    return dict(zip(found.names, row.tolist(), strict=True))


def weights_on(app: AppTest) -> NDArray[np.float32]:
    """Return the numbers of the large map as the browser reads them."""
    packed = component(app, MAP)["weights"]
    assert packed["encoding"] == "float32"
    data = base64.b64decode(packed["values"])
    return np.frombuffer(data, np.float32).reshape(packed["shape"])


# ---- what is known without the model


def test_links_know_the_model(model: Gpt) -> None:
    """So that opening one needs no model."""
    assert model.max_words == gpt_runs.MOST_WORDS
    assert (model.n_layers, model.n_heads) == (gpt_runs.N_LAYERS, gpt_runs.N_HEADS)
    assert model.d_head == gpt_runs.D_HEAD
    assert gpt_runs.known_words() == read_words() == model.vocabulary
    assert len(gpt_runs.known_words()) < 2**11


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_examples_are_of_the_model_s_world(example: Any, model: Gpt) -> None:  # noqa: ANN401
    words = tokenise_story(example.text)
    assert not model.unknown_words(words)
    assert len(words) < model.max_words - 10


# ---- what may come next


def test_the_page_opens_on_what_comes_next(model: Gpt) -> None:
    app = visit()
    (shown,) = series(app).values()
    expected = probabilities(model, WORDS)
    assert shown == pytest.approx({word: expected[word] for word in shown}, abs=2e-5)
    ten = sorted(expected.values(), reverse=True)[:9]
    assert sorted(shown.values(), reverse=True)[:9] == pytest.approx(ten, abs=2e-5)
    line = component(app, LINE)["lines"][0]["words"]
    assert [word["text"] for word in line] == [START, *WORDS]
    of_words = forward(model, WORDS).of_words
    for word, logarithm in zip(line[1:], of_words, strict=True):
        if logarithm is not None:
            assert float(word["probability"]) == pytest.approx(np.exp(logarithm), abs=0.0051)
    assert line[-1]["chosen"]


def test_a_word_that_is_chosen_is_where_the_next_one_comes(model: Gpt) -> None:
    app = choose_word(visit(), 2)
    assert component(app, GPT_NEXT.name)["title"] == "After “cat” comes"
    (shown,) = series(app).values()
    expected = probabilities(model, WORDS, 2)
    assert shown == pytest.approx({word: expected[word] for word in shown}, abs=2e-5)
    assert "sat" in shown, "the word that stands there is always among them"


@pytest.mark.parametrize(
    ("changes", "sign"),
    [
        ({"top_k": 3}, BY_K),
        ({"top_p": 30}, BY_P),
        ({"temperature": 0}, BY_TEMPERATURE),
        ({"temperature": 150, "top_k": 5, "top_p": 60}, BY_K),
    ],
)
def test_what_is_cut_away_is_shown_as_such(model: Gpt, changes: dict[str, int], sign: str) -> None:
    app = visit(**changes)
    state = state_of(app)
    found = forward(model, WORDS)
    chances = narrowed(found.log_probabilities[-1], state.sampling)
    expected = dict(zip(found.names, chances.tolist(), strict=True))
    shown = series(app)["drawn from"]
    assert shown == pytest.approx({word: expected[word] for word in shown}, abs=2e-5)
    rows = component(app, GPT_NEXT.name)["rows"]
    assert all(bool(row["sign"]) == (expected[row["word"]] == 0) for row in rows)
    assert sign in {row["sign"] for row in rows}
    n_kept = int(np.count_nonzero(chances))
    said = " ".join(component(app, GPT_NEXT.name)["said"])
    assert f"{n_kept} word{'' if n_kept == 1 else 's'} can still be drawn" in said


def test_writing_on_is_the_model_s_own_and_step_by_step_the_same(model: Gpt) -> None:
    expected = write(model, WORDS, Sampling(seed=3), 10)
    at_once = press(visit(seed=3), "write:10")
    assert state_of(at_once).written == tuple(one.word for one in expected.words)
    app = visit(seed=3)
    for _ in expected.words:
        press(app, "write:1")
    assert state_of(app).written == state_of(at_once).written
    line = component(app, LINE)["lines"][0]["words"][len(WORDS) + 1 :]
    for word, one in zip(line, expected.words, strict=True):
        assert "written" in word["signs"]
        assert float(word["probability"]) == pytest.approx(one.probability, abs=0.0051)
    press(app, "back")
    assert state_of(app).written == state_of(at_once).written[:-1]
    press(app, "back:all")
    assert state_of(app).written == ()


def test_every_step_can_be_undone() -> None:
    app = press(press(visit(seed=3), "write:1"), "write:1")
    written = state_of(app).written
    with session_of(app):
        STORE.undo()
    app.run()
    assert state_of(app).written == written[:1]


def test_the_end_of_positions_is_said(model: Gpt) -> None:
    app = visit(text="the cat " * 31)
    assert len(state_of(app).words) == 62
    press(app, "write:all")
    state = state_of(app)
    assert len(state.words) == model.max_words or state.is_finished
    bar = component(app, ACTS)
    assert all(action["off"] for action in bar["groups"][0]["actions"][:3])
    assert bar["said"]


def test_a_word_of_the_list_can_be_written_anywhere() -> None:
    app = choose_word(visit(written=("very", "happy")), 3)
    shown = component(app, GPT_NEXT.name)
    word = shown["rows"][1]["word"]
    trigger(app, GPT_NEXT.name, "write", {"version": shown["version"], "place": 1})
    assert not app.exception
    state = state_of(app)
    assert state.words == (*WORDS[:3], word) if word != END else WORDS[:3]
    assert state.written == (word,)
    assert tokenise_story(state.text) == WORDS[:3]


def test_an_end_that_was_written_stands_there() -> None:
    app = visit(written=(".", END))
    taken = [row["word"] for row in component(app, GPT_NEXT.name)["rows"] if row["taken"]]
    assert taken == [END]
    assert component(app, LINE)["lines"][0]["words"][-1]["text"] == END


@pytest.mark.parametrize("place", [-1, 99, 0.5, "1", None, True])
def test_a_press_on_what_is_not_there_writes_nothing(place: object) -> None:
    app = visit()
    version = component(app, GPT_NEXT.name)["version"]
    trigger(app, GPT_NEXT.name, "write", {"version": version, "place": place})
    assert state_of(app).written == ()
    trigger(app, GPT_NEXT.name, "write", {"version": "old", "place": 1})
    assert state_of(app).written == ()


def test_a_hidden_word_is_seen_before_and_after(model: Gpt) -> None:
    app = choose_word(visit(hides=True), 2)
    assert state_of(app).hidden == frozenset({2})
    shown = series(app)
    assert list(shown) == ["as trained", "with what is changed"]
    done = GptInterventions(hidden_words=frozenset({2}))
    after = np.exp(forward(model, WORDS, done).log_probabilities[-1].astype(float))
    columns = forward(model, WORDS).columns
    for word, value in shown["with what is changed"].items():
        assert value == pytest.approx(after[columns[word]], abs=2e-5)
    assert component(app, ACTS)["done"][0]["text"] == "“cat” hidden ✕"
    press(app, "show:2")
    assert state_of(app).hidden == frozenset()
    choose_word(app, 0)
    assert state_of(app).hidden == frozenset(), "the start cannot be hidden"


# ---- who reads whom


def test_what_the_causal_mask_blocks_is_no_number(model: Gpt) -> None:
    app = visit(view=HEADS, layer=1, head=2, hidden=frozenset({2}))
    done = GptInterventions(hidden_words=frozenset({2}))
    expected = forward(model, WORDS, done).weights[1, 2].copy()
    upper = np.triu(np.ones_like(expected, dtype=np.bool_), 1)
    upper[:, 2] = True
    shown = weights_on(app)
    np.testing.assert_array_equal(np.isnan(shown), upper)
    np.testing.assert_allclose(shown[~upper], expected[~upper], atol=1e-6)
    assert component(app, MAP)["missing_name"] == "may not be read"
    assert component(app, MAP)["title"] == "Head 3 of layer 2"


def test_the_mean_is_a_mean(model: Gpt) -> None:
    shown = weights_on(visit(view=HEADS, layer=3, head=gpt_runs.N_HEADS))
    expected = forward(model, WORDS).weights[3].mean(axis=0)
    rows, columns = np.tril_indices(len(expected))
    np.testing.assert_allclose(shown[rows, columns], expected[rows, columns], atol=1e-6)


def test_a_cell_behind_the_mask_stands_for_its_row() -> None:
    app = visit(view=HEADS)
    version = component(app, MAP)["version"]
    choice = {"version": version, "matrix": "weights", "row": 3, "column": 6}
    trigger(app, MAP, "choice", choice)
    assert not app.exception
    assert (state_of(app).place, state_of(app).read) == (3, -1)


def test_what_is_forced_to_nothing_stays_chosen() -> None:
    app = visit(view=HEADS)
    press(app, "force:0")
    press(app, "force:50")
    state = state_of(app)
    assert [(one.key, one.percent) for one in state.forced] == [(state.read, 50)]
    assert "“was” reads" in component(app, ACTS)["done"][0]["text"]


def test_no_probability_is_said_to_be_0() -> None:
    assert chance(0.0049) == "less than 0.01"
    assert (chance(0.005), chance(0.0)) == ("0.01", "0.00")
    shown = series(visit(text="Peter had a scarf. He gave it to Kate. Who has it?"))["as trained"]
    assert min(shown.values()) > 0


def test_the_cache_shows_keys_of_a_head_that_is_marked() -> None:
    mean = 4
    app = visit(view=CACHE, layer=2, head=mean)
    grid, kept = component(app, "head_grid"), component(app, "value_map")
    assert (grid["chosen"], grid["marks"]) == ([2, 0], [])
    assert kept["maps"][0]["note"] == "head 1 of layer 3"


def test_heads_are_dropped_and_weights_forced(model: Gpt) -> None:
    app = press(visit(view=HEADS, layer=2, head=1, place=5, read=2), "drop")
    press(app, "force:100")
    state = state_of(app)
    assert state.dropped == {(2, 1)}
    assert state.forced == (Forced(2, 1, 5, 2, 100),)
    done = GptInterventions(
        dropped_heads=frozenset({(2, 1)}), weight_edits=(WeightEdit(2, 1, 5, 2, 1.0),)
    )
    assert state.interventions == done
    np.testing.assert_allclose(weights_on(app)[5, :6], np.eye(6)[2], atol=1e-6)
    press(app, "force:50")
    assert [one.percent for one in state_of(app).forced] == [50], "a row is forced once"
    press(app, "all")
    assert not state_of(app).is_changed


def test_a_head_chosen_among_all_is_enlarged() -> None:
    app = visit(view=HEADS, head=gpt_runs.N_HEADS)
    view = component(app, "head_grid")["view"]
    trigger(app, "head_grid", "choice", {"view": view, "layer": 3, "head": 0})
    assert not app.exception
    assert (state_of(app).layer, state_of(app).head) == (3, 0)
    assert not app.toggle(key=f"{NAME}.mean").value


# ---- the cache


def test_a_step_with_the_cache_is_the_same_pass(model: Gpt) -> None:
    done = GptInterventions(hidden_words=frozenset({2}), dropped_heads=frozenset({(0, 1)}))
    shown = gpt_runs.stepped(WORDS[:5], done)
    np.testing.assert_allclose(shown, forward(model, WORDS, done).log_probabilities[5], atol=1e-4)
    np.testing.assert_array_equal(shown, cache_of(model, WORDS[:5], done).log_probabilities)
    assert "that is rounding" in captions(visit(view=CACHE, hidden=frozenset({2})))


def test_what_the_cache_holds_is_counted(model: Gpt) -> None:
    app = visit(view=CACHE, place=4, layer=1, head=3)
    (table,) = (body for body in html(app) if "class='roles'" in body)
    per_word = 2 * model.n_layers * model.d_model
    assert f"{5 * per_word:,} (20 KiB)" in table
    assert f"A word adds {per_word:,} numbers" in table
    found = vectors(model, WORDS, 1)
    for one, values in zip(
        component(app, "value_map")["maps"], (found.key[3], found.value[3]), strict=True
    ):
        numbers = np.frombuffer(base64.b64decode(one["values"]), "<f4").reshape(one["shape"])
        np.testing.assert_allclose(numbers, values[:5], atol=1e-6)


def test_steps_are_gone_through() -> None:
    app = press(visit(view=CACHE), "first")
    assert state_of(app).place == 0
    press(app, "on")
    assert state_of(app).place == 1
    press(app, "last")
    assert state_of(app).place == len(WORDS)


def test_times_are_measured_in_turns() -> None:
    run = MeasureRun(MeasureSettings())
    for _ in range(2 * len(LENGTHS) + 1):
        run = advance(run)
    assert [one.length for one in run.complete] == list(LENGTHS)
    assert [len(one.without) for one in run.done] == [3] + [2] * (len(LENGTHS) - 1)
    assert all(seconds > 0 for one in run.done for seconds in one.medians)
    app = visit(view=CACHE)
    with session_of(app):
        MEASURING.act({"act": "start", "serial": 0}, MeasureSettings())
        MEASURING._save(replace(MEASURING.trained, run=run, running=False))
    app.run()
    assert not app.exception
    assert "Medians of 2 measurements" in captions(app)


# ---- encoder and decoder


def test_a_later_word_moves_no_earlier_one_of_the_decoder(model: Gpt) -> None:
    app = visit(view=BOTH, changed=5, swap="dog")
    shown = {one["name"]: np.array(one["values"]) for one in component(app, "word_bars")["series"]}
    assert not shown["decoder"][:4].any()
    assert shown["decoder"][4:].all()
    assert shown["encoder"].all()
    other = (*WORDS[:4], "dog", *WORDS[5:])
    before, after = token_states(model, WORDS)[-1, 1:], token_states(model, other)[-1, 1:]
    expected = np.linalg.norm(after - before, axis=1) / np.linalg.norm(before, axis=1)
    np.testing.assert_allclose(shown["decoder"], expected, atol=1e-5)
    text = component(app, "word_bars")["text"]
    assert "4 of the encoder's vectors of 4 earlier words move" in text
    assert "none of the decoder's: there the difference is exactly 0" in text


def test_both_models_are_shown_by_the_same_words() -> None:
    app = visit(view=BOTH, text="Zoe's unbelievable cat, isn't it?")
    maps = [data for name, data in components(app) if name == MAP]
    assert maps[0]["keys"][1:-1] == maps[1]["keys"][1:]
    packed = maps[0]["weights"]
    weights = np.frombuffer(base64.b64decode(packed["values"]), np.float32)
    np.testing.assert_allclose(
        weights.reshape(packed["shape"]).sum(axis=1), 1, atol=1e-5
    )  # a word of several pieces is read as much as all of them


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"swap": "two words"}, "Write one word"),
        ({"swap": ""}, "Write one word"),
        ({"swap": "was"}, "the word that stands there"),
        ({"text": ""}, "There is no word here"),
    ],
)
def test_what_cannot_be_changed_is_said(changes: dict[str, str], said: str) -> None:
    app = visit(view=BOTH, **changes)
    assert any(said in body for body in html(app))


# ---- what is typed


def test_unknown_words_are_named_before_and_others_offered() -> None:
    app = visit(text="The catt sat on the zzyzx.")
    bar = next(data for name, data in components(app) if name == ACTS)
    assert "“catt” and “zzyzx” are not among" in bar["said"][0][1]
    assert any("“catt” → “cat”" in action["text"] for action in bar["groups"][0]["actions"])
    signs = [word["signs"] for word in component(app, LINE)["lines"][0]["words"]]
    assert ["unknown"] in signs


def test_too_long_a_text_is_said() -> None:
    app = visit(text="the cat " * 40)
    bar = next(data for name, data in components(app) if name == ACTS)
    assert "the last 17 words that you typed are left out" in bar["said"][0][1]


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_breaks_the_page(text: str) -> None:
    for view in VIEWS:
        state = GptState(view=view).with_text(text)
        assert len(state.text) <= MOST_CHARACTERS
        app = visit(**vars(state))
        assert "<script>" not in "".join(html(app))


def test_another_text_forgets_what_was_done_to_the_one_before() -> None:
    state = GptState(text=TEXT, written=("very",), hidden=frozenset({2}), place=3, changed=4)
    other = replace(state, forced=(Forced(0, 0, 3, 1, 50),)).with_text("A dog")
    assert other == GptState(text="A dog", changed=-1)
    assert other.with_text("A dog") is other


@pytest.mark.parametrize("view", VIEWS)
def test_a_class_without_controls_can_still_look(view: str) -> None:
    app = open_page(PAGE)
    app.default_timeout = 120
    app.query_params["hide"] = "controls"
    with session_of(app):
        STORE.install(GptState(view=view))
    app.run()
    assert not app.exception
    assert not app.text_area
    assert not [slider for slider in app.slider if slider.label == "Temperature"]
    assert ACTS not in {name for name, _ in components(app)}, "an empty bar never gets drawn"
