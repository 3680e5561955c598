"""The translation page without a browser: real models behind real widgets."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from typing import Any

import numpy as np
import pytest
import streamlit
from hypothesis import given, settings
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.bilingual.menus import MenuChoices
from core.translation import END, PARTS, Interventions, Translation
from core.weight_edits import WeightEdit
from pages._shared import translation, words
from pages._shared.beam_tree import laid_out
from pages._shared.page_store import LONGEST_LINK
from pages._shared.sentence_menus import read_choice
from pages._shared.translation_case import case_of, shown_in
from pages._shared.translation_choice import (
    BEAM,
    EXAMPLE,
    MENUS,
    NAME,
    RECURRENT,
    STEPS,
    TURN,
    TYPED,
    VIEWS,
    WHOLE,
    Forced,
    TranslationState,
)
from pages._shared.translation_compare import turned
from pages._shared.translation_maps import Reading, shown_weights
from pages._shared.translation_scene import see
from pages._shared.translation_sentences import EXAMPLES, MOST_CHARACTERS, clean, unknown_words
from pages._shared.translation_snippets import numpy_program, torch_program
from pages._shared.translation_state import SCOPES, STORE, pack
from pages._shared.translation_take import take_about, take_arrays
from pages._shared.translation_tests import acted, with_forced
from pages._shared.turning_sentences import (
    OF_PLACE,
    OF_SUBJECT,
    PLACES,
    SUBJECTS,
    turning_pair,
)
from tests.pages.app import (
    component,
    components,
    named,
    open_in,
    open_page,
    press,
    session_of,
    sums,
    tools,
    trigger,
)
from tests.pages.link_states import translation_states
from tests.pages.programs import run_programs

pytestmark = pytest.mark.slow

FILE = "pages/translation.py"
CAT = ("the", "cat", "sat", "on", "the", "mat", ".")
Array = NDArray[Any]


@pytest.fixture
def page() -> AppTest:
    app = open_page(FILE).run()
    assert not app.exception
    return app


def state_of(app: AppTest) -> TranslationState:
    with session_of(app):
        return STORE.current


def weights_in(data: dict[str, Any]) -> Array:
    """Return a map's weights as the browser reads them."""
    packed = data["weights"]
    values = np.frombuffer(base64.b64decode(packed["values"]), "<f4")
    return values.reshape(packed["shape"])


def marks_in(data: dict[str, Any]) -> set[tuple[int, int]]:
    """Return the outlined cells of a map."""
    shape = data["weights"]["shape"]
    (cells,) = (cells for _, kind, cells in data["layers"] if kind == "mark")
    bits = np.unpackbits(np.frombuffer(base64.b64decode(cells), np.uint8))
    return {(int(i), int(j)) for i, j in np.argwhere(bits[: shape[0] * shape[1]].reshape(shape))}


def run_again(words: tuple[str, ...], interventions: Interventions) -> Translation:
    """Return a translation that goes through none of the page's caches."""
    from core.translator import translate

    return translate(translation.load_model(), words, interventions)


def act(app: AppTest, name: str) -> AppTest:
    version = component(app, "action_bar")["version"]
    trigger(app, "action_bar", "act", {"version": version, "name": name})
    assert not app.exception
    return app


def choose(app: AppTest, row: int, column: int) -> AppTest:
    version = component(app, "attention_map")["version"]
    message = {"version": version, "matrix": "weights", "row": row, "column": column}
    trigger(app, "attention_map", "choice", message)
    assert not app.exception
    return app


def lines_in(app: AppTest) -> dict[str, list[str]]:
    """Return the words of each line on the page, by its name."""
    (data,) = (data for name, data in components(app) if name == "translation_words")
    return {line["name"]: [word["text"] for word in line["words"]] for line in data["lines"]}


def said_in(app: AppTest) -> str:
    return "\n".join(text for _, text in component(app, "translation_words")["said"])


# ---- what is known of the models without loading them


def test_sizes_known_beforehand_are_those_of_the_models() -> None:
    model = translation.load_model()
    assert (model.max_words, model.n_layers, model.n_heads, model.d_model // model.n_heads) == (
        translation.MOST_WORDS,
        translation.N_LAYERS,
        translation.N_HEADS,
        translation.D_HEAD,
    )
    assert translation.load_recurrent().max_words == translation.MOST_WORDS
    assert model.english == translation.english_words()


