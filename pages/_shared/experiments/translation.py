"""The experiments of the translation page. Each answer is read from what is on the page."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pages._shared.experiments import translation_answers as answers
from pages._shared.lesson import Choices, Experiment, Option, Value
from pages._shared.translation_choice import MENUS, TranslationState
from pages._shared.translation_scene import Scene, see
from pages._shared.turning_sentences import choices_of

__all__ = ["EXPERIMENTS", "picked", "see", "start_state"]


def start_state() -> TranslationState:
    """Return what the page starts with."""
    return TranslationState()


def picked(state: TranslationState) -> Value | None:
    """Return row and column of the weight chosen on the page."""
    reading = see(state).reading
    return reading.query, reading.key


EXPERIMENTS: Final[tuple[Experiment[TranslationState, Scene], ...]] = (
    Experiment(
        name="enters",
        title="The word that enters",
        question=(
            "A decoder is given each word that it has written. In the step that “chat” enters, "
            "which English word is read most?"
        ),
        ask=Choices(
            (
                Option(
                    "The one that “chat” translates",
                    "“chat” is there already. That word was read in the step before, to write it.",
                ),
                Option(
                    "The one that the next French word translates",
                    "It would if there were a next word to be translated. Here the sentence is at "
                    "its end.",
                ),
                Option(
                    "The end of the sentence",
                    "The end is read when there is nothing left to translate. Here there is.",
                ),
            )
        ),
        set_up=lambda _state: TranslationState(word=1, english=1),
        change=answers.show_next_row,
        answer=answers.read_by_the_next,
        stated=answers.NEXT_WORD,
        spoiled=lambda state: replace(state, word=len(see(state).translation.words) - 2),
        shown_in="Cross-attention",
    ),
    Experiment(
        name="article",
        title="“le” without the cat",
        question=(
            "“le” is written before “chat”, and it translates “the”. “cat” is hidden: what becomes "
            "of the probability of that “le”?"
        ),
        ask=Choices(
            (
                Option(
                    "It stays within 0.05: “the” is still there",
                    "“the” alone does not say whether “le” or “la” is right.",
                ),
                Option(
                    "It falls",
                    "It would if it depended on the word that is hidden. Here it hardly does.",
                ),
                Option("It rises", "Less to go by does not make it surer here."),
            )
        ),
        set_up=lambda _state: TranslationState(word=0, english=1),
        change=answers.hide_chosen,
        answer=answers.article_without_noun,
        stated=answers.FALLS,
        spoiled=lambda state: replace(state, english=5),
        shown_in="Cross-attention",
    ),
    Experiment(
        name="not",
        title="Without “not”",
        question=(
            "“pas” reads “not”, as the map shows. “not” is hidden: which of the two words of the "
            "French negation are still written?"
        ),
        ask=Choices(
            (
                Option(
                    "Both: it still says no",
                    "Here something else that said no is missing as well.",
                ),
                Option(
                    "One of the two",
                    "The two come and go together in all that it was trained on.",
                ),
                Option(
                    "Neither: it now says yes",
                    "A map shows what is read, not what is needed: another word may say as much.",
                ),
            )
        ),
        set_up=lambda _state: TranslationState(example="tired", word=4, english=3),
        change=answers.hide_not,
        answer=answers.negation_without_not,
        stated=answers.BOTH_STAY,
        spoiled=lambda state: replace(state, hidden=(2,)),
        shown_in="Cross-attention",
    ),
    Experiment(
        name="layer",
        title="Half of the cross-attention",
        question=(
            "All 4 heads of the cross-attention of layer 2 are dropped: of the 8 that read the "
            "English, 4 are left. How many words of the French become others?"
        ),
        ask=Choices(
            (
                Option(
                    "Two at most",
                    "Here more of them need what these heads read.",
                ),
                Option("More, but not half of them", "It is not that many or more than that."),
                Option(
                    "Half of them or more",
                    "What these heads read, the other layer has read as well: most words stay.",
                ),
            )
        ),
        set_up=lambda _state: TranslationState(scope="layer", layer=1),
        change=answers.drop_layer,
        answer=answers.words_without_layer,
        stated=answers.FEW_CHANGE,
        spoiled=lambda state: replace(answers.drop_layer(replace(state, layer=0)), layer=1),
        shown_in="Cross-attention",
    ),
    Experiment(
        name="wide",
        title="Too wide",
        question=(
            "“tired” becomes “wide”, and nothing else is changed in the English. How many words of "
            "the French are others then?"
        ),
        ask=Choices(
            (
                Option("One: the adjective", "Another word turns with it: see what “it” means."),
                Option(
                    "Two", "Here both nouns have the same gender, or more than two words changed."
                ),
                Option("More than two", "Most of the sentence stays as it is, word for word."),
            )
        ),
        set_up=lambda _state: TranslationState(example="tired"),
        change=answers.say_wide,
        answer=answers.words_that_turn,
        stated=answers.TWO_WORDS,
        spoiled=lambda _state: TranslationState(
            way=MENUS, menu=choices_of("animal", "bridge", "tired")
        ),
    ),
)
