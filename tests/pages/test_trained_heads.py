"""The trained encoder's heads on the page of several heads, with every choice and hostile text."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.encoder import TextInterventions, forward
from core.head_roles import ROLES
from pages._shared import encoder
from pages._shared.encoder_roles import OWN, PATTERNS, PREVIOUS, clear_heads
from pages._shared.multi_head_cut import QUERIES, TRAINED, MultiHeadState
from pages._shared.multi_head_state import STORE
from pages._shared.packed_weights import pack_cells, pack_weights
from pages._shared.trained_choice import LONGEST, clean
from pages._shared.trained_heads import (
    BY_EFFECT,
    ORDERS,
    SENTENCE,
    TrainedHeads,
    effects,
    see,
)
from pages._shared.trained_heads_work import work_of
from tests.pages.app import (
    ask,
    component,
    components,
    html,
    named,
    open_in,
    open_page,
    press,
    session_of,
    tools,
    trigger,
)
from tests.pages.html_reader import read_html
from tests.pages.programs import run_programs

pytestmark = pytest.mark.slow
FILE, NAME = "pages/multi_head.py", "multi_head"
HOSTILE = {
    "": "There is no word here.",
    "[MASK] it": "“[MASK]” is plain text here",
    "ࠀ": "cannot spell",
    "<b>bold</b> & \x00 nul": "",
    "سلام 😀 **x** $y$": "",
    "a" * 10_000: "",
    "word " * 2_000: "",
}


def open_with(**changes: Any) -> AppTest:  # noqa: ANN401
    trained = TrainedHeads(on=True, **changes)
    return open_in(STORE, replace(MultiHeadState.load(), trained=trained))


def current(app: AppTest) -> TrainedHeads:
    with session_of(app):
        return STORE.current.trained


def said(app: AppTest) -> list[str]:
    (body,) = (one for one in html(app) if one.startswith("<div class='sum' role='status'>"))
    return read_html(body).texts["said"]


def test_nothing_of_it_is_drawn_or_computed_before_it_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoder, "read", None)
    app = open_page(FILE).run()
    assert not app.exception
    assert not {"head_grid", "attention_map"} & {name for name, _ in components(app)}


def test_the_choice_shows_all_heads_and_the_toy_comes_back_as_it_was() -> None:
    app = open_page(FILE).run()
    toy = component(app, "matrix_board")["items"]
    press(app, f"{NAME}.part", TRAINED)
    grid, shown = component(app, "head_grid"), component(app, "attention_map")
    scene = see(TrainedHeads(on=True))
    assert grid["shape"][:2] == [6, 12]
    assert shown["weights"] == pack_weights(scene.weights[0, 2])
    assert shown["queries"] == ["[CLS]", *(word.text for word in scene.tokens.words), "[SEP]"]
    assert [tuple(head) for head in grid["marks"]] == clear_heads(scene.masses)
    assert said(app)[0].startswith("Head 3 of layer 1 has a role on this text: it gives the word")
    assert tools(app)["note"] == ""
    press(app, f"{NAME}.part", QUERIES)
    assert component(app, "matrix_board")["items"] == toy


def test_the_roles_are_measured_on_the_reader_s_own_sentence() -> None:
    app = open_with()
    captions = {tuple(head): caption for *head, caption in component(app, "head_grid")["captions"]}
    named(app.text_input, f"{NAME}.trained.text").set_value("Dogs bark.").run()
    assert current(app).text == "Dogs bark."
    masses = encoder.roles("Dogs bark.")
    fresh = {tuple(head) for *head, _ in component(app, "head_grid")["captions"]}
    assert fresh == set(clear_heads(masses)) != set(captions)


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_ranks_all_heads(order: str) -> None:
    app = open_with(order=order, painted=frozenset({(3, 1), (99, 99)}))
    ranking = component(app, "head_grid")["ranking"]
    if order == ORDERS[0]:
        assert ranking is None
        return
    assert len({(layer, head) for layer, head, _ in ranking}) == 72
    scores = [score for *_, score in ranking]
    assert scores == sorted(scores, reverse=True)
    if order in PATTERNS:
        cells = see(current(app)).pattern
        assert component(app, "attention_map")["painted"] == pack_cells(cells)
    if order == PREVIOUS:  # what is painted is the role, so the ranking is the role's
        mass = encoder.roles(SENTENCE).mass[ROLES.index("previous word")]
        of_role = [mass[layer, head] for layer, head, _ in ranking[:3]]
        assert of_role == pytest.approx(scores[:3], abs=1e-4)


def test_what_the_reader_paints_is_looked_for() -> None:
    app = open_with()
    shown = component(app, "attention_map")
    cells = np.zeros((len(shown["queries"]),) * 2, np.bool_)
    cells[[4, 8], 2] = True
    trigger(
        app, "attention_map", "paint", {"version": shown["version"], "cells": pack_cells(cells)}
    )
    assert not app.exception
    state = current(app)
    assert state.painted == {(4, 2), (8, 2)}
    assert state.order == OWN == app.button_group(key=f"{NAME}.trained.order").value
    best = component(app, "head_grid")["ranking"][0]
    weights = see(state).weights[..., [4, 8], 2].mean(axis=-1)
    assert best[2] == pytest.approx(float(weights.max()), abs=1e-4)


def test_a_dropped_head_changes_what_is_said_and_can_be_taken_back() -> None:
    app = open_with()
    view = component(app, "head_grid")["view"]
    trigger(app, "head_grid", "drop", {"view": view, "layer": 5, "head": 11, "on": True})
    assert component(app, "head_grid")["dropped"] == [[5, 11]]
    whole = encoder.read(SENTENCE).attention
    without = forward(
        encoder.load_model(),
        encoder.cut(SENTENCE),
        TextInterventions(dropped_heads=frozenset({(5, 11)})),
    )
    cosine = float(whole.embedding @ without.embedding)
    assert f"keeps a cosine of {cosine:.4f} with what it was" in said(app)[1]
    change = np.linalg.norm(without.hidden[-1] - whole.hidden[-1], axis=1)
    share = change / np.linalg.norm(whole.hidden[-1], axis=1)
    # Every word of this sentence is one piece.
    np.testing.assert_allclose(see(current(app)).moved(), share[1:-1], rtol=1e-5)
    trigger(app, "head_grid", "drop", {"view": view, "layer": 5, "head": 11, "on": False})
    assert said(app)[1].startswith("A role says where a head reads, not what for")
    for wrong in ({"layer": 6}, {"head": -1}, {"on": 1}, {"view": "old"}):
        message = {"view": view, "layer": 0, "head": 0, "on": True, **wrong}
        trigger(app, "head_grid", "drop", message)
        assert not app.exception
        assert not current(app).dropped


def test_the_effect_of_each_head_is_that_of_dropping_it() -> None:
    """And heads with a role are not those that matter most: the page says so."""
    change = effects(SENTENCE)
    whole, model = encoder.read(SENTENCE).attention.embedding, encoder.load_model()
    for head in ((0, 2), (5, 11)):
        dropped = TextInterventions(dropped_heads=frozenset({head}))
        without = forward(model, encoder.cut(SENTENCE), dropped).embedding
        assert change[head] == pytest.approx(float(np.linalg.norm(whole - without)), abs=1e-6)
    text = component(open_with(order=BY_EFFECT), "head_grid")["text"]
    assert "Most: head 12 of layer 6" in text
    assert "Of the first 12, 0 have a clear role, of all 72 13." in text


def test_a_mean_says_that_it_is_one_and_a_chosen_head_ends_it() -> None:
    app = open_with(mean=True, layer=3)
    assert component(app, "attention_map")["title"] == "Mean of 12 heads of layer 4"
    view = component(app, "head_grid")["view"]
    trigger(app, "head_grid", "choice", {"view": view, "layer": 1, "head": 8})
    assert component(app, "attention_map")["title"] == "Head 9 of layer 2"
    assert not current(app).mean
    assert not app.toggle(key=f"{NAME}.trained.mean").value


@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_gives_a_clear_word_and_no_crash(typed: str) -> None:
    app = open_with()
    named(app.text_input, f"{NAME}.trained.text").set_value(typed).run()
    assert not app.exception
    state = current(app)
    assert len(state.text) <= LONGEST
    assert clean(state.text) == state.text
    notices = [one for one in html(app) if one.startswith("<p class='notice'")]
    assert any(HOSTILE[typed] in one for one in notices) or not HOSTILE[typed]
    assert not any("<b>" in one for one in html(app))
    link = tools(app)["link"]
    assert STORE.read(link).trained == state


@pytest.mark.parametrize("mean", [False, True])
def test_the_programs_print_the_weight_on_the_map(mean: bool) -> None:
    state = TrainedHeads(on=True, layer=1, head=8, mean=mean, query=3, key=4)
    scene = see(state)
    query, key = scene.cell
    work = work_of(scene)
    assert work.numpy is not None
    assert work.torch is not None
    for run in run_programs([work.numpy(), work.torch()]):
        lines = [
            line
            for line in run.printed.splitlines()
            if f"reads “{scene.shown.labels[key]}”" in line
        ]
        assert f"{scene.shown.weights[query, key]:.5f}"[:6] in lines[0]
    app = open_in(STORE, replace(MultiHeadState.load(), trained=state))
    press(app, f"{NAME}.trained.work", "In numbers")
    heading = f"The arithmetic behind “{scene.shown.labels[query]}” reading"
    assert sums_of(app).startswith(heading)
    names = [function.__name__ for function in work.functions()]
    assert names[:3] == ["forward", "scaled_dot_product_attention", "by_word"]


def sums_of(app: AppTest) -> str:
    bodies = [one for one in html(app) if one.startswith("<div class='sum'><h2>")]
    return read_html(bodies[0]).texts["h2"][0]


def test_the_files_hold_what_is_on_the_screen() -> None:
    app = open_with(order=PREVIOUS, dropped=frozenset({(5, 11)}))
    reply = ask(app, {"id": "npz", "what": "npz", "address": ""})
    with np.load(io.BytesIO(base64.b64decode(reply["file"]["content"]))) as arrays:
        scene = see(current(app))
        np.testing.assert_array_equal(arrays["weights_layer_1"], scene.weights[0])
        np.testing.assert_array_equal(arrays["roles"], scene.masses.mass)
        np.testing.assert_array_equal(arrays["fit_to_pattern"], scene.ranking.mass)
        assert arrays["moved_by_dropping"].shape == (len(scene.tokens.words), 1)
        assert SENTENCE in json.loads(str(arrays["about"]))["state"]


def test_a_class_without_controls_sees_the_heads() -> None:
    app = open_page(FILE)
    app.query_params["s"] = STORE.schema.write(
        {
            name: value
            for name, value in STORE.pack(
                replace(MultiHeadState.load(), trained=TrainedHeads(on=True))
            ).items()
            if name in STORE.schema.fields
        }
    )
    app.query_params["hide"] = "controls"
    app.run()
    assert not app.exception
    assert component(app, "head_grid")
    assert not [one for one in app.text_input if f"{NAME}.trained" in str(one.key)]
