"""The Vision Transformer page with other models: distilled, with registers, with large patches.

They are made on the spot with weights drawn at random, and lie where a fetched file would.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import streamlit as st
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from core.imagenet_models import IMAGENET_MODELS, imagenet_model
from core.packing import PackingError, Schema
from core.vision_attention import VisionAttention
from pages._shared import imagenet, vision, vision_arithmetic, vision_words
from pages._shared.experiments.vision_transformer import EXPERIMENTS, see, start_state
from pages._shared.lesson import DoesNotFitError
from pages._shared.picture_choice import FIRST_PHOTO, find_picture
from pages._shared.vision_case import vision_case
from pages._shared.vision_models import (
    MODEL_NAMES,
    SALIENCY_INFO,
    SALIENCY_MODEL,
    model_info,
    models_here,
)
from pages._shared.vision_state import (
    _FIRST,
    DECIDED,
    DROP_HEAD,
    HIDE_BLOCK,
    HIDE_PATCH,
    NAME,
    RANKED,
    ROLLOUT,
    SALIENCY,
    STORE,
    VIEWS,
    Point,
    VisionState,
    link_to,
    with_model,
)
from pages._shared.vision_tests import TESTED
from pages._shared.vision_work import take_arrays, take_notebook, work_of
from tests.checkpoints import random_file
from tests.hub import put_in_cache, use
from tests.pages.app import (
    captions,
    component,
    html,
    open_in,
    open_page,
    press,
    session_of,
    tools,
    trigger,
)

pytestmark = pytest.mark.slow

PAGE = "pages/vision_transformer.py"
TINY = "vit_tiny_patch16_224.augreg_in21k_ft_in1k"
DISTILLED = "deit_tiny_distilled_patch16_224.fb_in1k"
REGISTERS = "vit_wee_patch16_reg1_gap_256.sbb_in1k"
HERE = (TINY, DISTILLED, REGISTERS)
NOT_HERE = "vit_small_patch32_224.augreg_in21k_ft_in1k"
every_model = pytest.mark.parametrize("name", HERE)

Floats = NDArray[np.float64]


@pytest.fixture(scope="module", autouse=True)
def fetched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let three models have been fetched, and the Hub be out of reach."""
    folder = tmp_path_factory.mktemp("fetched")
    with pytest.MonkeyPatch.context() as patch:
        use(patch, "http://127.0.0.1:1", folder)
        for name in HERE:
            entry = imagenet_model(name)
            put_in_cache(entry.hub_id, random_file(entry, folder), folder)
        yield
    st.cache_resource.clear()


def state_of(name: str, **changes: Any) -> VisionState:  # noqa: ANN401
    state = with_model(VisionState(), name)
    return VisionState(**{**vars(state), **changes})


def message(app: AppTest) -> dict[str, Any]:
    return component(app, "patch_map")


def attention_of(name: str, n_patches: int = vision.COARSE) -> VisionAttention:
    """Return a model's pass over the first photo that goes through none of the page's caches."""
    from core.vit import forward

    return forward(imagenet.load(name), find_picture(FIRST_PHOTO).fitted(n_patches, name))


def shown(panel: dict[str, Any]) -> Floats:
    import base64

    values = np.frombuffer(base64.b64decode(panel["values"]), "<f4")
    return values.reshape(panel["shape"]).astype(np.float64)


def test_what_is_known_of_the_models_is_right() -> None:
    model = vision.load_model()
    info = SALIENCY_INFO
    assert (info.n_layers, info.n_heads, info.d_model) == (
        model.n_layers,
        model.n_heads,
        model.d_model,
    )
    assert (info.patch_size, len(info.prefix), info.n_classes) == (14, 1, model.n_classes)
    assert (SALIENCY_MODEL, *(entry.name for entry in IMAGENET_MODELS)) == MODEL_NAMES
    assert {model_info(name).d_head for name in MODEL_NAMES} == {64}  # as the formula says
    assert models_here() == (SALIENCY_MODEL, *HERE)


@pytest.mark.parametrize(
    ("name", "coarse", "fine"),
    [(SALIENCY_MODEL, 256, 1024), (TINY, 196, 784), (REGISTERS, 256, 1024), (NOT_HERE, 49, 196)],
)
def test_pictures_are_cut_as_models_were_trained(name: str, coarse: int, fine: int) -> None:
    picture, info = find_picture(FIRST_PHOTO), model_info(name)
    height, width = picture.source.shape[:2]
    assert height * width <= 512**2
    for n_patches, most in ((vision.COARSE, coarse), (vision.FINE, fine)):
        pixels = picture.fitted(n_patches, name)
        rows, columns = pixels.shape[0] / info.patch_size, pixels.shape[1] / info.patch_size
        assert rows == int(rows)
        assert columns == int(columns)
        assert 0.8 * most < rows * columns <= most
        assert columns / rows == pytest.approx(width / height, rel=0.15)
        assert info.resolution(fine=n_patches == vision.FINE) == most


