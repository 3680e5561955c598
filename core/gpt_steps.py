"""Run the language model one word at a time, with a cache, and let it write.

A step computes the queries, keys and values of one word alone; those of the words before it lie in
the cache. It is the same sum as `core.gpt.forward` over the whole text, and its last row.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import torch
from torch import Tensor

from core.gpt_model import Gpt
from core.gpt_records import NO_CHANGES, GptInterventions, GptStep, Written, WrittenWord
from core.sampling import Sampling, draw, narrowed
from core.transformer import AttentionStep, Changes, KeysAndValues, nothing_yet, walk
from core.transformer_parts import SELF
from core.translation import END, START

# For each layer, the keys and values of what was read so far.
Cache = tuple[KeysAndValues, ...]


def no_cache(model: Gpt) -> Cache:
    """Return the cache before anything was read."""
    return nothing_yet(model.stack, model.d_head)


def numbers_per_word(model: Gpt) -> int:
    """Return how many numbers the cache grows by with each word: a key and a value a layer."""
    return 2 * model.n_layers * model.d_model


@torch.no_grad()
def step(
    model: Gpt, cache: Cache, word: str, interventions: GptInterventions = NO_CHANGES
) -> GptStep[Cache]:
    """Run one word more through the model; everything before it comes from the cache.

    Parameters
    ----------
    model : Gpt
    cache : tuple of KeysAndValues
        Of what was read before, under the same interventions; it stays as it is. `no_cache` at the
        start, where the word is `core.translation.START`.
    word : str
    interventions : GptInterventions
        Positions count from the start of the text. Of positions not reached yet nothing is asked.

    Returns
    -------
    GptStep
        The same numbers as the last row of `forward`, and the longer cache.

    Raises
    ------
    ValueError
        If the model has no more positions.
    """
    first = _length(cache)
    check_length(model, first)
    numbers = model.numbers([] if word == START else [word])[-1:]
    states = model.weights.embedding(torch.tensor(numbers), first)
    mask = visible_to(None, first + 1, interventions)
    changes = changes_of(interventions, first)
    rows, longer = [], []
    for part in walk(model.stack, states, mask=mask, cache=cache, changes=changes):
        states = part.leaving
        if isinstance(part, AttentionStep):
            rows.append(part.weights[:, 0])
            longer.append(part.readable)
    return GptStep(
        log_probabilities=model.weights.log_probabilities(states)[0].numpy(),
        rows=torch.stack(rows).numpy(),
        cache=tuple(longer),
    )


def cache_of(
    model: Gpt, words: Iterable[str], interventions: GptInterventions = NO_CHANGES
) -> GptStep[Cache]:
    """Read the start and some words one after the other, and return the last step."""
    last = step(model, no_cache(model), START, interventions)
    for word in words:
        last = step(model, last.cache, word, interventions)
    return last


def write(
    model: Gpt,
    words: Sequence[str],
    sampling: Sampling = Sampling(),  # noqa: B008 (frozen)
    n_most: int = 1,
    interventions: GptInterventions = NO_CHANGES,
) -> Written:
    """Write on, a word at a time, with the cache.

    Parameters
    ----------
    model : Gpt
    words : sequence of str
        What stands there already.
    sampling : Sampling
        How each word is chosen. Draws depend on the seed and the position alone: see
        `core.sampling.number_drawn`.
    n_most : int, >= 0
        Stop after so many words, or at the end, or where the model has no more positions.
    interventions : GptInterventions

    Returns
    -------
    Written

    Raises
    ------
    ValueError
        As `forward`.
    """
    check_length(model, len(words))
    interventions.check(model.n_positions, model.n_layers, model.n_heads)
    steps: list[GptStep[Cache]] = []
    found: list[WrittenWord] = []
    for position in range(len(words), min(len(words) + n_most, model.max_words)):
        last = (
            step(model, steps[-1].cache, found[-1].word, interventions)
            if steps
            else cache_of(model, words, interventions)
        )
        steps.append(last)
        chances = narrowed(last.log_probabilities, sampling)
        index = draw(chances, sampling.seed, position)
        word = model.written[index]
        probability = float(np.exp(last.log_probabilities[index]))
        found.append(WrittenWord(word, probability, float(chances[index])))
        if word == END:
            break
    return Written(
        given=tuple(words),
        words=tuple(found),
        log_probabilities=tuple(made.log_probabilities for made in steps),
        rows=tuple(made.rows for made in steps),
    )


def _length(cache: Cache) -> int:
    return cache[0].keys.shape[-2]


def changes_of(interventions: GptInterventions, first: int = 0) -> Changes:
    """Say interventions as the layers take them, for queries from `first` on."""
    return Changes(
        dropped=frozenset((SELF, layer, head) for layer, head in interventions.dropped_heads),
        edits=tuple((SELF, edit) for edit in interventions.weight_edits),
        off=interventions.off,
        first=first,
    )


def visible_to(mask: Tensor | None, n_keys: int, interventions: GptInterventions) -> Tensor | None:
    """Take the hidden words out of a mask of (query, key), or out of all keys."""
    hidden = [place for place in interventions.hidden_words if place < n_keys]
    if not hidden:
        return mask
    visible = torch.ones(n_keys, dtype=torch.bool)
    visible[hidden] = False
    return visible if mask is None else mask & visible


def check_length(model: Gpt, n_words: int) -> None:
    """Raise a ValueError if a text is too long."""
    if n_words > model.max_words:
        raise ValueError(
            f"The text has {n_words} words and marks; the model reads at most {model.max_words}. "
            "Shorten it."
        )
