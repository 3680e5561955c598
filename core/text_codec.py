"""How a link holds what a reader wrote: a text as it is, white space and all, or several lines.

A text is written in the first of a few alphabets that has all of its characters: small letters and
spaces cost 4.8 bits each, what else is on a keyboard 6.6, Greek, Cyrillic or Arabic 11.
"""

from __future__ import annotations

import math
from itertools import chain

from core.codecs import Codec, Digit, FunctionCodec, Take, count_between, is_not

# The characters from 0 on that an alphabet holds; the first two are written out.
_SMALL = " abcdefghijklmnopqrstuvwxyz"
_KEYBOARD = "\n" + "".join(map(chr, range(ord(" "), ord("~") + 1)))
_RADIXES = (len(_SMALL), len(_KEYBOARD), 0x800, 0x10000, 0x110000)
_WRITTEN_OUT = (_SMALL, _KEYBOARD)


def text(longest: int) -> Codec[str]:
    """Return the codec of a text of up to `longest` characters (code points), also an empty one.

    Any character but surrogates, which no text in UTF-8 can hold.

    Raises
    ------
    ValueError
        If `longest` is negative.
    """
    lengths = count_between(0, longest)

    def require(value: str) -> str:
        fits = isinstance(value, str) and len(value) <= longest
        if not fits or any("\ud800" <= character <= "\udfff" for character in value):
            raise is_not(value, f"a text of up to {longest} characters")
        return value

    def write(value: str) -> tuple[Digit, ...]:
        alphabet = _alphabet_of(require(value))
        radix, codes = _RADIXES[alphabet], _codes(value, alphabet)
        header = (len(value), lengths), (alphabet, len(_RADIXES))
        return (*header, *((code, radix) for code in codes))

    def read(take: Take) -> str:
        length, alphabet = take(lengths), take(len(_RADIXES))
        codes = [take(_RADIXES[alphabet]) for _ in range(length)]
        if alphabet < len(_WRITTEN_OUT):
            return "".join(_WRITTEN_OUT[alphabet][code] for code in codes)
        return require("".join(map(chr, codes)))

    return FunctionCodec(write, read)


def texts(least: int, most: int, longest: int) -> Codec[tuple[str, ...]]:
    """Return the codec of a tuple of `least` to `most` texts.

    Raises
    ------
    ValueError
        If the limits are not in order.
    """
    counts, one = count_between(least, most), text(longest)

    def write(values: tuple[str, ...]) -> tuple[Digit, ...]:
        if not isinstance(values, tuple) or not least <= len(values) <= most:
            raise is_not(values, f"a tuple of {least} to {most} texts")
        return ((len(values) - least, counts), *chain.from_iterable(map(one.write, values)))

    def read(take: Take) -> tuple[str, ...]:
        return tuple(one.read(take) for _ in range(least + take(counts)))

    return FunctionCodec(write, read)


def bits_of(value: str) -> float:
    """Return about how many bits a text costs; infinitely many if it holds surrogates."""
    if any("\ud800" <= character <= "\udfff" for character in value):
        return math.inf
    return len(value) * math.log2(_RADIXES[_alphabet_of(value)])


def _alphabet_of(value: str) -> int:
    for place, letters in enumerate(_WRITTEN_OUT):
        if set(value) <= set(letters):
            return place
    highest = max(map(ord, value))
    return next(place for place, radix in enumerate(_RADIXES) if place > 1 and highest < radix)


def _codes(value: str, alphabet: int) -> list[int]:
    if alphabet < len(_WRITTEN_OUT):
        return [_WRITTEN_OUT[alphabet].index(character) for character in value]
    return [ord(character) for character in value]
