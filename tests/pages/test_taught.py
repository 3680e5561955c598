"""Teaching classes on a page: the starter set, a reader's own photos, files there and back."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.numpy
import streamlit as st
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.codecs import Digit
from core.images import decode_picture
from core.prototype_files import read_prototypes, to_npz, to_safetensors
from core.prototypes import MOST_CLASSES, classify, feature_of
from core.teaching import NEAR_ENOUGH, LeaveOneOut
from pages._shared import taught_own, vision
from pages._shared.picture_choice import find_picture, sample_photos
from pages._shared.taught import (
    FILES,
    FIRST_TAUGHT,
    KEY,
    OWN,
    find_classes,
    find_taught,
    name_picture,
    place_of,
    prototypes_for,
)
from pages._shared.taught_photos import (
    STARTER_CLASSES,
    credits_table,
    linked,
    make_photo,
    starter_class,
    starter_codec,
)
from pages._shared.taught_view import link_note
from pages._shared.taught_words import (
    file_sentence,
    left_out_sentences,
    left_out_table,
    photos_strip,
    similarity_picture,
    verdict_sentences,
    waiting_sentence,
)
from pages._shared.vision_picture import COARSE, prepare_picture
from tests.pages.app import component, html

pytestmark = pytest.mark.slow

APP = Path(__file__).parent / "taught_app.py"
CLASSES = f"{KEY}.classes"
TWO = ("Hoofed animals", "Windmills")


@pytest.fixture
def app() -> AppTest:
    return run(AppTest.from_file(str(APP), default_timeout=120))


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """A session of a test's own, without a page."""
    state: dict[str, Any] = {}
    monkeypatch.setattr(st, "session_state", state)
    yield state


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception
    return app


def photo_file(seed: int, colour: tuple[int, int, int] = (200, 60, 40)) -> bytes:
    """Return a photo that no cache has seen: a disc of a colour on noise."""
    random = np.random.default_rng(seed)
    pixels = random.integers(0, 90, (70, 90, 3), dtype=np.uint8)
    y, x = np.mgrid[:70, :90]
    pixels[(y - 35) ** 2 + (x - 30 - seed % 30) ** 2 < 300] = colour
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def files(
    *seeds: int, colour: tuple[int, int, int] = (200, 60, 40)
) -> list[tuple[str, bytes, str]]:
    return [(f"photo {seed}.png", photo_file(seed, colour), "image/png") for seed in seeds]


def choose(app: AppTest, *ids: str) -> AppTest:
    app.button_group(key=CLASSES).set_value(list(ids))
    return run(app)


def add_own(app: AppTest, given: list[tuple[str, bytes, str]]) -> AppTest:
    """Make a class of one's own and give it photos."""
    app.button(key=f"{KEY}.add").click()
    run(app)
    upload(app, -1, given)
    return app


def upload(app: AppTest, place: int, given: list[tuple[str, bytes, str]]) -> AppTest:
    uploaders = [one for one in app.file_uploader if ".photos." in (one.key or "")]
    uploaders[place].set_value(given)
    return run(app)


def notices(app: AppTest) -> str:
    return " ".join(body for body in html(app) if "notice" in body)


def told(app: AppTest) -> str:
    return " ".join(html(app))


# --- the starter set -------------------------------------------------------------------------


def test_at_first_nothing_is_taught_and_the_page_says_what_to_do(app: AppTest) -> None:
    assert notices(app).count("choose 2 to 5 classes") == 2
    assert app.button_group(key=CLASSES).options == list(STARTER_CLASSES)


def test_the_starter_set_is_taught_at_one_click_and_tested(app: AppTest) -> None:
    choose(app, *TWO)
    assert app.session_state["ids"] == TWO
    taught = find_taught(TWO)
    assert taught.prototypes is not None
    assert taught.left_out is not None
    assert "12 of 12 are nearest to their own class (100%)" in told(app)
    assert f"{(~taught.left_out.is_near).sum()} of 12 would wrongly" in told(app)
    assert "Hoofed animals”: cosine 0.7" in component(app, "drawing")["text"]
    choose(app, TWO[0])
    assert "choose 2 to 5 classes. One is chosen; it takes two." in notices(app)


