"""The Vision Transformer page, driven without a browser: the real model behind real widgets.

What the component is given is read from its message, decoded as the browser does it, and held
to the model's own arrays.
"""

from __future__ import annotations

import base64
import io
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.images import decode_picture
from core.vision_attention import Interventions, VisionAttention
from core.vit_model import VisionTransformer
from pages._shared import patch_map, vision, vision_controls, vision_panels, vision_words
from pages._shared.patch_map import Choice, Panel, read_choice
from pages._shared.picture_choice import find_picture, sample_photos
from pages._shared.vision import Picture
from pages._shared.vision_scene import patches_around
from pages._shared.vision_state import (
    DROP_HEAD,
    HIDE_BLOCK,
    HIDE_PATCH,
    N_HEADS,
    N_LAYERS,
    NAME,
    STORE,
    VIEWS,
    Point,
    VisionState,
)
from tests.pages.app import component, open_page, session_of

pytestmark = pytest.mark.slow

PAGE = "pages/vision_transformer.py"
MEAN = 7  # after the 6 heads


@pytest.fixture
def app() -> AppTest:
    return visit()


@pytest.fixture
def forward_calls(monkeypatch: pytest.MonkeyPatch) -> list[Interventions]:
    """Return a list that gets the interventions of every pass of the model from here on."""
    import core.vit

    calls: list[Interventions] = []
    original = core.vit.forward

    def counted(
        model: VisionTransformer, picture: NDArray[np.uint8], interventions: Interventions
    ) -> VisionAttention:
        calls.append(interventions)
        return original(model, picture, interventions)

    monkeypatch.setattr(core.vit, "forward", counted)
    return calls


def visit() -> AppTest:
    app = open_page(PAGE)
    app.default_timeout = 120
    app.run()
    assert not app.exception
    return app


def message(app: AppTest) -> dict[str, Any]:
    """Return what the patch map was given in the last run, but for the news for the tools."""
    return {k: v for k, v in component(app, "patch_map").items() if k != "news"}


def picture_of(app: AppTest) -> Picture:
    """Return the picture on the screen."""
    with session_of(app):
        return find_picture(STORE.current.photo)


def decode(panel: dict[str, Any]) -> NDArray[Any]:
    """Return a panel's numbers as the browser reads them."""
    data = base64.b64decode(panel["values"])
    if panel["encoding"] == "float32":
        return np.frombuffer(data, "<f4").reshape(panel["shape"])
    levels = np.frombuffer(data, np.uint8)
    if panel["scale"] == "colours":
        return levels.reshape(*panel["shape"], 3)
    step = (panel["high"] - panel["low"]) / 255
    return panel["low"] + step * levels.reshape(panel["shape"])


def attention_of(app: AppTest, n_patches: int = vision.COARSE) -> VisionAttention:
    """Return the model's own pass over the picture on the screen."""
    from core.vit import forward

    return forward(vision.load_model(), picture_of(app).pixels[n_patches])


def choose(app: AppTest, **state: object) -> AppTest:
    """Do what the page's buttons and maps do with a choice, and run it."""
    with session_of(app):
        vision_controls.put(**state)
    app.run()
    assert not app.exception
    return app


def choose_patch(app: AppTest, row: int, column: int) -> AppTest:
    """Do what a click on a patch does."""
    return choose(app, point=Point(row, column, *message(app)["grid"]))


