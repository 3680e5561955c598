"""What a reader chooses of a trained model on a page of the foundations; and that in a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

from core.packing import Codec, bits, integer, optional, switch
from core.text_codec import text
from pages._shared.cell_sets import as_bits, as_cells
from pages._shared.encoder import MOST_PIECES, N_HEADS, N_LAYERS
from pages._shared.encoder_roles import Head
from pages._shared.words import without_controls

LONGEST: Final = 160


@dataclass(frozen=True)
class TrainedChoice:
    """What a reader has chosen; pages add to it, and say how it starts.

    Attributes
    ----------
    on : bool
        Whether the page shows the trained model instead of the toy.
    text : str
        The sentence, of up to `LONGEST` characters.
    layer, head : int
        The head that is shown large, from 0.
    mean : bool
        Whether the mean of its layer is shown instead.
    query, key : int
        The chosen weight; -1 for the sentence's own choice.
    dropped : frozenset of (layer, head)
        Heads that are left out.
    """

    on: bool = False
    text: str = ""
    layer: int = 0
    head: int = 0
    mean: bool = False
    query: int = -1
    key: int = -1
    dropped: frozenset[Head] = frozenset()

    def said(self, typed: str) -> Self:
        """Return the state with another sentence; a weight chosen in the one before is gone."""
        kept = clean(typed)
        return self if kept == self.text else replace(self, text=kept, query=-1, key=-1)

    def with_drop(self, head: Head, on: bool) -> Self:
        """Return the state with a head dropped or taken back."""
        return replace(self, dropped=self.dropped | {head} if on else self.dropped - {head})


def clean(typed: str) -> str:
    """Return what was typed in one line, without what no link can hold, and not too long."""
    return " ".join(without_controls(typed).split())[:LONGEST].strip()


# ---- the link

FIELDS: Final[Mapping[str, Codec[Any]]] = {
    "trained": switch(),
    "trained_text": optional(text(LONGEST)),
    "trained_layer": integer(0, N_LAYERS - 1),
    "trained_head": integer(0, N_HEADS - 1),
    "trained_mean": switch(),
    "trained_query": integer(-1, MOST_PIECES - 1),
    "trained_key": integer(-1, MOST_PIECES - 1),
    "trained_dropped": optional(bits(N_LAYERS, N_HEADS)),
}
LOOKS: Final = frozenset(f"trained_{name}" for name in ("layer", "head", "mean", "query", "key"))
_PLAIN: Final = ("layer", "head", "mean", "query", "key")


def pack_choice(choice: TrainedChoice) -> dict[str, Any]:
    """Return the values of `FIELDS`; the sentence that the page starts with is None."""
    return {
        "trained": choice.on,
        "trained_text": None if choice.text == type(choice)().text else choice.text,
        **{f"trained_{name}": getattr(choice, name) for name in _PLAIN},
        "trained_dropped": as_bits(choice.dropped),
    }


def unpack_choice(values: Mapping[str, Any], start: TrainedChoice) -> dict[str, Any]:
    """Return what values of `FIELDS` say, by the names of `TrainedChoice`."""
    typed = values["trained_text"]
    return {
        "on": values["trained"],
        "text": start.text if typed is None else clean(typed),
        **{name: values[f"trained_{name}"] for name in _PLAIN},
        "dropped": as_cells(values["trained_dropped"]),
    }
