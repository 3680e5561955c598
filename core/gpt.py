"""Run the small language model: over a text, one word at a time with a cache, or writing on.

What comes out is a function of the model, the words and the interventions. Nothing is left on the
model, so any number of sessions may use one at the same time.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.gpt_model import Gpt, load_gpt
from core.gpt_records import (
    NO_CHANGES,
    GptInterventions,
    GptPass,
    GptStep,
    GptVectors,
    Written,
    WrittenWord,
)
from core.gpt_steps import (
    Cache,
    cache_of,
    changes_of,
    check_length,
    no_cache,
    numbers_per_word,
    step,
    visible_to,
    write,
)
from core.sampling import Sampling
from core.transformer import AttentionStep, no_later, walk
from core.translation import START

__all__ = [
    "Cache",
    "Gpt",
    "GptInterventions",
    "GptPass",
    "GptStep",
    "GptVectors",
    "Sampling",
    "Written",
    "WrittenWord",
    "cache_of",
    "forward",
    "load_gpt",
    "no_cache",
    "numbers_per_word",
    "step",
    "vectors",
    "write",
]


@torch.no_grad()
def forward(
    model: Gpt, words: Sequence[str], interventions: GptInterventions = NO_CHANGES
) -> GptPass:
    """Run a text through the model, all words at once.

    Parameters
    ----------
    model : Gpt
        The model; not changed.
    words : sequence of str
        Lower-case words, punctuation words of their own: see `core.bilingual.tokenise_english`.
        Unknown words are read as one and the same unknown word. None is a text too: what comes
        first is predicted then.
    interventions : GptInterventions
        Words to hide, heads to drop, weights to force, parts to switch off.

    Returns
    -------
    GptPass
        With the weights of every layer and head, and the probabilities at every position.

    Raises
    ------
    ValueError
        If there are more words than `Gpt.max_words`, or an intervention names something that is
        not there.
    """
    check_length(model, len(words))
    interventions.check(len(words) + 1, model.n_layers, model.n_heads)
    states = model.weights.embedding(torch.tensor(model.numbers(words)))
    mask = visible_to(no_later(len(words) + 1), len(words) + 1, interventions)
    weights = []
    for part in walk(model.stack, states, mask=mask, changes=changes_of(interventions)):
        states = part.leaving
        if isinstance(part, AttentionStep):
            weights.append(part.weights)
    return GptPass(
        inputs=(START, *words),
        unknown=tuple(place + 1 for place in model.vocabulary.missing(words)),
        names=model.written,
        weights=torch.stack(weights).numpy(),
        log_probabilities=model.weights.log_probabilities(states).numpy(),
        interventions=interventions,
    )


@torch.no_grad()
def vectors(
    model: Gpt,
    words: Sequence[str],
    layer: int,
    interventions: GptInterventions = NO_CHANGES,
) -> GptVectors:
    """Return the queries, keys and values behind the weights of one layer.

    Parameters
    ----------
    model, words, interventions
        As in `forward`.
    layer : int
        From 0.

    Raises
    ------
    ValueError
        As `forward`; also if there is no such layer.
    """
    if not 0 <= layer < model.n_layers:
        raise ValueError(f"There is no layer {layer}: layers run from 0 to {model.n_layers - 1}.")
    check_length(model, len(words))
    interventions.check(len(words) + 1, model.n_layers, model.n_heads)
    states = model.weights.embedding(torch.tensor(model.numbers(words)))
    mask = visible_to(no_later(len(words) + 1), len(words) + 1, interventions)
    found = next(
        part
        for part in walk(model.stack, states, mask=mask, changes=changes_of(interventions))
        if isinstance(part, AttentionStep) and part.layer == layer
    )
    return GptVectors(found.query.numpy(), found.key.numpy(), found.value.numpy())
