"""What a Transformer's sizes come to, in words, bars and tables; nothing in them was typed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Final

from core.model_shape import TransformerShape
from core.model_sizes import (
    count_memory,
    count_model,
    count_pass,
    count_step,
    even_length,
)
from pages._shared.multi_head_counts import in_bytes
from pages._shared.size_choice import BYTES, SizesChoice, heads_for, known, shape_of

PROJECTIONS: Final = "Projections"
QUADRATIC: Final = "Scores, averages"
FEED_FORWARD: Final = "Feed-forward"
EMBEDDINGS: Final = "Embeddings"
REST: Final = "Rest"
_UNITS: Final = ((15, "P"), (12, "T"), (9, "G"), (6, "M"), (3, "k"))


@dataclass(frozen=True)
class Bar:
    """A part of a sum: its name, which colour it has, its size and that in words."""

    name: str
    kind: str
    value: int
    text: str


def in_short(count: int) -> str:
    """Write a whole number with three digits and k, M, G, T or P; small ones in full."""
    if count < 10_000:
        return f"{count:,}"
    rounded = round(count, 3 - len(str(count)))
    for power, unit in _UNITS:
        if rounded >= 10**power:
            scaled = rounded / 10**power
            return f"{scaled:,.0f} {unit}" if scaled >= 100 else f"{scaled:.3g} {unit}"
    return f"{count:,}"


def in_tokens(length: Fraction) -> str:
    """Write a length that may be a fraction of a token."""
    return f"{float(length):,.0f}" if length.denominator == 1 else f"{float(length):,.1f}"


def percent(share: float) -> str:
    """Return a share with the digits that mean something."""
    if 0 < share < 0.0001:
        return "<0.01%"
    return f"{100 * share:.0f}%" if share >= 0.095 or share == 0 else f"{100 * share:.1g}%"


def in_times(ratio: float) -> str:
    """Write a ratio with the digits that mean something."""
    if ratio < 0.001:
        return "less than 0.001 times"
    return f"{ratio:,.0f} times" if ratio >= 10 else f"{ratio:.2g} times"


def parameter_bars(choice: SizesChoice) -> list[Bar]:
    """Return the learned numbers by part."""
    counted = count_model(shape_of(choice))
    parts = (
        ("Attention", PROJECTIONS, counted.attention),
        (FEED_FORWARD, FEED_FORWARD, counted.feed_forward),
        (EMBEDDINGS, EMBEDDINGS, counted.embeddings),
        ("Positions", EMBEDDINGS, counted.positions),
        ("Norms", REST, counted.norms),
        ("Output", REST, counted.head),
    )
    return _bars(parts)


def operation_bars(choice: SizesChoice) -> list[Bar]:
    """Return the operations of one pass by part."""
    counted = count_pass(shape_of(choice), choice.length)
    parts = (
        (PROJECTIONS, PROJECTIONS, counted.projections),
        (QUADRATIC, QUADRATIC, counted.quadratic),
        (FEED_FORWARD, FEED_FORWARD, counted.feed_forward),
        ("Patches", EMBEDDINGS, counted.patches),
        ("Output", REST, counted.head),
    )
    return _bars([part for part in parts if part[0] != "Patches" or part[2]])


def memory_bars(choice: SizesChoice) -> list[Bar]:
    """Return the memory by what it holds, in bytes."""
    shape, size = shape_of(choice), BYTES[choice.precision]
    held = count_memory(shape, choice.length)
    parts = [
        ("Parameters", REST, held.parameters),
        ("Maps, all heads", QUADRATIC, held.maps),
        (FEED_FORWARD, FEED_FORWARD, held.hidden),
    ]
    if shape.decoder_layers:
        parts.append(("Keys, values", PROJECTIONS, held.cache))
    return [Bar(name, kind, n * size, in_bytes(n * size)) for name, kind, n in parts]


def _bars(parts: Sequence[tuple[str, str, int]]) -> list[Bar]:
    return [Bar(name, kind, value, in_short(value)) for name, kind, value in parts]


# ---- sentences


def about_parameters(choice: SizesChoice) -> str:
    """Say how attention and feed-forward parts compare in learned numbers."""
    counted = count_model(shape_of(choice))
    larger, smaller = counted.feed_forward, counted.attention
    names = "The feed-forward parts hold", "what attention holds"
    if larger < smaller:
        larger, smaller = smaller, larger
        names = "Attention holds", "what the feed-forward parts hold"
    words = counted.embeddings / counted.total
    return (
        f"{counted.total:,} learned numbers. {names[0]} {larger / smaller:.2f} times {names[1]}; "
        f"{percent(words)} of all are embeddings."
    )


def about_operations(choice: SizesChoice) -> str:
    """Say what a pass costs, and what two operations a parameter would come to."""
    shape, n = shape_of(choice), choice.length
    counted, model = count_pass(shape, n), count_model(shape)
    in_layers = model.attention + model.feed_forward
    rule = 2 * in_layers * n
    spent = counted.projections + counted.feed_forward + counted.quadratic
    return (
        f"For {_tokens(shape, n)}. Two for each of the layers' {in_short(in_layers)} parameters "
        f"and each token would be {in_short(rule)} (Kaplan et al. 2020); with scores and "
        f"averages the layers take {in_short(spent)}, {spent / rule:.2f} times that."
    )


def about_crossing(choice: SizesChoice) -> str:
    """Say where scores and averages begin to cost more than the feed-forward parts."""
    shape = shape_of(choice)
    even, counted = even_length(shape), count_pass(shape, choice.length)
    formula = (
        "d_hidden"
        if shape.n_layers == shape.n_attentions
        else f"{shape.n_layers} feed-forward parts / {shape.n_attentions} attentions × d_hidden"
    )
    times = in_times(counted.quadratic / counted.feed_forward)
    return (
        f"Scores and averages grow with the square of the length, the rest in proportion to it. "
        f"They cost what the feed-forward parts cost at {in_tokens(even)} tokens = {formula}, and "
        f"what the projections cost at {2 * shape.d_model:,} = 2 d_model. At {choice.length:,} "
        f"they cost {times} the feed-forward parts."
    )


def about_memory(choice: SizesChoice) -> str:
    """Say how the maps compare to the parameters."""
    shape = shape_of(choice)
    held, size = count_memory(shape, choice.length), BYTES[choice.precision]
    n_maps = shape.n_attentions * shape.n_heads
    return (
        f"{n_maps:,} maps of {choice.length:,} × {choice.length:,} weights: "
        f"{in_bytes(held.maps * size)}, {in_times(held.maps / held.parameters)} the "
        f"{in_bytes(held.parameters * size)} of the parameters, if all are kept. Programs that "
        "need no maps compute them piece by piece and keep none (Dao et al. 2022)."
    )


def about_step(choice: SizesChoice) -> str:
    """Say what a cache saves a decoder; nothing for other models."""
    shape, n = shape_of(choice), choice.length
    if not shape.decoder_layers:
        return ""
    step, whole = count_step(shape, n), count_pass(shape, n)
    cache = count_memory(shape, n).cache * BYTES[choice.precision]
    return (
        f"Token {n:,} costs {in_short(step.total)} operations with the cache of {in_bytes(cache)}; "
        f"the whole pass again would cost {in_short(whole.total)}, "
        f"{whole.total / step.total:,.0f} times as many."
    )


def about_positions(choice: SizesChoice) -> str:
    """Say if the length goes beyond a learned table of positions."""
    n_rows = shape_of(choice).n_positions
    if not n_rows or choice.length <= n_rows:
        return ""
    return (
        f"Its learned table ends after {n_rows:,} positions: for {choice.length:,} tokens it would "
        "need more rows, which are not counted here."
    )


def about_heads(choice: SizesChoice) -> str:
    """Say what the number of heads changes; everything in it is counted."""
    shape, n = shape_of(choice), choice.length
    n_heads = shape.n_heads if shape.n_heads > 1 else heads_for(shape.d_model)[-1]
    one, many = replace(shape, n_heads=1), replace(shape, n_heads=n_heads)
    same = count_model(one) == count_model(many) and count_pass(one, n) == count_pass(many, n)
    times = count_memory(many, n).maps / count_memory(one, n).maps
    changed = "no parameter and no operation" if same else "parameters and operations"
    return (
        f"{n_heads} heads instead of one change {changed}; the maps take {times:.0f} times the "
        "memory."
    )


def about_known(choice: SizesChoice) -> str:
    """Return what the count of the chosen model holds or leaves out."""
    return known(choice.preset).note


def _tokens(shape: TransformerShape, length: int) -> str:
    return f"{length:,} tokens" + (" on either side" if shape.n_cross else "")
