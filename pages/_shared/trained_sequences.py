"""Trained models on the page of self- and cross-attention: what is chosen there, and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.packing import Codec, bits, integer, one_of, optional, switch
from core.text_attention import TextAttention, TextInterventions
from core.text_codec import text
from core.translation import Interventions, Translation
from pages._shared import encoder, translation
from pages._shared.encoder_heads import HeadMap
from pages._shared.encoder_roles import Head
from pages._shared.trained_cells import as_bits, as_cells
from pages._shared.trained_heads import LONGEST, clean
from pages._shared.translation_maps import Reading, shown_weights

if TYPE_CHECKING:
    from pages._shared.translation import Words

Kind = Literal["Encoder: self", "Decoder: causal self", "Decoder: cross"]
SELF: Final = "Encoder: self"
CAUSAL: Final = "Decoder: causal self"
CROSS: Final = "Decoder: cross"
# Each with the sizes of the model that it belongs to: layers and heads.
KINDS: Final[Mapping[str, tuple[int, int]]] = {
    SELF: (encoder.N_LAYERS, encoder.N_HEADS),
    CAUSAL: (translation.N_LAYERS, translation.N_HEADS),
    CROSS: (translation.N_LAYERS, translation.N_HEADS),
}
SENTENCE: Final = "The cat did not cross the street because it was too tired."
_MOST_TOKENS: Final = encoder.MOST_PIECES


@dataclass(frozen=True)
class TrainedSequences:
    """What a reader has chosen of the trained models.

    Attributes
    ----------
    on : bool
        Whether the page shows them instead of the toy.
    kind : str
        One of `KINDS`.
    text : str
        The English sentence, of up to `LONGEST` characters.
    layer, head : int
        The head that is shown, from 0; at most the last of the model.
    mean : bool
        Whether the mean of its layer is shown instead.
    query, key : int
        The chosen weight, as row and column; -1 for the sentence's own choice.
    dropped : frozenset of (layer, head)
        Heads of this attention that are left out.
    """

    on: bool = False
    kind: str = CROSS
    text: str = SENTENCE
    layer: int = 1
    head: int = 0
    mean: bool = True
    query: int = -1
    key: int = -1
    dropped: frozenset[Head] = frozenset()

    @property
    def chosen_head(self) -> Head:
        """Layer and head, within the model."""
        n_layers, n_heads = KINDS[self.kind]
        return min(self.layer, n_layers - 1), min(self.head, n_heads - 1)

    @property
    def left_out(self) -> frozenset[Head]:
        """The dropped heads that the model has."""
        n_layers, n_heads = KINDS[self.kind]
        return frozenset(one for one in self.dropped if one[0] < n_layers and one[1] < n_heads)

    def of_kind(self, kind: str) -> TrainedSequences:
        """Return the state with another attention, no head of which is dropped yet."""
        if kind == self.kind:
            return self
        return replace(self, kind=kind, query=-1, key=-1, dropped=frozenset())

    def said(self, typed: str) -> TrainedSequences:
        """Return the state with another sentence; a weight chosen in the one before is gone."""
        kept = clean(typed)
        return self if kept == self.text else replace(self, text=kept, query=-1, key=-1)

    def with_drop(self, head: Head, on: bool) -> TrainedSequences:
        """Return the state with a head dropped or taken back."""
        return replace(self, dropped=self.dropped | {head} if on else self.dropped - {head})


@dataclass(frozen=True, eq=False)
class EncoderScene:
    """One sentence that reads itself, in the text encoder."""

    state: TrainedSequences
    attention: TextAttention

    @property
    def weights(self) -> NDArray[np.float32]:
        """The weights of every head, (layer, head, query, key)."""
        return encoder.word_weights(self.state.text, hide_special=False)

    @cached_property
    def shown(self) -> HeadMap:
        """The map that is shown."""
        return HeadMap(self.attention, *self.state.chosen_head, mean=self.state.mean)

    @cached_property
    def cell(self) -> tuple[int, int]:
        """Row and column of the chosen weight."""
        last = len(self.shown.labels) - 1
        if self.state.query < 0:
            return self.shown.chosen(-1, -1)
        return min(self.state.query, last), min(max(self.state.key, 0), last)

    @cached_property
    def after(self) -> NDArray[np.float32] | None:
        """The sentence's embedding without the dropped heads; None if there are none."""
        if not self.state.left_out:
            return None
        done = TextInterventions(dropped_heads=self.state.left_out)
        return encoder.embedding_with(self.state.text, done)


