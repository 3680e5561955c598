"""The link of the text encoder's page, its widgets, and where its state is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from core.head_roles import ROLES
from core.packing import PackingError, Schema, bits, integer, one_of, optional, switch
from core.text_codec import bits_of, text, texts
from core.zero_shot import SENTIMENT, TASKS, TOPIC
from pages._shared.cell_sets import as_bits, as_cells
from pages._shared.encoder import MOST_PIECES, N_HEADS, N_LAYERS
from pages._shared.encoder_roles import MOST_PAINTED, PATTERNS
from pages._shared.page_store import PageStore
from pages._shared.text_examples import EXAMPLES, FIRST, example_of
from pages._shared.text_scene import (
    FEWEST_LABELS,
    HUNDRED,
    LONGEST_LABEL,
    MOST_LABELS,
    NAME,
    SHOWN,
    TESTS,
    VIEWS,
    TextState,
    read_labels,
    sentences_of,
)

# A text that costs more bits is left out of the link, which has to hold all else as well.
_MOST_BITS: Final = 9_000
_LONGEST_LINKED: Final = 1_890  # so many small letters cost as much


def fits_link(typed: str) -> bool:
    """Whether a text is short enough for a link, and made of what a link can hold."""
    return len(typed) <= _LONGEST_LINKED and bits_of(typed) <= _MOST_BITS


def link_note(state: TextState) -> str:
    """Say what the link of a state leaves out."""
    if fits_link(state.text):
        return ""
    return "Your text is too long for it: others see the first example instead."


_EXAMPLES: Final = {example.text: place for place, example in enumerate(EXAMPLES)}


def pack(state: TextState) -> dict[str, Any]:
    """Return the values that a link carries, and a text that it does not."""
    example, fits = _EXAMPLES.get(state.text), fits_link(state.text)
    linked = state.text if fits and example is None else None
    values = {name: getattr(state, name) for name in _PLAIN}
    return values | {
        "example": example,
        "text": linked,
        "own_text": "" if fits else state.text,
        "topic": None if state.topic == sentences_of(TOPIC) else state.topic,
        "sentiment": None if state.sentiment == sentences_of(SENTIMENT) else state.sentiment,
        "painted": as_bits(state.painted),
        "masked": as_bits({(0, word) for word in state.masked}),
    }


def unpack(values: Mapping[str, Any]) -> TextState:
    """Return the state that a link carries; for a text that it does not, the first example.

    Raises
    ------
    PackingError
        If its text is longer than a link's can be, or its labels are none that a field gives.
    """
    typed = values["text"]
    _require_fit(typed, values["topic"], values["sentiment"])
    if values["example"] is not None:
        typed = EXAMPLES[values["example"]].text
    left_out = typed is None
    plain = {name: values[name] for name in _PLAIN}
    state = TextState(
        **plain | ({"query": -1, "key": -1} if left_out else {}),
        text=FIRST.text if left_out else typed,
        painted=as_cells(values["painted"]),
        masked=frozenset() if left_out else frozenset(c for _, c in as_cells(values["masked"])),
    )
    return replace(
        state,
        **{name: values[name] for name in ("topic", "sentiment") if values[name] is not None},
    )


def _require_fit(typed: str | None, *labels: tuple[str, ...] | None) -> None:
    if typed is not None and not fits_link(typed):
        raise PackingError("The link does not fit together: its text is too long.")
    for given in labels:
        if given is not None and read_labels("\n".join(given), ()) != (given, ""):
            raise PackingError("The link does not fit together: its labels are no labels.")


def widgets(state: TextState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    names = ("view", "test", "role", "pattern", "task")
    example = example_of(state.text)
    return {f"{NAME}.{name}": getattr(state, name) for name in names} | {
        f"{NAME}.example": None if example is None else example.name,
        f"{NAME}.shown": [name for name, field in SHOWN.items() if getattr(state, field)],
        f"{NAME}.text.{loads}": state.text,
        f"{NAME}.forced.{loads}": state.forced / HUNDRED,
        f"{NAME}.topic.{loads}": "\n".join(state.topic),
        f"{NAME}.sentiment.{loads}": "\n".join(state.sentiment),
    }


_LABELS: Final = optional(texts(FEWEST_LABELS, MOST_LABELS, LONGEST_LABEL))
SCHEMA: Final = Schema(
    version=1,
    fields={
        "example": optional(integer(0, len(EXAMPLES) - 1)),
        "text": optional(text(_LONGEST_LINKED)),
        "view": one_of(VIEWS),
        "layer": integer(1, N_LAYERS),
        "head": integer(1, N_HEADS),
        **{name: switch() for name in SHOWN.values()},
        "query": integer(-1, MOST_PIECES - 1),
        "key": integer(-1, MOST_PIECES - 1),
        "test": one_of(TESTS),
        "forced": integer(0, HUNDRED),
        "role": one_of(ROLES),
        "pattern": one_of(tuple(PATTERNS)),
        "task": one_of(tuple(task.name for task in TASKS)),
        "topic": _LABELS,
        "sentiment": _LABELS,
        "painted": optional(bits(MOST_PAINTED, MOST_PAINTED)),
        "masked": optional(bits(1, MOST_PIECES)),
    },
)
_PLAIN: Final = tuple(
    name
    for name in SCHEMA.fields
    if name not in ("example", "text", "topic", "sentiment", "painted", "masked")
)
STORE: Final = PageStore(
    name=NAME,
    start=TextState,
    schema=SCHEMA,
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"query", "key"}),
    choices=frozenset(_PLAIN),
)