def test_every_example_is_known_and_translated_as_the_generator_has_it() -> None:
    for name, example in EXAMPLES.items():
        assert not unknown_words(example.pair.english), name
        assert translation.translate(example.pair.english).french == example.pair.french, name


# ---- as it starts


def test_the_page_starts_with_the_mean_of_all_heads_and_the_gold_alignment(page: AppTest) -> None:
    expected = run_again(CAT, Interventions())
    data = component(page, "attention_map")
    np.testing.assert_array_equal(weights_in(data), expected.cross_weights.mean(axis=(0, 1)))
    assert tuple(data["keys"]) == (*CAT, END)
    assert tuple(data["queries"]) == expected.words
    assert data["note"] == "mean of all 8 heads"
    assert marks_in(data) == see(TranslationState()).sentence.gold.links  # type: ignore[union-attr]
    assert lines_in(page) == {"English": [*CAT, END], "French": list(expected.words)}
    assert "Right: it is the generator's own French" in said_in(page)


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("part", PARTS)
def test_every_view_of_every_part_is_drawn(view: str, part: Any) -> None:  # noqa: ANN401
    for scope in SCOPES:
        app = open_in(STORE, TranslationState(view=view, part=part, scope=scope, word=99, reader=9))
        drawn = [name for name, _ in components(app)]
        maps = {WHOLE: 1, STEPS: 1, TURN: 2, RECURRENT: 2}.get(view, 0)
        assert drawn.count("attention_map") == maps
        assert drawn.count("head_grid") == (view in (WHOLE, STEPS))
        assert drawn.count("beam_tree") == (view == BEAM)


@pytest.mark.parametrize("part", PARTS)
def test_the_map_shows_the_head_that_is_chosen(part: Any) -> None:  # noqa: ANN401
    app = open_in(STORE, TranslationState(part=part))
    view = component(app, "head_grid")["view"]
    trigger(app, "head_grid", "choice", {"view": view, "layer": 0, "head": 2})
    data = component(app, "attention_map")
    expected = run_again(CAT, Interventions()).weights(part)[0, 2]
    np.testing.assert_array_equal(weights_in(data), expected)
    assert data["note"] == "layer 1, head 3"
    assert app.button_group(key=f"{NAME}.scope").value == "head"
    press(app, f"{NAME}.scope", "layer")
    assert component(app, "attention_map")["note"] == "layer 1, mean of 4 heads"


def test_a_row_is_the_step_that_writes_its_word_not_the_one_that_it_enters() -> None:
    """The row of "tapis" reads "mat"; the next, which "tapis" enters, reads the full stop."""
    scene = see(TranslationState())
    weights = shown_weights(scene.translation, Reading())
    place = scene.translation.words.index("tapis")
    assert scene.translation.source[weights[place].argmax()] == "mat"
    assert scene.translation.source[weights[place + 1].argmax()] != "mat"


# ---- step by step


def test_word_by_word_shows_no_word_before_its_turn(page: AppTest) -> None:
    press(page, f"{NAME}.view", STEPS)
    words = run_again(CAT, Interventions()).words
    for step in (0, 4, len(words) - 1):
        data = component(page, "translation_words")
        message = {"version": data["version"], "axis": "query", "place": step}
        trigger(page, "translation_words", "word", message)
        data = component(page, "translation_words")
        assert lines_in(page)["French"] == list(words[: step + 1])
        assert data["step"] == [step, len(words)]
        assert data["alternatives"]["words"][0][0] == words[step]
        assert component(page, "attention_map")["queries"] == list(words[: step + 1])
        assert "generator" not in said_in(page), "whether it is right is seen at the end"
        assert said_in(page).count("probable") == 1


@pytest.mark.parametrize(
    "message",
    [
        None,
        "word",
        {"version": "old", "axis": "query", "place": 0},
        {"axis": "other", "place": 0},
        {"axis": "query", "place": 999},
        {"axis": "key", "place": -1},
        {"axis": "key", "place": 1.0},
        {"axis": "key", "place": True},
    ],
)
def test_a_word_that_is_not_there_is_not_chosen(page: AppTest, message: object) -> None:
    if isinstance(message, dict):
        message = {"version": component(page, "translation_words")["version"], **message}
    before = state_of(page)
    trigger(page, "translation_words", "word", message)
    assert not page.exception
    assert state_of(page) == before


