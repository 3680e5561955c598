"""What a step of the small language model costs with its cache, and without."""

from __future__ import annotations

from dataclasses import dataclass

from core.model_shape import TransformerShape
from core.model_sizes import count_memory, count_pass, count_step
from pages._shared.gpt_runs import D_HEAD, MOST_WORDS, N_HEADS, N_LAYERS, known_words

D_MODEL = N_HEADS * D_HEAD


@dataclass(frozen=True)
class Counts:
    """The cost of one step, the text having this many tokens with it.

    Attributes
    ----------
    n_tokens : int
    step, whole : int
        Multiplications and additions: of one step with the cache, and of a pass over all tokens.
    kept : int
        Numbers in the cache after the step.
    per_word : int
        By how many it grows in a step.
    """

    n_tokens: int
    step: int
    whole: int
    kept: int
    per_word: int


def gpt_shape() -> TransformerShape:
    """Return the shape of the lab's language model."""
    n_words = len(known_words())
    return TransformerShape(
        encoder_layers=0,
        decoder_layers=N_LAYERS,
        d_model=D_MODEL,
        n_heads=N_HEADS,
        d_hidden=4 * D_MODEL,
        n_words=n_words,
        n_positions=MOST_WORDS + 1,
        n_outputs=n_words - 2,  # neither the start nor the unknown word is written
        output_bias=True,
        has_end_norms=True,
    )


def counts_at(n_tokens: int) -> Counts:
    """Return what the step costs in which this many tokens are there, its own among them."""
    shape = gpt_shape()
    kept = count_memory(shape, n_tokens).cache
    return Counts(
        n_tokens=n_tokens,
        step=count_step(shape, n_tokens).total,
        whole=count_pass(shape, n_tokens).total,
        kept=kept,
        per_word=kept // n_tokens,
    )
