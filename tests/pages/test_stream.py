"""The view of the residual stream: its numbers, its sentences, and what is sent back."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from streamlit.proto.WidgetStates_pb2 import WidgetState
from streamlit.testing.v1 import AppTest

from core.anatomy import Place
from core.needed_blocks import Needs, Outcome, place_of
from core.packing import Schema
from core.residual_stream import NO_SUM
from pages._shared import stream_runs, stream_words
from pages._shared.stream_bars import read_switch
from pages._shared.stream_choice import StreamChoice, stream_codec
from pages._shared.stream_lens import read_cell
from pages._shared.stream_scene import shown_of
from pages._shared.stream_tables import lengths_table, lens_table
from pages._shared.stream_view import take_stream
from pages._shared.transformer_choice import STREAM, TransformerState
from pages._shared.transformer_models import (
    DIGITS,
    GPT,
    LAYOUTS,
    MODELS,
    TEXT_ENCODER,
    TRANSLATOR,
    VISION,
)
from pages._shared.transformer_scene import Scene, see
from pages._shared.transformer_state import STORE
from tests.pages.app import components, html, open_in

TIRED = "The animal did not cross the street because it was too tired."
NEGATION = Place("decoder", 0, "cross")


def state_of(model: str = TRANSLATOR, **fields: object) -> TransformerState:
    return replace(TransformerState().with_model(model), view=STREAM, **fields)


def part(app: AppTest, key: str) -> dict[str, Any]:
    """Return the data of the component with a key."""
    (data,) = (
        json.loads(element.proto.json)[0]
        for element in app.get("bidi_component")
        if f"-{key}" in element.proto.id
    )
    return dict(data)


def send(app: AppTest, key: str, event: str, value: object) -> AppTest:
    """Run as if a component had triggered an event."""
    (one,) = (e.proto for e in app.get("bidi_component") if f"-{key}" in e.proto.id)
    states = app._tree.get_widget_states()
    states.widgets.append(
        WidgetState(
            id=f"$$STREAMLIT_INTERNAL_KEY_{one.id}__events",
            json_trigger_value=json.dumps([{"event": event, "value": value}]),
        )
    )
    app._run(states)
    assert not app.exception
    return app


def kept(app: AppTest) -> TransformerState:
    state: TransformerState = app.session_state["transformer.page"].state
    return state


@pytest.mark.parametrize(
    "choice", [StreamChoice(), StreamChoice(7, 3, "encoder"), StreamChoice(1099, 25)]
)
def test_a_choice_comes_back_from_a_link(choice: StreamChoice) -> None:
    schema = Schema(version=1, fields={"stream": stream_codec()})
    assert schema.read(schema.write({"stream": choice})) == {"stream": choice}


def test_a_choice_that_a_model_does_not_have_is_the_nearest() -> None:
    assert StreamChoice(50, 40).within(10, 7, 1) == StreamChoice(9, 6)
    assert StreamChoice(3, 2).within(10, 7, 1) == StreamChoice(3, 2)
    assert StreamChoice().within(10, 7, 4) == StreamChoice(4, 6)


def test_only_cells_and_blocks_of_what_is_shown_are_heard() -> None:
    cell = {"version": "v", "row": 1, "column": 2}
    assert read_cell(cell, "v", (2, 3)) == (1, 2)
    for wrong in ({"row": 2}, {"column": 3}, {"row": True}, {"row": -1}, {"version": "w"}):
        assert read_cell(cell | wrong, "v", (2, 3)) is None
    assert read_cell("row", "v", (2, 3)) is None
    press = {"version": "v", "id": "a", "off": True}
    assert read_switch(press, "v", {"a"}) == ("a", True)
    for wrong in ({"id": "b"}, {"id": 1}, {"off": 1}, {"version": "w"}):
        assert read_switch(press | wrong, "v", {"a"}) is None


def test_stacks_and_rows_are_those_of_the_models() -> None:
    assert stream_runs.stacks_of(TRANSLATOR) == ("decoder", "encoder")
    assert [stream_runs.stacks_of(model) for model in MODELS[1:]] == [
        ("encoder",),
        ("encoder",),
        ("encoder",),
        ("decoder",),
    ]
    for model in (TRANSLATOR, TEXT_ENCODER, DIGITS, GPT):
        shown = shown_of(see(state_of(model)))
        places = LAYOUTS[model].writers
        stack = stream_runs.stacks_of(model)[0]
        assert shown.stream.places == tuple(place for place in places if place.stack == stack)
        assert (shown.lens is None) == (model == TEXT_ENCODER)


@pytest.fixture(scope="module")
def tired() -> Scene:
    return see(state_of(english=TIRED))


def test_the_lens_follows_the_words_of_the_translation(tired: Scene) -> None:
    lens = stream_runs.lens_of(tired.given)
    assert lens is not None
    assert lens.answers == tired.translation().words
    table = lens_table(lens, tired, by_word=True)
    assert table.columns == lens.answers
    assert table.above[:2] == ("(start) →", f"{lens.answers[0]} →")
    assert table.words[-1] == lens.answers
    np.testing.assert_allclose(table.values[-1], tired.translation().probabilities, atol=1e-5)


def test_the_lens_of_a_classifier_has_a_column_for_each_class() -> None:
    scene = see(state_of(DIGITS))
    lens = stream_runs.lens_of(scene.given)
    assert lens is not None
    table = lens_table(lens, scene, by_word=False)
    assert table.columns == tuple("0123456789")
    np.testing.assert_allclose(table.values.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(table.values[-1], scene.seen().probabilities, atol=1e-5)


def test_lengths_are_a_table_of_their_own(tired: Scene) -> None:
    stream = stream_runs.stream_of(tired.given, "encoder")
    table = lengths_table(stream)
    assert table.columns == (*tired.given.words, "(end)")
    assert table.rows[:2] == ("1 self-attention", "1 feed-forward")
    assert table.limit == stream.written.max()


def test_what_this_sentence_needed(tired: Scene) -> None:
    needs = stream_runs.needs_of(tired.given)
    assert {place_of(one) for one in needs.without} == set(LAYOUTS[TRANSLATOR].writers)
    said = stream_words.needs_sentence(TRANSLATOR, needs, with_stack=True)
    most, least = (place_of(needs.ranked[at]) for at in (0, -1))
    assert said.index(stream_words.block_phrase(most)) < said.index("most")
    assert said.index(stream_words.block_phrase(least)) < said.index("least")
    assert f"The answer changes in {len(needs.changed)} of 10 cases." in said
    lost = next(one for one in needs.without if place_of(one) == NEGATION)
    assert "n'" not in stream_words.answer_text(TRANSLATOR, lost)


def test_sentences_by_hand() -> None:
    places = [Place("encoder", layer, "self") for layer in range(2)]
    before = Outcome(frozenset(), np.log(0.9), ("le", "chat", "(end)"))
    needs = Needs(
        before,
        (
            Outcome(frozenset({places[0]}), np.log(0.9), before.answer),
            Outcome(frozenset({places[1]}), np.log(0.25), ("le", "(end)")),
        ),
    )
    assert stream_words.needs_sentence(TRANSLATOR, needs, with_stack=True) == (
        "This sentence needed the encoder's self-attention in layer 2 most: without it the "
        "probability of a word of the translation (the geometric mean) is 0.25 instead of 0.90. "
        "It needed the encoder's self-attention in layer 1 least: 0.90 without it. The answer "
        "changes in 1 of 2 cases."
    )
    assert stream_words.off_sentence(TRANSLATOR, before, needs.without[1], places[1:]) == (
        "Without the encoder's self-attention in layer 2: probability of a word of the translation "
        "0.25 instead of 0.90; now “Le”."
    )
    assert stream_words.off_sentence(TRANSLATOR, before, needs.without[0], places[:1]).endswith(
        "0.90 instead of 0.90, and the same answer."
    )


def test_with_every_block_off_nothing_is_said_to_be_written() -> None:
    scene = see(state_of(GPT))
    scene = see(replace(scene.state, off=tuple(one.place for one in scene.anatomy.writers)))
    shown = shown_of(scene)
    assert stream_words.stream_sentence(shown.stream, 0).endswith("no block writes anything.")
    assert shown.attribution is not None
    said = stream_words.attribution_sentence(shown.attribution, 0, 9)
    assert "all 9; all rows of the column add up to it." in said


def test_a_model_without_a_sum_says_so() -> None:
    app = open_in(STORE, state_of(TEXT_ENCODER))
    bars = part(app, "transformer.stream.bars")
    assert NO_SUM in bars["text"]
    assert len(bars["columns"]) == 1
    assert len(part(app, "transformer.stream.lengths")["rows"]) == 12


def test_the_view_shows_the_numbers_of_the_models() -> None:
    state = state_of(english=TIRED, stream=StreamChoice(row=2, depth=4))
    scene = see(state)
    shown = shown_of(scene)
    app = open_in(STORE, state)
    bars, lens = (part(app, f"transformer.stream.{name}") for name in ("bars", "lens"))
    assert lens["chosen"] == [4, 2]
    assert lens["words"][-1] == list(scene.translation().words)
    assert shown.lens is not None
    assert shown.attribution is not None
    assert stream_words.reading_sentence(shown.lens, 4, 2) in lens["text"]
    lengths, parts = (column["values"] for column in bars["columns"])
    np.testing.assert_allclose(lengths[1:-1], shown.stream.written[:, 2], atol=1e-5)
    np.testing.assert_allclose(sum(parts), shown.attribution.logits[2], atol=1e-3)
    needs = part(app, "transformer.stream.needs")
    values = needs["columns"][0]["values"]
    assert values[0] is None
    assert values[1:] == sorted(values[1:], reverse=True)
    assert len(needs["rows"]) == 11


def test_a_cell_that_is_chosen_is_kept_and_so_is_a_switch() -> None:
    app = open_in(STORE, state_of(english=TIRED))
    lens = part(app, "transformer.stream.lens")
    send(
        app,
        "transformer.stream.lens",
        "choice",
        {"version": lens["version"], "row": 3, "column": 5},
    )
    assert (kept(app).stream.row, kept(app).stream.depth) == (5, 3)
    bars = part(app, "transformer.stream.bars")
    chosen = see(kept(app)).translation().words[5]
    assert bars["title"] == f"What every block writes at “{chosen}”"
    pressed = {"version": bars["version"], "id": NEGATION.id, "off": True}
    send(app, "transformer.stream.bars", "switch", pressed)
    assert kept(app).off == (NEGATION,)
    bars = part(app, "transformer.stream.bars")
    (row,) = (row for row in bars["rows"] if row["id"] == NEGATION.id)
    assert row["off"]
    said = next(body for body in html(app) if "Without the decoder" in body)
    assert "pas traversé" not in said
    needs = part(app, "transformer.stream.needs")
    send(
        app,
        "transformer.stream.needs",
        "switch",
        {"version": needs["version"], "id": NEGATION.id, "off": False},
    )
    assert kept(app).off == ()


def test_the_encoders_stream_of_the_translator() -> None:
    app = open_in(STORE, state_of())
    app.button_group(key="transformer.stream.stack").set_value("encoder").run()
    assert not app.exception
    assert kept(app).stream.stack == "encoder"
    assert not [data for name, data in components(app) if data.get("above")]
    assert len(part(app, "transformer.stream.lengths")["rows"]) == 4


def test_blocks_of_the_large_model_go_off_one_by_one_when_asked() -> None:
    app = open_in(STORE, state_of(VISION))
    names = [name for name, _ in components(app)]
    assert names.count("stream_bars") == 1
    assert part(app, "transformer.stream.map")["maps"][0]["shape"][0] == 24
    send(app, "transformer.stream.sweep", "act", {"act": "start", "serial": 0})
    send(app, "transformer.stream.sweep", "act", {"act": "tick", "serial": 1})
    send(app, "transformer.stream.sweep", "act", {"act": "stop", "serial": 2})
    needs = part(app, "transformer.stream.needs")
    assert 2 <= len(needs["rows"]) < 25
    assert needs["columns"][0]["name"].endswith("lost without the block, of 1.000")
    assert all(value > 0 for value in needs["columns"][0]["values"][1:])


def test_all_that_is_drawn_can_be_taken_along(tired: Scene) -> None:
    arrays = take_stream(tired)
    assert set(arrays) == {
        "written_length",
        "stream_length_before",
        "stream_length_after",
        "cosine_with_stream",
        "share_of_last_vector",
        "lens_probability",
        "lens_rank",
        "logit_parts",
        "without_block",
    }
    for name, table in arrays.items():
        sizes = tuple(len(axis.labels) for axis in table.axes)
        assert table.values.shape == sizes, name
    assert "share_of_last_vector" not in take_stream(see(state_of(TEXT_ENCODER)))
