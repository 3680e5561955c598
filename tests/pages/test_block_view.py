"""An open block: what is drawn of its tensors, what is said, and what can be taken along."""

from __future__ import annotations

import base64
from dataclasses import astuple, replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from core.anatomy import KINDS, Anatomy, Block, Facts, Parameter, Place
from core.codecs import PackingError
from core.named_tensor import NamedTensor
from core.packing import Schema
from pages._shared.block_choice import ALL, BlockChoice, block_codec, block_in, opened
from pages._shared.block_drawing import drawing_of
from pages._shared.block_formula import formula_of
from pages._shared.block_pictures import (
    is_too_much,
    main_tensor,
    map_of,
    runs_of,
    shown_tensors,
    square_of,
    take_block,
)
from pages._shared.block_words import (
    arithmetic_of,
    counted,
    parameter_table,
    place_name,
    sentence_of,
)
from pages._shared.block_work import cell_of, functions_of, work_of
from pages._shared.files import About, csv_zip, npz
from pages._shared.source import source_of
from tests.pages.app import captions, component, components, html, trigger

N_HEADS, D_HEAD, D_MODEL, D_HIDDEN = 2, 3, 6, 10
WORDS = ("<i>", "cat", "sat", "(end)")
FACTS = Facts(
    n_layers=(("encoder", 1), ("decoder", 2)),
    d_hidden=D_HIDDEN,
    norm_first=True,
    last_norm=True,
    activation="relu",
    class_token=False,
    positions="learned",
    n_positions=8,
    causal=True,
    cross=True,
    tied=True,
    read_out="every token",
    answer="the next word",
    n_answers=5,
)
NORM = (Parameter("norm scale", (D_MODEL,)), Parameter("norm shift", (D_MODEL,)))
SQUARE = tuple(Parameter(f"W_{letter}", (D_MODEL, D_MODEL)) for letter in "QKVO")
TABLE = (Parameter("word vectors", (5, D_MODEL)),)


def anatomy(facts: Facts = FACTS) -> Anatomy:
    blocks = [
        Block(Place("encoder", -1, "tokens"), "Words"),
        Block(Place("encoder", -1, "embedding"), "Word vectors", TABLE),
        Block(Place("encoder", -1, "positions"), "Positions", (Parameter("p", (8, D_MODEL)),)),
        Block(Place("encoder", 0, "self"), "Self-attention", (*NORM, *SQUARE)),
        *(
            Block(Place("decoder", layer, kind), title, (*NORM, *SQUARE))
            for layer in range(2)
            for kind, title in (("self", "Masked self-attention"), ("cross", "Cross-attention"))
        ),
        Block(
            Place("decoder", 1, "feed_forward"),
            "Feed-forward",
            (Parameter("W_1", (D_HIDDEN, D_MODEL)), Parameter("W_2", (D_MODEL, D_HIDDEN))),
        ),
        Block(Place("decoder", -1, "last_norm"), "Last norm", NORM),
        Block(Place("decoder", -1, "projection"), "Projection", (), TABLE),
        Block(Place("decoder", -1, "softmax"), "Softmax"),
    ]
    return Anatomy("Tiny", tuple(blocks), N_HEADS, D_MODEL, facts)


def tensor(
    name: str,
    axes: tuple[str, ...],
    values: np.ndarray,
    *,
    words: tuple[int, ...] = (),
    scale: str = "diverging",
) -> NamedTensor:
    labels = tuple(WORDS if axis in words else None for axis in range(values.ndim))
    array = np.asarray(values, np.float32)
    return NamedTensor(name, axes, array, labels, scale, "A note.")  # type: ignore[arg-type]