def test_no_more_classes_than_allowed_are_taken(app: AppTest) -> None:
    choose(app, *STARTER_CLASSES[:MOST_CLASSES])
    choose(app, *STARTER_CLASSES)
    assert app.session_state["ids"] == STARTER_CLASSES[:MOST_CLASSES]
    assert "Up to 5 classes" in notices(app)


def test_what_the_teacher_hides_is_not_drawn(app: AppTest) -> None:
    choose(app, *TWO)
    app.toggle(key="controls").set_value(False)
    run(app)
    assert not app.file_uploader
    assert not app.button_group
    assert "12 of 12" in told(app)


def test_a_photo_is_named_as_the_core_does_it() -> None:
    taught, picture = find_taught(FIRST_TAUGHT), find_picture("colosseum.jpg")
    assert taught.prototypes is not None
    feature = feature_of(vision.look(picture, COARSE).attention)
    verdict = name_picture(taught, picture)
    assert verdict is not None
    expected = classify(taught.prototypes, feature)
    np.testing.assert_array_equal(verdict.similarities, expected.similarities)
    assert taught.prototypes.names[verdict.nearest] == "Buildings"


def test_a_photo_that_was_taught_is_named_without_its_own_help() -> None:
    taught, picture = find_taught(("Birds", "Tools")), find_picture("kingfisher.jpg")
    place = place_of(taught, picture)
    assert place is not None
    assert taught.left_out is not None
    verdict, without = name_picture(taught, picture), prototypes_for(taught, picture)
    assert verdict is not None
    assert without is not None
    np.testing.assert_allclose(verdict.similarities, taught.left_out.similarities[place], atol=1e-5)
    assert without.counts[0] == len(starter_class("Birds").photos) - 1
    assert "it was left out here" in verdict_sentences(taught, without, verdict, place)[-1]


def test_a_taught_photo_has_the_digest_of_the_same_picture() -> None:
    decoded = decode_picture(photo_file(0))
    photo, picture = make_photo(decoded, "x"), prepare_picture(decoded, "x")
    assert photo.digest == picture.digest
    np.testing.assert_array_equal(photo.pixels, picture.pixels[COARSE])


# --- a reader's own --------------------------------------------------------------------------


def test_own_classes_are_made_named_taught_and_taken_away(app: AppTest) -> None:
    add_own(app, files(1, 2))
    assert "has 2 of the 3 photos" not in notices(app)  # one class alone is not compared anyway
    choose(app, *TWO, "own.1")
    assert "“Class 1” has 2 of the 3 photos that it needs." in notices(app)
    assert "12 of 12" in told(app)
    upload(app, 0, files(3))
    assert "notice" not in told(app)
    assert "15 of 15" in told(app)
    app.text_input(key=f"{KEY}.name.own.1").set_value("  <b>Discs</b> & $x$ ")
    run(app)
    assert app.session_state[OWN]["own.1"].name == "<b>Discs</b> & $x$"
    assert "<b>Discs</b>" not in told(app)
    assert "&lt;b&gt;Discs&lt;/b&gt; &amp; $x$" in told(app)
    app.button_group(key=f"{KEY}.gone.own.1").set_value(0)
    run(app)
    assert [one.title for one in app.session_state[OWN]["own.1"].photos] == [
        "photo 2.png",
        "photo 3.png",
    ]
    app.button(key=f"{KEY}.remove.own.1").click()
    run(app)
    assert app.session_state["ids"] == TWO
    assert not app.session_state[OWN]


