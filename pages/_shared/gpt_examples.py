"""Texts to start from on the page of the small language model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class GptExample:
    """A beginning to write on from.

    Attributes
    ----------
    name : str
    text : str
        As one would type it.
    """

    name: str
    text: str


EXAMPLES: Final = (
    GptExample(
        "Who has it now?",
        "Peter had a scarf. He gave the scarf to Kate. Then Kate gave it to George. Who has the "
        "scarf now?",
    ),
    GptExample(
        "Where is she?",
        "Lucy was in the forest. She was hungry and went to the restaurant. There she ate a pear. "
        "Then she went back to the forest. Where is Lucy now? She is in the",
    ),
    GptExample(
        "What colour?",
        "On Sunday Alice went to the shop. There she bought a black candle, an apple and a "
        "mushroom. What colour was the candle? It was",
    ),
    GptExample(
        "A name",
        "George has a cat. Its name is Bruno. Bruno is two years old. One day the cat went to the "
        "park. George called his cat.",
    ),
    GptExample(
        "Two that took something",
        "Simon took the bottle and David took the box. Simon walked to the theatre. David went to "
        "the church. Who has the bottle?",
    ),
    GptExample("Anything fits", "Max wanted to visit Anna. He brought a"),
    GptExample("A beginning", "In the evening"),
    GptExample("Nothing yet", ""),
)
FIRST: Final = EXAMPLES[0]


def text_of(name: str) -> str:
    """Return the text of an example."""
    return next(example.text for example in EXAMPLES if example.name == name)


def example_of(text: str) -> GptExample | None:
    """Return the example with this text, if it is one."""
    return next((example for example in EXAMPLES if example.text == text), None)