@every_model
def test_every_view_works_and_shows_what_the_model_reads(name: str) -> None:
    app, attention, info = open_in(STORE, state_of(name)), attention_of(name), model_info(name)
    data = message(app)
    assert tuple(data["grid"]) == attention.grid
    n = attention.n_tokens
    rows = attention.weights(info.n_layers - 1).astype(np.float64)
    first = attention.n_prefix_tokens
    asking = rows[:, 0] if info.has_class_token else rows[:, first:].mean(axis=1)
    expected = np.concatenate([asking, asking.mean(axis=0, keepdims=True)]) * n
    panels = np.stack([shown(panel) for panel in data["panels"]])
    assert len(panels) == info.n_heads + 1
    np.testing.assert_allclose(panels, expected[:, first:].reshape(-1, *attention.grid), rtol=1e-4)
    asks = "the class token" if info.has_class_token else "all patches, on average"
    assert data["token_label"] == f"Asking: {asks}"
    assert data["back"] == asks
    share = asking.mean(axis=0)[:first].sum()
    text = data["panels"][-1]["text"]
    prefix = {
        TINY: "the class token",
        DISTILLED: "the class token and the distillation token",
        REGISTERS: "one register",
    }[name]
    assert f"{vision_words.percent_text(share)} of its weight goes to {prefix}. " in text
    joint = ", " if name == DISTILLED else " and "
    assert f"patches{joint}{prefix}, {info.n_layers} layers of {info.n_heads} heads" in captions(
        app
    )

    for view in VIEWS:
        press(app, f"{NAME}.view", view)
        assert not app.exception
        if view == RANKED:
            total = component(app, "training")["total"]
            assert total == 1 + info.n_layers * info.n_heads
            continue
        assert message(app)["view"] == (TESTED if view == DECIDED else view)
    press(app, f"{NAME}.view", ROLLOUT)
    app.segmented_control(key=f"{NAME}.n_patches").set_value(vision.FINE).run()
    assert not app.exception
    height, width, _ = find_picture(FIRST_PHOTO).fitted(vision.FINE, name).shape
    assert message(app)["grid"] == [height // info.patch_size, width // info.patch_size]


@every_model
def test_the_answer_is_asked_again_without_a_head_or_patches(name: str) -> None:
    from core.vit import forward

    info, names = model_info(name), imagenet.class_names()
    state = state_of(name, view=SALIENCY, test=DROP_HEAD, layer=1, head=2)
    app = open_in(STORE, state)
    before = attention_of(name).probabilities
    pixels = find_picture(FIRST_PHOTO).fitted(vision.COARSE, name)
    from core.vision_attention import Interventions

    changes = Interventions(dropped_heads=frozenset({(0, 1)}))
    after = forward(imagenet.load(name), pixels, changes).probabilities
    picture = component(app, "drawing")
    assert picture["text"].startswith("Without head 2 of layer 1: ")
    assert names[int(before.argmax())] in picture["text"]
    assert f"Most likely: {names[int(after.argmax())]}" in picture["text"]
    assert app.segmented_control(key=f"{NAME}.head").options[-1] == f"All {info.n_heads}"

    press(app, f"{NAME}.test", HIDE_PATCH)
    assert any("Choose a patch" in info.value for info in app.info)
    with session_of(app):
        STORE.install(state_of(name, view=SALIENCY, test=HIDE_BLOCK, point=Point(0, 0, 4, 4)))
    app.run()
    assert not app.exception
    assert "Without the patches around row " in component(app, "drawing")["text"]


def test_the_view_of_the_answer_is_called_by_what_the_model_answers() -> None:
    app = open_in(STORE, VisionState())
    assert app.segmented_control(key=f"{NAME}.view").options[3] == "Saliency"
    app.selectbox(key=f"{NAME}.model").set_value(TINY).run()
    assert not app.exception
    assert app.segmented_control(key=f"{NAME}.view").options[3] == "Classes"
    assert app.segmented_control(key=f"{NAME}.n_patches").options == ["196", "784"]


def test_another_model_is_looked_at_where_the_one_before_was() -> None:
    app = open_in(STORE, VisionState(layer=12, head=7, start_layer=12, point=Point(3, 4, 9, 9)))
    app.selectbox(key=f"{NAME}.model").set_value(REGISTERS).run()
    with session_of(app):
        state = STORE.current
    assert (state.layer, state.head, state.start_layer) == (14, 5, 12)
    assert state.point == Point(3, 4, 9, 9)
    assert app.slider(key=f"{NAME}.layer").max == 14
    assert [panel["label"] for panel in message(app)["panels"]][-1] == "Mean of 4 heads"
    app.selectbox(key=f"{NAME}.model").set_value(TINY).run()
    with session_of(app):
        assert (STORE.current.layer, STORE.current.head) == (12, 4)
    trigger(app, "tools_bar", "act", "undo")
    assert app.selectbox(key=f"{NAME}.model").value == REGISTERS
    assert app.slider(key=f"{NAME}.layer").value == 14


@pytest.mark.parametrize("head", [1, 6])
def test_a_head_that_the_other_model_lacks_becomes_its_last(head: int) -> None:
    state = with_model(VisionState(head=head, layer=5), TINY)
    assert (state.head, state.layer) == (min(head, 3), 5)
    assert with_model(state, SALIENCY_MODEL).head == min(head, 3)


# ---- links


def test_a_link_carries_the_model() -> None:
    state = state_of(REGISTERS, layer=13, head=5)
    app = open_page(PAGE)
    values = STORE.pack(state)
    app.query_params["s"] = STORE.schema.write({n: values[n] for n in STORE.schema.fields})
    app.run()
    assert not app.exception
    with session_of(app):
        assert STORE.current == state
    assert not app.warning
    assert app.selectbox(key=f"{NAME}.model").value == REGISTERS


def test_a_link_to_a_model_that_is_not_here_says_so_and_shows_the_labs_own() -> None:
    app = open_page(PAGE)
    app.query_params["s"] = link_to(NOT_HERE, "koala.jpg")
    app.run()
    assert not app.exception
    (warning,) = app.warning
    assert warning.value.startswith("“ViT-Small/32, large patches” has not been fetched here. So ")
    with session_of(app):
        state = STORE.current
    assert (state.model, state.photo, state.layer) == (SALIENCY_MODEL, "koala.jpg", 12)
    app.selectbox(key=f"{NAME}.model").set_value(TINY).run()
    assert not app.warning


def test_with_no_model_fetched_the_page_says_where_to_get_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(imagenet, "fetched_models", tuple)
    app = open_in(STORE, VisionState())
    links = [link.proto.label for link in app.get("page_link")]
    assert any(label.startswith("Other models: fetch one") for label in links)
    assert not app.selectbox


def test_a_model_that_goes_away_is_no_reason_to_stop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_in(STORE, state_of(TINY))
    monkeypatch.setattr(imagenet, "path_of", lambda name: None)
    app.run()
    assert not app.exception
    assert "“ViT-Tiny/16” has not been fetched here." in app.warning[0].value
    assert len(message(app)["panels"]) == 7


def test_links_of_the_first_version_are_read() -> None:
    """From when there was one model: this one was copied from the page of then."""
    first = {"photo": "koala.jpg", "view": ROLLOUT, "n_patches": 1024, "layer": 5, "head": 7}
    first |= {"start_layer": 3, "test": DROP_HEAD, "point": (1, 2, 16, 16), "panel": 1}
    link = _FIRST.write(first)
    assert link == "1._2avo76FBut1ApY"
    state = STORE.read(link)
    assert state == VisionState(
        photo="koala.jpg",
        view=ROLLOUT,
        n_patches=1024,
        layer=5,
        head=7,
        start_layer=3,
        test=DROP_HEAD,
        point=Point(1, 2, 16, 16),
        panel=1,
    )
    values = {n: STORE.pack(state)[n] for n in STORE.schema.fields}
    assert STORE.schema.write(values).startswith("2.")
    with pytest.raises(PackingError, match="damaged"):
        STORE.read(link[:-1] + "A")
    with pytest.raises(PackingError, match="version 3"):
        STORE.read(Schema(3, STORE.schema.fields).write(values))


def test_a_link_with_a_layer_that_the_model_lacks_shows_its_last() -> None:
    values = {n: STORE.pack(VisionState())[n] for n in STORE.schema.fields}
    state = STORE.read(STORE.schema.write({**values, "layer": 14, "start_layer": 13}))
    assert (state.layer, state.start_layer) == (12, 12)
    state = STORE.read(STORE.schema.write({**values, "model": TINY, "head": 6}))
    assert state.head == 4


# ---- the work


@every_model
@pytest.mark.parametrize("head", [1, "mean"])
def test_programs_and_notebook_are_of_the_model(name: str, head: int | str) -> None:
    info = model_info(name)
    state = state_of(name, head=info.n_heads + 1 if head == "mean" else head)
    app = open_in(STORE, state)
    with session_of(app):
        arrays = take_arrays()
        cells = json.loads(take_notebook())["cells"]
        from pages._shared.vision_scene import see as see_page

        scene = see_page(STORE.current)
        work = work_of(scene)
        lines = work.lines()
    attention = attention_of(name)
    table = arrays[f"weights_layer_{info.n_layers}"]
    keys = table.axes[1].labels
    assert (
        keys[: len(info.prefix)]
        == {
            TINY: ("class token",),
            DISTILLED: ("class token", "distillation token"),
            REGISTERS: ("register",),
        }[name]
    )
    assert len(keys) == attention.n_tokens
    np.testing.assert_allclose(
        table.values, attention.read_out_rows(info.n_layers - 1), rtol=1e-4, atol=1e-7
    )
    np.testing.assert_allclose(
        arrays["probabilities"].values[0], attention.probabilities, rtol=1e-3, atol=1e-6
    )
    assert (work.numpy is None) == (not info.has_class_token)
    joined = "".join(cells[0]["source"])
    assert ("This is one of them" in joined) == (not info.has_class_token)
    assert "Of the patch in row" in lines[0]
    if info.has_class_token:
        assert "the class token" in lines[0]
    else:
        assert "all patches, on average" in lines[0]


@every_model
@pytest.mark.parametrize("view", VIEWS)
@pytest.mark.parametrize("patch", [None, Point(1, 1, 4, 4)])
def test_there_is_arithmetic_behind_every_view(name: str, view: str, patch: Point | None) -> None:
    app = open_in(STORE, state_of(name, view=view, point=patch))
    with session_of(app):
        from pages._shared.vision_scene import see as see_page

        work = work_of(see_page(STORE.current))
        assert work.heading
        assert all(work.lines())
        assert work.functions()
    assert "saliency" not in captions(app).lower()


def test_the_average_is_written_out() -> None:
    attention = attention_of(REGISTERS)
    _, weight, times = vision_arithmetic.average_lines(attention, 3, 4, 7)
    value = attention.weights(3)[:, 1:, 8].astype(np.float64).mean()
    assert weight.endswith(f"= {value:.6f}")
    assert times.startswith(f"{value:.6f} · {attention.n_tokens:,} = ")
    with pytest.raises(ValueError, match="no class token"):
        vision_case(attention, 3, 0, -1)


def test_the_average_of_a_rollout_is_written_out() -> None:
    attention = attention_of(REGISTERS)
    picture = find_picture(FIRST_PHOTO)
    rolled = vision.rollout(picture, vision.COARSE, 12, model=REGISTERS)
    below = vision.rollout(picture, vision.COARSE, 12, n_left_out=1, model=REGISTERS)
    lines = vision_arithmetic.rollout_lines(attention, below, 12, -1, 5)
    value = rolled[1:, 6].astype(np.float64).mean()
    assert lines[-2].endswith(f"= {value:.6f}")


def test_a_likeliest_class_is_written_out() -> None:
    line = vision_arithmetic.class_line(np.array([1.0, 3.0, 2.0]), "cat")
    assert line.startswith("cat: probability = softmax of 3 logits")
    assert line.endswith(" = 0.6652")  # 1 / (1 + 1/e + 1/e²)


# ---- experiments


@pytest.mark.parametrize("experiment", EXPERIMENTS, ids=lambda one: one.name)
def test_questions_are_about_the_labs_own_model(experiment: Any) -> None:  # noqa: ANN401
    state = experiment.set_up(start_state())
    assert state.model == SALIENCY_MODEL
    with pytest.raises(DoesNotFitError, match=r"about the lab's own model"):
        see(with_model(state, TINY))


def test_looking_around_never_runs_a_model_again(monkeypatch: pytest.MonkeyPatch) -> None:
    import core.vit

    app = open_in(STORE, state_of(DISTILLED, photo="koala.jpg"))
    calls: list[object] = []
    monkeypatch.setattr(core.vit, "forward", lambda *given, **_more: calls.append(given))
    for changes in ({"layer": 2}, {"head": 1}, {"view": ROLLOUT}, {"view": SALIENCY}):
        with session_of(app):
            STORE.install(state_of(DISTILLED, photo="koala.jpg", **changes))
        app.run()
        assert not app.exception
    assert not calls
    assert tools(app)["link"]
    assert not [body for body in html(app) if body.startswith("<p class='notice'")]
