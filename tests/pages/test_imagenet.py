"""ImageNet models on a page: fetched when asked, in the background, once for everyone.

A server on this machine plays the Hub, with checkpoints of the real architectures.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from core.imagenet_models import IMAGENET_MODELS, ImageNetModel, imagenet_model
from core.model_fetch import FetchError, FetchStoppedError, Progress
from core.vit_model import timm
from pages._shared import imagenet, imagenet_view, vision
from pages._shared.class_bars import (
    Likely,
    chance_text,
    change_sentence,
    class_picture,
    likely_sentence,
    most_likely,
)
from pages._shared.classify_scene import DECIDED, IMAGENET, NAMED, ClassifyState
from pages._shared.classify_state import STORE
from pages._shared.imagenet import FetchDesk, Fetching, NotFetchedError
from pages._shared.picture_choice import FIRST_PHOTO, find_picture
from tests.checkpoints import random_file, random_weights
from tests.hub import Hub, playing, put_in_cache, use
from tests.pages.app import component, components, open_in

APP = Path(__file__).parent / "imagenet_app.py"
ENTRY = imagenet_model("deit_tiny_distilled_patch16_224.fb_in1k")
OTHER = IMAGENET_MODELS[0]
FETCH, STOP, MODEL = "imagenet_app.fetch", "imagenet_app.stop", "imagenet_app.model"


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_file(ENTRY, tmp_path_factory.mktemp("weights"))


@pytest.fixture(autouse=True)
def apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A Hub that does not answer, a cache of the test's own, and nothing known from before."""
    use(monkeypatch, "http://127.0.0.1:1", tmp_path)
    # The small app has no other page to go to; what leads there is tested on the real one.
    monkeypatch.setattr(imagenet_view, "_draw_way_on", lambda entry, photo: None)
    st.cache_resource.clear()
    st.cache_data.clear()
    yield
    st.cache_resource.clear()
    st.cache_data.clear()


