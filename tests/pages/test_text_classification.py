"""The text encoder's page, driven without a browser: the real model behind real widgets.

What the components are given is read from their messages and held to the model's own arrays.
"""

from __future__ import annotations

import base64
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.encoder import embed, forward, leave_one_out
from core.encoder_model import TextEncoder
from core.head_roles import ROLES, measure_roles, rank_by_pattern
from core.text import Tokens, by_word, tokenise
from core.text_attention import TextAttention, TextInterventions
from core.zero_shot import SENTIMENT, TOPIC, Task
from pages._shared import encoder, text_classify
from pages._shared.encoder_roles import OWN, PATTERNS, PREVIOUS, role_place
from pages._shared.head_grid import HEAD_GRID
from pages._shared.text_examples import EXAMPLES, FIRST, TextExample
from pages._shared.text_scene import (
    CLASSIFY,
    DROP_HEAD,
    DROP_LAYER,
    FIND,
    FORCE,
    HEADS,
    MASKED,
    NAME,
    ROLE,
    TESTS,
    VIEWS,
    TextState,
    read_labels,
    sentences_of,
)
from pages._shared.text_state import STORE, fits_link
from pages._shared.words import number
from tests.pages.app import captions, component, components, html, open_page, session_of, trigger
from tests.pages.html_reader import read_html

pytestmark = pytest.mark.slow

PAGE = "pages/text_classification.py"
TEXT = FIRST.text
LONG = next(example.text for example in EXAMPLES if example.name == "A longer text")
HOSTILE = (
    "", "   \n\t ", ".", "a", "😀 🙂", "سلام عليكم", "[MASK] [CLS]", "<b>x</b><script>", "a\x00b",
    "**a** :red[x] $x$ [a](b)", "é" * 400, "猫" * 300, "word " * 2000, "\u202eabc", "\ufffd half",
)  # fmt: skip


@pytest.fixture(scope="module")
def model() -> TextEncoder:
    return encoder.load_model()


@pytest.fixture
def app() -> AppTest:
    return visit()


def visit(**state: Any) -> AppTest:  # noqa: ANN401
    app = open_page(PAGE)
    app.default_timeout = 120
    return put(app, **state)


def put(app: AppTest, **state: Any) -> AppTest:  # noqa: ANN401
    """Bring the page into a state, as a link does."""
    with session_of(app):
        if state:
            STORE.install(replace(STORE.current, **state))
    app.run()
    assert not app.exception
    return app


def state_of(app: AppTest) -> TextState:
    with session_of(app):
        return STORE.current


def run_model(
    model: TextEncoder, text: str, done: TextInterventions | None = None
) -> TextAttention:
    return forward(model, tokenise(text), done or TextInterventions())


def weights_on(app: AppTest) -> NDArray[np.float32]:
    """Return the numbers of the large map as the browser reads them."""
    packed = component(app, "attention_map")["weights"]
    data = base64.b64decode(packed["values"])
    if packed["encoding"] == "float32":
        return np.frombuffer(data, np.float32).reshape(packed["shape"])
    levels = np.frombuffer(data, np.uint16).astype(np.float32)
    return levels.reshape(packed["shape"]) * np.float32(packed["top"] / 65_534)


def bars(app: AppTest) -> list[NDArray[np.float64]]:
    return [np.array(one["values"]) for one in component(app, "word_bars")["series"]]


def effects(app: AppTest) -> str:
    """Return the sentences below a picture."""
    bodies = [body for body in html(app) if "effect" in body]
    return " ".join(read_html(body).text for body in bodies)


def notices(app: AppTest) -> str:
    return " ".join(read_html(body).text for body in html(app) if "text notice" in body)


# ---- the first look, and what is looked at


def test_the_page_opens_on_72_heads_with_their_roles(app: AppTest, model: TextEncoder) -> None:
    grid = component(app, "head_grid")
    assert grid["shape"][:2] == [6, 12]
    weights = by_word(run_model(model, TEXT).weights, tokenise(TEXT))
    masses = measure_roles(weights, tokenise(TEXT))
    named = {(layer, head) for layer, head, _ in grid["captions"]}
    assert named == set(map(tuple, np.argwhere(masses.clear().any(axis=0)).tolist()))
    assert [0, 2, "before 1.00"] in grid["captions"]
    np.testing.assert_allclose(weights_on(app), weights[0, 2], atol=1e-6)
    drawn = component(app, "attention_map")
    assert drawn["title"] == "Head 3 of layer 1"
    assert drawn["queries"] == ["[CLS]", *(w.text for w in tokenise(TEXT).words), "[SEP]"]
    assert "head 3 of layer 1 has a role" in captions(app).lower()


