"""Trained models on the page of self- and cross-attention: what is chosen there, and its link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, Literal

import numpy as np
from numpy.typing import NDArray

from core.packing import Codec, one_of
from core.text_attention import TextAttention, TextInterventions
from core.translation import Interventions, Translation
from pages._shared import encoder, trained_choice, translation
from pages._shared.encoder_heads import HeadMap
from pages._shared.encoder_roles import Head
from pages._shared.trained_choice import TrainedChoice, pack_choice, unpack_choice
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


@dataclass(frozen=True)
class TrainedSequences(TrainedChoice):
    """What a reader has chosen of the trained models; a weight is chosen by row and column.

    The head that is shown is at most the last of the model.

    Attributes
    ----------
    kind : str
        One of `KINDS`.
    """

    text: str = SENTENCE
    layer: int = 1
    mean: bool = True
    kind: str = CROSS

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
    **trained_choice.FIELDS,
    "trained_kind": one_of(tuple(KINDS)),
}


def pack(state: TrainedSequences) -> dict[str, Any]:
    """Return the values of `FIELDS`."""
    return pack_choice(state) | {"trained_kind": state.kind}


def unpack(values: Mapping[str, Any]) -> TrainedSequences:
    """Return the state that values of `FIELDS` stand for."""
    return TrainedSequences(
        **unpack_choice(values, TrainedSequences()), kind=values["trained_kind"]
    )
