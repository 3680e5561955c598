"""The sizes of Transformers: the choice, what is drawn and said of it, and what it gives along."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.codecs import PackingError
from core.known_models import KNOWN_MODELS, TRANSFORMER_BASE, VIT_B
from core.model_sizes import count_memory, count_model, count_pass, count_step, even_length
from core.packing import Schema
from pages._shared import size_charts, size_tables, size_words
from pages._shared.files import About, csv_zip
from pages._shared.size_choice import (
    BYTES,
    HEADS,
    LEAST_WORDS,
    LENGTHS,
    MOST_LAYERS,
    MOST_WORDS,
    PRECISIONS,
    PRESETS,
    TIMES,
    WIDTHS,
    SizesChoice,
    from_preset,
    heads_for,
    is_as_known,
    known,
    shape_of,
    sizes_codec,
    widgets,
    with_width,
)
from pages._shared.size_view import take_sizes
from pages._shared.size_work import numpy_program, sizes_work, torch_program
from tests.pages.app import captions, html, named, spoken
from tests.pages.programs import run_programs

GPT_2, BERT, DIGITS = "GPT-2 small", "BERT-base (uncased)", "The lab's model for digits"
SCHEMA = Schema(1, {"sizes": sizes_codec()})

ABOUT = (
    size_words.about_parameters,
    size_words.about_operations,
    size_words.about_crossing,
    size_words.about_memory,
    size_words.about_step,
    size_words.about_heads,
    size_words.about_positions,
)


def choices() -> st.SearchStrategy[SizesChoice]:
    def build(preset: str, d_model: int, n_words: int, **rest: Any) -> SizesChoice:  # noqa: ANN401
        choice = SizesChoice(preset, n_words=n_words if known(preset).words else 0, **rest)
        return with_width(choice, d_model)

    return st.builds(
        build,
        st.sampled_from(PRESETS),
        st.sampled_from(WIDTHS),
        st.integers(LEAST_WORDS, MOST_WORDS),
        n_heads=st.sampled_from(HEADS),
        n_layers=st.integers(1, MOST_LAYERS),
        times=st.sampled_from(TIMES),
        length=st.sampled_from(LENGTHS),
        precision=st.sampled_from(PRECISIONS),
    )


# ---- the choice


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_is_the_known_model(preset: str) -> None:
    choice = from_preset(preset)
    assert shape_of(choice) == known(preset).shape
    assert is_as_known(choice)
    assert choice.d_model in WIDTHS
    assert choice.length in LENGTHS
    assert choice.n_heads in heads_for(choice.d_model)
    assert SCHEMA.read(SCHEMA.write({"sizes": choice})) == {"sizes": choice}


def test_the_choice_starts_with_the_labs_translator() -> None:
    assert SizesChoice() == from_preset(PRESETS[0])


@given(choices())
def test_links_give_the_choice_back(choice: SizesChoice) -> None:
    assert SCHEMA.read(SCHEMA.write({"sizes": choice})) == {"sizes": choice}
    assert shape_of(choice).d_model == choice.d_model


@pytest.mark.parametrize(
    "wrong",
    [
        replace(SizesChoice(), n_heads=3),
        replace(SizesChoice(), n_words=0),
        replace(from_preset(DIGITS), n_words=10),
    ],
)
def test_choices_that_no_link_holds(wrong: SizesChoice) -> None:
    with pytest.raises(PackingError):
        SCHEMA.write({"sizes": wrong})


def test_a_link_with_heads_that_do_not_divide_is_refused() -> None:
    digits = [(place, len(HEADS)) for place in range(len(HEADS))]
    good = list(sizes_codec().write(SizesChoice()))
    place = good.index((HEADS.index(4), len(HEADS)))
    left = iter([*good[:place], digits[HEADS.index(3)], *good[place + 1 :]])
    with pytest.raises(PackingError, match="3 is not a number of heads that divides 128"):
        sizes_codec().read(lambda radix: next(left)[0])


def test_another_width_takes_fewer_heads_where_it_must() -> None:
    assert with_width(from_preset(BERT), 512).n_heads == 8
    assert with_width(from_preset(BERT), 384).n_heads == 12


def test_what_a_change_changes() -> None:
    shape = shape_of(replace(from_preset(GPT_2), n_words=60_000, n_layers=3, times=2))
    assert (shape.n_words, shape.n_outputs) == (60_000, 60_000)
    assert (shape.encoder_layers, shape.decoder_layers, shape.d_hidden) == (0, 3, 1536)
    both = shape_of(replace(SizesChoice(), n_layers=5, n_words=5000))
    assert (both.encoder_layers, both.decoder_layers) == (5, 5)
    assert (both.n_words, both.n_target_words, both.n_outputs) == (5000, 1462, 1460)
    lab = shape_of(replace(from_preset("The lab's small GPT"), n_words=LEAST_WORDS))
    assert lab.n_outputs == LEAST_WORDS - 2


# ---- what is drawn and said


@given(choices())
def test_bars_add_up(choice: SizesChoice) -> None:
    shape, n = shape_of(choice), choice.length
    sums = [
        (size_words.parameter_bars(choice), count_model(shape).total),
        (size_words.operation_bars(choice), count_pass(shape, n).total),
        (size_words.memory_bars(choice), count_memory(shape, n).total * BYTES[choice.precision]),
    ]
    for bars, total in sums:
        assert sum(bar.value for bar in bars) == total
        frame = size_charts.bars_frame(bars)
        assert frame["long"].max() == 1
        assert set(frame["kind"]) <= {*size_charts.KINDS, size_words.REST}


def test_the_curve_marks_the_length_and_where_two_parts_cost_the_same() -> None:
    frame = size_charts.curve_frame(TRANSFORMER_BASE.shape, 32)
    (even,) = frame[frame.role == "even"].to_dict("records")
    assert even["tokens"] == pytest.approx(2048 * 12 / 18)
    assert even["text"] == "equal at 1,365.3"
    points = frame[frame.role == "point"]
    counted = count_pass(TRANSFORMER_BASE.shape, 32)
    assert list(points.operations) == [
        counted.projections,
        counted.feed_forward,
        counted.quadratic,
    ]
    low, high = size_charts.powers(TRANSFORMER_BASE.shape)
    lines = frame[frame.role == "line"]
    assert 10**low <= lines.operations.min() < lines.operations.max() <= 10**high
    assert set(frame[frame.tokens < 1000].side) == {"left"}


@given(choices())
def test_the_crossing_is_inside_of_the_picture(choice: SizesChoice) -> None:
    shape = shape_of(choice)
    assert size_charts.SHORTEST <= even_length(shape) <= size_charts.LONGEST
    values = [n for _, n in size_charts.line_values(shape, choice.length)]
    low, high = size_charts.powers(shape)
    assert all(10**low <= value <= 10**high for value in values)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (9_999, "9,999"),
        (10_000, "10 k"),
        (58_570, "58.6 k"),
        (999_999, "1 M"),
        (124_439_808, "124 M"),
        (174_604_259_328, "175 G"),
        (10**18, "1,000 P"),
    ],
)
def test_numbers_in_short(count: int, text: str) -> None:
    assert size_words.in_short(count) == text


def test_shares_in_percent() -> None:
    assert [size_words.percent(share) for share in (0, 1e-6, 0.004, 0.05, 0.0996, 0.456)] == [
        "0%",
        "<0.01%",
        "0.4%",
        "5%",
        "10%",
        "46%",
    ]


@given(choices())
def test_no_number_is_written_with_an_exponent(choice: SizesChoice) -> None:
    said = [about(choice) for about in ABOUT]
    bars = (size_words.parameter_bars, size_words.operation_bars, size_words.memory_bars)
    said += [text for make in bars for text in size_charts.bars_frame(make(choice)).said]
    assert not re.search(r"\de[+-]\d|nan|inf\b", " ".join(said))


def test_ratios() -> None:
    ratios = [size_words.in_times(ratio) for ratio in (1e-4, 0.0019, 0.33, 2.68, 112.3, 1e6)]
    assert ratios == [
        "less than 0.001 times",
        "0.0019 times",
        "0.33 times",
        "2.7 times",
        "112 times",
        "1,000,000 times",
    ]


def test_sentences_by_hand() -> None:
    choice = from_preset(BERT)
    said = size_words.about_parameters(choice)
    assert said.startswith("109,482,240 learned numbers. The feed-forward parts hold 2.00 times")
    assert "21% of all are embeddings" in said
    assert "3,072 tokens = d_hidden" in size_words.about_crossing(choice)
    # 4 n² d against 4 n d 3072 at n = 512
    assert "0.17 times the feed-forward parts" in size_words.about_crossing(choice)
    # 12 layers of 12 heads, 512 x 512 weights of 4 bytes
    assert "144 maps of 512 × 512 weights: 144 MiB" in size_words.about_memory(choice)
    assert size_words.about_step(choice) == ""
    assert size_words.about_positions(choice) == ""
    assert "ends after 512 positions" in size_words.about_positions(replace(choice, length=1024))
    assert size_words.about_heads(replace(choice, n_heads=1)).startswith("96 heads instead of one")
    assert size_words.about_heads(choice) == (
        "12 heads instead of one change no parameter and no operation; the maps take 12 times the "
        "memory."
    )


def test_a_narrow_feed_forward_part_holds_less() -> None:
    said = size_words.about_parameters(replace(from_preset(BERT), times=1))
    assert "Attention holds 2.00 times what the feed-forward parts hold" in said


def test_the_step_with_a_cache() -> None:
    choice = from_preset(GPT_2)
    step, whole = count_step(shape_of(choice), 1024), count_pass(shape_of(choice), 1024)
    said = size_words.about_step(choice)
    # 2 x 12 layers x 768 numbers of 4 bytes for each of 1,024 tokens
    assert "the cache of 72 MiB" in said
    assert f"{whole.total / step.total:,.0f} times as many" in said


def test_the_table_of_heads() -> None:
    table = size_tables.heads_table(from_preset(BERT))
    rows = re.findall(r"<tr style='font-weight: (\d+)'><td[^>]*>(\d+)", table)
    assert ("700", "12") in rows
    assert [int(n) for _, n in rows] == [1, 2, 4, 8, 12, 16, 32, 64]
    assert table.count("109 M") == len(rows)


def test_the_table_of_known_models() -> None:
    table = size_tables.known_table(from_preset(PRESETS[0]))
    for model in KNOWN_MODELS:
        assert f"{count_model(model.shape).total:,}" in table
        for source in model.sources:
            assert source.where in table
            assert source.printed in table
    assert "1.42 M lower" in table
    assert "745 k higher" in table
    assert f"{count_model(VIT_B.shape).total:,}" in table
    assert "no one vocabulary gives both" in size_tables.about_2017()
    assert "39,769 to 41,722" in size_tables.about_2017()


# ---- the view


def view_app() -> None:
    import streamlit as st

    from pages._shared import size_view
    from pages._shared.light_component import load_components

    load_components(*size_view.COMPONENTS)

    def keep(choice: size_view.SizesChoice) -> None:
        st.session_state.kept = choice

    choice = st.session_state.get("kept", size_view.SizesChoice())
    shown = st.session_state.get("shown", True)
    news = {"serial": 1}
    size_view.draw_sizes(choice, key="s", on_choose=keep, news=news, with_controls=shown)


@pytest.fixture(scope="module")
def app() -> AppTest:
    return AppTest.from_function(view_app, default_timeout=60).run()


def test_a_preset_fills_the_controls_and_can_be_changed(app: AppTest) -> None:
    named(app.selectbox, "s.preset").set_value(GPT_2).run()
    assert not app.exception
    assert app.session_state["kept"] == from_preset(GPT_2)
    assert named(app.selectbox, "s.n_heads.768").value == 12
    assert "124,439,808 learned numbers" in captions(app)
    named(app.selectbox, "s.d_model").set_value(1024).run()
    assert named(app.selectbox, "s.n_heads.1024").value == 8
    named(app.selectbox, "s.n_heads.1024").set_value(16).run()
    named(app.number_input, "s.n_layers").set_value(24).run()
    # GPT-2 medium, whose README says 355M.
    counted = count_model(shape_of(app.session_state["kept"])).total
    assert round(counted, -6) == 355_000_000
    assert f"{counted:,} learned numbers" in captions(app)
    assert "no known model any more" in captions(app)
    assert any("Parameters" in text for text in spoken(app))
    assert len(spoken(app)) == 4


def test_a_model_of_pictures_has_no_vocabulary(app: AppTest) -> None:
    named(app.selectbox, "s.preset").set_value(DIGITS).run()
    assert not [box for box in app.number_input if box.key == "s.n_words"]
    assert "58,570 learned numbers" in captions(app)
    named(app.selectbox, "s.preset").set_value(BERT).run()
    assert named(app.number_input, "s.n_words").value == 30_522


def test_without_controls(app: AppTest) -> None:
    app.session_state["shown"] = False
    app.run()
    assert not app.exception
    assert not app.selectbox
    assert any("Known models" in text for text in html(app))


def test_widgets_show_the_choice() -> None:
    assert widgets("s", SizesChoice())["s.n_words"] == 964
    assert "s.n_words" not in widgets("s", from_preset(DIGITS))


# ---- the work, and what is taken along


def numbers_in(text: str) -> set[str]:
    return set(re.findall(r"\d[\d,]*", text))


@pytest.mark.parametrize("preset", [PRESETS[0], BERT, DIGITS])
def test_the_work_says_the_counts(preset: str) -> None:
    choice = from_preset(preset)
    work = sizes_work(choice)
    said = numbers_in(" ".join(work.lines()))
    model, flops = count_model(shape_of(choice)), count_pass(shape_of(choice), choice.length)
    for count in (model.total, model.attention, flops.quadratic, flops.feed_forward):
        assert f"{count:,}" in said
    assert (count_step in work.functions()) == (preset == PRESETS[0])


def test_programs_print_the_counts() -> None:
    chosen = [from_preset(preset) for preset in PRESETS]
    runs = run_programs(
        [*(numpy_program(choice) for choice in chosen), torch_program(from_preset(BERT))]
    )
    for choice, run in zip(chosen, runs, strict=False):
        shape, n, size = shape_of(choice), choice.length, BYTES[choice.precision]
        printed = run.printed
        model, flops, held = count_model(shape), count_pass(shape, n), count_memory(shape, n)
        for name, count in vars(model).items():
            assert f"{name}: {count:,} parameters\n" in printed
        for name, count in vars(flops).items():
            assert f"{name}: {count:,} operations\n" in printed
        for name, count in vars(held).items():
            assert f"{name}: {count * size:,} bytes\n" in printed
        assert f"\nparameters: {model.total:,}\n" in printed
        assert f"\noperations: {flops.total:,}\n" in printed
        assert f"{float(even_length(shape)):,.1f} tokens" in printed
        assert run.warned == ""
    one = replace(known(BERT).shape, encoder_layers=1, has_pooler=False)
    layer, flops = count_model(one), count_pass(one, 512)
    in_layer = layer.attention + layer.feed_forward + 4 * 768
    assert runs[-1].printed == f"parameters: {in_layer:,}\noperations: {flops.total:,}\n"


def test_what_is_taken_along() -> None:
    arrays = take_sizes(from_preset(BERT))
    assert csv_zip(arrays, About("Transformer", "sizes"))
    values = {name: np.asarray(array.values) for name, array in arrays.items()}  # type: ignore[union-attr]
    assert values["parameters"].sum() == 109_482_240
    assert values["operations"].sum() == count_pass(known(BERT).shape, 512).total
    assert set(values) >= {"memory_in_bytes_of_32_bits", "operations_by_length"}
    table = values["known_models"]
    assert list(table[:, 0]) == [count_model(model.shape).total for model in KNOWN_MODELS]
    assert np.isnan(table[0, 1])
    assert table[PRESETS.index(BERT), 1] == 109_482_240


@given(choices())
def test_anything_can_be_taken_along(choice: SizesChoice) -> None:
    assert all(np.isfinite(column).all() for column in _columns(choice))


def _columns(choice: SizesChoice) -> list[np.ndarray]:
    return [array.values for name, array in take_sizes(choice).items() if name != "known_models"]  # type: ignore[union-attr]
