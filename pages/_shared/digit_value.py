"""Which digit is on the page: one held out of training, or the ink on the pad.

Ink of 32 x 32 cells fits into a link: so unlike photos it is part of the page's state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from core.codecs import Codec, Digit, FunctionCodec, Take
from core.digit_ink import image_of_ink
from core.digits import MOST_INK, N_HELD_OUT, load_digits
from core.packing import bits, integer, optional, tuple_of
from core.pad_ink import PAD_SIDE

_SHAPE: Final = (PAD_SIDE, PAD_SIDE)
_EMPTY: Final = bytes(PAD_SIDE * PAD_SIDE // 8)
_IN_STRIP: Final = 20
_SEED: Final = 0

Image = NDArray[np.uint8]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class DigitChoice:
    """The digit on the page, and what is written on the pad.

    Attributes
    ----------
    held_out : int or None
        Which of the 500 held-out digits, from 0; None for the reader's own on the pad.
    ink : bytes
        The pad's 32 x 32 cells, eight to a byte, row by row. It stays while a held-out digit is
        looked at.
    """

    held_out: int | None = 0
    ink: bytes = _EMPTY

    @property
    def cells(self) -> BoolArray:
        """The ink, bool of (32, 32)."""
        packed = np.frombuffer(self.ink, dtype=np.uint8)
        return np.unpackbits(packed).astype(np.bool_).reshape(_SHAPE)


def written(ink: BoolArray) -> DigitChoice:
    """Return the choice of one's own ink, bool of (32, 32)."""
    return DigitChoice(None, np.packbits(ink).tobytes())


def digit_codec() -> Codec[DigitChoice]:
    """Return the codec of a choice in the link of a page."""
    fields = tuple_of(optional(integer(0, N_HELD_OUT - 1)), bits(*_SHAPE))

    def write(choice: DigitChoice) -> tuple[Digit, ...]:
        return fields.write((choice.held_out, choice.cells))

    def read(take: Take) -> DigitChoice:
        held_out, ink = fields.read(take)
        # Smaller matrices are another state's: `Schema.read` then refuses the link.
        whole = np.zeros(_SHAPE, np.bool_)
        whole[: ink.shape[0], : ink.shape[1]] = ink
        return replace(written(whole), held_out=held_out)

    return FunctionCodec(write, read)


def image_of(choice: DigitChoice) -> Image:
    """Return the picture that a model gets, uint8 of (8, 8), 0 to 16; all 0 for an empty pad."""
    if choice.held_out is None:
        return image_of_ink(choice.cells)
    digits = load_digits()
    image: Image = digits.images[digits.held_out[choice.held_out]]
    return image


def answer_of(choice: DigitChoice) -> int | None:
    """Return the digit that its writer meant; None where nobody has said it."""
    return None if choice.held_out is None else label_of(choice.held_out)


def name_of(choice: DigitChoice) -> str:
    """Name a digit: ``"held-out digit 12, a 7"`` or ``"what is written on the pad"``."""
    if choice.held_out is None:
        return "what is written on the pad"
    return f"held-out digit {choice.held_out + 1}, {with_article(label_of(choice.held_out))}"


def next_digit(choice: DigitChoice, among: tuple[int, ...]) -> DigitChoice:
    """Return the choice of the digit after the present one, round and round."""
    now = among.index(choice.held_out) if choice.held_out in among else -1
    return replace(choice, held_out=among[(now + 1) % len(among)])


def at_random() -> tuple[int, ...]:
    """Return the held-out digits in a random order that is always the same."""
    return tuple(np.random.default_rng(_SEED).permutation(N_HELD_OUT).tolist())


def label_of(held_out: int) -> int:
    """Return the digit that a held-out picture is meant to be."""
    digits = load_digits()
    return int(digits.labels[digits.held_out[held_out]])


def with_article(digit: int) -> str:
    """Return a digit as one says it: ``"a 7"``, ``"an 8"``."""
    return f"an {digit}" if digit == 8 else f"a {digit}"


@cache
def examples() -> tuple[int, ...]:
    """Return the held-out digits of the strip: of each digit the first two, in order."""
    digits = load_digits()
    labels = digits.labels[digits.held_out]
    each = _IN_STRIP // 10
    return tuple(
        int(place) for digit in range(10) for place in np.flatnonzero(labels == digit)[:each]
    )


def on_paper(image: Image, zoom: int) -> Image:
    """Return a digit, (8, 8) of 0 to 16, as a picture for the eye: dark ink on white paper.

    Every pixel becomes `zoom` x `zoom` of them; uint8 of (8 * zoom, 8 * zoom, 3).
    """
    grey = np.rint(255 - image * (235 / MOST_INK)).astype(np.uint8)
    enlarged = np.kron(grey, np.ones((zoom, zoom), np.uint8))
    return np.repeat(enlarged[..., np.newaxis], 3, axis=2)