@pytest.fixture
def hub(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    with playing(Hub(ENTRY.hub_id, weights.read_bytes())) as played:
        use(monkeypatch, played.address, tmp_path)
        yield played


def visit(name: str = ENTRY.name) -> AppTest:
    app = AppTest.from_file(str(APP), default_timeout=60)
    app.run()
    app.selectbox(key=MODEL).set_value(name).run()
    assert not app.exception
    return app


def keys(app: AppTest) -> set[str | None]:
    return {button.key for button in app.button}


def run_until(app: AppTest, done: Callable[[], bool], seconds: float = 20) -> None:
    """Look again and again, as the page does by itself in a browser."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.05)
        app.run()
        assert not app.exception


# ---- the desk


class Slow:
    """A fetch that goes on until it is told to end."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.end = threading.Event()
        self.problem: Exception | None = None

    def __call__(
        self,
        entry: ImageNetModel,
        report: Callable[[Progress], None],
        stopped: Callable[[], bool],
    ) -> None:
        self.begun.append(entry.name)
        report(Progress(3, 10))
        while not self.end.wait(0.005):
            if stopped():
                raise FetchStoppedError("Stopped; nothing was kept.")
        if self.problem is not None:
            raise self.problem


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end, "it never happens"
        time.sleep(0.002)


def test_a_model_is_fetched_once_for_all_who_wait() -> None:
    fetch = Slow()
    desk = FetchDesk(fetch)
    assert desk.of(ENTRY.name, "one") is None
    desk.ask(ENTRY, "one")
    desk.ask(ENTRY, "one")
    desk.ask(ENTRY, "two")
    wait_for(lambda: desk.of(ENTRY.name, "one") == Fetching("fetching", 3, 10))
    assert desk.of(ENTRY.name, "two") == Fetching("fetching", 3, 10)
    assert desk.of(ENTRY.name, "three") is None
    fetch.end.set()
    wait_for(lambda: desk.of(ENTRY.name, "one") == Fetching("fetched"))
    assert fetch.begun == [ENTRY.name]


def test_it_stops_when_nobody_waits_any_more() -> None:
    fetch = Slow()
    desk = FetchDesk(fetch)
    desk.ask(ENTRY, "one")
    desk.ask(ENTRY, "two")
    desk.leave(ENTRY.name, "one")
    assert desk.of(ENTRY.name, "one") is None
    time.sleep(0.03)
    assert desk.of(ENTRY.name, "two").state == "fetching"  # type: ignore[union-attr]
    desk.leave(ENTRY.name, "two")
    wait_for(lambda: desk._known[ENTRY.name].state == "stopped")
    desk.ask(ENTRY, "one")
    wait_for(lambda: len(fetch.begun) == 2)
    fetch.end.set()
    wait_for(lambda: desk.of(ENTRY.name, "one") == Fetching("fetched"))


def test_who_asks_while_it_is_being_stopped_gets_it_all_the_same() -> None:
    asked, stop_heard = threading.Event(), threading.Event()
    begun: list[int] = []

    def fetch(_entry: object, _report: object, stopped: Callable[[], bool]) -> None:
        begun.append(1)
        if len(begun) == 1:
            wait_for(stopped)
            stop_heard.set()
            asked.wait(5)
            raise FetchStoppedError("Stopped.")

    desk = FetchDesk(fetch)
    desk.ask(ENTRY, "one")
    desk.leave(ENTRY.name, "one")
    stop_heard.wait(5)
    desk.ask(ENTRY, "two")
    asked.set()
    wait_for(lambda: desk.of(ENTRY.name, "two") == Fetching("fetched"))
    assert len(begun) == 2


@pytest.mark.parametrize("problem", [FetchError("No connection."), RuntimeError("No connection.")])
def test_what_goes_wrong_is_known_and_can_be_tried_again(problem: Exception) -> None:
    fetch = Slow()
    fetch.problem = problem
    fetch.end.set()
    desk = FetchDesk(fetch)
    desk.ask(ENTRY, "one")
    wait_for(lambda: desk.of(ENTRY.name, "one") == Fetching("failed", problem="No connection."))
    fetch.problem = None
    desk.ask(ENTRY, "one")
    wait_for(lambda: desk.of(ENTRY.name, "one") == Fetching("fetched"))


def test_who_waited_for_a_fetch_that_failed_does_not_keep_the_next_one_going() -> None:
    fetch = Slow()
    fetch.problem = FetchError("No connection.")
    fetch.end.set()
    desk = FetchDesk(fetch)
    desk.ask(ENTRY, "one")
    wait_for(lambda: desk.of(ENTRY.name, "one") == Fetching("failed", problem="No connection."))
    fetch.end.clear()
    desk.ask(ENTRY, "two")
    desk.leave(ENTRY.name, "two")
    wait_for(lambda: desk._known[ENTRY.name].state == "stopped")


# ---- on a page


def test_the_list_names_every_model_with_its_size() -> None:
    app = visit()
    (select,) = app.selectbox
    assert len(select.options) == len(IMAGENET_MODELS)
    assert select.options[0] == "ViT-Tiny/16 · 22.9 MB"
    assert app.button(key=FETCH).label == "Fetch DeiT-Tiny/16, distilled (23.7 MB)"
    assert "12 layers of 3 heads" in app.caption[0].value
    assert app.text[0].value == f"chosen: {ENTRY.name}"


def test_offline_it_says_so_within_three_seconds_and_the_rest_works() -> None:
    app = visit()
    start = time.monotonic()
    app.button(key=FETCH).click().run()
    run_until(app, lambda: bool(app.warning))
    assert time.monotonic() - start < 3
    (warning,) = app.warning
    assert warning.value.startswith("No connection to 127.0.0.1: Connection refused.")
    app.slider(key="else").set_value(4).run()
    assert app.slider(key="else").value == 4
    assert not app.exception
    assert FETCH in keys(app), "it can be tried again"


def test_a_model_is_fetched_with_progress_and_names_what_it_sees(
    hub: Hub, weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.pause = 0.05
    app = visit()
    app.button(key=FETCH).click().run()
    assert STOP in keys(app)
    seen: set[str] = set()

    def done() -> bool:
        seen.update(bar.proto.text for bar in app.get("progress"))
        return any(drawn == "drawing" for drawn, _ in components(app))

    run_until(app, done)
    assert any(text.startswith("Fetching DeiT-Tiny/16, distilled: ") for text in seen)
    assert len(hub.asked) == 3  # about the file, twice, and the file

    own = timm.create_model(ENTRY.name, dynamic_img_size=True).eval()
    own.load_state_dict(random_weights(ENTRY))
    pixels = find_picture(FIRST_PHOTO).fitted(vision.COARSE, ENTRY.name)
    assert pixels.shape[0] * pixels.shape[1] <= 224 * 224
    mean, std = (torch.tensor(values) for values in (ENTRY.pixel_mean, ENTRY.pixel_std))
    inputs = ((torch.tensor(pixels) / 255 - mean) / std).permute(2, 0, 1)[None]
    with torch.no_grad():
        expected = own(inputs).softmax(dim=-1)[0].numpy()
    best = np.argsort(-expected)[:5]
    names = imagenet.class_names()
    text = component(app, "drawing")["text"]
    assert text.startswith(f"Most likely: {names[best[0]]}, {chance_text(expected[best[0]])}")
    assert all(names[index] in text for index in best)
    marks = component(app, "drawing")["marks"]
    assert [mark[2] for mark in marks if mark[2] in names] == [names[index] for index in best]

    # From now on no connection is made.
    monkeypatch.setattr("core.model_fetch.probe_hub", lambda: pytest.fail("connects"))
    again = visit()
    assert component(again, "drawing")["text"] == text
    assert FETCH not in keys(again)
    assert again.caption[0].value.endswith("Fetched so far: DeiT-Tiny/16, distilled.")
    assert again.selectbox(key=MODEL).options == visit().selectbox(key=MODEL).options


def test_a_fetch_is_stopped_and_nothing_is_left_of_it(hub: Hub, tmp_path: Path) -> None:
    hub.pause = 0.2
    app = visit()
    app.button(key=FETCH).click().run()
    run_until(app, lambda: any("of 23.7 MB" in bar.proto.text for bar in app.get("progress")))
    app.button(key=STOP).click().run()
    assert FETCH in keys(app)
    assert not app.warning
    wait_for(lambda: imagenet.desk()._known[ENTRY.name].state == "stopped")
    files = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert not [path for path in files if path.stat().st_size > 1_000]


def test_a_file_that_is_no_such_model_is_said_to_be_none(weights: Path, tmp_path: Path) -> None:
    put_in_cache(OTHER.hub_id, weights, tmp_path)  # the weights of the distilled one
    app = visit(OTHER.name)
    (warning,) = app.warning
    assert f"are not those of {OTHER.name}" in warning.value
    assert "fetch it again" in warning.value
    assert "drawing" not in dict(components(app))


@pytest.mark.parametrize("view", [NAMED, DECIDED])
def test_the_page_goes_on_with_a_file_that_is_no_such_model(
    view: str, weights: Path, tmp_path: Path
) -> None:
    put_in_cache(OTHER.hub_id, weights, tmp_path)
    state = ClassifyState(model=IMAGENET, view=view, imagenet=OTHER.name)
    (warning,) = open_in(STORE, state).warning
    assert f"are not those of {OTHER.name}" in warning.value


def test_one_model_is_in_memory(weights: Path, tmp_path: Path) -> None:
    put_in_cache(ENTRY.hub_id, weights, tmp_path)
    put_in_cache(OTHER.hub_id, random_file(OTHER, tmp_path), tmp_path)
    first = imagenet.load(ENTRY.name)
    assert imagenet.load(ENTRY.name) is first
    assert imagenet.load(OTHER.name).n_prefix_tokens == 1
    assert imagenet.load(ENTRY.name) is not first
    assert imagenet.fetched_models() == (OTHER, ENTRY)


def test_a_model_that_was_not_fetched_cannot_be_loaded() -> None:
    with pytest.raises(NotFetchedError, match=r"“ViT-Tiny/16” has not been fetched here\."):
        imagenet.load(OTHER.name)


# ---- in words


def test_the_likeliest_classes_by_hand() -> None:
    names = ("ant", "bee", "cat", "dog")
    before, after = np.array([0.1, 0.6, 0.3, 0.0]), np.array([0.5, 0.3, 0.1995, 0.0005])
    found = most_likely(before, names, 3)
    assert found == (Likely(1, "bee", 0.6), Likely(2, "cat", 0.3), Likely(0, "ant", 0.1))
    assert likely_sentence(found) == "Most likely: bee, 60.0%; then cat 30.0%, ant 10.0%."
    assert change_sentence(before, before, names) == (
        "bee stays at 60.0% and is still the likeliest."
    )
    assert change_sentence(before, before * 0.9, names) == (
        "bee goes from 60.0% to 54.0% and is still the likeliest."
    )
    assert change_sentence(before, after, names) == (
        "bee goes from 60.0% to 30.0%; the likeliest is now ant, 50.0%."
    )
    assert [chance_text(p) for p in (0.0005, 0.001, 0.9995)] == [
        "under 0.1%",
        "0.1%",
        "over 99.9%",
    ]


def test_bars_are_as_long_as_probabilities() -> None:
    found = most_likely(np.array([0.25, 0.5]), ("ant", "bee"))
    marks, (width, _) = class_picture(found, np.array([0.5, 0.0]))
    bars = [mark.attributes for mark in marks if mark.tag == "rect"]
    lengths = [bar["width"] for bar in bars]
    assert lengths == [138.0, 3, 69.0, 3]
    assert [bars[1]["x"], bars[3]["x"]] == [2 - 1.5, 140 - 1.5]
    assert all(float(bar["x"]) + float(bar["width"]) < width for bar in bars)