def test_a_removed_class_comes_back_whole_with_its_id_and_by_its_button(app: AppTest) -> None:
    add_own(app, files(1, 2, 3))
    add_own(app, files(4, 5, 6))
    ids = ("own.1", "own.2")
    before = app.session_state[OWN]["own.1"]
    for undone in (True, False):
        app.button(key=f"{KEY}.remove.own.1").click()
        run(app)
        assert app.session_state["ids"] == ("own.2",)
        assert list(app.session_state[OWN]) == ["own.2"]
        if undone:
            app.session_state["ids"] = ids
        else:
            app.button(key=f"{KEY}.back").click()
        run(app)
        assert set(app.session_state["ids"]) == set(ids)
        assert tuple(app.session_state[OWN]) == ids
        back = app.session_state[OWN]["own.1"]
        assert [one.digest for one in back.photos] == [one.digest for one in before.photos]
        assert app.button_group(key=CLASSES).value == list(ids)
        assert not [one for one in app.button if one.key == f"{KEY}.back"]
        assert " of 6 are nearest" in told(app)


def test_removed_photos_come_back_where_they_stood(app: AppTest) -> None:
    add_own(app, files(1, 2, 3))
    for place in (1, 0):
        app.button_group(key=f"{KEY}.gone.own.1").set_value(place)
        run(app)
    assert _titles(app) == ["photo 3.png"]
    for expected in (["photo 1.png", "photo 3.png"], ["photo 1.png", "photo 2.png", "photo 3.png"]):
        app.button(key=f"{KEY}.back.own.1").click()
        run(app)
        assert _titles(app) == expected
    assert not [one for one in app.button if one.key == f"{KEY}.back.own.1"]


def _titles(app: AppTest) -> list[str]:
    return [one.title for one in app.session_state[OWN]["own.1"].photos]


def test_a_removed_photo_is_in_one_class_alone(session: dict[str, Any]) -> None:
    (first, second) = (taught_own.add_class() for _ in range(2))
    given = [_Upload(title, data) for title, data, _ in files(1)]
    taught_own.take_photos(first, given)
    taught_own.remove_photo(first, session[OWN][first].photos[0].digest)
    taught_own.take_photos(second, given)
    taught_own.bring_back_photo(first)
    assert not session[OWN][first].photos
    assert "“Class 2” has this photo already" in taught_own.problems()[0]
    taught_own.remove_photo(second, session[OWN][second].photos[0].digest)
    taught_own.take_photos(first, given)
    assert not session[OWN][first].gone
    assert taught_own.problems() == ()


def test_what_is_kept_of_what_was_removed_has_a_limit(session: dict[str, Any]) -> None:
    for _ in range(12):
        taught_own.remove_class(taught_own.add_class())
    assert list(taught_own.gone_classes()) == [f"own.{number}" for number in range(5, 13)]
    assert [one.id for one in find_classes(("own.12", "own.9"))] == ["own.9", "own.12"]
    assert not session[OWN]["own.9"].photos


def test_a_broken_file_is_named_and_the_others_are_kept(app: AppTest) -> None:
    broken = [("bad <i>.png", b"no picture", "image/png"), ("cut.png", photo_file(9)[:200], "")]
    add_own(app, [*files(1), *broken, *files(2), *files(1)])
    assert [one.title for one in app.session_state[OWN]["own.1"].photos] == [
        "photo 1.png",
        "photo 2.png",
    ]
    said = notices(app)
    assert "“bad &lt;i&gt;.png” was left out. This file is not a picture" in said
    assert "“cut.png” was left out. This picture is damaged" in said
    assert "“photo 1.png” was left out. “Class 1” has this photo already." in said
    choose(app, *TWO)
    assert "left out. " not in notices(app)


def test_the_uploader_lets_go_of_its_files(app: AppTest) -> None:
    add_own(app, files(1))
    assert all(not one.value for one in app.file_uploader)
    photo = app.session_state[OWN]["own.1"].photos[0]
    assert photo.pixels is None or photo.pixels.nbytes < 200_000
    choose(app, *TWO, "own.1")
    (photo,) = app.session_state[OWN]["own.1"].photos
    assert photo.pixels is None
    assert len(photo.thumbnail) < 6_000


