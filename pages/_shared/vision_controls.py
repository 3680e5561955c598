"""The controls of the Vision Transformer page: each keeps what it says in the page's state.

They stand in one row, so that the picture begins high on the screen. A teacher's link may leave
them out (the row is None); the state then says it all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._shared import vision
from pages._shared.patch_map import Choice, Panel, Photo, patch_map
from pages._shared.vision_models import model_info
from pages._shared.vision_scene import Scene, see
from pages._shared.vision_state import (
    ATTENTION,
    CLASSES,
    DROP_HEAD,
    FEATURES,
    HIDE_BLOCK,
    HIDE_PATCH,
    NAME,
    NO_TEST,
    RESOLUTIONS,
    SALIENCY,
    STORE,
    TESTS,
    VIEWS,
    Point,
)
from pages._shared.vision_words import dropped_name, query_name


def keep(**changes: Any) -> None:
    """Keep what the reader's own action says."""
    STORE.keep(_changed(changes))


def put(**changes: Any) -> None:
    """Put in place what the reader chose elsewhere than in the control that shows it."""
    STORE.install(_changed(changes))


def _changed(changes: dict[str, Any]) -> Any:
    now = STORE.current
    # A map drawn large belongs to its view and its test.
    if any(
        changes.get(name, getattr(now, name)) != getattr(now, name) for name in ("view", "test")
    ):
        changes = {"panel": None, **changes}
    return replace(now, **changes)


def open_row(*, shown: bool) -> DeltaGenerator | None:
    """Return the row that the controls stand in, or None where there are to be none."""
    return st.container(horizontal=True, gap="medium") if shown else None


def set_scene(row: DeltaGenerator | None) -> Scene:
    """Draw the choice of view and resolution, run the model if need be, return the scene."""
    if row is not None:
        info = model_info(STORE.current.model)
        names = info.n_classes > 0
        with row:
            view = st.segmented_control(
                "Show",
                VIEWS,
                format_func=lambda view: CLASSES if names and view == SALIENCY else view,
                required=True,
                key=f"{NAME}.view",
                persist_state="session",
                wrap=True,
            )
            n_patches = st.segmented_control(
                "Patches, about",
                RESOLUTIONS,
                format_func=lambda n: f"{info.resolution(fine=n == vision.FINE):,}",
                required=True,
                key=f"{NAME}.n_patches",
                persist_state="session",
                help=info.resolution_words(),
            )
        keep(view=view or ATTENTION, n_patches=n_patches or vision.COARSE)
    return see(STORE.current)


def choose_layer(
    scene: Scene, row: DeltaGenerator | None, label: str = "Layer", name: str = "layer"
) -> Scene:
    """Draw the choice of a layer, or of the one that a rollout starts from."""
    if row is None:
        return scene
    n_layers = scene.look.attention.n_layers
    key = f"{NAME}.{name}"
    with row:
        layer = st.slider(label, 1, n_layers, key=key, persist_state="session", width=200)
    keep(**{name: layer})
    return replace(scene, state=STORE.current)


def _choose_head(scene: Scene) -> Scene:
    n_heads = scene.look.attention.n_heads
    head = st.segmented_control(
        "Head",
        range(1, n_heads + 2),
        format_func=lambda head: str(head) if head <= n_heads else f"All {n_heads}",
        required=True,
        key=f"{NAME}.head",
        persist_state="session",
    )
    keep(head=head or n_heads + 1)
    return replace(scene, state=STORE.current)


def choose_test(scene: Scene, row: DeltaGenerator | None) -> Scene:
    """Draw the choice of what to take away."""
    if row is None:
        return scene
    with row:
        test = st.segmented_control(
            "Take away",
            TESTS,
            required=True,
            key=f"{NAME}.test",
            persist_state="session",
            wrap=True,
        )
    keep(test=test or NO_TEST)
    scene = replace(scene, state=STORE.current)
    if test == DROP_HEAD:
        second_row = st.container(horizontal=True, gap="large")
        scene = choose_layer(scene, second_row)
        with second_row:
            scene = _choose_head(scene)
    return scene


def waits_for_patch(scene: Scene) -> bool:
    """Tell whether a patch is to be hidden but none is chosen yet."""
    return scene.state.test in (HIDE_PATCH, HIDE_BLOCK) and scene.patch < 0


def drops_head(scene: Scene) -> bool:
    """Tell whether heads rather than patches are taken away."""
    return scene.state.test == DROP_HEAD


def offer_tests(scene: Scene) -> None:
    """Draw the buttons that test what an attention map suggests."""
    dropped = dropped_name(scene.layer, scene.head, scene.look.attention.n_heads)
    with st.container(horizontal=True):
        st.button(
            f"Drop {dropped} and predict again",
            icon=":material/science:",
            on_click=put,
            kwargs={"view": SALIENCY, "test": DROP_HEAD},
        )
        if scene.patch >= 0:
            st.button(
                "Hide this patch and predict again",
                icon=":material/science:",
                on_click=put,
                kwargs={"view": SALIENCY, "test": HIDE_PATCH},
            )


def draw_maps(
    scene: Scene,
    panels: list[Panel],
    *,
    news: Mapping[str, object],
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
    news : mapping
        What the tools of the page have to know; see `pages._shared.lab`.
    asks : str
        Who asks, in words.
    hint : str
        What pointing and choosing do here.
    first : int
        The panel drawn large until the reader chooses one.
    mark : int
        A patch to be outlined dashed, or -1.
    class_token : bool
        Whether what the answer is read from can ask.
    clickable : bool
        Whether a patch can be chosen here; the one chosen is outlined only then.
    """
    in_attention = scene.view == ATTENTION

    def take(choice: Choice) -> None:
        if choice.panel is not None and in_attention:
            keep(head=choice.panel + 1)
            # Its control is in another view; to put the whole page in place would be slow.
            st.session_state[f"{NAME}.head"] = choice.panel + 1
        elif choice.panel is not None:
            keep(panel=choice.panel)
        elif choice.patch is not None:
            point = None if choice.patch < 0 else Point.of(choice.patch, scene.grid)
            panel = None if scene.view == FEATURES else STORE.current.panel
            keep(point=point, panel=panel)

    chosen = scene.head if in_attention else scene.state.panel
    patch_map(
        Photo(
            id=f"{scene.picture.digest}.{scene.n_patches}",
            jpeg=scene.picture.jpegs[scene.n_patches],
            alt=scene.picture.alt,
        ),
        scene.grid,
        panels,
        key=f"{NAME}.map",
        on_choose=take,
        view=scene.view,
        chosen=min(first if chosen is None else chosen, len(panels) - 1),
        patch=scene.patch if clickable else -1,
        mark=mark,
        back_to=query_name(-1, scene.grid, has_class_token=scene.info.has_class_token),
        token_label=asks,
        tiles_label="Maps to choose from",
        hint=hint,
        class_token=class_token,
        clickable=clickable,
        news=news,
    )
