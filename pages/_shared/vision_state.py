"""The state of the Vision Transformer page: what is looked at, and how; and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from core.packing import Schema, integer, one_of, optional, tuple_of
from pages._shared import imagenet, vision
from pages._shared.page_store import PageStore
from pages._shared.picture_choice import FIRST_PHOTO, is_sample, sample_photos
from pages._shared.vision_models import (
    MODEL_NAMES,
    MOST_HEADS,
    MOST_LAYERS,
    SALIENCY_INFO,
    SALIENCY_MODEL,
    model_info,
)

NAME: Final = "vision_transformer"

ATTENTION: Final = "Attention"
ROLLOUT: Final = "Rollout"
FEATURES: Final = "Patch features"
SALIENCY: Final = "Saliency"
DECIDED: Final = "Explained"
RANKED: Final = "Heads, ranked"
VIEWS: Final = (ATTENTION, ROLLOUT, FEATURES, SALIENCY, DECIDED, RANKED)

# What the view of the answer is called for a model that names what it sees.
CLASSES: Final = "Classes"

NO_TEST: Final = "Nothing"
DROP_HEAD: Final = "Drop a head"
HIDE_PATCH: Final = "Hide a patch"
HIDE_BLOCK: Final = "Hide 3 × 3 patches"
TESTS: Final = (NO_TEST, DROP_HEAD, HIDE_PATCH, HIDE_BLOCK)

RESOLUTIONS: Final = (vision.COARSE, vision.FINE)
# Those of the lab's own model; known here so that nothing heavy is loaded to open a link.
N_LAYERS: Final = SALIENCY_INFO.n_layers
N_HEADS: Final = SALIENCY_INFO.n_heads
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
        One of `RESOLUTIONS`, whatever that comes to with the model.
    layer, head : int
        From 1, as on the screen; the head after the last is the mean of all.
    start_layer : int
        The layer that a rollout starts from, from 1.
    test : str
        One of `TESTS`: what is taken away in the view of what the model answers.
    point : Point or None
        The chosen patch; None for what the answer is read from.
    panel : int or None
        The map that is drawn large in this view; None for the view's own choice.
    model : str
        One of `MODEL_NAMES`.
    missing : str
        Why another model than the one asked for is shown; empty if it is that one.
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
    model: str = SALIENCY_MODEL
    missing: str = ""


def with_model(state: VisionState, name: str) -> VisionState:
    """Return a state that looks into another model, at what corresponds to what was looked at.

    The last layer becomes the last, the mean of all heads their mean; the rest stays as far as the
    model has it.
    """
    old, new = model_info(state.model), model_info(name)
    last, mean = state.layer >= old.n_layers, state.head > old.n_heads
    return replace(
        state,
        model=name,
        missing="",
        layer=new.n_layers if last else min(state.layer, new.n_layers),
        head=new.n_heads + 1 if mean else min(state.head, new.n_heads),
        start_layer=min(state.start_layer, new.n_layers),
        panel=None if old is not new else state.panel,
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
        "model": state.model,
    }


def unpack(values: Mapping[str, Any]) -> VisionState:
    """Return the state that a link carries.

    For a picture that it does not carry the first photo, for a model that is not here the lab's
    own.
    """
    point = values["point"]
    if point is not None:
        row, column, rows, columns = point
        point = Point(min(row, rows - 1), min(column, columns - 1), rows, columns)
    own = values["photo"] is None
    state = VisionState(
        **{
            **{name: values[name] for name in SCHEMA.fields},
            "photo": FIRST_PHOTO if own else values["photo"],
            "point": None if own else point,
        }
    )
    if state.model != SALIENCY_MODEL and imagenet.path_of(state.model) is None:
        missing = imagenet.not_here(state.model)
        return replace(with_model(state, SALIENCY_MODEL), missing=missing)
    return with_model(state, state.model)  # no layer or head that the model does not have


def link_to(model: str, photo: str = "") -> str:
    """Return the packed state that shows a model and a sample photo."""
    values = pack(with_model(VisionState(photo=photo or FIRST_PHOTO), model))
    return SCHEMA.write({name: values[name] for name in SCHEMA.fields})


def link_note(state: VisionState) -> str:
    """Say what the link of a state leaves out."""
    if is_sample(state.photo):
        return ""
    return "Your picture is not in it: others see a sample photo instead."


def widgets(state: VisionState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    del loads  # nothing here is typed
    names = ("view", "n_patches", "layer", "head", "start_layer", "test", "model")
    return {f"{NAME}.{name}": getattr(state, name) for name in names}


@dataclass(frozen=True)
class _WithFirst(Schema):
    """A schema that also reads links of version 1: from when there was one model and four views."""

    def read(self, text: str) -> dict[str, Any]:
        """Return the values of every field."""
        if not text.startswith(f"{_FIRST.version}."):
            return super().read(text)
        return {**_FIRST.read(text), "model": SALIENCY_MODEL}


_ALONG: Final = integer(0, _MOST_PATCHES - 1)
_SIDE: Final = integer(1, _MOST_PATCHES)
_PHOTOS: Final = optional(one_of(tuple(photo.file for photo in sample_photos())))
_POINT: Final = optional(tuple_of(_ALONG, _ALONG, _SIDE, _SIDE))
_FIRST: Final = Schema(
    version=1,
    fields={
        "photo": _PHOTOS,
        "view": one_of((ATTENTION, ROLLOUT, FEATURES, SALIENCY)),
        "n_patches": one_of(RESOLUTIONS),
        "layer": integer(1, N_LAYERS),
        "head": integer(1, N_HEADS + 1),
        "start_layer": integer(1, N_LAYERS),
        "test": one_of(TESTS),
        "point": _POINT,
        "panel": optional(integer(0, N_HEADS)),
    },
)
SCHEMA: Final = _WithFirst(
    version=2,
    fields={
        "photo": _PHOTOS,
        "view": one_of(VIEWS),
        "n_patches": one_of(RESOLUTIONS),
        "layer": integer(1, MOST_LAYERS),
        "head": integer(1, MOST_HEADS + 1),
        "start_layer": integer(1, MOST_LAYERS),
        "test": one_of(TESTS),
        "point": _POINT,
        "panel": optional(integer(0, MOST_HEADS)),
        "model": one_of(MODEL_NAMES),
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