def test_links_know_the_model(model: TextEncoder) -> None:
    """So that opening one needs no model."""
    assert (model.n_layers, model.n_heads) == (encoder.N_LAYERS, encoder.N_HEADS)


def test_a_head_chosen_among_all_is_enlarged(app: AppTest, model: TextEncoder) -> None:
    put(app, mean=True)
    assert component(app, "attention_map")["title"] == "Mean of 12 heads of layer 1"
    trigger(app, HEAD_GRID.name, "choice", {
        "view": component(app, "head_grid")["view"], "layer": 3, "head": 11,
    })  # fmt: skip
    assert not app.exception
    assert component(app, "attention_map")["title"] == "Head 12 of layer 4"
    expected = by_word(run_model(model, TEXT).weights[3, 11], tokenise(TEXT))
    np.testing.assert_allclose(weights_on(app), expected, atol=1e-6)
    assert app.pills(key=f"{NAME}.shown").value == []


@pytest.mark.parametrize("by_piece", [False, True])
@pytest.mark.parametrize("hide_special", [False, True])
@pytest.mark.parametrize("mean", [False, True])
def test_a_map_is_what_its_switches_say(
    app: AppTest, model: TextEncoder, by_piece: bool, hide_special: bool, mean: bool
) -> None:
    text = "The locksmith unlocked my door."
    put(app, text=text, layer=2, head=9, by_piece=by_piece, hide_special=hide_special, mean=mean)
    attention, tokens = run_model(model, text), tokenise(text)
    weights = attention.weights[1].mean(axis=0) if mean else attention.weights[1, 8]
    expected = weights if by_piece else by_word(weights, tokens)
    if hide_special:
        expected = expected[1:-1, 1:-1] / expected[1:-1, 1:-1].sum(axis=1, keepdims=True)
    np.testing.assert_allclose(weights_on(app), expected, atol=1e-5)
    np.testing.assert_allclose(weights_on(app).sum(axis=1), 1, atol=1e-5)
    drawn = component(app, "attention_map")
    labels = tokens.pieces if by_piece else tokens.labels()
    assert drawn["keys"] == list(labels[1:-1] if hide_special else labels)
    assert ("rescaled" in drawn["note"]) == hide_special
    assert ("Mean of 12 heads" in drawn["title"]) == mean


def test_a_chosen_weight_is_worked_out(app: AppTest) -> None:
    put(app, layer=4, head=12)
    drawn = component(app, "attention_map")
    choice = {"version": drawn["version"], "matrix": "weights", "row": 4, "column": 13}
    trigger(app, "attention_map", "choice", choice)
    app.button_group(key=f"{NAME}.work").set_value("In numbers").run()
    (body,) = (one for one in html(app) if one.startswith("<div class='sum'>"))
    assert "The arithmetic behind “the” reading “.”" in read_html(body).text
    assert f"= {weights_on(app)[4, 13]:.6f}" in read_html(body).text
    assert (
        app.session_state[f"{NAME}.page"].history.past
        == (app.session_state[f"{NAME}.page"].history.past[:1])
    ), "to look at another weight is no step"


def test_lines_take_the_map_s_place(app: AppTest) -> None:
    put(app, lines=True, mean=True)
    assert any("Mean of 12 heads of layer 1" in body for body in html(app))
    names = [name for name, _ in components(app)]
    assert "attention_lines" in names
    assert "attention_map" not in names


# ---- tests of what a map suggests