# ---- what is changed


def test_a_hidden_word_a_dropped_head_and_a_forced_weight_are_the_models_own(page: AppTest) -> None:
    act(page, "hide:1")
    press(page, f"{NAME}.scope", "head")
    act(page, "drop")
    choose(page, 4, 2)
    act(page, "force:0")
    state = state_of(page)
    assert state.hidden == (1,)
    assert state.dropped == (("cross", 1, 0),)
    assert state.forced == (Forced("cross", "head", 1, 0, 4, 2, 0),)
    edit = ("cross", WeightEdit(1, 0, 4, 2, 0.0))
    changes = Interventions(frozenset({1}), frozenset({("cross", 1, 0)}), (edit,))  # type: ignore[arg-type]
    expected = run_again(CAT, changes)
    assert lines_in(page)["French now"] == list(expected.words)
    assert lines_in(page)["French before"] == list(run_again(CAT, Interventions()).words)
    np.testing.assert_array_equal(
        weights_in(component(page, "attention_map")), expected.cross_weights[1, 0]
    )
    done = [action["name"] for action in component(page, "action_bar")["done"]]
    assert done == ["hide:1", "keep:cross.1.0", "free:0", "all"]
    for name in done[:3]:
        act(page, name)
    assert not state_of(page).is_changed
    assert lines_in(page)["French"] == list(run_again(CAT, Interventions()).words)


def test_each_deed_is_a_step_to_undo_and_all_are_taken_back_at_once(page: AppTest) -> None:
    act(act(page, "hide:1"), "drop")
    act(page, "all")
    assert not state_of(page).is_changed
    trigger(page, "tools_bar", "act", "undo")
    assert len(state_of(page).dropped) == 8
    trigger(page, "tools_bar", "act", "undo")
    assert state_of(page).hidden == (1,)
    assert not state_of(page).dropped


def test_what_cannot_be_changed_is_not_offered() -> None:
    end = open_in(STORE, TranslationState(english=99))
    (hide,) = component(end, "action_bar")["groups"][0]["actions"]
    assert hide["off"]
    first = open_in(STORE, TranslationState(part="decoder", word=0))
    assert all(action["off"] for action in component(first, "action_bar")["groups"][2]["actions"])
    assert state_of(act(first, "force:0")) == TranslationState(part="decoder", word=0)


def test_a_row_has_one_forced_weight_and_the_page_four() -> None:
    state = TranslationState()
    for key in (1, 2):
        state = with_forced(state, Reading(query=3, key=key), 100)
    assert [one.key for one in state.forced] == [2]
    for query in range(6):
        state = with_forced(state, Reading(query=query, key=1), 50)
    assert [one.query for one in state.forced] == [2, 3, 4, 5]


def test_another_sentence_forgets_what_was_done_to_the_words_of_the_last() -> None:
    state = replace(TranslationState(), hidden=(6,), dropped=(("encoder", 0, 1),))
    state = with_forced(state, Reading(query=3, key=6), 100)
    other = state.with_sentence(way=TYPED, typed=("Good", "morning", "."))
    assert (other.hidden, other.forced, other.dropped) == ((), (), state.dropped)
    assert state.typing().hidden == (6,), "the sentence is the same"


@settings(max_examples=60)
@given(state=translation_states())
def test_whatever_is_changed_there_is_a_translation_and_its_link_fits(
    state: TranslationState,
) -> None:
    scene = see(state)
    for part in PARTS:
        sums_of_rows = scene.translation.weights(part).sum(axis=-1)
        np.testing.assert_allclose(sums_of_rows, 1, atol=1e-4)
    assert scene.reading.within(scene.translation) == scene.reading
    link = STORE.schema.write({name: pack(state)[name] for name in STORE.schema.fields})
    assert len(link) <= LONGEST_LINK
    assert STORE.read(link) == state


# ---- what a reader types

HOSTILE = (
    "<b>bold</b> & <script>alert(1)</script>",
    "[MASK] **bold** [a](http://b) $x$ `c`",
    "🐈 sat 👩‍👩‍👧",
    "القطة جلست \u202e the cat",
    "the\x00cat\x07 sat",
    "zebra " * 39,
    "antidisestablishmentarianism" * 14,
    "' ' 's n't -",
)
REFUSED = ("", "   \n ", "the cat " * 1250, "cat " * 40, "." * 41, "猫" * 401, "\x00")


