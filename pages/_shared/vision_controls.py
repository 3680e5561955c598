"""The controls of the Vision Transformer page, and what they leave in the session's state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import streamlit as st

from core.vision_attention import Interventions
from pages._shared import vision
from pages._shared.patch_map import Choice, Panel, Photo, patch_map
from pages._shared.vision import Look, Picture
from pages._shared.vision_words import dropped_name, place, query_name

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

# Keys of the session's state. Layers and heads from 1, as on the screen; a head after the last
# is the mean. A chosen patch is (picture's hash, how far down, how far across), so that it stays
# in its place when the resolution changes and is forgotten with its picture.
VIEW: Final = "vision.view"
RESOLUTION: Final = "vision.resolution"
LAYER: Final = "vision.layer"
HEAD: Final = "vision.head"
START: Final = "vision.start_layer"
TEST: Final = "vision.test"
POINT: Final = "vision.point"
_PANEL: Final = "vision.panel"
_MAP: Final = "vision.map"
_DEFAULTS: Final = {
    VIEW: ATTENTION,
    RESOLUTION: vision.COARSE,
    START: 2,
    TEST: NO_TEST,
}


@dataclass(frozen=True, eq=False)
class Scene:
    """What is being looked at: a picture, the model's pass over it, and the patch that asks."""

    picture: Picture
    n_patches: int
    look: Look
    view: str
    patch: int

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of patches."""
        return self.look.attention.grid

    @property
    def asks(self) -> str:
        """Name of the token that asks."""
        return query_name(self.patch, self.grid)


def set_scene(picture: Picture) -> Scene:
    """Draw the choice of view and resolution, run the model if need be, return the scene."""
    for key, value in _DEFAULTS.items():
        st.session_state.setdefault(key, value)
    with st.container(horizontal=True, gap="medium"):
        view: str | None = st.segmented_control(
            "Show", VIEWS, required=True, key=VIEW, persist_state="session", wrap=True
        )
        n_patches: int | None = st.segmented_control(
            "Cut into about",
            (vision.COARSE, vision.FINE),
            format_func="{:,} patches".format,
            required=True,
            key=RESOLUTION,
            persist_state="session",
            help=(
                "As many patches of 14 × 14 pixels as a square of 224 or 448 pixels has. Four "
                "times the patches cost the model about six times the time."
            ),
        )
    view, n_patches = view or ATTENTION, n_patches or vision.COARSE
    look = vision.look(picture, n_patches)
    # The last layer and the mean of its heads, where a reader has not chosen yet.
    st.session_state.setdefault(LAYER, look.attention.n_layers)
    st.session_state.setdefault(HEAD, look.attention.n_heads + 1)
    point = st.session_state.get(POINT)
    patch = -1
    if point is not None and point[0] == picture.digest:
        rows, columns = look.attention.grid
        patch = int(point[1] * rows) * columns + int(point[2] * columns)
    return Scene(picture, n_patches, look, view, patch)


def choose_layer(scene: Scene) -> int:
    """Draw the choice of a layer; returned from 0."""
    return _choose_layer(scene, "Layer", LAYER)


def choose_start_layer(scene: Scene) -> int:
    """Draw the choice of the layer that a rollout starts from; returned from 0."""
    return _choose_layer(scene, "From layer", START)


def _choose_layer(scene: Scene, label: str, key: str) -> int:
    n_layers = scene.look.attention.n_layers
    layer: int = st.slider(label, 1, n_layers, key=key, persist_state="session", width=420)
    return layer - 1


def choose_head(scene: Scene) -> int:
    """Draw the choice of a head; returned from 0, all heads as the index after the last."""
    n_heads = scene.look.attention.n_heads
    head = st.segmented_control(
        "Head",
        range(1, n_heads + 2),
        format_func=lambda head: str(head) if head <= n_heads else f"All {n_heads}",
        required=True,
        key=HEAD,
        persist_state="session",
    )
    return (head or n_heads + 1) - 1


def choose_test(scene: Scene) -> tuple[Interventions, str]:
    """Draw the choice of an intervention.

    Returns
    -------
    Interventions
        Empty if nothing is to be tested.
    str
        What is taken away, in words.
    """
    test = st.segmented_control(
        "Take away",
        TESTS,
        required=True,
        key=TEST,
        persist_state="session",
        on_change=_forget_panel,
        wrap=True,
    )
    if test == DROP_HEAD:
        with st.container(horizontal=True, gap="large"):
            layer, head = choose_layer(scene), choose_head(scene)
        n_heads = scene.look.attention.n_heads
        heads = range(n_heads) if head == n_heads else (head,)
        dropped = frozenset((layer, each) for each in heads)
        return Interventions(dropped_heads=dropped), dropped_name(layer, head, n_heads)
    if test in (HIDE_PATCH, HIDE_BLOCK) and scene.patch >= 0:
        reach = 1 if test == HIDE_BLOCK else 0
        hidden = patches_around(scene.patch, scene.grid, reach)
        around = "the patches around" if reach else "the patch in"
        return Interventions(hidden_patches=hidden), f"{around} {place(scene.patch, scene.grid)}"
    return Interventions(), ""


def waits_for_patch(scene: Scene) -> bool:
    """Tell whether a patch is to be hidden but none is chosen yet."""
    return st.session_state[TEST] in (HIDE_PATCH, HIDE_BLOCK) and scene.patch < 0


def drops_head() -> bool:
    """Tell whether heads rather than patches are taken away."""
    return bool(st.session_state[TEST] == DROP_HEAD)


def patches_around(patch: int, grid: tuple[int, int], reach: int) -> frozenset[int]:
    """Return the patches up to `reach` rows and columns from a patch, itself among them."""
    rows, columns = grid
    row, column = divmod(patch, columns)
    return frozenset(
        y * columns + x
        for y in range(max(row - reach, 0), min(row + reach + 1, rows))
        for x in range(max(column - reach, 0), min(column + reach + 1, columns))
    )


def offer_tests(scene: Scene, layer: int) -> None:
    """Draw the buttons that test what an attention map suggests."""
    head, n_heads = st.session_state[HEAD] - 1, scene.look.attention.n_heads
    with st.container(horizontal=True):
        st.button(
            f"Drop {dropped_name(layer, head, n_heads)} and predict again",
            icon=":material/science:",
            on_click=_start_test,
            args=(DROP_HEAD,),
        )
        if scene.patch >= 0:
            st.button(
                "Hide this patch and predict again",
                icon=":material/science:",
                on_click=_start_test,
                args=(HIDE_PATCH,),
            )


def draw_maps(
    scene: Scene,
    panels: list[Panel],
    *,
    asks: str,
    hint: str,
    first: int = 0,
    mark: int = -1,
    class_token: bool = True,
    clickable: bool = True,
) -> None:
    """Draw a view's maps over the photo and take choices of patch and panel.

    Parameters
    ----------
    scene : Scene
        What is being looked at.
    panels : list of Panel
        The maps.
    asks : str
        Who asks, in words.
    hint : str
        What pointing and choosing do here.
    first : int
        The panel drawn large until the reader chooses one.
    mark : int
        A patch to be outlined dashed, or -1.
    class_token : bool
        Whether the class token can ask.
    clickable : bool
        Whether a patch can be chosen here; the one chosen is outlined only then.
    """

    def take(choice: Choice) -> None:
        if choice.panel is not None and scene.view == ATTENTION:
            st.session_state[HEAD] = choice.panel + 1
        elif choice.panel is not None:
            st.session_state[_PANEL] = (scene.view, choice.panel)
        elif choice.patch is not None:
            _keep_patch(scene, choice.patch)

    if scene.view == ATTENTION:
        chosen = st.session_state[HEAD] - 1
    else:
        view, chosen = st.session_state.get(_PANEL, ("", first))
        chosen = chosen if view == scene.view else first
    patch_map(
        Photo(
            id=f"{scene.picture.digest}.{scene.n_patches}",
            jpeg=scene.picture.jpegs[scene.n_patches],
            alt=scene.picture.alt,
        ),
        scene.grid,
        panels,
        key=_MAP,
        on_choose=take,
        view=scene.view,
        chosen=min(chosen, len(panels) - 1),
        patch=scene.patch if clickable else -1,
        mark=mark,
        token_label=asks,
        tiles_label="Maps to choose from",
        hint=hint,
        class_token=class_token,
        clickable=clickable,
    )


def _keep_patch(scene: Scene, patch: int) -> None:
    if patch < 0:
        st.session_state[POINT] = None
        return
    rows, columns = scene.grid
    down, across = (patch // columns + 0.5) / rows, (patch % columns + 0.5) / columns
    st.session_state[POINT] = (scene.picture.digest, down, across)
    if scene.view == FEATURES:
        _forget_panel()


def _start_test(test: str) -> None:
    st.session_state[VIEW] = SALIENCY
    st.session_state[TEST] = test
    _forget_panel()


def _forget_panel() -> None:
    st.session_state.pop(_PANEL, None)