def picture_file(width: int, height: int, seed: int, kind: str = "PNG") -> bytes:
    """Return a picture that no cache has seen: a bright disc on noise."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 90, (height, width, 3), dtype=np.uint8)
    y, x = np.mgrid[:height, :width]
    disc = (y - 0.4 * height) ** 2 + (x - 0.6 * width) ** 2 < (0.2 * min(width, height)) ** 2
    pixels[disc] += np.array([150, 90, 20], np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def upload(app: AppTest, data: bytes, name: str = "mine.png") -> AppTest:
    app.session_state["picture.source"] = "Upload"
    app.run()
    app.file_uploader[0].set_value((name, data, "image/png")).run()
    assert not app.exception
    return app


def test_first_view_shows_every_head_and_says_that_the_mean_is_a_mean(app: AppTest) -> None:
    data = message(app)
    labels = [panel["label"] for panel in data["panels"]]
    assert labels == [f"Head {head}" for head in range(1, 7)] + ["Mean of 6 heads"]
    assert len(sample_photos()) >= 6
    attention = attention_of(app)
    assert tuple(data["grid"]) == attention.grid
    expected = attention.cls_maps(11) * attention.n_tokens
    shown = np.stack([decode(panel) for panel in data["panels"]])
    np.testing.assert_allclose(shown[:6], expected, rtol=1e-5)
    np.testing.assert_allclose(shown[6], expected.mean(axis=0), rtol=1e-5)
    assert [panel["high"] for panel in data["panels"]] == pytest.approx(shown.max(axis=(1, 2)))


def test_maps_follow_layer_and_patch(app: AppTest) -> None:
    choose(app, layer=4)
    choose_patch(app, 3, 7)
    data, attention = message(app), attention_of(app)
    patch = 3 * attention.grid[1] + 7
    assert data["patch"] == patch
    rows = attention.rows(3, attention.n_prefix_tokens + patch)
    expected = attention.patch_maps(rows) * attention.n_tokens
    np.testing.assert_allclose([decode(panel) for panel in data["panels"][:6]], expected, rtol=1e-5)
    assert "row 4, column 8" in data["token_label"]


def test_every_control_is_followed_and_kept(app: AppTest) -> None:
    app.segmented_control(key=f"{NAME}.n_patches").set_value(vision.FINE).run()
    app.slider(key=f"{NAME}.layer").set_value(5).run()
    assert message(app)["panels"][6]["text"].startswith("Mean of 6 heads of layer 5")
    app.segmented_control(key=f"{NAME}.view").set_value("Rollout").run()
    app.slider(key=f"{NAME}.start_layer").set_value(9).run()
    assert "through layers 9 to 12" in message(app)["panels"][0]["text"]
    app.segmented_control(key=f"{NAME}.view").set_value("Saliency").run()
    app.segmented_control(key=f"{NAME}.test").set_value(DROP_HEAD).run()
    app.segmented_control(key=f"{NAME}.head").set_value(2).run()
    app.slider(key=f"{NAME}.layer").set_value(3).run()
    assert not app.exception
    assert any(text.value.startswith("Without head 2 of layer 3") for text in app.markdown)
    with session_of(app):
        assert STORE.current == VisionState(
            view="Saliency", n_patches=vision.FINE, layer=3, head=2, start_layer=9, test=DROP_HEAD
        )


def test_the_links_of_the_page_know_the_model() -> None:
    """So that opening one needs no model."""
    model = vision.load_model()
    assert (model.n_layers, model.n_heads) == (N_LAYERS, N_HEADS)


def test_words_say_where_the_weight_lies(app: AppTest) -> None:
    choose(app, head=4)
    panel = message(app)["panels"][3]
    weights = decode(panel).astype(np.float64)
    row, column = np.unravel_index(weights.argmax(), weights.shape)
    assert panel["text"].startswith("Head 4 of layer 12, the class token asking: ")
    assert f"row {row + 1}, column {column + 1}" in panel["text"]
    share = 100 * weights.max() / (weights.size + 1)  # times the uniform weight of all tokens
    assert f"with {share:.1f}% of all weight" in panel["text"]


def test_looking_around_never_runs_the_model_again(forward_calls: list[Interventions]) -> None:
    app = visit()
    upload(app, picture_file(90, 70, seed=1))
    assert forward_calls == [Interventions()]
    for layer in (1, 5, 12):
        for head in (1, 6, MEAN):
            choose(app, layer=layer, head=head)
    choose_patch(app, 0, 0)
    choose_patch(app, 5, 5)
    for view in VIEWS:
        choose(app, view=view)
    choose(app, view="Rollout", start_layer=7)
    choose(app, view="Attention", point=None)
    assert len(forward_calls) == 1


def test_each_intervention_runs_the_model_once(forward_calls: list[Interventions]) -> None:
    app = visit()
    upload(app, picture_file(80, 70, seed=2))
    del forward_calls[:]
    choose(app, view="Saliency", test=DROP_HEAD, layer=12, head=4)
    choose(app, head=5)
    choose(app, head=4)
    assert forward_calls == [
        Interventions(dropped_heads=frozenset({(11, head)})) for head in (3, 4)
    ]
    choose(app, head=MEAN)
    assert forward_calls[-1].dropped_heads == {(11, head) for head in range(6)}


@pytest.mark.parametrize("layer", [1, 12])
@pytest.mark.parametrize("head", [1, 6, MEAN])
def test_every_layer_and_head_at_the_ends(app: AppTest, layer: int, head: int) -> None:
    choose(app, layer=layer, head=head)
    data = message(app)
    assert data["chosen"] == head - 1
    assert f"layer {layer}" in data["panels"][head - 1]["text"]


@pytest.mark.parametrize("start_layer", [1, 2, 12])
def test_rollout_rows_sum_to_one_and_the_sink_is_shown(app: AppTest, start_layer: int) -> None:
    choose(app, view="Rollout", start_layer=start_layer)
    picture = picture_of(app)
    rolled = vision.rollout(picture, vision.COARSE, start_layer - 1)
    np.testing.assert_allclose(rolled.sum(axis=-1), 1.0, atol=1e-4)
    data, attention = message(app), attention_of(app)
    oracle = identity = np.eye(attention.n_tokens)
    for layer in range(start_layer - 1, attention.n_layers):
        oracle = (attention.weights(layer).mean(axis=0) + identity) / 2 @ oracle
    np.testing.assert_allclose(rolled, oracle, atol=1e-6)
    shown = decode(data["panels"][0])
    expected = rolled[0, attention.n_prefix_tokens :].reshape(attention.grid) * attention.n_tokens
    np.testing.assert_allclose(shown, expected, rtol=1e-5)
    received = attention.weights(0).mean(axis=(0, 1))[attention.n_prefix_tokens :]
    assert data["mark"] == received.argmax()
    times = received.max() * attention.n_tokens
    assert times > 10
    assert f"receives {times:.0f} times the mean attention: it is a sink" in app.caption[0].value


def test_features_are_colours_and_likeness_to_the_chosen_patch(app: AppTest) -> None:
    choose(app, view="Patch features")
    colours = message(app)["panels"]
    assert [panel["scale"] for panel in colours] == ["colours"]
    assert decode(colours[0]).shape == (*message(app)["grid"], 3)
    choose_patch(app, 6, 9)
    data, attention = message(app), attention_of(app)
    assert data["chosen"] == 1
    likeness = decode(data["panels"][1])
    patch = 6 * attention.grid[1] + 9
    features = attention.patch_features
    norms = np.linalg.norm(features, axis=1)
    cosines = features @ features[patch] / norms / norms[patch]
    np.testing.assert_allclose(likeness.ravel(), cosines, atol=1e-5)


def test_saliency_without_a_head_shows_the_change_and_its_size(app: AppTest) -> None:
    from core.vit import forward

    choose(app, view="Saliency")
    assert [panel["label"] for panel in message(app)["panels"]] == ["Predicted"]
    choose(app, test=DROP_HEAD, layer=12, head=4)
    data, before = message(app), attention_of(app).saliency
    dropped = Interventions(dropped_heads=frozenset({(11, 3)}))
    picture = picture_of(app).pixels[vision.COARSE]
    after = forward(vision.load_model(), picture, dropped).saliency
    assert not np.array_equal(before, after)
    for panel, expected in zip(data["panels"], (before, after, after - before), strict=True):
        half_step = (panel["high"] - panel["low"]) / 255 / 2
        np.testing.assert_allclose(decode(panel), expected, atol=half_step + 1e-6)
    change = data["panels"][2]
    assert change["high"] == -change["low"] == pytest.approx(np.abs(after - before).max())
    assert not data["clickable"]
    said = next(text.value for text in app.markdown if text.value.startswith("Without head 4"))
    assert f"from {before.mean():.4f} to {after.mean():.4f}" in said


@pytest.mark.parametrize(("test", "n_hidden"), [(HIDE_PATCH, 1), (HIDE_BLOCK, 9)])
def test_hiding_patches_waits_for_a_patch_then_hides_it(
    forward_calls: list[Interventions], test: str, n_hidden: int
) -> None:
    app = choose(visit(), view="Saliency", test=test)
    assert len(message(app)["panels"]) == 1
    assert app.info[0].value.startswith("Choose a patch")
    del forward_calls[:]
    choose_patch(app, 5, n_hidden + 3)
    assert not app.info
    [interventions] = forward_calls
    assert len(interventions.hidden_patches) == n_hidden
    assert 5 * message(app)["grid"][1] + n_hidden + 3 in interventions.hidden_patches
    assert len(message(app)["panels"]) == 3


def test_buttons_beside_the_map_start_the_test_that_they_name(app: AppTest) -> None:
    choose(app, layer=9, head=2)
    [button] = app.button
    assert button.label == "Drop head 2 of layer 9 and predict again"
    button.click().run()
    assert app.segmented_control(key=f"{NAME}.view").value == "Saliency"
    assert "Without head 2 of layer 9" in " ".join(text.value for text in app.markdown)
    choose(app, view="Attention")
    choose_patch(app, 2, 2)
    app.button[1].click().run()
    assert "Without the patch in row 3, column 3" in " ".join(t.value for t in app.markdown)


def test_a_finer_grid_keeps_the_patch_in_its_place_and_another_picture_forgets_it(
    app: AppTest,
) -> None:
    choose_patch(app, 6, 10)
    rows, columns = message(app)["grid"]
    choose(app, n_patches=vision.FINE)
    data = message(app)
    assert np.prod(data["grid"]) > 900
    row, column = divmod(data["patch"], data["grid"][1])
    assert row / data["grid"][0] <= 6.5 / rows <= (row + 1) / data["grid"][0]
    assert column / data["grid"][1] <= 10.5 / columns <= (column + 1) / data["grid"][1]
    choose(app, n_patches=vision.COARSE)
    upload(app, picture_file(70, 60, seed=3))
    assert message(app)["patch"] == -1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff\xd8\xff\xe0 not a picture", "This"),
        (b"GIF89a", "This"),
        (picture_file(60, 60, seed=4)[:400], "damaged"),
        (b"<svg onload=alert(1)>", "This"),
    ],
)
def test_a_bad_file_says_so_in_a_sentence_and_the_picture_before_stays(
    app: AppTest, data: bytes, said: str
) -> None:
    before = message(app)
    upload(app, data, name="<b>bad</b>.png")
    [error] = app.error
    assert said in error.value
    assert error.value.count("\n") == 0
    assert error.value.endswith("The picture before it stays.")
    assert message(app) == before
    written = [*app.markdown, *app.caption, *app.error, *app.info]
    assert not any("<b>bad</b>" in element.value for element in written)
    upload(app, picture_file(60, 50, seed=5))
    assert not app.error
    assert message(app) != before


@pytest.mark.parametrize(("width", "height"), [(300, 100), (60, 200), (64, 64)])
def test_a_rectangular_picture_stays_rectangular(app: AppTest, width: int, height: int) -> None:
    upload(app, picture_file(width, height, seed=width))
    data = message(app)
    rows, columns = data["grid"]
    assert columns / rows == pytest.approx(width / height, rel=0.12)
    assert 200 <= rows * columns <= 256
    assert all(tuple(panel["shape"]) == (rows, columns) for panel in data["panels"])
    photo = base64.b64decode(data["photo"]["source"].partition(",")[2])
    shown = decode_picture(photo)
    assert shown.shape[1] / shown.shape[0] == pytest.approx(columns / rows)
    assert data["photo"]["alt"] == "The picture that you uploaded"


def test_a_picture_from_the_camera_is_looked_at(app: AppTest) -> None:
    app.session_state["picture.source"] = "Camera"
    app.run()
    shot = picture_file(160, 120, seed=6, kind="JPEG")
    app.camera_input[0].set_value(("shot.jpg", shot, "image/jpeg")).run()
    assert not app.exception
    assert message(app)["photo"]["alt"] == "The picture that you took"


def test_choices_survive_going_to_another_page_and_back(app: AppTest) -> None:
    upload(app, picture_file(120, 70, seed=7))
    app.slider(key=f"{NAME}.layer").set_value(5).run()
    choose(app, head=2)
    choose_patch(app, 4, 4)
    app.segmented_control(key=f"{NAME}.view").set_value("Rollout").run()
    app.slider(key=f"{NAME}.start_layer").set_value(9).run()
    before = message(app)
    app.switch_page("streamlit_app.py").run()
    app.switch_page(PAGE).run()
    assert message(app) == before
    app.segmented_control(key=f"{NAME}.view").set_value("Attention").run()
    data = message(app)
    assert data["chosen"] == 1
    assert "Head 2 of layer 5" in data["panels"][1]["text"]


def test_sessions_do_not_mix() -> None:
    one, other = visit(), visit()
    upload(one, picture_file(100, 60, seed=8))
    choose(one, layer=3)
    other.run()
    assert "layer 12" in message(other)["panels"][0]["text"]
    assert message(other)["photo"]["id"] != message(one)["photo"]["id"]


def test_results_shared_between_sessions_cannot_be_changed(app: AppTest) -> None:
    picture = picture_of(app)
    look = vision.look(picture, vision.COARSE)
    shared = (
        look.attention.saliency,
        vision.rollout(picture, vision.COARSE, 1),
        vision.received_in_layer(picture, vision.COARSE, 0),
        vision.feature_colours(picture, vision.COARSE),
        picture.pixels[vision.COARSE],
    )
    for array in shared:
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize(
    "value",
    [
        None,
        "patch",
        {"view": "Rollout", "patch": 3},
        {"view": "Attention", "patch": 12},
        {"view": "Attention", "patch": -2},
        {"view": "Attention", "patch": True},
        {"view": "Attention", "patch": 1.0},
        {"view": "Attention", "panel": 7},
        {"view": "Attention", "panel": -1},
        {"view": "Attention", "patch": [3]},
    ],
)
def test_what_the_browser_reports_is_not_believed(value: object) -> None:
    assert read_choice(value, "Attention", n_patches=12, n_panels=7) == Choice()


def test_a_valid_report_is_read() -> None:
    assert read_choice({"view": "x", "patch": -1}, "x", 12, 7) == Choice(patch=-1)
    assert read_choice({"view": "x", "patch": 11}, "x", 12, 7) == Choice(patch=11)
    assert read_choice({"view": "x", "panel": 6}, "x", 12, 7) == Choice(panel=6)


def test_patches_around_stay_on_the_grid() -> None:
    grid = (3, 4)
    assert patches_around(5, grid, 0) == {5}
    assert patches_around(5, grid, 1) == {0, 1, 2, 4, 5, 6, 8, 9, 10}
    assert patches_around(0, grid, 1) == {0, 1, 4, 5}
    assert patches_around(11, grid, 1) == {6, 7, 10, 11}


def test_levels_sent_are_within_half_a_step() -> None:
    values = np.random.default_rng(0).uniform(-0.3, 0.3, (16, 24))
    panel = Panel("", "", values, "diverging", -0.3, 0.3, "change", "", "")
    sent = patch_map._packed(panel)
    np.testing.assert_allclose(decode(sent), values, atol=0.6 / 255 / 2 + 1e-9)


def test_numbers_in_words_by_hand() -> None:
    before, after = np.full((8, 16), 0.5), np.full((8, 16), 0.5)
    after[:, :4] = 0.25
    said = vision_words.change_sentence(before, after, "head 1 of layer 2")
    assert said == (
        "Without head 1 of layer 2 the mean saliency goes from 0.5000 to 0.4375 (−0.0625); a spot "
        "changes by 0.0625 on average and by 0.25 at most."
    )
    change = vision_panels.saliency_panels(before, after, "head 1 of layer 2")[2]
    assert "falls by more than 0.1 in 25% of the picture" in change.text
    assert "rises by more than 0.1 in 0%" in change.text


@pytest.mark.parametrize(("height", "width", "squeezed"), [(40, 400, True), (50, 400, False)])
def test_a_picture_too_long_for_the_grid_is_said_to_be_squeezed(
    app: AppTest, height: int, width: int, squeezed: bool
) -> None:
    upload(app, picture_file(width, height, seed=9))
    said = [caption.value for caption in app.caption if "squeezed" in caption.value]
    assert len(said) == squeezed
