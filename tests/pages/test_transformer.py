"""The Transformer page: every model opened, blocks switched off, two models side by side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from core.anatomy import DECODER, FEED_FORWARD, SELF, Place
from core.packing import PackingError
from core.translation import Interventions
from core.translator import translate
from pages._shared import encoder, transformer_runs, translation
from pages._shared.block_choice import BlockChoice
from pages._shared.block_formula import formula_of
from pages._shared.block_program import row_of
from pages._shared.transformer_choice import (
    COMPARED,
    DRAWING,
    FIRST_SENTENCE,
    MOST_CHARACTERS,
    SIZES,
    STREAM,
    TransformerState,
    in_order,
)
from pages._shared.transformer_compare import facts_table, rows_of
from pages._shared.transformer_controls import examples_of, problem_of, unknown_note
from pages._shared.transformer_models import (
    DIGITS,
    FIRST_BLOCKS,
    GPT,
    LAYOUTS,
    MODELS,
    OF_TEXT,
    TEXT_ENCODER,
    TRANSLATOR,
    VISION,
)
from pages._shared.transformer_scene import scene_of, see
from pages._shared.transformer_state import STORE
from pages._shared.transformer_work import take_about
from tests.pages.app import html, open_in, open_page, session_of

FILE = "pages/transformer.py"
every_model = pytest.mark.parametrize("model", MODELS)


@every_model
def test_what_a_link_knows_of_a_model_is_so(model: str) -> None:
    anatomy = transformer_runs.anatomy_of(model)
    assert tuple(block.place for block in anatomy.writers) == LAYOUTS[model].writers
    assert anatomy.n_heads == LAYOUTS[model].n_heads
    assert anatomy.block(FIRST_BLOCKS[model])


@every_model
def test_every_block_of_every_model_opens(model: str) -> None:
    state = TransformerState().with_model(model)
    scene = see(state)
    for block in scene.anatomy.blocks:
        shown = see(replace(state, block=BlockChoice(*block.place)))
        assert shown.block == block
        for tensor in shown.tensors:
            assert np.isfinite(tensor.values[~np.isneginf(tensor.values)]).all()


@every_model
def test_a_program_has_the_row_that_the_model_computed(model: str) -> None:
    state = TransformerState().with_model(model)
    for block in see(state).anatomy.blocks:
        shown = see(replace(state, block=BlockChoice(*block.place, head=1, query=2)))
        if not shown.tensors:
            continue
        made = row_of(shown.tensors, shown.state.block)
        namespace = {**made.inputs, "np": np}
        exec(made.numpy, namespace)
        np.testing.assert_allclose(namespace["row"], made.row, atol=2e-5)


def test_a_block_that_is_off_changes_what_is_opened_and_what_is_said() -> None:
    place = Place(DECODER, 0, FEED_FORWARD)
    state = replace(TransformerState(), off=(place,), block=BlockChoice(*place))
    scene = see(state)
    words = state.english_words
    changed = translate(
        translation.load_model(), words, Interventions(off=frozenset({tuple(place)}))
    )
    assert scene.translation().words == changed.words
    assert scene.translation(changed=False).words != changed.words
    written = next(one.values for one in scene.tensors if one.name == "written")
    assert not written.any()


@pytest.mark.parametrize("model", [TEXT_ENCODER, GPT, DIGITS, VISION])
def test_every_model_answers_otherwise_with_a_block_off(model: str) -> None:
    state = TransformerState().with_model(model)
    first = LAYOUTS[model].writers[0]
    scene = see(state.switched(first, off=True))
    assert scene.off == (first,)
    if model == TEXT_ENCODER:
        cosine = float(scene.answer().split()[-1])
        assert -1 <= cosine < 0.999
    else:
        assert scene.probabilities() != scene.probabilities(changed=False) or model == VISION
    assert scene.answer(changed=False) == see(state).answer()


def test_an_answer_that_stays_is_said_to_stay() -> None:
    crosses = tuple(Place(DECODER, layer, "cross") for layer in range(2))
    for off, stays in ((crosses[1:], True), (crosses, False)):
        said = "".join(html(open_in(STORE, replace(TransformerState(), off=off))))
        assert ("</b> (the same)" in said) == stays


def test_what_is_taken_along_of_sizes_names_no_text() -> None:
    for view, named in ((SIZES, False), (DRAWING, True)):
        with session_of(open_in(STORE, replace(TransformerState(), view=view))):
            assert (FIRST_SENTENCE in take_about().state) == named


def test_blocks_stand_in_the_order_in_which_they_run() -> None:
    writers = LAYOUTS[TRANSLATOR].writers
    assert in_order(TRANSLATOR, {*writers[::-1]}) == writers
    state = TransformerState().switched(writers[3], off=True).switched(writers[0], off=True)
    assert state.off == (writers[0], writers[3])
    assert state.switched(writers[0], off=False).off == (writers[3],)


def test_another_model_starts_whole() -> None:
    state = TransformerState().switched(Place(DECODER, 1, SELF), off=True).with_model(GPT)
    assert (state.model, state.off) == (GPT, ())
    assert state.block.place == FIRST_BLOCKS[GPT]
    assert state.with_model(state.other).beside == GPT


def test_no_model_is_compared_with_itself() -> None:
    for model in MODELS:
        assert replace(TransformerState(), model=model, other=model).beside != model


def test_facts_are_read_off_the_models() -> None:
    rows = {model: rows_of(transformer_runs.anatomy_of(model)) for model in MODELS}
    assert rows[TRANSLATOR]["Normalisation"] == "before each block, and once at the end"
    assert rows[TEXT_ENCODER]["Normalisation"] == "after each addition"
    assert [rows[model]["Class token"] for model in (VISION, DIGITS, GPT)] == ["yes", "yes", "no"]
    assert rows[GPT]["Mask"] == "no token reads a later one"
    assert rows[VISION]["Mask"] == "every token reads every token"
    assert rows[TRANSLATOR]["Cross-attention"] == "the decoder reads the encoder"
    assert rows[GPT]["Cross-attention"] == "none"
    n_encoder = sum(t.numel() for t in encoder.load_model().tensors.values())
    assert int(rows[TEXT_ENCODER]["Parameters"].replace(",", "")) > n_encoder


def test_the_table_says_what_is_the_same() -> None:
    state = TransformerState()
    table = facts_table((see(state), scene_of(state, GPT)))
    assert table.count("<td>same</td>") + table.count("<td>differs</td>") == len(
        rows_of(see(state).anatomy)
    )
    both = facts_table((see(state), see(state)))
    assert "<td>differs</td>" not in both


@pytest.mark.parametrize("model", OF_TEXT)
def test_examples_can_be_read(model: str) -> None:
    examples = examples_of(model)
    assert len(examples) > 1
    for text in examples:
        assert len(text) <= MOST_CHARACTERS
        assert not problem_of(model, text)


def test_what_cannot_be_read_is_said() -> None:
    assert problem_of(TRANSLATOR, "  ").startswith("There is no word")
    assert "positions for 39" in problem_of(TRANSLATOR, "a " * 60)
    assert "positions for 63" in problem_of(GPT, "a " * 80)
    assert not problem_of(TEXT_ENCODER, "a " * 80)


@pytest.mark.parametrize(("model", "most"), [(TRANSLATOR, 39), (GPT, 63)])
def test_as_many_words_as_there_are_positions_can_be_read(model: str, most: int) -> None:
    assert not problem_of(model, "a " * most)
    assert problem_of(model, "a " * (most + 1))
    state = TransformerState().with_model(model).writing(" ".join("a" * most))
    assert see(state).answer()


@pytest.mark.parametrize(
    "change", [{"english": ""}, {"english": "a " * 60}, {"prompt": " "}, {"text": ""}]
)
def test_a_link_with_a_text_that_cannot_be_read_is_refused(change: dict[str, str]) -> None:
    values = STORE.pack(replace(TransformerState(), **change))
    with pytest.raises(PackingError, match="cannot be read"):
        STORE.unpack(values)


def test_a_mask_is_said_of_the_stack_that_has_it() -> None:
    masks = {
        model: rows_of(transformer_runs.anatomy_of(model))["Mask"]
        for model in (TRANSLATOR, GPT, DIGITS)
    }
    assert masks[TRANSLATOR] == "in the decoder no token reads a later one"
    assert masks[GPT] == "no token reads a later one"
    assert masks[DIGITS] == "every token reads every token"


def test_factors_of_layer_scale_are_in_the_formula() -> None:
    formulas = {
        model: [formula_of(scene.anatomy, block, ()) for block in scene.anatomy.writers]
        for model in (VISION, DIGITS)
        for scene in [see(TransformerState().with_model(model))]
    }
    assert all(r"x + \gamma \odot (" in formula for formula in formulas[VISION])
    assert not any(r"\gamma" in formula for formula in formulas[DIGITS])


def test_words_that_a_model_does_not_know_are_named_once() -> None:
    state = replace(TransformerState(), english="The zzyzx sees the zzyzx.")
    assert unknown_note(state).count("“zzyzx”") == 1
    assert not unknown_note(TransformerState())
    assert not unknown_note(TransformerState().with_model(TEXT_ENCODER))


def test_a_text_that_cannot_be_read_leaves_the_one_before() -> None:
    app = open_page(FILE).run()
    field = next(one for one in app.text_input if one.label == "An English sentence")
    field.set_value("   ").run()
    assert any("text before" in warning.value for warning in app.warning)
    with session_of(app):
        assert STORE.current.english == TransformerState().english


def test_markup_is_shown_as_it_was_typed() -> None:
    app = open_page(FILE).run()
    field = next(one for one in app.text_input if one.label == "An English sentence")
    field.set_value("The <b>cat</b> sat.").run()
    assert not app.exception
    assert "<b>cat</b>" not in "".join(html(app))


@pytest.mark.parametrize("view", [STREAM, COMPARED])
@every_model
def test_every_view_of_every_model_is_drawn(model: str, view: str) -> None:
    app = open_in(STORE, replace(TransformerState().with_model(model), view=view))
    assert not app.exception
