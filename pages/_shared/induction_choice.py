"""What is looked at in the training of the induction model, as one frozen value."""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from typing import Final

from core.codecs import Codec, Digit, FunctionCodec, Take
from core.induction import LETTERS, repeated_letters
from core.packing import integer, one_of, switch, tuple_of
from core.text_codec import text
from pages._shared.head_grid import Head

# As in core.induction_model and core.induction_training, which load PyTorch; the tests compare.
FEWEST_LETTERS: Final = 8
MOST_LETTERS: Final = 20
MOST_TYPED: Final = 2 * MOST_LETTERS
N_STEPS: Final = 600
LATER_HEADS: Final = (1, 2, 4)
"""How many heads layer 2 may have in a training of one's own."""
MOST_SEED: Final = 999
FEWEST_TYPED: Final = 2
_MOST_HEADS: Final = 4
_ALL_HEADS: Final = tuple((layer, head) for layer in (0, 1) for head in range(_MOST_HEADS))


@dataclass(frozen=True)
class InductionChoice:
    """What a reader chose; it may be more than a training has, see `InductionScene`.

    Attributes
    ----------
    step : int
        Of the training; the nearest state that was kept is shown.
    own : bool
        Whether a model trained in this session is looked at.
    n, seed : int
        Letters in the part that is repeated, and what draws them.
    types, typed : bool and str
        Whether the sequence is the reader's own, and what it is.
    layer, head : int
        The head that is large, from 0.
    query, key : int
        Row and column of the chosen weight; -1 for the last row, and for what is read most.
    dropped : frozenset of (layer, head)
    train_seed, train_heads : int
        Of a training of one's own: its seed, and how many heads layer 2 has.
    """

    step: int = N_STEPS
    own: bool = False
    n: int = 12
    seed: int = 0
    types: bool = False
    typed: str = "ThecatThecatThe"
    layer: int = 1
    head: int = 0
    query: int = -1
    key: int = -1
    dropped: frozenset[Head] = frozenset()
    train_seed: int = 1
    train_heads: int = 1

    @property
    def letters(self) -> str:
        """The sequence; the drawn one where what was typed is too short."""
        own = letters_in(self.typed)
        if self.types and len(own) >= FEWEST_TYPED:
            return own
        return repeated_letters(self.n, self.seed)

    def with_head(self, head: Head) -> InductionChoice:
        """Return the choice with another head large."""
        return replace(self, layer=head[0], head=head[1])

    def with_dropped(self, head: Head, *, on: bool) -> InductionChoice:
        """Return the choice with a head dropped, or put back."""
        return replace(self, dropped=self.dropped | {head} if on else self.dropped - {head})


def letters_in(typed: str) -> str:
    """Return the letters from A to Z and a to z of what was typed, as many as the model reads."""
    return "".join(letter for letter in typed if letter in LETTERS)[:MOST_TYPED]


def typing_notice(typed: str) -> str:
    """Say what of a typed sequence is left out; nothing if all of it counts."""
    known = [letter for letter in typed if letter in LETTERS]
    if len(known) < FEWEST_TYPED:
        return "Type two letters at least. Until then the drawn sequence is shown."
    notes = []
    if len(known) < len(typed):
        notes.append("The model knows the letters A to Z and a to z; the rest is left out.")
    if len(known) > MOST_TYPED:
        notes.append(f"It reads {MOST_TYPED} letters at most; those after are left out.")
    return " ".join(notes)


def induction_codec() -> Codec[InductionChoice]:
    """Return the codec of a choice in the link of a page; what was trained here is not in it."""
    place = integer(-1, MOST_TYPED - 1)
    fields = tuple_of(
        integer(0, N_STEPS),
        switch(),
        integer(FEWEST_LETTERS, MOST_LETTERS),
        integer(0, MOST_SEED),
        switch(),
        text(MOST_TYPED),
        integer(0, 1),
        integer(0, _MOST_HEADS - 1),
        place,
        place,
        integer(0, 2 ** len(_ALL_HEADS) - 1),
        integer(0, MOST_SEED),
        one_of(LATER_HEADS),
    )

    def write(choice: InductionChoice) -> tuple[Digit, ...]:
        bits = sum(1 << at for at, head in enumerate(_ALL_HEADS) if head in choice.dropped)
        linked = replace(choice, own=False, typed=choice.typed[:MOST_TYPED])
        values = list(astuple(linked))
        values[_DROPPED] = bits
        return fields.write(tuple(values))

    def read(take: Take) -> InductionChoice:
        values = list(fields.read(take))
        bits = values[_DROPPED]
        values[_DROPPED] = frozenset(h for at, h in enumerate(_ALL_HEADS) if bits >> at & 1)
        return InductionChoice(*values)

    return FunctionCodec(write, read)


_DROPPED: Final = list(InductionChoice.__dataclass_fields__).index("dropped")


def widgets(key: str, choice: InductionChoice) -> dict[str, object]:
    """Return the widgets' keys and the values with which they show a choice."""
    return {
        f"{key}.n": choice.n,
        f"{key}.seed": choice.seed,
        f"{key}.types": choice.types,
        f"{key}.typed": choice.typed,
        f"{key}.train_seed": choice.train_seed,
        f"{key}.train_heads": choice.train_heads,
    }
