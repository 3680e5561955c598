"""The link of the translation page, its widgets, and where its state is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Final, get_args

from core.codecs import Codec
from core.packing import PackingError, Schema, integer, one_of, optional, switch, tuple_of, words
from core.translation import PARTS
from pages._shared.page_store import PageStore
from pages._shared.sentence_menus import menu_codec
from pages._shared.translation import MOST_WORDS, N_HEADS, N_LAYERS
from pages._shared.translation_choice import (
    EXAMPLE,
    NAME,
    TURN,
    VIEWS,
    WAYS,
    Forced,
    TranslationState,
)
from pages._shared.translation_maps import Scope
from pages._shared.translation_sentences import EXAMPLES, MOST_CHARACTERS, clean
from pages._shared.turning_sentences import OF_PLACE, OF_SUBJECT, PLACES, SUBJECTS

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
WIDTHS: Final = (1, 5)
MOST_FORCED: Final = 4
_LAST: Final = MOST_WORDS  # the end comes after the words

HEADS: Final = tuple(
    (part, layer, head) for part in PARTS for layer in range(N_LAYERS) for head in range(N_HEADS)
)


FIRST: Final = TranslationState()


def pack(state: TranslationState) -> dict[str, Any]:
    """Return the values that a link carries."""
    values = {field.name: getattr(state, field.name) for field in fields(state)}
    dropped = sum(1 << place for place, head in enumerate(HEADS) if head in state.dropped)
    forced: list[tuple[Any, ...] | None] = [
        tuple(getattr(one, field.name) for field in fields(one)) for one in state.forced
    ]
    forced += [None] * (MOST_FORCED - len(forced))
    hidden = sum(1 << place for place in state.hidden)
    return {
        **values,
        "typed": None if state.typed == FIRST.typed else state.typed,
        "menu": None if state.menu == FIRST.menu else state.menu,
        "hidden": hidden,
        "dropped": dropped,
        "forced": tuple(forced),
    }


def unpack(values: Mapping[str, Any]) -> TranslationState:
    """Return the state that a link carries.

    Raises
    ------
    PackingError
        If the typed sentence is none, or an intervention names what is not there.
    """
    written = FIRST.typed if values["typed"] is None else values["typed"]
    typed, problem = clean(" ".join(written))
    state = TranslationState(
        **{
            **values,
            "typed": typed,
            "menu": FIRST.menu if values["menu"] is None else values["menu"],
            "hidden": tuple(place for place in range(MOST_WORDS) if values["hidden"] >> place & 1),
            "dropped": tuple(h for place, h in enumerate(HEADS) if values["dropped"] >> place & 1),
            "forced": tuple(Forced(*one) for one in values["forced"] if one is not None),
        }
    )
    if problem or written != typed:
        raise PackingError("The link does not fit together: its sentence cannot be read.")
    n_words = len(state.sentence.words)
    if any(place >= n_words for place in state.hidden) or not _all_there(state.forced, n_words):
        raise PackingError("The link does not fit together: what it changes is not there.")
    return state


def _all_there(forced: tuple[Forced, ...], n_words: int) -> bool:
    """Tell whether each forced weight is one that can be forced, and none twice."""
    rows = [(one.part, one.query) for one in forced]
    return len(set(rows)) == len(rows) and all(
        (one.query if one.part == "decoder" else n_words) >= one.key
        and (one.part != "encoder" or one.query <= n_words)
        and (one.part != "decoder" or one.query > 0)
        and (one.head == 0 or one.scope == "head")
        and (one.layer == 0 or one.scope != "all")
        for one in forced
    )


def widgets(state: TranslationState, loads: int) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a state."""
    names = ("way", "example", "view", "part", "scope", "width")
    return {
        **{f"{NAME}.{name}": getattr(state, name) for name in names},
        **{
            f"{NAME}.{name}": getattr(state, name)
            for name in ("subject", "place", "first", "second")
        },
        f"{NAME}.text.{loads}": " ".join(state.typed),
    }


def note_of(state: TranslationState) -> str:
    """Say what there is to see in an example."""
    if state.way != EXAMPLE or state.view == TURN:
        return ""
    return f"An example: {EXAMPLES[state.example].shows}."


_PLACE: Final = integer(0, _LAST)
_LAYER: Final = integer(0, N_LAYERS - 1)
_HEAD: Final = integer(0, N_HEADS - 1)
_FORCED: Final[Codec[Any]] = tuple_of(
    one_of(PARTS), one_of(SCOPES), _LAYER, _HEAD, _PLACE, _PLACE, integer(0, 100)
)
SCHEMA: Final = Schema(
    version=1,
    # What is seldom changed comes last: noughts at the end of a link cost nothing.
    fields={
        "way": one_of(WAYS),
        "view": one_of(VIEWS),
        "part": one_of(PARTS),
        "scope": one_of(SCOPES),
        "layer": _LAYER,
        "head": _HEAD,
        "word": _PLACE,
        "english": _PLACE,
        "example": one_of(tuple(EXAMPLES)),
        "anyway": switch(),
        "width": integer(*WIDTHS),
        "reader": _PLACE,
        "earlier": _PLACE,
        "typed": optional(words(1, MOST_WORDS, MOST_CHARACTERS)),
        "menu": optional(menu_codec()),
        "hidden": integer(0, 2**MOST_WORDS - 1),
        "dropped": integer(0, 2 ** len(HEADS) - 1),
        "forced": tuple_of(*[optional(_FORCED)] * MOST_FORCED),
        "subject": one_of(SUBJECTS),
        "place": one_of(PLACES),
        "first": one_of(OF_SUBJECT),
        "second": one_of(OF_PLACE),
    },
)
STORE: Final = PageStore(
    name=NAME,
    start=TranslationState,
    schema=SCHEMA,
    pack=pack,
    unpack=unpack,
    widgets=widgets,
    looks=frozenset({"word", "english", "reader", "earlier"}),
    choices=frozenset({"view", "part", "scope", "layer", "head", "way"}),
)
