"""What is looked at in a digit model: a layer, a head, who reads, who is read, what is tested.

Tokens are named by patch, -1 for what the answer is read from: the class token; in a model without
one the mean of all patches, which is no token, so nobody can read it.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.codecs import Codec, Digit, FunctionCodec, Take
from core.packing import integer, one_of, optional, switch, tuple_of
from core.vision_attention import Interventions, VisionAttention
from pages._shared import digits
from pages._shared.digits import DigitModel
from pages._shared.vision_words import (
    AVERAGE,
    asker,
    dropped_name,
    head_name,
    place,
    query_name,
)

NO_TEST: Final = "Nothing"
DROP_HEAD: Final = "The head"
HIDE_PATCH: Final = "The patch that is read"
TESTS: Final = (NO_TEST, DROP_HEAD, HIDE_PATCH)

# More than any digit model has that can be trained on a page.
_MOST_LAYERS: Final = 12
_MOST_HEADS: Final = 12
_MOST_PATCHES: Final = 64

Float32Array = NDArray[np.float32]
Cell = tuple[int, int]


@dataclass(frozen=True)
class LookChoice:
    """What a reader chose to look at; it may be more than a model has, see `within`.

    Attributes
    ----------
    layer, head : int
        From 0.
    mean : bool
        Whether the mean of the layer's heads is looked at.
    query : int
        The patch that reads; -1 for what the answer is read from.
    key : int or None
        The patch that is read, -1 for the class token; None for the patch that is read most.
    test : str
        One of `TESTS`: what is taken away.
    """

    layer: int = 2
    head: int = 0
    mean: bool = False
    query: int = -1
    key: int | None = None
    test: str = NO_TEST

    def within(self, attention: VisionAttention) -> LookChoice:
        """Return the nearest choice that a pass of a model has."""
        n_patches = attention.grid[0] * attention.grid[1]
        least = -1 if attention.has_class_token else 0
        key = self.key
        return replace(
            self,
            layer=min(self.layer, attention.n_layers - 1),
            head=min(self.head, attention.n_heads - 1),
            query=self.query if self.query < n_patches else -1,
            key=key if key is not None and least <= key < n_patches else None,
        )


def look_codec() -> Codec[LookChoice]:
    """Return the codec of a choice in the link of a page."""
    patch = integer(-1, _MOST_PATCHES - 1)
    places = integer(0, _MOST_LAYERS - 1), integer(0, _MOST_HEADS - 1)
    fields = tuple_of(*places, switch(), patch, optional(patch), one_of(TESTS))

    def write(choice: LookChoice) -> tuple[Digit, ...]:
        return fields.write(astuple(choice))

    def read(take: Take) -> LookChoice:
        return LookChoice(*fields.read(take))

    return FunctionCodec(write, read)


@dataclass(frozen=True, eq=False)
class DigitLook:
    """One pass of a digit model, and what is looked at in it.

    Attributes
    ----------
    model : DigitModel
    image : ndarray of uint8, (8, 8)
        The picture that the model got, 0 to 16.
    name : str
        What it is a picture of, such as ``"a held-out 7"``.
    answer : int or None
        What its writer meant, if that is known.
    attention : VisionAttention
        The pass, without a test.
    choice : LookChoice
        What is looked at, within what the model has.
    """

    model: DigitModel
    image: NDArray[np.uint8]
    name: str
    answer: int | None
    attention: VisionAttention
    choice: LookChoice

    @property
    def n_patches(self) -> int:
        """Number of patches."""
        return self.attention.n_tokens - self.attention.n_prefix_tokens

    @property
    def n_first(self) -> int:
        """Columns of a map before that of the first patch: 1 for a class token, else 0."""
        return self.attention.n_prefix_tokens

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Names of the columns of a map: who is read."""
        first = ("class",) if self.attention.has_class_token else ()
        return (*first, *(place(patch, self.attention.grid) for patch in range(self.n_patches)))

    @cached_property
    def queries(self) -> tuple[str, ...]:
        """Names of the rows of a map: who reads. The answer is read from the first."""
        return self.keys if self.attention.has_class_token else (AVERAGE, *self.keys)

    @cached_property
    def weights(self) -> Float32Array:
        """All weights, (layer, head, query, key), with a row for all patches on average if asked.

        The first row is always what the answer is read from.
        """
        attention = self.attention
        layers = np.stack([attention.weights(layer) for layer in range(attention.n_layers)])
        if attention.has_class_token:
            return layers
        return np.concatenate([layers.mean(axis=2, keepdims=True), layers], axis=2)

    @property
    def shown(self) -> Float32Array:
        """The weights of the chosen head, or the mean of its layer's, (query, key)."""
        layer = self.weights[self.choice.layer]
        shown: Float32Array = layer.mean(axis=0) if self.choice.mean else layer[self.choice.head]
        return shown

    @property
    def head(self) -> int:
        """The chosen head from 0; the number of heads for their mean."""
        return self.attention.n_heads if self.choice.mean else self.choice.head

    @property
    def head_name(self) -> str:
        """What is shown, such as "Head 3 of layer 1"; an average says that it is one."""
        return f"{head_name(self.head, self.attention.n_heads)} of layer {self.choice.layer + 1}"

    @property
    def cell(self) -> Cell:
        """Row and column of the chosen weight in a map."""
        row, key = self.choice.query + 1, self.choice.key
        if key is None:
            return row, self.n_first + int(self.shown[row, self.n_first :].argmax())
        return row, self.n_first + key

    @property
    def key_patch(self) -> int:
        """The patch that is read, or -1 for the class token."""
        return self.cell[1] - self.n_first

    @property
    def is_average(self) -> bool:
        """Whether all patches ask, on average."""
        return self.choice.query < 0 and not self.attention.has_class_token

    @property
    def asks(self) -> str:
        """Name of who asks, in a sentence."""
        return asker(self.attention, self.choice.query)

    def at(self, row: int, column: int) -> LookChoice:
        """Return the choice that a cell of a map stands for."""
        return replace(self.choice, query=row - 1, key=column - self.n_first)


def see_digit(
    model: DigitModel,
    image: NDArray[np.uint8],
    choice: LookChoice,
    *,
    name: str,
    answer: int | None = None,
) -> DigitLook:
    """Run a model on a digit, or recall its pass."""
    attention = digits.look(model, image)
    return DigitLook(model, image, name, answer, attention, choice.within(attention))


def interventions_of(look: DigitLook) -> tuple[Interventions, str]:
    """Return what is taken away, and its name in words; empty if nothing."""
    choice, n_heads = look.choice, look.attention.n_heads
    if choice.test == DROP_HEAD:
        heads = range(n_heads) if choice.mean else (choice.head,)
        dropped = frozenset((choice.layer, head) for head in heads)
        return Interventions(dropped_heads=dropped), dropped_name(choice.layer, look.head, n_heads)
    if choice.test == HIDE_PATCH and look.key_patch >= 0:
        name = query_name(look.key_patch, look.attention.grid)
        return Interventions(hidden_patches=frozenset({look.key_patch})), name
    return Interventions(), ""


def look_again(look: DigitLook) -> VisionAttention | None:
    """Return the pass with something taken away; None if nothing is."""
    interventions, name = interventions_of(look)
    return digits.look(look.model, look.image, interventions) if name else None
