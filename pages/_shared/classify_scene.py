"""What the image classification page shows: a model, a picture, and what is asked of the two."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.digit_changes import AS_IT_IS, IN_DISORDER, changed_digit
from core.digit_settings import DigitSettings
from core.imagenet_models import IMAGENET_MODELS
from pages._shared import digits
from pages._shared.digit_look_scene import NO_TEST, DigitLook, LookChoice, see_digit
from pages._shared.digit_value import DigitChoice, answer_of, image_of, name_of
from pages._shared.digit_weights_scene import WeightsChoice
from pages._shared.digits import DigitModel
from pages._shared.picture_choice import find_picture
from pages._shared.taught import FIRST_TAUGHT, Taught, find_taught
from pages._shared.vision import Picture
from pages._shared.vision_subjects import ANY_CLASS

NAME: Final = "image_classification"

DIGITS: Final = "Digits"
TAUGHT: Final = "Your classes"
IMAGENET: Final = "ImageNet"
MODELS: Final = (DIGITS, TAUGHT, IMAGENET)

TEACH: Final = "Teach it"
NAMED: Final = "Name it"
HEADS: Final = "Heads"
DECIDED: Final = "Which patches decided?"
RANKED: Final = "Heads, ranked"
LEARNED: Final = "Weights it learned"
TRAIN: Final = "Train it"
VIEWS: Final = (NAMED, TEACH, HEADS, DECIDED, RANKED, LEARNED, TRAIN)
# The first is what a model opens with.
VIEWS_OF: Final = {
    DIGITS: (NAMED, HEADS, DECIDED, RANKED, LEARNED, TRAIN),
    TAUGHT: (TEACH, NAMED, DECIDED),
    IMAGENET: (NAMED, DECIDED),
}

# Begin the keys of the explanations, each a kind of model's own.
EXPLAINED_DIGIT: Final = f"{NAME}.explained"
EXPLAINED_TAUGHT: Final = f"{NAME}.taught.explained"
EXPLAINED_IMAGENET: Final = f"{NAME}.imagenet.explained"

FIRST_PHOTO: Final = "cows.jpg"
# An 8 that is not easy: patches and heads are missed when they are gone.
FIRST_DIGIT: Final = DigitChoice(held_out=51)
_FIRST_LOOK: Final = LookChoice()
_FIRST_WEIGHTS: Final = WeightsChoice()
_FIRST_TRAINING: Final = DigitSettings()


@dataclass(frozen=True)
class ClassifyState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    model : str
        One of `MODELS`.
    view : str
        One of `VIEWS`; a model that has no such view shows its first.
    digit : DigitChoice
        The digit on the page, or the ink on the pad.
    change : str
        What is done to it, one of `core.digit_changes.CHANGES`.
    looked : LookChoice
        Layer, head, weight and test in the digit model.
    learned : WeightsChoice
        Which of the digit model's weights are looked at.
    training : DigitSettings
        How the next digit model is to be trained.
    own_model : bool
        Whether the digit model that the reader trained last is looked at; not in a link.
    photo : str
        Name of the picture, as `picture_choice` knows it.
    taught : tuple of str
        Ids of the classes that are taught, as `pages._shared.taught` knows them; of these only the
        starter classes are in a link.
    imagenet : str
        Name of the ImageNet model.
    target : int
        The class that is explained; `ANY_CLASS` for the one that is named.
    """

    model: str = DIGITS
    view: str = NAMED
    digit: DigitChoice = FIRST_DIGIT
    change: str = AS_IT_IS
    looked: LookChoice = _FIRST_LOOK
    learned: WeightsChoice = _FIRST_WEIGHTS
    training: DigitSettings = _FIRST_TRAINING
    own_model: bool = False
    photo: str = FIRST_PHOTO
    taught: tuple[str, ...] = FIRST_TAUGHT
    imagenet: str = IMAGENET_MODELS[0].name
    target: int = ANY_CLASS

    @property
    def shown_view(self) -> str:
        """The view that is drawn: the chosen one, if the model has it."""
        views = VIEWS_OF[self.model]
        return self.view if self.view in views else views[0]


@dataclass(frozen=True, eq=False)
class Scene:
    """What is being looked at. What is not drawn is not computed."""

    state: ClassifyState

    @property
    def view(self) -> str:
        """The view that is drawn."""
        return self.state.shown_view

    @cached_property
    def digit_model(self) -> DigitModel:
        """The digit model that is looked at: the shipped one, or the reader's."""
        own = digits.own_model() if self.state.own_model else None
        return own or digits.shipped_model()

    @cached_property
    def image(self) -> NDArray[np.uint8]:
        """The digit that the model gets, (8, 8) of 0 to 16, changed as the reader wants."""
        image = image_of(self.state.digit)
        if self.state.change == AS_IT_IS:
            return image
        size = self.digit_model.model.patch_size if self.state.change == IN_DISORDER else 1
        return changed_digit(image, self.state.change, size)

    @property
    def digit_name(self) -> str:
        """What the digit is, in words."""
        name = name_of(self.state.digit)
        change = self.state.change
        return name if change == AS_IT_IS else f"{name}, {change[0].lower()}{change[1:]}"

    @cached_property
    def digit(self) -> DigitLook:
        """The digit model's pass over the digit."""
        return see_digit(
            self.digit_model,
            self.image,
            self.state.looked,
            name=self.digit_name,
            answer=answer_of(self.state.digit),
        )

    @property
    def untouched(self) -> DigitLook:
        """The same with nothing taken away."""
        return replace(self.digit, choice=replace(self.digit.choice, test=NO_TEST))

    @cached_property
    def taught(self) -> Taught:
        """What is taught."""
        return find_taught(self.state.taught)

    @cached_property
    def picture(self) -> Picture:
        """The photo."""
        return find_picture(self.state.photo)


def see(state: ClassifyState) -> Scene:
    """Return what a state shows; it is computed when it is drawn."""
    return Scene(state)
