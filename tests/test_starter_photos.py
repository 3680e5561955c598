"""The starter photos have what every asset needs, and can be taught as their README says."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from core.images import decode_picture, fit_to_patches
from core.prototype_files import read_centre
from core.prototypes import CENTRE_PATH, MOST_CLASSES, classify, feature_of
from core.teaching import FEWEST_PHOTOS, teach
from core.vit import forward
from core.vit_model import VisionTransformer, load_vision_transformer

ASSETS = Path(__file__).parents[1] / "assets"
STARTER = ASSETS / "starter_photos"
SAMPLES = ASSETS / "photos"
ENTRIES = json.loads((STARTER / "photos.json").read_text(encoding="utf-8"))
SHIPPED = [entry for entry in ENTRIES if not entry["file"].startswith("..")]
FREE_LICENCES = {"Public domain", "CC0-1.0"}
HARD = "Birds"

Float32Array = NDArray[np.float32]


@pytest.fixture(scope="module")
def model() -> VisionTransformer:
    return load_vision_transformer()


@pytest.fixture(scope="module")
def samples(model: VisionTransformer) -> dict[str, Float32Array]:
    entries = json.loads((SAMPLES / "photos.json").read_text(encoding="utf-8"))
    return {entry["file"]: feature(model, SAMPLES / entry["file"]) for entry in entries}


def feature(model: VisionTransformer, path: Path) -> Float32Array:
    decoded = decode_picture(path.read_bytes())
    return feature_of(forward(model, fit_to_patches(decoded, n_patches_target=256)))


def test_every_photo_is_listed_once_and_every_listed_photo_is_there() -> None:
    listed = [entry["file"] for entry in ENTRIES]
    assert len(listed) == len(set(listed))
    assert {entry["file"] for entry in SHIPPED} == {path.name for path in STARTER.glob("*.jpg")}
    assert all((STARTER / name).is_file() for name in listed)


def test_there_are_enough_classes_of_enough_photos() -> None:
    counts = Counter(entry["class"] for entry in ENTRIES)
    assert len(counts) >= MOST_CLASSES
    assert min(counts.values()) >= 5 > FEWEST_PHOTOS


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry["file"])
def test_a_photo_is_sound_free_and_described(entry: dict[str, str]) -> None:
    height, width, _ = decode_picture((STARTER / entry["file"]).read_bytes()).shape
    assert min(height, width) >= 140
    assert entry["licence"] in FREE_LICENCES
    assert bool(entry["licence_url"]) == (entry["licence"] != "Public domain")
    for field in ("class", "title", "alt", "author", "package", "package_file"):
        assert entry[field].strip()
    assert entry["source"].startswith("https://")
    row = next(
        line
        for line in (STARTER / "README.md").read_text(encoding="utf-8").splitlines()
        if line.startswith(f"| `{entry['file']}` |")
    )
    for field in ("class", "title", "author", "licence", "source", "package"):
        assert entry[field] in row


def test_a_photo_of_the_sample_set_keeps_its_credit() -> None:
    credited = {
        entry["file"]: (entry["author"], entry["licence"])
        for entry in json.loads((SAMPLES / "photos.json").read_text(encoding="utf-8"))
    }
    for entry in ENTRIES:
        if entry not in SHIPPED:
            assert credited[Path(entry["file"]).name] == (entry["author"], entry["licence"])


def test_they_are_light() -> None:
    assert sum(path.stat().st_size for path in STARTER.iterdir() if path.is_file()) < 500_000


@pytest.mark.slow
def test_the_centre_is_the_mean_of_the_sample_photos(samples: dict[str, Float32Array]) -> None:
    expected = np.mean(list(samples.values()), axis=0)
    np.testing.assert_allclose(read_centre(CENTRE_PATH.read_bytes()), expected, atol=2e-3)


@pytest.mark.slow
def test_the_easy_classes_are_told_apart_as_their_readme_says(
    model: VisionTransformer, samples: dict[str, Float32Array]
) -> None:
    easy = [entry for entry in ENTRIES if entry["class"] != HARD]
    names = list(dict.fromkeys(entry["class"] for entry in easy))
    features = np.stack([feature(model, STARTER / entry["file"]) for entry in easy])
    labels = [names.index(entry["class"]) for entry in easy]
    prototypes, left_out = teach(features, labels, names, read_centre(CENTRE_PATH.read_bytes()))
    assert left_out.accuracy == 1.0
    assert left_out.is_near.mean() > 0.85

    def called(file: str) -> str:
        verdict = classify(prototypes, samples[file])
        return names[verdict.nearest] if verdict.is_near else ""

    assert called("cows.jpg") == "Hoofed animals"
    assert called("colosseum.jpg") == called("minaret.jpg") == "Buildings"
    assert {called(file) for file in ("coffee.jpg", "astronaut.jpg", "koala.jpg")} == {""}