@pytest.mark.parametrize("text", [*HOSTILE, *REFUSED])
def test_any_text_gets_a_word_and_nothing_is_lost(page: AppTest, text: str) -> None:
    press(page, f"{NAME}.way", TYPED)
    before = state_of(page)
    named(page.text_input, f"{NAME}.text").set_value(text).run()
    assert not page.exception
    if text in REFUSED:
        (warning,) = page.warning
        assert "The page still shows the sentence before." in warning.value
        assert state_of(page) == before
        assert lines_in(page)["English"] == [*CAT, END]
        return
    assert not page.warning
    state = state_of(page)
    assert state.typed == clean(text)[0]
    assert len(tools(page)["link"]) <= LONGEST_LINK
    if unknown_words(state.sentence.words):
        assert "attention_map" not in [name for name, _ in components(page)]
        act(page, "anyway")
    assert lines_in(page)["English"] == [*state.sentence.words, END]


def test_what_no_text_can_hold_is_left_out() -> None:
    assert clean("the\x00 \ud800 cat\x07") == (("the", "cat"), "")


def test_an_unknown_word_is_named_before_anything_is_translated(page: AppTest) -> None:
    press(page, f"{NAME}.way", TYPED)
    named(page.text_input, f"{NAME}.text").set_value("The cqt sat on the zzyzx.").run()
    data = component(page, "action_bar")
    ((kind, sentence),) = data["said"]
    n_known = len(translation.english_words().words)
    assert kind == "warning"
    assert sentence.startswith(
        f"“cqt” and “zzyzx” are not among the {n_known} English words that the model knows."
    )
    assert "translation_words" not in [name for name, _ in components(page)]
    offers = [action for group in data["groups"] for action in group["actions"]]
    (cat,) = (action for action in offers if action["text"] == "“cqt” → “cat”")
    act(page, cat["name"])
    assert state_of(page).sentence.words == ("the", "cat", "sat", "on", "the", "zzyzx", ".")
    act(page, "anyway")
    (bar,) = (data for name, data in components(page) if name == "action_bar" and data["said"])
    assert bar["said"][0][1].startswith("“zzyzx” is not among")
    signs = component(page, "translation_words")["lines"][0]["words"][5]["signs"]
    assert signs == ["unknown"]


def test_typing_goes_on_from_the_sentence_that_is_there(page: AppTest) -> None:
    named(page.selectbox, f"{NAME}.example").set_value("letter").run()
    text = state_of(page).sentence.text
    press(page, f"{NAME}.way", TYPED)
    assert named(page.text_input, f"{NAME}.text").value == text
    assert see(state_of(page)).gold is not None, "an example stays one when it is typed"
    press(page, f"{NAME}.way", EXAMPLE)
    assert state_of(page).sentence.text == text


def test_menus_build_sentences_whose_french_is_known(page: AppTest) -> None:
    press(page, f"{NAME}.way", MENUS)
    chosen = {
        "subject": "hen",
        "number": "many",
        "verb": "eat",
        "object": "cheese",
        "form": "question",
    }
    for slot, option in chosen.items():
        data = component(page, "sentence_menus")
        message = {"version": data["version"], "slot": slot, "option": option}
        trigger(page, "sentence_menus", "choice", message)
        assert not page.exception
        values = {one["name"]: one["value"] for one in component(page, "sentence_menus")["slots"]}
        assert values[slot] == option
    scene = see(state_of(page))
    assert scene.sentence.text == "Did the hens eat cheese?"
    assert scene.sentence.gold is not None
    assert not unknown_words(scene.sentence.words)


@pytest.mark.parametrize(
    "message",
    [
        "cat",
        {"version": "old", "slot": "subject", "option": "dog"},
        {"slot": "nothing", "option": "dog"},
        {"slot": "subject", "option": "<b>"},
        {"slot": "reason", "option": "wide"},
        {"slot": ["subject"], "option": ["dog"]},
    ],
)
def test_an_option_that_is_not_offered_is_not_taken(message: object) -> None:
    if isinstance(message, dict):
        message = {"version": "1", **message}
    assert read_choice(message, "1", MenuChoices()) is None


# ---- the other views


