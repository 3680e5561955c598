"""The small language model, block by block: see `core.anatomy`."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.anatomy import DECODER, EMBEDDING, NO_LAYER, POSITIONS, TOKENS, Anatomy, Place
from core.anatomy_facts import EVERY_TOKEN, facts_of
from core.block_parameters import beginning_blocks, ending_blocks, layer_blocks
from core.gpt_model import Gpt
from core.gpt_records import NO_CHANGES, GptInterventions
from core.gpt_steps import changes_of, check_length, visible_to
from core.named_tensor import NamedTensor
from core.opened_block import open_part
from core.opened_ends import embedding_tensors, end_tensors
from core.stack_run import Ending, StackRun, last_stream
from core.transformer import no_later, walk
from core.transformer_modules import EncoderLayer
from core.transformer_parts import unchanged
from core.translation import START


def anatomy_of(model: Gpt) -> Anatomy:
    """Return all blocks of the language model, in the order of computation."""
    weights = model.weights
    layers = (layer for layer in weights.layers if isinstance(layer, EncoderLayer))
    blocks = (
        *beginning_blocks(DECODER, "Words so far", weights.embedding),
        *(
            block
            for index, layer in enumerate(layers)
            for block in layer_blocks(DECODER, index, layer, masked=True)
        ),
        *ending_blocks(weights.last_norm, weights.output_bias, weights.embedding),
    )
    facts = facts_of(
        {DECODER: model.stack},
        model.d_model,
        n_positions=model.n_positions,
        causal=True,
        tied=True,
        read_out=EVERY_TOKEN,
        answer="the next word",
        n_answers=len(model.written),
    )
    return Anatomy("Small GPT", blocks, model.n_heads, model.d_model, facts)


@torch.no_grad()
def run_of(model: Gpt, words: Sequence[str], changes: GptInterventions = NO_CHANGES) -> StackRun:
    """Return the layers on a text, under interventions.

    Raises
    ------
    ValueError
        As `core.gpt.forward`.
    """
    n_tokens = len(words) + 1
    check_length(model, len(words))
    changes.check(n_tokens, model.n_layers, model.n_heads)
    states = model.weights.embedding(torch.tensor(model.numbers(words)))
    mask = visible_to(no_later(n_tokens), n_tokens, changes)
    inputs = (START, *words)
    return StackRun(
        name=DECODER,
        stack=model.stack,
        start=lambda: walk(model.stack, states, mask=mask, changes=changes_of(changes)),
        rows=inputs,
        keys=inputs,
        mask=mask,
    )


def ending_of(model: Gpt, words: Sequence[str]) -> Ending:
    """Return how the stream becomes the next word: row i says what comes after word i."""
    return Ending(
        norm=model.weights.last_norm,
        pool=unchanged,
        table=model.weights.embedding.words.weight[-len(model.written) :],
        bias=model.weights.output_bias,
        names=model.written,
        rows=(START, *words),
    )


@torch.no_grad()
def open_block(
    model: Gpt, words: Sequence[str], place: Place, changes: GptInterventions = NO_CHANGES
) -> tuple[NamedTensor, ...]:
    """Return everything that one block computed on a text, in the order of computation.

    Raises
    ------
    ValueError
        If there is no such block; also as `core.gpt.forward`.
    """
    anatomy_of(model).block(place)
    run = run_of(model, words, changes)
    if place.layer != NO_LAYER:
        return open_part(run, place)
    if place.kind in (TOKENS, EMBEDDING, POSITIONS):
        return embedding_tensors(
            model.weights.embedding, model.numbers(words), run.keys, place.kind
        )
    return end_tensors(ending_of(model, words), last_stream(run), place.kind, run.rows)