@pytest.mark.parametrize("test", TESTS[1:])
def test_a_test_says_what_it_changes(app: AppTest, model: TextEncoder, test: str) -> None:
    put(app, layer=6, head=5, test=test, query=2, key=3, forced=100)
    done = {
        DROP_HEAD: TextInterventions(dropped_heads=frozenset({(5, 4)})),
        DROP_LAYER: TextInterventions(dropped_heads=frozenset((5, head) for head in range(12))),
        FORCE: TextInterventions(
            weight_edits=encoder_edit(5, 4, 2, 3),
        ),
    }[test]
    before, after = run_model(model, TEXT).embedding, run_model(model, TEXT, done).embedding
    assert f"keeps a cosine of {before @ after:.4f}" in effects(app)
    topics = embed(model, [tokenise(s) for s in sentences_of(TOPIC)])
    margins = [np.diff(np.sort(topics @ one)[-2:])[0] for one in (before, after)]
    assert f"({margins[0]:.3f} ahead before, {margins[1]:.3f} after)" in effects(app)
    assert len(component(app, "head_grid")["dropped"]) == len(done.dropped_heads)


def encoder_edit(layer: int, head: int, query: int, key: int) -> tuple[Any, ...]:
    from core.weight_edits import WeightEdit

    return (WeightEdit(layer, head, query, key, 1.0),)


@pytest.mark.parametrize("mean", [False, True])
def test_a_whole_word_is_forced_however_many_pieces_it_has(mean: bool, model: TextEncoder) -> None:
    from pages._shared.encoder_heads import HeadMap
    from pages._shared.text_measures import forced_weights

    text = "The locksmith unlocked my door."
    before = HeadMap(run_model(model, text), 1, 4, mean=mean)
    assert len(before.pieces_at(2)) > 1
    for query, key in ((2, 1), (1, 2), (2, 2), (0, 2), (2, 0)):
        edits = forced_weights(before, query, key, 0.75)
        after = run_model(model, text, TextInterventions(weight_edits=edits))
        assert HeadMap(after, 1, 4, mean=mean).weights[query, key] == pytest.approx(0.75, abs=1e-5)


# ---- roles, and heads to find


@pytest.mark.parametrize("role", ROLES)
def test_heads_stand_in_the_order_of_a_role(app: AppTest, model: TextEncoder, role: str) -> None:
    put(app, view=ROLE, role=role)
    masses = measure_roles(by_word(run_model(model, TEXT).weights, tokenise(TEXT)), tokenise(TEXT))
    place = role_place(role)
    ranking = component(app, "head_grid")["ranking"]
    scores = [score for *_, score in ranking]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] == pytest.approx(masses.mass[place].max(), abs=1e-4)
    (table,) = (body for body in html(app) if "class='roles'" in body)
    words = read_html(table).text
    assert f"{masses.mass[place].max():.2f}" in words
    assert f"{masses.chance[place]:.2f}" in words


def test_a_role_enlarges_the_head_that_plays_it_most(app: AppTest) -> None:
    put(app, view=ROLE)
    app.button_group(key=f"{NAME}.role").set_value("next word").run()
    assert not app.exception
    assert component(app, "attention_map")["title"] == "Head 9 of layer 2"
    assert component(app, "head_grid")["ranking"][0][:2] == [1, 8]


def test_a_role_that_the_text_cannot_show_is_said(app: AppTest) -> None:
    put(app, view=ROLE, text="It works.")
    (table,) = (body for body in html(app) if "class='roles'" in body)
    assert "none: this text cannot show it" in read_html(table).text


@pytest.mark.parametrize("pattern", PATTERNS)
def test_every_pattern_ranks_all_72(app: AppTest, pattern: str) -> None:
    put(app, view=FIND, pattern=pattern, painted=frozenset({(3, 2), (4, 2), (99, 99)}))
    assert len(component(app, "head_grid")["ranking"]) == 72
    if pattern == PREVIOUS:
        assert component(app, "head_grid")["ranking"][0] == [0, 2, pytest.approx(1, abs=1e-3)]


