"""The sample photos and the weights have what every asset needs: source, licence, right files."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from core.images import decode_picture

ASSETS = Path(__file__).parents[1] / "assets"
PHOTOS = ASSETS / "photos"
ENTRIES = json.loads((PHOTOS / "photos.json").read_text(encoding="utf-8"))
FREE_LICENCES = {"Public domain", "CC0-1.0", "CC-BY-4.0"}


def test_every_photo_is_listed_once_and_every_listed_photo_is_there() -> None:
    listed = [entry["file"] for entry in ENTRIES]
    assert len(listed) == len(set(listed)) >= 8
    assert set(listed) == {path.name for path in PHOTOS.glob("*.jpg")}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_photo_is_sound_free_and_described(entry: dict[str, str]) -> None:
    height, width, _ = decode_picture((PHOTOS / entry["file"]).read_bytes()).shape
    assert 400 < max(height, width) <= 640
    assert entry["licence"] in FREE_LICENCES
    assert entry["licence_url"].startswith("https://creativecommons.org/") or (
        entry["licence"] == "Public domain"
    )
    for field in ("title", "alt", "group", "author", "package", "package_file"):
        assert entry[field].strip()
    row = next(
        line
        for line in (PHOTOS / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `{entry['file']}` |")
    )
    for field in ("title", "author", "licence", "package"):
        assert entry[field] in row


def test_there_are_lying_standing_and_square_photos() -> None:
    shapes = [decode_picture((PHOTOS / entry["file"]).read_bytes()).shape for entry in ENTRIES]
    assert any(width > height for height, width, _ in shapes)
    assert any(width < height for height, width, _ in shapes)
    assert any(width == height for height, width, _ in shapes)


def test_they_are_light() -> None:
    assert sum(path.stat().st_size for path in PHOTOS.glob("*.jpg")) < 1.2e6


def test_the_weights_readme_names_the_file_that_is_loaded() -> None:
    from core.vit_model import WEIGHTS_PATH, WEIGHTS_SHA256

    readme = (WEIGHTS_PATH.parent / "README.md").read_text(encoding="utf-8")
    assert WEIGHTS_SHA256 in readme
    assert f"{WEIGHTS_PATH.stat().st_size:,} bytes" in readme
    for licence in re.findall(r"LICENSE-[A-Z0-9.-]+\.txt", readme):
        assert (WEIGHTS_PATH.parent / licence).is_file()