@cache
def attention() -> tuple[NamedTensor, ...]:
    """Return an attention in numbers of its own, computed here; causal."""
    random = np.random.default_rng(0)
    x = random.normal(size=(4, D_MODEL))
    q, k, v = random.normal(size=(3, N_HEADS, 4, D_HEAD))
    scores = q @ k.swapaxes(1, 2) / np.sqrt(D_HEAD)
    scores = np.where(np.tril(np.ones((4, 4), bool)), scores, -np.inf)
    weights = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
    written = (weights @ v).swapaxes(0, 1).reshape(4, D_MODEL)
    wide, square = ("head", "token", "d_head"), ("head", "query", "key")
    return (
        tensor("stream before", ("token", "d_model"), x, words=(0,)),
        tensor("query", wide, q, words=(1,)),
        tensor("key", wide, k, words=(1,)),
        tensor("value", wide, v, words=(1,)),
        tensor("scores", square, scores, words=(1, 2)),
        tensor("weights", square, weights, words=(1, 2), scale="weights"),
        tensor("heads", wide, weights @ v, words=(1,)),
        tensor("written", ("token", "d_model"), written, words=(0,)),
        tensor("stream after", ("token", "d_model"), x + written, words=(0,)),
    )


def place(stack: str, layer: int, kind: str) -> Block:
    return anatomy().block(Place(stack, layer, kind))


HUGE = Parameter("W", (1000, 1000))

# ---- which block


@given(
    st.builds(
        BlockChoice,
        st.sampled_from(["encoder", "decoder"]),
        st.integers(-1, 11),
        st.sampled_from(KINDS),
        st.integers(0, 15),
        st.integers(0, 15),
        st.integers(-1, 1099),
        st.integers(-1, 1099),
    )
)
def test_a_choice_survives_the_link(choice: BlockChoice) -> None:
    schema = Schema(0, {"block": block_codec()})
    assert schema.read(schema.write({"block": choice})) == {"block": choice}


def test_what_is_no_choice_is_refused() -> None:
    with pytest.raises(PackingError):
        block_codec().write(BlockChoice(layer=12))


def test_a_block_that_a_model_lacks_is_the_nearest_that_it_has() -> None:
    model = anatomy()
    assert block_in(model, BlockChoice("decoder", 1, "cross")).place == ("decoder", 1, "cross")
    assert block_in(model, BlockChoice("decoder", 9, "cross")).place == ("decoder", 1, "cross")
    assert block_in(model, BlockChoice("encoder", 0, "cross")).place == ("decoder", 0, "cross")
    assert block_in(model, BlockChoice("encoder", -1, "class_token")).place.stack == "encoder"


def test_opening_another_block_keeps_the_head_and_a_cell_of_the_same_words() -> None:
    before = BlockChoice("decoder", 0, "cross", head=1, shown=3, query=2, key=1)
    assert opened(before, "decoder-1-cross", anatomy()) == replace(before, layer=1, shown=0)
    other = opened(before, "decoder-0-self", anatomy())
    assert astuple(other) == ("decoder", 0, "self", 1, 0, -1, -1)
    assert opened(before, "nowhere", anatomy()).place == before.place


# ---- pictures


def test_a_tensor_as_a_picture() -> None:
    query = attention()[1]
    drawn = map_of(query, 1)
    np.testing.assert_array_equal(drawn.values, query.values[1])
    assert (drawn.title, drawn.note) == ("Query of head 2", "2 × 4 × 3: head × token × d_head")
    assert (drawn.rows, drawn.columns, drawn.row_names) == ("token", "d_head", WORDS)
    assert drawn.limit == pytest.approx(np.abs(query.values[1]).max())


def test_colours_end_before_a_few_giants() -> None:
    values = np.ones((10, 100))
    values[3, 5] = -1000
    drawn = map_of(tensor("x", ("token", "d_model"), values), 0)
    assert drawn.limit == 1.0
    assert "From −1000.00 to 1.00. Colours end at 1.00" in drawn.text


@pytest.mark.parametrize(
    ("shape", "drawn_shape", "columns"),
    [
        ((), (1, 1), "number"),
        ((5,), (1, 5), "a"),
        ((2, 3, 4), (2, 12), "b × c"),
    ],
)
def test_any_rank_is_drawn(
    shape: tuple[int, ...], drawn_shape: tuple[int, int], columns: str
) -> None:
    drawn = map_of(tensor("x", ("a", "b", "c")[: len(shape)], np.ones(shape)), 0)
    assert (drawn.values.shape, drawn.columns) == (drawn_shape, columns)