def test_what_is_painted_is_ranked(app: AppTest, model: TextEncoder) -> None:
    put(app, view=FIND)
    n = len(tokenise(TEXT).words) + 2
    painted = np.zeros((n, n), np.bool_)
    painted[2, 5] = painted[3, 1] = True
    cells = base64.b64encode(np.packbits(painted).tobytes()).decode()
    version = component(app, "attention_map")["version"]
    trigger(app, "attention_map", "paint", {"version": version, "cells": cells})
    assert not app.exception
    state = state_of(app)
    assert state.pattern == OWN
    assert state.painted == frozenset({(2, 5), (3, 1)})
    ranked = rank_by_pattern(by_word(run_model(model, TEXT).weights, tokenise(TEXT)), painted)
    first = component(app, "head_grid")["ranking"][0]
    assert tuple(first[:2]) == ranked.order[0]
    assert first[2] == pytest.approx(float(ranked.mass.max()), abs=1e-4)


def test_a_long_text_is_not_painted_by_hand(app: AppTest) -> None:
    put(app, view=FIND, text=LONG)
    drawn = component(app, "attention_map")
    assert drawn["painted"] is None
    assert "too many to paint" in drawn["text"]


# ---- classes


@pytest.mark.parametrize("task", [TOPIC, SENTIMENT], ids=lambda task: task.name)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_the_nearest_label_wins_and_a_miss_is_called_one(
    model: TextEncoder, task: Task, example: TextExample
) -> None:
    app = visit(view=CLASSIFY, task=task.name, text=example.text)
    labels = embed(model, [tokenise(s) for s in sentences_of(task)])
    cosines = labels @ run_model(model, example.text).embedding
    winner = task.labels[int(cosines.argmax())].name
    assert f"“{winner}” is nearest, with a cosine of {number(cosines.max(), 3)}" in effects(app)
    truth = example.true_label(task.name)
    assert ("A miss" in effects(app)) == bool(truth and truth != winner)
    assert ("A person would say" in effects(app)) == bool(truth and truth == winner)


def test_there_are_misses_to_show() -> None:
    assert sum("missed" in example.name for example in EXAMPLES) >= 2
    for example in EXAMPLES:
        if "missed" in example.name:
            ((task, _),) = example.truth
            assert "A miss" in effects(visit(view=CLASSIFY, task=task, text=example.text))


def test_labels_are_the_reader_s(app: AppTest, model: TextEncoder) -> None:
    put(app, view=CLASSIFY)
    field = next(one for one in app.text_area if one.label.startswith("Labels"))
    field.set_value("A recipe\n\n  A   medical case \n<b>A car</b>").run()
    assert state_of(app).topic == ("A recipe", "A medical case", "<b>A car</b>")
    labels = embed(model, [tokenise(s) for s in state_of(app).topic])
    assert f"{(labels @ run_model(model, TEXT).embedding).max():.3f}" in effects(app)
    assert "“A medical case” is nearest" in effects(app)
    field = next(one for one in app.text_area if one.label.startswith("Labels"))
    field.set_value("One label").run()
    assert not app.exception
    assert "The labels before stay." in notices(app)
    assert "“A medical case” is nearest" in effects(app)


@pytest.mark.parametrize(
    ("typed", "labels", "problem"),
    [
        ("a\nb", ("a", "b"), ""),
        (" a \n\n\t\nb  c\n", ("a", "b c"), ""),
        ("a\nb\na", ("a", "b"), "each counts once"),
        ("", ("x", "y"), "2 different labels"),
        ("a\na", ("x", "y"), "2 different labels"),
        ("\n".join("abcdefghi"), ("x", "y"), "9 labels; 8 are the most"),
        ("a\n" + "b" * 121, ("x", "y"), "121 characters; 120 are the most"),
        ("a\n\ud800", ("x", "y"), "half a character"),
    ],
)
def test_labels_are_read(typed: str, labels: tuple[str, ...], problem: str) -> None:
    found, said = read_labels(typed, ("x", "y"))
    assert found == labels
    assert problem in said
    assert bool(problem) == bool(said)


def test_what_matters_stands_beside_what_is_read(app: AppTest, model: TextEncoder) -> None:
    put(app, view=CLASSIFY)
    attention, tokens = run_model(model, TEXT), tokenise(TEXT)
    labels = embed(model, [tokenise(s) for s in sentences_of(TOPIC)])
    winner = labels[(labels @ attention.embedding).argmax()]
    without = np.concatenate([*leave_one_out(model, tokens)])
    matters, read = bars(app)
    np.testing.assert_allclose(matters, (attention.embedding - without) @ winner, atol=1e-5)
    expected = by_word(attention.weights, tokens).mean(axis=(0, 1, 2))[1:-1]
    np.testing.assert_allclose(read, expected, atol=1e-5)
    one, other = (np.argsort(np.argsort(values)) for values in (matters, read))  # no ties
    correlation = float(np.corrcoef(one, other)[0, 1])
    text = component(app, "word_bars")["text"]
    assert f"over 13 words: {number(correlation)} " in text


