"""What is computed before the first layer and after the last one, as arrays with names."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from core.anatomy import EMBEDDING, LAST_NORM, PROJECTION, TOKENS
from core.named_tensor import NamedTensor
from core.opened_block import named, of_tokens
from core.stack_run import Ending
from core.transformer_modules import Embedding

# The most probable answers of each row that are shown apart from all the rest.
N_TOP = 3


@torch.no_grad()
def embedding_tensors(
    table: Embedding, numbers: Sequence[int], tokens: tuple[str, ...], kind: str
) -> tuple[NamedTensor, ...]:
    """Open what comes before the layers of the lab's own models.

    Parameters
    ----------
    table : Embedding
    numbers : sequence of int
        What enters.
    tokens : tuple of str
        What each is called.
    kind : str
        Words, which are no numbers yet and have no array; word vectors; or positions.
    """
    if kind == TOKENS:
        return ()
    ids = torch.tensor(list(numbers))
    words = of_tokens("word vectors", table.words(ids), tokens, "For each word a row of the table.")
    if kind == EMBEDDING:
        return (words,)
    places = table.positions.weight[: len(ids)]
    note = f"Both added up, times the root of {table.words.embedding_dim}."
    return (
        words,
        of_tokens("position vectors", places, tokens, "One learned row for each position."),
        of_tokens("stream after", table(ids), tokens, note),
    )


@torch.no_grad()
def end_tensors(
    ending: Ending, stream: Tensor, kind: str, tokens: tuple[str, ...]
) -> tuple[NamedTensor, ...]:
    """Open what comes after the layers of a model that names its answers.

    Parameters
    ----------
    ending : Ending
    stream : Tensor (token, d_model)
        After the last layer.
    kind : {"last_norm", "projection", "softmax"}
    tokens : tuple of str
    """
    normalised = ending.norm(stream)
    if kind == LAST_NORM:
        return (
            of_tokens("stream before", stream, tokens, "What the last layer left."),
            of_tokens("normalised", normalised, tokens, "At mean 0 and spread 1, then rescaled."),
        )
    axes, labels = ("row", "answer"), (ending.rows, ending.names)
    logits = ending.logits(stream)
    of_all = named("logits", logits, axes, labels, "One number for every possible answer.")
    if kind == PROJECTION:
        read = of_tokens("read", ending.pool(normalised), ending.rows, "What is compared.")
        return read, of_all
    probabilities = logits.softmax(dim=-1)
    columns = _top_columns(probabilities)
    names = tuple(ending.names[column] for column in columns)
    top = probabilities[:, columns]
    note = f"The {N_TOP} most probable answers of every row."
    return (
        of_all,
        named("probabilities", probabilities, axes, labels, "Every row sums to 1.", "probability"),
        named("most probable", top, axes, (ending.rows, names), note, "probability"),
    )


def _top_columns(probabilities: Tensor) -> list[int]:
    """Return the best columns of every row, in the order of the rows, each once."""
    best = probabilities.topk(min(N_TOP, probabilities.shape[-1]), dim=-1).indices
    return list(dict.fromkeys(best.flatten().tolist()))
