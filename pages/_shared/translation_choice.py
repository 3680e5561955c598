"""What a reader can change on the translation page, as one frozen value."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from core.bilingual import join_english
from core.bilingual.menus import MenuChoices, say
from core.translation import Interventions, Part
from core.weight_edits import WeightEdit
from pages._shared.translation import N_HEADS, N_LAYERS, Words
from pages._shared.translation_maps import Reading, Scope
from pages._shared.translation_sentences import (
    EXAMPLES,
    FIRST_EXAMPLE,
    Sentence,
    of_pair,
    of_text,
)
from pages._shared.turning_sentences import FIRST as FIRST_TURNING
from pages._shared.turning_sentences import turning_pair

NAME: Final = "translation"

EXAMPLE: Final = "Example"
MENUS: Final = "Menus"
TYPED: Final = "Your own"
WAYS: Final = (EXAMPLE, MENUS, TYPED)

WHOLE: Final = "All at once"
STEPS: Final = "Word by word"
TURN: Final = "Tired or wide"
BEAM: Final = "Beam search"
RECURRENT: Final = "Against a GRU"
VIEWS: Final = (WHOLE, STEPS, TURN, BEAM, RECURRENT)


FIRST_MENU: Final = MenuChoices()


@dataclass(frozen=True)
class Forced:
    """A weight forced to a value, in one head or in all whose mean was shown.

    Attributes
    ----------
    part, scope, layer, head
        As in `Reading`; layer and head from 0, and 0 where they say nothing.
    query, key : int
    percent : int
        The weight, in hundredths.
    """

    part: Part
    scope: Scope
    layer: int
    head: int
    query: int
    key: int
    percent: int

    def edits(self) -> tuple[tuple[Part, WeightEdit], ...]:
        """Return the edits of the model's weights."""
        heads = Reading(self.part, self.scope, self.layer, self.head).heads(N_LAYERS, N_HEADS)
        return tuple(
            (self.part, WeightEdit(layer, head, self.query, self.key, self.percent / 100))
            for layer, head in heads
        )


@dataclass(frozen=True)
class TranslationState:
    """Everything on the page that a reader can change. What counts, counts from 0.

    Attributes
    ----------
    way : str
        One of `WAYS`: where the sentence comes from.
    example : str
        A name in `EXAMPLES`.
    menu : MenuChoices
        What the menus stand on.
    typed : tuple of str
        What was typed, cut at white space.
    anyway : bool
        Whether to translate although there are unknown words.
    view : str
        One of `VIEWS`.
    part, scope, layer, head
        Which weights are shown, as in `Reading`.
    word, english : int
        The chosen French word and the English one.
    reader, earlier : int
        The chosen row of the encoder's self-attention, and the chosen column of the decoder's.
    hidden : tuple of int
        English words that nothing may read, rising.
    dropped : tuple of (part, layer, head)
        Rising.
    forced : tuple of Forced
    width : int
        Of the beam.
    subject, place, first, second : str
        The sentence with "because it was too", and its two adjectives.
    """

    way: str = EXAMPLE
    example: str = FIRST_EXAMPLE
    menu: MenuChoices = FIRST_MENU
    typed: Words = tuple(join_english(EXAMPLES[FIRST_EXAMPLE].pair.english).split())
    anyway: bool = False
    view: str = WHOLE
    part: Part = "cross"
    scope: Scope = "all"
    layer: int = N_LAYERS - 1
    head: int = 0
    word: int = 1
    english: int = 1
    reader: int = 1
    earlier: int = 0
    hidden: tuple[int, ...] = ()
    dropped: tuple[tuple[Part, int, int], ...] = ()
    forced: tuple[Forced, ...] = ()
    width: int = 3
    subject: str = FIRST_TURNING[0]
    place: str = FIRST_TURNING[1]
    first: str = FIRST_TURNING[2]
    second: str = FIRST_TURNING[3]

    @property
    def sentence(self) -> Sentence:
        """The sentence to translate."""
        if self.way == EXAMPLE:
            return of_pair(EXAMPLES[self.example].pair)
        if self.way == MENUS:
            return of_pair(say(self.menu))
        return of_text(" ".join(self.typed))

    @property
    def turning(self) -> tuple[Sentence, Sentence]:
        """The two sentences with "because it was too"."""
        one, other = (
            of_pair(turning_pair(self.subject, self.place, adjective))
            for adjective in (self.first, self.second)
        )
        return one, other

    @property
    def interventions(self) -> Interventions:
        """What is changed in the model's pass."""
        return Interventions(
            hidden_words=frozenset(self.hidden),
            dropped_heads=frozenset(self.dropped),
            weight_edits=tuple(edit for forced in self.forced for edit in forced.edits()),
        )

    @property
    def is_changed(self) -> bool:
        """Whether anything is."""
        return bool(self.hidden or self.dropped or self.forced)

    def with_sentence(self, **changes: Any) -> TranslationState:
        """Return the state with another sentence, whose words are neither hidden nor forced."""
        changed = replace(self, **changes)
        if changed.sentence.words == self.sentence.words:
            return changed
        return replace(changed, hidden=(), forced=(), anyway=False)

    def typing(self) -> TranslationState:
        """Return the state in which the reader types on from the present sentence."""
        written = tuple(join_english(self.sentence.words).split())
        return replace(self, way=TYPED, typed=written, anyway=False)

    def untouched(self) -> TranslationState:
        """Return the state with the model as it was trained."""
        return replace(self, hidden=(), dropped=(), forced=())
