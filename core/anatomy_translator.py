"""The English-French translator, block by block: see `core.anatomy`.

The decoder is opened on a finished translation: all of its steps at once, each given what was
written before it, which is what the step-by-step pass computes too.
"""

from __future__ import annotations

import torch

from core.anatomy import (
    DECODER,
    EMBEDDING,
    ENCODER,
    LAST_NORM,
    NO_LAYER,
    POSITIONS,
    TOKENS,
    Anatomy,
    Block,
    Place,
)
from core.anatomy_facts import EVERY_TOKEN, facts_of
from core.block_parameters import (
    TITLES,
    beginning_blocks,
    ending_blocks,
    layer_blocks,
    of_norm,
    outside,
)
from core.named_tensor import NamedTensor
from core.opened_block import of_tokens, open_part
from core.opened_ends import embedding_tensors, end_tensors
from core.stack_run import Ending, StackRun, last_stream
from core.transformer import no_later
from core.transformer_parts import unchanged
from core.translation import END, Interventions, Translation, check_interventions
from core.translator_model import Translator
from core.translator_pass import decoder_steps, encode, encoder_steps, no_cache, visible_words
from core.vocabulary import END_ID, START_ID

NO_CHANGES = Interventions()


def anatomy_of(model: Translator) -> Anatomy:
    """Return all blocks of the translator, in the order of computation."""
    weights = model.weights
    blocks = (
        *beginning_blocks(ENCODER, "English words", weights.english),
        *(
            block
            for index, layer in enumerate(weights.encoder_layers())
            for block in layer_blocks(ENCODER, index, layer, masked=False)
        ),
        Block(outside(ENCODER, LAST_NORM), TITLES[LAST_NORM], of_norm(weights.encoder_norm)),
        *beginning_blocks(DECODER, "French words so far", weights.french),
        *(
            block
            for index, layer in enumerate(weights.decoder_layers())
            for block in layer_blocks(DECODER, index, layer, masked=True)
        ),
        *ending_blocks(weights.decoder_norm, weights.output_bias, weights.french),
    )
    facts = facts_of(
        {ENCODER: model.encoder_stack, DECODER: model.decoder_stack},
        model.d_model,
        n_positions=weights.english.positions.num_embeddings,
        causal=True,
        tied=True,
        read_out=EVERY_TOKEN,
        answer="the next French word",
        n_answers=len(weights.output_bias),
    )
    return Anatomy("Translator", blocks, model.n_heads, model.d_model, facts)


def encoder_run(
    model: Translator, translation: Translation, changes: Interventions = NO_CHANGES
) -> StackRun:
    """Return the encoder on the English words of a translation, under interventions.

    Raises
    ------
    ValueError
        If an intervention names something that is not there.
    """
    check_interventions(changes, len(translation.english), model.heads_of_part)
    return StackRun(
        name=ENCODER,
        stack=model.encoder_stack,
        start=lambda: encoder_steps(model, translation.english, changes),
        rows=translation.source,
        keys=translation.source,
        mask=visible_words(translation.english, changes),
    )


@torch.no_grad()
def decoder_run(
    model: Translator, translation: Translation, changes: Interventions = NO_CHANGES
) -> StackRun:
    """Return the decoder on the words of a translation, whatever it would write by itself now.

    Raises
    ------
    ValueError
        If an intervention names something that is not there.
    """
    check_interventions(changes, len(translation.english), model.heads_of_part)
    encoded = encode(model, translation.english, changes)
    inputs = _numbers(model, translation)
    return StackRun(
        name=DECODER,
        stack=model.decoder_stack,
        start=lambda: decoder_steps(model, encoded, inputs, no_cache(model), changes),
        rows=translation.words,
        keys=translation.inputs,
        mask=no_later(len(inputs)),
        memory=translation.source,
        memory_mask=encoded.visible,
    )


def ending_of(model: Translator, translation: Translation) -> Ending:
    """Return how the decoder's stream becomes words."""
    return Ending(
        norm=model.weights.decoder_norm,
        pool=unchanged,
        table=model.weights.french.words.weight[END_ID:],
        bias=model.weights.output_bias,
        names=(END, *model.french.words),
        rows=translation.words,
    )


@torch.no_grad()
def open_block(
    model: Translator,
    translation: Translation,
    place: Place,
    changes: Interventions = NO_CHANGES,
) -> tuple[NamedTensor, ...]:
    """Return everything that one block computed, in the order of computation.

    Parameters
    ----------
    model : Translator
    translation : Translation
        What to open it on.
    place : Place
    changes : Interventions
        To run the same words under; a translation made under interventions is opened under them
        by giving ``translation.interventions``.

    Raises
    ------
    ValueError
        If there is no such block.
    """
    block = anatomy_of(model).block(place).place
    if block.layer == NO_LAYER and block.kind in (TOKENS, EMBEDDING, POSITIONS):
        return _open_beginning(model, translation, block)
    run = (encoder_run if block.stack == ENCODER else decoder_run)(model, translation, changes)
    if block.layer != NO_LAYER:
        return open_part(run, block)
    stream = last_stream(run)
    if block.stack == ENCODER:
        after = model.weights.encoder_norm(stream)
        return (
            of_tokens("stream before", stream, run.rows, "What the last layer left."),
            of_tokens(
                "memory", after, run.rows, "What every cross-attention of the decoder reads."
            ),
        )
    return end_tensors(ending_of(model, translation), stream, block.kind, run.rows)


def _open_beginning(
    model: Translator, translation: Translation, place: Place
) -> tuple[NamedTensor, ...]:
    """Open what comes before the layers."""
    if place.stack == ENCODER:
        numbers, tokens = model.english.encode(translation.english), translation.source
        return embedding_tensors(model.weights.english, numbers, tokens, place.kind)
    numbers = _numbers(model, translation)
    return embedding_tensors(model.weights.french, numbers, translation.inputs, place.kind)


def _numbers(model: Translator, translation: Translation) -> list[int]:
    """Return the number of what entered each step of the decoder."""
    return [START_ID, *model.french.encode(translation.inputs[1:])[:-1]]