@dataclass(frozen=True, eq=False)
class TranslatorScene:
    """A sentence and its translation as it is written, in the translator."""

    state: TrainedSequences
    words: Words
    translation: Translation

    @property
    def part(self) -> Literal["decoder", "cross"]:
        """Which attention is shown."""
        return "cross" if self.state.kind == CROSS else "decoder"

    @property
    def weights(self) -> NDArray[np.float32]:
        """The weights of every head, (layer, head, query, key)."""
        return self.translation.weights(self.part)

    @cached_property
    def reading(self) -> Reading:
        """Which weights are shown, and which of them is chosen."""
        state, (layer, head) = self.state, self.state.chosen_head
        scope: Literal["head", "layer"] = "layer" if state.mean else "head"
        reading = Reading(self.part, scope, layer, head)
        if state.query < 0:  # the row after the first word: one that has something to read
            row = min(1, len(self.translation.words) - 1)
            weights = shown_weights(self.translation, reading)[row]
            return replace(reading, query=row, key=int(weights.argmax()))
        chosen = replace(reading, query=state.query, key=max(state.key, 0))
        return chosen.within(self.translation)

    @cached_property
    def after(self) -> Translation | None:
        """The translation without the dropped heads; None if there are none."""
        if not self.state.left_out:
            return None
        heads = frozenset((self.part, *head) for head in self.state.left_out)
        return translation.translate(self.words, Interventions(dropped_heads=heads))


def see(state: TrainedSequences) -> EncoderScene | TranslatorScene:
    """Run the model that the state is about, or recall what it computed.

    Raises
    ------
    ValueError
        If there is nothing to read in the sentence, or too much; for people.
    """
    if state.kind == SELF:
        tokens = encoder.cut(state.text)
        if not tokens.words:
            raise ValueError("There is no word here. Type a sentence.")
        return EncoderScene(state, encoder.read(state.text).attention)
    from core.bilingual import tokenise_english

    words = tokenise_english(state.text)
    return TranslatorScene(state, words, translation.translate(words))


# ---- the link

FIELDS: Final[Mapping[str, Codec[Any]]] = {
    "trained": switch(),
    "trained_kind": one_of(tuple(KINDS)),
    "trained_text": optional(text(LONGEST)),
    "trained_layer": integer(0, encoder.N_LAYERS - 1),
    "trained_head": integer(0, encoder.N_HEADS - 1),
    "trained_mean": switch(),
    "trained_query": integer(-1, _MOST_TOKENS - 1),
    "trained_key": integer(-1, _MOST_TOKENS - 1),
    "trained_dropped": optional(bits(encoder.N_LAYERS, encoder.N_HEADS)),
}
LOOKS: Final = frozenset(f"trained_{name}" for name in ("layer", "head", "mean", "query", "key"))
_PLAIN: Final = ("kind", "layer", "head", "mean", "query", "key")


def pack(state: TrainedSequences) -> dict[str, Any]:
    """Return the values of `FIELDS`."""
    return {
        "trained": state.on,
        "trained_text": None if state.text == SENTENCE else state.text,
        **{f"trained_{name}": getattr(state, name) for name in _PLAIN},
        "trained_dropped": as_bits(state.dropped),
    }


def unpack(values: Mapping[str, Any]) -> TrainedSequences:
    """Return the state that values of `FIELDS` stand for."""
    typed = values["trained_text"]
    return TrainedSequences(
        on=values["trained"],
        text=SENTENCE if typed is None else clean(typed),
        **{name: values[f"trained_{name}"] for name in _PLAIN},
        dropped=as_cells(values["trained_dropped"]),
    )
