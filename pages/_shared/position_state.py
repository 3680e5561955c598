"""The state of the positional encoding page and its link."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from core.packing import Codec, PackingError, Schema, integer, numbers, one_of, switch, tuple_of
from core.packing import words as token_words
from core.position_attention import KINDS
from core.positional import LAYOUTS, start_table
from pages._shared.link_changes import changes_of, with_changes
from pages._shared.page_store import PageStore
from pages._shared.position_toy import (
    ALL_PICTURES,
    BUCKET_START,
    D_MODEL,
    N_POSITIONS,
    PICTURES,
    PositionState,
    base_content,
)
from pages._shared.toy_state import LONGEST_TOKEN, MAX_TOKENS, MIN_TOKENS
from pages._shared.trap import trap_codec
from pages._shared.traps.positional_encoding import TRAPS

NAME: Final = "positional_encoding"
BOUNDS: Final = (-5.0, 5.0)
BASES: Final = (1, 3, 10, 30, 100, 1000, 10_000, 100_000, 1_000_000)
ROTARY_DIMS: Final = (2, 4)
MOST_FIRST: Final = 1000
MOST_HEADS: Final = 16
MOST_WIDTH: Final = 128
LENGTHS: Final = (2, 128)
GRID: Final = 37
# Of the trained table: its beginning, where short texts were cut in its training, its end, all.
WINDOWS: Final[Mapping[str, tuple[int, int]]] = {
    "0 to 63": (0, 64),
    "96 to 159": (96, 160),
    "448 to 511": (448, 512),
    "All 512": (0, 512),
}
MOST_SEED: Final = 9999

_ORDER: Final = tuple_of(*[integer(0, MAX_TOKENS - 1)] * MAX_TOKENS)
_PLAIN: Final[dict[str, Codec[Any]]] = {
    "kind": one_of(KINDS),
    "first": integer(0, MOST_FIRST),
    "causal": switch(),
    "base": one_of(BASES),
    "layout": one_of(LAYOUTS),
    "rotary_dim": one_of(ROTARY_DIMS),
    "seed": integer(0, MOST_SEED),
    "n_heads": integer(1, MOST_HEADS),
    "head": integer(1, MOST_HEADS),
    "width": integer(1, MOST_WIDTH),
    "length": integer(*LENGTHS),
    "picture": one_of(ALL_PICTURES),
    "query": integer(0, MAX_TOKENS - 1),
    "key": integer(0, MAX_TOKENS - 1),
    "row": integer(0, GRID - 1),
    "column": integer(0, GRID - 1),
    "window": one_of(tuple(WINDOWS)),
    "trap": trap_codec(TRAPS),
}


def pack(state: PositionState) -> dict[str, Any]:
    """Return the values that a link carries; numbers that are as they come are left out."""
    rest = tuple(range(len(state.order), MAX_TOKENS))
    return {
        "tokens": state.tokens,
        "order": (*state.order, *rest),
        "content": changes_of(state.content, base_content(state.tokens)),
        "learned": changes_of(state.learned, start_table(N_POSITIONS, D_MODEL, state.seed)),
        "buckets": changes_of(state.buckets, BUCKET_START),
    } | {name: getattr(state, name) for name in _PLAIN}


def unpack(values: Mapping[str, Any]) -> PositionState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If the parts do not fit together.
    """
    tokens, n_token = values["tokens"], len(values["tokens"])
    order, last = values["order"][:n_token], n_token - 1
    if sorted(order) != list(range(n_token)):
        raise PackingError("The link does not fit together: its order is not one of its words.")
    return PositionState(
        tokens=tokens,
        order=order,
        content=with_changes(base_content(tokens), values["content"]),
        learned=with_changes(start_table(N_POSITIONS, D_MODEL, values["seed"]), values["learned"]),
        buckets=with_changes(BUCKET_START, values["buckets"]),
        **{name: values[name] for name in _PLAIN if name not in ("query", "key")},
        query=min(values["query"], last),
        key=min(values["key"], last),
    )


def widgets(state: PositionState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    fields = ("first", "seed", "n_heads", "head", "width", "length")
    shown = {f"{NAME}.{name}.{loads}": getattr(state, name) for name in fields}
    choices = ("kind", "causal", "base", "layout", "rotary_dim", "window")
    shown |= {f"{NAME}.{name}": getattr(state, name) for name in choices}
    pictures = {
        f"{NAME}.picture.{kind}": state.picture if state.picture in offered else offered[0]
        for kind, offered in PICTURES.items()
        if offered
    }
    return {f"{NAME}.tokens.{loads}": " ".join(state.tokens), **shown, **pictures}


_MATRIX: Final = numbers(MAX_TOKENS, N_POSITIONS, *BOUNDS)
STORE: Final = PageStore(
    name=NAME,
    start=PositionState,
    schema=Schema(
        version=2,
        fields={
            "tokens": token_words(MIN_TOKENS, MAX_TOKENS, LONGEST_TOKEN),
            "order": _ORDER,
            "content": _MATRIX,
            "learned": _MATRIX,
            "buckets": _MATRIX,
            **_PLAIN,
        },
    ),
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset(
        {"query", "key", "row", "column", "picture", "width", "length", "window", "trap"}
    ),
)
