"""The drawing of a Transformer: what Python sends, what it takes from the browser, what is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from pages._shared.transformer_drawing import (
    Drawn,
    DrawnBlock,
    DrawnStack,
    in_words,
    read_block,
)
from tests.pages.app import component, trigger

IDS = ("a-0-self", "b-0-cross")


def script() -> None:
    import streamlit as st

    from pages._shared.transformer_drawing import (
        Drawn,
        DrawnBlock,
        DrawnStack,
        transformer_drawing,
    )

    def take(block: str) -> None:
        st.session_state["taken"] = block

    first = DrawnStack(
        "Encoder",
        (DrawnBlock("a-0-self", "Self-attention", "self", "3 × 8", layer=0, share=1.7),),
        tokens=("<b>", "sat"),
    )
    second = DrawnStack(
        "Decoder",
        (DrawnBlock("b-0-cross", "Cross-attention", "cross", layer=0, share=0.25, off=True),),
        probabilities=tuple((f"word{n}", 0.5**n) for n in range(1, 9)),
    )
    transformer_drawing(
        Drawn("Translator", (first, second), "how much"),
        key="drawing",
        view="7",
        chosen=st.session_state.get("chosen", "a-0-self"),
        on_choose=take,
        news={"serial": "1"},
    )


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(script).run()
    assert not app.exception
    return app


def test_what_is_sent(app: AppTest) -> None:
    sent = component(app, "transformer_drawing")
    encoder, decoder = sent["stacks"]
    assert encoder["tokens"] == ["<b>", "sat"]
    (block,) = encoder["blocks"]
    assert (block["id"], block["label"], block["shape_note"]) == (
        "a-0-self",
        "Self-attention",
        "3 × 8",
    )
    assert block["share"] == 1.0  # a bar is as long as its track at most
    assert [one["off"] for one in decoder["blocks"]] == [True]
    assert decoder["probabilities"] == [[f"word{n}", 0.5**n] for n in range(1, 6)]
    assert (sent["chosen"], sent["view"], sent["share_name"]) == ("a-0-self", "7", "how much")
    assert sent["news"] == {"serial": "1"}


def test_a_chosen_block_is_reported(app: AppTest) -> None:
    trigger(app, "transformer_drawing", "choice", {"view": "7", "block": "b-0-cross"})
    assert not app.exception
    assert app.session_state["taken"] == "b-0-cross"


@pytest.mark.parametrize(
    "message",
    [
        None,
        "a-0-self",
        {},
        {"block": "a-0-self"},
        {"view": "6", "block": "a-0-self"},
        {"view": "7", "block": "a-1-self"},
        {"view": "7", "block": 0},
        {"view": "7", "block": ["a-0-self"]},
        {"view": "7", "block": None},
        {"view": "7"},
    ],
)
def test_what_is_no_block_of_this_view_is_dropped(app: AppTest, message: object) -> None:
    assert read_block(message, "7", IDS) is None
    trigger(app, "transformer_drawing", "choice", message)
    assert "taken" not in app.session_state
    assert not app.exception


def test_a_block_that_is_gone_is_not_open() -> None:
    app = AppTest.from_function(script)
    app.session_state["chosen"] = "a-9-self"
    sent = component(app.run(), "transformer_drawing")
    assert not app.exception
    assert sent["chosen"] is None
    assert "Open" not in sent["text"]


def block(kind: str, label: str, layer: int = -1, **more: bool) -> DrawnBlock:
    return DrawnBlock(f"{label}{layer}", label, kind, layer=layer, **more)


ENCODER = DrawnStack(
    "Encoder",
    (
        block("embedding", "Word vectors"),
        block("self", "Self-attention", 0),
        block("self", "Self-attention", 1, off=True),
    ),
)
DECODER = DrawnStack(
    "Decoder",
    (block("cross", "Cross-attention", 0),),
    norm="last",
    probabilities=(("le", 0.75),),
)


def test_the_drawing_in_words() -> None:
    drawn = Drawn("Translator", (ENCODER, DECODER))
    assert in_words(drawn, "Cross-attention0") == (
        "Encoder: 2 layers of self-attention, a normalisation before each; outside of them word "
        "vectors. Decoder: 1 layer of cross-attention, a normalisation behind each sum. Most "
        "probable: “le”, 0.75. Every cross-attention of the decoder reads the end of the encoder. "
        "Switched off: Encoder, layer 2, self-attention. Open: Decoder, layer 1, cross-attention."
    )


def test_one_stack_needs_no_name() -> None:
    said = in_words(Drawn("Vision", (replace(ENCODER, name="", norm="none"),)), None)
    assert said.startswith("2 layers of self-attention; outside of them word vectors.")


def test_blocks_have_ids_of_their_own_and_stacks_are_one_or_two() -> None:
    def twice() -> None:
        from pages._shared.transformer_drawing import (
            Drawn,
            DrawnBlock,
            DrawnStack,
            transformer_drawing,
        )

        one = DrawnStack("", (DrawnBlock("a", "A", "self"),))
        for stacks in ((one, one), ()):
            try:
                drawn = Drawn("Twice", stacks)
                transformer_drawing(
                    drawn, key="d", view="", chosen=None, on_choose=lambda block: None
                )
            except ValueError as error:
                import streamlit as st

                st.text(str(error))

    app = AppTest.from_function(twice).run()
    assert not app.exception
    assert [text.value for text in app.text] == [
        "Every block needs an id of its own, got a, a.",
        "A drawing has one or two stacks, got 0.",
    ]