def test_what_a_mask_blocks_is_no_number() -> None:
    values, queries, keys, left_out = square_of(attention()[4], 0)
    assert np.isnan(values[np.triu_indices(4, 1)]).all()
    assert np.isfinite(values[np.tril_indices(4)]).all()
    assert (queries, keys, left_out) == (WORDS, WORDS, "")


def test_many_words_are_drawn_in_blocks() -> None:
    weights = np.zeros((1, 513, 513), np.float32)
    weights[0, 300, 512] = 0.9
    one = NamedTensor("weights", ("head", "query", "key"), weights, (None, None, None), "weights")
    values, queries, keys, left_out = square_of(one, 0)
    assert values.shape == (171, 171)
    assert values[100, 170] == np.float32(0.9)
    assert values.sum() == np.float32(0.9)
    assert queries is not None
    assert keys is not None
    assert (queries[100], keys[-1]) == ("301 to 303", "511 to 513")
    assert "3 × 3 tokens" in left_out


def test_too_much_is_drawn_one_at_a_time() -> None:
    small = attention()
    assert not is_too_much(small)
    assert shown_tensors(small, ALL) == small
    assert shown_tensors(small, 0) == (small[main_tensor(small)],)
    assert shown_tensors(small[:3], 0) == small[:3]
    assert shown_tensors(small, 2) == (small[1],)
    large = tuple(tensor(n, ("a", "b"), np.zeros((200, 200))) for n in ("inner", "active", "x"))
    assert is_too_much(large)
    assert main_tensor(large) == 1
    assert shown_tensors(large, 0) == shown_tensors(large, ALL) == (large[1],)
    assert shown_tensors((), 0) == ()


def test_runs_are_of_one_kind_each() -> None:
    assert [(kind, len(run)) for kind, run in runs_of(attention())] == [
        ("maps", 1),
        ("head maps", 3),
        ("squares", 2),
        ("head maps", 1),
        ("maps", 2),
    ]


def test_all_of_it_can_be_taken_along() -> None:
    tables = take_block(attention())
    assert list(tables)[:2] == ["stream_before", "query"]
    about = About("Page", "state", "?s=1")
    assert npz(tables, about)
    assert csv_zip(tables, about)


# ---- words and formulas


def test_formulas_have_the_model_s_own_numbers() -> None:
    masked = formula_of(anatomy(), place("decoder", 0, "self"), ())
    assert r"\sqrt{3}} + M" in masked
    assert r"K_h &= y\,W_K" in masked
    assert r"[A_1 V_1,\ \dots,\ A_{2} V_{2}]" in masked
    cross = formula_of(anatomy(), place("decoder", 0, "cross"), ())
    assert r"K_h &= m\,W_K" in cross
    assert "+ M" not in cross
    assert "+ M" not in formula_of(anatomy(), place("encoder", 0, "self"), ())
    last = anatomy(replace(FACTS, norm_first=False, activation="gelu"))
    forward = formula_of(last, place("decoder", 1, "feed_forward"), ())
    assert r"\operatorname{GELU}(x\,W_1 + b_1)" in forward
    assert r"x' &= \operatorname{norm}(x + u\,W_2 + b_2)" in forward
    assert r"\max(0,\ y\,W_1 + b_1)" in formula_of(
        anatomy(), place("decoder", 1, "feed_forward"), ()
    )
    assert formula_of(anatomy(), place("encoder", -1, "tokens"), ()) == ""


def test_every_kind_of_block_has_its_sentence() -> None:
    for kind in KINDS:
        assert sentence_of(anatomy(), Block(Place("encoder", -1, kind), "x")).endswith(".")
        formula = formula_of(anatomy(), Block(Place("encoder", -1, kind), "x"), ())
        assert formula.count("{") == formula.count("}")


def test_the_factor_of_the_positions_is_read_off_the_numbers() -> None:
    words, places = np.random.default_rng(1).normal(size=(2, 4, D_MODEL))
    axes = ("token", "d_model")
    positions = place("encoder", -1, "positions")
    given = [tensor("w", axes, words), tensor("p", axes, places)]
    plain = formula_of(anatomy(), positions, [*given, tensor("s", axes, words + places)])
    root = formula_of(anatomy(), positions, [*given, tensor("s", axes, (words + places) * 6**0.5)])
    assert "sqrt" not in plain
    assert r"\sqrt{6}" in root