def test_the_head_that_turns_reads_other_words_and_turns_the_pronoun() -> None:
    both = turned(see(TranslationState(view=TURN)))
    assert both is not None
    assert both.turning.words == ("il", "elle")
    rows = [np.array([weight for _, weight in both.row(which)]) for which in (0, 1)]
    for row in rows:
        assert row.sum() == pytest.approx(1, abs=1e-5)
    assert np.abs(rows[0] - rows[1]).sum() / 2 == pytest.approx(both.head.change, abs=1e-5)
    assert both.head.probability == max(head.probability for head in both.turning.heads)


def test_the_head_that_turns_is_drawn_in_both_sentences() -> None:
    state = TranslationState(view=TURN)
    both = turned(see(state))
    assert both is not None
    head = both.head
    maps = [data for name, data in components(open_in(STORE, state)) if name == "attention_map"]
    assert [data["title"] for data in maps] == ["Too tired", "Too wide"]
    for data, sentence in zip(maps, state.turning, strict=True):
        weights = run_again(sentence.words, Interventions()).weights(head.part)
        np.testing.assert_array_equal(weights_in(data), weights[head.layer, head.head])
    assert [data["chosen"] for data in maps] == [[8, 1], [8, 6]], "it: animal, then street"


def test_every_choice_of_words_makes_two_sentences() -> None:
    for subject, place in product(SUBJECTS, PLACES):
        for adjective in (*OF_SUBJECT, *OF_PLACE):
            pair = turning_pair(subject, place, adjective)
            text = f"the {subject} did not cross the {place} because it was too {adjective} ."
            assert pair.english == tuple(text.split())


def test_two_sentences_that_are_one_turn_nothing() -> None:
    state = TranslationState(view=TURN)
    assert turned(see(replace(state, second=state.first))) is None


@pytest.mark.parametrize("width", [1, 3, 5])
def test_the_tree_has_a_place_for_every_node_and_leads_to_the_best_sentence(width: int) -> None:
    beam = translation.beam_search(CAT, width)
    tree = laid_out(beam)
    ids = {node["id"] for node in tree["nodes"]}
    assert all(node["parent"] in ids for node in tree["nodes"] if node["id"])
    cells = [(node["column"], node["row"]) for node in tree["nodes"]]
    assert len(set(cells)) == len(cells)
    best = [
        node["word"] for node in sorted(tree["nodes"], key=lambda n: n["column"]) if node["best"]
    ]
    assert tuple(best[1:]) == beam.words(beam.best)
    kept = {node.id for node in beam.nodes if node.state != "pruned"}
    assert kept <= ids, "what was kept is drawn"
    if width == 1:
        assert beam.words(beam.best) == run_again(CAT, Interventions()).words


def test_both_models_are_shown_with_a_map_and_an_alignment_error_each() -> None:
    app = open_in(STORE, TranslationState(view=RECURRENT))
    maps = [data for name, data in components(app) if name == "attention_map"]
    words = [data for name, data in components(app) if name == "translation_words"]
    recurrent = translation.translate_recurrent(CAT)
    np.testing.assert_array_equal(weights_in(maps[1]), recurrent.cross_weights[0, 0])
    assert [data["title"] for data in maps] == ["Transformer", "GRU with additive attention"]
    for data in words[1:]:
        assert "Alignment error: 0." in data["said"][0][1]


# ---- the work


READINGS = tuple(
    TranslationState(part=part, scope=scope, word=3, reader=2, english=2, earlier=1, hidden=(4,))
    for part in PARTS
    for scope in SCOPES
)


def test_programs_print_the_row_that_is_on_the_screen() -> None:
    cases = [case_of(shown_in(see(state))) for state in READINGS]
    for case in cases:
        np.testing.assert_allclose(case.weights.mean(axis=0), case.row, atol=2e-6)
    programs = [make(case) for case in cases for make in (numpy_program, torch_program)]
    twice = [case for case in cases for _ in range(2)]
    for run, case in zip(run_programs(programs), twice, strict=True):
        weight = case.row[case.reading.key]
        line = f"{case.reader} reads {case.keys[case.reading.key]}: {weight:.4f}"
        assert run.printed.splitlines()[-1] == line
        assert not run.warned


