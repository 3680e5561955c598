"""The experiments of the text encoder's page.

Each answer is measured on the text that is on the page, a reader's own as well.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.zero_shot import SENTIMENT, TOPIC
from pages._shared.experiments import text_answers as answers
from pages._shared.lesson import Choices, Experiment, Number, Option
from pages._shared.text_scene import CLASSIFY, Scene, TextState, see

__all__ = ["EXPERIMENTS", "see", "start_state"]


def start_state() -> TextState:
    """Return what the page starts with."""
    return TextState()


_PILL: Final = "The doctor gave the boy a pill because he had a fever."
_ROME: Final = "The team flew to Rome and ate pizza before the match."

EXPERIMENTS: Final[tuple[Experiment[TextState, Scene], ...]] = (
    Experiment(
        name="signs",
        title="Where the weight goes",
        question=(
            "Every token spends a weight of 1 in each of the 72 heads. How much of all that goes "
            "to the two signs [CLS] and [SEP], which stand for no word?"
        ),
        ask=Number(
            low=0,
            high=100,
            within=10,
            too_low="More goes there: the signs take many times their even share.",
            too_high="Less goes there: most heads of layer 1, for one, read words.",
            digits=0,
            unit="per cent",
        ),
        set_up=lambda _state: TextState(text=_PILL, mean=True),
        change=answers.show_signs,
        answer=answers.share_of_signs,
        stated=48,
        spoiled=lambda state: replace(state, text="It works."),
    ),
    Experiment(
        name="clearest-head",
        title="Drop the clearest head",
        question=(
            "Head 3 of layer 1 gives the word before all of its weight: no other head has a role "
            "so clear. It is dropped; how many of the 71 other heads would change the embedding "
            "of this text more?"
        ),
        ask=Number(
            low=0,
            high=71,
            within=9,
            too_low="More of them would: the clearest pattern need not be what is needed most.",
            too_high="Fewer of them would: many heads hardly change the embedding at all.",
            digits=0,
            unit="heads",
        ),
        set_up=lambda _state: TextState(text=_PILL, layer=1, head=3),
        change=answers.drop_chosen,
        answer=answers.heads_needed_more,
        stated=36,
        spoiled=lambda state: replace(state, layer=6, head=5),
    ),
    Experiment(
        name="mask-reads",
        title="What [MASK] reads",
        question=(
            "In the head on the screen every word reads the word before it. The last word becomes "
            "[MASK]: what does that read most?"
        ),
        ask=Choices(
            (
                Option(
                    "The word before it, as all others do",
                    "The pattern comes from queries and keys, and those of [MASK] are not those of "
                    "a word.",
                ),
                Option(
                    "Itself",
                    "Here it reads something else more.",
                ),
                Option(
                    "[CLS] or [SEP], where heads rest",
                    "Many heads rest there, but [MASK] gives them less in this head.",
                ),
                Option(
                    "Other words, to find out what is missing",
                    "Some head may do that; in this one other words receive little from [MASK].",
                ),
            )
        ),
        set_up=lambda _state: TextState(text=_PILL, layer=1, head=3),
        change=answers.mask_last_word,
        answer=answers.what_mask_reads,
        stated=answers.TO_ITSELF,
        spoiled=lambda state: replace(state, layer=3, head=8),
    ),
    Experiment(
        name="read-or-needed",
        title="Read most, needed most",
        question=(
            "Of the topics “food” is nearest. If the word that is read most (mean of 72 heads) is "
            "left out, and then instead the word whose loss costs the winner most: when does "
            "another topic win?"
        ),
        ask=Choices(
            (
                Option(
                    "Only without the word that is read most",
                    "How much a word is read does not say how much the answer needs it.",
                ),
                Option(
                    "Only without the word whose loss costs most",
                    "In this text it came out otherwise: see the numbers.",
                ),
                Option(
                    "Each time: they are one and the same word",
                    "They can be, but here the winner does not change both times.",
                ),
                Option(
                    "Never: one word is not enough",
                    "In this text one word is enough.",
                ),
            )
        ),
        set_up=lambda _state: TextState(text=_ROME, task=TOPIC.name, layer=6, mean=True),
        change=answers.show_classes,
        answer=answers.read_or_needed,
        stated=answers.NEEDED_ONLY,
        spoiled=lambda state: replace(state, text=_PILL),
    ),
    Experiment(
        name="not",
        title="A small word",
        question=(
            "“The film was bad” is nearest to “negative”, as it should be. What happens when it "
            "says “was not bad”?"
        ),
        ask=Choices(
            (
                Option(
                    "It turns to the other side",
                    "Not here: the word behind “not” still pulls to its own side.",
                ),
                Option(
                    "It stays, but the lead shrinks",
                    "It came out otherwise here: see how far ahead each one is.",
                ),
                Option(
                    "It stays, and the lead grows",
                    "“not” by itself sounds negative, but here that is not what decides.",
                ),
            )
        ),
        set_up=lambda _state: TextState(
            text="The film was bad.", view=CLASSIFY, task=SENTIMENT.name
        ),
        change=answers.add_not,
        answer=answers.what_not_does,
        stated=answers.NARROWER,
        spoiled=lambda state: replace(state, text="The film was good."),
    ),
)
