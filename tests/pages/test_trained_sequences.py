"""Trained models on the page of self- and cross-attention: who asks, and what is dropped."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from core.bilingual import join_french, tokenise_english
from core.translation import Interventions, Part
from core.translator import translate
from pages._shared import encoder, translation
from pages._shared.packed_weights import pack_weights
from pages._shared.self_cross import CROSS as TOY_CROSS
from pages._shared.self_cross import TRAINED, start_state
from pages._shared.self_cross_state import STORE
from pages._shared.trained_choice import LONGEST
from pages._shared.trained_sequences import (
    CAUSAL,
    CROSS,
    KINDS,
    SELF,
    SENTENCE,
    EncoderScene,
    TrainedSequences,
    TranslatorScene,
    see,
)
from pages._shared.trained_sequences_work import work_of
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
from tests.pages.programs import code_in, run_notebooks, run_programs

pytestmark = pytest.mark.slow
FILE, NAME = "pages/self_vs_cross.py", "self_vs_cross"
HOSTILE = {
    "": "no word",
    "[MASK] zebra <b>bold</b>": "does not know “[”",
    "سلام 😀 **x**": "does not know",
    "!" * 10_000: "",
    "a\x00b the cat": "",
}


def open_with(**changes: Any) -> AppTest:  # noqa: ANN401
    return open_in(STORE, replace(start_state(), trained=TrainedSequences(on=True, **changes)))


def current(app: AppTest) -> TrainedSequences:
    with session_of(app):
        return STORE.current.trained


def said(app: AppTest) -> list[str]:
    (body,) = (one for one in html(app) if one.startswith("<div class='sum' role='status'>"))
    return read_html(body).texts["said"]


def test_nothing_of_it_is_drawn_or_computed_before_it_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(encoder, "read", None)
    monkeypatch.setattr(translation, "translate", None)
    app = open_page(FILE).run()
    assert not app.exception
    assert not {"head_grid", "attention_map"} & {name for name, _ in components(app)}


def test_the_choice_shows_the_trained_models_and_the_toy_comes_back_as_it_was() -> None:
    app = open_page(FILE).run()
    toy = component(app, "matrix_board")["items"]
    press(app, f"{NAME}.kind", TRAINED)
    assert current(app).on
    assert component(app, "attention_map")["title"] == "Cross-attention"
    assert tools(app)["note"] == ""
    press(app, f"{NAME}.kind", TOY_CROSS)
    assert component(app, "matrix_board")["items"] == toy


@pytest.mark.parametrize("kind", KINDS)
def test_who_asks_and_who_is_asked_with_live_shapes(kind: str) -> None:
    app = open_with(kind=kind, mean=False, layer=0, head=1)
    shown, drawing = component(app, "attention_map"), component(app, "who_asks")
    words = tokenise_english(SENTENCE)
    french = translate(translation.load_model(), words)
    pieces = encoder.cut(SENTENCE)
    queries, keys, weights, sizes = {
        SELF: (
            [*pieces.labels()],
            [*pieces.labels()],
            encoder.word_weights(SENTENCE, hide_special=False)[0, 1],
            (len(pieces), len(pieces), 384),
        ),
        CAUSAL: (
            [*french.words],
            [*french.inputs],
            french.decoder_weights[0, 1],
            (len(french.words), len(french.words), 128),
        ),
        CROSS: (
            [*french.words],
            [*french.source],
            french.cross_weights[0, 1],
            (len(french.words), len(french.source), 128),
        ),
    }[kind]
    assert (shown["queries"], shown["keys"]) == (queries, keys)
    assert shown["weights"] == pack_weights(weights)
    (stage,) = drawing["stages"]
    n_query, n_key, d_model = sizes
    assert stage["target"]["shape"] == [[n_query, "target"], [d_model, ""]]
    side = "source" if kind == CROSS else "target"
    assert [one["shape"][0] for one in stage["projected"]] == [
        [n_query, "target"], [n_key, side], [n_key, side],
    ]  # fmt: skip
    assert {one["shape"][1][0] for one in stage["projected"]} == {32}
    assert ("source" in stage) == (kind == CROSS)
    assert stage["weights"]["note"] == ("causal" if kind == CAUSAL else "")


def test_a_causal_row_reads_nothing_that_is_not_written_yet() -> None:
    scene = see(TrainedSequences(kind=CAUSAL))
    assert isinstance(scene, TranslatorScene)
    assert np.triu(scene.weights, k=1).max() == 0
    assert scene.reading.key <= scene.reading.query


def test_dropped_heads_belong_to_their_attention_and_their_effect_is_said() -> None:
    app = open_with(kind=CROSS)
    for layer, head in np.ndindex(2, 4):
        view = component(app, "head_grid")["view"]
        trigger(app, "head_grid", "drop", {"view": view, "layer": layer, "head": head, "on": True})
    assert len(current(app).dropped) == 8
    part: Part = "cross"
    heads = frozenset((part, layer, head) for layer in range(2) for head in range(4))
    without = translate(
        translation.load_model(), tokenise_english(SENTENCE), Interventions(dropped_heads=heads)
    )
    assert said(app)[1] == (
        f"Without 8 heads of 2 layers of this attention it writes “{join_french(without.french)}”."
    )
    press(app, f"{NAME}.trained.kind", SELF)
    assert not current(app).dropped
    view = component(app, "head_grid")["view"]
    trigger(app, "head_grid", "drop", {"view": view, "layer": 5, "head": 11, "on": True})
    assert said(app)[1].startswith("Without head 12 of layer 6 the embedding of the text keeps")


def test_layer_head_and_cell_are_chosen_and_kept_within_the_model() -> None:
    app = open_with(kind=SELF, layer=5, head=11, mean=False, query=10, key=2)
    assert component(app, "attention_map")["title"] == "Head 12 of layer 6"
    assert component(app, "attention_map")["chosen"] == [10, 2]
    press(app, f"{NAME}.trained.kind", CROSS)
    assert component(app, "attention_map")["note"] == "layer 2, head 4"
    shown = component(app, "attention_map")
    choice = {"version": shown["version"], "matrix": "weights", "row": 3, "column": 4}
    trigger(app, "attention_map", "choice", choice)
    assert component(app, "attention_lines")["chosen"] == [3, 4]
    view = component(app, "head_grid")["view"]
    trigger(app, "head_grid", "choice", {"view": view, "layer": 0, "head": 0})
    assert component(app, "attention_map")["note"] == "layer 1, head 1"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("typed", HOSTILE)
def test_hostile_text_gives_a_clear_word_and_no_crash(kind: str, typed: str) -> None:
    app = open_with(kind=kind)
    named(app.text_input, f"{NAME}.trained.text").set_value(typed).run()
    assert not app.exception
    state = current(app)
    assert len(state.text) <= LONGEST
    notices = [one for one in html(app) if one.startswith("<p class='notice'")]
    if kind != SELF or typed == "":
        assert any(HOSTILE[typed] in one for one in notices) or not HOSTILE[typed]
    if typed.startswith("!") and kind != SELF:
        assert "at most 39" in notices[0]
    assert not any("<b>" in one for one in html(app))
    assert STORE.read(tools(app)["link"]).trained == state


@pytest.mark.parametrize("mean", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_programs_and_notebook_print_what_is_on_the_map(kind: str, mean: bool) -> None:
    state = TrainedSequences(on=True, kind=kind, layer=1, head=1, mean=mean, query=3, key=2)
    scene = see(state)
    work = work_of(scene)
    assert work.numpy is not None
    assert work.torch is not None
    assert work.lines()
    assert all(callable(function) for function in work.functions())
    for run in run_programs([work.numpy(), work.torch()]):
        assert "reads" in run.printed
    app, files = open_in(STORE, replace(start_state(), trained=state)), {}
    for what in ("notebook", "npz"):
        files[what] = base64.b64decode(
            ask(app, {"id": what, "what": what, "address": ""})["file"]["content"]
        )
    (run,) = run_notebooks([code_in(files["notebook"].decode())])
    with np.load(io.BytesIO(files["npz"])) as arrays:
        printed = run.printed.partition("row\n[")[2].partition("]")[0].split()
        np.testing.assert_allclose(np.array(printed, float), arrays["row"], atol=1e-4)
        assert len([name for name in arrays if name.startswith("weights_layer_")]) == (
            6 if isinstance(scene, EncoderScene) else 2
        )
