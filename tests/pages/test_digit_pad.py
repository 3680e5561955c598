"""The drawing pad and the choice of a digit: what Python sends, and what it takes."""

from __future__ import annotations

import base64
import io
import re
from typing import Final

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.digit_ink import image_of_ink
from core.digits import load_digits
from core.packing import PackingError, Schema
from pages._shared import digit_value
from pages._shared.digit_pad import read_ink
from pages._shared.digit_value import DigitChoice, digit_codec, written
from tests.pages.app import component, trigger

SCHEMA: Final = Schema(1, {"digit": digit_codec()})


def seven() -> NDArray[np.bool_]:
    """Return a 7 as a pen of three cells writes it."""
    ink = np.zeros((32, 32), np.bool_)
    ink[5:8, 8:24] = True
    for row in range(18):
        ink[8 + row, 20 - row // 2 : 23 - row // 2] = True
    return ink


def packed(ink: NDArray[np.bool_]) -> str:
    return base64.b64encode(np.packbits(ink).tobytes()).decode("ascii")


# --- the pad ---------------------------------------------------------------------------------


def test_ink_is_read_as_it_was_drawn() -> None:
    ink = read_ink({"version": "3", "cells": packed(seven())}, "3")
    assert ink is not None
    assert ink.dtype == np.bool_
    np.testing.assert_array_equal(ink, seven())


@pytest.mark.parametrize(
    "message",
    [
        None,
        "ink",
        {},
        {"version": "3"},
        {"version": "2", "cells": packed(seven())},
        {"version": "3", "cells": 7},
        {"version": "3", "cells": packed(seven())[:-4]},
        {"version": "3", "cells": packed(seven()) + "AAAA"},
        {"version": "3", "cells": "!" * 172},
        {"version": "3", "cells": "é" * 172},
        {"version": "3", "cells": [True] * 1024},
    ],
)
def test_anything_else_is_dropped(message: object) -> None:
    assert read_ink(message, "3") is None


def pad_script() -> None:
    import numpy as np
    import streamlit as st

    from pages._shared.digit_pad import digit_pad

    image = np.zeros((8, 8), np.uint8)
    image[0, 1] = 16
    ink = np.zeros((32, 32), np.bool_)
    ink[0, :3] = True

    def take(drawn: object) -> None:
        st.session_state["taken"] = drawn

    digit_pad(ink, image, key="pad", version="3", text="Six.", on_draw=take, patch_size=4)


def test_what_the_pad_is_sent() -> None:
    app = AppTest.from_function(pad_script).run()
    assert not app.exception
    sent = component(app, "digit_pad")
    assert base64.b64decode(sent["ink"]) == bytes([0b11100000, *[0] * 127])
    assert base64.b64decode(sent["image"]) == bytes([0, 16, *[0] * 62])
    assert (sent["version"], sent["patch"], sent["text"]) == ("3", 4, "Six.")
    trigger(app, "digit_pad", "ink", {"version": "2", "cells": packed(seven())})
    assert "taken" not in app.session_state
    trigger(app, "digit_pad", "ink", {"version": "3", "cells": packed(seven())})
    np.testing.assert_array_equal(app.session_state["taken"], seven())


# --- the choice as a value -------------------------------------------------------------------


def test_a_choice_is_a_picture() -> None:
    np.testing.assert_array_equal(digit_value.image_of(written(seven())), image_of_ink(seven()))
    assert not digit_value.image_of(DigitChoice(None)).any()
    digits = load_digits()
    place = digits.held_out[41]
    np.testing.assert_array_equal(digit_value.image_of(DigitChoice(41)), digits.images[place])
    assert digit_value.answer_of(DigitChoice(41)) == digits.labels[place]
    assert digit_value.answer_of(written(seven())) is None
    expected = rf"held-out digit 42, an? {digits.labels[place]}"
    assert re.fullmatch(expected, digit_value.name_of(DigitChoice(41)))


@given(
    st.one_of(st.none(), st.integers(0, 499)),
    st.floats(0, 1),
    st.integers(0, 2**32 - 1),
)
def test_a_link_brings_a_choice_back(held_out: int | None, share: float, seed: int) -> None:
    ink = np.random.default_rng(seed).random((32, 32)) < share
    choice = DigitChoice(held_out, np.packbits(ink).tobytes())
    text = SCHEMA.write({"digit": choice})
    assert SCHEMA.read(text) == {"digit": choice}
    assert len(text) < 200


def test_a_link_with_ink_of_another_shape_is_refused() -> None:
    from core.packing import bits, integer, optional, tuple_of

    other = Schema(1, {"digit": tuple_of(optional(integer(0, 499)), bits(32, 32))})
    text = other.write({"digit": (None, np.ones((3, 3), np.bool_))})
    with pytest.raises(PackingError):
        SCHEMA.read(text)


def test_the_strip_has_two_of_each_digit() -> None:
    labels = [digit_value.label_of(place) for place in digit_value.examples()]
    assert labels == [digit for digit in range(10) for _ in range(2)]


def test_one_after_another_meets_all() -> None:
    choice, seen = DigitChoice(3), []
    for _ in range(500):
        choice = digit_value.next_digit(choice, digit_value.at_random())
        seen.append(choice.held_out)
    assert sorted(seen) == list(range(500))
    assert seen != sorted(seen)


def test_paper_is_white_and_ink_is_dark() -> None:
    image = np.zeros((8, 8), np.uint8)
    image[7, 0], image[0, 0] = 16, 8
    picture = digit_value.on_paper(image, 3)
    assert picture.shape == (24, 24, 3)
    assert (picture[21:, :3] == 20).all()
    assert (picture[:3, :3] == 138).all()  # 255 - 8 * 235 / 16 = 137.5
    assert (picture[:, 3:] == 255).all()


# --- choosing --------------------------------------------------------------------------------


def choice_script() -> None:
    import streamlit as st

    from pages._shared.digit_choice import choose_digit
    from pages._shared.digit_value import DigitChoice
    from pages._shared.digits import shipped_model

    def keep(choice: DigitChoice) -> None:
        st.session_state["choice"] = choice

    choice = st.session_state.setdefault("choice", DigitChoice())
    st.session_state.setdefault("digit.source", "Write")
    choose_digit(choice, keep, key="digit", version="0", model=shipped_model())


@pytest.fixture
def app() -> AppTest:
    app = AppTest.from_function(choice_script, default_timeout=60).run()
    assert not app.exception
    return app


def look_at(app: AppTest, source: str) -> AppTest:
    app.button_group(key="digit.source").set_value(source).run()
    assert not app.exception
    return app


def test_writing_replaces_the_held_out_digit(app: AppTest) -> None:
    sent = component(app, "digit_pad")
    assert "until you write" in sent["text"]
    first = digit_value.image_of(DigitChoice())
    assert base64.b64decode(sent["image"]) == first.tobytes()
    trigger(app, "digit_pad", "ink", {"version": "0", "cells": packed(seven())})
    assert app.session_state["choice"] == written(seven())
    sent = component(app, "digit_pad")
    assert base64.b64decode(sent["image"]) == image_of_ink(seven()).tobytes()
    trigger(app, "digit_pad", "ink", {"version": "0", "cells": packed(np.zeros((32, 32), bool))})
    assert "nothing is written" in component(app, "digit_pad")["text"]


def test_examples_are_chosen_and_the_ink_stays(app: AppTest) -> None:
    app.session_state["choice"] = written(seven())
    look_at(app, "Held-out digits")
    strip = component(app, "photo_strip")
    assert len(strip["photos"]) == 20
    assert (strip["chosen"], strip["label"]) == (None, "Held-out digits")
    # Each has a name of its own.
    assert len({photo["title"] for photo in strip["photos"]}) == 20
    place = digit_value.examples()[9]
    trigger(app, "photo_strip", "photo", str(place))
    assert app.session_state["choice"] == DigitChoice(place, written(seven()).ink)
    trigger(app, "photo_strip", "photo", "../secret")
    assert app.session_state["choice"].held_out == place
    app.button(key="digit.random").click().run()
    assert (
        app.session_state["choice"].held_out
        == digit_value.next_digit(DigitChoice(place), digit_value.at_random()).held_out
    )


def test_the_model_really_gets_it_wrong(app: AppTest) -> None:
    from core.vit import forward
    from pages._shared.digits import shipped_model

    look_at(app, "Held-out digits")
    button = app.button(key="digit.wrong")
    n_wrong = int(re.search(r"\((\d+) of 500\)", button.label)[1])  # type: ignore[index]
    assert 0 < n_wrong < 50
    button.click().run()
    choice = app.session_state["choice"]
    from core.digits import as_picture

    logits = forward(shipped_model().model, as_picture(digit_value.image_of(choice))).logits
    assert logits.argmax() != digit_value.answer_of(choice)


def png(picture: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return file.getvalue()


def test_the_pad_shows_what_the_model_gets() -> None:
    def script() -> None:
        import numpy as np

        from pages._shared.digit_choice import choose_digit
        from pages._shared.digit_value import DigitChoice, image_of
        from pages._shared.digits import shipped_model

        model, turned = shipped_model(), np.rot90(image_of(DigitChoice()))
        choose_digit(
            DigitChoice(), print, key="digit", version="0", model=model, image=turned, news=None
        )

    app = AppTest.from_function(script, default_timeout=60)
    app.session_state["digit.source"] = "Write"
    sent = component(app.run(), "digit_pad")
    turned = np.rot90(digit_value.image_of(DigitChoice()))
    assert base64.b64decode(sent["image"]) == turned.tobytes()


def test_an_upload_lands_on_the_pad(app: AppTest) -> None:
    look_at(app, "Upload")
    paper = np.full((200, 320, 3), 240, np.uint8)
    paper[40:168, 100:228][np.kron(seven(), np.ones((4, 4), bool))] = (20, 30, 60)
    app.file_uploader(key="digit.upload").upload("seven.png", png(paper), "image/png").run()
    assert not app.exception
    choice = app.session_state["choice"]
    assert choice.held_out is None
    # The same 7, enlarged to fill the pad: the model gets nearly what it got of the ink itself.
    ours, direct = (digit_value.image_of(one).astype(int) for one in (choice, written(seven())))
    assert np.abs(ours - direct).mean() < 1
    assert component(app, "digit_pad")["ink"] == packed(choice.cells)


def test_a_file_that_is_no_digit_leaves_the_digit(app: AppTest) -> None:
    app.session_state["choice"] = written(seven())
    look_at(app, "Upload")
    plain = png(np.full((50, 50, 3), 200, np.uint8))
    app.file_uploader(key="digit.upload").upload("plain.png", plain, "image/png").run()
    (problem,) = app.error
    assert "No digit was found" in problem.value
    assert "The digit before it stays." in problem.value
    app.file_uploader(key="digit.upload").upload("bad.png", b"no picture", "image/png").run()
    assert "not a picture that can be read" in app.error[0].value
    assert app.session_state["choice"] == written(seven())
    look_at(app, "Write")
    assert not app.error
