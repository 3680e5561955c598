"""What the explanations cost, and how faithful they are over the sets that come with the lab.

    .venv/bin/python -m tests.benchmarks.explanations

Prints the seconds of a gradient explanation at 224 x 224 pixels; then, for the saliency model over
all photos and for the digit model over held-out digits, the mean area of each explanation under
the curves of deletion and insertion, with random orders for comparison.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch

from core.digit_vit import load_digit_vit
from core.faithfulness import DIRECTIONS
from core.set_sweep import SetSweep, advance_set, mean_areas
from core.vit import forward, load_vision_transformer
from core.vit_model import VisionTransformer
from pages._shared.explanation_runs import N_STEPS, set_trial
from pages._shared.explanation_sets import PictureSet, digit_set, photo_set
from pages._shared.explanations import GRADIENT, Subject, explain, output_of
from pages._shared.picture_choice import sample_photos

N_HELD_OUT = 100


def main() -> None:
    torch.set_num_threads(1)
    saliency_model, digit_model = load_vision_transformer(), load_digit_vit()
    photos = photo_set("saliency", lambda: saliency_model, n_photos=len(sample_photos()))
    print_costs(saliency_model, photos)
    if "--costs" in sys.argv:
        return
    digits = digit_set("digits", lambda: digit_model, n_digits=N_HELD_OUT)
    for pictures in (digits, photos):
        print_areas(pictures, n_steps=6 if pictures is photos else N_STEPS)


def print_costs(model: VisionTransformer, photos: PictureSet) -> None:
    """Print medians over seven runs on a square of 224 pixels."""
    square = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    subject = photos.subject(0)
    readout = type(subject.readout)(square_region())
    whole = Subject(
        "square", "saliency", "region", (16, 16), "", "", square, readout, lambda: model
    )
    costs: dict[str, Callable[[], object]] = {
        "a pass with all it computes": lambda: forward(model, square),
        "a pass for one number, patches hidden": lambda: output_of(whole, frozenset({3})),
        "the explanations of one pass": lambda: explain(model, square, readout),
    }
    for name, run in costs.items():
        run()
        print(f"{name}: {median(seconds_of(run) for _ in range(7)):.3f} s")
    gradient = median(explain(model, square, readout).seconds for _ in range(7))
    print(f"{GRADIENT} alone, its pass included: {gradient:.3f} s")


def square_region() -> np.ndarray:
    region = np.zeros((128, 128), dtype=bool)
    region[40:90, 30:80] = True
    return region


def seconds_of(run: Callable[[], object]) -> float:
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def print_areas(pictures: PictureSet, n_steps: int) -> None:
    """Print mean areas over a set, picture by picture what was measured of each."""
    start = time.perf_counter()
    sweep = SetSweep(set_trial(pictures, n_steps))
    subjects: dict[int, Subject] = {}
    model = pictures.load()

    def subject(index: int) -> Subject:
        if index not in subjects:
            subjects[index] = pictures.subject(index)
        return subjects[index]

    while len(sweep.measured) < len(pictures.grids):
        sweep = advance_set(
            sweep,
            lambda index: explain(model, subject(index).pixels, subject(index).readout).maps,
            lambda index, hidden: output_of(subject(index), hidden),
        )
    seconds = time.perf_counter() - start
    print(f"\n{len(pictures.grids)} pictures, {pictures.name}; {n_steps} steps, {seconds:.0f} s")
    wins = {direction: [one[direction] for one in sweep.measured] for direction in DIRECTIONS}
    for direction in DIRECTIONS:
        areas = mean_areas(sweep, direction)
        if areas is None:
            continue
        print(f"  {direction}")
        for name in areas.verdict.ranked:
            best = sum(one.verdict.ranked[0] == name for one in wins[direction])
            beats = sum(name in one.verdict.better for one in wins[direction])
            print(f"    {name:22} {areas.named[name]:.3f}  best in {best}, beats chance in {beats}")
        spread = np.mean([one.chance.spread for one in wins[direction]])
        print(
            f"    {'random':22} {areas.chance.mean:.3f} ± {areas.chance.spread:.3f} over the set, "
            f"± {spread:.3f} in one picture"
        )


if __name__ == "__main__":
    main()