def test_parameters_are_counted_once() -> None:
    model = anatomy()
    norm, square, table = 2 * D_MODEL, D_MODEL**2, 5 * D_MODEL
    whole = table + 8 * D_MODEL + 5 * (norm + 4 * square) + 2 * D_MODEL * D_HIDDEN + norm
    assert model.n_parameters == whole
    own = norm + 4 * square
    assert counted(model, place("decoder", 0, "cross")).startswith(
        f"{own} of the model's {whole:,} parameters, {100 * own / whole:.1f}%"
    )
    assert "word vectors are counted where they are first used" in counted(
        model, place("decoder", -1, "projection")
    )
    large = replace(model, blocks=(*model.blocks, Block(Place("encoder", 9, "self"), "", (HUGE,))))
    assert ", less than 0.1%" in counted(large, place("decoder", -1, "last_norm"))
    shared = parameter_table(place("decoder", -1, "projection"))
    assert "counted before" in shared
    assert "<b>0</b>" in shared
    assert f"<b>{own}</b>" in parameter_table(place("decoder", 0, "cross"))


def test_the_arithmetic_is_that_of_the_numbers() -> None:
    said = " ".join(arithmetic_of(place("decoder", 0, "self"), attention()))
    assert "compares 4 queries with 4 keys: 32 scores, each the sum of 3 products" in said
    before, written = (
        np.linalg.norm(attention()[index].values, axis=-1).mean() for index in (0, 7)
    )
    assert f"a length of {written:.2f} at a token, the stream before it one of {before:.2f}" in said
    inner = np.array([[-1.0, 2.0, -3.0, 4.0]])
    forward = [
        tensor("inner", ("token", "d_hidden"), inner),
        tensor("active", ("token", "d_hidden"), inner.clip(0)),
    ]
    (sentence,) = arithmetic_of(place("decoder", 1, "feed_forward"), forward)
    assert "50% of them are below 0, and 50% are exactly 0" in sentence


def test_a_block_that_is_off_writes_nothing() -> None:
    before = attention()[0]
    off = [before, tensor("written", before.axes, np.zeros(before.shape)), before]
    assert arithmetic_of(place("decoder", 0, "self"), off) == [
        "It writes nothing: the stream after it is the stream before it."
    ]


def test_the_chosen_cell_is_worked_out() -> None:
    block = place("decoder", 0, "self")
    choice = BlockChoice(head=1, query=2, key=0)
    work = work_of(anatomy(), block, attention(), choice)
    assert work.heading == "Head 2: how much “sat” reads “<i>”"
    scores, weights = (attention()[index].values[1, 2, 0] for index in (4, 5))
    lines = list(work.lines())
    assert lines[1].endswith(f"√3 = {scores:.2f}".replace("-", "−"))
    assert lines[2].endswith(f"= {weights:.4f}")
    before, _, after = (attention()[index].values[2, 0] for index in (0, 7, 8))
    assert lines[-1].startswith(
        f"stream after = stream before + written = {before:.3f}".replace("-", "−")
    )
    assert lines[-1].endswith(f"= {after:.3f}".replace("-", "−"))
    blocked = work_of(anatomy(), block, attention(), replace(choice, query=0, key=3))
    assert next(iter(blocked.lines())) == "weight = 0: this key is blocked"


def test_without_a_cell_it_is_what_the_last_query_reads_most() -> None:
    weights = attention()[5]
    for choice in (BlockChoice(), BlockChoice(query=4, key=0), BlockChoice(query=0)):
        assert cell_of(weights, choice) == (3, int(weights.values[0, 3].argmax()))


@pytest.mark.parametrize("kind", ["self", "feed_forward", "softmax"])
def test_the_source_that_ran_can_be_shown(kind: str) -> None:
    for function in functions_of(Block(Place("encoder", 0, kind), "x")):
        assert source_of(function)


# ---- the drawing of an anatomy


