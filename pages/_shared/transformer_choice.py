"""What a reader can change on the Transformer page, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Final

from core.anatomy import Place
from core.bilingual import tokenise_english
from pages._shared.block_choice import BlockChoice
from pages._shared.digit_value import DigitChoice
from pages._shared.gpt_runs import MOST_WORDS as MOST_PROMPT
from pages._shared.picture_choice import FIRST_PHOTO
from pages._shared.size_choice import SizesChoice
from pages._shared.stream_choice import StreamChoice
from pages._shared.transformer_models import (
    FIRST_BLOCKS,
    GPT,
    LAYOUTS,
    MODELS,
    TEXT_ENCODER,
    TRANSLATOR,
)
from pages._shared.translation import MOST_WORDS as MOST_ENGLISH

NAME: Final = "transformer"

DRAWING: Final = "Drawing"
STREAM: Final = "Residual stream"
COMPARED: Final = "Same and different"
SIZES: Final = "Sizes"
VIEWS: Final = (DRAWING, STREAM, COMPARED, SIZES)

# Three texts of the longest kind still fit into a link.
MOST_CHARACTERS: Final = 160
FIRST_SENTENCE: Final = "The cat sat on the mat."
FIRST_TEXT: Final = "The animal didn't cross the street because it was too tired."
FIRST_PROMPT: Final = "Anna has a cat."
_NOTHING: Final = "There is no word. Write something, such as “{example}”"
_MOST_WORDS: Final = {TRANSLATOR: MOST_ENGLISH, GPT: MOST_PROMPT}


@dataclass(frozen=True)
class TransformerState:
    """Everything on the page that a reader can change. What counts, counts from 0.

    Attributes
    ----------
    model : str
        One of `transformer_models.MODELS`.
    view : str
        One of `VIEWS`.
    block : BlockChoice
        The block that is open, and its head.
    off : tuple of Place
        Blocks of the model that are switched off, in the order in which they run.
    english, text, prompt : str
        What the translator, the text encoder and the small GPT read, as typed.
    photo : str
        What the Vision Transformer sees, as `picture_choice` names it.
    digit : DigitChoice
    stream : StreamChoice
    other : str
        The model that the chosen one is compared with.
    sizes : SizesChoice
    """

    model: str = TRANSLATOR
    view: str = DRAWING
    block: BlockChoice = field(default_factory=lambda: BlockChoice(*FIRST_BLOCKS[TRANSLATOR]))
    off: tuple[Place, ...] = ()
    english: str = FIRST_SENTENCE
    text: str = FIRST_TEXT
    prompt: str = FIRST_PROMPT
    photo: str = FIRST_PHOTO
    digit: DigitChoice = field(default_factory=DigitChoice)
    stream: StreamChoice = field(default_factory=StreamChoice)
    other: str = TEXT_ENCODER
    sizes: SizesChoice = field(default_factory=SizesChoice)

    @property
    def english_words(self) -> tuple[str, ...]:
        """What the translator reads, word by word."""
        return tokenise_english(self.english)

    @property
    def prompt_words(self) -> tuple[str, ...]:
        """What the small GPT reads, word by word; what is too long is cut off."""
        return tokenise_english(self.prompt)[:MOST_PROMPT]

    @property
    def written(self) -> str:
        """What is typed for the model that is shown; empty for pictures."""
        of_model = {TRANSLATOR: self.english, TEXT_ENCODER: self.text, GPT: self.prompt}
        return of_model.get(self.model, "")

    @property
    def beside(self) -> str:
        """The model to compare with: `other`, unless that is the one shown."""
        if self.other != self.model:
            return self.other
        return next(model for model in MODELS if model != self.model)

    def writing(self, text: str) -> TransformerState:
        """Return a state with another text for the model that is shown."""
        if self.model == TRANSLATOR:
            return replace(self, english=text)
        if self.model == TEXT_ENCODER:
            return replace(self, text=text)
        return replace(self, prompt=text) if self.model == GPT else self

    def with_model(self, model: str) -> TransformerState:
        """Return a state that shows another model, whole, opened at a block of its own."""
        if model == self.model:
            return self
        return replace(
            self,
            model=model,
            off=(),
            block=BlockChoice(*FIRST_BLOCKS[model]),
            other=self.model if self.other == model else self.other,
        )

    def switched(self, place: Place, *, off: bool) -> TransformerState:
        """Return a state with a block switched off, or on again."""
        from_here = {*self.off, place} if off else set(self.off) - {place}
        return replace(self, off=in_order(self.model, from_here))


def problem_of(model: str, text: str) -> str:
    """Say what is wrong with a text that was typed for a model; nothing if it can be read."""
    if not text.strip():
        return _NOTHING.format(example=FIRST_SENTENCE)
    n_words, most = len(tokenise_english(text)), _MOST_WORDS.get(model)
    if most is not None and n_words > most:
        return f"That is {n_words} words and marks; the model has positions for {most}."
    return ""


def in_order(model: str, places: set[Place]) -> tuple[Place, ...]:
    """Return blocks of a model in the order in which they run."""
    return tuple(place for place in LAYOUTS[model].writers if place in places)
