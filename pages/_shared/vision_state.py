"""The state of the Vision Transformer page: what is looked at, and how; and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from core.packing import Schema, integer, one_of, optional, tuple_of
from core.vision_attention import Interventions
from pages._shared import vision
from pages._shared.page_store import PageStore
from pages._shared.picture_choice import FIRST_PHOTO, find_picture, is_sample, sample_photos
from pages._shared.vision import Look, Picture
from pages._shared.vision_words import dropped_name, place, query_name

NAME: Final = "vision_transformer"

ATTENTION: Final = "Attention"
ROLLOUT: Final = "Rollout"
FEATURES: Final = "Patch features"
SALIENCY: Final = "Saliency"
VIEWS: Final = (ATTENTION, ROLLOUT, FEATURES, SALIENCY)

NO_TEST: Final = "Nothing"
DROP_HEAD: Final = "Drop a head"
HIDE_PATCH: Final = "Hide a patch"
HIDE_BLOCK: Final = "Hide 3 × 3 patches"
TESTS: Final = (NO_TEST, DROP_HEAD, HIDE_PATCH, HIDE_BLOCK)

RESOLUTIONS: Final = (vision.COARSE, vision.FINE)
# Those of the trained model; known here so that nothing heavy is loaded to open a link.
N_LAYERS: Final = 12
N_HEADS: Final = 6
_MOST_PATCHES: Final = 128  # along one side


@dataclass(frozen=True)
class Point:
    """A patch, with the grid that it was chosen in: it stays in its place in another one."""

    row: int
    column: int
    rows: int
    columns: int

    @staticmethod
    def of(patch: int, grid: tuple[int, int]) -> Point:
        """Return the place of a patch, counted row by row from 0."""
        return Point(*divmod(patch, grid[1]), *grid)

    def patch(self, grid: tuple[int, int]) -> int:
        """Return the patch at this place of another grid."""
        rows, columns = grid
        down, across = (self.row + 0.5) / self.rows, (self.column + 0.5) / self.columns
        return int(down * rows) * columns + int(across * columns)


@dataclass(frozen=True)
class VisionState:
    """Everything on the page that a reader can change.

    Attributes
    ----------
    photo : str
        Name of the picture, as `picture_choice` knows it.
    view : str
        One of `VIEWS`.
    n_patches : int
        One of `RESOLUTIONS`.
    layer, head : int
        From 1, as on the screen; the head after the last is the mean of all.
    start_layer : int
        The layer that a rollout starts from, from 1.
    test : str
        One of `TESTS`: what is taken away in the view of the saliency.
    point : Point or None
        The chosen patch; None for the class token.
    panel : int or None
        The map that is drawn large in this view; None for the view's own choice.
    """

    photo: str = FIRST_PHOTO
    view: str = ATTENTION
    n_patches: int = vision.COARSE
    layer: int = N_LAYERS
    head: int = N_HEADS + 1
    start_layer: int = 2
    test: str = NO_TEST
    point: Point | None = None
    panel: int | None = None


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
    def n_patches(self) -> int:
        """The chosen resolution."""
        return self.state.n_patches

    @property
    def view(self) -> str:
        """The chosen view."""
        return self.state.view

    @property
    def patch(self) -> int:
        """The patch that asks, or -1 for the class token."""
        return -1 if self.state.point is None else self.state.point.patch(self.grid)

    @property
    def asks(self) -> str:
        """Name of the token that asks."""
        return query_name(self.patch, self.grid)

    @property
    def head(self) -> int:
        """The chosen head from 0; the mean of all as the index after the last."""
        return self.state.head - 1

    @property
    def layer(self) -> int:
        """The chosen layer, from 0."""
        return self.state.layer - 1


def see(state: VisionState) -> Scene:
    """Run the model on the picture of a state, or recall its pass."""
    picture = find_picture(state.photo)
    return Scene(state, picture, vision.look(picture, state.n_patches))


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


def pack(state: VisionState) -> dict[str, Any]:
    """Return the values that a link carries, and the name of a picture that it does not."""
    point = state.point
    return {
        "photo": state.photo if is_sample(state.photo) else None,
        "own_picture": "" if is_sample(state.photo) else state.photo,
        "view": state.view,
        "n_patches": state.n_patches,
        "layer": state.layer,
        "head": state.head,
        "start_layer": state.start_layer,
        "test": state.test,
        "point": None if point is None else (point.row, point.column, point.rows, point.columns),
        "panel": state.panel,
    }


def unpack(values: Mapping[str, Any]) -> VisionState:
    """Return the state that a link carries; for a picture that it does not, the first photo."""
    point = values["point"]
    if point is not None:
        row, column, rows, columns = point
        point = Point(min(row, rows - 1), min(column, columns - 1), rows, columns)
    own = values["photo"] is None
    return VisionState(
        **{
            **{name: values[name] for name in SCHEMA.fields},
            "photo": FIRST_PHOTO if own else values["photo"],
            "point": None if own else point,
        }
    )


def link_note(state: VisionState) -> str:
    """Say what the link of a state leaves out."""
    if is_sample(state.photo):
        return ""
    return "Your picture is not in it: others see a sample photo instead."


def widgets(state: VisionState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    del loads  # nothing here is typed
    names = ("view", "n_patches", "layer", "head", "start_layer", "test")
    return {f"{NAME}.{name}": getattr(state, name) for name in names}


_ALONG: Final = integer(0, _MOST_PATCHES - 1)
_SIDE: Final = integer(1, _MOST_PATCHES)
SCHEMA: Final = Schema(
    version=1,
    fields={
        "photo": optional(one_of(tuple(photo.file for photo in sample_photos()))),
        "view": one_of(VIEWS),
        "n_patches": one_of(RESOLUTIONS),
        "layer": integer(1, N_LAYERS),
        "head": integer(1, N_HEADS + 1),
        "start_layer": integer(1, N_LAYERS),
        "test": one_of(TESTS),
        "point": optional(tuple_of(_ALONG, _ALONG, _SIDE, _SIDE)),
        "panel": optional(integer(0, N_HEADS)),
    },
)
STORE: Final = PageStore(
    name=NAME,
    start=VisionState,
    schema=SCHEMA,
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"panel"}),
    # Whatever is chosen here, only a picture can be the reader's own.
    choices=frozenset(SCHEMA.fields) - {"photo"},
)