def test_two_classes_of_one_name_are_refused_in_a_sentence(app: AppTest) -> None:
    add_own(app, files(1, 2, 3))
    app.text_input(key=f"{KEY}.name.own.1").set_value("windmills")
    run(app)
    choose(app, *TWO, "own.1")
    assert "Two classes are called “windmills”" in notices(app)


def test_an_id_of_another_session_is_passed_over(app: AppTest) -> None:
    app.session_state["ids"] = (*TWO, "own.7", "file.abc")
    run(app)
    assert "12 of 12" in told(app)
    assert app.button_group(key=CLASSES).value == list(TWO)


def test_a_class_has_a_limit(session: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(taught_own, "MOST_PHOTOS", 2)
    name = taught_own.add_class()
    taught_own.take_photos(name, [_Upload(title, data) for title, data, _ in files(1, 2, 3)])
    assert len(session[OWN][name].photos) == 2
    assert taught_own.problems() == ("“photo 3.png” was left out. A class takes up to 2 photos.",)


class _Upload:
    def __init__(self, name: str, data: bytes) -> None:
        self.name, self.data = name, data

    def getvalue(self) -> bytes:
        return self.data


# --- files -----------------------------------------------------------------------------------


def test_classes_go_into_a_file_and_come_back(app: AppTest) -> None:
    taught = find_taught(TWO)
    assert taught.prototypes is not None
    choose(app, *TWO)
    before = component(app, "drawing")["marks"]
    load(app, "mine.npz", to_npz(taught.prototypes))
    (name,) = app.session_state[FILES]
    assert app.session_state["ids"] == (name, *TWO)
    assert "Loaded from a file: “Hoofed animals” (6 photos), “Windmills” (6 photos)" in told(app)
    assert component(app, "drawing")["marks"] == before
    assert not any(one.key == CLASSES for one in app.button_group)
    app.button(key=f"{KEY}.unload").click()
    run(app)
    assert app.session_state["ids"] == TWO


def test_a_file_that_cannot_be_used_leaves_all_as_it_was(app: AppTest) -> None:
    choose(app, *TWO)
    load(app, "evil.npz", b"PK\x03\x04 and nothing")
    assert app.session_state["ids"] == TWO
    assert "“evil.npz” was not loaded. This file is damaged" in notices(app)
    assert "12 of 12" in told(app)


def test_what_is_saved_is_what_is_taught(app: AppTest) -> None:
    choose(app, *TWO)
    taught = find_taught(TWO)
    assert taught.prototypes is not None
    found = read_prototypes(to_safetensors(taught.prototypes), d_model=384)
    np.testing.assert_array_equal(found.directions, taught.prototypes.directions)
    about = safetensors.numpy.load(to_safetensors(taught.prototypes))["about"]
    assert json.loads(about.tobytes())["names"] == list(TWO)
    labels = [one.proto.label for one in app.get("download_button")]
    assert labels == [".safetensors", ".npz"]


def load(app: AppTest, name: str, data: bytes) -> AppTest:
    (uploader,) = [one for one in app.file_uploader if ".file." in (one.key or "")]
    uploader.set_value((name, data, "application/octet-stream"))
    return run(app)


# --- links and words -------------------------------------------------------------------------


@pytest.mark.parametrize("ids", [(), TWO, STARTER_CLASSES[:5], ("Windmills", "own.1")])
def test_a_link_carries_the_starter_classes(ids: tuple[str, ...]) -> None:
    digits: Iterator[Digit] = iter(starter_codec().write(ids))

    def take(radix: int) -> int:
        digit, written = next(digits)
        assert written == radix
        return digit

    assert starter_codec().read(take) == linked(ids)
    assert bool(link_note(ids)) == (linked(ids) != ids)


def test_the_words_say_what_is_computed() -> None:
    assert pytest.approx(2 / 3) == NEAR_ENOUGH  # the words say two thirds
    taught, picture = find_taught(TWO), find_picture("coffee.jpg")
    verdict = name_picture(taught, picture)
    assert verdict is not None
    assert taught.prototypes is not None
    assert taught.left_out is not None
    said = verdict_sentences(taught, taught.prototypes, verdict, None)
    assert said[0].startswith("None of these. “Windmills” is nearest with ")
    text = " ".join(said).replace("−", "-")
    numbers = [float(part) for part in re.findall(r"-?\d\.\d+", text)]
    mean = float(taught.left_out.own.mean())
    expected = [verdict.similarities.max(), mean * 2 / 3, mean]
    np.testing.assert_allclose(numbers, expected, atol=6e-4)
    assert len(left_out_sentences(taught.left_out)) == 3
    table = left_out_table(taught.prototypes, taught.left_out)
    cells = re.findall(r"<td[^>]*>(?:<b>)?([^<]*)", table)
    assert [0 if cell == "·" else int(cell) for cell in cells] == (
        taught.left_out.table.ravel().tolist()
    )


def test_the_bars_and_the_bound_stand_where_the_numbers_are() -> None:
    taught, picture = find_taught(FIRST_TAUGHT), find_picture("cows.jpg")
    verdict = name_picture(taught, picture)
    assert verdict is not None
    assert taught.prototypes is not None
    marks, (width, height) = similarity_picture(taught.prototypes, verdict)
    boxes = [mark.attributes for mark in marks if mark.tag == "rect"]
    lengths = np.array([float(one["width"]) for one in boxes])
    ratio = lengths / np.abs(verdict.similarities)
    np.testing.assert_allclose(ratio, ratio[0], rtol=0.05)
    assert sum(one["fill"] != boxes[1]["fill"] for one in boxes) == 1
    for mark in marks:
        for name, most in (("x", width), ("y", height)):
            assert 0 <= float(mark.attributes.get(name, 0)) <= most


@pytest.mark.parametrize("name", ["W" * 40, "分類" * 20, "A class with a long name"])
def test_no_line_runs_through_the_names(name: str) -> None:
    taught, picture = find_taught(TWO), find_picture("coffee.jpg")
    verdict = name_picture(taught, picture)
    assert verdict is not None
    assert taught.prototypes is not None
    marks, _ = similarity_picture(replace(taught.prototypes, names=(name, "Birds")), verdict)
    left = min(float(mark.attributes["x"]) for mark in marks if mark.tag == "rect")
    (shown,) = [mark.text for mark in marks if mark.text.endswith("…")]
    assert name.startswith(shown[:-1].rstrip())
    assert left >= 6 * len(shown)


@pytest.mark.parametrize(
    ("similarities", "said"),
    [
        ([[0.6, 0.1], [0.2, 0.1], [0.1, 0.5]], "1 of the 3 is not, so 2 are called"),
        ([[0.6, 0.1], [0.5, 0.1], [0.6, 0.5]], "what each is called: 2 are called"),
    ],
)
def test_the_words_say_how_the_table_comes_of_the_nearest(
    similarities: list[list[float]], said: str
) -> None:
    left_out = LeaveOneOut(np.array([0, 0, 1]), np.array(similarities, dtype=np.float32), 0.4)
    assert said in left_out_sentences(left_out)[-1]


def test_names_from_outside_are_escaped() -> None:
    (photo,) = (make_photo(decode_picture(photo_file(0)), "' onerror='x"),)
    strip = photos_strip([photo], "' x='", numbered=True)
    assert "' onerror=" not in strip
    assert "' x=" not in strip


def test_a_file_and_waiting_classes_are_said_in_words() -> None:
    taught = find_taught(TWO)
    assert taught.prototypes is not None
    assert "cannot be tested" in file_sentence(taught.prototypes)
    assert waiting_sentence(taught.classes) == ""


def test_everyone_who_made_a_starter_photo_is_named() -> None:
    table = credits_table()
    assert table.count("<tr>") == 1 + sum(len(starter_class(n).photos) for n in STARTER_CLASSES)
    assert "Loliloli" not in table
    assert "Evan-Amos" in table
    assert len(sample_photos()) == 17
