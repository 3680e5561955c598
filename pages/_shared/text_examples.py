"""Texts to start from on the page of the text encoder, some of which the model gets wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.zero_shot import SENTIMENT, TOPIC


@dataclass(frozen=True)
class TextExample:
    """A text to start from.

    Attributes
    ----------
    name : str
    text : str
    truth : tuple of (task, label)
        What a person says of it: the name of the label by the name of the task. The page compares
        it with what the model says, and calls a miss a miss.
    """

    name: str
    text: str
    truth: tuple[tuple[str, str], ...] = ()

    def true_label(self, task: str) -> str:
        """Return the right label's name, or nothing if the task does not fit the text."""
        return dict(self.truth).get(task, "")


EXAMPLES: Final = (
    TextExample(
        "A pronoun",
        "The doctor gave the boy a pill because he had a fever.",
        ((TOPIC.name, "health"),),
    ),
    TextExample(
        "A review",
        "The food was cold and the waiter was rude, but the music was lovely.",
        ((TOPIC.name, "food"), (SENTIMENT.name, "negative")),
    ),
    TextExample(
        "A line of news",
        "The striker scored twice in the last ten minutes and sent his team to the final.",
        ((TOPIC.name, "sport"),),
    ),
    TextExample(
        "A question, missed",
        "How do I reset the password of my laptop when I cannot log in?",
        ((TOPIC.name, "technology"),),
    ),
    TextExample(
        "Not bad, missed",
        "The film was not bad.",
        ((SENTIMENT.name, "positive"),),
    ),
    TextExample(
        "The same word twice",
        "The old man saw the young man, and the young man saw the old dog.",
    ),
    TextExample(
        "A longer text",
        "We left the harbour before sunrise, while the town was still asleep. The old ferry was "
        "slow, and the wind was cold, so we stayed below deck with coffee and bread and a map of "
        "the islands. My brother wanted to see the lighthouse; I wanted to find the small beach "
        "that our grandmother had told us about. By noon the clouds were gone. We rented two "
        "bicycles from a fisherman, who laughed at our shoes and gave us directions that neither "
        "of us understood. The road climbed past vineyards and white houses, and then it dropped "
        "to the sea so suddenly that we had to walk. There was no beach, only rocks and clear "
        "water, and a wooden table where somebody had left a bottle of lemonade and a note: take "
        "what you need. We stayed until the last boat, and nobody spoke on the way home.",
        ((TOPIC.name, "travel"),),
    ),
)
FIRST: Final = EXAMPLES[0]


def example_of(text: str) -> TextExample | None:
    """Return the example with this text, if it is one."""
    return next((example for example in EXAMPLES if example.text == text), None)
