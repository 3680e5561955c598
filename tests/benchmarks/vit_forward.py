"""Print what it costs to see every attention weight of the Vision Transformer.

Compares, alternating in one run on one thread, the lab's forward pass that keeps all weights
with timm's own forward pass, whose fused attention shows none; both end in the saliency decoder.
Then, each in a process of its own, the peak memory at 224 and 448 pixels. From the root of the
repository::

    python -m tests.benchmarks.vit_forward
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from core.vit import forward
from core.vit_model import load_vision_transformer, timm

MODULE = "tests.benchmarks.vit_forward"
N_ROUNDS = 30
BOUND = 1.15


def main() -> None:
    """Measure cost, then memory."""
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        peak_memory(int(sys.argv[1]), keep_weights=sys.argv[2] == "all")
        return
    cost()
    for side, kept in ((224, "none"), (224, "all"), (448, "none"), (448, "all")):
        subprocess.run([sys.executable, "-m", MODULE, str(side), kept], check=True)


@torch.no_grad()
def cost() -> None:
    """Time both passes, alternating, and print medians and ratios."""
    model = load_vision_transformer()
    fused = timm.create_model(
        "vit_small_patch14_dinov2", pretrained=False, num_classes=0, img_size=224
    ).eval()
    picture = np.random.default_rng(0).integers(0, 256, (224, 224, 3), dtype=np.uint8)
    pixels = torch.rand(1, 3, 224, 224)

    def features_and_saliency() -> torch.Tensor:
        features = fused.forward_features(pixels)[0, 1:]
        return torch.sigmoid(model.decoder(features.T.reshape(1, -1, 16, 16)))

    runs: dict[str, Callable[[], object]] = {
        "timm, fused": features_and_saliency,
        "lab, queries and keys kept": lambda: forward(model, picture),
        "lab, all weights kept": lambda: forward(model, picture, keep_weights=True),
    }
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(N_ROUNDS):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            times[name].append((time.perf_counter() - start) * 1000)
    # The least of many runs is what other work on the machine disturbs least.
    for summary, of in (("median", statistics.median), ("least", min)):
        reference = of(times["timm, fused"][3:])
        for name, values in times.items():
            value = of(values[3:])
            print(f"{summary:6s} {name:28s} {value:6.1f} ms  {value / reference:.2f}")
    print(f"bound {BOUND}")


def peak_memory(side: int, *, keep_weights: bool) -> None:
    """Print how far one forward pass raises this process's peak memory."""
    model = load_vision_transformer()
    before = peak_mib()
    picture = np.random.default_rng(0).integers(0, 256, (side, side, 3), dtype=np.uint8)
    forward(model, picture, keep_weights=keep_weights)
    after = peak_mib()
    kept = "all" if keep_weights else "none"
    print(f"{side} px, weights kept: {kept:4s}  peak {before:.0f} -> {after:.0f} MiB")


def peak_mib() -> float:
    """Return this process's peak resident memory in MiB, as Linux counts it."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    main()
