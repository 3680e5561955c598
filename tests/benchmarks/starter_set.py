"""Print how well the starter set can be taught: accuracy, and what is called none of the classes.

Every choice of two to five of its classes is taught. Accuracy and the share that is wrongly called
none of them are measured by leaving out one photo at a time. What was never taught are the lab's
sample photos of other things and the starter classes that were not chosen. A sample photo is kept
out of the centre that it is measured with. Then the same with the mean of the taught photos as the
centre, which the lab does not use, to see why. From the root of the repository::

    python -m tests.benchmarks.starter_set
"""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray

from core.images import decode_picture, fit_to_patches
from core.prototypes import classify, feature_of
from core.teaching import teach
from core.vit import forward
from core.vit_model import VisionTransformer, load_vision_transformer

ASSETS: Final = Path(__file__).parents[2] / "assets"
SAMPLES: Final = ASSETS / "photos"
STARTER: Final = ASSETS / "starter_photos"
# Sample photos of things that no starter class has.
OTHERS: Final = ("cat", "dog", "thing", "person")
OTHER_ANIMALS: Final = ("kangaroo.jpg", "koala.jpg", "crab.jpg")
# Sample photos that were not taught, and the starter class that each belongs to.
NEW: Final = {
    "cows.jpg": "Hoofed animals",
    "minaret.jpg": "Buildings",
    "colosseum.jpg": "Buildings",
}
HARD: Final = "Birds"

Float32Array = NDArray[np.float32]


def main() -> None:
    """Measure and print."""
    torch.set_num_threads(1)
    model = load_vision_transformer()
    samples = json.loads((SAMPLES / "photos.json").read_text("utf-8"))
    by_file = {entry["file"]: _feature(model, SAMPLES / entry["file"]) for entry in samples}
    classes: dict[str, list[Float32Array]] = {}
    for entry in json.loads((STARTER / "photos.json").read_text("utf-8")):
        feature = _feature(model, STARTER / entry["file"])
        classes.setdefault(entry["class"], []).append(feature)
    others = [
        entry["file"]
        for entry in samples
        if entry["group"] in OTHERS or entry["file"] in OTHER_ANIMALS
    ]
    easy = {name: features for name, features in classes.items() if name != HARD}
    print(f"{len(others)} sample photos of other things")
    for fixed, chosen in ((True, classes), (True, easy), (False, classes), (False, easy)):
        centre = "the lab's centre" if fixed else "the mean of what is taught as the centre"
        print(f"{', '.join(chosen)}; {centre}")
        for n_classes in range(2, 6):
            rows = [
                _measure(taken, classes, by_file, others, fixed=fixed)
                for taken in combinations(chosen, n_classes)
            ]
            accuracy, wrong, refused, unchosen, new = np.nanmean(rows, axis=0)
            print(
                f"  {n_classes} classes ({len(rows)} choices): nearest to the own class "
                f"{accuracy:.1%} (least {min(row[0] for row in rows):.1%}), wrongly none "
                f"{wrong:.1%}; rightly none: other things {refused:.1%}, classes not chosen "
                f"{unchosen:.1%}; new photos named rightly {new:.1%}"
            )


def _feature(model: VisionTransformer, path: Path) -> Float32Array:
    decoded = decode_picture(path.read_bytes())
    return feature_of(forward(model, fit_to_patches(decoded, n_patches_target=256)))


def _measure(
    taken: tuple[str, ...],
    classes: dict[str, list[Float32Array]],
    samples: dict[str, Float32Array],
    others: list[str],
    *,
    fixed: bool,
) -> tuple[float, float, float, float, float]:
    """Return the shares that `main` prints for one choice of classes."""
    features = np.stack([feature for name in taken for feature in classes[name]])
    labels = [label for label, name in enumerate(taken) for _ in classes[name]]
    centre = np.mean(list(samples.values()) if fixed else features, axis=0)
    prototypes, left_out = teach(features, labels, taken, centre)

    def called(file: str) -> str:
        """Name a sample photo with a centre that it is no part of."""
        rest = np.mean([one for name, one in samples.items() if name != file], axis=0)
        taught = teach(features, labels, taken, rest if fixed else centre)[0]
        verdict = classify(taught, samples[file])
        return taken[verdict.nearest] if verdict.is_near else ""

    refused = np.mean([called(file) == "" for file in others])
    unchosen = [
        not classify(prototypes, feature).is_near
        for name in classes
        if name not in taken
        for feature in classes[name]
    ]
    new = [called(file) == name for file, name in NEW.items() if name in taken]
    return (
        left_out.accuracy,
        float((~left_out.is_near).mean()),
        float(refused),
        float(np.mean(unchosen)) if unchosen else float("nan"),
        float(np.mean(new)) if new else float("nan"),
    )


if __name__ == "__main__":
    main()
