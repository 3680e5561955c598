"""Train the model for induction heads again: its sequences are drawn, nothing is fetched.

The lab itself never runs this. From the root of the repository::

    PYTHONPATH=. python assets/induction/train.py

It writes the states of one training beside this script (or into the folder that is named) and
prints the SHA-256 to be entered in ``core/induction_checkpoints.py``. Another processor or another
version of torch rounds differently, and the weights come out a little different. Of seed 0;
``--seed`` trains others.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.induction_checkpoints import as_tensors
from core.induction_training import N_STEPS, Replay, advance, begin
from core.weights import file_sha256

HERE = Path(__file__).parent
# Densest about the cliff.
KEPT = (0, 50, 100, 120, 140, 160, 180, *range(200, 301, 10), 320, 340, 360, *range(400, 601, 50))
# One entry, because safetensors writes several in no fixed order and the hash would not be fixed.
ABOUT = "States of the induction model of Attention Lab in training, seed {seed}."


def main() -> None:
    """Train, print, save."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, default=HERE)
    options = parser.parse_args()
    torch.set_num_threads(1)

    replay = train(options.seed)
    path = options.folder / "induction.safetensors"
    save_file(as_tensors(replay), path, metadata={"about": ABOUT.format(seed=options.seed)})
    print(f"{path.name}: {path.stat().st_size:,} bytes, SHA-256 {file_sha256(path)}")


def train(seed: int) -> Replay:
    """Train from begin to end, with a line every 50 steps."""
    begun, run = time.perf_counter(), begin(seed)
    kept = {0: run.weights}
    while run.step < N_STEPS:
        run = advance(run)
        if run.step in KEPT:
            kept[run.step] = run.weights
        if run.step % 50 == 0:
            now, spent = run.curve[-1], time.perf_counter() - begun
            print(
                f"step {run.step}: loss {now.first:.2f} on new letters, {now.second:.2f} on copied "
                f"ones; prefix matching {now.prefix[1][0]:.2f}, token before "
                f"{max(now.previous[0]):.2f}; {spent:.0f} s"
            )
    return Replay(tuple(kept), tuple(kept.values()), run.steps, run.curve)


if __name__ == "__main__":
    main()
