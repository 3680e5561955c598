"""What is looked at on the Vision Transformer page: a state, its picture, the model's pass."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.vision_attention import Interventions
from pages._shared import imagenet, vision
from pages._shared.picture_choice import find_picture
from pages._shared.vision import Look, Picture
from pages._shared.vision_models import SALIENCY_MODEL, ModelInfo, model_info
from pages._shared.vision_state import (
    DROP_HEAD,
    HIDE_BLOCK,
    HIDE_PATCH,
    STORE,
    VisionState,
    with_model,
)
from pages._shared.vision_words import asker, dropped_name, place


@dataclass(frozen=True, eq=False)
class Scene:
    """What is being looked at: a state, its picture, the model's pass over it, who asks."""

    state: VisionState
    picture: Picture
    look: Look

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return self.look.attention.grid

    @property
    def info(self) -> ModelInfo:
        """What is known of the model."""
        return model_info(self.state.model)

    @property
    def n_patches(self) -> int:
        """The chosen resolution: `vision.COARSE` or `vision.FINE`."""
        return self.state.n_patches

    @property
    def view(self) -> str:
        """The chosen view."""
        return self.state.view

    @property
    def patch(self) -> int:
        """The patch that asks, or -1 for what the answer is read from."""
        return -1 if self.state.point is None else self.state.point.patch(self.grid)

    @property
    def asks(self) -> str:
        """Name of who asks."""
        return asker(self.look.attention, self.patch)

    @property
    def averages(self) -> bool:
        """Whether all patches ask, on average, as there is no class token to ask."""
        return self.patch < 0 and not self.look.attention.has_class_token

    @property
    def head(self) -> int:
        """The chosen head from 0; the mean of all as the index after the last."""
        return self.state.head - 1

    @property
    def layer(self) -> int:
        """The chosen layer, from 0."""
        return self.state.layer - 1


def see(state: VisionState) -> Scene:
    """Run the model on the picture of a state, or recall its pass.

    Raises
    ------
    NotFetchedError
        If the model has to be fetched first; `ensure_model` sees to it that the page's need not.
    """
    picture = find_picture(state.photo)
    return Scene(state, picture, vision.look(picture, state.n_patches, state.model))


def ensure_model() -> None:
    """Put the lab's own model in place of one that is not here or cannot be read.

    To be called before anything is drawn.
    """
    state = STORE.current
    if state.model != SALIENCY_MODEL and (problem := imagenet.problem_with(state.model)):
        STORE.install(replace(with_model(state, SALIENCY_MODEL), missing=problem))


def interventions(scene: Scene) -> tuple[Interventions, str]:
    """Return what the state takes away, and its name in words; empty if nothing."""
    state, n_heads = scene.state, scene.look.attention.n_heads
    if state.test == DROP_HEAD:
        heads = range(n_heads) if scene.head == n_heads else (scene.head,)
        dropped = frozenset((scene.layer, head) for head in heads)
        name = dropped_name(scene.layer, scene.head, n_heads)
        return Interventions(dropped_heads=dropped), name
    if state.test in (HIDE_PATCH, HIDE_BLOCK) and scene.patch >= 0:
        reach = 1 if state.test == HIDE_BLOCK else 0
        hidden = patches_around(scene.patch, scene.grid, reach)
        around = "the patches around" if reach else "the patch in"
        return Interventions(hidden_patches=hidden), f"{around} {place(scene.patch, scene.grid)}"
    return Interventions(), ""


def patches_around(patch: int, grid: tuple[int, int], reach: int) -> frozenset[int]:
    """Return the patches up to `reach` rows and columns from a patch, itself among them."""
    rows, columns = grid
    row, column = divmod(patch, columns)
    return frozenset(
        y * columns + x
        for y in range(max(row - reach, 0), min(row + reach + 1, rows))
        for x in range(max(column - reach, 0), min(column + reach + 1, columns))
    )
