"""Train the translators: many sentences at once.

What the lab shows runs one sentence at a time, through `core.translator` and
`core.recurrent_translator`. The Transformer's layers are the same `core.transformer.walk` here; the
recurrent network is written a second time, to be quick, and tests hold the two to each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from core.bilingual.batches import Batch, Recipe, endless_batches
from core.bilingual.generator import splits
from core.bilingual.pair import SentencePair, Splits
from core.recurrent_model import RecurrentWeights
from core.transformer import last, no_later, remembered, walk
from core.translator_model import TransformerWeights
from core.vocabulary import END_ID, PADDING_ID, Vocabulary

Weights = TypeVar("Weights", TransformerWeights, RecurrentWeights)
N_TRAIN = 300_000


def training_splits() -> Splits:
    """Make the sentences that the translators were trained on, and those kept to test them."""
    return splits(n_train=N_TRAIN)


def train(
    make: Callable[[], Weights],
    log_probabilities: Callable[[Weights, Batch, float], Tensor],
    pairs: Sequence[SentencePair],
    vocabularies: tuple[Vocabulary, Vocabulary],
    recipe: Recipe,
    report: Callable[[int, float], None],
) -> Weights:
    """Train a model from its first weights.

    Parameters
    ----------
    make : function
        Makes the weights, drawn from torch's generator, which is seeded just before.
    log_probabilities : function
        `transformer_log_probabilities` or `recurrent_log_probabilities`.
    pairs : sequence of SentencePair
        What to train on.
    vocabularies : (Vocabulary, Vocabulary)
        English and French.
    recipe : Recipe
    report : function of step and loss
        Called after every step.
    """
    torch.manual_seed(recipe.seed)
    weights = make()
    optimiser = torch.optim.AdamW(
        weights.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    batches = endless_batches(pairs, vocabularies, recipe)
    for step in range(1, recipe.n_steps + 1):
        batch = next(batches)
        for group in optimiser.param_groups:
            group["lr"] = recipe.learning_rate * rate_factor(step, recipe)
        predicted = log_probabilities(weights, batch, recipe.dropout)
        loss = functional.cross_entropy(
            predicted.flatten(0, 1),
            (batch.targets - END_ID).flatten(),
            ignore_index=PADDING_ID - END_ID,
            label_smoothing=recipe.label_smoothing,
        )
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(weights.parameters(), recipe.clip)
        optimiser.step()
        report(step, loss.item())
    weights.requires_grad_(requires_grad=False)
    return weights


def rate_factor(step: int, recipe: Recipe) -> float:
    """Return the share of the highest learning rate at a step, counted from 1."""
    warm_up = min(step / recipe.n_warm_up, 1.0)
    return warm_up * (0.5 + 0.5 * math.cos(math.pi * step / recipe.n_steps)) + 0.01


def transformer_log_probabilities(
    weights: TransformerWeights, batch: Batch, dropout: float
) -> Tensor:
    """Run the Transformer over a batch, (sentence, step, word)."""

    def drop(x: Tensor) -> Tensor:
        return functional.dropout(x, dropout)

    words = (batch.english != PADDING_ID)[:, None, None]  # (sentence, 1, 1, source)
    encoder, decoder = weights.encoder_stack(), weights.decoder_stack()
    read = last(walk(encoder, drop(weights.english(batch.english)), mask=words, drop=drop))
    written = walk(
        decoder,
        drop(weights.french(batch.inputs)),
        mask=no_later(batch.inputs.shape[1]),
        memory=remembered(decoder, encoder.last_norm(read.leaving)),
        memory_mask=words,
        drop=drop,
    )
    return weights.log_probabilities(last(written).leaving)


def recurrent_log_probabilities(weights: RecurrentWeights, batch: Batch, dropout: float) -> Tensor:
    """Run the recurrent model over a batch, (sentence, step, word)."""

    def drop(x: Tensor) -> Tensor:
        return functional.dropout(x, dropout)

    words = batch.english != PADDING_ID  # (sentence, source)
    packed = nn.utils.rnn.pack_padded_sequence(
        drop(weights.embed(weights.english, batch.english)),
        words.sum(dim=1),
        batch_first=True,
        enforce_sorted=False,
    )
    packed_states, last = weights.encoder(packed)
    states, _ = nn.utils.rnn.pad_packed_sequence(packed_states, batch_first=True)
    keys = weights.key(states)  # (sentence, source, d_model)
    state = torch.tanh(weights.first_state(last.transpose(0, 1).flatten(1)))
    entering = drop(weights.embed(weights.french, batch.inputs))
    read = []
    for step in range(entering.shape[1]):
        logits = weights.attention_logits(state, keys).masked_fill(~words, -torch.inf)
        context = (torch.softmax(logits, dim=-1)[:, None] @ states)[:, 0]
        state = weights.cell(torch.cat([entering[:, step], context], dim=-1), state)
        read.append(torch.cat([state, context, entering[:, step]], dim=-1))
    return weights.log_probabilities(drop(torch.tanh(weights.readout(torch.stack(read, dim=1)))))
