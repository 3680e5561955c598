"""Train the model for digits again, from the pictures that come with the lab: nothing is fetched.

The lab itself never runs this. From the root of the repository::

    PYTHONPATH=. python assets/digit_vit/train.py

It writes the weights beside this script (or into the folder that is named) and prints the SHA-256
to be entered in ``core/digit_vit.py``. Another processor or another version of torch rounds
differently, and the weights come out a little different. Of seed 0, fixed before training;
``--seed`` trains others.
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.digit_settings import SHIPPED, DigitSettings
from core.digit_training import DigitRun, advance, begin, confusion, named_weights
from core.weights import file_sha256

HERE = Path(__file__).parent
# One entry, because safetensors writes several in no fixed order and the hash would not be fixed.
ABOUT = "Vision Transformer for handwritten digits of Attention Lab. Trained with {settings}."


def main() -> None:
    """Train, measure, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=SHIPPED.seed)
    parser.add_argument("--steps", type=int, default=SHIPPED.n_steps)
    parser.add_argument("--folder", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)

    run = train(replace(SHIPPED, seed=options.seed, n_steps=options.steps))
    print(confusion(run))
    path = options.folder / "digit_vit.safetensors"
    parts = {name: part.clone() for name, part in named_weights(run.settings, run.weights).items()}
    save_file(parts, path, metadata={"about": ABOUT.format(settings=run.settings)})
    print(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {file_sha256(path)}")


def train(settings: DigitSettings) -> DigitRun:
    """Train from begin to end, with a line every 250 steps."""
    begun, run = time.perf_counter(), begin(settings)
    while run.step < settings.n_steps:
        run = advance(run)
        if run.step % 250 == 0 or run.step == settings.n_steps:
            now = run.curve[-1]
            print(
                f"step {run.step:,}: {now.training:.1%} of training and {now.held_out:.1%} of "
                f"held-out pictures right, loss {now.loss:.3f}, "
                f"{time.perf_counter() - begun:.0f} s"
            )
    return run


if __name__ == "__main__":
    main()
