"""How the induction model learns to copy, and what is lost without its heads.

From the root of the repository::

    python -m tests.benchmarks.induction

For three seeds: step and seconds of the cliff (CPU time of this process, one thread), the loss and
the share foretold with all heads and without some, at lengths and distances never trained on. Then
the same with two and with four heads in layer 2, which share the copying.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterable
from dataclasses import dataclass

import torch

from core.induction_model import HEADS, Head
from core.induction_scores import (
    circuit_of,
    induction_head,
    key_compositions,
    measure,
    previous_token_head,
)
from core.induction_training import (
    GUESSING,
    N_STEPS,
    UNSEEN_LETTERS,
    InductionRun,
    advance,
    begin,
)


@dataclass(frozen=True, eq=False)
class Trained:
    """A training at its end, with the CPU seconds that its cliff and all of it took."""

    run: InductionRun
    to_cliff: float
    in_all: float


def train(seed: int, heads: tuple[int, int]) -> Trained:
    """Train to the end."""
    begun, run = time.process_time(), begin(seed, heads)
    to_cliff: float | None = None
    while run.step < N_STEPS:
        run = advance(run)
        if run.curve[-1].second < GUESSING / 2 and to_cliff is None:
            to_cliff = time.process_time() - begun
    return Trained(run, to_cliff or float("nan"), time.process_time() - begun)


def report(trained: Trained) -> None:
    """Print one training."""
    run, weights = trained.run, trained.run.weights
    last = run.curve[-1]
    copies, before = induction_head(last), previous_token_head(last)
    circuit = circuit_of(weights, *copies)
    print(
        f"\nseed {run.seed}, {' + '.join(map(str, weights.heads))} heads: cliff at step "
        f"{run.replay.cliff} ({trained.to_cliff:.1f} s), all {run.step} steps "
        f"{trained.in_all:.1f} s\n"
        f"  losses: new letters {last.first:.2f}, copied {last.second:.3f}\n"
        f"  induction head {named(copies)}: prefix matching {last.prefix[1][copies[1]]:.2f}, "
        f"copies {circuit.own_letter:.0%} of the letters, eigenvalue score "
        f"{circuit.eigenvalues:.2f}\n"
        f"  previous-token head {named(before)}: {last.previous[0][before[1]]:.2f}; composition of "
        f"layer 1's heads with its keys "
        f"{[round(float(one), 2) for one in key_compositions(weights)[:, copies[1]]]}"
    )
    others = [head for head in weights.all_heads if head not in (copies, before)]
    cases: list[tuple[str, frozenset[Head]]] = [
        ("all heads", frozenset()),
        (f"without the induction head {named(copies)}", frozenset({copies})),
        (f"without the previous-token head {named(before)}", frozenset({before})),
        *((f"without {named(head)}", frozenset({head})) for head in others),
    ]
    if weights.heads[1] > 1:
        layer_2 = frozenset(head for head in weights.all_heads if head[0] == 1)
        cases.append(("without all of layer 2", layer_2))
    for name, dropped in cases:
        found = measure(weights, dropped)
        print(
            f"  {name:40s} loss {found.second:6.3f}, foretold {found.accuracy:6.1%}, prefix "
            f"matching {found.prefix[1][copies[1]]:.2f}"
        )
    print(f"  never trained on: {', '.join(unseen(run))}")


def unseen(run: InductionRun) -> Iterable[str]:
    """Measure at lengths never trained on, and at distances that no part has."""
    for n in UNSEEN_LETTERS:
        found = measure(run.weights, n=n)
        yield f"2 × {n} letters {found.second:.3f} ({found.accuracy:.1%})"
    for n, gap in ((10, 5), (8, 16)):
        found = measure(run.weights, n=n, gap=gap)
        yield f"2 × {n} with {gap} between {found.second:.3f} ({found.accuracy:.1%})"


def named(head: Head) -> str:
    """Name a head by layer and number, from 1."""
    return f"{head[0] + 1}.{head[1] + 1}"


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    seeds = parser.parse_args().seeds
    torch.set_num_threads(1)
    for seed in seeds:
        report(train(seed, HEADS))
    for later in (2, 4):
        report(train(seeds[0], (HEADS[0], later)))


if __name__ == "__main__":
    main()
