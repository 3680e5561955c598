"""The work behind the chosen weight of the induction model, and the arrays of its view."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from core.induction import LETTERS, after_earlier, prefix_matching
from pages._shared.attention_row import AttentionRow, row_stages
from pages._shared.code_text import Library, join_blocks, words_code
from pages._shared.files import Table, Tabular
from pages._shared.induction_choice import InductionChoice
from pages._shared.induction_scene import InductionScene, see_induction
from pages._shared.induction_words import head_name
from pages._shared.matrix import Axis
from pages._shared.row_code import N_STRONGEST, row_values
from pages._shared.vision_arithmetic import weight_lines
from pages._shared.work import Work

_TITLE = '"""A row of attention of the induction model, as Attention Lab showed it."""'


@dataclass(frozen=True, eq=False)
class InductionRow(AttentionRow):
    """What one token reads in one head; `names` are of the tokens up to itself."""

    names: tuple[str, ...]

    def name(self, token: int) -> str:
        """Name a token with its place, because letters come twice."""
        return f"{self.names[token]} (token {token + 1})"


def induction_work(scene: InductionScene) -> Work:
    """Return the arithmetic, the programs and the source behind the chosen weight."""
    row, column = scene.cell
    reader, read = (f"“{scene.tokens[at]}” (token {at + 1})" for at in (row, column))
    return Work(
        heading=f"The arithmetic: what {reader} reads of {read} ({head_name(scene.head)})",
        lines=lambda: weight_lines(row_of(scene)),
        numpy=lambda: program(row_of(scene), "np"),
        torch=lambda: program(row_of(scene), "torch"),
        functions=functions_that_ran,
    )


def row_of(scene: InductionScene) -> InductionRow:
    """Return the chosen row, with all that it took."""
    (layer, head), (row, column) = scene.head, scene.cell
    query = scene.shown.queries[layer][[head], row]
    key = scene.shown.keys[layer][[head], : row + 1]
    scores, logits = row_stages(query, key)
    return InductionRow(
        layer=layer,
        head=head,
        n_heads=scene.weights.heads[layer] + 1,  # never the mean, also where it is the only one
        query=query,
        key=key,
        scores=scores,
        logits=logits,
        row=scene.map[row, : row + 1],
        query_token=row,
        key_token=column,
        names=scene.tokens[: row + 1],
    )


def program(case: InductionRow, library: Library) -> str:
    """Return a program that prints the strongest weights of a row."""
    tokens = case.strongest(N_STRONGEST)
    blocks = (
        _TITLE,
        "import numpy as np" if library == "np" else "import torch",
        f"# {head_name((case.layer, case.head)).capitalize()}: what a token reads of the "
        f"{case.n_tokens} tokens up to itself.\n"
        f"reader = {case.name(case.query_token)!r}\n"
        f"{words_code('words', [case.name(token) for token in tokens])}",
        row_values(case, library, f"{library}.exp"),
        "for word, weight in zip(words, weights, strict=True):\n"
        '    print(f"{reader} reads {word}: {weight:.6f}")',
    )
    return join_blocks(blocks) + "\n"


def functions_that_ran() -> tuple[Callable[..., Any], ...]:
    """Return the functions behind the view, its own first."""
    # Loads torch, which the page has loaded by then.
    from core import induction_model, induction_scores, torch_attention, transformer

    attention = torch_attention.scaled_dot_product_attention
    return (
        induction_model.forward,
        prefix_matching,
        after_earlier,
        induction_scores.measure,
        induction_model.copying_circuit,
        transformer.walk,
        attention,
    )


def take_induction(choice: InductionChoice) -> dict[str, Tabular]:
    """Return the arrays behind the view."""
    scene = see_induction(choice)
    replay = scene.training.replay
    tokens = tuple(f"{at + 1} {token}" for at, token in enumerate(scene.tokens))
    queries, keys = Axis("query", tokens), Axis("key", tokens)
    arrays: dict[str, Tabular] = {
        "induction_log_probabilities": Table(
            scene.shown.log_probabilities, (Axis("after", tokens), Axis("letter", tuple(LETTERS)))
        )
    }
    for layer, weights in enumerate(scene.shown.weights):
        names = tuple(f"head {head + 1}" for head in range(len(weights)))
        heads = Axis("head", names)
        arrays[f"induction_weights_layer_{layer + 1}"] = Table(weights, (heads, queries, keys))
    steps = Axis("step", tuple(str(step) for step in replay.curve_steps))
    losses = np.array([(one.first, one.second) for one in replay.curve])
    kinds = Axis("loss", ("new letters", "copied letters"))
    arrays["induction_losses"] = Table(losses, (steps, kinds))
    for kind in ("prefix", "previous"):
        scores = np.array([sum(getattr(one, kind), ()) for one in replay.curve])
        names = tuple(head_name(head) for head in scene.weights.all_heads)
        arrays[f"induction_{kind}"] = Table(scores, (steps, Axis("head", names)))
    return arrays