def test_a_model_s_drawing_has_a_button_for_every_block() -> None:
    model = anatomy()
    cross, own = Place("decoder", 0, "cross"), Place("decoder", 0, "self")
    drawn = drawing_of(
        model,
        {"encoder": WORDS, "decoder": WORDS[:2]},
        shares={cross: 2.0, own: 0.5},
        share_name="length of what it writes",
        off={own},
        probabilities=[("le", 0.5)],
    )
    assert [block.id for block in drawn.blocks] == [block.place.id for block in model.blocks]
    assert [stack.name for stack in drawn.stacks] == ["Encoder", "Decoder"]
    by_id = {block.id: block for block in drawn.blocks}
    assert (by_id[cross.id].share, by_id[own.id].share) == (1.0, 0.25)
    assert "Length of what it writes: 2.00." in by_id[cross.id].text
    assert by_id[own.id].off
    assert "0.50" not in by_id[own.id].text
    assert by_id["encoder-0-self"].shape_note == "4 × 6"
    assert by_id["decoder--1-softmax"].shape_note == "2 × 5"
    assert drawn.stacks[0].probabilities == ()
    assert drawn.stacks[1].probabilities == (("le", 0.5),)


# ---- on a page


def page() -> None:
    import streamlit as st

    from pages._shared.block_view import BlockChoice, block_in, draw_block
    from tests.pages import test_block_view as here

    def take(choice: BlockChoice) -> None:
        st.session_state["choice"] = choice

    choice = st.session_state.get("choice", BlockChoice("decoder", 0, "self", shown=here.ALL))
    model = here.anatomy()
    draw_block(
        model,
        block_in(model, choice),
        here.attention() if choice.kind == "self" else (),
        choice,
        key="block",
        on_choose=take,
        news={"serial": "1"},
        with_controls=st.session_state.get("controls", True),
        version="1",
    )


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(page).run()
    assert not app.exception
    return app


def drawn_names(app: AppTest) -> list[str]:
    return [name for name, _ in components(app)]


def test_every_tensor_is_drawn(app: AppTest) -> None:
    maps = [one["title"] for n, d in components(app) if n == "value_map" for one in d["maps"]]
    heads = ["Query of head 1", "Key of head 1", "Value of head 1", "Output of head 1"]
    assert maps == ["Stream before", *heads, "Written", "Stream after"]
    squares = [data["title"] for name, data in components(app) if name == "attention_map"]
    assert squares == ["Scores of head 1", "Weights of head 1"]
    assert component(app, "head_grid")["first_layer"] == 0
    assert component(app, "news")["news"] == {"serial": "1"}
    bodies = "".join(html(app))
    assert "<h2>Decoder, layer 1: masked self-attention</h2>" in bodies
    assert "<i>" not in bodies.replace("<i>q</i>", "").replace("<i>k</i>", "").replace(
        "<i>e</i>", ""
    )


def test_a_head_and_a_tensor_are_chosen(app: AppTest) -> None:
    view = component(app, "head_grid")["view"]
    trigger(app, "head_grid", "choice", {"view": view, "layer": 0, "head": 1})
    assert app.session_state["choice"].head == 1
    app.run()
    values = next(d for n, d in components(app) if n == "attention_map")["title"]
    assert values == "Scores of head 2"
    app.button_group(key="block.shown").set_value(6).run()
    assert not app.exception
    assert app.session_state["choice"].shown == 6
    assert "value_map" not in drawn_names(app)
    sent = component(app, "attention_map")
    assert sent["title"] == "Weights of head 2"
    weights = np.frombuffer(base64.b64decode(sent["weights"]["values"]), "<f4")
    np.testing.assert_array_equal(weights.reshape(4, 4), attention()[5].values[1])
    message = {"version": sent["version"], "matrix": "weights", "row": 2, "column": 1}
    trigger(app, "attention_map", "choice", message)
    choice = app.session_state["choice"]
    assert (choice.query, choice.key, choice.head, choice.shown) == (2, 1, 1, 6)


def test_another_block_shows_the_tensor_that_says_most(app: AppTest) -> None:
    app.button_group(key="block.shown").set_value(6).run()
    app.session_state["choice"] = BlockChoice("decoder", 1, "self")
    app.run()
    assert not app.exception
    assert app.button_group(key="block.shown").value == main_tensor(attention()) + 1
    assert component(app, "head_grid")["first_layer"] == 1


