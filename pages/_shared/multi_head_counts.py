"""What the heads cost, in words and tables that hold nothing a reader typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from core.head_counts import HeadSizes, cache_numbers, count_flops, count_parameters
from core.head_presets import D_MODEL
from pages._shared.multi_head_cut import GROUPED, HEADS, ONE, OWN, SIZES, MultiHeadState

# Layers, width, heads, and the key/value heads of the grouped kind.
KNOWN: Final = {
    SIZES[0]: (12, 768, 12, 4, "GPT-2 small, whose heads share nothing"),
    SIZES[1]: (32, 4096, 32, 8, "Llama 2 7B with 32 key/value heads, Llama 3 8B with 8"),
    SIZES[2]: (80, 8192, 64, 8, "Llama 3 70B with 8 key/value heads"),
}
BYTES: Final = {"8 bits": 1, "16 bits": 2, "32 bits": 4}
LARGE: Final = {6: "M", 9: "G", 12: "T", 15: "P"}
UNITS: Final = ("B", "KiB", "MiB", "GiB", "TiB")


def sizes_of(state: MultiHeadState) -> HeadSizes:
    """Return the sizes of the attention on the page."""
    return HeadSizes(D_MODEL, state.n_head, state.n_kv_head, state.d_head)


def count_line(state: MultiHeadState) -> str:
    """Return the counts of the attention on the page in one line."""
    sizes, n = sizes_of(state), len(state.words)
    parameters = count_parameters(sizes)
    each = f"{parameters.query} + {parameters.key} + {parameters.value} + {parameters.output}"
    return (
        f"d_head {D_MODEL} / {state.n_head} = **{state.d_head}** · "
        f"parameters {each} = **{parameters.total}** · "
        f"operations for {n} words **{count_flops(sizes, n, n).total:,}** · "
        f"cache **{cache_numbers(sizes)}** numbers a word"
    )


def toy_table(state: MultiHeadState) -> str:
    """Return what every way to cut and share costs for the words on the page, as HTML."""
    n = len(state.words)
    heading = ("Heads", "Key/value heads", "d_head", "Parameters", "Operations", "Cache")
    rows: list[tuple[str, ...]] = []
    here = 0
    for n_head in HEADS:
        for n_kv_head in (n for n in reversed(HEADS) if n <= n_head):
            sizes = HeadSizes(D_MODEL, n_head, n_kv_head, D_MODEL // n_head)
            if (n_head, n_kv_head) == (state.n_head, state.n_kv_head):
                here = len(rows)
            counts = (
                count_parameters(sizes).total,
                count_flops(sizes, n, n).total,
                cache_numbers(sizes, n_token=n),
            )
            rows.append(tuple(f"{c:,}" for c in (n_head, n_kv_head, sizes.d_head, *counts)))
    title = f"This page: every way to cut {D_MODEL} columns, for {n} words"
    return html_table(title, heading, rows, bold=here)


def sharings(state: MultiHeadState) -> tuple[tuple[str, int], ...]:
    """Return the ways to share keys and values in a model of the chosen size, and their heads."""
    _, _, n_head, n_grouped, _ = KNOWN[state.size]
    return (OWN, n_head), (GROUPED, n_grouped), (ONE, 1)


def cache_bytes(state: MultiHeadState, n_kv_head: int, n_token: int) -> int:
    """Return the size of the cache of a model of the chosen size and precision, in bytes."""
    n_layer, d_model, n_head, *_ = KNOWN[state.size]
    sizes = HeadSizes(d_model, n_head, n_kv_head, d_model // n_head)
    return cache_numbers(sizes, n_token=n_token, n_layer=n_layer) * BYTES[state.precision]


def real_table(state: MultiHeadState) -> str:
    """Return what sharing saves in a model of a known size, as HTML."""
    n_layer, d_model, n_head, *_ = KNOWN[state.size]
    columns = []
    for name, n_kv_head in sharings(state):
        sizes = HeadSizes(d_model, n_head, n_kv_head, d_model // n_head)
        step = n_layer * count_flops(sizes, 1, state.context).total
        again = n_layer * count_flops(sizes, state.context, state.context).total
        columns.append(
            (
                name,
                f"{n_kv_head}",
                f"{n_layer * count_parameters(sizes).total / 1e6:,.0f} M",
                in_bytes(cache_bytes(state, n_kv_head, 1)),
                in_bytes(cache_bytes(state, n_kv_head, state.context)),
                in_operations(step),
                in_operations(again),
            )
        )
    names = (
        "",
        "Key/value heads",
        "Parameters of attention",
        "Cache, one token",
        f"Cache, {state.context:,} tokens",
        "Operations for the next token",
        "The same without a cache",
    )
    heading, *rows = zip(names, *columns, strict=True)
    return html_table(f"A model of {state.size}", heading, rows, bold=3)


def html_table(
    title: str, heading: Sequence[str], rows: Sequence[Sequence[str]], *, bold: int
) -> str:
    """Return rows of numbers as HTML that fits a telephone, one of the rows in bold.

    Parameters
    ----------
    title : str
    heading, rows : sequences of str
        Nothing that a reader typed.
    bold : int
        Which of the rows.
    """
    line = "border-bottom: 1px solid color-mix(in srgb, currentColor 25%, transparent)"
    cell = f"padding: 0.2rem 0.5rem 0.2rem 0; text-align: left; vertical-align: bottom; {line}"
    head = "".join(f"<th scope='col' style='{cell}'>{text}</th>" for text in heading)
    body = "".join(
        f"<tr style='font-weight: {700 if place == bold else 400}'>"
        + "".join(f"<td style='{cell}'>{text}</td>" for text in row)
        + "</tr>"
        for place, row in enumerate(rows)
    )
    table = "border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: 0.875rem"
    return (
        f"<table style='{table}'><caption style='text-align: left; font-weight: 600; "
        f"padding-bottom: 0.3rem'>{title}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{body}</tbody></table>"
    )


def real_line(state: MultiHeadState) -> str:
    """Return the formula of the cache with the numbers of a known size in it."""
    n_layer, d_model, n_head, n_grouped, known_as = KNOWN[state.size]
    d_head = d_model // n_head
    total = cache_bytes(state, n_grouped, state.context)
    return (
        "Cache = 2 (K and V) × layers × key/value heads × d_head × tokens × bytes, so grouped "
        f"2 × {n_layer} × {n_grouped} × {d_head} × {state.context:,} × {BYTES[state.precision]} = "
        f"{in_bytes(total)}. The size is that of {known_as}. Operations are counted for attention "
        "alone, softmax left out, every token reading all of the context; M, G, T and P: 10 to the "
        "power of 6, 9, 12 and 15."
    )


def in_operations(count: int) -> str:
    """Write a number of operations, from a million on, in the unit that suits it."""
    power = next(power for power in (15, 12, 9, 6) if count >= 10**power or power == 6)
    return f"{count / 10**power:.3g} {LARGE[power]}"


def in_bytes(count: int) -> str:
    """Write a number of bytes in the unit that suits it; 1 KiB is 1,024 B."""
    size, unit = float(count), 0
    while size >= 1024 and unit < len(UNITS) - 1:
        size, unit = size / 1024, unit + 1
    return f"{size:.4g} {UNITS[unit]}"
