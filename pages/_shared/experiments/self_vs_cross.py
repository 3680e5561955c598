"""The experiments of the page on self- and cross-attention."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pages._shared.experiments import self_cross_answers as answers
from pages._shared.experiments import self_cross_rows as rows
from pages._shared.lesson import Choices, Experiment, Option
from pages._shared.self_cross import CAUSAL, CROSS, DECODER, SELF, SelfCrossState, start_state
from pages._shared.self_cross_scene import Scene, see

__all__ = ["EXPERIMENTS", "see", "start_state"]

FRENCH: Final = "French reads English"
SENTENCE: Final = "A sentence reads itself"


def _french(kind: str) -> SelfCrossState:
    return replace(SelfCrossState.load(FRENCH, kind=CROSS).with_kind(kind), query=1, key=2)


EXPERIMENTS: Final[tuple[Experiment[SelfCrossState, Scene], ...]] = (
    Experiment(
        name="turned-source",
        title="The source turned round",
        question=(
            "The words that are read are put in the opposite order, embeddings and all. What "
            "becomes of the output?"
        ),
        ask=Choices(
            (
                Option(
                    "It stays, up to rounding",
                    "It would if other words asked than are read, and all of them could be read. "
                    "Here the output moves.",
                ),
                Option(
                    "Its rows are turned round as well",
                    "A row belongs to a word that asks, and the words that ask stay where they "
                    "are. Only columns of the weights move.",
                ),
                Option(
                    "All of its numbers change",
                    "No weight asks where a word stands. Each word keeps its key and its value, so "
                    "each row adds up the same products in another order.",
                ),
            )
        ),
        set_up=lambda _state: _french(CROSS),
        change=answers.turn_round,
        answer=answers.output_when_turned,
        stated=answers.STAYS,
        spoiled=lambda state: state.with_kind(CAUSAL),
        shown_in="Output",
    ),
    Experiment(
        name="longer-source",
        title="One word more to read",
        question=(
            f"The words that are read get one more, “{answers.ADDED}”. Which of Q, K, V, the "
            "weights and the output get another shape?"
        ),
        ask=Choices(
            (
                Option(
                    "K, V and the weights",
                    "Here the words that are read also ask. So there is one query more as well.",
                ),
                Option(
                    "K, V, the weights and the output",
                    "However much is read, there is one row of output for each word that asks, as "
                    "long as a value. What grows is the number of things averaged.",
                ),
                Option(
                    "All five",
                    "Q has a row for each word that asks, and so has the output. Here none was "
                    "added to those.",
                ),
                Option(
                    "None: the projections keep their shapes",
                    "They do keep their shapes, which know nothing of the number of words. But "
                    "each word that they project is a row of what comes out.",
                ),
            )
        ),
        set_up=lambda _state: _french(CROSS),
        change=answers.add_word,
        answer=answers.shapes_that_change,
        stated=answers.KEYS_ONLY,
        spoiled=lambda state: state.with_kind(SELF),
        shown_in="Weights",
    ),
    Experiment(
        name="same-word-twice",
        title="The same word twice",
        question=(
            f"“it” becomes a second “{answers.TWICE}”, with the embedding of the first, between "
            "other words than that one. How do the two rows of the output compare?"
        ),
        ask=Choices(
            (
                Option(
                    "They are the same",
                    "They would be if both could read every word. Here a mask lets the second read "
                    "more than the first.",
                ),
                Option(
                    "They differ: other words stand around each",
                    "Attention does not know who stands next to whom. It knows embeddings, and "
                    "these two are the same.",
                ),
                Option(
                    "Each is half: equal words share the weight",
                    "Equal keys do share what others read of them. A row of the output is another "
                    "matter: it is what a word reads itself, and its weights sum to 1.",
                ),
            )
        ),
        set_up=lambda _state: replace(SelfCrossState.load(SENTENCE, kind=SELF), query=4, key=1),
        change=answers.write_twice,
        answer=answers.rows_of_the_twins,
        stated=answers.SAME,
        spoiled=lambda state: state.with_kind(CAUSAL),
        shown_in="Output",
    ),
    Experiment(
        name="last-word",
        title="The last word turns over",
        question=(
            "Every number in the embedding of the last word gets the opposite sign. Which rows of "
            "the output change?"
        ),
        ask=Choices(
            (
                Option(
                    "Only the last",
                    "Whether other rows change depends on who may read the last word. Here that is "
                    "not its own row alone.",
                ),
                Option(
                    "All of them",
                    "They would if all words read the last one. Here some may not.",
                ),
                Option(
                    "All but the last",
                    "A word's own row changes too: with its embedding its query changes, and what "
                    "it reads of itself.",
                ),
                Option(
                    "None",
                    "The word asks with its embedding and is read by it. At least its own row "
                    "changes here.",
                ),
            )
        ),
        set_up=lambda _state: _french(CAUSAL),
        change=rows.turn_last,
        answer=rows.rows_when_last_turns,
        stated=rows.ONLY_LAST,
        spoiled=lambda state: state.with_kind(SELF),
        shown_in="Output",
    ),
    Experiment(
        name="word-to-write",
        title="The word to be written",
        question=(
            "The decoder layer is to write “le chat noir dort”, and the embedding of "
            f"“{rows.GIVEN}” gets the opposite sign. Which is the first row of the layer's "
            "output to change?"
        ),
        ask=Choices(
            (
                Option(
                    "The row of “le”",
                    "It has read nothing but what stands before it. A later word cannot reach it.",
                ),
                Option(
                    f"The row of “{rows.GIVEN}”",
                    "A decoder's row is called by the word that it helps to write, and it has not "
                    "been given that word: else it could copy it.",
                ),
                Option(
                    "The row of “noir”",
                    "Here no word is given one place later: a row belongs to the word that asks.",
                ),
                Option(
                    "The row of “dort”",
                    "It changes too, but an earlier one does as well.",
                ),
            )
        ),
        set_up=lambda _state: _french(DECODER),
        change=rows.turn_given,
        answer=rows.first_row_to_change,
        stated=2,
        spoiled=lambda state: state.with_kind(CAUSAL),
        shown_in="Layer output",
    ),
)
