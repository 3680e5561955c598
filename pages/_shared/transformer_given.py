"""What each model of the Transformer page is run on in a state: the key of its caches."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.digits import as_picture
from pages._shared import digits, vision
from pages._shared.digit_value import image_of
from pages._shared.picture_choice import find_picture
from pages._shared.transformer_choice import TransformerState
from pages._shared.transformer_models import DIGITS, GPT, TEXT_ENCODER, TRANSLATOR

Words = tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """What one model is run on: the key of every cache.

    Attributes
    ----------
    model : str
        One of `transformer_models.MODELS`.
    name : str or tuple of str
        The words, the text, or the hash of the picture.
    pixels : NDArray or None
        The picture as the model takes it; its hash stands for it.
    """

    model: str
    name: str | Words
    pixels: NDArray[np.uint8] | None = field(default=None, compare=False, repr=False)

    @property
    def picture(self) -> NDArray[np.uint8]:
        """The picture of a model that sees one."""
        if self.pixels is None:
            raise ValueError(f"{self.model} reads a text: there is no picture.")
        return self.pixels

    @property
    def words(self) -> Words:
        """The words of a model that reads words."""
        return self.name if isinstance(self.name, tuple) else tuple(self.name.split())


def given_of(state: TransformerState, model: str) -> Given:
    """Return what one of the models is run on in a state."""
    if model == TRANSLATOR:
        return Given(model, state.english_words)
    if model == TEXT_ENCODER:
        return Given(model, state.text)
    if model == GPT:
        return Given(model, state.prompt_words)
    if model == DIGITS:
        image = image_of(state.digit)
        return Given(model, digits.digest(image), as_picture(image))
    picture = find_picture(state.photo)
    return Given(model, picture.digest, picture.fitted(vision.COARSE))