def test_a_long_text_is_left_out_word_by_word_when_asked(app: AppTest, model: TextEncoder) -> None:
    put(app, view=CLASSIFY, text=LONG)
    assert len(bars(app)) == 1
    (button,) = (one for one in app.button if "Leave out each" in one.label)
    button.click().run()
    rounds = [component(app, "word_bars")["more"]]
    while rounds[-1] is not None:
        assert len(bars(app)) == 1
        message = {"version": component(app, "word_bars")["version"], "more": rounds[-1]}
        trigger(app, "word_bars", "more", message)
        assert not app.exception
        rounds.append(component(app, "word_bars")["more"])
    assert rounds[:3] == [12, 24, 36]
    matters, _ = bars(app)
    assert matters.size == len(tokenise(LONG).words) > text_classify.MOST_AT_ONCE
    one = embed(model, [without(tokenise(LONG), 40)])[0]
    labels = embed(model, [tokenise(s) for s in sentences_of(TOPIC)])
    whole = run_model(model, LONG).embedding
    winner = labels[(labels @ whole).argmax()]
    assert matters[40] == pytest.approx(float((whole - one) @ winner), abs=1e-5)
    app.run()
    assert len(bars(app)) == 2, "it stays"


def without(tokens: Tokens, word: int) -> Tokens:
    from core.text import without_word

    return without_word(tokens, word)


# ---- masks


def test_a_masked_word_moves_others(app: AppTest, model: TextEncoder) -> None:
    put(app, view=MASKED)
    chips = component(app, "word_bars")
    assert chips["pressed"] == [False] * len(chips["words"])
    trigger(app, "word_bars", "press", {"version": chips["version"], "places": [11, 1]})
    assert not app.exception
    assert state_of(app).masked == {1, 11}
    before = run_model(model, TEXT)
    after = run_model(model, TEXT, TextInterventions(masked_words=frozenset({1, 11})))
    cosines = [
        a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        for a, b in zip(before.hidden[-1][1:-1], after.hidden[-1][1:-1], strict=True)
    ]
    assert len(tokenise(TEXT).pieces) == len(tokenise(TEXT).words) + 2
    (moved,) = bars(app)
    np.testing.assert_allclose(moved, 1 - np.array(cosines), atol=1e-4)
    assert f"keeps a cosine of {before.embedding @ after.embedding:.4f}" in effects(app)
    change = by_word(after.weights[0, 2], tokenise(TEXT)) - by_word(
        before.weights[0, 2], tokenise(TEXT)
    )
    np.testing.assert_allclose(weights_on(app), change, atol=1e-5)
    drawn = component(app, "attention_map")
    assert (drawn["scale"], drawn["limit"]) == ("diverging", pytest.approx(np.abs(change).max()))
    assert drawn["keys"][2] == drawn["queries"][2] == "doctor, masked"


@pytest.mark.parametrize("places", [[13], [-1], [True], [1.0], "1", None, [0] * 14])
def test_what_is_no_word_is_not_masked(app: AppTest, places: object) -> None:
    put(app, view=MASKED)
    version = component(app, "word_bars")["version"]
    trigger(app, "word_bars", "press", {"version": version, "places": places})
    trigger(app, "word_bars", "press", {"version": "gone", "places": [1]})
    assert not app.exception
    assert state_of(app).masked == frozenset()


# ---- texts


@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text[:12]))
def test_any_text_is_read_or_a_word_is_said(text: str, view: str) -> None:
    app = visit(view=view, text=text, hide_special=True, by_piece=True, masked=frozenset({0, 3}))
    tokens = tokenise(text)
    if not tokens.words:
        assert "There is no word here" in notices(app)
    assert ("too long" in notices(app)) == bool(tokens.n_cut)
    assert ("cannot spell" in notices(app)) == bool(tokens.unknown_words)
    assert ("plain text here" in notices(app)) == ("[MASK]" in text)
    for body in html(app):
        assert "<script" not in body
        assert "<b>x</b>" not in body
    written = [*app.markdown, *app.caption, *app.info, *app.warning]
    assert not any(":red[x]" in element.value for element in written)


