"""Tables of a Transformer's sizes, as HTML: other numbers of heads, and known models."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from core.known_models import (
    KNOWN_MODELS,
    TRANSFORMER_BASE,
    TRANSFORMER_BIG,
    KnownModel,
    words_for,
)
from core.model_sizes import count_memory, count_model, count_pass
from core.published_counts import distance
from pages._shared.multi_head_counts import html_table, in_bytes
from pages._shared.size_choice import BYTES, SizesChoice, heads_for, shape_of
from pages._shared.size_words import in_short

_LINK: Final = "target='_blank' rel='noopener' style='color: inherit'"


def heads_table(choice: SizesChoice) -> str:
    """Return what each number of heads costs, as HTML."""
    size, n = BYTES[choice.precision], choice.length
    options = [n for n in heads_for(choice.d_model) if n.bit_count() == 1 or n == choice.n_heads]
    rows = []
    for n_heads in options:
        shape = replace(shape_of(choice), n_heads=n_heads)
        rows.append(
            (
                f"{n_heads}",
                f"{choice.d_model // n_heads:,}",
                in_short(count_model(shape).total),
                in_short(count_pass(shape, n).total),
                in_bytes(count_memory(shape, n).maps * size),
            )
        )
    return html_table(
        f"Other numbers of heads, {n:,} tokens",
        ("Heads", "d_head", "Parameters", "Operations", "All maps"),
        rows,
        bold=options.index(choice.n_heads),
    )


def known_table(choice: SizesChoice) -> str:
    """Return what is computed for known models beside what is published, as HTML."""
    rows: list[tuple[str, ...]] = []
    here = -1
    for model in KNOWN_MODELS:
        if model.name == choice.preset:
            here = len(rows)
        counted = count_model(model.shape).total
        if not model.sources:
            rows.append((model.name, f"{counted:,}", "its weights are here", "the same", "assets"))
        for place, source in enumerate(model.sources):
            link = f"<a href='{source.url}' {_LINK}>{source.where}</a>"
            name = (model.name, f"{counted:,}") if place == 0 else ("", "")
            gap = distance(counted, source)
            match = ("the same" if source.is_exact else "rounds to it") if gap == 0 else _gap(gap)
            rows.append((*name, source.printed, match, link))
    heading = ("Model", "Computed", "Published", "Computed is", "Where")
    return html_table("Known models", heading, rows, bold=here)


def _gap(gap: int) -> str:
    return f"{in_short(abs(gap))} {'higher' if gap > 0 else 'lower'}"


def about_2017() -> str:
    """Say how counts are compared, and what is known of the two of 2017 that do not come out."""
    ends = [_vocabularies(model) for model in (TRANSFORMER_BASE, TRANSFORMER_BIG)]
    fits = max(low for low, _ in ends) <= min(high for _, high in ends)
    said = "one vocabulary gives both" if fits else "no one vocabulary gives both"
    base, big = (f"{low:,} to {high:,}" for low, high in ends)
    biases = TRANSFORMER_BASE.shape.n_attentions * 4 * TRANSFORMER_BASE.shape.d_model
    return (
        "Lower and higher are meant against the nearest number that rounds to what is printed. "
        "The paper of 2017 does not say how it counted. Attention has biases here, which its "
        f"formulas do not have: {biases:,} numbers of the base model. The “about 37,000” byte "
        f"pairs could be more or fewer: the base model has the published "
        f"number with {base} of them, the big one with {big}; {said}."
    )


def _vocabularies(model: KnownModel) -> tuple[int, int]:
    (source,) = model.sources
    return words_for(model, source.low), words_for(model, source.high)
