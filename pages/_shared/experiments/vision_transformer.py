"""The experiments of the Vision Transformer page.

Each answer is measured on the picture that is on the page, a reader's own as well. The questions
are about the lab's own model: only that one predicts saliency.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from pages._shared import vision_scene
from pages._shared.experiments import vision_answers as answers
from pages._shared.lesson import (
    Choices,
    DoesNotFitError,
    Experiment,
    Number,
    Option,
    Place,
    Value,
)
from pages._shared.vision_models import SALIENCY_INFO
from pages._shared.vision_scene import Scene
from pages._shared.vision_state import (
    ATTENTION,
    N_HEADS,
    N_LAYERS,
    ROLLOUT,
    SALIENCY,
    Point,
    VisionState,
)

__all__ = ["EXPERIMENTS", "picked", "see", "start_state"]


def start_state() -> VisionState:
    """Return what the page starts with."""
    return VisionState()


def see(state: VisionState) -> Scene:
    """Return what the page shows, for a question about it.

    Raises
    ------
    DoesNotFitError
        If it shows another model than the one that the questions are about.
    """
    if state.model != SALIENCY_INFO.name:
        raise DoesNotFitError(
            f"It is about the lab's own model: choose “{SALIENCY_INFO.title}” above."
        )
    return vision_scene.see(state)


def picked(state: VisionState) -> Value | None:
    """Return row and column, from 0, of the patch chosen on the page; None for the class token."""
    scene = vision_scene.see(state)
    return None if scene.patch < 0 else answers.cell(scene.patch, scene)


EXPERIMENTS: Final[tuple[Experiment[VisionState, Scene], ...]] = (
    Experiment(
        name="nearest-layer",
        title="Which layer reads nearest",
        question=(
            "Every patch asks: how far away, on average, is what it reads? Say which of these "
            "layers reads nearest in this picture (mean of 6 heads)."
        ),
        ask=Choices(
            (
                Option(
                    "Layer 1",
                    "The first layer need not be local: most of its heads read far across the "
                    "picture.",
                ),
                Option(
                    "Layer 2",
                    "In some pictures it does. In this one another layer reads nearer.",
                ),
                Option(
                    "Layer 4",
                    "In some pictures it does. In this one another layer reads nearer.",
                ),
                Option(
                    "Layer 12",
                    "The last layer does not narrow down to a neighbourhood: another layer reads "
                    "nearer.",
                ),
                Option(
                    "None of them: every patch can read every other in all layers",
                    "It can, but not evenly in all of them: the mean distances differ by half a "
                    "patch or more.",
                ),
            )
        ),
        set_up=lambda _state: VisionState(photo="cows.jpg", point=Point(6, 5, 14, 18)),
        change=answers.show_nearest_layer,
        answer=answers.nearest_layer,
        stated=1,
        spoiled=lambda state: replace(state, photo="kingfisher.jpg"),
    ),
    Experiment(
        name="onto-the-subject",
        title="Nearness or subject",
        question=(
            "Layer 4 is on the screen, and the outlined patch asks. In layer 12, how much of what "
            "it reads from the picture comes from the subject, where the predicted saliency is one "
            "half or more (mean of 6 heads)?"
        ),
        ask=Number(
            low=0,
            high=100,
            within=10,
            too_low="More of it comes from there, and less from the background.",
            too_high="Less of it comes from there, and more from the background.",
            digits=0,
            unit="per cent",
        ),
        set_up=lambda _state: VisionState(
            photo="koala.jpg", layer=answers.NEAR, point=Point(5, 5, 18, 14)
        ),
        change=lambda state: replace(
            state, view=ATTENTION, layer=N_LAYERS, head=N_HEADS + 1, panel=None
        ),
        answer=answers.weight_on_subject,
        stated=94,
        spoiled=lambda state: replace(state, point=Point(1, 1, 18, 14)),
    ),
    Experiment(
        name="background-head",
        title="Which heads read the background",
        question=(
            "The map shows how likely each spot is to stand out; where that is below one half is "
            "background. In how many of the 6 heads of layer 12 does more than half of what the "
            "class token reads from the picture come from there?"
        ),
        ask=Choices(
            (
                Option(
                    "None: the last layer reads the subject",
                    "At least one head does not: each has queries and keys of its own.",
                ),
                Option(
                    "One head alone",
                    "Pictures differ in this, and in this one it is not one.",
                ),
                Option(
                    "Several, but not all",
                    "Here it is another number: heads need not share out the picture.",
                ),
                Option(
                    "All 6: the background covers most of the picture",
                    "Size alone does not decide. Weight follows how well each key fits the query.",
                ),
            )
        ),
        set_up=lambda _state: VisionState(photo="macaw.jpg", view=SALIENCY),
        change=answers.show_background_head,
        answer=answers.background_heads,
        stated=answers.ONE_HEAD,
        spoiled=lambda state: replace(state, photo="minaret.jpg"),
    ),
    Experiment(
        name="rollout-sink",
        title="Where rollout piles up",
        question=(
            "Rollout follows the class token's attention through all layers, from 12 down to 1; "
            "layer 1 is on the screen. Choose the patch that will hold the largest share of it."
        ),
        ask=Place(
            what="a patch in the photo",
            called=answers.called,
            near=answers.is_beside,
            why_not=lambda _given, _right: (
                "Less of the rollout lies there. It ends with what layer 1 reads, and that need "
                "not be the subject."
            ),
        ),
        # Answered from layer 1, which is shown: a class may have no slider to get to it.
        set_up=lambda _state: VisionState(photo="puppies.jpg", layer=1),
        change=lambda state: replace(state, view=ROLLOUT, start_layer=1, point=None, panel=None),
        answer=answers.pile_of_rollout,
        stated=(11, 1),
        spoiled=lambda state: replace(state, photo="macaw.jpg"),
    ),
    Experiment(
        name="most-read",
        title="Hide what is read most",
        question=(
            "The patch that the class token reads most in layer 12 (mean of 6 heads) is hidden and "
            "saliency predicted again; then each of five others instead, chosen at random. How "
            "many of the five change the prediction less?"
        ),
        ask=Choices(
            (
                Option(
                    "All five: what is read most matters most",
                    "A weight says how much of a patch is read, not how much the prediction "
                    "depends on it.",
                ),
                Option("Some of the five", "Here all five came out the same way."),
                Option(
                    "None: the patches beside it make up for it",
                    "At least one of the five changes it less.",
                ),
            )
        ),
        set_up=lambda _state: VisionState(photo="kangaroo.jpg"),
        change=answers.hide_most_read,
        answer=answers.without_others,
        stated=answers.SOME_LESS,
        spoiled=lambda state: replace(state, photo="cows.jpg"),
    ),
)
