"""Print what the text encoder costs, how near it is to `transformers`, and what it gets right.

On one thread: loading, a pass that keeps everything, leaving every word out, and the same without
widening the weights anew in each pass. Then, in a process of its own, the resident memory that the
model adds. Then agreement with the stored answers of `transformers`, and the sentences of the
lab's own small evaluation set with every miss. From the root of the repository::

    python -m tests.benchmarks.encoder_forward
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import torch

from core.encoder import TextEncoder, embed, forward, leave_one_out, load_encoder
from core.head_roles import measure_roles
from core.text import Tokens, tokenise
from core.zero_shot import CHOSEN_ON, SENTIMENT, TASKS, Label, Task, cosines, evaluation_set

MODULE = "tests.benchmarks.encoder_forward"
GOLDEN = Path(__file__).parents[1] / "data" / "encoder_golden.npz"
N_ROUNDS = 20
LENGTHS = (12, 64, 200)
# Other label sentences, for comparison.
OTHER_LABELS = Task(
    "Sentiment",
    (
        Label("positive", "This is a positive review."),
        Label("negative", "This is a negative review."),
    ),
)


def main() -> None:
    """Measure time, memory, agreement and accuracy."""
    torch.set_num_threads(1)
    if len(sys.argv) > 1:
        memory()
        return
    times()
    subprocess.run([sys.executable, "-m", MODULE, "memory"], check=True)
    agreement()
    model = load_encoder()
    for task in (*TASKS, OTHER_LABELS):
        accuracy(model, task, task.name)
    for task in (SENTIMENT, OTHER_LABELS):
        accuracy(model, task, CHOSEN_ON)


def text_of(n_pieces: int) -> Tokens:
    """Return an ordinary text of exactly so many pieces."""
    golden = json.loads(str(np.load(GOLDEN)["texts"]))["long"]
    tokens = tokenise(f"{golden} {golden}", max_pieces=n_pieces)
    assert len(tokens) == n_pieces
    return tokens


def times() -> None:
    """Print medians and least times, in milliseconds."""
    report("load", load_encoder, n_rounds=5)
    model = load_encoder()
    widened = TextEncoder(model.path, {n: t.float() for n, t in model.tensors.items()})
    for n_pieces in LENGTHS:
        tokens = text_of(n_pieces)
        report(f"{n_pieces} pieces, everything kept", lambda t=tokens: forward(model, t))
        report("   weights widened beforehand", lambda t=tokens: forward(widened, t))
        attention = forward(model, tokens)
        report(
            "   between words, with roles", lambda a=attention: roles(a.tokens, a.word_weights())
        )
    for n_pieces in (12, 64):
        tokens = text_of(n_pieces)
        name = f"{len(tokens.words)} words left out of {n_pieces} pieces"
        report(name, lambda t=tokens: list(leave_one_out(model, t)), n_rounds=5)
    sentences = [tokenise(label.sentence) for task in TASKS for label in task.labels]
    report(f"{len(sentences)} label sentences", lambda: embed(model, sentences))
    report("10,000 characters cut into pieces", lambda: tokenise("ab cde " * 1429))


def roles(tokens: Tokens, weights: np.ndarray) -> object:
    """Measure the roles of all heads."""
    return measure_roles(weights, tokens)


def report(name: str, run: Callable[[], object], *, n_rounds: int = N_ROUNDS) -> None:
    """Time some runs after one for warming up, and print them."""
    run()
    values = []
    for _ in range(n_rounds):
        start = time.perf_counter()
        run()
        values.append((time.perf_counter() - start) * 1000)
    print(f"{name:38s} median {statistics.median(values):7.1f} ms  least {min(values):7.1f} ms")


def memory() -> None:
    """Print the resident memory, in millions of bytes, that each step adds to this process."""
    torch.nn.functional.gelu(torch.randn(64, 384) @ torch.randn(384, 1536))  # torch's own buffers
    before = resident()
    model = load_encoder()
    steps = [("model loaded", resident())]
    for n_pieces in LENGTHS:
        tokens = text_of(n_pieces)
        for _ in range(5):
            forward(model, tokens)
        steps.append((f"passes of {n_pieces} pieces", resident()))
    list(leave_one_out(model, text_of(64)))
    steps.append(("64 pieces left out in turn", resident()))
    print("resident memory added: ", end="")
    print(", ".join(f"{name} {after - before:.0f} MB" for name, after in steps))


def resident() -> float:
    """Return this process's resident memory in millions of bytes."""
    return float(psutil.Process().memory_info().rss) / 1e6


def agreement() -> None:
    """Print how far the pass is from the stored answers of `transformers`."""
    golden, model = np.load(GOLDEN), load_encoder()
    texts = json.loads(str(golden["texts"]))
    names = {"hidden": 0.0, "rows": 0.0, "embedding": 0.0}
    for name, text in texts.items():
        ours = forward(model, tokenise(text))
        at = golden["positions"]
        stages = {
            "hidden": ours.hidden[:, at],
            "rows": ours.weights[:, :, at],
            "embedding": ours.embedding,
        }
        for stage, found in stages.items():
            difference = float(np.abs(found - golden[f"{name}/{stage}"]).max())
            names[stage] = max(names[stage], difference)
    largest = ", ".join(f"{stage} {difference:.1e}" for stage, difference in names.items())
    print(f"largest difference from transformers, {len(texts)} texts: {largest}")


def accuracy(model: TextEncoder, task: Task, name: str) -> None:
    """Print how many sentences get their label, and those that do not."""
    texts = evaluation_set(name)
    labels = embed(model, [tokenise(label.sentence) for label in task.labels])
    near = cosines(embed(model, [tokenise(text.text) for text in texts]), labels)
    found = [task.labels[at].name for at in near.argmax(axis=1)]
    misses = [(t, name) for t, name in zip(texts, found, strict=True) if name != t.label]
    print(f"{name}, {task.labels[0].sentence!r}: {len(texts) - len(misses)} of {len(texts)}")
    for text, given in misses:
        print(f"   {text.text!r}: {given}, not {text.label}")


if __name__ == "__main__":
    main()
