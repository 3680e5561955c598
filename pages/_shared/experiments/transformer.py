"""The experiments of the Transformer page. Each answer is read from what is on the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.anatomy import DECODER, EMBEDDING, FEED_FORWARD
from pages._shared.block_choice import BlockChoice
from pages._shared.experiments import transformer_answers as answers
from pages._shared.lesson import Choices, Experiment, Number, Option
from pages._shared.size_choice import from_preset
from pages._shared.transformer_choice import (
    FIRST_TEXT,
    SIZES,
    STREAM,
    TransformerState,
)
from pages._shared.transformer_models import DIGITS, TEXT_ENCODER
from pages._shared.transformer_scene import Scene, see

__all__ = ["EXPERIMENTS", "see", "start_state"]


def start_state() -> TransformerState:
    """Return what the page starts with."""
    return TransformerState()


EXPERIMENTS: Final[tuple[Experiment[TransformerState, Scene], ...]] = (
    Experiment(
        name="without-source",
        title="A decoder that cannot read",
        question=(
            "Both cross-attentions are switched off: nothing of the English reaches the decoder "
            "any more. What does it write?"
        ),
        ask=Choices(
            (
                Option("Nothing: it ends at once", "It has learned what French is like; see."),
                Option(
                    "French words, but hardly those of this sentence",
                    "Here more than half of the words stay.",
                ),
                Option(
                    "Most of the same words",
                    "The English came in through these two blocks and through no other.",
                ),
            )
        ),
        set_up=lambda _state: TransformerState(),
        change=answers.without_cross,
        answer=answers.written_without_source,
        stated=answers.OTHER_WORDS,
        spoiled=lambda state: replace(state, english="They need the week."),
        shown_in="",
    ),
    Experiment(
        name="one-by-one",
        title="One block less",
        question=(
            "The translator has 10 blocks of attention and feed-forward. Each is switched off by "
            "itself: in how many of the 10 cases does the translation stay, word by word?"
        ),
        ask=Number(
            low=0,
            high=10,
            within=1,
            too_low="Every block adds to the stream; what one leaves out, others mostly make up.",
            too_high="Some block is needed here.",
            digits=0,
            unit="cases",
        ),
        set_up=lambda _state: TransformerState(block=BlockChoice(DECODER, 0, FEED_FORWARD)),
        change=lambda state: replace(state, view=STREAM),
        answer=answers.sentences_that_stay,
        stated=9,
        spoiled=lambda state: replace(state, english=FIRST_TEXT),
    ),
    Experiment(
        name="before-any-layer",
        title="Read too early",
        question=(
            "“le” has just been written, and no layer has run yet. If the stream were read there, "
            "which word would come out?"
        ),
        ask=Choices(
            (
                Option("“chat”, the right one", "Nothing has told the stream of the English yet."),
                Option("“le” once more", "Here another word comes out."),
                Option(
                    "A word that has nothing to do with it",
                    "The table that words come in by is the one that they go out by.",
                ),
            )
        ),
        # Drawn whole: the stream would show the answer before the reader has predicted it.
        set_up=lambda _state: TransformerState(
            stream=answers.lens_at(1), block=BlockChoice(DECODER, -1, EMBEDDING)
        ),
        change=lambda state: replace(state, view=STREAM),
        answer=answers.first_reading,
        stated=answers.SAME_WORD,
        spoiled=lambda state: replace(state, stream=answers.lens_at(0)),
    ),
    Experiment(
        name="where-the-numbers-are",
        title="Where the numbers are",
        question=(
            "A layer of the text encoder is an attention with 12 heads and a feed-forward part. "
            "Which of the two holds more learned numbers?"
        ),
        ask=Choices(
            (
                Option(
                    "The attention",
                    "12 heads are not 12 times as many: they share out the width among them.",
                ),
                Option("The feed-forward part", "Here it holds fewer."),
                Option("Both the same", "They differ by more than a hundredth."),
            )
        ),
        set_up=lambda _state: TransformerState().with_model(TEXT_ENCODER),
        change=answers.open_feed_forward,
        answer=answers.more_numbers,
        stated=answers.FEED_FORWARD_HAS_MORE,
        spoiled=lambda state: state.with_model(DIGITS),
    ),
    Experiment(
        name="eight-times",
        title="Eight times the text",
        question=(
            "A text of 512 tokens becomes one of 4,096, in a model of the size of BERT-base. How "
            "many times as many operations does it take?"
        ),
        ask=Number(
            low=1,
            high=100,
            within=2,
            too_low="Every token reads every token: eight times the tokens, 64 times the scores.",
            too_high="Only the scores and averages grow as the square, all else with the length.",
            digits=1,
            unit="times",
        ),
        set_up=lambda _state: TransformerState(
            view=SIZES, sizes=replace(from_preset(answers.BERT), length=512)
        ),
        change=lambda state: replace(state, sizes=replace(state.sizes, length=4096)),
        answer=answers.times_as_many,
        stated=13.6,
        spoiled=lambda state: replace(state, sizes=replace(state.sizes, length=8192)),
    ),
)
