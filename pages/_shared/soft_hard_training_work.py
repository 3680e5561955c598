"""The work behind the training: a program that repeats it, and the source that ran."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

from core.key_settings import KeySettings
from pages._shared.soft_hard_controls import METHOD_NAMES
from pages._shared.soft_hard_training import TRAINER
from pages._shared.source import source_of, without_docstrings
from pages._shared.words import number
from pages._shared.work import Work

_HEAD: Final = '''\
"""Find the key, trained as Attention Lab trains it: PyTorch is all that it takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, one_hot

# What a query makes of its scores, and what is trained.
KINDS = SOFT, ARGMAX, SAMPLE, GUMBEL, STRAIGHT = "soft", "argmax", "sample", "gumbel", "straight"
SOFT_METHOD, GUMBEL_METHOD, REINFORCE, PLAIN = "soft", "gumbel", "reinforce", "plain"'''
_TRAINING: Final = """\
for method in methods:
    model = Model(*(part.requires_grad_() for part in make_model(seeds)))
    optimizer = torch.optim.Adam(model, lr=learning_rate)
    baseline = torch.zeros(len(seeds))
    for step in range(n_steps):
        loss = loss_of(method, model, make_batch(seeds, step), baseline, tau)
        optimizer.zero_grad()
        loss.total.backward()
        optimizer.step()
        if method == REINFORCE:
            baseline = KEPT * baseline + (1 - KEPT) * loss.reward
    found = logits_of(model, test).argmax(dim=-1) == test.place
    print(f"{method}: finds the key in {100 * found.double().mean():.0f}% of the sentences")"""


def training_work(settings: KeySettings) -> Work:
    """Return the program that trains with these settings, and the source that ran."""
    return Work(
        heading="What the sentence above is answered with",
        lines=_lines,
        numpy=None,
        torch=lambda: training_program(settings),
        functions=_functions,
    )


def training_program(settings: KeySettings) -> str:
    """Return a program that needs PyTorch alone and prints the shares of the table."""
    from core import find_the_key
    from core.hard_gradients import one_hot_of_largest, torch_weights
    from core.key_training import N_TEST, TEST_STEP

    values = (
        f"methods = {settings.methods!r}\n"
        f"seeds = {settings.seeds!r}\n"
        f"n_steps, learning_rate, tau = {settings.n_steps}, {settings.learning_rate!r}, "
        f"{settings.tau!r}\n"
        "torch.set_num_threads(1)\n"
        f"test = make_batch(seeds, {TEST_STEP}, {N_TEST})  # sentences that nobody trains on"
    )
    parts = (
        _HEAD,
        _without_imports(find_the_key),
        source_of(one_hot_of_largest).strip(),
        source_of(torch_weights).strip(),
        values,
        _TRAINING,
    )
    return "\n\n\n".join(parts) + "\n"


def _without_imports(module: ModuleType) -> str:
    """Return what a module defines, without docstrings."""
    text = without_docstrings(inspect.getsource(module))
    imports = [
        node for node in ast.parse(text).body if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    last = max(node.end_lineno or 0 for node in imports)
    return "\n".join(text.splitlines()[last:]).strip()


def _functions() -> tuple[Callable[..., Any], ...]:
    from core.find_the_key import answers_of, expected_loss, logits_of, loss_of
    from core.hard_gradients import torch_weights
    from core.key_gradients import report_gradient
    from core.key_training import advance

    return loss_of, torch_weights, logits_of, answers_of, expected_loss, report_gradient, advance


def _lines() -> list[str]:
    """Write out what each method makes of the sentence on the screen."""
    from core.key_training import example

    trained = TRAINER.trained
    if trained is None:
        return ["Nothing is trained yet."]
    batch, weights = example(trained.run)
    place = int(batch.place)
    lines = []
    for method, row in zip(trained.run.settings.methods, weights.tolist(), strict=True):
        share = "its share of the average" if method == "soft" else "the probability to draw it"
        lines.append(
            f"{METHOD_NAMES[method]}: weight of the wanted key = {number(row[place], 4)}, {share}; "
            f"the largest of the 16 = {number(max(row), 4)}"
        )
    return lines