def test_without_controls_and_without_tensors() -> None:
    app = AppTest.from_function(page)
    app.session_state["controls"] = False
    app.run()
    assert not app.exception
    assert "Tensor" not in [group.label for group in app.button_group]
    app.session_state["choice"] = BlockChoice("encoder", -1, "tokens")
    app.run()
    assert not app.exception
    assert drawn_names(app) == ["news"]
    app.session_state["choice"] = BlockChoice("decoder", 0, "cross")
    app.run()
    assert "m the end of the encoder" in captions(app)
    assert "what came in is the word before" in captions(app)


# ---- trained models


def every_block(model: str) -> list[tuple[Anatomy, Block, tuple[NamedTensor, ...]]]:
    """Return every block of a trained model with all that it computed."""
    if model == "translator":
        from core import anatomy_translator as translator
        from core.translator import translate
        from core.translator_model import load_translator

        trained = load_translator()
        translation = translate(trained, ("the", "cat", "sleeps", "."))
        whole = translator.anatomy_of(trained)
        return [
            (whole, block, translator.open_block(trained, translation, block.place))
            for block in whole.blocks
        ]
    from core import anatomy_vit as vit
    from core.digit_vit import load_digit_vit
    from core.digits import as_picture, load_digits

    digits = load_digit_vit()
    picture = as_picture(load_digits().images[:1])[0]
    whole = vit.anatomy_of(digits)
    return [(whole, block, vit.open_block(digits, picture, block.place)) for block in whole.blocks]


@pytest.mark.parametrize("model", ["translator", "digits"])
def test_every_block_of_a_trained_model_can_be_drawn_and_taken(model: str) -> None:
    blocks = every_block(model)
    assert {block.place.kind for _, block, _ in blocks} >= {"self", "feed_forward", "softmax"}
    for whole, block, tensors in blocks:
        for kind, run in runs_of(tensors):
            for one in run:
                if kind == "squares":
                    values, queries, keys, _ = square_of(one, 1)
                    assert values.shape == (len(queries or ()), len(keys or ()))
                elif kind.endswith("maps"):
                    drawn = map_of(one, 1)
                    assert np.isfinite(drawn.values).all()
                    assert len(drawn.row_names) in (0, len(drawn.values))
        assert npz(take_block(tensors), About("Page", "state", "?s=1"))
        assert formula_of(whole, block, tensors) or block.place.kind == "tokens"
        assert arithmetic_of(block, tensors) or block.place.kind == "tokens"
        lines = list(work_of(whole, block, tensors, BlockChoice(head=1)).lines())
        assert lines or block.place.layer < 0
        assert block_in(whole, BlockChoice(*block.place)) == block


def test_languages_keep_their_capital() -> None:
    words = Block(Place("encoder", -1, "tokens"), "English words")
    assert place_name(words) == "Encoder: English words"
    assert place_name(place("decoder", 1, "cross")) == "Decoder, layer 2: cross-attention"
    assert arithmetic_of(words, ())[0].startswith("Nothing is computed here")


def test_a_map_of_probabilities_is_a_picture_and_answers_are_a_table() -> None:
    share = np.full((2, 3), 0.5)
    saliency = tensor("saliency", ("row", "column"), share, scale="probability")
    answers = tensor("probabilities", ("row", "answer"), share, scale="probability")
    assert [kind for kind, _ in runs_of((saliency, answers))] == ["maps", "table"]


def test_what_reads_the_class_token_alone_says_so() -> None:
    of_class = anatomy(replace(FACTS, read_out="class token"))
    assert "the class token with" in sentence_of(of_class, place("decoder", -1, "projection"))
    assert "every token with" in sentence_of(anatomy(), place("decoder", -1, "projection"))


def test_one_row_of_logits_is_one_row() -> None:
    logits = tensor("logits", ("row", "answer"), np.zeros((1, 3)))
    said = arithmetic_of(place("decoder", -1, "softmax"), (logits,))
    assert said == ["1 row of 3 logits: 3 numbers, from 0.00 to 0.00."]
