"""What a reader can change on the page of the small language model, as one frozen value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from core.gpt_records import GptInterventions
from core.sampling import Sampling
from core.stories.reading import join_story, tokenise_story
from core.translation import END
from core.weight_edits import WeightEdit
from pages._shared import encoder
from pages._shared.gpt_examples import FIRST
from pages._shared.gpt_runs import MOST_WORDS, N_HEADS, N_LAYERS, Words
from pages._shared.head_grid import Head
from pages._shared.induction_choice import InductionChoice
from pages._shared.words import without_controls

NAME: Final = "gpt"

NEXT: Final = "Next word"
HEADS: Final = "Who reads whom"
CACHE: Final = "The cache"
BOTH: Final = "Encoder or decoder"
INDUCTION: Final = "Induction heads"
VIEWS: Final = (NEXT, HEADS, CACHE, BOTH, INDUCTION)

# Shares and temperatures are counted in hundredths, so that a link holds them exactly.
HUNDRED: Final = 100
MOST_CHARACTERS: Final = 400
LONGEST_SWAP: Final = 24


_FIRST_TRAINING: Final = InductionChoice()


@dataclass(frozen=True)
class Forced:
    """A weight forced to a value, in one head or in all of a layer.

    Attributes
    ----------
    layer : int
    head : int
        `gpt_runs.N_HEADS` for all of them.
    query, key : int
        Positions; the start is 0.
    percent : int
        The weight, in hundredths.
    """

    layer: int
    head: int
    query: int
    key: int
    percent: int

    @property
    def edits(self) -> tuple[WeightEdit, ...]:
        """The edits of the model's weights."""
        return tuple(
            WeightEdit(self.layer, head, self.query, self.key, self.percent / HUNDRED)
            for head in heads_at(self.head)
        )


def heads_at(head: int) -> tuple[int, ...]:
    """Return the heads that a choice means: one, or all of the layer."""
    return tuple(range(N_HEADS)) if head == N_HEADS else (head,)


@dataclass(frozen=True)
class GptState:
    """Everything on the page that a reader can change. What counts, counts from 0.

    Attributes
    ----------
    text : str
        As typed.
    written : tuple of str
        What the model wrote after it; the last may be `core.translation.END`.
    view : str
        One of `VIEWS`.
    layer, head : int
        The head that is enlarged; the head after the last is the mean of the layer's.
    place : int
        The chosen position, whose row is shown and after which the next word comes; -1 for the
        last.
    read : int
        The position that is read; -1 for the one that is read most.
    hides : bool
        Whether a press on a word hides it, rather than choosing it.
    hidden : frozenset of int
        Positions that nothing may read.
    dropped : frozenset of (layer, head)
    forced : tuple of Forced
    temperature, top_p : int
        In hundredths.
    top_k : int
        0 for all words.
    seed : int
    enc_layer, enc_head : int
        The head of the text encoder that is shown; the one after the last is the mean.
    changed : int
        The position of the word that another one is put in place of; -1 for the last.
    swap : str
        The other word; may be empty.
    induction : InductionChoice
        What is shown of the model that learns to copy.
    """

    text: str = FIRST.text
    written: Words = ()
    view: str = NEXT
    layer: int = N_LAYERS - 1
    head: int = 1
    place: int = -1
    read: int = -1
    hides: bool = False
    hidden: frozenset[int] = frozenset()
    dropped: frozenset[Head] = frozenset()
    forced: tuple[Forced, ...] = ()
    temperature: int = HUNDRED
    top_k: int = 0
    top_p: int = HUNDRED
    seed: int = 0
    enc_layer: int = 2
    enc_head: int = encoder.N_HEADS
    changed: int = 11
    swap: str = "anna"
    induction: InductionChoice = _FIRST_TRAINING

    @property
    def given(self) -> Words:
        """The words that the reader gave, as many as the model can read."""
        return tokenise_story(self.text)[:MOST_WORDS]

    @property
    def words(self) -> Words:
        """The whole text: what was given and what was written, without an end."""
        return (*self.given, *(word for word in self.written if word != END))

    @property
    def n_left_out(self) -> int:
        """How many of the words that were typed are too many."""
        return len(tokenise_story(self.text)) - len(self.given)

    @property
    def is_finished(self) -> bool:
        """Whether the text has come to its end."""
        return bool(self.written) and self.written[-1] == END

    @property
    def sampling(self) -> Sampling:
        """How the next word is chosen."""
        return Sampling(self.temperature / HUNDRED, self.top_k, self.top_p / HUNDRED, self.seed)

    @property
    def interventions(self) -> GptInterventions:
        """What is changed in the model's pass."""
        return GptInterventions(
            hidden_words=self.hidden,
            dropped_heads=self.dropped,
            weight_edits=tuple(edit for forced in self.forced for edit in forced.edits),
        )

    @property
    def is_changed(self) -> bool:
        """Whether anything is."""
        return bool(self.hidden or self.dropped or self.forced)

    def with_text(self, typed: str) -> GptState:
        """Return the state with another text; what belonged to the one before is forgotten."""
        text = without_controls(typed)[:MOST_CHARACTERS]
        if text == self.text:
            return self
        return replace(
            self,
            text=text,
            written=(),
            place=-1,
            read=-1,
            hidden=frozenset(),
            forced=(),
            changed=-1,
        )

    def with_written(self, words: Words) -> GptState:
        """Return the state with more words written, and the last chosen."""
        return replace(self, written=(*self.written, *words), place=-1, read=-1)

    def with_word(self, place: int, word: str) -> GptState:
        """Return the state with a word written after a position, and nothing after it."""
        n_given = len(self.given)
        cut = _without_later(self, place)
        if place < n_given:
            text = written_out(self.given[:place])[:MOST_CHARACTERS]
            return replace(cut, text=text, written=(word,))
        return replace(cut, written=(*self.written[: place - n_given], word))

    def untouched(self) -> GptState:
        """Return the state with the model as it was trained."""
        return replace(self, hidden=frozenset(), dropped=frozenset(), forced=())


def _without_later(state: GptState, place: int) -> GptState:
    """Return a state in which nothing is done to what comes after a position."""
    return replace(
        state,
        place=-1,
        read=-1,
        changed=-1,
        hidden=frozenset(at for at in state.hidden if at <= place),
        forced=tuple(one for one in state.forced if one.query <= place),
    )


def written_out(words: Sequence[str]) -> str:
    """Write words out as a line of text, with its capitals."""
    return join_story(words)
