"""The link of the small language model's page, its widgets, and where its state is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import astuple
from functools import cache
from typing import Any, Final

from core.codecs import Codec, Digit, FunctionCodec, Take
from core.packing import PackingError, Schema, integer, one_of, optional, switch, tuple_of
from core.text_codec import text
from core.translation import END
from pages._shared import encoder
from pages._shared.gpt_choice import (
    HUNDRED,
    LONGEST_SWAP,
    MOST_CHARACTERS,
    NAME,
    VIEWS,
    Forced,
    GptState,
)
from pages._shared.gpt_examples import EXAMPLES, example_of
from pages._shared.gpt_runs import MOST_WORDS, N_HEADS, N_LAYERS, known_words
from pages._shared.induction_choice import induction_codec
from pages._shared.induction_choice import widgets as induction_widgets
from pages._shared.page_store import PageStore

INDUCTION_KEY: Final = f"{NAME}.induction"
HOTTEST: Final = 200
MOST_K: Final = 50
LEAST_P: Final = 5
MOST_SEED: Final = 9999
MOST_FORCED: Final = 4
# More than the vocabulary has; a power of two, so that links outlive a word more or less.
_MOST_KNOWN: Final = 2**11
_HEADS: Final = tuple((layer, head) for layer in range(N_LAYERS) for head in range(N_HEADS))
_EXAMPLES: Final = {example.text: place for place, example in enumerate(EXAMPLES)}


def pack(state: GptState) -> dict[str, Any]:
    """Return the values that a link carries."""
    example = _EXAMPLES.get(state.text)
    numbers = _numbers()
    forced: list[tuple[Any, ...] | None] = [astuple(one) for one in state.forced]
    return {
        **{name: getattr(state, name) for name in _PLAIN},
        "example": example,
        "text": state.text if example is None else None,
        "written": tuple(numbers[word] for word in state.written),
        "hidden": sum(1 << place for place in state.hidden),
        "dropped": sum(1 << place for place, head in enumerate(_HEADS) if head in state.dropped),
        "forced": tuple(forced + [None] * (MOST_FORCED - len(forced))),
    }


def unpack(values: Mapping[str, Any]) -> GptState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If it holds a word that the model cannot write, or changes what is not there.
    """
    typed, example = values["text"], values["example"]
    if (typed is None) == (example is None):
        raise PackingError("The link does not fit together: it has no text, or two.")
    writable = _writable()
    if any(number >= len(writable) for number in values["written"]):
        raise PackingError("The link does not fit together: it has a word that the model lacks.")
    state = GptState(
        **{name: values[name] for name in _PLAIN},
        text=EXAMPLES[example].text if typed is None else typed,
        written=tuple(writable[number] for number in values["written"]),
        hidden=frozenset(place for place in range(MOST_WORDS + 1) if values["hidden"] >> place & 1),
        dropped=frozenset(h for place, h in enumerate(_HEADS) if values["dropped"] >> place & 1),
        forced=tuple(Forced(*one) for one in values["forced"] if one is not None),
    )
    _require_there(state)
    return state


def _require_there(state: GptState) -> None:
    """Raise if what a state changes is not in its text."""
    last = len(state.words)
    rows = [(one.layer, one.head, one.query) for one in state.forced]
    fits = (
        last <= MOST_WORDS
        and END not in state.written[:-1]
        and all(1 <= place <= last for place in state.hidden)
        and all(one.key <= one.query <= last for one in state.forced)
        and len(set(rows)) == len(rows)
    )
    if not fits:
        raise PackingError("The link does not fit together: what it changes is not there.")


@cache
def _writable() -> tuple[str, ...]:
    return (END, *known_words().words)


@cache
def _numbers() -> dict[str, int]:
    return {word: place for place, word in enumerate(_writable())}


def widgets(state: GptState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    example = example_of(state.text)
    return {
        f"{NAME}.view": state.view,
        f"{NAME}.example": None if example is None else example.name,
        f"{NAME}.hides": state.hides,
        f"{NAME}.mean": state.head == N_HEADS,
        f"{NAME}.enc_mean": state.enc_head == encoder.N_HEADS,
        f"{NAME}.text.{loads}": state.text,
        f"{NAME}.temperature.{loads}": state.temperature / HUNDRED,
        f"{NAME}.top_k.{loads}": state.top_k,
        f"{NAME}.top_p.{loads}": state.top_p / HUNDRED,
        f"{NAME}.seed.{loads}": state.seed,
        f"{NAME}.swap.{loads}": state.swap,
        **induction_widgets(INDUCTION_KEY, state.induction),
    }


def numbers_up_to(n_most: int, largest: int) -> Codec[tuple[int, ...]]:
    """Return the codec of a tuple of up to so many whole numbers."""
    one, count = integer(0, largest), integer(0, n_most)

    def write(values: tuple[int, ...]) -> tuple[Digit, ...]:
        digits = [digit for value in values for digit in one.write(value)]
        return (*count.write(len(values)), *digits)

    def read(take: Take) -> tuple[int, ...]:
        return tuple(one.read(take) for _ in range(count.read(take)))

    return FunctionCodec(write, read)


_PLACE: Final = integer(-1, MOST_WORDS)
_LAYER: Final = integer(0, N_LAYERS - 1)
_HEAD: Final = integer(0, N_HEADS)
_FORCED: Final = tuple_of(
    _LAYER, _HEAD, integer(0, MOST_WORDS), integer(0, MOST_WORDS), integer(0, HUNDRED)
)
SCHEMA: Final = Schema(
    version=1,
    # What is seldom changed comes last: noughts at the end of a link cost nothing.
    fields={
        "example": optional(integer(0, len(EXAMPLES) - 1)),
        "view": one_of(VIEWS),
        "layer": _LAYER,
        "head": _HEAD,
        "place": _PLACE,
        "read": _PLACE,
        "hides": switch(),
        "temperature": integer(0, HOTTEST),
        "top_k": integer(0, MOST_K),
        "top_p": integer(LEAST_P, HUNDRED),
        "seed": integer(0, MOST_SEED),
        "written": numbers_up_to(MOST_WORDS + 1, _MOST_KNOWN - 1),
        "text": optional(text(MOST_CHARACTERS)),
        "enc_layer": integer(0, encoder.N_LAYERS - 1),
        "enc_head": integer(0, encoder.N_HEADS),
        "changed": _PLACE,
        "swap": text(LONGEST_SWAP),
        "induction": induction_codec(),
        "hidden": integer(0, 2 ** (MOST_WORDS + 1) - 1),
        "dropped": integer(0, 2 ** len(_HEADS) - 1),
        "forced": tuple_of(*[optional(_FORCED)] * MOST_FORCED),
    },
)
_PLAIN: Final = tuple(
    name
    for name in SCHEMA.fields
    if name not in ("example", "text", "written", "hidden", "dropped", "forced")
)
STORE: Final = PageStore(
    name=NAME,
    start=GptState,
    schema=SCHEMA,
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"place", "read"}),
    choices=frozenset({"view", "layer", "head", "enc_layer", "enc_head", "induction"}),
)