def test_typing_keeps_the_text_and_forgets_what_was_chosen_in_the_other(app: AppTest) -> None:
    put(app, view=MASKED, masked=frozenset({2}), query=4, key=5)
    field = next(one for one in app.text_area if one.label == "Text")
    field.set_value("Another text, typed here.").run()
    assert not app.exception
    state = state_of(app)
    assert state.text == "Another text, typed here."
    assert (state.masked, state.query, state.key) == (frozenset(), -1, -1)
    assert app.selectbox[0].value is None
    app.selectbox[0].set_value("A review").run()
    assert state_of(app).text == EXAMPLES[1].text
    assert next(one for one in app.text_area if one.label == "Text").value == EXAMPLES[1].text


def test_half_a_character_becomes_the_sign_for_what_is_unknown() -> None:
    assert TextState().with_text("\ud800 half \udfff🙂").text == "\ufffd half \ufffd🙂"


def test_a_text_too_long_for_a_link_stays_out_of_it_and_is_undone() -> None:
    long, other = "Long. " * 400, "猫" * 700
    for text in (long, other):
        assert not fits_link(text)
        values = STORE.pack(TextState(text=text))
        assert values["own_text"] == text
        link = STORE.schema.write({name: values[name] for name in STORE.schema.fields})
        assert STORE.read(link) == TextState()
    app = visit(text=long)
    put(app, text="Short.")
    with session_of(app):
        STORE.undo()
    assert state_of(app).text == long
    assert fits_link(LONG)


def test_looking_around_never_runs_the_model_again(monkeypatch: pytest.MonkeyPatch) -> None:
    import core.encoder

    calls: list[TextInterventions] = []
    original = core.encoder.forward

    def counted(
        model: TextEncoder, tokens: Tokens, interventions: TextInterventions
    ) -> TextAttention:
        calls.append(interventions)
        return original(model, tokens, interventions)

    monkeypatch.setattr(core.encoder, "forward", counted)
    app = visit(text="Nobody has seen this sentence yet.")
    for state in ({"layer": 6, "head": 1}, {"mean": True}, {"by_piece": True}, {"lines": True}):
        put(app, **state)
    for view in VIEWS:
        put(app, view=view)
    assert calls == [TextInterventions()]
    put(app, view=HEADS, test=DROP_HEAD)
    put(app, view=ROLE)
    put(app, view=HEADS)
    assert len(calls) == 2


def test_ten_readers_at_once_get_their_own_results(model: TextEncoder) -> None:
    texts = [f"Reader {number} writes about {word}." for number, word in enumerate(
        ("food", "sport", "rain", "trains", "bees", "music", "law", "glass", "sleep", "salt")
    )]  # fmt: skip
    st.cache_resource.clear()

    def read(text: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return encoder.read(text).attention.embedding, encoder.without_each_word(text)

    with ThreadPoolExecutor(10) as pool:
        found = list(pool.map(read, texts))
    for text, (embedding, left_out) in zip(texts, found, strict=True):
        np.testing.assert_allclose(embedding, run_model(model, text).embedding, atol=1e-5)
        np.testing.assert_allclose(
            left_out, np.concatenate([*leave_one_out(model, tokenise(text))]), atol=1e-5
        )


def test_shared_results_cannot_be_changed() -> None:
    for array in (
        encoder.read(TEXT).attention.weights,
        encoder.embedding_with(TEXT, TextInterventions()),
        encoder.word_weights(TEXT, hide_special=False),
        encoder.without_each_word(TEXT),
        encoder.embed_sentences(("a", "b")),
    ):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 0


def test_captions_hold_no_raw_brackets(app: AppTest) -> None:
    """A name such as [CLS] is text in Markdown only behind a backslash."""
    for view in VIEWS:
        put(app, view=view)
        assert not re.search(r"(?<!\\)\[", captions(app))
