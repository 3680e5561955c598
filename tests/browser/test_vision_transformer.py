"""The page of the trained model, with pictures as people have them."""

from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.browser.conftest import NewVisitor
from tests.browser.visitor import Visitor

pytestmark = pytest.mark.browser

FILE = "pages/vision_transformer.py"
TURN_RIGHT = 6  # EXIF: what the camera held is to be turned a quarter clockwise


@pytest.fixture
def opened(visitor: Visitor) -> Visitor:
    visitor.open(FILE)
    return visitor


def telephone_photo() -> bytes:
    """A photo as a telephone stores it: 480 x 320 pixels on their side, upright by EXIF."""
    y, x = np.mgrid[0:320, 0:480]
    disc = (x - 140) ** 2 + (y - 160) ** 2 < 70**2
    pixels = np.stack([np.where(disc, 230, 40 + x // 8), np.where(disc, 60, 120 + y // 8),
                       np.where(disc, 40, 90 + x // 10)], axis=-1).astype(np.uint8)  # fmt: skip
    image, file = Image.fromarray(pixels), io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = TURN_RIGHT
    image.save(file, "JPEG", exif=exif.tobytes(), quality=90)
    return file.getvalue()


def upload(visitor: Visitor, name: str, mime: str, data: bytes) -> None:
    """Give a file to the page."""
    payload: FilePayload = {"name": name, "mimeType": mime, "buffer": data}
    visitor.page.locator("input[type=file]").first.set_input_files(payload)


def text(visitor: Visitor) -> str:
    """Return the sentence that says where the map's mass lies."""
    return visitor.page.locator(".frame .text").inner_text()


def ratio(visitor: Visitor) -> float:
    """Return the photo's height over its width, as it is on the screen."""
    box = visitor.page.locator(".picture").bounding_box()
    assert box is not None
    return box["height"] / box["width"]


def grid(visitor: Visitor) -> tuple[int, int]:
    """Return rows and columns of the large map."""
    height, width = visitor.page.locator("canvas.map").evaluate("c => [c.height, c.width]")
    return height, width


def drawn(visitor: Visitor) -> str:
    """Return the large map's pixels."""
    return visitor.page.locator("canvas.map").evaluate("c => c.toDataURL()")


def test_a_photo_turned_by_exif_is_seen_upright_and_a_broken_file_leaves_it(
    opened: Visitor,
) -> None:
    before = drawn(opened)
    assert ratio(opened) < 1
    opened.press_segment("Upload")
    upload(opened, "phone.jpg", "image/jpeg", telephone_photo())
    opened.wait_for(lambda: ratio(opened) > 1, lambda: f"{ratio(opened):.2f}", seconds=20)
    opened.settle()
    rows, columns = grid(opened)
    assert rows / columns == pytest.approx(480 / 320, abs=0.1)
    assert ratio(opened) == pytest.approx(rows / columns, abs=0.02)
    opened.wait_for(lambda: drawn(opened) != before, lambda: "the same map")
    # The disc was on the left of what was stored: turned clockwise, it is above.
    source = opened.page.locator(".picture img")
    middle = source.evaluate(
        """image => {
            const canvas = document.createElement('canvas');
            canvas.width = image.naturalWidth; canvas.height = image.naturalHeight;
            const pen = canvas.getContext('2d', {willReadFrequently: true});
            pen.drawImage(image, 0, 0);
            const at = y => [...pen.getImageData(canvas.width / 2, y * canvas.height, 1, 1).data];
            return [at(140 / 480), at(1 - 140 / 480)];
        }"""
    )
    assert middle[0][0] > 180 > middle[1][0]

    map_before = drawn(opened)
    upload(opened, "broken.jpg", "image/jpeg", telephone_photo()[:2000])
    alert = opened.page.get_by_test_id("stAlert")
    expect(alert).to_contain_text("The picture before it stays.")
    opened.settle()
    assert alert.inner_text().count(".") == 2  # one sentence, and that the picture stays
    assert "Traceback" not in opened.page.locator("body").inner_text()
    assert drawn(opened) == map_before
    upload(opened, "words.png", "image/png", b"These are words, not a picture.")
    expect(alert).to_contain_text("The picture before it stays.")
    opened.settle()
    assert drawn(opened) == map_before


def test_heads_layers_and_patches_change_the_map_and_its_words(opened: Visitor) -> None:
    assert text(opened).startswith("Mean of 6 heads of layer 12, the class token asking")
    mean = drawn(opened)
    opened.page.get_by_role("radio", name="Head 4").click()
    opened.wait_for(lambda: text(opened).startswith("Head 4 of layer 12"), lambda: text(opened))
    head = drawn(opened)
    assert head != mean
    opened.settle()
    box = opened.page.locator(".picture").bounding_box()
    assert box is not None
    opened.page.mouse.click(box["x"] + 0.45 * box["width"], box["y"] + 0.4 * box["height"])
    opened.wait_for(lambda: "the patch in row" in text(opened), lambda: text(opened))
    assert drawn(opened) != head
    opened.settle()
    opened.page.get_by_role("slider", name="Layer").focus()
    opened.page.keyboard.press("ArrowLeft")
    opened.wait_for(lambda: "of layer 11" in text(opened), lambda: text(opened))
    # The choice survives another page.
    words = text(opened)
    opened.settle()
    opened.go("Overview", "Query")
    opened.menu("Vision Transformer")
    expect(opened.page.locator(".frame .text")).to_have_text(words, timeout=20_000)
    opened.settle()


def test_a_patch_can_be_chosen_by_keyboard(opened: Visitor) -> None:
    opened.page.locator(".picture").focus()
    opened.page.keyboard.press("ArrowRight")
    opened.page.keyboard.press("Enter")
    opened.wait_for(lambda: "the patch in row" in text(opened), lambda: text(opened))
    opened.settle()
    opened.page.locator(".picture").focus()
    opened.page.keyboard.press("Escape")
    opened.wait_for(lambda: "the class token asking" in text(opened), lambda: text(opened))


def test_every_view_draws(opened: Visitor) -> None:
    for view, words in (
        ("Rollout", "Rollout through layers"),
        ("Patch features", "principal components"),
        ("Saliency", "Predicted saliency"),
        ("Attention", "Mean of 6 heads"),
    ):
        opened.press_segment(view)
        expect(opened.page.locator(".frame .text")).to_contain_text(words, timeout=20_000)
        opened.settle()
        assert len(drawn(opened)) > 200


def test_dropping_a_head_changes_the_prediction(opened: Visitor) -> None:
    opened.page.get_by_role("radio", name="Head 1").click()
    opened.wait_for(lambda: text(opened).startswith("Head 1 "), lambda: text(opened))
    opened.settle()
    opened.page.get_by_role("button", name="Drop head 1 of layer 12").click()
    sentence = opened.page.get_by_text("Without head 1 of layer 12 the mean saliency goes from")
    expect(sentence).to_be_visible(timeout=20_000)
    opened.settle()


def test_choosing_another_photo_shows_it(opened: Visitor) -> None:
    before = opened.page.locator(".picture img").get_attribute("src")
    opened.page.locator(".strip button").nth(3).click()
    opened.wait_for(
        lambda: opened.page.locator(".picture img").get_attribute("src") != before,
        lambda: "the same photo",
        seconds=20,
    )
    opened.settle()


def test_two_readers_look_at_pictures_of_their_own(new_visitor: NewVisitor) -> None:
    first, second = new_visitor(), new_visitor()
    for visitor in (first, second):
        visitor.open(FILE)
    shown = second.page.locator(".picture img").get_attribute("src")
    first.press_segment("Upload")
    upload(first, "phone.jpg", "image/jpeg", telephone_photo())
    first.wait_for(lambda: ratio(first) > 1, lambda: f"{ratio(first):.2f}", seconds=20)
    first.settle()
    second.press_segment("Saliency")
    expect(second.page.locator(".frame .text")).to_contain_text("Predicted saliency")
    second.settle()
    assert second.page.locator(".picture img").get_attribute("src") == shown