@pytest.mark.parametrize(
    "state", [*READINGS[:2], TranslationState(view=BEAM), TranslationState(view=TURN)]
)
def test_the_arithmetic_ends_in_the_number_on_the_screen(state: TranslationState) -> None:
    app = open_in(STORE, state)
    press(app, f"{NAME}.work", "In numbers")
    assert not app.exception
    text = " ".join(sums(app).texts["line"])
    if state.view == BEAM:
        beam = translation.beam_search(CAT, state.width)
        assert f"= {beam.best.total:.4f}".replace("-", "−") in text
        return
    shown = shown_in(see(state))
    assert f"= {shown.row[shown.reading.key]:.4f}" in text


def test_both_models_have_their_arithmetic() -> None:
    state = TranslationState(view=RECURRENT, word=3, english=2, hidden=(1,))
    app = open_in(STORE, state)
    press(app, f"{NAME}.work", "In numbers")
    lines = sums(app).texts["line"]
    hidden = translation.translate_recurrent(CAT, Interventions(hidden_words=frozenset({1})))
    vectors = translation.additive_vectors(hidden, 3)
    score = vectors.score @ np.tanh(vectors.query + vectors.key[2])
    assert f"tanh(q + k) = {words.number(vectors.score[0])} · tanh(" in lines[-2]
    assert lines[-2].endswith(f"= {words.number(score)}")
    assert lines[-1].endswith(f"= {hidden.cross_weights[0, 0, 3, 2]:.4f}")


def test_a_hidden_word_of_the_gru_has_no_score() -> None:
    app = open_in(STORE, TranslationState(view=RECURRENT, word=3, english=1, hidden=(1,)))
    press(app, f"{NAME}.work", "In numbers")
    assert sums(app).texts["line"][-1] == "weight = 0: this key is blocked"


def test_files_hold_both_models_or_both_sentences() -> None:
    with session_of(open_in(STORE, TranslationState(view=RECURRENT))):
        arrays = take_arrays()
    expected = translation.translate_recurrent(CAT).cross_weights
    np.testing.assert_array_equal(arrays["gru_cross_weights_layer_1"].values, expected[0])
    state = TranslationState(view=TURN)
    with session_of(open_in(STORE, state)):
        arrays, about = take_arrays(), take_about()
    for start, sentence in zip(("", "second_"), state.turning, strict=True):
        expected = run_again(sentence.words, Interventions()).encoder_weights
        table = arrays[f"{start}encoder_weights_layer_2"]
        np.testing.assert_array_equal(table.values, expected[1])
        assert sentence.text in about.state
    assert "gold_alignment" not in arrays, "there is one of the example's sentence alone"


def test_no_softmax_is_claimed_for_a_forced_row() -> None:
    state = with_forced(TranslationState(), Reading(query=1, key=2), 100)
    app = open_in(STORE, state)
    press(app, f"{NAME}.work", "In numbers")
    assert "No softmax leads to it." in " ".join(sums(app).texts["line"])
    assert app.button_group(key=f"{NAME}.work").options == ["In numbers", "The code that ran"]


# ---- many readers at once


def test_ten_readers_at_once_get_their_own_translations() -> None:
    streamlit.cache_resource.clear()
    texts = ["The cat sat on the mat.", "The dog sat on the mat.", "The cat sat on the table."]
    states = [
        replace(TranslationState(way=TYPED, typed=tuple(texts[n % 3].split())), hidden=(n % 6,))
        for n in range(10)
    ]
    expected = [run_again(state.sentence.words, state.interventions) for state in states]
    with ThreadPoolExecutor(10) as readers:
        scenes = list(readers.map(see, states * 3))
    for scene, wanted in zip(scenes, expected * 3, strict=True):
        assert scene.translation.words == wanted.words
        np.testing.assert_array_equal(scene.translation.cross_weights, wanted.cross_weights)
        assert not scene.translation.cross_weights.flags.writeable


def test_what_one_reader_does_another_does_not_see(page: AppTest) -> None:
    other = open_page(FILE).run()
    act(page, "hide:1")
    other.run()
    assert state_of(other) == TranslationState()
    assert "French now" not in lines_in(other)


def test_a_press_on_what_is_gone_does_nothing() -> None:
    scene = see(TranslationState())
    assert acted(scene.state, scene, "hide:3").hidden == (3,)
    app = open_in(STORE, TranslationState())
    message = {"version": "0.1", "name": "hide:1"}
    trigger(app, "action_bar", "act", message)
    assert not state_of(app).hidden
    assert MOST_CHARACTERS == 400
